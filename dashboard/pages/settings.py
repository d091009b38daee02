"""``/settings``: where things are, how the pages look, what goes out, and what is erased."""

import base64
from typing import Any

import dash_mantine_components as dmc
from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx, dcc, html, no_update
from dash.development.base_component import Component

from biotune.errors import UsageError
from biotune.library import Library, about, exports, subjects
from biotune.library.erasing import Leaving
from biotune.library.listing import Asked
from dashboard import ids, regional
from dashboard.components import notices, session_list, sound
from dashboard.components.panel import panel

_OFFERED = 300  # of the newest sessions
_MEGABYTE = 1_000_000
_KEEPING = (
    (
        "biotune deletes nothing by itself. A session that is removed from the list is kept, and comes back with a "
        "click, until it is erased here."
    ),
    (
        "Erasing is for good: the log, what was computed of it, the name, and exported files that are still where they "
        "were written. The database's files are then written anew, so that nothing of it can be read in them."
    ),
    (
        "biotune has no copy anywhere else. Backups are yours to make, and to erase: copy the data folder while no "
        "recording runs."
    ),
    "Encrypt this machine's disk: then a lost computer tells nothing.",
)

_MOST_MENTIONS = 30  # places that are named one by one


def layout(library: Library) -> Component:
    """Return the page."""
    return dmc.Stack(
        [
            html.H1("Settings and privacy", tabIndex=-1),
            dcc.Store(id=ids.SETTINGS_CHANGED),
            dcc.Download(id=ids.EXPORT_FILE),
            _place(library),
            _looks(),
            panel("Music", sound.settings(library.music.player)),
            panel("What is kept, and how long", html.Ul([html.Li(each) for each in _KEEPING], className="bt-prose")),
            _export(library),
            html.Div(_removed(library), id=ids.SETTINGS_REMOVED),
            _erase(library),
            html.Div(_deeds(library), id=ids.SETTINGS_DEEDS),
        ]
    )


def register(app: Dash, library: Library) -> None:
    """Connect the page."""
    _register_erasing(app, library)

    @app.callback(
        Output(ids.EXPORT_FILE, "data"),
        Output(ids.EXPORT_SAID, "children"),
        Input(ids.EXPORT_DO, "n_clicks"),
        State(ids.EXPORT_SESSION, "value"),
        State(ids.EXPORT_FORMAT, "value"),
        State(ids.EXPORT_NOTES, "checked"),
        prevent_initial_call=True,
        on_error=lambda error: (no_update, notices.of_error(error)),
    )
    def export(_clicks: int, session_id: str | None, format_name: str, with_notes: bool) -> tuple[object, str]:  # noqa: FBT001 - a switch
        if not session_id:
            raise UsageError("no session is chosen", hint="Choose one above.")
        made = exports.one_file(subjects.of_session(library, session_id), format_name, with_notes=with_notes)
        client = library.store.head(session_id).client
        library.eraser.note_fetched(made.name, client=client, session_id=session_id)
        content = base64.b64encode(made.data).decode("ascii")
        file = {"content": content, "filename": made.name, "type": made.media_type, "base64": True}
        return file, f"{made.name} was made."

    in_browser: Any = app.clientside_callback
    in_browser(
        ClientsideFunction("biotune", "chooseForm"),
        Output(ids.SETTINGS_FORM, "name"),
        Input(ids.SETTINGS_FORM, "value"),
        State(ids.SETTINGS_FORM_NAME, "data"),
        prevent_initial_call=True,
    )

    @app.callback(
        Output(ids.SETTINGS_REMOVED, "children"),
        Output(ids.SETTINGS_DEEDS, "children"),
        Input(ids.SETTINGS_CHANGED, "data"),
        prevent_initial_call=True,
    )
    def show(_changed: object) -> tuple[Component, Component]:
        return _removed(library), _deeds(library)


