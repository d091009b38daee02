"""A group of clients: what is said of it, its figures and its tables."""

from collections.abc import Sequence
from typing import Any

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from biotune.analysis import cohort_words
from biotune.analysis.cohort import Cohort, MetricModel, PairedChange
from biotune.analysis.metrics import CATALOGUE
from biotune.library.cohort import Grouped, Query
from biotune.report.text import NOT_MEDICAL
from dashboard import ids, regional
from dashboard.components import graph, notices, panel
from dashboard.figures import cohort as figures
from dashboard.figures import progress as marks

_LINES = "Thin line: one client, the mean of the client's sessions. Thick line: the mean of the clients."
_CHANGES = "Mean change with its 95 % interval, from three clients on. Dotted line: no change."
_MODEL = (
    "Every session counts; the client is a random effect. p (corrected) is Holm's, for all metrics and approaches "
    "together. A small p says that chance alone hardly explains a change; it does not say how it came about."
)
_G = (
    "Hedges' g is the change in units of the spread between clients, corrected for small groups. "
    "Its interval, like the change's, is a 95 % interval."
)
_TITLES = {
    "mean_hr": "Heart rate",
    "rmssd": "Beat-to-beat variation (RMSSD)",
    "breathing_rate": "Breathing rate (estimated)",
}


def view(grouped: Grouped) -> Component:
    """Return everything the page says of a group."""
    found = grouped.cohort
    if not found.sessions:
        return dmc.Stack([_nothing(found), *_excluded(found)], gap="md")
    parts = [
        html.P(asked(grouped.query), className=f"bt-on-paper {regional.OWN}"),
        dmc.Paper(
            [html.H2("In plain words"), *map(html.P, cohort_words.sentences(found))], className="bt-words", p="lg"
        ),
        *(_metric(metric, found) for metric in found.metrics if any(metric in arm for arm in found.arms.values())),
        panel.panel("Each approach", _arms(found), html.P(_G, className="bt-caption")),
        _models(found),
        *_excluded(found),
        html.P(NOT_MEDICAL, className="bt-caption"),
    ]
    return dmc.Stack(parts, gap="md")


def asked(query: Query) -> str:
    """Say of which sessions a group is made: what the fields say on the screen, which paper has none of."""
    chosen = [
        f"approaches {', '.join(title(each).lower() for each in query.approaches)}" if query.approaches else "",
        f"clients {', '.join(query.clients)}" if query.clients else "",
        f"from {regional.short_day(query.since)}" if query.since else "",
        f"to {regional.short_day(query.until)}" if query.until else "",
    ]
    told = "; ".join(each for each in chosen if each)
    return f"Sessions that were asked for: {told or 'all'}."


def title(approach: str) -> str:
    """Write an approach as people read it."""
    return cohort_words.approach_title(approach)


def progress(done: int, total: int) -> Component:
    """Say how far the gathering is."""
    share = 100 * done / total if total else 0
    told = f"{done} of {total} sessions measured" if total else "Looking which sessions there are"
    bar: Any = {"aria-label": "Sessions measured"}
    return dmc.Stack([dmc.Text(told), dmc.Progress(value=share, size="lg", **bar)], gap=6)


def stopped() -> Component:
    """Say that it was stopped, and how to go on."""
    return notices.notice("Stopped", "What was measured so far is kept. Press “Gather” to go on.")


def _nothing(found: Cohort) -> Component:
    if found.excluded:
        return notices.notice("None of these sessions can be put into a group", cohort_words.EMPTY)
    return notices.notice("There is no session to put into a group", cohort_words.EMPTY)


