"""Entropy and DFA against NeuroKit2 at equal settings, and against small series done by hand."""

import math
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from biotune.analysis.nonlinear import dfa_alpha, sample_entropy, stress_index

FILES = ("pyhrv_short_nn_ms.txt", "hrvpkg_rest_rri.txt", "systole_rr_ms.txt")


def whole(values: np.ndarray) -> np.ndarray:
    return np.ones(len(values) - 1, dtype=bool)


@pytest.mark.parametrize("name", FILES)
def test_sample_entropy_is_neurokit2s_at_equal_settings(reference: Path, name: str) -> None:
    import neurokit2 as nk

    values = np.loadtxt(reference / "rr_reference" / name)
    theirs, _ = nk.entropy_sample(values, delay=1, dimension=2, tolerance=0.2 * np.std(values, ddof=1))
    assert sample_entropy(values, whole(values)) == pytest.approx(theirs, rel=1e-12)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("boxes", [range(4, 12), range(4, 13), range(12, 65), range(13, 65)])
def test_dfa_is_neurokit2s_at_equal_settings(reference: Path, name: str, boxes: range) -> None:
    import neurokit2 as nk

    values = np.loadtxt(reference / "rr_reference" / name)
    theirs, _ = nk.fractal_dfa(values, scale=np.array(boxes), overlap=False, integrate=True, order=1)
    assert dfa_alpha([values], boxes) == pytest.approx(theirs, rel=1e-9)


def test_sample_entropy_by_hand() -> None:
    """1 2 1 2 1 2 1 3: runs of two that a third follows are 12 21 12 21 12 21.

    Equal pairs: three of 12, three of 21, so B = 6; with the third, 121 121 121 and 212 212 | 213: A = 3 + 1.
    """
    values = np.array([1.0, 2, 1, 2, 1, 2, 1, 3])
    assert sample_entropy(values, whole(values)) == pytest.approx(-math.log(4 / 6))


def test_runs_do_not_span_a_hole() -> None:
    """A hole after the fourth value leaves the runs 121, 212 | 121, 213: 12 twice, 21 twice, 121 twice."""
    values = np.array([1.0, 2, 1, 2, 1, 2, 1, 3])
    adjacent = whole(values)
    adjacent[3] = False
    assert sample_entropy(values, adjacent) == pytest.approx(-math.log(1 / 2))


def test_no_equal_runs_give_no_entropy() -> None:
    assert sample_entropy(np.array([1.0, 10, 3, 50]), np.ones(3, dtype=bool)) is None
    assert sample_entropy(np.array([]), np.array([], dtype=bool)) is None


@pytest.mark.parametrize(("noise", "expected"), [("white", 0.5), ("brown", 1.5)])
def test_dfa_of_known_noises(noise: str, expected: float) -> None:
    """Peng 1995: white noise 0.5, its running sum 1.5."""
    values = np.random.default_rng(1).standard_normal(20_000)
    values = values.cumsum() if noise == "brown" else values
    assert dfa_alpha([values], range(16, 65)) == pytest.approx(expected, abs=0.05)


def test_stretches_count_alike_and_are_not_joined() -> None:
    rng = np.random.default_rng(2)
    first, second = rng.standard_normal(640), rng.standard_normal(640) + 1000
    split = dfa_alpha([first, second], range(4, 13))
    assert split == pytest.approx(0.6, abs=0.1)  # a joined step of 1000 would drive it towards 2
    assert dfa_alpha([first[:10]], range(4, 13)) is None


def test_stress_index_by_hand() -> None:
    """Ten intervals: 7 in 800-849, median 820 ms, range 200 ms: √(70 / (2·0.82·0.2))."""
    values = np.array([700.0, 800, 805, 810, 820, 820, 830, 840, 860, 900])
    assert stress_index(values) == pytest.approx(math.sqrt(70 / (2 * 0.82 * 0.2)))
    assert stress_index(np.full(10, 800.0)) is None


def test_a_days_beats_need_no_more_than_memory_that_grows_with_them() -> None:
    """White noise, m = 2, r = 0.2: -ln P(|x - y| ≤ 0.2) = 2.185. All pairs of a day would be 5.8 thousand million."""
    values = np.random.default_rng(3).standard_normal(108_000)
    tracemalloc.start()
    try:
        entropy = sample_entropy(values, whole(values))
        most_mb = tracemalloc.get_traced_memory()[1] / 1e6
    finally:
        tracemalloc.stop()
    assert entropy == pytest.approx(2.185, abs=0.01)
    assert most_mb < 50
