"""A client over sessions: bands and courses worked out by hand, trends that are there and that are not."""

import math
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import numpy as np
import pytest

from biotune.analysis import comparison, progress, words_over_sessions
from biotune.analysis.intervals import half_width
from biotune.analysis.progress import Visit, band, course, make
from biotune.analysis.results import Change, Level
from biotune.domain import ChangeKind, Trend, Verdict

START = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)


def visit(number: int, *, bpm: float, change: float = -3.0, half: float = 1.0, approach: str = "listening") -> Visit:
    kind = ChangeKind.DIFFERENCE
    level = Level(kind, bpm, bpm - half, bpm + half, "bpm")
    ends = (change - half, change + half)
    changed = Change(kind, bpm, bpm + change, change, *ends, 10.0, Verdict.POSSIBLE, (), "bpm")
    return Visit(
        f"S{number}", START + timedelta(days=7 * number), approach, {"mean_hr": level}, {"mean_hr": changed}, ("a", "b")
    )


def test_the_band_of_three_earlier_baselines() -> None:
    """60, 62, 64: SD 2, t(0.975, 2) = 4.303, √(4/3): 9.94 to either side of 62."""
    found = band(ChangeKind.DIFFERENCE, [60, 62, 64])
    assert found is not None
    assert (found.low, found.middle, found.high) == pytest.approx((52.06, 62.0, 71.94), abs=0.01)
    assert band(ChangeKind.DIFFERENCE, [60, 62]) is None


def test_the_band_of_rmssd_is_made_of_logarithms() -> None:
    found = band(ChangeKind.RATIO, [20, 40, 80])
    assert found is not None
    assert found.middle == pytest.approx(40)
    assert found.high / 40 == pytest.approx(40 / found.low)
    assert found.high == pytest.approx(40 * math.exp(4.303 * math.log(2) * math.sqrt(4 / 3)), rel=1e-3)


def test_a_baseline_is_held_against_the_earlier_ones_only() -> None:
    rates = [60.0, 62.0, 64.0, 90.0]
    made = make("A01", [visit(number, bpm=rate) for number, rate in enumerate(rates)])
    bands = made.bands["mean_hr"]
    assert bands[:3] == (None, None, None)
    assert bands[3] is not None
    assert (bands[3].sessions, bands[3].middle) == (3, pytest.approx(62))
    assert any("90 bpm, lies above the 52 to 72 bpm expected from 3 earlier ones" in words for words in made.words)


def test_the_band_holds_the_next_baseline_as_often_as_it_says() -> None:
    rng = np.random.default_rng(4)
    held = []
    for _ in range(2000):
        *earlier, following = rng.normal(70, 4, 6)
        found = band(ChangeKind.DIFFERENCE, earlier)
        assert found is not None
        held.append(found.low <= following <= found.high)
    assert np.mean(held) == pytest.approx(0.95, abs=0.015)  # three standard errors


# ---------------------------------------------------------------- courses


def points(values: list[float], half: float = 1.0) -> list[tuple[int, float, float]]:
    return [(number, value, half) for number, value in enumerate(values)]


def test_no_trend_is_told_below_five_sessions() -> None:
    found = course(ChangeKind.DIFFERENCE, "bpm", points([80, 70, 60, 50]))
    assert (found.trend, found.total) == (Trend.TOO_FEW, None)
    made = make("A01", [visit(number, bpm=80 - 10 * number) for number in range(4)])
    assert any("No trend is told from fewer than 5 sessions" in words for words in made.words)


def test_a_straight_line_without_scatter_is_told_with_the_noise_within_sessions() -> None:
    """Five sessions, −2 bpm each: the slope's error is that of the sessions alone, s/√10, over four steps."""
    found = course(ChangeKind.DIFFERENCE, "bpm", points([70, 68, 66, 64, 62]))
    assert found.total is not None
    assert found.total.estimate == pytest.approx(-8)
    within = 1.0 / half_width(1.0)
    assert found.total.high + 8 == pytest.approx(3.182 * within / math.sqrt(10) * 4, rel=1e-3)  # t(0.975, 3)
    assert found.trend is Trend.FALLING


