"""What the recorder notices by itself, in the log: contact, silence, and clocks that are set."""

import asyncio
import math
import os
import time
from collections.abc import AsyncGenerator, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from biotune.analysis import timeline
from biotune.analysis.timeline import Timeline
from biotune.domain import (
    NS_PER_S,
    ClockStepped,
    Entry,
    PacketReceived,
    PhaseKind,
    PhaseStarted,
    Stamp,
    StrapChange,
    StrapEvent,
    StrapIdentity,
)
from biotune.sensor.replay import ReplaySource
from biotune.sensor.source import Clock, Observation, SystemClock, VirtualClock
from biotune.session.ledger import Ledger
from biotune.session.protocol import PlannedPhase, Protocol
from biotune.session.recorder import Listeners, record
from biotune.storage.store import Store
from biotune.wire.heart_rate import HEART_RATE_MEASUREMENT, HeartRate, encode

CONNECTED = StrapEvent(StrapChange.CONNECTED, strap=StrapIdentity("HRM"))
START = Stamp("virtual", 7, 1_800_000_000 * NS_PER_S)


def packet(*, contact: bool | None = None) -> PacketReceived:
    return PacketReceived(HEART_RATE_MEASUREMENT, encode(HeartRate(60, (1024,), contact=contact)))


class Scripted:
    """A strap that does what the test says, at the times it says, seconds."""

    kind = "strap"
    strap = StrapIdentity("HRM")

    def __init__(self, clock: Clock, script: list[tuple[float, StrapEvent | PacketReceived]]) -> None:
        self.clock = clock
        self._script = script

    async def observe(self) -> AsyncGenerator[Observation, None]:
        start_ns = self.clock.now().monotonic_ns
        for at_s, entry in self._script:
            at_ns = start_ns + round(at_s * NS_PER_S)
            await self.clock.sleep_until(at_ns)
            yield Observation(self.clock.at(at_ns), entry)


class SetClock(VirtualClock):
    """A machine's clock that somebody sets by `by_s` seconds, `after_s` seconds after its start."""

    def __init__(self, *, after_s: float, by_s: float) -> None:
        super().__init__(START, speed=math.inf)
        self._from_ns = START.monotonic_ns + round(after_s * NS_PER_S)
        self._by_ns = round(by_s * NS_PER_S)

    def at(self, monotonic_ns: int) -> Stamp:
        stamp = super().at(monotonic_ns)
        return replace(stamp, utc_ns=stamp.utc_ns + self._by_ns) if monotonic_ns >= self._from_ns else stamp


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{tmp_path / 'biotune.db'}") as store:
        yield store


def recorded(
    store: Store, script: list[tuple[float, StrapEvent | PacketReceived]], clock: Clock | None = None, **seconds: float
) -> list[Entry]:
    """The entries of a session of that script, in phases of those lengths."""
    phases = [PlannedPhase(name, PhaseKind.OTHER, None, length) for name, length in seconds.items()]
    source = Scripted(clock or VirtualClock(START, speed=math.inf), script)
    session_id = asyncio.run(record(store, source, Protocol("mine", "", "", tuple(phases)), client="", new=True))
    return [line.entry for line in store.lines(session_id)]


def changes(entries: list[Entry]) -> list[str]:
    return [each.change.value for each in entries if isinstance(each, StrapEvent)]


def test_contact_lost_and_found_is_told_once_before_the_packet_that_says_it(store: Store) -> None:
    contacts = [True, True, False, False, None, True, True, None, False]
    script = [(0.0, CONNECTED), *((1.0 + at, packet(contact=contact)) for at, contact in enumerate(contacts))]
    entries = recorded(store, script)
    assert changes(entries) == ["connected", "contact-lost", "contact-found", "contact-lost"]
    lost = entries.index(StrapEvent(StrapChange.CONTACT_LOST))
    assert entries[lost + 1] == packet(contact=False)
    assert entries[lost - 1] == packet(contact=True)


def test_a_strap_that_says_nothing_of_contact_has_no_line_of_it(store: Store) -> None:
    script = [(0.0, CONNECTED), *((1.0 + at, packet()) for at in range(5))]
    assert changes(recorded(store, script)) == ["connected"]


def test_off_the_body_from_the_start_is_told(store: Store) -> None:
    assert changes(recorded(store, [(0.0, packet(contact=False)), (1.0, packet(contact=False))])) == ["contact-lost"]


def test_the_first_packet_after_silence_says_how_long_it_lasted(store: Store) -> None:
    silent = StrapEvent(StrapChange.SILENT)
    entries = recorded(store, [(0.0, CONNECTED), (1, packet()), (6, silent), (9, CONNECTED), (10, packet())])
    assert entries[-4] == packet()
    assert entries[-5] == StrapEvent(StrapChange.HEARD_AGAIN, "after 4 s")


def test_a_replay_repeats_the_ledger_and_adds_nothing_to_it(store: Store) -> None:
    silent = StrapEvent(StrapChange.SILENT)
    script = [(0.0, CONNECTED), (1, packet(contact=False)), (6, silent), (9, CONNECTED), (10, packet(contact=True))]
    first = recorded(store, script)
    source = ReplaySource(store.session("S1").recording(), clock=VirtualClock(START, speed=math.inf))
    asyncio.run(record(store, source, Protocol("", "", "", ()), client=""))
    assert changes(first) == ["connected", "contact-lost", "silent", "connected", "heard-again", "contact-found"]
    assert changes([line.entry for line in store.lines("S2")]) == changes(first)


