"""One metric in the same phases of two sessions."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from biotune.analysis.tachogram import Tachogram
from biotune.domain import Phase
from biotune.report.placing import Point
from dashboard import theme
from dashboard.figures import base, tachogram
from dashboard.figures.before_during_after import HEIGHT_PX, limits

_APART = 0.09  # between two marks of one phase
LOOKS = (
    {"colour": "#0f8fa3", "symbol": "circle", "dash": "solid", "glyph": "●"},
    {"colour": "#9a63c9", "symbol": "diamond-open", "dash": "dash", "glyph": "◇"},
)


@dataclass(frozen=True, slots=True)
class Course:
    """A session's heart rate, its time counted from the start of its first window."""

    name: str
    tachogram: Tachogram
    zero_s: float


def figure(key: str, unit: str, sessions: Sequence[tuple[str, Sequence[Point]]]) -> go.Figure:
    """Draw a metric's windows of two sessions in one place each.

    Parameters
    ----------
    key : str
        A metric's key; decides the axis' least span.
    unit : str
        Its unit, for the axis.
    sessions : sequence of (str, sequence of Point)
        Each session's name, and its windows in the order of time.
    """
    drawn = base.empty(height_px=HEIGHT_PX)
    kinds: list[str] = []
    for _, placed in sessions:
        kinds += [title for point in placed if (title := _place(point)) not in kinds]
    for number, ((name, placed), look) in enumerate(zip(sessions, LOOKS, strict=True)):
        shift = _APART * (2 * number - 1)
        drawn.add_trace(_marks([kinds.index(_place(point)) + shift for point in placed], placed, name, unit, look))
    everything = [point for _, placed in sessions for point in placed]
    drawn.update_layout(
        margin={"l": 44, "r": 8, "t": 8, "b": 40},
        xaxis=base.axis(
            "", tickvals=list(range(len(kinds))), ticktext=kinds, range=[-0.5, len(kinds) - 0.5], showgrid=False
        ),
        yaxis=base.axis(unit, range=list(limits(key, everything)), nticks=6),
    )
    return drawn


def _place(point: Point) -> str:
    return base.label(theme.title(point.phase.kind.value))


def _marks(places: list[float], placed: Sequence[Point], name: str, unit: str, look: dict[str, str]) -> go.Scatter:
    up = [0.0 if point.high is None else max(point.high - point.value, 0.0) for point in placed]
    down = [0.0 if point.low is None else max(point.value - point.low, 0.0) for point in placed]
    return go.Scatter(
        name=name,
        x=places,
        y=[point.value for point in placed],
        mode="lines+markers",
        line={"color": look["colour"], "width": 1.5, "dash": look["dash"]},
        marker={"color": look["colour"], "symbol": look["symbol"], "size": 12, "line": {"width": 2}},
        error_y={"type": "data", "symmetric": False, "array": up, "arrayminus": down, "thickness": 2, "width": 5},
        hovertemplate=f"{name}: %{{y:.1f}} {unit}<extra></extra>",
        cliponaxis=False,
    )


def courses(sessions: Sequence[Course], phases: Sequence[Phase]) -> go.Figure:
    """Draw the smoothed heart rate of two sessions over one another.

    Parameters
    ----------
    sessions : sequence of Course
        Two.
    phases : sequence of Phase
        The first session's, shaded.
    """
    drawn = base.empty(height_px=tachogram.HEIGHT_PX)
    for course, look in zip(sessions, LOOKS, strict=True):
        line = course.tachogram.thinned()
        drawn.add_trace(
            go.Scatter(
                name=f"{look['glyph']} {base.label(course.name)}",
                x=np.round((line.smooth_time_s - course.zero_s) / 60, 3),
                y=np.round(line.smooth_bpm, 2),
                mode="lines",
                line={"color": look["colour"], "width": 2.5, "dash": look["dash"]},
                connectgaps=False,
                hovertemplate="%{x:.1f} min: %{y:.0f} bpm<extra></extra>",
            )
        )
    zero_s = sessions[0].zero_s
    moved = [Phase(each.name, each.kind, each.activity, each.start_s - zero_s, each.end_s - zero_s) for each in phases]
    rates = np.concatenate([course.tachogram.smooth_bpm for course in sessions])
    low, high = tachogram.limits_bpm(rates[np.isfinite(rates)])
    drawn.update_layout(
        shapes=tachogram.shades(moved),
        showlegend=True,
        legend=base.LEGEND,
        margin={"l": 52, "r": 12, "t": 42, "b": 44},
        xaxis=base.axis("Minutes from the start of the first window", fixedrange=False),
        yaxis=base.axis("Heart rate (bpm)", range=[low, high]),
    )
    return drawn
