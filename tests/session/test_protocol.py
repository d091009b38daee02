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
from biotune.session import protocol, protocol_file

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


def test_the_command_tells_the_users_own_protocols_and_what_is_wrong_with_a_faulty_one(home: Path) -> None:
    own = home / "protocols"
    own.mkdir(parents=True)
    (own / "evening.toml").write_text(GOOD, encoding="utf-8")
    (own / "broken.toml").write_text(GOOD.replace('"listening"', '"dancing"'), encoding="utf-8")
    (own / "listening.toml").write_text(GOOD, encoding="utf-8")  # a shipped one's name
    listed = _run()
    assert {line.split()[0] for line in listed.stdout.splitlines()} == PROMISED | {"evening"}
    assert f"{own / 'broken.toml'}, line 14: 'dancing' is no activity" in listed.stderr
    assert _run("evening").stdout.startswith("Mine (evening, 12.5 min)")
    (shipped,) = json.loads(_run("listening", "--json").stdout)["protocols"]
    assert len(shipped["phases"]) == 4


FULL = """\
title = "Mine"
description = ""
caution = "Heed this."
ratings = ["mood"]
markers = ["Tears  of joy", "Tears of joy"]

[[phase]]
name = "music"
kind = "intervention"
activity = "listening"
minutes = 10
short_minutes = 4
comparable = true
pacer = "optional"
ratings = ["tension"]
markers = ["Image"]
explanation = "Listen."
prompts = [
  { at_s = 0, say = "Begin." },
  { at_s = 90.5, say = "Go on." },
]
"""


def test_everything_a_protocol_may_say_is_read() -> None:
    own = protocol.parse(FULL, file="mine.toml")
    assert (own.caution, own.ratings, own.markers) == ("Heed this.", ("mood",), ("Tears of joy",))
    (music,) = own.phases
    assert (music.pacer, music.paced, music.breaths_per_min) == (protocol.Pacer.OPTIONAL, False, None)
    assert (music.ratings, music.markers) == (("tension",), ("Image",))
    assert [(prompt.at_s, prompt.say) for prompt in music.prompts] == [(0, "Begin."), (90.5, "Go on.")]
    short = own.short
    assert short is not None
    assert (short.name, short.seconds, short.short) == ("mine-short", 240, None)
    assert "irregular rhythm" in short.caution
    paced = protocol.parse(FULL.replace('"optional"', "5.5"), file="mine.toml").phases[0]
    assert (paced.paced, paced.breaths_per_min, paced.started().paced) == (True, 5.5, True)


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("comparable = true", "comparable = false", 13, 'has kind = "other"'),
        ("comparable = true", "comparable = 1", 13, "comparable must be true or false"),
        ('"listening"', '"singing"', 13, "a phase of singing cannot be compared"),
        ("short_minutes = 4", "short_minutes = 11", 12, "above 0 and at most 10"),
        ('pacer = "optional"', 'pacer = "slow"', 14, "'slow' is no pacer"),
        ('pacer = "optional"', "pacer = 0", 14, "pacer must be a number"),
        ('pacer = "optional"', "pacer = 6\nbreaths_per_min = 6", 14, "say the same"),
        ('["mood"]', '["bliss"]', 4, "'bliss' is no scale; there are tension"),
        ('["mood"]', '"mood"', 4, "ratings must be a list"),
        ('["Image"]', '[""]', 16, "markers must be a list"),
        ("at_s = 90.5", "at_s = 240", 18, "prompt 2 must come within the phase: at_s from 0 to 240"),
        ("at_s = 0,", "at_s = 100,", 18, "in the order in which they are read"),
        ('say = "Go on."', 'says = "Go on."', 18, "prompt 2 must have the form"),
        ('say = "Go on."', 'say = ""', 18, "prompt 2 must say something"),
        ('"Heed this."', "3", 3, "caution must be text"),
    ],
)
def test_a_fault_in_what_may_be_left_out_is_told_too(old: str, new: str, line: int, says: str) -> None:
    with pytest.raises(ProtocolError) as caught:
        protocol.parse(FULL.replace(old, new), file="mine.toml")
    assert f"mine.toml, line {line}: " in caught.value.what
    assert says in caught.value.what


@pytest.mark.parametrize("name", sorted(PROMISED - {"quick-check", "resonance"}))
def test_the_short_form_still_measures_two_minutes_after_two_of_settling(name: str) -> None:
    short = protocol.load(f"{name}-short")
    assert short.seconds < protocol.load(name).seconds
    assert "irregular rhythm" in short.caution
    by_kind = {phase.kind: phase.seconds for phase in short.phases}
    assert by_kind[PhaseKind.SETTLING] >= 120  # the heart rate of sitting down passes
    assert min(by_kind[PhaseKind.BASELINE], by_kind[PhaseKind.RECOVERY]) > 120  # RMSSD and SDNN; Munoz 2015


def test_a_protocol_without_a_short_form_says_so() -> None:
    with pytest.raises(ProtocolError, match="resonance has no short form"):
        protocol.load("resonance-short")


def test_muscle_relaxation_reads_each_tense_and_release_aloud() -> None:
    tensing = [phase for phase in protocol.load("muscle-relaxation").phases if phase.name == "tensing"]
    assert len(tensing) == 4
    for phase in tensing:
        said = [prompt.at_s for prompt in phase.prompts]
        assert said == [0, 7, 10, 17, 20, 27]  # seven seconds tense, three loose, three times over
        assert [prompt.say for prompt in phase.prompts][1::2] == ["And let go."] * 3


def test_every_promised_protocol_says_of_each_phase_whether_it_is_comparable() -> None:
    for name in PROMISED:
        written = (Path(protocol.__file__).parent / "protocols" / f"{name}.toml").read_text(encoding="utf-8")
        assert written.count("comparable = ") == len(protocol.load(name).phases)


def test_the_page_on_protocols_has_an_example_that_runs_and_names_every_word() -> None:
    page = (Path(__file__).parents[2] / "docs" / "protocols.md").read_text(encoding="utf-8")
    example = protocol.parse(page.split("```toml\n")[1].split("```")[0], file="evening.toml")
    assert example.short is not None
    known = protocol_file._REQUIRED | protocol_file._OPTIONAL | protocol_file._TOP_OPTIONAL - {"breaths_per_min"}
    for word in {*known, *Activity, *PhaseKind} - {"breaths_per_min", PhaseKind.WHOLE}:
        assert f"`{word}`" in page, word
