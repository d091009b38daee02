"""What the live page offers while a sitting runs, connected; the page itself is `live`."""

from collections.abc import Mapping
from typing import Any

from dash import ALL, MATCH, ClientsideFunction, Dash, Input, Output, State, ctx, no_update
from dash.development.base_component import Component

from biotune.domain import PacerSet, RatingGiven
from biotune.domain.self_report import SCALES
from biotune.errors import UsageError
from biotune.library import Library
from dashboard import ids, theme
from dashboard.components import notices, ratings, sitting


def register(app: Dash, library: Library) -> None:
    """Connect markers, the pacer, the client's own words and feedback."""
    _register_markers(app, library)
    _register_pacer(app, library)
    _register_saying(app, library)
    _register_feedback(app, library)


def _register_markers(app: Dash, library: Library) -> None:
    @app.callback(
        Output(ids.live_mark_said(MATCH), "children"),
        Input(ids.live_mark(MATCH), "n_clicks"),
        State(ids.LIVE_SESSION, "data"),
        prevent_initial_call=True,
        on_error=notices.of_error,
    )
    def mark(clicks: int | None, session_id: str) -> object:
        if not clicks or not ctx.triggered_id:
            return no_update
        library.live.mark(session_id, ctx.triggered_id["label"])
        return None

    @app.callback(
        Output(ids.said(ids.LIVE_UNDO), "children"),
        Input(ids.LIVE_UNDO, "n_clicks"),
        State(ids.LIVE_SESSION, "data"),
        prevent_initial_call=True,
        on_error=notices.of_error,
    )
    def undo(_clicks: int, session_id: str) -> str:
        removed = library.corrections.remove_last_marker(session_id)
        return f"Taken back: {removed.label}, {theme.clock(removed.time_s)}."


def _register_pacer(app: Dash, library: Library) -> None:
    @app.callback(
        Output(ids.LIVE_PACER, "children", allow_duplicate=True),
        Output(ids.said(ids.LIVE_PACER), "children"),
        Input(ids.LIVE_PACER_SWITCH, "n_clicks"),
        Input(ids.LIVE_PACER_RATE, "value"),
        Input(ids.LIVE_PACER_INHALE, "value"),
        State(ids.LIVE_PACER_NOW, "data"),
        State(ids.LIVE_SESSION, "data"),
        prevent_initial_call=True,
        on_error=lambda error: (no_update, notices.of_error(error)),
    )
    def lead(_clicks: int, per_min: float, inhale_pct: float, runs: bool, session_id: str) -> tuple[object, None]:  # noqa: FBT001 - as stored
        switched = ctx.triggered_id == ids.LIVE_PACER_SWITCH and bool(_clicks)
        per_min = sitting.meant(float(per_min), library.live.pacer(session_id))
        if switched:
            library.live.switch_pacer(session_id, PacerSet(not runs, per_min, inhale_pct / 100))
        else:  # by hand, or because a phase begins that is led; while it is off, the page keeps what is set
            library.live.set_breath(session_id, per_min, inhale_pct / 100)
        return sitting.pacer(library.live.tail(session_id)), None

    in_browser: Any = app.clientside_callback
    in_browser(
        ClientsideFunction("biotune", "breath"),
        Output(ids.LIVE_PACER_BREATH, "children"),
        Input(ids.LIVE_PACER_RATE, "value"),
        Input(ids.LIVE_PACER_INHALE, "value"),
    )


def _register_saying(app: Dash, library: Library) -> None:
    @app.callback(
        Output(ids.LIVE_SAY_SLIDERS, "children"),
        Output(ids.LIVE_SAY_DONE, "data"),
        Output(ids.LIVE_SAY_TOLD, "children"),
        Output(ids.said(ids.LIVE_SAY_KEEP), "children"),
        Input(ids.LIVE_SAY_KEEP, "n_clicks"),
        State(ids.rating_given(sitting.SAYING, ALL), "data"),
        State(ids.rating_given(sitting.SAYING, ALL), "id"),
        State(ids.LIVE_SESSION, "data"),
        prevent_initial_call=True,
        on_error=lambda error: (no_update, no_update, no_update, notices.of_error(error)),
    )
    def keep(
        clicks: int, values: list[float | None], marks: list[dict[str, str]], session_id: str
    ) -> tuple[Component, int, str, None]:
        given = ratings.given_of(values, marks)
        if not given:
            raise UsageError("No slider was moved", hint="Move a slider, or click on it where the answer lies.")
        for scale, value in given.items():
            library.live.give(session_id, RatingGiven(scale, value, ""))
        return sitting.sliders(), clicks, _kept(given), None

    in_browser: Any = app.clientside_callback
    in_browser(
        ClientsideFunction("biotune", "saying"),
        Output(ids.LIVE_SAY_DIALOG, "title"),
        Input(ids.LIVE_SAY, "n_clicks"),
        Input(ids.LIVE_SAY_NO, "n_clicks"),
        Input(ids.LIVE_SAY_DONE, "data"),
        prevent_initial_call=True,
    )


def _register_feedback(app: Dash, library: Library) -> None:
    @app.callback(
        Output(ids.LIVE_FEEDBACK_TICK, "disabled"),
        Output(ids.LIVE_FEEDBACK, "children"),
        Input(ids.LIVE_FEEDBACK_SHOW, "checked"),
        Input(ids.LIVE_FEEDBACK_TICK, "n_intervals"),
        State(ids.LIVE_SESSION, "data"),
        prevent_initial_call=True,
        on_error=lambda error: (no_update, notices.of_error(error)),
    )
    def show(shows: bool, _ticks: int | None, session_id: str) -> tuple[bool, Component | None]:  # noqa: FBT001 - a switch
        return not shows, sitting.told(library.live.feedback(session_id)) if shows else None


def _kept(given: Mapping[str, float]) -> str:
    """Tell what was kept, by the scales' names."""
    titles = {scale.key: scale.title for scale in SCALES}
    return f"Kept: {', '.join(f'{titles[key]} {value:g}' for key, value in given.items())}."
