"""The way from step to step, and what was said on the way."""

from typing import Any

import dash_mantine_components as dmc
from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx, html, no_update
from dash.development.base_component import Component

from biotune.errors import UsageError
from biotune.library import Library
from biotune.library.drafts import LAST_STEP, Draft
from dashboard import ids, theme
from dashboard.components import clients, notices, preparing
from dashboard.components.pressed import was_pressed
from dashboard.jobs import Jobs
from dashboard.pages.new import fields, protocols

_WHO = 2  # the step in which the client is said


def panel(step: int, draft: Draft, *inside: Component | None) -> Component:
    """Return a step with what is in it and the way on and back; only the one that the draft is at is shown."""
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
        style={} if step == draft.step else theme.HIDDEN,
    )


def register(app: Dash, library: Library, jobs: Jobs) -> None:
    """Connect the way from step to step, and keep what was said on the way."""
    _register_keeping(app, library, jobs)
    _register_named(app)

    # The buttons in the head come anew with every word that is kept: had they one callback with the others, a click on
    # those could be lost, since of two quick triggers of one callback Dash answers the last.
    for button in (ids.new_go(ALL, ALL), ids.new_head(ALL)):

        @app.callback(
            Output(ids.NEW_STEP, "data", allow_duplicate=True),
            Output(ids.NEW_REFUSED, "children", allow_duplicate=True),
            Input(button, "n_clicks"),
            State(ids.NEW_STRAP, "value"),
            State(ids.NEW_CLIENT, "value"),
            State(ids.NEW_STEP, "data"),
            State(ids.NEW_NAMED, "data"),
            prevent_initial_call=True,
            on_error=lambda error: (no_update, notices.of_error(error)),
        )
        def go(
            _clicks: list[int | None], strap: str | None, client: str | None, at: int, named: str | None
        ) -> tuple[object, object]:
            if not ctx.triggered[0]["value"]:
                return no_update, no_update  # a button that is new
            to = int(ctx.triggered_id["to"])
            if to > 1 and not strap:
                raise UsageError("No strap is chosen", hint="Choose one above, or “Try without a strap”.")
            if at <= _WHO < to:
                code = library.clients.code(client or "")
                if code != named and library.clients.is_new_name(code):
                    return no_update, clients.is_it_a_name("new", code)
            return to, None

    in_browser: Any = app.clientside_callback
    in_browser(
        ClientsideFunction("biotune", "showStep"),
        Output(ids.new_panel(ALL), "style"),
        Input(ids.NEW_STEP, "data"),
        State(ids.new_panel(ALL), "id"),
    )


def _register_named(app: Dash) -> None:
    """Connect what takes a name for a code, where that is wanted."""

    @app.callback(
        Output(ids.NEW_STEP, "data", allow_duplicate=True),
        Output(ids.NEW_NAMED, "data"),
        Output(ids.NEW_REFUSED, "children", allow_duplicate=True),
        Input(ids.anyway("new", ALL), "n_clicks"),
        State(ids.NEW_CLIENT, "value"),
        prevent_initial_call=True,
    )
    def go_on_anyway(_clicks: list[int | None], client: str | None) -> tuple[object, object, object]:
        if not was_pressed():
            return no_update, no_update, no_update  # the button has just come
        code = ctx.triggered_id["code"]
        if code != " ".join((client or "").split()):
            return no_update, no_update, None  # another one was typed since
        return _WHO + 1, code, None


def _register_keeping(app: Dash, library: Library, jobs: Jobs) -> None:
    """Keep what was said on the way."""

    @app.callback(
        Output(ids.NEW_HEAD, "children"),
        *fields.of_page(Input),
        Input(ids.NEW_CHECKED, "data"),
        State(ids.NEW_JOB, "data"),
        State(ids.rating_given(fields.GROUP, ALL), "id"),
        prevent_initial_call=True,
        on_error=notices.of_error,
    )
    def keep(*values: Any) -> object:  # noqa: ANN401 - the fields of a page
        *said, _checked, job, marks = values
        if job and jobs.started(job).problem is None:
            return no_update  # it begins, or has begun: the draft is the session's now
        draft = fields.draft_of(library, jobs, marks, tuple(said))
        library.drafts.write(draft)
        return preparing.steps(draft, protocols.offered(library))
