"""Work over many sessions, on this machine's cores or on a cluster.

Written against `concurrent.futures.Executor`. A worker that dies takes the chunks in flight with it: these are then
tried session by session, one at a time, so that a session that kills its worker is found out and left out, and no
other. What is given back does not depend on the number of workers, or on who was faster.
"""

import contextlib
import math
import multiprocessing
import os
import re
import signal
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from biotune.errors import BiotuneError, Cancelled, UsageError

CHUNK = 8  # sessions; one takes some tens of milliseconds, and sending it a few
TRIES = 2  # of a session that ends its worker
_LOST_IN_A_ROW = 5  # then it is the workers, not the sessions
_LOOK_S = 0.2  # how often somebody may cancel
_CONNECT_S = 10
_WORKERLESS_S = 30
_LOST_WORKERS = {"KilledWorker", "BrokenProcessPool", "BrokenExecutor"}
_ADDRESS = re.compile(r"(?:tcp|tls)://(?:\[[^\]]+\]|[^:/\s]+):\d{1,5}")
_ON_CLUSTER = "pip install 'biotune[cluster]'"

Item = TypeVar("Item")
Result = TypeVar("Result")


class Workers(Protocol):
    """Where the work is done."""

    number: int
    chunk: int

    def start(self) -> Executor:
        """Return an executor; called again after its workers were lost."""

    def check(self) -> None:
        """Raise where nobody is left who could do the work."""

    def close(self) -> None:
        """Let go of whatever `start` needed besides the executor."""


