"""A recording phase by phase: what is said of good signal, and what is withheld from poor."""

import math
from pathlib import Path

import numpy as np
import pytest

from biotune.analysis import phases
from biotune.analysis.metrics import CATALOGUE
from biotune.analysis.results import Analysis, PhaseAnalysis, Unavailable
from biotune.analysis.series import FloatArray, Options
from biotune.domain import (
    NS_PER_S,
    Entry,
    Flag,
    GapReason,
    IntervalImported,
    LogLine,
    PacketReceived,
    PhaseKind,
    PhaseStarted,
    Reason,
    RecorderStarted,
    RecorderStopped,
    Recording,
    Rhythm,
    Stamp,
    StrapChange,
    StrapEvent,
)
from biotune.errors import AnalysisError, UsageError
from biotune.settings import Limits
from biotune.wire.heart_rate import HEART_RATE_MEASUREMENT, HeartRate, encode

STARTED = RecorderStarted("simulator", "0.1.0")


def log(*timed: tuple[float, Entry]) -> Recording:
    stamped = [(Stamp("boot", round(at_s * NS_PER_S), round(at_s * NS_PER_S)), e) for at_s, e in sorted(timed, key=_at)]
    return Recording("S1", tuple(LogLine(k, "cli", stamp, 1, entry) for k, (stamp, entry) in enumerate(stamped, 1)))


def _at(each: tuple[float, Entry]) -> float:
    return each[0]


def imported(rr_ms: FloatArray, *extra: Entry) -> Recording:
    return log(*((0.0, entry) for entry in extra), *((0.0, IntervalImported(repr(float(rr)), "ms")) for rr in rr_ms))


def sent(rr_ms: FloatArray, start_s: float = 0.0) -> list[tuple[float, Entry]]:
    """One packet a beat."""
    ticks = np.round(rr_ms * 1.024).astype(int)
    arrival_s = start_s + np.cumsum(ticks) / 1024 + 0.1
    return [
        (float(at_s), PacketReceived(HEART_RATE_MEASUREMENT, encode(HeartRate(70, (int(each),), None))))
        for at_s, each in zip(arrival_s, ticks, strict=True)
    ]


def breathing_heart(seconds: float, *, mean_ms: float = 900.0, seed: int = 0) -> FloatArray:
    rng = np.random.default_rng(seed)
    now_s, rr_ms = 0.0, []
    while now_s < seconds:
        rr_ms.append(mean_ms + 30 * math.sin(2 * math.pi * 0.25 * now_s) + rng.normal(0, 5))
        now_s += rr_ms[-1] / 1000
    return np.array(rr_ms)


def start(name: str, kind: PhaseKind, at_s: float | None = None) -> PhaseStarted:
    return PhaseStarted(name, kind, at_s=at_s)


def reasons(phase: PhaseAnalysis) -> dict[str, Reason | None]:
    return {key: metric.unavailable for key, metric in phase.metrics.items()}


def withheld(analysis: Analysis, phase: int = 0) -> set[Reason | None]:
    found = reasons(analysis.phases[phase])
    return {reason for key, reason in found.items() if key not in phases.HEART_RATE_KEYS}


def test_a_published_series_comes_out_with_kubios_values(reference: Path) -> None:
    rr_ms = np.loadtxt(reference / "rr_reference" / "systole_rr_ms.txt")
    options = Options(correct=False, any_length=True, detrending=0, welch_window_s=256)
    (whole,) = phases.analyse(imported(rr_ms), options).phases
    assert (whole.name, whole.beats, whole.quality.gap_pct) == ("whole", 245, 0.0)
    assert whole.quality.rhythm is Rhythm.REGULAR
    # Kubios HRV 2.2, as Systole's own tests quote it
    for key, kubios in {"mean_nn": 883.24, "rmssd": 45.545, "sdnn": 84.691, "pnn50": 26.23}.items():
        assert whole.metrics[key].value == pytest.approx(kubios, rel=1e-3)


def test_a_good_phase_has_every_metric_its_length_allows() -> None:
    (whole,) = phases.analyse(imported(breathing_heart(400))).phases
    assert list(whole.metrics) == list(CATALOGUE)
    assert {key for key, reason in reasons(whole).items() if reason} <= {"vlf"}
    assert whole.metrics["breathing_rate"].value == pytest.approx(15, abs=0.5)
    assert whole.metrics["mean_nn"].value == pytest.approx(900, rel=0.01)
    assert whole.quality.usable


