"""Heart rate through the session: each beat, a smoothed line, phases, gaps and flagged beats."""

from collections.abc import Iterable, Sequence

import numpy as np
import plotly.graph_objects as go

from biotune.analysis import played
from biotune.analysis.played import Play
from biotune.analysis.series import BoolArray, FloatArray, IntArray
from biotune.analysis.tachogram import Tachogram
from biotune.domain import Gap, Marker, Phase, PhaseKind
from dashboard import theme
from dashboard.figures import base

HEIGHT_PX = 330
_LEAST_SPAN_BPM = 20.0  # a narrower axis would blow breathing up into an event
_ROOM_PCT = 12  # above the line, for the phases' names
_FLOOR, _LANE = 0.04, 0.08  # of the figure's height: where the music begins, and a row of it
_MOST_LANES = 3  # more share the height of these, and then have no room for names
_LABEL_SHARE = 0.07  # of the width, below which a phase's name would run into its neighbours
_GAP_LABEL_SHARE = 0.03


def broken(values: FloatArray, stretch: IntArray) -> FloatArray:
    """Put a NaN between stretches, so that no line is drawn across a gap.

    Parameters
    ----------
    values : ndarray, shape (n_beats,)
        Times or rates, in order.
    stretch : ndarray of int, shape (n_beats,)
        Gap-free stretch of each.

    Returns
    -------
    ndarray, shape (n_beats + n_stretches - 1,)

    Examples
    --------
    >>> broken(np.array([60.0, 61.0, 70.0]), np.array([0, 0, 1]))
    array([60., 61., nan, 70.])
    """
    return np.insert(values, np.flatnonzero(np.diff(stretch)) + 1, np.nan)


def figure(
    tachogram: Tachogram,
    phases: Sequence[Phase],
    gaps: Sequence[Gap],
    windows: Sequence[Phase] = (),
    plays: Sequence[Play] = (),
    markers: Sequence[Marker] = (),
) -> go.Figure:
    """Draw heart rate against time.

    Parameters
    ----------
    tachogram : Tachogram
        From `biotune.library`.
    phases : sequence of Phase
        Shaded and named.
    gaps : sequence of Gap
        Greyed out; the line stops on either side.
    windows : sequence of Phase
        What is compared, marked by a bar along the time axis.
    plays : sequence of Play
        Music, named in a row of its own under the line.
    markers : sequence of Marker
        Thin lines; their words are shown where the mouse is.

    Returns
    -------
    plotly.graph_objects.Figure
        Time in minutes, heart rate in bpm.
    """
    low, high = limits_bpm(tachogram.bpm[~tachogram.flagged])
    tachogram = tachogram.thinned()
    start_s, end_s = extent_s(tachogram.time_s, phases, gaps)
    drawn = base.empty(height_px=HEIGHT_PX)
    least = low
    if plays:
        room = _lanes(plays)[1] + 0.02
        low -= (high - low) * room / (1 - room)
    for trace in _traces(tachogram, least, high):
        drawn.add_trace(trace)
    if markers:
        drawn.add_trace(_marker_trace(markers, high))
    drawn.update_layout(
        shapes=[*shades(phases), *gap_shapes(gaps), *_window_bars(windows), *_play_bars(plays)],
        annotations=[
            *names(phases, end_s - start_s),
            *_gap_names(gaps, end_s - start_s),
            *_play_names(plays, end_s - start_s),
        ],
        xaxis=base.axis("Time in the session (minutes)", range=[start_s / 60, end_s / 60], fixedrange=False),
        yaxis=base.axis("Heart rate (bpm)", range=[low, high]),
    )
    return drawn


def limits_bpm(bpm: FloatArray) -> tuple[float, float]:
    """Return the axis' ends: all but the outermost two in a thousand beats, and room for names.

    Parameters
    ----------
    bpm : ndarray, shape (n_beats,)
        Heart rate of the beats that were not flagged.
    """
    if not len(bpm):
        return 40.0, 120.0
    low, high = (float(limit) for limit in np.percentile(bpm, [0.2, 99.8]))
    middle, half = (low + high) / 2, max(high - low, _LEAST_SPAN_BPM) / 2
    low, high = middle - half, middle + half
    return float(np.floor(low - 2)), float(np.ceil(high + 2 + (high - low) * _ROOM_PCT / 100))


def _traces(tachogram: Tachogram, low: float, high: float) -> Iterable[go.Scatter]:
    """Each beat, the smoothed line, and the flagged beats, which may lie beyond the axis."""
    flagged: BoolArray = tachogram.flagged
    good = ~flagged
    hover = "%{x:.1f} min: %{y:.0f} bpm<extra></extra>"
    yield go.Scatter(
        name="each beat",
        x=broken(tachogram.time_s[good] / 60, tachogram.stretch[good]),
        y=broken(tachogram.bpm[good], tachogram.stretch[good]),
        mode="lines",
        line={"color": theme.BEAT_LINE, "width": 1},
        connectgaps=False,
        hoverinfo="skip",
    )
    yield go.Scatter(
        name="smoothed",
        x=tachogram.smooth_time_s / 60,
        y=tachogram.smooth_bpm,
        mode="lines",
        line={"color": theme.LINE, "width": 3},
        connectgaps=False,
        hovertemplate=hover,
    )
    if flagged.any():
        rates: FloatArray = tachogram.bpm[flagged]
        bottom, top = low + (high - low) * 0.02, high - (high - low) * _ROOM_PCT / 100
        yield go.Scatter(
            name="flagged",
            x=tachogram.time_s[flagged] / 60,
            y=np.clip(rates, bottom, top),
            customdata=rates,
            mode="markers",
            marker={"color": theme.FLAGGED, "symbol": "x-thin-open", "size": 8, "line": {"width": 2}},
            hovertemplate="%{x:.1f} min: flagged, reads %{customdata:.0f} bpm<extra></extra>",
        )


