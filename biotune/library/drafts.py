"""A session that is being prepared: what was chosen and said so far; a reload or a crash costs nothing of it."""

import dataclasses
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from biotune.domain import ContextGiven, RatingGiven, ReadingGiven, ScoreGiven
from biotune.domain.self_report import CIRCUMSTANCES, READINGS, SCALES, Given, check
from biotune.errors import UsageError
from biotune.live import Live
from biotune.storage.store import Store

KEPT_S = 12 * 3600.0  # what was said longer ago is not about this sitting
FIRST_STEP, LAST_STEP = 1, 4
_KIND, _KEY = "draft", "new-session"


@dataclass(frozen=True, slots=True)
class Draft:
    """A session that has not begun yet.

    Attributes
    ----------
    step : int
        How far it is, from 1 to 4.
    strap, strap_name : str
        Its address and name; empty where none is chosen or none is worn.
    simulated : bool
        Whether a simulated strap was chosen.
    profile, protocol : str
        The simulated person, and what is done.
    short, ecg : bool
        The protocol's short form, and whether the strap's ECG is recorded too.
    client : str
        The client's code.
    check : str
        What the signal check came to, in words.
    context : mapping of str to str
        Circumstances, by item.
    ratings, readings : mapping of str to float
        By scale, by quantity.
    score : tuple of (str, float) or None
        A questionnaire and its score.
    taken : str
        When the readings were taken, ISO 8601.
    """

    step: int = FIRST_STEP
    strap: str = ""
    strap_name: str = ""
    simulated: bool = False
    profile: str = "responds"
    protocol: str = "listening"
    short: bool = False
    ecg: bool = False
    client: str = ""
    check: str = ""
    context: Mapping[str, str] = field(default_factory=dict)
    ratings: Mapping[str, float] = field(default_factory=dict)
    readings: Mapping[str, float] = field(default_factory=dict)
    score: tuple[str, float] | None = None
    taken: str = ""

    def entries(self) -> tuple[Given, ...]:
        """Return the lines of the log that it becomes once the session runs.

        Raises
        ------
        UsageError
            Where something cannot be meant.
        """
        units = {quantity.key: quantity.unit for quantity in READINGS}
        made: list[Given] = [ContextGiven(item, said) for item, said in self.context.items() if said]
        made += [RatingGiven(scale, value, "before") for scale, value in self.ratings.items()]
        made += [ReadingGiven(each, value, units.get(each, ""), self.taken) for each, value in self.readings.items()]
        made += [ScoreGiven(self.score[0], self.score[1], "before")] if self.score else []
        for entry in made:
            check(entry)
        return tuple(made)


class Drafts:
    """The session that is being prepared in this data folder: one at a time.

    Parameters
    ----------
    store : Store
        Where it is kept.
    live : Live
        Where it goes once the session runs.
    """

    def __init__(self, store: Store, live: Live) -> None:
        self._store = store
        self._live = live
        self._lock = threading.Lock()

    def read(self) -> Draft:
        """Return it as it stands; an empty one where there is none, or it is older than half a day."""
        document = self._store.documents.get(_KIND, _KEY) or {}
        written_ns = document.get("utc_ns")
        fresh = isinstance(written_ns, int) and 0 <= time.time_ns() - written_ns < KEPT_S * 1e9
        return _read(document) if fresh else Draft()

    def write(self, draft: Draft) -> None:
        """Keep it as it stands."""
        with self._lock:
            self._write(draft)

    def _write(self, draft: Draft) -> None:
        utc_ns = time.time_ns()
        document = {**dataclasses.asdict(draft), "utc_ns": utc_ns}
        self._store.documents.put(_KIND, _KEY, document, utc_ns=utc_ns)

    def clear(self) -> None:
        """Forget it."""
        with self._lock:
            self._store.documents.remove(_KIND, _KEY)

    def hand_over(self, session_id: str) -> None:
        """Write what was said into the session's log, and forget the draft; a second call finds nothing to do.

        Raises
        ------
        StorageError
            Where it cannot be written: the draft is kept then.
        """
        with self._lock:
            if self._store.documents.get(_KIND, _KEY) is None:
                return
            for entry in self.read().entries():
                self._live.give(session_id, entry)
            self._store.documents.remove(_KIND, _KEY)


def _read(document: Mapping[str, Any]) -> Draft:
    """Read what `Drafts.write` wrote; whatever does not fit is passed over."""
    empty = Draft()
    plain: dict[str, Any] = {
        each.name: document[each.name]
        for each in dataclasses.fields(Draft)
        if type(document.get(each.name)) is type(getattr(empty, each.name)) and each.name not in {"context", "score"}
    }
    plain["step"] = min(LAST_STEP, max(FIRST_STEP, plain.get("step", FIRST_STEP)))
    for name, known in (("ratings", {each.key for each in SCALES}), ("readings", {each.key for each in READINGS})):
        plain[name] = {key: float(value) for key, value in plain.get(name, {}).items() if key in known and _is(value)}
    said = document.get("context")
    circumstances = {each.key for each in CIRCUMSTANCES}
    context = said if isinstance(said, dict) else {}
    plain["context"] = {item: word for item, word in context.items() if item in circumstances and isinstance(word, str)}
    score = document.get("score")
    if isinstance(score, list) and len(score) == 2 and isinstance(score[0], str) and _is(score[1]):  # noqa: PLR2004
        plain["score"] = (score[0], float(score[1]))
    draft = Draft(**plain)
    try:
        draft.entries()
    except UsageError:
        return dataclasses.replace(draft, context={}, ratings={}, readings={}, score=None)
    return draft


def _is(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
