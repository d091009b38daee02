"""One session's log in numbers, for the list of sessions."""

from collections.abc import Sequence
from dataclasses import dataclass

from biotune.domain import IntervalImported, LogLine, PacketReceived, session_times
from biotune.errors import WireError
from biotune.wire.heart_rate import HEART_RATE_MEASUREMENT, decode

_UNIT_S = {"s": 1.0, "ms": 1e-3, "1/1024 s": 1 / 1024}


@dataclass(frozen=True, slots=True)
class Counts:
    """How much a session's log holds."""

    packets: int
    beats: int
    duration_s: float


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
