"""Each phase's power spectrum over the three bands."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from biotune.analysis.portrait import DRAWN_UP_TO_HZ, Portrait
from dashboard import theme
from dashboard.figures import base

HEIGHT_PX = 360
BANDS = (("VLF", 0.0, 0.04), ("LF", 0.04, 0.15), ("HF", 0.15, 0.4))
_SHADES = ("rgba(125, 133, 144, 0.04)", "rgba(125, 133, 144, 0.16)", "rgba(125, 133, 144, 0.09)")


def figure(portraits: Sequence[Portrait]) -> go.Figure:
    """Draw the spectra over one another.

    Parameters
    ----------
    portraits : sequence of Portrait
        Those with a spectrum are drawn.

    Returns
    -------
    plotly.graph_objects.Figure
        Frequency in Hz, density in ms²/Hz; the axis can be made logarithmic.
    """
    drawn = base.empty(height_px=HEIGHT_PX)
    shown = [each for each in portraits if len(each.frequency_hz)]
    for each in shown:
        mark = theme.MARKS[each.phase.kind]
        title = base.label(theme.phase_title(each.phase))
        drawn.add_trace(
            go.Scatter(
                name=f"{mark.glyph} {title}",
                x=np.round(each.frequency_hz, 5),
                y=np.round(each.density, 2),
                mode="lines",
                line={"color": mark.colour, "width": 2.5, "dash": theme.DASHES[each.phase.kind]},
                hovertemplate=f"{title}: %{{y:,.0f}} ms²/Hz at %{{x:.3f}} Hz<extra></extra>",
            )
        )
    drawn.update_layout(
        shapes=[_shade(low, high, shade) for (_, low, high), shade in zip(BANDS, _SHADES, strict=True)],
        annotations=[_name(name, low, high) for name, low, high in BANDS],
        showlegend=True,
        legend=base.LEGEND,
        margin={"l": 52, "r": 12, "t": 42, "b": 44},
        xaxis=base.axis("Frequency (Hz)", range=[0, DRAWN_UP_TO_HZ]),
        yaxis=base.axis("Power density (ms²/Hz)", rangemode="tozero"),
    )
    return drawn


def _shade(low: float, high: float, colour: str) -> dict[str, object]:
    return {
        "type": "rect",
        "layer": "below",
        "x0": low,
        "x1": high,
        "y0": 0,
        "y1": 1,
        "yref": "paper",
        "fillcolor": colour,
        "line": {"width": 0},
    }


def _name(name: str, low: float, high: float) -> dict[str, object]:
    return {"text": name, "x": (low + high) / 2, "y": 1, "yref": "paper", "yanchor": "top", "showarrow": False}
