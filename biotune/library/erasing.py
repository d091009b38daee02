"""What is put aside, what is erased for good, and the files that were written from either."""

import getpass
import hashlib
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from biotune.domain import SessionSummary
from biotune.domain.clients import require_named
from biotune.errors import StorageError
from biotune.library.clients import code_of
from biotune.sensor.source import SystemClock
from biotune.storage.erasing import Extent
from biotune.storage.remaining import Mention
from biotune.storage.store import Store

_EXPORT = "export"
# Where words of people stand that may name a client; of sessions, and of what else is kept.
_OF_SESSIONS = {
    **dict.fromkeys(("marker", "marker-added", "marker-corrected"), "a marker"),
    "context": "the circumstances",
    "music": "the title of a piece",
    "music-report": "the record of the music",
    **dict.fromkeys(("phase-started", "phase-corrected"), "a phase"),
    "beat-judged": "who judged a beat",
    "rating": "a rating",
    "score": "a score",
    "reading": "a reading",
    "recording": "what the strap is called",
    "import": "the name of the imported file",
}
_OF_OTHERS = {
    "playlist": "the playlist “{}”",
    "piece": "the piece “{}”",
    "folder": "the music folder {}",
    "client": "what is kept of client {}",
    "name": "the name or contact of client {}",
    "plan": "the experiment {}",
    "draft": "the session that is being prepared",
    _EXPORT: "what is noted of the file {}",
    "setting": "a setting",
}


@dataclass(frozen=True, slots=True)
class Exported:
    """One file that biotune wrote from a session.

    Attributes
    ----------
    path : Path or None
        Where it was written; None for one that a browser fetched, which keeps it where it likes.
    folder : Path or None
        The folder that was made for it.
    name : str
        The file's name.
    made_utc_ns : int
        When it was made.
    is_there, is_unchanged : bool
        Whether it is still there, and still what was written.
    """

    path: Path | None
    folder: Path | None
    name: str
    made_utc_ns: int
    is_there: bool
    is_unchanged: bool


@dataclass(frozen=True, slots=True)
class Leaving:
    """What would go, or went: sessions, lines of their logs, documents, a name, and exported files.

    Attributes
    ----------
    sessions : tuple of str
        Their ids.
    lines, documents : int
        How many.
    has_name : bool
        Whether a name or a contact is kept.
    deleted : tuple of Exported
        Files that go with it: still there, and unchanged since they were written.
    left : tuple of Exported
        Files that a person must look for: changed since, about others as well, or fetched by a browser.
    mentions : tuple of str
        What is kept of others and still names the client, in words: left to people.
    """

    sessions: tuple[str, ...]
    lines: int
    documents: int
    has_name: bool
    deleted: tuple[Exported, ...]
    left: tuple[Exported, ...]
    mentions: tuple[str, ...] = ()


