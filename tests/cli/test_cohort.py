"""``biotune cohort`` and ``biotune plan`` as a person uses them."""

import csv
import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from biotune.analysis.session_change import SessionChange
from biotune.cli.main import main
from biotune.domain import Exclusion
from biotune.report import cohort as report

FOLDER = Path(__file__).parents[2] / "sample_data"
NAMES = ("responds", "quiet-rest", "no-response", "slow-breathing", "drumming", "noisy", "irregular")
SAMPLES = [FOLDER / f"{name}.biotune.jsonl" for name in NAMES]


def test_the_sample_sessions_as_a_group(biotune, tmp_path):
    done = biotune("cohort", *SAMPLES, "--json")
    assert done.returncode == 0, done.stderr
    made = json.loads(done.stdout)
    assert made["schema"] == "biotune.cohort/1"
    assert (made["sessions"], made["clients"]) == (7, 3)
    arms = {arm["approach"]: arm["changes"] for arm in made["arms"]}
    assert set(arms) == {"listening", "quiet-rest", "relaxation", "drumming"}
    truth = json.loads((FOLDER / "truth" / "slow-breathing.json").read_text())
    slow = {phase["name"]: phase["last_5_min"] for phase in truth["phases"]}
    breathing = arms["relaxation"]["breathing_rate"]["estimate"]
    wanted = slow["recovery"]["breathing_rate"] - slow["baseline"]["breathing_rate"]
    assert breathing == pytest.approx(wanted, abs=1.0)
    out = {(Path(each["source"]).name, each["metric"]) for each in made["excluded"]}
    assert ("irregular.biotune.jsonl", "rmssd") in out  # too irregular for HRV; its heart rate stays
    assert made["models"]["mean_hr"]["warnings"] == ["too-few-clients"]
    assert "7 of 7 sessions" in done.stderr
    assert not (tmp_path / "home" / "cohort").exists()


def test_the_table_and_its_codebook(biotune, tmp_path):
    done = biotune("cohort", *SAMPLES, "--csv", "group.csv", "--metric", "mean_hr", "rmssd")
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    with (tmp_path / "group.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    with (tmp_path / "group-codebook.csv").open(encoding="utf-8") as file:
        codebook = {row["column"]: row for row in csv.DictReader(file)}
    assert len(rows) == 14
    assert list(rows[0]) == list(codebook)
    assert all(row["definition"] for row in codebook.values())
    first = next(row for row in rows if row["metric"] == "rmssd" and row["session"].endswith("responds.biotune.jsonl"))
    assert float(first["change"]) == pytest.approx(float(first["after"]) / float(first["before"]))
    assert float(first["change_low"]) < float(first["change"]) < float(first["change_high"])


def test_a_table_that_is_there_is_not_overwritten_unasked(biotune, tmp_path):
    (tmp_path / "group-codebook.csv").write_text("mine")
    for name in ("group.csv", "group-codebook.csv"):  # its codebook is in the way, or it is itself
        done = biotune("cohort", SAMPLES[0], "--csv", name)
        assert done.returncode == 2
        assert done.stderr == (
            "biotune: group-codebook.csv exists already\nChoose another name, or overwrite it with --force.\n"
        )
    assert {each.name for each in tmp_path.iterdir()} == {"group-codebook.csv"}  # nothing was begun
    assert (tmp_path / "group-codebook.csv").read_text() == "mine"
    assert biotune("cohort", SAMPLES[0], "--csv", "group.csv", "--force").returncode == 0
    assert (tmp_path / "group-codebook.csv").read_text().startswith("column,")
    assert {each.name for each in tmp_path.iterdir()} == {"group.csv", "group-codebook.csv", "home"}
    (tmp_path / "made-before.csv").touch()  # as a script's temporary file
    for _ in range(2):  # and what such a call wrote may be written anew by the next
        assert biotune("cohort", SAMPLES[0], "--csv", "made-before.csv").returncode == 0
        assert (tmp_path / "made-before.csv").read_text().count("\n") > 1
    done = biotune("cohort", SAMPLES[0], "--csv", "no/such/group.csv")
    assert (done.returncode, "no folder" in done.stderr) == (2, True)


def test_erasing_a_client_reminds_of_a_groups_table(biotune, tmp_path):
    assert biotune("import", SAMPLES[0], "--client", "K-1").returncode == 0
    assert biotune("cohort", "--all", "--csv", "group.csv").returncode == 0
    asked = biotune("erase", "K-1")
    assert asked.returncode == 2
    assert f"not {tmp_path / 'group.csv'}" in asked.stdout


def test_no_code_and_no_phase_becomes_a_formula():
    hostile = SessionChange("S1", "=1+1", "@x", None, before="=cmd|calc", after="+after", excluded=Exclusion.NO_VALUE)
    row = next(csv.DictReader(io.StringIO(report.csv_of([hostile], ["rmssd"]))))
    told = [row["client"], row["approach"], row["before_window"], row["after_window"]]
    assert told == ["'=1+1", "'@x", "'=cmd|calc", "'+after"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["cohort"],
        ["cohort", "--all", "S1"],
        ["cohort", "--all", "--metric", "pnn50"],
        ["cohort", "--all", "--workers", "0"],
        ["cohort", "--all", "--cluster", "127.0.0.1"],
        ["cohort", "--all", "--since", "yesterday"],
        ["cohort", "--all", "--json", "--csv", "x.csv"],
        ["plan", "K-1", "--design", "alternating"],
        ["plan", "K-1", "--sessions", "12"],
        ["plan", "K-1", "--design", "latin-square"],
        ["plan", "K-1", "--design", "abab", "--conditions", "listening,quiet-rest", "--stop"],
    ],
)
def test_a_wrong_call_writes_nothing(home, capsys, arguments):
    try:
        code = main(arguments)
    except SystemExit as ended:
        code = ended.code
    said = capsys.readouterr()
    assert (code, said.out) == (2, "")
    assert 1 <= len(said.err.strip().splitlines()) <= 3
    assert not home.exists()


