"""Where on this machine a folder of music may be chosen: the home folder, its Music, and drives; folders only."""

import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from biotune.errors import UsageError
from biotune.library import audio

_MOST = 300  # folders told of one folder
_DRIVES = ("/media", "/run/media", "/mnt", "/Volumes")
_OF_A_USER = ("/media", "/run/media")  # these hold a folder for each user, and the drives in that


@dataclass(frozen=True, slots=True)
class Place:
    """A folder by what a person calls it, and its full path."""

    title: str
    path: str


@dataclass(frozen=True, slots=True)
class Inside:
    """What is to be chosen from at one place.

    Attributes
    ----------
    here : Place or None
        The folder itself; None at the beginning, where the places to begin at are offered.
    above : tuple of Place
        The folders that it lies in, from the place one began at; without itself.
    folders : tuple of Place
        The folders in it, by name.
    more : int
        How many more there are than are told.
    audio : int
        Audio files in it, not counting those in its folders.
    """

    here: Place | None
    above: tuple[Place, ...] = ()
    folders: tuple[Place, ...] = ()
    more: int = 0
    audio: int = 0


class Places:
    """The places that may be looked into.

    Parameters
    ----------
    begin : sequence of Place, optional
        Where to begin; by default this user's home, its Music, and the drives.
    """

    def __init__(self, begin: tuple[Place, ...] | None = None) -> None:
        self._begin = begin

    def look(self, path: str = "") -> Inside:
        """Return what is to be chosen from in a folder; the places to begin at, without one.

        Hidden folders are left out, and links that lead out of the place one began at.

        Raises
        ------
        UsageError
            Where it is no folder, cannot be read, or lies outside every place.
        """
        begin = self._begin if self._begin is not None else usual_places()
        if not path:
            return Inside(None, folders=begin)
        try:
            folder = Path(path).resolve(strict=True)
            root = _root_of(folder, begin)
            top = Path(root.path).resolve()
            found = sorted(_folders(folder, top), key=_by_number)
            files = sum(audio.is_audio(each) for each in folder.iterdir())
        except (OSError, RuntimeError, ValueError) as error:
            why = f"{getattr(error, 'strerror', '') or error}."
            raise UsageError(f"{path[:200]} cannot be opened", why=why, hint="Choose another folder.") from error
        chain = [Place(root.title if at == top else at.name, str(at)) for at in (folder, *folder.parents)]
        here, *above = chain[: len(folder.parts) - len(top.parts) + 1]
        shown = tuple(Place(name, str(folder / name)) for name in found[:_MOST])
        return Inside(here, tuple(reversed(above)), shown, max(0, len(found) - _MOST), files)


def usual_places() -> tuple[Place, ...]:
    """Return this user's Music and home, and the drives that are there and can be read."""
    home = Path.home()
    offered = [("Music", _music(home)), ("Home", home), *((each.name or str(each), each) for each in _drives())]
    seen: dict[str, Place] = {}
    for title, path in offered:
        if path.is_dir() and os.access(path, os.R_OK | os.X_OK):
            seen.setdefault(str(path), Place(title, str(path)))
    return tuple(seen.values())


def _music(home: Path) -> Path:
    """Return where this user keeps music: as the desktop says, else the folder of that name."""
    try:
        lines = (home / ".config" / "user-dirs.dirs").read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        lines = []
    told = [line.partition("=")[2].strip().strip('"') for line in lines if line.startswith("XDG_MUSIC_DIR=")]
    found = Path(told[0].replace("$HOME", str(home))) if told and told[0] else home / "Music"
    return found if found != home else home / "Music"


def _drives() -> Iterator[Path]:
    if sys.platform == "win32":
        yield from (Path(f"{letter}:\\") for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
        return
    for at in map(Path, _DRIVES):
        for each in _entries(at):
            yield from _entries(each) if str(at) in _OF_A_USER else (each,)


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(each for each in folder.iterdir() if not each.name.startswith(".") and each.is_dir())
    except OSError:  # not there, or somebody else's
        return []


def _folders(folder: Path, root: Path) -> Iterator[str]:
    with os.scandir(folder) as entries:
        for each in entries:
            if each.name.startswith(".") or not _is_folder(each):
                continue
            if each.is_symlink() and not _within(Path(each.path), root):
                continue
            yield each.name


def _by_number(name: str) -> list[tuple[int, str]]:
    """Return by what names are put in order: “Album 2” stands before “Album 10”."""
    return [(int(part), "") if part.isdecimal() else (-1, part.casefold()) for part in re.split(r"(\d+)", name) if part]


def _is_folder(entry: "os.DirEntry[str]") -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that leads to itself
        return False


def _within(path: Path, root: Path) -> bool:
    try:
        found = path.resolve(strict=True)
    except (OSError, RuntimeError):
        return False
    return found == root or root in found.parents


def _root_of(folder: Path, begin: tuple[Place, ...]) -> Place:
    """Return the place that a folder lies in: the nearest, where one lies in another."""
    roots = [each for each in begin if _within(folder, Path(each.path).resolve())]
    if not folder.is_dir() or not roots:
        raise UsageError(
            f"{folder} cannot be chosen here",
            why="It is no folder of yours, nor on a drive.",
            hint="Type its full path instead.",
        )
    return max(roots, key=lambda each: len(Path(each.path).resolve().parts))
