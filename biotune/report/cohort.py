"""A group's result as plain text, and as CSV with its codebook."""

import csv
import io
from collections.abc import Sequence

from biotune.analysis import cohort_document, cohort_words
from biotune.analysis.cohort import Cohort
from biotune.analysis.metrics import CATALOGUE
from biotune.analysis.session_change import CONTROL, SessionChange
from biotune.formats.text import inert
from biotune.report import text

_MOST_EXCLUDED = 20  # told on a terminal; all are in the JSON and the CSV

_HOLM = "p (Holm): corrected for all questions of the same kind, over all metrics and approaches."


def as_text(cohort: Cohort) -> str:
    """Tell a group: sentences, each approach's changes, the models, and who is left out."""
    parts = ["\n".join(cohort_words.sentences(cohort))]
    if cohort.sessions:
        parts.append(_arms(cohort))
        if any(model.answers for model in cohort.models.values()):
            parts += [_models(cohort), "\n".join([_HOLM, *cohort_words.warnings(cohort)])]
    if cohort.excluded:
        told = [f"  {cohort_words.excluded_sentence(each)}" for each in cohort.excluded[:_MOST_EXCLUDED]]
        more = len(cohort.excluded) - len(told)
        parts.append("\n".join(["Left out:", *told, *([f"  and {more} more (--json, --csv)"] if more else [])]))
    return "\n\n".join([*parts, text.NOT_MEDICAL])


def csv_of(changes: Sequence[SessionChange], metrics: Sequence[str]) -> str:
    """Write a row a session and metric, excluded ones too; `codebook` tells the columns.

    In a spreadsheet no text becomes a formula: a code or a phase that begins like one gets an apostrophe in front.
    """
    return _csv([cohort_document.COLUMNS, *cohort_document.rows(changes, metrics)])


def codebook() -> str:
    """Write each column's name, unit and definition."""
    return _csv([("column", "unit", "definition"), *cohort_document.CODEBOOK])


def _csv(rows: Sequence[Sequence[str]]) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows([_cell(each) for each in row] for row in rows)
    return written.getvalue()


def _cell(word: str) -> str:
    try:
        float(word)
    except ValueError:
        return inert(word)
    return word


def _arms(cohort: Cohort) -> str:
    head = ("approach", "metric", "clients", "sessions", "before", "after", "change", "95 % interval", "Hedges' g")
    rows: list[Sequence[str]] = [head]
    for approach, changes in cohort.arms.items():
        for metric, change in changes.items():
            g = cohort_words.effect_size(change.g) if change.g else "-"
            rows.append(
                (
                    approach,
                    CATALOGUE[metric].name,
                    str(change.clients),
                    str(change.sessions),
                    text.number(change.before),
                    text.number(change.after),
                    cohort_words.amount(change.kind, change.unit, change.estimate),
                    cohort_words.mean_interval(change),
                    g,
                )
            )
    return text.table(rows, numbers_from=2)


def _models(cohort: Cohort) -> str:
    head = ("metric", "approach", "against", "change", "95 % interval", "df", "p", "p (Holm)")
    rows: list[Sequence[str]] = [head]
    for metric, model in cohort.models.items():
        rows += [
            (
                CATALOGUE[metric].name,
                each.term.approach,
                "quiet rest" if each.term.against == CONTROL else "no change",
                *cohort_words.numbers(model, each),
            )
            for each in model.answers
        ]
    return text.table(rows, numbers_from=3)