class Eraser:
    """Puts sessions aside, brings them back, and erases for good.

    Parameters
    ----------
    store : Store
        The log.
    forget : callable
        Called after erasing: what is remembered of it in memory goes as well.
    who : str, optional
        Who does it, for the audit; the account that runs the program by default.
    """

    def __init__(self, store: Store, *, forget: Callable[[], None] = lambda: None, who: str | None = None) -> None:
        self._store = store
        self._forget = forget
        self._who = _account() if who is None else who
        self._clock = SystemClock()

    def remove(self, session_id: str) -> None:
        """Put a session aside, which `restore` undoes: no list shows it any more.

        Raises
        ------
        SessionNotFound
            Where there is no such session.
        StorageError
            While it is being recorded.
        """
        self._store.remove_session(_bare(session_id), utc_ns=self._now_ns())

    def restore(self, session_id: str) -> None:
        """Bring back a session that was put aside; raises as `remove`."""
        self._store.restore_session(_bare(session_id))

    def removed(self) -> tuple[SessionSummary, ...]:
        """List what was put aside, newest first."""
        return self._store.sessions(removed=True)

    def leaving(self, *, client: str = "", session_id: str = "") -> Leaving:
        """Tell what erasing a client, or one session, would take away; changes nothing.

        Raises
        ------
        StorageError
            Where nothing is kept of that client.
        SessionNotFound
            Where there is no such session.
        """
        erasing = self._store.erasing
        if client:
            code = self.code(client)
            extent = erasing.extent_of_client(code)
            return replace(_leaving(extent), mentions=_told(erasing.mentions_of(code, besides=extent)))
        return _leaving(erasing.extent_of_session(_bare(session_id)))

    def is_known(self, client: str) -> bool:
        """Tell whether anything is kept of that client."""
        try:
            self._store.erasing.extent_of_client(self.code(client))
        except StorageError:
            return False
        return True

    def erase_client(self, client: str) -> Leaving:
        """Erase everything of one client for good, with the exported files that are still as they were written.

        Raises
        ------
        StorageError
            Where nothing is kept of that client, a recording runs, or another program keeps the database's files.
        UsageError
            Where no client is named: sessions that are nobody's are erased one by one.
        """
        code, erasing = self.code(client), self._store.erasing
        gone = self._erase(
            lambda: erasing.extent_of_client(code),
            lambda: erasing.erase_client(code, who=self._who, utc_ns=self._now_ns()),
        )
        return replace(gone, mentions=_told(erasing.mentions_of(code)))

    def erase_session(self, session_id: str) -> Leaving:
        """Erase one session for good; as `erase_client`."""
        session, erasing = _bare(session_id), self._store.erasing
        return self._erase(
            lambda: erasing.extent_of_session(session),
            lambda: erasing.erase_session(session, who=self._who, utc_ns=self._now_ns()),
        )

    def finish_cleaning(self) -> bool:
        """Write the database's files anew where an earlier erasing could not; tell whether that was needed."""
        if not self._store.erasing.is_unclean():
            return False
        self._store.erasing.clean(who=self._who, utc_ns=self._now_ns())
        return True

    def note_written(self, files: Iterable[Path], *, client: str, session_id: str, folder: Path | None = None) -> None:
        """Keep where files were written, and the hash of each, so that erasing finds them.

        Parameters
        ----------
        files : iterable of Path
            What was written.
        client, session_id : str
            Whose, and of which session.
        folder : Path, optional
            The folder that was made for them, which goes with the last of them.
        """
        root = str(folder.absolute()) if folder else ""
        self._note(
            [(str(file.absolute()), file.name, _sha256(file)) for file in files], client, _bare(session_id), root
        )

    def note_fetched(self, name: str, *, client: str, session_id: str) -> None:
        """Keep that a browser fetched a file, so that erasing can remind of it."""
        self._note([("", name, "")], client, _bare(session_id), "")

    def note_group(self, name: str, clients: Iterable[str], *, path: Path | None = None) -> None:
        """Keep that a file about several clients went out: erasing one of them reminds of it, and leaves it to people.

        Parameters
        ----------
        name : str
            The file's name.
        clients : iterable of str
            The codes in it; an empty one is nobody's.
        path : Path, optional
            Where it was written; None where a browser fetched it.
        """
        where = str(path.absolute()) if path else ""
        for code in sorted({*clients} - {""}):
            self._note([(where, name, "")], code, "", "")

    def _note(self, files: Iterable[tuple[str, str, str]], client: str, session_id: str, folder: str) -> None:
        now_ns = self._now_ns()
        records = {  # a file that is written again has the same key: what was written last counts
            hashlib.sha256(_named(path, name, client, session_id).encode()).hexdigest(): {
                "client": client,
                "session": session_id,
                "path": path,
                "folder": folder,
                "name": name,
                "sha256": sha256,
                "made_utc_ns": now_ns,
            }
            for path, name, sha256 in files
        }
        self._store.documents.put_many(_EXPORT, records, utc_ns=now_ns)

    def code(self, client: str) -> str:
        """Return the code that somebody is kept under: files from elsewhere bring codes that nobody could give here.

        Raises
        ------
        UsageError
            Where nobody is kept under it, and it can be no code.
        """
        require_named(client)
        with suppress(StorageError):
            self._store.erasing.extent_of_client(client)
            return client
        return code_of(self._store, client)

    def _erase(self, ask: Callable[[], Extent], work: Callable[[], Extent]) -> Leaving:
        leaving = _leaving(ask())
        work()
        self._forget()
        undeleted = [each.path for each in leaving.deleted if each.path and not _delete(each.path, each.folder)]
        self._store.erasing.clean(who=self._who, utc_ns=self._now_ns())
        if undeleted:
            raise StorageError(
                f"everything is erased but: {', '.join(map(str, undeleted))}",
                why="This program may not delete it.",
                hint="Delete it by hand.",
            )
        return leaving

    def _now_ns(self) -> int:
        return self._clock.now().utc_ns


def _account() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # an account without a name, in a container
        return "unknown"


def _leaving(extent: Extent) -> Leaving:
    files = [_exported(record) for record in extent.exports]
    return Leaving(
        sessions=extent.sessions,
        lines=extent.lines,
        documents=len(extent.documents),
        has_name=extent.has_name,
        deleted=tuple(file for file in files if file.is_there and file.is_unchanged),
        left=tuple(file for file in files if file.path is None or (file.is_there and not file.is_unchanged)),
    )


def _told(mentions: Iterable[Mention]) -> tuple[str, ...]:
    """Say where each is."""
    told = []
    for each in mentions:
        if each.kind in _OF_SESSIONS:
            told.append(f"{each.about}: {_OF_SESSIONS[each.kind]}")
        else:
            told.append(_OF_OTHERS.get(each.kind, f"{each.kind} {{}}").format(each.about))
    return tuple(dict.fromkeys(told))


def _exported(record: Mapping[str, Any]) -> Exported:
    path = Path(record["path"]) if record["path"] else None
    is_there = path is not None and path.is_file()
    return Exported(
        path=path,
        folder=Path(record["folder"]) if record["folder"] else None,
        name=record["name"],
        made_utc_ns=record["made_utc_ns"],
        is_there=is_there,
        is_unchanged=path is not None and is_there and _sha256(path) == record["sha256"],
    )


def _sha256(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return ""


def _delete(file: Path, made: Path | None) -> bool:
    try:
        file.unlink(missing_ok=True)
    except OSError:
        return False
    if made and made in file.parents:
        inside = [made, *(each for each in reversed(file.parents) if made in each.parents)]
        with suppress(OSError):  # something else is left in it
            for folder in reversed(inside):
                folder.rmdir()
    return True


def _named(path: str, name: str, client: str, session_id: str) -> str:
    """Say which file is meant; one of a group is noted once for each of its clients."""
    return path if path and session_id else f"{session_id or client} {path or name}"


def _bare(session_id: str) -> str:
    """Drop the number of a recording: a session is put aside or erased as a whole."""
    return session_id.partition("/")[0]
