"""Which two windows are compared."""

import re

import pytest

from biotune.analysis.pairing import Pair, choose
from biotune.analysis.series import BeatSeries, HeartRateSeries
from biotune.analysis.timeline import Timeline, build
from biotune.domain import (
    NS_PER_S,
    Caveat,
    Entry,
    LogLine,
    PacerSet,
    Phase,
    PhaseEnded,
    PhaseKind,
    PhaseStarted,
    Recording,
    Stamp,
    kind_of_phase,
)
from biotune.errors import AnalysisError, BiotuneError, UsageError


def laid(
    *named: tuple[str, float],
    own_times: bool = False,
    start_s: float = 0.0,
    paced: tuple[tuple[float, float], ...] = (),
) -> Timeline:
    phases = []
    for name, seconds in named:
        kind, activity = (PhaseKind.WHOLE, None) if name == "whole" else kind_of_phase(name)
        phases.append(Phase(name, kind, activity, start_s, start_s + seconds))
        start_s += seconds
    none = BeatSeries(*[[]] * 3)  # type: ignore[arg-type]
    return Timeline(none, (), tuple(phases), HeartRateSeries(), start_s, has_rr=True, own_times=own_times, paced=paced)


def names(pair: Pair) -> tuple[str, str]:
    return pair.before.name, pair.after.name


def spans(pair: Pair) -> list[tuple[float, float]]:
    return [(phase.start_s, phase.end_s) for phase in (pair.before, pair.after)]


def test_the_last_five_minutes_of_baseline_and_recovery_are_the_default() -> None:
    pair = choose(laid(("settling", 180), ("baseline", 420), ("music", 900), ("recovery", 600)))
    assert names(pair) == ("baseline", "recovery")
    assert spans(pair) == [(300, 600), (1800, 2100)]
    assert (pair.reason, pair.caveats, pair.comparable) == ("", (), True)


def test_without_a_recovery_the_last_quiet_intervention_is_taken_and_said_so() -> None:
    pair = choose(laid(("baseline", 420), ("music", 600), ("drumming", 600)))
    assert names(pair) == ("baseline", "music")
    assert "no recovery" in pair.reason


def test_a_recovery_too_short_for_rmssd_is_passed_over() -> None:
    pair = choose(laid(("baseline", 420), ("music", 600), ("recovery", 30)))
    assert names(pair) == ("baseline", "music")
    assert "shorter" in pair.reason


@pytest.mark.parametrize(
    ("activity", "caveat"),
    [
        ("drumming", Caveat.MOVEMENT),
        ("playing", Caveat.MOVEMENT),
        ("muscle-relaxation", Caveat.MOVEMENT),
        ("singing", Caveat.VOICE),
        ("songwriting", Caveat.VOICE),
    ],
)
def test_voice_and_movement_give_way_to_the_quiet_recovery(activity: str, caveat: Caveat) -> None:
    timeline = laid(("baseline", 420), (activity, 600), ("recovery", 300))
    default = choose(timeline)
    assert names(default) == ("baseline", "recovery")
    assert activity in default.reason
    assert default.comparable
    assert not default.caveats
    asked = choose(timeline, after=activity)
    assert not asked.comparable
    assert caveat in asked.caveats


def test_a_span_inside_singing_is_singing() -> None:
    timeline = laid(("baseline", 420), ("singing", 600), ("recovery", 300))
    assert not choose(timeline, after="500-800").comparable
    assert not choose(timeline, after="950-1250").comparable  # the first 70 s of it are sung
    assert choose(timeline, after="1020-1320").comparable


def test_two_sung_stretches_may_be_compared_and_carry_the_caveat() -> None:
    pair = choose(laid(("singing", 300), ("baseline", 300), ("singing-2", 300)), "singing", "singing-2")
    assert pair.comparable
    assert Caveat.VOICE in pair.caveats


def test_unequal_phases_share_the_shorter_length_and_say_so() -> None:
    pair = choose(laid(("settling", 200), ("baseline", 180), ("recovery", 300)))
    assert pair.window_s == 180
    assert {Caveat.UNEQUAL_WINDOWS, Caveat.ULTRA_SHORT} <= set(pair.caveats)


def test_a_phase_ended_by_hand_half_a_second_early_is_not_ultra_short() -> None:
    pair = choose(laid(("settling", 200), ("baseline", 299.5), ("recovery", 300)))
    assert pair.caveats == ()


def test_spans_in_seconds_are_taken_whole() -> None:
    pair = choose(laid(("whole", 1200)), "0-400", "600.5-1000.5")
    assert spans(pair) == [(0, 400), (600.5, 1000.5)]
    assert names(pair) == ("0-400", "600.5-1000.5")


def test_the_second_stretch_of_a_name_is_reached_by_its_number() -> None:
    timeline = laid(("baseline", 420), ("music", 300), ("baseline-2", 300), ("music-2", 300))
    assert names(choose(timeline)) == ("baseline-2", "music-2")
    assert names(choose(timeline, after="music")) == ("baseline", "music")
    assert names(choose(timeline, before="baseline", after="MUSIC-2")) == ("baseline", "music-2")


