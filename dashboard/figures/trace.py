"""A metric in windows that slide along the session."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from biotune.analysis.series import FloatArray
from biotune.domain import Gap, Phase
from dashboard import theme
from dashboard.figures import base, tachogram

HEIGHT_PX = 250
_NARROW = 2.0  # it is drawn half as wide as the tachogram, and a name needs as much room


def figure(
    time_s: FloatArray, values: FloatArray, *, title: str, unit: str, phases: Sequence[Phase], gaps: Sequence[Gap]
) -> go.Figure:
    """Draw one metric against time; the line stops where a window has no value.

    Parameters
    ----------
    time_s, values : ndarray, shape (n_windows,)
        Middle of each window, and the metric there; NaN where it has none.
    title, unit : str
        The metric, for the axis.
    phases, gaps
        Shaded as in the tachogram.
    """
    start_s, end_s = tachogram.extent_s(time_s, phases, gaps)
    drawn = base.empty(height_px=HEIGHT_PX)
    drawn.add_trace(
        go.Scatter(
            name=title,
            x=np.round(time_s / 60, 3),
            y=np.round(values, 3),
            mode="lines",
            line={"color": theme.LINE, "width": 2.5},
            connectgaps=False,
            hovertemplate=f"%{{x:.1f}} min: %{{y:.1f}} {unit}<extra></extra>",
        )
    )
    drawn.update_layout(
        shapes=[*tachogram.shades(phases), *tachogram.gap_shapes(gaps)],
        annotations=tachogram.names(phases, _NARROW * (end_s - start_s)),
        xaxis=base.axis("Time in the session (minutes)", range=[start_s / 60, end_s / 60]),
        yaxis=base.axis(f"{title} ({unit})", range=list(_limits(values))),
    )
    return drawn


def _limits(values: FloatArray) -> tuple[float, float]:
    """From zero, so that a wobble does not look like a cliff, to all but the highest window in a hundred."""
    told = values[np.isfinite(values)]
    return 0.0, float(np.percentile(told, 99)) * 1.25 if len(told) else 1.0
