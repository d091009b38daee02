"""``/live/<id>/client``: a calm screen for the client: no numbers, no way to anywhere, one slow shape."""

from dataclasses import asdict
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html
from dash.development.base_component import Component

from biotune.library import Library
from dashboard import ids
from dashboard.components import notices

_TICK_MS = 1000


def layout(library: Library, session_id: str) -> Component:
    """Return the screen; ``assets/calm.js`` draws it.

    Raises
    ------
    SessionNotFound
        Where no session has that id.
    """
    shape = [
        html.Div(className="bt-calm-pacer", **notices.UNSEEN),
        html.Div(className="bt-calm-halo", **notices.UNSEEN),
        html.Div(className="bt-calm-shape", **notices.UNSEEN),
    ]
    state: Any = {"data-state": "calm"}
    return html.Div(
        [
            html.H1("A calm screen", className="bt-unseen", tabIndex=-1),
            dcc.Interval(id=ids.CALM_TICK, interval=_TICK_MS),
            dcc.Store(id=ids.CALM_SESSION, data=session_id),
            dcc.Store(id=ids.CALM_SWING, data=asdict(library.live.swing(session_id))),
            html.Div(shape, className="bt-calm-stage"),
            html.P(className="bt-calm-word"),
            html.Button("Full screen", type="button", className="bt-calm-full"),
        ],
        id=ids.CALM_SCREEN,
        className="bt-calm",
        **state,
    )


def register(app: Dash, library: Library) -> None:
    """Connect the screen."""

    @app.callback(
        Output(ids.CALM_SWING, "data"),
        Input(ids.CALM_TICK, "n_intervals"),
        State(ids.CALM_SESSION, "data"),
        running=[(Output(ids.CALM_TICK, "disabled"), True, False)],
        prevent_initial_call=True,
        on_error=lambda _error: {"now_s": 0.0, "beats": [], "pacer": {"on": False}, "runs": False},  # it goes calm
    )
    def swing(_ticks: int, session_id: str) -> dict[str, Any]:
        return asdict(library.live.swing(session_id))

    in_browser: Any = app.clientside_callback
    in_browser(ClientsideFunction("biotune", "swing"), Output(ids.CALM_SCREEN, "title"), Input(ids.CALM_SWING, "data"))
