"""An experiment in sentences."""

from typing import TYPE_CHECKING

from biotune.analysis import assignments
from biotune.analysis.cohort_words import amount, interval, probability
from biotune.analysis.metrics import CATALOGUE
from biotune.analysis.session_change import back_of
from biotune.analysis.single_case import LEVEL, Described, Effect
from biotune.domain import Alternative, ChangeKind, Design, PlaceState

if TYPE_CHECKING:
    from biotune.analysis.experiment import Experiment, Place, Plan

FOR_THIS_CLIENT = "This holds for this client and these conditions; it says nothing of other clients."
_STATES = {
    PlaceState.OPEN: "to come",
    PlaceState.NEXT: "next",
    PlaceState.DONE: "done",
    PlaceState.NO_VALUE: "done, no value",
    PlaceState.MISSED: "will not take place",
}
_LOOKED_FOR = {
    Alternative.TWO_SIDED: "a difference in either direction",
    Alternative.GREATER: "a larger change in the first condition",
    Alternative.LESS: "a smaller change in the first condition",
}


def state_label(state: PlaceState) -> str:
    """Say how a planned session stands."""
    return _STATES[state]


def design_sentence(plan: "Plan") -> str:
    """Say what was drawn, and from how many orders."""
    rules = plan.rules
    names = [each.label for each in plan.conditions]
    listed = f"{', '.join(names[:-1])} and {names[-1]}"
    orders = f"one of {assignments.count(rules):,} possible orders, drawn with seed {plan.seed}"
    if rules.design is Design.ABAB:
        return (
            f"{rules.sessions} sessions of {listed} in four phases of at least {rules.least_phase} sessions, "
            f"changing at random: {orders}."
        )
    limit = f", never more than {rules.most_repeats} in a row" if rules.most_repeats else ""
    return f"{rules.sessions} sessions of {listed} in random order{limit}: {orders}."


def question_sentence(plan: "Plan") -> str:
    """Say what was decided to look at."""
    by = "ratio" if plan.kind is ChangeKind.RATIO else "difference"
    return (
        f"Looked at is the change of {CATALOGUE[plan.metric].name} from before to after in each session (its {by}), "
        f"for {_LOOKED_FOR[plan.alternative]}."
    )


def progress_sentence(experiment: "Experiment") -> str:
    """Say how far it is."""
    total, missed = len(experiment.places), sum(each.state is PlaceState.MISSED for each in experiment.places)
    told = f"{experiment.taken} of {total} sessions so far"
    if experiment.plan.stopped:
        was_told = f" Its result had been told on {_day(experiment.plan)}." if experiment.plan.told else ""
        return f"Given up after {experiment.taken} of {total} sessions; it gives no result.{was_told}"
    if experiment.is_done:
        return f"Done: {experiment.taken} of {total} sessions" + (f", {missed} did not take place." if missed else ".")
    return f"{told}. The result is told when all have taken place, and not before."


def place_sentence(experiment: "Experiment", place: "Place") -> str:
    """Say what a place is for."""
    return f"Session {place.number} of {len(experiment.places)}: {experiment.plan.conditions[place.condition].label}."


def kept_back_sentence(experiment: "Experiment") -> str:
    """Say how many conditions to come are not shown; empty where all are."""
    count = len(experiment.places) - len(experiment.disclosed)
    if not count:
        return ""
    told = "1 condition to come is" if count == 1 else f"{count} conditions to come are"
    return f"{told} not shown, so that nobody can choose days or people by what is due."


def sentences(experiment: "Experiment") -> tuple[str, ...]:
    """Tell an experiment, the most important first."""
    told = [progress_sentence(experiment)]
    if experiment.next:
        told.append(f"Next: {place_sentence(experiment, experiment.next)}")
    told += [effect_sentence(experiment.plan, effect) for effect in experiment.effects]
    if experiment.described:
        told += [described_sentence(experiment.plan, each) for each in experiment.described]
        told.append(moved_sentence(experiment.plan))
    if experiment.problem:
        told.append(experiment.problem)
    if experiment.effects or experiment.described:
        told += [*_beside(experiment), FOR_THIS_CLIENT]
    told += [design_sentence(experiment.plan), question_sentence(experiment.plan)]
    told += [each.words for each in experiment.outsiders]
    return tuple(told)


def effect_sentence(plan: "Plan", effect: Effect) -> str:
    """Say what one pair of conditions came to."""
    what = _difference(plan, effect)
    p = probability(effect.p_holm if len(plan.pairs) > 1 else effect.p)
    p += " after correction for several pairs" if len(plan.pairs) > 1 else ""
    worth = "more than chance easily brings" if effect.p_holm <= LEVEL else "chance brings as much easily"
    return f"{what} ({_interval(plan, effect)}; {p}: {worth})."


def described_sentence(plan: "Plan", effect: Described) -> str:
    """Say what one pair of conditions came to, where nothing can be tested any more."""
    return f"{_difference(plan, effect)}; this describes the sessions, and is no test."


def moved_sentence(plan: "Plan") -> str:
    """Say why a result whose sessions were moved has no p-value."""
    return (
        f"Which session stands in which place was changed after the result had first been told, on {_day(plan)}. "
        "A choice made in sight of the result can bring about any result, so no p-value and no interval holds any "
        "more. With the sessions where they were, they hold again."
    )


def _day(plan: "Plan") -> str:
    return f"{plan.told.astimezone():%Y-%m-%d}" if plan.told else ""


def _difference(plan: "Plan", effect: Effect | Described) -> str:
    back, unit = back_of(plan.kind), CATALOGUE[plan.metric].unit
    first, second = plan.conditions[effect.first].label, plan.conditions[effect.second].label
    moved = amount(plan.kind, unit, back(effect.estimate))
    return f"Against {second}, the change of {CATALOGUE[plan.metric].name} in {first} was {moved}"


def _interval(plan: "Plan", effect: Effect) -> str:
    back = back_of(plan.kind)
    if effect.low is None or effect.high is None:
        return "too few orders for a 95 % interval"
    return f"95 % interval {interval(plan.kind, back(effect.low), back(effect.high))}"


def _beside(experiment: "Experiment") -> list[str]:
    """Say what weakens the result."""
    told = []
    lost = [each for each in experiment.places if each.state in {PlaceState.NO_VALUE, PlaceState.MISSED}]
    if lost:
        numbers = ", ".join(str(each.number) for each in lost)
        told.append(f"Without a value: {numbers}. If that has to do with the condition, the result is in doubt.")
    if any(each.by_hand for each in experiment.places):
        told.append("Sessions were put in their places by hand, so the order that was drawn was not kept by itself.")
    return told
