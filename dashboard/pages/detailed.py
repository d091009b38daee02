"""A part of ``/session/<id>``, its detailed reading: spectrum, Poincaré, traces, every metric, what made them."""

from collections.abc import Sequence
from typing import Any

import dash_mantine_components as dmc
import numpy as np
from dash import ClientsideFunction, Dash, Input, Output, State, html
from dash.development.base_component import Component

from biotune.analysis.metrics import CATALOGUE
from biotune.analysis.portrait import Closeup, Portrait
from biotune.analysis.results import Analysis, Metric, PhaseAnalysis, Unavailable
from biotune.analysis.windows import Sliding
from biotune.domain import Flag, Reason
from biotune.library import Library
from biotune.report import graph as graph_report
from biotune.report import text
from dashboard import address, ids, regional, theme
from dashboard.components import graph, notices
from dashboard.components.panel import panel
from dashboard.figures import poincare, spectrum, time_frequency, trace

_TRACES = (
    ("breathing_rate", "Breathing rate", "breaths a minute"),
    ("rmssd", "RMSSD", "ms"),
    ("hf", "HF power", "ms²"),
)
_TABLE_POINTS = 12  # rows of a trace's table: enough to follow it, few enough to listen to
_FLAGS = {
    Flag.ULTRA_SHORT: "shorter than five minutes",
    Flag.BELOW_LEAST_LENGTH: "below its least length",
    Flag.NOT_INTERPRETABLE: "breathing outside 9 to 24 a minute: does not stand for vagal modulation",
    Flag.LOW_CONFIDENCE: "low confidence",
}
_REASONS = {
    Reason.TOO_SHORT: "too short",
    Reason.TOO_FEW_BEATS: "too few beats",
    Reason.POOR_SIGNAL: "signal too poor",
    Reason.IRREGULAR_RHYTHM: "rhythm too irregular",
    Reason.NO_RR: "the strap sends no intervals",
    Reason.NO_BREATHING: "no breathing found",
}


def register(app: Dash, library: Library) -> None:
    """Connect the part."""

    @app.callback(
        Output(ids.COMPARE_DETAIL, "children"),
        Input(ids.LOCATION, "search"),
        Input(ids.COMPARE_SHOWN, "data"),
        State(ids.COMPARE_SESSION, "data"),
        on_error=notices.of_error,
    )
    def show(search: str | None, shown: str | None, session_id: str) -> Component | None:
        if not address.is_detailed(search) or not shown:
            return None
        overview = library.overview(session_id)
        summary, recording = overview.summary, library.recording(session_id)
        started = summary.started.astimezone().strftime("%Y-%m-%d at %H:%M")
        methods = graph_report.write(recording, overview.analysis, overview.comparison, started=started)
        return html.Div([view(overview.analysis, library.closeup(session_id)), _methods(methods)], className="bt-stack")

    in_browser: Any = app.clientside_callback
    in_browser(
        ClientsideFunction("biotune", "setScale"),
        Output(ids.COMPARE_SCALE, "name"),
        Input(ids.COMPARE_SCALE, "value"),
        prevent_initial_call=True,
    )


def view(analysis: Analysis, closeup: Closeup) -> Component:
    """Return everything that the detailed view shows beside the client's.

    Parameters
    ----------
    analysis : Analysis
        The whole recording.
    closeup : Closeup
        Its curves and clouds.
    """
    wide = [_map(closeup, analysis), _metrics(analysis), _made_by(analysis)]
    halves = [_spectra(closeup.portraits), _clouds(closeup.portraits), *_traces(closeup.sliding, analysis)]
    grid = html.Div([half for half in halves if half is not None], className="bt-halves")
    return dmc.Stack([grid, *(each for each in wide if each is not None)], gap="md")


