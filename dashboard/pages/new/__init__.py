"""``/new``: strap, client and protocol, signal check, what to know before it begins; then it runs."""

from urllib.parse import unquote

import dash_mantine_components as dmc
from dash import Dash, Input, Output, dcc, html, no_update
from dash.development.base_component import Component

from biotune.library import Library
from biotune.library.drafts import Draft
from biotune.live import Standing
from dashboard import ids
from dashboard.components import notices, preparing
from dashboard.jobs import Jobs
from dashboard.pages.new import before, check, choices, protocols, steps, strap

_TICK_MS = 700


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
            dcc.Store(id=ids.NEW_NAMED),
            html.Div(preparing.steps(draft, protocols.offered(library)), id=ids.NEW_HEAD),
            steps.panel(1, draft, *strap.layout(jobs, draft)),
            steps.panel(2, draft, *choices.layout(library, draft)),
            steps.panel(3, draft, *check.layout(jobs)),
            steps.panel(4, draft, *before.layout(library, draft)),
            html.Div(id=ids.NEW_REFUSED, role="alert"),
            html.Div(id=ids.NEW_SAID, role="status"),
        ]
    )


def register(app: Dash, library: Library, jobs: Jobs) -> None:
    """Connect the page."""
    steps.register(app, library, jobs)
    strap.register(app, library, jobs)
    choices.register(app, library)
    check.register(app, jobs)
    before.register(app, library, jobs)

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
