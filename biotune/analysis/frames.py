"""From a Polar strap's frames to samples in session time.

A frame carries the stamp of its last sample by the strap's own clock, which nobody need have set and which may be
set in between. Within one connection frames are put in the order of their stamps; a frame that jumps is left out,
unless those after it go on from there: then the clock was set, and time is anchored anew. The true sampling rate is
fitted to the stamps, and the strap's time is laid beside session time by the lower envelope of lateness, as the
beats' is: a frame cannot arrive before its last sample was taken. No sample is altered, and none is invented where
frames are missing.
"""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from biotune.analysis.series import FloatArray, IntArray
from biotune.analysis.timeline import lower_envelope
from biotune.domain import NS_PER_S, LogLine, PacketReceived, RecorderStarted, Recording, StrapChange, StrapEvent
from biotune.errors import WireError
from biotune.wire.polar import POLAR_DATA, EcgFrame, Stream, decode

ECG_HZ = (128.0, 131.0)  # between which the true rate of 130 Hz lies
_JUMP_S = 2.0  # what no lateness explains: frames come every 0.15 to 1.5 s, and bursts have caught up by then
_LATEST = 9  # frames that say where the strap's clock stands
_SLACK_S = 0.02  # for stamps that are a little off, where frames are short
_SLACK = 0.25  # the same as a share of a frame


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """One stream's samples.

    Attributes
    ----------
    time_s : ndarray, shape (n_samples,)
        Session time of each, seconds.
    values : ndarray, shape (n_samples,) or (n_samples, 3)
        µV of an ECG; thousandths of g of an accelerometer, along x, y, z.
    stretch : ndarray of int, shape (n_samples,)
        Number of the stretch without missing samples, counted from 0.
    rate_hz : float
        The true sampling rate, by the strap's clock.
    fitted : bool
        False where the stamps did not allow to fit it, and the nominal rate stands.
    rejected : int
        Frames that could not be used: they jump, come twice, or are none.
    """

    time_s: FloatArray
    values: FloatArray
    stretch: IntArray
    rate_hz: float
    fitted: bool
    rejected: int

    def parts(self) -> Iterator[slice]:
        """Yield where each stretch lies."""
        edges = np.flatnonzero(np.diff(self.stretch, prepend=-1, append=-1))
        return (slice(int(first), int(end)) for first, end in itertools.pairwise(edges))


@dataclass(slots=True, eq=False)
class _Frame:
    arrival_s: float
    stamp_s: float
    values: FloatArray

    @property
    def ahead_s(self) -> float:
        """How far the strap's clock is ahead of session time, as this frame shows it."""
        return self.stamp_s - self.arrival_s


@dataclass(slots=True)
class _Read:
    """All frames of a stream, those of each connection together."""

    links: list[list[_Frame]] = field(default_factory=lambda: [[]])
    rejected: int = 0


def assemble(recording: Recording, stream: Stream) -> Samples | None:
    """Lay one stream's samples out in session time.

    Parameters
    ----------
    recording : Recording
        With packets of Polar's data characteristic.
    stream : Stream

    Returns
    -------
    Samples or None
        None where the recording has no two frames of it that belong together.
    """
    return lay_out(recording.times_s(), stream)


def lay_out(timed: Iterable[tuple[float, LogLine]], stream: Stream) -> Samples | None:
    """Lay one stream's samples out, as `assemble`, from any part of a log in order, each line with its session time."""
    read = _read(timed, stream)
    runs: list[list[_Frame]] = []
    rejected = read.rejected
    period_s = _sample_period(read, stream)
    for link in read.links:
        rejected += len(link)
        for group in _groups(link, period_s):
            ordered = _in_order(group, period_s)
            if len(ordered) > 1:  # one alone proves nothing
                runs.extend(_runs(ordered, period_s))
                rejected -= len(ordered)
    if not runs:
        return None
    rate_hz, fitted = _fit_rate(runs, stream, 1 / period_s)
    times = [_times(run, rate_hz) for run in runs]
    lengths = [len(time_s) for time_s in times]
    return Samples(
        time_s=np.concatenate(times),
        values=np.concatenate([frame.values for run in runs for frame in run]),
        stretch=np.repeat(np.arange(len(runs)), lengths),
        rate_hz=rate_hz,
        fitted=fitted,
        rejected=rejected,
    )


