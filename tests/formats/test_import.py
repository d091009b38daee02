"""`biotune import`: what can be read is stored once, what cannot is named, and nothing else is written."""

import json
import os
import sys
from pathlib import Path

import pytest

from biotune.cli.main import main
from biotune.formats import registry
from biotune.settings import Settings
from biotune.storage.store import Store


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    contents = {
        "rr.txt": "800\n810\n790\n805\n",
        "same.txt": "800\n810\n790\n805\n",
        "phases.csv": "time_s,rr_ms,phase\n1,1000,baseline\n2,1000,music\n3,1000,music\n",
        "words.txt": "well then\n",
        "empty.txt": "",
    }
    for name, text in contents.items():
        (tmp_path / name).write_text(text)
    return {name: str(tmp_path / name) for name in contents}


def document(capsys: pytest.CaptureFixture[str]) -> dict[str, list[dict[str, str | None]]]:
    out = capsys.readouterr().out
    return json.loads(out)


def test_imported_files_become_sessions(files: dict[str, str], home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["import", files["rr.txt"], files["phases.csv"], "--client", "C07", "--json"]) == 0
    guessed = {"date_of_file": True}  # neither file says when it was recorded
    assert document(capsys) == {
        "schema": "biotune.import/1",
        "imported": [
            {"file": files["rr.txt"], "format": "rr-text", "session": "S1", "duplicate_of": None} | guessed,
            {"file": files["phases.csv"], "format": "biotune-csv", "session": "S2", "duplicate_of": None} | guessed,
        ],
        "failed": [],
    }
    with Store.open(Settings.read().database) as store:
        assert {(each.id, each.client, each.beats, each.finished) for each in store.sessions()} == {
            ("S1", "C07", 4, True),
            ("S2", "C07", 3, True),
        }
    assert home.exists()


@pytest.mark.usefixtures("home")
def test_the_same_content_is_imported_once_whatever_its_name(
    files: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["import", files["rr.txt"]]) == 0
    capsys.readouterr()
    assert main(["import", files["same.txt"], files["rr.txt"], "--json"]) == 0
    assert [(each["session"], each["duplicate_of"]) for each in document(capsys)["imported"]] == [("S1", "S1")] * 2
    with Store.open(Settings.read().database) as store:
        assert len(store.sessions()) == 1


@pytest.mark.usefixtures("home")
def test_a_bad_file_fails_alone(files: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["import", files["words.txt"], files["rr.txt"], "nowhere.txt", "--json"]) == 1
    captured = capsys.readouterr()
    found = json.loads(captured.out)
    assert [each["file"] for each in found["imported"]] == [files["rr.txt"]]
    assert [each["file"] for each in found["failed"]] == [files["words.txt"], "nowhere.txt"]
    assert "in no format that biotune reads" in found["failed"][0]["error"]
    assert captured.err.count("biotune: ") == 2


@pytest.mark.parametrize(
    ("name", "code"), [("words.txt", 1), ("empty.txt", 1), ("nowhere.txt", 2), (".", 2), ("two", 1)]
)
def test_nothing_is_written_where_nothing_can_be_read(
    name: str, code: int, tmp_path: Path, files: dict[str, str], home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = [files["words.txt"], "nowhere.txt"] if name == "two" else [str(tmp_path / name)]
    assert main(["import", *paths]) == code
    captured = capsys.readouterr()
    assert captured.out == ""
    assert 1 <= len(captured.err.splitlines()) <= 3 * len(paths)
    assert "Traceback" not in captured.err
    assert not home.exists()


@pytest.mark.usefixtures("home")
def test_an_unknown_format_is_a_wrong_call(files: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["import", files["rr.txt"], "--format", "fit"]) == 2
    assert "hrv-logger" in capsys.readouterr().err


@pytest.mark.usefixtures("home")
@pytest.mark.skipif(sys.platform != "linux", reason="other systems' file names are text")
def test_a_file_whose_name_is_no_text_is_imported(
    files: dict[str, str], tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    odd = os.fsdecode(os.fsencode(tmp_path) + b"/\xff\x1b[2J.txt")
    Path(odd).write_bytes(Path(files["rr.txt"]).read_bytes())
    assert main(["import", odd, "--json"]) == 0
    assert main(["import", odd, odd + "\udcff"]) == 1
    said = capfdbinary.readouterr()
    assert json.loads(said.out.partition(b"\n}\n")[0] + b"}")["imported"][0]["file"] == f"{tmp_path}/??[2J.txt"
    assert b"\x1b" not in said.out + said.err


@pytest.mark.usefixtures("home")
def test_people_read_where_their_file_went(files: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["import", files["rr.txt"], files["same.txt"]]) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("S1")
    assert "rr.txt" in first
    assert "was there already" in second


@pytest.mark.usefixtures("home")
def test_a_log_that_cannot_be_written_is_said_once(
    files: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BIOTUNE_DATABASE", f"sqlite:///{tmp_path / 'rr.txt'}")
    assert main(["import", files["phases.csv"], files["same.txt"]]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("biotune: ") == 1
    assert (tmp_path / "rr.txt").read_text().startswith("800")


def test_a_file_read_and_the_session_it_became_have_one_hash(files: dict[str, str], home: Path) -> None:
    names = ["rr.txt", "phases.csv"]
    assert main(["import", *(files[name] for name in names)]) == 0
    assert home.exists()
    with Store.open(Settings.read().database) as store:
        stored = [store.session(session).recording().log_sha256 for session in ("S1", "S2")]
    assert stored == [registry.read(Path(files[name])).log_sha256 for name in names]


def test_a_log_that_was_written_out_is_known_when_it_comes_back(
    tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sample = Path(__file__).parents[2] / "sample_data" / "quiet-rest.biotune.jsonl"
    spaced = tmp_path / "again.jsonl"  # other bytes, and the same log
    lines = [json.loads(each) for each in sample.read_text(encoding="utf-8").splitlines()]
    spaced.write_text("".join(f"{json.dumps(each, indent=None, separators=(',', ':'))}\n" for each in lines))
    longer = tmp_path / "longer.jsonl"  # the same sitting with a word more is another log
    word = lines[-1] | {"seq": len(lines), "recording": 0, "kind": "marker", "entry": {"label": "a door"}}
    longer.write_text("".join(f"{json.dumps(each)}\n" for each in [*lines, word]))
    for file, session, duplicate_of in ((sample, "S1", None), (spaced, "S1", "S1"), (longer, "S2", None)):
        assert main(["import", str(file), "--json", "--client", "K-1"]) == 0
        (row,) = document(capsys)["imported"]
        assert (row["session"], row["duplicate_of"]) == (session, duplicate_of)
    assert home.exists()
