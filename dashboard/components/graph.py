"""The one way a figure reaches a page."""

from collections.abc import Sequence
from typing import Any

import dash_mantine_components as dmc
import plotly.graph_objects as go
from dash import dcc, html
from dash.development.base_component import Component

from dashboard.components import notices

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
    figure: go.Figure, *, identity: str, caption: str, head: Sequence[str], rows: Sequence[Sequence[str]]
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
    """
    height = int(figure.layout.height)
    return html.Figure(
        [
            dcc.Graph(
                id=identity,
                figure=figure,
                config=CONFIG,
                className="bt-graph",
                responsive=True,
                style={"height": f"{height}px"},
            ),  # fmt: skip - as above
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
