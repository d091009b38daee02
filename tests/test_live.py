"""A sitting seen from outside its recorder: hand-made logs whose times can be added up by hand."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from math import nan, pi, sin
from pathlib import Path

import pytest

from biotune.domain import (
    NS_PER_S,
    Activity,
    Entry,
    MarkerSet,
    PacerSet,
    PacketReceived,
    PhaseEnded,
    PhaseKind,
    PhaseStarted,
    RatingGiven,
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


def test_a_page_that_shows_an_earlier_phase_does_not_end_the_one_that_runs(library: Library, log: Log) -> None:
    log(12, RecorderStarted("strap", "0.1.0"), SETTLING, CONNECTED)
    log(6, PhaseStarted("baseline", PhaseKind.BASELINE))
    with library.store.recording_now("S1"):
        with pytest.raises(UsageError, match="has ended already"):
            library.live.end_phase("S1", 1)
        assert not library.store.lines("S1", kinds=["request"])
        library.live.end_phase("S1", 2)
    assert library.store.lines("S1")[-1].entry == RequestMade(Request.END_PHASE, 2)


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


# ---------------------------------------------------------------- the pacer, the client's words, the last minute

PACED = PhaseStarted("breathing-7.0", PhaseKind.INTERVENTION, Activity.PACED_BREATHING, paced=True)
NEXT_PACED = PhaseStarted("breathing-6.5", PhaseKind.INTERVENTION, Activity.PACED_BREATHING, paced=True)


@pytest.fixture
def resonance(library: Library) -> Iterator[Callable[..., list[PacerSet]]]:
    """A session of resonance breathing; each call logs a phase, looks as a page does, and tells every pacer line."""
    session = library.store.create_session(client="K-2", protocol="resonance", started=datetime.now(UTC))
    library.store.add_recording(session, label=STRAP.name)
    clock = SystemClock()
    library.store.append(session, "recorder", clock.now(), RecorderStarted("strap", "0.1.0"))

    def happens(*entries: Entry, looks: int = 1) -> list[PacerSet]:
        for entry in entries:
            library.store.append(session, "recorder", clock.now(), entry, recording=0)
        for _ in range(looks):
            library.live.lead_pacer(library.live.tail(session))
        return [line.entry for line in library.store.lines(session) if isinstance(line.entry, PacerSet)]

    with library.store.recording_now(session):
        yield happens


def test_a_paced_phase_switches_the_pacer_on_once_and_the_phase_after_it_off(
    resonance: Callable[..., list[PacerSet]],
) -> None:
    assert resonance(SETTLING, BASELINE) == []
    seven, half_less = PacerSet(on=True, per_min=7.0), PacerSet(on=True, per_min=6.5)
    assert resonance(PACED, looks=3) == [seven]
    assert resonance(NEXT_PACED, looks=2) == [seven, half_less]
    after = PhaseStarted("recovery", PhaseKind.RECOVERY)
    assert resonance(after, looks=2) == [seven, half_less, PacerSet(on=False, per_min=6.5)]


def test_who_switches_a_paced_phase_off_or_a_quiet_one_on_is_not_overruled(
    resonance: Callable[..., list[PacerSet]],
) -> None:
    by_hand = PacerSet(on=True, per_min=5.0)
    assert resonance(SETTLING, by_hand) == [by_hand]
    assert resonance(BASELINE) == [by_hand]  # it stays on: a person wanted it
    off = PacerSet(on=False, per_min=7.0)
    assert resonance(PACED)[-1] == PacerSet(on=True, per_min=7.0)
    assert resonance(off, looks=3)[-1] == off


def test_the_pacer_is_written_only_where_it_changes(library: Library, log: Log) -> None:
    log(5, RecorderStarted("strap", "0.1.0"), SETTLING, CONNECTED)
    with library.store.recording_now("S1"):
        library.live.switch_pacer("S1", PacerSet(on=False))
        library.live.set_breath("S1", 5.0, 0.4)  # off: nothing to set
        for _ in range(2):
            library.live.switch_pacer("S1", PacerSet(on=True, per_min=5.5, inhale=0.5))
        for _ in range(2):
            library.live.set_breath("S1", 5.0, 0.5)
        for wrong in (PacerSet(on=True, per_min=0.0), PacerSet(on=True, inhale=1.0), PacerSet(on=True, per_min=nan)):
            with pytest.raises(UsageError, match="breathes"):
                library.live.switch_pacer("S1", wrong)
        tail = library.live.tail("S1")
    written = [line.entry for line in library.store.lines("S1") if isinstance(line.entry, PacerSet)]
    assert written == [PacerSet(on=True, per_min=5.5, inhale=0.5), PacerSet(on=True, per_min=5.0, inhale=0.5)]
    assert (tail.pacer.on, tail.pacer.per_min) == (True, 5.0)
    with pytest.raises(StorageError, match="not being recorded"):
        library.live.switch_pacer("S1", PacerSet(on=False))


def test_what_is_said_in_between_is_told_with_its_time_and_what_is_said_before_is_not(
    library: Library, log: Log
) -> None:
    log(100, RecorderStarted("strap", "0.1.0"), SETTLING, CONNECTED, RatingGiven("tension", 70, "before"))
    log(40, RatingGiven("tension", 30, ""))
    with library.store.recording_now("S1"):
        tail = library.live.tail("S1")
    ((at_s, scale, value),) = tail.ratings
    assert (round(at_s, 3), scale, value) == (60.0, "tension", 30)
    assert [(each.name, each.end_s) for each in tail.phases] == [("settling", None)]


def _beats(log: Log, *, seconds: int, swing_ms: float = 0.0) -> None:
    """A heart at 60 whose intervals swing six times a minute, in packets of one beat, up to now."""
    for beat in range(seconds):
        rr_ms = 1000 + swing_ms * sin(2 * pi * beat / 10)
        ticks = round(rr_ms * 1.024)
        log(seconds - beat, PacketReceived(HEART_RATE_MEASUREMENT, bytes([0x10, 60]) + ticks.to_bytes(2, "little")))


def test_the_last_minute_in_numbers(library: Library, log: Log) -> None:
    log(121, RecorderStarted("strap", "0.1.0"), SETTLING, CONNECTED)
    _beats(log, seconds=120, swing_ms=60.0)
    with library.store.recording_now("S1"):
        heart, regularity, breathing = library.live.feedback("S1")
        swing = library.live.swing("S1")
    assert (heart.value, heart.unit) == ("60", "bpm")
    assert float(regularity.value) > 1  # more in one wave than in all the rest
    assert float(breathing.value) == pytest.approx(6.0, abs=0.3)
    rates = [bpm for _, bpm in swing.beats]
    assert swing.now_s == pytest.approx(121, abs=1)
    assert 20 < len(rates) <= 26
    assert min(rates) == pytest.approx(60 / 1.06, abs=0.5)
    assert max(rates) == pytest.approx(60 / 0.94, abs=0.5)


def test_too_early_for_a_number_is_said_and_a_session_that_is_over_swings_no_more(library: Library, log: Log) -> None:
    log(21, RecorderStarted("strap", "0.1.0"), SETTLING, CONNECTED)
    with library.store.recording_now("S1"):
        assert {each.value for each in library.live.feedback("S1")} == {"–"}  # not a beat so far
    _beats(log, seconds=20)
    with library.store.recording_now("S1"):
        _, regularity, breathing = library.live.feedback("S1")
    assert regularity.note == breathing.note == "after about a minute"
    log(0, SessionFinished())
    assert library.live.swing("S1").beats == ()
    with pytest.raises(SessionNotFound):
        library.live.swing("S99")
