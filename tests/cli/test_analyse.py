"""`analyse` and `compare` on a researcher's own files."""

import json
import math
import re

KEYS = [
    "mean_hr",
    "mean_nn",
    "sdnn",
    "rmssd",
    "sd1",
    "sd2",
    "rsa",
    "ln_rmssd",
    "pnn50",
    "vlf",
    "lf",
    "hf",
    "total_power",
    "lf_hf",
    "sd1_sd2",
    "sample_entropy",
    "dfa_alpha1",
    "dfa_alpha2",
    "rhythm_regularity",
    "lf_nu",
    "hf_nu",
    "stress_index",
    "breathing_rate",
]


def product_csv(*, phases=("baseline", "music", "recovery"), seconds=300.0):
    """Breathing of 15 a minute at ±40 ms; 800 ms before, 900 ms during, 1000 ms after."""
    rows, time_s = ["time_s,rr_ms,phase"], 0.0
    for name, level in zip(phases, (800.0, 900.0, 1000.0), strict=False):
        end = time_s + seconds
        while time_s < end:
            rr = level + 40 * math.sin(2 * math.pi * 0.25 * time_s) + 12 * math.sin(2 * math.pi * 0.1 * time_s)
            time_s += rr / 1000
            rows.append(f"{time_s:.4f},{rr:.3f},{name}")
    return "\n".join(rows) + "\n"


def test_the_document_has_the_shape_that_scripts_rely_on(biotune, tmp_path):
    (tmp_path / "session.csv").write_text(product_csv())
    done = biotune("analyse", "session.csv", "--json")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["schema"] == "biotune.analysis/1"
    assert document["convention"] == "kubios"
    assert set(document["provenance"]) >= {"biotune", "neurokit2", "parameters", "log_sha256"}
    assert [(each["name"], each["kind"]) for each in document["phases"]] == [
        ("baseline", "baseline"),
        ("music", "intervention"),
        ("recovery", "recovery"),
    ]
    for phase in document["phases"]:
        assert set(phase["metrics"]) >= set(KEYS)
        assert phase["quality"]["usable"] is True
        for metric in phase["metrics"].values():
            assert ("unavailable" in metric) != ("value" in metric)
            assert "unit" in metric


def test_heart_rate_is_sixty_thousand_over_the_mean_interval(biotune, tmp_path):
    (tmp_path / "session.csv").write_text(product_csv())
    phases = json.loads(biotune("analyse", "session.csv", "--json").stdout)["phases"]
    for phase, level in zip(phases, (800, 900, 1000), strict=True):
        assert abs(phase["metrics"]["mean_hr"]["value"] - 60_000 / level) < 0.3
        assert abs(phase["metrics"]["breathing_rate"]["value"] - 15) < 0.5


def test_a_file_without_phases_has_one_that_is_the_whole(biotune, tmp_path):
    (tmp_path / "rr.txt").write_text("\n".join(f"{800 + 30 * math.sin(i / 2):.1f}" for i in range(400)))
    document = json.loads(biotune("analyse", "rr.txt", "--json").stdout)
    assert [(each["name"], each["kind"]) for each in document["phases"]] == [("whole", "whole")]
    failed = biotune("compare", "rr.txt")
    assert failed.returncode == 1
    assert "phase" in failed.stderr


def test_a_fall_of_fifteen_beats_a_minute_is_clear(biotune, tmp_path):
    (tmp_path / "session.csv").write_text(product_csv())
    document = json.loads(biotune("compare", "session.csv", "--json").stdout)
    assert (document["before"], document["after"], document["window_s"]) == ("baseline", "recovery", 300.0)
    change = document["changes"]["mean_hr"]
    assert change["kind"] == "difference"
    assert abs(change["estimate"] - (60 - 75)) < 0.5
    assert change["low"] < change["estimate"] < change["high"]
    assert change["verdict"] == "clear"
    assert re.search(r"fell by 15(\.\d)? bpm", document["words"][0])
    # the same breathing sampled every 1.0 instead of 0.8 s: differences of a sine grow as sin(pi f RR)
    rmssd = document["changes"]["rmssd"]
    assert abs(rmssd["estimate"] - math.sin(math.pi * 0.25 * 1.0) / math.sin(math.pi * 0.25 * 0.8)) < 0.04
    assert rmssd["verdict"] == "possible", "it is real here, and smaller than two resting measurements can differ"


def test_the_same_file_gives_the_same_document(biotune, tmp_path):
    (tmp_path / "session.csv").write_text(product_csv())
    assert biotune("compare", "session.csv", "--json").stdout == biotune("compare", "session.csv", "--json").stdout


def test_the_terminal_text_names_units_and_the_limits_of_the_product(biotune, tmp_path):
    (tmp_path / "session.csv").write_text(product_csv())
    text = biotune("analyse", "session.csv").stdout
    assert "ms²" in text
    assert "not a medical device" in text
    assert "bpm" in biotune("compare", "session.csv").stdout
