"""The one way a figure reaches a page."""

import json
from collections.abc import Sequence
from typing import Any

import dash_mantine_components as dmc
import plotly.graph_objects as go
from dash import MATCH, ClientsideFunction, Dash, Input, Output, State, dcc, html
from dash.development.base_component import Component
from plotly.utils import PlotlyJSONEncoder

from dashboard import ids
from dashboard.components import notices
from dashboard.figures import plain

CONFIG: Any = {
    "displaylogo": False,
    "showSendToCloud": False,  # plotly 7 offers to upload the chart
    "showEditInChartStudio": False,
    "responsive": True,
    "scrollZoom": False,
    "modeBarButtonsToRemove": [
        "zoom2d",
        "pan2d",
        "select2d",
        "lasso2d",
        "autoScale2d",
        "hoverClosestCartesian",
        "hoverCompareCartesian",
    ],
}  # fmt: skip - one line of names reads better


def graph(
    figure: go.Figure,
    *,
    identity: str,
    caption: str,
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
    at_once: bool = False,
) -> Component:
    """Return a figure with how to read it, and its numbers for who cannot see it.

    Parameters
    ----------
    figure : plotly.graph_objects.Figure
        From `dashboard.figures`.
    identity : str
        The graph's id.
    caption : str
        What it shows and how to read it.
    head, rows : sequence of str
        The table of its numbers; the first column names the row.
    at_once : bool
        Whether it is to be seen before plotly is loaded, which is when somebody comes near it and nothing else is to
        be done; for what stands in a page's first screen.
    """
    drawn: Component = dcc.Graph(
        id=identity,
        figure=figure,
        config=CONFIG,
        className="bt-graph",
        responsive=True,
        style={"height": f"{int(figure.layout.height)}px"},
    )  # fmt: skip - as above
    if at_once:
        style = {"height": f"{int(figure.layout.height)}px"}
        told = json.dumps(drawn, cls=PlotlyJSONEncoder)
        drawn = html.Div(
            [
                _plain(figure),
                html.Div(id=ids.later(identity), **notices.marked(graph=told)),
                dcc.Store(id=ids.near(identity)),
            ],
            className="bt-at-once",
            style=style,
        )
    return _figure(drawn, identity, caption, head, rows)


def register(app: Dash) -> None:
    """Connect figures that are there at once: plotly draws them a little later."""
    in_browser: Any = app.clientside_callback
    in_browser(
        ClientsideFunction("biotune", "whenNear"),
        Output(ids.near(MATCH), "data"),
        Input(ids.later(MATCH), "id"),
    )
    in_browser(
        ClientsideFunction("biotune", "drawLater"),
        Output(ids.later(MATCH), "children"),
        Input(ids.near(MATCH), "data"),
        State(ids.later(MATCH), "id"),
        prevent_initial_call=True,
    )


def drawing(
    figure: go.Figure, *, identity: str, caption: str, head: Sequence[str], rows: Sequence[Sequence[str]]
) -> Component:
    """Return a figure in which nothing is zoomed or picked: as `graph`, drawn here and not by plotly in the browser.

    Parameters
    ----------
    figure : plotly.graph_objects.Figure
        From `dashboard.figures`; see `dashboard.figures.plain`.
    identity, caption, head, rows
        As in `graph`.
    """
    return _figure(html.Div(_plain(figure), id=identity, className="bt-graph"), identity, caption, head, rows)


def _plain(figure: go.Figure) -> Component:
    """Return a figure's place and its picture, which `assets/drawings.js` puts there."""
    style = {"height": f"{int(figure.layout.height)}px"}
    return html.Div(className="bt-plain", style=style, **notices.marked(drawing=plain.svg(figure)))


def _figure(
    drawn: Component, identity: str, caption: str, head: Sequence[str], rows: Sequence[Sequence[str]]
) -> Component:
    return html.Figure(
        [
            drawn,
            html.Figcaption(caption, className="bt-caption"),
            html.Div([numbers(head, rows), _save(identity)], className="bt-below"),
        ],
        className="bt-figure",
    )  # fmt: skip - as above


def _save(identity: str) -> Component:
    """Offer the figure as a file; `assets/figures.js` draws it on white, in the browser."""
    name = identity.replace("-", " ")
    buttons = [
        html.Button(
            form.upper(),
            type="button",
            className="bt-link",
            **notices.named(f"Save the figure {name} as {form.upper()}", data_save=form),
        )  # fmt: skip - as above
        for form in ("png", "svg")
    ]
    return html.Span(["Save as ", buttons[0], " ", buttons[1]], className="bt-save bt-noprint")


def numbers(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Component:
    """Return a table that opens on request.

    Parameters
    ----------
    head, rows : sequence of str
        As in `graph`.
    """
    top = dmc.TableThead(dmc.TableTr([dmc.TableTh(text) for text in head]))
    body = dmc.TableTbody([dmc.TableTr([dmc.TableTd(text) for text in row]) for row in rows])
    table = dmc.Table([top, body], fz="sm", verticalSpacing=4)
    return html.Details(
        [html.Summary("The numbers"), html.Div(table, className="bt-numbers-table")], className="bt-numbers bt-noprint"
    )
