"""What an artefact looks like that breathing cannot: the second look at what the classifier suspects.

A strap that misses a beat, invents one or puts it in the wrong place keeps the time: two intervals become one, one
becomes two, or one is as much too short as the next is too long. A premature beat and its pause do almost the same.
Breathing does none of this. It lengthens the interval at one stroke and shortens it over several beats (or the other
way round), so that the interval before a step, or the one after it, lies on the same wave. Each interval is therefore
held against what its *neighbours* lead to expect, not against how much this heart varies: a step as large as an
artefact's is none where the beats on either side explain it.

The shapes, and how far they lie apart on real recordings (docs/artefacts.md has the figures): in 19 resting recordings
the two sides of a short-long pair together never deviate by more than 27 % from the line between their neighbours; the
annotated premature beats of MIT-BIH 100 and of a two-hour Holter begin at 29 %. No resting interval exceeds its
neighbours by more than 36 %, or falls below them by more than 24 %.
"""

from dataclasses import dataclass

import numpy as np

from biotune.analysis.series import BoolArray, FloatArray, IntArray, rolling_quantiles
from biotune.domain import ArtefactClass

LEAST_PAIR = 0.28  # of the expected intervals: how much the short and the long side deviate together
LEAST_PAIR_OF_A_SUSPECT = 0.22  # where the classifier calls both of them ectopic
LEAST_SIDE = 0.07  # and each of them at least
# In a heart that varies little, smaller ones stand out, and are believed where the classifier suspects them as well
LEAST_SIDE_OF_A_SUSPECT = 0.05
SIDE_OVER_SPREAD = 2.4
LEAST_SPIKE = 0.12
SPIKE_OVER_SPREAD = 4.0
# A beat earlier than both its neighbours, before one later than both: a sinus rhythm lengthens, it does not dip first
LEAST_SIDE_OF_A_DIP = 0.03
LEAST_DIP = 0.17  # both together
GREATEST_LONG = 0.5  # a missed beat doubles the interval
GREATEST_SHORT = 0.28
BESIDE_ANOTHER = 0.18  # artefacts come in runs
SHORT_OF_LEVEL = 0.35  # against the level alone, where the neighbours themselves are in doubt

PARAMETERS = {
    "artefact_least_pair": LEAST_PAIR,
    "artefact_least_pair_of_a_suspect": LEAST_PAIR_OF_A_SUSPECT,
    "artefact_least_side": LEAST_SIDE,
    "artefact_least_dip": LEAST_DIP,
    "artefact_greatest_long": GREATEST_LONG,
    "artefact_greatest_short": GREATEST_SHORT,
    "artefact_beside_another": BESIDE_ANOTHER,
}

_LEVEL_BEATS = 21
_SPREAD_BEATS = 91
_NORMAL = 1.4826  # from the median of absolute values to a standard deviation
_NEAR_BEATS = 3  # a neighbour further off than that explains nothing
_NEIGHBOUR_RANGE = (0.75, 1.35)  # of the level: what a neighbour may say at most
_PASSES = 4
_TWICE = 1.5  # times the expected interval: nearer to two beats than to one

Classes = dict[int, ArtefactClass]


