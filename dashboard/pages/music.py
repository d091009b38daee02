"""``/music``: the therapist's folders, pieces, playlists and live music."""

from typing import Any

import dash_mantine_components as dmc
from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx, dcc, html, no_update
from dash.development.base_component import Component

from biotune.domain.music import Playlist
from biotune.errors import UsageError
from biotune.library import Library
from biotune.library.music import Music
from biotune.library.places import Places
from dashboard import ids
from dashboard.components import folder_chooser, music, music_response, notices, sound
from dashboard.components.panel import panel
from dashboard.components.pressed import was_pressed

_TICK_MS, _REST_MS = 700, 5000
_SELDOM = 5  # ticks
_LEAD = "Your own recordings, with their tempo and loudness. Files are read where they are; nothing is copied or sent."


def layout(library: Library) -> Component:
    """Return the page; its regions fill themselves."""
    return dmc.Stack(
        [
            html.H1("Music", tabIndex=-1),
            dmc.Text(_LEAD),
            dcc.Store(id=ids.MUSIC_CHANGED, data=library.music.revision()),
            dcc.Store(id=ids.MUSIC_CHOSEN),
            dcc.Store(id=ids.MUSIC_BEFORE),
            dcc.Interval(id=ids.MUSIC_TICK, interval=_TICK_MS),
            html.Div(id=ids.MUSIC_SAID, role="status"),
            _folders(library),
            _pieces(),
            _playlists(),
            _people(library),
            music_response.section(),
            panel("Player", sound.settings(library.music.player)),
        ]
    )


def _folders(library: Library) -> Component:
    return panel(
        "Folders",
        html.Div(music.folders(library.music.folders()), id=ids.MUSIC_FOLDERS),
        dmc.Group(
            [
                dmc.TextInput(
                    id=ids.MUSIC_PATH, label="Full path of a folder", value="", debounce=True, flex="1 1 260px", maw=560
                ),
                dmc.Button("Add folder", id=ids.MUSIC_ADD, variant="default"),
                dmc.Button("Choose a folder", id=ids.FOLDER_OPEN, variant="default"),
            ],
            align="end",
        ),
        folder_chooser.dialog(),
        html.Div(id=ids.said(ids.MUSIC_ADD), role="status"),
        html.Div(music.scan(library.music.scanning), id=ids.MUSIC_SCAN),
    )


def _pieces() -> Component:
    return panel(
        "Pieces",
        dmc.Group(
            [
                dmc.TextInput(
                    id=ids.MUSIC_TEXT,
                    label="Search",
                    value="",
                    debounce=250,
                    leftSection=notices.icon("search"),
                    flex="1 1 220px",
                    maw=420,
                ),
                dmc.Select(
                    id=ids.MUSIC_ORDER,
                    label="Order",
                    value="title",
                    allowDeselect=False,
                    data=[{"value": key, "label": words} for key, (words, _) in music.ORDERS.items()],
                    maw=220,
                ),
            ],
            align="end",
        ),
        dcc.Store(id=ids.MUSIC_PAGE, data=1),
        html.Div(id=ids.MUSIC_TABLE),
        html.Div(
            [
                dmc.Button("Previous page", id=ids.MUSIC_BACK, variant="default", disabled=True),
                html.Span(id=ids.MUSIC_PAGER),
                dmc.Button("Next page", id=ids.MUSIC_ON, variant="default", disabled=True),
            ],
            className="bt-pager",
        ),
        html.Div(id=ids.MUSIC_PIECE),
    )


def _playlists() -> Component:
    return panel(
        "Playlists",
        dmc.Select(id=ids.MUSIC_LIST, label="Playlist", data=[], value=None, maw=420, placeholder="Choose one"),
        html.Div(id=ids.MUSIC_ENTRIES),
        html.Div(id=ids.MUSIC_UNDO, role="status"),
        dmc.Group(
            [
                dmc.TextInput(id=ids.MUSIC_NAME, label="Name of a new playlist", value="", debounce=True, maw=420),
                dmc.Button("Make playlist", id=ids.MUSIC_MAKE, variant="default"),
            ],
            align="end",
        ),
        html.Div(id=ids.said(ids.MUSIC_MAKE), role="status"),
    )


