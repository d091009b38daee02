"""The player's callbacks; its place is in the live page."""

from typing import Any

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx, no_update
from dash.development.base_component import Component

from biotune.library import Library
from dashboard import ids
from dashboard.components import notices, player
from dashboard.components.pressed import was_pressed


def register(app: Dash, library: Library) -> None:
    """Connect the player's region."""

    @app.callback(
        Output(ids.PLAYER_OFFER, "data"),
        Output(ids.said(ids.PLAYER_LIST), "children"),
        Input(ids.PLAYER_LIST, "value", allow_optional=True),  # where there is no music, nothing is to choose
        Input(ids.PLAYER_REVISION, "data"),
        State(ids.PLAYER_SESSION, "data"),
        on_error=lambda error: (no_update, notices.of_error(error)),
    )
    def choose(chosen: str | None, _revision: str, session_id: str) -> tuple[dict[str, Any] | Any, None]:
        if chosen is None:
            return no_update, None
        return player.offer(library, session_id, chosen), None

    @app.callback(
        Output(ids.PLAYER_REVISION, "data"),
        Input(ids.PLAYER_LOOK, "n_intervals"),
        State(ids.PLAYER_REVISION, "data"),
        State(ids.PLAYER_SESSION, "data"),
        running=[(Output(ids.PLAYER_LOOK, "disabled"), True, False)],
        prevent_initial_call=True,
        on_error=lambda _error: no_update,  # the live page says that the dashboard is in trouble
    )
    def look(_looks: int, before: str, session_id: str) -> object:
        now = player.revision(library, session_id)
        return no_update if now == before else now

    in_browser: Any = app.clientside_callback
    in_browser(ClientsideFunction("biotune", "offer"), Output(ids.PLAYER, "title"), Input(ids.PLAYER_OFFER, "data"))

    @app.callback(
        Output(ids.PLAYER_LIVE, "children"),
        Output(ids.said(ids.PLAYER_LIVE), "children"),
        Input(ids.live_music(ALL, ALL), "n_clicks"),
        State(ids.PLAYER_SESSION, "data"),
        prevent_initial_call=True,
        on_error=lambda error: (no_update, notices.of_error(error)),
    )
    def by_hand(_clicks: list[int | None], session_id: str) -> tuple[Component | Any, None]:
        if not was_pressed():
            return no_update, None
        piece = library.music.piece(ctx.triggered_id["key"])
        do = library.playing.start if ctx.triggered_id["act"] == "start" else library.playing.stop
        do(session_id, piece)
        return player.who_plays(library, session_id), None

    @app.callback(
        Output(ids.PLAYER_LIVE, "children", allow_duplicate=True),
        Input(ids.PLAYER_REVISION, "data"),
        State(ids.PLAYER_SESSION, "data"),
        prevent_initial_call=True,
        on_error=lambda _error: no_update,  # as above
    )
    def elsewhere(_revision: str, session_id: str) -> Component | None:
        """Show what another window, or the question of a rest, has started or stopped."""
        return player.who_plays(library, session_id)
