"""``/session/<id>``: one session, before and after."""

import math
from contextlib import suppress
from typing import Any
from weakref import WeakKeyDictionary

import dash_mantine_components as dmc
from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component

from biotune.domain import SessionSummary
from biotune.errors import BiotuneError
from biotune.library import Library, Overview
from biotune.report import text
from dashboard import ids, regional, theme
from dashboard.components import (
    cards,
    course,
    drift,
    footing,
    graph,
    music_record,
    notices,
    papers,
    ratings,
    resonance,
    session_list,
    whose,
)

_DRAWN: WeakKeyDictionary[Overview, Component] = WeakKeyDictionary()
_DATE_OF_FILE = "The date is that of the file that was imported: nothing in it says when it was recorded."
_AT_ONCE_S = 2 * 3600.0  # the length up to which a page waits for its analysis
_WINDOW_S = 300  # the usual length, of which norms and retest errors speak


def layout(library: Library, session_id: str) -> Component:
    """Return the page; of a long recording its head at once, and the analysis by a callback, unless it is remembered.

    Raises
    ------
    SessionNotFound
        Where no session has that id.
    """
    summary, known = _known(library, session_id)
    return dmc.Stack(
        [
            *_top(library, summary, session_id, known),
            dcc.Store(id=ids.COMPARE_SESSION, data=session_id),
            dcc.Store(id=ids.COMPARE_SHOWN, data=_showing(known) if known else None),
            dcc.Store(id=ids.BEATS_CHANGED),
            html.Div(_drawn(known) if known else _waiting(), id=ids.COMPARE_BODY),
            ratings.section(library, session_id),
            music_record.section(library, session_id),
            whose.section(library, session_id),
            html.Div(id=ids.BEATS),
            html.Div(id=ids.COMPARE_DETAIL),
        ]
    )


def first(library: Library, session_id: str, *, detailed: bool) -> Component | None:
    """Return what is read of the page before scripts are there: all that is said of the session.

    None where that takes a while.

    Raises
    ------
    SessionNotFound
        Where no session has that id.
    """
    summary, known = _known(library, session_id)
    return (
        dmc.Stack([*_top(library, summary, session_id, known, detailed=detailed), html.Div(_drawn(known))])
        if known
        else None
    )


def _top(
    library: Library,
    summary: SessionSummary,
    session_id: str,
    known: Overview | None,
    *,
    detailed: bool | None = None,
) -> list[Component]:
    """Return the page's head: whose and when, where else to go, what is compared."""
    client = f" · Client {summary.client}" if summary.client else ""
    length = text.duration(summary.duration_s) if summary.finished else ""
    told = "".join(f" · {part}" for part in (session_list.protocol(summary), length) if part)
    return [
        dmc.Anchor(
            dmc.Group([notices.icon("back"), "All sessions"], gap=6),
            href="/",
            w="fit-content",
            className="bt-noprint",
        ),
        html.Div(
            [
                html.H1(f"Session {session_id}{client}", tabIndex=-1, className=regional.OWN),
                dmc.Text([*session_list.when(summary), told]),
                dmc.Text(_DATE_OF_FILE, size="sm", c="dimmed") if library.has_date_of_file(summary.id) else None,
            ]
        ),
        dmc.Group(
            [
                dmc.Anchor("Replay", href=f"/replay/{session_id}"),
                dmc.Anchor("Compare with another session", href=f"/compare?a={session_id.partition('/')[0]}"),
            ],
            className="bt-noprint",
        ),
        _choice(session_id, known, detailed=detailed),
        papers.offered(session_id),
    ]


def _known(library: Library, session_id: str) -> tuple[SessionSummary, Overview | None]:
    summary = library.store.summary(session_id.partition("/")[0])
    return summary, library.remembered(session_id) or _soon(library, session_id, summary.duration_s)


