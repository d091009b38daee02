"""What an assessment of slow breathing rates found, told."""

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from biotune.analysis.resonance import Resonance
from dashboard.components.panel import panel

_HEAD = ("Breaths a minute", "Swing of heart rate (bpm)", "95 % interval", "Breaths measured")


def section(found: Resonance | None) -> Component | None:
    """Return the part of a session's page that tells it; None where the session was no such assessment."""
    if found is None:
        return None
    top = dmc.TableThead(dmc.TableTr([dmc.TableTh(word) for word in _HEAD]))
    rows = [
        (f"{each.per_min:g}", f"{each.bpm:.1f}", f"{each.low:.1f} to {each.high:.1f}", str(each.breaths))
        for each in found.swings
    ]
    body = dmc.TableTbody([dmc.TableTr([dmc.TableTd(cell) for cell in row]) for row in rows])
    return panel(
        "Breathing at each rate",
        *(html.P(sentence) for sentence in found.words),
        html.Div(dmc.Table([top, body], verticalSpacing=6), className="bt-numbers-table", tabIndex=0),
        html.P(
            "The swing is the mean of all breaths from trough to peak. Paced breathing changes heart rate variability "
            "by itself: this finds a rate, and shows no effect.",
            className="bt-caption",
        ),
    )
