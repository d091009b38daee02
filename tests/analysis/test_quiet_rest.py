"""The client's own smallest detectable change and drift, worked out by hand."""

import math
import re
from dataclasses import replace

import pytest

from biotune.analysis import comparison, drift, quiet_rest, words, words_beside_rest
from biotune.analysis.quiet_rest import QuietRest, RestChange
from biotune.analysis.results import Change
from biotune.domain import (
    Activity,
    ChangeKind,
    Entry,
    MusicAct,
    MusicEvent,
    PacerSet,
    PhaseKind,
    PhaseStarted,
    Verdict,
    Yardstick,
)

# t(0.975) with 2, 3 and 4 degrees of freedom, from a printed table.
T2, T3, T4 = 4.303, 3.182, 2.776


def changed(kind: ChangeKind, before: float, after: float, half: float) -> Change:
    """Make a change whose interval reaches `half` to either side, on its own scale."""
    if kind is ChangeKind.RATIO:
        estimate = after / before
        ends = (estimate * math.exp(-half), estimate * math.exp(half))
    else:
        estimate = after - before
        ends = (estimate - half, estimate + half)
    return Change(kind, before, after, estimate, *ends, None, Verdict.NOT_COMPARABLE, (), "bpm")


def at_rest(*moved: float, half: float = 0.5) -> tuple[RestChange, ...]:
    return tuple(RestChange(f"S{number}", each, half) for number, each in enumerate(moved, start=1))


def control(key: str, *moved: float) -> QuietRest:
    changes = at_rest(*moved)
    return QuietRest(tuple(each.session for each in changes), ("hash",) * len(moved), {key: changes})


def test_four_quiet_rest_changes_give_the_clients_own_smallest_detectable_change() -> None:
    """Changes −1, 1, −2, 2: mean 0, SD √(10/3); times t(0.975, 3) and √(5/4)."""
    own = control("mean_hr", -1, 1, -2, 2).own("mean_hr")
    assert own is not None
    assert own.reach == pytest.approx(T3 * math.sqrt(10 / 3) * math.sqrt(5 / 4), rel=1e-3)
    judged = comparison.judged("mean_hr", changed(ChangeKind.DIFFERENCE, 75, 68, 1.0), own, whole=True)
    assert judged.verdict is Verdict.CLEAR  # 7 > 6.5; the published figure would ask for 9.8
    assert judged.smallest_detectable == pytest.approx(6.496, abs=0.005)
    assert (judged.smallest_detectable_source, judged.smallest_detectable_sessions) == (Yardstick.OWN, 4)
    published = comparison.judged("mean_hr", changed(ChangeKind.DIFFERENCE, 75, 68, 1.0), None, whole=True)
    assert published.verdict is Verdict.POSSIBLE
    assert (published.smallest_detectable_source, published.smallest_detectable_sessions) == (Yardstick.PUBLISHED, 0)


def test_the_own_one_of_a_ratio_is_made_of_logarithms() -> None:
    """Ratios 0.8, 1 and 1.25 are −0.223, 0 and 0.223 on the log scale: SD 0.223, t(0.975, 2), √(4/3)."""
    logs = [math.log(0.8), 0.0, math.log(1.25)]
    own = control("rmssd", *logs).own("rmssd")
    assert own is not None
    needed = comparison.smallest_detectable("rmssd", 30, falls=False, own=own)
    assert needed == pytest.approx(math.exp(T2 * math.log(1.25) * math.sqrt(4 / 3)), rel=1e-3)


def test_two_quiet_rest_sessions_are_too_few() -> None:
    assert control("mean_hr", -1, 1).own("mean_hr") is None


def test_a_metric_nobody_has_published_can_be_clear_by_the_clients_own() -> None:
    change = changed(ChangeKind.RATIO, 400, 1200, 0.2)
    assert comparison.judged("hf", change, None, whole=True).verdict is Verdict.POSSIBLE
    own = control("hf", -0.1, 0.0, 0.1).own("hf")
    assert comparison.judged("hf", change, own, whole=True).verdict is Verdict.CLEAR


