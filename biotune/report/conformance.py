"""The known-answer suite as a table, and as a page: ``python -m biotune.report.conformance > docs/conformance.md``."""

import sys
from collections.abc import Iterator
from importlib.metadata import version
from itertools import groupby

from biotune.analysis import conformance, known_answers
from biotune.analysis.conformance import Answer, Conformance, Outcome
from biotune.report.text import table

_HEAD = """\
# Known answers

Made by `python -m biotune.report.conformance` with biotune {biotune} and NeuroKit2 {neurokit2}. A test holds biotune's
column to it, and `biotune conformance` makes the same table on your machine. Every recording here is made, so that
its numbers are known from a formula, from a count, or from the clean series that was then spoilt; none comes from
another program. Each goes through the same functions as a recording of yours, under the convention `task-force` where
nothing else is said.

**{passed} of {total} answers are the known ones.**{failed}

How to read the tables:

- An error is a share of the known value. Where that is 0, it is a share of what is named: the whole power, the mean
  interval, or 100 %. "Within" is how far off biotune may be.
- NeuroKit2's column is the stock output of `nk.hrv_time`, `nk.hrv_frequency` and `nk.hrv_nonlinear` for the same
  intervals as they came; where artefacts were put in, after its own stock correction (`nk.signal_fixpeaks`, method
  Kubios). Its stock power is no ms², so no error stands beside it; six minutes and twenty of the same waves differ.
  Its normalised units are shown in per cent. It is shown, not judged: other settings of it do better.
- A cubic spline through one value a beat loses part of a fast wave, the more the slower the heart: 1 % of the power at
  0.25 Hz and 75 beats a minute, 7 % at 50 (see "slow heart"). That belongs to the conventions, and so to biotune.
- `artefacts_found` is the share of spoilt intervals that are flagged, `beats_wronged` that of clean ones. Every missed
  and extra beat must be found, and 96.96 % of the ectopic ones (Lipponen & Tarvainen 2019).
"""
_COLUMNS = (
    "| metric | known | why | biotune | error | within | NeuroKit2 | error |\n|---|---:|---|---:|---:|---:|---:|---:|"
)


def text(result: Conformance) -> str:
    """Write the table for a terminal."""
    head = ("case", "metric", "", "known", "biotune", "error", "within", "NeuroKit2", "error")
    rows = [
        (each.case.name, each.expectation.metric, "" if each.ok else "OFF", *_cells(each)) for each in result.outcomes
    ]
    verdict = f"{len(result.outcomes) - result.failed} of {len(result.outcomes)} answers are the known ones."
    return f"{table([head, *rows], numbers_from=3)}\n\n{verdict}"


def page(result: Conformance) -> str:
    """Write the whole page as Markdown."""
    off = [f"`{each.expectation.metric}` of “{each.case.name}”" for each in result.outcomes if not each.ok]
    head = _HEAD.format(
        biotune=version("biotune"),
        neurokit2=version("neurokit2"),
        passed=len(result.outcomes) - result.failed,
        total=len(result.outcomes),
        failed=f" Known shortfalls: {', '.join(off)}." if off else "",
    )
    return "\n".join([head, *_sections(result)])


def _sections(result: Conformance) -> Iterator[str]:
    for case, outcomes in groupby(result.outcomes, key=lambda each: each.case):
        yield f"## {case.name[0].upper()}{case.name[1:]}\n\n{case.what}\n"
        yield _COLUMNS
        for each in outcomes:
            known, *found = _cells(each)
            unit = f", {each.unit}" if each.unit else ""
            yield f"| `{each.expectation.metric}`{unit} | {' | '.join([known, each.expectation.why, *found])} |"
        yield ""


def _cells(outcome: Outcome) -> tuple[str, ...]:
    """Known, biotune's, its error, the limit, NeuroKit2's, its error."""
    known = outcome.expectation
    return (
        _answer(known.expected),
        _answer(outcome.biotune),
        _error(known.error_pct(outcome.biotune)),
        "" if known.tolerance_pct is None else f"{known.tolerance_pct:g} %",
        "" if outcome.neurokit2 is None else _answer(outcome.neurokit2),
        _error(outcome.neurokit2_error_pct),
    )


def _answer(answer: Answer) -> str:
    """Write four figures, and nothing in scientific notation."""
    if isinstance(answer, str):
        return answer or "none"
    if abs(answer) < 1e-6:  # noqa: PLR2004 - what rounding leaves of zero
        return "0"
    short = f"{answer:.4g}"
    return f"{answer:.6f}".rstrip("0") if "e" in short else short


def _error(error_pct: float | None) -> str:
    return "" if error_pct is None else f"{round(error_pct, 2) + 0.0:+.2f} %"


if __name__ == "__main__":
    made = conformance.run(known_answers.cases(), progress=lambda name: print(name, file=sys.stderr))  # noqa: T201 - progress
    print(page(made), end="")  # noqa: T201 - a page for a file
