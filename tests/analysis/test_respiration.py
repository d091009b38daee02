"""Breathing from the best source: simulated clients whose breath is known, and a real belt."""

import asyncio
import gzip
import math
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import signal

from biotune.analysis import comparison, motion, phases, respiration, windows
from biotune.analysis.breathing import Source
from biotune.analysis.phases import Prepared
from biotune.analysis.respiration import Chest
from biotune.analysis.results import MetricValue, PhaseAnalysis
from biotune.analysis.series import BeatSeries, FloatArray, NNSeries, Options
from biotune.domain import (
    NS_PER_S,
    Activity,
    Caveat,
    Flag,
    LogLine,
    PhaseKind,
    PhaseStarted,
    Reason,
    Recording,
    Rhythm,
    Stamp,
)
from biotune.sensor.simulator import SimulatedSource, Stretch
from biotune.sensor.source import Observation, VirtualClock
from biotune.settings import Limits


def simulated(*stretches: Stretch, profile: str = "resting", seed: int = 1, marked: bool = False) -> Recording:
    """What a strap with ECG and accelerometer sends of a client who breathes as they are told."""
    source = SimulatedSource(
        profile, stretches, seed=seed, ecg=True, clock=VirtualClock(Stamp("v", 0, 0), speed=math.inf)
    )
    ends_s = np.cumsum([each.seconds for each in stretches])

    async def observe() -> list[Observation]:
        seen = []
        async with aclosing(source.observe()) as observations:
            async for each in observations:
                if each.stamp.monotonic_ns >= ends_s[-1] * NS_PER_S:
                    break
                seen.append(each)
        return seen

    lines = [(each.stamp, each.entry) for each in asyncio.run(observe())]
    if marked:
        begins_s = [0.0, *ends_s[:-1]]
        for each, begin_s in zip(stretches, begins_s, strict=True):
            stamp = Stamp("v", round(begin_s * NS_PER_S), round(begin_s * NS_PER_S))
            lines.append((stamp, PhaseStarted(each.kind.value, each.kind, each.activity)))
    lines.sort(key=lambda line: line[0].monotonic_ns)
    return Recording(
        "S1", tuple(LogLine(k + 1, "recorder:1", stamp, 1, entry) for k, (stamp, entry) in enumerate(lines))
    )


def measured(prepared: Prepared) -> PhaseAnalysis:
    (phase,) = prepared.timeline.phases
    return phases.measure_phase(prepared, phase, Options(), Limits())


def rate_of(found: PhaseAnalysis) -> MetricValue:
    metric = found.metrics["breathing_rate"]
    assert isinstance(metric, MetricValue)
    return metric


@pytest.mark.parametrize("per_min", [6.0, 9.5, 12.0, 15.0, 20.0])
@pytest.mark.parametrize("profile", ["resting", "noisy"])
def test_the_rate_is_the_one_breathed_whatever_it_is_read_from(per_min: float, profile: str) -> None:
    prepared = phases.prepare(
        simulated(Stretch(PhaseKind.BASELINE, 180.0, breaths_per_min=per_min), profile=profile, seed=int(per_min))
    )
    chest = prepared.chest
    for kept, source, within in (
        (chest, Source.ACCELEROMETER, 0.1),
        (replace(chest, sway=None), Source.ECG, 0.4),
        (Chest(), Source.RR, 0.7),
    ):
        found = measured(replace(prepared, chest=kept))
        rate = rate_of(found)
        assert rate.source == source
        assert rate.value == pytest.approx(per_min, abs=within)
        hf = found.metrics["hf"]
        assert isinstance(hf, MetricValue)
        assert (Flag.NOT_INTERPRETABLE in hf.flags) == (per_min < 9)


def test_a_change_of_breathing_is_followed_window_by_window() -> None:
    prepared = phases.prepare(
        simulated(*(Stretch(PhaseKind.OTHER, 180.0, breaths_per_min=rate) for rate in (15.0, 6.0, 20.0)))
    )
    for chest in (prepared.chest, replace(prepared.chest, sway=None)):
        trace = windows.sliding(Recording("S1", ()), prepared=replace(prepared, chest=chest))
        for begins_s, rate in ((0, 15.0), (180, 6.0), (360, 20.0)):
            inside = (trace.time_s > begins_s + 60) & (trace.time_s < begins_s + 150)
            told = trace["breathing_rate"][inside]
            assert np.isfinite(told).mean() > 0.7
            assert np.nanmedian(told) == pytest.approx(rate, abs=0.4)
            assert np.nanmax(np.abs(told - rate)) < 1.5


def test_a_comparison_says_that_breathing_changed_where_the_chest_shows_it() -> None:
    recording = simulated(
        Stretch(PhaseKind.BASELINE, 300.0, breaths_per_min=14.0),
        Stretch(PhaseKind.RECOVERY, 300.0, breaths_per_min=9.5),
        marked=True,
    )
    found = comparison.compare(recording)
    assert Caveat.BREATHING_CHANGED in found.changes["rmssd"].caveats
    change = found.changes["breathing_rate"]
    assert change.estimate == pytest.approx(-4.5, abs=0.3)
    assert change.low is not None
    assert change.high is not None
    assert change.low < -4.5 < change.high


