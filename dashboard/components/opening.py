"""Parts of a page that are made when somebody opens them: what nobody opens costs nobody time."""

from typing import Any

from dash import MATCH, ClientsideFunction, Dash, Input, Output, dcc, html
from dash.development.base_component import Component

from dashboard import ids


def part(words: str, name: str, **more: Any) -> Component:  # noqa: ANN401 - an element's own properties
    """Return a part that opens on request; a callback from `ids.opening` to `ids.opened` makes its inside, once.

    Parameters
    ----------
    words : str
        What it is, before it is opened.
    name : str
        Its name on the page.
    **more
        Properties of the element.
    """
    inside = [html.Summary(words), html.Div(id=ids.opened(name)), dcc.Store(id=ids.opening(name))]
    return html.Details(inside, className="bt-more bt-noprint", **more)


def register(app: Dash) -> None:
    """Connect: the first time that a part is opened, by whatever, is told to the server."""
    in_browser: Any = app.clientside_callback
    in_browser(
        ClientsideFunction("biotune", "whenOpened"),
        Output(ids.opening(MATCH), "data"),
        Input(ids.opened(MATCH), "id"),
    )
