"""``/cohort``: many clients at once, by approach."""

from datetime import date
from typing import Any

import dash_mantine_components as dmc
from dash import Dash, Input, Output, State, ctx, dcc, html, no_update
from dash.development.base_component import Component

from biotune.analysis.session_change import CONTROL
from biotune.domain import Activity
from biotune.errors import UsageError
from biotune.library import Library
from biotune.library.cohort import Query
from biotune.report import cohort as report
from dashboard import ids, theme
from dashboard.components import cohort, notices

_TICK_MS = 600
APPROACHES = (*(each.value for each in Activity if each is not Activity.REST), CONTROL)


def layout(library: Library) -> Component:
    """Return the page; the group is gathered in the background."""
    return dmc.Stack(
        [
            html.H1("Cohort", tabIndex=-1),
            dmc.Text("What changed from before to after, all clients together, in each approach."),
            _filters(library.cohorts.clients()),
            dcc.Interval(id=ids.COHORT_TICK, interval=_TICK_MS),
            dcc.Store(id=ids.COHORT_STATE),
            dcc.Store(id=ids.COHORT_JOB),
            dcc.Store(id=ids.COHORT_SHOWN),
            dcc.Download(id=ids.COHORT_FILE),
            html.Div(id=ids.COHORT_STATUS, role="status"),
            html.Div(id=ids.COHORT_BODY),
            html.Div(cohort.downloads(), id=ids.COHORT_FETCH, style=theme.HIDDEN, className="bt-noprint"),
        ]
    )


def register(app: Dash, library: Library) -> None:
    """Connect the page."""
    _register_gathering(app, library)

    @app.callback(
        Output(ids.COHORT_FILE, "data"),
        Input(ids.COHORT_CSV, "n_clicks"),
        Input(ids.COHORT_CODEBOOK, "n_clicks"),
        State(ids.COHORT_SHOWN, "data"),
        prevent_initial_call=True,
    )
    def fetch(_csv: int | None, _codebook: int | None, word: str | None) -> object:
        if ctx.triggered_id == ids.COHORT_CODEBOOK:
            return _file("cohort-codebook.csv", report.codebook())
        found = library.gatherings.get(word or "")
        grouped = found.result(timeout_s=0) if found else None
        if grouped is None:
            raise UsageError("this group is not remembered any more", hint="Reload the page.")
        library.eraser.note_group("cohort.csv", {each.client for each in grouped.changes})
        return _file("cohort.csv", report.csv_of(grouped.changes, grouped.cohort.metrics))


def _register_gathering(app: Dash, library: Library) -> None:
    """Connect the filters, the gathering and what it comes to."""

    @app.callback(Output(ids.COHORT_STATE, "data"), Input(ids.REVISION, "data"), State(ids.COHORT_STATE, "data"))
    def notice(_revision: str, known: str | None) -> object:
        revision = library.cohorts.revision()
        return no_update if revision == known else revision

    @app.callback(
        Output(ids.COHORT_JOB, "data"),
        Input(ids.COHORT_STATE, "data"),
        Input(ids.COHORT_GATHER, "n_clicks"),
        Input(ids.COHORT_CLIENTS, "value"),
        Input(ids.COHORT_APPROACHES, "value"),
        Input(ids.COHORT_SINCE, "value"),
        Input(ids.COHORT_UNTIL, "value"),
        State(ids.COHORT_JOB, "data"),
        on_error=lambda error: {"problem": [str(part) for part in _parts(error)]},
    )
    def gather(
        state: str | None,
        clicks: int | None,
        clients: list[str] | None,
        approaches: list[str] | None,
        since: str | None,
        until: str | None,
        earlier: dict[str, Any] | None,
    ) -> object:
        if state is None:
            return no_update
        query = Query(
            clients=tuple(clients or ()), approaches=tuple(approaches or ()), since=_day(since), until=_day(until)
        )
        return {"word": library.gatherings.begin(query, instead_of=(earlier or {}).get("word", "")), "asked": clicks}

    @app.callback(
        Output(ids.COHORT_STATUS, "children"),
        Output(ids.COHORT_BODY, "children"),
        Output(ids.COHORT_SHOWN, "data"),
        Output(ids.COHORT_FETCH, "style"),
        Output(ids.COHORT_STOP, "style"),
        Output(ids.COHORT_GATHER, "style"),
        Output(ids.COHORT_TICK, "disabled"),
        Input(ids.COHORT_TICK, "n_intervals"),
        Input(ids.COHORT_JOB, "data"),
        State(ids.COHORT_SHOWN, "data"),
        prevent_initial_call=True,
        on_error=lambda error: (None, notices.of_error(error), None, theme.HIDDEN, theme.HIDDEN, {}, True),
    )
    def follow(_ticks: int | None, job: dict[str, Any] | None, shown: str | None) -> tuple[object, ...]:
        return _standing(library, job or {}, shown)

    @app.callback(
        Output(ids.COHORT_STOP, "n_clicks"),
        Input(ids.COHORT_STOP, "n_clicks"),
        State(ids.COHORT_JOB, "data"),
        prevent_initial_call=True,
    )
    def stop(clicks: int | None, job: dict[str, str] | None) -> object:
        if clicks and job:
            library.gatherings.stop(job.get("word", ""))
        return no_update