def _register_erasing(app: Dash, library: Library) -> None:
    @app.callback(
        Output(ids.ERASE_LEAVING, "children"),
        Input(ids.ERASE_CLIENT, "value"),
        prevent_initial_call=True,
        on_error=notices.of_error,
    )
    def ask(client: str | None) -> Component | None:
        return _leaving(library.eraser.leaving(client=client)) if client else None

    @app.callback(
        Output(ids.SETTINGS_CHANGED, "data"),
        Output(ids.ERASE_SAID, "children"),
        Output(ids.ERASE_TYPED, "value"),
        Input(ids.ERASE_DO, "n_clicks"),
        Input(ids.settings_restore(ALL), "n_clicks"),
        State(ids.ERASE_CLIENT, "value"),
        State(ids.ERASE_TYPED, "value"),
        prevent_initial_call=True,
        on_error=lambda error: (no_update, notices.of_error(error), no_update),
    )
    def do(
        clicks: int | None, _restored: list[int | None], client: str | None, typed: str | None
    ) -> tuple[object, ...]:
        pressed = ctx.triggered_id
        if not ctx.triggered[0]["value"]:
            return no_update, no_update, no_update
        if isinstance(pressed, dict):
            library.restore(pressed["session"])
            return f"{pressed['session']} {ctx.triggered[0]['value']}", f"{pressed['session']} is back.", no_update
        return clicks, erase(library, client or "", typed or ""), ""


def erase(library: Library, client: str, typed: str) -> Component:
    """Erase everything of a client, whose code somebody typed to confirm it.

    Raises
    ------
    UsageError
        Where no client is chosen, or something else was typed.
    """
    if not client:
        raise UsageError("no client is chosen", hint="Choose whose sessions are to be erased.")
    if typed.strip() != client:
        raise UsageError(
            "nothing was erased", why="What was typed is not the client's code.", hint=f"Type {client} to confirm."
        )
    gone = library.erase_client(client)
    left = [html.Li(each.name) for each in gone.left]
    told: list[Component] = [dmc.Text(f"Everything of {client} was erased: {_count(gone)}.", fw=600)]
    if left:
        told += [dmc.Text("These files were fetched or changed, and are yours to delete:"), html.Ul(left)]
    if gone.mentions:
        shown = [*gone.mentions[:_MOST_MENTIONS]]
        shown += [f"and {len(gone.mentions) - _MOST_MENTIONS} more"] if len(gone.mentions) > _MOST_MENTIONS else []
        places = html.Ul([html.Li(each, className="bt-anywhere") for each in shown])
        told += [dmc.Text(f"These still mention {client}, and are yours to change:"), places]
    return dmc.Alert(dmc.Stack(told, gap=4), color="gray", variant="outline")


def _place(library: Library) -> Component:
    found = about.place(library.store)
    size = "Size of the database"  # a number, as the region writes it; paths and versions keep their form
    rows = [("Database", found.database)]
    if found.folder:
        rows.append(("Data folder", str(found.folder)))
        rows.append((size, f"{found.size_bytes / _MEGABYTE:,.1f} MB"))
    rows += [(name, told) for name, told in about.versions().items()]
    body = dmc.TableTbody(
        [
            dmc.TableTr(
                [dmc.TableTh(name, fw=500), dmc.TableTd(told, className=None if name == size else regional.OWN)]
            )
            for name, told in rows
        ]
    )
    table = html.Div(dmc.Table(body, verticalSpacing=4), className="bt-numbers-table bt-settings", tabIndex=0)
    return panel("Where things are", table)


def _looks() -> Component:
    button = html.Button(
        "Large print", type="button", className="bt-button", **notices.named("Large print", data_large="switch")
    )
    note = html.P(
        "For a projector, or for tired eyes: larger letters and fewer things on a page. This browser remembers it. "
        "Light or dark is the switch at the top.",
        className="bt-caption",
    )
    form = dmc.Select(
        id=ids.SETTINGS_FORM,
        label="Numbers and dates",
        description="How they are written on these pages. The words stay English. This browser remembers it.",
        data=[{"value": "", "label": "As the browser does"}, *regional.choices()],
        value=regional.chosen(),
        allowDeselect=False,
        maw=420,
    )
    everywhere = html.P(
        "A field takes 12.5 and 12,5 alike. Reports, exports and the command line always write 12.5, and days in "
        "English or as 2026-05-14: they go to other people and other programs.",
        className=f"bt-caption {regional.OWN}",
    )
    name = dcc.Store(id=ids.SETTINGS_FORM_NAME, data=regional.COOKIE)
    return panel("How pages look", button, note, form, everywhere, name)


