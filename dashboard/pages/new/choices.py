"""2: for whom, and what is done."""

import dash_mantine_components as dmc
from dash import Dash, Input, Output, State, html, no_update
from dash.development.base_component import Component

from biotune.library import Library
from biotune.library.drafts import Draft
from dashboard import ids, theme
from dashboard.components import new_session, notices, preparing, sound
from dashboard.pages.new import protocols


def layout(library: Library, draft: Draft) -> list[Component | None]:
    """Return what is in the step."""
    plans = {
        name: plan for name, plan in protocols.offered(library).items() if plan.short or not name.endswith("-short")
    }
    chosen = draft.protocol if draft.protocol in plans else "listening"
    faults = [notices.notice("A protocol of yours cannot be run", fault.what) for fault in library.live.faulty_plans()]
    client = dmc.Stack(
        [
            dmc.Autocomplete(
                id=ids.NEW_CLIENT,
                label="Client code",
                description="One that is here already, or a new one. A code, not a name; it may stay empty.",
                placeholder="K-204",
                data=list(library.clients.codes()),
                value=draft.client,
                debounce=True,
            ),
            html.Div(id=ids.NEW_ABOUT),
            dmc.Button(
                "Take what is planned", id=ids.NEW_TAKE_PLAN, variant="default", style=theme.HIDDEN, w="fit-content"
            ),
        ],
        gap="sm",
    )
    protocol = dmc.Stack(
        [
            dmc.Select(
                id=ids.NEW_PROTOCOL,
                label="What is done",
                description="Its phases follow below.",
                value=chosen,
                allowDeselect=False,
                searchable=True,
                data=[{"value": each.name, "label": new_session.protocol_label(each)} for each in plans.values()],
            ),
            dmc.Switch(id=ids.NEW_SHORT, label="The short form", checked=draft.short),
            html.Div(id=ids.NEW_PLAN),
            html.Div(sound.at_rest(library.music.player), id=ids.NEW_AT_REST, style=theme.HIDDEN),
            *faults,
        ],
        gap="sm",
    )
    return [html.Div([client, protocol], className="bt-two")]


def register(app: Dash, library: Library) -> None:
    """Connect client and protocol."""

    @app.callback(
        Output(ids.NEW_PLAN, "children"),
        Output(ids.NEW_SHORT, "disabled"),
        Output(ids.NEW_AT_REST, "style"),
        Input(ids.NEW_PROTOCOL, "value"),
        Input(ids.NEW_SHORT, "checked"),
        on_error=lambda error: (notices.of_error(error), no_update, theme.HIDDEN),
    )
    def tell_plan(name: str, short: bool) -> tuple[Component, bool, object]:  # noqa: FBT001 - a field's value
        plan = protocols.chosen(library, name, short=short)
        at_rest = {} if new_session.leads_into_rest(plan) else theme.HIDDEN
        return new_session.plan(plan), protocols.offered(library)[name].short is None, at_rest

    @app.callback(
        Output(ids.NEW_ABOUT, "children"),
        Output(ids.NEW_TAKE_PLAN, "style"),
        Output(ids.NEW_LAST_TOLD, "children"),
        Output(ids.NEW_LAST, "style"),
        Input(ids.NEW_CLIENT, "value"),
        on_error=lambda error: (notices.of_error(error), theme.HIDDEN, None, theme.HIDDEN),
    )
    def tell_client(code: str | None) -> tuple[object, ...]:
        code = " ".join((code or "").split())
        client, plans, last = library.clients.find(code), protocols.offered(library), library.clients.last_context(code)
        planned = client is not None and client.plan.approach in plans
        told = dmc.Text(f"Last time: {preparing.last_time(last)}.", size="sm", c="dimmed") if last else None
        take, as_last = ({} if there else theme.HIDDEN for there in (planned, last))
        return preparing.about_client(client, plans), take, told, as_last

    @app.callback(
        Output(ids.NEW_PROTOCOL, "value"),
        Output(ids.NEW_SHORT, "checked"),
        Input(ids.NEW_TAKE_PLAN, "n_clicks"),
        State(ids.NEW_CLIENT, "value"),
        prevent_initial_call=True,
    )
    def take_plan(_clicks: int, code: str) -> tuple[object, object]:
        approach = library.clients.get(" ".join(code.split())).plan.approach
        whole = approach.removesuffix("-short")
        return (whole, True) if whole != approach and whole in protocols.offered(library) else (approach, no_update)
