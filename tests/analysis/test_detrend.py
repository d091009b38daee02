"""Smoothness priors against their published formula, written out densely."""

import time

import numpy as np
import pytest
from scipy.sparse import diags_array, eye_array
from scipy.sparse.linalg import spsolve

from biotune.analysis.detrend import smoothness_trend


def dense_trend(values: np.ndarray, regularisation: float) -> np.ndarray:
    """(I + λ²·D₂ᵀD₂)⁻¹·y as Tarvainen 2002 prints it."""
    n = len(values)
    second = np.zeros((n - 2, n))
    for row in range(n - 2):
        second[row, row : row + 3] = (1, -2, 1)
    trend: np.ndarray = np.linalg.solve(np.eye(n) + regularisation**2 * second.T @ second, values)
    return trend


@pytest.mark.parametrize("n", [3, 4, 5, 10, 400])
@pytest.mark.parametrize("regularisation", [1.0, 10.0, 500.0])
def test_trend_equals_the_dense_formula(n: int, regularisation: float) -> None:
    values = 900 + 50 * np.random.default_rng(n).standard_normal(n).cumsum()
    assert smoothness_trend(values, regularisation) == pytest.approx(dense_trend(values, regularisation), rel=1e-6)


@pytest.mark.parametrize("n", [900, 959, 960, 5000])
@pytest.mark.parametrize("regularisation", [0.1, 20.0, 500.0, 2000.0])
def test_a_long_series_has_the_trend_that_all_rows_solved_at_once_give(n: int, regularisation: float) -> None:
    """SciPy's sparse LU of the whole matrix, in which nothing is taken to repeat itself."""
    values = np.random.default_rng(n).standard_normal(n).cumsum()
    second = diags_array([1.0, -2.0, 1.0], offsets=[0, 1, 2], shape=(n - 2, n))
    whole = (eye_array(n) + regularisation**2 * (second.T @ second)).tocsc()
    assert smoothness_trend(values, regularisation) == pytest.approx(spsolve(whole, values), abs=1e-6)


def test_the_last_fifth_is_as_right_as_the_first() -> None:
    """NeuroKit2's version is wrong there by hundreds of milliseconds."""
    rng = np.random.default_rng(2)
    values = 900 + 40 * np.sin(2 * np.pi * 0.1 * np.arange(1200) / 4) + rng.standard_normal(1200)
    forward = values - smoothness_trend(values, 500.0)
    backward = values[::-1] - smoothness_trend(values[::-1], 500.0)
    assert forward == pytest.approx(backward[::-1], abs=1e-6)
    assert np.std(forward[-240:]) == pytest.approx(40 / np.sqrt(2), rel=0.1)


def test_the_cut_off_lies_near_0_035_hz_at_lambda_500_and_4_hz() -> None:
    """Tarvainen 2002, figure: slower waves are trend, faster ones stay."""
    at_s = np.arange(4800) / 4
    kept = {}
    for hz in (0.01, 0.035, 0.1):
        wave = np.sin(2 * np.pi * hz * at_s)
        rest = (wave - smoothness_trend(wave, 500.0))[800:-800]
        kept[hz] = np.std(rest) / np.std(wave[800:-800])
    assert kept[0.01] < 0.02
    assert 0.5 < kept[0.035] < 0.9
    assert kept[0.1] > 0.98


def test_a_day_at_4_hz_takes_seconds_not_memory() -> None:
    values = np.random.default_rng(0).standard_normal(24 * 3600 * 4)
    started = time.perf_counter()
    smoothness_trend(values, 500.0)
    assert time.perf_counter() - started < 5
