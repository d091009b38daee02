"""From a recording's log to beats in time, gaps and phases.

A packet carries 0 to 9 RR intervals and no time of its own. The beats' times are rebuilt from the running sum of
the intervals, anchored to the packets' arrival. A packet cannot arrive before its last beat happened, so the
anchor is the lower envelope of lateness, which is arrival minus running sum; how far even the quickest packet
lags behind its beat (up to 4 s on a Polar H10) stays unknown. Where lateness rises for good, beats were lost:
a gap. No interval is ever altered, invented or dropped here.
"""

import itertools
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from biotune.analysis import marked_phases, pacing, rr_unit
from biotune.analysis.pacing import Stretch
from biotune.analysis.series import BeatSeries, FloatArray, HeartRateSeries
from biotune.domain import (
    TICKS_PER_S,
    Entry,
    Gap,
    GapReason,
    IntervalImported,
    LogLine,
    PacketReceived,
    Phase,
    RecorderStarted,
    RecorderStopped,
    Recording,
    RrUnit,
    SessionFinished,
    StrapChange,
    StrapEvent,
)
from biotune.errors import AnalysisError, WireError
from biotune.wire.heart_rate import HEART_RATE_MEASUREMENT, decode

MAX_LAG_S = 4.0  # arrival lags the beat by 3 to 4 s on a Polar H10 (measured)
_NO_RR_S = 3.0  # two intervals of a heart at 40 bpm: packets without one for longer are not just slow
_ANCHOR_PACKETS = 301  # the envelope's window, 5 min: two clocks 100 ppm apart part by 30 ms in it
_LEVEL_PACKETS = 600  # how far to either side of a jump lateness is looked at
_LEVEL_BEATS = 10  # the same for a file's own times
_LEAST_JUMP = 0.6  # of an interval: one lost beat raises lateness by one interval
_HOLE = 1.5  # times the usual spacing: a packet is missing, or late
_SUSTAINED_S = 10.0  # a late burst has caught up by then
_SUSTAINED_PACKETS = 120  # beats and packets out of step lap each other within that many
_LEAST_STEP_S = 1e-6
_UNIT_MS = {"ms": 1.0, "s": 1000.0, "1/1024 s": 1000 / TICKS_PER_S}
_WORD = {RrUnit.TICKS: "1/1024 s", RrUnit.MS: "ms"}


@dataclass(frozen=True, slots=True)
class Timeline:
    """One recording, laid out in session time.

    Attributes
    ----------
    beats : BeatSeries
        Every RR interval of every trusted packet (or of the imported file), in order.
    gaps : tuple of Gap
        Where beats are missing, in order; there is one between any two neighbouring stretches of `beats`.
    phases : tuple of Phase
        In order; one phase ``whole`` where the recording names none. A phase holds the beats in [start_s, end_s).
    heart_rate : HeartRateSeries
        The strap's own heart rate.
    duration_s : float
        Session time at which the recording ends.
    has_rr : bool
        Whether there are any intervals at all.
    own_times : bool
        Whether the beats' times are an imported file's own.
    paced : tuple of (float, float)
        From when to when the breathing pacer ran.
    """

    beats: BeatSeries
    gaps: tuple[Gap, ...]
    phases: tuple[Phase, ...]
    heart_rate: HeartRateSeries
    duration_s: float
    has_rr: bool
    own_times: bool
    paced: tuple[Stretch, ...] = ()


def build(recording: Recording) -> Timeline:
    """Lay a recording out in session time.

    Parameters
    ----------
    recording : Recording
        Packets of characteristic 0x2A37, or the intervals of an imported file.

    Returns
    -------
    Timeline
        With as many beats as there are intervals in packets that do not report lost contact.

    Raises
    ------
    AnalysisError
        Where an imported interval is no positive number, its unit is unknown, a file's times run backwards, or a
        phase has no finite time.
    """
    lines = tuple(recording.times_s())
    intervals = [line.entry for _, line in lines if isinstance(line.entry, IntervalImported)]
    unit_ms = _UNIT_MS[_WORD[rr_unit.of(recording)]]
    laid = _lay_intervals(intervals) if intervals else _lay_packets(_read_packets(lines), unit_ms)
    phases = marked_phases.of(lines, laid.beats, laid.heart_rate, laid.end_s)
    duration_s = max(laid.end_s, phases[-1].end_s)
    return Timeline(
        beats=laid.beats,
        gaps=laid.gaps,
        phases=phases,
        heart_rate=laid.heart_rate,
        duration_s=duration_s,
        has_rr=len(laid.beats) > 0,
        own_times=laid.own_times,
        paced=pacing.stretches(lines, duration_s),
    )


