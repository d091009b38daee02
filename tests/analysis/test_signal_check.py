"""A minute of signal judged: every number counted by hand, every advice where it helps."""

from collections.abc import Iterable

import pytest

from biotune.analysis import signal_check
from biotune.analysis.signal_check import COME_NEARER, MOISTEN, NO_RR, RHYTHM, SIT_STILL, TIGHTEN, WEAR, check
from biotune.domain import (
    NS_PER_S,
    Entry,
    GapReason,
    LogLine,
    PacketReceived,
    Readiness,
    Recording,
    Stamp,
    StrapChange,
    StrapEvent,
    StrapIdentity,
)
from biotune.wire.heart_rate import HEART_RATE_MEASUREMENT, HeartRate, encode

CONNECTED = StrapEvent(StrapChange.CONNECTED, strap=StrapIdentity("HRM"))


def recording(entries: Iterable[tuple[float, Entry]]) -> Recording:
    lines = [
        LogLine(seq, "test", Stamp("b", round(at_s * NS_PER_S), 0), 1, entry)
        for seq, (at_s, entry) in enumerate(entries, start=1)
    ]
    return Recording("test", tuple(lines))


def packet(*rr: int, bpm: int = 60, contact: bool | None = None) -> PacketReceived:
    return PacketReceived(HEART_RATE_MEASUREMENT, encode(HeartRate(bpm, rr, contact)))


def each_second(count: int, **kept: object) -> list[tuple[float, Entry]]:
    """A beat a second, of 60 bpm, give or take 20 ms."""
    return [(0.5 + n, packet(1024 + (20, -20)[n % 2], **kept)) for n in range(count)]  # type: ignore[arg-type]


def test_sixty_seconds_of_sixty_beats_a_minute_are_ready() -> None:
    battery = StrapEvent(StrapChange.BATTERY, "87")
    found = check(recording([(0.0, CONNECTED), (0.1, battery), *each_second(61)]), seconds=60.5)
    assert (found.beats, found.expected, found.seconds) == (
        60,
        60,
        60.0,
    )  # from the first packet, whose beat was before
    assert found.words == "60 of 60 expected beats, 0 % artefacts, battery 87 %: ready"
    assert (found.readiness, found.advice, found.gaps) == (Readiness.READY, (), ())


@pytest.mark.parametrize(
    ("lost", "readiness"), [(3, Readiness.READY), (6, Readiness.DOUBTFUL), (12, Readiness.NOT_READY)]
)
def test_packets_that_never_came_are_missed(lost: int, readiness: Readiness) -> None:
    kept = [each for n, each in enumerate(each_second(61)) if not 20 <= n < 20 + lost]
    found = check(recording([(0.0, CONNECTED), *kept]), seconds=60.5)
    assert (found.beats, found.expected) == (60 - lost, 60)
    assert found.readiness is readiness
    assert (COME_NEARER in found.advice) is (readiness is not Readiness.READY)
    assert f"{60 - lost} of 60" in found.words


def test_silence_at_the_end_is_not_passed_over() -> None:
    found = check(recording([(0.0, CONNECTED), *each_second(41)]), seconds=60.5)
    assert (found.beats, found.expected, found.readiness) == (40, 60, Readiness.NOT_READY)
    assert COME_NEARER in found.advice


def test_lost_contact_asks_for_moisture_and_a_tighter_strap() -> None:
    seconds = each_second(61, contact=True)
    seconds[30:36] = [(at_s, packet(bpm=0, contact=False)) for at_s, _ in seconds[30:36]]
    found = check(recording(seconds), seconds=60.5)
    assert found.no_contact_pct == pytest.approx(100 * 6 / 61)
    assert found.readiness is Readiness.DOUBTFUL
    assert found.advice[:2] == (MOISTEN, TIGHTEN)
    assert [gap.reason for gap in found.gaps] == [GapReason.NO_CONTACT]
    assert "no contact for 10 % of the time" in found.words
    assert "1 gap" in found.words


