"""What a therapist has at hand while a sitting runs: markers, the pacer, the client's own words, feedback, keys."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from biotune.domain.self_report import SCALES
from biotune.live import PacerNow, PhaseNow, Tail
from dashboard import ids
from dashboard.components import live, notices, ratings
from dashboard.components.panel import panel

if TYPE_CHECKING:
    from biotune.analysis.feedback import Told

ALWAYS = (live.SPOKE, live.MOVEMENT)
SAYING = "live"  # the sliders of what is said in between
SLOWEST_PER_MIN, FASTEST_PER_MIN = 4, 12
_KEYS = 9  # buttons that have a number for a key
_FEEDBACK_MS = 5000
# What a key may do: its name in the browser, and what people call it.
_ACTIONS = (
    *((f"mark-{number}", f"Marker {number}") for number in range(1, _KEYS + 1)),
    ("undo", "Take back the last marker"),
    ("pacer", "Pacer on or off"),
    ("music", "Music: play or pause"),
    ("fade", "Music: fade out"),
    ("end", "End the phase"),
)


# ---------------------------------------------------------------- markers


def labels(tail: Tail) -> tuple[str, ...]:
    """Return the markers that are offered: those that always are, then the protocol's and the phase's."""
    return tuple(dict.fromkeys([*ALWAYS, *tail.buttons]))


def marks(tail: Tail) -> list[Component]:
    """Return a button for each marker; the first nine have a number for a key."""
    buttons = [_mark(label, number) for number, label in enumerate(labels(tail), 1)]
    told = [html.Div(id=ids.live_mark_said(label)) for label in labels(tail)]
    return [dmc.Group(buttons), html.Div(told, role="status", className="bt-marked")]


def _mark(label: str, number: int) -> Component:
    key = html.Span(str(number), className="bt-key", **notices.UNSEEN, **_named_key(f"mark-{number}"))
    return dmc.Button(
        label,
        id=ids.live_mark(label),
        variant="default",
        leftSection=notices.icon("flag"),
        rightSection=key if number <= _KEYS else None,
    )


def _named_key(action: str) -> Any:  # noqa: ANN401 - Dash takes these names only unpacked
    return {"data-key-of": action}


# ---------------------------------------------------------------- the pacer


def pacer(tail: Tail) -> list[Component]:
    """Return the pacer as the log has it; ``assets/pacer.js`` draws it."""
    now = tail.pacer
    state: Any = {
        "data-on": "true" if now.on else "false",
        "data-per-min": f"{now.per_min:g}",
        "data-inhale": f"{now.inhale:g}",
        "data-since-s": f"{now.set_s or 0.0:.3f}",
    }
    return [
        dcc.Store(id=ids.LIVE_PACER_NOW, data=now.on),
        html.Div(drawing(), className="bt-pacer", **state),
        dmc.Text(_breath(now.per_min, now.inhale), size="sm") if now.on else None,
        dmc.Text(_led(tail.phase), size="sm", c="dimmed"),
    ]


def pacer_controls(tail: Tail) -> list[Component]:
    """Return what sets the pacer. It stays where it is while the pacer is drawn anew, and so keeps the focus."""
    key = html.Span(className="bt-key", **notices.UNSEEN, **_named_key("pacer"))
    words = [html.Span("Start the pacer", className="bt-start"), html.Span("Stop the pacer", className="bt-stop")]
    return [
        html.Div(id=ids.LIVE_PACER_BREATH, className="bt-pacer-told"),
        dmc.Button(html.Span(words), id=ids.LIVE_PACER_SWITCH, variant="default", rightSection=key),
        html.Div(
            [
                html.Div("Breaths a minute", **notices.UNSEEN),
                dmc.Slider(
                    id=ids.LIVE_PACER_RATE,
                    value=rate_shown(tail),
                    min=SLOWEST_PER_MIN,
                    max=FASTEST_PER_MIN,
                    step=0.5,
                    precision=1,
                    size="lg",
                    thumbSize=26,
                    thumbLabel="Breaths a minute",
                    className="bt-pacer-slider",
                ),
                html.Div("Inhaling, per cent of a breath", **notices.UNSEEN),
                dmc.Slider(
                    id=ids.LIVE_PACER_INHALE,
                    value=round(100 * tail.pacer.inhale),
                    min=30,
                    max=60,
                    step=5,
                    size="lg",
                    thumbSize=26,
                    thumbLabel="Inhaling, per cent of a breath",
                    className="bt-pacer-slider",
                ),
            ],
            className="bt-pacer-set",
        ),  # fmt: skip - one control after the other
    ]


def rate_shown(tail: Tail) -> float:
    """Return where the rate's slider stands: at what the phase is planned with, else at what the log has."""
    planned = tail.phase.planned if tail.phase else None
    return _clamped(planned.breaths_per_min if planned and planned.breaths_per_min else tail.pacer.per_min)


def meant(shown_per_min: float, now: PacerNow) -> float:
    """Return the rate that a slider means: a plan may lead faster than the slider reaches."""
    return now.per_min if shown_per_min == _clamped(now.per_min) else shown_per_min


