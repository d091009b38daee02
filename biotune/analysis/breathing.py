"""Breathing rate from the respiratory wave in the intervals."""

from dataclasses import dataclass

from biotune.analysis.series import NNSeries


@dataclass(frozen=True, slots=True)
class Breathing:
    """How fast the client breathed, and how far that can be trusted.

    Attributes
    ----------
    rate_per_min : float
        Breaths per minute.
    confidence : float
        From 0 to 1; below 0.5 the rate is not to be relied on.
    """

    rate_per_min: float
    confidence: float


def estimate(nn: NNSeries) -> Breathing | None:
    """Find the respiratory peak of the intervals' spectrum."""
    del nn
    return None
