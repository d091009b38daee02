"""``biotune conformance`` as a person runs it."""

import json


def test_conformance_answers_with_one_document_and_0(biotune):
    done = biotune("conformance", "--json")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["schema"] == "biotune.conformance/1"
    assert document["failed"] == 0
    assert document["passed"] == len(document["cases"]) > 140
    assert all(row["ok"] for row in document["cases"])
    assert any(row["neurokit2"] is not None for row in document["cases"])
    assert "ectopic" in done.stderr  # progress


def test_without_json_a_table_is_printed(biotune):
    done = biotune("conformance", "--without-neurokit2")
    assert done.returncode == 0, done.stderr
    assert "answers are the known ones." in done.stdout.splitlines()[-1]
    assert done.stdout.splitlines()[0].split() == [
        "case", "metric", "known", "biotune", "error", "within", "NeuroKit2", "error",
    ]  # fmt: skip
