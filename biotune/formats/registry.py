"""All readers, and the choice among them by a file's content."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from biotune.domain import Recording, Session
from biotune.errors import FormatError, UsageError
from biotune.formats import biotune_csv, hrv_logger, log, rr_text, session_json
from biotune.formats.text import Content, TextFile, decode, load, quoted, shown


@dataclass(frozen=True, slots=True)
class Reader:
    """One format.

    Attributes
    ----------
    name : str
        The word that ``--format`` takes.
    plain : str
        What it is, for people.
    sniff : callable
        Whether a file begins like one of these.
    read : callable
        What it holds.
    """

    name: str
    plain: str
    sniff: Callable[[TextFile], bool]
    read: Callable[[TextFile], Content]


DATELESS = frozenset({biotune_csv.NAME, rr_text.NAME})  # files that never say when they were recorded

# Asked in this order: the least particular comes last.
_READERS = tuple(
    Reader(module.NAME, module.PLAIN, module.sniff, module.read)
    for module in (session_json, log, biotune_csv, hrv_logger, rr_text)
)


def names() -> tuple[str, ...]:
    """Names of the formats that can be read."""
    return tuple(reader.name for reader in _READERS)


def identify(path: Path) -> str:
    """Return the name of a file's format.

    Raises
    ------
    UsageError
        Where there is no such file, or it is a folder.
    FormatError
        Where no reader knows it.
    """
    return _find(decode(load(path), shown(path))).name


def read(path: Path, *, format_name: str | None = None) -> Recording:
    """Read a file's recording, the first where it holds several.

    Parameters
    ----------
    path : Path
        The file.
    format_name : str, optional
        One of `names`; found by the content by default.

    Raises
    ------
    UsageError
        Where there is no such file or format, or it is a folder.
    FormatError
        Where no reader can use it.
    """
    return recording_in(load(path), shown(path), format_name=format_name)


def recording_in(data: bytes, source: str, *, format_name: str | None = None) -> Recording:
    """As `read`, from a file's bytes; `source` is its name."""
    _, content = parse(data, source, format_name=format_name)
    return _recording(content, source, 1)


def read_session(path: Path, *, format_name: str | None = None) -> Session:
    """Read a file as a whole session, with all its recordings; raises as `read`.

    Its id is the file's name; where the file does not say when it was made, it `started` in 1970.
    """
    source = shown(path)
    _, content = parse(load(path), source, format_name=format_name)
    return Session(
        id=source,
        client=content.client,
        protocol=content.protocol,
        started=content.started or datetime.fromtimestamp(0, tz=UTC),
        finished=content.finished,
        recordings=recordings(content, source),
    )


def recordings(content: Content, source: str = "") -> tuple[Recording, ...]:
    """Return what a file holds as recordings."""
    return tuple(_recording(content, source, number) for number in range(1, content.recordings + 1))


def parse(data: bytes, source: str, *, format_name: str | None = None) -> tuple[str, Content]:
    """Return the format's name and what the file holds; raises as `read`."""
    file = decode(data, source)
    reader = _find(file) if format_name is None else _named(format_name)
    return reader.name, reader.read(file)


def _recording(content: Content, source: str, number: int) -> Recording:
    return Recording(
        source=source if number == 1 else f"{source}/{number}",
        lines=tuple(line for line in content.lines if line.recording in {0, number}),
        protocol=content.protocol,
        client=content.client,
    )


def _find(file: TextFile) -> Reader:
    for reader in _READERS:
        if reader.sniff(file):
            return reader
    raise FormatError(
        f"{file.source} is in no format that biotune reads",
        why=f"It begins with {quoted(file.first)}.",
        hint=f"It reads: {'; '.join(reader.plain for reader in reversed(_READERS))}.",
    )


def _named(name: str) -> Reader:
    for reader in _READERS:
        if reader.name == name:
            return reader
    raise UsageError(f"there is no format {name!r}", hint=f"Choose one of: {', '.join(names())}.")
