"""One client's experiment: what the random order of its conditions allows to be said.

The order was drawn, so under no effect every other order that could have been drawn would have met the very same
numbers. The share of orders that give a difference at least as large as the observed one is the p-value: no
assumption about the client, the noise or its memory from session to session is needed (Edgington & Onghena,
Randomization Tests, 4th ed., 2007). The interval holds every constant effect that the same test, two-sided, does not
refuse at 5 %.
"""

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from biotune.analysis import assignments
from biotune.analysis.assignments import Rules
from biotune.analysis.holm import adjusted
from biotune.analysis.series import FloatArray
from biotune.domain import Alternative, Design
from biotune.errors import AnalysisError

LEVEL = 0.05
EXACT_UP_TO = 20_000  # orders; above, some are drawn
DRAWN = 9_999
LEAST_VALUES = 2  # of each condition
_SAME = 1e-9  # of the largest difference: two orders that differ by rounding alone give the same one


@dataclass(frozen=True, slots=True)
class Effect:
    """What one pair of conditions came to.

    Attributes
    ----------
    first, second : int
        The conditions' numbers; the effect is first minus second.
    estimate : float
        The difference of means, in the outcomes' unit.
    low, high : float or None
        Its 95 % interval; None where so few orders leave that end open.
    p : float
        The randomisation test's p-value.
    p_holm : float
        The same, corrected for the number of pairs (Holm).
    orders : int
        How many orders were looked at: all, or those that were drawn and the one that took place.
    exact : bool
        Whether these were all.
    values : tuple of int
        How many sessions of either condition have a value.
    """

    first: int
    second: int
    estimate: float
    low: float | None
    high: float | None
    p: float
    p_holm: float
    orders: int
    exact: bool
    values: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Described:
    """What one pair of conditions came to, where no test holds any more: the difference of means, and nothing else.

    `first`, `second`, `estimate` and `values` are as in `Effect`.
    """

    first: int
    second: int
    estimate: float
    values: tuple[int, int]


def describe(effects: Sequence[Effect]) -> tuple[Described, ...]:
    """Return what is left of effects whose p-values and intervals do not hold."""
    return tuple(Described(each.first, each.second, each.estimate, each.values) for each in effects)


def examine(
    outcomes: Sequence[float | None],
    order: Sequence[int],
    rules: Rules,
    *,
    pairs: Sequence[tuple[int, int]] = ((0, 1),),
    alternative: Alternative = Alternative.TWO_SIDED,
    seed: int = 0,
) -> tuple[Effect, ...]:
    """Test every pair of conditions.

    Parameters
    ----------
    outcomes : sequence of float or None, length n_sessions
        What was measured in each session; None where there is no value. Such a place takes part in no mean.
    order : sequence of int, length n_sessions
        Which condition each session had: an order that the rules allow.
    rules : Rules
        By which it was drawn.
    pairs : sequence of (int, int)
        Which conditions are compared. Of more than two conditions, all other ones keep their places.
    alternative : Alternative
        Which differences, first minus second, count as large.
    seed : int
        Of the orders that are drawn where there are too many to look at all.

    Returns
    -------
    tuple of Effect
        One a pair.

    Raises
    ------
    AnalysisError
        Where a condition has fewer than two values.
    """
    found = [_test(outcomes, order, rules, pair, alternative, seed) for pair in pairs]
    corrected = adjusted([effect.p for effect in found])
    return tuple(
        Effect(e.first, e.second, e.estimate, e.low, e.high, e.p, p_holm, e.orders, e.exact, e.values)
        for e, p_holm in zip(found, corrected, strict=True)
    )


def _test(
    outcomes: Sequence[float | None],
    order: Sequence[int],
    rules: Rules,
    pair: tuple[int, int],
    alternative: Alternative,
    seed: int,
) -> Effect:
    valid = np.array([outcome is not None for outcome in outcomes])
    y = np.array([0.0 if outcome is None else outcome for outcome in outcomes])
    took_place = np.array(order, dtype=np.int8)
    values = tuple(int(np.sum((took_place == condition) & valid)) for condition in pair)
    if min(values) < LEAST_VALUES:
        raise AnalysisError(
            "one of the conditions has too few sessions with a value",
            why=f"It has {min(values)}; the least is {LEAST_VALUES}.",
        )
    orders, exact = _orders(rules, order, pair, seed)
    weights = _weights(orders, pair, valid, rules.design)
    own = _weights(took_place[np.newaxis], pair, valid, rules.design)[0]
    differences, observed = weights @ y, float(own @ y)
    moved = weights @ (took_place == pair[0])  # how far an effect of 1 moves each order's difference
    usable = np.isfinite(differences)
    low, high = _interval(differences, moved, usable, observed)
    return Effect(
        first=pair[0],
        second=pair[1],
        estimate=observed,
        low=low,
        high=high,
        p=_p(differences, usable, observed, alternative),
        p_holm=1.0,
        orders=len(orders),
        exact=exact,
        values=(values[0], values[1]),
    )


