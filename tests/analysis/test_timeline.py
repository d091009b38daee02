"""Beats in time, gaps and phases, from logs whose truth is known because it was laid out by hand."""

import math
import time
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biotune.analysis import timeline
from biotune.analysis.series import NNSeries
from biotune.analysis.timeline import Timeline
from biotune.domain import (
    NS_PER_S,
    Activity,
    Entry,
    GapReason,
    IntervalImported,
    LogLine,
    MarkerSet,
    PacketReceived,
    PhaseEnded,
    PhaseKind,
    PhaseStarted,
    RatingGiven,
    RecorderStarted,
    RecorderStopped,
    Recording,
    SessionFinished,
    Stamp,
    StrapChange,
    StrapEvent,
)
from biotune.errors import AnalysisError, BiotuneError
from biotune.wire.heart_rate import HEART_RATE_MEASUREMENT, HeartRate, decode, encode

UTC_NS = 1_750_000_000 * NS_PER_S
STARTED = (0.0, RecorderStarted("simulator", "0.1.0"))
LOST = StrapEvent(StrapChange.LOST)
SILENT = StrapEvent(StrapChange.SILENT)
AGAIN = StrapEvent(StrapChange.HEARD_AGAIN)

Timed = tuple[float, Entry]


def recording(*parts: Timed | list[Timed]) -> Recording:
    """Log of entries at seconds, in one boot, sorted by time."""
    timed: list[Timed] = []
    for part in parts:
        timed += [part] if isinstance(part, tuple) else part
    timed.sort(key=lambda each: each[0])
    return Recording("S1", tuple(line(k, at_s, entry) for k, (at_s, entry) in enumerate(timed, start=1)))


def line(seq: int, at_s: float, entry: Entry, *, boot: str = "boot", utc_s: float | None = None) -> LogLine:
    at_ns = round(at_s * NS_PER_S)
    utc_ns = UTC_NS + (at_ns if utc_s is None else round(utc_s * NS_PER_S))
    return LogLine(seq, "recorder:1", Stamp(boot, at_ns, utc_ns), 1, entry)


def packet(*ticks: int, bpm: int = 70, contact: bool | None = None) -> PacketReceived:
    return PacketReceived(HEART_RATE_MEASUREMENT, encode(HeartRate(bpm, ticks, contact)))


def heart(seconds: float, *, bpm: float = 70.0, seed: int = 1) -> np.ndarray:
    """True intervals in ticks: breathing, slow waves and noise around a rate."""
    rng = np.random.default_rng(seed)
    mean_s, phase, now_s, ticks = 60 / bpm, rng.uniform(0, 6.28), 0.0, []
    while now_s < seconds:
        wave_s = 0.04 * math.sin(1.6 * now_s) + 0.02 * math.sin(0.63 * now_s + phase) + 0.02 * math.sin(0.06 * now_s)
        ticks.append(round((mean_s + wave_s + rng.normal(0, 0.006)) * 1024))
        now_s += ticks[-1] / 1024
    return np.array(ticks)


def broadcast(ticks: np.ndarray, *, seed: int = 1, lag_s: float = 0.1, ppm: float = 0.0) -> list[Timed]:
    """One packet a second, as a strap sends them, each with the beats since the one before."""
    rng = np.random.default_rng(seed)
    true_s = np.cumsum(ticks / 1024)
    sent_s = rng.uniform(0, 1) + np.arange(math.ceil(true_s[-1]) + 1)
    upto = np.searchsorted(true_s, sent_s)
    arrival_s = sent_s * (1 + ppm * 1e-6) + lag_s + np.abs(rng.normal(0, 0.02, len(sent_s)))
    spans = zip(arrival_s, [0, *upto[:-1]], upto, strict=True)
    return [(float(at_s), packet(*map(int, ticks[first:end]))) for at_s, first, end in spans]


def has_beats(event: Timed) -> bool:
    return isinstance(event[1], PacketReceived) and len(event[1].data) > 2


