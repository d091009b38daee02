"""From intervals to metrics: hand-computed series, known waves, gaps, least lengths, flags."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from biotune.analysis import hrv
from biotune.analysis.metrics import CATALOGUE
from biotune.analysis.results import Metric, MetricValue
from biotune.analysis.series import BeatSeries, NNSeries, Options
from biotune.domain import Flag, Reason
from biotune.errors import UsageError

CONVENTIONS = ("kubios", "task-force", "neurokit2")
OWN_CONVENTIONS = ("kubios", "task-force")


@dataclass(frozen=True)
class Breath:
    rate_per_min: float
    confidence: float = 1.0


def series(rr_ms: object, *, keep: np.ndarray | None = None, stretch: np.ndarray | None = None) -> NNSeries:
    values = np.asarray(rr_ms, dtype=float)
    stretches = np.zeros(len(values), dtype=np.int64) if stretch is None else stretch
    return NNSeries.from_beats(BeatSeries(np.cumsum(values) / 1000, values, stretches), keep)


def measured(
    nn: NNSeries, *, breathing: Breath | None = None, seconds: float | None = None, **options: object
) -> Mapping[str, Metric]:
    span = float(nn.time_s[-1] - nn.time_s[0] + nn.nn_ms[0] / 1000) if len(nn) else 0.0
    return hrv.measure(
        nn, duration_s=span if seconds is None else seconds, options=Options(**options), breathing=breathing
    )  # type: ignore[arg-type]


def beats_of_waves(seconds: float, *waves: tuple[float, float], mean_ms: float = 800.0) -> np.ndarray:
    """Intervals whose value at their own R peak follows the sum of (hertz, ±milliseconds) sine waves."""
    time_s, rr_ms = 0.0, []
    while time_s < seconds:
        step = mean_ms
        for _ in range(60):  # the interval ends at the time it itself leads to
            step = mean_ms + sum(a * math.sin(2 * math.pi * hz * (time_s + step / 1000)) for hz, a in waves)
        time_s += step / 1000
        rr_ms.append(step)
    return np.array(rr_ms)


# ---------------------------------------------------------------- time domain, by hand


def test_time_domain_by_hand() -> None:
    """800 860 790 850 900: differences 60 -70 60 50; sums 1660 1650 1640 1750."""
    got = measured(series([800, 860, 790, 850, 900]), convention="task-force", any_length=True)
    assert got["mean_nn"].value == pytest.approx(840)
    assert got["mean_hr"].value == pytest.approx(60000 / 840)
    assert got["sdnn"].value == pytest.approx(math.sqrt((40**2 + 20**2 + 50**2 + 10**2 + 60**2) / 4))
    assert got["rmssd"].value == pytest.approx(math.sqrt((3600 + 4900 + 3600 + 2500) / 4))
    assert got["ln_rmssd"].value == pytest.approx(math.log(math.sqrt(3650)))
    assert got["pnn50"].value == pytest.approx(75)  # 50 ms itself does not exceed 50 ms
    assert got["sd1"].value == pytest.approx(math.sqrt((35**2 + 95**2 + 35**2 + 25**2) / 3 / 2))
    assert got["sd2"].value == pytest.approx(math.sqrt((15**2 + 25**2 + 35**2 + 75**2) / 3 / 2))
    assert got["sd1_sd2"].value == pytest.approx(math.sqrt(12100 / 7700))


def test_an_excluded_beat_and_a_gap_are_not_differenced() -> None:
    """800 [1300] 810 | 700 720: the only adjacent pair is 700, 720."""
    nn = series([800, 1300, 810, 700, 720], keep=np.array([1, 0, 1, 1, 1], bool), stretch=np.array([0, 0, 0, 1, 1]))
    got = measured(nn, convention="task-force", any_length=True)
    assert got["rmssd"].value == pytest.approx(20)
    assert got["pnn50"].value == 0
    assert got["mean_nn"].value == pytest.approx((800 + 810 + 700 + 720) / 4)


def test_mean_nn_and_heart_rate_come_from_the_raw_series_under_kubios() -> None:
    drift = 800 + 100 * np.linspace(0, 1, 400)
    got = measured(series(drift), convention="kubios")
    assert got["mean_nn"].value == pytest.approx(850)
    assert got["mean_hr"].value == pytest.approx(60000 / 850)
    assert got["sdnn"].value == pytest.approx(0, abs=0.5)  # a straight drift is all trend


def test_a_slow_wave_leaves_sdnn_under_kubios_and_stays_under_task_force() -> None:
    nn = series(beats_of_waves(600, (0.01, 50)))
    assert measured(nn, convention="task-force")["sdnn"].value == pytest.approx(50 / math.sqrt(2), rel=0.02)
    assert measured(nn, convention="kubios")["sdnn"].value < 2
    assert measured(nn, convention="kubios", detrending=0)["sdnn"].value == pytest.approx(50 / math.sqrt(2), rel=0.02)


# ---------------------------------------------------------------- power


@pytest.mark.parametrize("convention", OWN_CONVENTIONS)
def test_power_of_known_waves(convention: str) -> None:
    """A wave of amplitude A has power A²/2."""
    got = measured(series(beats_of_waves(300, (0.1, 30), (0.25, 20))), convention=convention)
    assert got["lf"].value == pytest.approx(30**2 / 2, rel=0.02)
    assert got["hf"].value == pytest.approx(20**2 / 2, rel=0.03)  # the beats themselves sample 0.25 Hz coarsely
    assert got["total_power"].value == pytest.approx(650, rel=0.02)
    assert got["lf_hf"].value == pytest.approx(450 / 200, rel=0.04)
    assert got["lf_nu"].value == pytest.approx(100 * 450 / 650, rel=0.02)
    assert got["lf_nu"].value + got["hf_nu"].value == pytest.approx(100)


def test_vlf_starts_at_0_under_kubios_and_at_0_0033_under_task_force() -> None:
    """Waves of 0.002 and 0.02 Hz, over an hour and a quarter, with windows that tell them apart."""
    nn = series(beats_of_waves(4500, (0.002, 30), (0.02, 30)))
    options = {"detrending": 0, "welch_window_s": 3000.0}
    both = measured(nn, convention="kubios", **options)["vlf"].value
    upper = measured(nn, convention="task-force", **options)["vlf"].value
    assert both == pytest.approx(2 * 30**2 / 2, rel=0.03)
    assert upper == pytest.approx(30**2 / 2, rel=0.03)


def test_detrending_0_still_removes_the_mean() -> None:
    got = measured(series(beats_of_waves(300, (0.1, 30), mean_ms=1000)), detrending=0, any_length=True)
    assert got["vlf"].value < 5


def test_a_gap_does_not_reach_the_spectrum() -> None:
    """Two stretches a level of 200 ms apart, 40 s between them: no power but the waves' own."""
    first, second = beats_of_waves(290, (0.1, 30)), beats_of_waves(290, (0.1, 30), mean_ms=1000)
    times = np.r_[np.cumsum(first), 330_000 + np.cumsum(second)] / 1000
    stretch = np.r_[np.zeros(len(first), int), np.ones(len(second), int)]
    nn = NNSeries.from_beats(BeatSeries(times, np.r_[first, second], stretch))
    got = measured(nn, convention="task-force", seconds=620)
    assert got["lf"].value == pytest.approx(450, rel=0.02)
    assert got["hf"].value == pytest.approx(0, abs=3)


