"""Drawings of a paper as SVG: small, without a script, their colours classes of `biotune.report.ink`."""

import math
from collections.abc import Iterator, Sequence
from html import escape

import numpy as np

from biotune.analysis import played
from biotune.analysis.played import Play
from biotune.analysis.series import BoolArray, FloatArray, IntArray
from biotune.analysis.tachogram import Tachogram
from biotune.domain import Gap, Phase
from biotune.report import ink, naming, placing
from biotune.report.placing import Point

WIDTH = 720.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 46.0, 8.0, 24.0, 40.0
_HEIGHT = 250.0
_LANE = 22.0  # of the music
_LEAST_SPAN_BPM = 20.0  # a narrower axis would blow breathing up into an event
_LETTER = 6.2  # a letter's width, near enough to tell whether a name has room
_MOST_POINTS = 2 * int(WIDTH)  # more than that cannot be seen
_SMALL_WIDTH, _SMALL_HEIGHT = 230.0, 190.0


class _Scale:
    """From a value to its place."""

    def __init__(self, values: tuple[float, float], places: tuple[float, float]) -> None:
        self._from, self._to = values
        self._start, self._end = places

    def __call__(self, value: float) -> float:
        share = (value - self._from) / ((self._to - self._from) or 1.0)
        return self._start + share * (self._end - self._start)

    def of(self, values: FloatArray) -> FloatArray:
        span = (self._to - self._from) or 1.0
        placed: FloatArray = self._start + (values - self._from) / span * (self._end - self._start)
        return placed


def tachogram(
    drawn: Tachogram,
    phases: Sequence[Phase],
    gaps: Sequence[Gap],
    plays: Sequence[Play] = (),
    windows: Sequence[Phase] = (),
) -> str:
    """Draw heart rate through the session.

    Parameters
    ----------
    drawn : Tachogram
        Beats, smoothed line, flagged beats.
    phases, gaps : sequence of Phase, Gap
        Shaded and named; greyed out.
    plays : sequence of Play
        Pieces, on a lane of their own below.
    windows : sequence of Phase
        What is compared, as bars along the bottom.

    Returns
    -------
    str
        One ``<svg>`` element.
    """
    stretches: list[Phase | Gap] = [*phases, *gaps]
    start_s = min([each.start_s for each in stretches] + [float(t) for t in drawn.time_s[:1]], default=0.0)
    end_s = max([each.end_s for each in stretches] + [float(t) for t in drawn.time_s[-1:]], default=60.0)
    lanes = _LANE * (max(played.rows(plays)) + 1) + 6 if plays else 0.0
    height = _HEIGHT + lanes
    floor = _HEIGHT - _BOTTOM
    across = _Scale((start_s, end_s), (_LEFT, WIDTH - _RIGHT))
    low, high = _limits_bpm(drawn.bpm[~drawn.flagged])
    up = _Scale((low, high), (floor, _TOP))
    parts = [
        *_shades(phases, across, floor),
        *_grid(up, low, high),
        *_gap_shapes(gaps, across, floor),
        _beats(drawn, across, up),
        _smooth(drawn, across, up),
        *_flags(drawn, across, up, (low, high)),
        *(_bar(window, across, floor) for window in windows),
        *_minutes(across, start_s, end_s, floor + lanes),
        *_lane(plays, across, floor),
    ]
    return _svg(WIDTH, height, parts)


def before_during_after(
    key: str, unit: str, placed: Sequence[Point], titles: Sequence[str], *, decimals: int = 0
) -> str:
    """Draw one metric's windows side by side, each with the interval of its change from the first.

    Parameters
    ----------
    key, unit : str
        The metric's key and unit.
    placed : sequence of Point
        From `placing.points`.
    titles : sequence of str
        The windows' names, one a point.
    decimals : int
        Of the values.
    """
    names = [placing.lines(title) for title in titles]
    more = 12.0 * max(0, *(len(lines) - 2 for lines in names)) if names else 0.0
    low, high = placing.limits(key, placed)
    floor = _SMALL_HEIGHT - 46
    up = _Scale((low, high), (floor, 14.0))
    step = (_SMALL_WIDTH - 40) / max(1, len(placed))
    places = [40 + step * (index + 0.5) for index in range(len(placed))]
    parts = [_text(2, 10, unit, "s")]
    for value in _ticks(low, high, 6):
        y = up(value)
        parts.append(f'<path class="rule" d="M40 {y:.1f}H{_SMALL_WIDTH:.0f}"/>')
        parts.append(_text(35, y + 4, f"{value:g}", "s", anchor="end"))
    track = " ".join(f"{x:.1f},{up(point.value):.1f}" for x, point in zip(places, placed, strict=True))
    parts.append(f'<polyline class="dots" points="{track}"/>')
    for x, point, lines in zip(places, placed, names, strict=True):
        kind = ink.KINDS[point.phase.kind]
        if point.low is not None and point.high is not None:
            top, bottom = up(min(point.high, high)), up(max(point.low, low))
            parts.append(
                f'<path class="e-{kind}" d="M{x:.1f} {top:.1f}V{bottom:.1f}M{x - 5:.1f} {top:.1f}h10'
                f'M{x - 5:.1f} {bottom:.1f}h10"/>'
            )
        parts.append(_shape(kind, x, up(point.value)))
        parts.append(_text(x, floor + 18, f"{point.value:.{decimals}f}", "", anchor="middle", bold=True))
        parts += [_text(x, floor + 31 + 12 * line, word, "s", anchor="middle") for line, word in enumerate(lines)]
    return _svg(_SMALL_WIDTH, _SMALL_HEIGHT + more, parts)


