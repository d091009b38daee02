"""Every shipped protocol has the shape that the method asks for; a faulty one is refused by line."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biotune.domain import Activity, PhaseKind, kind_of_phase
from biotune.errors import ProtocolError
from biotune.session import protocol

PROMISED = {
    "quiet-rest",
    "listening",
    "relaxation",
    "guided-imagery",
    "drumming",
    "muscle-relaxation",
    "playing",
    "singing",
    "songwriting",
    "resonance",
    "quick-check",
}
GOOD = """\
title = "Mine"
description = ""
posture = "seated"

[[phase]]
name = "settling"
kind = "settling"
minutes = 2.5
explanation = "Sit."

[[phase]]
name = "music"
kind = "intervention"
activity = "listening"
minutes = 10
posture = "lying"
explanation = "Listen."
"""


def test_every_promised_protocol_is_there() -> None:
    assert set(protocol.names()) == PROMISED


@pytest.mark.parametrize("name", sorted(PROMISED - {"quick-check"}))
def test_a_sitting_settles_rests_five_minutes_does_something_and_rests_five_again(name: str) -> None:
    phases = protocol.load(name).phases
    kinds = [phase.kind for phase in phases if phase.kind is not PhaseKind.OTHER]
    assert kinds[:2] == [PhaseKind.SETTLING, PhaseKind.BASELINE]
    assert kinds[-1] is PhaseKind.RECOVERY
    assert set(kinds[2:-1]) == {PhaseKind.INTERVENTION}
    by_kind = {phase.kind: phase for phase in phases}
    assert 120 <= by_kind[PhaseKind.SETTLING].seconds <= 180
    baseline, recovery = by_kind[PhaseKind.BASELINE], by_kind[PhaseKind.RECOVERY]
    assert baseline.seconds == recovery.seconds == 300
    assert baseline.activity is recovery.activity is Activity.REST
    assert baseline.posture == recovery.posture != ""


@pytest.mark.parametrize("name", sorted(PROMISED))
def test_every_phase_is_explained_and_its_name_carries_its_kind_into_a_csv(name: str) -> None:
    for phase in protocol.load(name).phases:
        assert len(phase.explanation) > 20
        kind, _ = kind_of_phase(phase.name)
        assert kind in {phase.kind, PhaseKind.OTHER}


@pytest.mark.parametrize("name", ["listening", "relaxation", "guided-imagery", "muscle-relaxation"])
def test_where_music_is_listened_to_the_phase_is_called_music(name: str) -> None:
    assert "music" in {phase.name for phase in protocol.load(name).phases}


def test_quiet_rest_has_the_shape_of_listening() -> None:
    quiet, listening = protocol.load("quiet-rest").phases, protocol.load("listening").phases
    assert [(phase.kind, phase.seconds, phase.posture) for phase in quiet] == [
        (phase.kind, phase.seconds, phase.posture) for phase in listening
    ]
    assert {phase.activity for phase in quiet} == {Activity.REST}


def test_resonance_goes_through_six_rates_of_two_minutes_each() -> None:
    paced = [phase for phase in protocol.load("resonance").phases if phase.paced]
    assert sorted(phase.breaths_per_min or 0 for phase in paced) == [4.5, 5, 5.5, 6, 6.5, 7]
    assert {(phase.seconds, phase.activity) for phase in paced} == {(120, Activity.PACED_BREATHING)}


def test_quick_check_takes_a_minute() -> None:
    assert protocol.load("quick-check").seconds == 60


def test_a_protocol_of_ones_own_is_read_from_its_file(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(GOOD, encoding="utf-8")
    own = protocol.load(tmp_path / "mine.toml")
    assert own.name == "mine"
    assert [(phase.name, phase.seconds, phase.posture) for phase in own.phases] == [
        ("settling", 150, "seated"),
        ("music", 600, "lying"),
    ]


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("minutes = 10", "minutes = ", 15, "Invalid value"),
        ("minutes = 10", "minutes = 0", 15, "minutes must be a number above 0"),
        ("minutes = 10", "minutes = nan", 15, "minutes must be a number above 0"),
        ("minutes = 10", 'minutes = "ten"', 15, "minutes must be a number above 0"),
        ("minutes = 10", "minutes = true", 15, "minutes must be a number above 0"),
        ("minutes = 10", "minuets = 10", 15, "'minuets' is not known here"),
        ("minutes = 10\n", "", 11, "'minutes' is missing"),
        ('"listening"', '"dancing"', 14, "'dancing' is no activity; there are rest, listening"),
        ('"listening"', "['listening']", 14, "is no activity"),
        ('"intervention"', '"whole"', 13, "'whole' is no kind; there are settling"),
        ('"music"', '"My music"', 12, "'My music' cannot name a phase"),
        ('"music"', '"music-2"', 12, "'music-2' cannot name a phase"),
        ('"music"', '"0-300"', 12, "'0-300' cannot name a phase"),
        ('title = "Mine"\n', "", 1, "'title' is missing"),
        ('posture = "seated"', 'mood = "calm"', 3, "'mood' is not known here"),
        (GOOD[GOOD.index("[[phase]]") :], "phase = []", 5, "a protocol needs phases"),
    ],
)
def test_a_fault_is_told_with_file_line_and_reason(tmp_path: Path, old: str, new: str, line: int, says: str) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(GOOD.replace(old, new), encoding="utf-8")
    with pytest.raises(ProtocolError) as caught:
        protocol.load(file)
    assert f"{file}, line {line}: " in caught.value.what
    assert says in caught.value.what


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda _: None, "cannot be read\nNo such file"),
        (Path.mkdir, "cannot be read\nIs a directory"),
        (lambda file: file.write_bytes(b"\xff\xd8\xff\xe0"), "is not a protocol\nIt is not UTF-8 text"),
    ],
)
def test_a_file_that_cannot_be_read_is_said_so(tmp_path: Path, make: Callable[[Path], object], says: str) -> None:
    file = tmp_path / "mine.toml"
    make(file)
    with pytest.raises(ProtocolError) as caught:
        protocol.load(file)
    assert f"{file} {says}" in str(caught.value)


@given(
    st.text()
    | st.lists(st.sampled_from([*GOOD.splitlines(), "phase = 1", "name = 3", "kind = []", "= ="])).map("\n".join)
)
def test_any_text_is_a_protocol_or_a_protocol_error(text: str) -> None:
    try:
        assert protocol.parse(text, file="any.toml").phases
    except ProtocolError as error:
        refusal = error.what
    else:
        return
    assert "any.toml, line " in refusal


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "biotune", "protocols", *arguments], capture_output=True, text=True, check=False
    )


def test_the_command_lists_shows_and_checks(tmp_path: Path) -> None:
    assert {line.split()[0] for line in _run().stdout.splitlines()} == PROMISED
    (listed,) = json.loads(_run("listening", "--json").stdout)["protocols"]
    assert [phase["name"] for phase in listed["phases"]] == ["settling", "baseline", "music", "recovery"]
    bad = tmp_path / "mine.toml"
    bad.write_text(GOOD.replace("minutes = 10", "minutes = -1"), encoding="utf-8")
    checked = _run("--check", str(bad))
    assert checked.returncode == 2
    assert f"{bad}, line 15" in checked.stderr
    assert "Traceback" not in checked.stderr
    unknown = _run("waltz")
    assert unknown.returncode == 2
    assert "quick-check" in unknown.stderr
