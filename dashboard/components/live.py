"""A sitting in words while it happens."""

import itertools
import zlib
from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from biotune.domain.self_report import SCALES
from biotune.live import PhaseNow, PlannedPhase, Standing, StrapState, Tail
from dashboard import ids, theme
from dashboard.components import notices

SPOKE, MOVEMENT = "Spoke", "Movement"
_HAPPENED_SHOWN = 6
_CLOCK = ("elapsed_s", "left_s", "length_s", "runs", "now_s", "bpm")
_SCALES = {scale.key: scale.title for scale in SCALES}

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
    number = dcc.Store(id=ids.LIVE_PHASE_NUMBER, data=now.number if now else 0)
    if now is None:
        return html.Div([dmc.Text("No phase is running."), number])
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
            prompts(now.planned) if now.planned and now.planned.prompts else None,
            dmc.Text(after, c="dimmed", size="sm") if now.of else None,
            number,
        ],
        gap=4,
    )


def prompts(planned: PlannedPhase) -> Component:
    """Return what is to be read out; ``assets/sitting.js`` shows which one is due, and how soon the next one is."""
    lines = [
        html.Li(
            [html.Span(theme.clock(each.at_s), className="bt-prompt-at"), html.Span(each.say)],
            className="bt-prompt",
            **_data(at_s=each.at_s),
        )
        for each in planned.prompts
    ]
    return html.Div(
        [
            html.H3("Read out"),
            html.Div(className="bt-prompt-next"),
            html.Ol(lines, className="bt-prompts", tabIndex=0, **notices.named("What is read out in this phase")),
        ]
    )


def _data(**values: float | str) -> Any:  # noqa: ANN401 - Dash takes these names only unpacked
    return {f"data-{name.replace('_', '-')}": str(value) for name, value in values.items()}


def timer(tail: Tail) -> dict[str, Any]:
    """Return what the browser draws the timer from."""
    now = tail.phase
    if now is None:
        return dict.fromkeys(_CLOCK) | {"elapsed_s": 0, "runs": False, "now_s": round(tail.now_s, 2)}
    runs = tail.standing is Standing.RECORDED
    left_s = None if now.left_s is None else round(now.left_s, 2)
    return {
        "elapsed_s": round(now.elapsed_s, 2),
        "left_s": left_s,
        "length_s": now.length_s,
        "runs": runs,
        "now_s": round(tail.now_s, 2),
        "bpm": tail.bpm,
    }


def news(tail: Tail) -> list[Any]:
    """Return what one second brings, as few bytes as can be; `assets/live.js` reads it.

    They are: the cursor, a word that changes when some region does, the timer's values, and the new points.
    """
    clock = timer(tail)
    points = [[round(point.time_s, 2), point.bpm] for point in tail.points]
    return [tail.cursor, word(tail), *(clock[name] for name in _CLOCK), points]


def word(tail: Tail) -> str:
    """Return a short word that changes whenever some region does."""
    return f"{zlib.crc32(' '.join(shown(tail)).encode()):x}"


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


def happened(tail: Tail) -> Component:
    """List the latest markers, and what the client said, the newest first."""
    told = [(at_s, label) for at_s, label in tail.markers]
    for at_s, given in itertools.groupby(tail.ratings, key=lambda rating: round(rating[0])):
        words = ", ".join(f"{_SCALES.get(scale, scale)} {value:.0f}" for _, scale, value in given)
        told.append((at_s, words))
    if not told:
        return dmc.Text("None so far.", size="sm", c="dimmed")
    latest = sorted(told, key=lambda each: -each[0])[:_HAPPENED_SHOWN]
    return html.Ul([html.Li(f"{theme.clock(at_s)} {words}") for at_s, words in latest], className="bt-phases")


def shades(tail: Tail) -> list[dict[str, Any]]:
    """Return the phases so far, as ``assets/sitting.js`` shades them behind the line."""
    return [
        {
            "from_s": round(each.start_s, 2),
            "to_s": None if each.end_s is None else round(each.end_s, 2),
            "colour": theme.MARKS[each.kind].shade,
            "title": f"{theme.MARKS[each.kind].glyph} {theme.title(each.name)}",
        }
        for each in tail.phases
    ]


def shown(tail: Tail) -> list[str]:
    """Return a short word for each region that changes only when the region does.

    They are: phase, strap, notice, what happened, buttons of markers, pacer, phases' shades, the pacer's planned
    rate.
    """
    now = tail.phase
    phase_word = "" if now is None else f"{now.number} {now.name}"
    words = (
        phase_word,
        f"{tail.standing} {tail.strap}",
        f"{tail.standing} {tail.strap.state} {tail.strap.since_s}",
        f"{tail.markers} {tail.ratings}",
        f"{tail.buttons}",
        f"{phase_word} {tail.pacer}",
        f"{tail.phases}",
        phase_word if now and now.planned and now.planned.paced else "",
    )
    return [f"{zlib.crc32(word.encode()):x}" for word in words]
