"""A sitting seen from outside its recorder: hand-made logs whose times can be added up by hand."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from biotune.domain import (
    NS_PER_S,
    Entry,
    MarkerSet,
    PacketReceived,
    PhaseEnded,
    PhaseKind,
    PhaseStarted,
    RecorderStarted,
    Request,
    RequestMade,
    SessionFinished,
    Stamp,
    StrapChange,
    StrapEvent,
    StrapIdentity,
)
from biotune.errors import SessionNotFound, StorageError, UsageError
from biotune.library import Library, open_library
from biotune.live import Point, Standing, StrapState
from biotune.sensor.source import SystemClock
from biotune.wire.heart_rate import HEART_RATE_MEASUREMENT

STRAP = StrapIdentity("Strap 7")
CONNECTED = StrapEvent(StrapChange.CONNECTED, strap=STRAP)
SETTLING = PhaseStarted("settling", PhaseKind.SETTLING)
BASELINE = PhaseStarted("baseline", PhaseKind.BASELINE)

Log = Callable[..., None]


def rate(bpm: int) -> PacketReceived:
    return PacketReceived(HEART_RATE_MEASUREMENT, bytes([0, bpm]))  # flags 0: a rate of 8 bits, nothing else


@pytest.fixture
def library(home: Path) -> Iterator[Library]:
    with open_library(home) as opened:
        opened.store.create_session(client="K-1", protocol="listening", started=datetime.now(UTC))
        opened.store.add_recording("S1", label=STRAP.name)
        yield opened


@pytest.fixture
def log(library: Library) -> Log:
    """Append an entry that happened so many seconds ago."""
    now = SystemClock().now()

    def append(ago_s: float, *entries: Entry, boot: str = now.boot_id) -> None:
        ago_ns = round(ago_s * NS_PER_S)
        stamp = Stamp(boot, now.monotonic_ns - ago_ns, now.utc_ns - ago_ns)
        for entry in entries:
            library.store.append("S1", "recorder:1", stamp, entry, recording=1)

    return append


def test_a_tail_holds_what_was_added_since_its_cursor(library: Library, log: Log) -> None:
    log(20, RecorderStarted("strap", "0.1.0"), SETTLING, CONNECTED, StrapEvent(StrapChange.BATTERY, "81"))
    log(19, rate(70))
    log(1, rate(72))
    with library.store.recording_now("S1"):
        first = library.live.tail("S1")
        log(0, rate(75))
        second = library.live.tail("S1", after=first.cursor)
        third = library.live.tail("S1", after=second.cursor)
    assert first.points == (Point(1.0, 70), Point(19.0, 72))
    assert second.points == (Point(20.0, 75),)
    assert (third.points, third.bpm) == ((), 75)
    assert (first.strap.name, first.strap.battery_pct, first.strap.state) == ("Strap 7", "81", StrapState.HEARD)
    assert (first.client, first.standing) == ("K-1", Standing.RECORDED)


def test_a_page_opened_late_begins_with_the_last_three_minutes(library: Library, log: Log) -> None:
    log(400, RecorderStarted("strap", "0.1.0"), SETTLING, CONNECTED)
    for ago_s in range(399, -1, -1):
        log(ago_s, rate(60))
    with library.store.recording_now("S1"):
        points = library.live.tail("S1").points
    assert 178 <= len(points) <= 181
    assert points[-1] == Point(400.0, 60)


def test_time_left_is_what_the_phase_still_lacks(library: Library, log: Log) -> None:
    log(70, RecorderStarted("strap", "0.1.0"), SETTLING, CONNECTED)
    log(10, BASELINE, rate(60))
    with library.store.recording_now("S1"):
        phase = library.live.tail("S1").phase
    assert phase
    assert (phase.name, phase.number, phase.of) == ("baseline", 2, 4)
    assert phase.left_s == pytest.approx(300 - 10, abs=1)
    assert phase.following
    assert phase.following.name == "music"


def test_time_in_which_nobody_recorded_does_not_count(library: Library, log: Log) -> None:
    log(100, RecorderStarted("strap", "0.1.0"), SETTLING, CONNECTED)
    log(70, rate(60))  # thirty seconds of the three minutes, then the recorder dies
    log(20, RecorderStarted("strap", "0.1.0", resumed=True), CONNECTED)
    log(19, rate(61))
    with library.store.recording_now("S1"):
        tail = library.live.tail("S1")
    assert tail.phase
    assert tail.phase.left_s == pytest.approx(180 - 30 - 20, abs=1)
    assert tail.points == (Point(30.0, 60), Point(80.0, None), Point(81.0, 61))


def test_a_protocol_that_is_not_here_is_timed_without_an_end(library: Library, log: Log) -> None:
    log(9, RecorderStarted("strap", "0.1.0"), PhaseStarted("my-own", PhaseKind.OTHER), CONNECTED)
    with library.store.recording_now("S1"):
        phase = library.live.tail("S1").phase
    assert phase
    assert (phase.name, phase.left_s) == ("my-own", None)
    assert phase.elapsed_s == pytest.approx(9, abs=1)


@pytest.mark.parametrize(
    ("happened", "state"),
    [
        ([StrapEvent(StrapChange.LOST)], StrapState.LOST),
        ([StrapEvent(StrapChange.LOST), StrapEvent(StrapChange.WAITING, "not there")], StrapState.LOST),
        ([StrapEvent(StrapChange.SILENT)], StrapState.SILENT),
        ([StrapEvent(StrapChange.CONTACT_LOST)], StrapState.NO_CONTACT),
        ([StrapEvent(StrapChange.LOST), CONNECTED, rate(70)], StrapState.HEARD),
    ],
)
def test_the_strap_is_as_the_log_tells_it(library: Library, log: Log, happened: list[Entry], state: StrapState) -> None:
    log(10, RecorderStarted("strap", "0.1.0"), SETTLING, CONNECTED, rate(70))
    log(1, *happened)
    with library.store.recording_now("S1"):
        tail = library.live.tail("S1")
    assert tail.strap.state is state
    assert (tail.bpm is None) == (state is not StrapState.HEARD)
    if state is not StrapState.HEARD:
        assert tail.points[-1] == Point(pytest.approx(9.0, abs=1e-6), None)
        assert tail.strap.since_s == pytest.approx(9.0, abs=1e-6)


def test_a_strap_that_says_nothing_for_long_is_silent_though_nobody_noticed(library: Library, log: Log) -> None:
    log(10, RecorderStarted("strap", "0.1.0"), SETTLING, CONNECTED, rate(70))
    log(7, rate(70))
    with library.store.recording_now("S1"):
        strap = library.live.tail("S1").strap
    assert (strap.state, round(strap.since_s)) == (StrapState.SILENT, 3)


def test_how_a_session_stands(library: Library, log: Log) -> None:
    log(1000, RecorderStarted("strap", "0.1.0"), SETTLING, CONNECTED)
    assert library.live.standings() == {"S1": Standing.LEFT}
    log(800, rate(60))
    assert library.live.standings() == {"S1": Standing.INTERRUPTED}
    before = library.revision()
    with library.store.recording_now("S1"):
        assert library.live.standings() == {"S1": Standing.RECORDED}
        assert library.revision() != before
    log(0, PhaseEnded(), SessionFinished())
    assert library.live.standings() == {}
    assert (library.live.tail("S1").standing, library.live.tail("S1").phase) == (None, None)


def test_what_people_do_stands_in_the_log_under_the_dashboards_name(library: Library, log: Log) -> None:
    log(12, RecorderStarted("strap", "0.1.0"), SETTLING, CONNECTED)
    with library.store.recording_now("S1"):
        assert library.live.mark("S1", "  asked\n for water ") == pytest.approx(12, abs=1)
        library.live.request("S1", Request.END_PHASE)
        assert [label for _, label in library.live.tail("S1").markers] == ["asked for water"]
    mark, request = library.store.lines("S1")[-2:]
    assert (mark.entry, request.entry) == (MarkerSet("asked for water"), RequestMade(Request.END_PHASE))
    assert mark.writer.startswith("dashboard:")


def test_a_marker_in_a_replay_has_the_replays_time(library: Library, log: Log) -> None:
    log(50, RecorderStarted("replay", "0.1.0"), SETTLING, CONNECTED, boot="virtual-1")
    log(10, rate(60), boot="virtual-1")
    with library.store.recording_now("S1"):
        assert library.live.mark("S1", "Spoke") == pytest.approx(40, abs=1e-6)


def test_nothing_is_asked_of_a_recorder_that_is_gone(library: Library, log: Log) -> None:
    log(5, RecorderStarted("strap", "0.1.0"), SETTLING, CONNECTED)
    with pytest.raises(StorageError, match="not being recorded"):
        library.live.mark("S1", "Spoke")
    with pytest.raises(StorageError, match="not being recorded"):
        library.live.request("S1", Request.STOP)
    with library.store.recording_now("S1"), pytest.raises(UsageError):
        library.live.mark("S1", " ")
    with pytest.raises(SessionNotFound):
        library.live.tail("S9")
    assert len(library.store.lines("S1")) == 3


def test_a_boot_id_of_the_dashboards_own_does_not_move_the_clock(
    library: Library, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    # as on systems that name no boot: every process has its own
    log(30, RecorderStarted("strap", "0.1.0"), SETTLING, CONNECTED)
    here = SystemClock.now
    monkeypatch.setattr(SystemClock, "now", lambda clock: replace(here(clock), boot_id="mine", monotonic_ns=5))
    with library.store.recording_now("S1"):
        assert library.live.tail("S1").now_s == pytest.approx(30, abs=1)
        assert library.live.mark("S1", "Spoke") == pytest.approx(30, abs=1)