def extent_s(time_s: FloatArray, phases: Sequence[Phase], gaps: Sequence[Gap]) -> tuple[float, float]:
    """First and last second of anything there is to draw."""
    stretches: list[Phase | Gap] = [*phases, *gaps]
    starts = [each.start_s for each in stretches] + [float(t) for t in time_s[:1]]
    ends = [each.end_s for each in stretches] + [float(t) for t in time_s[-1:]]
    return min(starts, default=0.0), max(ends, default=60.0)


def _bar(stretch: Phase | Play | Gap, low: float, high: float, **look: object) -> dict[str, object]:
    """Return a bar as long as a stretch, between two heights as shares of the figure's."""
    place = {"x0": stretch.start_s / 60, "x1": stretch.end_s / 60, "y0": low, "y1": high, "yref": "paper"}
    return {"type": "rect", **place, **look}


def _written(text: str, stretch: Phase | Play | Gap, y: float, yanchor: str, size: int) -> dict[str, object]:
    """Return words over the middle of a stretch, at a height as a share of the figure's."""
    place = {"x": (stretch.start_s + stretch.end_s) / 120, "y": y, "yref": "paper", "yanchor": yanchor}
    return {"text": text, **place, "showarrow": False, "font": {"size": size}}


def shades(phases: Sequence[Phase]) -> list[dict[str, object]]:
    """Return the phases' stretches as shapes behind the line."""
    return [
        _bar(phase, 0, 1, layer="below", fillcolor=theme.MARKS[phase.kind].shade, line={"width": 0}) for phase in phases
    ]


def gap_shapes(gaps: Sequence[Gap]) -> list[dict[str, object]]:
    """Return the gaps as shapes behind the line."""
    line = {"width": 1, "dash": "dot", "color": theme.CONNECTION}
    return [_bar(gap, 0, 1, layer="below", fillcolor=theme.GAP, line=line) for gap in gaps]


def _window_bars(windows: Sequence[Phase]) -> list[dict[str, object]]:
    return [_bar(window, 0, 0.025, fillcolor=theme.MARKS[window.kind].colour, line={"width": 0}) for window in windows]


def _lanes(plays: Sequence[Play]) -> tuple[list[tuple[Play, float, float]], float]:
    """Return each piece with the bottom and top of its bar, and the top of all: what sounds together is stacked."""
    rows = played.rows(plays)
    count = max(rows, default=0) + 1
    height = _LANE * min(1, _MOST_LANES / count)
    stacked = [
        (play, _FLOOR + row * height, _FLOOR + (row + 1) * height) for play, row in zip(plays, rows, strict=True)
    ]
    return stacked, _FLOOR + count * height


def _play_bars(plays: Sequence[Play]) -> list[dict[str, object]]:
    line = {"width": 1, "color": theme.MARKS[PhaseKind.INTERVENTION].colour}
    look = {"fillcolor": "rgba(15, 143, 163, 0.28)", "line": line}
    return [_bar(play, low, high, **look) for play, low, high in _lanes(plays)[0]]


def _play_names(plays: Sequence[Play], span_s: float) -> list[dict[str, object]]:
    """Name each piece on its bar, as far as the bar is long; nothing where the bars are too low for words."""
    stacked, _ = _lanes(plays)
    return [
        _written(
            f"♪ {base.label(play.title or 'music', _letters(play.duration_s / span_s))}",
            play,
            (low + high) / 2,
            "middle",
            11,
        )
        for play, low, high in stacked
        if play.end_s - play.start_s >= _GAP_LABEL_SHARE * span_s and high - low > _LANE / 2
    ]


def _letters(share: float) -> int:
    """Return how many letters fit on a bar that takes this share of the page's width."""
    return max(3, int(share * 110))


def _marker_trace(markers: Sequence[Marker], high: float) -> go.Scatter:
    return go.Scatter(
        name="marker",
        x=[marker.time_s / 60 for marker in markers],
        y=[high] * len(markers),
        text=[base.label(marker.label) for marker in markers],
        mode="markers",
        marker={"color": theme.FLAGGED, "symbol": "triangle-down", "size": 10},
        hovertemplate="%{x:.1f} min: %{text}<extra></extra>",
        cliponaxis=False,
    )


def names(phases: Sequence[Phase], span_s: float) -> list[dict[str, object]]:
    """Name each phase above its stretch, where the name has room; the list below names them all."""
    return [
        _written(f"{theme.MARKS[phase.kind].glyph} {base.label(theme.phase_title(phase))}", phase, 1, "top", 13)
        for phase in phases
        if phase.kind is not PhaseKind.WHOLE and phase.duration_s >= _LABEL_SHARE * span_s
    ]


def _gap_names(gaps: Sequence[Gap], span_s: float) -> list[dict[str, object]]:
    return [
        {**_written("no signal", gap, 0.04, "bottom", 11), "textangle": -90}
        for gap in gaps
        if gap.end_s - gap.start_s >= _GAP_LABEL_SHARE * span_s
    ]
