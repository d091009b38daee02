"""One metric in the baseline, the intervention and the recovery, with the interval of its change."""

from collections.abc import Sequence

import plotly.graph_objects as go

from biotune.report import placing
from biotune.report.placing import Point
from dashboard import theme
from dashboard.figures import base

HEIGHT_PX = 250
_LINE_PX = 15
# where a point stands is the same on a page and on paper
points, limits, decimals = placing.points, placing.limits, placing.decimals


def figure(key: str, unit: str, placed: Sequence[Point], titles: Sequence[str], *, decimals: int = 0) -> go.Figure:
    """Draw a metric's windows side by side.

    Parameters
    ----------
    key : str
        A metric's key; decides the axis' least span.
    unit : str
        Its unit, for the axis.
    placed : sequence of Point
        From `points`.
    titles : sequence of str
        The windows' names, one a point.
    decimals : int
        Of the values under the axis.
    """
    names = [base.label(title) for title in titles]
    under = ["<br>".join(placing.lines(name)) for name in names]
    below = _LINE_PX * max(0, *(lines.count("<br>") - 1 for lines in under)) if under else 0
    drawn = base.empty(height_px=HEIGHT_PX + below)
    places = list(range(len(placed)))
    # the value stands under the axis, where no line can run through it
    told = [f"<b>{p.value:.{decimals}f}</b><br>{lines}" for lines, p in zip(under, placed, strict=True)]
    drawn.add_trace(
        go.Scatter(
            x=places,
            y=[point.value for point in placed],
            mode="lines",
            line={"color": theme.CONNECTION, "dash": "dot", "width": 1.5},
            hoverinfo="skip",
        )
    )
    for place, point, title in zip(places, placed, names, strict=True):
        drawn.add_trace(_mark(place, point, title, unit))
    drawn.update_layout(
        margin={"l": 44, "r": 8, "t": 8, "b": 58 + below},
        xaxis=base.axis(
            "",
            tickvals=places,
            ticktext=told,
            tickangle=0,
            range=[-0.5, len(placed) - 0.5],
            showgrid=False,
        ),
        yaxis=base.axis(unit, range=list(limits(key, placed)), nticks=6),
    )
    return drawn


def _mark(place: int, point: Point, title: str, unit: str) -> go.Scatter:
    mark = theme.MARKS[point.phase.kind]
    bars = None
    told = ""
    if point.low is not None and point.high is not None:
        up, down = max(point.high - point.value, 0.0), max(point.value - point.low, 0.0)
        bars = {"type": "data", "symmetric": False, "array": [up], "arrayminus": [down], "thickness": 2, "width": 6}
        told = f"<br>95 % interval {point.low:.1f} to {point.high:.1f}"
    return go.Scatter(
        name=title,
        x=[place],
        y=[point.value],
        mode="markers",
        marker={"color": mark.colour, "symbol": mark.symbol, "size": 13, "line": {"width": 2, "color": mark.colour}},
        error_y=bars,
        hovertemplate=f"{title}: {point.value:.1f} {unit}{told}<extra></extra>",
        cliponaxis=False,
    )
