"""``/``: what is recorded."""

from typing import TYPE_CHECKING

import dash_mantine_components as dmc
from dash import MATCH, Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component

from biotune.library import Library
from dashboard import ids
from dashboard.components import notices, session_list

if TYPE_CHECKING:
    from biotune.domain import SessionSummary

ROWS = 20  # on one page of the list


def layout(library: Library) -> Component:
    """Return the page; its list is filled by a callback."""
    clients = sorted({each.client for each in library.sessions() if each.client})
    filters = dmc.Group(
        [
            dmc.TextInput(
                id=ids.SESSIONS_TEXT,
                label="Search",
                placeholder="client, protocol, date …",
                value="",
                debounce=250,
                leftSection=notices.icon("search"),
                flex="3 1 220px",
            ),  # fmt: skip - a control's properties read as one
            dmc.Select(
                id=ids.SESSIONS_CLIENT,
                label="Client",
                placeholder="All clients",
                data=clients,
                value=None,
                clearable=True,
                searchable=True,
                flex="1 1 140px",
                maw=220,
                clearButtonProps={"aria-label": "Show all clients"},
            ),  # fmt: skip - as above
            dmc.Select(
                id=ids.SESSIONS_SORT,
                label="Order",
                value="newest",
                allowDeselect=False,
                flex="1 1 140px",
                maw=220,
                data=[{"value": key, "label": order[0]} for key, order in session_list.ORDERS.items()],
            ),  # fmt: skip - as above
        ],
        align="end",
    )
    return dmc.Stack(
        [
            html.H1("Sessions", tabIndex=-1),
            html.Div(filters, className="bt-noprint"),
            dcc.Store(id=ids.SESSIONS_STATE),
            html.Div(id=ids.SESSIONS_LIST),
            dmc.Pagination(id=ids.SESSIONS_PAGER, total=1, value=1, hideWithOnePage=True),
        ]
    )


def register(app: Dash, library: Library) -> None:
    """Connect the page."""

    @app.callback(Output(ids.SESSIONS_STATE, "data"), Input(ids.REVISION, "data"), State(ids.SESSIONS_STATE, "data"))
    def notice_sessions(_revision: str, known: str | None) -> object:
        standings = library.live.standings()
        found = " ".join(f"{each.id}-{standings.get(each.id, '')}" for each in library.sessions())
        return no_update if found == known else found

    @app.callback(
        Output(ids.SESSIONS_LIST, "children"),
        Output(ids.SESSIONS_PAGER, "total"),
        Input(ids.SESSIONS_STATE, "data"),
        Input(ids.SESSIONS_CLIENT, "value"),
        Input(ids.SESSIONS_TEXT, "value"),
        Input(ids.SESSIONS_SORT, "value"),
        Input(ids.SESSIONS_PAGER, "value"),
        on_error=lambda error: (notices.of_error(error), 1),
    )
    def show(_state: str, client: str | None, text: str | None, order: str, page: int) -> tuple[Component, int]:
        sessions = library.sessions()
        chosen = session_list.choose(sessions, client=client or "", text=text or "", order=order)
        pages = max(1, -(-len(chosen) // ROWS))
        return _list(library, sessions, chosen, min(page, pages)), pages

    @app.callback(Output(ids.result(MATCH), "children"), Input(ids.row(MATCH), "data"))
    def analyse(session_id: str) -> object:
        finished = any(each.finished for each in library.sessions() if each.id == session_id)
        return session_list.result(library.overview(session_id)) if finished else no_update


def _list(
    library: Library, sessions: "tuple[SessionSummary, ...]", chosen: "list[SessionSummary]", page: int
) -> Component:
    if not sessions:
        return session_list.nothing_yet()
    if not chosen:
        return session_list.no_match()
    return session_list.table(chosen[(page - 1) * ROWS : page * ROWS], library.live.standings())
