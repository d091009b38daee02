"""Records a sitting: what a source sends and what the protocol plans, into the log.

One loop takes one observation after another. Every line is committed on a thread of its own, and
the next observation is taken when its commit has returned; what arrives meanwhile waits in the source,
already stamped. Phases end on the clock where time passes by itself, and on the observations' stamps where
it does not (`biotune.sensor.source.Clock.live`). What people ask for is read from the log.
"""

import asyncio
import time
from collections.abc import Callable
from contextlib import AsyncExitStack, aclosing, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from biotune.domain import (
    NS_PER_S,
    Entry,
    PhaseEnded,
    PhaseStarted,
    RecorderStarted,
    RecorderStopped,
    Request,
    RequestMade,
    SessionFinished,
    Stamp,
    StrapChange,
    StrapEvent,
    StrapIdentity,
)
from biotune.errors import BiotuneError, ProtocolError, StorageError, StrapNotFound, StrapRefused
from biotune.sensor.source import Observation, Source
from biotune.session import protocol as protocols
from biotune.session.arrivals import Arrivals
from biotune.session.ledger import Ledger
from biotune.session.protocol import Protocol
from biotune.session.schedule import Schedule
from biotune.session.writer import LogWriter
from biotune.storage.continuing import Unfinished, latest_unfinished, recorded_now
from biotune.storage.store import Store

POLL_S = 0.25  # how long a request in the log waits at most

_TOLD = {
    StrapChange.CONNECTED: "strap connected",
    StrapChange.LOST: "strap lost",
    StrapChange.SILENT: "the strap is silent",
    StrapChange.HEARD_AGAIN: "the strap is heard again",
    StrapChange.BATTERY: "battery in per cent",
    StrapChange.WAITING: "waiting for the strap",
    StrapChange.CONTACT_LOST: "no contact with the skin",
    StrapChange.CONTACT_FOUND: "contact with the skin again",
    StrapChange.STREAM: "strap",
}


def _ignore(_: object) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class Listeners:
    """Whom a recorder tells what.

    Attributes
    ----------
    begun : callable
        Called once with the session's id, as soon as its first lines are on the disk.
    announce : callable
        Called with words for people.
    acknowledged : callable
        Called with a line's number once it and all before it are on the disk.
    """

    begun: Callable[[str], None] = _ignore
    announce: Callable[[str], None] = _ignore
    acknowledged: Callable[[int], None] = _ignore


async def record(
    store: Store,
    source: Source,
    protocol: Protocol,
    *,
    client: str,
    new: bool = False,
    own_protocols: Path | None = None,
    listeners: Listeners | None = None,
    stop: asyncio.Event | None = None,
) -> str:
    """Record a session until its protocol is over, its source is exhausted, or somebody stops it.

    Nothing is written before the source has answered. A session of this client and strap that was left
    unfinished less than 15 minutes ago is continued, with its own protocol: the phase that ran is
    recorded for as long as it still lacks. A replay always begins anew.

    Parameters
    ----------
    store : Store
        Where the log is.
    source : Source
        Where packets come from.
    protocol : Protocol
        What the sitting consists of.
    client : str
        The client's code; empty for none.
    new : bool
        Whether to begin a new session even where one could be continued.
    own_protocols : Path, optional
        Where the user's own protocols are: a session to be continued may have one of them.
    listeners : Listeners, optional
        Whom to tell.
    stop : asyncio.Event, optional
        Set it to end the session.

    Returns
    -------
    str
        The session's id.

    Raises
    ------
    SensorError
        Where the source cannot be had, or another recorder has it; nothing is written then.
    ProtocolError
        Where the protocol of the session to be continued is gone.
    StorageError
        Where the log could not be written for a long time. Every line acknowledged is in it.
    """
    stop = stop or asyncio.Event()
    listeners = listeners or Listeners()
    if source.kind == "strap":
        refuse_if_recorded(store, source.strap.name)
        listeners.announce(f"looking for {source.strap.name} …")
    async with AsyncExitStack() as stack:
        observations = await stack.enter_async_context(aclosing(source.observe()))
        arrivals = await stack.enter_async_context(Arrivals(observations, stop))
        first = await arrivals.next(None)
        if first is None:
            raise StrapNotFound("nothing was recorded", why="The recorder was stopped before anything answered.")
        log = stack.enter_context(
            LogWriter(
                store,
                announce=listeners.announce,
                acknowledged=listeners.acknowledged,
                hurried=lambda: stop.is_set() or not source.clock.live,
            )
        )
        recorder = _Recorder(source, log, listeners)
        unfinished = None if new else await recorder.unfinished(first, client)
        if unfinished:  # before anything is written into it
            _claim(stack, store, unfinished.session_id)
            await recorder.go_on(unfinished, first, protocol, own_protocols)
        else:
            await recorder.begin(first, protocol, client=client)
            _claim(stack, store, log.session_id)
        listeners.begun(log.session_id)
        await recorder.run(arrivals)
        return log.session_id


