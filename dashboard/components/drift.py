"""What the client's quiet rest does between the same windows, under the music session's change."""

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from biotune.analysis import words
from biotune.analysis.results import Comparison
from dashboard.components import graph, panel
from dashboard.figures import drift

_PANELS = (
    ("mean_hr", "Heart rate", "bpm"),
    ("rmssd", "RMSSD", "ms"),
    ("breathing_rate", "Breathing", "breaths a minute"),
)
_HOW_TO_READ = (
    "Each bar is a 95 % interval; small strokes are single quiet-rest sessions. The dotted line is no change. "
    "The difference is this session's change with the quiet-rest drift taken off."
)


def section(comparison: Comparison | None) -> Component | None:
    """Return the card; None where the client has no quiet rest to put beside.

    Parameters
    ----------
    comparison : Comparison or None
        Of the windows chosen.
    """
    if comparison is None or comparison.beside_quiet_rest is None:
        return None
    panels = [made for each in _PANELS if (made := _panel(*each, comparison)) is not None]
    if not panels:
        return None
    return panel.panel(
        "Beside quiet rest",
        html.Div([html.P(sentence) for sentence in comparison.beside_quiet_rest.words]),
        dmc.SimpleGrid(panels, cols={"base": 1, "md": len(panels)}, spacing="lg", className="bt-thirds"),
        html.P(_HOW_TO_READ, className="bt-caption"),
        identity="quiet-rest",
    )


def _panel(key: str, title: str, unit: str, comparison: Comparison) -> Component | None:
    beside = comparison.beside_quiet_rest.changes.get(key) if comparison.beside_quiet_rest else None
    change = comparison.changes.get(key)
    if beside is None or change is None or change.estimate is None:
        return None
    rows = [
        (drift.ROWS[0], words.change_phrase(key, change)),
        (drift.ROWS[1], words.estimate_phrase(beside.kind, beside.unit, beside.drift)),
    ]
    if beside.beyond:
        rows.append((drift.ROWS[2], words.estimate_phrase(beside.kind, beside.unit, beside.beyond)))
    drawn = graph.graph(
        drift.figure(key, unit, change, beside),
        identity=f"drift-{key}",
        caption="",
        head=("", "Change"),
        rows=rows,
    )
    return html.Div([html.H3(title), drawn])
