"""A long signal looked at from afar: no peak is lost, no gap is bridged, and little is moved."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from biotune.analysis import pyramid
from biotune.analysis.frames import Samples


def _samples(begin_s: float, values: np.ndarray, *, rate_hz: float = 130.0) -> Samples:
    time_s = begin_s + np.arange(len(values)) / rate_hz
    stretch = np.zeros(len(values), dtype=np.int64)
    return Samples(time_s, values.astype(float), stretch, rate_hz, fitted=True, rejected=0)


def test_every_sample_is_where_it_was() -> None:
    values = np.arange(1000) % 300
    built = pyramid.build([_samples(5.0, values)])
    assert built is not None
    view = built.view(0.0, 100.0)
    assert view.whole
    np.testing.assert_allclose(view.time_s, 5.0 + np.arange(1000) / 130, atol=1e-9)
    np.testing.assert_array_equal(view.values, values)


def test_a_single_high_sample_of_a_whole_day_is_in_view() -> None:
    values = np.zeros(130 * 3600, dtype=np.int64)
    values[123_456] = 900
    built = pyramid.build([_samples(0.0, values)])
    assert built is not None
    view = built.view(0.0, 3600.0)
    assert not view.whole
    assert len(view.values) <= pyramid.MOST_POINTS + 2
    highest = int(np.nanargmax(view.values))
    assert view.values[highest] == 900
    assert view.time_s[highest] == pytest.approx(123_456 / 130, abs=3600 / pyramid.MOST_POINTS * 4)


@pytest.mark.parametrize("most", [10_000, 60])
def test_no_line_is_drawn_across_a_gap(most: int) -> None:
    parts = [_samples(0.0, np.full(1300, 100)), _samples(20.0, np.full(1300, 200))]
    built = pyramid.build(parts)
    assert built is not None
    view = built.view(0.0, 40.0, most=most)
    breaks = np.flatnonzero(np.isnan(view.values))
    assert len(breaks) == 1
    assert view.time_s[breaks[0] - 1] < 10.5
    assert view.time_s[breaks[0] + 2] > 19.5


def test_parts_that_follow_at_once_are_one_stretch() -> None:
    first = _samples(0.0, np.full(1300, 100))
    built = pyramid.build([first, _samples(float(first.time_s[-1]) + 1 / 130, np.full(1300, 200))])
    assert built is not None
    assert not np.isnan(built.view(0.0, 40.0).values).any()
    assert len(built.begins) == 1


def test_nothing_has_no_pyramid_and_a_view_beside_it_is_empty() -> None:
    assert pyramid.build([]) is None
    built = pyramid.build([_samples(0.0, np.zeros(2000))])
    assert built is not None
    assert not len(built.view(1e6, 2e6).values)
    assert built.samples(1e6, 2e6) is None


@given(
    st.lists(st.integers(-30_000, 30_000), min_size=2, max_size=3000),
    st.floats(-5, 30),
    st.floats(0.01, 40),
    st.integers(8, 400),
)
def test_a_view_has_the_extremes_of_what_it_covers(values: list[int], start_s: float, span_s: float, most: int) -> None:
    built = pyramid.build([_samples(0.0, np.array(values))])
    assert built is not None
    view = built.view(start_s, start_s + span_s, most=most)
    time_s = np.arange(len(values)) / 130
    inside = np.array(values)[(time_s >= start_s) & (time_s < start_s + span_s)]
    if len(inside):
        assert np.nanmax(view.values) >= inside.max()
        assert np.nanmin(view.values) <= inside.min()
        assert np.all(np.diff(view.time_s[np.isfinite(view.time_s)]) >= 0)
