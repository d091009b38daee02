"""Two sessions side by side: the difference of changes, its interval by hand, and what may not be said of it."""

import math
from dataclasses import replace

import pytest

from biotune.analysis import between
from biotune.analysis.results import Change, Comparison, Provenance
from biotune.domain import Activity, Caveat, ChangeKind, Phase, PhaseKind, Verdict
from biotune.errors import AnalysisError

BASELINE = Phase("baseline", PhaseKind.BASELINE, Activity.REST, 0.0, 300.0)
RECOVERY = Phase("recovery", PhaseKind.RECOVERY, Activity.REST, 900.0, 1200.0)


def _difference(before: float, moved: float, half_width: float) -> Change:
    low, high = moved - half_width, moved + half_width
    return Change(ChangeKind.DIFFERENCE, before, before + moved, moved, low, high, 10.0, Verdict.POSSIBLE, (), "bpm")


def _ratio(before: float, times: float, factor: float) -> Change:
    return Change(
        ChangeKind.RATIO, before, before * times, times, times / factor, times * factor, 1.7, Verdict.NONE, (), "ms"
    )


def _session(source: str, heart: Change, rmssd: Change) -> Comparison:
    changes = {"mean_hr": heart, "rmssd": rmssd}
    return Comparison(source, BASELINE, RECOVERY, 300.0, changes, (), Provenance("0", "0", {}, ""))


def test_the_interval_of_the_difference_comes_from_both_sessions() -> None:
    found = between.compare(
        _session("S1", _difference(78.0, -10.0, 2.0), _ratio(20.0, 2.0, 1.1)),
        _session("S2", _difference(74.0, -2.0, 3.0), _ratio(30.0, 1.0, 1.2)),
    )
    heart = found.metrics["mean_hr"].difference
    assert heart.estimate == pytest.approx(8.0)
    assert (heart.low, heart.high) == pytest.approx((8 - math.sqrt(13), 8 + math.sqrt(13)))  # √(2² + 3²)
    assert heart.verdict is Verdict.POSSIBLE
    rmssd = found.metrics["rmssd"].difference
    factor = math.exp(math.hypot(math.log(1.1), math.log(1.2)))
    assert rmssd.estimate == pytest.approx(0.5)
    assert (rmssd.low, rmssd.high) == pytest.approx((0.5 / factor, 0.5 * factor))


def test_however_far_apart_two_changes_are_it_is_never_a_clear_difference() -> None:
    found = between.compare(
        _session("S1", _difference(90.0, -40.0, 0.5), _ratio(20.0, 9.0, 1.01)),
        _session("S2", _difference(90.0, 40.0, 0.5), _ratio(20.0, 0.1, 1.01)),
    )
    assert {beside.difference.verdict for beside in found.metrics.values()} == {Verdict.POSSIBLE}
    assert "cannot be known from two sittings" in found.words[-1]


def test_equal_changes_show_no_clear_difference() -> None:
    session = _session("S1", _difference(78.0, -10.0, 2.0), _ratio(20.0, 2.0, 1.1))
    found = between.compare(session, replace(session, source="S2"))
    assert found.metrics["mean_hr"].difference.verdict is Verdict.NONE
    assert "no clear difference" in found.words[0]


@pytest.mark.parametrize(("second", "verdict"), [(75.0, Verdict.NONE), (60.0, Verdict.POSSIBLE)])
def test_baselines_are_held_against_two_resting_measurements(second: float, verdict: Verdict) -> None:
    """From 78 bpm a fall counts from 10.3 bpm on (Cipryan 2016)."""
    found = between.compare(
        _session("S1", _difference(78.0, -1.0, 2.0), _ratio(20.0, 1.0, 1.1)),
        _session("S2", _difference(second, -1.0, 2.0), _ratio(20.0, 1.0, 1.1)),
    )
    baseline = found.metrics["mean_hr"].baseline
    assert baseline.verdict is verdict
    assert baseline.low is None  # days lie between: there is no interval


