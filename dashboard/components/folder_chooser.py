"""Choosing a folder of music on this machine, beside typing its path: a dialog that lists folders, and nothing else."""

import ipaddress
from typing import Any

import dash_mantine_components as dmc
from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx, dcc, html, no_update
from dash.development.base_component import Component
from flask import request

from biotune.errors import UsageError
from biotune.library import Library
from biotune.library.places import Inside, Place, Places
from dashboard import ids, regional
from dashboard.components import notices
from dashboard.components.pressed import was_pressed


def dialog() -> Component:
    """Return the dialog, closed and empty; opened, it offers the places to begin at."""
    heading = f"{ids.FOLDER_DIALOG}-heading"
    named: Any = {"aria-labelledby": heading}
    answers = [
        dmc.Button("Cancel", id=ids.FOLDER_NO, variant="default"),
        dmc.Button("Add this folder", id=ids.FOLDER_YES, disabled=True),
    ]
    return html.Dialog(
        dmc.Stack(
            [
                html.H2("Choose a folder of music", id=heading),
                dcc.Store(id=ids.FOLDER_AT),
                dcc.Store(id=ids.FOLDER_DONE),
                html.Div(id=ids.FOLDER_BODY),
                html.Div(id=ids.FOLDER_SAID, role="status"),
                dmc.Group(answers, justify="flex-end"),
            ],
            gap="sm",
        ),
        id=ids.FOLDER_DIALOG,
        className="bt-dialog bt-folders",
        **named,
    )


def body(of: Inside) -> Component:
    """Return the folders at one place, the way back up, and how much music lies there."""
    way = html.Div(
        [_step("This machine", ""), *(_step(each.title, each.path) for each in of.above)],
        className="bt-folder-way",
        **notices.named("The folders it lies in", role="navigation"),
    )
    here = html.P(
        [
            html.Strong(of.here.title, className=regional.OWN),
            html.Br(),
            html.Span(of.here.path, className="bt-code bt-wrap"),
        ]
        if of.here
        else "Where is the music?"
    )
    rows = [html.Li(_folder(each)) for each in of.folders]
    more = dmc.Text(f"and {of.more} more; type the full path of one that is missing here.") if of.more else None
    nothing = (
        None if rows else dmc.Text("There is no folder here." if of.here is None else "No folder in it.", c="dimmed")
    )
    return html.Div(
        [
            way if of.here else None,
            here,
            html.Ul(rows, className="bt-folder-list", **notices.named("Folders")) if rows else nothing,
            more,
            dmc.Text(_holds(of), c="dimmed", size="sm") if of.here else None,
        ]
    )


def _holds(of: Inside) -> str:
    count = "No audio file" if not of.audio else "1 audio file" if of.audio == 1 else f"{of.audio} audio files"
    return f"{count} in it, not counting its folders; those are looked into as well."


def _folder(place: Place) -> Component:
    return html.Button(
        place.title, id=ids.folder_step(place.path), type="button", className=f"bt-folder {regional.OWN}"
    )


def _step(title: str, path: str) -> Component:
    return html.Button(title, id=ids.folder_step(path), type="button", className=f"bt-link {regional.OWN}")


def register(app: Dash, library: Library, places: Places) -> None:
    """Connect the dialog."""

    @app.callback(
        Output(ids.FOLDER_BODY, "children"),
        Output(ids.FOLDER_AT, "data"),
        Output(ids.FOLDER_YES, "disabled"),
        Output(ids.FOLDER_SAID, "children"),
        Input(ids.FOLDER_OPEN, "n_clicks"),
        Input(ids.folder_step(ALL), "n_clicks"),
        prevent_initial_call=True,
        on_error=lambda error: (no_update, no_update, no_update, notices.of_error(error)),
    )
    def look(_opened: int, _steps: list[int | None]) -> tuple[object, ...]:
        if not was_pressed():
            return no_update, no_update, no_update, no_update  # a button that is new
        _require_this_machine()
        path = ctx.triggered_id["path"] if isinstance(ctx.triggered_id, dict) else ""
        found = places.look(path)
        return body(found), path, found.here is None, None

    @app.callback(
        Output(ids.MUSIC_CHANGED, "data", allow_duplicate=True),
        Output(ids.FOLDER_DONE, "data"),
        Output(ids.FOLDER_SAID, "children", allow_duplicate=True),
        Output(ids.MUSIC_TICK, "interval", allow_duplicate=True),
        Input(ids.FOLDER_YES, "n_clicks"),
        State(ids.FOLDER_AT, "data"),
        prevent_initial_call=True,
        on_error=lambda error: (no_update, no_update, notices.of_error(error), no_update),
    )
    def add(clicks: int, path: str) -> tuple[object, ...]:
        library.music.add_folder(path)
        return library.music.revision(), clicks, None, _SOON_MS

    in_browser: Any = app.clientside_callback
    in_browser(
        ClientsideFunction("biotune", "folders"),
        Output(ids.FOLDER_DIALOG, "title"),
        Input(ids.FOLDER_OPEN, "n_clicks"),
        Input(ids.FOLDER_NO, "n_clicks"),
        Input(ids.FOLDER_DONE, "data"),
        Input(ids.FOLDER_BODY, "children"),
        prevent_initial_call=True,
    )


_SOON_MS = 700  # until the page looks how far it is


def _require_this_machine() -> None:
    """Show this machine's folders to nobody elsewhere, however the dashboard is reached."""
    try:
        here = ipaddress.ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        here = False
    if not here:
        raise UsageError("folders are listed on this machine only", hint="Type the folder's full path instead.")
