"""Intervals in place of flagged ones, for those who prefer a series without holes.

The time that flagged intervals took is kept: it is shared out among as many beats as their neighbours lead to expect. A
missed beat is split so, the parts of an invented one are put together, a premature beat goes to its place. Where the
time fits no whole number of beats, the neighbours' line is taken for the values alone.
"""

import itertools
from collections.abc import Iterator

import numpy as np

from biotune.analysis.series import BeatSeries, BoolArray, FloatArray, NNSeries

_FITS = 0.15  # of an interval: a whole number of beats that differ by less from the line shares out the whole time


def replace(beats: BeatSeries, flagged: BoolArray, *, unless: BoolArray) -> NNSeries:
    """Put interpolated intervals in place of flagged ones.

    Parameters
    ----------
    beats : BeatSeries
        With a new stretch wherever nothing may be bridged.
    flagged : ndarray of bool, shape (n_beats,)
        Which to replace. Runs that have no unflagged neighbour in their stretch are left out.
    unless : ndarray of bool, shape (n_beats,)
        Which of them to leave out instead: there is nothing to replace them by.

    Returns
    -------
    NNSeries
        Unflagged intervals keep their times; there is none between two stretches that was not there before.
    """
    times: list[FloatArray] = []
    values: list[FloatArray] = []
    stretches: list[int] = []
    edges = np.flatnonzero(
        (np.diff(flagged, prepend=False, append=False) != 0) | (np.diff(beats.stretch, prepend=-1, append=-1) != 0)
    )
    for first, end in itertools.pairwise(np.unique(np.r_[0, edges, len(beats)]).tolist()):
        time_s, nn_ms = beats.time_s[first:end], beats.rr_ms[first:end]
        if flagged[first]:
            beside = tuple(_beside(beats, flagged, first, end))
            known = any(beside) and not unless[first:end].any()
            time_s, nn_ms = _shared_out(beats, first, end, beside) if known else (time_s[:0], nn_ms[:0])
        times.append(time_s)
        values.append(nn_ms)
        stretches += [int(beats.stretch[first])] * len(nn_ms)
    if not times:
        return NNSeries.from_beats(beats)
    stretch = np.array(stretches, dtype=np.int64)
    return NNSeries(np.concatenate(times), np.concatenate(values), stretch, np.arange(len(stretch), dtype=np.int64))


def _beside(beats: BeatSeries, flagged: BoolArray, first: int, end: int) -> Iterator[float]:
    """Yield the interval before and the one after, in milliseconds; 0 where there is none that counts."""
    for k in (first - 1, end):
        counts = 0 <= k < len(beats) and not flagged[k] and beats.stretch[k] == beats.stretch[first]
        yield float(beats.rr_ms[k]) if counts else 0.0


def _shared_out(beats: BeatSeries, first: int, end: int, beside_ms: tuple[float, ...]) -> tuple[FloatArray, FloatArray]:
    before_ms, after_ms = beside_ms[0] or beside_ms[1], beside_ms[1] or beside_ms[0]
    begins_s = float(beats.time_s[first] - beats.rr_ms[first] / 1000)
    taken_ms = 1000 * (float(beats.time_s[end - 1]) - begins_s)
    count = max(1, round(taken_ms / ((before_ms + after_ms) / 2)))
    nn_ms = np.linspace(before_ms, after_ms, count + 2)[1:-1]
    fits = taken_ms / nn_ms.sum()
    if abs(fits - 1) <= _FITS:
        nn_ms = nn_ms * fits
        return begins_s + np.cumsum(nn_ms) / 1000, nn_ms
    return begins_s + taken_ms / 1000 * np.arange(1, count + 1) / count, nn_ms
