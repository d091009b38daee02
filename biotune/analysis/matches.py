"""How many pairs of runs of intervals agree, which is what sample entropy counts: exactly, a day's in a blink.

Runs are sorted by their first interval, so that those that agree in it stand next to each other, and are taken in
blocks. A table of a block holds, for every k, the set of the k runs that have the smallest second (or third) interval,
one bit for a run. Two rows of it, one taken from the other, are the runs within reach of any interval; what two sets
share is one operation for 64 runs, and their bits are counted as fast.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from biotune.analysis.series import FloatArray, IntArray

Bits = NDArray[np.uint64]

_WORD = 64
_BLOCK = 1024  # runs, counted in 16 bits: their two tables are a quarter of a megabyte
_ROWS = 4096  # sets at once: half a megabyte


def count(values: FloatArray, starts: IntArray, radius: float) -> tuple[int, int]:
    """Count the pairs of runs that agree in their first two values, and in all three.

    Time grows with the pairs that agree in their first value, 64 of which are looked at at once; memory with the
    number of values.

    Parameters
    ----------
    values : ndarray, shape (n_values,)
        Finite, in any unit.
    starts : ndarray of int, shape (n_runs,)
        A run is values[start : start + 3]; at least one.
    radius : float
        Two values agree where they differ by no more; finite.

    Returns
    -------
    tuple of int
        Of each two runs once; none with itself.
    """
    distinct, rank = np.unique(values, return_inverse=True)
    nearest, beyond = _reach(distinct, radius)
    starts = starts[np.argsort(rank[starts])]
    first, second, third = (rank[starts + k] for k in range(3))
    out_of_reach = _below(first, len(distinct))[beyond[first]]  # the first run that is, of each one's
    seconds, thirds = (_Place(each, nearest[each], beyond[each], len(distinct)) for each in (second, third))
    blocks = -(-len(starts) // _BLOCK)
    size = _WORD * -(-len(starts) // (_WORD * blocks))
    in_order = _sets_of_the_smallest(np.arange(size), size)
    pairs = triples = 0
    for begin in range(0, len(starts), size):
        end = min(begin + size, len(starts))
        of_second, of_third = seconds.block(begin, end, size), thirds.block(begin, end, size)
        for rows, meet_all in _rows(begin, end, out_of_reach):
            until, since = of_second.limits(rows)
            near = of_second.between(until, since)
            if meet_all:
                pairs += int(np.sum(until - since))
            else:
                after = np.maximum(np.arange(rows.start, rows.stop) + 1 - begin, 0)  # each two runs meet once
                before = np.minimum(out_of_reach[rows], end) - begin
                near &= in_order.take(before, axis=0) ^ in_order.take(after, axis=0)
                pairs += _size(near)
            near &= of_third.between(*of_third.limits(rows))
            triples += _size(near)
    return pairs, triples


def _rows(begin: int, end: int, out_of_reach: IntArray) -> Iterator[tuple[slice, bool]]:
    """Yield the runs that a block's may agree with, up to its own, and whether all its first values are in their reach.

    Those further down come first, whose reach ends within the block; the block's own come last.
    """
    some, every = np.minimum(begin, (np.searchsorted(out_of_reach, [begin + 1, end]))).tolist()
    for low, high, meet_all in ((some, every, False), (every, begin, True), (begin, end, False)):
        for top in range(low, high, _ROWS):
            yield slice(top, min(top + _ROWS, high)), meet_all


def _reach(distinct: FloatArray, radius: float) -> tuple[IntArray, IntArray]:
    """Find which values agree with each: from the first number until before the second.

    What is rounded in a sum but not in a difference is put right.
    """
    last = len(distinct) - 1
    beyond = np.searchsorted(distinct, distinct + radius, side="right")
    while len(over := np.flatnonzero(distinct[beyond - 1] - distinct > radius)):
        beyond[over] -= 1
    while len(under := np.flatnonzero((beyond <= last) & (distinct[np.minimum(beyond, last)] - distinct <= radius))):
        beyond[under] += 1
    return _below(beyond, last + 1)[1:], beyond


def _below(numbers: IntArray, most: int) -> IntArray:
    """How many of the numbers, which are from 0 to `most`, are below 0, 1, 2 ... `most`."""
    return np.cumsum(np.bincount(numbers + 1, minlength=most + 1))[: most + 1]


@dataclass(frozen=True, slots=True, eq=False)
class _Place:
    """What all runs have in one place.

    Attributes
    ----------
    rank : ndarray of int, shape (n_runs,)
        Among the distinct values.
    nearest, beyond : ndarray of int, shape (n_runs,)
        The first rank that agrees with each, and the first one above that does not.
    distinct : int
        How many ranks there are.
    """

    rank: IntArray
    nearest: IntArray
    beyond: IntArray
    distinct: int

    def block(self, begin: int, end: int, size: int) -> "_Block":
        """Lay out what the runs of a block have in this place."""
        order = np.argsort(self.rank[begin:end])
        ranks = self.rank[begin:end][order]
        many = np.arange(len(order) + 1, dtype=np.int16)
        below = np.repeat(many, np.diff(ranks, prepend=-1, append=self.distinct))
        return _Block(self, below, _sets_of_the_smallest(order, size))


@dataclass(frozen=True, slots=True, eq=False)
class _Block:
    """What the runs of a block have in one place.

    Attributes
    ----------
    place : _Place
        What all runs have there.
    below : ndarray of int16, shape (n_distinct + 1,)
        How many of the block are below each rank.
    smallest : ndarray of uint64, shape (n_in_block + 1, n_words)
        The sets of those that have the 0, 1, 2 ... smallest.
    """

    place: _Place
    below: NDArray[np.int16]
    smallest: Bits

    def limits(self, rows: slice) -> tuple[NDArray[np.int16], NDArray[np.int16]]:
        """Return, of runs, how many of the block are below the end of their reach, and below its beginning."""
        return self.below[self.place.beyond[rows]], self.below[self.place.nearest[rows]]

    def between(self, until: NDArray[np.int16], since: NDArray[np.int16]) -> Bits:
        """Return the sets of those within such limits; shape (n, n_words)."""
        found: Bits = self.smallest.take(until, axis=0)
        found ^= self.smallest.take(since, axis=0)
        return found


def _sets_of_the_smallest(order: IntArray, size: int) -> Bits:
    """Return the sets of the first 0, 1, 2 ... of `order`, bits of up to `size`; shape (n + 1, size / 64)."""
    sets = np.zeros((len(order) + 1, size // _WORD), dtype=np.uint64)
    sets[np.arange(1, len(order) + 1), order // _WORD] = np.uint64(1) << (order % _WORD).astype(np.uint64)
    return np.bitwise_or.accumulate(sets, axis=0, out=sets)


def _size(sets: Bits) -> int:
    """How many there are in all sets together; 2³² would take a hundred times what is looked at at once."""
    return int(np.bitwise_count(sets).sum(dtype=np.uint32))
