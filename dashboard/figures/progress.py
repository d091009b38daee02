"""A client's sessions in a row: where each began, what changed in it, what the client said."""

import math
from collections.abc import Sequence

import plotly.graph_objects as go

from biotune.analysis import words_over_sessions as words
from biotune.analysis.progress import Progress, Visit
from biotune.domain import ChangeKind
from dashboard import regional
from dashboard.figures import base
from dashboard.theme import CONNECTION, Mark

HEIGHT_PX = 280
BAND = "rgba(109, 132, 163, 0.22)"
_MOST_TICKS, _MOST_TICKS_NARROW = 6, 4
_LEAST_SPAN = {"mean_hr": 12.0, "rmssd": 16.0, "breathing_rate": 6.0}  # a wobble shall not look like a cliff
_LEAST_SPAN_OF_CHANGE = {"mean_hr": 12.0, "breathing_rate": 6.0}
_LEAST_RATIO = 1.5  # either way
_CAP_PX = 5


def _mark(colour: str, symbol: str, glyph: str) -> Mark:
    return Mark(colour, colour, symbol, glyph)


# An approach is known by its shape; the colour only doubles it, and means neither good nor bad.
MARKS: dict[str, Mark] = {
    "listening": _mark("#0f8fa3", "circle", "●"),
    "guided-imagery": _mark("#9a63c9", "diamond", "◆"),
    "relaxation": _mark("#6d84a3", "triangle-down", "▼"),
    "muscle-relaxation": _mark("#6d84a3", "triangle-up", "▲"),
    "drumming": _mark("#b7791f", "square", "■"),
    "playing": _mark("#b7791f", "star", "★"),
    "singing": _mark("#c2548c", "hexagon", "⬢"),
    "songwriting": _mark("#c2548c", "pentagon", "⬟"),
    "paced-breathing": _mark("#7d8590", "cross", "✚"),
    "quiet-rest": _mark("#7d8590", "circle-open", "○"),
    "": _mark("#7d8590", "diamond-open", "◇"),
}


def mark(approach: str) -> Mark:
    """Return how an approach is drawn."""
    return MARKS.get(approach, MARKS[""])


def day(visit: Visit) -> str:
    """Write the day of a session, in the time of the place where biotune runs.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> day(Visit("S1", datetime(2026, 9, 8, 12, 0, tzinfo=UTC), "", {}, {}))
    '8 Sept 2026'
    """
    return regional.short_day(visit.started)


def baselines(key: str, unit: str, progress: Progress) -> go.Figure:
    """Draw where each session began, against the band of the client's earlier baselines.

    Parameters
    ----------
    key, unit : str
        A headline metric and its unit, for the axis.
    progress : Progress
        The client.
    """
    drawn = base.empty(height_px=HEIGHT_PX)
    ends: list[float] = []
    for number, band in enumerate(progress.bands[key], start=1):
        if band is not None and key in progress.visits[number - 1].baseline:
            drawn.add_trace(_stretch(number, band.low, band.high, band.middle))
            ends += [band.low, band.high]
    for number, visit in enumerate(progress.visits, start=1):
        level = visit.baseline.get(key)
        if level is not None:
            drawn.add_trace(_dot(number, visit, (level.value, level.low, level.high), unit))
            ends += [level.low, level.high]
    drawn.update_layout(
        xaxis=_sessions(progress.visits), yaxis=base.axis(unit, range=list(_limits(ends, _LEAST_SPAN[key])), nticks=6)
    )
    return drawn


def changes(key: str, unit: str, progress: Progress) -> go.Figure:
    """Draw what changed in each session, with its 95 % interval; the line is no change.

    Parameters
    ----------
    key, unit : str
        A headline metric and its unit, for the axis.
    progress : Progress
        The client.
    """
    drawn = base.empty(height_px=HEIGHT_PX)
    ends: list[float] = []
    ratio = progress.responses[key].kind is ChangeKind.RATIO
    for number, visit in enumerate(progress.visits, start=1):
        change = visit.changes.get(key)
        if change is None or change.estimate is None or change.low is None or change.high is None:
            continue
        drawn.add_trace(_dot(number, visit, (change.estimate, change.low, change.high), "" if ratio else unit))
        ends += [change.low, change.high]
    drawn.add_hline(y=1 if ratio else 0, line={"color": CONNECTION, "width": 1.5, "dash": "dot"})
    drawn.update_layout(xaxis=_sessions(progress.visits), yaxis=_of_changes(key, unit, ends, ratio=ratio))
    return drawn


