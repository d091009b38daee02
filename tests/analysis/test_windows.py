"""Traces along a recording, against each window measured on its own by other means."""

import math

import numpy as np
import pytest
from scipy import signal

from biotune.analysis import nonlinear, phases, spectrum, windows
from biotune.domain import IntervalImported, LogLine, Recording, Stamp
from biotune.errors import UsageError


def recording_of(rr_ms, times_s=None):
    lines = tuple(
        LogLine(
            k + 1,
            "import",
            Stamp("import", 0, 0),
            1,
            IntervalImported(repr(float(rr)), "ms", "" if times_s is None else repr(float(times_s[k]))),
        )
        for k, rr in enumerate(rr_ms)
    )
    return Recording("made", lines)


def breathing_heart(seconds, *, level_ms=900.0, depth_ms=40.0, hz=0.25, noise_ms=8.0, seed=3):
    rng = np.random.default_rng(seed)
    rr_ms, at_s = [], 0.0
    while at_s < seconds:
        rr_ms.append(level_ms + depth_ms * math.sin(2 * math.pi * hz * at_s) + rng.normal(0, noise_ms))
        at_s += rr_ms[-1] / 1000
    return np.array(rr_ms)


def test_every_window_equals_the_same_window_on_its_own():
    recording = recording_of(breathing_heart(400))
    nn = phases.prepare(recording).nn
    trace = windows.sliding(recording, window_s=60, step_s=7)
    assert len(trace.time_s) > 40
    for k, middle_s in enumerate(trace.time_s):
        inside = (nn.time_s >= middle_s - 30) & (nn.time_s < middle_s + 30)
        part, order = nn.nn_ms[inside], nn.ordinal[inside]
        steps = np.diff(part)[np.diff(order) == 1]
        assert trace["mean_hr"][k] == pytest.approx(60_000 / part.mean(), rel=1e-9)
        assert trace["rmssd"][k] == pytest.approx(np.sqrt(np.mean(steps**2)), rel=1e-9)
        assert trace["sdnn"][k] == pytest.approx(np.std(part, ddof=1), rel=1e-9)


def test_power_in_a_window_is_scipys_periodogram_of_it():
    recording = recording_of(breathing_heart(200, noise_ms=0))
    nn = phases.prepare(recording).nn
    trace = windows.sliding(recording, window_s=64, step_s=10)
    grid_s, grid_ms = spectrum.resample(nn.time_s, nn.nn_ms)
    k = 5
    first = math.ceil((trace.time_s[k] - 32 - grid_s[0]) * 4 - 1e-9)
    hz, density = signal.periodogram(grid_ms[first : first + 256], 4.0, window="hann", detrend="constant")
    band = (hz >= 0.15) & (hz <= 0.4)
    assert trace["hf"][k] == pytest.approx(np.trapezoid(density[band], hz[band]), rel=0.01)
    assert trace["hf"][k] == pytest.approx(40**2 / 2, rel=0.1)  # a sine's power is half its amplitude squared


def test_breathing_is_followed_where_it_changes():
    rr_ms = np.concatenate([breathing_heart(180, hz=0.25), breathing_heart(180, hz=0.15)])
    trace = windows.sliding(recording_of(rr_ms))
    rate = trace["breathing_rate"]
    assert rate[trace.time_s < 140] == pytest.approx(15, abs=1)
    assert rate[(trace.time_s > 220) & np.isfinite(rate)] == pytest.approx(9, abs=1)


def test_nothing_reaches_across_a_gap():
    rr_ms = breathing_heart(240)
    times_s = np.cumsum(rr_ms) / 1000
    late = times_s > 120
    trace = windows.sliding(recording_of(rr_ms, times_s + 4 * late), step_s=1)  # short enough for 85 % to be covered
    begins_s, ends_s = times_s[~late][-1], times_s[late][0] + 4
    touching = (trace.time_s + 29 > begins_s) & (trace.time_s - 29 < ends_s - 1)
    across = (trace.time_s + 29 > ends_s) & (trace.time_s - 29 < begins_s)
    assert across.any()
    for key, without in {"lf": touching, "hf": touching, "breathing_rate": across, "sample_entropy": across}.items():
        assert np.isnan(trace[key][without]).all(), key
    assert np.isfinite(trace["hf"][trace.time_s < begins_s - 31]).all()
    assert np.isfinite(trace["hf"][trace.time_s > ends_s + 31]).all()