def _spectra(portraits: Sequence[Portrait]) -> Component | None:
    shown = [each for each in portraits if len(each.frequency_hz)]
    if not shown:
        return None
    scale = dmc.SegmentedControl(
        id=ids.COMPARE_SCALE,
        data=[{"value": "linear", "label": "Linear"}, {"value": "log", "label": "Logarithmic"}],
        value="linear",
        w="fit-content",
        size="xs",
        **notices.named("Scale of the power density"),
    )
    drawn = graph.graph(
        spectrum.figure(portraits),
        identity="spectrum",
        caption=(
            "How strong the waves in the heart's rhythm were, by their pace: the area under a line within a band is "
            "that band's power. A peak in HF usually sits at the breathing rate (0.25 Hz is 15 breaths a minute)."
        ),
        head=("Phase", "Highest point", "Density there"),
        rows=[
            (theme.phase_title(each.phase), f"{peak_hz:.3f} Hz", f"{height:,.0f} ms²/Hz")
            for each, (peak_hz, height) in ((each, _peak(each)) for each in shown)
        ],
    )
    return panel("Spectrum by phase", html.Div(scale, className="bt-noprint"), drawn)


def _peak(portrait: Portrait) -> tuple[float, float]:
    highest = int(np.argmax(portrait.density))
    return float(portrait.frequency_hz[highest]), float(portrait.density[highest])


def _clouds(portraits: Sequence[Portrait]) -> Component | None:
    shown = [(each, each.cloud) for each in portraits if each.cloud]
    if not shown:
        return None
    drawn = graph.graph(
        poincare.figure(portraits),
        identity="poincare",
        caption=(
            "Each dot: one interval and the next. Across the dotted line a cloud is as wide as beats change from one "
            "to the next (SD1), along it as long as they vary altogether (SD2). Slow trends are taken off first, as "
            "for the numbers."
        ),
        head=("Phase", "SD1", "SD2", "Pairs"),
        rows=[
            (theme.phase_title(each.phase), f"{cloud.sd1_ms:.1f} ms", f"{cloud.sd2_ms:.1f} ms", str(cloud.pairs))
            for each, cloud in shown
        ],
    )
    return panel("Poincaré plot by phase", drawn)


def _traces(sliding: Sliding | None, analysis: Analysis) -> list[Component]:
    if sliding is None:
        return []
    return [
        _trace(key, title, unit, sliding, analysis) for key, title, unit in _TRACES if np.isfinite(sliding[key]).any()
    ]


def _trace(key: str, title: str, unit: str, sliding: Sliding, analysis: Analysis) -> Component:
    phases = [each.phase for each in analysis.phases]
    least = CATALOGUE[key].least
    shy = f" {least} would be its least length: look at the course, not at single values." * (
        key in sliding.below_least_length
    )
    drawn = graph.graph(
        trace.figure(sliding.time_s, sliding[key], title=title, unit=unit, phases=phases, gaps=analysis.gaps),
        identity=f"trace-{key}",
        caption=(
            f"{title} in windows of {sliding.window_s:.0f} seconds, every {sliding.step_s:.0f} seconds, each drawn at "
            f"its middle. The line stops where a window has no value.{shy}"
        ),
        head=("Minute", f"{title} ({unit})"),
        rows=_some(sliding.time_s, sliding[key]),
    )
    return panel(f"{title} over time", drawn)


