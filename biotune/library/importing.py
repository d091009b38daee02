"""Files that somebody brings in through a page: read one by one in the background, told how far, stopped at will."""

import os
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from biotune.errors import BiotuneError, UsageError
from biotune.formats import importer
from biotune.library.clients import code_of
from biotune.storage.store import Store


@dataclass(frozen=True, slots=True)
class Brought:
    """A file as a browser hands it over: its name, its bytes, and when it was last written (seconds since 1970)."""

    name: str
    data: bytes
    modified_s: float


@dataclass(frozen=True, slots=True)
class Importing:
    """How far it is.

    Attributes
    ----------
    done, total : int
        Files.
    sessions : tuple of str
        What came in, by id.
    known : tuple of (str, str)
        Files whose content was there already, and the session that holds it.
    failed : tuple of (str, str)
        Files that could not be read, and why.
    date_of_file : tuple of str
        Those of `sessions` that have the file's own date, since nothing in it says when it was recorded.
    running, stopped : bool
        Whether it goes on, and whether somebody stopped it.
    """

    done: int = 0
    total: int = 0
    sessions: tuple[str, ...] = ()
    known: tuple[tuple[str, str], ...] = ()
    failed: tuple[tuple[str, str], ...] = ()
    date_of_file: tuple[str, ...] = ()
    running: bool = False
    stopped: bool = False


class Imports:
    """Brings files into one data folder, one batch at a time.

    Parameters
    ----------
    store : Store
        Where they go.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._now = Importing()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    @property
    def now(self) -> Importing:
        """How far the batch is, or how the last one ended."""
        return self._now

    def begin(self, files: Sequence[Brought], *, client: str = "") -> None:
        """Begin to bring files in.

        Parameters
        ----------
        files : sequence of Brought
            Each becomes a session of its own.
        client : str
            Whose they are; empty for what each file says.

        Raises
        ------
        UsageError
            Where the code cannot be one, or a batch is on its way.
        """
        code = code_of(self._store, client)
        with self._lock:
            if self._now.running:
                raise UsageError("files are being imported already", hint="Wait for them, or stop it.")
            self._now = Importing(total=len(files), running=True)
            self._stop.clear()
        self._thread = threading.Thread(target=self._work, args=(tuple(files), code), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Leave out what has not been begun; what came in stays."""
        self._stop.set()

    def wait(self, timeout_s: float = 60.0) -> bool:
        """Wait for the batch; tell whether it ended."""
        if self._thread:
            self._thread.join(timeout_s)
        return not self._now.running

    def _work(self, files: tuple[Brought, ...], client: str) -> None:
        try:
            with tempfile.TemporaryDirectory(prefix="biotune-") as folder:
                for number, file in enumerate(files):
                    if self._stop.is_set():
                        break
                    self._bring(file, Path(folder) / str(number), client)
        finally:
            self._now = replace(self._now, running=False, stopped=self._stop.is_set())

    def _bring(self, file: Brought, folder: Path, client: str) -> None:
        path = folder / (Path(file.name.replace("\\", "/")).name or "file")  # a browser's name is no path of ours
        now = self._now
        try:
            folder.mkdir()
            path.write_bytes(file.data)
            os.utime(path, (file.modified_s, file.modified_s))
            done = importer.store(self._store, importer.read(path), client=client or None)
        except (BiotuneError, OSError) as error:
            why = (
                error.what + (f": {error.why}" if error.why else "") if isinstance(error, BiotuneError) else str(error)
            )
            now = replace(now, failed=(*now.failed, (file.name, why.replace(str(path), file.name))))
        else:
            if done.duplicate_of:
                now = replace(now, known=(*now.known, (file.name, done.session)))
            else:
                guessed = (done.session,) if done.date_of_file else ()
                now = replace(now, sessions=(*now.sessions, done.session), date_of_file=(*now.date_of_file, *guessed))
        finally:
            path.unlink(missing_ok=True)
        self._now = replace(now, done=now.done + 1)