def test_too_little_signal_is_never_clear_whatever_the_yardstick() -> None:
    own = control("mean_hr", -0.1, 0.0, 0.1).own("mean_hr")
    change = changed(ChangeKind.DIFFERENCE, 75, 60, 1.0)
    assert comparison.judged("mean_hr", change, own, whole=False).verdict is Verdict.POSSIBLE


# ---------------------------------------------------------------- drift


def test_the_drift_of_five_sessions_and_what_is_left_beyond_it() -> None:
    """Changes −4, −3, −2, −1, 0: mean −2, SD √2.5 = 1.581; a music session's change of −8 leaves −6."""
    beside = quiet_rest.beside("mean_hr", changed(ChangeKind.DIFFERENCE, 75, 67, 1.0), at_rest(-4, -3, -2, -1, 0))
    assert beside is not None
    assert beside.drift.estimate == pytest.approx(-2)
    assert beside.drift.high - beside.drift.estimate == pytest.approx(T4 * math.sqrt(2.5) / math.sqrt(5), rel=1e-3)
    assert beside.beyond is not None
    assert beside.beyond.estimate == pytest.approx(-6)
    half = T4 * math.sqrt(2.5) * math.sqrt(1 + 1 / 5)  # of one more change at rest: what a music session would be
    assert beside.beyond.high - beside.beyond.estimate == pytest.approx(half, rel=1e-3)
    assert beside.exceeds
    assert (beside.sessions, beside.spread) == (5, Yardstick.OWN)


def test_a_session_that_is_itself_uncertain_widens_what_is_left() -> None:
    sure = quiet_rest.beside("mean_hr", changed(ChangeKind.DIFFERENCE, 75, 67, 1.0), at_rest(-4, -3, -2, -1, 0))
    unsure = quiet_rest.beside("mean_hr", changed(ChangeKind.DIFFERENCE, 75, 67, 9.0), at_rest(-4, -3, -2, -1, 0))
    assert sure is not None
    assert unsure is not None
    assert sure.beyond is not None
    assert unsure.beyond is not None
    of_mean = T4 * math.sqrt(2.5) / math.sqrt(5)
    assert unsure.beyond.high - unsure.beyond.estimate == pytest.approx(math.hypot(9, of_mean), rel=1e-3)
    assert sure.exceeds
    assert not unsure.exceeds


def test_one_session_leaves_the_published_spread() -> None:
    """One session: √2·ln 1.052 of 75 bpm is 5.38 bpm, times 1.96 is 10.5, and √2 of that for what is left."""
    beside = quiet_rest.beside("mean_hr", changed(ChangeKind.DIFFERENCE, 75, 60, 1.0), at_rest(-1.0))
    assert beside is not None
    reach = 1.96 * math.sqrt(2) * math.log(1.052) * 75
    assert beside.drift.high - beside.drift.estimate == pytest.approx(reach)
    assert beside.beyond is not None
    assert beside.beyond.high - beside.beyond.estimate == pytest.approx(reach * math.sqrt(2))
    assert beside.spread is Yardstick.PUBLISHED


def test_where_nobody_knows_how_far_resting_changes_differ_nothing_is_taken_off() -> None:
    beside = quiet_rest.beside("breathing_rate", changed(ChangeKind.DIFFERENCE, 15, 12, 1.0), at_rest(-1.0, 0.0))
    assert beside is not None
    assert beside.beyond is None
    assert beside.exceeds is None
    assert beside.drift.estimate == pytest.approx(-0.5)
    assert beside.drift.high - beside.drift.estimate == pytest.approx(0.5 / math.sqrt(2))  # the sessions' own 0.5 each


def test_a_ratio_is_taken_off_as_a_ratio() -> None:
    rested = at_rest(math.log(1.1), math.log(1.2), math.log(1.3))
    beside = quiet_rest.beside("rmssd", changed(ChangeKind.RATIO, 20, 40, 0.1), rested)
    assert beside is not None
    assert beside.beyond is not None
    mean = (1.1 * 1.2 * 1.3) ** (1 / 3)
    assert beside.drift.estimate == pytest.approx(mean)
    assert beside.beyond.estimate == pytest.approx(2 / mean)


