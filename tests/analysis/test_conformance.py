"""The known answers are known, biotune gives them, and the suite would notice if it did not."""

import itertools
import json
import math
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import interpolate

from biotune.analysis import closed_forms, conformance, known_answers, made
from biotune.report import conformance as report

PAGE = Path(__file__).parents[2] / "docs" / "conformance.md"


@pytest.fixture(scope="module")
def cases():
    return known_answers.cases()


@pytest.fixture(scope="module")
def result(cases):
    return conformance.run(cases, with_neurokit2=False)


def test_biotune_gives_every_known_answer(result):
    off = [(each.case.name, each.expectation.metric, each.biotune) for each in result.outcomes if not each.ok]
    assert off == []
    assert len(result.outcomes) > 140


def test_no_limit_is_wider_than_the_method_allows(result):
    widest = {"rmssd": 2, "sdnn": 2, "mean_hr": 0.1, "lf": 1, "hf": 1, "artefacts_found": 3.04, "beats_wronged": 0.2}
    for each in result.outcomes:
        known = each.expectation
        assert isinstance(known.expected, str) == (known.tolerance_pct is None)
        assert (known.tolerance_pct or 0) <= widest.get(known.metric, 1)


def test_the_page_of_the_release_shows_what_this_machine_finds(result):
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines if line.startswith("| `")]
    assert [row[0].split("`")[1] for row in rows] == [each.expectation.metric for each in result.outcomes]
    for row, outcome in zip(rows, result.outcomes, strict=True):
        if isinstance(outcome.biotune, str):
            assert row[3] == (outcome.biotune or "none")
        else:
            assert float(row[3]) == pytest.approx(outcome.biotune, rel=2e-3, abs=1e-6)
    assert f"{len(rows)} of {len(rows)} answers" in "\n".join(lines)


def test_a_wrong_answer_is_counted_and_marked(cases):
    sawtooth = next(case for case in cases if case.name == "sawtooth")
    first, second, _ = sawtooth.expectations
    wrong = replace(sawtooth, expectations=(replace(first, expected=41.0), second))
    irregular = next(case for case in cases if case.name == "irregular")
    rhythm = replace(irregular, expectations=(replace(irregular.expectations[0], expected="regular"),))
    found = conformance.run([wrong, rhythm], with_neurokit2=False)
    assert [each.ok for each in found.outcomes] == [False, True, False]
    assert found.failed == 2
    document = found.to_dict()
    assert (document["passed"], document["failed"]) == (1, 2)
    assert document["cases"][0]["error_pct"] == pytest.approx(100 * (math.sqrt(1800) / 41 - 1))
    assert document["cases"][2]["error_pct"] is None
    assert "OFF" in report.text(found)
    assert "Known shortfalls: `rmssd` of “sawtooth”" in report.page(found)


def test_a_value_where_a_reason_is_expected_is_wrong_and_the_other_way_round(cases):
    short = next(case for case in cases if case.name == "50 seconds")
    expectation = conformance.Expectation("rmssd", 27.0, "made up", 50.0)
    found = conformance.run([replace(short, expectations=(expectation,))], with_neurokit2=False)
    assert found.outcomes[0].biotune == "too-short"
    assert not found.outcomes[0].ok


def test_the_document_is_json(result):
    document = json.loads(json.dumps(result.to_dict(), allow_nan=False))
    assert document["schema"] == "biotune.conformance/1"
    keys = {"case", "metric", "expected", "biotune", "error_pct", "tolerance_pct", "ok", "neurokit2"}
    assert all(keys | {"neurokit2_error_pct"} <= row.keys() for row in document["cases"])


@pytest.mark.filterwarnings("ignore")  # NeuroKit2 imports what warns
def test_neurokit2_stands_beside_it_with_its_stock_output(cases):
    sawtooth = next(case for case in cases if case.name == "sawtooth")
    found = {each.expectation.metric: each for each in conformance.run([sawtooth]).outcomes}
    assert found["pnn50"].neurokit2 == pytest.approx(100 * 130 / 391)  # it divides by the number of intervals
    assert found["rmssd"].neurokit2_error_pct == pytest.approx(0, abs=1e-9)


# ---------------------------------------------------------------- the answers are known


def test_a_made_wave_is_its_sine_at_the_times_of_its_beats():
    rr_ms = made.waves(60, (0.25, 40.0), (0.1, 30.0))
    at_s = np.cumsum(rr_ms) / 1000
    sines = 40 * np.sin(2 * np.pi * 0.25 * at_s) + 30 * np.sin(2 * np.pi * 0.1 * at_s)
    assert rr_ms == pytest.approx(800 + sines, abs=1e-6)


@pytest.mark.parametrize(("hz", "level_ms"), [(0.25, 1200.0), (0.3, 600.0)])
def test_what_a_spline_keeps_of_a_wave_is_what_scipys_keeps(hz, level_ms):
    at_s = np.arange(4000) * level_ms / 1000
    fine_s = np.linspace(at_s[500], at_s[3500], 200_001)
    through = interpolate.CubicSpline(at_s, np.sin(2 * np.pi * hz * at_s))(fine_s)
    kept = (2 * np.mean(through * np.sin(2 * np.pi * hz * fine_s))) ** 2
    assert closed_forms.kept_by_spline(hz, level_ms) == pytest.approx(kept, rel=1e-3)


def test_what_detrending_keeps_of_a_wave_is_what_the_dense_matrix_keeps():
    n, hz = 2000, 0.1
    second = np.diff(np.eye(n), 2, axis=0)
    wave = np.sin(2 * np.pi * hz * np.arange(n) / 4)
    left = wave - np.linalg.solve(np.eye(n) + 500.0**2 * second.T @ second, wave)
    middle = slice(500, 1500)
    kept = np.mean(left[middle] ** 2) / np.mean(wave[middle] ** 2)
    assert closed_forms.kept_by_detrending(hz) == pytest.approx(kept, rel=1e-4)


def test_every_triple_occurs_as_often_as_every_other():
    series = made.every_triple((1.0, 2.0, 3.0), 10).tolist()
    triples = Counter(zip(series, series[1:], series[2:], strict=False))
    assert triples == dict.fromkeys(itertools.product((1.0, 2.0, 3.0), repeat=3), 10)


def test_spoilt_series_say_which_intervals_are_spoilt():
    clean_ms = np.full(10, 1000.0)
    missed = made.spoil(clean_ms, missed=[4])
    assert missed.rr_ms.tolist() == pytest.approx([1000] * 3 + [2000] + [1000] * 5)
    assert np.flatnonzero(missed.spoilt).tolist() == [3]
    invented = made.spoil(clean_ms, invented=[4])
    assert invented.rr_ms.tolist() == pytest.approx([1000] * 4 + [400, 600] + [1000] * 5)
    assert np.flatnonzero(invented.spoilt).tolist() == [4, 5]
    early = made.spoil(clean_ms, early=[4])
    assert early.rr_ms.tolist() == pytest.approx([1000] * 3 + [700, 1300] + [1000] * 5)
    assert np.flatnonzero(early.spoilt).tolist() == [3, 4]
