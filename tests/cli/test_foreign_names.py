"""Names that other programs gave: codes that nobody could type here, control characters that a terminal would obey."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from biotune.cli.main import main
from biotune.domain import MusicAct, MusicEvent, Stamp
from biotune.library import open_library

pytestmark = pytest.mark.usefixtures("home")
SAMPLE = Path(__file__).parents[2] / "sample_data" / "responds.biotune.jsonl"
CODES = ("№ 7: ü/x", "  D  4", "K-1 (before; the move of the whole practice)")
HOSTILE = "\x1b[2J\x1b]0;gone\x07River\nS9  2026-01-01  K-9\u202e\x9b31m"


@pytest.fixture
def call(capsys):
    """Run a command in this process; its exit code, what it printed, and what it complained of."""

    def run(*arguments):
        capsys.readouterr()
        code = main([str(each) for each in arguments])
        out, err = capsys.readouterr()
        return code, out, err

    return run


def imported(tmp_path, call, code):
    header, rest = SAMPLE.read_text(encoding="utf-8").split("\n", 1)
    file = tmp_path / "other.jsonl"
    file.write_text(json.dumps(json.loads(header) | {"client": code}) + "\n" + rest, encoding="utf-8")
    assert call("import", file)[0] == 0


@pytest.mark.parametrize("code", CODES)
def test_a_code_that_is_kept_here_can_be_named_wherever_a_client_is(tmp_path, call, code):
    imported(tmp_path, call, code)
    done, out, err = call("progress", code, "--json")
    assert (done, err) == (0, "")
    assert json.loads(out)["client"] == code
    assert json.loads(call("cohort", "--client", code, "--json")[1])["models"] is not None
    drawn, out, err = call("plan", code, "--design", "alternating", "--conditions", "listening,quiet-rest", "--json")
    assert (drawn, err) == (0, "")
    assert json.loads(out)["client"] == code
    again = ("record", "--simulate", "resting", "--speed", "max", "--protocol", "quick-check", "--client", code)
    assert call(*again)[0] == 0
    with open_library() as library:
        assert {each.client for each in library.sessions()} == {code}
        library.clients.set_name(code, "Somebody")
        library.clients.save(library.clients.get(code))
    assert call("progress", f" {code}  ")[0] == 0  # as it is copied from a list
    assert call("erase", code, "--yes")[0] == 0


def test_a_code_that_is_none_and_is_nobodys_is_refused_and_makes_no_folder(call, tmp_path):
    for command in (["progress", "№ 7"], ["plan", "№ 7"], ["cohort", "--client", "№ 7"]):
        done, out, err = call(*command, "--home", tmp_path / "new")
        assert (done, out) == (2, "")
        assert "cannot be a client's code" in err
    assert not (tmp_path / "new").exists()


def test_a_name_does_nothing_to_a_terminal(call):
    call("import", SAMPLE)
    with open_library() as library:
        begun = library.store.last_line("S1").stamp.monotonic_ns - 60_000_000_000
        for act in (MusicAct.PLAY, MusicAct.PAUSE):
            library.store.append("S1", "x", Stamp("virtual-responds", begun, 0), MusicEvent(act, "k", HOSTILE))
            begun += 30_000_000_000
    done, out, _ = call("analyse", "S1")
    assert done == 0
    assert "River" in out
    for sign in ("\x1b", "\x07", "\x9b", "\u202e"):
        assert sign not in out
    assert not any(line.startswith("S9") for line in out.splitlines())  # no line of its own
    (play,) = json.loads(call("analyse", "S1", "--json")[1])["music"]["plays"]
    assert play["title"] == HOSTILE  # a document says what is there
    refused = call("analyse", "\x1b[31mno.csv")[2]
    assert "\x1b" not in refused
    assert "no.csv" in refused


def test_control_characters_stay_outside_when_a_log_is_imported(call, tmp_path):
    lines = SAMPLE.read_text(encoding="utf-8").splitlines()
    last = json.loads(lines[-1])
    entry = {"act": "play", "piece": "k", "title": HOSTILE}
    added = last | {"seq": last["seq"] + 1, "recording": 0, "kind": "music", "entry": entry}
    file = tmp_path / "other.jsonl"
    file.write_text("\n".join([*lines, json.dumps(added)]) + "\n", encoding="utf-8")
    assert call("import", file)[0] == 0
    with open_library() as library:
        assert library.store.last_line("S1").entry.title == "[2J]0;goneRiver\nS9  2026-01-01  K-931m"


def test_progress_in_one_line_still_begins_anew_and_bytes_that_are_no_text_are_told():
    code = "import sys\nfrom biotune.cli.terminal import guarded\nwith guarded():\n"
    code += "    print('\\r1 of 2', end='', file=sys.stderr)\n    print('a\\rb\\udc80\\tc')\n    sys.stdout.flush()\n"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert done.stderr == b"\r1 of 2"
    assert done.stdout.strip() == rb"a\u000db\udc80" + b"\tc"
