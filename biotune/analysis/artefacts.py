"""Which beats to leave out, and what is wrong with each.

Three looks. The first is Lipponen & Tarvainen's classifier (J Med Eng Technol 43:173-181, 2019): intervals are judged
by their difference from the one before and from the local median, against thresholds that follow the spread of the
last and next 45 beats. It runs once, within each gap-free stretch. Its thresholds have neither floor nor ceiling. In a
heart that varies little they fall to a few milliseconds; where one beat in five is wrong they rise until nothing is
flagged; and they take the steepest steps of a marked respiratory arrhythmia for artefacts, which made RMSSD of three
people in eleven at rest 5 to 12 % too low. So what it suspects is looked at again (`artefact_shapes`): an artefact has
a shape that breathing cannot have, and is flagged for that. Where something has, its surroundings are read once more
as a whole (`artefact_runs`): what is good after all stays, and the parts of an invented beat are added up.
docs/artefacts.md says what all this finds.

NeuroKit2 has the same classifier (`signal_fixpeaks(method="Kubios", iterative=False)`); a test holds `find_peaks` to
the same peaks. This one costs no import of two seconds.
"""

import itertools
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from biotune.analysis import artefact_runs, artefact_shapes
from biotune.analysis.artefact_runs import Judged
from biotune.analysis.results import Artefact
from biotune.analysis.series import BeatSeries, BoolArray, FloatArray, IntArray, rolling_quantiles
from biotune.domain import ArtefactClass, Gap, GapReason

# Constants of the paper
_C1 = 0.13
_C2 = 0.17
_ALPHA = 5.2
_SPREAD_BEATS = 91
_MEDIAN_BEATS = 11
_FAR = 3.0
_CLEARLY = 1.5  # times as large: between a step as large and one twice as large

# 220 and 25 bpm: no sinus rhythm at rest or in light movement is faster or slower
SHORTEST_MS = 60_000 / 220
LONGEST_MS = 60_000 / 25
# A step of less than this share of the local median is no artefact: premature beats are a tenth early and more
LEAST_STEP = 0.075
# A beat that is a tenth early and more makes a step of a tenth and more
LEAST_ECTOPIC_STEP = 0.1
# A merely long or short interval is this far off the local median: a deep breath alone moves it by a tenth
LEAST_DEVIATION = 0.15
LEAST_BEATS = _MEDIAN_BEATS + 1  # a shorter stretch says too little about its own spread
_BLIND_BEATS = 3  # the classifier looks two beats ahead, and so never judges the last ones
_REACH_BEATS = 3 * _SPREAD_BEATS
LEAST_GAP_S = 10.0


@dataclass(frozen=True, slots=True, eq=False)
class Classified:
    """Which beats are flagged, and why.

    Attributes
    ----------
    flagged : ndarray of bool, shape (n_beats,)
        Whether each interval is to be left out.
    artefacts : tuple of Artefact
        One for each flagged beat, in order.
    joins : tuple of (int, int)
        The parts of invented beats, flagged all of them: the first one's number, and that of the one after the last.
        They add up to the interval that the heart made.
    """

    flagged: BoolArray
    artefacts: tuple[Artefact, ...]
    joins: tuple[tuple[int, int], ...] = ()

    def without_joins(self, beats: BeatSeries, of: BoolArray) -> "Classified":
        """Return the same where nothing is added up that any beat `of` these has a part in: that is left out."""
        kept = tuple((first, end) for first, end in self.joins if not of[first:end].any())
        if len(kept) == len(self.joins):
            return self
        parts_s = _times_of_parts(beats, kept)
        artefacts = tuple(replace(each, joined=each.time_s in parts_s) for each in self.artefacts)
        return Classified(self.flagged, artefacts, kept)


