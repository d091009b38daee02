"""What scripts rely on: exit codes, one document on stdout, one to three lines on stderr."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from biotune.errors import UsageError
from biotune.library import open_library

ROOT = Path(__file__).parents[2]
COMMANDS = (
    "demo",
    "app",
    "scan",
    "check",
    "record",
    "sessions",
    "protocols",
    "import",
    "analyse",
    "compare",
    "progress",
    "cohort",
    "plan",
    "report",
    "export",
    "erase",
    "correct",
    "doctor",
    "conformance",
)


def assert_one_clear_message(stderr: str) -> None:
    lines = stderr.strip().splitlines()
    assert 1 <= len(lines) <= 3, stderr
    assert "Traceback" not in stderr


def test_every_command_is_in_the_help_and_in_the_readme(biotune):
    shown = biotune("--help").stdout
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for command in COMMANDS:
        assert re.search(rf"^    {command}\s", shown, re.MULTILINE)
        assert f"`biotune {command}" in readme
        assert biotune(command, "--help").returncode == 0


def test_help_answers_without_numpy_or_dash():
    program = (
        "import sys; from biotune.cli.main import build_parser; build_parser().format_help();"
        "print([m for m in ('numpy', 'dash', 'scipy', 'sqlalchemy', 'neurokit2', 'bleak') if m in sys.modules])"
    )
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "[]"


@pytest.mark.parametrize(
    "arguments",
    [
        ["analyse"],
        ["no-such-command"],
        ["analyse", "x.csv", "--convention", "mine"],
        ["record"],
        [],
        ["app", "--host", "clinic.example"],
        ["app", "--port", "99999"],
        ["record", "--simulate", "no-such-profile"],
        ["record", "--simulate", "resting", "--protocol", "no-such-protocol"],
        ["analyse", "missing.csv"],
        ["analyse", "."],
        ["progress", ""],
        ["plan", " "],
        ["record", "--simulate", "resting", "--seed", "-1"],
        ["check", "--simulate", "resting", "--seed", "-1"],
    ],
)
def test_a_wrong_call_ends_with_2_and_writes_nothing(biotune, tmp_path, arguments):
    done = biotune(*arguments)
    assert done.returncode == 2, done.stderr
    if arguments:
        assert done.stdout == ""
        assert_one_clear_message(done.stderr)
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.txt", b""),
        ("picture.jpg", bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffdb0043000302020302020303030304") * 30),
        ("words.txt", b"The client felt calm.\nThe music was slow.\n"),
        ("negative.txt", b"800\n-810\n790\n805\n800\n"),
        ("two.txt", b"800\n810\n"),
    ],
)
@pytest.mark.parametrize("command", ["analyse", "compare", "import"])
def test_a_file_that_cannot_be_used_gets_one_clear_message_and_1(biotune, tmp_path, name, content, command):
    path = tmp_path / name
    path.write_bytes(content)
    done = biotune(command, path)
    assert done.returncode == 1, done.stderr
    assert done.stdout == ""
    assert_one_clear_message(done.stderr)
    assert name in done.stderr
    assert path.read_bytes() == content
    assert sorted(each.name for each in tmp_path.iterdir() if each.name != "home") == [name]
    listed = json.loads(biotune("sessions", "--json").stdout)
    assert listed == {"schema": "biotune.sessions/1", "sessions": []}


def test_an_unknown_session_is_named(biotune):
    done = biotune("analyse", "S99")
    assert done.returncode == 1
    assert "S99" in done.stderr
    assert_one_clear_message(done.stderr)


def test_the_dashboard_refuses_other_hosts_and_says_why(biotune):
    done = biotune("app", "--host", "192.168.1.5")
    assert done.returncode == 2
    assert "192.168.1.5" in done.stderr
    assert "access control" in done.stderr


def test_a_traceback_is_shown_only_with_debug(biotune, tmp_path):
    (tmp_path / "words.txt").write_text("one two three\n")
    assert "Traceback" not in biotune("analyse", "words.txt").stderr
    assert "Traceback" in biotune("analyse", "words.txt", "--debug").stderr


def test_a_reader_that_closes_the_pipe_gets_no_traceback(tmp_path):
    (tmp_path / "rr.txt").write_text("\n".join(str(800 + i % 7) for i in range(400)))
    shell = f"{sys.executable} -m biotune analyse {tmp_path / 'rr.txt'} | head -1"
    done = subprocess.run(
        ["sh", "-c", shell],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "BIOTUNE_HOME": str(tmp_path / "home")},
    )
    assert "Traceback" not in done.stderr


def test_the_protocol_in_the_readme_runs(biotune, tmp_path):
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (tmp_path / "evening.toml").write_text(re.search(r"```toml\n(.*?)```", readme, re.DOTALL)[1], encoding="utf-8")
    checked = biotune("protocols", "--check", "evening.toml")
    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize("address", ["postgresql://nobody@nowhere/db", "https://example.org/x", "sqlite:///a.db"])
def test_an_address_is_no_data_folder_and_makes_none(tmp_path, monkeypatch, address):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="is an address, not a folder"):
        open_library(address)
    assert list(tmp_path.iterdir()) == []
