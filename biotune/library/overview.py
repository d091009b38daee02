"""Everything one page says of a session."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace

from biotune.analysis import comparison, ecg, phases, played, resonance, tachogram
from biotune.analysis.phases import Prepared
from biotune.analysis.played import Play
from biotune.analysis.quiet_rest import QuietRest
from biotune.analysis.results import Analysis, Comparison
from biotune.analysis.tachogram import Tachogram
from biotune.domain import (
    Marker,
    Phase,
    PhaseKind,
    PhaseStarted,
    Recording,
    Request,
    RequestMade,
    Session,
    SessionSummary,
    StrapEvent,
    markers,
)
from biotune.errors import AnalysisError
from biotune.session import protocol as protocols
from biotune.settings import Limits

Control = Callable[[Prepared, str | None, str | None], QuietRest | None]
_IN_TIME_S = 2.0  # a recorder asks for requests once a second


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Overview:
    """Everything one page says of a session.

    Attributes
    ----------
    comparison : Comparison or None
        Baseline against recovery, or the two windows asked for.
    during, after : Comparison or None
        Baseline against intervention, and intervention against recovery, where the session has them.
    problem : str
        Why there is no comparison; empty where there is one.
    strap : str
        The strap's name; empty for an imported file.
    running : bool
        Whether it may still be growing.
    has_ecg : bool
        Whether its strap streamed an ECG.
    plays : tuple of Play
        What music sounded when.
    markers : tuple of Marker
        As they stand, by time.
    stopped_early : bool
        Whether the sitting was ended before its protocol was over.
    """

    summary: SessionSummary
    analysis: Analysis
    tachogram: Tachogram
    comparison: Comparison | None
    during: Comparison | None
    after: Comparison | None
    problem: str
    strap: str
    running: bool
    has_ecg: bool = False
    plays: tuple[Play, ...] = ()
    markers: tuple[Marker, ...] = ()
    stopped_early: bool = False

    @property
    def same_first_window(self) -> tuple[Comparison, ...]:
        """The comparisons that can share an axis: those against the first window chosen."""
        made = [each for each in (self.during, self.comparison) if each is not None]
        return tuple(each for each in made if each.before.name == made[-1].before.name)


def make(
    session: Session,
    recording: Recording,
    *,
    summary: SessionSummary,
    before: str | None,
    after: str | None,
    seed: int,
    running: bool,
    limits: Limits,
    control: Control = lambda *_: None,
) -> Overview:
    """Compute everything one page says of a session; `control` finds the client's quiet rest; a file has none."""
    prepared = phases.prepare(recording)
    analysis = phases.analyse(recording, limits=limits, prepared=prepared)
    if found := resonance.assess(recording, limits=limits, prepared=prepared):
        analysis = replace(analysis, resonance=found)

    def compared(before: str | None, after: str | None) -> Comparison:
        return comparison.compare(
            recording,
            before=before,
            after=after,
            seed=seed,
            limits=limits,
            prepared=prepared,
            quiet_rest=control(prepared, before, after),
        )

    def between(first: Phase | None, second: Phase | None) -> Comparison | None:
        if first is None or second is None:
            return None
        with suppress(AnalysisError):
            return compared(first.name, second.name)
        return None

    chosen, problem = None, ""
    try:
        chosen = compared(before, after)
    except AnalysisError as error:
        problem = _sentences(error)
    baseline, during, after_it = (
        _latest(analysis, kind) for kind in (PhaseKind.BASELINE, PhaseKind.INTERVENTION, PhaseKind.RECOVERY)
    )
    return Overview(
        summary=summary,
        analysis=analysis,
        tachogram=tachogram.draw(prepared),
        comparison=chosen,
        during=between(baseline, during),
        after=between(during, after_it),
        problem=problem,
        strap=strap_name(recording),
        running=running,
        has_ecg=ecg.is_recorded(recording),
        plays=played.plays(recording),
        markers=markers(recording.times_s()),
        stopped_early=session.finished and stopped_early(recording),
    )


def stopped_early(recording: Recording) -> bool:
    """Tell whether a sitting was ended before its protocol was over.

    A phase that was ended early so that the next could begin is no such end; a protocol of somebody's own, which
    only its file knows, tells nothing.
    """
    if recording.protocol.removesuffix(protocols.SHORT) not in protocols.names():
        return False
    begun = [(time_s, line) for time_s, line in recording.times_s() if isinstance(line.entry, PhaseStarted)]
    if not begun:
        return False
    planned = protocols.load(recording.protocol).phases
    if len(begun) < len(planned):
        return True
    last_s, last = begun[-1]
    stops = [
        time_s
        for time_s, line in recording.times_s()
        if line.seq > last.seq and isinstance(line.entry, RequestMade) and line.entry.request is Request.STOP
    ]
    return bool(stops) and stops[0] - last_s < planned[-1].seconds - _IN_TIME_S


def _latest(analysis: Analysis, kind: PhaseKind) -> Phase | None:
    found = [each.phase for each in analysis.phases if each.phase.kind is kind]
    return found[-1] if found else None


def strap_name(recording: Recording) -> str:
    """Name of the strap that a recording came from; empty for a file's."""
    for line in reversed(recording.lines):
        if isinstance(line.entry, StrapEvent) and line.entry.strap is not None:
            return line.entry.strap.name
    return ""


def _sentences(error: AnalysisError) -> str:
    """Tell what and why; what to do next is the page's to say, since the hint speaks of the command line."""
    parts = [part.rstrip(".") for part in (error.what, error.why) if part]
    return " ".join(f"{part[0].upper()}{part[1:]}." for part in parts)
