"""A client over sessions, and what the client responds to: the part of a page."""

from collections.abc import Mapping

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from biotune.analysis import words
from biotune.analysis import words_over_sessions as over_sessions
from biotune.analysis.progress import Band, Progress, Visit
from biotune.analysis.response import Ranking, Response, Responses
from dashboard.components import graph, notices, panel
from dashboard.figures import progress as figures

_PANELS = (
    ("mean_hr", "Heart rate", "bpm"),
    ("rmssd", "Beat-to-beat variation (RMSSD)", "ms"),
    ("breathing_rate", "Breathing rate (estimated)", "breaths a minute"),
)
_BEGAN = (
    "The last five minutes of each session's baseline. Bar: 95 % interval against the noise within the session. "
    "Shaded: where one more baseline is expected (95 %), from the client's earlier ones, once there are three."
)
_CHANGED = "From the first window to the second, with its 95 % interval. Dotted line: no change."
_RATED = "What the client said, 0 to 100. Open: before the sitting. Filled: after it."
_POOLED = (
    "Change against the baseline of the same day, with its 95 % interval. A single play says little, so each "
    "estimate is drawn towards the client's mean, the more so the fewer plays there are. The lowest heart rate "
    "stands first: that is an order, not a judgement."
)


def section(progress: Progress, responses: Responses) -> Component:
    """Return the part of a client's page that tells the sessions together.

    Parameters
    ----------
    progress : Progress
        From `Library.progress`.
    responses : Responses
        From `Library.responses`.
    """
    if not progress.visits:
        return panel.panel(
            "Over sessions", html.P("There is no session of this client yet."), identity="over-sessions"
        )  # fmt: skip - one thing a line
    parts = [
        _in_words(progress),
        *(_metric(key, title, unit, progress) for key, title, unit in _PANELS if _has(key, progress)),
        _ratings(progress),
        went_with(responses),
    ]
    return dmc.Stack([part for part in parts if part is not None], gap="md", id="over-sessions")


def _in_words(progress: Progress) -> Component:
    shown = list(dict.fromkeys(visit.approach for visit in progress.visits))
    legend = html.Ul([html.Li(_approach(each)) for each in shown], className="bt-phases")
    return panel.panel("Over sessions", html.Div([html.P(sentence) for sentence in progress.words]), legend)


def _approach(name: str) -> list[str | Component]:
    mark = figures.mark(name)
    glyph = html.Span(mark.glyph, className="bt-glyph", style={"color": mark.colour}, **notices.UNSEEN)
    return [glyph, over_sessions.approach(name)]


def _has(key: str, progress: Progress) -> bool:
    return any(key in visit.baseline or _changed(key, visit) for visit in progress.visits)


def _changed(key: str, visit: Visit) -> bool:
    return key in visit.changes and visit.changes[key].estimate is not None


def _metric(key: str, title: str, unit: str, progress: Progress) -> Component:
    began = graph.graph(
        figures.baselines(key, unit, progress),
        identity=f"progress-baseline-{key}",
        caption=_BEGAN,
        head=("Session", "Approach", "Baseline", "Expected"),
        rows=[
            _baseline_row(key, visit, band) for visit, band in zip(progress.visits, progress.bands[key], strict=True)
        ],
    )
    changed = graph.graph(
        figures.changes(key, unit, progress),
        identity=f"progress-change-{key}",
        caption=_CHANGED,
        head=("Session", "Approach", "Change", "Verdict"),
        rows=[_change_row(key, visit) for visit in progress.visits],
    )
    halves = [
        html.Div([html.H3("Where sessions began"), _trend(over_sessions.trend_label(progress.baselines[key])), began]),
        html.Div(
            [html.H3("What changed in them"), _trend(over_sessions.trend_label(progress.responses[key])), changed]
        ),
    ]
    return panel.panel(title, dmc.SimpleGrid(halves, cols={"base": 1, "md": 2}, spacing="lg", className="bt-pairs"))


def _trend(label: str) -> Component:
    return dmc.Badge(label, variant="outline", color="gray", size="lg", className="bt-verdict")


def _name(visit: Visit) -> str:
    return f"{visit.session}, {figures.day(visit)}"