def _soon(library: Library, session_id: str, duration_s: float) -> Overview | None:
    """Return the overview of a sitting, which takes a tenth of a second; None of what takes longer or cannot be made.

    The page's callback then makes it, or tells why it cannot be.
    """
    if duration_s > _AT_ONCE_S:
        return None
    with suppress(BiotuneError):
        return library.overview(session_id)
    return None


def register(app: Dash, library: Library) -> None:
    """Connect the page."""

    @app.callback(
        Output(ids.COMPARE_BODY, "children"),
        Output(ids.COMPARE_BEFORE, "data"),
        Output(ids.COMPARE_AFTER, "data"),
        Output(ids.COMPARE_BEFORE, "placeholder"),
        Output(ids.COMPARE_AFTER, "placeholder"),
        Output(ids.COMPARE_SHOWN, "data"),
        Input(ids.COMPARE_SESSION, "data"),
        Input(ids.COMPARE_BEFORE, "value"),
        Input(ids.COMPARE_AFTER, "value"),
        Input(ids.REVISION, "data"),
        Input(ids.BEATS_CHANGED, "data"),
        State(ids.COMPARE_SHOWN, "data"),
        on_error=lambda error: (notices.of_error(error), *(no_update,) * 4, None),
    )
    def show(
        session_id: str, before: str | None, after: str | None, _revision: str, _changed: object, shown: str | None
    ) -> tuple[object, ...]:
        overview = library.overview(session_id, before=before or None, after=after or None)
        showing = _showing(overview, before, after)
        if showing == shown:
            return (no_update,) * 6
        return _drawn(overview), *[_options(overview)] * 2, *_usual(overview), showing

    in_browser: Any = app.clientside_callback
    in_browser(
        ClientsideFunction("biotune", "showView"),
        Output(ids.COMPARE_SWITCH, "title"),
        Input(ids.LOCATION, "search"),
    )
    in_browser(
        ClientsideFunction("biotune", "print"),
        Output(ids.COMPARE_PRINT, "n_clicks"),
        Input(ids.COMPARE_PRINT, "n_clicks"),
        prevent_initial_call=True,
    )


def _drawn(overview: Overview) -> Component:
    """Return `view`, drawn once for as long as the overview is remembered: figures take a tenth of a second."""
    if overview not in _DRAWN:
        _DRAWN[overview] = view(overview)
    return _DRAWN[overview]


def view(overview: Overview) -> Component:
    """Return everything the page says of a session."""
    said = (
        [
            cards.in_plain_words(overview.comparison),
            cards.cards(overview.comparison, overview.after, [each.phase for each in overview.analysis.phases]),
        ]
        if overview.comparison
        else [notices.notice("There is nothing to compare here yet", overview.problem, _choose(overview))]
    )
    parts = [
        _so_far(overview),
        *(notices.notice("Please look at this", each.words) for each in overview.analysis.notices),
        *said,
        resonance.section(overview.analysis.resonance),
        course.through_the_session(overview),
        course.before_during_after(overview),
        drift.section(overview.comparison),
        dmc.Anchor("Look at the ECG", href=f"/session/{overview.summary.id}/ecg") if overview.has_ecg else None,
        footing.quality(overview.analysis, strap=overview.strap),
    ]
    return dmc.Stack([part for part in parts if part is not None], gap="md")


def _so_far(overview: Overview) -> Component | None:
    """Say of a session that has no end yet that this is not the whole of it."""
    if overview.running:
        live = dmc.Anchor("Follow it live", href=f"/live/{overview.summary.id}")
        said = "This session is not finished. What follows is what there is so far; it renews itself. "
        return dmc.Text([said, live], fw=600)
    if not overview.summary.finished:
        return dmc.Text(
            "This session was interrupted and is not finished. What follows is what there is. The same recording, "
            "started again within 15 minutes of the interruption, continues it.",
            fw=600,
        )
    if overview.stopped_early:
        return dmc.Text("Stopped early: the session was ended before its plan was over.", fw=600)
    return None


