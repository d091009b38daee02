"""The list of sessions."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from biotune.domain import Rhythm, SessionSummary
from biotune.library import Overview
from biotune.live import Standing
from biotune.report import text
from dashboard import ids
from dashboard.components import cards, footing, notices

ORDERS: dict[str, tuple[str, Callable[[SessionSummary], Any], bool]] = {
    "newest": ("Newest first", lambda each: each.started, True),
    "oldest": ("Oldest first", lambda each: each.started, False),
    "client": ("Client", lambda each: (each.client.casefold(), each.started), False),
    "protocol": ("Protocol", lambda each: (each.protocol.casefold(), each.started), False),
    "longest": ("Longest first", lambda each: each.duration_s, True),
}

_UNFINISHED = {
    Standing.RECORDED: "Recording now: open it to follow",
    Standing.INTERRUPTED: "Interrupted: start it again within 15 minutes to continue",
    Standing.LEFT: "Not finished: open it to see what there is",
}


def choose(sessions: Sequence[SessionSummary], *, client: str, text: str, order: str) -> list[SessionSummary]:
    """Return the sessions that match, in the order asked for.

    Parameters
    ----------
    sessions : sequence of SessionSummary
        All of them.
    client : str
        A client's code; empty for all.
    text : str
        Words that must each occur in the id, client, protocol or date; empty for all.
    order : str
        A key of `ORDERS`.
    """
    wanted = text.casefold().split()
    _, by, backwards = ORDERS[order]
    matching = [
        each
        for each in sessions
        if (not client or each.client == client)
        and all(word in f"{each.id} {each.client} {protocol(each)} {date(each)}".casefold() for word in wanted)
    ]
    return sorted(matching, key=by, reverse=backwards)


def date(summary: SessionSummary) -> str:
    """Write when a session began, in this machine's time zone."""
    return f"{day(summary)}, {summary.started.astimezone():%H:%M}"


def day(summary: SessionSummary) -> str:
    """Write on which day a session began, in this machine's time zone."""
    started = summary.started.astimezone()
    return f"{started:%a} {started.day} {started:%b %Y}"


def protocol(summary: SessionSummary) -> str:
    """Write the protocol's name as words; empty where there was none."""
    words = summary.protocol.replace("-", " ")
    return words[:1].upper() + words[1:]


def table(sessions: Sequence[SessionSummary], standings: Mapping[str, Standing]) -> Component:
    """Return the rows; each result is filled in when its session has been analysed.

    Parameters
    ----------
    sessions : sequence of SessionSummary
        In the order of the rows.
    standings : mapping
        How those stand that are not finished, by id.
    """
    head = dmc.TableTr(
        [
            dmc.TableTh("Session"),
            dmc.TableTh("Client", visibleFrom="sm"),
            dmc.TableTh("Protocol", visibleFrom="sm"),
            dmc.TableTh("Length", visibleFrom="sm"),
            dmc.TableTh("Heart rate"),
            dmc.TableTh("State", visibleFrom="md"),
        ]
    )
    return dmc.Table(
        [dmc.TableThead(head), dmc.TableTbody([_row(each, standings.get(each.id)) for each in sessions])],
        highlightOnHover=True,
        verticalSpacing="sm",
        className="bt-table",
    )


def _row(each: SessionSummary, standing: Standing | None) -> Component:
    started = each.started.astimezone()
    page = "live" if standing is Standing.RECORDED else "session"
    link = dmc.Anchor(day(each), href=f"/{page}/{each.id}", className="bt-row-link", fw=600, underline="hover")
    return dmc.TableTr(
        [
            dmc.TableTd(
                [
                    link,
                    dmc.Text(f"{started:%H:%M} · {each.id}", size="sm", c="dimmed"),
                    dmc.Text(each.client, size="sm", hiddenFrom="sm"),
                ]
            ),
            dmc.TableTd(each.client or "–", visibleFrom="sm"),
            dmc.TableTd(protocol(each) or "–", visibleFrom="sm"),
            dmc.TableTd(text.duration(each.duration_s) if each.finished else "–", visibleFrom="sm"),
            dmc.TableTd(
                [
                    dcc.Store(id=ids.row(each.id), data=each.id),
                    html.Div(_waiting(each, standing), id=ids.result(each.id)),
                ]
            ),
            dmc.TableTd(state(each, standing), visibleFrom="md"),
        ]
    )


def state(each: SessionSummary, standing: Standing | None) -> Component:
    """Say whether a session is over, and if not, how it stands."""
    if each.finished or standing is None:
        return dmc.Text("Finished", size="sm")
    if standing is Standing.RECORDED:
        return dmc.Badge("Recording now", variant="filled", color="cyan", className="bt-verdict")
    return dmc.Badge("Not finished", variant="outline", color="cyan", className="bt-verdict")


def _waiting(each: SessionSummary, standing: Standing | None) -> Component:
    if each.finished or standing is None:
        return dmc.Skeleton(h=22, w=150)
    return dmc.Text(_UNFINISHED[standing], size="sm", c="dimmed")


def result(overview: Overview) -> Component:
    """Return a session's heart rate before and after, its verdict, and how much of the signal was usable."""
    change = overview.comparison.changes.get("mean_hr") if overview.comparison else None
    usable = footing.signal_pct(overview.analysis.phases)
    signal = "" if usable is None else f"signal {usable:.0f} % usable"
    if any(each.quality.rhythm is Rhythm.IRREGULAR for each in overview.analysis.phases):
        signal = "rhythm too irregular for HRV"
    if change is None:
        return dmc.Text(" · ".join(part for part in ("no comparison", signal) if part), size="sm", c="dimmed")
    return dmc.Stack(
        [
            dmc.Group([dmc.Text(cards.values(change), fw=600), cards.verdict_badge(change.verdict)], gap="xs"),
            dmc.Text(signal, size="sm", c="dimmed"),
        ],
        gap=2,
    )


def nothing_yet() -> Component:
    """Say what to do first."""
    ways = (
        ("biotune demo", "look at sample sessions first"),
        ("biotune import FILE", "bring in a recording from another program"),
    )
    return dmc.Paper(
        [
            html.H2("No sessions yet"),
            html.P(
                [
                    dmc.Anchor("Record a session", href="/new"),
                    " with a chest strap, or try it without one. Or type where you started biotune:",
                ]
            ),
            html.Ul([html.Li([dmc.Code(command), f" – {what}"]) for command, what in ways]),
            html.P("This list fills by itself as soon as something is recorded or imported."),
        ],
        p="lg",
        withBorder=True,
        className="bt-card bt-prose",
    )


def no_match() -> Component:
    """Say that the filter lets nothing through."""
    return notices.notice("No session matches", "Clear the search or choose another client.")
