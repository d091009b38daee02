"""Errors of a contrast against formulas, and against a moving-block bootstrap."""

import numpy as np
import pytest

from biotune.analysis import intervals
from biotune.analysis.intervals import LEVEL, PINK, Track, half_width, standard_error

T = 300


def flat(values: np.ndarray) -> Track:
    return Track(values, np.full(len(values), 1 / len(values)))


def test_two_adjacent_windows_weigh_frequencies_as_the_formula_says() -> None:
    weight = np.full(T, 1 / T)
    transfer, hz = intervals._transfer(weight, weight, T)
    seen = (hz > 1e-4) & (hz < 0.05)
    formula = 4 * np.sin(np.pi * hz * T) ** 4 / (np.pi * hz * T) ** 2
    assert transfer[seen] == pytest.approx(formula[seen], abs=0.02)


def test_windows_apart_weigh_frequencies_as_the_formula_says() -> None:
    weight, apart = np.full(T, 1 / T), T + 900
    transfer, hz = intervals._transfer(weight, weight, apart)
    seen = hz < 0.02
    formula = np.sinc(hz * T) ** 2 * 4 * np.sin(np.pi * hz * apart) ** 2
    assert transfer[seen] == pytest.approx(formula[seen], abs=0.02)


def test_windows_years_apart_cost_no_memory_and_have_the_error_of_two_that_know_nothing_of_each_other() -> None:
    rng = np.random.default_rng(7)
    first, second = flat(rng.normal(0, 2, T)), flat(rng.normal(0, 2, T))
    far = standard_error(first, second, apart_s=1e9, exponent=LEVEL)
    assert far == pytest.approx(standard_error(first, second, apart_s=20_000, exponent=LEVEL), rel=0.02)


def test_white_noise_has_the_error_of_independent_seconds() -> None:
    rng = np.random.default_rng(3)
    errors = [
        standard_error(flat(rng.normal(0, 2, T)), flat(rng.normal(0, 2, T)), apart_s=T, exponent=LEVEL)
        for _ in range(200)
    ]
    assert np.mean(errors) == pytest.approx(2 * np.sqrt(2 / T), rel=0.15)


def test_the_interval_holds_for_a_drift_slower_than_the_window() -> None:
    """Independent of the generator in calibration.py: a drift of 200 s, of which no window shows a whole wave."""
    held = []
    for drift in _drifts(np.random.default_rng(4), 300):
        first, second = flat(drift[:T]), flat(drift[T:])
        width = half_width(standard_error(first, second, apart_s=T, exponent=PINK))
        held.append(abs(second.mean - first.mean) <= width)
    assert np.mean(held) > 0.85  # five batch means with t, the textbook answer, hold 59 % of the time here


@pytest.mark.parametrize("apart", [T, T + 900])
def test_a_wave_that_doubles_has_the_error_of_two_windows_of_unequal_variance(apart: int) -> None:
    """White noise of 1 and 2: by hand √(1/T + 4/T), wherever the windows lie."""
    rng = np.random.default_rng(8)
    errors = [
        standard_error(flat(rng.normal(0, 1, T)), flat(rng.normal(0, 2, T)), apart_s=apart, exponent=LEVEL)
        for _ in range(200)
    ]
    assert np.median(errors) == pytest.approx(np.sqrt(5 / T), rel=0.15)


def test_a_drift_that_doubles_from_one_window_to_the_next_is_not_taken_for_one_that_cancels() -> None:
    """A drift of 200 s about a resting level, twice as strong after: by hand the square root of E (2·m₂ - m₁)²."""
    apart = np.abs(np.subtract.outer(np.arange(2 * T), np.arange(2 * T)))
    contrast = np.r_[np.full(T, -1 / T), np.full(T, 2 / T)]
    truth = np.sqrt(contrast @ np.exp(-apart / 200) @ contrast)
    errors = [
        standard_error(flat(drift[:T]), flat(2 * drift[T:]), apart_s=T, exponent=PINK)
        for drift in _drifts(np.random.default_rng(9), 300)
    ]
    assert np.sqrt(np.mean(np.square(errors))) == pytest.approx(truth, rel=0.15)  # both windows pooled: 0.8 of it


def test_a_wave_within_both_windows_says_nothing_of_the_drift_below() -> None:
    """A wave of 50 s has six whole turns in each window: it moves no mean, and no error either."""
    wave = 3 * np.sin(2 * np.pi * np.arange(2 * T) / 50)
    shares = []
    for drift in _drifts(np.random.default_rng(10), 100):
        with_wave, without = (
            standard_error(flat(values[:T]), flat(values[T:]), apart_s=T, exponent=PINK)
            for values in (drift + wave, drift)
        )
        shares.append(with_wave / without)
    assert np.median(shares) == pytest.approx(1, abs=0.1)  # a line fitted up to 0.02 Hz is tilted by it: 0.75


def test_where_one_window_never_varies_the_other_alone_makes_the_error() -> None:
    rng = np.random.default_rng(11)
    errors = [
        standard_error(flat(np.full(T, 70.0)), flat(rng.normal(70, 2, T)), apart_s=T, exponent=LEVEL)
        for _ in range(200)
    ]
    assert np.median(errors) == pytest.approx(2 / np.sqrt(T), rel=0.15)


def _drifts(rng: np.random.Generator, count: int) -> np.ndarray:
    """Two windows of an Ornstein-Uhlenbeck process of unit variance whose memory is 200 s, that often."""
    kept = np.exp(-1 / 200)
    drift = rng.normal(size=(count, 2 * T))
    for second in range(1, 2 * T):
        drift[:, second] = kept * drift[:, second - 1] + np.sqrt(1 - kept**2) * drift[:, second]
    return drift


