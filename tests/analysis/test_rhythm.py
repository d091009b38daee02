"""Healthy people's rhythm is regular, however strongly they breathe; a fibrillating or ectopic one is not."""

from pathlib import Path

import numpy as np
import pytest

from biotune.analysis import artefacts, rhythm
from biotune.analysis.series import BeatSeries, FloatArray
from biotune.domain import Rhythm


def assess(rr_ms: FloatArray) -> Rhythm:
    beats = BeatSeries(np.cumsum(rr_ms) / 1000, rr_ms, np.zeros(len(rr_ms), dtype=np.int64))
    return rhythm.assess(beats, artefacts.classify(beats).flagged)


def windows(rr_ms: FloatArray, beats: int = 350) -> list[FloatArray]:
    return [rr_ms[k : k + beats] for k in range(0, max(1, len(rr_ms) - beats + 1), beats)]


def ectopic(rr_ms: FloatArray, every: int) -> FloatArray:
    """Every so many beats one that is 30 % premature, with a compensatory pause."""
    spoilt = rr_ms.copy()
    for k in range(3, len(rr_ms) - 1, every):
        spoilt[k], spoilt[k + 1] = 0.7 * rr_ms[k], rr_ms[k + 1] + 0.3 * rr_ms[k]
    return spoilt


@pytest.fixture
def healthy(reference: Path) -> list[FloatArray]:
    gudb = [np.diff(np.loadtxt(path)) * 4 for path in sorted((reference / "rr_raw" / "gudb").glob("*_cs.tsv"))]
    folder = reference / "rr_reference"
    plain = [
        np.loadtxt(folder / name)
        for name in ("hrvpkg_rest_rri.txt", "pyhrv_short_nn_ms.txt", "pyhrv_long_nn_ms.txt", "systole_rr_ms.txt")
    ]
    holter = np.genfromtxt(folder / "physionet_toolbox" / "nsr001_first2h_rr.csv", delimiter=",", skip_header=1)[:, 1]
    return [part for rr_ms in (*gudb, *plain, holter) for part in windows(rr_ms)]


def test_every_healthy_recording_is_regular(healthy: list[FloatArray]) -> None:
    assert len(healthy) > 60
    assert {assess(rr_ms) for rr_ms in healthy} == {Rhythm.REGULAR}


