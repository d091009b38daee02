"""One session's log, written on a thread of its own, one write after another."""

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from types import TracebackType
from typing import Self, TypeVar

from biotune.domain import Entry, PacketReceived, RecorderStarted, RecorderStopped, RrUnitSet, Stamp, StrapEvent
from biotune.errors import StorageError
from biotune.storage.store import Store

PATIENCE_S = 600.0  # how long a log that cannot be written is tried again
RETRY_S = 1.0

# the rest is the session's
_OF_THE_RECORDING = PacketReceived | StrapEvent | RrUnitSet | RecorderStarted | RecorderStopped

T = TypeVar("T")


class LogWriter:
    """Appends to a session's log without holding up whoever stamps what arrives.

    Parameters
    ----------
    store : Store
        Where the log is.
    announce, acknowledged : callable
        As in `biotune.session.recorder.Listeners`.
    hurried : callable
        Tells whether to give up at once instead of trying again.

    Attributes
    ----------
    session_id : str
        Empty until the session is there.
    recording : int
        Which of its recordings.
    written : int
        The last line acknowledged; every line before it, whoever wrote it, is in the log.
    """

    def __init__(
        self,
        store: Store,
        *,
        announce: Callable[[str], None],
        acknowledged: Callable[[int], None],
        hurried: Callable[[], bool],
    ) -> None:
        self.store = store
        self.session_id = ""
        self.recording = 0
        self.written = 0
        self._announce = announce
        self._acknowledged = acknowledged
        self._hurried = hurried
        self._name = f"recorder:{os.getpid()}"
        self._thread = ThreadPoolExecutor(1, "log")

    def __enter__(self) -> Self:
        """Return the writer."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let the last write come to its end."""
        self._thread.shutdown()

    async def append(self, stamp: Stamp, *entries: Entry) -> None:
        """Append lines in one transaction, and acknowledge the last: they are on the disk then."""
        await self.commit(lambda: self.write(stamp, entries))

    async def commit(self, work: Callable[[], int]) -> None:
        """Do as `do` does, and acknowledge the line whose number comes back."""
        self.written = await self.do(work)
        self._acknowledged(self.written)

    def write(self, stamp: Stamp, entries: tuple[Entry, ...]) -> int:
        """As `append`, on the thread itself; return the last line's number."""
        seq = 0
        with self.store.together() if len(entries) > 1 else nullcontext():
            for entry in entries:
                recording = self.recording if isinstance(entry, _OF_THE_RECORDING) else 0
                seq = self.store.append(self.session_id, self._name, stamp, entry, recording=recording).seq
        return seq

    async def do(self, work: Callable[[], T]) -> T:
        """Do something with the store on the thread.

        A store that fails is tried again for a while, since somebody may free the disk; what arrives
        meanwhile waits in the source.

        Raises
        ------
        StorageError
            Where it still fails after `PATIENCE_S`, or where there is a hurry.
        """
        loop = asyncio.get_running_loop()
        give_up, told = loop.time() + PATIENCE_S, False
        while True:
            try:
                done = await loop.run_in_executor(self._thread, work)
            except StorageError as error:
                if self._hurried() or loop.time() > give_up:
                    raise
                if not told:
                    self._announce(f"{error}\nWhat arrives is kept in memory and written as soon as it can be.")
                told = True
                await asyncio.sleep(RETRY_S)
            else:
                if told:
                    self._announce("the log is being written again")
                return done