@dataclass(frozen=True, slots=True)
class _Laid:
    """Beats and gaps, before the phases are known."""

    beats: BeatSeries
    gaps: tuple[Gap, ...]
    end_s: float
    heart_rate: HeartRateSeries = field(default_factory=HeartRateSeries)
    own_times: bool = False


# ---------------------------------------------------------------- packets


@dataclass(slots=True)
class _Row:
    """One trusted packet with intervals, and what happened since the row before.

    `reason` is what the ledger says, `wait_s` the longest time without any packet, `empty` the number of packets
    without intervals. The last row of all has no intervals: it closes the log.
    """

    arrival_s: float = 0.0
    ticks: tuple[int, ...] = ()
    reason: GapReason | None = None
    since_s: float = math.inf
    wait_s: float = 0.0
    empty: int = 0

    def suspect(self, time_s: float, reason: GapReason) -> None:
        """Note why beats may be missing; silence says less than whatever explains it."""
        self.since_s = min(self.since_s, time_s)
        if self.reason in {None, GapReason.SILENT}:
            self.reason = reason


@dataclass(slots=True)
class _Packets:
    rows: list[_Row] = field(default_factory=list)
    tail: _Row = field(default_factory=_Row)
    trusted_s: list[float] = field(default_factory=list)
    heart_rate: list[tuple[float, int]] = field(default_factory=list)
    end_s: float = 0.0


def _read_packets(lines: Iterable[tuple[float, LogLine]]) -> _Packets:
    """Decode the packets, and carry what the ledger says to the first row after it."""
    packets = _Packets()
    boot_id = ""
    for time_s, line in lines:
        entry = line.entry
        if isinstance(entry, PacketReceived):
            if entry.characteristic == HEART_RATE_MEASUREMENT:
                if boot_id not in {"", line.stamp.boot_id}:
                    packets.tail.suspect(time_s, GapReason.RECORDER_STOPPED)
                boot_id = line.stamp.boot_id
                _read_packet(packets, time_s, entry.data)
        elif isinstance(entry, StrapEvent | RecorderStarted | RecorderStopped | SessionFinished):
            packets.end_s = max(packets.end_s, time_s)
            reason = _ledger_reason(entry)
            if reason is not None and (packets.trusted_s or reason is not GapReason.RECORDER_STOPPED):
                packets.tail.suspect(time_s, reason)
    return packets


def _ledger_reason(entry: Entry) -> GapReason | None:
    match entry:
        case StrapEvent(change=StrapChange.LOST):
            return GapReason.STRAP_LOST
        case StrapEvent(change=StrapChange.SILENT):
            return GapReason.SILENT
        case RecorderStarted() | RecorderStopped():  # a killed recorder leaves no line when it stops
            return GapReason.RECORDER_STOPPED
        case _:
            return None


def _read_packet(packets: _Packets, time_s: float, data: bytes) -> None:
    try:
        measured = decode(data)
    except WireError:
        return  # the log keeps the bytes; nothing in them can be placed in time
    packets.end_s = max(packets.end_s, time_s)
    row = packets.tail
    if measured.contact is False:
        row.suspect(time_s, GapReason.NO_CONTACT)
        return
    if packets.trusted_s:
        row.wait_s = max(row.wait_s, time_s - packets.trusted_s[-1])
    packets.trusted_s.append(time_s)
    if measured.bpm:
        packets.heart_rate.append((time_s, measured.bpm))
    if measured.rr_ticks:
        row.arrival_s, row.ticks = time_s, measured.rr_ticks
        packets.rows.append(row)
        packets.tail = _Row()
    else:
        row.empty += 1
        row.arrival_s = time_s


