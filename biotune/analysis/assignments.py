"""In which orders the conditions of one client's experiment may be put: counted, drawn, listed.

The test of such an experiment compares what was observed with what every other order would have given, so the
orders that could have been drawn must be exactly those that it looks at. Both come from here.
"""

import bisect
import functools
import itertools
import math
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from biotune.domain import Design
from biotune.errors import UsageError

LEAST_SESSIONS, MOST_SESSIONS = 4, 60
MOST_CONDITIONS = 4
ABAB_PHASES = 4
LEAST_PHASE = 3  # sessions in a phase: What Works Clearinghouse, single-case standards (Kratochwill et al. 2010)
SHORTEST_PHASE = 2
USUAL_REPEATS = 2  # in a row, where nobody says otherwise
LEAST_ORDERS = 20  # below, no result can reach 5 %
Order = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Rules:
    """What an order must obey.

    Attributes
    ----------
    design : Design
        Alternating: in any order, each condition as often as every other, or once more where that does not come
        out even. ABAB: the first condition in a row, then the second, then both again.
    conditions : int
        How many there are.
    sessions : int
        How many sessions there are.
    most_repeats : int or None
        Alternating: how often a condition may come in a row; None for any number.
    least_phase : int
        ABAB: how many sessions each of its four phases has at least.
    """

    design: Design
    conditions: int
    sessions: int
    most_repeats: int | None = None
    least_phase: int = LEAST_PHASE

    def check(self) -> None:
        """Refuse what cannot be drawn, or could not tell anything.

        Raises
        ------
        UsageError
            What, why and what to change.
        """
        if not LEAST_SESSIONS <= self.sessions <= MOST_SESSIONS:
            raise UsageError(
                f"{self.sessions} sessions cannot be planned", hint=f"Plan {LEAST_SESSIONS} to {MOST_SESSIONS}."
            )
        most = 2 if self.design is Design.ABAB else MOST_CONDITIONS
        if not 2 <= self.conditions <= most:  # noqa: PLR2004 - two things are compared
            raise UsageError(
                f"{self.conditions} conditions cannot be planned",
                hint=f"This design takes 2{f' to {most}' * (most > 2)}.",  # noqa: PLR2004 - as above
            )
        if self.most_repeats is not None and self.most_repeats < 1:
            raise UsageError("a condition must be allowed to come at least once in a row")
        orders = count(self)
        if orders < LEAST_ORDERS:
            raise UsageError(
                f"so few sessions leave {orders} possible {'order' if orders == 1 else 'orders'}",
                why=f"Chance alone brings any result once in {orders}; below {LEAST_ORDERS} nothing can be told.",
                hint="Plan more sessions, or allow more repeats or shorter phases.",
            )


def usual(design: Design, conditions: int, sessions: int, most_repeats: int | None = None) -> Rules:
    """Return the rules of a design where nobody says otherwise.

    Parameters
    ----------
    design : Design
        Which.
    conditions, sessions : int
        How many.
    most_repeats : int, optional
        As in `Rules`. ABAB has phases of at least three sessions; of two where three leave too few orders.
    """
    rules = Rules(design, conditions, sessions, most_repeats if design is Design.ALTERNATING else None)
    if design is Design.ABAB and count(rules) < LEAST_ORDERS:
        return Rules(design, conditions, sessions, least_phase=SHORTEST_PHASE)
    return rules


def usual_repeats(design: Design, conditions: int, sessions: int) -> int | None:
    """Return how often a condition may come in a row where nobody says otherwise; None for any number.

    ABAB has phases instead, and where that limit leaves too few orders to tell anything there is none.
    """
    if design is Design.ABAB or count(Rules(design, conditions, sessions, USUAL_REPEATS)) < LEAST_ORDERS:
        return None
    return USUAL_REPEATS


def count(rules: Rules, fixed: Sequence[int | None] = ()) -> int:
    """Count the orders that obey the rules.

    Parameters
    ----------
    rules : Rules
        The rules.
    fixed : sequence of int or None
        For each place the condition it must have; None where any may stand. Empty for none at all.

    Examples
    --------
    Six places, half of them each, never three in a row: 14 of the 20.

    >>> count(Rules(Design.ALTERNATING, 2, 6)), count(Rules(Design.ALTERNATING, 2, 6, most_repeats=2))
    (20, 14)

    24 sessions in four phases of at least four: the 165 of Bulté & Onghena, Behav Res Methods 40:467-478, 2008.

    >>> count(Rules(Design.ABAB, 2, 24, least_phase=4))
    165
    """
    if rules.design is Design.ABAB:
        free = rules.sessions - ABAB_PHASES * rules.least_phase
        return math.comb(free + ABAB_PHASES - 1, ABAB_PHASES - 1) if free >= 0 else 0
    return _completions(rules, tuple(fixed))((0,) * rules.conditions, -1, 0)


