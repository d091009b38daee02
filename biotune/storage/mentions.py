"""Whom and what a document is about, by its words: what goes with a client, and what only names one among others.

Documents are of many kinds and each room writes its own. What they share: the document of kind ``client`` has the
client's code for its key; elsewhere a code stands under ``client``, or in a list or a mapping under ``clients``, and a
session's id under ``session``, or ``sessions``. Nothing else is looked at: a code may be any word, ``1`` or ``title``.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

_CLIENT = "client"
_MANY = {"clients": _CLIENT, "sessions": "session"}


@dataclass(frozen=True, slots=True)
class Gone:
    """Codes of clients and ids of sessions that are erased."""

    clients: Collection[str] = ()
    sessions: Collection[str] = ()

    def of(self, one: str) -> Collection[str]:
        """Return those that stand under that word."""
        return self.clients if one == _CLIENT else self.sessions


def is_about(kind: str, key: str, document: Any, gone: Gone) -> bool:  # noqa: ANN401 - any JSON
    """Tell whether a document is about one of the clients or sessions, as a whole.

    Examples
    --------
    >>> gone = Gone(clients={"K-1"})
    >>> is_about("client", "K-1", {}, gone), is_about("plan", "7", {"client": "K-1"}, gone)
    (True, True)
    >>> is_about("setting", "K-1", {}, gone), is_about("plan", "7", {"clients": ["K-1", "K-2"]}, gone)
    (False, False)
    """
    return (kind == _CLIENT and key in gone.clients) or _names_one(document, gone)


def without(document: Any, gone: Gone) -> Any:  # noqa: ANN401 - any JSON
    """Return a document of several clients without what it says of these.

    Examples
    --------
    >>> without({"clients": ["K-1", "K-2"], "rows": [{"client": "K-1", "x": 1}, {"client": "K-2"}]}, Gone({"K-1"}))
    {'clients': ['K-2'], 'rows': [{'client': 'K-2'}]}
    >>> without({"clients": {"1": "music", "2": "rest"}, "order": {"1": "a"}, "title": "1"}, Gone({"1"}))
    {'clients': {'2': 'rest'}, 'order': {'1': 'a'}, 'title': '1'}
    """
    if isinstance(document, dict):
        return {
            key: without(_pruned(value, gone.of(_MANY[key])) if key in _MANY else value, gone)
            for key, value in document.items()
            if not _names_one(value, gone)
        }
    if isinstance(document, list):
        return [without(each, gone) for each in document if not _names_one(each, gone)]
    return document


def _pruned(value: Any, names: Collection[str]) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(value, dict):
        return {key: each for key, each in value.items() if key not in names}
    if isinstance(value, list):
        return [each for each in value if not (isinstance(each, str) and each in names)]
    return value


def _names_one(document: Any, gone: Gone) -> bool:  # noqa: ANN401 - any JSON
    return isinstance(document, dict) and any(
        isinstance(document.get(one), str) and document[one] in gone.of(one) for one in _MANY.values()
    )