class Here(Executor):
    """An executor that does the work at once, in this thread."""

    def submit(self, work: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:  # noqa: ANN401 - as `Executor`
        """Do it, and return what came of it."""
        done: Future[Any] = Future()
        try:
            done.set_result(work(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - handed on, as every executor does
            done.set_exception(error)
        return done


class InThisProcess:
    """For few sessions: a pool would take longer to start."""

    number, chunk = 1, CHUNK

    def start(self) -> Executor:
        """Return an executor that is this thread."""
        return Here()

    def check(self) -> None:
        """Do nothing: nothing can be lost."""

    def close(self) -> None:
        """Nothing is held."""


class Processes:
    """A pool of processes on this machine.

    Parameters
    ----------
    number : int
        How many.
    """

    chunk = CHUNK

    def __init__(self, number: int) -> None:
        self.number = number

    def start(self) -> Executor:
        """Return a fresh pool; its processes are started anew, since a copy of one with threads may hang."""
        return ProcessPoolExecutor(
            self.number,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=signal.signal,  # Ctrl-C is for the process that started these
            initargs=(signal.SIGINT, signal.SIG_IGN),
        )

    def check(self) -> None:
        """Do nothing: a pool that lost a process says so itself."""

    def close(self) -> None:
        """Nothing is held besides the pool."""


class Cluster:
    """The workers of a dask.distributed scheduler.

    Parameters
    ----------
    address : str
        Such as ``tcp://10.0.0.5:8786``.

    Raises
    ------
    UsageError
        Where the extra is not installed, or the address is none.
    BiotuneError
        Where no scheduler answers there, or it has no worker.
    """

    chunk = CHUNK

    def __init__(self, address: str) -> None:
        check_address(address)
        try:
            from distributed import Client  # noqa: PLC0415 - an extra
        except ImportError as error:
            raise UsageError("--cluster needs the extra 'cluster'", hint=_ON_CLUSTER) from error
        try:
            connect: Any = Client
            self._client = connect(address, timeout=_CONNECT_S, set_as_default=False)
        except (OSError, TimeoutError) as error:
            raise BiotuneError(
                f"no scheduler answers at {address}",
                why=_first_line(error),
                hint="Start one with 'dask scheduler' and its workers with 'dask worker ADDRESS'.",
            ) from error
        self._address = address
        self._seen_s = -math.inf  # the monotonic second in which a worker was last seen
        with contextlib.suppress(TimeoutError):
            self._client.wait_for_workers(1, timeout=_CONNECT_S)
        try:
            self.check()
        except BiotuneError:
            self.close()
            raise
        self.number = max(1, self._workers())

    def _workers(self) -> int:
        if self._client.status != "running":
            return 0
        return len(self._client.scheduler_info(n_workers=-1)["workers"])

    def start(self) -> Executor:
        """Return the cluster as an executor."""
        executor: Executor = self._client.get_executor()
        return executor

    def check(self) -> None:
        """Raise where the scheduler or its last worker is gone for good; one that is started again is waited for."""
        now_s = time.monotonic()
        if self._workers():
            self._seen_s = now_s
        elif now_s - self._seen_s > _WORKERLESS_S:
            raise BiotuneError(
                f"the scheduler at {self._address} has no worker",
                hint=f"Start one where biotune is installed: dask worker {self._address}",
            )

    def close(self) -> None:
        """Let go of the scheduler; it runs on."""
        self._client.close(timeout=_CONNECT_S)


def check_address(address: str) -> None:
    """Refuse what is no address of a scheduler.

    Raises
    ------
    UsageError
        Says how to write one.

    Examples
    --------
    >>> check_address("tcp://10.0.0.5:8786")
    """
    if not _ADDRESS.fullmatch(address):
        raise UsageError(f"{address!r} is no scheduler's address", hint="Write it as tcp://HOST:PORT.")


def choose(count: int, *, workers: int | None = None, cluster: str = "") -> Workers:
    """Return where to do a piece of work.

    Parameters
    ----------
    count : int
        How many sessions there are to measure.
    workers : int, optional
        How many processes; by default as many as there are cores, and none for few sessions.
    cluster : str
        A scheduler's address, in place of processes here.
    """
    if workers is not None and workers < 1:
        raise UsageError(f"{workers} workers cannot work", hint="Give a number from 1 on.")
    if cluster:
        return Cluster(cluster)
    number = workers or min(os.cpu_count() or 1, -(-count // (2 * CHUNK)))
    return Processes(number) if number > 1 else InThisProcess()


@dataclass(slots=True)
class _Chunk(Generic[Item]):
    items: tuple[Item, ...]
    tries: int = 0
    alone: bool = False


class Pass(Generic[Item, Result]):
    """One pass of a function over many items.

    Parameters
    ----------
    work : callable
        Takes a sequence of items and returns a sequence of results, one an item. Named at a module's top level, so
        that other processes find it.
    given_up : callable
        Makes the result of an item whose worker was lost twice.
    workers : Workers
        Where.
    cancelled : callable
        Asked every so often whether somebody does not want to wait any more.
    """

    def __init__(
        self,
        work: Callable[[Sequence[Item]], Sequence[Result]],
        given_up: Callable[[Item], Result],
        workers: Workers,
        *,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> None:
        self._work = work
        self._given_up = given_up
        self._workers = workers
        self._cancelled = cancelled
        self._flying: dict[Future[Sequence[Result]], _Chunk[Item]] = {}
        self._lost_in_a_row = 0

    def run(self, items: Sequence[Item]) -> Iterator[tuple[tuple[Item, ...], Sequence[Result]]]:
        """Yield chunk after chunk as they come, in whatever order; nothing else is kept.

        Raises
        ------
        Cancelled
            Where somebody did not want to wait.
        BiotuneError
            Where the workers do not stay alive, or what one of them raises.
        """
        size = self._workers.chunk
        waiting = deque(_Chunk(tuple(items[start : start + size])) for start in range(0, len(items), size))
        suspects: deque[_Chunk[Item]] = deque()
        executor = self._workers.start()
        try:
            while waiting or suspects or self._flying:
                if self._cancelled():
                    raise Cancelled("stopped", why="Nothing was changed; what was measured so far is kept.")
                self._send(executor, waiting, suspects)
                landed, _ = wait(self._flying, timeout=_LOOK_S, return_when=FIRST_COMPLETED)
                if not landed:
                    self._workers.check()
                lost: list[_Chunk[Item]] = []
                for future in landed:
                    chunk = self._flying.pop(future)
                    results = self._land(future)
                    if results is None:
                        lost.append(chunk)
                    else:
                        self._lost_in_a_row = 0
                        yield chunk.items, results
                if lost:
                    executor, given_up = self._recover(executor, lost, suspects)
                    yield from given_up
        finally:
            for future in self._flying:
                future.cancel()
            self._flying.clear()
            executor.shutdown(wait=isinstance(executor, ProcessPoolExecutor))  # a cluster may take its time

    def _send(self, executor: Executor, waiting: deque[_Chunk[Item]], suspects: deque[_Chunk[Item]]) -> None:
        """Keep every worker busy, and the next chunk ready; what is under suspicion goes alone."""
        while waiting and len(self._flying) < 2 * self._workers.number:
            self._submit(executor, waiting.popleft())
        if suspects and not waiting and not self._flying:
            self._submit(executor, suspects.popleft())

    def _submit(self, executor: Executor, chunk: _Chunk[Item]) -> None:
        try:
            future = executor.submit(self._work, chunk.items)
        except BrokenProcessPool as error:  # it broke since anybody looked
            future = Future()
            future.set_exception(error)
        self._flying[future] = chunk

    def _land(self, future: Future[Sequence[Result]]) -> Sequence[Result] | None:
        """Return what came; None where the worker was lost."""
        try:
            return future.result()
        except Exception as error:
            if type(error).__name__ in _LOST_WORKERS:
                return None
            raise

    def _recover(
        self, executor: Executor, lost: list[_Chunk[Item]], suspects: deque[_Chunk[Item]]
    ) -> tuple[Executor, list[tuple[tuple[Item, ...], Sequence[Result]]]]:
        """Put what was lost under suspicion; give up what was lost alone too often; start the workers again."""
        if isinstance(executor, ProcessPoolExecutor):  # its other chunks went down with it
            lost += self._flying.values()
            self._flying.clear()
            executor.shutdown(wait=True)
            executor = self._workers.start()
        given_up: list[tuple[tuple[Item, ...], Sequence[Result]]] = []
        for chunk in lost:
            if not chunk.alone:
                suspects.extend(_Chunk((item,), alone=True) for item in chunk.items)
            elif chunk.tries + 1 < TRIES:
                suspects.appendleft(_Chunk(chunk.items, chunk.tries + 1, alone=True))
            else:
                self._lost_in_a_row += 1
                given_up.append((chunk.items, [self._given_up(item) for item in chunk.items]))
        if self._lost_in_a_row >= _LOST_IN_A_ROW:
            raise BiotuneError(
                "the worker processes do not stay alive",
                why=f"{_LOST_IN_A_ROW} sessions in a row ended theirs.",
                hint="Is the memory full? Try --workers 1.",
            )
        return executor, given_up


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return f"{lines[0].rstrip('.')}." if lines else ""
