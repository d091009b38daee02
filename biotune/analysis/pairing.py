"""Which two windows of a session are compared, and why these.

By default the last five minutes of the baseline against the last five of the recovery, or of the
last intervention that may be compared where there is no recovery. Both windows have one length: the
shorter one's.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from biotune.analysis import pacing
from biotune.analysis.timeline import Timeline
from biotune.domain import Activity, Caveat, Phase, PhaseKind
from biotune.domain.plain_text import listed
from biotune.domain.quiet import NOT_QUIET
from biotune.errors import AnalysisError, UsageError

WINDOW_S = 300.0  # five minutes: Task Force 1996
LEAST_WINDOW_S = 10.0  # the least length of a heart rate
LEAST_RECOVERY_S = 60.0  # the least length of RMSSD; a shorter recovery is not taken by default
SETTLING_S = 120.0  # a convention: long enough for the heart rate of sitting down to pass
ROUNDING_S = 1.0  # a phase that people end by hand, or on a beat, is not a different length for less than this
_SPAN = re.compile(r"\s*(\d+(?:\.\d+)?)\s*-\s*(\d+(?:\.\d+)?)\s*")

_DOING: dict[Activity | None, str] = {
    Activity.DRUMMING: "drums",
    Activity.PLAYING: "plays",
    Activity.MUSCLE_RELAXATION: "tenses muscles",
    Activity.SINGING: "sings",
    Activity.SONGWRITING: "sings and speaks",
}


@dataclass(frozen=True, slots=True)
class Pair:
    """Two windows of one length.

    Attributes
    ----------
    before, after : Phase
        The windows, named as their phases or as the span that was asked for.
    reason : str
        Why these two, in a sentence; empty for the default of a session with a quiet intervention.
    caveats : tuple of Caveat
        What the choice itself makes necessary to say.
    comparable : bool
        Whether a change between the two says anything about the client.
    """

    before: Phase
    after: Phase
    reason: str
    caveats: tuple[Caveat, ...]
    comparable: bool

    @property
    def window_s(self) -> float:
        """Length of either window in seconds."""
        return self.before.duration_s


def choose(timeline: Timeline, before: str | None = None, after: str | None = None) -> Pair:
    """Choose the two windows.

    Parameters
    ----------
    timeline : Timeline
        The recording.
    before, after : str, optional
        A phase's name, or ``START-END`` in seconds of session time. Of a phase the last five minutes are taken,
        a span is taken whole.

    Raises
    ------
    UsageError
        Where there is no such phase, the span is impossible, or the two windows overlap.
    AnalysisError
        Where the recording has no two phases to compare.
    """
    first = _asked(timeline, before) if before is not None else _baseline(timeline, after)
    second, reason = (_asked(timeline, after), "") if after is not None else _afterwards(timeline.phases, first)
    lengths_s = [_offered_s(first, before), _offered_s(second, after)]
    window_s = min(lengths_s)
    for phase in (first, second):
        if phase.duration_s < LEAST_WINDOW_S:
            raise AnalysisError(
                f"{phase.name} is too short to compare",
                why=f"It is {phase.duration_s:.1f} s long; the least is {LEAST_WINDOW_S:.0f} s.",
            )
    cut_first, cut_second = (_cut(timeline.phases, phase, window_s) for phase in (first, second))
    if cut_first.start_s < cut_second.end_s and cut_second.start_s < cut_first.end_s:
        raise UsageError(
            f"{first.name} and {second.name} overlap",
            why="A window compared with itself shows nothing.",
            hint=_known(timeline),
        )
    caveats = {NOT_QUIET[phase.activity] for phase in (cut_first, cut_second) if phase.activity in NOT_QUIET}
    comparable = not caveats or cut_first.activity is cut_second.activity
    if not comparable:
        reason = _not_comparable(cut_first, cut_second)
    if max(lengths_s) - window_s > ROUNDING_S:
        caveats.add(Caveat.UNEQUAL_WINDOWS)
    caveats |= _of_setting(timeline, cut_first, cut_second)
    return Pair(cut_first, cut_second, reason, tuple(each for each in Caveat if each in caveats), comparable)


def _cut(phases: Sequence[Phase], phase: Phase, window_s: float) -> Phase:
    """Keep the end of a phase or span; what is known of a span is what is known of the part that is kept."""
    kept = replace(phase, start_s=phase.end_s - window_s)
    return _within(phases, kept) if _SPAN.fullmatch(phase.name) else kept


def _offered_s(phase: Phase, asked: str | None) -> float:
    """How long a window the phase may give: five minutes, or all of a span that somebody chose."""
    chosen = asked is not None and phase.name == asked.strip() and _SPAN.fullmatch(asked) is not None
    return phase.duration_s if chosen else min(phase.duration_s, WINDOW_S)


# ---------------------------------------------------------------- asked for by name


def _asked(timeline: Timeline, asked: str) -> Phase:
    name = asked.strip()
    for known, wanted in ((str, name), (str.lower, name.lower())):  # as it stands before any other case
        for phase in timeline.phases:
            if known(phase.name) == wanted:
                return phase
    span = _SPAN.fullmatch(asked)
    if span is None:
        raise UsageError(f"there is no phase {name!r} in this recording", hint=_known(timeline))
    start_s, end_s = float(span[1]), float(span[2])
    begins_s, ends_s = _bounds(timeline)
    if end_s <= start_s:
        raise UsageError(f"the window {name} ends before it starts", hint="Give START-END in seconds, such as 0-300.")
    if start_s < begins_s - ROUNDING_S or end_s > ends_s + ROUNDING_S:
        raise UsageError(
            f"the window {name} reaches outside the recording",
            why=f"It runs from {begins_s:.0f} to {ends_s:.0f} s.",
        )
    return Phase(name, PhaseKind.OTHER, None, start_s, end_s)


def _bounds(timeline: Timeline) -> tuple[float, float]:
    starts = [phase.start_s for phase in timeline.phases]
    return min([0.0, *starts] if not timeline.own_times else starts), timeline.duration_s


def _within(phases: Sequence[Phase], span: Phase) -> Phase:
    """Give a span what is known of the phases it touches: where the client sings in any, the client sings."""
    shared = [(min(p.end_s, span.end_s) - max(p.start_s, span.start_s), p) for p in phases]
    touched = sorted((each for each in shared if each[0] > ROUNDING_S), key=lambda each: each[0], reverse=True)
    if not touched:
        return span
    loud = [phase for _, phase in touched if phase.activity in NOT_QUIET]
    most = touched[0][1]
    kind = most.kind if len(touched) == 1 else PhaseKind.OTHER
    activity = loud[0].activity if loud else most.activity
    paced = any(phase.paced for _, phase in touched)
    return replace(span, kind=kind, activity=activity, posture=most.posture, paced=paced)


def _known(timeline: Timeline) -> str:
    begins_s, ends_s = _bounds(timeline)
    names = listed([phase.name for phase in timeline.phases])
    return f"It has: {names}. Or give START-END in seconds, between {begins_s:.0f} and {ends_s:.0f}."


# ---------------------------------------------------------------- chosen by default


def _baseline(timeline: Timeline, after: str | None) -> Phase:
    """Return the last baseline before what it is compared with, or else the first there is."""
    baselines = [phase for phase in timeline.phases if phase.kind is PhaseKind.BASELINE]
    if not baselines:
        raise AnalysisError(
            "there is no baseline to compare with",
            why="No phase of this recording is a baseline." if _is_marked(timeline) else "No phases are marked.",
            hint=f"Say which two windows: --before PHASE --after PHASE. {_known(timeline)}",
        )
    reference = _asked(timeline, after) if after is not None else _last_response(timeline.phases)
    earlier = [phase for phase in baselines if reference is None or phase.end_s <= reference.start_s + ROUNDING_S]
    return earlier[-1] if earlier else baselines[0]


def _is_marked(timeline: Timeline) -> bool:
    return any(phase.kind is not PhaseKind.WHOLE for phase in timeline.phases)


def _last_response(phases: Sequence[Phase]) -> Phase | None:
    recoveries = [p for p in phases if p.kind is PhaseKind.RECOVERY and p.duration_s >= LEAST_RECOVERY_S]
    interventions = [phase for phase in phases if phase.kind is PhaseKind.INTERVENTION]
    quiet = [phase for phase in interventions if phase.activity not in NOT_QUIET]
    candidates = recoveries or quiet or interventions
    return candidates[-1] if candidates else None


def _afterwards(phases: Sequence[Phase], first: Phase) -> tuple[Phase, str]:
    """Say what the first window is compared with, and why."""
    later = [phase for phase in phases if phase.start_s >= first.end_s - ROUNDING_S]
    second = _last_response(later)
    if second is None:
        short_s = [phase.duration_s for phase in later if phase.kind is PhaseKind.RECOVERY]
        raise AnalysisError(
            f"there is nothing to compare {first.name} with",
            why=(
                f"The recovery is {short_s[-1]:.0f} s long; below {LEAST_RECOVERY_S:.0f} s it must be asked for."
                if short_s
                else "No intervention and no recovery follows it."
            ),
            hint="Say which window: --after PHASE, or --after START-END in seconds.",
        )
    loud = [p for p in later if p.kind is PhaseKind.INTERVENTION and p.activity in NOT_QUIET]
    short = any(phase.kind is PhaseKind.RECOVERY for phase in later) and second.kind is not PhaseKind.RECOVERY
    if second.kind is PhaseKind.RECOVERY:
        return second, _why_recovery(loud[-1], second) if loud else ""
    missing = f"The recovery is shorter than {LEAST_RECOVERY_S:.0f} s" if short else "There is no recovery"
    return second, f"{missing}, so {first.name} is compared with {second.name}."


def _why_recovery(loud: Phase, second: Phase) -> str:
    return (
        f"In {loud.name} the client {_DOING[loud.activity]}, which changes the heart's rhythm by itself, "
        f"so the quiet {second.name} is compared instead."
    )


def _not_comparable(first: Phase, second: Phase) -> str:
    loud, quiet = (first, second) if first.activity in NOT_QUIET else (second, first)
    return (
        f"In {loud.name} the client {_DOING[loud.activity]}, which changes the heart's rhythm by itself: "
        f"it cannot be compared with {quiet.name}."
    )


# ---------------------------------------------------------------- what must be said of it


def _of_setting(timeline: Timeline, first: Phase, second: Phase) -> set[Caveat]:
    caveats = set()
    if first.duration_s < WINDOW_S - ROUNDING_S:
        caveats.add(Caveat.ULTRA_SHORT)
    if first.posture and second.posture and first.posture != second.posture:
        caveats.add(Caveat.POSTURE_DIFFERS)
    if any(_is_paced(timeline, phase) for phase in (first, second)):
        caveats.add(Caveat.PACER)
    if first.activity not in NOT_QUIET and first.start_s - _bounds(timeline)[0] < SETTLING_S - ROUNDING_S:
        caveats.add(Caveat.SETTLING_SHORT)
    return caveats


def _is_paced(timeline: Timeline, window: Phase) -> bool:
    """Tell whether a pacer led breathing in a window: as planned, or because somebody switched it on."""
    planned = window.paced or window.activity is Activity.PACED_BREATHING
    return planned or pacing.ran_in(timeline.paced, window)
