"""A strip of ECG with its R peaks, and the whole of it in small."""

import numpy as np
import plotly.graph_objects as go

from biotune.analysis.pyramid import View
from biotune.analysis.series import FloatArray
from biotune.library import EcgStrip
from dashboard import theme
from dashboard.figures import base

HEIGHT_PX = 320
WHOLE_PX = 110
_LEAST_SPAN_MV = 1.0  # a flat signal stays flat


def figure(strip: EcgStrip, start_s: float, span_s: float) -> go.Figure:
    """Draw a strip; what lies beside it is there already, so that it can be dragged.

    Parameters
    ----------
    strip : EcgStrip
        As `EcgStrips.strip` returns it.
    start_s, span_s : float
        Where the strip begins, and how long it is, seconds.

    Returns
    -------
    plotly.graph_objects.Figure
        Session time in seconds, millivolt; nothing is drawn where samples are missing.
    """
    view, drawn = strip.view, base.empty(height_px=HEIGHT_PX)
    millivolt = np.round(view.values / 1000, 3)
    drawn.add_trace(
        go.Scatter(
            name="ECG",
            x=np.round(view.time_s, 4),
            y=millivolt,
            mode="lines",
            line={"color": theme.LINE, "width": 1.5 if view.whole else 1},
            connectgaps=False,
            hovertemplate="%{x:.2f} s: %{y:.2f} mV<extra></extra>",
        )  # fmt: skip - a trace's properties read as one
    )
    inside = (view.time_s >= start_s) & (view.time_s <= start_s + span_s)
    low, high = _limits(millivolt[inside])
    drawn.add_trace(
        go.Scatter(
            name="R peak",
            x=np.round(strip.peak_s, 3),
            y=np.full(len(strip.peak_s), high),
            mode="markers",
            marker={"color": theme.FLAGGED, "symbol": "triangle-down", "size": 9},
            hovertemplate="R peak at %{x:.3f} s<extra></extra>",
        )  # fmt: skip - as above
    )
    drawn.update_layout(
        dragmode="pan",
        xaxis=base.axis("Time in the session (seconds)", range=[start_s, start_s + span_s], fixedrange=False),
        yaxis=base.axis("ECG (mV)", range=[low, high + 0.06 * (high - low)]),
    )
    return drawn


def whole(view: View, start_s: float, span_s: float) -> go.Figure:
    """Draw the whole ECG in small, with the strip's place in it.

    Parameters
    ----------
    view : View
        Of everything.
    start_s, span_s : float
        The strip.
    """
    millivolt = view.values / 1000
    low, high = _limits(millivolt)
    drawn = base.empty(height_px=WHOLE_PX)
    drawn.add_trace(
        go.Scatter(
            name="ECG",
            x=np.round(view.time_s / 60, 4),
            y=np.round(millivolt, 2),
            mode="lines",
            line={"color": theme.BEAT_LINE, "width": 1},
            connectgaps=False,
            hovertemplate="%{x:.1f} min<extra></extra>",
        )
    )
    drawn.update_layout(
        margin={"l": 52, "r": 12, "t": 4, "b": 36},
        shapes=[place(start_s, span_s)],
        xaxis=base.axis("Minutes"),
        yaxis=base.axis("", range=[low, high], showticklabels=False, showgrid=False),
        clickmode="event",
    )
    return drawn


def place(start_s: float, span_s: float) -> dict[str, object]:
    """Return the strip's place in the whole, as a shape."""
    return {
        "type": "rect",
        "x0": start_s / 60,
        "x1": (start_s + span_s) / 60,
        "y0": 0,
        "y1": 1,
        "yref": "paper",
        "fillcolor": "rgba(201, 112, 26, 0.25)",
        "line": {"width": 1.5, "color": theme.FLAGGED},
    }


def _limits(millivolt: FloatArray) -> tuple[float, float]:
    """Return the axis' ends, with room for the marks."""
    told = millivolt[np.isfinite(millivolt)]
    low, high = (float(told.min()), float(told.max())) if len(told) else (0.0, 0.0)
    middle, half = (low + high) / 2, max(high - low, _LEAST_SPAN_MV) * 0.55
    return middle - half, middle + half
