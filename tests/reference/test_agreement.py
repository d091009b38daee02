"""Other tools' values, on real recordings, within the limits of docs/reference-agreement.md."""

import runpy
from pathlib import Path

import pytest

TABLE = runpy.run_path(str(Path(__file__).with_name("table.py")))
CASES = TABLE["CASES"]

pytestmark = pytest.mark.reference


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_values_agree_within_their_limits(reference: Path, case: object) -> None:
    theirs = TABLE["manifest"](reference)[case.entry, case.tool]  # type: ignore[attr-defined]
    rows = list(case.rows(reference, theirs))  # type: ignore[attr-defined]
    assert rows
    assert [row for row in rows if not row.holds] == []


def test_no_tool_is_passed_over(reference: Path) -> None:
    known = {(case.entry, case.tool) for case in CASES} | set(TABLE["NOT_COMPARED"])
    assert set(TABLE["manifest"](reference)) <= known


@pytest.mark.parametrize(
    "case",
    [case for case in CASES if case.entry in {"systole_kubios22", "hrvpkg_rest", "pyhrv_long", "pyhrv_short"}],
    ids=lambda case: case.name,
)
def test_every_value_is_compared_or_left_out_with_a_reason(reference: Path, case: object) -> None:
    theirs = TABLE["manifest"](reference)[case.entry, case.tool]  # type: ignore[attr-defined]
    ours = {row.metric for row in case.rows(reference, theirs)}  # type: ignore[attr-defined]
    compared = {name for name in theirs["metrics"] if TABLE["OUR_KEY"].get(name, name) in ours}
    assert compared | set(case.left_out) >= set(theirs["metrics"])  # type: ignore[attr-defined]
    assert not compared & set(case.left_out)  # type: ignore[attr-defined]


def test_the_document_is_what_the_table_makes(reference: Path) -> None:
    """Run ``python tests/reference/table.py > docs/reference-agreement.md`` where this fails."""
    document = Path(__file__).parents[2] / "docs" / "reference-agreement.md"
    assert document.read_text(encoding="utf-8") == "".join(f"{line}\n" for line in TABLE["markdown"](reference))
