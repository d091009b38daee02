"""The card that a part of a page stands in."""

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component


def panel(title: str, *inside: Component, identity: str = "") -> Component:
    """Return a card with a heading; `identity` is its address within the page."""
    more = {"id": identity} if identity else {}
    return dmc.Paper(
        dmc.Stack([html.H2(title), *inside], gap="sm"), p="lg", withBorder=True, className="bt-card", **more
    )