def _some(time_s: np.ndarray, values: np.ndarray) -> list[tuple[str, str]]:
    every = max(1, -(-len(time_s) // _TABLE_POINTS))
    return [
        (theme.clock(float(at_s)), f"{value:.1f}" if np.isfinite(value) else "no value")
        for at_s, value in zip(time_s[::every], values[::every], strict=True)
    ]


def _map(closeup: Closeup, analysis: Analysis) -> Component | None:
    found = closeup.time_frequency
    if found is None:
        return None
    shown = closeup.portraits
    drawn = graph.graph(
        time_frequency.figure(found, [each.phase for each in analysis.phases]),
        identity="time-frequency",
        caption=(
            f"The spectrum of {found.window_s:.0f}-second windows, one column each: bright is strong. Dotted lines: "
            "the edges of LF and HF; solid lines: where a phase begins. A bright band that bends shows breathing "
            "that changed its pace."
        ),
        head=("Phase", "Strongest wave on average"),
        rows=[(theme.phase_title(each.phase), f"{_peak(each)[0]:.3f} Hz") for each in shown if len(each.frequency_hz)],
    )
    return panel("Time and frequency", drawn)


def _metrics(analysis: Analysis) -> Component:
    """Every metric of every phase, with flags and reasons in words."""
    head = ["Metric", "Unit", *(theme.phase_title(each.phase) for each in analysis.phases)]
    rows: list[list[str | list[str | Component]]] = [
        [
            definition.name,
            "–" if definition.unit == "1" else definition.unit,
            *(_told(each, key) for each in analysis.phases),
        ]
        for key, definition in CATALOGUE.items()
    ]
    top = dmc.TableThead(dmc.TableTr([dmc.TableTh(cell) for cell in head]))
    body = dmc.TableTbody([dmc.TableTr([dmc.TableTd(cell) for cell in row]) for row in rows])
    table = html.Div(dmc.Table([top, body], verticalSpacing=4, fz="sm"), className="bt-numbers-table", tabIndex=0)
    note = html.P(
        ["Of each phase as a whole, not of its last five minutes. ", dmc.Anchor("What each one means", href="/help")],
        className="bt-caption",
    )
    of_all = [metric for each in analysis.phases for metric in each.metrics.values()]
    given = [metric for metric in of_all if not isinstance(metric, Unavailable)]
    marks = [
        f"{text.MARKS[flag]} {told}" for flag, told in _FLAGS.items() if any(flag in metric.flags for metric in given)
    ]
    legend = html.P("; ".join(marks) + "." if marks else "", className="bt-caption")
    return panel("Every metric", note, table, legend)


def _told(each: PhaseAnalysis, key: str) -> str | list[str | Component]:
    metric: Metric | None = each.metrics.get(key)
    if metric is None:
        return "–"
    if isinstance(metric, Unavailable):
        needs = f", needs {metric.needs}" if metric.needs else ""
        return [html.Span(f"– {_REASONS[metric.unavailable]}{needs}", className="bt-quiet")]
    return text.number(metric.value) + "".join(text.MARKS[flag] for flag in metric.flags)


def _methods(methods: graph_report.Methods) -> Component:
    """Return the paragraph for a paper, with what it cites, and a button that copies it."""
    told = [html.P([html.Strong(f"{heading}. "), words], className="bt-prose") for heading, words in methods.sections]
    cited = html.Ol([html.Li(each) for each in methods.references], className="bt-prose bt-caption")
    missing = html.P(f"For you to add: {'; '.join(methods.missing)}.", className="bt-caption")
    copy = html.Button(
        "Copy it", type="button", className="bt-link", **notices.named("Copy it", data_copy=methods.text())
    )
    note = html.P(
        ["For the methods section of a paper, after GRAPH. ", copy],
        className="bt-caption bt-noprint",
    )
    parts = html.Div([*told, html.H3("References"), cited, missing], className=f"bt-stack {regional.OWN}")
    return panel("Methods, to be quoted", note, parts)


def _made_by(analysis: Analysis) -> Component:
    """Tell settings and provenance: enough to compute it again."""
    made = analysis.provenance
    rows = [
        ("biotune", made.biotune),
        ("NeuroKit2", made.neurokit2),
        ("SHA-256 of the log", made.log_sha256),
        *((name.replace("_", " "), _setting(value)) for name, value in made.parameters.items()),
    ]
    body = dmc.TableTbody([dmc.TableTr([dmc.TableTh(name, fw=500), dmc.TableTd(value)]) for name, value in rows])
    table = html.Div(
        dmc.Table(body, verticalSpacing=3, fz="sm"),
        className=f"bt-numbers-table bt-settings {regional.OWN}",
        tabIndex=0,
    )
    return panel("Settings and provenance", table)


def _setting(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return " to ".join(f"{each:g}" if isinstance(each, float) else str(each) for each in value)
    return f"{value:g}" if isinstance(value, float) else str(value)
