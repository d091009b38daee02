"""One metric in each window, with the interval of its change."""

import pytest

from biotune.analysis.results import Comparison
from biotune.domain import Phase
from dashboard.figures import before_during_after as drawing


def test_a_difference_is_carried_to_the_axis_by_adding(during: Comparison, comparison: Comparison) -> None:
    first, middle, last = drawing.points("mean_hr", [during, comparison])
    assert (first.value, first.low, first.high) == (79.0, None, None)
    assert (middle.value, middle.low, middle.high) == (69.0, 67.0, 71.0)
    assert (last.value, last.low, last.high) == (70.0, 68.0, 72.0)


def test_a_ratio_is_carried_to_the_axis_by_multiplying(during: Comparison) -> None:
    _, middle = drawing.points("rmssd", [during])
    assert (middle.value, middle.low, middle.high) == (34.0, 30.0, 38.0)


def test_a_metric_nobody_measured_has_no_points(during: Comparison) -> None:
    assert drawing.points("lf", [during]) == ()


def test_bars_shapes_and_unit_reach_the_figure(during: Comparison, comparison: Comparison) -> None:
    placed = drawing.points("rmssd", [during, comparison])
    figure = drawing.figure("rmssd", "ms", placed, ["Baseline", "Guided imagery", "Recovery"])
    assert figure.layout.yaxis.title.text == "ms"
    marks = figure.data[1:]
    assert [mark.marker.symbol for mark in marks] == ["circle", "diamond", "square"]
    assert len({mark.marker.color for mark in marks}) == 3
    assert (marks[1].error_y.array[0], marks[1].error_y.arrayminus[0]) == (4.0, 4.0)
    assert marks[0].error_y.array is None


def test_a_small_change_is_not_blown_up(phases: tuple[Phase, ...]) -> None:
    placed = [drawing.Point(phases[0], 70.0), drawing.Point(phases[2], 70.4)]
    low, high = drawing.figure("mean_hr", "bpm", placed, ["Baseline", "Recovery"]).layout.yaxis.range
    assert high - low >= 12


@pytest.mark.parametrize("value", [0.4, 3.0])
def test_no_axis_goes_below_nothing(phases: tuple[Phase, ...], value: float) -> None:
    figure = drawing.figure("rmssd", "ms", [drawing.Point(phases[0], value)], ["Baseline"])
    assert figure.layout.yaxis.range[0] == 0
