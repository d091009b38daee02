"""A strap that sends milliseconds is noticed, one that does not is left in peace, and either can be set right."""

import asyncio
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from biotune.analysis import phases, rr_unit, timeline
from biotune.domain import (
    NS_PER_S,
    IntervalImported,
    LogLine,
    PacketReceived,
    PhaseKind,
    Recording,
    RrUnit,
    RrUnitSet,
    Stamp,
    StrapChange,
    StrapEvent,
)
from biotune.sensor.simulator import PROFILES, SimulatedSource, Stretch
from biotune.sensor.source import Observation, VirtualClock
from biotune.wire.heart_rate import HEART_RATE_MEASUREMENT, HeartRate, decode, encode

START = Stamp("virtual", 0, 1_800_000_000 * NS_PER_S)


def observed(profile: str, seconds: float, *, seed: int = 0) -> tuple[SimulatedSource, list[Observation]]:
    phases_ = [Stretch(PhaseKind.BASELINE, seconds / 2), Stretch(PhaseKind.INTERVENTION, seconds / 2)]
    source = SimulatedSource(profile, phases_, seed=seed, clock=VirtualClock(START, speed=math.inf))

    async def take() -> list[Observation]:
        taken = []
        async for each in source.observe():
            if each.stamp.monotonic_ns > seconds * NS_PER_S:
                break
            taken.append(each)
        return taken

    return source, asyncio.run(take())


def as_sent(
    observations: list[Observation],
    *,
    ms: bool,
    whole: Callable[[float], int] = round,
    averaged: int = 8,
) -> Recording:
    """The same heart through a strap that counts, rounds and averages in its own way."""
    lines, recent = [], []
    for seq, each in enumerate(observations, start=1):
        entry = each.entry
        if isinstance(entry, PacketReceived):
            told = decode(entry.data)
            recent = [*recent, *told.rr_ticks][-averaged:]
            bpm = whole(60 * 1024 * len(recent) / sum(recent)) if recent else told.bpm
            rr = tuple(round(ticks * 1000 / 1024) for ticks in told.rr_ticks) if ms else told.rr_ticks
            entry = PacketReceived(HEART_RATE_MEASUREMENT, encode(HeartRate(bpm, rr)))
        lines.append(LogLine(seq, "test", each.stamp, 1, entry))
    return Recording("test", tuple(lines))


@pytest.mark.parametrize("averaged", [1, 8, 16])
@pytest.mark.parametrize("whole", [round, math.floor])
def test_milliseconds_are_noticed_however_the_rate_is_rounded_and_smoothed(
    whole: Callable[[float], int], averaged: int
) -> None:
    _, observations = observed("resting", 120)
    suspicion = rr_unit.suspect(as_sent(observations, ms=True, whole=whole, averaged=averaged))
    assert suspicion is not None
    assert suspicion.ratio == pytest.approx(1.024, abs=0.012)
    assert suspicion.beats >= 100
    assert "--rr-unit ms" in suspicion.words


@pytest.mark.parametrize("seconds", [70, 600])
@pytest.mark.parametrize("profile", PROFILES)
def test_a_strap_that_keeps_to_the_standard_is_not_suspected(profile: str, seconds: float) -> None:
    for seed in range(2):
        _, observations = observed(profile, seconds, seed=seed)
        for whole in (round, math.floor, math.ceil):
            for averaged in (1, 8, 16):
                assert rr_unit.suspect(as_sent(observations, ms=False, whole=whole, averaged=averaged)) is None