def test_some_artefacts_make_no_rhythm_irregular(healthy: list[FloatArray]) -> None:
    rng = np.random.default_rng(5)
    for rr_ms in healthy:
        spoilt = rr_ms.copy()
        for k in rng.choice(len(rr_ms) - 1, len(rr_ms) // 30, replace=False):
            spoilt[k] *= rng.choice([0.5, 2.0])
        assert assess(spoilt) is Rhythm.REGULAR


@pytest.mark.parametrize("variation", [0.15, 0.2, 0.25])
@pytest.mark.parametrize("beats", [70, 350, 2000])
def test_intervals_that_know_nothing_of_each_other_are_irregular(variation: float, beats: int) -> None:
    rng = np.random.default_rng(1)
    for _ in range(20):
        assert assess(np.clip(rng.normal(800, 800 * variation, beats), 300, 1600)) is Rhythm.IRREGULAR


@pytest.mark.parametrize("every", [2, 3, 4, 6])
def test_bigeminy_and_frequent_ectopic_beats_are_irregular(healthy: list[FloatArray], every: int) -> None:
    assert {assess(ectopic(rr_ms, every)) for rr_ms in healthy[:30]} == {Rhythm.IRREGULAR}


def test_a_rare_ectopic_beat_is_not(healthy: list[FloatArray]) -> None:
    assert {assess(ectopic(rr_ms, 40)) for rr_ms in healthy[:30]} == {Rhythm.REGULAR}


def test_strong_breathing_is_no_irregular_rhythm() -> None:
    beat = np.arange(400)
    for beats_a_breath in (4.2, 5.1, 7.3):  # ±130 ms: RMSSD up to 130 ms
        assert assess(1000 + 130 * np.sin(2 * np.pi * beat / beats_a_breath)) is Rhythm.REGULAR


def test_a_paroxysm_withholds_the_whole_and_a_dropout_does_not() -> None:
    rng = np.random.default_rng(2)
    calm = rng.normal(850, 25, 1500)
    assert assess(np.concatenate((calm, rng.normal(700, 150, 1000)))) is Rhythm.IRREGULAR
    assert assess(np.concatenate((calm, [20_000.0], calm))) is Rhythm.REGULAR


def test_too_little_says_nothing() -> None:
    assert assess(np.full(59, 800.0)) is Rhythm.UNKNOWN
    assert assess(np.full(100, 4000.0)) is Rhythm.UNKNOWN
    assert assess(np.empty(0)) is Rhythm.UNKNOWN
    beats = BeatSeries(np.arange(100.0), np.full(100, 1000.0), np.zeros(100, dtype=np.int64))
    assert rhythm.assess(beats, np.arange(100) > 20) is Rhythm.UNKNOWN


@pytest.mark.parametrize("variation", [0.15, 0.2, 0.25, 0.35])
@pytest.mark.parametrize("mean_ms", [500.0, 700.0, 950.0])
def test_fibrillation_as_published_is_irregular(variation: float, mean_ms: float) -> None:
    """Ventricular intervals in atrial fibrillation: independent, gamma or shifted exponential, CV about 0.2."""
    rng = np.random.default_rng(8)
    shape = 1 / variation**2
    for beats in (80, 150, 600):
        assert assess(np.maximum(250, rng.gamma(shape, mean_ms / shape, beats))) is Rhythm.IRREGULAR
        if variation >= 0.2:
            shifted = mean_ms * (1 - variation) + rng.exponential(mean_ms * variation, beats)
            assert assess(shifted) is Rhythm.IRREGULAR


@pytest.mark.parametrize("level_ms", [700.0, 850.0, 1000.0, 1200.0])
@pytest.mark.parametrize("depth", [0.08, 0.12, 0.17])
def test_deep_breathing_six_times_a_minute_is_regular(level_ms: float, depth: float) -> None:
    """Resonance breathing swings the interval by a third of itself, up to ±200 ms."""
    rng = np.random.default_rng(3)
    now_s, rr_ms = 0.0, []
    while now_s < 300:
        rr_ms.append(level_ms * (1 + depth * np.sin(2 * np.pi * 0.1 * now_s)) + rng.normal(0, 10))
        now_s += rr_ms[-1] / 1000
    assert assess(np.array(rr_ms)) is Rhythm.REGULAR


@pytest.mark.parametrize("bpm", [60.0, 70.0, 72.3])
@pytest.mark.parametrize("jitter_ms", [0.0, 1.0])
def test_a_pacemaker_at_a_fixed_rate_is_not_called_a_regular_heart(bpm: float, jitter_ms: float) -> None:
    rng = np.random.default_rng(2)
    peaks_ms = np.cumsum(np.full(300, 60_000 / bpm)) + rng.normal(0, jitter_ms, 300)
    ticks = np.rint(peaks_ms * 1.024)  # as the strap counts
    assert assess(np.diff(ticks) / 1.024) is Rhythm.UNKNOWN


def test_a_transplanted_hearts_few_milliseconds_are_a_rhythm() -> None:
    rng = np.random.default_rng(4)
    drift = 8 * np.sin(np.arange(300) / 40)
    assert assess(700 + drift + rng.normal(0, 2, 300)) is Rhythm.REGULAR


@pytest.mark.reference
def test_annotated_records_with_few_premature_beats_are_regular(
    reference: Path, mitdb_100: tuple[FloatArray, FloatArray]
) -> None:
    """33 atrial premature beats among 2273, and 118's, some 14 % of whose intervals are flagged."""
    assert assess(np.diff(mitdb_100[1]) / 0.36) is Rhythm.REGULAR
    for level in ("24", "06"):
        beats = np.loadtxt(reference / "ecg" / "nstdb_118" / f"118e{level}_ann.csv")
        assert assess(np.diff(beats) / 0.36) is Rhythm.REGULAR
