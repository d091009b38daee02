"""``/new``: strap, client and protocol, signal check, what to know before it begins; then it runs."""

from typing import Any
from urllib.parse import unquote

import dash_mantine_components as dmc
from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx, dcc, html, no_update
from dash.development.base_component import Component

from biotune.domain import client_code
from biotune.domain.self_report import CIRCUMSTANCES, READINGS, SCALES
from biotune.errors import UsageError
from biotune.library import Library
from biotune.library.drafts import LAST_STEP, Draft
from biotune.live import Protocol, Standing, profiles
from dashboard import ids
from dashboard.components import graph, new_session, notices, preparing, ratings
from dashboard.figures import check_wave
from dashboard.jobs import Check, Jobs

_TICK_MS = 700
_GROUP = "before"
_HIDDEN = {"display": "none"}
_OF_CHECK = "Each dot is a beat: the interval since the one before it. A lone spike up or down is mostly an artefact."


def layout(library: Library, jobs: Jobs, client: str = "") -> Component:
    """Return the page as the draft stands.

    Parameters
    ----------
    client : str
        For whom it is, where the address says so.
    """
    draft = library.drafts.read()
    if client and unquote(client) != draft.client:  # what was said so far was said by somebody else
        draft = Draft(
            strap=draft.strap,
            strap_name=draft.strap_name,
            simulated=draft.simulated,
            profile=draft.profile,
            ecg=draft.ecg,
            client=unquote(client),
        )
    recorded = [each for each, how in library.live.standings().items() if how is Standing.RECORDED]
    return dmc.Stack(
        [
            dmc.Group(
                [
                    html.H1("New session", tabIndex=-1),
                    dmc.Button("Begin again from nothing", id=ids.NEW_AFRESH, variant="subtle", size="compact-sm"),
                ],
                justify="space-between",
            ),
            preparing.being_recorded(recorded),
            dcc.Interval(id=ids.NEW_TICK, interval=_TICK_MS),
            dcc.Store(id=ids.NEW_HEARD),
            dcc.Store(id=ids.NEW_CHECKED),
            dcc.Store(id=ids.NEW_JOB, data=jobs.pending),
            dcc.Store(id=ids.NEW_STEP, data=draft.step),
            html.Div(preparing.steps(draft, _plans(library)), id=ids.NEW_HEAD),
            _panel(1, draft, *_strap(jobs, draft)),
            _panel(2, draft, *_client_and_protocol(library, draft)),
            _panel(3, draft, *_signal(jobs)),
            _panel(4, draft, *_before(library, draft)),
            html.Div(id=ids.NEW_REFUSED, role="alert"),
            html.Div(id=ids.NEW_SAID, role="status"),
        ]
    )


def register(app: Dash, library: Library, jobs: Jobs) -> None:
    """Connect the page."""
    _register_steps(app, library, jobs)
    _register_strap(app, library, jobs)
    _register_choices(app, library)
    _register_check(app, jobs)
    _register_start(app, library, jobs)


# ---------------------------------------------------------------- the draft and its steps


def _fields(kind: type[Input | State]) -> list[Any]:
    """Return everything that a draft is read from, in the order of `_draft`."""
    return [
        kind(ids.NEW_STEP, "data"),
        kind(ids.NEW_STRAP, "value"),
        kind(ids.NEW_PROFILE, "value"),
        kind(ids.NEW_ECG, "checked"),
        kind(ids.NEW_CLIENT, "value"),
        kind(ids.NEW_PROTOCOL, "value"),
        kind(ids.NEW_SHORT, "checked"),
        kind(ids.new_context(ALL), "value"),
        kind(ids.rating_given(_GROUP, ALL), "data"),
        kind(ids.new_reading(ALL), "value"),
        kind(ids.NEW_SCORE, "value"),
        kind(ids.NEW_SCORE_VALUE, "value"),
    ]


def _draft(library: Library, jobs: Jobs, marks: list[dict[str, str]], values: tuple[Any, ...]) -> Draft:
    """Read the draft from the page's fields."""
    step, strap, profile, ecg, client, protocol, short, context, rated, readings, score, score_value = values
    before = library.drafts.read()
    address = new_session.strap_of(strap)
    names = {each.address: each.name for each in jobs.scan.straps} | {before.strap: before.strap_name}
    measured = {
        quantity.key: float(value)
        for quantity, value in zip(READINGS, readings, strict=True)
        if isinstance(value, int | float)
    }
    named = " ".join((score or "").split())
    return Draft(
        step=step,
        strap=address,
        strap_name=names.get(address, "") if address else "",
        simulated=strap == new_session.SIMULATED,
        profile=profile,
        protocol=protocol,
        short=bool(short),
        ecg=bool(ecg),
        client=" ".join((client or "").split()),
        check=preparing.check_words(jobs.check) or before.check,
        context={each.key: said for each, said in zip(CIRCUMSTANCES, context, strict=True) if said},
        ratings=ratings.given_of(rated, marks),
        readings=measured,
        score=(named, float(score_value)) if named and isinstance(score_value, int | float) else None,
        taken=(before.taken or preparing.now()) if measured else "",
    )


