"""What the numbers stand on: phases, signal, software; and what they are not."""

from collections.abc import Sequence

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from biotune.analysis.results import Analysis, PhaseAnalysis
from biotune.domain import Phase
from biotune.report import signal
from biotune.report.text import NOT_MEDICAL
from dashboard import theme
from dashboard.components import notices

# the same on a page and on paper
gap_sentence, signal_pct = signal.gap_sentence, signal.signal_pct


def phase_list(phases: Sequence[Phase]) -> Component:
    """Name each phase beside its shape, with its stretch of time."""
    return html.Ul([html.Li(_phase(phase)) for phase in phases], className="bt-phases")


def _phase(phase: Phase) -> list[str | Component]:
    mark = theme.MARKS[phase.kind]
    glyph = html.Span(mark.glyph, className="bt-glyph", style={"color": mark.colour}, **notices.UNSEEN)
    return [glyph, f"{theme.phase_title(phase)} {theme.clock(phase.start_s)}–{theme.clock(phase.end_s)}"]


def quality(analysis: Analysis, *, strap: str) -> Component:
    """Return each phase's signal, what made the numbers, and what they are not.

    Parameters
    ----------
    analysis : Analysis
        The whole recording.
    strap : str
        The strap's name; empty for an imported file.
    """
    head = ("Phase", "Length", "Beats", "Flagged as artefacts", "Time in gaps", "Rhythm")
    top = dmc.TableThead(dmc.TableTr([dmc.TableTh(text) for text in head]))
    body = dmc.TableTbody([dmc.TableTr([dmc.TableTd(text) for text in _row(each)]) for each in analysis.phases])
    made = analysis.provenance
    recorded = f"Recorded with {strap}. " if strap else "Imported from a file. "
    return dmc.Paper(
        dmc.Stack(
            [
                html.H2("How good the signal was"),
                html.Div(dmc.Table([top, body], verticalSpacing=6), className="bt-numbers-table", tabIndex=0),
                html.P(
                    [
                        (
                            f"{recorded}Convention {analysis.convention.value}; biotune {made.biotune}, "
                            f"NeuroKit2 {made.neurokit2}; log "
                        ),
                        html.Span(made.log_sha256[:12], className="bt-code"),
                        ".",
                    ],
                    className="bt-caption",
                ),
                html.P(NOT_MEDICAL, className="bt-caption"),
            ],
            gap="sm",
        ),
        p="lg",
        withBorder=True,
        className="bt-card",
    )


def _row(each: PhaseAnalysis) -> tuple[str, ...]:
    return (
        f"{theme.MARKS[each.phase.kind].glyph} {theme.phase_title(each.phase)}",
        theme.clock(each.phase.duration_s),
        str(each.beats),
        f"{each.quality.flagged_pct:.1f} %",
        f"{each.quality.gap_pct:.1f} %",
        each.quality.rhythm.value if each.quality.usable else f"{each.quality.rhythm.value}; no HRV here",
    )
