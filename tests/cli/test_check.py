"""``biotune check`` without a strap: what it says, and that it records nothing."""

import json

import pytest


def test_a_simulated_person_at_rest_is_ready_and_nothing_is_recorded(biotune, tmp_path):
    done = biotune("check", "--simulate", "resting", "--speed", "max")
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("battery 90 %: ready\n")
    assert "looking for" in done.stderr
    assert "50 s: " in done.stderr
    assert "battery 90 %\n" in done.stderr
    assert not (tmp_path / "home").exists()


def test_the_document_is_all_that_stdout_says(biotune):
    done = biotune("check", "--simulate", "irregular", "--seconds", "90", "--speed", "max", "--json")
    document = json.loads(done.stdout)
    assert document["schema"] == "biotune.check/1"
    assert document["readiness"] == "doubtful"
    assert done.returncode == 0
    assert 80 < document["seconds"] <= 90
    assert document["strap"] == "Simulated strap (irregular)"
    assert any("no diagnosis" in words for words in document["advice"])


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--simulate", "dancing"],
        ["--simulate", "resting", "--seconds", "5"],
        ["--simulate", "resting", "--seconds", "x"],
        ["--simulate", "resting", "--speed", "0"],
        ["--strap", "H10", "--speed", "2"],
        ["--strap", "H10", "--simulate", "resting"],
    ],
)
def test_a_wrong_call_is_refused_in_words(biotune, tmp_path, arguments):
    done = biotune("check", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "home").exists()
