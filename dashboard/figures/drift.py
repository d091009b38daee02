"""A change beside what the client's quiet rest does between the same windows."""

import math

import plotly.graph_objects as go

from biotune.analysis.quiet_rest import BesideRest
from biotune.analysis.results import Change
from biotune.domain import ChangeKind
from dashboard import theme
from dashboard.figures import base

HEIGHT_PX = 210
ROWS = ("This session", "Quiet rest", "Difference")
_LEAST = {"mean_hr": 6.0, "rmssd": math.log(1.5), "breathing_rate": 3.0}


def figure(key: str, unit: str, change: Change, beside: BesideRest) -> go.Figure:
    """Draw the session's change, the client's quiet rest under it, and the difference of the two.

    Parameters
    ----------
    key, unit : str
        A headline metric, and its unit for the axis.
    change : Change
        Of the music session; with an interval.
    beside : BesideRest
        The same metric at quiet rest.
    """
    ratio = change.kind is ChangeKind.RATIO
    drawn = base.empty(height_px=HEIGHT_PX)
    rows = [
        (ROWS[0], change.estimate, change.low, change.high, theme.LINE, "diamond"),
        (ROWS[1], beside.drift.estimate, beside.drift.low, beside.drift.high, "#6d84a3", "circle-open"),
    ]
    if beside.beyond:
        left = beside.beyond
        rows.append((ROWS[2], left.estimate, left.low, left.high, "#9a63c9", "square"))
    drawn.add_trace(
        go.Scatter(
            x=list(beside.each),
            y=[ROWS[1]] * len(beside.each),
            mode="markers",
            marker={"symbol": "line-ns-open", "size": 11, "color": "#6d84a3"},
            hovertemplate="one quiet-rest session: %{x:.2f}<extra></extra>",
        )
    )
    ends = [*beside.each]
    for name, value, low, high, colour, symbol in rows:
        if value is None or low is None or high is None:
            continue
        drawn.add_trace(_row(name, (value, low, high), colour, symbol, ratio=ratio))
        ends += [low, high]
    drawn.add_vline(x=1 if ratio else 0, line={"color": theme.CONNECTION, "width": 1.5, "dash": "dot"})
    drawn.update_layout(
        margin={"l": 96, "r": 16, "t": 8, "b": 44},
        xaxis=_axis(key, unit, ends, ratio=ratio),
        yaxis=base.axis("", categoryorder="array", categoryarray=list(reversed(ROWS)), range=[-0.6, 2.6]),
    )
    return drawn


def _row(name: str, told: tuple[float, float, float], colour: str, symbol: str, *, ratio: bool) -> go.Scatter:
    value, low, high = told
    times, decimals = ("×", 2) if ratio else ("", 1)
    return go.Scatter(
        x=[value],
        y=[name],
        mode="markers",
        marker={"symbol": symbol, "size": 12, "color": colour, "line": {"width": 2, "color": colour}},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [high - value],
            "arrayminus": [value - low],
            "color": colour,
            "thickness": 2,
            "width": 6,
        },
        hovertemplate=f"{name}: {times}{value:.{decimals}f}, 95 % interval {low:.{decimals}f} to {high:.{decimals}f}"
        "<extra></extra>",
        cliponaxis=True,
    )


def _axis(key: str, unit: str, ends: list[float], *, ratio: bool) -> dict[str, object]:
    reach = [abs(math.log(end)) for end in ends] if ratio else map(abs, ends)
    furthest = max([_LEAST[key], *reach]) * 1.08
    return base.axis_of_changes(unit, furthest / math.log(10) if ratio else furthest, nticks=4, ratio=ratio)
