"""What the client does in a phase, and whether that by itself moves the heart."""

from biotune.domain.vocabulary import Activity, Caveat, PhaseKind

# In these the client speaks, sings, plays or moves, which moves the heart by itself (method, "Before and after").
NOT_QUIET: dict[Activity, Caveat] = {
    Activity.DRUMMING: Caveat.MOVEMENT,
    Activity.PLAYING: Caveat.MOVEMENT,
    Activity.MUSCLE_RELAXATION: Caveat.MOVEMENT,
    Activity.SINGING: Caveat.VOICE,
    Activity.SONGWRITING: Caveat.VOICE,
}

_RESTING = frozenset({PhaseKind.SETTLING, PhaseKind.BASELINE, PhaseKind.RECOVERY})


def rests(kind: PhaseKind, activity: Activity | None) -> bool:
    """Tell whether the client rests in a phase, so that no music belongs to it by plan.

    Examples
    --------
    >>> rests(PhaseKind.RECOVERY, None), rests(PhaseKind.INTERVENTION, Activity.LISTENING)
    (True, False)
    """
    return activity is Activity.REST if activity else kind in _RESTING
