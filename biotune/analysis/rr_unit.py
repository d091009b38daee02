"""What a strap's RR numbers count: 1/1024 s, as the standard says, or milliseconds, as some straps send.

Milliseconds read as 1/1024 s are 2.4 % too short. The strap's own heart rate, which it computes itself, gives that
away: over a minute or more the two must agree, however the strap rounds and smooths.
"""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from biotune.analysis.series import FloatArray
from biotune.domain import TICKS_PER_S, LogLine, PacketReceived, Recording, RrUnit, RrUnitSet
from biotune.errors import WireError
from biotune.wire.heart_rate import HEART_RATE_MEASUREMENT, decode

TICKS_OF_MS = TICKS_PER_S / 1000  # 1.024: heart rate from ms read as ticks, over the true one

LEAST_BEATS = 60
_MOST_PACKETS = 1800  # half an hour tells it
_HOLE_S = 3.0  # between two packets; they come once a second
_AVERAGED_BEATS = (1, 2, 3, 4, 6, 8, 12, 16, 24)  # how a strap's own heart rate may be made
# A rate cut down to whole numbers instead of rounded is 0.5 bpm too low: 1.1 % at 45 bpm, which must not be taken
# for 2.4 %; nor must the two together be missed.
_LOWEST, _HIGHEST = 1.016, 1.040
_ABOVE = 1.006
_LEAST_ABOVE = 0.75  # of the packets
_SLACK_S = 3.0  # how differently the first and the last packet may lag behind their beats


@dataclass(frozen=True, slots=True)
class RrUnitSuspicion:
    """A strap that seems to send milliseconds.

    Attributes
    ----------
    ratio : float
        Heart rate from the intervals over the strap's own; 1.024 for milliseconds.
    beats : int
        How many were looked at.
    """

    ratio: float
    beats: int

    @property
    def words(self) -> str:
        """What a person is told."""
        return (
            f"The strap's intervals are {100 * (self.ratio - 1):.1f} % shorter than its own heart rate says: it seems "
            "to send milliseconds instead of 1/1024 s. Try --rr-unit ms; biotune correct keeps it for a session."
        )


@dataclass(frozen=True, slots=True)
class _Packet:
    time_s: float
    bpm: int
    rr: tuple[int, ...]


def of(recording: Recording) -> RrUnit:
    """Return the unit that the log says the RR numbers have; the standard's where it says nothing."""
    return _corrected(recording) or RrUnit.TICKS


def as_if(recording: Recording, unit: RrUnit) -> Recording:
    """Return the recording as if its log were corrected to that unit.

    Its hash is the one that the corrected log has.
    """
    if not recording.lines:
        return recording
    last, number = recording.lines[-1], max(line.recording for line in recording.lines)
    return replace(recording, lines=(*recording.lines, LogLine(last.seq + 1, "", last.stamp, number, RrUnitSet(unit))))


def suspect(recording: Recording) -> RrUnitSuspicion | None:
    """Tell whether a strap seems to send milliseconds.

    At each packet the strap's own heart rate is held against that of its last few intervals: as many as follow it
    most closely, so that neither its smoothing nor a heart that speeds up matters. The median must lie near 1.024,
    and three quarters of the packets above 1. Where a long stretch without a hole has intervals that add up to its
    time, they are what they should be, whatever the strap's heart rate says.

    Parameters
    ----------
    recording : Recording
        Packets; of an imported file nothing can be said.

    Returns
    -------
    RrUnitSuspicion or None
        None too where there are fewer than 60 beats beside a heart rate, or the log says which unit it is.
    """
    if _corrected(recording) is not None:
        return None
    runs = list(_runs(itertools.islice(_packets(recording), _MOST_PACKETS)))
    beats = sum(len(packet.rr) for run in runs for packet in run)
    if beats < LEAST_BEATS:
        return None
    ratios = min((_ratios(runs, averaged) for averaged in _AVERAGED_BEATS), key=_spread)
    ratio = float(np.median(ratios)) if len(ratios) else 1.0
    above = float(np.mean(ratios > _ABOVE)) if len(ratios) else 0.0
    if not _LOWEST < ratio < _HIGHEST or above < _LEAST_ABOVE or _fills_its_time(max(runs, key=len)):
        return None
    return RrUnitSuspicion(ratio, beats)


def _corrected(recording: Recording) -> RrUnit | None:
    set_to = [line.entry.unit for line in recording.lines if isinstance(line.entry, RrUnitSet)]
    return set_to[-1] if set_to else None


def _packets(recording: Recording) -> Iterator[_Packet]:
    """Yield what was sent with contact and with a heart rate."""
    for time_s, line in recording.times_s():
        if isinstance(line.entry, PacketReceived) and line.entry.characteristic == HEART_RATE_MEASUREMENT:
            try:
                measured = decode(line.entry.data)
            except WireError:
                continue
            if measured.bpm and measured.contact is not False:
                yield _Packet(time_s, measured.bpm, measured.rr_ticks)


def _runs(packets: Iterable[_Packet]) -> Iterator[list[_Packet]]:
    """Yield the stretches without a hole between packets."""
    run: list[_Packet] = []
    for packet in packets:
        if run and packet.time_s - run[-1].time_s > _HOLE_S:
            yield run
            run = []
        run.append(packet)
    if run:
        yield run


def _ratios(runs: Sequence[list[_Packet]], averaged: int) -> FloatArray:
    """Heart rate of the last `averaged` intervals over the strap's own, at each packet that has as many before it."""
    ratios = [np.empty(0)]
    for run in runs:
        told = np.cumsum([0, *(ticks for packet in run for ticks in packet.rr)])
        last = np.cumsum([len(packet.rr) for packet in run])
        enough = last >= averaged
        ticks = told[last[enough]] - told[last[enough] - averaged]
        own = np.array([packet.bpm for packet in run])[enough]
        ratios.append(60 * TICKS_PER_S * averaged / np.maximum(ticks, 1) / own)
    return np.concatenate(ratios)


def _spread(ratios: FloatArray) -> float:
    """Half of the ratios lie within this; artefacts do not touch it."""
    if not len(ratios):
        return np.inf
    low, high = np.quantile(ratios, [0.25, 0.75])
    return float(high - low)


def _fills_its_time(run: list[_Packet]) -> bool:
    """Whether intervals read as 1/1024 s add up to more of a stretch than milliseconds could."""
    elapsed_s = run[-1].time_s - run[0].time_s
    told_s = sum(ticks for packet in run[1:] for ticks in packet.rr) / TICKS_PER_S
    return told_s * TICKS_OF_MS > elapsed_s + _SLACK_S
