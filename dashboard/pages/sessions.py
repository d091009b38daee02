"""``/``: what is recorded."""

import base64
from contextlib import suppress
from datetime import date
from typing import Any

import dash_mantine_components as dmc
from dash import ALL, MATCH, ClientsideFunction, Dash, Input, Output, State, ctx, dcc, html, no_update
from dash.development.base_component import Component

from biotune.library import Library
from biotune.library.importing import Brought
from biotune.library.listing import ORDERS, Asked, Page
from dashboard import address, ids, regional, theme
from dashboard.components import importing, notices, session_list

_TOLD = "row 1"  # one more whenever a row tells something else of the same session
ROWS = 20  # on one page of the list
_LONGEST_NUMBER = 9  # digits of a page
_RANGES = (
    ("today", "Today"),
    ("this-week", "This week"),
    ("last-week", "Last week"),
    ("this-month", "This month"),
    ("all", "All"),
)  # which days each is, `assets/sessions.js` knows: the browser's clock and week are the reader's
_FILTERS = (
    (ids.SESSIONS_TEXT, "value"),
    (ids.SESSIONS_CLIENT, "value"),
    (ids.SESSIONS_PROTOCOL, "value"),
    (ids.SESSIONS_SINCE, "value"),
    (ids.SESSIONS_UNTIL, "value"),
    (ids.SESSIONS_SORT, "value"),
)


def layout(library: Library, search: str = "") -> Component:
    """Return the page as its address asks for it; its list is filled by a callback."""
    wanted = {name: address.asked(search, name) for name in ("q", "client", "approach", "from", "to", "order", "page")}
    since, until = (str(_date(wanted[name]) or "") for name in ("from", "to"))
    page = int(wanted["page"]) if wanted["page"].isdecimal() and len(wanted["page"]) < _LONGEST_NUMBER else 1
    return dmc.Stack(
        [
            html.H1("Sessions", tabIndex=-1),
            importing.section(),
            html.Div([_filters(library, wanted), _days(since, until)], className="bt-filters bt-noprint"),
            dcc.Store(id=ids.SESSIONS_STATE),
            dcc.Store(id=ids.SESSIONS_CHANGED),
            dcc.Store(id=ids.SESSIONS_ADDRESS),
            dcc.Store(id=ids.SESSIONS_PAGE, data=max(1, page)),
            html.Div(id=ids.SESSIONS_SAID, role="status"),
            html.Div(id=ids.SESSIONS_LIST),
            html.Div(id=ids.SESSIONS_REMOVED, className="bt-noprint"),
            html.Div(
                [
                    dmc.Button("Previous page", id=ids.SESSIONS_BACK, variant="default", disabled=True),
                    html.Span(id=ids.SESSIONS_PAGER),
                    dmc.Button("Next page", id=ids.SESSIONS_ON, variant="default", disabled=True),
                ],
                className="bt-pager bt-noprint",
            ),
        ]
    )


def _filters(library: Library, wanted: dict[str, str]) -> Component:
    return dmc.Group(
        [
            dmc.TextInput(
                id=ids.SESSIONS_TEXT,
                label="Search",
                placeholder="client, approach, date …",
                value=wanted["q"],
                debounce=250,
                leftSection=notices.icon("search"),
                flex="3 1 14rem",
            ),  # fmt: skip - a control's properties read as one
            _choice(
                ids.SESSIONS_CLIENT,
                "Client",
                "All clients",
                {each: each for each in library.listing.clients()},
                wanted["client"],
            ),
            _choice(
                ids.SESSIONS_PROTOCOL,
                "Approach",
                "All approaches",
                {each: theme.title(each) for each in library.listing.protocols()},
                wanted["approach"],
            ),
            dmc.Select(
                id=ids.SESSIONS_SORT,
                label="Order",
                value=wanted["order"] if wanted["order"] in ORDERS else "newest",
                allowDeselect=False,
                flex="1 1 10.5rem",
                maw={"base": "none", "sm": "16rem"},
                data=[{"value": key, "label": order[0]} for key, order in ORDERS.items()],
            ),  # fmt: skip - as above
            dmc.Button("Show all", id=ids.SESSIONS_CLEAR, variant="subtle"),
        ],
        align="end",
        gap="sm",
    )


