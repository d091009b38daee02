"""What a report or an export is about: a session of the data folder, or somebody's file, whole."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from biotune.analysis import music_record
from biotune.analysis.music_record import MusicRecord
from biotune.domain import Recording, Session, SessionSummary
from biotune.errors import SessionNotFound
from biotune.formats import registry
from biotune.formats.material import Material, gather
from biotune.library import overview
from biotune.library.opened import Library
from biotune.library.overview import Overview
from biotune.settings import Limits
from biotune.storage.store import SessionReference
from biotune.storage.summaries import count

_SESSION_ID = re.compile(r"[Ss]\d+(?:/\d+)?")


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """A session with the recording that is meant.

    Attributes
    ----------
    session : Session
        As the log tells it, or as the file does.
    recording : Recording
        The one that is meant.
    number : int
        Which of the session's recordings that is, counted from 1.
    overview : Overview
        Everything computed of it.
    is_stored : bool
        Whether it is a session of the data folder.
    known : tuple of str
        What is kept of the client (age band, sex, …), without what it says.
    music : MusicRecord
        What sounded, and what is told of it.
    """

    session: Session
    recording: Recording
    number: int
    overview: Overview
    is_stored: bool
    music: MusicRecord
    known: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """A short name for files: ``S12``, or the file's name without its ending."""
        return self.session.id if self.is_stored else re.split(r"[./\\]", Path(self.session.id).name)[0] or "recording"


def find(source: str, open_library: Callable[[], Library], *, limits: Limits | None = None) -> Subject:
    """Find what a person named: a session's id, or a file.

    Parameters
    ----------
    source : str
        ``S12``, ``S12/2`` or a path.
    open_library : callable
        Called only where a session is named, so that reporting on a file touches no database.
    limits : Limits, optional
        When a file's signal is too poor; a session's library has its own.

    Raises
    ------
    SessionNotFound, UsageError, FormatError
        Where there is no such session or file, or it cannot be read.
    AnalysisError
        Where nothing in it can be analysed.
    """
    if _SESSION_ID.fullmatch(source) and not Path(source).exists():
        return of_session(open_library(), source)
    session = _without_folder(registry.read_session(Path(source)))
    recording = session.recording(1)
    counts = count(recording.lines)
    summary = SessionSummary(
        id=session.id,
        client=session.client,
        protocol=session.protocol,
        started=session.started,
        duration_s=counts.duration_s,
        recordings=len(session.recordings),
        packets=counts.packets,
        beats=counts.beats,
        finished=session.finished,
    )
    made = overview.make(
        session,
        recording,
        summary=summary,
        before=None,
        after=None,
        seed=0,
        running=False,
        limits=limits or Limits(),
        control=lambda *_: None,  # a file has no other sessions beside it
    )
    return Subject(session, recording, 1, made, is_stored=False, music=music_record.of(recording))


def _without_folder(session: Session) -> Session:
    """Name a file without its folder: where it lies on this machine is nobody else's business."""
    name = Path(session.id).name
    return replace(
        session,
        id=name,
        recordings=tuple(
            replace(recording, source=recording.source.replace(session.id, name, 1)) for recording in session.recordings
        ),
    )


def of_session(library: Library, source: str) -> Subject:
    """Return a session of the data folder, ``S12`` or ``S12/2``; raises as `find`."""
    reference = SessionReference.parse(source)
    if reference is None:
        raise SessionNotFound(
            f"{source[:60]!r} is not a session", hint="A session is called S and a number; see: biotune sessions"
        )
    session, which = library.session(f"S{reference.number}"), reference.recording
    made = library.overview(source.strip().upper())
    return Subject(
        session,
        session.recording(which),
        which,
        made,
        is_stored=True,
        music=library.music_records.of(session.id),
        known=_known(library, session.client),
    )


def _known(library: Library, client: str) -> tuple[str, ...]:
    kept = library.clients.find(client) if client else None
    if kept is None:
        return ()
    said = {"age band": kept.age_band, "sex": kept.sex, "conditions": kept.conditions, "medication": kept.medication}
    return tuple(item for item, words in said.items() if words)


def material(subject: Subject, *, with_notes: bool = False) -> Material:
    """Return what an export of a subject needs; `with_notes` lets free text out of the house as well."""
    overview = subject.overview
    made = [each for each in (overview.comparison, overview.during, overview.after) if each is not None]
    once = {(each.before, each.after): each for each in reversed(made)}
    comparisons = tuple(each for each in made if once[each.before, each.after] is each)
    return gather(subject.session, subject.number, overview.analysis, comparisons, with_notes=with_notes)
