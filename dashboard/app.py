"""The dashboard as a whole: its frame, its way from address to page, its safety."""

import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dash_mantine_components as dmc
from dash import ALL, ClientsideFunction, Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component
from flask import has_request_context, request

from biotune.errors import BiotuneError, SessionNotFound
from biotune.library import Library
from dashboard import address, downloads, first, ids, media, presence, regional, security, theme
from dashboard.components import graph, music_record, notices, opening, ratings, sound, whose
from dashboard.jobs import Jobs
from dashboard.pages import (
    beats,
    calm,
    client,
    clients,
    cohort,
    compare,
    compare_two,
    detailed,
    ecg,
    live,
    music,
    new,
    player,
    replay,
    sessions,
    settings,
    sitting,
)
from dashboard.pages import help as help_page

_SESSION = re.compile(r"/session/([Ss]\d+(?:/\d+)?)/?")
_ECG = re.compile(r"/session/([Ss]\d+(?:/\d+)?)/ecg/?")
_REPLAY = re.compile(r"/replay/([Ss]\d+(?:/\d+)?)/?")
_CLIENT = re.compile(r"/client/(.+)")
_NEW = re.compile(r"/new(?:/(.*))?")
_LIVE = re.compile(r"/live/([Ss]\d+)/?")
_CALM = re.compile(r"/live/([Ss]\d+)/client/?")
# What the navigation offers: its words, its drawing, its address, and where else one is within it.
_NAVIGATION = (
    ("Sessions", "list", "/ /session/ /replay/ /compare"),
    ("New session", "new", "/new /live/"),
    ("Clients", "client", "/clients /client/"),
    ("Music", "music", "/music"),
    ("Cohort", "people", "/cohort"),
    ("Settings", "shield", "/settings"),
    ("How to read it", "help", "/help"),
)
_PAGES: dict[str, Callable[[Library], Component]] = {
    "/clients": clients.layout,
    "/cohort": cohort.layout,
    "/music": music.layout,
    "/settings": settings.layout,
    "/help": lambda _library: help_page.layout(),
}
_ASKED: dict[str, Callable[[Library, str], Component]] = {
    "": sessions.layout,
    "/compare": compare_two.layout,
}  # whose address says more than where it is
_PULSE_MS = 5000  # how soon the page shows what another program recorded
_INDEX = """<!DOCTYPE html>
<html lang="en">
  <head>
    {%metas%}
    <title>{%title%}</title>
    <link rel="icon" type="image/svg+xml" href="/assets/favicon.svg">
    <script src="/assets/first.js"></script>
    {%css%}
  </head>
  <body>
    <!--first-->
    {%app_entry%}
    {%config%}
    {%scripts%}
    {%renderer%}
  </body>
</html>
"""


def create_app(library: Library) -> Dash:
    """Return the dashboard over a library; two of them may live in one process.

    Parameters
    ----------
    library : Library
        What it shows.

    Returns
    -------
    dash.Dash
        Its ``server`` is the WSGI application.
    """
    assets = Path(__file__).parent / "assets"
    app = regional.App(
        "biotune",
        title="biotune",
        update_title="",
        assets_folder=str(assets),
        assets_ignore=r"first\.js",
        use_pages=False,
        include_pages_meta=False,
        index_string=_INDEX.replace("first.js", f"first.js?m={(assets / 'first.js').stat().st_mtime}"),
        suppress_callback_exceptions=True,  # each page's components come with the page
        serve_locally=True,
        enable_mcp=False,
        on_error=lambda error: regional.written(notices.of_error(error)),
        meta_tags=[{"name": "viewport", "content": "width=device-width, initial-scale=1"}],
    )
    jobs = Jobs(library.live.database, library.live.home)
    app.layout = lambda: _asked_for(library, jobs)  # for each reader: numbers are typed as they are written
    _register(app, library, jobs)
    for page in (sessions, settings, cohort, compare, compare_two, beats, detailed, ecg, replay, music):
        page.register(app, library)
    for page in (live, sitting, calm, player):
        page.register(app, library)
    new.register(app, library, jobs)
    graph.register(app)
    opening.register(app)
    ratings.register(app, library)
    music_record.register(app, library)
    whose.register(app, library)
    sound.register(app, library)
    client.register(app, library)
    clients.register(app, library)
    downloads.register(app.server, library)
    media.register(app.server, library)
    presence.register(app.server)
    first.register(app.server, lambda path, search: _to_read(library, path, search))
    security.protect(app.server, script_hashes=app.csp_hashes())
    return app


def page_of(library: Library, jobs: Jobs, pathname: str, search: str = "") -> Component:
    """Return the page at an address.

    Raises
    ------
    SessionNotFound
        Where the address names a session that does not exist.
    """
    if page := _PAGES.get(pathname.rstrip("/")):
        return page(library)
    if asked := _ASKED.get(pathname.rstrip("/")):
        return asked(library, search)
    if found := _CLIENT.fullmatch(pathname):
        return client.layout(library, found[1])
    if found := _NEW.fullmatch(pathname):
        return new.layout(library, jobs, found[1] or "")
    for pattern, layout in (
        (_LIVE, live.layout),
        (_CALM, calm.layout),
        (_ECG, ecg.layout),
        (_REPLAY, replay.layout),
        (_SESSION, compare.layout),
    ):
        if found := pattern.fullmatch(pathname):
            return layout(library, found[1].upper())
    return _not_found()