@dataclass(frozen=True, slots=True, eq=False)
class Expected:
    """What the intervals not flagged so far lead to expect; each of shape (n,).

    Attributes
    ----------
    level : ndarray
        Running median of 21 intervals, flagged ones bridged.
    before, after : ndarray
        The next interval on either side that is not flagged, seconds; the level where there is none near.
    lone : ndarray
        The middle one of those three: what a single interval is held against.
    spread : ndarray
        Of the steps from one interval to the next, as a share of the level.
    """

    level: FloatArray
    before: FloatArray
    after: FloatArray
    lone: FloatArray
    spread: FloatArray

    @classmethod
    def of(cls, rr_s: FloatArray, flagged: BoolArray) -> "Expected":
        """Expect what the intervals of one gap-free stretch (seconds) that are not flagged lead to."""
        at = np.arange(len(rr_s))
        bridged = np.interp(at, at[~flagged], rr_s[~flagged]) if not flagged.all() else rr_s
        level = rolling_quantiles(bridged, _LEVEL_BEATS, (0.5,))[0]
        steps = np.abs(np.diff(bridged, append=bridged[-1]))
        steps[-1] = steps[-2]
        spread = _NORMAL * rolling_quantiles(steps, _SPREAD_BEATS, (0.5,))[0] / level
        last = np.maximum.accumulate(np.where(flagged, -len(at), at))
        following = np.minimum.accumulate(np.where(flagged, 2 * len(at), at)[::-1])[::-1]
        before = _neighbour(rr_s, np.append(-len(at), last[:-1]), level)
        after = _neighbour(rr_s, np.append(following[1:], 2 * len(at)), level)
        return cls(level, before, after, np.median([before, after, level], axis=0), spread)

    def between(self) -> tuple[FloatArray, FloatArray]:
        """Return what the line between the outer neighbours gives for both intervals of each pair; shape (n - 1,)."""
        level = (self.level[:-1] + self.level[1:]) / 2
        low, high = _NEIGHBOUR_RANGE
        before = np.clip(self.before[:-1], low * level, high * level)
        after = np.clip(self.after[1:], low * level, high * level)
        return before + (after - before) / 3, before + 2 * (after - before) / 3


def _neighbour(rr_s: FloatArray, which: IntArray, level: FloatArray) -> FloatArray:
    near = np.abs(which - np.arange(len(rr_s))) <= _NEAR_BEATS
    return np.where(near, rr_s[np.clip(which, 0, len(rr_s) - 1)], level)


def judge(rr_s: FloatArray, suspects: Classes) -> Classes:
    """Return the intervals that have an artefact's shape.

    Parameters
    ----------
    rr_s : ndarray, shape (n,)
        Intervals of one gap-free stretch, seconds.
    suspects : dict of int to ArtefactClass
        The intervals that the classifier of Lipponen & Tarvainen suspects.

    Returns
    -------
    dict of int to ArtefactClass
        By number of the interval. Not every suspect is among them, and what the classifier overlooked where its
        thresholds had risen with many artefacts is.
    """
    suspected = np.zeros(len(rr_s), dtype=bool)
    suspected[list(suspects)] = True
    misplaced = np.zeros(len(rr_s), dtype=bool)
    misplaced[[k for k, each in suspects.items() if each is ArtefactClass.ECTOPIC]] = True
    classes: Classes = {}
    flagged = np.zeros(len(rr_s), dtype=bool)
    for _ in range(_PASSES):
        expected = Expected.of(rr_s, flagged)
        found = _singles(rr_s, expected, suspected, flagged)
        found |= {k: each for k, each in _partners(rr_s, expected, found | classes).items() if k not in classes}
        taken = flagged.copy()
        taken[list(found)] = True
        found |= _pairs(rr_s, expected, suspected, misplaced, taken)
        if not found:
            break
        classes |= found
        flagged[list(found)] = True
    return classes


def _singles(rr_s: FloatArray, expected: Expected, suspected: BoolArray, flagged: BoolArray) -> Classes:
    """Find intervals that are too long or too short for one beat, and suspects that stick out on both sides."""
    off, off_level = rr_s / expected.lone - 1, rr_s / expected.level - 1
    long = np.maximum(off, off_level) > GREATEST_LONG
    short = (off < -GREATEST_SHORT) | (off_level < -SHORT_OF_LEVEL)
    least = np.maximum(LEAST_SPIKE, SPIKE_OVER_SPREAD * expected.spread)
    upward = rr_s / np.maximum(expected.before, expected.after) - 1
    downward = 1 - rr_s / np.minimum(expected.before, expected.after)
    long |= suspected & (upward > least)
    short |= suspected & (downward > least)
    beside = np.append(flagged[1:], False) | np.append(False, flagged[:-1])
    long |= beside & (off > BESIDE_ANOTHER)
    short |= beside & (off < -BESIDE_ANOTHER)
    found: Classes = {}
    for k in np.flatnonzero((long | short) & ~flagged).tolist():
        if short[k]:
            found[k] = ArtefactClass.SHORT
        else:
            found[k] = ArtefactClass.MISSED if rr_s[k] > _TWICE * expected.lone[k] else ArtefactClass.LONG
    return found


