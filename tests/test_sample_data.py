"""The sample sessions: readable, true to their truth, and judged as they were meant to be."""

import functools
import json
import re
import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from biotune.analysis import phases
from biotune.analysis.results import Analysis, Comparison
from biotune.analysis.series import Options
from biotune.domain import PacketReceived, Recording, Rhythm
from biotune.formats import registry
from biotune.wire.heart_rate import decode

FOLDER = Path(__file__).parents[1] / "sample_data"
NAMES = (
    *("drumming", "irregular", "no-response", "noisy", "quiet-rest", "responds", "slow-breathing"),
    *(f"weeks-{week}" for week in range(1, 9)),
)
REGULAR = tuple(name for name in NAMES if name != "irregular")


@functools.cache
def recording(name: str) -> Recording:
    return registry.read(FOLDER / f"{name}.biotune.jsonl")


@functools.cache
def truth(name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((FOLDER / "truth" / f"{name}.json").read_text(encoding="utf-8"))
    return document


@functools.cache
def prepared(name: str) -> phases.Prepared:
    return phases.prepare(recording(name))


@functools.cache
def analysed(name: str) -> Analysis:
    return phases.analyse(recording(name), Options(convention="task-force"))


@functools.cache
def compared(name: str) -> Comparison:
    from biotune.analysis import comparison

    return comparison.compare(recording(name))


def test_these_are_all_and_each_is_small() -> None:
    files = sorted(FOLDER.glob("*.biotune.jsonl"))
    assert [file.name.removesuffix(".biotune.jsonl") for file in files] == sorted(NAMES)
    assert all(file.stat().st_size < 1024 * 1024 for file in files)
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert all(f"`{name}`" in readme for name in NAMES)


def test_they_are_made_by_the_recorder_byte_for_byte() -> None:
    make = runpy.run_path(str(FOLDER / "make.py"))
    sample = next(each for each in make["SAMPLES"] if each.name == "responds")
    log_text, truth_text = make["make"](sample)
    kept = (FOLDER / "responds.biotune.jsonl").read_text(encoding="utf-8")
    version = re.compile(r'"version": "[^"]*"')
    assert version.sub("", log_text) == version.sub("", kept)
    assert truth_text == (FOLDER / "truth" / "responds.json").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_the_log_holds_what_was_sent(name: str) -> None:
    packets = [line.entry for line in recording(name).lines if isinstance(line.entry, PacketReceived)]
    ticks = [each for packet in packets for each in decode(packet.data).rr_ticks]
    assert ticks == truth(name)["sent"]["rr_ticks"]


@pytest.mark.parametrize("name", NAMES)
def test_beats_are_put_in_time_where_the_strap_saw_them_but_for_its_lag(name: str) -> None:
    late_s = prepared(name).timeline.beats.time_s - np.array(truth(name)["sent"]["peak_s"])
    assert late_s.min() > 0.3
    assert late_s.max() < 0.6
    assert np.ptp(late_s) < 0.05


@pytest.mark.parametrize("name", NAMES)
def test_phases_and_gaps_are_found_where_they_were(name: str) -> None:
    timeline = prepared(name).timeline
    assert [(each.name, each.start_s, each.end_s) for each in timeline.phases] == [
        (each["name"], each["start_s"], each["end_s"]) for each in truth(name)["phases"]
    ]
    assert [each.reason.value for each in timeline.gaps] == [each["reason"] for each in truth(name)["gaps"]]
    for found, true in zip(timeline.gaps, truth(name)["gaps"], strict=True):
        assert found.start_s == pytest.approx(true["start_s"], abs=2.5)
        assert found.end_s == pytest.approx(true["end_s"], abs=2.5)


@pytest.mark.parametrize("name", REGULAR)
def test_every_phase_measures_what_the_true_beats_come_to(name: str) -> None:
    for phase, true in zip(analysed(name).phases, truth(name)["phases"], strict=True):
        if true["end_s"] - true["start_s"] != 300.0:
            continue  # the truth is told for the last five minutes; the settling begins in mid-beat
        expected = true["last_5_min"]
        assert phase.metrics["mean_hr"].value == pytest.approx(expected["mean_hr"], rel=0.005)
        assert phase.metrics["breathing_rate"].value == pytest.approx(expected["breathing_rate"], abs=1.0)
        if not truth(name)["artefacts"]:  # true beats hold the premature ones, which HRV leaves out
            assert phase.metrics["rmssd"].value == pytest.approx(expected["rmssd"], rel=0.02)
            assert phase.metrics["sdnn"].value == pytest.approx(expected["sdnn"], rel=0.02)


def test_what_is_wrong_in_the_noisy_one_is_found_and_little_else() -> None:
    flagged_s = np.array([each.time_s for each in prepared("noisy").classified.artefacts])
    gaps = truth("noisy")["gaps"]
    true_s = np.array(
        [
            each["time_s"]
            for each in truth("noisy")["artefacts"]
            if not any(gap["start_s"] - 3 < each["time_s"] < gap["end_s"] + 3 for gap in gaps)
        ]
    )
    near = np.abs(flagged_s[:, None] - true_s[None, :]) < 2.0
    assert near.any(axis=0).mean() > 0.9
    assert (~near.any(axis=1)).sum() <= 0.01 * len(prepared("noisy").timeline.beats)


def test_the_irregular_rhythm_is_recognised_and_its_hrv_withheld() -> None:
    for phase in phases.analyse(recording("irregular")).phases:
        assert phase.quality.rhythm is Rhythm.IRREGULAR
        assert phase.metrics["rmssd"].unavailable is not None
        assert phase.metrics["mean_hr"].unavailable is None


@pytest.mark.parametrize("name", REGULAR)
def test_the_regular_rhythms_are_taken_for_regular(name: str) -> None:
    assert {phase.quality.rhythm for phase in phases.analyse(recording(name)).phases} == {Rhythm.REGULAR}


@pytest.mark.parametrize("name", NAMES)
def test_the_verdict_is_the_intended_one(name: str) -> None:
    intended = truth(name)["intended"]
    found = compared(name)
    assert {key: found.changes[key].verdict.value for key in intended["verdicts"]} == intended["verdicts"]
    said = {caveat.value for caveat in (*found.caveats, *found.changes["rmssd"].caveats)}
    assert set(intended["caveats"]) <= said


@pytest.mark.parametrize("name", REGULAR)
def test_the_change_in_heart_rate_is_that_of_the_true_beats(name: str) -> None:
    windows = {each["name"]: each["last_5_min"] for each in truth(name)["phases"]}
    change = compared(name).changes["mean_hr"]
    true_change = windows["recovery"]["mean_hr"] - windows["baseline"]["mean_hr"]
    assert change.estimate == pytest.approx(true_change, abs=0.3)
