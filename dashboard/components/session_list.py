"""The list of sessions."""

from collections.abc import Mapping, Sequence

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from biotune.domain import Rhythm, SessionSummary, Verdict
from biotune.library import Overview
from biotune.live import Standing
from biotune.report import text
from dashboard import ids, regional
from dashboard.components import cards, footing, notices

_UNFINISHED = {
    Standing.RECORDED: "Recording now: open it to follow",
    Standing.INTERRUPTED: "Interrupted: start it again within 15 minutes to continue",
    Standing.LEFT: "Not finished: open it to see what there is",
}


def when(summary: SessionSummary) -> list[str | Component]:
    """Return when a session began, in this machine's time zone."""
    return [_day(summary), f", {regional.hour(summary.started)}"]


def day(summary: SessionSummary) -> str:
    """Write on which day a session began, in this machine's time zone."""
    return regional.long_day(summary.started)


def _day(summary: SessionSummary) -> Component:
    return html.Time(
        day(summary), dateTime=f"{summary.started.astimezone():%Y-%m-%d}", lang=regional.form().tag
    )  # fmt: skip - one element


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
            dmc.TableTh("Approach", visibleFrom="sm"),
            dmc.TableTh("Length", visibleFrom="md", className="bt-less"),
            dmc.TableTh("Heart rate"),
            dmc.TableTh("State", visibleFrom="md", className="bt-less"),
            dmc.TableTh(html.Span("Actions", className="bt-unseen"), className="bt-noprint"),
        ]
    )
    return dmc.Table(
        [dmc.TableThead(head), dmc.TableTbody([_row(each, standings.get(each.id)) for each in sessions])],
        highlightOnHover=True,
        verticalSpacing="sm",
        className="bt-table",
    )


def _row(each: SessionSummary, standing: Standing | None) -> Component:
    page = "live" if standing is Standing.RECORDED else "session"
    link = dmc.Anchor(_day(each), href=f"/{page}/{each.id}", className="bt-row-link", fw=600, underline="hover")
    return dmc.TableTr(
        [
            dmc.TableTd(
                [
                    link,
                    dmc.Text(f"{regional.hour(each.started)} · {each.id}", size="sm", c="dimmed"),
                    dmc.Text(each.client, size="sm", hiddenFrom="sm", className=regional.OWN),
                ]
            ),
            dmc.TableTd(each.client or "–", visibleFrom="sm", className=regional.OWN),
            dmc.TableTd(protocol(each) or "–", visibleFrom="sm"),
            dmc.TableTd(
                text.duration(each.duration_s) if each.finished else "–", visibleFrom="md", className="bt-less"
            ),
            dmc.TableTd(
                [
                    dcc.Store(id=ids.row(each.id), data=each.id),
                    html.Div(_waiting(each, standing), id=ids.result(each.id)),
                ]
            ),
            dmc.TableTd(state(each, standing), visibleFrom="md", className="bt-less"),
            dmc.TableTd(_remove(each), className="bt-noprint"),
        ]
    )


def _remove(each: SessionSummary) -> Component:
    label = f"Remove session {each.id} from the list; it can be brought back"
    return dmc.ActionIcon(
        notices.icon("bin"),
        id=ids.remove(each.id),
        variant="subtle",
        color="gray",
        size="lg",
        className="bt-above-link",
        **notices.named(label),
    )


def removed(session_id: str) -> Component:
    """Say that a session was put aside, and offer to bring it back."""
    return dmc.Alert(
        dmc.Group(
            [
                dmc.Text(f"Session {session_id} is no longer in the list. Nothing of it is lost."),
                dmc.Button("Undo", id=ids.restore(session_id), variant="default", size="xs"),
                dmc.Anchor("All removed sessions", href="/settings#removed", size="sm"),
            ]
        ),
        color="gray",
        variant="outline",
    )


def put_aside(count: int) -> Component | None:
    """Say how many sessions were removed from the list, and where they are brought back; nothing where none was."""
    if not count:
        return None
    told = "1 removed session" if count == 1 else f"{count:,} removed sessions"
    back = dmc.Anchor(f"bring {'it' if count == 1 else 'them'} back", href="/settings#removed", size="sm")
    return dmc.Text([f"{told} · ", back], size="sm", c="dimmed")


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


def told(overview: Overview) -> dict[str, str]:
    """Say in a row's words what a session's heart rate did, the verdict, and how much of the signal was usable."""
    change = overview.comparison.changes.get("mean_hr") if overview.comparison else None
    usable = footing.signal_pct(overview.analysis.phases)
    signal = "" if usable is None else f"signal {usable:.0f} % usable"
    if overview.stopped_early:
        signal = f"{signal} · stopped early" if signal else "stopped early"
    if any(each.quality.rhythm is Rhythm.IRREGULAR for each in overview.analysis.phases):
        signal = "rhythm too irregular for HRV"
    if change is None:
        return {"signal": " · ".join(part for part in ("no comparison", signal) if part)}
    return {"values": cards.values(change), "verdict": change.verdict.value, "signal": signal}


def result(said: Mapping[str, str]) -> Component:
    """Return a session's heart rate before and after, its verdict, and how much of the signal was usable.

    Parameters
    ----------
    said : mapping
        From `told`.
    """
    signal = dmc.Text(said["signal"], size="sm", c="dimmed")
    if "verdict" not in said:
        return signal
    badge = cards.verdict_badge(Verdict(said["verdict"]))
    return dmc.Stack([dmc.Group([dmc.Text(said["values"], fw=600), badge], gap="xs"), signal], gap=2)


def nothing_yet() -> Component:
    """Say what to do first."""
    ways = (("biotune demo", "look at sample sessions first"),)
    return dmc.Paper(
        [
            html.H2("No sessions yet"),
            html.P(
                [
                    dmc.Anchor("Record a session", href="/new"),
                    " with a chest strap, or try it without one; or import files, above. Or type where you started it:",
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
    return notices.notice("No session matches", "Clear the search, the dates and the choices above, or widen them.")
