"""Whose session it is, and how to say that it is somebody else's."""

from typing import Any

import dash_mantine_components as dmc
from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component

from biotune.library import Library
from dashboard import ids, regional
from dashboard.components import clients, notices


def section(library: Library, session_id: str) -> Component:
    """Return a part of a session's page that opens on request."""
    head = library.store.head(session_id)
    address = clients.address(head.client)
    told = (
        ["It is client ", dmc.Anchor(head.client, href=address, underline="always", className=regional.OWN), "'s."]
        if head.client
        else ["It is nobody's yet."]
    )
    fields = [
        dmc.Autocomplete(
            id=ids.WHOSE_CLIENT,
            label="Another client's code",
            description="Empty for nobody's.",
            data=list(library.clients.codes()),
            value=head.client,
            debounce=True,
        ),
        dmc.Button("Change whose it is", id=ids.WHOSE_CHANGE, variant="default"),
    ]
    return html.Details(
        [
            html.Summary("Whose session this is"),
            dmc.Stack(
                [
                    dmc.Text(told, id=ids.WHOSE_TOLD, className="bt-anywhere"),
                    html.Div(fields, className="bt-fields"),
                    html.Div(id=ids.WHOSE_SAID, role="status"),
                    dcc.Store(id=ids.WHOSE_DONE),
                ],
                gap="sm",
            ),
        ],
        className="bt-more bt-noprint",
    )


def register(app: Dash, library: Library) -> None:
    """Connect it; the session's id stands in the page's own store."""

    @app.callback(
        Output(ids.WHOSE_SAID, "children"),
        Output(ids.WHOSE_DONE, "data"),
        Input(ids.WHOSE_CHANGE, "n_clicks"),
        State(ids.WHOSE_CLIENT, "value"),
        State(ids.RATINGS_SESSION, "data"),
        prevent_initial_call=True,
        on_error=lambda error: (notices.of_error(error), no_update),
    )
    def change(clicks: int | None, code: str | None, session_id: str) -> tuple[object, object]:
        if not clicks:
            return no_update, no_update  # the page has just come
        library.corrections.change_client(session_id, code or "")
        return None, clicks

    in_browser: Any = app.clientside_callback
    in_browser(
        ClientsideFunction("biotune", "reload"),
        Output(ids.WHOSE_DONE, "clear_data"),
        Input(ids.WHOSE_DONE, "data"),
        prevent_initial_call=True,
    )
