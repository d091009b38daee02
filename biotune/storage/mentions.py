"""Whom and what a document is about, by its words: what goes with a client, and what only names one among others.

Documents are of many kinds and each room writes its own. What they share: a client's code stands under ``client``, or
in a list under ``clients``; a session's id under ``session``, or in a list under ``sessions``.
"""

from collections.abc import Collection
from typing import Any

_ONE = {"client": "clients", "session": "sessions"}


def is_about(key: str, document: Any, names: Collection[str]) -> bool:  # noqa: ANN401 - any JSON
    """Tell whether a document is about one of the clients or sessions, as a whole.

    Examples
    --------
    >>> is_about("K-1", {}, {"K-1"}), is_about("K-1/goals", {}, {"K-1"}), is_about("a", {"client": "K-1"}, {"K-1"})
    (True, True, True)
    >>> is_about("study", {"clients": ["K-1", "K-2"]}, {"K-1"})
    False
    """
    if key in names or key.partition("/")[0] in names:
        return True
    return isinstance(document, dict) and any(document.get(one) in names for one in _ONE if _is_word(document, one))


def without(document: Any, names: Collection[str]) -> Any:  # noqa: ANN401 - any JSON
    """Return a document of several clients without what it says of these.

    Examples
    --------
    >>> without({"clients": ["K-1", "K-2"], "rows": [{"client": "K-1", "x": 1}, {"client": "K-2"}]}, {"K-1"})
    {'clients': ['K-2'], 'rows': [{'client': 'K-2'}]}
    >>> without({"arms": {"K-1": "music", "K-2": "rest"}, "title": "K-1"}, {"K-1"})
    {'arms': {'K-2': 'rest'}, 'title': 'K-1'}
    """
    if isinstance(document, dict):
        return {
            key: _pruned(value, names) if key in _ONE.values() else without(value, names)
            for key, value in document.items()
            if key not in names and not (isinstance(value, dict) and is_about("", value, names))
        }
    if isinstance(document, list):
        return [without(each, names) for each in document if not is_about("", each, names)]
    return document


def _pruned(value: Any, names: Collection[str]) -> Any:  # noqa: ANN401 - any JSON
    if not isinstance(value, list):
        return without(value, names)
    return [without(each, names) for each in value if not (isinstance(each, str) and each in names)]


def _is_word(document: dict[str, Any], key: str) -> bool:
    return isinstance(document.get(key), str)
