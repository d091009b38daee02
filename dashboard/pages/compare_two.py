"""``/compare?a=S1&b=S2``: two sessions beside one another."""

from typing import Any

import dash_mantine_components as dmc
from dash import ClientsideFunction, Dash, Input, Output, dcc, html
from dash.development.base_component import Component

from biotune.analysis import between
from biotune.analysis.between import Beside, Between
from biotune.analysis.metrics import CATALOGUE
from biotune.analysis.results import Change
from biotune.domain import Verdict
from biotune.library import Library, Overview
from biotune.library.listing import Asked
from biotune.report.text import NOT_MEDICAL
from dashboard import address, ids, theme
from dashboard.components import cards, graph, notices, session_list
from dashboard.components.panel import panel
from dashboard.figures import before_during_after, side_by_side

_OFFERED = 300  # of the newest sessions; an older one is reached from its own page
_PANELS = (
    ("mean_hr", "Heart rate", "bpm"),
    ("rmssd", "RMSSD", "ms"),
    ("breathing_rate", "Breathing", "breaths a minute"),
)


def layout(library: Library, search: str) -> Component:
    """Return the page, with the sessions chosen that its address names."""
    chosen = [address.asked(search, name).upper() for name in ("a", "b")]
    offered = _offered(library, [each for each in chosen if each])
    choices = [
        dmc.Select(
            id=identity,
            label=label,
            placeholder="Choose a session",
            data=offered,
            value=value or None,
            searchable=True,
            flex="1 1 260px",
            maw=420,
            nothingFoundMessage="No session matches",
        )  # fmt: skip - a control's properties read as one
        for identity, label, value in (
            (ids.TWO_FIRST, "First session", chosen[0]),
            (ids.TWO_SECOND, "Second session", chosen[1]),
        )
    ]
    return dmc.Stack(
        [
            html.H1("Compare two sessions", tabIndex=-1),
            html.Div(dmc.Group(choices), className="bt-noprint"),
            dcc.Store(id=ids.TWO_ADDRESS),
            html.Div(id=ids.TWO_BODY),
        ]
    )


def register(app: Dash, library: Library) -> None:
    """Connect the page."""

    @app.callback(
        Output(ids.TWO_BODY, "children"),
        Input(ids.TWO_FIRST, "value"),
        Input(ids.TWO_SECOND, "value"),
        on_error=notices.of_error,
    )
    def show(first: str | None, second: str | None) -> Component:
        if not first or not second:
            return _nothing_yet(library)
        return view(library.overview(first), library.overview(second))

    in_browser: Any = app.clientside_callback
    in_browser(
        ClientsideFunction("biotune", "keepInAddress"),
        Output(ids.TWO_ADDRESS, "data"),
        Input(ids.TWO_FIRST, "value"),
        Input(ids.TWO_SECOND, "value"),
    )


def view(first: Overview, second: Overview) -> Component:
    """Return two sessions beside one another.

    Parameters
    ----------
    first, second : Overview
        Each with its usual windows.
    """
    for each in (first, second):
        if each.comparison is None:
            link = dmc.Anchor(f"Open {each.summary.id}", href=f"/session/{each.summary.id}")
            told = notices.notice(f"{each.summary.id} has nothing to compare yet", each.problem)
            return dmc.Stack([told, link])
    if first.comparison is None or second.comparison is None:
        raise AssertionError
    found = between.compare(
        first.comparison,
        second.comparison,
        clients=(first.summary.client, second.summary.client),
        protocols=(first.summary.protocol, second.summary.protocol),
    )
    parts = [_heads(first, second), _in_words(found), _courses(first, second), _panels(first, second), _table(found)]
    return dmc.Stack([*parts, html.P(NOT_MEDICAL, className="bt-caption")])


def _nothing_yet(library: Library) -> Component:
    if library.store.finding.count() < 2:  # noqa: PLR2004 - two sessions
        record = dmc.Anchor("Record a session", href="/new")
        return dmc.Stack([notices.notice("This needs two sessions", "There are not two sessions yet."), record])
    return notices.notice(
        "Choose two sessions",
        "Their changes are laid beside one another: what happened in one, and whether it happened in the other too.",
    )


def _offered(library: Library, chosen: list[str]) -> list[dict[str, str]]:
    newest = {each.id: each for each in library.listing.page(Asked(), size=_OFFERED).sessions}
    for session_id in chosen:
        if session_id not in newest:
            newest[session_id] = library.store.summary(session_id)
    return [
        {
            "value": each.id,
            "label": " · ".join(
                part for part in (each.id, session_list.day(each), each.client, session_list.protocol(each)) if part
            ),
        }
        for each in newest.values()
    ]


