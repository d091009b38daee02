"""A strip of ECG, with its R peaks."""

import numpy as np
import plotly.graph_objects as go

from biotune.analysis.frames import Samples
from biotune.analysis.series import FloatArray
from dashboard import theme
from dashboard.figures import base
from dashboard.figures.tachogram import broken

HEIGHT_PX = 300
STRIP_S = 10.0  # as on paper: a dozen beats, each wave to be seen
_LEAST_SPAN_MV = 1.0  # a flat signal stays flat


def figure(samples: Samples, peak_s: FloatArray, start_s: float) -> go.Figure:
    """Draw ten seconds.

    Parameters
    ----------
    samples : Samples
        Of an ECG, µV.
    peak_s : ndarray, shape (n_peaks,)
        Session time of each R peak.
    start_s : float
        Where the strip begins.

    Returns
    -------
    plotly.graph_objects.Figure
        Session time in seconds, millivolt; nothing is drawn where samples are missing.
    """
    first, end = np.searchsorted(samples.time_s, [start_s, start_s + STRIP_S])
    time_s, millivolt = samples.time_s[first:end], samples.values[first:end] / 1000
    peaks = peak_s[(peak_s >= start_s) & (peak_s < start_s + STRIP_S)]
    stretch = samples.stretch[first:end]
    drawn = base.empty(height_px=HEIGHT_PX)
    drawn.add_trace(
        go.Scatter(
            name="ECG",
            x=broken(time_s, stretch),
            y=broken(millivolt, stretch),
            mode="lines",
            line={"color": theme.LINE, "width": 1.5},
            connectgaps=False,
            hovertemplate="%{x:.2f} s: %{y:.2f} mV<extra></extra>",
        )  # fmt: skip - a trace's properties read as one
    )
    low, high = _limits(millivolt)
    drawn.add_trace(
        go.Scatter(
            name="R peak",
            x=peaks,
            y=np.full(len(peaks), high),
            mode="markers",
            marker={"color": theme.FLAGGED, "symbol": "triangle-down", "size": 9},
            hovertemplate="R peak at %{x:.3f} s<extra></extra>",
        )  # fmt: skip - as above
    )
    drawn.update_layout(
        xaxis=base.axis("Time in the session (seconds)", range=[start_s, start_s + STRIP_S]),
        yaxis=base.axis("ECG (mV)", range=[low, high + 0.06 * (high - low)]),
    )
    return drawn


def _limits(millivolt: FloatArray) -> tuple[float, float]:
    """Return the axis' ends, with room for the marks."""
    low, high = (float(millivolt.min()), float(millivolt.max())) if len(millivolt) else (0.0, 0.0)
    middle, half = (low + high) / 2, max(high - low, _LEAST_SPAN_MV) * 0.55
    return middle - half, middle + half
