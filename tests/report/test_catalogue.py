"""The page that explains the metrics says what the program computes."""

from pathlib import Path

from biotune.report import catalogue

ROOT = Path(__file__).parents[2]


def test_the_page_of_metrics_is_the_catalogue():
    assert (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8") == catalogue.page()
