"""How a session ran: the heart rate through it, and what was measured before, during and after."""

from collections.abc import Sequence

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from biotune.analysis import music_words, window_words
from biotune.analysis.results import Comparison, PhaseAnalysis, Unavailable
from biotune.domain import Phase
from biotune.library import Overview
from dashboard import regional, theme
from dashboard.components import footing, graph
from dashboard.components.panel import panel
from dashboard.figures import before_during_after as panels
from dashboard.figures import tachogram

_PANELS = (
    ("mean_hr", "Heart rate", "bpm"),
    ("rmssd", "RMSSD", "ms"),
    ("breathing_rate", "Breathing", "breaths a minute"),
)
_HOW_TO_READ = (
    "Thin line: each beat. Thick line: the mean of twenty seconds. Cross: a beat flagged as an artefact and left out. "
    "No line is drawn where there was no signal."
)


def through_the_session(overview: Overview) -> Component:
    """Return the heart rate as it ran, with the windows that are compared, the markers and the music."""
    phases = [each.phase for each in overview.analysis.phases]
    gaps = overview.analysis.gaps
    windows = (overview.comparison.before, overview.comparison.after) if overview.comparison else ()
    drawn = graph.graph(
        tachogram.figure(overview.tachogram, phases, gaps, windows, overview.plays, overview.markers),
        identity="tachogram",
        caption=" ".join(
            (
                _HOW_TO_READ,
                "Bar along the bottom: a window that is compared." if windows else "",
                "Triangle: a marker." if overview.markers else "",
                f"Under the line: the music; {music_words.place(overview.plays)}." if overview.plays else "",
                footing.gap_sentence(gaps),
            )
        ),
        head=("Phase", "From", "To", "Mean heart rate of all of it"),
        rows=[
            (
                theme.phase_title(each.phase),
                theme.clock(each.phase.start_s),
                theme.clock(each.phase.end_s),
                _rate(each),
            )
            for each in overview.analysis.phases
        ],
        at_once=True,
    )
    listed = [each for each in (_marked(overview), _played(overview)) if each]
    return panel("Heart rate through the session", footing.phase_list(phases), drawn, *listed)


def _marked(overview: Overview) -> Component | None:
    told = [f"{theme.clock(each.time_s)} {each.label}" for each in overview.markers]
    return html.P(f"Markers: {'; '.join(told)}.", className=f"bt-caption {regional.OWN}") if told else None


def _played(overview: Overview) -> Component | None:
    told = [
        f"{theme.clock(each.start_s)}–{music_words.end(each, theme.clock(each.end_s))} {each.title or 'music'}"
        for each in overview.plays
    ]
    return html.P(f"Music: {'; '.join(told)}.", className=f"bt-caption {regional.OWN}") if told else None


def _rate(each: PhaseAnalysis) -> str:
    metric = each.metrics["mean_hr"]
    return "not available" if isinstance(metric, Unavailable) else f"{metric.value:.1f} bpm"


def before_during_after(overview: Overview) -> Component | None:
    """Three small figures; None where no two windows can be put side by side."""
    comparisons = overview.same_first_window
    phases = [each.phase for each in overview.analysis.phases]
    drawn = [small for key, title, unit in _PANELS if (small := _small(key, title, unit, comparisons, phases))]
    if not drawn:
        return None
    titles = [theme.windows(each, phases) for each in comparisons]
    how = html.P(window_words.how_to_read(comparisons, titles), className="bt-caption")
    return panel(
        "Before · during · after",
        how,
        dmc.SimpleGrid(drawn, cols={"base": 1, "sm": 3}, spacing="lg", className="bt-thirds"),
    )


def _small(
    key: str, title: str, unit: str, comparisons: Sequence[Comparison], phases: Sequence[Phase]
) -> Component | None:
    placed = panels.points(key, comparisons)
    if not placed:
        return None
    titles = [theme.window_title(point.phase, phases) for point in placed]
    decimals = panels.decimals(key, comparisons)
    shown = max(1, decimals)
    drawn = graph.drawing(
        panels.figure(key, unit, placed, titles, decimals=decimals),
        identity=f"before-during-after-{key}",
        caption="",
        head=("Window", f"{title} ({unit})", "95 % interval"),
        rows=[
            (name, f"{point.value:.{shown}f}", "" if point.low is None else f"{point.low:.1f} to {point.high:.1f}")
            for name, point in zip(titles, placed, strict=True)
        ],
    )
    return html.Div([dmc.Title(title, order=3, size="h5"), drawn])
