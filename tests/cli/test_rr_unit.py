"""A session from a strap that sends milliseconds: noticed, tried, set right for good."""

import json
import math

import pytest

START_NS = 1_800_000_000 * 10**9


@pytest.fixture
def session(biotune, tmp_path):
    """S1: three minutes of a heart at 60 bpm or so, its intervals in milliseconds."""
    header = {"schema": "biotune.log/1", "started": "2027-01-15T08:00:00+00:00", "finished": True, "recordings": 1}
    documents, at_s = [header], 0.0
    for number in range(190):
        rr_ms = round(1000 + 40 * math.sin(2 * math.pi * number / 4) + 20 * math.sin(number / 9))
        at_s += rr_ms / 1000
        packet = {
            "characteristic": "00002a37-0000-1000-8000-00805f9b34fb",
            "data": bytes([0x10, 60, *rr_ms.to_bytes(2, "little")]).hex(),
        }
        stamps = {"boot": "b", "monotonic_ns": round(at_s * 1e9), "utc_ns": START_NS + round(at_s * 1e9)}
        line = {"seq": number + 1, "writer": "t", **stamps, "recording": 1, "kind": "packet", "entry": packet}
        documents.append(line)
    file = tmp_path / "ms.biotune.jsonl"
    file.write_text("".join(f"{json.dumps(each)}\n" for each in documents))
    done = biotune("import", file)
    assert done.returncode == 0, done.stderr
    return "S1"


def rate(done):
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    return document["phases"][0]["metrics"]["mean_hr"]["value"], document


def test_milliseconds_are_noticed_tried_and_kept(biotune, session):
    wrong, document = rate(biotune("analyse", session, "--json"))
    assert wrong == pytest.approx(61.44, abs=0.2)  # 60 × 1.024
    assert [notice["kind"] for notice in document["notices"]] == ["rr-unit"]
    assert "--rr-unit ms" in biotune("analyse", session).stdout

    tried, document = rate(biotune("analyse", session, "--rr-unit", "ms", "--json"))
    assert tried == pytest.approx(60.0, abs=0.2)
    assert wrong / tried == pytest.approx(1.024, rel=1e-3)
    assert "notices" not in document
    assert rate(biotune("analyse", session, "--json"))[0] == wrong  # tried only

    listed = json.loads(biotune("sessions", "--json").stdout)["sessions"][0]
    corrected = biotune("correct", session, "--rr-unit", "ms")
    assert (corrected.returncode, corrected.stdout) == (0, "")
    kept, after = rate(biotune("analyse", session, "--json"))
    assert kept == tried
    assert after["provenance"] == document["provenance"]
    assert json.loads(biotune("sessions", "--json").stdout)["sessions"][0] == listed  # it became no longer

    windows = ("--before", "0-80", "--after", "90-170", "--json")
    compared = json.loads(biotune("compare", session, *windows).stdout)["changes"]["mean_hr"]
    assert compared["before"] == pytest.approx(60, abs=0.5)
    back = json.loads(biotune("compare", session, *windows, "--rr-unit", "1/1024").stdout)["changes"]["mean_hr"]
    assert back["before"] == pytest.approx(1.024 * compared["before"], rel=1e-3)

    replayed = biotune("record", "--replay", session, "--speed", "max")
    assert replayed.stdout == "session S2\n", replayed.stderr
    assert rate(biotune("analyse", "S2", "--json"))[0] == pytest.approx(kept, abs=0.01)


def test_what_has_a_unit_of_its_own_is_not_overridden(biotune, tmp_path):
    (tmp_path / "rr.txt").write_text("\n".join(str(800 + i % 7) for i in range(400)))
    done = biotune("analyse", "rr.txt", "--rr-unit", "ms")
    assert (done.returncode, done.stdout) == (2, "")
    assert "rr.txt" in done.stderr
    assert biotune("import", "rr.txt").returncode == 0
    done = biotune("correct", "S1", "--rr-unit", "ms")
    assert (done.returncode, done.stdout) == (1, "")
    assert "S1" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(["rr.txt", "--rr-unit", "ms"], 2), (["S1", "--rr-unit", "s"], 2), (["S1"], 2), (["S7", "--rr-unit", "ms"], 1)],
)
def test_a_wrong_correction_is_refused_in_words(biotune, session, arguments, code):
    done = biotune("correct", *arguments)
    assert (done.returncode, done.stdout) == (code, "")
    assert "Traceback" not in done.stderr
    assert session
