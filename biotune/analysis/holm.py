"""Several questions at once: p-values corrected so that the whole family errs in at most 5 %."""

from collections.abc import Sequence


def adjusted(p: Sequence[float]) -> tuple[float, ...]:
    """Correct a family of p-values (Holm, Scand J Stat 6:65-70, 1979).

    The smallest is multiplied by their number m, the next by m − 1, and so on; none becomes smaller than the one
    before it, nor larger than 1.

    Parameters
    ----------
    p : sequence of float
        In any order.

    Examples
    --------
    >>> [round(each, 2) for each in adjusted([0.01, 0.04, 0.03])]
    [0.03, 0.06, 0.06]
    """
    corrected = [1.0] * len(p)
    reached = 0.0
    for rank, index in enumerate(sorted(range(len(p)), key=lambda each: p[each])):
        reached = max(reached, min(1.0, (len(p) - rank) * p[index]))
        corrected[index] = reached
    return tuple(corrected)
