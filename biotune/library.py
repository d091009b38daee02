"""Opens sessions and files, analyses them, and remembers what it computed.

The one place that knows where recordings come from and that calls the analysis. The
dashboard, the reports and the command line all ask here.
"""

import re
import threading
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from biotune.analysis import comparison, ecg, phases, tachogram, windows
from biotune.analysis import rr_unit as units
from biotune.analysis.ecg import EcgAssessment
from biotune.analysis.frames import Samples
from biotune.analysis.results import Analysis, Comparison
from biotune.analysis.series import FloatArray, Options
from biotune.analysis.tachogram import Tachogram
from biotune.analysis.windows import Sliding
from biotune.domain import (
    PacketReceived,
    Phase,
    PhaseKind,
    Recording,
    RrUnit,
    Session,
    SessionSummary,
    StrapEvent,
)
from biotune.errors import AnalysisError, UsageError
from biotune.formats import importer, registry
from biotune.live import Live
from biotune.settings import Limits, Settings
from biotune.storage.store import Store

_SESSION_ID = re.compile(r"[Ss]\d+(?:/\d+)?")
_REMEMBERED = 64  # overviews kept in memory


@dataclass(frozen=True, slots=True, eq=False)
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


@dataclass(frozen=True, slots=True, eq=False)
class EcgView:
    """A recording's ECG, to be looked at.

    Attributes
    ----------
    samples : Samples
        In µV.
    peak_s : ndarray, shape (n_peaks,)
        Session time of each R peak.
    assessment : EcgAssessment
        What is told of it.
    """

    samples: Samples
    peak_s: FloatArray
    assessment: EcgAssessment


