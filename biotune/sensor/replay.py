"""A stored recording as a source: the same packets with the same spacing, at any speed."""

import math
from collections.abc import AsyncGenerator, Iterator
from pathlib import Path

from biotune.domain import (
    NS_PER_S,
    TICKS_PER_S,
    IntervalImported,
    PacketReceived,
    PhaseEnded,
    PhaseKind,
    PhaseStarted,
    Recording,
    RrUnitSet,
    SessionFinished,
    StrapChange,
    StrapEvent,
    StrapIdentity,
    turns,
)
from biotune.errors import FormatError
from biotune.sensor.source import Clock, Observation
from biotune.wire.heart_rate import HEART_RATE_MEASUREMENT, HeartRate, encode

UNMARKED = "unmarked"  # how a stretch between two phases is replayed

_UNIT_S = {"s": 1.0, "ms": 1e-3, "1/1024 s": 1 / TICKS_PER_S}
_LONGEST_TICKS = 0xFFFF  # what 16 bits hold: 64 s

_Happening = tuple[float, PacketReceived | StrapEvent | RrUnitSet]


class ReplaySource:
    """A recording, happening again.

    Parameters
    ----------
    recording : Recording
        Of a session, or of a file.
    clock : Clock
        The clock by which it stamps.

    Notes
    -----
    Packets and what happened to the strap come as they came. Of an imported file each interval becomes
    a packet of its own at the R peak that ends it; a strap counts in 1/1024 s, so an interval given
    otherwise is rounded to that, by 0.49 ms at most. An interval of more than 64 s does not fit into a
    packet: its time passes, and nothing is sent.

    Raises
    ------
    FormatError
        Where there is nothing in the recording that can be replayed.
    """

    kind = "replay"

    def __init__(self, recording: Recording, *, clock: Clock) -> None:
        self.clock = clock
        happenings = sorted(_happenings(recording), key=lambda happening: happening[0])
        if not happenings:
            raise FormatError(
                f"there is nothing to replay in {recording.source}", why="It has no packet and no interval."
            )
        marks = sorted(_marks(recording), key=lambda mark: mark[0])
        self.strap = next(
            (entry.strap for _, entry in happenings if isinstance(entry, StrapEvent) and entry.strap),
            StrapIdentity(f"Replay of {Path(recording.source).name}"),
        )
        start_s = min(_start_s(recording), *(at_s for at_s, _ in (*happenings, *marks)))
        if happenings[0][0] > start_s or not isinstance(happenings[0][1], StrapEvent):
            happenings.insert(0, (start_s, StrapEvent(StrapChange.CONNECTED, strap=self.strap)))
        self._happenings = [(at_s - start_s, entry) for at_s, entry in happenings]
        self._end_s = max(_end_s(recording), happenings[-1][0], *(at_s for at_s, _ in marks)) - start_s
        self._marks = [(at_s - start_s, entry) for at_s, entry in marks]

    @property
    def phases(self) -> tuple[tuple[PhaseStarted, float], ...]:
        """The recording's own phases, each with its seconds; none where it names none.

        They fill the replay from its beginning to the end of the last phase: a stretch that belongs to no
        phase is replayed as one named `UNMARKED`.
        """
        phases: list[tuple[PhaseStarted, float]] = []
        at_s, running = 0.0, PhaseStarted(UNMARKED, PhaseKind.OTHER)
        for next_s, entry in (*self._marks, (self._end_s, PhaseEnded())):
            if next_s > at_s:
                phases.append((running, next_s - at_s))
            at_s, running = (
                next_s,
                entry if isinstance(entry, PhaseStarted) else PhaseStarted(UNMARKED, PhaseKind.OTHER),
            )
        while phases and phases[-1][0].name == UNMARKED:
            phases.pop()
        return tuple(phases)

    async def observe(self) -> AsyncGenerator[Observation, None]:
        """Yield what the recording holds, each when the clock has come to it; end when the recording ends."""
        start_ns = self.clock.now().monotonic_ns
        for at_s, entry in self._happenings:
            at_ns = start_ns + round(at_s * NS_PER_S)
            await self.clock.sleep_until(at_ns)
            yield Observation(self.clock.at(at_ns), entry)
        await self.clock.sleep_until(start_ns + round(self._end_s * NS_PER_S))


def _happenings(recording: Recording) -> Iterator[_Happening]:
    """Yield packets and strap events with their time in the recording, seconds."""
    peak_s = 0.0
    for time_s, line in recording.times_s():
        entry = line.entry
        if isinstance(entry, PacketReceived | StrapEvent | RrUnitSet):
            yield time_s, entry
        elif isinstance(entry, IntervalImported):
            rr_s, own_s = _interval(entry, recording)
            peak_s = peak_s + rr_s if own_s is None else own_s
            ticks = round(rr_s * TICKS_PER_S)
            if 0 < ticks <= _LONGEST_TICKS:
                measured = HeartRate(bpm=round(60 / rr_s), rr_ticks=(ticks,))
                yield peak_s, PacketReceived(HEART_RATE_MEASUREMENT, encode(measured))


def _interval(entry: IntervalImported, recording: Recording) -> tuple[float, float | None]:
    """Return an interval and, where the file gives it, its own time; both in seconds."""
    try:
        rr_s = float(entry.text) * _UNIT_S[entry.unit]
        own_s = float(entry.time_text) if entry.time_text else None
    except (ValueError, KeyError):
        rr_s, own_s = math.nan, None
    if not math.isfinite(rr_s) or not math.isfinite(own_s or 0.0):
        raise FormatError(f"{recording.source} cannot be replayed", why=f"{entry} is not an interval.")
    return rr_s, own_s


def _marks(recording: Recording) -> Iterator[tuple[float, PhaseStarted | PhaseEnded]]:
    finished = {line.seq for line in recording.lines if isinstance(line.entry, SessionFinished)}
    for turn in turns(recording.times_s()):
        if turn.line not in finished:
            yield turn.time_s, turn.begins or PhaseEnded()


def _start_s(recording: Recording) -> float:
    """When the first line was logged, or where an imported file's first interval begins."""
    first = next((line.entry for line in recording.lines if isinstance(line.entry, IntervalImported)), None)
    if first is None:
        return 0.0
    rr_s, own_s = _interval(first, recording)
    return 0.0 if own_s is None else own_s - rr_s


def _end_s(recording: Recording) -> float:
    """When the last thing was logged; an imported file's stamps say nothing."""
    is_imported = any(isinstance(line.entry, IntervalImported) for line in recording.lines)
    return 0.0 if is_imported else max((time_s for time_s, _ in recording.times_s()), default=0.0)