def _metric(metric: str, found: Cohort) -> Component:
    means = {approach: arm[metric] for approach, arm in found.arms.items() if metric in arm}
    clients = [line for line in found.lines if line.metric == metric]
    unit = next(iter(means.values())).unit
    drawn = [
        graph.graph(
            figures.lines(unit, clients, means),
            identity=f"cohort-lines-{metric}",
            caption=_LINES,
            head=("Client", "Approach", "Sessions", "Before", "After"),
            rows=[
                (
                    line.client,
                    cohort_words.approach_title(line.approach),
                    str(line.sessions),
                    f"{line.before:.1f}",
                    f"{line.after:.1f}",
                )
                for line in clients
            ],
        ),
        graph.graph(
            figures.changes(means),
            identity=f"cohort-changes-{metric}",
            caption=_CHANGES,
            head=("Approach", "Change", "95 % interval"),
            rows=[(cohort_words.approach_title(approach), *_change(mean)) for approach, mean in means.items()],
        ),
    ]
    heading = _TITLES.get(metric, CATALOGUE[metric].name)
    legend = html.Ul([html.Li(_approach(approach)) for approach in means], className="bt-phases")
    return panel.panel(
        heading, legend, dmc.SimpleGrid(drawn, cols={"base": 1, "md": 2}, spacing="lg", className="bt-pairs")
    )


def _approach(approach: str) -> list[str | Component]:
    """Name an approach beside its shape: a phone has no room for names above the lines."""
    style = marks.mark(approach)
    glyph = html.Span(style.glyph, className="bt-glyph", style={"color": style.colour}, **notices.UNSEEN)
    return [glyph, title(approach)]


def _change(mean: PairedChange) -> tuple[str, str]:
    return cohort_words.amount(mean.kind, mean.unit, mean.estimate), cohort_words.mean_interval(mean)


def _arms(found: Cohort) -> Component:
    rows = [
        (
            cohort_words.approach_title(approach),
            CATALOGUE[metric].name,
            str(mean.clients),
            str(mean.sessions),
            *_change(mean),
            cohort_words.effect_size(mean.g) if mean.g else "takes four clients",
        )
        for approach, arm in found.arms.items()
        for metric, mean in arm.items()
    ]
    head = ("Approach", "Metric", "Clients", "Sessions", "Change", "95 % interval", "Hedges' g")
    return _table("Each approach", head, rows)


def _models(found: Cohort) -> Component:
    rows = [row for metric, model in found.models.items() for row in _answers(metric, model)]
    told = [html.P(each) for each in cohort_words.warnings(found)]
    if not rows:
        return panel.panel("All sessions in one model", *told)
    head = ("Metric", "Question", "Change", "95 % interval", "Degrees of freedom", "p", "p (corrected)")
    table = _table("All sessions in one model", head, rows)
    return panel.panel("All sessions in one model", table, html.P(_MODEL, className="bt-caption"), *told)


def _answers(metric: str, model: MetricModel) -> list[tuple[str, ...]]:
    return [
        (
            CATALOGUE[metric].name,
            cohort_words.approach_title(each.term.approach)
            + (" against quiet rest" if each.term.against else ": any change"),
            *cohort_words.numbers(model, each),
        )
        for each in model.answers
    ]


def _excluded(found: Cohort) -> list[Component]:
    if not found.excluded:
        return []
    rows = [
        (
            each.source,
            each.client or "–",
            CATALOGUE[each.metric].name if each.metric else "everything",
            cohort_words.excluded_label(each.reason),
            f"{each.words[:1].upper()}{each.words[1:].rstrip('.')}.",
        )
        for each in found.excluded
    ]
    head = ("Session", "Client", "What of it", "Reason", "In words")
    return [panel.panel("Left out, and why", _table("Left out", head, rows))]


def _table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> Component:
    top = dmc.TableThead(dmc.TableTr([dmc.TableTh(text) for text in head]))
    body = dmc.TableTbody([dmc.TableTr([dmc.TableTd(text) for text in row]) for row in rows])
    named: Any = {"aria-label": title, "role": "region"}
    return html.Div(dmc.Table([top, body], verticalSpacing=6), className="bt-numbers-table", tabIndex=0, **named)


def downloads() -> Component:
    """Return the buttons that fetch the table and its codebook."""
    return dmc.Group(
        [
            dmc.Button("Download CSV", id=ids.COHORT_CSV, variant="default"),
            dmc.Button("Download the codebook", id=ids.COHORT_CODEBOOK, variant="default"),
        ]
    )
