"""``/new``: choose a strap, a protocol and a client, and start."""

import dash_mantine_components as dmc
from dash import Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component

from biotune.errors import UsageError
from biotune.library import Library
from biotune.live import profiles
from dashboard import ids
from dashboard.components import new_session, notices
from dashboard.jobs import Jobs

_TICK_MS = 700
_FIRST_PROTOCOL = "listening"
_FIRST_PROFILE = "responds"


def layout(library: Library, jobs: Jobs) -> Component:
    """Return the page."""
    return dmc.Stack(
        [
            html.H1("New session", tabIndex=-1),
            dcc.Interval(id=ids.NEW_TICK, interval=_TICK_MS),
            dcc.Store(id=ids.NEW_HEARD),
            dcc.Store(id=ids.NEW_JOB),
            _step("1 · Strap", *_strap(jobs)),
            _step("2 · Protocol", *_protocol(library)),
            _step("3 · Client", _client(library)),
            dmc.Group([dmc.Button("Start recording", id=ids.NEW_START, size="md")]),
            html.Div(id=ids.NEW_REFUSED),
            html.Div(id=ids.NEW_SAID, role="status"),
        ]
    )


def register(app: Dash, library: Library, jobs: Jobs) -> None:
    """Connect the page."""
    _register_strap(app, jobs)
    _register_start(app, library, jobs)


def _register_strap(app: Dash, jobs: Jobs) -> None:
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
        return new_session.strap_choices(now), new_session.scan_words(now), repr(now)

    @app.callback(Output(ids.NEW_PROFILE, "style"), Input(ids.NEW_STRAP, "value"))
    def choose_strap(value: str | None) -> dict[str, str]:
        return {} if value == new_session.SIMULATED else {"display": "none"}


def _register_start(app: Dash, library: Library, jobs: Jobs) -> None:
    """Connect the protocol, and the start."""
    known = {protocol.name: protocol for protocol in library.live.plans()}

    @app.callback(Output(ids.NEW_PLAN, "children"), Input(ids.NEW_PROTOCOL, "value"))
    def tell_plan(name: str) -> Component:
        return new_session.plan(known[name])

    @app.callback(
        Output(ids.NEW_JOB, "data"),
        Output(ids.NEW_REFUSED, "children"),
        Input(ids.NEW_START, "n_clicks"),
        State(ids.NEW_STRAP, "value"),
        State(ids.NEW_PROFILE, "value"),
        State(ids.NEW_PROTOCOL, "value"),
        State(ids.NEW_CLIENT, "value"),
        prevent_initial_call=True,
        on_error=lambda error: (None, notices.of_error(error)),
    )
    def start(
        _clicks: int, value: str | None, profile: str, protocol: str, client: str | None
    ) -> tuple[str, Component | None]:
        if not value:
            raise UsageError("No strap is chosen", hint="Choose one above, or “Try without a strap”.")
        if protocol not in known or profile not in profiles():
            raise UsageError("this cannot be run", hint="Reload the page and choose again.")
        jobs.end_scan()
        strap = new_session.strap_of(value)
        return jobs.start(protocol=protocol, client=(client or "").strip(), strap=strap, profile=profile), None

    @app.callback(
        Output(ids.NEW_SAID, "children"),
        Output(ids.NEW_START, "loading"),
        Output(ids.LOCATION, "pathname"),
        Input(ids.NEW_TICK, "n_intervals"),
        Input(ids.NEW_JOB, "data"),
        prevent_initial_call=True,
    )
    def wait(_ticks: int, word: str | None) -> tuple[object, ...]:
        if word is None:
            return None, False, no_update
        begun = jobs.started(word)
        if begun.session:
            return no_update, True, f"/live/{begun.session}"
        return new_session.starting(begun.problem), begun.problem is None, no_update


def _step(title: str, *inside: Component) -> Component:
    return dmc.Paper(dmc.Stack([html.H2(title), *inside], gap="sm"), p="lg", withBorder=True, className="bt-card")


def _strap(jobs: Jobs) -> list[Component]:
    return [
        dmc.Group(
            [
                dmc.Button("Look for straps", id=ids.NEW_SCAN, variant="default", leftSection=notices.icon("strap")),
                html.Div(new_session.scan_words(jobs.scan), id=ids.NEW_SCANNED, role="status", className="bt-grow"),
            ],
            align="center",
        ),
        dmc.RadioGroup(
            dmc.Stack(new_session.strap_choices(jobs.scan), id=ids.NEW_STRAPS, gap="sm"),
            id=ids.NEW_STRAP,
            label="Which strap",
            value=None,
        ),
        dmc.Select(
            id=ids.NEW_PROFILE,
            label="Simulated person",
            value=_FIRST_PROFILE,
            allowDeselect=False,
            style={"display": "none"},
            data=[{"value": name, "label": f"{name}: {plain}"} for name, plain in profiles().items()],
        ),  # fmt: skip - a control's properties read as one
    ]


def _protocol(library: Library) -> list[Component]:
    return [
        dmc.Select(
            id=ids.NEW_PROTOCOL,
            label="What is done",
            value=_FIRST_PROTOCOL,
            allowDeselect=False,
            searchable=True,
            maw=420,
            data=[
                {"value": each.name, "label": f"{each.title} ({each.seconds / 60:g} min)"}
                for each in library.live.plans()
            ],
        ),  # fmt: skip - a control's properties read as one
        html.Div(id=ids.NEW_PLAN),
    ]


def _client(library: Library) -> Component:
    codes = sorted({each.client for each in library.sessions() if each.client})
    return dmc.Autocomplete(
        id=ids.NEW_CLIENT,
        label="Client code",
        description="One that is here already, or a new one. A code, not a name; it may stay empty.",
        placeholder="K-204",
        data=codes,
        value="",
        debounce=True,
        maw=420,
    )