def _as_docs_method_md_says(before: Track, after: Track, apart: int, e: float, s: float, up_to_hz: float) -> float:
    """Steps 2 to 4 of "The interval of a change", written down anew from the page alone: sums, no transforms."""
    n = len(before.value)
    k = np.arange(1, n // 2 + 1)
    turns = np.exp(-2j * np.pi * np.outer(k, np.arange(n)) / n)
    densities = []
    for track in (before, after):
        counts = track.weight > 0.005 * track.weight.max()
        centred = np.where(counts, track.value - (track.value * track.weight).sum(), 0)
        densities.append(2 * abs(turns @ centred) ** 2 / counts.sum())
    density = (densities[0] + densities[1]) / 2
    strengths = [np.sqrt(each.sum() / density.sum()) for each in densities]
    bins = max(4, int(np.sum(k / n <= up_to_hz)))
    log_f, log_s = np.log(k[:bins] / n), np.log(density[:bins])
    m = log_f.mean()
    a = log_s.mean() - (1 - 0.5772156649 - np.log(2))
    b = -np.polyfit(log_f, log_s, 1)[0]
    q = np.sum((log_f - m) ** 2) / (np.pi**2 / 6 - 1)
    beta = min(max((q * b + e / s**2) / (q + 1 / s**2), 0), 2.5)
    long = next(each for each in range(16 * (apart + n), 32 * (apart + n)) if _is_made_of_2_3_5(each))
    place = np.r_[np.arange(n), apart + np.arange(n)]
    weights = np.r_[-strengths[0] * before.weight, strengths[1] * after.weight]
    squared = 0.0
    for f in np.arange(1, long // 2 + 1) / long:
        spectrum = np.exp(a - beta * (np.log(f) - m)) if f < 1 / n else np.interp(f, k / n, density)
        squared += spectrum * abs(weights @ np.exp(-2j * np.pi * f * place)) ** 2 / long
    return float(np.sqrt(squared))


def _is_made_of_2_3_5(number: int) -> bool:
    for factor in (2, 3, 5):
        while number % factor == 0:
            number //= factor
    return number == 1


@pytest.mark.parametrize(
    ("apart", "exponent", "expected"),
    [(97, PINK, (1.0, 0.4, 0.0)), (300, PINK, (1.0, 0.4, 0.0)), (97, LEVEL, (0.0, 0.5, 0.02))],
)
def test_the_error_is_the_one_that_the_method_page_tells_how_to_compute(
    apart: int, exponent: intervals.Exponent, expected: tuple[float, float, float]
) -> None:
    rng = np.random.default_rng(12)
    weight = np.ones(97)
    weight[20:31] = 0  # a gap
    before = Track(np.cumsum(rng.normal(0, 1, 97)), weight / weight.sum())
    after = flat(np.cumsum(rng.normal(0, 2, 97)))
    ours = standard_error(before, after, apart_s=apart, exponent=exponent)
    assert ours == pytest.approx(_as_docs_method_md_says(before, after, apart, *expected), rel=1e-6)


def test_the_error_agrees_with_a_moving_block_bootstrap_where_that_is_valid() -> None:
    """Squared differences at rest change from breath to breath, not over minutes: blocks of 30 s hold there."""
    rng = np.random.default_rng(5)
    ours, bootstrapped = [], []
    for _ in range(40):
        pair = [_breathing_power(rng) for _ in range(2)]
        ours.append(standard_error(flat(pair[0]), flat(pair[1]), apart_s=T, exponent=LEVEL))
        first, second = (_block_bootstrap(values, rng) for values in pair)
        bootstrapped.append(np.hypot(first, second))
    assert np.mean(ours) == pytest.approx(np.mean(bootstrapped), rel=0.25)


def _breathing_power(rng: np.random.Generator) -> np.ndarray:
    """Momentary power whose strength changes over about 5 s."""
    noise = rng.normal(0, 1, T + 10)
    return 4 + np.convolve(noise, np.ones(5) / 5, mode="valid")[:T]


def _block_bootstrap(values: np.ndarray, rng: np.random.Generator, block: int = 30) -> float:
    total = np.concatenate([[0.0], np.cumsum(values)])
    starts = rng.integers(0, len(values) - block + 1, (500, len(values) // block))
    return float(np.std((total[starts + block] - total[starts]).sum(axis=1) / len(values)))


def test_the_same_drift_leaves_neighbouring_windows_surer_than_distant_ones() -> None:
    rng = np.random.default_rng(6)
    walk = np.cumsum(rng.normal(0, 1, 2 * T))
    first, second = flat(walk[:T]), flat(walk[T:])
    near = standard_error(first, second, apart_s=T, exponent=PINK)
    far = standard_error(first, second, apart_s=T + 900, exponent=PINK)
    assert far > 1.2 * near


def test_what_never_varies_has_no_error() -> None:
    assert standard_error(flat(np.full(T, 7.0)), flat(np.full(T, 9.0)), apart_s=T, exponent=PINK) < 1e-3


def test_seconds_without_beats_count_for_nothing() -> None:
    rng = np.random.default_rng(7)
    before, after = rng.normal(0, 1, T), rng.normal(0, 1, T)
    weight = np.ones(T)
    weight[100:130] = 0
    weight /= weight.sum()
    wild = before.copy()
    wild[100:130] = 1e6
    quiet = standard_error(Track(before, weight), flat(after), apart_s=T, exponent=LEVEL)
    assert standard_error(Track(wild, weight), flat(after), apart_s=T, exponent=LEVEL) == pytest.approx(quiet)


def test_windows_of_different_length_are_refused() -> None:
    with pytest.raises(ValueError, match="no common spectrum"):
        standard_error(flat(np.zeros(100)), flat(np.zeros(90)), apart_s=100, exponent=LEVEL)