def _orders(rules: Rules, order: Sequence[int], pair: tuple[int, int], seed: int) -> tuple[NDArray[np.int8], bool]:
    """List the orders in which only the pair's own places are filled otherwise; or draw some, and add the real one."""
    fixed = tuple(None if condition in pair else condition for condition in order)
    every = _every(rules, fixed)
    if every is not None:
        return every, True
    drawn = assignments.draw_many(rules, DRAWN, seed, fixed)
    return np.array([tuple(order), *drawn], dtype=np.int8), False


@functools.lru_cache(maxsize=8)
def _every(rules: Rules, fixed: tuple[int | None, ...]) -> NDArray[np.int8] | None:
    """Return all orders, a row each; None where they are too many to look at."""
    if assignments.count(rules, fixed) > EXACT_UP_TO:
        return None
    return np.array(list(assignments.every(rules, fixed)), dtype=np.int8)


def _weights(orders: NDArray[np.int8], pair: tuple[int, int], valid: NDArray[np.bool_], design: Design) -> FloatArray:
    """Return for each order the weights that make the difference of means of the outcomes.

    Alternating: mean of the first condition's sessions minus mean of the second's. ABAB: the same of the phases' means,
    so that a long phase counts no more than a short one. A row is NaN where a mean would be of nothing.
    """
    weights = np.zeros(orders.shape)
    with np.errstate(divide="ignore", invalid="ignore"):
        for condition, sign in zip(pair, (1.0, -1.0), strict=True):
            if design is Design.ALTERNATING:
                inside = (orders == condition) & valid
                weights += sign * inside / inside.sum(axis=1, keepdims=True)
                continue
            phases = np.cumsum(np.diff(orders, axis=1, prepend=orders[:, :1]) != 0, axis=1)
            for phase in (condition, condition + 2):
                inside = (phases == phase) & valid
                weights += sign * inside / inside.sum(axis=1, keepdims=True) / 2
    return weights


def _p(differences: FloatArray, usable: NDArray[np.bool_], observed: float, alternative: Alternative) -> float:
    """Return the share of orders with a difference at least as large; one without any difference counts as such."""
    slack = _SAME * max(1e-300, float(np.max(np.abs(differences[usable]), initial=0.0)))
    given = np.where(usable, differences, math.inf)
    large = {
        Alternative.TWO_SIDED: np.abs(given) >= abs(observed) - slack,
        Alternative.GREATER: given >= observed - slack,
        Alternative.LESS: ~usable | (differences <= observed + slack),
    }
    return float(np.mean(large[alternative]))


def _interval(
    differences: FloatArray, moved: FloatArray, usable: NDArray[np.bool_], observed: float
) -> tuple[float | None, float | None]:
    """Return the effects that the two-sided test at 5 % does not refuse.

    With an effect δ taken off the first condition's outcomes, an order's difference a becomes a − δb, and the observed
    one A becomes A − δ. The order counts as long as |a − δb| ≥ |A − δ|: between (A − a)/(1 − b) and (A + a)/(1 + b),
    a span that holds A. So the share of orders that count falls on both sides of A, and its ends can be read off.
    """
    a, b = np.where(usable, differences, 0.0), np.where(usable, moved, 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        ends = np.sort(np.stack([(observed - a) / (1 - b), (observed + a) / (1 + b)]), axis=0)
    always = ~usable | (np.abs(b) > 1 - _SAME)
    lows = np.sort(np.where(always, -math.inf, ends[0]))
    highs = np.sort(np.where(always, math.inf, ends[1]))[::-1]
    last = math.floor(LEVEL * len(a) + _SAME)  # so many orders may count where an effect is refused
    low, high = float(lows[last]), float(highs[last])
    return (low if math.isfinite(low) else None, high if math.isfinite(high) else None)
