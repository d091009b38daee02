"""``biotune correct`` as a person types it."""

import json

import pytest

from biotune.cli.main import main
from biotune.library import open_library


def write(file):
    """Write five minutes at 75 bpm with two phases, and one beat missed at 80 s."""
    rows, at_s = ["time_s,rr_ms,phase"], 0.0
    for number in range(375):
        at_s += 0.8
        if number == 99:  # the peak at 80 s
            continue
        rr_ms = 1600 if number == 100 else 800
        rows.append(f"{at_s:.1f},{rr_ms},{'baseline' if at_s < 150 else 'music'}")
    file.write_text("\n".join(rows), encoding="utf-8")


@pytest.fixture
def call(home, tmp_path, monkeypatch, capsys):
    """Run a command in this process on S1; its exit code, and what it prints where."""
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "rr.csv")
    with open_library(home) as library:
        library.import_file(tmp_path / "rr.csv", client="K-1")

    def run(*arguments):
        capsys.readouterr()
        try:
            code = main([str(each) for each in arguments])
        except SystemExit as stopped:
            code = stopped.code
        told = capsys.readouterr()
        return code, told.out, told.err

    return run


def read(done):
    code, out, err = done
    assert code == 0, err
    return json.loads(out)


def history(call):
    return read(call("correct", "S1", "--history", "--json"))


def test_a_session_is_set_right_and_the_history_tells_it(call):
    before = read(call("analyse", "S1", "--json"))
    assert [(each["time_s"], each["class"]) for each in before["artefacts"]] == [(80.8, "missed")]
    for arguments in (
        ("--beat", 80.0, "--add", "--by", "Ann"),
        ("--phase", "music", "--at", 160),
        ("--marker", "new", "--label", "a door", "--at", 42.5),
        ("--client", "K-2"),
    ):
        code, out, err = call("correct", "S1", *arguments)
        assert (code, out) == (0, ""), err
        assert "--undo" in err
    after = read(call("analyse", "S1", "--json"))
    assert after["artefacts"] == []
    assert [each["judgement"] for each in after["decisions"]] == ["added"]
    assert sum(phase["beats"] for phase in after["phases"]) == 375
    assert after["phases"][1]["start_s"] == 160
    told = history(call)
    assert told["client"] == "K-2"
    assert [each["label"] for each in told["markers"]] == ["a door"]
    assert told["history"][0]["by"] == "Ann"
    assert [each["name"] for each in told["phases"] if each["corrected"]] == ["music"]
    (marker,) = told["markers"]
    assert call("correct", "S1", "--marker", marker["line"], "--remove")[0] == 0
    for line in [each["line"] for each in history(call)["history"]][:2]:
        assert call("correct", "S1", "--undo", line)[0] == 0
    undone = read(call("analyse", "S1", "--json"))
    assert (undone["artefacts"], undone["phases"][1]["start_s"]) == (
        before["artefacts"],
        before["phases"][1]["start_s"],
    )
    _, plain, _ = call("correct", "S1", "--history")
    assert "client K-2 instead of K-1" in plain
    assert "No markers." in plain


def test_in_a_process_of_its_own_a_beat_is_rejected(biotune, tmp_path):
    write(tmp_path / "rr.csv")
    assert biotune("import", "rr.csv").returncode == 0
    done = biotune("correct", "S1", "--beat", "8", "--reject")
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    document = json.loads(biotune("analyse", "S1", "--json").stdout)
    assert [each["time_s"] for each in document["artefacts"] if each.get("judgement") == "rejected"] == [8.0]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["S1"], 2),
        (["S1", "--beat", "80"], 2),
        (["S1", "--beat", "80", "--add", "--reject"], 2),
        (["S1", "--beat", "80.3", "--accept"], 2),
        (["S1", "--accept"], 2),
        (["S1", "--phase", "music"], 2),
        (["S1", "--phase", "music", "--at", "0.5"], 2),
        (["S1", "--marker", "new", "--label", "x"], 2),
        (["S1", "--marker", "7"], 2),
        (["S1", "--marker", "seven", "--remove"], 2),
        (["S1", "--marker", "7", "--remove", "--label", "x"], 2),
        (["S1", "--client", "<b>"], 2),
        (["S1", "--client", "K-1"], 2),
        (["S1", "--undo", "1"], 2),
        (["S1", "--history", "--client", "K-2"], 2),
        (["rr.csv", "--history"], 2),
        (["S9", "--history"], 1),
    ],
)
def test_a_wrong_call_is_refused_in_words_and_changes_nothing(call, arguments, code):
    returned, out, err = call("correct", *arguments)
    assert (returned, out) == (code, "")
    assert 1 <= len(err.strip().splitlines()) <= 3
    told = history(call)
    assert (told["history"], told["client"]) == ([], "K-1")


def test_flagged_beats_are_replaced_where_that_is_chosen(call):
    for handling in ("exclude", "replace"):
        document = read(call("analyse", "S1", "--artefacts", handling, "--any-length", "--json"))
        assert document["provenance"]["parameters"]["artefact_handling"] == handling
        assert len(document["artefacts"]) == 1  # it is flagged either way
        assert document["phases"][0]["metrics"]["mean_nn"]["value"] == pytest.approx(800)
    assert call("analyse", "S1", "--artefacts", "ignore")[0] == 2
