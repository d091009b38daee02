"""What a client's quiet rest does between the windows of a music session.

A quiet-rest session is one whose interventions are all rest, without music and without a pacer. Of it, the phases of
the same kind are taken as were compared in the music session, and of them windows of the same length; a window that was
chosen by its time is taken at the same distance from the start of the baseline.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from biotune.analysis import comparison, pairing
from biotune.analysis.pairing import ROUNDING_S, Pair
from biotune.analysis.phases import Prepared
from biotune.analysis.quiet_rest import RestChange
from biotune.analysis.timeline import Timeline
from biotune.domain import Activity, Entry, MusicAct, MusicEvent, PacerSet, Phase, PhaseKind, PhaseStarted, Recording
from biotune.errors import AnalysisError, UsageError
from biotune.settings import Limits

_NAMED = frozenset({PhaseKind.BASELINE, PhaseKind.INTERVENTION, PhaseKind.RECOVERY, PhaseKind.SETTLING})
_SOUNDS = frozenset({MusicAct.PLAY, MusicAct.SYNC})


@dataclass(frozen=True, slots=True)
class Place:
    """Where a window lies in a session, told so that it can be found in another one.

    Attributes
    ----------
    kind : PhaseKind or None
        It is the end of a phase of this kind; None where it was chosen by its time.
    from_baseline_s : float
        From the start of the first baseline to its own; of account only where it was chosen by its time.
    posture : str
        Empty where unknown.
    """

    kind: PhaseKind | None
    from_baseline_s: float
    posture: str


@dataclass(frozen=True, slots=True)
class Shape:
    """Two windows of one length, told so that they can be found in another session."""

    before: Place
    after: Place
    window_s: float

    @property
    def key(self) -> str:
        """The same for the same windows."""
        places = ">".join(
            f"{place.kind or round(place.from_baseline_s, 1)}@{place.posture}" for place in (self.before, self.after)
        )
        return f"{places}:{self.window_s:.0f}"


def is_quiet_rest(entries: Iterable[Entry]) -> bool:
    """Tell whether a session is the client's own control: as long a sitting, in silence throughout.

    Parameters
    ----------
    entries : iterable of Entry
        The session's; none but the phases', the music's and the pacer's are looked at.
    """
    interventions = 0
    for entry in entries:
        if isinstance(entry, MusicEvent) and entry.act in _SOUNDS:
            return False
        if isinstance(entry, PacerSet) and entry.on:
            return False
        if isinstance(entry, PhaseStarted) and entry.kind is PhaseKind.INTERVENTION:
            interventions += 1
            if entry.activity is not Activity.REST or entry.paced:
                return False
    return interventions > 0


def shape(timeline: Timeline, pair: Pair) -> Shape | None:
    """Tell where a session's two windows lie; None where another session has no such place."""
    places = (_place(timeline, pair.before), _place(timeline, pair.after))
    if places[0] is None or places[1] is None:
        return None
    return Shape(places[0], places[1], pair.window_s)


def _place(timeline: Timeline, window: Phase) -> Place | None:
    names = {phase.name for phase in timeline.phases}
    if window.name in names and window.kind in _NAMED:
        return Place(window.kind, 0.0, window.posture)
    baseline = _first(timeline, PhaseKind.BASELINE)
    return None if baseline is None else Place(None, window.start_s - baseline.start_s, window.posture)


def _first(timeline: Timeline, kind: PhaseKind) -> Phase | None:
    return next((phase for phase in timeline.phases if phase.kind is kind), None)


@dataclass(frozen=True, slots=True)
class AtRest:
    """What one quiet-rest session does between two windows.

    Attributes
    ----------
    changes : mapping of str to RestChange
        By metric key; empty where the session has no such windows, or they are shorter.
    other_posture : bool
        Whether the client is known to have sat or lain otherwise.
    """

    changes: Mapping[str, RestChange]
    other_posture: bool = False


def measure(recording: Recording, prepared: Prepared, shape: Shape, *, session: str, limits: Limits) -> AtRest:
    """Measure a quiet-rest session's changes between those windows.

    Parameters
    ----------
    recording : Recording
        Of a quiet-rest session.
    prepared : Prepared
        The same.
    shape : Shape
        Of the music session's windows.
    session : str
        The quiet-rest session's id.
    limits : Limits
        When the signal is too poor.

    Returns
    -------
    AtRest
    """
    windows = _windows(prepared.timeline, shape)
    if windows is None:
        return AtRest({})
    try:
        made = comparison.compare(recording, before=windows[0], after=windows[1], limits=limits, prepared=prepared)
    except (AnalysisError, UsageError):  # no heartbeat there, or the windows overlap
        return AtRest({})
    changes = {
        key: RestChange(session, change.moved, change.half_width)
        for key, change in made.changes.items()
        if change.moved is not None and change.half_width is not None
    }
    pairs = ((shape.before, made.before), (shape.after, made.after))
    return AtRest(changes, any(p.posture and w.posture and p.posture != w.posture for p, w in pairs))


def _windows(timeline: Timeline, shape: Shape) -> tuple[str, str] | None:
    """Return both windows as they are asked for; None where the session has none of that length there."""
    before = _window(timeline, shape.before, shape.window_s, after_s=0.0)
    if before is None:
        return None
    after = _window(timeline, shape.after, shape.window_s, after_s=before[1])
    return None if after is None else (_asked(before), _asked(after))


def _asked(window: tuple[float, float]) -> str:
    return f"{window[0]:.3f}-{window[1]:.3f}"


def _window(timeline: Timeline, place: Place, window_s: float, *, after_s: float) -> tuple[float, float] | None:
    if place.kind is None:
        baseline = _first(timeline, PhaseKind.BASELINE)
        if baseline is None:
            return None
        start_s = baseline.start_s + place.from_baseline_s
        fits = start_s >= 0 and start_s + window_s <= timeline.duration_s + pairing.ROUNDING_S
        return (start_s, start_s + window_s) if fits else None
    found = [p for p in timeline.phases if p.kind is place.kind and p.start_s >= after_s - ROUNDING_S]
    if not found:
        return None
    # the first baseline opens the sitting; of what follows it, the last is taken, as in a music session
    phase = found[0] if place.kind in {PhaseKind.BASELINE, PhaseKind.SETTLING} else found[-1]
    if phase.duration_s < window_s - ROUNDING_S:
        return None
    return max(phase.start_s, phase.end_s - window_s), phase.end_s
