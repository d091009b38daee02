"""Sessions in numbers, for the list of them: a log is counted once, and what it came to is kept."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import ColumnElement, func, select

from biotune.domain import IntervalImported, LogLine, PacketReceived, SessionSummary, session_times
from biotune.errors import WireError
from biotune.storage import rows, schema
from biotune.storage.transactions import Transactions
from biotune.wire.heart_rate import HEART_RATE_MEASUREMENT, decode

_FEW = 200  # sessions whose counts are asked for by name, not all
_UNIT_S = {"s": 1.0, "ms": 1e-3, "1/1024 s": 1 / 1024}


@dataclass(frozen=True, slots=True)
class Counts:
    """How much a session's log holds."""

    packets: int
    beats: int
    duration_s: float


class Summaries:
    """Summaries of the sessions of one database.

    Parameters
    ----------
    transactions : Transactions
        Of the database.
    lines : callable
        Returns a session's log.
    is_recorded_now : callable
        Tells whether a session is being recorded.
    """

    def __init__(
        self,
        transactions: Transactions,
        *,
        lines: Callable[[str], Sequence[LogLine]],
        is_recorded_now: Callable[[str], bool],
    ) -> None:
        self._transactions = transactions
        self._lines = lines
        self._is_recorded_now = is_recorded_now

    def of(self, *conditions: ColumnElement[bool]) -> tuple[SessionSummary, ...]:
        """Return the summaries of the sessions that meet the conditions, the newest first."""
        session, line, recording = schema.session, schema.line, schema.recording
        last = select(func.coalesce(func.max(line.c.seq), 0)).where(line.c.session == session.c.id)
        recordings = select(func.count()).where(recording.c.session == session.c.id)
        wanted = select(session, last.scalar_subquery().label("last"), recordings.scalar_subquery().label("recordings"))
        wanted = wanted.where(*conditions)
        with self._transactions.reading() as connection:
            newest_first = wanted.order_by(session.c.started_utc_ns.desc(), session.c.id.desc())
            found = connection.execute(newest_first).mappings().all()
        counts = self._counts({row["id"]: row["last"] for row in found})
        return tuple(
            SessionSummary(
                id=f"S{row['id']}",
                client=row["client"] or "",
                protocol=row["protocol"],
                started=rows.from_utc_ns(row["started_utc_ns"]),
                recordings=row["recordings"],
                finished=row["finished"],
                **asdict(counts[row["id"]]),
            )
            for row in found
        )

    def _counts(self, last_seq: dict[int, int]) -> dict[int, Counts]:
        table = schema.cache
        few = len(last_seq) <= _FEW
        wanted = table.c.key.in_([f"summary/{each}" for each in last_seq]) if few else table.c.key.like("summary/%")
        with self._transactions.reading() as connection:
            found = connection.execute(select(table).where(wanted)).all()
        kept = {key: json.loads(document) for key, document in found}
        counts: dict[int, Counts] = {}
        fresh: dict[str, str] = {}
        for number, seq in last_seq.items():
            document = kept.get(f"summary/{number}", {})
            if document.pop("seq", None) == seq:
                counts[number] = Counts(**document)
            else:
                counts[number] = count(self._lines(f"S{number}"))
                if not self._is_recorded_now(f"S{number}"):  # else it is out of date in a second
                    fresh[f"summary/{number}"] = json.dumps({"seq": seq, **asdict(counts[number])})
        if fresh:
            self._transactions.write(lambda connection: rows.keep(connection, fresh))
        return counts


def count(lines: Sequence[LogLine]) -> Counts:
    """Count packets and beats (RR intervals, as sent or as imported), and measure the length.

    An imported file's stamps say when it was imported, so its length is that of its intervals:
    from the start of the first to the R peak that ends the last.
    """
    packets = [line.entry for line in lines if isinstance(line.entry, PacketReceived)]
    intervals = [line.entry for line in lines if isinstance(line.entry, IntervalImported)]
    recorded_s = max((time_s for time_s, _ in session_times(lines)), default=0.0)
    return Counts(
        packets=len(packets),
        beats=sum(map(_beats, packets)) + len(intervals),
        duration_s=max(recorded_s, _length_s(intervals)),
    )


def _beats(packet: PacketReceived) -> int:
    if packet.characteristic != HEART_RATE_MEASUREMENT:
        return 0
    try:
        return len(decode(packet.data).rr_ticks)
    except WireError:  # kept in the log as it came; it has no beats
        return 0


def _length_s(intervals: Sequence[IntervalImported]) -> float:
    if not intervals:
        return 0.0
    first, last = intervals[0], intervals[-1]
    if first.time_text and last.time_text:
        return float(last.time_text) - float(first.time_text) + _seconds(first)
    return sum(map(_seconds, intervals))


def _seconds(interval: IntervalImported) -> float:
    return float(interval.text) * _UNIT_S[interval.unit]
