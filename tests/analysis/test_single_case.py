"""The randomisation test of one client's experiment, against published values, other tools, and counting by hand."""

import itertools

import numpy as np
import pytest
from scipy import stats

from biotune.analysis import assignments, single_case
from biotune.analysis.assignments import Rules
from biotune.domain import Alternative, Design
from biotune.errors import AnalysisError

# The example of the R package SCRT (Bulté & Onghena, Behav Res Methods 40:467-478, 2008): six sessions a phase.
SCRT_ABAB = [6, 2, 5, 3, 4, 4, 1, 2, 3, 1, 3, 2, 2, 3, 4, 2, 4, 3, 0, 1, 2, 0, 2, 1]
SCRT_ORDER = (0,) * 6 + (1,) * 6 + (0,) * 6 + (1,) * 6


def test_the_published_abab_example():
    rules = Rules(Design.ABAB, 2, 24, least_phase=4)
    (found,) = single_case.examine(SCRT_ABAB, SCRT_ORDER, rules, alternative=Alternative.GREATER)
    assert found.p == pytest.approx(0.0242424242424242, abs=1e-12)  # SCRT's own test: 4 of 165
    assert found.estimate == pytest.approx(2.0)  # phase means 4 and 3 against 2 and 1
    assert found.exact
    assert found.orders == 165


def test_the_lady_tasting_tea():
    # Fisher, The Design of Experiments, 1935: eight cups, four of a kind; all right 1 in 70, three of four right 17
    rules = Rules(Design.ALTERNATING, 2, 8)
    order = (0, 1, 1, 0, 0, 1, 0, 1)
    said = [float(each == 0) for each in order]
    (every_cup,) = single_case.examine(said, order, rules, alternative=Alternative.GREATER)
    assert every_cup.p == pytest.approx(1 / 70)
    said[0], said[1] = said[1], said[0]
    (three,) = single_case.examine(said, order, rules, alternative=Alternative.GREATER)
    assert three.p == pytest.approx(17 / 70)


def test_counted_by_hand():
    # six sessions, never two alike in a row: ABABAB and BABABA, which differ as much in opposite directions
    rules = Rules(Design.ALTERNATING, 2, 6, most_repeats=1)
    (found,) = single_case.examine([3, 1, 2, 1, 4, 2], (0, 1, 0, 1, 0, 1), rules)
    assert found.estimate == pytest.approx(3 - 4 / 3)
    assert (found.p, found.orders) == (1.0, 2)
    assert (found.low, found.high) == (None, None)
    (one_sided,) = single_case.examine([3, 1, 2, 1, 4, 2], (0, 1, 0, 1, 0, 1), rules, alternative=Alternative.GREATER)
    assert one_sided.p == 0.5
    (other,) = single_case.examine([3, 1, 2, 1, 4, 2], (0, 1, 0, 1, 0, 1), rules, alternative=Alternative.LESS)
    assert other.p == 1.0


@pytest.mark.parametrize("alternative", list(Alternative))
def test_without_limits_it_is_scipys_permutation_test(alternative):
    rules, random = Rules(Design.ALTERNATING, 2, 10), np.random.default_rng(4)
    for seed in range(5):
        order = assignments.draw(rules, seed)
        first = np.array(order) == 0
        y = random.normal(size=10) + 0.9 * first
        (found,) = single_case.examine(y.tolist(), order, rules, alternative=alternative)
        theirs = stats.permutation_test(
            (y[first], y[~first]),
            lambda a, b, axis: a.mean(axis) - b.mean(axis),
            vectorized=True,
            n_resamples=np.inf,
            alternative=alternative.value,
        )
        assert found.p == pytest.approx(theirs.pvalue)


@pytest.mark.parametrize(
    "rules",
    [Rules(Design.ALTERNATING, 2, 12, 2), Rules(Design.ABAB, 2, 14, least_phase=2), Rules(Design.ALTERNATING, 2, 11)],
)
def test_the_interval_ends_where_the_test_begins_to_refuse(rules):
    random = np.random.default_rng(2)
    order = assignments.draw(rules, 3)
    first = np.array(order) == 0
    y = random.normal(size=len(order)) + first
    (found,) = single_case.examine(y.tolist(), order, rules)

    def p_of(effect: float) -> float:
        return single_case.examine((y - effect * first).tolist(), order, rules)[0].p

    assert found.low is not None
    assert found.high is not None
    for end, inside in ((found.low, 1e-6), (found.high, -1e-6)):
        assert p_of(end + inside) > 0.05
        assert p_of(end - inside) <= 0.05
    for share in (0.1, 0.5, 0.9):
        assert p_of(found.low + share * (found.high - found.low)) > 0.05


def test_too_many_orders_are_drawn_from_with_the_one_that_took_place_among_them():
    rules, random = Rules(Design.ALTERNATING, 2, 24, 3), np.random.default_rng(0)
    assert assignments.count(rules) > single_case.EXACT_UP_TO
    order = assignments.draw(rules, 1)
    y = random.normal(size=24) + 8.0 * (np.array(order) == 0)
    (found,) = single_case.examine(y.tolist(), order, rules, seed=5)
    assert not found.exact
    assert found.p == pytest.approx(1 / 10_000)  # none of 9,999 drawn is as large: (0 + 1)/(9,999 + 1), never 0
    assert single_case.examine(y.tolist(), order, rules, seed=5)[0] == found


def test_a_session_without_a_value_takes_part_in_no_mean():
    rules = Rules(Design.ALTERNATING, 2, 8)
    order = (0, 1, 0, 1, 1, 0, 1, 0)
    y = [5.0, 1.0, None, 2.0, 1.5, 6.0, 2.5, 7.0]
    (found,) = single_case.examine(y, order, rules)
    assert found.estimate == pytest.approx(6.0 - 1.75)
    assert found.values == (3, 4)
    # counted apart from the program: all 70 ways to give four of the eight places the first condition
    kept = [each for each in range(8) if y[each] is not None]
    large = 0
    for chosen in itertools.combinations(range(8), 4):
        one = [y[each] for each in kept if each in chosen]
        two = [y[each] for each in kept if each not in chosen]
        large += abs(np.mean(one) - np.mean(two)) >= 4.25 - 1e-9
    assert found.p == pytest.approx(large / 70)


def test_three_conditions_are_compared_pair_by_pair_and_corrected():
    rules = Rules(Design.ALTERNATING, 3, 15, 2)
    order = assignments.draw(rules, 2)
    y = [{0: 4.0, 1: 0.0, 2: 0.2}[each] + 0.01 * place for place, each in enumerate(order)]
    found = single_case.examine(y, order, rules, pairs=((0, 1), (0, 2), (1, 2)))
    assert [(each.first, each.second) for each in found] == [(0, 1), (0, 2), (1, 2)]
    raw = sorted(each.p for each in found)
    corrected = sorted(each.p_holm for each in found)
    assert corrected[0] == pytest.approx(min(1, 3 * raw[0]))
    assert all(each.p_holm >= each.p for each in found)


def test_a_condition_with_one_value_tells_nothing():
    with pytest.raises(AnalysisError, match="too few"):
        single_case.examine([1.0, None, None, 2.0], (0, 0, 1, 1), Rules(Design.ALTERNATING, 2, 4))
