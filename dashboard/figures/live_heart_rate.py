"""Heart rate of the last three minutes, grown point by point in the browser."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import plotly.graph_objects as go

from biotune.live import Point
from dashboard import theme
from dashboard.figures import base

HEIGHT_PX = 320
MOST_POINTS = 185  # three minutes, with what marks a gap
LEAST_S = 60.0  # of the time axis, so that the first beats do not lie minutes apart; `assets/live_axis.js`
_USUAL_BPM = [55, 95]  # always in view, so that a few beats more or less do not fill the height


def figure(points: Sequence[Point], now_s: float = 0.0) -> go.Figure:
    """Draw heart rate against the time in the session.

    Parameters
    ----------
    points : sequence of Point
        The line breaks where one has no rate.
    now_s : float
        The time in the session, where nothing was heard yet.
    """
    first_s = points[0].time_s if points else now_s
    begins = not points or points[-1].time_s - first_s < LEAST_S
    across = {"range": [_as_date(first_s), _as_date(first_s + LEAST_S)], "autorange": False} if begins else {}
    up = {} if points else {"range": list(_USUAL_BPM), "autorange": False}
    drawn = base.empty(height_px=HEIGHT_PX)
    drawn.add_trace(
        go.Scatter(
            name="heart rate",
            **_coordinates(points),
            mode="lines",
            line={"color": theme.LINE, "width": 3, "shape": "linear"},
            connectgaps=False,
            hovertemplate="%{y:.0f} bpm<extra></extra>",
        )
    )
    # session time as a date since 1970, which plotly writes as hours, minutes and seconds
    drawn.update_layout(
        xaxis=base.axis("Time in the session", type="date", tickformat="%-H:%M:%S", nticks=6, **across),
        yaxis=base.axis("Heart rate (bpm)", autorangeoptions={"include": _USUAL_BPM}, **up),
        uirevision="live",
        margin_t=30,  # where `assets/sitting.js` writes the phases' names
    )
    return drawn


def extension(points: Sequence[Point]) -> list[Any]:
    """Return what `extendData` adds to the figure."""
    return [{axis: [values] for axis, values in _coordinates(points).items()}, [0], MOST_POINTS]


def _coordinates(points: Sequence[Point]) -> dict[str, list[Any]]:
    return {"x": [_as_date(point.time_s) for point in points], "y": [point.bpm for point in points]}


def _as_date(time_s: float) -> str:
    """Return a session time as plotly's dates are written: as a number, 1970 would be a year."""
    return datetime.fromtimestamp(time_s, tz=UTC).isoformat(timespec="milliseconds").removesuffix("+00:00")