def test_before_may_be_the_music() -> None:
    assert names(choose(laid(("baseline", 420), ("music", 300), ("recovery", 300)), before="music")) == (
        "music",
        "recovery",
    )


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (None, "coffee", "no phase 'coffee'"),
        ("0-x", None, "no phase '0-x'"),
        ("300-100", None, "ends before it starts"),
        ("100-100", None, "ends before it starts"),
        (None, "900-5000", "outside the recording"),
        ("music", "music", "overlap"),
        ("0-300", "299-599", "overlap"),
        ("", None, "no phase ''"),
    ],
)
def test_wrong_calls_say_what_is_there(before: str | None, after: str | None, said: str) -> None:
    with pytest.raises(UsageError, match=re.escape(said)) as caught:
        choose(laid(("baseline", 420), ("music", 300), ("recovery", 300)), before, after)
    assert any(char.isdigit() for char in f"{caught.value.why} {caught.value.hint}")


def test_an_unknown_phase_names_those_that_exist() -> None:
    with pytest.raises(UsageError, match="baseline, music") as caught:
        choose(laid(("baseline", 420), ("music", 300)), after="coffee")
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("there", [[("whole", 900.0)], [("music", 600.0)], [("baseline", 600.0)]])
def test_nothing_to_compare_says_what_to_do(there: list[tuple[str, float]]) -> None:
    with pytest.raises(AnalysisError, match=r"baseline|compare") as caught:
        choose(laid(*there))
    assert "--after" in caught.value.hint


def test_a_file_that_keeps_the_clock_of_its_day_has_bounds_of_its_own() -> None:
    timeline = laid(("baseline", 300), ("recovery", 300), own_times=True, start_s=5000)
    assert spans(choose(timeline, "5000-5300", "5300-5600")) == [(5000, 5300), (5300, 5600)]
    with pytest.raises(UsageError, match="outside"):
        choose(timeline, "0-300", "5300-5600")


def test_windows_of_a_few_seconds_are_refused() -> None:
    with pytest.raises(BiotuneError, match="too short"):
        choose(laid(("baseline", 5), ("music", 300)))


@pytest.mark.parametrize(("recovery_s", "taken"), [(61, "recovery"), (59, "music")])
def test_a_minute_of_recovery_is_the_least_that_is_taken_by_default(recovery_s: float, taken: str) -> None:
    assert choose(laid(("baseline", 420), ("music", 600), ("recovery", recovery_s))).after.name == taken


def test_a_recovery_that_is_too_short_is_named_as_the_reason() -> None:
    with pytest.raises(AnalysisError, match="recovery is 30 s long"):
        choose(laid(("baseline", 420), ("recovery", 30)))
    assert choose(laid(("baseline", 420), ("recovery", 30)), after="recovery").window_s == 30


@pytest.mark.parametrize(("settling_s", "short"), [(122, False), (118, True)])
def test_two_minutes_of_settling_are_enough(settling_s: float, short: bool) -> None:  # noqa: FBT001 - a parameter
    pair = choose(laid(("settling", settling_s), ("baseline", 300), ("music", 600), ("recovery", 300)))
    assert (Caveat.SETTLING_SHORT in pair.caveats) is short


def test_a_span_from_the_start_has_not_settled_whatever_it_is_called() -> None:
    whole = laid(("whole", 1200))
    assert Caveat.SETTLING_SHORT in choose(whole, "0-300", "600-900").caveats
    assert Caveat.SETTLING_SHORT not in choose(whole, "180-480", "600-900").caveats


def test_of_a_span_only_what_is_compared_counts() -> None:
    sung = laid(("baseline", 500), ("singing", 222), ("recovery", 300))
    pair = choose(sung, "100-400", "500-1022")
    assert spans(pair) == [(100, 400), (722, 1022)]
    assert pair.comparable
    assert Caveat.VOICE not in pair.caveats


def test_a_name_as_it_stands_goes_before_another_case() -> None:
    twice = laid(("baseline", 300), ("Baseline", 300), ("recovery", 300))
    assert choose(twice, "baseline").before.end_s == 300
    assert choose(twice, "BASELINE").before.end_s == 300
    assert choose(twice, "Baseline").before.end_s == 600


@pytest.mark.parametrize(
    ("paced", "said"),
    [
        ((0.0, 100.0), False),  # before the baseline's last five minutes, which are what is compared
        ((100.0, 130.0), True),
        ((419.5, 430.0), False),  # half a second of it paced nobody
        ((430.0, 1300.0), False),  # while the music played
        ((1500.0, 1510.0), True),
        ((2101.0, 2200.0), False),
    ],
)
def test_a_pacer_that_ran_in_a_compared_window_is_said(paced: tuple[float, float], *, said: bool) -> None:
    timeline = laid(("baseline", 420), ("music", 900), ("recovery", 300), paced=(paced,))
    assert (Caveat.PACER in choose(timeline).caveats) is said


def test_the_log_tells_when_the_pacer_ran() -> None:
    def line(at_s: float, entry: Entry) -> LogLine:
        return LogLine(round(at_s) + 1, "", Stamp("boot", round(at_s * NS_PER_S), 0), 0, entry)

    lines = (
        line(0, PhaseStarted("baseline", PhaseKind.BASELINE)),
        line(300, PhaseStarted("music", PhaseKind.INTERVENTION)),
        line(310, PacerSet(on=True, per_min=6.0)),
        line(400, PacerSet(on=True, per_min=5.5)),
        line(500, PacerSet(on=False, per_min=5.5)),
        line(550, PacerSet(on=False)),
        line(600, PhaseStarted("recovery", PhaseKind.RECOVERY)),
        line(700, PacerSet(on=True)),
        line(900, PhaseEnded()),
    )
    built = build(Recording("made", lines))
    assert [*map(list, built.paced)] == [
        [310, 500],
        [700, 900],
    ]  # on twice is on once
    assert Caveat.PACER in choose(built).caveats
    assert Caveat.PACER not in choose(built, after="500-600").caveats