def _partners(rr_s: FloatArray, expected: Expected, found: Classes) -> Classes:
    """Find what belongs to a single interval: the other part of an invented beat, the other side of a misplaced one."""
    partners: Classes = {}
    for k, each in found.items():
        if each in {ArtefactClass.SHORT, ArtefactClass.LONG}:
            free = [j for j in (k + 1, k - 1) if 0 <= j < len(rr_s) and found.get(j) is not ArtefactClass.MISSED]
            belonging = _belonging(rr_s, expected, k, free if each is ArtefactClass.SHORT else free[::-1])
            if belonging:
                partners |= dict.fromkeys((k, belonging[0]), belonging[1])
    return partners


def _belonging(rr_s: FloatArray, expected: Expected, k: int, near: list[int]) -> tuple[int, ArtefactClass] | None:
    """Return the neighbour that together with interval k makes one interval as expected (extra), or two (ectopic).

    It must do so better than each does on its own. A pause follows its beat, so `near` has the next interval first
    where k is too short, and the one before first where it is too long; the first that will do stays.
    """
    best_s, best = np.inf, None
    for j in near:
        one_s = (expected.lone[j] + expected.lone[k]) / 2
        both_s, alone_s = rr_s[j] + rr_s[k], abs(rr_s[k] - one_s)
        if abs(both_s - one_s) < min(abs(rr_s[j] - one_s), alone_s, best_s):
            best_s, best = abs(both_s - one_s), (j, ArtefactClass.EXTRA)
        opposite = (rr_s[j] - one_s) * (one_s - rr_s[k]) > 0 and abs(rr_s[j] / one_s - 1) > LEAST_SIDE
        makes_two_s = abs(both_s - 2 * one_s)
        if opposite and makes_two_s < min(alone_s, best_s) and (best is None or best[1] is ArtefactClass.EXTRA):
            best_s, best = makes_two_s, (j, ArtefactClass.ECTOPIC)
    return best


def _pairs(
    rr_s: FloatArray, expected: Expected, suspected: BoolArray, misplaced: BoolArray, taken: BoolArray
) -> Classes:
    """Find two neighbours of which one is too short and the other too long: a beat in the wrong place."""
    first, second = expected.between()
    off_first, off_second = rr_s[:-1] / first - 1, rr_s[1:] / second - 1
    side = np.maximum(np.minimum(-off_first, off_second), np.minimum(off_first, -off_second))
    least = np.where(misplaced[:-1] & misplaced[1:], LEAST_PAIR_OF_A_SUSPECT, LEAST_PAIR)
    wide = (side >= LEAST_SIDE) & (np.abs(off_second - off_first) >= least)
    spread = (expected.spread[:-1] + expected.spread[1:]) / 2
    stands_out = (side >= LEAST_SIDE_OF_A_SUSPECT) & (side >= SIDE_OVER_SPREAD * spread)
    stands_out &= suspected[:-1] | suspected[1:]
    short = 1 - rr_s[:-1] / np.minimum(expected.before[:-1], expected.after[1:])
    long = rr_s[1:] / np.maximum(expected.before[:-1], expected.after[1:]) - 1
    dips = (np.minimum(short, long) >= LEAST_SIDE_OF_A_DIP) & (short + long >= LEAST_DIP)
    found: Classes = {}
    free = ~(taken[:-1] | taken[1:])
    for k in np.flatnonzero((wide | stands_out | dips) & free).tolist():
        found |= {k: ArtefactClass.ECTOPIC, k + 1: ArtefactClass.ECTOPIC}
    return found