def test_without_quiet_rest_or_without_a_change_there_is_nothing_beside() -> None:
    assert quiet_rest.beside("mean_hr", changed(ChangeKind.DIFFERENCE, 75, 67, 1.0), ()) is None
    nothing = Change(ChangeKind.DIFFERENCE, 75, None, None, None, None, None, Verdict.NOT_COMPARABLE, (), "bpm")
    assert quiet_rest.beside("mean_hr", nothing, at_rest(-1.0)) is None


def test_words_say_whether_rest_alone_explains_it_and_whose_yardstick_it_was() -> None:
    change = changed(ChangeKind.DIFFERENCE, 75, 67, 1.0)
    beside = quiet_rest.beside("mean_hr", change, at_rest(-4, -3, -2, -1, 0))
    assert beside is not None
    told = words_beside_rest.sentences(quiet_rest.QuietRestBeside(("S1",) * 5, {"mean_hr": beside}))
    assert " ".join(told) == (
        "In 5 quiet-rest sessions of this client, heart rate changed by −2.0 bpm (95 % interval −4.0 to 0.0) on "
        "average. Taken off, a change of −6.0 bpm (95 % interval −10.8 to −1.2) is left: "
        "more than resting alone explains."
    )
    own = control("mean_hr", -1, 1, -2, 2).own("mean_hr")
    sentence = words.metric_sentences("mean_hr", comparison.judged("mean_hr", change, own, whole=True))
    assert "two resting measurements of this very client (4 quiet-rest sessions)" in sentence
    assert "larger than the 6 bpm" in sentence


@pytest.mark.parametrize(("fell", "needed"), [(5.7, 5.67), (6.2, 5.9), (5.98, 6.02), (7.1, 6.9)])
def test_what_is_smaller_never_reads_as_larger(fell: float, needed: float) -> None:
    change = changed(ChangeKind.DIFFERENCE, 75, 75 - fell, 0.2)
    verdict = Verdict.CLEAR if fell > needed else Verdict.POSSIBLE
    change = replace(change, smallest_detectable=needed, smallest_detectable_source=Yardstick.OWN, verdict=verdict)
    sentence = words.metric_sentences("mean_hr", change)
    told = re.search(r"fell by ([\d.]+) bpm.*than the ([\d.]+) bpm", sentence)
    assert told is not None
    assert (float(told[1]) > float(told[2])) is (fell > needed)


@pytest.mark.parametrize(
    ("moved", "verdict", "explained"),
    [(-8.0, Verdict.CLEAR, False), (-5.5, Verdict.POSSIBLE, True), (-4.0, Verdict.POSSIBLE, True), (4.0, None, False)],
)
def test_what_the_clients_own_drift_may_explain_is_never_clear(
    moved: float, verdict: Verdict | None, *, explained: bool
) -> None:
    """Changes at rest of −4 to 0: mean −2, and t·SD·√(1 + 1/5) is 4.81, so that resting reaches to −6.81."""
    own = control("mean_hr", -4, -3, -2, -1, 0).own("mean_hr")
    assert own is not None
    assert own.reach == pytest.approx(4.81, abs=0.01)
    judged = comparison.judged(
        "mean_hr", changed(ChangeKind.DIFFERENCE, 75, 75 + moved, 1.0), own, whole=True
    )  # fmt: skip - a call reads as one
    assert judged.rest_explains is explained
    if verdict:
        assert judged.verdict is verdict
    sentence = words.metric_sentences("mean_hr", judged)
    assert ("resting alone may explain it" in sentence) is explained
    assert "signal is missing" not in sentence


@pytest.mark.parametrize(
    ("happened", "counts"),
    [
        ((), True),
        ((PacerSet(on=False),), True),
        ((PacerSet(on=True, per_min=6.0), PacerSet(on=False, per_min=6.0)), False),
        ((MusicEvent(MusicAct.PLAY, "live:harp"),), False),
    ],
)
def test_rest_with_a_pacer_or_music_is_no_quiet_rest(happened: tuple[Entry, ...], *, counts: bool) -> None:
    rest = PhaseStarted("silence", PhaseKind.INTERVENTION, Activity.REST)
    assert drift.is_quiet_rest((rest, *happened)) is counts