def _register_steps(app: Dash, library: Library, jobs: Jobs) -> None:
    """Connect the way from step to step, and keep what was said on the way."""

    @app.callback(
        Output(ids.NEW_HEAD, "children"),
        *_fields(Input),
        Input(ids.NEW_CHECKED, "data"),
        State(ids.NEW_JOB, "data"),
        State(ids.rating_given(_GROUP, ALL), "id"),
        prevent_initial_call=True,
        on_error=notices.of_error,
    )
    def keep(*values: Any) -> object:  # noqa: ANN401 - the fields of a page
        *fields, _checked, job, marks = values
        if job and jobs.started(job).problem is None:
            return no_update  # it begins, or has begun: the draft is the session's now
        draft = _draft(library, jobs, marks, tuple(fields))
        library.drafts.write(draft)
        return preparing.steps(draft, _plans(library))

    # The buttons in the head come anew with every word that is kept: had they one callback with the others, a click on
    # those could be lost, since of two quick triggers of one callback Dash answers the last.
    for button in (ids.new_go(ALL, ALL), ids.new_head(ALL)):

        @app.callback(
            Output(ids.NEW_STEP, "data", allow_duplicate=True),
            Output(ids.NEW_REFUSED, "children", allow_duplicate=True),
            Input(button, "n_clicks"),
            State(ids.NEW_STRAP, "value"),
            State(ids.NEW_CLIENT, "value"),
            prevent_initial_call=True,
            on_error=lambda error: (no_update, notices.of_error(error)),
        )
        def go(_clicks: list[int | None], strap: str | None, client: str | None) -> tuple[object, object]:
            if not ctx.triggered[0]["value"]:
                return no_update, no_update  # a button that is new
            to = int(ctx.triggered_id["to"])
            if to > 1 and not strap:
                raise UsageError("No strap is chosen", hint="Choose one above, or “Try without a strap”.")
            client_code(client or "") if to > 2 else None  # noqa: PLR2004 - beyond the client's step
            return to, None

    in_browser: Any = app.clientside_callback
    in_browser(
        ClientsideFunction("biotune", "showStep"),
        Output(ids.new_panel(ALL), "style"),
        Input(ids.NEW_STEP, "data"),
        State(ids.new_panel(ALL), "id"),
    )

    @app.callback(
        Output(ids.PAGE, "children", allow_duplicate=True),
        Input(ids.NEW_AFRESH, "n_clicks"),
        prevent_initial_call=True,
        on_error=notices.of_error,
    )
    def afresh(clicks: int | None) -> object:
        if not clicks:
            return no_update
        jobs.end_check()
        library.drafts.clear()
        return layout(library, jobs)


def _panel(step: int, draft: Draft, *inside: Component | None) -> Component:
    back = dmc.Button("Back", id=ids.new_go(step - 1, "back"), variant="default") if step > 1 else None
    on = dmc.Button("Continue", id=ids.new_go(step + 1, "on")) if step < LAST_STEP else None
    if step == LAST_STEP:
        on = dmc.Button("Start session", id=ids.NEW_START, size="md")
    heading = html.H2(
        f"{step} · {preparing.STEPS[step - 1]}", tabIndex=-1, id=f"new-heading-{step}", className="bt-heading"
    )
    card = dmc.Paper(dmc.Stack([heading, *inside], gap="md"), p="lg", withBorder=True, className="bt-card")
    return html.Div(
        dmc.Stack([card, dmc.Group([back or html.Div(), on], justify="space-between")]),
        id=ids.new_panel(step),
        style={} if step == draft.step else _HIDDEN,
    )


# ---------------------------------------------------------------- 1 strap


def _strap(jobs: Jobs, draft: Draft) -> list[Component]:
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
            style={} if draft.simulated else _HIDDEN,
        ),
        html.Div(
            dmc.Switch(
                id=ids.NEW_ECG,
                label="Record the ECG and the accelerometer too",
                description="Of a Polar H10. It shows each beat and the breathing; its battery lasts less long.",
                checked=draft.ecg,
            ),
            id=ids.NEW_ECG_BOX,
            style={} if new_session.can_ecg(draft.strap_name, simulated=draft.simulated) else _HIDDEN,
        ),
    ]


