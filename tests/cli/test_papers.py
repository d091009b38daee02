"""`report`, `export` and `erase` as a person calls them."""

import json
import sqlite3
import subprocess
from pathlib import Path

import openpyxl
import pytest

from biotune.cli.main import main
from biotune.library import open_library

SAMPLES = Path(__file__).parents[2] / "sample_data"
RESPONDS = SAMPLES / "responds.biotune.jsonl"


@pytest.fixture
def call(home, tmp_path, monkeypatch, capsys):
    """The command line without a process of its own for every call: a dozen of them would take a dozen seconds."""
    assert not home.exists()
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        try:
            code = main([str(each) for each in arguments])
        except SystemExit as done:  # argparse's own complaint
            code = done.code
        told = capsys.readouterr()
        return subprocess.CompletedProcess(arguments, code, told.out, told.err)

    return run


def assert_one_clear_message(stderr: str, *words: str) -> None:
    lines = stderr.strip().splitlines()
    assert 1 <= len(lines) <= 3, stderr
    assert "Traceback" not in stderr
    for word in words:
        assert word in stderr


def test_a_report_of_a_file_needs_no_database(biotune, call, tmp_path):
    done = biotune("report", RESPONDS, "-o", "a.html")
    assert (done.returncode, done.stdout) == (0, "")
    assert "wrote a.html" in done.stderr
    assert (tmp_path / "a.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    assert not (tmp_path / "home").exists()
    again = call("report", RESPONDS, "-o", "a.html", "--for", "researcher")
    assert again.returncode == 2
    assert_one_clear_message(again.stderr, "exists already", "--force")
    assert call("report", RESPONDS, "-o", "a.html", "--for", "researcher", "--force").returncode == 0
    assert "Methods, ready to paste" in (tmp_path / "a.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["report", RESPONDS, "-o", "a.doc"], 2, ["neither .html nor .pdf"]),
        (["report", RESPONDS], 2, ["-o"]),
        (["report", "S9", "-o", "a.pdf"], 1, ["no session S9", "biotune sessions"]),
        (["report", "nothing.csv", "-o", "a.pdf"], 2, ["no file"]),
        (["report", RESPONDS, "-o", "no/such/a.pdf"], 2, ["no folder"]),
        (["export", RESPONDS, "--format", "fit", "-o", "a"], 2, ["no format 'fit'", "csv, kubios"]),
        (["export", RESPONDS, "--format", "csv", "-o", "/proc/a.csv"], 1, ["cannot be written"]),
        (["erase", "K-9"], 1, ["nothing is kept of a client 'K-9'"]),
        (["erase", " "], 2, ["no client is named"]),
    ],
)
def test_what_cannot_be_done_is_one_clear_message(call, tmp_path, arguments, code, words):
    done = call(*arguments)
    assert done.returncode == code, done.stderr
    assert done.stdout == ""
    assert_one_clear_message(done.stderr, *words)
    assert not list(tmp_path.glob("a*"))


def test_every_format_is_written_and_erase_takes_all_of_it_back(call, tmp_path):
    assert call("import", RESPONDS, "--client", "Quince-77").returncode == 0
    names = {"csv": "a.csv", "kubios": "a.txt", "edf": "a.edf", "xlsx": "a.xlsx", "json": "a.json", "bids": "bids"}
    for name, file in names.items():
        done = call("export", "S1", "--format", name, "-o", file)
        assert done.returncode == 0, done.stderr
    assert call("report", "S1", "-o", "a.pdf").returncode == 0
    assert json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))["schema"] == "biotune.session/1"
    assert "phases" in openpyxl.load_workbook(tmp_path / "a.xlsx").sheetnames
    (tmp_path / "a.csv").write_text("mine now")

    asked = call("erase", "Quince-77")
    assert asked.returncode == 2
    assert "Would erase of Quince-77: 1 session (S1)" in asked.stdout
    assert str(tmp_path / "a.edf") in asked.stdout
    assert_one_clear_message(asked.stderr, "--yes")
    assert len(json.loads(call("sessions", "--json").stdout)["sessions"]) == 1

    done = call("erase", "Quince-77", "--yes")
    assert done.returncode == 0, done.stderr
    assert "Erased of Quince-77: 1 session (S1)" in done.stdout
    assert f"not {tmp_path / 'a.csv'}: it was changed" in done.stdout
    assert {each.name for each in tmp_path.iterdir()} == {"a.csv", "home"}
    assert json.loads(call("sessions", "--json").stdout)["sessions"] == []
    bytes_left = b"".join(file.read_bytes() for file in (tmp_path / "home").iterdir())
    assert b"Quince-77" not in bytes_left
    with sqlite3.connect(tmp_path / "home" / "biotune.db") as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_what_still_mentions_an_erased_client_is_told_at_the_end_and_left(call, tmp_path):
    assert call("import", RESPONDS, "--client", "Quince-77").returncode == 0
    with open_library(tmp_path / "home") as library:
        library.music.add_playlist("For Quince-77")
    told = "mention Quince-77, and are yours to change:\n  the playlist “For Quince-77”\n"
    assert call("erase", "Quince-77").stdout.endswith(f"These would still {told}")
    done = call("erase", "Quince-77", "--yes")
    assert (done.returncode, done.stdout.endswith(f"These still {told}")) == (0, True)
    with open_library(tmp_path / "home") as library:
        assert [each.title for each in library.music.playlists()] == ["For Quince-77"]
