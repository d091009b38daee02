"""Audio files: what is one, what its tags say, and its sound block by block. The one door to soundfile and tinytag."""

import hashlib
import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from biotune.analysis import music
from biotune.analysis.music import Sound
from biotune.analysis.series import FloatArray
from biotune.domain.music import LONGEST_TITLE, Piece
from biotune.errors import FormatError

MEASURED = frozenset({".wav", ".wave", ".flac", ".ogg", ".oga", ".mp3"})
PLAYED = frozenset({".m4a", ".mp4a", ".aac"})  # browsers play these; nothing here reads their sound
MIME_TYPES = {
    ".wav": "audio/wav",
    ".wave": "audio/wav",
    ".flac": "audio/flac",
    ".ogg": "audio/ogg",
    ".oga": "audio/ogg",
    ".mp3": "audio/mpeg",
    ".m4a": "audio/mp4",
    ".mp4a": "audio/mp4",
    ".aac": "audio/aac",
}
_BLOCK = 1 << 16  # samples
_CHUNK = 1 << 20  # bytes
_NO_ANALYSIS = "Its length is known from its tags; biotune cannot measure the tempo or loudness of this format."


class Stopped(Exception):
    """Somebody asked to stop in the middle of a file."""


def is_audio(path: Path) -> bool:
    """Tell whether a file's name says that it is music biotune can play."""
    return path.suffix.lower() in MIME_TYPES


def content_hash(path: Path, goes_on: Callable[[], bool] = lambda: True) -> str:
    """Return the SHA-256 of a file's content.

    Raises
    ------
    Stopped
        Once `goes_on` says no.
    OSError
        Where it cannot be read.
    """
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
            if not goes_on():
                raise Stopped
    return digest.hexdigest()


def described(piece: Piece, path: Path) -> Piece:
    """Return a piece with what its file's tags say (title, performer, length), or its name where they say nothing."""
    from tinytag import TinyTag, TinyTagException  # noqa: PLC0415 - where music is looked for

    title, performer, duration_s = "", "", None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tag = TinyTag.get(path)
        title, performer, duration_s = _words(tag.title), _words(tag.artist), tag.duration
    except (TinyTagException, OSError, ValueError, LookupError, ArithmeticError):
        pass  # tags are a courtesy; whether there is sound in it is another question
    return replace(
        piece, title=title or _words(path.stem) or "untitled", performer=performer, duration_s=duration_s or None
    )


def measured(piece: Piece, path: Path, goes_on: Callable[[], bool] = lambda: True) -> Piece:
    """Return a piece with its length, tempo and loudness; with the problem in words where it cannot be read.

    Raises
    ------
    Stopped
        Once `goes_on` says no.
    """
    try:
        _require_sound(path)
        if path.suffix.lower() in PLAYED:
            return replace(piece, version=music.VERSION, problem=_NO_ANALYSIS, playable=True)
        sound = listen(path, goes_on)
    except FormatError as error:
        words = f"{error.what[:1].upper()}{error.what[1:]}. {error.hint}".strip()
        return replace(piece, version=music.VERSION, problem=words, playable=False)
    return replace(
        piece,
        duration_s=sound.duration_s,
        measured_bpm=sound.tempo.bpm,
        candidates=tuple((round(each.bpm, 2), round(each.strength, 3)) for each in sound.tempo.candidates),
        steadiness=sound.tempo.steadiness,
        loudness_lufs=sound.loudness_lufs,
        version=music.VERSION,
        problem="",
        playable=True,
    )


def listen(path: Path, goes_on: Callable[[], bool] = lambda: True) -> Sound:
    """Measure a file's sound, block by block.

    Raises
    ------
    FormatError
        Where it holds no sound that can be read to its end.
    Stopped
        Once `goes_on` says no.
    """
    import soundfile  # noqa: PLC0415 - loads a C library; only where music is read

    try:
        with soundfile.SoundFile(path) as file:
            promised = file.frames
            sound = music.listen(_blocks(file, goes_on), rate_hz=file.samplerate, channels=file.channels)
            read = round(sound.duration_s * file.samplerate)
    except (soundfile.SoundFileError, OSError, RuntimeError) as error:
        raise FormatError(
            "the sound cannot be read to its end",
            why=_first_line(error),
            hint="The file is damaged or was cut off; copy it here again.",
        ) from error
    if not read:
        raise FormatError("there is no sound in this file", hint="Copy it here again.")
    if 0 < promised < 1 << 48 and read < promised - _BLOCK:
        raise FormatError(
            f"the sound ends after {read / promised:.0%} of its length",
            hint="The file is damaged or was cut off; copy it here again.",
        )
    return sound


def _blocks(file: object, goes_on: Callable[[], bool]) -> Iterator[FloatArray]:
    for block in file.blocks(_BLOCK, dtype="float32", always_2d=True):  # type: ignore[attr-defined]
        if not goes_on():
            raise Stopped
        yield block


def _require_sound(path: Path) -> None:
    """Refuse what only has an audio file's name, before a decoder searches all of it for sound."""
    try:
        with path.open("rb") as file:
            head = file.read(16)
    except OSError as error:
        raise FormatError(
            "the file cannot be opened",
            why=f"{error.strerror or error}.",
            hint="Look at its permissions, or plug the disk in again.",
        ) from error
    if not head:
        raise FormatError("the file is empty", hint="Copy it here again.")
    known = (
        head[:4] in {b"RIFF", b"RIFX", b"RF64", b"fLaC", b"OggS"}
        or head[:3] == b"ID3"
        or head[4:8] == b"ftyp"
        or (head[:1] == b"\xff" and head[1:2] >= b"\xe0")
        or not any(head)  # some encoders begin with silence
    )
    if not known:
        raise FormatError(
            f"this is no audio file, although its name ends with {path.suffix}",
            hint="Delete it, or move it out of the folder.",
        )


def _words(text: str | None) -> str:
    """Return a tag as one line without what no screen can show."""
    printable = "".join(each if each.isprintable() else " " for each in text or "")
    return " ".join(printable.split())[:LONGEST_TITLE]


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