def _export(library: Library) -> Component:
    choices = dmc.Group(
        [
            dmc.Select(
                id=ids.EXPORT_SESSION,
                label="Session",
                placeholder="Choose a session",
                data=_sessions(library),
                searchable=True,
                flex="2 1 240px",
                maw=420,
            ),
            dmc.Select(
                id=ids.EXPORT_FORMAT,
                label="Format",
                data=list(exports.FORMATS),
                value=exports.FORMATS[0],
                allowDeselect=False,
                flex="1 1 120px",
                maw=180,
            ),
            dmc.Switch(id=ids.EXPORT_NOTES, label="With notes in free text", checked=False, pb=8),
            dmc.Button("Save as a file", id=ids.EXPORT_DO, variant="default"),
        ],
        align="end",
    )  # fmt: skip - controls read as one
    note = html.P("What leaves this machine is yours to look after. Names never go out.", className="bt-caption")
    return panel("Export", choices, html.Div(id=ids.EXPORT_SAID, role="status"), note)


def _sessions(library: Library) -> list[dict[str, str]]:
    return [
        {"value": each.id, "label": " · ".join(part for part in (each.id, session_list.day(each), each.client) if part)}
        for each in library.listing.page(Asked(), size=_OFFERED).sessions
    ]


def _removed(library: Library) -> Component:
    rows = [
        html.Li(
            [
                f"{each.id} · ",
                *session_list.when(each),
                f" · {each.client or 'no client'} ",
                dmc.Button("Bring it back", id=ids.settings_restore(each.id), variant="default", size="xs"),
            ]
        )
        for each in library.removed()
    ]
    told = html.Ul(rows, className="bt-plain-list") if rows else html.P("No session was removed from the list.")
    return panel("Removed sessions", told, identity="removed")


def _erase(library: Library) -> Component:
    codes = sorted({*library.listing.clients(), *(each.client for each in library.removed() if each.client)})
    choices = dmc.Group(
        [
            dmc.Select(
                id=ids.ERASE_CLIENT,
                label="Client",
                placeholder="Choose a client",
                data=codes,
                searchable=True,
                clearable=True,
                clearButtonProps=notices.named("Choose nobody"),
                flex="1 1 160px",
                maw=260,
            ),
            dmc.TextInput(
                id=ids.ERASE_TYPED,
                label="Type the code to confirm",
                value="",
                debounce=True,
                autoComplete="off",
                flex="1 1 160px",
                maw=260,
            ),
            dmc.Button("Erase for good", id=ids.ERASE_DO, variant="outline", color="gray"),
        ],
        align="end",
    )  # fmt: skip - controls read as one
    note = html.P(
        "Everything of one client: sessions, name, notes, and files that were written from them. It cannot be undone.",
        className="bt-caption",
    )
    leaving = html.Div(id=ids.ERASE_LEAVING, role="status")
    return panel("Erase a client", note, choices, leaving, html.Div(id=ids.ERASE_SAID, role="status"))


def _leaving(found: Leaving) -> Component:
    files = f" {len(found.deleted)} exported files would go with it." if found.deleted else ""
    yours = f" {len(found.left)} files would be left for you to delete." if found.left else ""
    places = "1 other place" if len(found.mentions) == 1 else f"{len(found.mentions)} other places"
    others = f" {places} would still mention the code." if found.mentions else ""
    return html.P(f"Would be erased: {_count(found)}.{files}{yours}{others}")


def _count(found: Leaving) -> str:
    name = ", the name" if found.has_name else ""
    sessions = "1 session" if len(found.sessions) == 1 else f"{len(found.sessions)} sessions"
    return f"{sessions}, {found.lines:,} lines of the log, {found.documents} documents{name}"


def _deeds(library: Library) -> Component:
    found = about.deeds(library.store)
    if not found:
        told: Component = html.P("Nothing was erased yet. What is erased is noted here, without what it said.")
    else:
        head = dmc.TableThead(dmc.TableTr([dmc.TableTh(each) for each in ("When", "Who", "What", "About")]))
        rows = [
            dmc.TableTr([dmc.TableTd(cell) for cell in (regional.moment(each.when), *_words(each))]) for each in found
        ]
        table = dmc.Table([head, dmc.TableTbody(rows)], fz="sm", verticalSpacing=4)
        told = html.Div(table, className="bt-numbers-table", tabIndex=0)
    return panel("Audit log", told)


def _words(deed: about.Deed) -> tuple[str, str, str]:
    return deed.who, deed.what, deed.about or "–"