def _register(app: Dash, library: Library, jobs: Jobs) -> None:
    """Connect the frame: address to page, the pulse, the phone's menu, the document's title."""

    @app.callback(
        Output(ids.PAGE, "children"),
        Input(ids.LOCATION, "pathname"),
        State(ids.LOCATION, "search"),
        prevent_initial_call=True,  # what was asked for came with the frame
        on_error=_instead_of_a_page,
    )
    def show(pathname: str | None, search: str | None) -> Component:
        return page_of(library, jobs, pathname or "/", search or "")

    @app.callback(
        Output(ids.REVISION, "data"),
        Input(ids.PULSE, "n_intervals"),
        State(ids.REVISION, "data"),
        on_error=lambda _error: no_update,  # the page's own callbacks tell of it
    )
    def feel(_beats: int, known: str | None) -> object:
        revision = str(library.revision())
        return no_update if revision == known else revision

    in_browser: Any = app.clientside_callback
    in_browser(
        ClientsideFunction("biotune", "openMenu"),
        Output(ids.SHELL, "navbar"),
        Input(ids.BURGER, "opened"),
        State(ids.SHELL, "navbar"),
    )
    in_browser(
        ClientsideFunction("biotune", "arrive"),
        Output(ids.BURGER, "opened"),
        Output(ids.nav(ALL), "active"),
        Input(ids.LOCATION, "pathname"),
    )
    in_browser(
        ClientsideFunction("biotune", "nameDocument"),
        Output(ids.TITLE, "data"),
        Input(ids.PAGE, "children"),
    )


def _asked_for(library: Library, jobs: Jobs) -> Component:
    """Return the frame with the page in it that the browser is at, which it tells as it asks: one round trip less.

    A browser that does not tell gets the frame, and its page by a callback.
    """
    place = urlsplit(request.referrer or "") if has_request_context() else None
    if place is None or not place.path:
        return _frame()
    search = f"?{place.query}" if place.query else ""
    try:
        page = page_of(library, jobs, place.path, search)
    except Exception as error:  # noqa: BLE001 - as in a callback: what cannot be shown is told in its place
        page = _instead_of_a_page(error)
    shown: Any = regional.written(page)
    return _frame(shown, pathname=place.path, search=search)


def _to_read(library: Library, path: str, search: str) -> Component | None:
    """Return what is read at an address before any script is there: of a session, its answer."""
    if (found := _SESSION.fullmatch(path)) is None:
        return None
    with suppress(BiotuneError):
        if page := compare.first(library, found[1].upper(), detailed=address.is_detailed(search)):
            shown: Any = regional.written(page)
            main = dmc.AppShellMain(html.Div(shown, className="bt-main"))
            return html.Div([_header(), _navbar(path), main], className="bt-shell")
    return None


def _frame(page: Component | None = None, **place: str) -> Component:
    return dmc.MantineProvider(
        [
            dcc.Location(id=ids.LOCATION, refresh="callback-nav", **place),
            dcc.Interval(id=ids.PULSE, interval=_PULSE_MS),
            dcc.Store(id=ids.REVISION),
            dcc.Store(id=ids.TITLE),
            html.A("Skip to the page", href="#main", className="bt-skip"),
            dmc.AppShell(
                [
                    _header(),
                    _navbar(place.get("pathname", "")),
                    dmc.AppShellMain(html.Div(page, id=ids.PAGE, className="bt-main"), id="main", tabIndex=-1),
                ],
                id=ids.SHELL,
                header={"height": 60},
                navbar={"width": 200, "breakpoint": "sm", "collapsed": {"mobile": True}},
                padding="lg",
                className="bt-shell",
                **notices.marked(decimal=regional.form().decimal, form=regional.form().tag),
            ),
        ],
        theme=theme.mantine(regional.form().decimal),
        defaultColorScheme="auto",
    )


def _header() -> Component:
    inside = [
        dmc.Burger(id=ids.BURGER, opened=False, hiddenFrom="sm", size="sm", **{"aria-label": "Menu"}),
        dmc.Anchor([notices.icon("heart"), "biotune"], href="/", className="bt-brand", underline="never"),
        html.Div(className="bt-spacer"),
        dmc.Badge(
            "This machine only",
            leftSection=notices.icon("shield"),
            variant="default",
            visibleFrom="sm",
            size="lg",
            className="bt-verdict",
        ),  # fmt: skip - one badge
        html.Button(
            "Aa", type="button", className="bt-large-switch", **notices.named("Aa: large print", data_large="switch")
        ),
        dmc.ColorSchemeToggle(
            lightIcon=notices.icon("sun"),
            darkIcon=notices.icon("moon"),
            variant="default",
            size="lg",
            **{"aria-label": "Switch between light and dark"},
        ),  # fmt: skip - one control
    ]
    return dmc.AppShellHeader(html.Div(inside, className="bt-header"))


def _navbar(path: str) -> Component:
    """Return the navigation; where one is in it, `assets/biotune.js` tells by the same rule after every click."""
    links = [
        dmc.NavLink(
            id=ids.nav(within),
            label=label,
            href=within.split()[0],
            leftSection=notices.icon(drawing),
            active=any(path == each or (len(each) > 1 and path.startswith(each)) for each in within.split()),
        )
        for label, drawing, within in _NAVIGATION
    ]
    return dmc.AppShellNavbar(links, p="sm")


def _not_found() -> Component:
    return dmc.Stack(
        [
            html.H1("There is no page here", tabIndex=-1),
            dmc.Text("The address may be mistyped, or the page has moved."),
            dmc.Anchor("Go to the list of sessions", href="/"),
        ]
    )


def _instead_of_a_page(error: Exception) -> Component:
    if isinstance(error, SessionNotFound):
        error = SessionNotFound(error.what, why=error.why)  # its hint is a command; here a link leads to the list
    return dmc.Stack(
        [
            html.H1("This page cannot be shown", tabIndex=-1),
            notices.of_error(error),
            dmc.Anchor("Go to the list of sessions", href="/"),
        ]
    )
