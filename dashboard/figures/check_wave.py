"""The beats of a signal check: each interval, so that a person sees what was counted."""

from collections.abc import Sequence

import plotly.graph_objects as go

from dashboard import theme
from dashboard.figures import base

HEIGHT_PX = 180


def figure(wave: Sequence[Sequence[float]]) -> go.Figure:
    """Draw intervals against time.

    Parameters
    ----------
    wave : sequence of (float, float)
        Seconds since the check began, and the interval that ends there, milliseconds.
    """
    drawn = base.empty(height_px=HEIGHT_PX)
    drawn.add_trace(
        go.Scatter(
            x=[time_s for time_s, _ in wave],
            y=[rr_ms for _, rr_ms in wave],
            mode="lines+markers",
            line={"color": theme.LINE, "width": 1.5},
            marker={"size": 5},
            hovertemplate="%{y:.0f} ms<extra></extra>",
        )
    )
    drawn.update_layout(xaxis=base.axis("Seconds"), yaxis=base.axis("Interval (ms)"))
    return drawn