def _people(library: Library) -> Component:
    return panel(
        "Live music",
        html.Div(music.people([each for each in library.music.pieces() if each.live]), id=ids.MUSIC_PEOPLE),
        dmc.Group(
            [
                dmc.TextInput(id=ids.MUSIC_WHAT, label="What is played", value="", debounce=True, maw=300),
                dmc.TextInput(id=ids.MUSIC_WHO, label="Who plays it", value="", debounce=True, maw=300),
                dmc.Button("Add live music", id=ids.MUSIC_LIVE, variant="default"),
            ],
            align="end",
        ),
        html.Div(id=ids.said(ids.MUSIC_LIVE), role="status"),
    )


def register(app: Dash, library: Library) -> None:
    """Connect the page."""
    music_response.register(app, library)
    _register_regions(app, library)
    _register_pieces(app, library)
    _register_playlists(app, library)
    _register_forms(app, library)
    folder_chooser.register(app, library, Places())

    @app.callback(
        Output(ids.MUSIC_CHANGED, "data", allow_duplicate=True),
        Output(ids.MUSIC_SAID, "children"),
        Output(ids.MUSIC_BEFORE, "data"),
        Output(ids.MUSIC_TICK, "interval", allow_duplicate=True),
        Input(ids.music_act(ALL, ALL, ALL), "n_clicks"),
        State(ids.MUSIC_BPM, "value", allow_optional=True),
        State(ids.MUSIC_BEFORE, "data"),
        prevent_initial_call=True,
        on_error=lambda error: (no_update, notices.of_error(error), no_update, no_update),
    )
    def do(
        _clicks: list[int | None], bpm: float | str | None, before: dict[str, Any] | None
    ) -> tuple[object, None, object, object]:
        asked = ctx.triggered_id
        if not asked or not was_pressed():  # a list that is drawn anew brings buttons nobody pressed
            return no_update, None, no_update, no_update
        left = act(library, asked["act"], asked["key"], asked["place"], bpm, before)
        soon = _TICK_MS if asked["act"] in {"scan", "cancel"} else no_update  # a look may be over before the next tick
        return library.music.revision(), None, left, soon


def act(
    library: Library, what: str, key: str, place: int, bpm: float | str | None, before: dict[str, Any] | None
) -> dict[str, Any] | None:
    """Do what a button says; return the playlist as it was, where one was changed in a way to be undone."""
    of = library.music
    match what:
        case "remove-folder":
            of.remove_folder(key)
        case "scan":
            of.scan()
        case "cancel":
            of.cancel()
        case "remove-live":
            of.remove_live(key)
        case "tempo":
            of.set_tempo(key, of.piece(key).candidates[place][0])
        case "set-tempo":
            of.set_tempo(key, _number_of(bpm))
        case "measured":
            of.set_tempo(key, None)
        case _:
            return _act_on_list(of, what, key, place, before)
    return None


def _act_on_list(of: Music, what: str, key: str, place: int, before: dict[str, Any] | None) -> dict[str, Any] | None:
    match what:
        case "onto":
            playlist, _, piece = key.partition("/")
            of.save_playlist(of.playlist(playlist).with_piece(piece))
        case "up" | "down":
            of.save_playlist(of.playlist(key).moved(place, -1 if what == "up" else 1))
        case "out":
            was = of.playlist(key)
            of.save_playlist(was.without(place))
            return _kept(was)
        case "remove-playlist":
            was = of.playlist(key)
            of.remove_playlist(key)
            return _kept(was)
        case "undo" if before:
            of.save_playlist(Playlist(before["key"], before["title"], tuple(before["pieces"])))
    return None


def _kept(playlist: Playlist) -> dict[str, Any]:
    return {"key": playlist.key, "title": playlist.title, "pieces": list(playlist.pieces)}