def test_sessions_that_scatter_more_than_their_own_noise_widen_it() -> None:
    calm = course(ChangeKind.DIFFERENCE, "bpm", points([70, 69, 68, 67, 66, 65]))
    wild = course(ChangeKind.DIFFERENCE, "bpm", points([75, 64, 73, 62, 71, 60]))
    assert calm.trend is Trend.FALLING
    assert wild.trend is Trend.NONE
    assert wild.total is not None


def test_a_trend_is_claimed_by_chance_as_rarely_as_it_should() -> None:
    """Nothing changes over seven sessions that differ from each other by 3 bpm and within themselves by up to 1.5."""
    rng = np.random.default_rng(5)
    claimed = []
    for _ in range(600):
        halves = rng.uniform(0.5, 3, 7)
        values = rng.normal(70, np.sqrt(9 + (halves / half_width(1.0)) ** 2))
        made = course(ChangeKind.DIFFERENCE, "bpm", list(zip(range(7), values, halves, strict=True)))
        claimed.append(made.trend is not Trend.NONE)
    assert 0.025 <= np.mean(claimed) <= 0.08


def test_a_true_course_is_within_its_interval_as_often_as_it_says() -> None:
    rng = np.random.default_rng(6)
    held = []
    for _ in range(600):
        halves = rng.uniform(0.5, 3, 8)
        truth = 75 - 1.0 * np.arange(8)
        values = rng.normal(truth, np.sqrt(2 + (halves / half_width(1.0)) ** 2))
        total = course(ChangeKind.DIFFERENCE, "bpm", list(zip(range(8), values, halves, strict=True))).total
        assert total is not None
        held.append(total.low <= -7 <= total.high)
    assert 0.92 <= np.mean(held) <= 0.98


def test_quiet_rest_is_no_response_but_its_baseline_counts() -> None:
    visits = [visit(number, bpm=70, approach="quiet-rest" if number % 2 else "listening") for number in range(6)]
    made = make("A01", visits)
    assert made.baselines["mean_hr"].sessions == 6
    assert made.responses["mean_hr"].sessions == 3
    assert made.words[0] == "6 sessions, 3 of quiet rest among them."


def test_sessions_come_in_the_order_of_time_whatever_order_they_are_given_in() -> None:
    visits = [visit(number, bpm=70 - number) for number in (4, 0, 3, 1, 2)]
    made = make("A01", visits)
    assert [each.session for each in made.visits] == ["S0", "S1", "S2", "S3", "S4"]
    assert made.baselines["mean_hr"].trend is Trend.FALLING


def test_a_client_without_sessions_has_nothing_to_tell() -> None:
    made = make("A01", [])
    assert made.words == ()
    assert made.to_dict()["sessions"] == []


def test_a_session_in_which_nothing_can_be_compared_is_told_with_its_reason() -> None:
    bare = Visit("S9", START, "", {}, {}, problem="there is no baseline to compare with")
    made = make("A01", [bare, visit(1, bpm=70)])
    assert made.to_dict()["sessions"][0]["problem"] == "there is no baseline to compare with"
    assert made.words[0].endswith("One cannot be compared before and after.")


def test_every_metric_of_progress_is_one_that_is_compared() -> None:
    for key, kind in progress.KEYS.items():
        assert comparison._METRICS[key].kind is kind


def test_what_has_no_clear_trend_is_one_sentence_and_names_stand_as_in_a_list() -> None:
    course = SimpleNamespace(total=object(), trend=Trend.NONE)
    of_all = {"mean_hr": course, "rmssd": course}
    sessions = SimpleNamespace(baselines=of_all, responses={"mean_hr": course})
    (told,) = words_over_sessions._no_trend(sessions)  # type: ignore[arg-type]
    assert told == (
        "No clear trend over sessions: heart rate and beat-to-beat variation (RMSSD) at the start of sessions; "
        "heart rate in its change."
    )
