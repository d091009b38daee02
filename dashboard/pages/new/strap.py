"""1: which strap, or none."""

import dash_mantine_components as dmc
from dash import Dash, Input, Output, State, html, no_update
from dash.development.base_component import Component

from biotune.library import Library
from biotune.library.drafts import Draft
from biotune.live import profiles
from dashboard import ids, theme
from dashboard.components import new_session, notices
from dashboard.jobs import Jobs


def layout(jobs: Jobs, draft: Draft) -> list[Component]:
    """Return what is in the step."""
    return [
        dmc.Group(
            [
                dmc.Button("Look for straps", id=ids.NEW_SCAN, variant="default", leftSection=notices.icon("strap")),
                html.Div(new_session.scan_words(jobs.scan), id=ids.NEW_SCANNED, role="status", className="bt-grow"),
            ],
            align="center",
        ),
        dmc.RadioGroup(
            dmc.Stack(new_session.strap_choices(jobs.scan, draft), id=ids.NEW_STRAPS, gap="sm"),
            id=ids.NEW_STRAP,
            label="Which strap",
            value=new_session.strap_value(draft),
        ),
        html.Div(
            dmc.Select(
                id=ids.NEW_PROFILE,
                label="Simulated person",
                value=draft.profile if draft.profile in profiles() else None,
                allowDeselect=False,
                data=[{"value": name, "label": f"{name}: {plain}"} for name, plain in profiles().items()],
            ),
            id=ids.NEW_PROFILE_BOX,
            style={} if draft.simulated else theme.HIDDEN,
        ),
        html.Div(
            dmc.Switch(
                id=ids.NEW_ECG,
                label="Record the ECG and the accelerometer too",
                description="Of a Polar H10. It shows each beat and the breathing; its battery lasts less long.",
                checked=draft.ecg,
            ),
            id=ids.NEW_ECG_BOX,
            style={} if new_session.can_ecg(draft.strap_name, simulated=draft.simulated) else theme.HIDDEN,
        ),
    ]


def register(app: Dash, library: Library, jobs: Jobs) -> None:
    """Connect the choice of a strap."""

    @app.callback(Output(ids.NEW_SCAN, "disabled"), Input(ids.NEW_SCAN, "n_clicks"), prevent_initial_call=True)
    def scan(_clicks: int) -> bool:
        jobs.begin_scan()
        return False

    @app.callback(
        Output(ids.NEW_STRAPS, "children"),
        Output(ids.NEW_SCANNED, "children"),
        Output(ids.NEW_HEARD, "data"),
        Input(ids.NEW_TICK, "n_intervals"),
        State(ids.NEW_HEARD, "data"),
        prevent_initial_call=True,
    )
    def hear(_ticks: int, heard: str | None) -> tuple[object, ...]:
        now = jobs.scan
        if repr(now) == heard:
            return (no_update,) * 3
        return new_session.strap_choices(now, library.drafts.read()), new_session.scan_words(now), repr(now)

    @app.callback(
        Output(ids.NEW_PROFILE_BOX, "style"),
        Output(ids.NEW_ECG_BOX, "style"),
        Output(ids.NEW_ECG, "checked"),
        Output(ids.NEW_REFUSED, "children", allow_duplicate=True),
        Input(ids.NEW_STRAP, "value"),
        State(ids.NEW_ECG, "checked"),
        prevent_initial_call=True,
    )
    def choose_strap(value: str | None, ecg: bool) -> tuple[object, ...]:  # noqa: FBT001 - a field's value
        simulated = value == new_session.SIMULATED
        address, draft = new_session.strap_of(value), library.drafts.read()
        names = {each.address: each.name for each in jobs.scan.straps} | {draft.strap: draft.strap_name}
        possible = new_session.can_ecg(names.get(address, ""), simulated=simulated)
        shown = [{} if each else theme.HIDDEN for each in (simulated, possible)]
        return *shown, ecg and possible, None if value else no_update  # that none was chosen is true no more
