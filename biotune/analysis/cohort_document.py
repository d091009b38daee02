"""A group's result as a document and as a tidy table with its codebook."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from biotune.analysis import cohort_words
from biotune.analysis.cohort import Answer, Cohort, MetricModel, PairedChange, declared, summarise
from biotune.analysis.session_change import SessionChange, back_of

CODEBOOK: tuple[tuple[str, str, str], ...] = (
    ("session", "", "session's id, or the file's name"),
    ("client", "", "client's pseudonymous code; empty where the session belongs to none"),
    ("approach", "", "what was done: the activity that took most of the intervention, or quiet-rest"),
    ("started", "ISO 8601, UTC", "when the session began; empty where the file does not say"),
    ("before_window", "", "name of the phase before (its last minutes are taken)"),
    ("after_window", "", "name of the phase after"),
    ("window_s", "s", "length of either window"),
    ("metric", "", "key of the metric, as in docs/metrics.md"),
    ("unit", "", "unit of the columns before and after"),
    ("before", "see unit", "the metric in the window before; empty where unavailable"),
    ("after", "see unit", "the metric in the window after; empty where unavailable"),
    ("kind", "", "how the change is expressed: difference (after - before) or ratio (after / before)"),
    ("change", "see unit, or 1 for a ratio", "the change; empty where it cannot be compared"),
    ("change_low", "as change", "lower end of the change's 95 % interval within the session"),
    ("change_high", "as change", "upper end of that interval"),
    ("moved", "see unit, or ln of 1", "what the models use: the difference, or the natural logarithm of the ratio"),
    ("verdict", "", "clear, possible, none or not-comparable (docs/method.md)"),
    ("caveats", "", "what must be said beside the change, separated by spaces"),
    ("excluded", "", "why this row is in no mean and no model; empty where it is"),
    ("excluded_words", "", "the same in words"),
)
COLUMNS = tuple(name for name, _, _ in CODEBOOK)


def to_dict(cohort: Cohort, provenance: Mapping[str, Any]) -> dict[str, Any]:
    """Return the document ``biotune.cohort/1``."""
    return {
        "schema": "biotune.cohort/1",
        "provenance": dict(provenance),
        "metrics": list(cohort.metrics),
        "sessions": cohort.sessions,
        "clients": cohort.clients,
        "arms": [
            {"approach": approach, "changes": {metric: _paired(change) for metric, change in changes.items()}}
            for approach, changes in cohort.arms.items()
        ],
        "models": {metric: _model(model) for metric, model in cohort.models.items()},
        "lines": [
            {
                "client": line.client,
                "approach": line.approach,
                "metric": line.metric,
                "sessions": line.sessions,
                "before": line.before,
                "after": line.after,
            }
            for line in cohort.lines
        ],
        "excluded": [
            {
                "source": each.source,
                "client": each.client,
                "approach": each.approach,
                "metric": each.metric or None,
                "reason": each.reason.value,
                "words": each.words,
            }
            for each in cohort.excluded
        ],
        "words": list(cohort_words.sentences(cohort)),
    }


def _paired(change: PairedChange) -> dict[str, Any]:
    return {
        "kind": change.kind.value,
        "unit": change.unit,
        "sessions": change.sessions,
        "clients": change.clients,
        "before": change.before,
        "after": change.after,
        "estimate": change.estimate,
        "low": change.low,
        "high": change.high,
        "no_interval": change.no_interval.value if change.no_interval else None,
        "hedges_g": change.g.to_dict() if change.g else None,
        "breathing_changed": change.breathing_changed,
    }


def _model(model: MetricModel) -> dict[str, Any]:
    return {
        "fit": model.model.fit.value if model.model.fit else None,
        "kind": model.kind.value,
        "unit": model.unit,
        "sessions": model.model.sessions,
        "clients": model.model.clients,
        "client_sd": model.model.client_sd,
        "residual_sd": model.model.residual_sd,
        "terms": [_term(each) for each in model.answers],
        "warnings": [each.value for each in model.model.warned],
    }


def _term(each: Answer) -> dict[str, Any]:
    return {
        "approach": each.term.approach,
        "against": each.term.against or None,
        "estimate": each.estimate,
        "low": each.low,
        "high": each.high,
        "standard_error": each.term.error,
        "df": each.term.df,
        "p": each.term.p,
        "p_holm": each.p_holm,
    }


def rows(changes: Sequence[SessionChange], metrics: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Write a row a session and metric, in the columns of `CODEBOOK`; excluded ones too.

    Parameters
    ----------
    changes : sequence of SessionChange
        In any order.
    metrics : sequence of str
        The metrics declared.
    """
    out = {(each.source, each.metric): each for each in summarise(changes, metrics).excluded}
    for each in sorted(changes, key=lambda change: change.order):
        for metric in declared(metrics):
            left = out.get((each.source, "")) or out.get((each.source, metric))
            yield (
                *_head(each),
                metric,
                *_values(each, metric),
                *((left.reason.value, left.words) if left else ("", "")),
            )


def _head(each: SessionChange) -> tuple[str, ...]:
    started = each.started.isoformat() if each.started else ""
    window = f"{each.window_s:g}" if each.window_s else ""
    return each.source, each.client, each.approach, started, each.before, each.after, window


def _values(each: SessionChange, metric: str) -> tuple[str, ...]:
    outcome = each.outcomes.get(metric)
    if outcome is None:
        return ("",) * 10
    moved = outcome.moved
    change = None if moved is None else back_of(outcome.kind)(moved)
    numbers = [_number(value) for value in (outcome.before, outcome.after)]
    ends = [_number(value) for value in (change, outcome.low, outcome.high, moved)]
    caveats = " ".join(caveat.value for caveat in outcome.caveats)
    return outcome.unit, *numbers, outcome.kind.value, *ends, outcome.verdict.value, caveats


def _number(value: float | None) -> str:
    return "" if value is None else repr(round(value, 9))
