"""Response by piece, on the page Music: of one client at a time, as the client's own page tells it."""

from typing import Any

import dash_mantine_components as dmc
from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component

from biotune.analysis import response
from biotune.library import Library
from dashboard import address, ids
from dashboard.components import clients, notices, progress
from dashboard.components.panel import panel

_LEAD = (
    "What a client's heart did while a piece sounded, against that day's baseline: over all plays, with intervals, and "
    "only where there are enough of them."
)


def section() -> Component:
    """Return the choice of a client, and room for the answer."""
    return panel(
        "Response by piece",
        dmc.Text(_LEAD),
        dmc.Select(
            id=ids.MUSIC_WHOSE,
            label="Client",
            placeholder="Choose a client",
            data=[],
            value=None,
            searchable=True,
            clearable=True,
            nothingFoundMessage="No client matches",
            maw=420,
            className="bt-noprint",
            clearButtonProps=notices.named("Choose no client"),
        ),
        dcc.Store(id=ids.MUSIC_WHOSE_KNOWN),
        dcc.Store(id=ids.MUSIC_WHOSE_SHOWN),
        html.Div(id=ids.MUSIC_RESPONSE),
        identity="response-by-piece",
    )


def told(library: Library, code: str) -> Component:
    """Tell a client's response to each piece, or what to do first.

    Raises
    ------
    SessionNotFound
        Where there is no such client.
    """
    found = response.of_pieces(library.responses(code))
    page = dmc.Anchor(f"Client {code}", href=clients.address(code), underline="always", className="bt-anywhere")
    if table := progress.went_with(found):
        return dmc.Stack([table, dmc.Text(["Sessions, approaches and goals: ", page, "."])])
    record = dmc.Anchor("New session", href=f"/new/{clients.address(code).rpartition('/')[2]}", underline="always")
    return dmc.Stack(
        [
            notices.notice(
                "No piece has been measured with this client yet",
                "Play music on the live page of a session, for more than a minute and a quarter a piece, after a "
                "baseline. Once the session has ended, the piece stands here.",
            ),
            *(dmc.Text(each) for each in found.words),
            dmc.Group([record, page]),
        ]
    )


def nobody(library: Library) -> Component:
    """Say what to do while no client is chosen."""
    if library.clients.codes():
        return dmc.Text("Choose a client above.", c="dimmed")
    record = dmc.Anchor("New session", href="/new", underline="always")
    return dmc.Stack([dmc.Text("There is no client yet. Record a session with music in it first."), record])


def register(app: Dash, library: Library) -> None:
    """Connect the section."""

    @app.callback(
        Output(ids.MUSIC_WHOSE, "data"),
        Output(ids.MUSIC_WHOSE, "value"),
        Input(ids.MUSIC_WHOSE_KNOWN, "id"),
        State(ids.LOCATION, "search"),
        on_error=lambda _error: ([], None),  # the section below tells of it
    )
    def choose(_identity: str, search: str | None) -> tuple[list[str], str | None]:
        codes = list(library.clients.codes())
        asked = address.asked(search, "client")
        return [*codes, *([asked] if asked and asked not in codes else [])], asked or None

    @app.callback(
        Output(ids.MUSIC_RESPONSE, "children"),
        Output(ids.MUSIC_WHOSE_SHOWN, "data"),
        Input(ids.MUSIC_WHOSE, "value"),
        Input(ids.REVISION, "data"),
        State(ids.MUSIC_WHOSE_SHOWN, "data"),
        on_error=lambda error: (notices.of_error(error), None),
    )
    def show(code: str | None, _revision: str, shown: str | None) -> tuple[object, object]:
        sessions = library.sessions(code) if code else ()
        now = ".".join(
            [code or "", *(f"{each.id}-{each.duration_s}-{each.beats}" for each in sessions if each.finished)]
        )
        if now == shown:
            return no_update, no_update
        return (told(library, code) if code else nobody(library)), now

    in_browser: Any = app.clientside_callback
    in_browser(
        ClientsideFunction("biotune", "keepClientInAddress"),
        Output(ids.MUSIC_WHOSE_KNOWN, "data"),
        Input(ids.MUSIC_WHOSE, "value"),
        prevent_initial_call=True,
    )
