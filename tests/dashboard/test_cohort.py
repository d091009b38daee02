"""What the cohort page and an experiment say, without a server."""

import math
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from dash.development.base_component import Component

from biotune.analysis import cohort as groups
from biotune.analysis.experiment import Condition
from biotune.analysis.session_change import Outcome, SessionChange
from biotune.domain import ChangeKind, Design, Exclusion, Verdict
from biotune.errors import UsageError
from biotune.library import Library, open_library
from biotune.library.cohort import Grouped, Query
from dashboard.components import cohort as component
from dashboard.components import plan as plan_component
from dashboard.figures import cohort as figures

BEGAN = datetime(2026, 5, 4, 10, tzinfo=UTC)


def words(part: object) -> str:
    if isinstance(part, str):
        return part
    if isinstance(part, Component):
        return " ".join([words(getattr(part, each, None)) for each in ("title", "children", "label")])
    return " ".join(map(words, part)) if isinstance(part, list | tuple) else ""


def session(client: str, number: int, approach: str, bpm: float, ratio: float) -> SessionChange:
    outcomes = {
        "mean_hr": Outcome(ChangeKind.DIFFERENCE, "bpm", 70.0, 70.0 + bpm, None, None, Verdict.NONE),
        "rmssd": Outcome(ChangeKind.RATIO, "ms", 30.0, 30.0 * ratio, None, None, Verdict.NONE),
    }
    began = BEGAN + timedelta(days=number)
    return SessionChange(f"S{number}", client, approach, began, outcomes=outcomes)


def grouped(*changes: SessionChange) -> Grouped:
    return Grouped(Query(), changes, groups.summarise(changes, ("mean_hr", "rmssd")), {})


@pytest.fixture
def group() -> Grouped:
    rows = [session(f"K-{n}", n, "listening", -3.0 - n / 10, 1.2 + n / 50) for n in range(6)]
    rows += [session(f"K-{n}", 10 + n, "quiet-rest", -1.0 + n / 10, 1.0 + n / 90) for n in range(6)]
    rows.append(
        SessionChange("S99", "K-7", "singing", BEGAN, excluded=Exclusion.NOT_COMPARABLE, why="the client sings")
    )
    return grouped(*rows)


def test_the_page_says_what_changed_and_who_is_left_out(group: Grouped) -> None:
    told = words(component.view(group))
    assert "12 sessions of 6 clients; 1 session left out." in told
    assert "Listening (6 clients, 6 sessions), before to after: mean heart rate −3.2 bpm" in told  # (3.0 + … + 3.5)/6
    assert "Against quiet rest: mean heart rate −2.5 bpm" in told  # −3.25 + 0.75
    assert "Listening against quiet rest" in told
    assert "S99" in told
    assert "The client sings." in told
    assert "not a medical device" in told


def test_of_nobody_the_page_says_what_it_takes() -> None:
    assert "There is no session to put into a group" in words(component.view(grouped()))
    lone = SessionChange("S1", "", "listening", BEGAN)
    told = words(component.view(grouped(lone)))
    assert "None of these sessions can be put into a group" in told
    assert "no client" in told


def test_each_client_has_a_line_and_each_approach_a_mean(group: Grouped) -> None:
    means = {approach: arm["mean_hr"] for approach, arm in group.cohort.arms.items()}
    drawn = figures.lines("bpm", [line for line in group.cohort.lines if line.metric == "mean_hr"], means)
    thin = [trace for trace in drawn.data if trace.mode == "lines"]
    thick = [trace for trace in drawn.data if trace.mode == "lines+markers"]
    assert (len(thin), len(thick)) == (12, 2)
    assert thick[0].y == pytest.approx((70.0, 66.75))
    assert thick[0].marker.symbol != thick[1].marker.symbol  # never by colour alone


def test_a_ratio_is_drawn_where_halving_and_doubling_lie_equally_far(group: Grouped) -> None:
    means = {approach: arm["rmssd"] for approach, arm in group.cohort.arms.items()}
    axis = figures.changes(means).layout.xaxis
    assert axis.type == "log"
    low, high = axis.range
    assert low < math.log10(1 / 1.2)
    assert high > math.log10(1.3)


def test_a_code_is_shown_as_words_not_as_a_page() -> None:
    made = grouped(session("K<b>1", 1, "listening", -1, 1.1), session("K-2", 2, "listening", -2, 1.1))
    means = {"listening": made.cohort.arms["listening"]["mean_hr"]}
    drawn = figures.lines("bpm", [line for line in made.cohort.lines if line.metric == "mean_hr"], means)
    assert any("K&lt;b&gt;1" in trace.hovertemplate for trace in drawn.data)


@pytest.fixture
def library(home: Path) -> Iterator[Library]:
    with open_library(home) as opened:
        yield opened


def test_a_client_without_an_experiment_is_offered_one(library: Library) -> None:
    told = words(plan_component.view(library, "K-1"))
    assert "Plan an experiment" in told
    assert "Draw the order" in told


def test_an_open_experiment_shows_its_order_and_no_second_draw(library: Library) -> None:
    fields = {
        "design": "alternating",
        "conditions": ["listening", "quiet-rest"],
        "sessions": 10,
        "most_repeats": 2,
        "metric": "rmssd",
    }
    assert "The order stands" in plan_component._do(library, "K-1", "draw", fields)
    told = words(plan_component.view(library, "K-1"))
    assert "0 of 10 sessions so far" in told
    assert "Draw the order" not in told
    assert "9 conditions to come are not shown" in told
    shown, _, whole = told.partition("Show the whole order")
    assert shown.count("to come") == 1  # the sentence that says how many there are
    assert whole.count("to come") == 9
    plan_component._do(library, "K-1", "miss", {"place": 2})
    assert "will not take place" in words(plan_component.view(library, "K-1"))
    with pytest.raises(UsageError, match="which session"):
        plan_component._do(library, "K-1", "assign", {"place": 2, "session": None})


def test_a_finished_experiment_shows_its_result_and_offers_another(library: Library) -> None:
    conditions = [Condition("listening"), Condition("quiet-rest")]
    library.plans.draw(
        "K-1", conditions, design=Design.ABAB, sessions=12, seed=1, known_protocols=("listening", "quiet-rest")
    )
    for place in range(1, 13):
        library.plans.miss("K-1", place)
    told = words(plan_component.view(library, "K-1"))
    assert "Done: 0 of 12 sessions, 12 did not take place." in told
    assert "too few sessions with a value" in told
    assert "Draw the order" in told


def test_paper_says_of_which_sessions_a_group_is_made() -> None:
    assert component.asked(Query()) == "Sessions that were asked for: all."
    query = Query(clients=("K-1", "K-2"), approaches=("quiet-rest",), since=date(2026, 5, 4), until=date(2026, 6, 1))
    assert component.asked(query) == (
        "Sessions that were asked for: approaches quiet rest; clients K-1, K-2; from 4 May 2026; to 1 Jun 2026."
    )
