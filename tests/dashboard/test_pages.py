"""Pages as functions: what they say, without a server."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from biotune.analysis.results import Notice
from biotune.domain import NoticeKind
from biotune.errors import UsageError
from biotune.formats import importer
from biotune.library import Library, open_library
from dashboard.pages import compare, compare_two, detailed, replay, settings

ROOT = Path(__file__).parents[2]
SAMPLES = ("responds", "noisy", "irregular")


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """S1 responds, S2 is noisy, S3 has an irregular rhythm."""
    with open_library(tmp_path_factory.mktemp("home")) as opened:
        for name in SAMPLES:
            importer.store(opened.store, importer.read(ROOT / "sample_data" / f"{name}.biotune.jsonl"))
        yield opened


def _figures(page: Any) -> dict[str, Any]:
    return {part.id: part.figure for part in page._traverse() if type(part).__name__ == "Graph"}


def test_every_figure_of_the_detailed_view_has_units_numbers_and_two_ways_to_be_saved(library: Library) -> None:
    page: Any = detailed.view(library.overview("S1").analysis, library.closeup("S1"))
    figures = _figures(page)
    assert {"spectrum", "poincare", "trace-breathing_rate", "trace-rmssd", "trace-hf", "time-frequency"} <= set(figures)
    for name, figure in figures.items():
        assert "(" in figure.layout.xaxis.title.text, name
        assert "(" in figure.layout.yaxis.title.text, name
    told = str(page)
    assert told.count("data-save='png'") == told.count("data-save='svg'") == len(figures)
    assert told.count("Summary('The numbers')") == len(figures)


def test_an_irregular_rhythm_has_no_spectrum_and_every_metric_says_why(library: Library) -> None:
    page: Any = detailed.view(library.overview("S3").analysis, library.closeup("S3"))
    assert "spectrum" not in _figures(page)
    assert "rhythm too irregular" in str(page)


def test_two_sessions_share_their_axes(library: Library) -> None:
    figures = _figures(compare_two.view(library.overview("S1"), library.overview("S2")))
    assert {"two-courses", "two-mean_hr", "two-rmssd"} <= set(figures)
    names = [trace.name for trace in figures["two-mean_hr"].data]
    assert names == ["S1", "S2"]
    assert len({trace.marker.symbol for trace in figures["two-mean_hr"].data}) == 2


def test_a_session_without_a_comparison_says_why_beside_another(library: Library) -> None:
    alone = replace(library.overview("S2"), comparison=None, problem="It has one phase only.")
    assert "It has one phase only." in str(compare_two.view(library.overview("S1"), alone))


def test_what_was_computed_once_is_on_the_page_at_once(library: Library) -> None:
    library.overview("S1")
    assert "In plain words" in str(compare.layout(library, "S1"))


def test_a_doubtful_unit_of_the_intervals_is_told_on_the_page(library: Library) -> None:
    overview = library.overview("S1")
    doubtful = replace(overview.analysis, notices=(Notice(NoticeKind.RR_UNIT, "The intervals may be milliseconds."),))
    assert "The intervals may be milliseconds." in str(compare.view(replace(overview, analysis=doubtful)))


def test_a_session_that_was_ended_early_says_so(library: Library) -> None:
    overview = library.overview("S1")
    assert "Stopped early" not in str(compare.view(overview))
    assert "Stopped early" in str(compare.view(replace(overview, stopped_early=True)))


@pytest.mark.parametrize(
    ("act", "stands"),
    [
        ({"act": "add", "label": "cough"}, [("cough", 61.3)]),
        ({"act": "move", "at_s": 90.0}, [("cough", 90.0)]),
        ({"act": "rename", "label": "sneeze"}, [("sneeze", 90.0)]),
        ({"act": "remove"}, []),
        ({"act": "undo"}, [("sneeze", 90.0)]),
    ],
)
def test_markers_are_set_right_one_after_another(
    library: Library, act: dict[str, Any], stands: list[tuple[str, float]]
) -> None:
    markers = library.corrections.markers("S1")
    asked = {"at_s": 61.34, "line": markers[0].line if markers else 0, **act}
    replay.carry_out(library, "S1", asked)
    assert [(each.label, each.time_s) for each in library.corrections.markers("S1")] == stands


def test_an_empty_marker_is_refused_with_a_reason(library: Library) -> None:
    with pytest.raises(UsageError):
        replay.carry_out(library, "S2", {"act": "add", "at_s": 10.0, "label": "  "})


def test_nothing_is_erased_unless_the_code_was_typed(library: Library, tmp_path: Path) -> None:
    client = library.store.head("S1").client
    for chosen, typed in ((client, ""), (client, client.lower() + "x"), ("", client)):
        with pytest.raises(UsageError):
            settings.erase(library, chosen, typed)
    assert library.store.head("S1").client == client
    with open_library(tmp_path) as other:
        importer.store(other.store, importer.read(ROOT / "sample_data" / "responds.biotune.jsonl"), client="K-1")
        assert "Everything of K-1 was erased" in str(settings.erase(other, "K-1", "K-1"))
        assert other.listing.clients() == ()
        assert "erased" in str(settings.layout(other))


def test_a_session_leads_to_its_other_pages(library: Library) -> None:
    told = str(compare.layout(library, "S1"))
    assert "/session/S1?view=detailed" in told
    assert "/replay/S1" in told
    assert "/compare?a=S1" in told