def _standing(library: Library, job: dict[str, Any], shown: str | None) -> tuple[object, ...]:
    """Say how far the gathering is, and what it came to: the outputs of `follow`."""
    if "problem" in job:
        return None, notices.notice(*job["problem"]), None, theme.HIDDEN, theme.HIDDEN, {}, True
    word = job.get("word", "")
    found = library.gatherings.get(word)
    if found is None:
        return cohort.stopped() if word else None, no_update, no_update, no_update, theme.HIDDEN, {}, True
    if found.running:
        return cohort.progress(*found.progress), no_update, no_update, no_update, {}, theme.HIDDEN, False
    if shown == word:
        return None, no_update, no_update, {}, theme.HIDDEN, theme.HIDDEN, True
    grouped = found.result()
    body = cohort.view(grouped) if grouped else None
    return None, body, word, {} if grouped and grouped.changes else theme.HIDDEN, theme.HIDDEN, theme.HIDDEN, True


def _file(name: str, content: str) -> dict[str, object]:
    return {"filename": name, "content": content, "type": "text/csv", "base64": False}


def _filters(clients: tuple[str, ...]) -> Component:
    named = [{"value": each, "label": cohort.title(each)} for each in APPROACHES]
    controls = [
        dmc.MultiSelect(
            id=ids.COHORT_APPROACHES,
            label="Approaches",
            placeholder="All",
            data=named,
            value=[],
            clearable=True,
            flex="2 1 200px",
            clearButtonProps={"aria-label": "All approaches"},
        ),  # fmt: skip - a control's properties read as one
        dmc.MultiSelect(
            id=ids.COHORT_CLIENTS,
            label="Clients",
            placeholder="All",
            data=list(clients),
            value=[],
            clearable=True,
            searchable=True,
            flex="2 1 200px",
            clearButtonProps={"aria-label": "All clients"},
        ),  # fmt: skip - as above
        *(
            dmc.TextInput(  # the browser's own field for a day, which knows the user's language
                id=identity, label=label, value="", debounce=250, inputProps={"type": "date"}, flex="0 1 10rem"
            )
            for identity, label in ((ids.COHORT_SINCE, "From"), (ids.COHORT_UNTIL, "To"))
        ),
        dmc.Button("Gather", id=ids.COHORT_GATHER, variant="default", style=theme.HIDDEN),
        dmc.Button("Stop", id=ids.COHORT_STOP, variant="default", style=theme.HIDDEN),
    ]
    return dmc.Group(controls, align="end", className="bt-noprint")


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text[:10]) if text else None


def _parts(error: Exception) -> tuple[str, ...]:
    return str(error).splitlines()[0], *str(error).splitlines()[1:]