def test_stretches_are_averaged_by_length_and_short_ones_left_out() -> None:
    long, short, shorter = (
        beats_of_waves(400, (0.1, 40)),
        beats_of_waves(260, (0.1, 20)),
        beats_of_waves(150, (0.1, 99)),
    )
    parts = (long, short, shorter)
    ends = [0.0, 450_000.0, 750_000.0]
    times = np.concatenate([start + np.cumsum(part) for start, part in zip(ends, parts, strict=True)]) / 1000
    stretch = np.concatenate([np.full(len(part), k) for k, part in enumerate(parts)])
    nn = NNSeries.from_beats(BeatSeries(times, np.concatenate(parts), stretch))
    got = measured(nn, convention="task-force", seconds=900)
    assert got["lf"].value == pytest.approx((400 * 800 + 260 * 200) / 660, rel=0.02)


def test_no_stretch_long_enough_is_said_so() -> None:
    halves = np.r_[beats_of_waves(200, (0.1, 30)), beats_of_waves(200, (0.1, 30))]
    stretch = (np.arange(len(halves)) >= len(halves) // 2).astype(np.int64)
    got = measured(series(halves, stretch=stretch), convention="task-force")
    assert got["lf"].to_dict() == {"unavailable": "too-short", "unit": "ms²", "needs": "250 s"}
    assert got["hf"].unavailable is None
    asked = measured(series(halves, stretch=stretch), convention="task-force", any_length=True)
    assert asked["lf"].value == pytest.approx(450, rel=0.02)
    assert Flag.BELOW_LEAST_LENGTH in asked["lf"].flags  # type: ignore[union-attr]


def test_excluded_beats_move_no_other_in_time() -> None:
    """One beat in thirty left out: the spline bridges it, and power stays."""
    rr_ms = beats_of_waves(300, (0.1, 30))
    keep = np.arange(len(rr_ms)) % 30 != 15
    got = measured(series(rr_ms, keep=keep), convention="kubios")
    assert got["lf"].value == pytest.approx(450, rel=0.02)


@pytest.mark.parametrize("convention", OWN_CONVENTIONS)
@pytest.mark.parametrize("name", ["pyhrv_long_nn_ms.txt", "hrvpkg_rest_rri.txt"])
def test_one_beat_at_the_end_of_five_minutes_moves_lf_and_hf_by_less_than_2_pct(
    reference: Path, name: str, convention: str
) -> None:
    rr_ms = np.loadtxt(reference / "rr_reference" / name)
    for start in range(0, len(rr_ms) - 500, 61):
        beats = int(np.searchsorted(np.cumsum(rr_ms[start:]), 300_000))
        runs = [measured(series(rr_ms[start : start + beats + more]), convention=convention) for more in (-1, 0, 1)]
        for key in ("lf", "hf"):
            assert runs[0][key].value == pytest.approx(runs[1][key].value, rel=0.02)
            assert runs[2][key].value == pytest.approx(runs[1][key].value, rel=0.02)


# ---------------------------------------------------------------- breathing


@pytest.mark.parametrize("per_min", [6.0, 9.0, 15.0, 18.0])
def test_rsa_is_the_peak_to_trough_height_whatever_the_rate(per_min: float) -> None:
    """±40 ms of sinus arrhythmia are 80 ms; at 6 a minute HF would show next to nothing of them."""
    nn = series(beats_of_waves(300, (per_min / 60, 40)))
    got = measured(nn, breathing=Breath(per_min))
    assert got["rsa"].value == pytest.approx(80, rel=0.04)
    assert got["breathing_rate"].value == per_min


@pytest.mark.parametrize(("per_min", "interpretable"), [(6, False), (8.9, False), (9, True), (24, True), (24.1, False)])
def test_hf_is_interpretable_only_while_breathing_lies_in_its_band(per_min: float, *, interpretable: bool) -> None:
    got = measured(series(beats_of_waves(300, (0.1, 30), (0.25, 20))), breathing=Breath(per_min))
    for key in ("hf", "lf_hf", "lf_nu", "hf_nu"):
        assert (Flag.NOT_INTERPRETABLE in got[key].flags) is not interpretable  # type: ignore[union-attr]
    assert got["rmssd"].flags == ()  # type: ignore[union-attr]


def test_unknown_or_unsure_breathing_is_said_so() -> None:
    nn = series(beats_of_waves(300, (0.25, 20)))
    unknown = measured(nn)
    assert unknown["rsa"].unavailable is Reason.NO_BREATHING
    assert unknown["breathing_rate"].unavailable is Reason.NO_BREATHING
    unsure = measured(nn, breathing=Breath(15, confidence=0.2))
    assert unsure["rsa"].flags == (Flag.LOW_CONFIDENCE,)  # type: ignore[union-attr]
    assert unsure["breathing_rate"].flags == (Flag.LOW_CONFIDENCE,)  # type: ignore[union-attr]


# ---------------------------------------------------------------- how long is long enough


@pytest.mark.parametrize(
    ("convention", "key"),
    [(own, key) for own in OWN_CONVENTIONS for key, metric in CATALOGUE.items() if metric.least.seconds]
    + [("neurokit2", "rmssd"), ("neurokit2", "lf")],  # a few: it takes half a second a series
)
def test_a_metric_appears_at_its_least_length_and_not_before(convention: str, key: str) -> None:
    least_s = CATALOGUE[key].least.seconds
    rr_ms = beats_of_waves(least_s + 5, (0.1, 30), (0.25, 20))
    rr_ms = rr_ms + np.random.default_rng(1).normal(0, 3, len(rr_ms))
    ends_s = np.cumsum(rr_ms) / 1000
    for seconds, available in ((least_s - 3, False), (least_s + 3, True)):
        got = measured(series(rr_ms[ends_s < seconds]), seconds=seconds, convention=convention, breathing=Breath(15))[
            key
        ]
        assert (got.unavailable is None) is available
        if not available:
            assert got.unavailable is Reason.TOO_SHORT
            assert got.needs == f"{least_s:g} s"  # type: ignore[union-attr]


@pytest.mark.parametrize(("key", "beats"), [("sample_entropy", 200), ("dfa_alpha1", 128), ("dfa_alpha2", 256)])
def test_a_metric_appears_at_its_least_number_of_beats(key: str, beats: int) -> None:
    rr_ms = 800 + np.random.default_rng(1).normal(0, 30, beats)
    assert isinstance(measured(series(rr_ms))[key], MetricValue)
    assert measured(series(rr_ms[:-1]))[key].to_dict() == {
        "unavailable": "too-few-beats",
        "unit": "1",
        "needs": f"{beats} beats",
    }


def test_any_length_is_flagged() -> None:
    rr_ms = 800 + np.random.default_rng(1).normal(0, 30, 100)
    got = measured(series(rr_ms), any_length=True)
    assert got["lf"].flags == (Flag.ULTRA_SHORT, Flag.BELOW_LEAST_LENGTH)  # type: ignore[union-attr]
    assert got["rmssd"].flags == (Flag.ULTRA_SHORT,)  # type: ignore[union-attr]


@pytest.mark.parametrize(("seconds", "ultra_short"), [(300, False), (299.5, False), (295, True), (120, True)])
def test_under_five_minutes_is_ultra_short(seconds: float, *, ultra_short: bool) -> None:
    """Five minutes of beats span up to one interval less than five minutes."""
    got = measured(series(beats_of_waves(seconds - 1, (0.1, 30))), seconds=seconds)
    assert (Flag.ULTRA_SHORT in got["rmssd"].flags) is ultra_short  # type: ignore[union-attr]


def test_a_common_window_goes_before_the_one_in_the_options() -> None:
    nn = series(800 + np.random.default_rng(1).normal(0, 30, 900))
    common = hrv.measure(nn, duration_s=720, options=Options(), breathing=None, welch_window_s=120)
    assert common["lf"].value == measured(nn, welch_window_s=120.0)["lf"].value
    assert common["lf"].value != measured(nn)["lf"].value


# ---------------------------------------------------------------- whatever comes


@pytest.mark.parametrize("convention", CONVENTIONS)
@pytest.mark.parametrize("any_length", [False, True])
@pytest.mark.parametrize("beats", [0, 1, 2, 3, 5, 12, 13, 64, 300])
@pytest.mark.parametrize("shape", ["constant", "rising", "alternating", "noise"])
def test_every_key_has_a_finite_value_or_a_reason(convention: str, beats: int, shape: str, *, any_length: bool) -> None:
    count = np.arange(beats)
    rr_ms = {
        "constant": np.full(beats, 1000.0),
        "rising": 800.0 + count,
        "alternating": 800.0 + 50 * (count % 2),
        "noise": 800 + np.random.default_rng(beats).normal(0, 30, beats),
    }[shape]
    got = measured(series(rr_ms), convention=convention, any_length=any_length, breathing=Breath(14))
    assert list(got) == list(CATALOGUE)
    for metric in got.values():
        if isinstance(metric, MetricValue):
            assert type(metric.value) is float
            assert math.isfinite(metric.value)


beat = st.tuples(
    st.floats(1, 10_000) | st.sampled_from([800.0, 1000.0]),  # the interval, ms
    st.floats(0, 2) | st.just(0.0),  # how late its R peak is reported, s
    st.booleans(),  # whether a gap comes before it
    st.integers(0, 9),  # excluded where 0
)


@given(st.lists(beat, max_size=150), st.sampled_from(OWN_CONVENTIONS), st.floats(0, 10_000), st.floats(1, 60))
def test_no_series_however_odd_breaks_it(
    beats: list[tuple[float, float, bool, int]], convention: str, seconds: float, per_min: float
) -> None:
    rr_ms, late_s, gap, kept = (np.array(column) for column in zip(*beats, strict=True)) if beats else [np.empty(0)] * 4
    odd = BeatSeries(np.cumsum(rr_ms) / 1000 + late_s, rr_ms, np.cumsum(gap).astype(np.int64))
    nn = NNSeries.from_beats(odd, kept > 0)
    for any_length in (False, True):
        got = measured(nn, seconds=seconds, convention=convention, any_length=any_length, breathing=Breath(per_min))
        assert list(got) == list(CATALOGUE)
        assert all(math.isfinite(metric.value) for metric in got.values() if isinstance(metric, MetricValue))


@pytest.mark.parametrize("convention", OWN_CONVENTIONS)
def test_a_heart_that_never_varies_has_no_ratios(convention: str) -> None:
    got = measured(series(np.full(400, 857.142857)), convention=convention)
    for key in ("lf_hf", "lf_nu", "hf_nu", "sd1_sd2", "ln_rmssd", "sample_entropy", "dfa_alpha1", "stress_index"):
        assert got[key].unavailable is Reason.POOR_SIGNAL
    assert got["sdnn"].value == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize(
    "options",
    [
        {"convention": "kubios4"},
        {"detrending": -1.0},
        {"detrending": math.nan},
        {"welch_window_s": 0.0},
        {"convention": "neurokit2", "detrending": 0.0},
        {"convention": "neurokit2", "welch_window_s": 300.0},
    ],
)
def test_impossible_options_are_refused(options: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        measured(series(np.full(10, 800.0)), **options)


# ---------------------------------------------------------------- NeuroKit2's own


def test_the_neurokit2_convention_is_its_stock_output_from_peaks(reference: Path) -> None:
    """Against the route its documentation shows: intervals to peaks at 1000 Hz, then the three functions."""
    import neurokit2 as nk

    rr_ms = np.loadtxt(reference / "rr_reference" / "pyhrv_short_nn_ms.txt")
    peaks = nk.intervals_to_peaks(rr_ms, sampling_rate=1000)
    stock = {
        **nk.hrv_time(peaks, 1000).iloc[0],
        **nk.hrv_frequency(peaks, 1000).iloc[0],
        **nk.hrv_nonlinear(peaks, 1000).iloc[0],
    }
    got = measured(series(rr_ms), seconds=300, convention="neurokit2")
    for key, column in {
        "mean_nn": "MeanNN", "sdnn": "SDNN", "rmssd": "RMSSD", "pnn50": "pNN50", "lf": "LF", "hf": "HF",
        "total_power": "TP", "lf_hf": "LFHF", "lf_nu": "LFn", "hf_nu": "HFn", "sd1": "SD1", "sd2": "SD2",
        "sample_entropy": "SampEn", "dfa_alpha1": "DFA_alpha1", "dfa_alpha2": "DFA_alpha2",
    }.items():  # fmt: skip
        assert got[key].value == pytest.approx(stock[f"HRV_{column}"], rel=1e-9)
    assert "NeuroKit2" in got["lf"].unit
    assert got["lf"].unit != "ms²"
