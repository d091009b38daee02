"""Artefacts read as a whole: an invented beat costs nothing, what lies beside stays, a person has the last word."""

from pathlib import Path

import numpy as np
import pytest

from biotune.analysis import artefacts, decisions, phases, strip
from biotune.analysis.artefacts import Classified
from biotune.analysis.series import BeatSeries, FloatArray, NNSeries
from biotune.domain import (
    ArtefactClass,
    BeatJudged,
    BeatJudgement,
    IntervalImported,
    LogLine,
    Recording,
    Stamp,
)

SITTING = [f"s{k:02}_sitting_cs" for k in range(8)]


def sitting(reference: Path, name: str) -> FloatArray:
    """Hand-corrected R peaks at 250 Hz: no artefact is left in them."""
    return np.diff(np.loadtxt(reference / "rr_raw" / "gudb" / f"{name}.tsv")) * 4


def series(rr_ms: FloatArray | list[float]) -> BeatSeries:
    rr = np.asarray(rr_ms, dtype=float)
    return BeatSeries(np.cumsum(rr) / 1000, rr, np.zeros(len(rr), dtype=np.int64))


def cut(rr_ms: FloatArray, at: dict[int, tuple[float, ...]]) -> FloatArray:
    """Invent beats: interval k becomes as many parts as it has shares."""
    return np.concatenate([rr * np.array(at.get(k, (1.0,))) for k, rr in enumerate(rr_ms)])


def added_up(rr_ms: FloatArray) -> BeatSeries:
    return artefacts.add_up(series(rr_ms), artefacts.classify(series(rr_ms)))[0]


def steady(count: int) -> FloatArray:
    """An unhurried heart that breathes every fourth or fifth beat."""
    return np.asarray(850 + 40 * np.sin(np.arange(count) * 1.4))


# ---------------------------------------------------------------- invented beats


@pytest.mark.parametrize("share", [0.2, 0.35, 0.5, 0.65, 0.8])
def test_an_invented_beat_leaves_the_series_as_it_was(reference: Path, share: float) -> None:
    as_it_was = []
    for name in SITTING:
        rr_ms = sitting(reference, name)
        for k in (1, 30, 60, 90, len(rr_ms) - 2):
            whole = added_up(cut(rr_ms, {k: (share, 1 - share)}))
            as_it_was.append(len(whole) == len(rr_ms) and bool(np.allclose(whole.rr_ms, rr_ms)))
    assert np.mean(as_it_was) > 0.97


@pytest.mark.parametrize(
    "at",
    [
        {40: (0.5, 0.5), 41: (0.3, 0.7)},
        {40: (0.4, 0.6), 42: (0.6, 0.4), 44: (0.5, 0.5), 46: (0.3, 0.7)},
        {40: (0.3, 0.3, 0.4)},
        {40: (0.25, 0.25, 0.25, 0.25)},
        {40: (0.3, 0.3, 0.4), 43: (0.5, 0.5)},
    ],
    ids=["two in a row", "four, every second one", "two in one", "three in one", "two in one and another"],
)
def test_so_do_several(reference: Path, at: dict[int, tuple[float, ...]]) -> None:
    as_it_was = []
    for name in SITTING:
        rr_ms = sitting(reference, name)
        whole = added_up(cut(rr_ms, at))
        as_it_was.append(len(whole) == len(rr_ms) and bool(np.allclose(whole.rr_ms, rr_ms)))
    assert sum(as_it_was) >= len(SITTING) - 1


def test_nothing_but_an_invented_beat_is_added_up(reference: Path) -> None:
    joins = 0
    for name in SITTING:
        rr_ms = sitting(reference, name)
        missed = np.concatenate((rr_ms[:60], [rr_ms[60] + rr_ms[61]], rr_ms[62:]))
        premature = rr_ms.copy()
        premature[[60, 61]] += 0.3 * rr_ms[60] * np.array([-1, 1])
        without_a_pause = rr_ms.copy()
        without_a_pause[60] *= 0.65
        for spoilt in (rr_ms, missed, premature, without_a_pause):
            joins += len(artefacts.classify(series(spoilt)).joins)
    assert joins == 0


