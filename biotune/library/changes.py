"""One session's changes, measured in whatever process there is, and kept."""

import hashlib
import importlib.metadata
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path

from biotune.analysis import comparison, drift, phases, progress
from biotune.analysis.session_change import SessionChange, of_comparison
from biotune.domain import Exclusion, RecorderStarted, Recording
from biotune.errors import BiotuneError, StorageError
from biotune.formats import registry
from biotune.formats.text import shown
from biotune.settings import Limits
from biotune.storage.database import look_up_revision
from biotune.storage.store import Store

METHOD = 5  # counts up whenever the same log would give other changes, or their form changes


@dataclass(frozen=True, slots=True)
class Job:
    """One session or file to be measured; small enough to be sent anywhere.

    Attributes
    ----------
    source : str
        ``S12``, ``S12/2``, or a file as a person named it.
    path : str
        The file's absolute path; empty for a session.
    started : datetime or None
        When the session began.
    last_seq : int
        As in `Outline`; 0 for a file.
    client, protocol : str
        Of a session, for one that could not be measured at all.
    """

    source: str
    path: str = ""
    started: datetime | None = None
    last_seq: int = 0
    client: str = ""
    protocol: str = ""

    @property
    def is_file(self) -> bool:
        """Whether it is a file."""
        return bool(self.path)


def measure(jobs: Sequence[Job], database: str, limits: Limits) -> list[SessionChange]:
    """Measure some sessions; whatever is wrong with one of them is said in its place.

    Parameters
    ----------
    jobs : sequence of Job
        Which.
    database : str
        URL of the sessions' database; files need none.
    limits : Limits
        When the signal is too poor.

    Raises
    ------
    StorageError
        Where the database cannot be had in this process.
    """
    if all(job.is_file for job in jobs):
        return [_measure(job, None, limits) for job in jobs]
    if look_up_revision(database) is None:
        raise StorageError(
            "a worker cannot see the database",
            why="Where it runs there is no such file.",
            hint="Name one database that every worker reaches (BIOTUNE_DATABASE), or leave --cluster out.",
        )
    with Store.open(database) as store:
        return [_measure(job, store, limits) for job in jobs]


def _measure(job: Job, store: Store | None, limits: Limits) -> SessionChange:
    try:
        if store is None or job.is_file:
            recording = registry.read(Path(job.path))
            made = of_recording(recording, limits, client=recording.client or _client_of(job))
            return replace(made, source=job.source)
        session = store.session(job.source)
        recording = session.recording(int(job.source.partition("/")[2] or 1))
        if is_replay(recording):
            return left_out(job, Exclusion.SAME_RECORDING, "it replays another recording")
        return of_recording(recording, limits, client=session.client, started=session.started)
    except StorageError:
        raise
    except BiotuneError as error:
        return left_out(job, Exclusion.NO_COMPARISON, _words(error))
    except Exception as error:  # noqa: BLE001 - one session must not stop a thousand; the list of exclusions tells it
        return left_out(job, Exclusion.FAILED, f"the analysis failed ({type(error).__name__}: {error})")


def is_replay(recording: Recording) -> bool:
    """Tell whether a recorder played what was recorded before: it is no further sitting of anybody."""
    return any(isinstance(line.entry, RecorderStarted) and line.entry.source == "replay" for line in recording.lines)


def of_recording(
    recording: Recording, limits: Limits, *, client: str, started: datetime | None = None
) -> SessionChange:
    """Compare a recording's default windows.

    Parameters
    ----------
    recording : Recording
        Any.
    limits : Limits
        When the signal is too poor.
    client : str
        Whose it is.
    started : datetime, optional
        When it began.

    Raises
    ------
    AnalysisError
        Where there is nothing to compare.
    """
    prepared = phases.prepare(recording)
    compared = comparison.compare(recording, limits=limits, prepared=prepared)
    quiet = drift.is_quiet_rest(line.entry for line in recording.lines)
    approach = progress.approach(prepared.timeline, quiet_rest=quiet) or recording.protocol
    return of_comparison(compared, client=client, approach=approach, started=started)


def left_out(job: Job, reason: Exclusion, words: str) -> SessionChange:
    """Return what stands in the place of a session that could not be measured."""
    return SessionChange(
        job.source, job.client or _client_of(job), job.protocol, job.started, excluded=reason, why=words
    )


class Kept:
    """What was measured of sessions before, beside their log.

    Parameters
    ----------
    store : Store
        The log.
    limits : Limits
        Part of what the measurement depends on.
    """

    def __init__(self, store: Store, limits: Limits) -> None:
        self._store = store
        self._options = hashlib.sha256(json.dumps(asdict(limits), sort_keys=True).encode()).hexdigest()[:12]

    def get(self, job: Job) -> SessionChange | None:
        """Return what was measured, if the log, the method and its options are still the same."""
        kept = None if job.is_file else self._store.kept(f"cohort/{job.source}")
        if kept is None:
            return None
        document = json.loads(kept)
        return SessionChange.from_dict(document["change"]) if document["made_from"] == self._made_from(job) else None

    def put(self, measured: Sequence[tuple[Job, SessionChange]]) -> None:
        """Keep what was measured, in one transaction; what failed is tried again next time."""
        with self._store.together():
            for job, change in measured:
                if not job.is_file and change.excluded not in {Exclusion.WORKER_LOST, Exclusion.FAILED}:
                    document = {"made_from": self._made_from(job), "change": change.to_dict()}
                    of = job.source.partition("/")[0]
                    self._store.keep(f"cohort/{job.source}", json.dumps(document, ensure_ascii=False), of=of)

    def _made_from(self, job: Job) -> list[str | int]:
        started = job.started.isoformat() if job.started else ""
        version = importlib.metadata.version("biotune")
        return [version, METHOD, self._options, job.last_seq, job.client, job.protocol, started]


def _client_of(job: Job) -> str:
    """Take a file that names no client for a client of its own."""
    return shown(Path(job.path).name) if job.is_file else ""


def _words(error: BiotuneError) -> str:
    return ". ".join(part.rstrip(".") for part in (error.what, error.why) if part)
