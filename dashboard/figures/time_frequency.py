"""How the spectrum went over time, as a map."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from biotune.analysis.portrait import TimeFrequency
from biotune.domain import Phase
from dashboard.figures import base

HEIGHT_PX = 320
_DECADES = 3.0  # below the highest: fainter is noise
# Even steps of lightness, so that it reads in grey and with any colour vision (Viridis, by its own authors' values).
_SCALE = [
    [0.0, "#440154"],
    [0.25, "#3b528b"],
    [0.5, "#21918c"],
    [0.75, "#5ec962"],
    [1.0, "#fde725"],
]
_EDGES_HZ = (0.04, 0.15, 0.4)


def figure(found: TimeFrequency, phases: Sequence[Phase]) -> go.Figure:
    """Draw the density as colour.

    Parameters
    ----------
    found : TimeFrequency
        From the closeup.
    phases : sequence of Phase
        Their edges are drawn.
    """
    told = np.log10(np.maximum(found.density, 1e-3))
    high = float(np.nanmax(told))
    ticks = np.arange(np.ceil(high - _DECADES), high + 1e-9)
    drawn = base.empty(height_px=HEIGHT_PX)
    drawn.add_trace(
        go.Heatmap(
            x=np.round(found.time_s / 60, 3),
            y=np.round(found.frequency_hz, 4),
            z=np.round(told, 2),
            zmin=high - _DECADES,
            zmax=high,
            colorscale=_SCALE,
            hoverongaps=False,
            hovertemplate="%{x:.1f} min, %{y:.3f} Hz: 10^%{z:.1f} ms²/Hz<extra></extra>",
            colorbar={
                "title": {"text": "ms²/Hz", "side": "right"},
                "tickvals": ticks,
                "ticktext": [f"{10**tick:,.0f}" for tick in ticks],
                "thickness": 12,
                "outlinewidth": 0,
            },
        )
    )
    drawn.update_layout(
        shapes=[*(_across(hz) for hz in _EDGES_HZ), *(_down(phase.start_s / 60) for phase in phases[1:])],
        xaxis=base.axis("Time in the session (minutes)", showgrid=False),
        yaxis=base.axis("Frequency (Hz)", showgrid=False, tickvals=[*_EDGES_HZ, 0.25, 0.5]),
    )
    return drawn


def _across(hz: float) -> dict[str, object]:
    line = {"color": "#ffffff", "width": 1, "dash": "dot"}
    return {"type": "line", "x0": 0, "x1": 1, "xref": "paper", "y0": hz, "y1": hz, "line": line}


def _down(minute: float) -> dict[str, object]:
    line = {"color": "#ffffff", "width": 1.5}
    return {"type": "line", "y0": 0, "y1": 1, "yref": "paper", "x0": minute, "x1": minute, "line": line}