def test_a_trace_says_what_it_is_too_short_for():
    trace = windows.sliding(recording_of(breathing_heart(120)))
    assert trace.below_least_length == {"lf", "hf", "sdnn", "rhythm_regularity"} & set(trace)
    assert "rmssd" not in trace.below_least_length


def test_a_recording_shorter_than_a_window_has_an_empty_trace():
    trace = windows.sliding(recording_of(breathing_heart(40)))
    assert all(len(trace[key]) == 0 for key in trace)


@pytest.mark.parametrize(
    "lengths",
    [
        {"window_s": 5},
        {"window_s": math.nan},
        {"window_s": 1e12},
        {"step_s": 0},
        {"step_s": -1},
        {"step_s": 1e-9},
    ],
)
def test_impossible_lengths_are_refused(lengths):
    with pytest.raises(UsageError):
        windows.sliding(recording_of(breathing_heart(120)), **lengths)


def test_the_map_is_what_lf_and_hf_are_integrals_of():
    rr_ms = np.concatenate([breathing_heart(200, hz=0.25), breathing_heart(200, hz=0.35)])
    trace = windows.sliding(recording_of(rr_ms), window_s=64, step_s=10)
    assert trace.hf_map.shape == (len(trace.time_s), len(trace.frequency_hz))
    assert trace.frequency_hz[0] == 0
    assert trace.frequency_hz[-1] == pytest.approx(0.5, abs=1 / 64)
    known = np.isfinite(trace["hf"])
    assert np.isnan(trace.hf_map[~known]).all()
    fine = np.linspace(0.15, 0.4, 2001)
    for k in np.flatnonzero(known):
        hf = np.trapezoid(np.interp(fine, trace.frequency_hz, trace.hf_map[k]), fine)
        assert hf == pytest.approx(trace["hf"][k], rel=1e-3)
    loudest = trace.frequency_hz[np.argmax(np.where(known[:, None], trace.hf_map, 0), axis=1)]
    assert loudest[known & (trace.time_s < 160)] == pytest.approx(0.25, abs=0.01)
    assert loudest[known & (trace.time_s > 240)] == pytest.approx(0.35, abs=0.01)


@pytest.mark.parametrize("window_s", [30.0, 60.0, 200.0])
def test_sample_entropy_of_a_window_is_neurokits_of_it(window_s):
    import neurokit2

    recording = recording_of(breathing_heart(420, seed=9))
    nn = phases.prepare(recording).nn
    trace = windows.sliding(recording, window_s=window_s, step_s=50)
    told = 0
    for k, middle_s in enumerate(trace.time_s):
        inside = (nn.time_s >= middle_s - window_s / 2) & (nn.time_s < middle_s + window_s / 2)
        part = nn.nn_ms[inside]
        if not (np.diff(nn.ordinal[inside]) == 1).all():
            continue
        theirs, _ = neurokit2.entropy_sample(part, dimension=2, tolerance=0.2 * np.std(part, ddof=1))
        if np.isfinite(theirs):
            told += 1
            assert trace["sample_entropy"][k] == pytest.approx(theirs, abs=1e-9)
    assert told >= 3


def test_a_window_with_a_hole_has_the_entropy_that_a_window_of_it_has_alone():
    rng = np.random.default_rng(0)
    values = rng.normal(800, 40, 600)
    adjacent = rng.random(599) > 0.05
    first = np.arange(0, 500, 37)
    end = first + rng.integers(1, 100, len(first))
    together = nonlinear.sample_entropies(values, adjacent, first, end)
    for k, (a, b) in enumerate(zip(first, end, strict=True)):
        alone = nonlinear.sample_entropy(values[a:b], adjacent[a : b - 1])
        assert together[k] == pytest.approx(np.nan if alone is None else alone, nan_ok=True)
