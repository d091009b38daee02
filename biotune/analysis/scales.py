"""The scale on which a change is judged: differences as they are, ratios as their logarithm."""

import math

from biotune.domain import ChangeKind


def moved(kind: ChangeKind, estimate: float) -> float:
    """Return a change on the scale of its interval: 0 is no change.

    Examples
    --------
    >>> moved(ChangeKind.DIFFERENCE, -6.0), round(moved(ChangeKind.RATIO, 2.0), 3)
    (-6.0, 0.693)
    """
    return math.log(estimate) if kind is ChangeKind.RATIO else estimate


def told(kind: ChangeKind, moved: float) -> float:
    """Return what `moved` was made of: a ratio, or a difference.

    Examples
    --------
    >>> told(ChangeKind.DIFFERENCE, -6.0), told(ChangeKind.RATIO, 0.0)
    (-6.0, 1.0)
    """
    return math.exp(moved) if kind is ChangeKind.RATIO else moved
