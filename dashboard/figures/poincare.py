"""Each interval against the one before, with the ellipse of SD1 and SD2."""

from collections.abc import Iterable, Sequence

import numpy as np
import plotly.graph_objects as go

from biotune.analysis.portrait import Cloud, Portrait
from dashboard import theme
from dashboard.figures import base

HEIGHT_PX = 420
_ROOM = 0.04  # of the span, on either side


def figure(portraits: Sequence[Portrait]) -> go.Figure:
    """Draw the clouds of all phases on one pair of equal axes.

    Parameters
    ----------
    portraits : sequence of Portrait
        Those with a cloud are drawn.

    Returns
    -------
    plotly.graph_objects.Figure
        Both axes in ms.
    """
    drawn = base.empty(height_px=HEIGHT_PX)
    shown = [(each, each.cloud) for each in portraits if each.cloud]
    for each, cloud in shown:
        for trace in _traces(each, cloud):
            drawn.add_trace(trace)
    ends = list(_limits([cloud for _, cloud in shown]))
    drawn.update_layout(
        showlegend=True,
        legend=base.LEGEND,
        margin={"l": 56, "r": 12, "t": 42, "b": 44},
        shapes=[
            {
                "type": "line",
                "layer": "below",
                "x0": ends[0],
                "y0": ends[0],
                "x1": ends[1],
                "y1": ends[1],
                "line": {"color": theme.CONNECTION, "width": 1, "dash": "dot"},
            }
        ],
        xaxis=base.axis("One interval (ms)", range=ends),
        yaxis=base.axis("The next interval (ms)", range=ends, scaleanchor="x", constrain="domain"),
    )
    return drawn


def _traces(portrait: Portrait, cloud: Cloud) -> Iterable[go.Scattergl | go.Scatter]:
    mark = theme.MARKS[portrait.phase.kind]
    title = base.label(theme.phase_title(portrait.phase))
    yield go.Scatter(
        name=f"{mark.glyph} {title}",
        legendgroup=portrait.phase.name,
        x=np.round(cloud.first_ms, 1),
        y=np.round(cloud.next_ms, 1),
        mode="markers",
        marker={"color": mark.colour, "symbol": mark.symbol, "size": 4, "opacity": 0.45},
        hovertemplate=f"{title}: %{{x:.0f}} ms, then %{{y:.0f}} ms<extra></extra>",
    )
    yield go.Scatter(
        name=f"{title}: ellipse",
        legendgroup=portrait.phase.name,
        showlegend=False,
        x=np.round(cloud.ellipse_first_ms, 1),
        y=np.round(cloud.ellipse_next_ms, 1),
        mode="lines",
        line={"color": mark.colour, "width": 2.5, "dash": theme.DASHES[portrait.phase.kind]},
        hovertemplate=f"{title}: SD1 {cloud.sd1_ms:.1f} ms, SD2 {cloud.sd2_ms:.1f} ms<extra></extra>",
    )


def _limits(clouds: Sequence[Cloud]) -> tuple[float, float]:
    """All but the outermost two in a thousand points, the ellipses, and a little room."""
    if not clouds:
        return 600.0, 1200.0
    points = np.concatenate([values for cloud in clouds for values in (cloud.first_ms, cloud.next_ms)])
    ellipses = np.concatenate(
        [values for cloud in clouds for values in (cloud.ellipse_first_ms, cloud.ellipse_next_ms)]
    )
    low, high = (float(limit) for limit in np.percentile(points, [0.1, 99.9]))
    low, high = min(low, float(ellipses.min())), max(high, float(ellipses.max()))
    room = _ROOM * (high - low)
    return low - room, high + room