def _baseline_row(key: str, visit: Visit, band: Band | None) -> tuple[str, ...]:
    level = visit.baseline.get(key)
    told = f"{level.value:.1f} {level.unit} ({level.low:.1f} to {level.high:.1f})" if level else "not available"
    expected = f"{band.low:.1f} to {band.high:.1f}" if band else "fewer than three before"
    return _name(visit), over_sessions.approach(visit.approach), told, expected


def _change_row(key: str, visit: Visit) -> tuple[str, ...]:
    change = visit.changes.get(key)
    approach = over_sessions.approach(visit.approach)
    if change is None:
        return _name(visit), approach, "not compared", visit.problem
    return _name(visit), approach, words.change_phrase(key, change), words.verdict_label(change.verdict)


# ---------------------------------------------------------------- what the client said


def _ratings(progress: Progress) -> Component | None:
    """Draw each scale that was ever rated; None where none was."""
    titles = {name: answer.title for visit in progress.visits for name, answer in visit.ratings.items()}
    drawn = [
        html.Div([html.H3(title), _rating(scale, progress)]) for scale, title in titles.items()
    ]  # fmt: skip - one thing a line
    if not drawn:
        return None
    return panel.panel(
        "What the client said",
        dmc.SimpleGrid(drawn, cols={"base": 1, "sm": 2, "lg": 3}, spacing="lg", className="bt-thirds"),
    )


def _rating(scale: str, progress: Progress) -> Component:
    rows = []
    for visit in progress.visits:
        answer = visit.ratings.get(scale)
        if answer is not None:
            said = ("–" if value is None else f"{value:.0f}" for value in (answer.before, answer.after))
            rows.append((_name(visit), *said))
    return graph.graph(
        figures.ratings(scale, progress),
        identity=f"progress-rating-{scale}",
        caption=_RATED,
        head=("Session", "Before", "After"),
        rows=rows,
    )


# ---------------------------------------------------------------- what went with what


def went_with(responses: Responses) -> Component | None:
    """Return the ranked responses to pieces and approaches; None where nothing was measured of either."""
    tables = [
        _table("Pieces", "Piece", responses.pieces, over_sessions.NOT_ENOUGH),
        _table("Approaches", "Approach", responses.approaches, over_sessions.NOT_ENOUGH_SESSIONS),
    ]
    found = [table for table in tables if table is not None]
    if not found:
        return None
    told = html.Div([html.P(sentence) for sentence in responses.words])
    return panel.panel("What went with what", told, *found, html.P(_POOLED, className="bt-caption"))


def _table(title: str, what: str, rankings: Mapping[str, Ranking], missing: str) -> Component | None:
    if not rankings:
        return None
    by_heart_rate = rankings.get("mean_hr") or next(iter(rankings.values()))
    keys = [(key, name) for key, name, _ in _PANELS if key in rankings]
    head = dmc.TableThead(dmc.TableTr([dmc.TableTh(text) for text in (what, "Sessions", *(name for _, name in keys))]))
    rows = []
    for each in by_heart_rate.responses:
        cells = [_cell(rankings[key], each.name, missing) for key, _ in keys]
        rows.append(dmc.TableTr([dmc.TableTh(each.title), dmc.TableTd(_where(each)), *map(dmc.TableTd, cells)]))
    table = dmc.Table([head, dmc.TableTbody(rows)], verticalSpacing=6)
    return html.Div([html.H3(title), html.Div(table, className="bt-numbers-table", tabIndex=0)])


def _where(found: Response) -> str | Component:
    """Tell in how many sessions, and lead to them on request."""
    if not found.where:
        return str(found.sessions)
    links = [dmc.Anchor(each, href=f"/session/{each}", underline="always") for each in found.where]
    summary = html.Summary(str(found.sessions), **notices.named(f"{found.sessions} sessions with {found.title}"))
    return html.Details([summary, dmc.Group(links, gap="xs")])


def _cell(ranking: Ranking, name: str, missing: str) -> str:
    found = next((each for each in ranking.responses if each.name == name), None)
    if found is None:
        return "–"
    return words.estimate_phrase(ranking.kind, ranking.unit, found.estimate) if found.enough else missing
