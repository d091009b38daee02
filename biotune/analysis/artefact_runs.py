"""What the heart did where artefacts are: which intervals add up to one, which hold two, and which are good after all.

The shapes (`artefact_shapes`) find that something is wrong. Beside it they are generous, since artefacts come in runs,
and a breath there is easily taken for a second one: RMSSD loses its largest true differences and comes out too low. So
each flagged stretch is read as a whole. It is cut into good intervals, into the two to four parts of one (beats that
were invented), into intervals that hold two to four (beats that were missed), into two that share their time wrongly (a
beat out of its place) and into what nothing explains. Of all such readings the one that leaves the smoothest course
with the fewest faults is taken (dynamic programming, exact). Where nothing was flagged, nothing is read: a recording
without artefacts is not touched.

The parts of an invented beat are the only fault that takes nothing away: they add up to the interval that the heart
made, to the millisecond. docs/artefacts.md says what that is worth.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from biotune.analysis.artefact_shapes import BESIDE_ANOTHER, GREATEST_LONG, SHORT_OF_LEVEL, Classes, Expected
from biotune.analysis.series import BoolArray, FloatArray
from biotune.domain import ArtefactClass

# A reading's price, in steps: a step from one beat to the next costs log(1 + z²/3)·3/2, with z in units of its spread
ONE_FAULT = 6.0  # each beat invented or missed
OUT_OF_PLACE = 7.0  # two of them explain what one invented beat in a marked arrhythmia does, and one is likelier
AGAINST_ITS_SHAPE = 2.0  # an interval taken for good that was flagged
UNEXPLAINED = 12.0
LEAST_SPREAD = 0.04  # of the level: a heart that hardly varies is not read by its noise
LEVEL_SPREAD = 0.2  # how far a beat may be off the level, as a share of it
LEAST_OFF = 0.07  # of each of two intervals that share their time wrongly
MOST = 4  # intervals to a beat, or beats to an interval

PARAMETERS = {
    "artefact_one_fault": ONE_FAULT,
    "artefact_out_of_place": OUT_OF_PLACE,
    "artefact_against_its_shape": AGAINST_ITS_SHAPE,
    "artefact_unexplained": UNEXPLAINED,
}

_TAIL = 3.0  # of the t distribution whose density the price follows: real steps have long tails
_POSSIBLE = (0.55, 1.7)  # of the level: what is shared out or added up is no beat beyond that
_HIGH = 0.98  # of the steps: half of the spread is theirs, since breathing makes few large steps among many small ones
_HIGH_NORMAL = 2.326  # that quantile of a normal step's size, in standard deviations
_FEW_STEPS = 10
_READINGS = 8  # kept at each interval


class Read(NamedTuple):
    """So many intervals, from `first` on, that hold so many beats; 0 beats where nothing explains them."""

    first: int
    intervals: int
    beats: int


@dataclass(frozen=True, slots=True)
class Judged:
    """What is flagged in a stretch, by number of the interval.

    Attributes
    ----------
    classes : dict of int to ArtefactClass
        Each interval to be left out, or to be added up with its other parts.
    joins : tuple of (int, int)
        First interval and the one after the last of those that add up to one.
    """

    classes: Classes
    joins: tuple[tuple[int, int], ...] = ()


def read(rr_s: FloatArray, classes: Classes) -> Judged:
    """Read every flagged stretch as a whole.

    Parameters
    ----------
    rr_s : ndarray, shape (n,)
        Intervals of one gap-free stretch, seconds.
    classes : dict of int to ArtefactClass
        What the shapes flag.

    Returns
    -------
    Judged
        Nothing is flagged further than one interval from what the shapes flag.
    """
    if not classes:
        return Judged({})
    flagged = np.zeros(len(rr_s), dtype=bool)
    flagged[list(classes)] = True
    expected = Expected.of(rr_s, flagged)
    spread_s = _spread(rr_s, flagged, expected)
    readings = [
        each
        for first, end in _regions(flagged)
        for each in _Region.of(rr_s, flagged, expected, spread_s, first, end).read()
    ]
    found: Classes = {}
    for each in readings:
        for k in range(each.first, each.first + each.intervals):
            kind = _kind(each, rr_s[k] > expected.level[k])
            if kind:
                found[k] = kind
    left = np.zeros(len(rr_s), dtype=bool)
    left[list(found)] = True
    return Judged(found, tuple(_joins(rr_s, readings, Expected.of(rr_s, left))))


def _kind(read: Read, long: bool) -> ArtefactClass | None:  # noqa: FBT001 - longer than the level, or shorter
    if read.intervals == read.beats:
        return ArtefactClass.ECTOPIC if read.beats > 1 else None
    if not read.beats:
        return ArtefactClass.LONG if long else ArtefactClass.SHORT
    return ArtefactClass.EXTRA if read.beats == 1 else ArtefactClass.MISSED


def _joins(rr_s: FloatArray, readings: list[Read], beside: Expected) -> Iterator[tuple[int, int]]:
    """Yield the parts that add up to an interval as long as the good ones beside it lead to expect."""
    for first, intervals, beats in readings:
        if beats == 1 and intervals > 1:
            end = first + intervals
            whole_s = float(rr_s[first:end].sum())
            near = sorted((float(beside.before[first]), float(beside.after[end - 1])))
            if (1 - BESIDE_ANOTHER) * near[0] <= whole_s <= (1 + BESIDE_ANOTHER) * near[1]:
                yield first, end


def _regions(flagged: BoolArray) -> Iterator[tuple[int, int]]:
    """Yield first and end of what is read as a whole: what is flagged, one good interval between, one beside."""
    near = np.flatnonzero(flagged)
    breaks = np.flatnonzero(np.diff(near) > 2)  # noqa: PLR2004 - two good ones between
    for first, last in zip(near[np.append(0, breaks + 1)], near[np.append(breaks, len(near) - 1)], strict=True):
        yield max(int(first) - 1, 0), min(int(last) + 2, len(flagged))


def _spread(rr_s: FloatArray, flagged: BoolArray, expected: Expected) -> FloatArray:
    """Spread of the steps from one interval to the next around each interval, seconds."""
    good = ~(flagged[1:] | flagged[:-1])
    steps = np.abs(np.diff(rr_s))[good]
    usual = expected.spread * expected.level
    if len(steps) < _FEW_STEPS:
        return usual
    return (usual + float(np.quantile(steps, _HIGH)) / _HIGH_NORMAL) / 2


class _Path(NamedTuple):
    """A reading so far: its price, the last beat it gives (seconds; None where there is none), its cuts, last first."""

    price: float
    last_s: float | None
    cut: Read | None = None
    earlier: "_Path | None" = None


@dataclass(frozen=True, slots=True)
class _Region:
    """What is read as a whole: intervals in seconds, which are flagged, and what lies around."""

    first: int
    rr_s: list[float]
    flagged: list[bool]
    level_s: float
    spread_s: float
    before_s: float | None
    after_s: float | None

    @classmethod
    def of(
        cls, rr_s: FloatArray, flagged: BoolArray, expected: Expected, spread_s: FloatArray, first: int, end: int
    ) -> "_Region":
        """Take the intervals from `first` to before `end` out of a stretch."""
        level_s = float(np.median(expected.level[first:end]))
        return cls(
            first,
            rr_s[first:end].tolist(),
            flagged[first:end].tolist(),
            level_s,
            max(LEAST_SPREAD * level_s, float(np.median(spread_s[first:end]))),
            float(rr_s[first - 1]) if first else None,
            float(rr_s[end]) if end < len(rr_s) else None,
        )

    def read(self) -> list[Read]:
        """Return the cheapest reading, in order."""
        n = len(self.rr_s)
        reached: list[dict[float | None, _Path]] = [{} for _ in range(n + 1)]
        reached[0][self.before_s] = _Path(0.0, self.before_s)
        for at in range(n):
            cuts = list(self._cuts(at))
            for path in sorted(reached[at].values(), key=lambda each: each.price)[:_READINGS]:
                for cut, beat_s, price in cuts:
                    last_s = path.last_s if beat_s is None else beat_s
                    total = path.price + price + (0.0 if beat_s is None else self._step(path.last_s, beat_s))
                    there = reached[at + cut.intervals]
                    if last_s not in there or total < there[last_s].price:
                        there[last_s] = _Path(total, last_s, cut, path)
        best = min(reached[n].values(), key=lambda each: each.price + self._step(each.last_s, self.after_s))
        found: list[Read] = []
        while best.cut and best.earlier:
            found.append(best.cut._replace(first=self.first + best.cut.first))
            best = best.earlier
        return found[::-1]

    def _cuts(self, at: int) -> Iterator[tuple[Read, float | None, float]]:
        """Yield what may begin there: the cut, the beat it gives in seconds, and the price of its faults and level."""
        here_s = self.rr_s[at]
        if not self.flagged[at]:
            yield Read(at, 1, 1), here_s, self._off_level(here_s)
        elif 1 - SHORT_OF_LEVEL <= here_s / self.level_s <= 1 + GREATEST_LONG:
            yield Read(at, 1, 1), here_s, AGAINST_ITS_SHAPE + self._off_level(here_s)
        yield Read(at, 1, 0), None, UNEXPLAINED
        for beats in range(2, MOST + 1):
            yield from self._fault(at, 1, beats)
        for intervals in range(2, min(MOST, len(self.rr_s) - at) + 1):
            yield from self._fault(at, intervals, 1)
        if at + 1 < len(self.rr_s) and abs(here_s / (here_s + self.rr_s[at + 1]) - 1 / 2) >= LEAST_OFF / 2:
            yield from self._fault(at, 2, 2)

    def _fault(self, at: int, intervals: int, beats: int) -> Iterator[tuple[Read, float, float]]:
        beat_s = sum(self.rr_s[at : at + intervals]) / beats
        if _POSSIBLE[0] * self.level_s < beat_s < _POSSIBLE[1] * self.level_s:
            price = OUT_OF_PLACE if intervals == beats else ONE_FAULT * (max(intervals, beats) - 1)
            yield Read(at, intervals, beats), beat_s, price + beats * self._off_level(beat_s)

    def _step(self, from_s: float | None, to_s: float | None) -> float:
        return 0.0 if from_s is None or to_s is None else _price((to_s - from_s) / self.spread_s)

    def _off_level(self, beat_s: float) -> float:
        return _price((beat_s / self.level_s - 1) / LEVEL_SPREAD)


def _price(z: float) -> float:
    return _TAIL / 2 * math.log1p(z * z / _TAIL)
