"""One data folder, opened: its sessions, and what was computed of them."""

import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from biotune.analysis import phases, self_report
from biotune.analysis.portrait import Closeup
from biotune.analysis.progress import Progress
from biotune.analysis.quiet_rest import QuietRest
from biotune.analysis.response import Responses
from biotune.analysis.results import Analysis, Comparison
from biotune.analysis.self_report import SelfReport
from biotune.domain import (
    Recording,
    Session,
    SessionSummary,
)
from biotune.errors import AnalysisError
from biotune.formats import importer
from biotune.formats.registry import DATELESS
from biotune.library import overview
from biotune.library.clients import Clients
from biotune.library.closeups import Closeups
from biotune.library.cohort import Cohorts
from biotune.library.corrections import Corrections
from biotune.library.drafts import Drafts
from biotune.library.erasing import Eraser, Leaving
from biotune.library.gathering import Gatherings
from biotune.library.importing import Imports
from biotune.library.listing import Listing
from biotune.library.measuring import analyse, compare, find_recording, is_session_id
from biotune.library.music import Music
from biotune.library.music_records import MusicRecords
from biotune.library.overview import Overview
from biotune.library.plans import Plans
from biotune.library.playing import Playing
from biotune.library.progress import OverSessions
from biotune.library.strips import EcgStrips
from biotune.live import Live
from biotune.settings import Limits, Settings
from biotune.storage.store import Store

_REMEMBERED = 64  # overviews kept in memory