def _heads(first: Overview, second: Overview) -> Component:
    told = []
    for each, look in zip((first, second), side_by_side.LOOKS, strict=True):
        summary = each.summary
        about_it = "".join(f" · {part}" for part in (summary.client, session_list.protocol(summary)) if part)
        told.append(
            html.Li(
                [
                    html.Span(look["glyph"], className="bt-glyph", style={"color": look["colour"]}, **notices.UNSEEN),
                    dmc.Anchor(summary.id, href=f"/session/{summary.id}", fw=600),
                    " · ",
                    *session_list.when(summary),
                    about_it,
                ]
            )
        )
    return html.Ul(told, className="bt-phases")


def _in_words(found: Between) -> Component:
    told = [html.P(sentence) for sentence in found.words]
    return dmc.Paper([html.H2("In plain words"), *told], className="bt-words", p="lg")


def _courses(first: Overview, second: Overview) -> Component:
    pair = [
        side_by_side.Course(each.summary.id, each.tachogram, each.comparison.before.start_s if each.comparison else 0)
        for each in (first, second)
    ]
    phases = [each.phase for each in first.analysis.phases]
    drawn = graph.graph(
        side_by_side.courses(pair, phases),
        identity="two-courses",
        caption=(
            f"The mean heart rate of twenty seconds, both sessions from the start of their first window. Shaded: the "
            f"phases of {first.summary.id}."
        ),
        head=("Session", "First window", "Second window"),
        rows=[
            (
                each.summary.id,
                theme.phase_title(each.comparison.before) if each.comparison else "",
                theme.phase_title(each.comparison.after) if each.comparison else "",
            )
            for each in (first, second)
        ],
    )
    return panel("Heart rate in both", drawn)


def _panels(first: Overview, second: Overview) -> Component:
    small = [each for key, title, unit in _PANELS if (each := _small(key, title, unit, first, second))]
    how = html.P(
        "Same phases beside each other. Bars: 95 % interval of the change from that session's own first window.",
        className="bt-caption",
    )
    return panel(
        "Phase by phase", how, dmc.SimpleGrid(small, cols={"base": 1, "sm": 3}, spacing="lg", className="bt-thirds")
    )


def _small(key: str, title: str, unit: str, first: Overview, second: Overview) -> Component | None:
    sessions = [
        (each.summary.id, before_during_after.points(key, [c for c in (each.during, each.comparison) if c]))
        for each in (first, second)
    ]
    if not all(placed for _, placed in sessions):
        return None
    drawn = graph.graph(
        side_by_side.figure(key, unit, sessions),
        identity=f"two-{key}",
        caption="",
        head=("Session", "Phase", f"{title} ({unit})"),
        rows=[
            (name, theme.phase_title(point.phase), f"{point.value:.1f}")
            for name, placed in sessions
            for point in placed
        ],
    )
    return html.Div([dmc.Title(title, order=3, size="h5"), drawn])


def _table(found: Between) -> Component:
    first, second = found.first.source, found.second.source
    changes = (f"Change in {first}", f"Change in {second}", "Difference", "Verdict")
    head = ("Metric", f"Baselines, {first} and {second}", *changes)
    rows = [
        dmc.TableTr(
            [
                dmc.TableTd(_name(key)),
                dmc.TableTd(_baselines(beside)),
                *(dmc.TableTd(phrase) for phrase in between.phrases(key, beside)),
                dmc.TableTd(_badge(beside.difference)),
            ]
        )
        for key, beside in found.metrics.items()
    ]
    table = dmc.Table(
        [dmc.TableThead(dmc.TableTr([dmc.TableTh(each) for each in head])), dmc.TableTbody(rows)],
        verticalSpacing=6,
        fz="sm",
    )
    note = html.P(
        "The verdict is on the difference of the two changes. It can be at most possible: two sittings do not tell how "
        "much such changes vary from one to the next.",
        className="bt-caption",
    )
    return panel("Change against change", note, html.Div(table, className="bt-numbers-table", tabIndex=0))


def _name(key: str) -> str:
    metric = CATALOGUE[key]
    return metric.name if metric.unit == "1" else f"{metric.name} ({metric.unit})"


def _baselines(beside: Beside) -> str:
    one, two = beside.baseline.before, beside.baseline.after
    if one is None or two is None:
        return "–"
    told = f"{one:.1f} and {two:.1f}"
    return f"{told}: further apart than rest usually is" if beside.baseline.verdict is Verdict.POSSIBLE else told


def _badge(change: Change) -> Component:
    return cards.verdict_badge(change.verdict, between.verdict_label(change))
