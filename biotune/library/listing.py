"""The list of sessions, one page at a time: who looks at twenty of ten thousand waits for twenty."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from typing import Any

from biotune.domain import NS_PER_S, SessionSummary
from biotune.storage.finding import SessionRow, Wanted
from biotune.storage.rows import to_utc_ns
from biotune.storage.store import Store

_REMEMBERED = 50_000
_MOST_NS = 2**63 - 1  # what a database's integer holds: somewhere in the year 2262
_FIRST_DAY, _LAST_DAY = date(1971, 1, 1), date(2200, 1, 1)  # of which every system knows its own time zone


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody looks for.

    Attributes
    ----------
    client, protocol : str
        Whose, and which approach; empty for all.
    text : str
        Words that must each occur in the id, client, protocol or date; empty for all.
    since, until : date or None
        First and last day, in this machine's time zone.
    order : str
        A key of `ORDERS`.
    english : str
        The words of `text` as English has each of them; what begins with the word as it stands is meant as well, since
        a client's code may be a weekday elsewhere. Empty where they are the same.
    """

    client: str = ""
    protocol: str = ""
    text: str = ""
    since: date | None = None
    until: date | None = None
    order: str = "newest"
    english: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the list.

    Attributes
    ----------
    sessions : tuple of SessionSummary
        In the order asked for.
    number, pages : int
        Which page it is, counted from 1, and how many there are; a page beyond the last is the last.
    matching, total : int
        How many sessions match, and how many there are.
    """

    sessions: tuple[SessionSummary, ...]
    number: int
    pages: int
    matching: int
    total: int


ORDERS: Mapping[str, tuple[str, bool]] = {
    "newest": ("Newest first", True),
    "oldest": ("Oldest first", False),
    "client": ("Client", False),
    "protocol": ("Approach", False),
    "longest": ("Longest first", True),
}


class Listing:
    """The sessions of one data folder as a list.

    Parameters
    ----------
    store : Store
        Where they are.
    zone : tzinfo, optional
        In which days are counted; this machine's by default.
    """

    def __init__(self, store: Store, *, zone: tzinfo | None = None) -> None:
        self._store = store
        self._finding = store.finding
        self._zone = zone
        self._tellings: dict[SessionRow, str] = {}

    def page(self, asked: Asked, *, number: int = 1, size: int = 20) -> Page:
        """Return one page of what matches."""
        wanted = Wanted(asked.client, asked.protocol, *self._days_ns(asked))
        total = self._finding.count()
        if asked.text.strip():
            chosen = self._choose(wanted, asked)
            matching = len(chosen)
            number = _within(number, matching, size)
            shown = chosen[(number - 1) * size : number * size]
        else:
            matching = self._finding.count(wanted)
            number = _within(number, matching, size)
            shown = self._finding.numbers(wanted, order=asked.order, limit=size, offset=(number - 1) * size)
        found = {summary.id: summary for summary in self._store.summaries(shown)}
        sessions = tuple(found[f"S{each}"] for each in shown if f"S{each}" in found)
        return Page(sessions, number, _pages(matching, size), matching, total)

    def state(self) -> str:
        """Return a word that changes whenever a session begins, ends, is put aside or brought back."""
        return self._finding.state()

    def clients(self) -> tuple[str, ...]:
        """Return the codes of all clients who have a session."""
        return self._finding.words("client")

    def protocols(self) -> tuple[str, ...]:
        """Return the names of all protocols that were run."""
        return self._finding.words("protocol")

    def _choose(self, wanted: Wanted, asked: Asked) -> list[int]:
        """Choose by what no table says: words as the list shows them."""
        words = asked.text.casefold().split()
        both = [*zip(words, asked.english.casefold().split() or words, strict=True)]
        rows = self._finding.index(wanted)
        chosen = [row for row in rows if all(_says(self._told(row), *word) for word in both)]
        if asked.order != "newest":
            _, backwards = ORDERS[asked.order]
            chosen.sort(key=self._key(asked.order), reverse=backwards)
        return [row.number for row in chosen]

    def _key(self, order: str) -> Callable[[SessionRow], Any]:
        if order == "longest":
            lengths = self._finding.lengths()
            return lambda row: lengths.get(row.number, 0.0)
        if order in {"client", "protocol"}:
            return lambda row: (str(getattr(row, order)).casefold(), row.started_utc_ns)
        return lambda row: (row.started_utc_ns, row.number)

    def _days_ns(self, asked: Asked) -> tuple[int | None, int | None]:
        after = date.fromordinal(asked.until.toordinal() + 1) if asked.until and asked.until < date.max else None
        return self._begins_ns(asked.since), self._begins_ns(after)

    def _begins_ns(self, day: date | None) -> int | None:
        if day is None:
            return None
        midnight = datetime(day.year, day.month, day.day, tzinfo=self._zone or UTC)
        if self._zone is None and _FIRST_DAY < day < _LAST_DAY:
            midnight = datetime(day.year, day.month, day.day).astimezone()
        return min(max(to_utc_ns(midnight), -_MOST_NS), _MOST_NS)

    def _told(self, row: SessionRow) -> str:
        """Return what the list shows of a session, and its date in other usual forms; remembered."""
        told = self._tellings.get(row)
        if told is None:
            started = datetime.fromtimestamp(row.started_utc_ns / NS_PER_S, tz=UTC).astimezone(self._zone)
            told = (
                f"s{row.number} {row.client} {row.protocol} {row.protocol.replace('-', ' ')} "
                f"{started:%a} {started.day} {started:%b %Y %B %Y-%m-%d %H:%M}"
            ).casefold()
            if len(self._tellings) >= _REMEMBERED:
                self._tellings.clear()
            self._tellings[row] = told
        return told


def _says(told: str, word: str, english: str) -> bool:
    return english in told or f" {word}" in told


def _pages(matching: int, size: int) -> int:
    return max(1, -(-matching // size))


def _within(number: int, matching: int, size: int) -> int:
    return min(max(number, 1), _pages(matching, size))
