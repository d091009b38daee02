"""A figure of plotly's as a plain SVG: it stands on the page before any script is there, at any width.

One source, two drawings: what `dashboard.figures` made is drawn here with the same axes, marks and words, so that a
figure may be read at once and become plotly's own when that is loaded, or stay as it is where nothing can be zoomed.
It knows what those figures use: lines, marks, error bars, bars behind them, words over them, linear axes.

The picture fills the plot's area; across, everything stands at a share of the width, and only lines are stretched.
"""

import html
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from biotune.analysis.series import FloatArray
from dashboard import theme

_ACROSS = 1000  # units of the stretched lines' own coordinates
_MOST_TICKS = {"x": 10, "y": 8}  # as plotly chooses them on a desk
_STEPS = (2, 5, 10)
_TONES = {theme.LINE: "var(--bt-line)", theme.BEAT_LINE: "var(--bt-beats)"}  # lines that each scheme has its own of
_DASHES = {"dot": "3 3", "dash": "9 6", "dashdot": "9 4 3 4", "longdash": "15 7"}
_LINE_HEIGHT = 1.3
_BREAK = re.compile(r"<br\s*/?>")
_TAG = re.compile(r"</?[a-z]+>")


class _Plot:
    """The area between the axes: where a value stands in it.

    Parameters
    ----------
    layout : mapping
        The figure's, with both ranges given.
    """

    def __init__(self, layout: Mapping[str, Any]) -> None:
        margin = layout["margin"]
        self.left, self.right, self.top = (float(margin[side]) for side in "lrt")
        self.height = float(layout["height"]) - self.top - float(margin["b"])
        self.axes: dict[str, Mapping[str, Any]] = {"x": layout["xaxis"], "y": layout["yaxis"]}

    def share(self, axis: str, value: float) -> float:
        """Return how far along an axis a value stands, 0 at its beginning and 1 at its end."""
        low, high = self.axes[axis]["range"]
        return float((value - low) / ((high - low) or 1.0))

    def across(self, value: float, reference: str = "x") -> str:
        """Return a value's place from the left, as a share of the width."""
        return f"{100 * (value if reference == 'paper' else self.share('x', value)):.2f}%"

    def down(self, value: float, reference: str = "y") -> float:
        """Return a value's place from the top, in pixels."""
        return self.height * (1 - (value if reference == "paper" else self.share("y", value)))


def svg(figure: go.Figure) -> str:
    """Draw a figure.

    Parameters
    ----------
    figure : plotly.graph_objects.Figure
        With linear axes whose ranges are given.

    Returns
    -------
    str
        One ``<svg>`` element for a block of the figure's height; ``assets/biotune.css`` gives it its place. Beside it
        the figure's margins are kept in ``data-left``, ``data-top`` and so on, for whoever saves it as a file.
    """
    layout, traces = figure.to_plotly_json()["layout"], [_trace(each) for each in figure.data]
    plot = _Plot(layout)
    shapes = layout.get("shapes", ())
    parts = [
        *(_shape(each, plot) for each in shapes if each.get("layer") == "below"),
        *_axis_across(plot),
        *_axis_up(plot),
        _stretched("".join(_line(trace, plot) for trace in traces if "lines" in trace["mode"]), plot),
        *(_shape(each, plot) for each in shapes if each.get("layer") != "below"),
        *(mark for trace in traces if "markers" in trace["mode"] for mark in _marks(trace, plot)),
        *(_annotation(each, plot) for each in layout.get("annotations", ())),
    ]
    style = (
        f"left:{plot.left:g}px;top:{plot.top:g}px;width:calc(100% - {plot.left + plot.right:g}px);"
        f"height:{plot.height:g}px"
    )
    return f'<svg class="bt-plain-area" style="{style}" aria-hidden="true" focusable="false">{"".join(parts)}</svg>'


def _trace(trace: go.Scatter) -> dict[str, Any]:
    """Return a trace with its numbers as numbers; plotly packs them."""
    return {
        **trace.to_plotly_json(),
        "x": trace.x,
        "y": trace.y,
        "up": trace.error_y.array,
        "down": trace.error_y.arrayminus,
    }


# ---------------------------------------------------------------- axes


def _axis_across(plot: _Plot) -> Iterator[str]:
    axis = plot.axes["x"]
    for value, words in _ticks("x", axis):
        place = plot.across(value)
        if axis.get("showgrid", True):
            yield f'<line class="bt-plain-grid" x1="{place}" x2="{place}" y1="0" y2="{plot.height:g}"/>'
        yield _text(words, place, plot.height + 16, anchor="middle", size=13)
    yield _text(_title(axis), "50%", plot.height + 36, anchor="middle", size=13)


