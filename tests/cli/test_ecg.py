"""``record --ecg`` to ``analyse``: what a strap streams besides its heart rate."""

import json

import pytest


def test_ecg_is_recorded_and_told_of_only_where_it_was_asked_for(biotune):
    for client, flags in (("with", ["--ecg"]), ("without", [])):
        done = biotune(
            "record", "--simulate", "resting", "--speed", "max", "--protocol", "quick-check", "--client", client, *flags
        )
        assert done.returncode == 0, done.stderr
        assert ("ECG 130 Hz" in done.stderr) == (client == "with")

    plain = json.loads(biotune("analyse", "S2", "--json").stdout)
    assert "ecg" not in plain
    told = json.loads(biotune("analyse", "S1", "--json").stdout)
    ecg = told.pop("ecg")
    for phase, without in zip(told["phases"], plain["phases"], strict=True):
        breath, of_beats = (each["metrics"].pop("breathing_rate") for each in (phase, without))
        assert breath["source"] == "accelerometer"  # which sees the chest itself
        assert breath["value"] == pytest.approx(of_beats.get("value", breath["value"]), abs=1)
        phase["metrics"].pop("rsa")
        without["metrics"].pop("rsa")  # its band follows the breathing rate
        assert phase == without  # the heart's own numbers are the same with and without
    assert abs(ecg["rate_hz"] - 129.6) < 0.01  # what the simulated strap samples at
    beats = sum(phase["beats"] for phase in told["phases"])
    assert ecg["agreement"]["matched"] > 0.95 * beats
    assert ecg["agreement"]["p95_ms"] < 10
    assert [phase["name"] for phase in ecg["motion"]] == [phase["name"] for phase in told["phases"]]

    text = biotune("analyse", "S1").stdout
    assert "at 129.6 Hz" in text
    assert "Accelerometer:" in text
    assert "ECG" not in biotune("analyse", "S2").stdout


def test_a_replay_brings_its_ecg_along(biotune):
    biotune("record", "--simulate", "resting", "--speed", "max", "--protocol", "quick-check", "--ecg")
    biotune("record", "--replay", "S1", "--speed", "max")
    first, second = (json.loads(biotune("analyse", name, "--json").stdout)["ecg"] for name in ("S1", "S2"))
    assert first["r_peaks"] == second["r_peaks"] > 50
