"""The methods paragraph: every number from the analysis, what nobody recorded said so, only what was used cited."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

import biotune
from biotune.domain import (
    ContextGiven,
    Convention,
    PacerSet,
    RecorderStarted,
    Recording,
    StrapChange,
    StrapEvent,
    StrapIdentity,
)
from biotune.report import graph
from biotune.report.references import Reference

SAMPLES = Path(__file__).parents[2] / "sample_data"


@pytest.fixture(scope="module")
def noisy() -> Recording:
    return biotune.read(SAMPLES / "noisy.biotune.jsonl")


def as_strap(recording: Recording, strap: StrapIdentity, *more: object) -> Recording:
    """Return the recording as if that strap had sent it."""
    lines = []
    for line in recording.lines:
        entry = line.entry
        if isinstance(entry, RecorderStarted):
            entry = replace(entry, source="strap")
        elif isinstance(entry, StrapEvent) and entry.strap:
            entry = StrapEvent(StrapChange.CONNECTED, strap=strap)
        lines.append(replace(line, entry=entry))
    lines += [replace(recording.lines[-1], seq=recording.lines[-1].seq + k, entry=e) for k, e in enumerate(more, 1)]
    return replace(recording, lines=tuple(lines))


def test_the_four_parts_of_graph_in_their_order(noisy: Recording) -> None:
    made = graph.write(noisy, biotune.analyse(noisy))
    assert [heading for heading, _ in made.sections] == [
        "Participants and setting",
        "Collection of interbeat intervals",
        "Preparation of the data",
        "Computation of heart rate variability",
    ]
    assert "no person's" in made.text()  # the simulator made it


def test_every_number_comes_from_the_analysis(noisy: Recording) -> None:
    analysis = biotune.analyse(noisy, detrending=256, welch_window=256)
    told = graph.write(noisy, analysis).text()
    beats = sum(each.beats for each in analysis.phases)
    assert f"of {beats} intervals" in told
    assert "λ = 256" in told
    assert "Hann window of 256 s" in told
    for phase in analysis.phases:
        assert f"{phase.name} {phase.quality.flagged_pct:.1f} %" in told
    assert f"{len(analysis.gaps)} gap(s)" in told
    assert analysis.provenance.log_sha256 in told
    assert "VLF 0-0.04, LF 0.04-0.15, HF 0.15-0.4 Hz" in told
    assert "4 to 12 beats" in told


def test_the_strap_is_named_as_far_as_it_said_who_it_is(noisy: Recording) -> None:
    strap = StrapIdentity("Polar H10 0A1B", manufacturer="Polar Electro Oy", model="H10", firmware="5.0.0")
    recording = as_strap(noisy, strap)
    told = graph.write(recording, biotune.analyse(recording)).text()
    assert "a Polar H10 0A1B (Polar Electro Oy H10), firmware 5.0.0," in told
    assert "resolution of 1/1024 s" in told
    bare = as_strap(noisy, StrapIdentity("Strap 7"))
    made = graph.write(bare, biotune.analyse(bare))
    assert "firmware not recorded" in made.text()
    assert "sampling rate of the ECG" in made.missing


def test_what_nobody_recorded_is_said_and_listed(noisy: Recording, tmp_path: Path) -> None:
    made = graph.write(noisy, biotune.analyse(noisy))
    assert {"caffeine", "medication", "smoking", "sex", "time of day"} <= set(made.missing)
    given = as_strap(noisy, StrapIdentity("S"), ContextGiven("caffeine", "one espresso"))
    told = graph.write(given, biotune.analyse(given), about=("sex",), started="14 May 2026")
    assert not {"caffeine", "sex", "time of day"} & set(told.missing)
    assert "one espresso" not in told.text()  # that it was recorded, not what was typed
    taken_back = as_strap(given, StrapIdentity("S"), ContextGiven("caffeine", ""))
    assert "caffeine" in graph.write(taken_back, biotune.analyse(taken_back)).missing
    file = tmp_path / "rr.txt"
    file.write_text("".join(f"{800 + 40 * (k % 5)}\n" for k in range(400)))
    imported = biotune.read(file)
    made = graph.write(imported, biotune.analyse(imported))
    assert {"device", "posture", "time of day"} <= set(made.missing)


def test_only_what_was_used_is_cited(noisy: Recording) -> None:
    def cited(**options: object) -> set[Reference]:
        made = graph.write(noisy, biotune.analyse(noisy, **options))
        return {each for each in Reference if each.full in made.references}

    assert Reference.TARVAINEN in cited()
    assert Reference.TARVAINEN not in cited(detrending=0)
    assert Reference.LIPPONEN in cited()
    assert Reference.LIPPONEN not in cited(correct=False)
    assert Reference.MUNOZ not in cited(any_length=True)
    assert Reference.MAKOWSKI not in cited()  # NeuroKit2 computed none of these
    stock = graph.write(noisy, replace(biotune.analyse(noisy), convention=Convention.NEUROKIT2)).references
    assert Reference.MAKOWSKI.full in stock
    assert Reference.TASK_FORCE.full not in stock
    assert Reference.CIPRYAN not in cited()
    with_changes = graph.write(noisy, biotune.analyse(noisy), biotune.compare(noisy))
    assert Reference.CIPRYAN.full in with_changes.references


def test_every_reference_that_is_listed_is_cited_and_the_other_way_round(noisy: Recording) -> None:
    made = graph.write(noisy, biotune.analyse(noisy), biotune.compare(noisy))
    body = " ".join(words for _, words in made.sections)
    named = {each for each in Reference if each.short in body}
    assert {each.full for each in named} == set(made.references)
    assert list(made.references) == sorted(made.references)
    for each in Reference:
        assert re.search(r"\b(19|20)\d\d;", each.full), each


def test_pacing_is_told_with_its_rate(noisy: Recording) -> None:
    paced = as_strap(noisy, StrapIdentity("S"), PacerSet(on=True, per_min=6.0))
    assert "paced at 6 breaths a minute" in graph.write(paced, biotune.analyse(paced)).text()
    assert "spontaneous" in graph.write(noisy, biotune.analyse(noisy)).text()


def test_intervals_that_an_extra_beat_cut_are_counted_and_what_replaces_is_named(tmp_path: Path) -> None:
    rr_ms = [f"{800 + 40 * (k % 5)}\n" for k in range(400)]
    rr_ms[100:101] = ["300\n", "500\n"]
    file = tmp_path / "rr.txt"
    file.write_text("".join(rr_ms))
    recording = biotune.read(file)
    told = graph.write(recording, biotune.analyse(recording)).text()
    assert "left out, not interpolated: 2 of 401 intervals" in told
    assert "2 of the flagged intervals were parts that an extra R peak had cut" in told
    replaced = graph.write(recording, biotune.analyse(recording, artefacts="replace")).text()
    assert "replaced by interpolated intervals: 2 of 401" in replaced
    assert "not interpolated:" not in replaced
    del rr_ms[100:102]
    file.write_text("".join(rr_ms))
    bare = biotune.read(file)
    assert "R peak had cut" not in graph.write(bare, biotune.analyse(bare)).text()