def _axis_up(plot: _Plot) -> Iterator[str]:
    axis = plot.axes["y"]
    for value, words in _ticks("y", axis):
        place = plot.down(value)
        yield f'<line class="bt-plain-grid" x1="0" x2="100%" y1="{place:.1f}" y2="{place:.1f}"/>'
        yield _text(words, "-5", place + 4.5, anchor="end", size=13)
    middle = f"translate({14 - plot.left:g} {plot.height / 2:g}) rotate(-90)"
    yield f'<g transform="{middle}">{_text(_title(axis), "0", 0, anchor="middle", size=13)}</g>'


def _title(axis: Mapping[str, Any]) -> str:
    return str(axis.get("title", {}).get("text", ""))


def _ticks(name: str, axis: Mapping[str, Any]) -> list[tuple[float, str]]:
    """Return where an axis is marked, and how: as it says itself, or at round numbers."""
    if "tickvals" in axis:
        return [(float(at), str(told)) for at, told in zip(axis["tickvals"], axis["ticktext"], strict=True)]
    low, high = (float(end) for end in axis["range"])
    step = _step((high - low) / axis.get("nticks", _MOST_TICKS[name]))
    numbers = range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)
    return [(number * step, f"{number * step:g}") for number in numbers]


def _step(rough: float) -> float:
    """Return the next round number, as plotly rounds.

    Examples
    --------
    >>> [_step(rough) for rough in (3.0, 6.4, 0.15, 20.0)]
    [5.0, 10.0, 0.2, 20.0]
    """
    tens = 10.0 ** math.floor(math.log10(rough or 1.0))
    return tens * next((each for each in _STEPS if rough / tens <= each + 1e-9), _STEPS[-1])


# ---------------------------------------------------------------- marks


def _stretched(lines: str, plot: _Plot) -> str:
    return (
        f'<svg x="0" y="0" width="100%" height="{plot.height:g}" viewBox="0 0 {_ACROSS} {plot.height:g}" '
        f'preserveAspectRatio="none">{lines}</svg>'
    )


def _line(trace: Mapping[str, Any], plot: _Plot) -> str:
    """Draw a line that is broken where there is no value."""
    x, y = (np.asarray(trace[name], dtype=np.float64) for name in "xy")
    there = np.isfinite(x) & np.isfinite(y)
    begins = np.diff(there.astype(np.int8), prepend=0)[there] == 1
    right, down = _places(x[there], plot, "x"), _places(y[there], plot, "y")
    rows = zip(begins.tolist(), right.tolist(), down.tolist(), strict=True)
    path = "".join(f"{'M' if begin else 'L'}{across:.1f} {below:.1f}" for begin, across, below in rows)
    look = trace["line"]
    dash = f' stroke-dasharray="{_DASHES[look["dash"]]}"' if look.get("dash") in _DASHES else ""
    return (
        f'<path d="{path}" fill="none" stroke-width="{look.get("width", 2):g}" stroke-linejoin="round" '
        f'vector-effect="non-scaling-stroke" style="stroke:{_TONES.get(look["color"], look["color"])}"{dash}/>'
    )


def _places(values: FloatArray, plot: _Plot, axis: str) -> FloatArray:
    low, high = (float(end) for end in plot.axes[axis]["range"])
    shares: FloatArray = (values - low) / ((high - low) or 1.0)
    return shares * _ACROSS if axis == "x" else (1 - shares) * plot.height


def _marks(trace: Mapping[str, Any], plot: _Plot) -> Iterator[str]:
    look = trace["marker"]
    colour, size, symbol = str(look["color"]), float(look["size"]), str(look["symbol"])
    width = float(look.get("line", {}).get("width", 1))
    solid = not symbol.endswith("-open")
    told = _told(trace)
    for at, value, (above, below) in zip(trace["x"], trace["y"], _bars(trace), strict=True):
        down = plot.down(float(value))
        high, low = plot.down(float(value) + above) - down, plot.down(float(value) - below) - down
        bar = (
            f'<path d="M0 {high:.1f}V{low:.1f}M-6 {high:.1f}h12M-6 {low:.1f}h12" fill="none" stroke-width="2" '
            f'style="stroke:{colour}"/>'
        )
        mark = (
            f'<path d="{_outline(symbol, size / 2)}" stroke-width="{width:g}" '
            f'style="stroke:{colour};fill:{colour if solid else "none"}"/>'
        )
        inside = f"{told}{bar if above or below else ''}{mark}"
        yield f'<svg class="bt-plain-mark" x="{plot.across(float(at))}" y="{down:.1f}">{inside}</svg>'


