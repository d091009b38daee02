"""Whether heart rate variability means anything here at all."""

from biotune.analysis.series import BeatSeries, BoolArray
from biotune.domain import Rhythm

LEAST_BEATS = 60


def assess(beats: BeatSeries, flagged: BoolArray) -> Rhythm:
    """Tell a regular rhythm from an irregular one."""
    if len(beats) - int(flagged.sum()) < LEAST_BEATS:
        return Rhythm.UNKNOWN
    return Rhythm.REGULAR
