"""4: what to know before it begins; then it begins."""

from typing import Any

import dash_mantine_components as dmc
from dash import ALL, Dash, Input, Output, State, html, no_update
from dash.development.base_component import Component

from biotune.domain.self_report import CIRCUMSTANCES, READINGS, SCALES
from biotune.errors import UsageError
from biotune.library import Library
from biotune.library.drafts import Draft
from biotune.live import profiles
from dashboard import ids, theme
from dashboard.components import new_session, notices, preparing, ratings
from dashboard.jobs import Jobs
from dashboard.pages.new import fields, protocols


def layout(library: Library, draft: Draft) -> list[Component]:
    """Return what is in the step."""
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
        dmc.Text("biotune does not keep this machine awake: see that it does not fall asleep meanwhile.", c="dimmed"),
        html.H3("How the client feels just now"),
        html.Div(_asked(library, draft.protocol, draft), id=ids.NEW_RATINGS),
        html.H3("Circumstances"),
        dmc.Group(
            [
                dmc.Button("As last time", id=ids.NEW_LAST, variant="default", style=theme.HIDDEN),
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
    plan = protocols.offered(library).get(protocol)
    scales = plan.ratings if plan else [scale.key for scale in SCALES]
    if not scales:
        return dmc.Text("This protocol asks for no ratings.", c="dimmed")
    return ratings.sliders(fields.GROUP, list(scales), draft.ratings)


def register(app: Dash, library: Library, jobs: Jobs) -> None:
    """Connect what is asked, and the start."""
    _register_asked(app, library)
    _register_start(app, library, jobs)


def _register_asked(app: Dash, library: Library) -> None:
    """Connect what is asked before it begins."""

    @app.callback(
        Output(ids.NEW_RATINGS, "children"),
        Input(ids.NEW_PROTOCOL, "value"),
        prevent_initial_call=True,
        on_error=notices.of_error,
    )
    def ask(name: str) -> Component:
        return _asked(library, name, library.drafts.read())

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


def _register_start(app: Dash, library: Library, jobs: Jobs) -> None:
    """Connect the start."""

    @app.callback(
        Output(ids.NEW_JOB, "data"),
        Output(ids.NEW_REFUSED, "children", allow_duplicate=True),
        Input(ids.NEW_START, "n_clicks"),
        *fields.of_page(State),
        State(ids.rating_given(fields.GROUP, ALL), "id"),
        prevent_initial_call=True,
        on_error=lambda error: (None, notices.of_error(error)),
    )
    def start(_clicks: int, *values: Any) -> tuple[str, None]:  # noqa: ANN401 - the fields of a page
        draft = fields.draft_of(library, jobs, values[-1], values[:-1])
        if not draft.strap and not draft.simulated:
            raise UsageError("No strap is chosen", hint="Go back to the first step.")
        if draft.simulated and draft.profile not in profiles():
            raise UsageError("this cannot be run", hint="Choose the simulated person again.")
        draft.entries()
        plan = protocols.chosen(library, draft.protocol, short=draft.short)
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