def _lay_packets(packets: _Packets, unit_ms: float) -> _Laid:
    """Place the beats of each stretch by the lower envelope of lateness."""
    rates = np.array(packets.heart_rate, dtype=float).reshape(-1, 2)
    heart_rate = HeartRateSeries(rates[:, 0], rates[:, 1])
    rows = packets.rows
    n_rr = np.array([len(row.ticks) for row in rows], dtype=np.int64)
    rr_ms = np.array([tick for row in rows for tick in row.ticks], dtype=float) * unit_ms
    rr_s = rr_ms / 1000
    arrival_s = np.array([row.arrival_s for row in rows], dtype=float)
    running_s = np.cumsum(rr_s)
    last_beat = np.cumsum(n_rr) - 1
    lateness_s = arrival_s - running_s[last_beat]
    cuts = _find_cuts(packets, arrival_s, lateness_s, rr_s[last_beat])

    anchor_s = np.empty(len(rows))
    for first, end in _parts(cuts, len(rows)):
        anchor_s[first:end] = lower_envelope(lateness_s[first:end])
    time_s = running_s + np.repeat(anchor_s, n_rr)
    first_beats = {int(last_beat[row] - n_rr[row] + 1): reason for row, reason in cuts.items()}
    beats, gaps = _assemble(time_s, rr_ms, first_beats)
    gaps = [*_leading_gap(packets, beats), *gaps, *_trailing_gap(packets, beats)]
    return _Laid(beats, tuple(gaps), packets.end_s, heart_rate)


def lower_envelope(values: FloatArray) -> FloatArray:
    """Smooth the running minimum; the mean of minima that all hold a value is still not above that value."""
    half = _ANCHOR_PACKETS // 2
    lowest = sliding_window_view(np.pad(values, half, mode="edge"), _ANCHOR_PACKETS).min(axis=1)
    return np.convolve(np.pad(lowest, half, mode="edge"), np.full(_ANCHOR_PACKETS, 1 / _ANCHOR_PACKETS), mode="valid")


def _parts(cuts: Iterable[int], n: int) -> Iterator[tuple[int, int]]:
    edges = [0, *cuts, n]
    return ((first, end) for first, end in itertools.pairwise(edges) if first < end)


def _find_cuts(
    packets: _Packets, arrival_s: FloatArray, lateness_s: FloatArray, rr_s: FloatArray
) -> dict[int, GapReason]:
    """Find the rows that begin a new stretch, with the reason: the ledger's, or found in lateness.

    A notification that never came leaves a hole in the arrivals and raises lateness for good; one that came late
    lets it fall again. An interval that the strap left out of packets that did come raises it without a hole, as do
    beats out of step with packets below 60 bpm; it is believed only where lateness stays up for long.
    """
    rows = packets.rows
    steps_s = np.diff(packets.trusted_s)
    hole_s = _HOLE * float(np.median(steps_s[steps_s > 0])) if np.any(steps_s > 0) else _HOLE
    since_s = np.diff(arrival_s, prepend=arrival_s[:1])
    silent = np.array([row.reason is GapReason.SILENT for row in rows], dtype=bool)
    without_rr = (since_s > _NO_RR_S) & (np.array([row.empty for row in rows], dtype=int) > 1)
    holes = without_rr | silent | (np.array([row.wait_s for row in rows], dtype=float) >= hole_s)
    cuts: dict[int, GapReason | None] = {
        k: row.reason for k, row in enumerate(rows) if k and row.reason not in {None, GapReason.SILENT}
    }
    for candidates, certain in ((holes, True), (~holes & (since_s >= hole_s), False)):
        for start, end in tuple(_parts(sorted(cuts), len(rows))):
            level_from = start
            for k in start + 1 + np.flatnonzero(candidates[start + 1 : end]):
                before_s = lateness_s[max(level_from, k - _LEVEL_PACKETS) : k].min()
                jump_s = lateness_s[k : min(k + _LEVEL_PACKETS, end)].min() - before_s
                if jump_s <= _LEAST_JUMP * np.median(rr_s[max(start, k - 5) : k + 5]):
                    continue
                lasts = arrival_s[end - 1] - arrival_s[k] >= _SUSTAINED_S
                long = min(k - level_from, end - k) >= _SUSTAINED_PACKETS
                if (lasts if certain else long) or jump_s > MAX_LAG_S or silent[k]:
                    cuts[int(k)] = rows[k].reason or (GapReason.NO_RR if without_rr[k] else GapReason.UNKNOWN)
                    level_from = int(k)
    return {k: cuts[k] or GapReason.UNKNOWN for k in sorted(cuts)}


