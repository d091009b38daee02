"""The verdict in plain words, and one card for each headline change."""

from collections.abc import Sequence
from typing import Any

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from biotune.analysis import client_words, words
from biotune.analysis.results import Change, Comparison
from biotune.domain import Caveat, Phase, Verdict
from dashboard import theme

# Slower breathing alone changes HRV, so every such number says so itself (Quintana & Heathers 2014).
_IN_THE_CARD = (Caveat.BREATHING_CHANGED, Caveat.PACER)
_TO: Any = {"aria-label": "to"}


def in_plain_words(comparison: Comparison) -> Component:
    """Return the comparison as the client reads it, most important first; under each sentence what was measured."""
    told: list[Component] = []
    for each in client_words.tell(comparison):
        told.append(html.P(each.said))
        told += [html.P(each.measured, className="bt-measured")] if each.measured else []
    if comparison.reason:
        told.append(html.P(comparison.reason, className="bt-caption"))
    return dmc.Paper(
        [html.H2("In plain words"), *told],
        className="bt-words",
        p="lg",
    )


def verdict_badge(verdict: Verdict, label: str = "") -> Component:
    """Return the verdict's words in a badge; how filled it is doubles them, no colour judges."""
    return dmc.Badge(
        label or words.verdict_label(verdict),
        className=f"bt-verdict bt-verdict-{verdict.value}",
        size="lg",
        **theme.VERDICT_BADGES[verdict],
    )


def card(
    title: str,
    key: str,
    comparison: Comparison | None,
    phases: Sequence[Phase] = (),
    *,
    note: str = "",
    missing: str = "",
) -> Component:
    """Return one headline change.

    Parameters
    ----------
    title : str
        What changed.
    key : str
        The metric's key.
    comparison : Comparison or None
        Where it is taken from.
    phases : sequence of Phase
        The recording's own, so that a window that is a part of one says so.
    note : str
        What must be known of the number at once: its short name, that it is estimated.
    missing : str
        What to say where there is none.
    """
    change = comparison.changes.get(key) if comparison else None
    if comparison is None or change is None:
        inside: list[Component] = [html.P(missing, className="bt-caption bt-missing")]
    else:
        windows = " → ".join(theme.windows(comparison, phases))
        inside = [
            html.P(f"{note} · {windows}" if note else windows, className="bt-caption"),
            _values(key, change),
            html.Div(verdict_badge(change.verdict)),
            html.Div([html.P(sentence, className="bt-caption") for sentence in _beside(key, change)]),
        ]
    head = dmc.Title(title, order=3)
    return dmc.Paper([head, *inside], p="md", withBorder=True, className="bt-card bt-headline")


def cards(comparison: Comparison, after: Comparison | None, phases: Sequence[Phase] = ()) -> Component:
    """Return the four headline changes.

    Parameters
    ----------
    comparison : Comparison
        The windows chosen.
    after : Comparison or None
        Intervention against recovery.
    phases : sequence of Phase
        As in `card`.
    """
    made = [
        card("Heart rate", "mean_hr", comparison, phases),
        card("Beat-to-beat variation", "rmssd", comparison, phases, note="RMSSD"),
        card("Breathing rate", "breathing_rate", comparison, phases, note="Estimated"),
        card(
            "And afterwards?",
            "mean_hr",
            after,
            phases,
            note="Heart rate",
            missing="This session has no intervention and recovery that can be compared.",
        ),
    ]
    return html.Div(made, className="bt-headlines")


def values(change: Change) -> str:
    """Write both values in one line, whole, such as ``79 → 69 bpm``: no change stands beside them."""
    return f"{_number(change.before, 0)} → {_number(change.after, 0)} {change.unit}"


def _values(key: str, change: Change) -> Component:
    if change.before is None and change.after is None:
        return html.Div(html.Span("Not available", className="bt-before"), className="bt-values")
    decimals = words.decimals_shown(key, change)
    return html.Div(
        [
            html.Span(_number(change.before, decimals), className="bt-before"),
            html.Span("→", className="bt-before", role="img", **_TO),
            html.Span(_number(change.after, decimals), className="bt-after"),
            html.Span(unit_in_words(change.unit), className="bt-unit"),
        ],
        className="bt-values",
    )


def unit_in_words(unit: str) -> str:
    """Return a unit as a client reads it.

    Examples
    --------
    >>> unit_in_words("1/min"), unit_in_words("ms")
    ('a minute', 'ms')
    """
    return "a minute" if unit == "1/min" else unit


def _beside(key: str, change: Change) -> list[str]:
    """Say how far it moved, and what must stand beside that very number; the block of words tells the rest."""
    return [
        words.change_phrase(key, change, least_decimals=words.decimals_shown(key, change)),
        *(words.caveat_beside(key, c) for c in change.caveats if c in _IN_THE_CARD),
    ]


def _number(value: float | None, decimals: int) -> str:
    return "–" if value is None else words.number(value, decimals)
