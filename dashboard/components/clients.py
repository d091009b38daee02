"""Clients: the list of them, and what is known of one."""

from collections.abc import Mapping, Sequence
from urllib.parse import quote

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from biotune.domain import SessionSummary
from biotune.domain.clients import AGE_BANDS, LIKE_A_NAME, SEXES, Client, GoalDomain, Preferences
from biotune.library.clients import ClientName, ClientRow
from biotune.live import Protocol, Standing
from biotune.report import text
from dashboard import ids, regional, theme
from dashboard.components import notices, session_list

_GOALS = {
    GoalDomain.EMOTIONAL: "What the client wants to feel, or to feel less of.",
    GoalDomain.COGNITIVE: "Attention, memory, orientation, learning.",
    GoalDomain.SOCIAL: "Being with others, speaking, taking part.",
    GoalDomain.PHYSICAL: "Sleep, pain, movement, breath.",
}
_WISHES = {
    "genres": ("Genres", "What kinds of music they like."),
    "instruments": ("Instruments", "What they play, or like to hear."),
    "activities": ("Activities", "Listening, singing, drumming …"),
    "loved": ("Pieces they love", "By title, performer or both."),
    "avoid": ("Pieces to avoid", "Any piece whose title or performer contains these words is refused in a sitting."),
}
_HOW_OFTEN = ("once a week", "twice a week", "every day", "every two weeks", "as needed")


def address(code: str) -> str:
    """Return the address of a client's page.

    Examples
    --------
    >>> address("K/2 04")
    '/client/K%2F2%2004'
    """
    return f"/client/{quote(code, safe='')}"


def is_it_a_name(where: str, code: str) -> Component:
    """Ask whether what looks like a name is to be the code of somebody new.

    Parameters
    ----------
    where : str
        The page, as its button is named; `ids.anyway`.
    code : str
        What was typed.
    """
    apart = [
        "A name is kept apart, and shown only on request: on the client's page under “Profile and name”, from ",
        dmc.Anchor("Clients", href="/clients"),
        ".",
    ]
    use = dmc.Button(f"Use “{code}” anyway", id=ids.anyway(where, code), variant="default", w="fit-content")
    asked = dmc.Stack([dmc.Text(f"{LIKE_A_NAME} Use it anyway?"), dmc.Text(apart), use], gap="xs")
    return dmc.Alert(asked, title="Is this a name?", icon=notices.icon("info"), color="gray", variant="outline")


# ---------------------------------------------------------------- the list


def choose(rows: Sequence[ClientRow], wanted: str, *, by_name: bool) -> list[ClientRow]:
    """Return the clients in whose row every word occurs; in the name too, where names are shown."""
    words = wanted.casefold().split()
    return [row for row in rows if all(word in _told(row, by_name=by_name) for word in words)]


def _told(row: ClientRow, *, by_name: bool) -> str:
    client = row.client
    parts = [client.code, client.plan.approach, row.last_protocol, client.conditions, row.name if by_name else ""]
    return " ".join(parts).casefold()


def table(rows: Sequence[ClientRow], plans: Mapping[str, Protocol], *, names: bool) -> Component:
    """Return the list; names only where somebody asked for them, as the screen may face the client."""
    heads = ["Client", *(["Name"] if names else []), "Last session", "Sessions", "Done last", "Planned"]
    small = {"Done last", "Planned"}
    top = dmc.TableTr([dmc.TableTh(head, **_from(head in small)) for head in heads])
    return dmc.Table(
        [dmc.TableThead(top), dmc.TableTbody([_row(row, plans, names=names) for row in rows])],
        highlightOnHover=True,
        verticalSpacing="sm",
        className="bt-table bt-anywhere",
    )


def _row(row: ClientRow, plans: Mapping[str, Protocol], *, names: bool) -> Component:
    code = row.client.code
    plan = row.client.plan
    approach = plans[plan.approach].title if plan.approach in plans else plan.approach
    cells = [
        dmc.TableTd(
            dmc.Anchor(code, href=address(code), className=f"bt-row-link {regional.OWN}", fw=600, underline="hover")
        ),
        *([dmc.TableTd(row.name or "–", className=regional.OWN)] if names else []),
        dmc.TableTd(regional.short_day(row.last) if row.last else "–"),
        dmc.TableTd(str(row.sessions)),
        dmc.TableTd(theme.title(row.last_protocol) or "–", visibleFrom="sm"),
        dmc.TableTd(", ".join(part for part in (approach, plan.how_often) if part) or "–", visibleFrom="sm"),
    ]
    return dmc.TableTr(cells)


def _from(small: bool) -> dict[str, str]:  # noqa: FBT001 - whether it is left out on a phone
    return {"visibleFrom": "sm"} if small else {}


def nobody() -> Component:
    """Say what to do first."""
    return dmc.Paper(
        [
            html.H2("No clients yet"),
            html.P(
                "A client is a code of yours, such as K-204. Add one above, with goals, wishes and a plan; or start a "
                "session under a code, and it is listed here by itself."
            ),
            html.P("Names need not be kept. Where they are, they sit apart from everything else."),
        ],
        p="lg",
        withBorder=True,
        className="bt-card bt-prose",
    )


# ---------------------------------------------------------------- one client


def goals(client: Client) -> Component:
    """Return a field for each side of the client's goals."""
    return html.Div(
        [
            _area(ids.client_field("goals", domain.value), domain.value.capitalize(), words, client.goals.get(domain))
            for domain, words in _GOALS.items()
        ],
        className="bt-two",
    )


