"""How music sounds on this machine: the output's delay, the fade, and what becomes of music when a rest begins."""

import dash_mantine_components as dmc
from dash import Dash, Input, Output, State, html
from dash.development.base_component import Component

from biotune.errors import UsageError
from biotune.library import Library
from biotune.library.music import PlayerSettings
from dashboard import ids
from dashboard.components import notices


def at_rest(now: PlayerSettings) -> Component:
    """Return the switch for music that sounds when a rest begins; what it is set to is kept at once."""
    switch = dmc.Switch(
        id=ids.SOUND_AT_REST,
        label="Fade the music out when a rest begins",
        description="A piece that still plays when a phase without music begins fades out by itself. Otherwise the "
        "live page asks; it asks of live music in any case. It holds for every session on this machine.",
        checked=now.fade_at_rest,
    )
    return html.Div([switch, html.Div(id=ids.said(ids.SOUND_AT_REST), role="status")])


def settings(now: PlayerSettings) -> Component:
    """Return everything that is set of the player."""
    inputs = dmc.Group(
        [
            dmc.NumberInput(
                id=ids.SOUND_DELAY,
                label="Output delay (ms)",
                description="How much later a sound is heard than it is played: about 100 to 300 with Bluetooth. "
                "Logged times are moved by it.",
                value=now.delay_ms,
                min=0,
                step=10,
                maw=320,
            ),
            dmc.NumberInput(
                id=ids.SOUND_FADE,
                label="Fade (seconds)",
                description="How long the music takes to fade out.",
                value=now.fade_s,
                min=0,
                step=1,
                maw=320,
            ),
            dmc.Button("Keep", id=ids.SOUND_KEEP, variant="default"),
        ],
        align="end",
    )  # fmt: skip - controls read as one
    return dmc.Stack([at_rest(now), inputs, html.Div(id=ids.SOUND_SAID, role="status")])


def register(app: Dash, library: Library) -> None:
    """Connect the settings, on whichever page they stand."""

    @app.callback(
        Output(ids.said(ids.SOUND_AT_REST), "children"),
        Input(ids.SOUND_AT_REST, "checked"),
        prevent_initial_call=True,
        on_error=notices.of_error,
    )
    def switch(checked: bool) -> str:  # noqa: FBT001 - a switch
        if checked == library.music.player.fade_at_rest:
            return ""
        library.music.set_player(fade_at_rest=checked)
        return "Kept."

    @app.callback(
        Output(ids.SOUND_SAID, "children"),
        Input(ids.SOUND_KEEP, "n_clicks"),
        State(ids.SOUND_DELAY, "value"),
        State(ids.SOUND_FADE, "value"),
        prevent_initial_call=True,
        on_error=notices.of_error,
    )
    def keep(_clicks: int, delay_ms: float | str, fade_s: float | str) -> str:
        if delay_ms == "" or fade_s == "":
            raise UsageError("a number is missing", hint="Type 0 for none.")
        library.music.set_player(delay_ms=float(delay_ms), fade_s=float(fade_s))
        return "Kept."
