"""How many pairs of runs agree: against every pair looked at, and against NeuroKit2's count, to the last one."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biotune.analysis import matches

TICK_MS = 1000 / 1024


def by_definition(values: np.ndarray, starts: np.ndarray, radius: float) -> tuple[int, int]:
    """Every pair of runs, place by place: the largest difference is at most the radius."""
    agree = np.triu(np.ones((len(starts), len(starts)), dtype=bool), 1)
    counted = []
    for place in range(3):
        column = values[starts + place]
        agree &= np.abs(column[:, None] - column[None, :]) <= radius
        counted.append(int(np.count_nonzero(agree)))
    return counted[1], counted[2]


def in_small_blocks(values: np.ndarray, starts: np.ndarray, radius: float) -> tuple[int, int]:
    """So that a short series fills many, as a day does."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(matches, "_BLOCK", 64)
        patch.setattr(matches, "_ROWS", 7)
        return matches.count(values, starts, radius)


def made(kind: str, n: int, rng: np.random.Generator) -> np.ndarray:
    waves = 800 + 40 * np.sin(np.arange(n) / 5) + rng.normal(0, 15, n)
    return {
        "off the grid": waves,
        "strap": np.round(waves / TICK_MS) * TICK_MS,
        "milliseconds": np.round(waves),
        "few values": rng.integers(0, 4, n) * 10.0,
        "constant": np.full(n, 812.5),
        "outliers": np.where(rng.random(n) < 0.03, 1e6, waves),
        "about zero": (waves - 800) * np.where(rng.random(n) < 0.5, 1e-16, 1.0),
        "two levels": np.repeat([600.0, 1200.0], [n // 2, n - n // 2]) + rng.integers(0, 3, n),
    }[kind]


KINDS = (
    "off the grid",
    "strap",
    "milliseconds",
    "few values",
    "constant",
    "outliers",
    "about zero",
    "two levels",
)


@pytest.mark.parametrize("kind", KINDS)
@given(n=st.integers(3, 400), seed=st.integers(0, 2**32 - 1), data=st.data())
@settings(max_examples=25, deadline=None)
def test_every_pair_is_counted_once(kind: str, n: int, seed: int, data: st.DataObject) -> None:
    rng = np.random.default_rng(seed)
    values = made(kind, n, rng)
    holes = rng.random(n - 2) < data.draw(st.sampled_from([0.0, 0.1, 0.6]))
    starts = np.flatnonzero(~holes)
    some = rng.choice(values, 2)
    radius = data.draw(st.sampled_from([0.2 * float(np.std(values, ddof=1)), float(abs(some[0] - some[1])), 0.0, 1e7]))
    if len(starts):
        expected = by_definition(values, starts, radius)
        assert matches.count(values, starts, radius) == expected
        assert in_small_blocks(values, starts, radius) == expected


@given(st.lists(st.floats(-2000, 2000), min_size=3, max_size=30), st.data())
@settings(max_examples=200, deadline=None)
def test_a_difference_that_is_the_radius_agrees_however_it_is_rounded(values: list[float], data: st.DataObject) -> None:
    a, b = data.draw(st.sampled_from(list(itertools.combinations(values, 2))))
    series, radius = np.array(values), abs(a - b)
    starts = np.arange(len(values) - 2)
    for near in (radius, np.nextafter(radius, 0), np.nextafter(radius, np.inf)):
        assert matches.count(series, starts, float(near)) == by_definition(series, starts, float(near))


@pytest.mark.parametrize(
    ("low", "high", "radius", "agree"),
    [(0.2, 0.9, 0.7, 1), (0.1, 0.4, 0.3, 0)],  # as a processor rounds them
)
def test_the_difference_decides_not_a_sum_that_is_rounded(low: float, high: float, radius: float, agree: int) -> None:
    assert (low + radius >= high) is not bool(agree)
    values = np.array([low, low, low, high, high, high])
    assert matches.count(values, np.array([0, 3]), radius) == (agree, agree)


@pytest.mark.parametrize("kind", ["off the grid", "strap", "two levels"])
def test_hours_of_beats_have_neurokit2s_count(kind: str) -> None:
    import neurokit2 as nk

    values = made(kind, 12_000, np.random.default_rng(5))
    radius = 0.2 * float(np.std(values, ddof=1))
    _, info = nk.entropy_sample(values, delay=1, dimension=2, tolerance=radius)
    runs = len(values) - 2
    theirs = tuple(round(share * (runs - 1) * runs / 2) for share in info["phi"])
    assert matches.count(values, np.arange(runs), radius) == theirs
