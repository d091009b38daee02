"""Power in ms² against sine waves of known amplitude, and against SciPy."""

import numpy as np
import pytest
from scipy.interpolate import CubicSpline
from scipy.signal import welch as scipy_welch

from biotune.analysis import spectrum


def wave(hz: float, amplitude: float, seconds: float) -> np.ndarray:
    return amplitude * np.sin(2 * np.pi * hz * np.arange(round(seconds * 4)) / 4)


@pytest.mark.parametrize("seconds", [120, 300, 301.25, 437, 450, 900])
def test_a_sine_wave_has_half_its_squared_amplitude_as_power(seconds: float) -> None:
    density = spectrum.welch(1000 + wave(0.1, 30, seconds) + wave(0.25, 20, seconds), 300)
    assert float(density.power(0.04, 0.15)) == pytest.approx(30**2 / 2, rel=0.01)
    assert float(density.power(0.15, 0.4)) == pytest.approx(20**2 / 2, rel=0.01)
    assert float(density.power(0.0, 0.04)) == pytest.approx(0, abs=1)


def test_power_between_bands_adds_up_at_the_edge() -> None:
    noise = np.random.default_rng(1).standard_normal(1200)
    density = spectrum.welch(noise, 300)
    parts = float(density.power(0.04, 0.15)) + float(density.power(0.15, 0.4))
    assert parts == pytest.approx(float(density.power(0.04, 0.4)), rel=1e-3)


@pytest.mark.parametrize("seconds", [300, 450, 600, 3600])
@pytest.mark.parametrize("window_s", [64, 300])
def test_whole_half_steps_give_scipys_welch(seconds: int, window_s: int) -> None:
    noise = np.random.default_rng(seconds).standard_normal(seconds * 4).cumsum()
    whole = noise[: (seconds * 4 - window_s * 4) // (window_s * 2) * (window_s * 2) + window_s * 4]
    frequency, density = scipy_welch(
        whole - whole.mean(), fs=4, window="hann", nperseg=window_s * 4, noverlap=window_s * 2, detrend=False
    )
    ours = spectrum.welch(whole, window_s)
    assert ours.frequency_hz == pytest.approx(frequency)
    assert ours.density == pytest.approx(density, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("samples", [1200, 1201, 1799, 1800, 1801, 2400])
def test_one_sample_more_moves_the_power_little_wherever_the_end_falls(samples: int) -> None:
    """With windows at half-steps alone, sample 1800 would bring a whole second window."""
    noise = np.random.default_rng(7).standard_normal(samples + 1)
    before, after = (spectrum.welch(noise[:n], 300).power(0.15, 0.4) for n in (samples, samples + 1))
    assert float(after) == pytest.approx(float(before), rel=0.01)


def test_resampling_is_a_natural_cubic_spline() -> None:
    rng = np.random.default_rng(3)
    rr_ms = 900 + 50 * rng.standard_normal(300)
    time_s = np.cumsum(rr_ms) / 1000
    sampled = spectrum.resample(time_s, rr_ms)
    assert sampled is not None
    grid_s, values = sampled
    assert np.diff(grid_s) == pytest.approx(0.25)
    assert grid_s[0] == time_s[0]
    assert time_s[-1] - 0.25 < grid_s[-1] <= time_s[-1]
    assert values == pytest.approx(CubicSpline(time_s, rr_ms, bc_type="natural")(grid_s), rel=1e-9)


def test_too_few_beats_have_no_even_samples() -> None:
    assert spectrum.resample(np.array([1.0, 2.0]), np.array([1000.0, 1000.0])) is None
    assert spectrum.resample(np.array([1.0, 1.5, 2.0]), np.full(3, 500.0)) is None


def test_one_slow_wave_is_more_regular_than_the_same_wave_in_noise() -> None:
    rng = np.random.default_rng(5)
    smooth = spectrum.regularity(wave(0.1, 40, 300), 64)
    noisy = spectrum.regularity(wave(0.1, 40, 300) + 60 * rng.standard_normal(1200), 64)
    assert smooth is not None
    assert noisy is not None
    assert smooth > 3 * noisy


def test_a_wave_outside_the_resonance_range_is_not_regular() -> None:
    fast = spectrum.regularity(wave(0.35, 40, 300) + wave(0.1, 4, 300), 64)
    assert fast is not None
    assert fast < 0.1


def test_two_equal_waves_by_hand() -> None:
    """Waves of one height on exact frequencies of a 64 s window, 6/64 and 22/64 Hz.

    A Hann window gives each the densities ¼, 1, ¼ (in units of the middle one), so 1½ by trapezoids. Within
    0.015 Hz, 0.96 of a step, of the peak lie 2·0.96·(1 + 1 - 0.96·¾)/2 = 1.2288; the rest is 3 - 1.2288.
    """
    ratio = spectrum.regularity(wave(6 / 64, 40, 320) + wave(22 / 64, 40, 320), 64)
    assert ratio == pytest.approx(1.2288 / (3 - 1.2288), rel=1e-6)