def test_a_group_of_nobody_is_said_in_words(biotune):
    done = biotune("cohort", "--all")
    assert done.returncode == 0
    assert "No session can be put into a group yet" in done.stdout
    missing = biotune("cohort", "--client", "K-1", "K-2")
    assert missing.returncode == 1
    assert "'K-1'" in missing.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="no such signal there")
def test_ctrl_c_stops_a_group_in_a_sentence(tmp_path):
    for number in range(20):
        rows = "\n".join(str(800 + (3 * number + beat) % 11) for beat in range(1500))
        (tmp_path / f"{number}.txt").write_text(rows)
    command = [sys.executable, "-m", "biotune", "cohort", *(f"{n}.txt" for n in range(20)), "--workers", "2"]
    environment = os.environ | {"BIOTUNE_HOME": str(tmp_path / "home")}
    process = subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stderr is not None
    first = process.stderr.readline()
    assert b"of 20 sessions" in first
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert b"Traceback" not in err
    if process.returncode:  # else it was done before the signal came
        assert (process.returncode, out) == (1, b"")
        assert err.decode().strip().splitlines()[-1] == "biotune: stopped."


def test_an_experiment_is_drawn_told_and_given_up(biotune):
    drawn = biotune(
        "plan",
        "K-7",
        "--design",
        "alternating",
        "--conditions",
        "listening,quiet-rest",
        "--sessions",
        8,
        "--most-repeats",
        3,
        "--seed",
        3,
        "--metric",
        "mean_hr",
        "--json",
    )  # fmt: skip - one call
    assert drawn.returncode == 0, drawn.stderr
    (plan,) = json.loads(drawn.stdout)["plans"]
    order = [place["condition"] for place in plan["places"]]
    assert sorted(order) == ["listening"] * 4 + ["quiet-rest"] * 4
    assert plan["result"] is None
    assert plan["next"]["place"] == 1

    again = biotune("plan", "K-7", "--design", "alternating", "--conditions", "listening,quiet-rest")
    assert again.returncode == 2
    assert "not done yet" in again.stderr

    told = biotune("plan", "K-7").stdout
    assert "0 of 8 sessions so far" in told
    assert "p =" not in told
    assert "to come" not in told.replace("7 conditions to come are not shown", "")
    whole = biotune("plan", "K-7", "--order").stdout
    assert whole.count("  to come") == 7
    assert "not shown" not in whole
    stopped = biotune("plan", "K-7", "--stop")
    assert "Given up" in stopped.stdout


def test_an_order_has_a_condition_twice_in_a_row_at_most_unless_more_is_asked_for(biotune):
    def drawn(client, *more):
        asked = ("--design", "alternating", "--conditions", "listening,quiet-rest", "--seed", 3, "--json")
        done = biotune("plan", client, *asked, *more)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)["plans"][0]

    usual = drawn("K-1")
    # 12 sessions of two conditions with no three alike in a row: 208 orders, counted by trying all
    assert (usual["most_repeats"], usual["possible_orders"]) == (2, 208)
    order = "".join(place["condition"][0] for place in usual["places"])
    assert "lll" not in order
    assert "qqq" not in order
    free = drawn("K-2", "--most-repeats", 0)
    assert (free["most_repeats"], free["possible_orders"]) == (None, 924)  # 12 choose 6
    short = drawn("K-3", "--sessions", 6)  # the limit would leave 14 orders, too few to tell anything
    assert (short["most_repeats"], short["possible_orders"]) == (None, 20)