def _clamped(per_min: float) -> float:
    return min(max(per_min, SLOWEST_PER_MIN), FASTEST_PER_MIN)


def drawing() -> list[Component]:
    """Return what the pacer is drawn with: a disc that grows and shrinks, or a bar where nothing is to move."""
    return [
        html.Div(html.Div(className="bt-pacer-disc"), className="bt-pacer-ring", **notices.UNSEEN),
        html.Div(html.Div(className="bt-pacer-fill"), className="bt-pacer-bar", **notices.UNSEEN),
        html.Div(className="bt-pacer-word"),
    ]


def _breath(per_min: float, inhale: float) -> str:
    breath_s = 60 / per_min
    return f"{per_min:g} breaths a minute: {inhale * breath_s:.1f} s in, {(1 - inhale) * breath_s:.1f} s out."


def _led(now: PhaseNow | None) -> str:
    planned = now.planned if now else None
    if planned and planned.paced:
        return "This phase leads the breathing. Who feels dizzy breathes freely."
    return "Led breathing moves the heart's rhythm by itself: its use is logged, and said beside a comparison."


# ---------------------------------------------------------------- what the client says in between


def saying(asked: Sequence[str] = ()) -> Component:
    """Return the sliders that the client is handed, in a drawer over the page."""
    heading = f"{ids.LIVE_SAY_DIALOG}-heading"
    named: Any = {"aria-labelledby": heading}
    answers = [
        dmc.Button("Close", id=ids.LIVE_SAY_NO, variant="default", size="md"),
        dmc.Button("Keep", id=ids.LIVE_SAY_KEEP, size="md"),
    ]
    return html.Dialog(
        dmc.Stack(
            [
                html.H2("How is it now?", id=heading),
                dmc.Text("Only what is moved counts."),
                html.Div(sliders(asked), id=ids.LIVE_SAY_SLIDERS),
                html.Div(id=ids.said(ids.LIVE_SAY_KEEP), role="status"),
                dmc.Group(answers, justify="flex-end"),
            ]
        ),
        id=ids.LIVE_SAY_DIALOG,
        className="bt-dialog bt-drawer",
        **named,
    )


def sliders(asked: Sequence[str] = ()) -> Component:
    """Return untouched sliders; the scales a phase asks for come first."""
    rest = [scale.key for scale in SCALES if scale.key not in asked]
    return html.Div([ratings.sliders(SAYING, [key], {}) for key in (*asked, *rest)])


# ---------------------------------------------------------------- feedback


def feedback() -> Component:
    """Return the card of what may be shown of the last minute, off at first, and the way to the calm screen."""
    return panel(
        "Feedback",
        dmc.Switch(id=ids.LIVE_FEEDBACK_SHOW, label="Show the last minute in numbers", checked=False),
        dcc.Interval(id=ids.LIVE_FEEDBACK_TICK, interval=_FEEDBACK_MS, disabled=True),
        html.Div(id=ids.LIVE_FEEDBACK),
    )


def calm_link(session_id: str) -> Component:
    """Return the way to the client's screen, which opens in a window of its own."""
    return dmc.Anchor(
        "Open the calm screen for the client", href=f"/live/{session_id}/client", target="_blank", underline="always"
    )


def told(numbers: "Sequence[Told]") -> Component:
    """Tell the last minute in numbers."""
    rows: list[Component] = []
    for each in numbers:
        value = " ".join(filter(None, (each.value, each.unit)))
        rows += [html.Dt(each.name), html.Dd([html.B(value), dmc.Text(each.note, size="sm", c="dimmed")])]
    return html.Div(
        [
            html.Dl(rows, className="bt-facts"),
            html.P("Of the last 70 seconds, for looking at. Nothing of it is compared.", className="bt-caption"),
        ]
    )


# ---------------------------------------------------------------- keys


def keys() -> Component:
    """Return what each key does, and how another key is taught: a foot switch or a remote sends keys too."""
    rows = [
        html.Div(
            [
                html.Span(words, className="bt-key-what"),
                html.Span(className="bt-key", **_named_key(action)),
                html.Button(
                    "Set key", type="button", className="bt-link", **notices.named(f"Set key: {words}", data_set=action)
                ),
            ],
            className="bt-key-row",
        )
        for action, words in _ACTIONS
    ]
    on: Any = {"aria-pressed": "true", "data-keys": "switch"}
    usual: Any = {"data-keys": "usual"}
    return html.Details(
        [
            html.Summary("Keys, foot switch, remote"),
            html.P(
                "A foot switch or a presenter's remote sends keys like a keyboard: press “Set key”, then the switch. "
                "Escape leaves it; Backspace takes a key away. Keys do nothing while you type. They are kept in this "
                "browser.",
                className="bt-caption",
            ),
            html.Div(rows, className="bt-key-rows"),
            html.Div(role="status", className="bt-key-said"),
            html.Div(
                [
                    html.Button("Keys are on", type="button", className="bt-link", **on),
                    html.Button("Usual keys", type="button", className="bt-link", **usual),
                ],
                className="bt-key-all",
            ),
        ],
        id=ids.LIVE_KEYS,
        className="bt-more",
    )
