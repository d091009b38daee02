"""Many clients: each one's line from before to after, and the mean change of every approach."""

import html
import math
import textwrap
from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from biotune.analysis import cohort_words
from biotune.analysis.cohort import ClientLine, PairedChange
from biotune.domain import ChangeKind
from dashboard import theme
from dashboard.figures import base
from dashboard.figures.progress import mark

HEIGHT_PX = 320
ROW_PX = 44
_WIDEST = 16  # characters in a line of a title
_GAP = 2.0  # from one approach to the next; before and after are 1 apart
_MOST_TICKS = 6


def lines(unit: str, clients: Sequence[ClientLine], means: Mapping[str, PairedChange]) -> go.Figure:
    """Draw each client's line, thin, and the mean of the clients, thick, approach beside approach.

    Parameters
    ----------
    unit : str
        The metric's unit, for the axis.
    clients : sequence of ClientLine
        One metric's.
    means : mapping of str to PairedChange
        The same metric's, by approach.
    """
    drawn = base.empty(height_px=HEIGHT_PX)
    for number, (approach, mean) in enumerate(means.items()):
        start = number * (1 + _GAP)
        for each in (line for line in clients if line.approach == approach):
            drawn.add_trace(
                go.Scatter(
                    x=[start, start + 1],
                    y=[each.before, each.after],
                    mode="lines",
                    line={"color": theme.BEAT_LINE, "width": 1},
                    hovertemplate=f"{base.label(each.client)}: %{{y:.1f}} {unit}<extra></extra>",
                )
            )
        style = mark(approach)
        drawn.add_trace(
            go.Scatter(
                x=[start, start + 1],
                y=[mean.before, mean.after],
                mode="lines+markers",
                line={"color": style.colour, "width": 3},
                marker={"symbol": style.symbol, "size": 12, "color": style.colour, "line": {"width": 2}},
                hovertemplate=f"Mean: %{{y:.1f}} {unit}<extra></extra>",
            )
        )
    ticks = [number * (1 + _GAP) + end for number in range(len(means)) for end in (0, 1)]
    for number, approach in enumerate(means):
        drawn.add_annotation(
            x=number * (1 + _GAP) + 0.5, y=1, yref="paper", yanchor="bottom", text=_title(approach), showarrow=False
        )  # fmt: skip - one annotation
    drawn.update_layout(
        margin={"t": 52},
        xaxis=base.axis(
            "In each pair: before → after",
            tickvals=ticks,
            ticktext=[""] * len(ticks),
            range=[-0.7, ticks[-1] + 0.7] if ticks else [0, 1],
            showgrid=False,
        ),
        yaxis=base.axis(unit, nticks=6),
    )
    return drawn


def changes(means: Mapping[str, PairedChange]) -> go.Figure:
    """Draw the mean change of each approach with its 95 % interval; the line is no change.

    Parameters
    ----------
    means : mapping of str to PairedChange
        One metric's, by approach.
    """
    drawn = base.empty(height_px=90 + ROW_PX * len(means))
    shown = list(means.items())
    kind, unit = shown[0][1].kind, shown[0][1].unit
    for place, (approach, mean) in enumerate(shown):
        drawn.add_trace(_dot(place, approach, mean))
    ratio = kind is ChangeKind.RATIO
    drawn.add_vline(x=1 if ratio else 0, line={"color": theme.CONNECTION, "width": 1.5, "dash": "dot"})
    ends = [end for _, mean in shown for end in (mean.estimate, mean.low, mean.high) if end is not None]
    drawn.update_layout(
        yaxis=base.axis(
            "",
            tickvals=list(range(len(shown))),
            ticktext=[_title(approach) for approach, _ in shown],
            range=[len(shown) - 0.5, -0.5],
            showgrid=False,
        ),
        xaxis=_of_ratio(ends) if ratio else base.axis(f"Change ({unit})", nticks=6),
    )
    return drawn


def _dot(place: int, approach: str, mean: PairedChange) -> go.Scatter:
    style, bars, told = mark(approach), None, ""
    if mean.low is not None and mean.high is not None:
        up, down = mean.high - mean.estimate, mean.estimate - mean.low
        bars = {"type": "data", "symmetric": False, "array": [up], "arrayminus": [down], "thickness": 2, "width": 6}
        told = f"<br>95 % interval {cohort_words.interval(mean.kind, mean.low, mean.high)}"
    change = cohort_words.amount(mean.kind, mean.unit, mean.estimate)
    return go.Scatter(
        x=[mean.estimate],
        y=[place],
        mode="markers",
        marker={"color": style.colour, "symbol": style.symbol, "size": 13, "line": {"width": 2, "color": style.colour}},
        error_x=bars,
        hovertemplate=f"{base.label(cohort_words.approach_title(approach))}: {change}{told}<extra></extra>",
    )


def _title(approach: str) -> str:
    """Write an approach in short lines."""
    return "<br>".join(html.escape(line) for line in textwrap.wrap(cohort_words.approach_title(approach), _WIDEST))


def _of_ratio(ends: Sequence[float]) -> dict[str, object]:
    """Halving and doubling lie equally far from no change, and no change is always there."""
    low, high = min([*ends, 1 / 1.2]) / 1.05, max([*ends, 1.2]) * 1.05
    ticks = base.ratio_ticks(low, high, _MOST_TICKS)
    return base.axis(
        "Change (after ÷ before)",
        type="log",
        range=[math.log10(low), math.log10(high)],
        tickvals=ticks,
        ticktext=[f"×{tick:g}" for tick in ticks],
        tickangle=0,
    )
