"""A sitting in words while it happens."""

from collections.abc import Sequence
from typing import Any

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from biotune.live import PhaseNow, Standing, StrapState, Tail
from dashboard import theme
from dashboard.components import notices

SPOKE, MOVEMENT = "Spoke", "Movement"
_MARKERS_SHOWN = 6

_STRAP = {
    StrapState.HEARD: "Strap connected",
    StrapState.NO_CONTACT: "No skin contact",
    StrapState.SILENT: "Strap silent",
    StrapState.LOST: "Strap lost",
}
_WHAT_TO_DO = {
    StrapState.NO_CONTACT: "Moisten the electrodes and tighten the strap a little.",
    StrapState.SILENT: (
        "It is connected but sends nothing. Moisten the electrodes and tighten the strap; biotune connects again by "
        "itself."
    ),
    StrapState.LOST: (
        "biotune looks for it by itself and goes on recording when it is back. Is it worn and moist, and within a few "
        "metres? Has a watch or phone taken it?"
    ),
}
_GOES_ON = "Start it again with the same strap and client within 15 minutes, and it goes on."
_SAFE = "Everything recorded so far is safe."


def phase(now: PhaseNow | None) -> Component:
    """Tell which phase runs, what happens in it, and what comes next."""
    if now is None:
        return dmc.Text("No phase is running.")
    mark = theme.MARKS[now.kind]
    place = f"phase {now.number} of {now.of}" if now.of else f"phase {now.number}"
    following = now.following
    after = f"then {theme.title(following.name)} {theme.clock(following.seconds)}" if following else "the last phase"
    return dmc.Stack(
        [
            dmc.Group(
                [
                    html.H2(
                        [
                            html.Span(mark.glyph, className="bt-glyph", style={"color": mark.colour}, **notices.UNSEEN),
                            theme.title(now.name),
                        ]
                    ),
                    dmc.Text(place, c="dimmed"),
                ],
                justify="space-between",
            ),
            dmc.Text(now.explanation) if now.explanation else None,
            dmc.Text(after, c="dimmed", size="sm") if now.of else None,
        ],
        gap=4,
    )


def timer(tail: Tail) -> dict[str, Any]:
    """Return what the browser draws the timer from."""
    now = tail.phase
    if now is None:
        return {"elapsed_s": 0, "left_s": None, "length_s": None, "runs": False}
    runs = tail.standing is Standing.RECORDED
    return {"elapsed_s": now.elapsed_s, "left_s": now.left_s, "length_s": now.length_s, "runs": runs}


def rate(bpm: int | None) -> list[Component]:
    """Return the heart rate of now."""
    value = "–" if bpm is None else str(bpm)
    return [html.Span(value, className="bt-now"), html.Span("bpm", className="bt-unit")]


def strap(tail: Tail) -> Component:
    """Tell the strap's name and battery, and while it is listened to, its state."""
    now = tail.strap
    well = now.state is StrapState.HEARD
    battery = f" · battery {now.battery_pct} %" if now.battery_pct else ""
    badge = dmc.Badge(
        _STRAP[now.state],
        variant="light" if well else "outline",
        color="cyan" if well else "gray",
        size="lg",
        leftSection=notices.icon("strap" if well else "info"),
        className="bt-verdict",
    )
    about = dmc.Text(f"{now.name}{battery}", size="sm", c="dimmed")
    return dmc.Stack([badge, about] if tail.standing is Standing.RECORDED else [about], gap=4)


def notice(tail: Tail) -> Component | None:
    """Say what is the matter and what to do; None while all is well."""
    if tail.standing is None:
        return dmc.Stack(
            [
                notices.notice("The session is over", "It is saved."),
                dmc.Group(
                    [
                        dmc.Anchor(dmc.Button("See the comparison", size="md"), href=f"/session/{tail.session}"),
                        dmc.Anchor("Ratings and readings after it", href=f"/session/{tail.session}#ratings"),
                    ]
                ),
            ],
            gap="xs",
        )
    if tail.standing is not Standing.RECORDED:
        goes_on = tail.standing is Standing.INTERRUPTED
        return dmc.Stack(
            [
                notices.notice(
                    "Recording was interrupted" if goes_on else "This session was left unfinished",
                    _SAFE,
                    "Start it again with the same strap and client within 15 minutes, and it goes on."
                    if goes_on
                    else "",
                ),
                dmc.Anchor("New session", href="/new") if goes_on else None,
                dmc.Anchor("See it so far", href=f"/session/{tail.session}"),
            ],
            gap="xs",
        )
    if tail.strap.state in _WHAT_TO_DO:
        said = f"{_STRAP[tail.strap.state]} since {theme.clock(tail.strap.since_s)}"
        return notices.notice(said, _WHAT_TO_DO[tail.strap.state], _SAFE)
    return None


def markers(set_so_far: Sequence[tuple[float, str]]) -> Component:
    """List the latest markers, the newest first."""
    if not set_so_far:
        return dmc.Text("None so far.", size="sm", c="dimmed")
    latest = list(reversed(set_so_far))[:_MARKERS_SHOWN]
    return html.Ul([html.Li(f"{theme.clock(at_s)} {label}") for at_s, label in latest], className="bt-phases")


def shown(tail: Tail) -> list[str]:
    """Return a word for each region that changes only when the region does: phase, strap, notice, markers."""
    now = tail.phase
    return [
        "" if now is None else f"{now.number} {now.name}",
        f"{tail.standing} {tail.strap}",
        f"{tail.standing} {tail.strap.state} {tail.strap.since_s}",
        str(len(tail.markers)),
    ]