def _read(timed: Iterable[tuple[float, LogLine]], stream: Stream) -> _Read:
    """Decode a stream's frames; each connection, and each recorder's own, begins a new list."""
    found = _Read()
    base_ns: int | None = None
    for time_s, line in timed:
        entry = line.entry
        if isinstance(entry, PacketReceived):
            if entry.characteristic != POLAR_DATA or entry.data[:1] != bytes([stream]):
                continue
            try:
                frame = decode(entry.data)
            except WireError:
                found.rejected += 1
                continue
            values = frame.microvolts if isinstance(frame, EcgFrame) else frame.milli_g
            base_ns = frame.stamp_ns if base_ns is None else base_ns  # keeps the seconds small, so exact
            stamp_s = (frame.stamp_ns - base_ns) / NS_PER_S
            found.links[-1].append(_Frame(time_s, stamp_s, np.array(values, dtype=np.float64)))
        elif found.links[-1] and (
            isinstance(entry, RecorderStarted)
            or (isinstance(entry, StrapEvent) and entry.change in {StrapChange.CONNECTED, StrapChange.LOST})
        ):
            found.links.append([])
    return found


def _sample_period(read: _Read, stream: Stream) -> float:
    """Roughly one sample's time: nominal for an ECG, what most pairs of frames say for an accelerometer."""
    if stream is Stream.ECG:
        return 1 / 130
    periods = [
        (after.stamp_s - before.stamp_s) / len(after.values)
        for link in read.links
        for before, after in itertools.pairwise(link)
    ]
    forward = [period_s for period_s in periods if period_s > 0]
    return float(np.median(forward)) if forward else 1 / 50


def _follows(before: _Frame, after: _Frame, period_s: float) -> bool:
    """Whether a frame's samples begin where another's end."""
    length_s = len(after.values) * period_s
    return abs(after.stamp_s - before.stamp_s - length_s) <= max(_SLACK * length_s, _SLACK_S)


def _groups(link: Sequence[_Frame], period_s: float) -> list[list[_Frame]]:
    """Part a connection's frames where the strap's clock was set; leave out those that jump alone."""
    groups: list[list[_Frame]] = []
    for k, frame in enumerate(link):
        if groups:
            group = groups[-1]
            if _follows(group[-1], frame, period_s) or abs(frame.ahead_s - _stands_s(group)) <= _JUMP_S:
                group.append(frame)
                continue
            if k + 1 < len(link) and not _follows(frame, link[k + 1], period_s):
                continue
        groups.append([frame])
    return groups


def _stands_s(group: Sequence[_Frame]) -> float:
    """How far the strap's clock has been ahead of session time lately."""
    return float(np.median([frame.ahead_s for frame in group[-_LATEST:]]))


def _in_order(group: Sequence[_Frame], period_s: float) -> list[_Frame]:
    """Sort by stamp, each frame once: two may not hold the same time."""
    ordered: list[_Frame] = []
    for frame in sorted(group, key=lambda each: each.stamp_s):
        if not ordered or frame.stamp_s - ordered[-1].stamp_s > 0.5 * len(frame.values) * period_s:
            ordered.append(frame)
    return ordered


def _runs(ordered: Sequence[_Frame], period_s: float) -> list[list[_Frame]]:
    """Part frames where some between them are missing."""
    runs = [[ordered[0]]]
    for frame in ordered[1:]:
        if _follows(runs[-1][-1], frame, period_s):
            runs[-1].append(frame)
        else:
            runs.append([frame])
    return runs


def _fit_rate(runs: Sequence[Sequence[_Frame]], stream: Stream, nominal_hz: float) -> tuple[float, bool]:
    """Fit the true rate: the median slope of samples against stamps over half of each run.

    Slopes over half a run are little moved by single stamps that are off, and their median (after Theil and Sen)
    by none; longer runs say more and weigh more.
    """
    slopes: list[FloatArray] = []
    weights: list[FloatArray] = []
    for run in runs:
        half = len(run) // 2
        if half:
            counted = np.cumsum([len(frame.values) for frame in run]).astype(np.float64)
            stamps_s = np.array([frame.stamp_s for frame in run])
            slopes.append((counted[half:] - counted[:-half]) / (stamps_s[half:] - stamps_s[:-half]))
            weights.append(np.full(len(run) - half, float(half)))
    if not slopes:
        return nominal_hz, False
    slope, weight = np.concatenate(slopes), np.concatenate(weights)
    order = np.argsort(slope)
    middle = np.searchsorted(np.cumsum(weight[order]), weight.sum() / 2)
    rate_hz = float(slope[order][middle])
    if stream is Stream.ECG and not ECG_HZ[0] <= rate_hz <= ECG_HZ[1]:
        return nominal_hz, False
    return rate_hz, True


def _times(run: Sequence[_Frame], rate_hz: float) -> FloatArray:
    """Session time of each of a run's samples."""
    last = np.cumsum([len(frame.values) for frame in run]) - 1
    stamps_s = np.array([frame.stamp_s for frame in run])
    begins_s = float(np.median(stamps_s - last / rate_hz))
    lateness_s = np.array([frame.arrival_s for frame in run]) - stamps_s
    sample = np.arange(int(last[-1]) + 1)
    late_s: FloatArray = np.interp(sample, last, lower_envelope(lateness_s))
    return begins_s + sample / rate_hz + late_s