class Library:
    """The recordings of one data folder.

    Parameters
    ----------
    store : Store
        The log.
    limits : Limits, optional
        Limits of signal quality.
    home : Path, optional
        The data folder, where the user's own protocols are.

    Attributes
    ----------
    live : Live
        The sittings that happen just now.
    eraser : Eraser
        What erasing would take away, and files that were written from sessions.
    corrections : Corrections
        What people set right afterwards.
    listing : Listing
        The list of sessions, page by page.
    imports : Imports
        Files that somebody brings in through a page.
    ecg : EcgStrips
        Recorded ECGs, to be scrolled through.
    over_sessions : OverSessions
        What a client's sessions say together.
    clients : Clients
        Who they are under their codes, and what they want.
    music : Music
        The therapist's pieces and playlists.
    music_records : MusicRecords
        What is told of each session's music, and what is still needed.
    playing : Playing
        What the player tells while a sitting happens.
    drafts : Drafts
        The session that is being prepared.
    cohorts : Cohorts
        The groups that the sessions make.
    plans : Plans
        Experiments of single clients.
    gatherings : Gatherings
        Groups that pages wait for.
    """

    def __init__(self, store: Store, *, limits: Limits | None = None, home: Path | None = None) -> None:
        self.store = store
        self.listing = Listing(store)
        self.imports = Imports(store)
        self.live = Live(store, home)
        self.eraser = Eraser(store, forget=self._forget)
        self.corrections = Corrections(store)
        self.clients = Clients(store)
        self.music = Music(store, self.clients)
        self.music_records = MusicRecords(store, self.music)
        self.playing = Playing(store, self.live, self.music)
        self.drafts = Drafts(store, self.live)
        self._limits = limits or Limits()
        self.over_sessions = OverSessions(store, self._limits)
        self.cohorts = Cohorts(store, self._limits)
        self.plans = Plans(store, self.cohorts)
        self.gatherings = Gatherings(self.cohorts)
        self._overviews: OrderedDict[tuple[Any, ...], Overview] = OrderedDict()
        self._lock = threading.Lock()
        self._closeups = Closeups()
        self.ecg = EcgStrips(store)

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
        self.music.close()
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

    def has_date_of_file(self, session_id: str) -> bool:
        """Tell whether a session's date is that of the file it came from, which says nothing of its own."""
        return self.store.finding.format_of(session_id) in DATELESS

    def remove(self, session_id: str) -> None:
        """Put a session aside, which `restore` undoes; see `Eraser.remove`."""
        self.eraser.remove(session_id)

    def restore(self, session_id: str) -> None:
        """Bring back a session that was put aside."""
        self.eraser.restore(session_id)

    def removed(self) -> tuple[SessionSummary, ...]:
        """List what was put aside, newest first."""
        return self.eraser.removed()

    def erase_session(self, session_id: str) -> Leaving:
        """Erase one session for good; see `Eraser.erase_session`."""
        return self.eraser.erase_session(session_id)

    def erase_client(self, client: str) -> Leaving:
        """Erase everything of one client for good; see `Eraser.erase_client`."""
        return self.eraser.erase_client(client)

    def recording(self, source: str) -> Recording:
        """Return the recording that a person named.

        Parameters
        ----------
        source : str
            A session's id (``S12``, ``S12/2``) or a file of any format that can be imported.
        """
        return find_recording(source, lambda: self.store)

    def analyse(self, source: "str | Recording | Session", **options: Any) -> Analysis:  # noqa: ANN401 - as `analyse`
        """Analyse a recording, a session, or what `source` names; see `biotune.analyse`.

        A session's record of the music has what this library knows of the pieces today.
        """
        made = analyse(self._resolve(source), limits=self._limits, **options)
        session = source.id if isinstance(source, Session) else source
        if isinstance(session, str) and is_session_id(session):
            return replace(made, music=self.music_records.of(session))
        return made

    def compare(
        self,
        source: "str | Recording | Session",
        *,
        before: str | None = None,
        after: str | None = None,
        seed: int = 0,
        rr_unit: str | None = None,
    ) -> Comparison:
        """Compare two phases of a recording, a session, or what `source` names; see `biotune.compare`.

        A session of this library is held against the client's own quiet rest, where there is any: from three such
        sessions on, it gives the smallest detectable changes. A file and a recording never are.
        """
        found = self._resolve(source)
        return compare(
            found,
            before=before,
            after=after,
            seed=seed,
            rr_unit=rr_unit,
            limits=self._limits,
            quiet_rest=self._quiet_rest(source, found, before, after),
        )

    def progress(self, client: str) -> Progress:
        """Return a client over sessions; see `OverSessions.progress`."""
        return self.over_sessions.progress(client)

    def responses(self, client: str) -> Responses:
        """Return what a client responds to; see `OverSessions.responses`."""
        return self.over_sessions.responses(client)

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
        key = self._overview_key(session_id, before, after, seed)
        if (known := self._remembered(key)) is not None:
            return known
        session = self.store.session(session_id)
        recording = session.recording(int(session_id.partition("/")[2] or 1))
        made = overview.make(
            session,
            recording,
            summary=self.store.summary(session.id),
            before=before,
            after=after,
            seed=seed,
            running=self.store.is_recorded_now(session.id),
            limits=self._limits,
            control=lambda prepared, first, second: self.over_sessions.control(
                session.id, session.client, prepared, first, second
            ),
        )
        with self._lock:
            self._overviews[key] = made
            while len(self._overviews) > _REMEMBERED:
                self._overviews.popitem(last=False)
        return made

    def remembered(self, session_id: str) -> Overview | None:
        """Return the overview of a session's usual windows where that costs nothing; None where it must be computed."""
        return self._remembered(self._overview_key(session_id))

    def told(self, session_id: str, what: str, tell: Callable[[Overview], Mapping[str, str]]) -> Mapping[str, str]:
        """Return a few words about a session, computed once and kept in the database until anything of it changes.

        Parameters
        ----------
        session_id : str
            Of a session that is over.
        what : str
            Names what is told; another name whenever it would be told otherwise.
        tell : callable
            What to tell, from the session's overview.
        """
        key, stamp = f"told/{what}/{session_id}", f"{self.over_sessions.made_by} {self._overview_key(session_id)}"
        kept = json.loads(self.store.kept(key) or "{}")
        if kept.pop("stamp", "") == stamp:
            return dict(kept)
        made = tell(self.overview(session_id))
        self.store.keep(key, json.dumps({**made, "stamp": stamp}), of=session_id.partition("/")[0])
        return made

    def _overview_key(
        self, session_id: str, before: str | None = None, after: str | None = None, seed: int = 0
    ) -> tuple[Any, ...]:
        """Name what an overview depends on, without reading the log."""
        head = self.store.head(session_id.partition("/")[0])
        last = self.store.last_line(head.id)
        number, running = int(session_id.partition("/")[2] or 1), self.store.is_recorded_now(head.id)
        at_rest = self.over_sessions.revision(head.client)
        return (head.id, number, last.seq if last else 0, head, running, before, after, seed, at_rest)

    def _remembered(self, key: tuple[Any, ...]) -> Overview | None:
        with self._lock:
            if key in self._overviews:
                self._overviews.move_to_end(key)
            return self._overviews.get(key)

    def closeup(self, session_id: str) -> Closeup:
        """Return the curves and clouds of a session's phases; the latest few are remembered.

        Raises
        ------
        SessionNotFound
            Where no session has that id.
        AnalysisError
            Where nothing in it can be analysed.
        """
        return self._closeups.of(self.recording(session_id), self.overview(session_id).analysis)

    def self_report(self, session_id: str) -> SelfReport:
        """Return what was said in a session, and what was measured by hand.

        Raises
        ------
        SessionNotFound
            Where no session has that id.
        """
        return self_report.of(self.recording(session_id))

    def _forget(self) -> None:
        with self._lock:
            self._overviews.clear()
        self._closeups.forget()
        self.ecg.forget()
        self.gatherings.forget()

    def _quiet_rest(
        self,
        source: "str | Recording | Session",
        found: "Recording | Session",
        before: str | None,
        after: str | None,
    ) -> QuietRest | None:
        """Return the client's quiet rest beside a session of this library; None beside anything else."""
        if isinstance(found, Session):
            session, recording = found.id, found.recording()
        elif isinstance(source, str) and is_session_id(source) and isinstance(found, Recording):
            session, recording = source, found
        else:
            return None
        with suppress(AnalysisError):  # the comparison itself says it better
            return self.over_sessions.control(session, found.client, phases.prepare(recording), before, after)
        return None

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
    return Library(Store.open(settings.database), limits=settings.limits, home=settings.home)
