"""A handful of what tests/soak/experiments.py does at length: the tests err as often as they say, and no more."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

RUNS = 150


@pytest.fixture(scope="module")
def soak() -> ModuleType:
    place = Path(__file__).parents[1] / "soak" / "experiments.py"
    spec = importlib.util.spec_from_file_location("soak_experiments", place)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_a_difference_is_found_where_none_is_in_one_of_twenty(soak: ModuleType) -> None:
    for row in soak.experiments(RUNS, seed=3):
        assert row.size <= 0.05 + 3 * (0.05 * 0.95 / RUNS) ** 0.5, (row.design, row.noise)  # three standard errors
        assert row.coverage >= 0.95 - 3 * (0.05 * 0.95 / RUNS) ** 0.5, (row.design, row.noise)


def test_what_is_there_is_found(soak: ModuleType) -> None:
    rows = {(row.design, row.noise): row for row in soak.experiments(60, seed=4)}
    assert rows["alternating, 16 sessions, 2 in a row", "independent"].power[2.0] > 0.8
    assert rows["alternating, 16 sessions, 2 in a row", "trend"].power[2.0] > 0.7


def test_groups_err_in_few_of_a_hundred(soak: ModuleType) -> None:
    for name, own, against in soak.groups(150, seed=5):
        assert max(own, against) <= 0.06 + 3 * (0.06 * 0.94 / 150) ** 0.5, name


def test_the_interval_of_g_holds(soak: ModuleType) -> None:
    for name, held in soak.effect_sizes(RUNS, seed=6):
        assert held >= 0.95 - 3 * (0.05 * 0.95 / (3 * RUNS)) ** 0.5, name