def _switch(session_id: str, *, detailed: bool | None) -> Component:
    """Return the two readings of one result as links: an address each, so that each can be kept and sent.

    Which one is shown is told by `assets/biotune.js`, unless it is known here.
    """
    chosen: Any = {"aria-current": "page"}
    links = [
        dmc.Anchor(
            label,
            href=f"/session/{session_id}{search}",
            underline="never",
            **notices.marked(view=name),
            **(chosen if detailed is (name == "detailed") else {}),
        )
        for name, label, search in (("client", "Client", ""), ("detailed", "Detailed", "?view=detailed"))
    ]
    return html.Nav(links, id=ids.COMPARE_SWITCH, className="bt-switch", **notices.named("How much is shown"))


def _showing(overview: Overview, before: str | None = None, after: str | None = None) -> str:
    """Name what the page shows, so that nothing is drawn twice."""
    beside = overview.comparison.provenance.parameters.get("quiet_rest_log_sha256") if overview.comparison else None
    shown = (overview.analysis.provenance.log_sha256, before or None, after or None, overview.running, beside)
    return " ".join(map(str, shown))


def _choice(session_id: str, known: Overview | None, *, detailed: bool | None) -> Component:
    """Which windows are compared, and printing."""
    usual = _usual(known)
    return dmc.Group(
        [
            _switch(session_id, detailed=detailed),
            *(
                dmc.Select(
                    id=identity,
                    label=label,
                    placeholder=shown,
                    data=_options(known) if known else [],
                    value=None,
                    clearable=True,
                    flex="1 1 17rem",
                    maw="22rem",
                    clearButtonProps={"aria-label": f"Back to the usual choice for {label.lower()}"},
                )  # fmt: skip - a control's properties read as one
                for identity, label, shown in (
                    (ids.COMPARE_BEFORE, "Before", usual[0]),
                    (ids.COMPARE_AFTER, "After", usual[1]),
                )
            ),
            dmc.Button(
                "Print or save as PDF",
                id=ids.COMPARE_PRINT,
                variant="default",
                leftSection=notices.icon("print"),
                visibleFrom="sm",
            ),
        ],
        align="end",
        className="bt-noprint",
    )


def _options(overview: Overview) -> list[dict[str, str]]:
    """Offer the phases; of a recording that has none, stretches of five minutes."""
    phases = [each.phase for each in overview.analysis.phases]
    if len(phases) != 1:
        return [{"value": phase.name, "label": theme.phase_title(phase)} for phase in phases]
    whole = phases[0]
    starts = range(math.ceil(whole.start_s), int(whole.end_s) - _WINDOW_S + 1, _WINDOW_S)
    return [
        {"value": f"{start}-{start + _WINDOW_S}", "label": f"{theme.clock(start)}–{theme.clock(start + _WINDOW_S)}"}
        for start in starts
    ]


def _usual(overview: Overview | None) -> tuple[str, str]:
    """Name the windows that are compared where nothing is chosen, from when to when."""
    if overview is None or overview.comparison is None:
        return "Choose", "Choose"
    before, after = (
        f"{theme.phase_title(window)}, {theme.clock(window.start_s)}–{theme.clock(window.end_s)}"
        for window in (overview.comparison.before, overview.comparison.after)
    )
    return before, after


def _choose(overview: Overview) -> str:
    return "Choose two windows above, one before and one after." if len(_options(overview)) > 1 else ""


def _waiting() -> Component:
    """Return grey shapes, and a figure of nothing: the browser loads what draws figures while the server computes."""
    nothing = html.Div(dcc.Graph(config=graph.CONFIG), hidden=True)
    shapes = [dmc.Skeleton(h=120), dmc.Skeleton(h=150), dmc.Skeleton(h=330), nothing]
    return dmc.Stack(shapes, **{"aria-busy": "true"})
