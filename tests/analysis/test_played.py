"""What was played when, rebuilt from nothing but the log."""

import random

import pytest

from biotune.analysis import music_record, music_words, played
from biotune.analysis.played import Play, plays, stretches
from biotune.domain import (
    NS_PER_S,
    Activity,
    Entry,
    LogLine,
    MarkerSet,
    MusicAct,
    MusicEvent,
    Phase,
    PhaseKind,
    RecorderStarted,
    Recording,
    Stamp,
)

SEA, FOREST = "a" * 64, "b" * 64


def event(act: str, at_s: float, *, position_s: float = 0.0, number: int = 0, piece: str = SEA, **more) -> MusicEvent:
    """An event of a page whose clock began 100 s before the session."""
    words = {"title": "Sea", "tab": "t1", **more}
    return MusicEvent(
        MusicAct(act), piece, position_s=position_s, browser_ms=1000 * (at_s + 100), number=number, **words
    )


def log(*arrived: tuple[float, Entry], ends_s: float = 600.0, boot: str = "boot") -> Recording:
    lines = [(0.0, RecorderStarted("strap", "0.1.0")), *arrived, (ends_s, MarkerSet("the log's end"))]
    stamped = [(Stamp(boot, round(at_s * NS_PER_S), round(at_s * NS_PER_S)), entry) for at_s, entry in lines]
    return Recording("S1", tuple(LogLine(k, "dashboard", stamp, 0, e) for k, (stamp, e) in enumerate(stamped, 1)))


def spans(found: tuple[Play, ...]) -> list[tuple[str, float, float]]:
    return [(each.piece, round(each.start_s, 2), round(each.end_s, 2)) for each in found]


def a_minute(start_s: float = 60.0) -> list[tuple[float, MusicEvent]]:
    """Play, twelve signs of life, pause; each logged 20 ms after it happened."""
    happened = [(start_s, "play"), *((start_s + 5 * k, "sync") for k in range(1, 12)), (start_s + 60, "pause")]
    return [
        (at_s + 0.02, event(act, at_s, position_s=at_s - start_s, number=k))
        for k, (at_s, act) in enumerate(happened, 1)
    ]


def test_a_piece_sounds_from_play_to_pause() -> None:
    (play,) = plays(log(*a_minute()))
    assert (play.piece, play.title) == (SEA, "Sea")
    assert play.start_s == pytest.approx(60.02, abs=0.001)
    assert play.end_s == pytest.approx(120.02, abs=0.001)
    assert play.end_position_s == pytest.approx(60.0, abs=0.05)
    assert play.end_logged
    assert not play.complete


def test_events_sent_twice_or_in_another_order_change_nothing() -> None:
    once = a_minute()
    twice = sorted([*once, *((at_s + 7.0, entry) for at_s, entry in once)], key=lambda each: each[0])
    random.Random(1).shuffle(shuffled := [entry for _, entry in once[3:9]])
    mixed = [*once[:3], *((once[8][0], entry) for entry in shuffled), *once[9:]]
    assert plays(log(*twice)) == plays(log(*once))
    assert spans(plays(log(*mixed))) == spans(plays(log(*once)))


def test_what_arrives_late_is_placed_by_the_browsers_clock() -> None:
    # the dashboard is away from 70 s to 110 s: five signs of life and the pause at 95 s wait that long
    happened = [(60, "play"), (65, "sync"), (70, "sync"), (75, "sync"), (80, "sync"), (95, "pause"), (110, "play")]
    arrived = [
        (float(at_s) + 0.01 if at_s <= 70 else 110.01, event(act, at_s, position_s=min(at_s, 95) - 60, number=k))
        for k, (at_s, act) in enumerate(happened, 1)
    ]
    first, second = plays(log(*arrived, (115.01, event("pause", 115, position_s=40, number=8))))
    assert (first.start_s, first.end_s) == pytest.approx((60.01, 95.01), abs=0.005)
    assert (second.start_s, second.end_s) == pytest.approx((110.01, 115.01), abs=0.005)


