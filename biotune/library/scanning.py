"""Looks into the folders of music and measures what is new, in a thread of its own that stops when asked."""

import logging
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from biotune.analysis import music
from biotune.domain.music import Piece
from biotune.errors import BiotuneError
from biotune.library import audio
from biotune.storage.store import Store

_PIECE = "piece"
_MOST_TOLD = 20  # problems that a page tells one by one
_KEPT_AT_ONCE = 50  # pieces
_KEPT_WITHIN_S = 1.0

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Scan:
    """How far looking and measuring is.

    Attributes
    ----------
    running : bool
        Whether it goes on.
    step : str
        ``looking``, ``reading`` or ``measuring``; empty before the first time.
    done, of : int
        Files of this step.
    now : str
        The file at hand.
    found : int
        Files in the folders that are audio by their names.
    unusable : int
        How many of these cannot be read or played as audio.
    measured : int
        Pieces that were measured this time.
    problems : tuple of (str, str)
        Files that cannot be used, and why; at most twenty.
    more_problems : int
        How many more there are.
    cancelled : bool
        Somebody stopped it.
    """

    running: bool = False
    step: str = ""
    done: int = 0
    of: int = 0
    now: str = ""
    found: int = 0
    unusable: int = 0
    measured: int = 0
    problems: tuple[tuple[str, str], ...] = ()
    more_problems: int = 0
    cancelled: bool = False


class _Cancelled(Exception):
    pass