class Library:
    """The recordings of one data folder.

    Parameters
    ----------
    store : Store
        The log.
    limits : Limits, optional
        Limits of signal quality.

    Attributes
    ----------
    live : Live
        The sittings that happen just now.
    """

    def __init__(self, store: Store, *, limits: Limits | None = None) -> None:
        self.store = store
        self.live = Live(store)
        self._limits = limits or Limits()
        self._overviews: OrderedDict[tuple[Any, ...], Overview] = OrderedDict()
        self._ecg: tuple[tuple[str, int], EcgView | None] | None = None
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the store."""
        self.close()

    def close(self) -> None:
        """Let go of the database."""
        self.store.close()

    def sessions(self, client: str | None = None) -> tuple[SessionSummary, ...]:
        """List what is recorded, newest first."""
        return self.store.sessions(client)

    def session(self, session_id: str) -> Session:
        """Return one session.

        Raises
        ------
        SessionNotFound
            Where no session has that id.
        """
        return self.store.session(session_id)

    def recording(self, source: str) -> Recording:
        """Return the recording that a person named.

        Parameters
        ----------
        source : str
            A session's id (``S12``, ``S12/2``) or a file of any format that can be imported.
        """
        return find_recording(source, lambda: self.store)

    def analyse(self, source: "str | Recording | Session", **options: Any) -> Analysis:  # noqa: ANN401 - as `analyse`
        """Analyse a recording, a session, or what `source` names; see `biotune.analyse`."""
        return analyse(self._resolve(source), limits=self._limits, **options)

    def compare(
        self,
        source: "str | Recording | Session",
        *,
        before: str | None = None,
        after: str | None = None,
        seed: int = 0,
    ) -> Comparison:
        """Compare two phases of a recording, a session, or what `source` names; see `biotune.compare`."""
        return compare(self._resolve(source), before=before, after=after, seed=seed, limits=self._limits)

    def import_file(self, path: Path, *, client: str | None = None) -> str:
        """Bring in a file; return its session's id, also where it was there already.

        Raises
        ------
        FormatError
            Where no reader can use it.
        """
        return importer.store(self.store, importer.read(path), client=client).session

    def revision(self) -> str:
        """Return a word that changes whenever anything is recorded, and when a recorder begins or ends."""
        standings = self.live.standings()
        return ".".join([self.store.revision(), *(f"{each}-{standings[each]}" for each in standings)])

    def overview(
        self, session_id: str, *, before: str | None = None, after: str | None = None, seed: int = 0
    ) -> Overview:
        """Return everything one page says of a session; remembered until its log grows.

        Raises
        ------
        SessionNotFound
            Where no session has that id.
        AnalysisError
            Where nothing in it can be analysed.
        """
        session = self.store.session(session_id)
        number = int(session_id.partition("/")[2] or 1)
        recording = session.recording(number)
        running = self.store.is_recorded_now(session.id)
        key = (session.id, number, len(recording.lines), running, before, after, seed)
        with self._lock:
            if key in self._overviews:
                self._overviews.move_to_end(key)
                return self._overviews[key]
        made = self._make_overview(session, recording, before=before, after=after, seed=seed, running=running)
        with self._lock:
            self._overviews[key] = made
            while len(self._overviews) > _REMEMBERED:
                self._overviews.popitem(last=False)
        return made

    def ecg(self, session_id: str) -> EcgView | None:
        """Return a recording's ECG; None where it has none. The last one asked for is remembered.

        Raises
        ------
        SessionNotFound
            Where no session has that id.
        """
        recording = self.recording(session_id)
        key = (session_id, len(recording.lines))
        remembered = self._ecg
        if remembered and remembered[0] == key:
            return remembered[1]
        samples, assessment = ecg.trace(recording), ecg.assess(recording)
        view = EcgView(samples, ecg.beats(samples).peak_s, assessment) if samples and assessment else None
        self._ecg = (key, view)
        return view

    def _make_overview(
        self,
        session: Session,
        recording: Recording,
        *,
        before: str | None,
        after: str | None,
        seed: int,
        running: bool,
    ) -> Overview:
        prepared = phases.prepare(recording)
        analysis = phases.analyse(recording, limits=self._limits, prepared=prepared)

        def compared(before: str | None, after: str | None) -> Comparison:
            return comparison.compare(
                recording, before=before, after=after, seed=seed, limits=self._limits, prepared=prepared
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
            summary=next(each for each in self.store.sessions(session.client) if each.id == session.id),
            analysis=analysis,
            tachogram=tachogram.draw(prepared),
            comparison=chosen,
            during=between(baseline, during),
            after=between(during, after_it),
            problem=problem,
            strap=strap_name(recording),
            running=running,
            has_ecg=ecg.is_recorded(recording),
        )

    def _resolve(self, source: "str | Recording | Session") -> "Recording | Session":
        return self.recording(source) if isinstance(source, str) else source


def open_library(home: str | Path | None = None) -> Library:
    """Open the data folder.

    Parameters
    ----------
    home : str or Path, optional
        The folder; ``BIOTUNE_HOME`` or the user's own by default.

    Returns
    -------
    Library
        Close it, or use it in a ``with`` statement.
    """
    settings = Settings.read(home=Path(home) if home else None)
    return Library(Store.open(settings.database), limits=settings.limits)


def read(path: str | Path) -> Recording:
    """Read any file that can be imported; its format is found by its content.

    Raises
    ------
    FormatError
        Where no reader can use it.
    """
    return registry.read(Path(path))


def find_recording(source: str, open_store: Callable[[], Store]) -> Recording:
    """Return the recording that a person named: a session's id, or a file.

    Parameters
    ----------
    source : str
        ``S12``, ``S12/2`` or a path.
    open_store : callable
        Called only where a session is named, so that analysing a file touches no database.
    """
    if _SESSION_ID.fullmatch(source) and not Path(source).exists():
        session_id, _, number = source.partition("/")
        return open_store().session(session_id).recording(int(number or 1))
    return registry.read(Path(source))


def analyse(
    recording: Recording | Session,
    *,
    convention: str = "kubios",
    correct: bool = True,
    detrending: float | None = None,
    welch_window: float | None = None,
    any_length: bool = False,
    rr_unit: str | None = None,
    limits: Limits | None = None,
) -> Analysis:
    """Compute the metrics of every phase.

    Parameters
    ----------
    recording : Recording or Session
        Of a session, its first recording.
    convention : {"kubios", "task-force", "neurokit2"}
        Whose definitions; docs/method says how they differ.
    correct : bool
        Whether beats flagged as artefacts are excluded.
    detrending : float, optional
        λ of the smoothness priors at 4 Hz; 0 for none; None for the convention's own.
    welch_window : float, optional
        Length of the Welch window, seconds; None for the convention's own.
    any_length : bool
        Whether to give metrics below their least length, flagged as such.
    rr_unit : {"1/1024", "ms"}, optional
        What the strap's RR numbers count, whatever the log says; only for recorded packets.

    Returns
    -------
    Analysis
        ``analysis.phases[0].metrics["rmssd"].value``, or ``.unavailable`` with its reason.

    Raises
    ------
    UsageError
        For an unknown convention or an impossible number.
    AnalysisError
        Where nothing in the recording can be analysed.
    """
    options = Options(
        convention=convention,
        correct=correct,
        detrending=detrending,
        welch_window_s=welch_window,
        any_length=any_length,
    )
    counted = _counted_in(_first(recording), rr_unit)
    return replace(phases.analyse(counted, options, limits=limits or Limits()), ecg=ecg.assess(counted))


def compare(
    recording: Recording | Session,
    *,
    before: str | None = None,
    after: str | None = None,
    seed: int = 0,
    rr_unit: str | None = None,
    limits: Limits | None = None,
) -> Comparison:
    """Compare two phases: what changed, how sure that is, and what else may explain it.

    Parameters
    ----------
    recording : Recording or Session
        Of a session, its first recording.
    before, after : str, optional
        A phase's name, or ``START-END`` in seconds; by default the baseline, and the recovery
        or else the last comparable intervention.
    seed : int
        Kept in the provenance. The intervals of today draw no random numbers, so every seed gives the same numbers.
    rr_unit : {"1/1024", "ms"}, optional
        As for `analyse`.

    Raises
    ------
    UsageError
        Where there is no such phase.
    AnalysisError
        Where there are no two phases to compare.
    """
    recording = _counted_in(_first(recording), rr_unit)
    return comparison.compare(recording, before=before, after=after, seed=seed, limits=limits or Limits())


def _counted_in(recording: Recording, unit: str | None) -> Recording:
    """Return the recording with its packets' intervals in that unit."""
    if unit is None:
        return recording
    if unit not in list(RrUnit):
        raise UsageError(f"{unit!r} is no unit of RR intervals", hint=f"Known: {', '.join(RrUnit)}.")
    if not any(isinstance(line.entry, PacketReceived) for line in recording.lines):
        raise UsageError(
            f"{recording.source} holds no strap's packets", why="An imported file's intervals have their own unit."
        )
    return units.as_if(recording, RrUnit(unit))


def sliding(recording: Recording | Session, *, window_s: float = 60.0, step_s: float = 5.0) -> Sliding:
    """Measure a recording in windows that slide.

    Parameters
    ----------
    recording : Recording or Session
        Of a session, its first recording.
    window_s, step_s : float
        Length of a window, and the step from one to the next, seconds.

    Returns
    -------
    Sliding
        Arrays by metric key, and ``time_s``, the windows' middles.

    Raises
    ------
    UsageError
        Where a length is impossible.
    AnalysisError
        Where the recording has no RR intervals.
    """
    return windows.sliding(_first(recording), window_s=window_s, step_s=step_s)


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


def _first(recording: Recording | Session) -> Recording:
    if isinstance(recording, Session):
        return recording.recording()
    if not isinstance(recording, Recording):
        raise UsageError(
            f"{type(recording).__name__} is neither a recording nor a session",
            hint="Read a file with biotune.read(path), or a session with biotune.open_library().session(id).",
        )
    return recording
