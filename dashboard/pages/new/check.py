"""3: whether the strap sits well."""

import dash_mantine_components as dmc
from dash import Dash, Input, Output, State, html, no_update
from dash.development.base_component import Component

from biotune.errors import UsageError
from dashboard import ids
from dashboard.components import graph, new_session, notices, preparing
from dashboard.figures import check_wave
from dashboard.jobs import Check, Jobs

_CAPTION = "Each dot is a beat: the interval since the one before it. A lone spike up or down is mostly an artefact."


def layout(jobs: Jobs) -> list[Component]:
    """Return what is in the step."""
    return [
        html.Div(_check(jobs.check), id=ids.NEW_CHECK, role="status"),
        dmc.Group([dmc.Button("Check the signal", id=ids.NEW_CHECK_BEGIN, variant="default")]),
    ]


def _check(now: Check) -> Component:
    told = preparing.check(now)
    if now.found is None or not now.found.get("wave"):
        return told
    wave = now.found["wave"]
    rows = [(f"{time_s:.1f} s", f"{rr_ms:.0f} ms") for time_s, rr_ms in wave]
    drawn = graph.graph(
        check_wave.figure(wave), identity="signal-check", caption=_CAPTION, head=("At", "Interval"), rows=rows
    )
    return dmc.Stack([told, drawn], gap="sm")


def register(app: Dash, jobs: Jobs) -> None:
    """Connect the signal check."""

    @app.callback(
        Output(ids.NEW_REFUSED, "children", allow_duplicate=True),
        Input(ids.NEW_CHECK_BEGIN, "n_clicks"),
        State(ids.NEW_STRAP, "value"),
        State(ids.NEW_PROFILE, "value"),
        prevent_initial_call=True,
        on_error=notices.of_error,
    )
    def begin(_clicks: int, strap: str | None, profile: str) -> None:
        if not strap:
            raise UsageError("No strap is chosen", hint="Go back to the first step.")
        jobs.begin_check(strap=new_session.strap_of(strap), profile=profile)

    @app.callback(
        Output(ids.NEW_CHECK, "children"),
        Output(ids.NEW_CHECK_BEGIN, "children"),
        Output(ids.NEW_CHECKED, "data"),
        Input(ids.NEW_TICK, "n_intervals"),
        State(ids.NEW_CHECKED, "data"),
        prevent_initial_call=True,
    )
    def follow(_ticks: int, known: str | None) -> tuple[object, ...]:
        now = jobs.check
        word = f"{now.running} {len(now.told)} {now.found is None} {now.problem}"
        if word == known:
            return (no_update,) * 3
        return _check(now), "Again" if now.running or now.found or now.problem else "Check the signal", word
