"""Heart rate through the session: what is drawn, and what must not be."""

from dataclasses import replace

import numpy as np
import plotly.graph_objects as go
import pytest

from biotune.analysis.played import Play
from biotune.analysis.tachogram import Tachogram
from biotune.domain import Gap, Phase, PhaseKind
from dashboard.figures import tachogram as drawing


@pytest.fixture
def drawn(tachogram: Tachogram, phases: tuple[Phase, ...], gap: Gap) -> go.Figure:
    return drawing.figure(tachogram, phases, [gap])


def test_no_line_crosses_a_gap(drawn: go.Figure) -> None:
    beats = drawn.data[0]
    assert beats.connectgaps is False
    # four good beats, nothing, then five: the flagged one is left out of the line
    assert np.isnan(beats.y).tolist() == [False] * 4 + [True] + [False] * 5
    assert np.isnan(beats.x[4])


def test_the_smoothed_line_keeps_its_holes(drawn: go.Figure) -> None:
    smoothed = drawn.data[1]
    assert smoothed.connectgaps is False
    assert np.isnan(smoothed.y[2])


def test_axes_carry_units_and_start_where_the_session_does(drawn: go.Figure) -> None:
    assert "minutes" in drawn.layout.xaxis.title.text
    assert "bpm" in drawn.layout.yaxis.title.text
    assert tuple(drawn.layout.xaxis.range) == (0.0, 25.0)


def test_a_flagged_beat_is_in_view_and_tells_what_it_read(drawn: go.Figure) -> None:
    flagged = drawn.data[2]
    low, high = drawn.layout.yaxis.range
    assert list(flagged.customdata) == [180.0]
    assert low < flagged.y[0] < high < 180


def test_every_phase_is_shaded_and_named_with_its_shape(drawn: go.Figure) -> None:
    shades = [(shape.x0, shape.x1) for shape in drawn.layout.shapes[:3]]
    assert shades == [(0, 5), (5, 20), (20, 25)]
    assert [note.text for note in drawn.layout.annotations[:3]] == ["● Baseline", "◆ Guided imagery", "■ Recovery"]


def test_a_phase_named_like_a_link_is_not_one(tachogram: Tachogram) -> None:
    phase = Phase('<a href="http://evil.example">x', PhaseKind.OTHER, None, 0.0, 600.0)
    drawn = drawing.figure(tachogram, [phase], [])
    assert "<a" not in drawn.layout.annotations[0].text


def test_the_gap_is_marked_in_its_minute(drawn: go.Figure) -> None:
    assert (drawn.layout.shapes[3].x0, drawn.layout.shapes[3].x1) == (10, 11)


def test_the_windows_compared_are_marked(tachogram: Tachogram, phases: tuple[Phase, ...]) -> None:
    last = replace(phases[1], start_s=900.0)
    bars = drawing.figure(tachogram, phases, [], [phases[0], last]).layout.shapes[3:]
    assert [(bar.x0, bar.x1) for bar in bars] == [(0, 5), (15, 20)]


def test_a_quiet_heart_does_not_fill_the_whole_axis() -> None:
    low, high = drawing.limits_bpm(np.array([60.0, 61.0, 62.0]))
    assert high - low > 20


def test_a_recording_without_beats_still_has_a_figure() -> None:
    nothing = np.empty(0)
    empty = Tachogram(nothing, nothing, np.empty(0, int), np.empty(0, bool), nothing, nothing)
    drawn = drawing.figure(empty, [Phase("whole", PhaseKind.WHOLE, None, 0.0, 60.0)], [])
    assert tuple(drawn.layout.xaxis.range) == (0.0, 1.0)


def test_pieces_that_sound_together_lie_over_one_another_neither_as_bars_nor_as_names(
    tachogram: Tachogram, phases: tuple[Phase, ...]
) -> None:
    plays = [Play("a", "River", 300, 900), Play("live:b", "Guitar", 500, 1100), Play("c", "Wood", 900, 1200)]
    drawn = drawing.figure(tachogram, phases, [], plays=plays)
    bars = [(bar.x0, bar.x1, bar.y0, bar.y1) for bar in drawn.layout.shapes if 0.03 < bar.y0 < 0.5]
    assert len(bars) == 3
    for index, (from_min, to_min, low, high) in enumerate(bars):
        for other in bars[index + 1 :]:
            assert to_min <= other[0] or other[1] <= from_min or high <= other[2] or other[3] <= low
    heights = {note.text: note.y for note in drawn.layout.annotations if note.text.startswith("♪")}
    assert heights["♪ River"] == heights["♪ Wood"] < heights["♪ Guitar"]
    lowest, highest = drawn.layout.yaxis.range
    beats = drawn.data[0].y
    assert (np.nanmin(beats) - lowest) / (highest - lowest) > max(bar[3] for bar in bars)  # the line is above them