def wishes(preferences: Preferences) -> Component:
    """Return a field for each list of what the client likes, and of what to avoid."""
    return html.Div(
        [
            dmc.TagsInput(
                id=ids.client_field("preferences", name),
                label=label,
                description=f"{words} Enter ends an entry.",
                value=list(getattr(preferences, name)),
                splitChars=[";"],
            )  # fmt: skip - a control's properties read as one
            for name, (label, words) in _WISHES.items()
        ],
        className="bt-two",
    )


def plan(client: Client, plans: Mapping[str, Protocol]) -> Component:
    """Return the fields of what is meant to be done."""
    approach = client.plan.approach
    data = [{"value": each.name, "label": f"{each.title} ({each.seconds / 60:g} min)"} for each in plans.values()]
    if approach and approach not in plans:
        data.append({"value": approach, "label": f"{approach} (not here any more)"})
    return dmc.Stack(
        [
            html.Div(
                [
                    dmc.Select(
                        id=ids.client_field("plan", "approach"),
                        label="Approach",
                        description="What a new session offers.",
                        data=data,
                        value=approach or None,
                        searchable=True,
                        clearable=True,
                        clearButtonProps={"aria-label": "Take the approach back"},
                    ),
                    dmc.Autocomplete(
                        id=ids.client_field("plan", "how_often"),
                        label="How often",
                        description="In your words.",
                        data=list(_HOW_OFTEN),
                        value=client.plan.how_often,
                        debounce=True,
                    ),
                ],
                className="bt-two",
            ),
            _area(ids.client_field("plan", "notes"), "Notes on the plan", "", client.plan.notes),
        ],
        gap="sm",
    )


def about(client: Client) -> Component:
    """Return the fields of who the client is; all of them may stay empty."""
    bands = html.Div(
        [
            _select(ids.client_field("about", "age_band"), "Age", AGE_BANDS, client.age_band),
            _select(ids.client_field("about", "sex"), "Sex", SEXES, client.sex),
            dmc.TextInput(
                id=ids.client_field("about", "consented"),
                label="Agreed to recording on",
                placeholder="2026-09-14",
                value=client.consented.isoformat() if client.consented else "",
                debounce=True,
            ),
        ],
        className="bt-fields",
    )
    texts = html.Div(
        [
            _area(ids.client_field("about", "conditions"), "Conditions", "What matters here.", client.conditions),
            _area(
                ids.client_field("about", "medication"),
                "Medication",
                "Beta blockers, for one, slow the heart.",
                client.medication,
            ),
        ],
        className="bt-two",
    )
    return dmc.Stack([bands, texts], gap="md")


def name(kept: ClientName) -> Component:
    """Return the fields of who a code stands for."""
    fields = [
        dmc.TextInput(id=ids.CLIENT_NAME, label="Name", value=kept.name, debounce=True),
        dmc.TextInput(id=ids.CLIENT_CONTACT, label="Contact", value=kept.contact, debounce=True),
        dmc.Button("Keep the name", id=ids.CLIENT_NAME_KEEP, variant="default"),
    ]
    return dmc.Stack(
        [
            dmc.Text(
                "Need not be kept. It sits in a table of its own, and is in no report, no export and no list unless "
                "you ask for it. Leave both empty and keep that, and it is forgotten.",
                c="dimmed",
                size="sm",
            ),
            html.Div(fields, className="bt-fields"),
            html.Div(id=ids.CLIENT_NAME_SAID, role="status"),
        ],
        gap="sm",
    )


def _area(identity: object, label: str, description: str, value: str | None) -> Component:
    return dmc.Textarea(
        id=identity, label=label, description=description, value=value or "", autosize=True, minRows=2, debounce=700
    )


def _select(identity: object, label: str, choices: Sequence[str], value: str) -> Component:
    return dmc.Select(
        id=identity,
        label=label,
        placeholder="not said",
        data=list(choices),
        value=value or None,
        clearable=True,
        clearButtonProps=notices.named(f"Take back {label.lower()}"),
    )


def sessions(summaries: Sequence[SessionSummary], standings: Mapping[str, Standing]) -> Component:
    """List a client's sessions, the newest first; each result is filled in when its session has been analysed."""
    if not summaries:
        return dmc.Text("No session of this client so far.", c="dimmed")
    heads = (("Session", False), ("What was done", True), ("Length", True), ("Heart rate", False))
    top = dmc.TableTr([dmc.TableTh(head, **_from(wide)) for head, wide in heads])
    return dmc.Table(
        [dmc.TableThead(top), dmc.TableTbody([_session(each, standings.get(each.id)) for each in summaries])],
        highlightOnHover=True,
        verticalSpacing="sm",
        className="bt-table",
    )


def _session(each: SessionSummary, standing: Standing | None) -> Component:
    page = "live" if standing is Standing.RECORDED else "session"
    link = dmc.Anchor(
        session_list.day(each), href=f"/{page}/{each.id}", className="bt-row-link", fw=600, underline="hover"
    )
    waiting = dmc.Skeleton(h=22, w=150) if each.finished else session_list.state(each, standing)
    return dmc.TableTr(
        [
            dmc.TableTd(
                [
                    link,
                    dmc.Text(each.id, size="sm", c="dimmed"),
                    dmc.Text(session_list.protocol(each), size="sm", hiddenFrom="sm"),
                ]
            ),
            dmc.TableTd(session_list.protocol(each) or "–", visibleFrom="sm"),
            dmc.TableTd(text.duration(each.duration_s) if each.finished else "–", visibleFrom="sm"),
            dmc.TableTd([dcc.Store(id=ids.row(each.id), data=each.id), html.Div(waiting, id=ids.result(each.id))]),
        ]
    )