def test_in_a_holter_only_beats_that_cardiologists_marked_are_taken_out(reference: Path) -> None:
    """What is annotated as no normal beat, and an R peak 8 ms after another: taken out, a normal interval stays."""
    path = reference / "rr_reference" / "physionet_toolbox" / "nsr001_first2h_rr.csv"
    table = np.loadtxt(path, delimiter=",", skiprows=1, dtype=str)
    rr_ms, ends_normal = table[:, 1].astype(float), table[:, 2] == "N"
    joins = artefacts.classify(series(rr_ms)).joins
    assert len(joins) >= 10
    for first, end in joins:
        assert not ends_normal[first : end - 1].any() or rr_ms[first:end].min() < NO_HEARTS_MS
        assert rr_ms[first:end].sum() == pytest.approx(np.median(rr_ms[first - 5 : end + 5]), rel=0.15)


def test_noise_that_adds_up_to_no_beat_is_left_out() -> None:
    rng = np.random.default_rng(5)
    rr_ms = steady(120)
    noise = rng.uniform(280, 1500, 12)
    spoilt = np.concatenate((rr_ms[:60], noise, rr_ms[60:]))
    classified = artefacts.classify(series(spoilt))
    whole, left = artefacts.add_up(series(spoilt), classified)
    kept = NNSeries.from_beats(whole, ~left)
    true_ms = float(np.sqrt(np.mean(np.diff(rr_ms) ** 2)))
    assert np.sqrt(np.mean(kept.differences_ms() ** 2)) == pytest.approx(true_ms, rel=0.1)


# ---------------------------------------------------------------- what lies beside


def test_a_breath_beside_an_artefact_stays(reference: Path) -> None:
    wrongly, spoilt = 0, 0
    for name in (*SITTING, "pyhrv"):
        path = reference / "rr_reference" / "pyhrv_short_nn_ms.txt"
        rr_ms = np.loadtxt(path) if name == "pyhrv" else sitting(reference, name)
        for k in range(20, len(rr_ms) - 20, 15):
            missed = np.concatenate((rr_ms[:k], [rr_ms[k] + rr_ms[k + 1]], rr_ms[k + 2 :]))
            flagged = artefacts.classify(series(missed)).flagged
            assert flagged[k]
            wrongly, spoilt = wrongly + int(flagged.sum()) - 1, spoilt + 1
    assert wrongly < 0.1 * spoilt


def test_a_run_of_missed_beats_at_the_beginning_is_not_taken_for_a_slow_heart() -> None:
    """Four intervals as long as two each, before anything else is known of this heart."""
    rr_ms = steady(120) * 0.85
    missed = np.concatenate((rr_ms[:8].reshape(4, 2).sum(axis=1), rr_ms[8:]))
    assert np.flatnonzero(artefacts.classify(series(missed)).flagged).tolist() == [0, 1, 2, 3]


# ---------------------------------------------------------------- in a recording, and by hand


NO_HEARTS_MS = 20
STAMP = Stamp("b", 0, 0)


def recording(rr_ms: FloatArray, *said: tuple[float, BeatJudgement]) -> Recording:
    lines = [LogLine(k + 1, "cli:1", STAMP, 1, IntervalImported(repr(float(rr)), "ms")) for k, rr in enumerate(rr_ms)]
    lines += [LogLine(9000 + k, "cli:1", STAMP, 1, BeatJudged(at, how, by="p")) for k, (at, how) in enumerate(said)]
    return Recording("made", tuple(lines))


def invented() -> tuple[FloatArray, FloatArray]:
    rr_ms = np.round(steady(200))
    return rr_ms, cut(rr_ms, {100: (0.4, 0.6)})


