"""The rate at which a simulated client breathed is found, and where there is no breath, none is claimed."""

import math
from pathlib import Path

import numpy as np
import pytest

from biotune.analysis import artefacts, breathing
from biotune.analysis.series import BeatSeries, FloatArray, NNSeries


def client(
    per_min: float, *, depth_ms: float = 25.0, seconds: float = 300.0, seed: int = 0, bpm: float = 68.0
) -> tuple[NNSeries, float]:
    """Someone who breathes at a wandering rate, with waves of blood pressure and slower ones; and their true rate."""
    rng = np.random.default_rng(seed)
    # wave of blood pressure near 0.1 Hz, slower waves: amplitude in ms, Hz, phase
    waves = [(rng.uniform(4, 14), hz, rng.uniform(0, 6.28)) for hz in (0.09, 0.1, 0.11, 0.05, 0.02, 0.006)]
    wander = np.zeros(int(seconds * 10) + 100)
    for k in range(1, len(wander)):
        wander[k] = 0.99 * wander[k - 1] + rng.normal(0, 0.05 * math.sqrt(1 - 0.99**2))
    phase = np.cumsum(2 * np.pi * per_min / 60 * (1 + wander) / 10)
    now_s, nn_ms = 0.0, []
    while now_s < seconds:
        breath = depth_ms * math.sin(phase[int(now_s * 10)])
        slow = sum(size * math.sin(2 * math.pi * hz * now_s + shift) for size, hz, shift in waves)
        nn_ms.append(60_000 / bpm + breath + slow + rng.normal(0, 4))
        now_s += nn_ms[-1] / 1000
    true_rate = per_min * (1 + float(wander[: int(now_s * 10)].mean()))
    return series(np.array(nn_ms)), true_rate


def series(nn_ms: FloatArray) -> NNSeries:
    return NNSeries.from_beats(BeatSeries(np.cumsum(nn_ms) / 1000, nn_ms, np.zeros(len(nn_ms), dtype=np.int64)))


@pytest.mark.parametrize("per_min", [4.5, 5.5, 6, 7.5, 10, 12, 15, 18, 21, 25])
@pytest.mark.parametrize("seconds", [120, 300])
def test_the_rate_is_found_within_one_breath_a_minute(per_min: float, seconds: float) -> None:
    confident = 0
    for seed in range(8):
        # slow breaths are deep ones: the heart follows them further
        nn, true_rate = client(per_min, depth_ms=60 if per_min < 9 else 25, seconds=seconds, seed=seed)
        found = breathing.estimate(nn)
        if found is not None and found.confidence >= 0.5:
            confident += 1
            assert found.rate_per_min == pytest.approx(true_rate, abs=1)
    assert confident >= 7


def test_a_shallow_breath_beside_a_larger_wave_of_blood_pressure_is_not_mistaken_for_it() -> None:
    rates = [breathing.estimate(client(15, depth_ms=10, seed=seed)[0]) for seed in range(10)]
    assert all(found is None or found.confidence < 0.5 or abs(found.rate_per_min - 15) < 1.5 for found in rates)
    assert sum(found is not None and found.confidence >= 0.5 for found in rates) >= 6


def test_waves_of_blood_pressure_alone_are_no_breathing() -> None:
    rates = [breathing.estimate(client(15, depth_ms=0, seed=seed)[0]) for seed in range(20)]
    assert all(found is None or found.confidence < 0.5 for found in rates)


def test_a_gap_is_not_looked_across() -> None:
    nn, true_rate = client(15, seconds=400)
    kept = (nn.time_s < 130) | (nn.time_s > 240)
    stretch = (nn.time_s > 240).astype(np.int64)
    both = NNSeries(nn.time_s[kept], nn.nn_ms[kept], stretch[kept], nn.ordinal[kept])
    found = breathing.estimate(both)
    assert found is not None
    assert found.rate_per_min == pytest.approx(true_rate, abs=1)
    pieces = NNSeries(nn.time_s, nn.nn_ms, np.arange(len(nn)) // 20, nn.ordinal)  # none lasts 30 s
    assert breathing.estimate(pieces) is None


def test_chest_strap_and_cables_tell_the_same_rate(reference: Path) -> None:
    agreed = 0
    for k in range(8):
        rates = []
        for source in ("cs", "cables"):
            rr_ms = np.diff(np.loadtxt(reference / "rr_raw" / "gudb" / f"s{k:02}_sitting_{source}.tsv")) * 4
            beats = BeatSeries(np.cumsum(rr_ms) / 1000, rr_ms, np.zeros(len(rr_ms), dtype=np.int64))
            rates.append(breathing.estimate(NNSeries.from_beats(beats, ~artefacts.classify(beats).flagged)))
        strap, cables = rates
        if strap is not None and cables is not None and min(strap.confidence, cables.confidence) >= 0.5:
            agreed += 1
            assert strap.rate_per_min == pytest.approx(cables.rate_per_min, abs=0.5)
    assert agreed >= 4


def test_where_nothing_varies_there_is_no_breathing() -> None:
    assert breathing.estimate(series(np.full(300, 833.3))) is None
    assert breathing.estimate(series(np.empty(0))) is None
    assert breathing.estimate(series(np.linspace(800, 900, 20))) is None