def draw(rules: Rules, seed: int) -> Order:
    """Draw one order, each as likely as every other.

    Parameters
    ----------
    rules : Rules
        The rules.
    seed : int
        Decides which: the same seed gives the same order.
    """
    return next(draw_many(rules, 1, seed))


def draw_many(rules: Rules, number: int, seed: int, fixed: Sequence[int | None] = ()) -> Iterator[Order]:
    """Draw many orders, with replacement; as `draw`, and with places fixed as in `count`."""
    chance = random.Random(seed)  # noqa: S311 - not for secrets; it counts beyond 64 bits
    if rules.design is Design.ABAB:
        orders = tuple(every(rules))
        yield from (orders[chance.randrange(len(orders))] for _ in range(number))
        return
    ways = _completions(rules, tuple(fixed))
    for _ in range(number):
        yield _walk(rules, ways, chance)


def every(rules: Rules, fixed: Sequence[int | None] = ()) -> Iterator[Order]:
    """List every order that obeys the rules, and the places fixed as in `count`."""
    if rules.design is Design.ABAB:
        least, n = rules.least_phase, rules.sessions
        for first, second, third in itertools.combinations(range(n), ABAB_PHASES - 1):
            lengths = (first, second - first, third - second, n - third)
            if min(lengths) >= least:
                yield sum(((phase % 2,) * length for phase, length in enumerate(lengths)), ())
        return
    ways = _completions(rules, tuple(fixed))

    def extend(order: Order, used: Order, last: int, run: int) -> Iterator[Order]:
        if len(order) == rules.sessions:
            yield order
            return
        for condition in range(rules.conditions):
            after, length = _with(used, condition), run + 1 if condition == last else 1
            if ways(after, condition, length):
                yield from extend((*order, condition), after, condition, length)

    if ways((0,) * rules.conditions, -1, 0):
        yield from extend((), (0,) * rules.conditions, -1, 0)


def phase_numbers(order: Sequence[int]) -> Order:
    """Return which run of one condition each place is in: the phases of an ABAB order.

    Examples
    --------
    >>> phase_numbers((0, 0, 1, 1, 0, 1))
    (0, 0, 1, 1, 2, 3)
    """
    numbers = itertools.accumulate((a != b for a, b in itertools.pairwise(order)), initial=0)
    return tuple(int(number) for number in numbers)


def _completions(rules: Rules, fixed: tuple[int | None, ...]) -> Callable[[Order, int, int], int]:
    """Return the function that counts in how many ways an order that was begun can be ended.

    It takes how often each condition has come, the last one, and how often that came in a row just now.
    """
    least, most = rules.sessions // rules.conditions, -(-rules.sessions // rules.conditions)

    @functools.cache
    def ways(used: Order, last: int, run: int) -> int:
        place = sum(used)
        if max(used) > most or (rules.most_repeats is not None and run > rules.most_repeats):
            return 0
        if place and fixed and fixed[place - 1] not in {None, last}:
            return 0
        if place == rules.sessions:
            return int(min(used) >= least)
        return sum(
            ways(_with(used, condition), condition, run + 1 if condition == last else 1)
            for condition in range(rules.conditions)
        )

    return ways


def _with(used: Order, condition: int) -> Order:
    return (*used[:condition], used[condition] + 1, *used[condition + 1 :])


def _walk(rules: Rules, ways: Callable[[Order, int, int], int], chance: random.Random) -> Order:
    """Choose place after place, each condition as often as orders go on with it: no order is likelier than another."""
    order: list[int] = []
    used, last, run = (0,) * rules.conditions, -1, 0
    for _ in range(rules.sessions):
        runs = [run + 1 if condition == last else 1 for condition in range(rules.conditions)]
        shares = [ways(_with(used, condition), condition, length) for condition, length in enumerate(runs)]
        # the shares add up to the ways from here, so that every ticket lies within one of them
        condition = bisect.bisect_right(list(itertools.accumulate(shares)), chance.randrange(ways(used, last, run)))
        order.append(condition)
        used, last, run = _with(used, condition), condition, runs[condition]
    return tuple(order)
