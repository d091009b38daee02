"""A sitting while it happens: what can be run, how it stands, and what people do in it.

Recording runs in a process of its own; this side reads the log by a cursor and appends lines. A tail costs as much as
what was added since the last one; only feedback, where somebody wants it, is analysed.
"""

from biotune.live.reading import SHOWN_S, SILENT_AFTER_S
from biotune.live.sittings import Live, profiles
from biotune.live.values import (
    PacerNow,
    PhaseNow,
    PhaseSpan,
    PlannedPhase,
    Point,
    Protocol,
    Standing,
    StrapNow,
    StrapState,
    Swing,
    Tail,
)

__all__ = [
    "SHOWN_S",
    "SILENT_AFTER_S",
    "Live",
    "PacerNow",
    "PhaseNow",
    "PhaseSpan",
    "PlannedPhase",
    "Point",
    "Protocol",
    "Standing",
    "StrapNow",
    "StrapState",
    "Swing",
    "Tail",
    "profiles",
]
