"""A handful of tests/soak/known_changes.py: changes that are there are told, and drift is not taken for music."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from scipy import stats

from biotune.domain import Verdict

SESSIONS = 16
CLIENTS = 8
RARE = 0.001  # how seldom intervals that hold in 95 % would hold so seldom
SOAK = Path(__file__).parents[1] / "soak"


def _load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, SOAK / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def known_changes() -> ModuleType:
    _load("calibration")
    return _load("known_changes")


@pytest.fixture(scope="module")
def tables(known_changes: ModuleType) -> dict[tuple[str, str], Any]:
    made: dict[tuple[str, str], Any] = known_changes.run(SESSIONS, seed=21)
    return made


def test_a_fall_of_15_is_clear_and_one_of_2_never_is(tables: dict[tuple[str, str], Any]) -> None:
    assert tables["heart rate -15 bpm", "mean_hr"].share(Verdict.CLEAR) >= 0.9
    assert tables["heart rate -2 bpm", "mean_hr"].share(Verdict.CLEAR) == 0


def test_a_doubled_rmssd_is_clear_and_one_of_a_fifth_never_is(tables: dict[tuple[str, str], Any]) -> None:
    assert tables["RMSSD ×2", "rmssd"].share(Verdict.CLEAR) >= 0.8
    assert tables["RMSSD ×1.2", "rmssd"].share(Verdict.CLEAR) == 0


@pytest.mark.parametrize("key", ["mean_hr", "breathing_rate", "rmssd", "sdnn", "lf", "hf", "total_power"])
def test_intervals_hold_what_truly_changed(
    known_changes: ModuleType, tables: dict[tuple[str, str], Any], key: str
) -> None:
    unknown = known_changes.MOVED_BY if key in known_changes.MOVED_BY else ()
    rows = [row for (kind, of), row in tables.items() if of == key and not (unknown and kind.startswith("breathing"))]
    held = [each for row in rows for each in row.held]
    assert len(held) > SESSIONS / 2
    assert sum(held) >= stats.binom.ppf(RARE, len(held), 0.95)


def test_the_heart_rate_that_truly_changed_is_what_is_counted_in_the_long_run(
    known_changes: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three hours of waves alone, counted beat by beat: doubled waves raise the mean rate by more than 1 bpm here."""
    calibration = sys.modules["calibration"]
    monkeypatch.setattr(calibration, "INNOVATION_MS", 0.0)
    monkeypatch.setattr(calibration, "NOISE_MS", 0.0)
    rng = np.random.default_rng(23)
    slow_hz = np.array([0.01, 0.02, 0.04, 0.06, 0.08, 0.11])
    rest = calibration.Rest(700.0, 55.0, 0.2, np.full(6, 12.0), slow_hz, np.zeros(6))
    rates = []
    for strength in (1.0, 2.0):
        course = known_changes.shift(0.0, strength=strength)
        beats = list(calibration.beat(rest, rng, 10_800, course=course))
        rates.append(60_000 / np.mean([rr_ms for _, rr_ms in beats]))
        assert known_changes.heart_rate(rest, course, 0.0) == pytest.approx(rates[-1], abs=0.15)
    assert rates[1] - rates[0] > 1


def test_slower_breathing_alone_is_never_clear_without_its_caveat(tables: dict[tuple[str, str], Any]) -> None:
    rows = {key: row for (kind, key), row in tables.items() if kind.startswith("breathing")}
    assert rows["rmssd"].share(Verdict.CLEAR) > 0.5  # it is a clear change of the number, and says whence it may come
    hrv = [row for key, row in rows.items() if key not in {"mean_hr", "breathing_rate"}]
    assert sum(row.clear_unnamed for row in hrv) == 0


def test_what_rest_alone_does_is_within_its_interval(known_changes: ModuleType) -> None:
    found = known_changes.drift_only(CLIENTS, seed=22)
    assert found.clients == CLIENTS
    assert np.mean(found.beyond) >= 0.8
    assert np.mean(found.mean) >= 0.8


def test_the_page_has_a_place_for_every_table(known_changes: ModuleType, tables: dict[tuple[str, str], Any]) -> None:
    page = (SOAK.parents[1] / "docs" / "calibration.md").read_text(encoding="utf-8")
    made = known_changes.table(tables)
    renewed = known_changes.renew(page, [made, known_changes.drift_table([]), known_changes.rest_table({})])
    assert made in renewed
    assert renewed.split("\n")[0] == page.split("\n")[0]
    assert renewed.split("\n## ")[-1] == page.split("\n## ")[-1]
    with pytest.raises(ValueError, match="no table"):
        known_changes.renew(page, ["| another |"])


@pytest.mark.reference
def test_real_people_at_rest_are_hardly_ever_told_a_clear_change(known_changes: ModuleType, reference: Path) -> None:
    rows = known_changes.of_real_rest(reference)
    assert sum(len(row.verdicts) for row in rows.values()) > 200
    for window_s, row in rows.items():
        assert row.share(Verdict.CLEAR) <= 0.05, window_s
