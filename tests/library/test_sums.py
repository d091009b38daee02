"""Wherever a number stands before and after, it is its window's, the window is named, and what is shown adds up."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from biotune.analysis import words
from biotune.analysis.results import Change
from biotune.domain import ChangeKind, Verdict
from biotune.library import Library, subjects
from biotune.library.subjects import Subject
from biotune.report import graph, papers, text
from biotune.report.blocks import Card, Cards, Paper, Paragraph, Row, Table
from biotune.report.papers import Audience
from dashboard.components import music_record
from dashboard.pages import compare
from tests.library.conftest import Write

NUMBERS = re.compile(r"[−-]?\d+(?:\.\d+)?")


@pytest.fixture
def short(library: Library, write: Write) -> Subject:
    """Music of 1:33 after a baseline of five minutes in which the heart rate falls."""
    session = write(bpm=(74.0, 69.0, 66.3), music_s=93.0, settles_bpm=14.0)
    return subjects.find(session, lambda: library)


def numbers(line: str) -> list[float]:
    return [float(each.replace("−", "-")) for each in NUMBERS.findall(line)]


def adds_up(before: str, after: str, change: str) -> bool:
    """Tell whether the three numbers, read off a page, are a sum, but for a last decimal that was rounded.

    Or a product, as far as a factor's decimals go.
    """
    (one,), (two,), moved = numbers(before), numbers(after), numbers(change)[0]
    decimals = len(after.partition(".")[2])
    if "×" in change:
        return abs(one * moved - two) <= 0.005 * one + 0.5 / float(10**decimals)
    return abs(one + moved - two) < (1.5 / float(10**decimals) if decimals else 1e-6)


def tables(paper: Paper) -> Iterator[Table]:
    for block in paper.blocks:
        if isinstance(block, Table) and any(head.startswith("Change") for head in block.head):
            yield block


def cards_of(paper: Paper) -> tuple[Card, ...]:
    (found,) = (block for block in paper.blocks if isinstance(block, Cards))
    return found.cards


def test_each_table_of_a_clients_paper_adds_up_and_names_its_windows(short: Subject) -> None:
    found = list(tables(papers.write(short, Audience.CLIENT)))
    assert [each.head[1:3] for each in found] == [("Baseline", "Recovery"), ("Baseline (last 93 s)", "Music")]
    for each in found:
        for _, before, after, change, _ in each.rows:
            assert adds_up(before, after, change), each.rows
    # the whole of the baseline settles, its end has settled: the two are not the same number
    assert numbers(found[0].rows[0][1])[0] > numbers(found[1].rows[0][1])[0] + 2


def test_each_table_of_a_researchers_paper_adds_up(short: Subject) -> None:
    for each in tables(papers.write(short, Audience.RESEARCHER)):
        for row in each.rows:
            if numbers(row[4]):
                assert adds_up(row[2], row[3], row[4]) or "×" in row[4], row


def test_a_papers_cards_are_the_tables_numbers_and_name_a_window_that_is_a_part(short: Subject) -> None:
    paper = papers.write(short, Audience.CLIENT)
    rate, *_, afterwards = cards_of(paper)
    first = next(tables(paper))
    assert rate.values == f"{first.rows[0][1]} → {first.rows[0][2]} bpm"
    assert rate.note == "Baseline → Recovery"
    assert afterwards.note == "Heart rate · Music → Recovery (last 93 s)"
    for card in cards_of(paper):
        before, after = card.values.split(" → ")
        assert adds_up(before, after.split()[0], card.beside[0])


def test_the_figures_show_each_window_that_is_compared_and_say_what_is_held_against_what(short: Subject) -> None:
    paper = papers.write(short, Audience.CLIENT)
    (row,) = (block for block in paper.blocks if isinstance(block, Row))
    told, first = row.figures[0][1].alternative, next(tables(paper)).rows[0]
    assert f"Baseline {first[1]}; Baseline (last 93 s) " in told
    assert f"Recovery {first[2]} (95 %" in told
    assert ">(last 93 s)</text>" in row.figures[0][1].svg
    (how,) = (each.text for each in paper.blocks if isinstance(each, Paragraph) and each.text.startswith("Bars:"))
    assert "music against baseline (last 93 s); recovery against baseline." in how


def test_the_page_shows_the_papers_numbers_under_the_papers_names(short: Subject) -> None:
    page = str(compare.view(short.overview))
    assert "Heart rate · Music → Recovery (last 93 s)" in page
    assert "music against baseline (last 93 s)" in page
    for card in cards_of(papers.write(short, Audience.CLIENT)):
        for value in numbers(card.values):
            assert f"'{value:g}'" in page or f"'{value:.1f}'" in page, card


def test_windows_that_share_the_baseline_stand_in_one_table() -> None:
    sample = Path(__file__).parents[2] / "sample_data" / "responds.biotune.jsonl"
    found = subjects.find(str(sample), lambda: pytest.fail("a file needs no library"))
    assert next(tables(papers.write(found, Audience.CLIENT))).head[1:-2] == (
        "Baseline",
        "Music (last 5 min)",
        "Recovery",
    )


@pytest.mark.parametrize(
    ("before", "after", "decimals"),
    [(77.4, 65.6, 1), (77.6, 65.6, 0), (77.46, 65.64, 1), (71.052, 71.606, 1)],
)
def test_as_many_decimals_as_a_sum_takes(before: float, after: float, decimals: int) -> None:
    moved = after - before
    fell = Change(
        ChangeKind.DIFFERENCE, before, after, moved, moved - 2, moved + 2, None, Verdict.CLEAR, (), unit="bpm"
    )
    assert words.decimals_shown("mean_hr", fell) == decimals
    cells = text.change_cells("mean_hr", fell)
    assert adds_up(*cells), cells


def test_the_length_of_a_short_phase_is_told_to_the_second(short: Subject) -> None:
    assert "music (1:33 min)" in text.analysis(short.overview.analysis)
    assert "recovery (5 min)" in text.analysis(short.overview.analysis)
    made = graph.write(short.recording, short.overview.analysis, short.overview.after, started="a day")
    assert "compare 1:33 min of music" in " ".join(told for _, told in made.sections)


def test_the_clients_reading_of_the_page_has_one_sentence_on_the_music(library: Library, write: Write) -> None:
    session = write(pieces=[("River", 10.0, 100.0, 70.0)])
    shown = str(music_record.shown(library.music_records.of(session)))
    sentence, apart = "Music sounded for 1:40 min: “River”.", "className='bt-detailed-only'"
    assert sentence in shown
    assert apart in shown
    assert shown.index(sentence) < shown.index("of 15 items of the reporting guideline") < shown.index(apart)


def test_a_clients_paper_has_the_ratings_difference_and_the_ends_of_the_scales(library: Library, write: Write) -> None:
    session = write(ratings={"tension": (60.0, 35.0)})
    blocks = papers.write(subjects.find(session, lambda: library), Audience.CLIENT).blocks
    (said,) = (each for each in blocks if isinstance(each, Table) and each.caption == "Self-report")
    assert said.head == ("", "Before", "After", "Difference")
    assert said.rows == (("Tension", "60", "35", "−25"),)
    (how,) = (each.text for each in blocks if isinstance(each, Paragraph) and each.text.startswith("Ratings"))
    assert "(tension 0 quite loose, 100 as tense as can be)" in how
    assert "mood" not in how