def test_the_interval_is_used_at_its_own_time_and_both_its_parts_are_told() -> None:
    rr_ms, spoilt = invented()
    prepared = phases.prepare(recording(spoilt))
    assert prepared.nn.nn_ms == pytest.approx(rr_ms)
    assert prepared.nn.time_s == pytest.approx(np.cumsum(rr_ms) / 1000)
    assert prepared.nn.adjacent.all()
    assert [(each.artefact_class, each.joined) for each in prepared.classified.artefacts] == [
        (ArtefactClass.EXTRA, True)
    ] * 2
    made = phases.analyse(recording(spoilt))
    assert made.phases[0].quality.flagged_pct == pytest.approx(200 / 201)
    assert [each.to_dict()["joined"] for each in made.artefacts] == [True, True]
    assert made.provenance.parameters["artefact_extra"] == "joined"
    clean = phases.analyse(recording(rr_ms))
    for key, metric in made.phases[0].metrics.items():
        other = clean.phases[0].metrics[key]
        assert (getattr(metric, "unavailable", None) is None) == (getattr(other, "unavailable", None) is None)
        if hasattr(metric, "flags"):
            assert metric.value == pytest.approx(other.value), key


def test_replacing_adds_up_too_and_keeping_keeps_the_parts() -> None:
    rr_ms, spoilt = invented()
    assert phases.prepare(recording(spoilt), handling="replace").nn.nn_ms == pytest.approx(rr_ms)
    kept = phases.prepare(recording(spoilt), correct=False)
    assert kept.nn.nn_ms == pytest.approx(spoilt)
    assert not any(each.joined for each in kept.classified.artefacts)


@pytest.mark.parametrize(
    ("said", "flagged"),
    [
        ((100, BeatJudgement.ACCEPTED), [101]),
        ((100, BeatJudgement.REJECTED), [100, 101]),
        ((101, BeatJudgement.REJECTED), [100, 101]),
    ],
)
def test_nothing_is_added_up_of_which_a_person_decided_about_a_part(
    said: tuple[int, BeatJudgement], flagged: list[int]
) -> None:
    _, spoilt = invented()
    at_s = float(np.cumsum(spoilt)[said[0]] / 1000)
    prepared = phases.prepare(recording(spoilt, (at_s, said[1])))
    assert np.flatnonzero(prepared.classified.flagged).tolist() == flagged
    assert not prepared.classified.joins
    assert not any(each.joined for each in prepared.classified.artefacts)
    assert len(prepared.nn) == len(spoilt) - len(flagged)
    again = phases.prepare(recording(spoilt, (at_s, said[1]), (at_s, BeatJudgement.UNDECIDED)))
    assert again.classified.joins == ((100, 102),)


def test_a_beat_that_a_person_put_there_is_not_taken_out_again() -> None:
    rr_ms, _ = invented()
    at_s = float(np.cumsum(rr_ms)[99] / 1000 + 0.4 * rr_ms[100] / 1000)
    assert not phases.prepare(recording(rr_ms, (at_s, BeatJudgement.ADDED))).classified.joins


def test_the_strip_tells_a_part_from_what_is_left_out() -> None:
    _, spoilt = invented()
    spoilt[40] += spoilt[41]
    beats = strip.of(phases.prepare(recording(np.delete(spoilt, 41))))
    assert beats is not None
    assert [(k, beats.beat(k).joined) for k in beats.questioned().tolist()] == [(40, False), (99, True), (100, True)]


def test_parts_beside_a_dropout_are_no_bridge_into_it() -> None:
    rr_ms = steady(200)
    dropout = np.concatenate((rr_ms[:100], [rr_ms[100:113].sum()], cut(rr_ms[113:], {0: (0.4, 0.6)})))
    prepared = phases.prepare(recording(dropout))
    (gap,) = prepared.timeline.gaps
    assert gap.end_s - gap.start_s > 10
    assert not ((prepared.nn.time_s > gap.start_s + 0.001) & (prepared.nn.time_s < gap.end_s + 0.001)).any()
    assert not any(each.joined for each in prepared.classified.artefacts)


def test_decisions_about_other_beats_change_no_sum() -> None:
    _, spoilt = invented()
    beats = series(spoilt)
    classified = artefacts.classify(beats)
    held = decisions.of(
        [LogLine(1, "cli:1", STAMP, 1, BeatJudged(float(beats.time_s[20]), BeatJudgement.REJECTED, by="p"))]
    )
    after, _ = decisions.apply(beats, classified, held)
    assert isinstance(after, Classified)
    assert after.joins == classified.joins
    assert np.flatnonzero(after.flagged).tolist() == [20, 100, 101]