def gaps(laid: Timeline) -> list[GapReason]:
    for gap in laid.gaps:
        assert gap.start_s < gap.end_s
    return [gap.reason for gap in laid.gaps]


# ---------------------------------------------------------------- beats


def test_intervals_come_out_as_they_went_in_whatever_the_packets_look_like() -> None:
    nine = (700, 701, 702, 703, 704, 705, 706, 707, 708)
    laid = timeline.build(
        recording(STARTED, (8.0, packet(*nine)), (9.0, packet()), (10.0, packet(800)), (10.8, packet(800, bpm=0)))
    )
    assert laid.beats.rr_ms.tolist() == [ticks * 1000 / 1024 for ticks in (*nine, 800, 800)]
    assert gaps(laid) == []
    assert laid.beats.stretch.tolist() == [0] * 11
    assert laid.heart_rate.time_s.tolist() == [8.0, 9.0, 10.0]
    assert laid.has_rr
    assert not laid.own_times


def test_beats_lie_where_they_happened_and_never_after_their_packet() -> None:
    ticks = heart(300)
    sent = broadcast(ticks, lag_s=0.3)
    laid = timeline.build(recording(STARTED, sent))
    late_s = laid.beats.time_s - np.cumsum(ticks / 1024)
    assert late_s.min() > 0.29
    assert late_s.max() < 0.4
    assert np.allclose(np.diff(laid.beats.time_s), laid.beats.rr_ms[1:] / 1000, atol=1e-3)
    counts = [(len(event[1].data) - 2) // 2 for event in sent if isinstance(event[1], PacketReceived)]
    last_beats = np.cumsum(counts) - 1
    arrivals_s = np.array([at_s for at_s, _ in sent])[last_beats >= 0]
    assert np.all(laid.beats.time_s[last_beats[last_beats >= 0]] <= arrivals_s + 1e-9)


def test_a_day_of_packets_follows_a_drifting_clock_and_takes_seconds() -> None:
    ticks = heart(86_400)
    log = recording(STARTED, broadcast(ticks, ppm=80))  # the computer's clock gains 7 s on the strap's
    began = time.perf_counter()
    laid = timeline.build(log)
    assert time.perf_counter() - began < 10  # 0.5 s on an idle core
    assert len(laid.beats) == len(ticks)
    assert gaps(laid) == []
    late_s = laid.beats.time_s - np.cumsum(ticks / 1024) * (1 + 80e-6)
    assert np.ptp(late_s) < 0.1


def test_a_strap_without_intervals_still_has_its_heart_rate() -> None:
    laid = timeline.build(recording(STARTED, [(float(k), packet(bpm=60 + k)) for k in range(1, 31)]))
    assert not laid.has_rr
    assert laid.heart_rate.bpm.tolist() == [60 + k for k in range(1, 31)]
    assert laid.gaps == ()
    (whole,) = laid.phases
    assert (whole.name, whole.start_s) == ("whole", 1.0)
    assert whole.end_s > 30.0


def test_bytes_that_say_nothing_and_other_characteristics_are_passed_over() -> None:
    battery = PacketReceived("00002a19-0000-1000-8000-00805f9b34fb", b"\x10\x46\x00\x04")
    broken = PacketReceived(HEART_RATE_MEASUREMENT, b"\x10")
    laid = timeline.build(recording(STARTED, (1.0, packet(800)), (1.5, battery), (1.6, broken), (1.8, packet(810))))
    assert laid.beats.rr_ms.tolist() == [781.25, 791.015625]
    assert timeline.build(recording(STARTED)).phases[0].duration_s == 0
    assert timeline.build(Recording("empty", ())).gaps == ()


# ---------------------------------------------------------------- gaps that arrival betrays


@pytest.mark.parametrize("bpm", [48, 59, 72, 100])
@pytest.mark.parametrize("seed", range(5))
def test_one_lost_notification_is_found(bpm: int, seed: int) -> None:
    sent = broadcast(heart(240, bpm=bpm, seed=seed), seed=seed)
    lost = next(k for k in range(60 + 25 * seed, len(sent)) if has_beats(sent[k]))
    laid = timeline.build(recording(STARTED, sent[:lost], sent[lost + 1 :]))
    assert gaps(laid) == [GapReason.UNKNOWN]
    assert laid.gaps[0].start_s < sent[lost][0] < laid.gaps[0].end_s + 1.5
    assert laid.gaps[0].end_s - laid.gaps[0].start_s == pytest.approx(60 / bpm, abs=0.7)
    assert set(laid.beats.stretch) == {0, 1}


@pytest.mark.parametrize("bpm", [48, 59, 72, 100])
@pytest.mark.parametrize("held_s", [2.0, 4.0, 40.0])
def test_what_only_came_late_is_no_gap(bpm: int, held_s: float) -> None:
    ticks = heart(240, bpm=bpm)
    sent = broadcast(ticks)
    held = [(max(at_s, 100 + held_s) if 100 <= at_s < 100 + held_s else at_s, entry) for at_s, entry in sent]
    laid = timeline.build(recording(STARTED, held))
    assert gaps(laid) == []
    assert len(laid.beats) == len(ticks)
    assert np.ptp(laid.beats.time_s - np.cumsum(ticks / 1024)) < 0.2


def test_a_lag_that_grows_to_four_seconds_and_shrinks_again_is_no_gap() -> None:
    sent = broadcast(heart(400))
    lagging = [(at_s + 3.9 * math.exp(-(((at_s - 200) / 30) ** 2)), entry) for at_s, entry in sent]
    assert gaps(timeline.build(recording(STARTED, lagging))) == []


def test_beats_that_the_strap_left_out_of_its_packets_are_missing() -> None:
    sent = broadcast(heart(300))
    deaf = [(at_s, packet() if 100 < at_s < 106 else entry) for at_s, entry in sent]
    laid = timeline.build(recording(STARTED, deaf))
    assert gaps(laid) == [GapReason.NO_RR]
    assert [laid.gaps[0].start_s, laid.gaps[0].end_s] == pytest.approx([100, 106], abs=1.5)
    at_end = timeline.build(recording(STARTED, [(t, packet() if t > 280 else entry) for t, entry in sent]))
    assert gaps(at_end) == [GapReason.NO_RR]
    at_start = timeline.build(recording(STARTED, [(t, packet() if t < 20 else entry) for t, entry in sent]))
    assert gaps(at_start) == [GapReason.NO_RR]
    assert at_start.gaps[0].end_s == pytest.approx(20, abs=1.5)


def test_a_single_beat_left_out_of_packets_that_came_is_believed_once_it_stays_missing() -> None:
    sent = broadcast(heart(600, bpm=75))
    k = next(k for k in range(300, 320) if has_beats(sent[k]))
    laid = timeline.build(recording(STARTED, sent[:k], (sent[k][0], packet()), sent[k + 1 :]))
    assert gaps(laid) == [GapReason.UNKNOWN]


# ---------------------------------------------------------------- gaps that the ledger tells of


def cut(sent: Sequence[Timed], start_s: float, end_s: float) -> list[Timed]:
    return [each for each in sent if not start_s <= each[0] < end_s]


@pytest.mark.parametrize(
    ("events", "reason"),
    [
        ([(101.0, LOST), (119.0, StrapEvent(StrapChange.CONNECTED))], GapReason.STRAP_LOST),
        ([(105.0, SILENT), (120.0, AGAIN)], GapReason.SILENT),
        ([(105.0, SILENT), (110.0, LOST)], GapReason.STRAP_LOST),
        ([(118.0, RecorderStarted("strap", "0.1.0", resumed=True))], GapReason.RECORDER_STOPPED),  # it was killed
        ([(101.0, RecorderStopped()), (118.0, RecorderStarted("strap", "0.1.0"))], GapReason.RECORDER_STOPPED),
    ],
)
def test_the_ledger_names_the_gap(events: list[Timed], reason: GapReason) -> None:
    laid = timeline.build(recording(STARTED, cut(broadcast(heart(300)), 100, 120), events))
    assert gaps(laid) == [reason]
    gap = laid.gaps[0]
    assert [gap.start_s, gap.end_s] == pytest.approx([100, 120], abs=1.5)
    first = int(np.argmax(laid.beats.stretch))
    assert laid.beats.time_s[first - 1] == gap.start_s
    assert laid.beats.time_s[first] - laid.beats.rr_ms[first] / 1000 == pytest.approx(gap.end_s)
    assert not NNSeries.from_beats(laid.beats).adjacent[first - 1]


def test_a_silence_that_lost_no_beat_is_no_gap() -> None:
    sent = [(max(at_s, 106.0) if 100 <= at_s < 106 else at_s, entry) for at_s, entry in broadcast(heart(300))]
    assert gaps(timeline.build(recording(STARTED, sent, (105.0, SILENT), (106.0, AGAIN)))) == []


def test_an_interval_that_spans_the_gap_begins_the_new_stretch() -> None:
    before, after = broadcast(heart(60)), broadcast(heart(60, seed=2))
    shifted = [(at_s + 80, entry) for at_s, entry in after]
    spanning = (80.0, packet(20 * 1024))
    laid = timeline.build(recording(STARTED, before, (62.0, LOST), spanning, shifted))
    assert GapReason.STRAP_LOST in gaps(laid)
    first = int(np.argmax(laid.beats.stretch))
    assert laid.beats.rr_ms[first] == 20_000
    assert np.all(np.diff(laid.beats.time_s) > 0)


def test_a_killed_recorder_that_goes_on_after_a_reboot_leaves_one_gap() -> None:
    sent = broadcast(heart(100))
    first = [line(k, at_s, entry) for k, (at_s, entry) in enumerate([STARTED, *sent], start=1)]
    again = [(0.0, RecorderStarted("strap", "0.1.0", resumed=True)), *broadcast(heart(100, seed=2))]
    second = [
        line(len(first) + k, at_s + 5, entry, boot="later", utc_s=at_s + 160)
        for k, (at_s, entry) in enumerate(again, start=1)
    ]
    for log in ([*first, *second], [*first, *second[1:]]):  # with the line that says so, and without
        laid = timeline.build(Recording("S1", tuple(log)))
        assert gaps(laid) == [GapReason.RECORDER_STOPPED]
        assert laid.gaps[0].start_s == pytest.approx(100, abs=1.5)
        assert laid.gaps[0].end_s == pytest.approx(160.5, abs=1.5)


def test_intervals_sent_without_contact_are_no_beats() -> None:
    sent = broadcast(heart(300))
    off = [(at_s, packet(600, contact=False) if 100 <= at_s < 130 else entry) for at_s, entry in sent]
    laid = timeline.build(recording(STARTED, off))
    assert gaps(laid) == [GapReason.NO_CONTACT]
    assert not np.any(laid.beats.rr_ms == 600 * 1000 / 1024)
    at_start = timeline.build(recording(STARTED, [(t, packet(contact=False) if t < 30 else e) for t, e in sent]))
    assert gaps(at_start) == [GapReason.NO_CONTACT]
    assert at_start.gaps[0].start_s == pytest.approx(0.5, abs=1)


def test_beats_that_never_come_back_leave_a_gap_and_a_clean_end_does_not() -> None:
    sent = broadcast(heart(100))
    lost = timeline.build(recording(STARTED, sent, (103.0, LOST), (160.0, RecorderStopped())))
    assert gaps(lost) == [GapReason.STRAP_LOST]
    assert lost.gaps[0].end_s == 160.0
    assert lost.duration_s == 160.0
    stopped = timeline.build(recording(STARTED, sent, (103.0, RecorderStopped()), (103.1, SessionFinished())))
    assert gaps(stopped) == []
    never = timeline.build(recording(STARTED, (2.0, packet(contact=False)), (9.0, RecorderStopped())))
    assert gaps(never) == [GapReason.NO_CONTACT]


# ---------------------------------------------------------------- imported intervals


def imported(*rows: tuple[str, str], unit: str = "ms", extra: Sequence[Entry] = ()) -> Recording:
    entries = [*extra, *(IntervalImported(text, unit, time_text) for text, time_text in rows)]
    return Recording("file.csv", tuple(line(k, 0.0, entry) for k, entry in enumerate(entries, start=1)))


@pytest.mark.parametrize(("text", "unit"), [("812.5", "ms"), ("0.8125", "s"), ("832", "1/1024 s")])
def test_units_are_converted_exactly_and_the_first_interval_starts_at_zero(text: str, unit: str) -> None:
    laid = timeline.build(imported((text, ""), (text, ""), unit=unit))
    assert laid.beats.rr_ms.tolist() == [812.5, 812.5]
    assert laid.beats.time_s.tolist() == [0.8125, 1.625]
    assert not laid.own_times


def test_a_files_own_times_are_kept_and_a_step_with_no_interval_to_fill_it_is_a_gap() -> None:
    rows = [("800", f"{34.096 + 0.8 * k:.3f}") for k in range(10)] + [
        ("800", f"{50.0 + 0.8 * k:.3f}") for k in range(9)
    ]
    laid = timeline.build(imported(*rows))
    assert laid.own_times
    assert laid.beats.time_s.tolist() == [float(time_text) for _, time_text in rows]
    assert gaps(laid) == [GapReason.UNKNOWN]
    assert [laid.gaps[0].start_s, laid.gaps[0].end_s] == pytest.approx([41.296, 49.2])


def test_one_beat_taken_out_of_a_file_is_a_gap_and_one_late_stamp_is_not() -> None:
    times_s = [1 + 0.8 * k for k in range(30)]
    without = [("800", f"{t:.1f}") for k, t in enumerate(times_s) if k != 12]
    assert gaps(timeline.build(imported(*without))) == [GapReason.UNKNOWN]
    late = [("800", f"{t + (0.7 if k == 12 else 0):.1f}") for k, t in enumerate(times_s)]
    assert gaps(timeline.build(imported(*late))) == []


def test_equal_stamps_are_told_apart_by_the_least_step() -> None:
    laid = timeline.build(imported(("800", "1"), ("900", "2"), ("700", "2"), ("800", "3")))
    assert np.all(np.diff(laid.beats.time_s) > 0)
    assert laid.beats.time_s == pytest.approx([1, 2, 2, 3], abs=1e-5)


@pytest.mark.parametrize(
    ("rows", "unit", "said"),
    [
        ([("800", "2.0"), ("800", "1.0")], "ms", "backwards"),
        ([("-800", "")], "ms", "not an interval"),
        ([("0", "")], "ms", "not an interval"),
        ([("nan", "")], "ms", "not a number"),
        ([("eight", "")], "ms", "not a number"),
        ([("800", "inf")], "ms", "not a number"),
        ([("800", "")], "furlong", "unknown unit"),
    ],
)
def test_what_cannot_be_an_interval_or_a_time_is_said(rows: list[tuple[str, str]], unit: str, said: str) -> None:
    with pytest.raises(AnalysisError, match=said):
        timeline.build(imported(*rows, unit=unit))


# ---------------------------------------------------------------- phases


def phase(name: str, kind: PhaseKind = PhaseKind.INTERVENTION, at_s: float | None = None) -> PhaseStarted:
    return PhaseStarted(name, kind, Activity.LISTENING, "sitting", at_s=at_s)


def test_phases_run_to_the_next_and_the_second_of_a_name_is_numbered() -> None:
    laid = timeline.build(
        recording(
            STARTED,
            broadcast(heart(100)),
            (5.0, phase("music")),
            (20.0, phase("silence")),
            (20.0, phase("music")),
            (40.0, PhaseEnded()),
            (50.0, phase("music")),
            (90.0, SessionFinished()),
        )
    )
    spans = [(each.name, each.start_s, each.end_s) for each in laid.phases]
    assert spans == [("music", 5, 20), ("music-2", 20, 40), ("music-3", 50, 90)]
    assert laid.phases[0].activity is Activity.LISTENING
    assert laid.phases[0].posture == "sitting"


def test_a_gap_or_a_stopped_recorder_ends_no_phase_and_a_late_rating_prolongs_none() -> None:
    laid = timeline.build(
        recording(
            (0.0, phase("baseline")),
            cut(broadcast(heart(100)), 40, 60),
            (41.0, RecorderStopped()),
            (58.0, RecorderStarted("strap", "0.1.0")),
            (900.0, RatingGiven("tension", 20)),
            (950.0, MarkerSet("tea")),
        )
    )
    (baseline,) = laid.phases
    assert baseline.start_s == 0
    assert baseline.end_s == pytest.approx(101, abs=1)


def test_an_imports_phases_are_where_the_file_says() -> None:
    rows = [("1000", "")] * 60
    starts = (phase("baseline", PhaseKind.BASELINE, 0.0), phase("music", at_s=20.0), SessionFinished())
    laid = timeline.build(imported(*rows, extra=starts))
    assert [(each.name, each.start_s) for each in laid.phases] == [("baseline", 0.0), ("music", 20.0)]
    beats = NNSeries.from_beats(laid.beats)
    assert [len(beats.between(each.start_s, each.end_s)) for each in laid.phases] == [19, 41]


def test_the_whole_holds_every_beat() -> None:
    laid = timeline.build(imported(*[("812.3", "")] * 100))
    (whole,) = laid.phases
    assert (whole.name, whole.kind, whole.start_s) == ("whole", PhaseKind.WHOLE, 0.0)
    assert len(NNSeries.from_beats(laid.beats).between(whole.start_s, whole.end_s)) == 100
    assert whole.duration_s == pytest.approx(81.23)


# ---------------------------------------------------------------- anything at all


anything = st.one_of(
    st.binary(max_size=22).map(lambda data: PacketReceived(HEART_RATE_MEASUREMENT, data)),
    st.lists(st.integers(0, 65535), max_size=9).map(lambda ticks: packet(*ticks)),
    st.sampled_from(
        [LOST, SILENT, AGAIN, STARTED[1], RecorderStopped(), SessionFinished(), PhaseEnded(), phase("a"), phase("b")]
    ),
    st.floats(allow_nan=True).map(lambda at_s: phase("c", at_s=at_s)),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 20_000), st.sampled_from("ab"), anything), max_size=40))
