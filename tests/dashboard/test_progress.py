"""What a client's page says over sessions, and what a session's page says of quiet rest."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from dash.development.base_component import Component

from biotune.analysis import progress as over_sessions
from biotune.analysis import quiet_rest, response, words_beside_rest
from biotune.analysis.progress import Visit
from biotune.analysis.quiet_rest import QuietRestBeside, RestChange
from biotune.analysis.response import Moved
from biotune.analysis.results import Change, Comparison, Level
from biotune.analysis.self_report import Answer
from biotune.domain import ChangeKind, Verdict
from dashboard.components import drift, progress
from dashboard.figures import drift as drift_figures
from dashboard.figures import progress as figures

START = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)
APPROACHES = ("listening", "quiet-rest", "drumming", "listening", "singing")


def visit(number: int, approach: str) -> Visit:
    bpm = 70.0 - number
    level = Level(ChangeKind.DIFFERENCE, bpm, bpm - 1, bpm + 1, "bpm")
    change = Change(ChangeKind.DIFFERENCE, bpm, bpm - 5, -5, -6, -4, 10.0, Verdict.POSSIBLE, (), "bpm")
    ratio = Change(ChangeKind.RATIO, 30, 36, 1.2, 1.1, 1.3, 1.7, Verdict.POSSIBLE, (), "ms")
    return Visit(
        f"S{number}",
        START + timedelta(days=7 * number),
        approach,
        {"mean_hr": level},
        {"mean_hr": change, "rmssd": ratio},
        ("baseline", "recovery"),
        ratings={"tension": Answer("tension", 60.0, 40.0 - number)},
    )


@pytest.fixture
def visits() -> list[Visit]:
    return [visit(number, approach) for number, approach in enumerate(APPROACHES)]


@pytest.fixture
def responses(visits: list[Visit]) -> response.Responses:
    plays = [
        response.Heard(f"S{number}", "sha-<b>", "A <b>bold</b> piece", 10, 200, {"mean_hr": Moved(-4.0, 0.5)})
        for number in range(3)
    ]
    plays.append(response.Heard("S4", "sha-2", "Another", 10, 200, {"mean_hr": Moved(2.0, 0.5)}))
    return response.make("A01", plays, visits)


def texts(component: object) -> Iterator[str]:
    if isinstance(component, str):
        yield component
    elif isinstance(component, Component):
        yield from texts(getattr(component, "children", None))
    elif isinstance(component, list | tuple):
        for each in component:
            yield from texts(each)


def told(component: object) -> str:
    return " | ".join(texts(component))


def test_a_client_without_sessions_is_told_so() -> None:
    empty = progress.section(over_sessions.make("A01", []), response.make("A01", [], []))
    assert "There is no session of this client yet." in told(empty)


def test_everything_a_therapist_needs_stands_there_in_words(visits: list[Visit], responses: response.Responses) -> None:
    shown = told(progress.section(over_sessions.make("A01", visits), responses))
    assert "5 sessions, 1 of quiet rest among them." in shown
    assert "Falling" in shown  # the baselines: 70, 69, 68, 67, 66
    assert "−5 bpm (95 % interval −6 to −4)" in shown
    assert "fewer than three before" in shown  # sessions without a band say why
    assert "Guided imagery" not in shown  # only approaches that were there are in the legend
    assert "Tension" in shown


def test_few_plays_are_called_not_enough(visits: list[Visit], responses: response.Responses) -> None:
    shown = told(progress.section(over_sessions.make("A01", visits), responses))
    assert "A <b>bold</b> piece" in shown  # text, whatever it looks like
    assert "Another | 1 | S4 | not enough plays yet" in shown
    assert "Singing | 1 | not enough sessions yet" in shown


def test_an_approach_is_known_by_its_shape(visits: list[Visit]) -> None:
    drawn = figures.changes("mean_hr", "bpm", over_sessions.make("A01", visits))
    symbols = [trace.marker.symbol for trace in drawn.data]
    assert symbols == [figures.MARKS[approach].symbol for approach in APPROACHES]
    assert len({mark.symbol for mark in figures.MARKS.values()}) == len(figures.MARKS)
    assert len({mark.glyph for mark in figures.MARKS.values()}) == len(figures.MARKS)


def test_each_dot_has_its_interval_and_the_band_its_place(visits: list[Visit]) -> None:
    drawn = figures.baselines("mean_hr", "bpm", over_sessions.make("A01", visits))
    dots = [trace for trace in drawn.data if trace.mode == "markers"]
    bands = [trace for trace in drawn.data if trace.fill == "toself"]
    assert [trace.y[0] for trace in dots] == [70.0, 69.0, 68.0, 67.0, 66.0]
    assert all((trace.error_y.array[0], trace.error_y.arrayminus[0]) == (1.0, 1.0) for trace in dots)
    assert [min(trace.x) for trace in bands] == [3.5, 4.5]  # the fourth session is the first with three before it


def test_ratios_have_an_axis_on_which_a_half_is_as_far_as_a_double(visits: list[Visit]) -> None:
    axis = figures.changes("rmssd", "ms", over_sessions.make("A01", visits)).layout.yaxis
    assert axis.type == "log"
    assert axis.range[0] == pytest.approx(-axis.range[1])


def test_a_long_row_of_sessions_does_not_crowd_its_axis() -> None:
    many = over_sessions.make("A01", [visit(number, "listening") for number in range(60)])
    axis = figures.changes("mean_hr", "bpm", many).layout.xaxis
    assert len(axis.tickvals) <= 6


def test_one_session_without_any_value_is_drawn_empty() -> None:
    bare = over_sessions.make("A01", [Visit("S1", START, "", {}, {}, problem="there is no baseline to compare with")])
    shown = told(progress.section(bare, response.make("A01", [], bare.visits)))
    assert "One session. It cannot be compared before and after." in shown


# ---------------------------------------------------------------- beside quiet rest


def beside(during: Comparison) -> Comparison:
    at_rest = {
        "mean_hr": tuple(RestChange(f"S{n}", moved, 0.5) for n, moved in enumerate((-1.0, -2.0, -3.0))),
        "rmssd": (RestChange("S0", 0.1, 0.1),),
    }
    found = {key: made for key, each in at_rest.items() if (made := quiet_rest.beside(key, during.changes[key], each))}
    made = QuietRestBeside(("S0", "S1", "S2"), found)
    return replace(during, beside_quiet_rest=replace(made, words=words_beside_rest.sentences(made)))


def test_quiet_rest_stands_under_the_session_and_the_difference_under_both(during: Comparison) -> None:
    card = drift.section(beside(during))
    assert card is not None
    shown = told(card)
    assert "In 3 quiet-rest sessions of this client, heart rate changed by −2.0 bpm" in shown
    for row in drift_figures.ROWS:
        assert row in shown


def test_without_quiet_rest_there_is_no_card(during: Comparison) -> None:
    assert drift.section(during) is None
    assert drift.section(None) is None


def test_the_figure_draws_three_intervals_and_each_session(during: Comparison) -> None:
    made = beside(during)
    assert made.beside_quiet_rest is not None
    drawn = drift_figures.figure("mean_hr", "bpm", made.changes["mean_hr"], made.beside_quiet_rest.changes["mean_hr"])
    assert list(drawn.data[0].x) == [-1.0, -2.0, -3.0]
    assert [trace.y[0] for trace in drawn.data[1:]] == list(drift_figures.ROWS)
    assert [trace.x[0] for trace in drawn.data[1:]] == pytest.approx([-10.0, -2.0, -8.0])  # 79 to 69 bpm, less −2
