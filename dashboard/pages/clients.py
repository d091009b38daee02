"""``/clients``: everyone under their code."""

import dash_mantine_components as dmc
from dash import ALL, Dash, Input, Output, State, ctx, dcc, html, no_update
from dash.development.base_component import Component

from biotune.domain import client_code
from biotune.library import Library
from dashboard import ids, theme
from dashboard.components import clients, notices
from dashboard.components.pressed import was_pressed

_MOST_SHOWN = 200


def layout(library: Library) -> Component:
    """Return the page; its list is filled by a callback."""
    has_names = any(row.name for row in library.clients.list())
    find = dmc.Group(
        [
            dmc.TextInput(
                id=ids.CLIENTS_TEXT,
                label="Search",
                placeholder="code, approach, condition …",
                value="",
                debounce=250,
                leftSection=notices.icon("search"),
                flex="3 1 220px",
            ),
            html.Div(
                dmc.Switch(id=ids.CLIENTS_NAMES, label="Show names", checked=False),
                style={} if has_names else theme.HIDDEN,
            ),
        ],
        align="end",
    )
    add = html.Div(
        [
            dmc.TextInput(
                id=ids.CLIENTS_CODE,
                label="New client's code",
                description="Letters, digits, spaces, dots and hyphens; no name.",
                placeholder="K-204",
                value="",
                debounce=True,
            ),
            dmc.Button("Add client", id=ids.CLIENTS_ADD, leftSection=notices.icon("new")),
        ],
        className="bt-fields",
    )
    return dmc.Stack(
        [
            html.H1("Clients", tabIndex=-1),
            html.Div(dmc.Stack([add, html.Div(id=ids.CLIENTS_SAID, role="status"), find]), className="bt-noprint"),
            dcc.Store(id=ids.CLIENTS_STATE),
            html.Div(id=ids.CLIENTS_LIST),
        ]
    )


def register(app: Dash, library: Library) -> None:
    """Connect the page."""

    @app.callback(Output(ids.CLIENTS_STATE, "data"), Input(ids.REVISION, "data"), State(ids.CLIENTS_STATE, "data"))
    def notice_clients(_revision: str, known: str | None) -> object:
        now = f"{library.clients.revision()}"
        return no_update if now == known else now

    @app.callback(
        Output(ids.CLIENTS_LIST, "children"),
        Input(ids.CLIENTS_STATE, "data"),
        Input(ids.CLIENTS_TEXT, "value"),
        Input(ids.CLIENTS_NAMES, "checked"),
        on_error=notices.of_error,
    )
    def show(_state: str, wanted: str | None, names: bool) -> Component:  # noqa: FBT001 - a field's value
        rows = library.clients.list()
        chosen = clients.choose(rows, wanted or "", by_name=names)
        if not rows:
            return clients.nobody()
        if not chosen:
            return notices.notice("No client matches", "Clear the search.")
        plans = {each.name: each for each in library.live.plans()}
        more = f"The first {_MOST_SHOWN} of {len(chosen)}; search for others." if len(chosen) > _MOST_SHOWN else ""
        listed = clients.table(chosen[:_MOST_SHOWN], plans, names=names)
        return dmc.Stack([listed, dmc.Text(more, c="dimmed")]) if more else listed

    @app.callback(
        Output(ids.CLIENTS_SAID, "children"),
        Output(ids.LOCATION, "pathname", allow_duplicate=True),
        Input(ids.CLIENTS_ADD, "n_clicks"),
        Input(ids.CLIENTS_CODE, "n_submit"),
        State(ids.CLIENTS_CODE, "value"),
        prevent_initial_call=True,
        on_error=lambda error: (notices.of_error(error), no_update),
    )
    def add(clicks: int | None, enters: int | None, code: str | None) -> tuple[object, object]:
        if not (clicks or enters):
            return no_update, no_update  # the page has just come
        if library.clients.is_new_name(code or ""):
            return clients.is_it_a_name("clients", client_code(code or "")), no_update
        return None, clients.address(library.clients.add(code or "").code)

    @app.callback(
        Output(ids.CLIENTS_SAID, "children", allow_duplicate=True),
        Output(ids.LOCATION, "pathname", allow_duplicate=True),
        Input(ids.anyway("clients", ALL), "n_clicks"),
        prevent_initial_call=True,
        on_error=lambda error: (notices.of_error(error), no_update),
    )
    def add_anyway(_clicks: list[int | None]) -> tuple[object, object]:
        if not was_pressed():
            return no_update, no_update  # the button has just come
        return None, clients.address(library.clients.add(ctx.triggered_id["code"]).code)
