"""``/help``: what the words and numbers mean."""

from collections.abc import Iterable

import dash_mantine_components as dmc
from dash import Dash, html
from dash.development.base_component import Component

from biotune.analysis.metrics import CATALOGUE, MetricDefinition
from biotune.domain import Verdict
from biotune.library import Library
from biotune.report.text import NOT_MEDICAL
from dashboard.components import cards

_TERMS = (
    ("Beat", "One heartbeat, as the chest strap heard it, and the time since the one before."),
    ("Baseline", "Quiet rest before anything else happens. Everything later is measured against it."),
    ("Intervention", "The part in which something is done: music, guided imagery, drumming, breathing."),
    ("Recovery", "Quiet rest afterwards. What is still there now outlasted the music."),
    ("Artefact", "A beat that was heard wrongly, or that came out of turn. It is flagged and left out, never deleted."),
    ("Gap", "A stretch without a trustworthy signal. Nothing is computed across it."),
    (
        "95 % interval",
        "The range in which the change may well lie. A heart is never still, so one session cannot say more exactly.",
    ),
)

_VERDICTS = {
    Verdict.CLEAR: (
        "The interval excludes no change, and the change is larger than the difference that two quiet measurements of "
        "one person can show anyway."
    ),
    Verdict.POSSIBLE: (
        "The interval excludes no change, but two quiet measurements of one person can differ as much as this, or "
        "biotune has no published figure for how much they do."
    ),
    Verdict.NONE: "There may be no change at all.",
    Verdict.NOT_COMPARABLE: "The two stretches cannot be compared: too short, too poor a signal, speech or movement.",
}

_METHOD = (
    (
        "The strap sends the time from each heartbeat to the next. Beats that were heard wrongly are left out, and "
        "stretches without signal stay empty: nothing is filled in."
    ),
    (
        "Then two stretches of equal length are compared, usually the last five minutes of the baseline and of the "
        "recovery. Stretches in which somebody speaks, sings, plays or moves are not compared with quiet ones, because "
        "moving changes the heart by itself."
    ),
    (
        "Slower breathing alone changes beat-to-beat variation. Where breathing changed, biotune says so beside the "
        "number. "
        "Breathing is estimated from the heartbeats, not measured."
    ),
    (
        "One session shows a response, not a lasting effect, and not its cause: resting alone also changes the heart. "
        "A quiet-rest session of the same length shows how much."
    ),
)


def layout() -> Component:
    """Return the page."""
    return dmc.Stack(
        [
            html.H1("How to read biotune", tabIndex=-1),
            _section("How a session is compared", *(html.P(each, className="bt-prose") for each in _METHOD)),
            _section(
                "What the verdicts mean", _glossary([(cards.verdict_badge(v), told) for v, told in _VERDICTS.items()])
            ),
            _section("Words", _glossary(_TERMS)),
            _section(
                "Numbers",
                _glossary([(_heading(each), each.plain) for each in CATALOGUE.values()]),
            ),
            html.P(NOT_MEDICAL, className="bt-caption"),
        ]
    )


def register(_app: Dash, _library: Library) -> None:
    """Connect nothing: the page stands still."""


def _section(title: str, *inside: Component) -> Component:
    return dmc.Paper([html.H2(title), html.Div(list(inside))], p="lg", withBorder=True, className="bt-card")


def _heading(metric: MetricDefinition) -> str:
    return metric.name if metric.unit == "1" else f"{metric.name} ({metric.unit})"


def _glossary(entries: Iterable[tuple[str | Component, str]]) -> Component:
    return html.Dl([html.Div([html.Dt(term), html.Dd(told)]) for term, told in entries], className="bt-glossary")
