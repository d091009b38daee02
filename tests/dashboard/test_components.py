"""What the parts of a page say."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from dash.development.base_component import Component

from biotune.analysis.results import Analysis, Change, Comparison
from biotune.domain import Caveat, ChangeKind, Phase, PhaseKind, Rhythm, SessionSummary, Verdict
from biotune.errors import SessionNotFound
from biotune.library import Overview
from biotune.live import Standing
from dashboard.components import cards, footing, graph, notices, session_list
from dashboard.pages import compare


def text_of(component: object) -> str:
    """Everything a person can read in a component, in order."""
    return " ".join(_texts(component))


def _texts(component: object) -> Iterator[str]:
    if isinstance(component, str):
        yield component
    elif isinstance(component, list | tuple):
        for each in component:
            yield from _texts(each)
    elif isinstance(component, Component):
        for name in ("title", "label", "children"):
            yield from _texts(getattr(component, name, None))


def test_the_graph_offers_no_cloud_and_no_logo(overview: Overview) -> None:
    page: Any = compare.view(overview)
    told = [getattr(part, "data-graph", None) for part in page._traverse()]
    graphs = [json.loads(each)["props"] for each in told if each]
    assert [each["id"] for each in graphs] == ["tachogram"]  # the others are drawings, which offer nothing
    assert graphs[0]["config"].items() >= {"showSendToCloud": False, "displaylogo": False, "responsive": True}.items()


def test_every_drawing_is_whole_svg_with_the_figures_words(overview: Overview) -> None:
    page: Any = compare.view(overview)
    drawings = [drawing for part in page._traverse() if (drawing := getattr(part, "data-drawing", None))]
    assert len(drawings) == 4
    words = [
        [part.text or "" for part in ET.fromstring(drawing).iter() if part.tag in {"text", "tspan", "title"}]  # noqa: S314 - ours
        for drawing in drawings
    ]
    assert {"Heart rate (bpm)", "Time in the session (minutes)"} <= set(words[0])
    assert {"79", "69", "70", "bpm", "Baseline", "Recovery"} <= set(words[1])
    assert "Recovery: 70.0 bpm, 95 % interval 68.0 to 72.0" in words[1]


def test_a_figure_comes_with_its_numbers_as_a_table(overview: Overview) -> None:
    told = text_of(compare.view(overview))
    assert "71.5 bpm" in told
    assert "67.0 to 71.0" in told
    assert "68.0 to 72.0" in told


def test_a_table_has_a_cell_for_every_number() -> None:
    told = text_of(graph.numbers(("Window", "ms"), [("Baseline", "22.0")]))
    assert told.split() == ["The", "numbers", "Window", "ms", "Baseline", "22.0"]


def test_the_verdict_stands_in_words_on_the_page(overview: Overview) -> None:
    told = text_of(compare.view(overview))
    assert "Heart rate fell by 9 bpm (95 % interval 7 to 11)." in told
    assert "79" in told
    assert "possible" in told.casefold()
    assert "not a medical device" in told


def test_a_gap_is_told_in_words(overview: Overview) -> None:
    assert "1 gap without signal: 10:00–11:00 (strap lost)." in text_of(compare.view(overview))
    assert footing.gap_sentence([]) == ""


def test_without_a_comparison_the_page_says_why_and_keeps_the_tachogram(overview: Overview) -> None:
    alone = replace(overview, comparison=None, during=None, problem="It has one phase only.")
    told = text_of(compare.view(alone))
    assert "It has one phase only." in told
    assert "Heart rate through the session" in told
    assert "Before · during · after" not in told


def test_a_recording_without_phases_offers_stretches_of_five_minutes(overview: Overview) -> None:
    whole = replace(overview.analysis.phases[0], phase=Phase("whole", PhaseKind.WHOLE, None, 0.4, 1000.0))
    bare = replace(overview, analysis=replace(overview.analysis, phases=(whole,)), comparison=None, during=None)
    assert compare._options(bare) == [
        {"value": "1-301", "label": "0:01–5:01"},
        {"value": "301-601", "label": "5:01–10:01"},
        {"value": "601-901", "label": "10:01–15:01"},
    ]
    assert "Choose two windows" in text_of(compare.view(bare))


def test_an_unfinished_session_says_so(overview: Overview) -> None:
    assert "not finished" not in text_of(compare.view(overview))
    assert "not finished" in text_of(compare.view(replace(overview, running=True)))
    killed = replace(overview, summary=replace(overview.summary, finished=False), running=False)
    assert "interrupted" in text_of(compare.view(killed))


def test_windows_with_another_start_do_not_share_an_axis(overview: Overview, comparison: Comparison) -> None:
    chosen = replace(comparison, before=replace(comparison.before, name="settling"))
    told = text_of(compare.view(replace(overview, comparison=chosen)))
    assert "interval of the change from settling" in told
    assert "67.0 to 71.0" not in told


def test_a_withheld_metric_is_never_a_number(comparison: Comparison) -> None:
    withheld = Change(
        ChangeKind.RATIO, None, None, None, None, None, None, Verdict.NOT_COMPARABLE, (Caveat.IRREGULAR_RHYTHM,), "ms"
    )
    told = text_of(cards.cards(replace(comparison, changes={**comparison.changes, "rmssd": withheld}), None))
    assert "Not available" in told
    assert "nan" not in told.casefold()
    assert "None" not in told


def test_changed_breathing_is_said_beside_the_number(comparison: Comparison) -> None:
    changed = replace(comparison.changes["rmssd"], caveats=(Caveat.BREATHING_CHANGED,))
    plain = text_of(cards.cards(comparison, None))
    told = text_of(cards.cards(replace(comparison, changes={**comparison.changes, "rmssd": changed}), None))
    assert "Breathing changed" not in plain
    assert told.count("Breathing changed") == 1


@pytest.mark.parametrize("verdict", list(Verdict))
def test_every_verdict_has_its_words(verdict: Verdict) -> None:
    assert text_of(cards.verdict_badge(verdict)).strip()


def test_verdicts_are_told_apart_without_colour() -> None:
    badges: list[Any] = [cards.verdict_badge(verdict) for verdict in Verdict]
    assert len({badge.variant for badge in badges}) == len(badges)
    assert not {badge.color for badge in badges} & {"red", "green"}


def test_an_error_is_told_with_its_reason_and_the_next_step() -> None:
    error = SessionNotFound("there is no session S9", why="The newest is S8.", hint="Look at the list.")
    assert text_of(notices.of_error(error)) == "There is no session S9 The newest is S8. Look at the list."


def test_a_fault_of_the_program_is_logged_and_shows_no_traceback(caplog: pytest.LogCaptureFixture) -> None:
    told = text_of(notices.of_error(KeyError("secret")))
    assert "secret" not in told
    assert "KeyError" in caplog.text


def test_usable_signal_takes_off_gaps_then_flagged_beats(analysis: Analysis) -> None:
    assert footing.signal_pct(analysis.phases) == pytest.approx(90.0)  # a tenth of all beats flagged, no gap
    half = replace(analysis.phases[0], quality=replace(analysis.phases[0].quality, gap_pct=50.0))
    assert footing.signal_pct([half]) == pytest.approx(45.0)
    assert footing.signal_pct([]) is None


def test_the_list_says_which_session_is_still_open(summary: Callable[..., SessionSummary]) -> None:
    rows = [summary(each, finished=False) for each in ("S1", "S3", "S4")]
    standings = dict(zip(("S1", "S3", "S4"), Standing, strict=True))
    page: Any = session_list.table([*rows, summary("S2")], standings)
    told = text_of(page)
    for words in ("Recording now", "start it again within 15 minutes", "Not finished", "25 min"):
        assert words in told
    links = [part.href for part in page._traverse() if type(part).__name__ == "Anchor"]
    assert links == ["/live/S1", "/session/S3", "/session/S4", "/session/S2"]


def test_an_empty_list_says_how_to_begin() -> None:
    told = text_of(session_list.nothing_yet())
    for command in ("Record a session", "import files", "biotune demo"):
        assert command in told


def test_a_row_tells_heart_rate_verdict_and_signal(overview: Overview) -> None:
    told = text_of(session_list.result(session_list.told(overview)))
    assert "79 → 70 bpm" in told
    assert "signal 90 % usable" in told


def test_a_session_that_cannot_be_compared_says_so_in_its_row(overview: Overview) -> None:
    assert "no comparison" in text_of(session_list.result(session_list.told(replace(overview, comparison=None))))


def test_nothing_of_a_client_but_the_code_is_kept_in_the_browser(overview: Overview) -> None:
    page: Any = compare.view(overview)
    stores = [part for part in page._traverse() if type(part).__name__ == "Store"]
    assert not any(getattr(store, "data", None) for store in stores)  # they tell what is near, and nothing of anybody


def test_the_list_names_a_rhythm_that_is_too_irregular(overview: Overview) -> None:
    phases = tuple(
        replace(each, quality=replace(each.quality, rhythm=Rhythm.IRREGULAR)) for each in overview.analysis.phases
    )
    irregular = replace(overview, analysis=replace(overview.analysis, phases=phases))
    assert "too irregular" in text_of(session_list.result(session_list.told(irregular)))
    assert "too irregular" not in text_of(session_list.result(session_list.told(overview)))