def test_any_log_gives_a_timeline_or_a_message(events: list[tuple[int, str, Entry]]) -> None:
    now_ns, lines = 0, []
    for seq, (wait_ms, boot, entry) in enumerate(events, start=1):
        now_ns += wait_ms * 1_000_000
        lines.append(LogLine(seq, "recorder:1", Stamp(boot, now_ns, UTC_NS + now_ns), 1, entry))
    try:
        laid = timeline.build(Recording("S1", tuple(lines)))
    except BiotuneError:
        return
    beats = laid.beats
    sent = 0
    for _, _, entry in events:
        if isinstance(entry, PacketReceived):
            try:
                measured = decode(entry.data)
            except BiotuneError:
                continue
            sent += len(measured.rr_ticks) if measured.contact is not False else 0
    assert len(beats) == sent
    assert np.all(np.diff(beats.time_s) > 0)
    assert np.all(np.isfinite(beats.time_s))
    assert set(np.diff(beats.stretch)) <= {0, 1}
    gaps(laid)
    assert laid.phases
    assert all(math.isfinite(each.duration_s) and each.duration_s >= 0 for each in laid.phases)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.tuples(st.one_of(st.text(max_size=6), st.floats().map(str)), st.one_of(st.just(""), st.floats().map(str)))
    ),
    st.sampled_from(["ms", "s", "1/1024 s", "beats"]),
)
def test_any_imported_interval_gives_a_timeline_or_a_message(rows: list[tuple[str, str]], unit: str) -> None:
    try:
        laid = timeline.build(imported(*rows, unit=unit))
    except BiotuneError:
        return
    assert len(laid.beats) == len(rows)
    gaps(laid)
