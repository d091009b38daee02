"""``/client/<code>``: one client: sessions and progress, goals, wishes and plan, profile."""

from datetime import datetime
from typing import Any
from urllib.parse import quote, unquote

import dash_mantine_components as dmc
from dash import ALL, Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component

from biotune.domain.clients import Client
from biotune.library import Library
from dashboard import ids, regional
from dashboard.components import clients, notices, plan, progress
from dashboard.components.panel import panel

_MOST_SHOWN = 30
_TABS = (
    ("sessions", "Sessions and progress"),
    ("wishes", "Goals, wishes and plan"),
    ("experiment", "Experiment"),
    ("about", "Profile and name"),
)


def layout(library: Library, address: str) -> Component:
    """Return the page of the client whose code stands at the end of an address.

    Raises
    ------
    StorageError
        Where there is no such client.
    """
    client = library.clients.get(unquote(address))
    summaries = library.sessions(client.code)
    plans = {each.name: each for each in library.live.plans()}
    shown = summaries[:_MOST_SHOWN]
    more = f"The latest {_MOST_SHOWN} of {len(summaries)}." if len(summaries) > _MOST_SHOWN else ""
    listed = panel("Sessions", clients.sessions(shown, library.live.standings()), dmc.Text(more, c="dimmed"))
    inside = {
        "sessions": [listed, html.Div(dmc.Skeleton(h=200) if summaries else None, id=ids.CLIENT_PROGRESS)],
        "wishes": [
            panel("Goals, in the client's own words", clients.goals(client)),
            panel("Likes, and what to avoid", clients.wishes(client.preferences)),
            panel("Plan", clients.plan(client, plans)),
        ],
        "experiment": [plan.section()],
        "about": [
            panel("Profile", clients.about(client)),
            panel("Name, kept apart", clients.name(library.clients.name(client.code))),
        ],
    }
    tabs = dmc.TabsList([dmc.TabsTab(words, value=value) for value, words in _TABS], className="bt-noprint")
    panels = [
        dmc.TabsPanel(dmc.Stack(parts, gap="md"), value=value, pt="md", keepMounted=True)
        for value, parts in inside.items()
    ]
    return dmc.Stack(
        [
            dmc.Anchor(
                dmc.Group([notices.icon("back"), "All clients"], gap=6),
                href="/clients",
                w="fit-content",
                className="bt-noprint",
            ),
            dmc.Group(
                [
                    html.H1(f"Client {client.code}", tabIndex=-1, className=f"bt-anywhere {regional.OWN}"),
                    dmc.Anchor(
                        dmc.Button("New session", leftSection=notices.icon("new"), tabIndex=-1),
                        href=f"/new/{quote(client.code, safe='')}",
                        className="bt-noprint",
                    ),
                ],
                justify="space-between",
            ),
            dcc.Store(id=ids.CLIENT_CODE, data=client.code),
            dcc.Store(id=ids.CLIENT_SHOWN),
            html.Div(
                dmc.Text("What you type is saved by itself.", size="sm"),
                id=ids.CLIENT_SAID,
                role="status",
                className="bt-noprint",
            ),
            dmc.Tabs([tabs, *panels], value="sessions" if summaries else "wishes"),
        ]
    )


def register(app: Dash, library: Library) -> None:
    """Connect the page."""
    plan.register(app, library)

    @app.callback(
        Output(ids.CLIENT_SAID, "children"),
        Input(ids.client_field(ALL, ALL), "value"),
        State(ids.client_field(ALL, ALL), "id"),
        State(ids.CLIENT_CODE, "data"),
        prevent_initial_call=True,
        on_error=_not_saved,
    )
    def keep(values: list[Any], marks: list[dict[str, str]], code: str) -> object:
        client = _read(code, values, marks)
        if client == (library.clients.find(code) or Client(code)):
            return no_update  # the page has just come
        library.clients.save(client)
        return dmc.Text(f"Saved at {regional.hour(datetime.now().astimezone(), seconds=True)}.", size="sm")

    @app.callback(
        Output(ids.CLIENT_NAME_SAID, "children"),
        Input(ids.CLIENT_NAME_KEEP, "n_clicks"),
        State(ids.CLIENT_NAME, "value"),
        State(ids.CLIENT_CONTACT, "value"),
        State(ids.CLIENT_CODE, "data"),
        prevent_initial_call=True,
        on_error=notices.of_error,
    )
    def keep_name(_clicks: int, name: str | None, contact: str | None, code: str) -> Component:
        library.clients.set_name(code, name or "", contact or "")
        return dmc.Text("Kept." if (name or contact) else "Nothing is kept now.", size="sm")

    @app.callback(
        Output(ids.CLIENT_PROGRESS, "children"),
        Output(ids.CLIENT_SHOWN, "data"),
        Input(ids.REVISION, "data"),
        Input(ids.CLIENT_CODE, "data"),
        State(ids.CLIENT_SHOWN, "data"),
        on_error=lambda error: (notices.of_error(error), None),
    )
    def tell_progress(_revision: str, code: str, shown: str | None) -> tuple[object, object]:
        now = ".".join(f"{each.id}-{each.duration_s}-{each.beats}" for each in library.sessions(code) if each.finished)
        if now == shown:
            return no_update, no_update
        return progress.section(library.progress(code), library.responses(code)), now


def _read(code: str, values: list[Any], marks: list[dict[str, str]]) -> Client:
    """Read a client from the page's fields.

    Raises
    ------
    UsageError
        Where something cannot be kept.
    """
    document: dict[str, Any] = {"goals": {}, "preferences": {}, "plan": {}}
    for mark, value in zip(marks, values, strict=True):
        part = document if mark["part"] == "about" else document[mark["part"]]
        part[mark["name"]] = value
    return Client.from_dict(code, document)


def _not_saved(error: Exception) -> Component:
    return dmc.Stack([dmc.Text("Not saved:", fw=600), notices.of_error(error)], gap=0)