def ratings(scale: str, progress: Progress) -> go.Figure:
    """Draw what the client said before and after each session, 0 to 100.

    Parameters
    ----------
    scale : str
        Such as ``tension``.
    progress : Progress
        The client.
    """
    drawn = base.empty(height_px=HEIGHT_PX)
    for number, visit in enumerate(progress.visits, start=1):
        answer = visit.ratings.get(scale)
        if answer is None:
            continue
        told = [value for value in (answer.before, answer.after) if value is not None]
        symbols = [
            symbol for value, symbol in ((answer.before, "circle-open"), (answer.after, "circle")) if value is not None
        ]  # fmt: skip - a pair a line
        drawn.add_trace(
            go.Scatter(
                x=[number] * len(told),
                y=told,
                mode="lines+markers",
                line={"color": CONNECTION, "width": 1.5},
                marker={"symbol": symbols, "size": 11, "color": "#0f8fa3", "line": {"width": 2, "color": "#0f8fa3"}},
                hovertemplate=f"{day(visit)}: %{{y:.0f}}<extra></extra>",
            )
        )
    drawn.update_layout(
        xaxis=_sessions(progress.visits, _MOST_TICKS_NARROW),
        yaxis=base.axis("0 to 100", range=[-4, 104], tickvals=[0, 25, 50, 75, 100]),
    )
    return drawn


# ---------------------------------------------------------------- parts


def _stretch(number: int, low: float, high: float, middle: float) -> go.Scatter:
    left, right = number - 0.5, number + 0.5
    return go.Scatter(
        x=[left, right, right, left, left],
        y=[low, low, high, high, low],
        mode="lines",
        line={"width": 0},
        fill="toself",
        fillcolor=BAND,
        hoveron="fills",
        text=f"expected {low:.0f} to {high:.0f}, middle {middle:.0f}",
        hoverinfo="text",
    )


def _dot(number: int, visit: Visit, told: tuple[float, float, float], unit: str) -> go.Scatter:
    value, low, high = told
    shown = mark(visit.approach)
    times = "" if unit else "×"
    decimals = 1 if unit else 2
    interval = f"95 % interval {low:.{decimals}f} to {high:.{decimals}f}"
    return go.Scatter(
        x=[number],
        y=[value],
        mode="markers",
        marker={"symbol": shown.symbol, "size": 12, "color": shown.colour, "line": {"width": 2, "color": shown.colour}},
        error_y={
            "type": "data",
            "symmetric": False,
            "array": [max(high - value, 0.0)],
            "arrayminus": [max(value - low, 0.0)],
            "color": shown.colour,
            "thickness": 2,
            "width": _CAP_PX,
        },
        hovertemplate=(
            f"{day(visit)}, {words.approach(visit.approach)}: {times}{value:.{decimals}f} {unit}<br>{interval}"
            "<extra></extra>"
        ),
        cliponaxis=False,
    )


def _sessions(visits: Sequence[Visit], most: int = _MOST_TICKS) -> dict[str, object]:
    step = max(1, -(-len(visits) // most))
    places = list(range(1, len(visits) + 1, step))
    shown = ["<br>".join(day(visits[place - 1]).rsplit(" ", 1)) for place in places]
    return base.axis("", tickvals=places, ticktext=shown, range=[0.4, len(visits) + 0.6], showgrid=False, tickangle=0)


def _limits(ends: Sequence[float], least: float) -> tuple[float, float]:
    if not ends:
        return 0.0, 1.0
    middle, span = (min(ends) + max(ends)) / 2, max(max(ends) - min(ends), least) * 1.15
    return max(middle - span / 2, 0.0), middle + span / 2


def _of_changes(key: str, unit: str, ends: Sequence[float], *, ratio: bool) -> dict[str, object]:
    least = math.log10(_LEAST_RATIO) if ratio else _LEAST_SPAN_OF_CHANGE[key] / 2
    furthest = max([least, *(abs(math.log10(end) if ratio else end) for end in ends)]) * 1.1
    return base.axis_of_changes(unit, furthest, nticks=6, ratio=ratio)
