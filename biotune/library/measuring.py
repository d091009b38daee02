"""Where recordings come from, and the analysis of one."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from biotune.analysis import comparison, ecg, music_record, phases, resonance, self_report, windows
from biotune.analysis import rr_unit as units
from biotune.analysis.quiet_rest import QuietRest
from biotune.analysis.results import Analysis, Comparison
from biotune.analysis.series import Options
from biotune.analysis.windows import Sliding
from biotune.domain import (
    PacketReceived,
    Recording,
    RrUnit,
    Session,
)
from biotune.errors import UsageError
from biotune.formats import registry
from biotune.settings import Limits
from biotune.storage.store import Store

_SESSION_ID = re.compile(r"[Ss]\d+(?:/\d+)?")


def read(path: str | Path) -> Recording:
    """Read any file that can be imported; its format is found by its content.

    Raises
    ------
    FormatError
        Where no reader can use it.
    """
    return registry.read(Path(path))


def is_session_id(source: str) -> bool:
    """Tell whether a person named a session; a file of that name comes first."""
    return _SESSION_ID.fullmatch(source) is not None and not Path(source).exists()


def find_recording(source: str, open_store: Callable[[], Store]) -> Recording:
    """Return the recording that a person named: a session's id, or a file.

    Parameters
    ----------
    source : str
        ``S12``, ``S12/2`` or a path.
    open_store : callable
        Called only where a session is named, so that analysing a file touches no database.
    """
    if is_session_id(source):
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
    artefacts: str = "exclude",
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
        Whether beats flagged as artefacts are corrected at all.
    detrending : float, optional
        λ of the smoothness priors at 4 Hz; 0 for none; None for the convention's own.
    welch_window : float, optional
        Length of the Welch window, seconds; None for the convention's own.
    any_length : bool
        Whether to give metrics below their least length, flagged as such.
    artefacts : {"exclude", "replace"}
        Whether flagged beats are left out, or interpolated intervals put in their place. The parts of an interval that
        an invented beat cut are added up either way.
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
        artefacts=artefacts,
    )
    counted = _counted_in(_first(recording), rr_unit)
    limits = limits or Limits()
    return replace(
        phases.analyse(counted, options, limits=limits),
        ecg=ecg.assess(counted),
        resonance=resonance.assess(counted, limits=limits),
        music=music_record.of(counted),
    )


def compare(
    recording: Recording | Session,
    *,
    before: str | None = None,
    after: str | None = None,
    seed: int = 0,
    rr_unit: str | None = None,
    limits: Limits | None = None,
    quiet_rest: QuietRest | None = None,
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
    quiet_rest : QuietRest, optional
        What the client's quiet rest does between the same windows; `Library.compare` finds it by itself.

    Raises
    ------
    UsageError
        Where there is no such phase.
    AnalysisError
        Where there are no two phases to compare.
    """
    recording = _counted_in(_first(recording), rr_unit)
    limits = limits or Limits()
    return replace(
        comparison.compare(recording, before=before, after=after, seed=seed, limits=limits, quiet_rest=quiet_rest),
        self_report=self_report.of(recording),
        resonance=resonance.assess(recording, limits=limits),
    )


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
        Arrays by metric key, and ``time_s``, the windows' middles; ``hf_map`` is the power density of each window over
        ``frequency_hz``.

    Raises
    ------
    UsageError
        Where a length is impossible.
    AnalysisError
        Where the recording has no RR intervals.
    """
    return windows.sliding(_first(recording), window_s=window_s, step_s=step_s)


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


def _first(recording: Recording | Session) -> Recording:
    if isinstance(recording, Session):
        return recording.recording()
    if not isinstance(recording, Recording):
        raise UsageError(
            f"{type(recording).__name__} is neither a recording nor a session",
            hint="Read a file with biotune.read(path), or a session with biotune.open_library().session(id).",
        )
    return recording