def test_different_people_and_different_doings_are_said() -> None:
    one = _session("S1", _difference(78.0, -1.0, 2.0), _ratio(20.0, 1.0, 1.1))
    two = replace(one, source="S2")
    told = " ".join(between.compare(one, two, clients=("K-1", "K-2"), protocols=("listening", "drumming")).words)
    assert "different clients" in told
    assert "in S1, Listening; in S2, Drumming" in told
    assert "different" not in " ".join(between.compare(one, two, clients=("K-1", "K-1")).words).casefold()


def test_protocols_are_named_in_words() -> None:
    one = _session("S1", _difference(78.0, -1.0, 2.0), _ratio(20.0, 1.0, 1.1))
    told = " ".join(between.compare(one, replace(one, source="S2"), protocols=("listening-short", "")).words)
    assert "in S1, Listening, short form; in S2, no protocol." in told


def test_what_is_said_of_one_session_names_it() -> None:
    one = _session("S1", _difference(78.0, -1.0, 2.0), _ratio(20.0, 1.0, 1.1))
    two = replace(one, source="S2", caveats=(Caveat.SETTLING_SHORT, Caveat.ULTRA_SHORT))
    told = between.compare(replace(one, caveats=(Caveat.ULTRA_SHORT,)), two).words
    assert any(each.startswith("In S2: the first window begins within two minutes") for each in told)
    assert any(each.startswith("In both sessions: the windows are shorter") for each in told)


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        (-15.6, -14.4, "−15.6 bpm in S1, −14.4 bpm in S2. Between the two lies +1.2 bpm"),  # −16, −14 and +1 otherwise
        (-15.66, -14.42, "−15.66 bpm in S1, −14.42 bpm in S2. Between the two lies +1.24 bpm"),
        (0.06, 0.04, "+0.06 bpm in S1, +0.04 bpm in S2. Between the two lies −0.02 bpm"),  # +0.1, 0.0 and 0.0
        (-20.0, -10.0, "−20 bpm in S1, −10 bpm in S2. Between the two lies +10 bpm"),
    ],
)
def test_what_is_read_adds_up(first: float, second: float, said: str) -> None:
    rmssd = _ratio(20.0, 1.0, 1.1)
    found = between.compare(
        _session("S1", _difference(78.0, first, 2.0), rmssd), _session("S2", _difference(78.0, second, 2.0), rmssd)
    )
    assert said in found.words[0]
    in_the_table = between.phrases("mean_hr", found.metrics["mean_hr"])
    assert all(phrase.partition(" (")[0] in found.words[0] for phrase in in_the_table)


def test_the_verdict_says_difference_where_the_sentence_does() -> None:
    one = _session("S1", _difference(78.0, -1.0, 2.0), _ratio(20.0, 1.0, 1.1))
    heart = between.compare(one, replace(one, source="S2")).metrics["mean_hr"]
    assert between.verdict_label(heart.difference) == "No clear difference"


def test_what_is_missing_in_one_is_not_compared() -> None:
    missing = Change(ChangeKind.RATIO, None, None, None, None, None, None, Verdict.NOT_COMPARABLE, (), "ms")
    one = _session("S1", _difference(78.0, -1.0, 2.0), missing)
    found = between.compare(one, _session("S2", _difference(78.0, -1.0, 2.0), _ratio(20.0, 1.0, 1.1)))
    beside = found.metrics["rmssd"]
    assert beside.difference.verdict is Verdict.NOT_COMPARABLE
    assert beside.difference.estimate is None
    assert beside.baseline.verdict is Verdict.NOT_COMPARABLE


def test_a_session_is_not_compared_with_itself() -> None:
    one = _session("S1", _difference(78.0, -1.0, 2.0), _ratio(20.0, 1.0, 1.1))
    with pytest.raises(AnalysisError, match="itself"):
        between.compare(one, one)