def _bars(trace: Mapping[str, Any]) -> list[tuple[float, float]]:
    """Return how far each point's error bar reaches up and down."""
    nothing = [0.0] * len(trace["x"])
    up, down = (nothing if trace[name] is None else trace[name] for name in ("up", "down"))
    return [(float(above), float(below)) for above, below in zip(up, down, strict=True)]


def _told(trace: Mapping[str, Any]) -> str:
    """Return what is told where the mouse is, of a mark that is told of without its values being filled in."""
    template = str(trace.get("hovertemplate", "")).replace("<extra></extra>", "")
    return f"<title>{_words(_BREAK.sub(', ', template))}</title>" if template and "%{" not in template else ""


def _outline(symbol: str, r: float) -> str:
    """Return a shape around nothing, of plotly's own proportions."""
    shapes = {
        "circle": f"M{r:g} 0A{r:g} {r:g} 0 1 1 0 {-r:g}A{r:g} {r:g} 0 0 1 {r:g} 0Z",
        "diamond": f"M{1.3 * r:g} 0L0 {1.3 * r:g}L{-1.3 * r:g} 0L0 {-1.3 * r:g}Z",
        "square": f"M{r:g} {r:g}H{-r:g}V{-r:g}H{r:g}Z",
        "triangle-down": f"M{-1.1547 * r:g} {-r / 2:g}H{1.1547 * r:g}L0 {r:g}Z",
        "x-thin": f"M{r:g} {r:g}L{-r:g} {-r:g}M{r:g} {-r:g}L{-r:g} {r:g}",
    }
    return shapes[symbol.removesuffix("-open")]


def _shape(shape: Mapping[str, Any], plot: _Plot) -> str:
    """Draw a bar; its width is a share, so it is a rectangle of shares."""
    left, right = (plot.share("x", float(shape[name])) for name in ("x0", "x1"))
    top, bottom = (plot.down(float(shape[name]), str(shape.get("yref", "y"))) for name in ("y1", "y0"))
    line = shape.get("line", {})
    dash = f' stroke-dasharray="{_DASHES[line["dash"]]}"' if line.get("dash") in _DASHES else ""
    edge = f"stroke:{line['color']};stroke-width:{line['width']:g}" if line.get("width") else "stroke:none"
    return (
        f'<rect x="{100 * left:.2f}%" y="{top:.1f}" width="{100 * max(0.0, right - left):.2f}%" '
        f'height="{max(0.0, bottom - top):.1f}" style="fill:{shape.get("fillcolor", "none")};{edge}"{dash}/>'
    )


# ---------------------------------------------------------------- words


def _annotation(each: Mapping[str, Any], plot: _Plot) -> str:
    size = float(each["font"]["size"])
    baseline = {"top": size + 3, "bottom": -5.0}.get(str(each.get("yanchor")), 0.36 * size)
    down = plot.down(float(each["y"]), str(each.get("yref", "y")))
    if angle := each.get("textangle"):
        turned = f'<g transform="rotate({angle:g})">{_text(str(each["text"]), "4", size * 0.36, size=size)}</g>'
        return f'<svg class="bt-plain-mark" x="{plot.across(float(each["x"]))}" y="{down:.1f}">{turned}</svg>'
    told = _text(str(each["text"]), plot.across(float(each["x"])), down + baseline, anchor="middle", size=size)
    return f'<g class="bt-plain-name">{told}</g>'


def _text(words: str, x: str, y: float, *, anchor: str = "start", size: float) -> str:
    """Write words, line by line; what plotly would make bold is bold."""
    if not words:
        return ""
    lines: Sequence[str] = _BREAK.split(words)
    spans = [
        f'<tspan x="{x}" dy="{_LINE_HEIGHT * size if number else 0:.1f}"'
        f' font-weight="{700 if "<b>" in line else 400}">{_words(line)}</tspan>'
        for number, line in enumerate(lines)
    ]
    return f'<text x="{x}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size:g}">{"".join(spans)}</text>'


def _words(text: str) -> str:
    """Return words without plotly's own tags, safe in an element."""
    return html.escape(html.unescape(_TAG.sub("", text)), quote=False)