def test_artefacts_are_counted_and_advised_on() -> None:
    seconds = each_second(61)
    for n in range(4, 60, 3):  # a twitch taken for a beat, every three beats: more of them than the heart makes
        seconds[n] = (seconds[n][0], packet(400, 624))
    found = check(recording(seconds), seconds=60.5)
    assert found.flagged_pct > 20
    assert found.readiness is Readiness.NOT_READY
    assert SIT_STILL in found.advice


def test_a_rhythm_that_is_out_of_step_by_itself_does_not_keep_a_session_from_beginning() -> None:
    seconds = each_second(61)
    for n in range(4, 60, 5):  # a beat too early and a pause that makes up for it: as many as the strap counts
        seconds[n] = (seconds[n][0], packet(512))
        seconds[n + 1] = (seconds[n + 1][0], packet(1536))
    found = check(recording(seconds), seconds=60.5)
    assert found.flagged_pct > 20
    assert found.readiness is Readiness.DOUBTFUL
    assert RHYTHM in found.advice


def test_a_strap_without_rr_is_said_to_give_heart_rate_only() -> None:
    found = check(recording([(0.0, CONNECTED), *((0.5 + n, packet(bpm=300)) for n in range(61))]), seconds=60.5)
    assert (found.has_rr, found.readiness, found.advice) == (False, Readiness.DOUBTFUL, (NO_RR,))
    assert found.words == "heart rate, but no RR intervals: doubtful"


def test_no_heartbeat_is_not_ready() -> None:
    found = check(recording([(0.0, CONNECTED), *((0.5 + n, packet(bpm=0)) for n in range(61))]), seconds=60.5)
    assert (found.readiness, found.words) == (Readiness.NOT_READY, "no heartbeat: not ready")
    assert found.advice[:2] == (MOISTEN, TIGHTEN)


@pytest.mark.parametrize("entries", [[], [(0.0, CONNECTED)], [(0.0, PacketReceived(HEART_RATE_MEASUREMENT, b""))]])
def test_nothing_heard_is_not_ready_and_asks_whether_it_is_worn(entries: list[tuple[float, Entry]]) -> None:
    found = check(recording(entries), seconds=60)
    assert (found.readiness, found.expected) == (Readiness.NOT_READY, 0)
    assert found.advice[0] == WEAR


@pytest.mark.parametrize(("pct", "low"), [("15", True), ("16", False), ("", False)])
def test_a_low_battery_is_told_in_time(pct: str, *, low: bool) -> None:
    battery = StrapEvent(StrapChange.BATTERY, pct)
    found = check(recording([(0.0, battery), *each_second(61)]), seconds=60.5)
    assert found.readiness is Readiness.READY
    assert any("change it" in words for words in found.advice) is low


def test_a_strap_that_gives_intervals_but_no_rate_is_counted_by_its_intervals() -> None:
    found = check(recording([(0.5 + n, packet(1024, bpm=0)) for n in range(61)]), seconds=60)
    assert (found.beats, found.expected, found.readiness) == (60, 60, Readiness.READY)


def test_milliseconds_are_noticed_within_the_minute() -> None:
    found = check(recording([(0.5 + n, packet(1000)) for n in range(81)]), seconds=80)
    (notice,) = found.to_dict()["notices"]
    assert notice["kind"] == "rr-unit"
    assert found.expected == 80


def test_the_document_says_what_the_words_say() -> None:
    document = check(recording([(0.0, CONNECTED), *each_second(61)]), seconds=60.5).to_dict()
    assert document["schema"] == "biotune.check/1"
    assert document["readiness"] == "ready"
    assert (document["beats"], document["expected"], document["rr"]) == (60, 60, True)
    assert document["battery_pct"] is None
    assert document["words"] == "60 of 60 expected beats, 0 % artefacts: ready"
    assert signal_check.LOW_BATTERY_PCT > 0
