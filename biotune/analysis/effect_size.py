"""Standardised effects of paired changes."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

LEAST_CLIENTS = 4  # below, a correlation and two standard deviations say next to nothing
STANDARDISER = "square root of the mean of both variances"
NORMAL = 1.959963984540054  # 97.5 % of the normal distribution


@dataclass(frozen=True, slots=True)
class HedgesG:
    """Hedges' g of paired values, with its 95 % interval.

    Attributes
    ----------
    value, low, high : float
        g and its interval.
    error : float
        Standard error of d, of which the interval is made.
    correlation : float
        Of before and after, r.
    """

    value: float
    low: float
    high: float
    error: float
    correlation: float

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "value": self.value,
            "low": self.low,
            "high": self.high,
            "correlation": self.correlation,
            "standardiser": STANDARDISER,
        }


def correction(df: float) -> float:
    """Return Hedges' exact small-sample factor J = Γ(df/2) / (√(df/2) Γ((df − 1)/2)).

    Parameters
    ----------
    df : float
        Degrees of freedom, at least 2 (Hedges, J Educ Stat 6:107-128, 1981).

    Examples
    --------
    With two degrees of freedom it is 1/√π.

    >>> round(correction(2), 4)
    0.5642
    """
    log = special.gammaln(df / 2) - math.log(math.sqrt(df / 2)) - special.gammaln((df - 1) / 2)
    return math.exp(float(log))


def from_summary(change: float, sd_before: float, sd_after: float, r: float, n: int) -> HedgesG:
    """Return g from means and standard deviations.

    d is the change over √((SD_before² + SD_after²)/2), g is d·J with 2(n − 1)/(1 + r²) degrees of freedom
    (Goulet-Pelletier & Cousineau, Quant Methods Psychol 14:242-265, 2018); the interval is d ± 1.96 standard errors
    by Bonett, Psychol Methods 13:99-109, 2008. docs/method.md tells how often it holds.

    Parameters
    ----------
    change : float
        Mean after minus mean before.
    sd_before, sd_after : float
        Standard deviations (n − 1).
    r : float
        Correlation of before and after.
    n : int
        Number of pairs.
    """
    first, second = sd_before**2, sd_after**2
    middle = (first + second) / 2
    df = n - 1
    d = change / math.sqrt(middle)
    of_spread = d**2 * (first**2 + second**2 + 2 * r**2 * first * second) / (8 * df * middle**2)
    of_mean = (first + second - 2 * r * sd_before * sd_after) / (df * middle)
    error = math.sqrt(of_spread + of_mean)
    half = NORMAL * error
    return HedgesG(d * correction(2 * df / (1 + r**2)), d - half, d + half, error, r)


def paired(before: Sequence[float], after: Sequence[float]) -> HedgesG | None:
    """Return Hedges' g of after against before; None where it cannot be told.

    Parameters
    ----------
    before, after : sequence of float, length n_clients
        One pair a client, on the scale on which changes are differences.

    Returns
    -------
    HedgesG or None
        None below four clients, or where nothing varies.
    """
    first, second = np.array(before), np.array(after)
    if len(first) < LEAST_CLIENTS or min(first.std(), second.std(), (second - first).std()) < 1e-12:  # noqa: PLR2004 - 0 but for rounding
        return None
    r = float(np.corrcoef(first, second)[0, 1])
    change = float(second.mean() - first.mean())
    return from_summary(change, float(first.std(ddof=1)), float(second.std(ddof=1)), r, len(first))