@pytest.mark.parametrize("by_s", [3600.0, -3600.0, 2.5])
def test_a_clock_that_is_set_is_told_and_moves_nothing(store: Store, by_s: float) -> None:
    script: list[tuple[float, StrapEvent | PacketReceived]] = [(0.0, CONNECTED)]
    script += [(0.3 + number, packet()) for number in range(60)]
    untouched = recorded(store, script, one=20, two=30)
    stepped = recorded(store, script, SetClock(after_s=25.5, by_s=by_s), one=20, two=30)
    assert [each for each in stepped if isinstance(each, ClockStepped)] == [ClockStepped(by_s)]
    assert [each for each in stepped if not isinstance(each, ClockStepped)] == untouched
    step = stepped.index(ClockStepped(by_s))
    assert sum(isinstance(each, PacketReceived) for each in stepped[:step]) == 26  # at 0.3 s … 25.3 s
    before, after = laid(store, "S1"), laid(store, "S2")
    assert after.beats.time_s.tolist() == before.beats.time_s.tolist()
    assert (after.gaps, after.phases, after.duration_s) == (before.gaps, before.phases, before.duration_s)
    assert after.gaps == ()
    assert store.sessions()[0].duration_s == 50.0


def laid(store: Store, session_id: str) -> Timeline:
    return timeline.build(store.session(session_id).recording())


@pytest.mark.parametrize("by_s", [0.0, 1.5, -1.9])
def test_what_keeps_a_clock_right_is_no_step(store: Store, by_s: float) -> None:
    script = [(0.0, CONNECTED), *((1.0 + at, packet()) for at in range(5))]
    entries = recorded(store, script, SetClock(after_s=2.5, by_s=by_s))
    assert not [each for each in entries if isinstance(each, ClockStepped)]


def test_a_clock_set_between_two_recorders_of_one_boot_is_told(store: Store) -> None:
    class LiveClock(SetClock):
        live = True

    class Killed(BaseException):
        pass

    def kill(seq: int) -> None:
        if seq >= 4:
            raise Killed

    mine = Protocol("mine", "", "", (PlannedPhase("one", PhaseKind.OTHER, None, 3000),))
    script: list[tuple[float, StrapEvent | PacketReceived]] = [(0.0, CONNECTED), (1.0, packet()), (2.0, packet())]
    source = Scripted(LiveClock(after_s=1e6, by_s=0), script)
    with pytest.raises(Killed):
        asyncio.run(record(store, source, mine, client="", listeners=Listeners(acknowledged=kill)))
    again = Scripted(LiveClock(after_s=0, by_s=3600), script)
    assert asyncio.run(record(store, again, mine, client="")) == "S1"
    assert ClockStepped(3600.0) in [line.entry for line in store.lines("S1")]


@pytest.mark.skipif(not hasattr(time, "CLOCK_BOOTTIME"), reason="Linux's own clock")
def test_an_hour_of_sleep_counts_and_is_no_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """No machine of ours can be put to sleep: its clocks are made to say what they say then."""
    ledger, clock = Ledger(), SystemClock()
    before = clock.now()
    assert ledger.clock_step(before) is None
    slept_ns = 3600 * NS_PER_S
    read, utc = time.clock_gettime_ns, time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: utc() + slept_ns)
    monkeypatch.setattr(time, "clock_gettime_ns", lambda which: read(which) + slept_ns * (which == time.CLOCK_BOOTTIME))
    after = clock.now()
    assert 3600 <= (after.monotonic_ns - before.monotonic_ns) / NS_PER_S < 3610
    assert ledger.clock_step(after) is None


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="Windows keeps its time zone to itself")
@pytest.mark.parametrize("change", [datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC)])
def test_summer_time_begins_and_ends_unnoticed(store: Store, monkeypatch: pytest.MonkeyPatch, change: datetime) -> None:
    """The European Union's days of 2026: local time jumps by an hour at 01:00 UTC, UTC does not."""
    before = os.environ.get("TZ")
    monkeypatch.setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3")  # the rule itself, for machines without a table of zones
    time.tzset()
    try:
        jump = abs(time.localtime(change.timestamp() + 1).tm_gmtoff - time.localtime(change.timestamp() - 1).tm_gmtoff)
        assert jump == 3600
        start = Stamp("virtual", 7, round(change.timestamp() - 30) * NS_PER_S)
        script = [(0.0, CONNECTED), *((0.3 + number, packet()) for number in range(60))]
        entries = recorded(store, script, VirtualClock(start, speed=math.inf), one=20, two=30)
    finally:
        if before is None:
            monkeypatch.delenv("TZ")
        else:
            monkeypatch.setenv("TZ", before)
        time.tzset()
    assert not [each for each in entries if isinstance(each, ClockStepped)]
    recording = store.session("S1").recording()
    begun = [round(at, 9) for at, line in recording.times_s() if isinstance(line.entry, PhaseStarted)]
    assert begun == [0.0, 20.0]
    assert timeline.build(recording).gaps == ()
    assert store.sessions()[0].duration_s == 50.0