def test_an_irregular_heart_still_breathes() -> None:
    found = measured(phases.prepare(simulated(Stretch(PhaseKind.OTHER, 120.0), profile="irregular")))
    assert found.quality.rhythm is Rhythm.IRREGULAR
    assert rate_of(found).value == pytest.approx(15, abs=0.7)
    assert rate_of(found).source == Source.ACCELEROMETER
    for key in ("rsa", "rmssd", "hf"):
        assert found.metrics[key].unavailable is Reason.IRREGULAR_RHYTHM


def test_who_drums_does_not_breathe_by_the_accelerometer() -> None:
    prepared = phases.prepare(simulated(Stretch(PhaseKind.INTERVENTION, 120.0, Activity.DRUMMING)))
    assert prepared.chest.sway is not None
    assert motion.breathing_rate(prepared.chest.sway, 0, 120) is None
    rate = rate_of(measured(prepared))
    assert rate.source == Source.ECG


def test_the_strap_is_excused_where_the_ecg_shows_a_regular_rhythm() -> None:
    """Every fourth interval in two: a strap that takes T waves for beats."""
    prepared = phases.prepare(simulated(Stretch(PhaseKind.OTHER, 150.0)))
    beats = prepared.timeline.beats
    rr_ms, time_s = list(beats.rr_ms), list(beats.time_s)
    for k in range(len(rr_ms) - 2, 2, -4):
        whole = rr_ms[k]
        rr_ms[k : k + 1] = [0.4 * whole, 0.6 * whole]
        time_s[k : k + 1] = [time_s[k] - 0.6 * whole / 1000, time_s[k]]
    spoilt = BeatSeries(np.array(time_s), np.array(rr_ms), np.zeros(len(rr_ms), dtype=np.int64))
    spoilt_timeline = replace(prepared.timeline, beats=spoilt)
    classified = replace(prepared.classified, flagged=np.zeros(len(rr_ms), dtype=bool))
    both = replace(prepared, timeline=spoilt_timeline, classified=classified)
    (phase,) = both.timeline.phases
    assert phases.quality(replace(both, chest=Chest()), phase, Limits()).rhythm is Rhythm.IRREGULAR
    assert phases.quality(both, phase, Limits()).rhythm is Rhythm.REGULAR


def test_the_trace_is_that_of_the_same_windows_one_by_one() -> None:
    prepared = phases.prepare(simulated(Stretch(PhaseKind.OTHER, 240.0), profile="responds"))
    start_s = np.arange(10.0, 170.0, 15.0)
    for chest in (prepared.chest, replace(prepared.chest, sway=None), Chest()):
        rates, confidences = respiration.sliding(prepared.nn, chest, start_s, 64.0)
        for at_s, rate, confidence in zip(start_s, rates, confidences, strict=True):
            one = respiration.estimate(prepared.nn.between(at_s, at_s + 64), chest, at_s, at_s + 64)
            if one is not None and one.confidence >= 0.5:
                assert rate == pytest.approx(one.rate_per_min, abs=0.6)
                assert confidence == pytest.approx(one.confidence, abs=0.4)


def belt(reference: Path) -> tuple[FloatArray, FloatArray]:
    """Ten minutes of a person in a scanner at 50 Hz: pulse and breathing belt."""
    file = reference / "formats" / "bids" / "sub-01_task-rest_run-01_physio.tsv.gz"
    with gzip.open(file, "rt") as lines:
        pulse, breath = np.loadtxt(lines).T
    return pulse, breath


@pytest.mark.reference
def test_a_real_persons_intervals_tell_what_their_belt_does(reference: Path) -> None:
    pulse, breath = belt(reference)
    quick = signal.sosfiltfilt(signal.butter(3, (0.5, 8), "bandpass", fs=50, output="sos"), pulse)
    peaks, _ = signal.find_peaks(quick, distance=25, prominence=0.3 * np.std(quick))
    left, middle, right = quick[peaks - 1], quick[peaks], quick[peaks + 1]
    at_s = (peaks + 0.5 * (left - right) / (left - 2 * middle + right)) / 50
    rr_ms = np.diff(at_s) * 1000
    usual = np.abs(rr_ms / np.median(rr_ms) - 1) < 0.25
    nn = NNSeries.from_beats(BeatSeries(at_s[1:], rr_ms, np.zeros(len(rr_ms), dtype=np.int64)), usual)
    told = 0
    for start_s in range(0, 540, 60):
        part = breath[start_s * 50 : (start_s + 64) * 50]
        hz, density = signal.periodogram(part - part.mean(), 50, window="hann")
        inside = (hz > 0.06) & (hz < 0.6)
        true = 60 * float(np.sum(hz[inside] * density[inside] ** 4) / np.sum(density[inside] ** 4))  # its peak's centre
        found = respiration.estimate(nn.between(start_s, start_s + 64), Chest(), start_s, start_s + 64)
        if found is not None and found.confidence >= 0.5:
            told += 1
            assert found.rate_per_min == pytest.approx(true, abs=1)
    assert told >= 8
