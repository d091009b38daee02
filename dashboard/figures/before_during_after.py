"""One metric in the baseline, the intervention and the recovery, with the interval of its change."""

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from biotune.analysis.results import Change, Comparison
from biotune.domain import ChangeKind, Phase
from dashboard import theme
from dashboard.figures import base

HEIGHT_PX = 250
# The least span of each axis, so that a change within the measurement's wobble does not look like a cliff.
_LEAST_SPAN = {"mean_hr": 12.0, "rmssd": 16.0, "breathing_rate": 6.0}
_ROOM = 0.18  # of the span, above and below


@dataclass(frozen=True, slots=True)
class Point:
    """A metric in one window.

    Attributes
    ----------
    phase : Phase
        The window.
    value : float
        The metric, in its unit.
    low, high : float or None
        Where the metric would lie at the ends of the 95 % interval of its change from the
        first window; None for the first window itself, and where there is no interval.
    """

    phase: Phase
    value: float
    low: float | None = None
    high: float | None = None


def points(key: str, comparisons: Sequence[Comparison]) -> tuple[Point, ...]:
    """Place a metric's windows in the order of time.

    Parameters
    ----------
    key : str
        A metric's key.
    comparisons : sequence of Comparison
        Each against the same first window (baseline → intervention, baseline → recovery).

    Returns
    -------
    tuple of Point
        The first window once, then each other window; empty where nothing is available.
    """
    found: dict[str, Point] = {}
    for comparison in comparisons:
        change = comparison.changes.get(key)
        if change is None:
            continue
        if change.before is not None:
            found.setdefault(comparison.before.name, Point(comparison.before, change.before))
        if change.after is not None:
            found[comparison.after.name] = Point(comparison.after, change.after, *_ends(change))
    return tuple(sorted(found.values(), key=lambda point: point.phase.start_s))


def _ends(change: Change) -> tuple[float | None, float | None]:
    """Carry the interval of the change over to the metric's own axis."""
    if change.before is None or change.low is None or change.high is None:
        return None, None
    if change.kind is ChangeKind.RATIO:
        return change.before * change.low, change.before * change.high
    return change.before + change.low, change.before + change.high


def figure(key: str, unit: str, placed: Sequence[Point], titles: Sequence[str]) -> go.Figure:
    """Draw a metric's windows side by side.

    Parameters
    ----------
    key : str
        A metric's key; decides the axis' least span.
    unit : str
        Its unit, for the axis.
    placed : sequence of Point
        From `points`.
    titles : sequence of str
        The windows' names, one a point.
    """
    names = [base.label(title) for title in titles]
    drawn = base.empty(height_px=HEIGHT_PX)
    places = list(range(len(placed)))
    # the value stands under the axis, where no line can run through it
    told = [f"<b>{p.value:.0f}</b><br>{title.replace(' ', '<br>')}" for title, p in zip(names, placed, strict=True)]
    drawn.add_trace(
        go.Scatter(
            x=places,
            y=[point.value for point in placed],
            mode="lines",
            line={"color": theme.CONNECTION, "dash": "dot", "width": 1.5},
            hoverinfo="skip",
        )
    )
    for place, point, title in zip(places, placed, names, strict=True):
        drawn.add_trace(_mark(place, point, title, unit))
    drawn.update_layout(
        margin={"l": 44, "r": 8, "t": 8, "b": 58},
        xaxis=base.axis(
            "",
            tickvals=places,
            ticktext=told,
            tickangle=0,
            range=[-0.5, len(placed) - 0.5],
            showgrid=False,
        ),
        yaxis=base.axis(unit, range=list(limits(key, placed)), nticks=6),
    )
    return drawn


def _mark(place: int, point: Point, title: str, unit: str) -> go.Scatter:
    mark = theme.MARKS[point.phase.kind]
    bars = None
    told = ""
    if point.low is not None and point.high is not None:
        up, down = max(point.high - point.value, 0.0), max(point.value - point.low, 0.0)
        bars = {"type": "data", "symmetric": False, "array": [up], "arrayminus": [down], "thickness": 2, "width": 6}
        told = f"<br>95 % interval {point.low:.1f} to {point.high:.1f}"
    return go.Scatter(
        name=title,
        x=[place],
        y=[point.value],
        mode="markers",
        marker={"color": mark.colour, "symbol": mark.symbol, "size": 13, "line": {"width": 2, "color": mark.colour}},
        error_y=bars,
        hovertemplate=f"{title}: {point.value:.1f} {unit}{told}<extra></extra>",
        cliponaxis=False,
    )


def limits(key: str, placed: Sequence[Point]) -> tuple[float, float]:
    """Return the axis' ends: every point and interval, room around them, and not less than the least span."""
    ends = [end for point in placed for end in (point.value, point.low, point.high) if end is not None]
    if not ends:
        return 0.0, 1.0
    middle, span = (min(ends) + max(ends)) / 2, max(max(ends) - min(ends), _LEAST_SPAN.get(key, 0.0))
    half = span / 2 * (1 + 2 * _ROOM)
    return max(middle - half, 0.0), middle + half
