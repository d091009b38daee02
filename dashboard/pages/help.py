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
        "Rating",
        (
            "What the client says of tension, mood, distress or energy, from 0 to 100. Two of them make a difference, "
            "and neither an interval nor a verdict."
        ),
    ),
    (
        "Short form",
        (
            "A protocol with shorter phases, for children and for people after a stroke or with dementia. What two and "
            "a half minutes cannot tell is left out."
        ),
    ),
    (
        "Swing of heart rate",
        (
            "How far heart rate rises and falls with one paced breath. The rate at which it is widest differs between "
            "people; which it is, one assessment often leaves open between neighbours."
        ),
    ),
    (
        "95 % interval",
        "The range in which the change may well lie. A heart is never still, so one session cannot say more exactly.",
    ),
    (
        "Trend",
        "What a client's sessions do over time, against how much one session wavers. None is told below five sessions.",
    ),
    (
        "Not enough plays yet",
        (
            "A piece was heard in fewer than three sessions. What one play did says little, so it is not put in order "
            "with others."
        ),
    ),
    ("Cohort", "Many clients together: how much changed on the whole, in each approach."),
    (
        "Experiment",
        (
            "Conditions that one client meets in an order drawn by chance. The draw is what lets a difference be told "
            "from luck, once all sessions have taken place."
        ),
    ),
    ("p", "How often chance alone brings a difference at least as large. A small p is no measure of how large it is."),
)

_VERDICTS = {
    Verdict.CLEAR: (
        "The interval excludes no change, and the change is larger than the difference that two quiet measurements of "
        "one person can show anyway."
    ),
    Verdict.POSSIBLE: (
        "The interval excludes no change, but two quiet measurements of one person can differ as much as this, or "
        "biotune has no figure for how much they do, or the client's own quiet rest may explain it."
    ),
    Verdict.NONE: "There may be no change at all.",
    Verdict.NOT_COMPARABLE: "The two stretches cannot be compared: too short, too poor a signal, speech or movement.",
}

_WEARING = (
    (
        "Moisten the two electrodes on the inside of the strap with water or contact gel. A dry strap is the usual "
        "reason for artefacts in the first minutes."
    ),
    (
        "Put it around the chest, just below the chest muscles, with the sensor in the middle and its writing upright. "
        "It should be snug, and not tighter than breathing allows."
    ),
    "Skin, not cloth: nothing may lie between the electrodes and the body.",
    "Close other apps and watches that may hold the strap: many straps speak to one program at a time.",
    "Sit or lie for two minutes before the baseline, until the heart has settled and the electrodes are warm.",
    "If beats are missing: moisten again, tighten a little, and keep loose cables and synthetic cloth away from it.",
    "Afterwards, take the sensor off the strap: on the strap it goes on using its battery. Rinse the strap with water.",
)

_SITTING = (
    (
        "The keys 1 to 9 set the markers that have these numbers, 0 takes the last one back. Keys do nothing while you "
        "type, nor while a drawer or a question is open, and can be switched off."
    ),
    (
        "A foot switch or a presenter's remote sends keys like a keyboard: on the live page, open “Keys, foot switch, "
        "remote”, press “Set key” beside what it is to do, and then the switch. It may set a marker, end the phase, "
        "start the pacer, play and pause the music, or fade it out. What you taught is kept in this browser."
    ),
    (
        "When a rest begins and music still plays, the page asks whether to fade it out, on whichever page of biotune "
        "you are; Escape lets it play. In Settings it can be made to fade by itself. Of live music it asks whether it "
        "has stopped: “Stops now” writes its end into the record."
    ),
    ("“How is it now?” hands the client four sliders at any moment. What is said stands in the record with its time."),
    (
        "The breathing pacer is off until you start it, or until a phase begins that leads the breathing. When it ran "
        "in a stretch that is compared, biotune says so beside the numbers."
    ),
    (
        "The calm screen is for the client, in a window of its own on a second screen: one slow shape that widens as "
        "the heart quickens and narrows as it slows, and no number. It comes to rest when the strap is not heard. "
        "“Aa” at the top leaves the timer, the heart rate and two large buttons."
    ),
)

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
        "number. Breathing is estimated, not measured: from the heartbeats or, where the strap sent them, from its ECG "
        "and the chest's movement."
    ),
    (
        "One session shows a response, not a lasting effect, and not its cause: resting alone also changes the heart. "
        "A quiet-rest session of the same length shows how much: its change stands beside the music session's, and is "
        "taken off in a second result. Three of them also tell how far this client's own quiet measurements differ; "
        "from then on that, and no published figure, decides what is called clear."
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
                html.P("Each in a sentence; what it means for a client and for a researcher opens with a click."),
                html.Div([_metric(each) for each in CATALOGUE.values()], className="bt-metrics"),
            ),
            _section("While a session runs", *(html.P(each, className="bt-prose") for each in _SITTING)),
            _section("How to wear a strap", _strap()),
            html.P(NOT_MEDICAL, className="bt-caption"),
        ]
    )


def register(_app: Dash, _library: Library) -> None:
    """Connect nothing: the page stands still."""


def _section(title: str, *inside: Component) -> Component:
    return dmc.Paper([html.H2(title), html.Div(list(inside))], p="lg", withBorder=True, className="bt-card")


def _heading(metric: MetricDefinition) -> str:
    return metric.name if metric.unit == "1" else f"{metric.name} ({metric.unit})"


def _metric(metric: MetricDefinition) -> Component:
    """Return a metric's sentence, and on request what a client and a researcher should know."""
    least = f"Needs {metric.least}{', without a gap in it' if metric.unbroken else ''}."
    inside = [
        html.Summary([html.Strong(_heading(metric)), html.Span(f" {metric.plain}")]),
        html.P([html.Strong("For a client. "), metric.for_client]),
        html.P([html.Strong("For a researcher. "), metric.for_researcher]),
        html.P(f"{metric.definition} {least} Source: {metric.source}.", className="bt-caption"),
    ]
    return html.Details(inside, id=f"metric-{metric.key.replace('_', '-')}")


def _strap() -> Component:
    steps = [html.Li(step) for step in _WEARING]
    more = html.P(
        [
            "No strap at hand? ",
            dmc.Anchor("Start a session without one", href="/new", underline="always"),
            ": a simulated heart takes its place.",
        ],
        className="bt-prose",
    )
    return html.Div([html.Ol(steps, className="bt-prose"), more])


def _glossary(entries: Iterable[tuple[str | Component, str]]) -> Component:
    return html.Dl([html.Div([html.Dt(term), html.Dd(told)]) for term, told in entries], className="bt-glossary")
