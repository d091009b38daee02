"""The orders that could have been drawn: all of them, each equally likely, and no other."""

import itertools
from collections import Counter

import pytest
from scipy import stats

from biotune.analysis import assignments
from biotune.analysis.assignments import Rules
from biotune.domain import Design
from biotune.errors import UsageError


def longest_run(order: tuple[int, ...]) -> int:
    return max(len(list(same)) for _, same in itertools.groupby(order))


@pytest.mark.parametrize(("conditions", "sessions", "most"), [(2, 8, 2), (2, 9, 3), (3, 7, 1), (3, 6, 2), (2, 8, None)])
def test_the_orders_are_those_that_a_search_through_every_sequence_finds(conditions, sessions, most):
    rules = Rules(Design.ALTERNATING, conditions, sessions, most)
    least, often = divmod(sessions, conditions)
    wanted = {
        order
        for order in itertools.product(range(conditions), repeat=sessions)
        if all(order.count(each) - least in {0, int(often > 0)} for each in range(conditions))
        and (most is None or longest_run(order) <= most)
    }
    assert set(assignments.every(rules)) == wanted
    assert assignments.count(rules) == len(wanted)


def test_phases_change_at_every_point_that_leaves_each_phase_long_enough():
    rules = Rules(Design.ABAB, 2, 24, least_phase=4)
    found = list(assignments.every(rules))
    assert len(set(found)) == len(found) == 165  # Bulté & Onghena 2008: 24 measurements, at least 4 a phase
    for order in found:
        runs = [(condition, len(list(same))) for condition, same in itertools.groupby(order)]
        assert [condition for condition, _ in runs] == [0, 1, 0, 1]
        assert min(length for _, length in runs) >= 4


@pytest.mark.parametrize("rules", [Rules(Design.ALTERNATING, 2, 6, 2), Rules(Design.ABAB, 2, 12, least_phase=2)])
def test_no_order_is_likelier_than_another(rules):
    orders = list(assignments.every(rules))
    drawn = Counter(assignments.draw_many(rules, 400 * len(orders), seed=7))
    assert set(drawn) == set(orders)
    assert stats.chisquare([drawn[order] for order in orders]).pvalue > 0.001


def test_a_seed_gives_the_same_order_again():
    rules = Rules(Design.ALTERNATING, 3, 30, 2)
    assert assignments.draw(rules, 5) == assignments.draw(rules, 5)
    assert len({assignments.draw(rules, seed) for seed in range(20)}) == 20


def test_conditions_that_are_not_compared_keep_their_places():
    rules = Rules(Design.ALTERNATING, 3, 6, 2)
    fixed = (None, None, 2, None, None, 2)
    found = set(assignments.every(rules, fixed))
    assert found == {
        order for order in assignments.every(rules) if [n for n, c in enumerate(order) if c == 2] == [2, 5]
    }
    assert assignments.count(rules, fixed) == len(found)
    assert set(assignments.draw_many(rules, 200, 1, fixed)) == found


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        (Rules(Design.ALTERNATING, 2, 6, 2), "14 possible orders"),
        (Rules(Design.ABAB, 2, 12, least_phase=3), "1 possible order"),
        (Rules(Design.ALTERNATING, 2, 3), "3 sessions"),
        (Rules(Design.ALTERNATING, 2, 61), "61 sessions"),
        (Rules(Design.ALTERNATING, 1, 12), "1 conditions"),
        (Rules(Design.ABAB, 3, 24), "3 conditions"),
        (Rules(Design.ALTERNATING, 2, 12, 0), "in a row"),
    ],
)
def test_what_could_show_nothing_is_not_drawn(rules, told):
    with pytest.raises(UsageError, match=told):
        rules.check()


def test_phases_of_two_are_taken_where_three_leave_too_few_orders():
    assert assignments.usual(Design.ABAB, 2, 12).least_phase == 2
    assert assignments.usual(Design.ABAB, 2, 24).least_phase == 3