def _number_of(value: float | str | None) -> float | None:
    """Return what a number field holds; None where it is empty."""
    try:
        return None if value is None or value == "" else float(value)
    except ValueError as error:
        raise UsageError(f"{value!r} is no number", hint="Write it such as 72 or 62.5.") from error


def _register_regions(app: Dash, library: Library) -> None:
    """Connect what changes by itself: the folders, the scan, the table, live music."""

    @app.callback(
        Output(ids.MUSIC_SCAN, "children"),
        Output(ids.MUSIC_CHANGED, "data"),
        Output(ids.MUSIC_TICK, "interval"),
        Input(ids.MUSIC_TICK, "n_intervals"),
        State(ids.MUSIC_CHANGED, "data"),
        running=[(Output(ids.MUSIC_TICK, "disabled"), True, False)],
        prevent_initial_call=True,
        on_error=lambda error: (notices.of_error(error), no_update, _REST_MS),
    )
    def follow(ticks: int, known: str) -> tuple[object, object, int]:
        now, revision = library.music.scanning, library.music.revision()
        # while thousands are measured the list is drawn again now and then, not with each of them
        shown = revision == known or (now.running and ticks % _SELDOM)
        return music.scan(now), no_update if shown else revision, _TICK_MS if now.running else _REST_MS

    @app.callback(
        Output(ids.MUSIC_FOLDERS, "children"),
        Output(ids.MUSIC_PEOPLE, "children"),
        Input(ids.MUSIC_CHANGED, "data"),
        prevent_initial_call=True,
    )
    def known(_revision: str) -> tuple[Component, Component]:
        people = [each for each in library.music.pieces() if each.live]
        return music.folders(library.music.folders()), music.people(people)

    @app.callback(
        Output(ids.MUSIC_TABLE, "children"),
        Output(ids.MUSIC_PAGER, "children"),
        Output(ids.MUSIC_BACK, "disabled"),
        Output(ids.MUSIC_ON, "disabled"),
        Input(ids.MUSIC_CHANGED, "data"),
        Input(ids.MUSIC_TEXT, "value"),
        Input(ids.MUSIC_ORDER, "value"),
        Input(ids.MUSIC_PAGE, "data"),
    )
    def fill(_revision: str, text: str | None, order: str, page: int) -> tuple[Component, str, bool, bool]:
        pieces = library.music.pieces()
        if not any(not each.live for each in pieces):
            return dmc.Text("No piece yet. Add a folder above."), "", True, True
        plays = library.music.times_played()
        found = music.chosen(pieces, plays, text or "", order)
        pages = max(1, -(-len(found) // music.PAGE))
        page = min(max(1, page), pages)
        told = music.counted(found) + (f", page {page} of {pages}" if pages > 1 else "")
        return music.table(found, plays, page), told, page <= 1, page >= pages

    in_browser: Any = app.clientside_callback
    in_browser(
        ClientsideFunction("biotune", "turnPage"),
        Output(ids.MUSIC_PAGE, "data"),
        Input(ids.MUSIC_BACK, "n_clicks"),
        Input(ids.MUSIC_ON, "n_clicks"),
        Input(ids.MUSIC_TEXT, "value"),
        State(ids.MUSIC_PAGE, "data"),
        prevent_initial_call=True,
    )


def _register_pieces(app: Dash, library: Library) -> None:
    @app.callback(Output(ids.MUSIC_CHOSEN, "data"), Input(ids.music_piece(ALL), "n_clicks"), prevent_initial_call=True)
    def choose(_clicks: list[int | None]) -> object:
        return ctx.triggered_id["key"] if was_pressed() else no_update

    @app.callback(
        Output(ids.MUSIC_PIECE, "children"),
        Input(ids.MUSIC_CHOSEN, "data"),
        Input(ids.MUSIC_CHANGED, "data"),
        prevent_initial_call=True,
        on_error=notices.of_error,
    )
    def show(key: str | None, _revision: str) -> Component | None:
        if not key:
            return None
        return music.piece(library.music.piece(key), library.music.playlists(), library.music.played_in(key))

    in_browser: Any = app.clientside_callback
    in_browser(
        ClientsideFunction("biotune", "tap"),
        Output(ids.MUSIC_BPM, "value"),
        Output(ids.MUSIC_TAPPED, "children"),
        Input(ids.MUSIC_TAP, "n_clicks"),
        prevent_initial_call=True,
    )


def _register_playlists(app: Dash, library: Library) -> None:
    @app.callback(
        Output(ids.MUSIC_LIST, "data"),
        Output(ids.MUSIC_ENTRIES, "children"),
        Input(ids.MUSIC_CHANGED, "data"),
        Input(ids.MUSIC_LIST, "value"),
    )
    def entries(_revision: str, key: str | None) -> tuple[list[dict[str, str]], Component]:
        known = library.music.playlists()
        of = next((each for each in known if each.key == key), None)
        pieces = {each.key: each for each in library.music.pieces()}
        nothing = dmc.Text("A playlist keeps pieces in the order in which the live page plays them.", c="dimmed")
        return (
            [{"value": each.key, "label": each.title} for each in known],
            music.playlist(of, pieces) if of else nothing,
        )

    @app.callback(Output(ids.MUSIC_UNDO, "children"), Input(ids.MUSIC_BEFORE, "data"), prevent_initial_call=True)
    def offer(before: dict[str, Any] | None) -> Component | None:
        return music.undo(Playlist(before["key"], before["title"], tuple(before["pieces"]))) if before else None

    @app.callback(
        Output(ids.MUSIC_CHANGED, "data", allow_duplicate=True),
        Output(ids.said(ids.MUSIC_MAKE), "children"),
        Output(ids.MUSIC_NAME, "value"),
        Output(ids.MUSIC_LIST, "value"),
        Input(ids.MUSIC_MAKE, "n_clicks"),
        Input(ids.MUSIC_NAME, "n_submit"),
        State(ids.MUSIC_NAME, "value"),
        prevent_initial_call=True,
        on_error=lambda error: (no_update, notices.of_error(error), no_update, no_update),
    )
    def make(_clicks: int, _enters: int, name: str | None) -> tuple[str, None, str, str]:
        made = library.music.add_playlist(name or "")
        return library.music.revision(), None, "", made.key


def _register_forms(app: Dash, library: Library) -> None:
    @app.callback(
        Output(ids.MUSIC_CHANGED, "data", allow_duplicate=True),
        Output(ids.said(ids.MUSIC_ADD), "children"),
        Output(ids.MUSIC_PATH, "value"),
        Output(ids.MUSIC_TICK, "interval", allow_duplicate=True),
        Input(ids.MUSIC_ADD, "n_clicks"),
        Input(ids.MUSIC_PATH, "n_submit"),
        State(ids.MUSIC_PATH, "value"),
        prevent_initial_call=True,
        on_error=lambda error: (no_update, notices.of_error(error), no_update, no_update),
    )
    def add(_clicks: int, _enters: int, path: str | None) -> tuple[str, None, str, int]:
        library.music.add_folder(path or "")
        return library.music.revision(), None, "", _TICK_MS

    @app.callback(
        Output(ids.MUSIC_CHANGED, "data", allow_duplicate=True),
        Output(ids.said(ids.MUSIC_LIVE), "children"),
        Output(ids.MUSIC_WHAT, "value"),
        Output(ids.MUSIC_WHO, "value"),
        Input(ids.MUSIC_LIVE, "n_clicks"),
        Input(ids.MUSIC_WHO, "n_submit"),
        State(ids.MUSIC_WHAT, "value"),
        State(ids.MUSIC_WHO, "value"),
        prevent_initial_call=True,
        on_error=lambda error: (no_update, notices.of_error(error), no_update, no_update),
    )
    def people(_clicks: int, _enters: int, what: str | None, who: str | None) -> tuple[str, None, str, str]:
        library.music.add_live(what or "", who or "")
        return library.music.revision(), None, "", ""