class Scanner:
    """One look into the folders at a time.

    Parameters
    ----------
    store : Store
        Where pieces are kept.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._now = Scan()
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._again: Sequence[str] | None = None

    @property
    def now(self) -> Scan:
        """How far it is."""
        with self._lock:
            return self._now

    def begin(self, folders: Sequence[str]) -> None:
        """Look into the folders; once more after the look that runs, where one does."""
        with self._lock:
            if self._now.running:
                self._again = folders
                return
            self._stop.clear()
            self._now = Scan(running=True, step="looking")
        self._thread = threading.Thread(target=self._run, args=(tuple(folders),), name="music", daemon=True)
        self._thread.start()

    def cancel(self) -> None:
        """Stop within the second."""
        with self._lock:
            self._again = None
        self._stop.set()

    def wait(self, seconds: float) -> bool:
        """Wait until it is over; tell whether it is."""
        if self._thread:
            self._thread.join(seconds)
        return not self.now.running

    # ------------------------------------------------------------ in its own thread

    def _run(self, folders: Sequence[str]) -> None:
        while True:
            try:
                self._look(folders)
            except (_Cancelled, audio.Stopped):
                self._tell(cancelled=True)
            except BiotuneError as error:
                self._problem("", str(error))
            except Exception:
                logger.exception("looking for music failed")
                self._problem("", "Something in biotune failed; the window in which it runs shows what happened.")
            with self._lock:
                if self._again is None:
                    self._now = replace(self._now, running=False, now="")
                    return
                folders, self._again = tuple(self._again), None
                self._now = Scan(running=True, step="looking")

    def _look(self, folders: Sequence[str]) -> None:
        known = {key: Piece.from_dict(key, each) for key, each in self._store.documents.all(_PIECE).items()}
        paths = list(dict.fromkeys(path for folder in folders for path in self._files(Path(folder))))
        self._tell(found=len(paths), step="reading", of=len(paths), done=0)
        found = self._read(paths, known)
        self._tell_missing(folders, known, found)
        new = [each for each in found.values() if each.version != music.VERSION]
        self._tell(step="measuring", of=len(new), done=0)
        before = self._now.unusable
        with self._keeping() as keep:
            for done, piece in enumerate(new):
                self._tell(done=done, now=piece.title, measured=done - self._now.unusable + before)
                made = audio.measured(piece, Path(piece.path), self._goes_on)
                keep(made)
                if made.problem and not made.playable:
                    self._problem(made.path, made.problem)
                    self._tell(unusable=self._now.unusable + 1)
        self._tell(done=len(new), now="", measured=len(new) - self._now.unusable + before)

    @contextmanager
    def _keeping(self) -> Iterator[Callable[[Piece], None]]:
        """Give what keeps pieces that were measured: each within a second or so, and all at the end, however it comes.

        Of thousands of short pieces, each in a transaction of its own, a fifth of the time was the disk's.
        """
        waiting: list[Piece] = []
        kept_s = time.monotonic()

        def write() -> None:
            nonlocal kept_s
            # a tempo that was set meanwhile stands
            before = self._store.documents.some(_PIECE, [each.key for each in waiting])
            self._keep([_with_tempo_of(each, before.get(each.key)) for each in waiting])
            waiting.clear()
            kept_s = time.monotonic()

        def keep(piece: Piece) -> None:
            waiting.append(piece)
            if time.monotonic() - kept_s >= _KEPT_WITHIN_S:
                write()

        try:
            yield keep
        finally:
            if waiting:
                write()

    def _files(self, folder: Path) -> Iterator[Path]:
        """Yield the audio files of a folder that lie within it; tell of those that do not."""
        if not folder.is_dir():
            self._problem(str(folder), "The folder is not there at the moment.")
            return
        for at, folders, names in os.walk(folder, onerror=lambda error: self._problem(str(error.filename), str(error))):
            folders.sort()
            for each in [each for each in folders if (Path(at) / each).is_symlink()]:
                self._problem(str(Path(at) / each), "A link to another folder is not followed; add that folder itself.")
            for path in (Path(at) / name for name in sorted(names)):
                self._require()
                if audio.is_audio(path) and self._is_inside(path, folder):
                    yield path

    def _is_inside(self, path: Path, folder: Path) -> bool:
        if inside(path, folder):
            return True
        self._problem(str(path), "This link leads out of the folder, and is not followed.")
        return False

    def _read(self, paths: Sequence[Path], known: dict[str, Piece]) -> dict[str, Piece]:
        """Return the piece behind each file; the content is read only where size or time say that it changed."""
        by_path = {each.path: each for each in known.values() if each.path}
        found: dict[str, Piece] = {}
        changed: list[Piece] = []
        for done, path in enumerate(paths):
            self._require()
            self._tell(done=done, now=path.name)
            try:
                piece = self._piece(path, by_path.get(str(path)), known)
            except OSError as error:
                self._problem(str(path), f"It cannot be read: {error.strerror or error}.")
                continue
            if piece.key in found:
                continue  # the same content once more
            found[piece.key] = piece
            if piece != known.get(piece.key):
                changed.append(piece)
            if piece.problem and not piece.playable and piece.version == music.VERSION:
                self._problem(piece.path, piece.problem)
                self._tell(unusable=self._now.unusable + 1)
            if len(changed) >= _KEPT_AT_ONCE:
                self._keep(changed)
                changed = []
        self._keep(changed)
        return found

    def _piece(self, path: Path, before: Piece | None, known: dict[str, Piece]) -> Piece:
        stat = path.stat()
        if before and (before.size, before.changed_ns) == (stat.st_size, stat.st_mtime_ns):
            return replace(before, missing=False)
        key = audio.content_hash(path, self._goes_on)
        if key not in known:
            return audio.described(_at(Piece(key, path.stem), path, stat), path)
        again = known[key]
        return again if _still_there(again) else _at(again, path, stat)  # moved, renamed, or come back

    def _tell_missing(self, folders: Sequence[str], known: dict[str, Piece], found: dict[str, Piece]) -> None:
        looked_into = [Path(each) for each in folders]
        gone = [
            replace(each, missing=True)
            for each in known.values()
            if each.path and each.key not in found and not each.missing
            if any(folder in Path(each.path).parents for folder in looked_into)
        ]
        self._keep(gone)
        for each in gone:
            there = Path(each.path).exists()
            self._problem(each.path, "Its content was replaced." if there else "It was here and is gone.")

    def _keep(self, pieces: Sequence[Piece]) -> None:
        if pieces:
            made = {each.key: each.to_dict() for each in pieces}
            self._store.documents.put_many(_PIECE, made, utc_ns=time.time_ns())

    def _goes_on(self) -> bool:
        return not self._stop.is_set()

    def _require(self) -> None:
        if self._stop.is_set():
            raise _Cancelled

    def _tell(self, **changes: object) -> None:
        with self._lock:
            self._now = replace(self._now, **changes)  # type: ignore[arg-type]

    def _problem(self, path: str, words: str) -> None:
        with self._lock:
            if len(self._now.problems) < _MOST_TOLD:
                self._now = replace(self._now, problems=(*self._now.problems, (path, words)))
            else:
                self._now = replace(self._now, more_problems=self._now.more_problems + 1)


def inside(path: Path, folder: Path) -> bool:
    """Tell whether a path, all links followed, lies within a folder."""
    try:
        return folder.resolve() in path.resolve(strict=False).parents
    except (OSError, RuntimeError):  # a link that leads to itself
        return False


def _at(piece: Piece, path: Path, stat: os.stat_result) -> Piece:
    return replace(piece, path=str(path), size=stat.st_size, changed_ns=stat.st_mtime_ns, missing=False)


def _with_tempo_of(piece: Piece, kept: Mapping[str, Any] | None) -> Piece:
    return replace(piece, set_bpm=Piece.from_dict(piece.key, kept).set_bpm) if kept else piece


def _still_there(piece: Piece) -> bool:
    """Tell whether a known piece is where it was: this file is a copy of it."""
    try:
        stat = Path(piece.path).stat()
    except OSError:
        return False
    return not piece.missing and (stat.st_size, stat.st_mtime_ns) == (piece.size, piece.changed_ns)
