"""Entropy, fluctuation and geometry of interval series that may have holes."""

import math
from collections.abc import Sequence

import numpy as np

from biotune.analysis import matches
from biotune.analysis.series import BoolArray, FloatArray, IntArray

TOLERANCE = 0.2  # of the standard deviation; Richman & Moorman 2000
BIN_MS = 50.0  # Baevsky's histogram
_MOST_AT_ONCE = 150  # intervals in a window: beyond, sorting saves more than company does
_CELLS = 1_000_000  # comparisons at once: some 20 MB
NO_VARIANCE_MS2 = 1e-8  # a box this flat carries no logarithm, as in NeuroKit2's fractal_dfa


def sample_entropy(values: FloatArray, adjacent: BoolArray, *, tolerance: float = TOLERANCE) -> float | None:
    """Sample entropy with runs of m = 2 intervals; a run never spans a hole.

    Every pair of runs counts (see `matches`): a day's 100,000 beats take about a tenth of a second, in memory that
    grows with the length.

    Parameters
    ----------
    values : ndarray, shape (n_beats,)
        Intervals, any unit.
    adjacent : ndarray of bool, shape (n_beats - 1,)
        Whether value k+1 follows value k directly.
    tolerance : float
        r as a share of the standard deviation (n - 1).

    Returns
    -------
    float or None
        -ln(A/B); None where no two runs of three agree.

    References
    ----------
    Richman & Moorman, Am J Physiol Heart Circ Physiol 278:H2039-H2049, 2000.
    """
    whole = np.flatnonzero(adjacent[:-1] & adjacent[1:]) if len(adjacent) else np.empty(0, dtype=np.int64)
    radius = tolerance * float(np.std(values, ddof=1)) if len(whole) > 1 else math.nan
    if not math.isfinite(radius):
        return None
    pairs, triples = matches.count(values, whole, radius)
    return -math.log(triples / pairs) if triples else None


def sample_entropies(
    values: FloatArray, adjacent: BoolArray, first: IntArray, end: IntArray, *, tolerance: float = TOLERANCE
) -> FloatArray:
    """Sample entropy of many short windows of one series, each as `sample_entropy` of its own.

    Every run of a window meets every other at once, many windows together: a day in windows of a minute takes a
    second. Windows of more than 150 intervals are taken one by one, which then is quicker.

    Parameters
    ----------
    values, adjacent
        As for `sample_entropy`.
    first, end : ndarray of int, shape (n_windows,)
        Each window is values[first:end].
    tolerance : float
        r as a share of each window's standard deviation.

    Returns
    -------
    ndarray, shape (n_windows,)
        NaN where no two runs of three agree.
    """
    found = np.full(len(first), np.nan)
    if not len(first):
        return found
    longest = int(np.max(end - first))
    if longest > _MOST_AT_ONCE:
        for k, (start, stop) in enumerate(zip(first, end, strict=True)):
            value = sample_entropy(values[start:stop], adjacent[start : stop - 1], tolerance=tolerance)
            found[k] = np.nan if value is None else value
        return found
    padded = np.append(values, np.zeros(longest + 2))
    follows = np.append(adjacent, np.zeros(longest + 2, dtype=bool))
    whole = follows[:-1] & follows[1:]  # a run of three begins there
    batch = max(1, _CELLS // longest**2)
    for k in range(0, len(first), batch):
        start, stop = first[k : k + batch, None], end[k : k + batch, None]
        at = start + np.arange(longest)
        inside = at < stop
        count = inside.sum(axis=1)
        window = padded[at]
        mean = np.sum(window * inside, axis=1, keepdims=True) / count[:, None]
        with np.errstate(invalid="ignore", divide="ignore"):
            spread = np.sqrt(np.sum((window - mean) ** 2 * inside, axis=1) / (count - 1))
        runs = whole[at] & (at + 2 < stop)
        near = runs[:, :, None] & runs[:, None, :]
        counted = []
        for shift in range(3):
            column = padded[at + shift]
            near &= np.abs(column[:, :, None] - column[:, None, :]) <= tolerance * spread[:, None, None]
            counted.append(np.count_nonzero(near, axis=(1, 2)) - runs.sum(axis=1))
        _, pairs, triples = counted
        some = triples > 0
        found[k : k + batch][some] = -np.log(triples[some] / pairs[some])
    return found


def dfa_alpha(stretches: Sequence[FloatArray], boxes: range) -> float | None:
    """Detrended fluctuation analysis: the scaling exponent over a range of box sizes.

    Parameters
    ----------
    stretches : sequence of ndarray
        Intervals of each gap-free stretch. A box never spans two; boxes of all stretches count alike.
        Where single beats were excluded, their neighbours are joined, which leaves the exponent of a
        positively correlated series as it is (Chen et al., Phys Rev E 65:041107, 2002).
    boxes : range
        Box sizes in beats. Boxes do not overlap.

    Returns
    -------
    float or None
        The exponent; None where no stretch holds the largest box, or nothing varies.

    References
    ----------
    Peng, Havlin, Stanley & Goldberger, Chaos 5:82-87, 1995.
    """
    profiles = [np.cumsum(values - values.mean()) for values in stretches if len(values) >= boxes[-1]]
    if not profiles:
        return None
    fluctuation = np.array([_fluctuation(profiles, size) for size in boxes])
    if not np.all(fluctuation > 0):
        return None
    return float(np.polyfit(np.log2(np.array(boxes)), np.log2(fluctuation), 1)[0])


def _fluctuation(profiles: Sequence[FloatArray], size: int) -> float:
    """Root of the mean variance about a straight line, over all whole boxes."""
    ramp = np.arange(size) - (size - 1) / 2
    line = np.stack((np.full(size, 1 / math.sqrt(size)), ramp / math.sqrt(ramp @ ramp)))  # what all lines are made of
    boxes = np.concatenate([profile[: len(profile) // size * size].reshape(-1, size) for profile in profiles])
    boxes -= (boxes @ line.T) @ line
    variance = boxes**2 @ np.full(size, 1 / size)
    variance = variance[variance > NO_VARIANCE_MS2]
    return float(np.sqrt(variance.mean())) if len(variance) else 0.0


def stress_index(values_ms: FloatArray) -> float | None:
    """Square root of Baevsky's stress index, √(1/s²).

    AMo is the share (per cent) of the fullest 50 ms bin, with edges at multiples of 50 ms; Mo is the
    median and MxDMn the range, both in seconds, as the Kubios HRV user guide takes them.

    Parameters
    ----------
    values_ms : ndarray, shape (n_beats,)
        Detrended intervals about their mean, milliseconds.

    Returns
    -------
    float or None
        √(AMo / (2·Mo·MxDMn)); None where nothing varies.

    Examples
    --------
    Four intervals, three of them in one bin: AMo 75 %, Mo 0.82 s, MxDMn 0.1 s.

    >>> round(stress_index(np.array([810.0, 820.0, 820.0, 910.0])) ** 2, 2)
    457.32
    """
    if not len(values_ms):
        return None
    spread_s = float(np.ptp(values_ms)) / 1000
    mode_s = float(np.median(values_ms)) / 1000
    if spread_s <= 0 or mode_s <= 0:
        return None
    bins = np.floor(values_ms / BIN_MS).astype(np.int64)
    fullest_pct = 100 * int(np.bincount(bins - bins.min()).max()) / len(values_ms)
    return math.sqrt(fullest_pct / (2 * mode_s * spread_s))
