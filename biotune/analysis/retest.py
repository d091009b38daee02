"""How far two resting measurements of one person lie apart anyway: the yardstick of a clear change.

Published until three quiet-rest sessions of the client exist, from then on the client's own.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from biotune.domain import ChangeKind

# Coefficients of variation of two resting measurements, 20 to 30 minutes apart, nothing between them:
# Cipryan 2016, n = 30; of mean RR, RMSSD and LF.
RETEST_CV = {"mean_hr": 0.052, "rmssd": 0.211, "lf": 0.939}
NORMAL = 1.96  # of 30 people's spread, which counts as known
LEAST_SESSIONS = 3
LEAST_FOR_TREND = 5  # of a client's values over sessions: fewer leave a line next to no degrees of freedom


@dataclass(frozen=True, slots=True)
class OwnRetest:
    """A client's own: how far one more change at rest may lie from none.

    Attributes
    ----------
    n : int
        Changes it is from, at least `LEAST_SESSIONS`.
    spread : float
        Their standard deviation, on the scale of `scales.moved`.
    reach : float
        The smallest detectable change, on that scale.
    mean : float
        Their mean: the drift at quiet rest.
    """

    n: int
    spread: float
    reach: float
    mean: float = 0.0

    def beyond(self, half_width: float) -> float:
        """Return half of the 95 % interval of a change less the drift; `half_width` is that of the change itself.

        The reach of a change at rest about the client's mean (or the change's own interval, where that is wider), and
        how far that mean is known.
        """
        about_mean = quantile(self.n) * self.spread
        return math.hypot(max(about_mean, half_width), about_mean / math.sqrt(self.n))

    def explains(self, moved: float, half_width: float) -> bool:
        """Whether resting alone may explain a change."""
        return abs(moved - self.mean) <= self.beyond(half_width)


def own(moved: Sequence[float]) -> OwnRetest | None:
    """Return a client's own smallest detectable change: t(0.975, n − 1)·SD·√(1 + 1/n).

    Parameters
    ----------
    moved : sequence of float
        Changes in quiet-rest sessions: differences, or logarithms of ratios.

    Returns
    -------
    OwnRetest or None
        None below three sessions.

    Examples
    --------
    Four changes of −1, 1, −2 and 2: SD is √(10/3) = 1.826, t with 3 degrees of freedom 3.182.

    >>> round(own([-1, 1, -2, 2]).reach, 3)
    6.496
    >>> own([-1, 1]) is None
    True
    """
    n = len(moved)
    if n < LEAST_SESSIONS:
        return None
    spread = float(np.std(moved, ddof=1))
    return OwnRetest(n, spread, quantile(n) * spread * math.sqrt(1 + 1 / n), float(np.mean(moved)))


def quantile(n: int) -> float:
    """Return t(0.975, n − 1)."""
    return float(stats.t.ppf(0.975, n - 1))


def published_ratio(key: str) -> float | None:
    """Return the published smallest detectable change as a ratio above 1; None where nobody has published one."""
    spread = published_spread(key)
    return None if spread is None else math.exp(NORMAL * spread)


def published_spread(key: str) -> float | None:
    """Return the published standard deviation of the logarithm of a change at rest; None where there is none."""
    return math.sqrt(2) * math.log(1 + RETEST_CV[key]) if key in RETEST_CV else None


def smallest_detectable(
    key: str, kind: ChangeKind, before: float, *, falls: bool, own: OwnRetest | None = None
) -> float | None:
    """Return how large a change must be to exceed the difference between two resting measurements.

    Parameters
    ----------
    key : str
        A metric's key.
    kind : ChangeKind
        How its change is expressed.
    before : float
        Its value in the first window.
    falls : bool
        Whether the change is a fall, which by the published figure needs less than a rise where it is a difference.
    own : OwnRetest, optional
        The client's own, which takes the place of the published one.

    Returns
    -------
    float or None
        A ratio above 1, or a positive difference in the metric's unit; None where nothing is known.
    """
    if own is not None:
        return math.exp(own.reach) if kind is ChangeKind.RATIO else own.reach
    ratio = published_ratio(key)
    if ratio is None or kind is ChangeKind.RATIO:
        return ratio
    return before * (1 - 1 / ratio) if falls else before * (ratio - 1)