# ---------------------------------------------------------------- parts


def _svg(width: float, height: float, parts: Sequence[str]) -> str:
    inside = "".join(part for part in parts if part)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" '
        f'width="{width:.0f}" height="{height:.0f}">{inside}</svg>'
    )


def _text(x: float, y: float, words: str, size: str, *, anchor: str = "start", bold: bool = False) -> str:
    weight = ' font-weight="bold"' if bold else ""
    name = f"t {size}".strip()
    return f'<text class="{name}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{weight}>{escape(words)}</text>'


def _shape(kind: str, x: float, y: float, size: float = 5.5) -> str:
    if kind == "baseline":
        return f'<circle class="m-{kind}" cx="{x:.1f}" cy="{y:.1f}" r="{size:.1f}"/>'
    if kind == "intervention":
        return f'<path class="m-{kind}" d="M{x:.1f} {y - size:.1f}l{size} {size}l-{size} {size}l-{size} -{size}z"/>'
    if kind == "recovery":
        side = 2 * size - 2
        return f'<path class="m-{kind}" d="M{x - side / 2:.1f} {y - side / 2:.1f}h{side}v{side}h-{side}z"/>'
    return f'<circle class="e-{kind}" cx="{x:.1f}" cy="{y:.1f}" r="{size:.1f}"/>'


def _shades(phases: Sequence[Phase], across: _Scale, floor: float) -> Iterator[str]:
    for phase in phases:
        left, right = across(phase.start_s), across(phase.end_s)
        kind = ink.KINDS[phase.kind]
        yield (
            f'<rect class="b-{kind}" x="{left:.1f}" y="{_TOP}" width="{max(0.0, right - left):.1f}" '
            f'height="{floor - _TOP:.1f}"/>'
        )
        name, room = naming.phase_title(phase), right - left
        if len(name) * _LETTER + 18 <= room:
            middle = (left + right) / 2 - len(name) * _LETTER / 2
            yield _shape(kind, middle - 6, _TOP - 10, 4)
            yield _text(middle + 3, _TOP - 6, name, "")
        elif room >= 12:  # noqa: PLR2004 - its shape has room, its name does not: the list below names it
            yield _shape(kind, (left + right) / 2, _TOP - 10, 4)


def _grid(up: _Scale, low: float, high: float) -> Iterator[str]:
    yield f'<text class="t s" transform="translate(12 {(up(low) + up(high)) / 2:.0f}) rotate(-90)" '
    yield 'text-anchor="middle">Heart rate (bpm)</text>'
    for value in _ticks(low, high, 6):
        y = up(value)
        yield f'<path class="rule" d="M{_LEFT} {y:.1f}H{WIDTH - _RIGHT}"/>'
        yield _text(_LEFT - 5, y + 4, f"{value:g}", "s", anchor="end")


def _gap_shapes(gaps: Sequence[Gap], across: _Scale, floor: float) -> Iterator[str]:
    for gap in gaps:
        left, right = across(gap.start_s), across(gap.end_s)
        width = max(1.5, right - left)
        yield f'<rect class="gap" x="{left:.1f}" y="{_TOP}" width="{width:.1f}" height="{floor - _TOP:.1f}"/>'
        if width >= 3 * _LETTER + 4:
            yield _text((left + right) / 2, floor - 6, "gap", "s", anchor="middle")


def _beats(drawn: Tachogram, across: _Scale, up: _Scale) -> str:
    good: BoolArray = ~drawn.flagged
    x, y = across.of(drawn.time_s[good]), up.of(drawn.bpm[good])
    return f'<path class="beat" d="{_path(*_thinned(x, y, drawn.stretch[good]))}"/>'