def _choice(identity: str, label: str, placeholder: str, offered: dict[str, str], value: str) -> Component:
    """Return a choice; what an address asks for is among what is offered, even where it is there no more."""
    offered = offered | ({value: value} if value and value not in offered else {})
    return dmc.Select(
        id=identity,
        label=label,
        placeholder=placeholder,
        data=[{"value": each, "label": told} for each, told in offered.items()],
        value=value or None,
        clearable=True,
        searchable=True,
        limit=100,
        flex="1 1 11.5rem",
        maw={"base": "none", "sm": "16rem"},
        clearButtonProps=notices.named(f"Show {placeholder.lower()}"),
    )  # fmt: skip - a control's properties read as one


def _days(since: str, until: str) -> Component:
    """Return the days from and to which is listed, and ranges that are chosen with a click."""
    chips = dmc.ChipGroup(
        [dmc.Chip(label, value=value, size="sm", variant="outline") for value, label in _RANGES],
        id=ids.SESSIONS_RANGE,
        value=None if since or until else "all",
    )
    ranges = html.Div(chips, className="bt-ranges", **notices.named("Days", role="radiogroup"))
    return dmc.Group(
        [_day(ids.SESSIONS_SINCE, "From", since), _day(ids.SESSIONS_UNTIL, "To", until), ranges], align="end"
    )


def _day(identity: str, label: str, value: str) -> Component:
    """Return the browser's own field for a day, which knows the user's language."""
    return dmc.TextInput(
        id=identity, label=label, value=value, debounce=250, inputProps={"type": "date"}, flex="0 1 10rem"
    )


def register(app: Dash, library: Library) -> None:
    """Connect the page."""
    _register_import(app, library)

    @app.callback(Output(ids.SESSIONS_STATE, "data"), Input(ids.REVISION, "data"), State(ids.SESSIONS_STATE, "data"))
    def notice_sessions(_revision: str, known: str | None) -> object:
        found = library.listing.state() + str(dict(library.live.standings()))
        return no_update if found == known else found

    @app.callback(
        Output(ids.SESSIONS_LIST, "children"),
        Output(ids.SESSIONS_PAGER, "children"),
        Output(ids.SESSIONS_BACK, "disabled"),
        Output(ids.SESSIONS_ON, "disabled"),
        Input(ids.SESSIONS_STATE, "data"),
        Input(ids.SESSIONS_CHANGED, "data"),
        *(Input(*each) for each in _FILTERS),
        Input(ids.SESSIONS_PAGE, "data"),
        on_error=lambda error: (notices.of_error(error), "", True, True),
    )
    def show(_state: str, _changed: object, *asked: Any) -> tuple[object, ...]:  # noqa: ANN401 - the filters' values
        page = library.listing.page(_asked(*asked[:-1]), number=int(asked[-1] or 1), size=ROWS)
        return _list(library, page), _place(page), page.number <= 1, page.number >= page.pages

    @app.callback(
        Output(ids.SESSIONS_REMOVED, "children"),
        Input(ids.SESSIONS_STATE, "data"),
        Input(ids.SESSIONS_CHANGED, "data"),
        on_error=lambda _error: None,  # the list itself tells
    )
    def tell_removed(_state: str, _changed: object) -> Component | None:
        return session_list.put_aside(len(library.removed()))

    @app.callback(Output(ids.result(MATCH), "children"), Input(ids.row(MATCH), "data"))
    def analyse(session_id: str) -> object:
        finished = library.store.head(session_id).finished
        return session_list.result(library.told(session_id, _TOLD, session_list.told)) if finished else no_update

    @app.callback(
        Output(ids.SESSIONS_SAID, "children"),
        Output(ids.SESSIONS_CHANGED, "data"),
        Input(ids.remove(ALL), "n_clicks"),
        Input(ids.restore(ALL), "n_clicks"),
        prevent_initial_call=True,
        on_error=lambda error: (notices.of_error(error), no_update),
    )
    def put_aside(_removed: list[int | None], _restored: list[int | None]) -> tuple[object, object]:
        pressed = ctx.triggered_id
        if not isinstance(pressed, dict) or not ctx.triggered[0]["value"]:
            return no_update, no_update
        if pressed["type"] == ids.remove("")["type"]:
            library.remove(pressed["session"])
            return session_list.removed(pressed["session"]), f"-{pressed['session']}"
        library.restore(pressed["session"])
        return f"Session {pressed['session']} is back in the list.", f"+{pressed['session']}"

    in_browser: Any = app.clientside_callback
    in_browser(
        ClientsideFunction("biotune", "turnPage"),
        Output(ids.SESSIONS_PAGE, "data"),
        Input(ids.SESSIONS_BACK, "n_clicks"),
        Input(ids.SESSIONS_ON, "n_clicks"),
        *(Input(*each) for each in _FILTERS),
        State(ids.SESSIONS_PAGE, "data"),
        prevent_initial_call=True,
    )
    in_browser(
        ClientsideFunction("biotune", "pickDays"),
        Output(ids.SESSIONS_RANGE, "value"),
        Output(ids.SESSIONS_SINCE, "value"),
        Output(ids.SESSIONS_UNTIL, "value"),
        Input(ids.SESSIONS_RANGE, "value"),
        Input(ids.SESSIONS_SINCE, "value"),
        Input(ids.SESSIONS_UNTIL, "value"),
    )
    in_browser(
        ClientsideFunction("biotune", "keepFilters"),
        Output(ids.SESSIONS_ADDRESS, "data"),
        *(Input(*each) for each in _FILTERS),
        Input(ids.SESSIONS_PAGE, "data"),
    )
    in_browser(
        ClientsideFunction("biotune", "clearFilters"),
        *(Output(*each, allow_duplicate=True) for each in _FILTERS),
        Input(ids.SESSIONS_CLEAR, "n_clicks"),
        prevent_initial_call=True,
    )