def test_beats_are_told_to_their_phase() -> None:
    rr_ms = np.concatenate((breathing_heart(300), breathing_heart(300, mean_ms=800)))
    marks = (start("baseline", PhaseKind.BASELINE, 0.0), start("music", PhaseKind.INTERVENTION, 300.0))
    analysis = phases.analyse(imported(rr_ms, *marks))
    assert [each.name for each in analysis.phases] == ["baseline", "music"]
    assert sum(each.beats for each in analysis.phases) == len(rr_ms)
    assert analysis.phase("baseline").metrics["mean_nn"].value == pytest.approx(900, rel=0.01)
    assert analysis.phase("music").metrics["mean_nn"].value == pytest.approx(800, rel=0.01)


def test_an_irregular_rhythm_withholds_everything_but_the_heart_rate() -> None:
    rr_ms = np.clip(np.random.default_rng(1).normal(750, 160, 500), 350, 1500)
    analysis = phases.analyse(imported(rr_ms))
    quality = analysis.phases[0].quality
    assert quality.rhythm is Rhythm.IRREGULAR
    assert not quality.usable
    assert withheld(analysis) == {Reason.IRREGULAR_RHYTHM}
    assert analysis.phases[0].metrics["mean_hr"].value == pytest.approx(60_000 / rr_ms.mean())


def test_too_many_artefacts_withhold_and_the_limit_can_be_set() -> None:
    rr_ms = breathing_heart(300)
    for k in range(5, len(rr_ms) - 1, 14):  # one missed beat in fourteen
        rr_ms[k] *= 2
    strict = phases.analyse(imported(rr_ms), limits=Limits(max_flagged_pct=5))
    assert 5 < strict.phases[0].quality.flagged_pct < 9
    assert withheld(strict) == {Reason.POOR_SIGNAL}
    assert len(strict.artefacts) == len(range(5, len(rr_ms) - 1, 14))
    lenient = phases.analyse(imported(rr_ms))
    assert lenient.phases[0].quality.usable
    assert lenient.phases[0].metrics["rmssd"].value == pytest.approx(
        phases.analyse(imported(breathing_heart(300))).phases[0].metrics["rmssd"].value, rel=0.05
    )


@pytest.mark.parametrize("correct", [True, False])
def test_artefacts_are_told_of_whether_or_not_they_are_left_out(*, correct: bool) -> None:
    rr_ms = breathing_heart(200)
    rr_ms[100] *= 2
    analysis = phases.analyse(imported(rr_ms), Options(correct=correct))
    (artefact,) = analysis.artefacts
    assert artefact.to_dict() == {
        "time_s": pytest.approx(np.cumsum(rr_ms)[100] / 1000),
        "rr_ms": rr_ms[100],
        "class": "missed",
    }
    sdnn = analysis.phases[0].metrics["sdnn"].value
    assert (sdnn < 40) is correct


def test_a_dropout_hidden_in_one_interval_is_a_gap_in_which_nothing_is_known() -> None:
    rr_ms = breathing_heart(300)
    rr_ms[150] = 60_000
    analysis = phases.analyse(imported(rr_ms))
    assert [gap.reason for gap in analysis.gaps] == [GapReason.ARTEFACTS]
    assert analysis.phases[0].quality.gap_pct == pytest.approx(100 * 60 / (np.sum(rr_ms) / 1000))
    assert withheld(analysis) == {Reason.POOR_SIGNAL}
    prepared = phases.prepare(imported(rr_ms))
    assert set(prepared.nn.stretch) == {0, 1}
    assert len(prepared.nn) == len(rr_ms) - 1