def _register_strap(app: Dash, library: Library, jobs: Jobs) -> None:
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
        Input(ids.NEW_STRAP, "value"),
        State(ids.NEW_ECG, "checked"),
        prevent_initial_call=True,
    )
    def choose_strap(value: str | None, ecg: bool) -> tuple[object, object, bool]:  # noqa: FBT001 - a field's value
        simulated = value == new_session.SIMULATED
        address, draft = new_session.strap_of(value), library.drafts.read()
        names = {each.address: each.name for each in jobs.scan.straps} | {draft.strap: draft.strap_name}
        possible = new_session.can_ecg(names.get(address, ""), simulated=simulated)
        return {} if simulated else _HIDDEN, {} if possible else _HIDDEN, ecg and possible


# ---------------------------------------------------------------- 2 client and protocol


def _plans(library: Library) -> dict[str, Protocol]:
    return {each.name: each for each in library.live.plans()}


def _chosen(library: Library, name: str, *, short: bool) -> Protocol:
    """Return what is to be run.

    Raises
    ------
    UsageError
        Where it is not here any more.
    """
    plan = _plans(library).get(name)
    if plan is None:
        raise UsageError(f"there is no protocol {name!r} any more", hint="Choose another one.")
    return plan.short if short and plan.short else plan


def _client_and_protocol(library: Library, draft: Draft) -> list[Component | None]:
    plans = {name: plan for name, plan in _plans(library).items() if plan.short or not name.endswith("-short")}
    chosen = draft.protocol if draft.protocol in plans else "listening"
    faults = [notices.notice("A protocol of yours cannot be run", fault.what) for fault in library.live.faulty_plans()]
    client = dmc.Stack(
        [
            dmc.Autocomplete(
                id=ids.NEW_CLIENT,
                label="Client code",
                description="One that is here already, or a new one. A code, not a name; it may stay empty.",
                placeholder="K-204",
                data=list(library.clients.codes()),
                value=draft.client,
                debounce=True,
            ),
            html.Div(id=ids.NEW_ABOUT),
            dmc.Button("Take what is planned", id=ids.NEW_TAKE_PLAN, variant="default", style=_HIDDEN, w="fit-content"),
        ],
        gap="sm",
    )
    protocol = dmc.Stack(
        [
            dmc.Select(
                id=ids.NEW_PROTOCOL,
                label="What is done",
                description="Its phases follow below.",
                value=chosen,
                allowDeselect=False,
                searchable=True,
                data=[{"value": each.name, "label": new_session.protocol_label(each)} for each in plans.values()],
            ),
            dmc.Switch(id=ids.NEW_SHORT, label="The short form", checked=draft.short),
            html.Div(id=ids.NEW_PLAN),
            *faults,
        ],
        gap="sm",
    )
    return [html.Div([client, protocol], className="bt-two")]


def _register_choices(app: Dash, library: Library) -> None:
    """Connect client and protocol."""

    @app.callback(
        Output(ids.NEW_PLAN, "children"),
        Output(ids.NEW_SHORT, "disabled"),
        Input(ids.NEW_PROTOCOL, "value"),
        Input(ids.NEW_SHORT, "checked"),
        on_error=lambda error: (notices.of_error(error), no_update),
    )
    def tell_plan(name: str, short: bool) -> tuple[Component, bool]:  # noqa: FBT001 - a field's value
        return new_session.plan(_chosen(library, name, short=short)), _plans(library)[name].short is None

    @app.callback(
        Output(ids.NEW_RATINGS, "children"),
        Input(ids.NEW_PROTOCOL, "value"),
        prevent_initial_call=True,
        on_error=notices.of_error,
    )
    def ask(name: str) -> Component:
        return _asked(library, name, library.drafts.read())

    @app.callback(
        Output(ids.NEW_ABOUT, "children"),
        Output(ids.NEW_TAKE_PLAN, "style"),
        Output(ids.NEW_LAST_TOLD, "children"),
        Output(ids.NEW_LAST, "style"),
        Input(ids.NEW_CLIENT, "value"),
        on_error=lambda error: (notices.of_error(error), _HIDDEN, None, _HIDDEN),
    )
    def tell_client(code: str | None) -> tuple[object, ...]:
        code = " ".join((code or "").split())
        client, plans, last = library.clients.find(code), _plans(library), library.clients.last_context(code)
        planned = client is not None and client.plan.approach in plans
        told = dmc.Text(f"Last time: {preparing.last_time(last)}.", size="sm", c="dimmed") if last else None
        return preparing.about_client(client, plans), {} if planned else _HIDDEN, told, {} if last else _HIDDEN

    @app.callback(
        Output(ids.NEW_PROTOCOL, "value"),
        Output(ids.NEW_SHORT, "checked"),
        Input(ids.NEW_TAKE_PLAN, "n_clicks"),
        State(ids.NEW_CLIENT, "value"),
        prevent_initial_call=True,
    )
    def take_plan(_clicks: int, code: str) -> tuple[object, object]:
        approach = library.clients.get(" ".join(code.split())).plan.approach
        whole = approach.removesuffix("-short")
        return (whole, True) if whole != approach and whole in _plans(library) else (approach, no_update)

    @app.callback(
        Output(ids.new_context(ALL), "value"),
        Input(ids.NEW_LAST, "n_clicks"),
        State(ids.NEW_CLIENT, "value"),
        State(ids.new_context(ALL), "value"),
        State(ids.new_context(ALL), "data"),
        prevent_initial_call=True,
    )
    def as_last_time(_clicks: int, code: str, said: list[str | None], offered: list[list[Any]]) -> list[str | None]:
        last = library.clients.last_context(" ".join((code or "").split()))
        known = [{each if isinstance(each, str) else each["value"] for each in choices} for choices in offered]
        return [
            last[each.key] if last.get(each.key) in choices else now
            for each, choices, now in zip(CIRCUMSTANCES, known, said, strict=True)
        ]