def classify(beats: BeatSeries) -> Classified:
    """Classify every beat, stretch by stretch.

    A misplaced peak spoils the interval before it and the one after, and both are flagged: an extra beat's two
    parts, an ectopic beat's short and long interval. Intervals beyond `SHORTEST_MS` and `LONGEST_MS` are flagged
    whatever their neighbours are.

    Parameters
    ----------
    beats : BeatSeries
        Intervals as the strap sent them.

    Returns
    -------
    Classified
        Stretches of fewer than `LEAST_BEATS` beats are judged by the two limits alone.
    """
    classes: dict[int, ArtefactClass] = {}
    joins: list[tuple[int, int]] = []
    edges = np.flatnonzero(np.diff(beats.stretch, prepend=-1, append=-1)).tolist()
    for begins, ends in itertools.pairwise(edges):
        rr_s = beats.rr_ms[begins:ends] / 1000
        if len(rr_s) >= LEAST_BEATS:
            judged = _classify_stretch(rr_s)
            classes |= {begins + k: found for k, found in judged.classes.items()}
            joins += [(begins + first, begins + end) for first, end in judged.joins]
    for k in np.flatnonzero(beats.rr_ms < SHORTEST_MS):
        classes.setdefault(int(k), ArtefactClass.SHORT)
    for k in np.flatnonzero(beats.rr_ms > LONGEST_MS):
        classes.setdefault(int(k), ArtefactClass.LONG)
    flagged = np.zeros(len(beats), dtype=bool)
    flagged[list(classes)] = True
    parts_s = _times_of_parts(beats, joins)
    found = [Artefact(float(beats.time_s[k]), float(beats.rr_ms[k]), classes[k]) for k in sorted(classes)]
    return Classified(flagged, tuple(replace(each, joined=each.time_s in parts_s) for each in found), tuple(joins))


def _times_of_parts(beats: BeatSeries, joins: Iterable[tuple[int, int]]) -> set[float]:
    return {time_s for first, end in joins for time_s in beats.time_s[first:end].tolist()}


def add_up(beats: BeatSeries, classified: Classified) -> tuple[BeatSeries, BoolArray]:
    """Take out invented beats: their intervals become the one that the heart made.

    Parameters
    ----------
    beats : BeatSeries
        As sent.
    classified : Classified
        Of the same beats.

    Returns
    -------
    tuple of BeatSeries and ndarray of bool
        One interval in place of each one's parts, at the time of the last; and which intervals are still flagged.
    """
    flagged, rr_ms, stays = classified.flagged.copy(), beats.rr_ms.copy(), np.ones(len(beats), dtype=bool)
    for first, end in classified.joins:
        rr_ms[end - 1] = rr_ms[first:end].sum()
        flagged[end - 1] = False
        stays[first : end - 1] = False
    return BeatSeries(beats.time_s, rr_ms, beats.stretch).take(stays), flagged[stays]


def possible(beats: BeatSeries) -> BoolArray:
    """Tell which intervals lie within `SHORTEST_MS` and `LONGEST_MS`; shape (n_beats,)."""
    within: BoolArray = (beats.rr_ms >= SHORTEST_MS) & (beats.rr_ms <= LONGEST_MS)
    return within


def poor_stretches(beats: BeatSeries, flagged: BoolArray) -> tuple[Gap, ...]:
    """Return the runs of flagged intervals that last `LEAST_GAP_S` or longer: there, nothing is known.

    A dropout in a file without times is one such run: a single interval as long as the dropout.
    """
    turns = np.diff(flagged, prepend=False, append=False)
    edges = np.flatnonzero(turns | (np.diff(beats.stretch, prepend=-1, append=-1) != 0))
    gaps = []
    for first, end in itertools.pairwise(edges):
        start_s, end_s = float(beats.time_s[first] - beats.rr_ms[first] / 1000), float(beats.time_s[end - 1])
        if flagged[first] and end_s - start_s >= LEAST_GAP_S:
            gaps.append(Gap(start_s, end_s, GapReason.ARTEFACTS))
    return tuple(gaps)


def _classify_stretch(rr_s: FloatArray) -> Judged:
    """Look thrice: what the classifier suspects, what of it has an artefact's shape, and what the heart did there."""
    suspects = _by_interval(rr_s)
    last = len(rr_s) - 1
    for k, found in _by_interval(rr_s[-_REACH_BEATS:][::-1]).items():
        if k < _BLIND_BEATS:
            suspects.setdefault(last - k, found)
    return artefact_runs.read(rr_s, artefact_shapes.judge(rr_s, suspects))