def steady(bpm: int, ticks: int, *, packets: int = 200, contact: bool | None = None) -> Recording:
    """One interval in each packet, which comes when its beat has happened."""
    data = encode(HeartRate(bpm, (ticks,), contact=contact))
    return Recording(
        "test",
        tuple(
            LogLine(
                n, "test", Stamp("b", n * ticks * NS_PER_S // 1024, 0), 1, PacketReceived(HEART_RATE_MEASUREMENT, data)
            )
            for n in range(1, packets + 1)
        ),
    )


def in_time(recording: Recording, rr_s: float) -> Recording:
    lines = [replace(line, stamp=Stamp("b", round(line.seq * rr_s * NS_PER_S), 0)) for line in recording.lines]
    return replace(recording, lines=tuple(lines))


def test_intervals_that_fill_their_time_clear_a_strap_whose_rate_is_wrong() -> None:
    wrong_rate = steady(59, 1024 * 60 * 1000 // (59 * 1024))  # 60.4 bpm by its intervals: 2.4 % more than it says
    assert rr_unit.suspect(wrong_rate) is None
    assert rr_unit.suspect(in_time(steady(60, 1000), 1.0)) is not None  # 1000 a second: milliseconds


def test_too_few_beats_no_contact_no_rate_and_no_packets_raise_no_suspicion() -> None:
    assert rr_unit.suspect(in_time(steady(60, 1000, packets=59), 1.0)) is None
    assert rr_unit.suspect(in_time(steady(60, 1000, contact=False), 1.0)) is None
    assert rr_unit.suspect(in_time(steady(0, 1000), 1.0)) is None
    assert rr_unit.suspect(Recording("empty", ())) is None
    broken = PacketReceived(HEART_RATE_MEASUREMENT, b"\x11\x00")
    assert rr_unit.suspect(Recording("b", (LogLine(1, "t", START, 1, broken),))) is None
    imported = IntervalImported("1000", "ms")
    assert rr_unit.suspect(Recording("i", (LogLine(1, "t", START, 1, imported),))) is None


def test_what_was_corrected_is_right_to_half_a_millisecond_and_suspected_no_more() -> None:
    source, observations = observed("resting", 300)
    sent = as_sent(observations, ms=True)
    corrected = rr_unit.as_if(sent, RrUnit.MS)
    laid = timeline.build(corrected)
    true_ms = source.truth.ticks[: len(laid.beats)] * 1000 / 1024
    assert np.abs(laid.beats.rr_ms - true_ms).max() <= 0.5
    assert laid.gaps == ()
    assert rr_unit.suspect(corrected) is None
    assert rr_unit.suspect(rr_unit.as_if(sent, RrUnit.TICKS)) is None  # somebody has decided
    assert timeline.build(sent).beats.rr_ms[0] == pytest.approx(true_ms[0] / 1.024, abs=0.5)


def test_the_last_correction_holds_for_the_whole_recording() -> None:
    both = rr_unit.as_if(rr_unit.as_if(steady(60, 1000), RrUnit.MS), RrUnit.TICKS)
    assert rr_unit.of(both) is RrUnit.TICKS
    assert rr_unit.of(steady(60, 1000)) is RrUnit.TICKS
    early = steady(60, 1000)
    early = replace(early, lines=(replace(early.lines[0], entry=RrUnitSet(RrUnit.MS)), *early.lines[1:]))
    assert timeline.build(early).beats.rr_ms.tolist() == [1000.0] * 199


def test_an_analysis_gives_notice_and_names_the_unit_it_was_made_with() -> None:
    _, observations = observed("resting", 120)
    sent = as_sent(observations, ms=True)
    noticed = phases.analyse(sent)
    (notice,) = noticed.to_dict()["notices"]
    assert notice["kind"] == "rr-unit"
    assert "milliseconds" in notice["words"]
    assert "rr_unit" not in noticed.provenance.parameters
    corrected = phases.analyse(rr_unit.as_if(sent, RrUnit.MS))
    assert "notices" not in corrected.to_dict()
    assert corrected.provenance.parameters["rr_unit"] == "ms"
    ratio = noticed.phases[0].metrics["mean_hr"].value / corrected.phases[0].metrics["mean_hr"].value
    assert ratio == pytest.approx(1.024, abs=0.0005)


def test_an_empty_recording_stays_empty() -> None:
    assert rr_unit.as_if(Recording("empty", ()), RrUnit.MS).lines == ()
    event = LogLine(1, "t", START, 1, StrapEvent(StrapChange.CONNECTED))
    assert rr_unit.as_if(Recording("one", (event,)), RrUnit.MS).lines[1].stamp == START


def sent_by(rr_ms: np.ndarray, *, ms: bool, whole: Callable[[float], int], smoothing_beats: float) -> Recording:
    """A real heart through a strap whose own rate is smoothed exponentially, which the check does not know of."""
    peaks_s = np.concatenate([[0.0], np.cumsum(rr_ms) / 1000])
    counts = np.diff(np.round(peaks_s * (1000 if ms else 1024))).astype(int)
    lines: list[LogLine] = []
    sent, smooth_ms = 0, rr_ms[0]
    for second in range(1, int(peaks_s[-1])):
        ready = int(np.searchsorted(peaks_s[1:], second - 0.4, side="right"))
        for interval_ms in rr_ms[sent:ready]:
            smooth_ms += (interval_ms - smooth_ms) / smoothing_beats
        data = encode(HeartRate(whole(60_000 / smooth_ms), tuple(counts[sent:ready].tolist())))
        stamp = Stamp("b", second * NS_PER_S, 0)
        lines.append(LogLine(second, "test", stamp, 1, PacketReceived(HEART_RATE_MEASUREMENT, data)))
        sent = ready
    return Recording("test", tuple(lines))


@pytest.mark.reference
@pytest.mark.parametrize("person", range(8))
def test_real_hearts_are_neither_suspected_wrongly_nor_missed(reference: Path, person: int) -> None:
    """Two minutes of sitting people (GUDB, 250 Hz): their hearts speed up, slow down and breathe."""
    file = reference / "rr_raw" / "gudb" / f"s{person:02}_sitting_cs.tsv"
    rr_ms = np.diff(np.loadtxt(file)) * 4
    for whole in (round, math.floor):
        for smoothing_beats in (1.0, 6.0, 15.0):
            sent = [sent_by(rr_ms, ms=ms, whole=whole, smoothing_beats=smoothing_beats) for ms in (False, True)]
            assert [rr_unit.suspect(each) is not None for each in sent] == [False, True], (whole, smoothing_beats)