def test_an_end_that_was_never_logged_is_five_seconds_after_the_last_sign_of_life() -> None:
    (play,) = plays(log(*a_minute()[:5]))  # the browser is gone after the sync at 80 s
    assert play.end_s == pytest.approx(85.02, abs=0.01)
    assert not play.end_logged


def test_a_lost_end_reaches_beyond_neither_the_log_nor_the_next_piece() -> None:
    assert plays(log(*a_minute()[:5], ends_s=82.0))[0].end_s == pytest.approx(82.0)
    other = event("play", 83, piece=FOREST, tab="t2", number=1)
    assert spans(plays(log(*a_minute()[:5], (83.02, other), ends_s=84.0))) == [
        (SEA, 60.02, 83.02),
        (FOREST, 83.02, 84.0),
    ]


def test_a_page_that_is_closed_and_opened_again_leaves_a_hole() -> None:
    again = [
        (at_s, event(entry.act.value, at_s, tab="t2", number=entry.number))
        for at_s, entry in a_minute(start_s=300.0)[:2]
    ]
    assert spans(plays(log(*a_minute()[:3], *again, (320.0, event("pause", 320.0, tab="t2", number=9))))) == [
        (SEA, 60.02, 75.02),
        (SEA, 300.02, 320.0),
    ]


def test_moving_within_a_piece_keeps_one_play_of_several_stretches() -> None:
    happened = [
        event("play", 60, number=1),
        event("sync", 65, position_s=5, number=2),
        event("seek", 68, position_s=100, number=3),
        event("sync", 70, position_s=102, number=4),
        event("ended", 78, position_s=110, number=5),
    ]
    recording = log(*((each.browser_ms / 1000 - 100, each) for each in happened))
    (play,) = plays(recording)
    assert (play.start_s, play.end_s, play.complete) == (60.0, 78.0, True)
    before, after = stretches(recording)
    assert (before.start_s, before.end_s, before.position_s, before.end_position_s) == (60.0, 68.0, 0.0, 8.0)
    assert (after.start_s, after.end_s, after.position_s, after.end_position_s) == (68.0, 78.0, 100.0, 110.0)


def test_the_next_piece_begins_where_the_one_before_it_ends() -> None:
    arrived = [
        (60.0, event("play", 60, number=1)),
        (90.0, event("next", 90, position_s=30, number=2)),
        (90.5, event("play", 90.5, piece=FOREST, number=3)),
        (120.0, event("ended", 120, piece=FOREST, position_s=29.5, number=4)),
    ]
    assert spans(plays(log(*arrived))) == [(SEA, 60.0, 90.0), (FOREST, 90.5, 120.0)]


def test_a_fade_is_part_of_the_play() -> None:
    arrived = [
        (60.0, event("play", 60, number=1)),
        (100.0, event("fade", 100, position_s=40, number=2)),
        (108.0, event("pause", 108, position_s=48, number=3)),
    ]
    assert spans(plays(log(*arrived))) == [(SEA, 60.0, 108.0)]


def test_a_file_that_fails_ends_its_play_there() -> None:
    arrived = [(60.0, event("play", 60, number=1)), (71.0, event("failed", 71, position_s=11, number=2))]
    assert spans(plays(log(*arrived))) == [(SEA, 60.0, 71.0)]
    assert plays(log((60.0, event("failed", 60, number=1)))) == ()


def test_the_way_to_the_ear_is_added() -> None:
    arrived = [
        (60.0, event("play", 60, number=1, delay_ms=180.0)),
        (90.0, event("pause", 90, position_s=30, number=2, delay_ms=180.0)),
    ]
    assert spans(plays(log(*arrived))) == [(SEA, 60.18, 90.18)]


def test_people_who_play_sound_until_they_stop_and_beside_each_other() -> None:
    def live(act: str, at_s: float, piece: str) -> tuple[float, MusicEvent]:
        return at_s, MusicEvent(MusicAct(act), piece, piece.removeprefix(played.LIVE))

    arrived = [
        live("play", 60.0, "live:guitar"),
        live("play", 90.0, "live:voice"),
        live("pause", 200.0, "live:guitar"),
    ]
    found = plays(log(*arrived))
    assert spans(found) == [("live:guitar", 60.0, 200.0), ("live:voice", 90.0, 600.0)]
    assert [each.end_logged for each in found] == [True, False]
    assert all(each.live for each in found)