def _claim(stack: AsyncExitStack, store: Store, session_id: str) -> None:
    if not stack.enter_context(store.recording_now(session_id)):
        raise StorageError(f"{session_id} is being recorded already", why="Another recorder was faster.")


def refuse_if_recorded(store: Store, wanted: str) -> None:
    """Leave a strap to the recorder that has it: to look for it would take it away.

    Raises
    ------
    StrapRefused
        Where a running recorder records what `wanted` (a name, a part of one, an address) means.
    """
    if session_id := recorded_now(store, wanted):
        raise StrapRefused(
            f"“{wanted}” is being recorded already",
            why=f"Another recorder is at work with it on session {session_id}.",
            hint="End that session first, or give the whole name or the address of another strap.",
        )


class _Recorder:
    """One run of the loop."""

    def __init__(self, source: Source, log: LogWriter, listeners: Listeners) -> None:
        self._source = source
        self._clock = source.clock
        self._log = log
        self._tell = listeners.announce
        self._schedule = Schedule((), 0, 0)
        self._ledger = Ledger()
        self._latest_ns = 0  # the last observation
        self._ahead_ns = 0  # how far the UTC of a virtual session must run ahead of its clock
        self._read_up_to = 0
        self._next_poll_s = 0.0
        self._finished = asyncio.Event()

    # ------------------------------------------------------------ beginning

    async def unfinished(self, first: Observation, client: str) -> Unfinished | None:
        """Return the session that is to be continued, if there is one; a replay always begins anew."""
        store, kind, strap = self._log.store, self._source.kind, self._strap(first)
        if kind == "replay":
            return None
        return await self._log.do(
            lambda: latest_unfinished(store, client=client, strap=strap, source=kind, now=first.stamp)
        )

    async def begin(self, first: Observation, protocol: Protocol, *, client: str) -> None:
        """Begin a session at the instant of the first observation."""
        self._latest_ns = first.stamp.monotonic_ns
        observed, strap = self._observed(first), self._strap(first)
        await self._log.commit(lambda: self._create(first.stamp, observed, protocol, client, strap))
        self._tell_strap(*observed)
        self._tell_phase(self._latest_ns)

    def _strap(self, first: Observation) -> StrapIdentity:
        return (first.entry.strap if isinstance(first.entry, StrapEvent) else None) or self._source.strap

    def _create(
        self, stamp: Stamp, observed: tuple[Entry, ...], protocol: Protocol, client: str, strap: StrapIdentity
    ) -> int:
        log = self._log
        self._ledger.clock_step(stamp)
        started = datetime.fromtimestamp(stamp.utc_ns / NS_PER_S, tz=UTC)
        self._schedule = Schedule.begin(protocol.phases, stamp.monotonic_ns)
        with log.store.together():  # a session is there with its first lines, or not at all
            log.session_id = log.store.create_session(client=client, protocol=protocol.name, started=started)
            log.recording = log.store.add_recording(log.session_id, label=strap.name)
            return log.write(stamp, (self._started(resumed=False), *self._phase_entries(), *observed))

    async def go_on(
        self, unfinished: Unfinished, first: Observation, protocol: Protocol, own_protocols: Path | None
    ) -> None:
        """Go on with a session that was left unfinished."""
        log, stamp = self._log, first.stamp
        self._latest_ns = stamp.monotonic_ns
        log.session_id, log.recording = unfinished.session_id, unfinished.recording
        lines = await log.do(lambda: log.store.lines(unfinished.session_id))
        instead = ""
        if unfinished.protocol != protocol.name:
            instead = f", not {protocol.name}"
            protocol = _protocol_of(unfinished, own_protocols)
        if self._clock.live:
            self._ledger.clock_step(lines[-1].stamp)
        else:
            self._ahead_ns = max(0, lines[-1].stamp.utc_ns + NS_PER_S - stamp.utc_ns)
        self._schedule = Schedule.resume(protocol.phases, stamp.monotonic_ns, lines)
        self._read_up_to = lines[-1].seq
        self._tell(f"continues session {unfinished.session_id} ({protocol.name}{instead}); --new would begin another")
        await self._append(stamp, self._started(resumed=True), *self._observed(first))
        self._tell_phase(self._latest_ns)

    def _started(self, *, resumed: bool) -> RecorderStarted:
        return RecorderStarted(self._source.kind, version("biotune"), resumed)

    # ------------------------------------------------------------ the loop

    async def run(self, arrivals: Arrivals) -> None:
        """Record until the end."""
        observation: Observation | None = None
        try:
            if self._schedule.is_over:  # a protocol that was shortened while nothing was recorded
                await self._finish(self._now(), "the protocol is over")
            while not self._finished.is_set():
                if observation:
                    await self._take(observation)
                elif arrivals.stopped:
                    await self._finish(self._now(), "stopped")
                elif arrivals.exhausted:
                    await self._advance(self._clock.now().monotonic_ns)
                    await self._finish(self._clock.now(), "the source is exhausted")
                elif self._clock.live:
                    await self._advance(self._clock.now().monotonic_ns)
                await self._obey()
                observation = None if self._finished.is_set() else await arrivals.next(self._patience_s())
        except BiotuneError as error:
            with suppress(StorageError):  # the session stays unfinished: it can be continued
                await self._append(self._now(), RecorderStopped(error.what))
            raise

    def _patience_s(self) -> float:
        if not self._clock.live or self._schedule.running is None:
            return POLL_S
        left_s = (self._schedule.ends_ns - self._clock.now().monotonic_ns) / NS_PER_S
        return min(POLL_S, max(0.0, left_s))

    async def _take(self, observation: Observation) -> None:
        at_ns = observation.stamp.monotonic_ns
        await self._advance(at_ns)
        if self._finished.is_set():
            return
        self._latest_ns = max(self._latest_ns, at_ns)
        await self._append(observation.stamp, *self._observed(observation))

    async def _advance(self, now_ns: int) -> None:
        """Begin every phase that is due, each exactly where the one before it ends."""
        while not self._finished.is_set() and self._schedule.is_due(now_ns):
            await self._next_phase(self._clock.at(self._schedule.ends_ns))

    async def _next_phase(self, stamp: Stamp) -> None:
        self._schedule.next_phase(stamp.monotonic_ns)
        if self._schedule.is_over:
            await self._finish(stamp, "the protocol is over")
        else:
            await self._append(stamp, *self._phase_entries())
            self._tell_phase(stamp.monotonic_ns)

    async def _obey(self) -> None:
        """Do what people asked for in the log since the last look."""
        if self._finished.is_set() or time.monotonic() < self._next_poll_s:
            return
        self._next_poll_s = time.monotonic() + POLL_S
        log, written = self._log, self._log.written
        lines = await log.do(lambda: log.store.lines(log.session_id, after=self._read_up_to, kinds=["request"]))
        self._read_up_to = max(self._read_up_to, written)  # a look costs the same however long the session is
        for line in lines:
            self._read_up_to = max(self._read_up_to, line.seq)
            if self._finished.is_set() or not isinstance(line.entry, RequestMade):
                continue
            if line.entry.request is Request.STOP:
                await self._finish(self._now(), "asked to stop")
            elif self._schedule.running and line.entry.phase in {None, self._schedule.index + 1}:
                await self._next_phase(self._now())  # one that has ended meanwhile is not ended again

    async def _finish(self, stamp: Stamp, detail: str) -> None:
        if self._finished.is_set():
            return
        await self._append(stamp, PhaseEnded(), RecorderStopped(detail), SessionFinished())
        self._finished.set()
        self._tell(f"session {self._log.session_id} is finished: {detail}")

    # ------------------------------------------------------------ inside

    def _now(self) -> Stamp:
        return self._clock.now() if self._clock.live else self._clock.at(self._latest_ns)

    def _phase_entries(self) -> tuple[PhaseStarted, ...]:
        running = self._schedule.running
        return (running.started(),) if running else ()

    def _tell_phase(self, now_ns: int) -> None:
        if running := self._schedule.running:
            left_s = (self._schedule.ends_ns - now_ns) / NS_PER_S
            self._tell(f"{running.name}, {_length(left_s)}. {running.explanation}".rstrip())

    def _observed(self, observation: Observation) -> tuple[Entry, ...]:
        """Return the observation's entry after what is noticed by it."""
        return (*self._ledger.notice(observation), observation.entry)

    def _tell_strap(self, *entries: Entry) -> None:
        for entry in entries:
            if isinstance(entry, StrapEvent):
                about = ", ".join(part for part in (entry.strap.name if entry.strap else "", entry.detail) if part)
                self._tell(f"{_TOLD[entry.change]}{': ' if about else ''}{about}")

    async def _append(self, stamp: Stamp, *entries: Entry) -> None:
        stamp = replace(stamp, utc_ns=stamp.utc_ns + self._ahead_ns)
        stepped = self._ledger.clock_step(stamp)
        if stepped:
            entries = (stepped, *entries)
            self._tell(f"this machine's clock was set by {stepped.by_s:+g} s; session time goes on as before")
        await self._log.append(stamp, *entries)
        self._tell_strap(*entries)


def _protocol_of(unfinished: Unfinished, own_protocols: Path | None) -> Protocol:
    try:
        return protocols.load(unfinished.protocol, own_protocols)
    except ProtocolError as error:
        raise ProtocolError(
            f"{unfinished.session_id} is unfinished, and its protocol {unfinished.protocol!r} is not here",
            why=error.what,
            hint="Name the file with --protocol to continue it, or begin another session with --new.",
        ) from error


def _length(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return " ".join(part for part in (f"{minutes} min" if minutes else "", f"{rest} s" if rest else "") if part)
