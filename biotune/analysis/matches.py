"""How many pairs of runs of intervals agree, which is what sample entropy counts: exactly, a day's in a blink.

Runs are sorted by their first interval, so that those that agree in it stand next to each other, and are taken in
blocks. A table of a block holds, for every k, the set of the k runs that have the smallest second (or third) interval,
one bit for a run. Two rows of it, one taken from the other, are the runs within reach of any interval; what two sets
share is one operation for 64 runs, and their bits are counted as fast.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from biotune.analysis.series import FloatArray, IntArray

Bits = NDArray[np.uint64]

_WORD = 64
_BLOCK = 2048  # runs: their two tables are 1 MB
_ROWS = 1024  # sets at once: 0.25 MB, which stays close to the processor


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
    first = rank[starts]
    out_of_reach = np.searchsorted(first, beyond[first])  # the first run that is, of each one's
    second, third = (_Places(rank[starts + k], nearest, beyond) for k in (1, 2))
    blocks = -(-len(starts) // _BLOCK)
    size = _WORD * -(-len(starts) // (_WORD * blocks))
    in_order = _sets_of_the_smallest(np.arange(size), size)
    pairs = triples = 0
    for begin in range(0, len(starts), size):
        end = min(begin + size, len(starts))
        agree_in_second, agree_in_third = second.block(begin, end, size), third.block(begin, end, size)
        earliest = min(begin, int(np.searchsorted(out_of_reach, begin, side="right")))
        for top in range(earliest, end, _ROWS):
            rows = slice(top, min(top + _ROWS, end))
            near = agree_in_second(rows)
            short = out_of_reach[rows][: np.searchsorted(out_of_reach[rows], end)]  # these do not reach the block's end
            near[: len(short)] &= in_order[short - begin]
            own = np.arange(max(begin, top), rows.stop)  # each of the block meets those that come after it
            near[len(near) - len(own) :] &= ~in_order[own + 1 - begin]
            pairs += _size(near)
            near &= agree_in_third(rows)
            triples += _size(near)
    return pairs, triples


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
    return np.searchsorted(beyond, np.arange(len(distinct)), side="right"), beyond


@dataclass(frozen=True, slots=True, eq=False)
class _Places:
    """What all runs have in one place.

    Attributes
    ----------
    rank : ndarray of int, shape (n_runs,)
        Among the distinct values.
    nearest, beyond : ndarray of int, shape (n_distinct,)
        What agrees with each of those.
    """

    rank: IntArray
    nearest: IntArray
    beyond: IntArray

    def block(self, begin: int, end: int, size: int) -> Callable[[slice], Bits]:
        """Return what gives, of runs, the sets of those in a block that agree with each; shape (n, size / 64)."""
        rank = self.rank[begin:end]
        below = np.cumsum(np.bincount(rank + 1, minlength=len(self.beyond) + 1))  # how many each rank exceeds
        smallest = _sets_of_the_smallest(np.argsort(rank), size)

        def agree(rows: slice) -> Bits:
            of = self.rank[rows]
            found: Bits = smallest.take(below[self.beyond[of]], axis=0)
            found ^= smallest.take(below[self.nearest[of]], axis=0)
            return found

        return agree


def _sets_of_the_smallest(order: IntArray, size: int) -> Bits:
    """Return the sets of the first 0, 1, 2 ... of `order`, bits of up to `size`; shape (n + 1, size / 64)."""
    sets = np.zeros((len(order) + 1, size // _WORD), dtype=np.uint64)
    sets[np.arange(1, len(order) + 1), order // _WORD] = np.uint64(1) << (order % _WORD).astype(np.uint64)
    return np.bitwise_or.accumulate(sets, axis=0, out=sets)


def _size(sets: Bits) -> int:
    """How many there are in all sets together; 2³² would take a hundred times what is looked at at once."""
    return int(np.bitwise_count(sets).sum(dtype=np.uint32))
