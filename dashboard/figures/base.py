"""What every figure shares: no colours of the page, units on the axes, room for a thumb."""

import html
from typing import Any

import plotly.graph_objects as go

from dashboard import theme

_LONGEST_LABEL = 24
_RATIO_TICKS = (
    (0.1, 0.2, 0.33, 0.5, 0.7, 0.85, 1.0, 1.2, 1.5, 2.0, 3.0, 5.0, 10.0),
    (0.1, 0.2, 0.33, 0.5, 0.7, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0),
    (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0),
    (0.01, 0.1, 1.0, 10.0, 100.0),
)  # from fine to coarse
# Above the figure, where it covers nothing; a click on a name takes its line out and in.
LEGEND: dict[str, Any] = {
    "orientation": "h",
    "x": 0,
    "xanchor": "left",
    "y": 1.02,
    "yanchor": "bottom",
    "bgcolor": "rgba(0,0,0,0)",
    "font": {"size": 13},
    "itemsizing": "constant",
}


def empty(*, height_px: int) -> go.Figure:
    """Return a figure without marks, in the house's form.

    Parameters
    ----------
    height_px : int
        Its height; its width follows the page.
    """
    figure = go.Figure()
    figure.update_layout(
        template=None,
        height=height_px,
        autosize=True,
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"family": theme.FONT, "size": 13},
        margin={"l": 52, "r": 12, "t": 12, "b": 44},
        showlegend=False,
        dragmode=False,  # a thumb that scrolls the page must not zoom the figure
        hoverlabel={"bgcolor": "#212529", "bordercolor": "#212529", "font": {"color": "#ffffff", "size": 13}},
    )
    return figure


def label(text: str, longest: int = _LONGEST_LABEL) -> str:
    """Return words that people or files gave, short, and as words: plotly would take ``<a href=…>`` for a link.

    Examples
    --------
    >>> label("<b>rest</b>"), label("a very long name of a phase indeed")
    ('&lt;b&gt;rest&lt;/b&gt;', 'a very long name of a p…')
    """
    short = text if len(text) <= longest else text[: longest - 1] + "…"
    return html.escape(short, quote=False)


def axis(title: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - plotly's own properties
    """Return an axis with a title, which carries the unit, and a quiet grid.

    Parameters
    ----------
    title : str
        Such as ``"Heart rate (bpm)"``.
    **more
        Plotly's own properties.
    """
    return {
        "title": {"text": title, "font": {"size": 13}, "standoff": 8},
        "zeroline": False,
        "showgrid": True,
        "gridwidth": 1,
        "ticks": "",
        "automargin": True,
        "fixedrange": True,
        **more,
    }


def axis_of_changes(unit: str, furthest: float, *, nticks: int, ratio: bool) -> dict[str, Any]:
    """Return an axis on which no change stands in the middle.

    Parameters
    ----------
    unit : str
        Of the change, where it is a difference.
    furthest : float
        How far it reaches either way: in that unit; for a ratio, as its decimal logarithm.
    nticks : int
        How many ticks a difference has at the most.
    ratio : bool
        Whether the change is a ratio, drawn so that halving and doubling are equally far from no change.
    """
    if not ratio:
        return axis(f"Change ({unit})", range=[-furthest, furthest], nticks=nticks)
    shown = ratio_ticks(10**-furthest, 10**furthest, nticks)
    names = [f"×{tick:g}" for tick in shown]
    return axis("Change (×)", type="log", range=[-furthest, furthest], tickvals=shown, ticktext=names, tickangle=0)


def ratio_ticks(low: float, high: float, most: int) -> list[float]:
    """Return the finest marks of ratios of which no more than so many are seen.

    Parameters
    ----------
    low, high : float
        The axis' ends.
    most : int
        How many at the most.

    Examples
    --------
    >>> ratio_ticks(0.6, 1.6, 5), ratio_ticks(0.32, 3.1, 7), ratio_ticks(0.08, 12, 7)
    ([0.7, 0.85, 1.0, 1.2, 1.5], [0.33, 0.5, 0.7, 1.0, 1.5, 2.0, 3.0], [0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0])
    """
    for marks in _RATIO_TICKS:
        seen = [tick for tick in marks if low <= tick <= high]
        if len(seen) <= most:
            return seen
    return [1.0]
