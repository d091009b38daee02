"""A file's text at the door: size, encoding and line ends settled once, for every reader."""

import re
import stat
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NoReturn

from biotune.domain import NS_PER_S, Entry, LogLine, Stamp
from biotune.errors import FormatError, UsageError

MAX_BYTES = 32 * 1024 * 1024  # a day and a half of a session's log; weeks of bare intervals
MAX_LINES = 500_000
LEAST_INTERVALS = 3  # two beats show neither a rhythm nor a change of it
SHORTEST_MS, LONGEST_MS = 10.0, 100_000.0  # outside, a number is in another unit or no interval at all

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
_LARGEST = 1e15  # milliseconds since 1970 have 13 digits
_SIGNATURES = {
    b"\xff\xd8\xff": "a JPEG picture",
    b"\x89PNG": "a PNG picture",
    b"GIF8": "a GIF picture",
    b"%PDF": "a PDF document",
    b"PK\x03\x04": "a ZIP archive or an office document",
    b"\x1f\x8b": "a gzip archive",
    b"SQLite format 3": "a database",
    b"RIFF": "a sound or film",
    b"ID3": "a sound",
}
_BYTE_ORDER_MARKS = {b"\xef\xbb\xbf": "utf-8", b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
_UNTEXTLIKE = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class TextFile:
    """A file's lines, without their ends.

    Attributes
    ----------
    source : str
        The file's name as a person gave it.
    lines : tuple of str
        Line 1 is ``lines[0]``.
    """

    source: str
    lines: tuple[str, ...]

    @property
    def first(self) -> str:
        """The first line that is not blank, stripped."""
        return next((line.strip() for line in self.lines if line.strip()), "")

    def refuse(self, number: int, what: str, *, why: str = "", hint: str = "") -> NoReturn:
        """Raise the error for line `number`, counted from 1."""
        raise FormatError(f"{self.source}, line {number}: {what}", why=why, hint=hint)


@dataclass(frozen=True, slots=True)
class Content:
    """What a reader found in a file.

    Attributes
    ----------
    lines : tuple of LogLine
        The log, in order.
    recordings : int
        How many recordings the lines belong to.
    started : datetime or None
        When the sitting began, where the file says so.
    client, protocol : str
        Where the file says so.
    finished : bool
        Whether nothing more will come.
    """

    lines: tuple[LogLine, ...]
    recordings: int = 1
    started: datetime | None = None
    client: str = ""
    protocol: str = ""
    finished: bool = True


def load(path: Path) -> bytes:
    """Read a file whole.

    Raises
    ------
    UsageError
        Where there is no such file, or it is a folder.
    FormatError
        Where it cannot be read or is too large.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError, ValueError) as error:  # ValueError: a NUL in the name
        raise UsageError(f"there is no file {shown(path)!r}", hint="Check the name and the folder.") from error
    except OSError as error:
        if _is_folder(path):
            raise UsageError(f"{shown(path)} is a folder, not a file", hint="Name the files in it.") from error
        raise FormatError(
            f"{shown(path)} cannot be read", why=f"The system says: {error.strerror or error}."
        ) from error
    if len(data) > MAX_BYTES:
        raise FormatError(
            f"{shown(path)} is too large to be a recording",
            why=f"It has more than {MAX_BYTES // 1024**2} MB; a day of beats has three.",
            hint="Export the session alone.",
        )
    return data


def _is_folder(path: Path) -> bool:
    try:
        return stat.S_ISDIR(path.stat().st_mode)
    except OSError:
        return False


def decode(data: bytes, source: str) -> TextFile:
    """Turn bytes into lines.

    UTF-8 with or without a mark, UTF-16 with one, else Windows' western alphabet (which can
    only matter in comments and names).

    Raises
    ------
    FormatError
        Where it is empty, no text, or too long.
    """
    if not data.strip():
        raise FormatError(f"{source} is empty", hint="Export the recording again.")
    for signature, kind in _SIGNATURES.items():
        if data.startswith(signature):
            raise FormatError(f"{source} is {kind}, not a recording", hint="Name a file with RR intervals.")
    text = _to_text(data)
    if text is None or _UNTEXTLIKE.search(text):
        raise FormatError(
            f"{source} is not a text file",
            why="It holds bytes that no text has.",
            hint="Name a file with RR intervals.",
        )
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n", MAX_LINES)
    if len(lines) > MAX_LINES:
        raise FormatError(
            f"{source} is too long to be a recording",
            why=f"It has more than {MAX_LINES:,} lines; a day of beats has about 100,000.",
            hint="Export the session alone.",
        )
    if not text.strip():
        raise FormatError(f"{source} is empty", hint="Export the recording again.")
    return TextFile(source, tuple(lines))


def _to_text(data: bytes) -> str | None:
    for mark, encoding in _BYTE_ORDER_MARKS.items():
        if data.startswith(mark):
            try:
                return data[len(mark) :].decode(encoding)
            except UnicodeDecodeError:
                return None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def shown(path: Path | str) -> str:
    r"""Return a file's name as it can be printed and stored, also where it holds what no text does.

    Examples
    --------
    >>> shown("Gerät 1.csv"), shown("\udcff\x1b[2J.csv")
    ('Gerät 1.csv', '??[2J.csv')
    """
    return "".join(character if character.isprintable() else "?" for character in str(path))


def quoted(text: str) -> str:
    """Quote what a file says, short enough for an error message and safe for a terminal."""
    text = text.strip()
    return ascii(text if len(text) <= 40 else f"{text[:37]}...")  # noqa: PLR2004 - the length is the point


def inert(text: str) -> str:
    """Return text that no spreadsheet takes for a formula.

    Examples
    --------
    >>> inert("=1+1"), inert("music")
    ("'=1+1", 'music')
    """
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def number(file: TextFile, line: int, text: str, what: str) -> float:
    """Read one number.

    Raises
    ------
    FormatError
        Where the text is none, saying the line.
    """
    text = text.strip()
    if re.fullmatch(r"[+-]?\d+,\d+", text):
        file.refuse(line, f"{quoted(text)} has a decimal comma", hint="Write numbers with a point, as 812.5.")
    if not _NUMBER.fullmatch(text) or abs(float(text)) > _LARGEST:
        file.refuse(line, f"{quoted(text) if text else 'nothing'} stands where {what} was expected")
    return float(text)


def interval_ms(file: TextFile, line: int, value: float, *, unit: str) -> float:
    """Return a plausible interval in milliseconds.

    Raises
    ------
    FormatError
        Where no interval between two beats has that length.
    """
    in_ms = value * 1000.0 if unit == "s" else value
    if in_ms <= 0:
        file.refuse(
            line,
            f"{value:g} is not an interval",
            why="The time between two beats is longer than nothing.",
            hint="Correct or remove that line.",
        )
    if not SHORTEST_MS <= in_ms <= LONGEST_MS:
        file.refuse(
            line,
            f"{value:g} {unit} is not an interval between two beats",
            why=f"The file is read in {'seconds' if unit == 's' else 'milliseconds'}, and that one would be "
            f"{in_ms / 1000.0:g} s long.",
            hint="Write every interval in one unit.",
        )
    return in_ms


def imported_log(entries: list[Entry]) -> tuple[LogLine, ...]:
    """Return the entries of another program's file as the log of one recording.

    All have one stamp: such a file says nothing of this machine's clocks, and its own times are in the entries.
    """
    stamp = Stamp("import", 0, 0)
    return tuple(LogLine(seq, "import", stamp, 1, entry) for seq, entry in enumerate(entries, start=1))


def seconds_text(milliseconds: int) -> str:
    """Write whole milliseconds as seconds without loss.

    Examples
    --------
    >>> seconds_text(34096)
    '34.096'
    """
    whole, rest = divmod(milliseconds, NS_PER_S // 1_000_000)
    return f"{whole}.{rest:03d}"