def _smooth(drawn: Tachogram, across: _Scale, up: _Scale) -> str:
    time_s, bpm = drawn.smooth_time_s, drawn.smooth_bpm
    every = max(1, len(time_s) // _MOST_POINTS)
    keep = (np.arange(len(time_s)) % every == 0) | np.isnan(bpm)
    holes = np.concatenate([[0], np.cumsum(np.isnan(bpm[keep]))[:-1]]) if keep.any() else np.empty(0)
    there = ~np.isnan(bpm[keep])
    x, y = across.of(time_s[keep][there]), up.of(bpm[keep][there])
    return f'<path class="smooth" d="{_path(x, y, holes[there].astype(np.int64))}"/>'


def _flags(drawn: Tachogram, across: _Scale, up: _Scale, limits: tuple[float, float]) -> Iterator[str]:
    places = [
        (across(float(time_s)), min(max(up(float(bpm)), up(limits[1]) + 5), up(limits[0]) - 9))
        for time_s, bpm in zip(drawn.time_s[drawn.flagged], drawn.bpm[drawn.flagged], strict=True)
    ]
    seen = {(round(x), round(y)) for x, y in places}  # at the drawing's own fineness: more cannot be told apart
    crosses = "".join(f"M{x - 3} {y - 3}l6 6m0 -6l-6 6" for x, y in sorted(seen))
    if crosses:
        yield f'<path class="flag" d="{crosses}"/>'


def _bar(window: Phase, across: _Scale, floor: float) -> str:
    left, right = across(window.start_s), across(window.end_s)
    kind = ink.KINDS[window.kind]
    return f'<rect class="f-{kind}" x="{left:.1f}" y="{floor - 4:.1f}" width="{right - left:.1f}" height="4"/>'


def _minutes(across: _Scale, start_s: float, end_s: float, y: float) -> Iterator[str]:
    yield f'<path class="axis" d="M{_LEFT} {y:.1f}H{WIDTH - _RIGHT}"/>'
    for minute in _ticks(start_s / 60, end_s / 60, 10):
        x = across(minute * 60)
        yield f'<path class="axis" d="M{x:.1f} {y:.1f}v4"/>'
        yield _text(x, y + 16, f"{minute:g}", "s", anchor="middle")
    yield _text((_LEFT + WIDTH - _RIGHT) / 2, y + 32, "Minutes in the session", "s", anchor="middle")


def _lane(plays: Sequence[Play], across: _Scale, floor: float) -> Iterator[str]:
    for play, row in zip(plays, played.rows(plays), strict=True):
        left, right = across(play.start_s), across(play.end_s)
        top = floor + 3 + row * _LANE
        yield f'<rect class="lane" x="{left:.1f}" y="{top:.1f}" width="{right - left:.1f}" height="{_LANE}"/>'
        room = int((right - left - 6) / _LETTER)
        title = play.title or "untitled"
        if room >= 4:  # noqa: PLR2004 - letters, below which nothing is said
            said = title if len(title) <= room else f"{title[: room - 1]}…"
            yield _text((left + right) / 2, top + _LANE / 2 + 4, said, "", anchor="middle")


# ---------------------------------------------------------------- numbers


def _limits_bpm(bpm: FloatArray) -> tuple[float, float]:
    """Return the axis' ends: all but the outermost two in a thousand beats."""
    if not len(bpm):
        return 40.0, 120.0
    low, high = (float(limit) for limit in np.percentile(bpm, [0.2, 99.8]))
    middle, half = (low + high) / 2, max(high - low, _LEAST_SPAN_BPM) / 2
    return math.floor(middle - half - 2), math.ceil(middle + half + 2)


def _ticks(low: float, high: float, most: int) -> list[float]:
    """Return round numbers between two ends, at most `most` steps.

    Examples
    --------
    >>> _ticks(61.0, 89.0, 6)
    [65.0, 70.0, 75.0, 80.0, 85.0]
    """
    rough = (high - low) / most or 1.0
    tens = 10.0 ** math.floor(math.log10(rough))
    step = next(tens * each for each in (1.0, 2.0, 5.0, 10.0) if tens * each >= rough)
    return [round(step * number, 6) for number in range(math.ceil(low / step), math.floor(high / step) + 1)]


def _thinned(x: FloatArray, y: FloatArray, stretch: IntArray) -> tuple[FloatArray, FloatArray, IntArray]:
    """Keep of every column and stretch its highest and lowest point, where there are more than can be seen."""
    if len(x) <= _MOST_POINTS:
        return x, y, stretch
    column = np.round(x * 1.0).astype(np.int64)
    edges = np.flatnonzero(np.diff(column) | np.diff(stretch)) + 1
    kept: set[int] = set()
    for part in np.split(np.arange(len(x)), edges):
        kept.update((int(part[np.argmin(y[part])]), int(part[np.argmax(y[part])])))
    chosen = np.array(sorted(kept))
    return x[chosen], y[chosen], stretch[chosen]


def _path(x: FloatArray, y: FloatArray, stretch: IntArray) -> str:
    """Write a line that is broken between stretches."""
    if not len(x):
        return ""
    begins = np.concatenate([[True], np.diff(stretch) != 0])
    rows = zip(begins.tolist(), x.tolist(), y.tolist(), strict=True)
    return "".join(f"{'M' if begin else 'L'}{right:.1f} {down:.1f}" for begin, right, down in rows)