def test_time_in_gaps_is_counted_once_and_up_to_where_the_phase_ends() -> None:
    lost = StrapEvent(StrapChange.LOST)
    first, second = breathing_heart(100), breathing_heart(60)
    analysis = phases.analyse(
        log(
            (0.0, STARTED),
            (0.0, start("baseline", PhaseKind.BASELINE)),
            *sent(first),
            (101.5, lost),
            *sent(second, 120.0),
            (182.0, lost),
            (200.0, start("music", PhaseKind.INTERVENTION)),
            (260.0, RecorderStopped()),
        )
    )
    baseline, music = analysis.phases
    assert [gap.reason for gap in analysis.gaps] == [GapReason.STRAP_LOST] * 2
    assert baseline.quality.gap_pct == pytest.approx(100 * (20 + 20) / 200, abs=1.5)
    assert (music.beats, music.quality.flagged_pct, music.quality.gap_pct) == (0, 0.0, 100.0)
    assert set(reasons(music).values()) == {Reason.NO_RR}


def test_time_that_no_beat_covers_is_missing_even_where_no_gap_is_told_of() -> None:
    marks = (start("baseline", PhaseKind.BASELINE, 0.0), start("music", PhaseKind.INTERVENTION, 150.0))
    rows: list[Entry] = [IntervalImported("800", "ms", f"{100 + 0.8 * k:.1f}") for k in range(100)]
    analysis = phases.analyse(log(*((0.0, entry) for entry in (*marks, *rows))))
    assert analysis.phases[0].quality.gap_pct == pytest.approx(100 * 99.2 / 150)
    assert analysis.phases[1].quality.gap_pct == 0.0


def test_a_strap_without_intervals_gives_its_heart_rate() -> None:
    def at(bpm: int) -> PacketReceived:
        return PacketReceived(HEART_RATE_MEASUREMENT, encode(HeartRate(bpm, (), None)))

    beats = [(float(k), at(60 + 2 * (k % 2))) for k in range(1, 121)]
    (whole,) = phases.analyse(log((0.0, STARTED), *beats)).phases
    assert whole.metrics["mean_hr"].value == 61.0
    assert whole.metrics["mean_hr"].to_dict()["flags"] == [Flag.ULTRA_SHORT.value]
    assert {reason for key, reason in reasons(whole).items() if key != "mean_hr"} == {Reason.NO_RR}
    assert not whole.quality.usable
    (brief,) = phases.analyse(log((0.0, STARTED), *beats[:5])).phases
    assert brief.metrics["mean_hr"] == Unavailable(Reason.TOO_SHORT, "bpm", "10 s")
    (asked,) = phases.analyse(log((0.0, STARTED), *beats[:5]), Options(any_length=True)).phases
    assert asked.metrics["mean_hr"].to_dict()["flags"] == ["ultra-short", "below-least-length"]


@pytest.mark.parametrize("recording", [Recording("S9", ()), log((0.0, STARTED), (9.0, RecorderStopped()))])
def test_nothing_at_all_is_said_in_words(recording: Recording) -> None:
    with pytest.raises(AnalysisError, match="nothing to analyse") as raised:
        phases.analyse(recording)
    assert raised.value.hint


def test_an_unknown_convention_is_refused() -> None:
    with pytest.raises(UsageError, match="convention"):
        phases.analyse(imported(breathing_heart(60)), Options(convention="astrology"))


def test_phases_share_the_shortest_ones_welch_window() -> None:
    marks = (
        start("settling", PhaseKind.SETTLING, 0.0),
        start("baseline", PhaseKind.BASELINE, 100.0),
        start("music", PhaseKind.INTERVENTION, 300.0),
        start("blink", PhaseKind.OTHER, 700.0),
    )
    recording = imported(breathing_heart(720), *marks)
    assert phases.analyse(recording).provenance.parameters["welch_window_s"] == 200.0
    assert phases.analyse(recording, Options(welch_window_s=120)).provenance.parameters["welch_window_s"] == 120
    long = imported(breathing_heart(720))
    assert phases.analyse(long).provenance.parameters["welch_window_s"] == 300.0


def test_a_result_says_what_made_it() -> None:
    recording = imported(breathing_heart(60))
    made = phases.analyse(recording, limits=Limits(max_gap_pct=10)).provenance
    assert made.log_sha256 == recording.log_sha256
    assert made.neurokit2.startswith("0.2")
    assert made.parameters["convention"] == "kubios"
    assert made.parameters["max_gap_pct"] == 10


def test_neurokit2_is_not_imported_for_the_product_s_own_conventions() -> None:
    import subprocess
    import sys

    code = "import sys; import biotune.analysis.phases; sys.exit('neurokit2' in sys.modules or 'pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