def _register_import(app: Dash, library: Library) -> None:
    @app.callback(
        Output(ids.IMPORT_TICK, "disabled"),
        Output(ids.IMPORT_SAID, "children"),
        Output(ids.IMPORT_STOP, "display"),
        Output(ids.IMPORT_FILES, "contents"),
        Output(ids.SESSIONS_CHANGED, "data", allow_duplicate=True),
        Input(ids.IMPORT_FILES, "contents"),
        Input(ids.IMPORT_STOP, "n_clicks"),
        Input(ids.IMPORT_TICK, "n_intervals"),
        State(ids.IMPORT_FILES, "filename"),
        State(ids.IMPORT_FILES, "last_modified"),
        State(ids.IMPORT_CLIENT, "value"),
        prevent_initial_call=True,
        on_error=lambda error: (True, notices.of_error(error), "none", None, no_update),
    )
    def bring_in(
        contents: list[str] | None,
        _stops: int,
        _ticks: int,
        names: list[str],
        modified_s: list[float],
        client: str | None,
    ) -> tuple[object, ...]:
        chosen = ctx.triggered_id == ids.IMPORT_FILES and contents
        if chosen and contents:
            library.imports.begin(_brought(contents, names, modified_s), client=client or "")
        elif ctx.triggered_id == ids.IMPORT_STOP:
            library.imports.stop()
        now = library.imports.now
        taken = None if chosen else no_update  # the same file can then be chosen again, which is told
        came = f"+{' '.join(now.sessions)}" if now.sessions else no_update
        return not now.running, importing.told(now), "inline-block" if now.running else "none", taken, came


def _brought(contents: list[str], names: list[str], modified_s: list[float]) -> list[Brought]:
    """Take the files out of what the browser sent: ``data:<type>;base64,<data>`` each."""
    return [
        Brought(name, base64.b64decode(content.partition(",")[2]), float(when_s))
        for content, name, when_s in zip(contents, names, modified_s, strict=True)
    ]


def _asked(text: str | None, client: str | None, protocol: str | None, *more: str | None) -> Asked:
    since, until, order = more
    english = regional.in_english(text or "")  # of which the list is made up to be searched
    return Asked(client or "", protocol or "", text or "", _date(since), _date(until), order or "newest", english)


def _date(text: str | None) -> date | None:
    """Read a day; what is typed half is none yet."""
    with suppress(ValueError):
        return date.fromisoformat(text or "")
    return None


def _place(page: Page) -> str:
    if not page.matching:
        return ""
    of_all = "" if page.matching == page.total else f" of {page.total:,}"
    sessions = "1 session" if page.matching == 1 else f"{page.matching:,}{of_all} sessions"
    return f"{sessions} · page {page.number:,} of {page.pages:,}" if page.pages > 1 else sessions


def _list(library: Library, page: Page) -> Component:
    if not page.total:
        return session_list.nothing_yet()
    if not page.matching:
        return session_list.no_match()
    return session_list.table(page.sessions, library.live.standings())