def test_of_live_music_whose_end_nobody_logged_nothing_is_said_of_the_rest() -> None:
    begins = MusicEvent(MusicAct.PLAY, "live:guitar", "Guitar")
    found = plays(log((60.0, begins), *a_minute(100.0)))
    rest = Phase("recovery", PhaseKind.RECOVERY, Activity.REST, 300.0, 600.0)
    assert [each.open_ended for each in found] == [True, False]
    assert music_words.end(found[0], "10:00") == "end not logged"
    assert "but for the end of Guitar" in music_words.place(found)
    (told,) = music_words.at_rest(found, rest)
    assert told == "Whether Guitar sounded in the recovery is not known: its end was not logged."
    assert music_words.at_rest(plays(log((350.0, begins))), rest) == (
        "Guitar sounded in the recovery; for how long is not known: its end was not logged.",
    )
    record = music_record.of(log((60.0, begins), *a_minute(100.0)))
    assert music_record.sentence(record).startswith("Music sounded for 60 s: “Sea”")  # and not for nine minutes
    times = next(each for each in record.answers if each.item is music_record.TIMES)
    assert times.value == "2 stretches, 1.0 min of music"
    assert not times.told


def test_a_machine_that_slept_does_not_move_what_came_before() -> None:
    # the browser's clock stands still for 300 s while the machine sleeps
    before = a_minute()
    after = [
        (at_s + 300.02, event(act, at_s, position_s=at_s - 130, number=20 + k))
        for k, (at_s, act) in enumerate([(130.0, "play"), (135.0, "sync"), (140.0, "pause")])
    ]
    assert spans(plays(log(*before, *after))) == [(SEA, 60.02, 120.02), (SEA, 430.02, 440.02)]


def test_signs_of_life_that_were_lost_do_not_divide_music_that_went_on() -> None:
    kept = [each for each in a_minute() if each[1].act is not MusicAct.SYNC or each[1].position_s > 50]
    assert spans(plays(log(*kept))) == [(SEA, 60.02, 120.02)]
    stopped = [
        (60.0, event("play", 60, number=1)),
        (65.0, event("sync", 65, position_s=5, number=2)),
        (110.0, event("sync", 110, position_s=8, number=3)),  # it stood still in between
        (112.0, event("pause", 112, position_s=10, number=4)),
    ]
    assert spans(plays(log(*stopped))) == [(SEA, 60.0, 70.0), (SEA, 110.0, 112.0)]


def test_a_simulated_sitting_that_runs_fast_has_the_times_of_its_log() -> None:
    arrived = [
        (at_s, entry) for at_s, entry in ((60.0, event("play", 6, number=1)), (180.0, event("pause", 18, number=2)))
    ]
    assert spans(plays(log(*arrived, boot="virtual-1"))) == [(SEA, 60.0, 180.0)]


def test_a_log_without_music_has_no_plays() -> None:
    assert plays(log()) == ()


def test_a_page_whose_sound_faltered_while_it_gave_no_sign_ends_where_it_said() -> None:
    """In the background a page's clocks strike rarely; the sound fell 2.5 s behind and stopped at 60 s, not at 45 s."""
    signs = [(float(t), event("sync", t, position_s=t, number=k)) for k, t in enumerate(range(5, 45, 5), start=2)]
    last = (60.0, event("pause", 60, position_s=57.5, number=20))
    (found,) = plays(log((0.0, event("play", 0, number=1)), *signs, last))
    assert (found.start_s, found.end_s, found.end_logged) == (0.0, 60.0, True)


def test_a_page_that_stood_still_for_most_of_the_time_was_not_playing() -> None:
    signs = [(float(t), event("sync", t, position_s=t, number=k)) for k, t in enumerate(range(5, 45, 5), start=2)]
    last = (100.0, event("pause", 100, position_s=60, number=20))
    (found,) = plays(log((0.0, event("play", 0, number=1)), *signs, last))
    assert (found.end_s, found.end_logged) == (45.0, False)
