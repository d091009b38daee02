"""Half a minute of intervals, beat by beat, around the one that is decided about."""

import numpy as np
import plotly.graph_objects as go

from biotune.analysis.strip import Beat, Strip
from dashboard import theme
from dashboard.figures import base
from dashboard.figures.tachogram import broken

HEIGHT_PX = 260
SPAN_S = 30.0
_LEAST_SPAN_MS = 300.0


def figure(strip: Strip, chosen: Beat) -> go.Figure:
    """Draw the strip.

    Parameters
    ----------
    strip : Strip
        Every beat.
    chosen : Beat
        The one in the middle, ringed.

    Returns
    -------
    plotly.graph_objects.Figure
        Session time in seconds, interval in ms; a click tells a beat's number as ``customdata``.
    """
    part = strip.around(chosen.time_s, SPAN_S)
    time_s, rr_ms, flagged = strip.time_s[part], strip.rr_ms[part], strip.flagged[part]
    joined = strip.joined[part]
    number = np.arange(len(strip))[part]
    drawn = base.empty(height_px=HEIGHT_PX)
    drawn.add_trace(
        go.Scatter(
            name="course",
            x=broken(time_s, strip.stretch[part]),
            y=broken(rr_ms, strip.stretch[part]),
            mode="lines",
            line={"color": theme.BEAT_LINE, "width": 1},
            connectgaps=False,
            hoverinfo="skip",
        )
    )
    for name, mask, symbol, colour in (
        ("used", ~flagged, "circle", theme.LINE),
        ("left out", flagged & ~joined, "x", theme.FLAGGED),
        ("added up", joined, "diamond", theme.FLAGGED),
    ):
        drawn.add_trace(
            go.Scatter(
                name=name,
                x=time_s[mask],
                y=rr_ms[mask],
                customdata=number[mask],
                mode="markers",
                marker={"color": colour, "symbol": symbol, "size": 9},
                hovertemplate=f"%{{x:.2f}} s: %{{y:.0f}} ms, {name}<extra></extra>",
            )
        )
    drawn.add_trace(
        go.Scatter(
            name="this beat",
            x=[chosen.time_s],
            y=[chosen.rr_ms],
            mode="markers",
            marker={"color": theme.CONNECTION, "symbol": "circle-open", "size": 20, "line": {"width": 2.5}},
            hoverinfo="skip",
        )
    )
    low, high = float(rr_ms.min()), float(rr_ms.max())
    middle, half = (low + high) / 2, max(high - low, _LEAST_SPAN_MS) * 0.58
    begin_s = chosen.time_s - SPAN_S / 2
    drawn.update_layout(
        xaxis=base.axis("Time in the session (seconds)", range=[begin_s, begin_s + SPAN_S]),
        yaxis=base.axis("Interval (ms)", range=[middle - half, middle + half]),
        clickmode="event",
    )
    return drawn
