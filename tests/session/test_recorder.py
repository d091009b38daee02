"""What is recorded: phases to the nanosecond, every packet in order, what people asked for, nothing twice."""

import asyncio
import itertools
import math
import threading
from collections.abc import AsyncGenerator, Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from biotune.domain import (
    NS_PER_S,
    Entry,
    PacketReceived,
    PhaseEnded,
    PhaseKind,
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
from biotune.errors import ProtocolError, StorageError, StrapNotFound, StrapRefused
from biotune.sensor.source import Clock, Observation, SystemClock, VirtualClock
from biotune.session.protocol import PlannedPhase, Protocol
from biotune.session.recorder import Listeners, record
from biotune.storage.store import Store

STRAP = StrapIdentity("Polar H10 0A1B2C3D", "C0:FF:EE:00:00:01")
PACKET = PacketReceived("00002a37-0000-1000-8000-00805f9b34fb", bytes.fromhex("103c0004"))
START = Stamp("virtual", 7, 1_800_000_000 * NS_PER_S)


class Scripted:
    """A strap that does what the test says, at the times it says, seconds."""

    kind = "strap"
    strap = StrapIdentity("Polar")

    def __init__(self, clock: Clock, script: list[tuple[float, Entry]]) -> None:
        self.clock = clock
        self.let_go = False
        self._script = script

    async def observe(self) -> AsyncGenerator[Observation, None]:
        start_ns = self.clock.now().monotonic_ns
        try:
            for at_s, entry in self._script:
                at_ns = start_ns + round(at_s * NS_PER_S)
                await self.clock.sleep_until(at_ns)
                assert isinstance(entry, PacketReceived | StrapEvent)
                yield Observation(self.clock.at(at_ns), entry)
            await asyncio.sleep(60 if self.clock.live else 0)  # a strap is never exhausted
        finally:
            self.let_go = True


def strap(clock: Clock | None = None, *, packets: int = 10, every_s: float = 1.0, lag_s: float = 0.5) -> Scripted:
    connected = (0.0, StrapEvent(StrapChange.CONNECTED, strap=STRAP))
    script = [connected, *((lag_s + number * every_s, PACKET) for number in range(packets))]
    return Scripted(clock or VirtualClock(START, speed=math.inf), list(script))


def planned(**seconds: float) -> Protocol:
    phases = [PlannedPhase(name, PhaseKind.OTHER, None, length) for name, length in seconds.items()]
    return Protocol("mine", "", "", tuple(phases))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{tmp_path / 'biotune.db'}") as store:
        yield store


def told(store: Store, session_id: str) -> list[tuple[float, str]]:
    """Session time and what happened, packets apart."""
    return [
        (round(time_s, 9), getattr(line.entry, "name", "") or type(line.entry).__name__)
        for time_s, line in store.session(session_id).recording().times_s()
        if not isinstance(line.entry, PacketReceived)
    ]


def test_phases_begin_exactly_where_the_one_before_ends(store: Store) -> None:
    session_id = asyncio.run(record(store, strap(), planned(one=3, two=2.75, three=1 / 3), client="C07"))
    assert told(store, session_id) == [
        (0.0, "RecorderStarted"),
        (0.0, "one"),
        (0.0, "StrapEvent"),
        (3.0, "two"),
        (5.75, "three"),
        (6.083333333, "PhaseEnded"),
        (6.083333333, "RecorderStopped"),
        (6.083333333, "SessionFinished"),
    ]
    found = store.session(session_id)
    times_s = [time_s for time_s, _ in found.recording().times_s()]
    assert times_s == sorted(times_s)  # a phase's line stands before the packet that crosses its beginning
    assert store.sessions()[0].packets == 6
    assert (found.client, found.protocol, found.finished) == ("C07", "mine", True)


def test_the_log_is_the_same_at_any_speed(store: Store) -> None:
    hashes = set()
    for speed in (40.0, math.inf):
        source = strap(VirtualClock(START, speed=speed))
        hashes.add(
            store.session(asyncio.run(record(store, source, planned(one=3, two=2), client="", new=True)))
            .recording()
            .log_sha256
        )
    assert len(hashes) == 1


def test_every_line_is_acknowledged_once_it_is_in_the_log(store: Store) -> None:
    acknowledged: list[int] = []

    def check(seq: int) -> None:
        assert store.lines("S1")[-1].seq == seq
        acknowledged.append(seq)

    asyncio.run(record(store, strap(), planned(one=4), client="", listeners=Listeners(acknowledged=check)))
    assert acknowledged == [3, 4, 5, 6, 7, 10]  # beginning and end are one transaction each


def test_nothing_is_left_behind_where_no_strap_answers(store: Store) -> None:
    class Absent(Scripted):
        async def observe(self) -> AsyncGenerator[Observation, None]:
            raise StrapNotFound("no strap answers to Polar")
            yield

    with pytest.raises(StrapNotFound):
        asyncio.run(record(store, Absent(SystemClock(), []), planned(one=4), client="C07"))
    assert store.sessions() == ()


def test_stopping_before_the_strap_answers_leaves_nothing_behind(store: Store) -> None:
    async def run() -> None:
        stop = asyncio.Event()
        asyncio.get_running_loop().call_later(0.1, stop.set)
        await record(store, Scripted(SystemClock(), []), planned(one=4), client="", stop=stop)

    with pytest.raises(StrapNotFound, match="nothing was recorded"):
        asyncio.run(run())
    assert store.sessions() == ()


def test_on_a_live_clock_phases_go_on_through_silence(store: Store) -> None:
    session_id = asyncio.run(
        record(store, strap(SystemClock(), packets=1, lag_s=0.05), planned(one=0.2, two=0.3), client="")
    )
    assert [line for line in told(store, session_id) if line[1] in {"two", "PhaseEnded"}] == [
        (0.2, "two"),
        (0.5, "PhaseEnded"),
    ]


def test_a_source_that_ends_ends_the_session(store: Store) -> None:
    words: list[str] = []
    session_id = asyncio.run(
        record(store, strap(packets=3), planned(one=100), client="", listeners=Listeners(announce=words.append))
    )
    assert told(store, session_id)[-3:] == [(2.5, "PhaseEnded"), (2.5, "RecorderStopped"), (2.5, "SessionFinished")]
    assert store.session(session_id).finished
    assert "the source is exhausted" in words[-1]


def _while_recording(store: Store, source: Scripted, protocol: Protocol, act: Callable[[str], None]) -> str:
    """Record, and let somebody else do something as soon as the session has begun."""
    acting: list[threading.Thread] = []

    def begun(session_id: str) -> None:
        acting.append(threading.Thread(target=act, args=(session_id,)))
        acting[0].start()

    session_id = asyncio.run(
        asyncio.wait_for(record(store, source, protocol, client="", listeners=Listeners(begun=begun)), 20)
    )
    acting[0].join()
    return session_id


def test_what_people_ask_for_is_done(store: Store) -> None:
    source = strap(SystemClock(), packets=1000, every_s=0.02, lag_s=0)

    def ask(session_id: str) -> None:
        clock = SystemClock()
        for request in (Request.END_PHASE, Request.STOP):
            store.append(session_id, "dashboard:1", clock.now(), RequestMade(request))
            asked_at = len(store.lines(session_id))
            while not store.lines(session_id, after=asked_at, kinds=["phase-started", "session-finished"]):
                assert threading.Event().wait(0.01) is False

    session_id = _while_recording(store, source, planned(one=1000, two=1000), ask)
    lines = store.lines(session_id)
    names = [line.entry.name for line in lines if isinstance(line.entry, PhaseStarted)]
    assert names == ["one", "two"]
    requests = [line.stamp.monotonic_ns for line in lines if isinstance(line.entry, RequestMade)]
    two = next(line.stamp.monotonic_ns for line in lines if getattr(line.entry, "name", "") == "two")
    assert 0 <= two - requests[0] < 2 * NS_PER_S
    assert [type(line.entry) for line in lines[-3:]] == [PhaseEnded, RecorderStopped, SessionFinished]
    assert source.let_go


def test_a_phase_that_has_ended_is_not_ended_again(store: Store) -> None:
    source = strap(SystemClock(), packets=1000, every_s=0.02, lag_s=0)

    def ask(session_id: str) -> None:
        for phase in (1, 1, 1):  # a press that bounces, and a window that was asleep
            store.append(session_id, "dashboard:1", SystemClock().now(), RequestMade(Request.END_PHASE, phase))
        while len(store.lines(session_id, kinds=["phase-started"])) < 2:
            assert threading.Event().wait(0.01) is False
        store.append(session_id, "dashboard:1", SystemClock().now(), RequestMade(Request.END_PHASE, 1))
        store.append(session_id, "dashboard:1", SystemClock().now(), RequestMade(Request.STOP))

    lines = store.lines(_while_recording(store, source, planned(one=1000, two=1000, three=1000), ask))
    assert [line.entry.name for line in lines if isinstance(line.entry, PhaseStarted)] == ["one", "two"]


def test_a_second_writer_breaks_no_order(store: Store, tmp_path: Path) -> None:
    def chatter(session_id: str) -> None:
        with Store.open(f"sqlite:///{tmp_path / 'biotune.db'}") as dashboard:
            for _ in range(100):
                dashboard.append(session_id, "dashboard:1", SystemClock().now(), RequestMade(Request.END_PHASE))
                assert threading.Event().wait(0.005) is False
            dashboard.append(session_id, "dashboard:1", SystemClock().now(), RequestMade(Request.STOP))

    source = strap(SystemClock(), packets=1000, every_s=0.005, lag_s=0)
    lines = store.lines(_while_recording(store, source, Protocol("", "", "", ()), chatter))
    assert [line.seq for line in lines] == list(range(1, len(lines) + 1))
    packets = [line.stamp.monotonic_ns for line in lines if isinstance(line.entry, PacketReceived)]
    assert packets == sorted(packets)
    assert len(packets) > 5


def test_a_locked_log_is_waited_for_and_every_packet_is_kept(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("biotune.storage.database.BUSY_TIMEOUT_MS", 50)
    words: list[str] = []

    def hold(_: str) -> None:
        with store.together():
            threading.Event().wait(1.0)

    with Store.open(f"sqlite:///{tmp_path / 'biotune.db'}") as impatient:
        source = strap(SystemClock(), packets=60, every_s=0.02, lag_s=0)
        acting: list[threading.Thread] = []

        def begun(session_id: str) -> None:
            acting.append(threading.Thread(target=hold, args=(session_id,)))
            acting[0].start()

        listeners = Listeners(begun=begun, announce=words.append)
        session_id = asyncio.run(record(impatient, source, planned(one=1.5), client="", listeners=listeners))
        acting[0].join()
    assert any("is in use" in each for each in words)
    assert "the log is being written again" in words
    packets = [line.stamp.monotonic_ns for line in store.lines(session_id, kinds=["packet"])]
    assert len(packets) == 60
    spacing = [(b - a) / NS_PER_S for a, b in itertools.pairwise(packets)]
    assert spacing == pytest.approx([0.02] * 59, abs=1e-6)  # stamped when they came, not when they were written


# ---------------------------------------------------------------- going on after a kill


class Killed(BaseException):
    """What a kill looks like from within: nothing more is done."""


def _record_and_be_killed(store: Store, source: Scripted, protocol: Protocol, *, after: int, client: str = "") -> None:
    def kill(seq: int) -> None:
        if seq >= after:
            raise Killed

    with pytest.raises(Killed):
        asyncio.run(record(store, source, protocol, client=client, listeners=Listeners(acknowledged=kill)))


def later(seconds: float, *, boot: str = "virtual") -> VirtualClock:
    shifted = replace(START, boot_id=boot, utc_ns=START.utc_ns + round(seconds * NS_PER_S))
    own_ns = START.monotonic_ns + round(seconds * NS_PER_S) if boot == "virtual" else 99
    return VirtualClock(replace(shifted, monotonic_ns=own_ns), speed=math.inf)


@pytest.mark.parametrize("boot", ["virtual", "another"])
def test_a_killed_session_goes_on_in_the_phase_it_was_in_for_as_long_as_that_lacks(store: Store, boot: str) -> None:
    protocol = planned(one=3, two=4, three=2)
    _record_and_be_killed(store, strap(), protocol, after=9)  # the packet at 4.5 s, 1.5 s into the second phase
    words: list[str] = []
    again = strap(later(100, boot=boot), packets=20)
    session_id = asyncio.run(record(store, again, protocol, client="", listeners=Listeners(announce=words.append)))
    assert session_id == "S1"
    assert [line for line in told(store, session_id) if line[0] > 4][:-2] == [
        (100.0, "RecorderStarted"),
        (100.0, "StrapEvent"),
        (102.5, "three"),
        (104.5, "PhaseEnded"),
    ]
    resumed = [line.entry.resumed for line in store.lines("S1") if isinstance(line.entry, RecorderStarted)]
    assert resumed == [False, True]
    assert [line.seq for line in store.lines("S1")] == list(range(1, len(store.lines("S1")) + 1))
    assert words[:2] == ["looking for Polar …", "continues session S1 (mine); --new would begin another"]


@pytest.mark.parametrize(
    ("now", "ends"), [(planned(), "the source is exhausted"), (planned(one=3), "the protocol is over")]
)
def test_a_protocol_that_was_changed_meanwhile_is_gone_on_with_as_it_is_now(
    store: Store, now: Protocol, ends: str
) -> None:
    _record_and_be_killed(store, strap(), planned(one=3, two=3), after=8)
    asyncio.run(record(store, strap(later(10), packets=2), now, client=""))
    assert store.lines("S1")[-2].entry == RecorderStopped(ends)


@pytest.mark.parametrize("wanted", ["polar h10 0a1b2c3d", "Polar", "c0:ff:ee:00:00:01"])
def test_a_strap_that_another_recorder_has_is_left_to_it(store: Store, wanted: str) -> None:
    _record_and_be_killed(store, strap(), planned(one=3), after=4)
    second = strap(later(1))
    second.strap = StrapIdentity(wanted)
    with store.recording_now("S1") as held:
        assert held
        with pytest.raises(StrapRefused, match="being recorded already") as error:
            asyncio.run(record(store, second, planned(one=3), client="another"))
    assert "S1" in error.value.why
    assert not second.let_go  # it was never looked for
    assert [each.id for each in store.sessions()] == ["S1"]


def test_another_strap_is_recorded_beside_it(store: Store) -> None:
    _record_and_be_killed(store, strap(), planned(one=3), after=4)
    second = strap(later(1))
    second.strap = StrapIdentity("Polar H10 FFFFFFFF")
    with store.recording_now("S1"):
        assert asyncio.run(record(store, second, planned(one=3), client="")) == "S2"


def test_a_session_that_somebody_else_records_is_not_continued(store: Store) -> None:
    first, second = strap(), strap(later(1))
    first.kind = second.kind = "simulator"
    _record_and_be_killed(store, first, planned(one=3), after=4)
    with store.recording_now("S1"):
        assert asyncio.run(record(store, second, planned(one=3), client="")) == "S2"


def test_killed_after_its_first_acknowledgement_it_can_be_continued(store: Store) -> None:
    _record_and_be_killed(store, strap(), planned(one=3), after=1)
    assert asyncio.run(record(store, strap(later(1)), planned(one=3), client="")) == "S1"


@pytest.mark.parametrize(
    ("now", "client", "new"), [(later(1000), "", False), (later(10), "C08", False), (later(10), "", True)]
)
def test_another_session_begins_where_none_can_be_continued(
    store: Store, now: VirtualClock, client: str, *, new: bool
) -> None:
    _record_and_be_killed(store, strap(), planned(one=3), after=4)
    assert asyncio.run(record(store, strap(now), planned(one=3), client=client, new=new)) == "S2"
    assert not store.session("S1").finished


def test_a_replay_never_continues_what_a_strap_began(store: Store) -> None:
    _record_and_be_killed(store, strap(), planned(one=3), after=4)
    source = strap(later(10))
    source.kind = "replay"
    assert asyncio.run(record(store, source, planned(one=3), client="")) == "S2"


def test_a_session_goes_on_with_its_own_protocol(store: Store) -> None:
    listening = replace(planned(settling=180), name="listening")
    _record_and_be_killed(store, strap(), listening, after=4)
    session_id = asyncio.run(record(store, strap(later(10), packets=5), planned(one=3), client=""))
    assert session_id == "S1"
    assert "one" not in {name for _, name in told(store, "S1")}
    _record_and_be_killed(store, strap(later(50)), planned(one=3), after=4)
    with pytest.raises(ProtocolError) as caught:
        asyncio.run(record(store, strap(later(60)), listening, client=""))
    assert "--new" in caught.value.hint


def test_a_simulation_that_ran_faster_than_time_goes_on_behind_itself(store: Store) -> None:
    _record_and_be_killed(store, strap(packets=100), planned(one=200), after=90)
    machine_time = later(1, boot="virtual-2")  # one second later, while 87 were simulated
    asyncio.run(record(store, strap(machine_time, packets=200), planned(one=200), client=""))
    times_s = [time_s for time_s, _ in store.session("S1").recording().times_s()]
    assert times_s == sorted(times_s)
    assert store.session("S1").finished


def test_a_failure_leaves_the_session_to_be_continued(store: Store) -> None:
    class Failing(Scripted):
        async def observe(self) -> AsyncGenerator[Observation, None]:
            async for observation in super().observe():
                yield observation
            raise StorageError("the stick was pulled out")

    script: list[tuple[float, Entry]] = [(0.0, StrapEvent(StrapChange.CONNECTED, strap=STRAP)), (1.0, PACKET)]
    with pytest.raises(StorageError, match="pulled out"):
        asyncio.run(record(store, Failing(VirtualClock(START, speed=math.inf), script), planned(one=5), client=""))
    assert told(store, "S1")[-1] == (1.0, "RecorderStopped")
    assert not store.session("S1").finished