def _assemble(time_s: FloatArray, rr_ms: FloatArray, first_beats: dict[int, GapReason]) -> tuple[BeatSeries, list[Gap]]:
    """Count off the stretches, keep them apart and in order, and put a gap between each two."""
    rr_s = rr_ms / 1000
    stretch = np.zeros(len(rr_s), dtype=np.int64)
    stretch[list(first_beats)] = 1
    stretch = np.cumsum(stretch)
    for first, end in _parts(first_beats, len(rr_s)):
        if first:
            overlap_s = time_s[first - 1] - (time_s[first] - rr_s[first])
            time_s[first:end] += max(overlap_s, 0.0)  # two intervals of one heart cannot overlap
        if np.any(np.diff(time_s[max(first - 1, 0) : end]) <= 0):
            ramp_s = np.arange(end - first) * _LEAST_STEP_S
            floor_s = time_s[first - 1] + _LEAST_STEP_S if first else -math.inf
            time_s[first:end] = np.maximum(np.maximum.accumulate(time_s[first:end] - ramp_s), floor_s) + ramp_s
    gaps = []
    for first, reason in first_beats.items():
        start_s, begins_s = float(time_s[first - 1]), float(time_s[first] - rr_s[first])
        gaps.append(Gap(start_s, begins_s if begins_s - start_s > _LEAST_STEP_S else float(time_s[first]), reason))
    return BeatSeries(time_s, rr_ms, stretch), gaps


def _leading_gap(packets: _Packets, beats: BeatSeries) -> Iterator[Gap]:
    if not packets.rows:
        return
    row = packets.rows[0]
    begins_s = float(beats.time_s[0] - beats.rr_ms[0] / 1000)
    if row.reason is not None and row.since_s < begins_s:
        yield Gap(row.since_s, begins_s, row.reason)
    elif row.empty and begins_s - packets.trusted_s[0] > _NO_RR_S:
        yield Gap(packets.trusted_s[0], begins_s, GapReason.NO_RR)


def _trailing_gap(packets: _Packets, beats: BeatSeries) -> Iterator[Gap]:
    """Beats that never came back; a recorder that stopped for good leaves no gap."""
    tail = packets.tail
    start_s = float(beats.time_s[-1]) if len(beats) else tail.since_s
    if tail.reason not in {None, GapReason.RECORDER_STOPPED} and start_s < packets.end_s:
        yield Gap(start_s, packets.end_s, tail.reason or GapReason.UNKNOWN)
    elif len(beats) and tail.empty > 1 and tail.arrival_s - start_s > _NO_RR_S + MAX_LAG_S:
        yield Gap(start_s, tail.arrival_s, GapReason.NO_RR)


# ---------------------------------------------------------------- imported intervals


def _lay_intervals(intervals: Sequence[IntervalImported]) -> _Laid:
    """Place a file's intervals at its own times, or end to end where it has none.

    A step of time that exceeds its interval by more than half of it means that at least one beat is missing there,
    provided it lasts: a time stamp that was merely late is made good by those after it.
    """
    rr_ms = np.array([_interval_ms(entry) for entry in intervals])
    rr_s = rr_ms / 1000
    running_s = np.cumsum(rr_s)
    own_times = all(entry.time_text for entry in intervals)
    if not own_times:
        beats = BeatSeries(running_s, rr_ms, np.zeros(len(rr_s), dtype=np.int64))
        return _Laid(beats, (), float(running_s[-1]))
    time_s = np.array([_number(entry.time_text, "time") for entry in intervals])
    if np.any(np.diff(time_s) < 0):
        back_s = time_s[1 + int(np.argmax(np.diff(time_s) < 0))]
        raise AnalysisError(
            f"the file's times run backwards at {back_s:g} s",
            why="Beats have an order, and two recordings in one file cannot be told apart.",
            hint="Split the file there, or leave its times out.",
        )
    lateness_s = time_s - running_s
    cuts: dict[int, GapReason] = {}
    level_from = 0
    for k in 1 + np.flatnonzero(np.diff(time_s) - rr_s[1:] > rr_s[1:] / 2):
        before_s = lateness_s[max(level_from, k - _LEVEL_BEATS) : k].min()
        if lateness_s[k : k + _LEVEL_BEATS].min() - before_s > rr_s[k] / 2:
            cuts[int(k)] = GapReason.UNKNOWN
            level_from = int(k)
    beats, gaps = _assemble(time_s, rr_ms, cuts)
    return _Laid(beats, tuple(gaps), float(time_s[-1]), own_times=True)


def _interval_ms(entry: IntervalImported) -> float:
    if entry.unit not in _UNIT_MS:
        raise AnalysisError(f"unknown unit {entry.unit!r} of an interval", hint=f"Known: {', '.join(_UNIT_MS)}.")
    interval = _number(entry.text, "interval")
    if interval <= 0:
        raise AnalysisError(f"{entry.text!r} is not an interval", why="An interval is a positive number.")
    return interval * _UNIT_MS[entry.unit]


def _number(text: str, what: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise AnalysisError(f"{text!r} is not a number, where the log has an {what}")
    return number