def _by_interval(rr_s: FloatArray) -> dict[int, ArtefactClass]:
    """Turn peaks that are wrong by enough into the intervals they spoil: peak k ends interval k - 1.

    An ectopic peak spoils the interval on either side, and the largest step near it is the one between those two: twice
    the step before and after. The classifier often names its neighbour instead.
    """
    peaks = find_peaks(rr_s)
    median_s = rolling_quantiles(rr_s, _MEDIAN_BEATS, (0.5,))[0]
    step_s = np.abs(np.diff(rr_s))
    around_s = np.maximum(np.append(step_s, 0.0), np.append(0.0, step_s))
    size = {
        ArtefactClass.ECTOPIC: around_s / median_s / LEAST_ECTOPIC_STEP,
        ArtefactClass.LONG: (rr_s / median_s - 1) / LEAST_DEVIATION,
        ArtefactClass.SHORT: (1 - rr_s / median_s) / LEAST_DEVIATION,
    }
    spoilt: list[tuple[int, ArtefactClass]] = []
    for k, found in peaks.items():
        first = k - 1
        if k == 0 or around_s[first] < LEAST_STEP * median_s[first] or (found in size and size[found][first] < 1):
            continue
        if found is ArtefactClass.ECTOPIC:
            near = range(max(k - 3, 0), min(k, len(step_s)))
            first = max(near, key=lambda i: step_s[i] * (_CLEARLY if i == k - 2 else 1))
        spoilt.append((first, found))
        if found in {ArtefactClass.EXTRA, ArtefactClass.ECTOPIC} and first + 1 < len(rr_s):
            spoilt.append((first + 1, found))
    classes: dict[int, ArtefactClass] = {}
    for interval, found in spoilt:
        classes.setdefault(interval, found)
    return classes


def find_peaks(rr_s: FloatArray) -> dict[int, ArtefactClass]:
    """Apply Lipponen & Tarvainen's classifier once.

    Parameters
    ----------
    rr_s : ndarray, shape (n,)
        Intervals of one gap-free stretch, seconds; at least three.

    Returns
    -------
    dict of int to ArtefactClass
        By number of the peak, counted from 0: peak k + 1 ends interval k. The decisions and their order are those
        of Figure 1 of the paper, as NeuroKit2 0.2.13 has them.
    """
    # one value a peak; the first peak ends no interval and is given the mean one
    rr = np.concatenate(([rr_s.mean()], rr_s))
    step = np.diff(rr, prepend=rr[0])
    step[0] = step[1:].mean()
    d_rr = _over(step, _threshold(step))
    median = rolling_quantiles(rr, _MEDIAN_BEATS, (0.5,))[0]
    off = rr - median
    off = np.where(off < 0, 2 * off, off)
    suspects = np.flatnonzero(~(np.abs(d_rr[:-2]) <= 1))
    judged = np.unique(np.append(suspects, suspects + 1))  # the second threshold is asked for these only
    limit = np.full_like(off, np.nan)
    limit[judged] = _threshold(off, judged)
    far = np.abs(_over(off, limit)) > _FAR

    around = np.pad(d_rr, 2, "reflect")
    before, after, second = around[1:-3], around[3:-1], around[4:]
    s12 = np.where(d_rr > 0, np.maximum(before, after), np.where(d_rr < 0, np.minimum(before, after), 0.0))
    s22 = np.where(d_rr >= 0, np.minimum(after, second), np.where(d_rr < 0, np.maximum(after, second), 0.0))
    ectopic = ((d_rr > 1) & (s12 < -_C1 * d_rr - _C2)) | ((d_rr < -1) & (s12 > -_C1 * d_rr + _C2))
    long = (d_rr > 1) & (s22 < -1)
    short = (d_rr < -1) & (s22 > 1)
    missed = long & (np.abs(rr / 2 - median) < limit)
    extra = short & (np.abs(rr + np.append(rr[1:], 0.0) - median) < limit)

    found: dict[int, ArtefactClass] = {}
    beyond = 0
    for k in suspects.tolist():
        if k < beyond:
            continue
        beyond = k + 1
        if ectopic[k]:
            found[k] = ArtefactClass.ECTOPIC
            continue
        if np.isnan(d_rr[k]) and not far[k]:
            continue
        if np.abs(d_rr[k + 1]) < np.abs(d_rr[k + 2]):
            beyond = k + 2
        for j in range(k, beyond):
            if extra[j]:
                found[j] = ArtefactClass.EXTRA
            elif missed[j]:
                found[j] = ArtefactClass.MISSED
            elif long[j] or short[j] or far[j]:
                found[j] = ArtefactClass.LONG if off[j] > 0 else ArtefactClass.SHORT
    return found


def _over(values: FloatArray, threshold: FloatArray) -> FloatArray:
    """Values in units of their threshold; not a number where nothing varies."""
    return np.divide(values, threshold, out=np.full_like(values, np.nan), where=threshold != 0)


def _threshold(values: FloatArray, at: IntArray | None = None) -> FloatArray:
    low, high = rolling_quantiles(np.abs(values), _SPREAD_BEATS, (0.25, 0.75), at)
    spread: FloatArray = _ALPHA * ((high - low) / 2)
    return spread