# ---------------------------------------------------------------- 3 signal check


def _signal(jobs: Jobs) -> list[Component]:
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
        check_wave.figure(wave), identity="signal-check", caption=_OF_CHECK, head=("At", "Interval"), rows=rows
    )
    return dmc.Stack([told, drawn], gap="sm")


def _register_check(app: Dash, jobs: Jobs) -> None:
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


# ---------------------------------------------------------------- 4 before it begins


def _before(library: Library, draft: Draft) -> list[Component]:
    measured = [
        dmc.NumberInput(
            id=ids.new_reading(each.key),
            label=f"{each.title} ({each.unit})",
            value=draft.readings.get(each.key, ""),
            min=each.least,
            max=each.most,
            debounce=True,
            hideControls=True,
        )  # fmt: skip - a control's properties read as one
        for each in READINGS
    ]
    score = ratings.score_fields(ids.NEW_SCORE, ids.NEW_SCORE_VALUE, score=draft.score)
    return [
        dmc.Text("All of it may be left out. What is given becomes part of the session.", c="dimmed"),
        html.H3("How the client feels just now"),
        html.Div(_asked(library, draft.protocol, draft), id=ids.NEW_RATINGS),
        html.H3("Circumstances"),
        dmc.Group(
            [
                dmc.Button("As last time", id=ids.NEW_LAST, variant="default", style=_HIDDEN),
                html.Div(id=ids.NEW_LAST_TOLD),
            ]
        ),
        preparing.circumstances(draft.context),
        html.Details(
            [
                html.Summary("Blood pressure, cortisol, a questionnaire's score"),
                dmc.Stack([html.Div(measured, className="bt-fields"), score], gap="sm"),
            ],
            className="bt-more",
        ),
    ]


def _asked(library: Library, protocol: str, draft: Draft) -> Component:
    """Return the sliders that a protocol asks for."""
    plan = _plans(library).get(protocol)
    scales = plan.ratings if plan else [scale.key for scale in SCALES]
    if not scales:
        return dmc.Text("This protocol asks for no ratings.", c="dimmed")
    return ratings.sliders(_GROUP, list(scales), draft.ratings)


def _register_start(app: Dash, library: Library, jobs: Jobs) -> None:
    """Connect the start."""

    @app.callback(
        Output(ids.NEW_JOB, "data"),
        Output(ids.NEW_REFUSED, "children", allow_duplicate=True),
        Input(ids.NEW_START, "n_clicks"),
        *_fields(State),
        State(ids.rating_given(_GROUP, ALL), "id"),
        prevent_initial_call=True,
        on_error=lambda error: (None, notices.of_error(error)),
    )
    def start(_clicks: int, *values: Any) -> tuple[str, None]:  # noqa: ANN401 - the fields of a page
        draft = _draft(library, jobs, values[-1], values[:-1])
        if not draft.strap and not draft.simulated:
            raise UsageError("No strap is chosen", hint="Go back to the first step.")
        if draft.simulated and draft.profile not in profiles():
            raise UsageError("this cannot be run", hint="Choose the simulated person again.")
        draft.entries()
        plan = _chosen(library, draft.protocol, short=draft.short)
        library.drafts.write(draft)
        jobs.end_scan()
        word = jobs.start(
            protocol=plan.name, client=draft.client, strap=draft.strap, profile=draft.profile, ecg=draft.ecg
        )
        return word, None

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
            library.drafts.hand_over(begun.session)
            return no_update, True, f"/live/{begun.session}"
        return new_session.starting(begun.problem), begun.problem is None, no_update
