"""A file into the log: its own lines as given, each content once."""

import hashlib
import itertools
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from biotune.formats import registry
from biotune.formats.text import Content, load, shown
from biotune.storage.store import Store


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A file that was read and can be stored.

    Attributes
    ----------
    path : Path
        The file, as given.
    format_name : str
        Its format.
    content : Content
        What it holds.
    sha256 : str
        Of its bytes: the same file under another name is the same.
    modified : datetime
        When it was last written, for files that do not say when they were recorded.
    """

    path: Path
    format_name: str
    content: Content
    sha256: str
    modified: datetime


@dataclass(frozen=True, slots=True)
class Imported:
    """Where a file's content now is.

    Attributes
    ----------
    session : str
        The session's id.
    duplicate_of : str
        The session that already held this content, where it was there before; else empty.
    date_of_file : bool
        Whether the session that came in has the file's own date, since nothing in the file says when it was recorded.
    """

    session: str
    duplicate_of: str = ""
    date_of_file: bool = False


def read(path: Path, *, format_name: str | None = None) -> ReadFile:
    """Read a file, storing nothing.

    Raises
    ------
    UsageError
        Where there is no such file or format, or it is a folder.
    FormatError
        Where no reader can use it.
    """
    data = load(path)
    name, content = registry.parse(data, shown(path), format_name=format_name)
    modified = datetime.fromtimestamp(path.stat().st_mtime, tz=UTC)
    return ReadFile(path, name, content, hashlib.sha256(data).hexdigest(), modified)


def store(into: Store, file: ReadFile, *, client: str | None = None) -> Imported:
    """Store what was read as a session of its own, unless its content is there already.

    The same bytes are known again, and the same log in another file: one that was written out here, or on another
    machine, and comes back.

    Parameters
    ----------
    into : Store
        The log.
    file : ReadFile
        What `read` returned.
    client : str, optional
        Whose it is; what the file says by default.

    Raises
    ------
    StorageError
        Where the log cannot be written.
    """
    known = into.import_of(file.sha256) or _same_log(into, file.content)
    if known:
        return Imported(known, duplicate_of=known)
    content = file.content
    with into.together():  # the whole file or nothing of it
        session = into.create_session(
            client=content.client if client is None else client,
            protocol=content.protocol,
            started=content.started or file.modified,
        )
        for _ in range(content.recordings):
            into.add_recording(session, label=shown(file.path.name))
        for writer, lines in itertools.groupby(content.lines, key=lambda line: line.writer):
            into.append_many(session, writer, ((line.stamp, line.entry, line.recording) for line in lines))
        into.add_import(session, shown(file.path.name), file.format_name, file.sha256)
    return Imported(session, date_of_file=content.started is None)


def _same_log(into: Store, content: Content) -> str | None:
    """Return the session that has this very log: begun at the same instant, and saying the same at the same times."""
    if content.started is None:
        return None
    hashes = [each.log_sha256 for each in registry.recordings(content)]
    for session_id in into.finding.begun_at(content.started):
        if [each.log_sha256 for each in into.session(session_id).recordings] == hashes:
            return session_id
    return None
