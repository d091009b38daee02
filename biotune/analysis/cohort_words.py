"""A group's result in sentences; as neutral as those of a session."""

from collections.abc import Mapping

from biotune.analysis import words_over_sessions as over_sessions
from biotune.analysis.cohort import UNKNOWN, Answer, Cohort, Excluded, MetricModel, NoInterval, PairedChange
from biotune.analysis.effect_size import HedgesG
from biotune.analysis.metrics import CATALOGUE
from biotune.analysis.mixed import LEAST_CLIENTS, Warned
from biotune.analysis.session_change import CONTROL
from biotune.analysis.words import number, signed
from biotune.domain import ChangeKind, Exclusion

EMPTY = "No session can be put into a group yet: it takes sessions of clients, with a baseline and something after it."
NO_CONTROL = (
    "There are no quiet-rest sessions among these. Resting alone changes heart rate and its variability, so how much "
    "of a change comes from what was done, and how much from sitting still, cannot be told."
)
_INTERVALS = "In brackets: the 95 % interval of the mean over clients, each approach by itself."
_AGAINST = (
    "Against quiet rest: from one model of all sessions, with its own 95 % interval; whether chance can explain it is "
    "judged with all questions counted."
)
_CHANCE = 0.05
_TWO = 2  # clients: a mean that is told, without an interval
_WARNED = {
    Warned.TOO_FEW_CLIENTS: (
        f"There are fewer than {LEAST_CLIENTS} clients, or hardly more sessions than approaches: too few for a model."
    ),
    Warned.NOTHING_VARIES: "All sessions changed alike to the last digit, so there is nothing to model.",
    Warned.SINGULAR: (
        "The model sees no difference between clients beyond chance (a singular fit); its intervals may be too narrow."
    ),
    Warned.ONE_SESSION_EACH: (
        "No client has a second session, so clients and chance cannot be told apart: this is plain least squares."
    ),
    Warned.FEW_SHARED: (
        f"Fewer than {LEAST_CLIENTS} clients did both an approach and quiet rest, so the two are compared between "
        "different people, with fewer degrees of freedom."
    ),
}
_PLAINLY = {  # what of it the sentences say; the rest stands beside the model itself
    Warned.TOO_FEW_CLIENTS: _WARNED[Warned.TOO_FEW_CLIENTS],
    Warned.NOTHING_VARIES: _WARNED[Warned.NOTHING_VARIES],
    Warned.FEW_SHARED: (
        f"Fewer than {LEAST_CLIENTS} clients did both an approach and quiet rest, so the two are compared between "
        "different people."
    ),
    Warned.SINGULAR: (
        "What is said against quiet rest may look surer than it is: the model's intervals may be too narrow."
    ),
}
_EXCLUDED = {
    Exclusion.UNFINISHED: "still being recorded",
    Exclusion.NO_CLIENT: "no client",
    Exclusion.NO_COMPARISON: "nothing to compare",
    Exclusion.NOT_COMPARABLE: "not comparable",
    Exclusion.NO_VALUE: "no value",
    Exclusion.SAME_RECORDING: "counted already",
    Exclusion.WORKER_LOST: "its analysis ended the worker",
    Exclusion.FAILED: "could not be analysed",
}


def warned_sentence(warned: Warned) -> str:
    """Return what must be said beside a model."""
    return _WARNED[warned]


def excluded_label(reason: Exclusion) -> str:
    """Return a reason for being left out in a few words."""
    return _EXCLUDED[reason]


def approach_title(approach: str) -> str:
    """Write an approach as words.

    Examples
    --------
    >>> approach_title("drumming"), approach_title(UNKNOWN)
    ('Drumming', 'Not known')
    """
    return "Not known" if approach == UNKNOWN else over_sessions.approach(approach)


def size(cohort: Cohort) -> str:
    """Say how many there are, and how many are not in it."""
    out = len({each.source for each in cohort.excluded if not each.metric})
    told = f"{_count(cohort.sessions, 'session')} of {_count(cohort.clients, 'client')}"
    return f"{told}; {_count(out, 'session')} left out." if out else f"{told}."


def sentences(cohort: Cohort) -> tuple[str, ...]:
    """Tell a group's result, the most important first."""
    if not cohort.sessions:
        return (EMPTY,)
    told = [size(cohort), *(arm for approach in cohort.arms if (arm := _arm(cohort, approach)))]
    if len(told) > 1:
        if any(each.low is not None for changes in cohort.arms.values() for each in changes.values()):
            told.append(_INTERVALS)
        if any(answer.term.against for model in cohort.models.values() for answer in model.answers):
            told.append(_AGAINST)
    if CONTROL not in cohort.arms:
        told.append(NO_CONTROL)
    told += [sentence for approach, changes in cohort.arms.items() if (sentence := _breathing(approach, changes))]
    warned = {each for model in cohort.models.values() for each in model.model.warned}
    if _AGAINST not in told:
        warned -= {Warned.SINGULAR}
    told += sorted(_PLAINLY[each] for each in warned if each in _PLAINLY)
    return tuple(told)


def warnings(cohort: Cohort) -> tuple[str, ...]:
    """Return what must be said beside the models, each once."""
    return tuple(sorted({warned_sentence(each) for model in cohort.models.values() for each in model.model.warned}))


def amount(kind: ChangeKind, unit: str, value: float) -> str:
    """Write a change.

    Examples
    --------
    >>> amount(ChangeKind.DIFFERENCE, "bpm", -3.21), amount(ChangeKind.RATIO, "ms", 1.2)
    ('−3.2 bpm', '×1.20')
    """
    if kind is ChangeKind.RATIO:
        return f"×{value:.2f}"
    decimals = 2 if unit == "1" else 1
    return f"{signed(value, decimals)}{_unit(unit)}"


def interval(kind: ChangeKind, low: float | None, high: float | None) -> str:
    """Write an interval; empty where there is none."""
    if low is None or high is None:
        return ""
    decimals = 2 if kind is ChangeKind.RATIO else 1
    return f"{number(low, decimals)} to {number(high, decimals)}"


def mean_interval(change: PairedChange) -> str:
    """Write the interval of an approach's mean in a table, or what it takes."""
    if change.no_interval is NoInterval.FEW_CLIENTS:
        return "takes three clients"
    return interval(change.kind, change.low, change.high) or "all changed alike"


def effect_size(g: HedgesG) -> str:
    """Write a standardised effect with its interval."""
    return f"{number(g.value, 2)} ({number(g.low, 2)} to {number(g.high, 2)})"


def probability(p: float) -> str:
    """Write a p-value.

    Examples
    --------
    >>> probability(0.0341), probability(0.00004)
    ('p = 0.034', 'p < 0.001')
    """
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"  # noqa: PLR2004 - as people write it


def bare_probability(p: float) -> str:
    """Write a p-value as a table does, whose head says that it is one.

    Examples
    --------
    >>> bare_probability(0.0341), bare_probability(0.00004)
    ('0.034', '< 0.001')
    """
    return probability(p).removeprefix("p ").removeprefix("= ")


def numbers(model: MetricModel, answer: Answer) -> tuple[str, ...]:
    """Return what a model's answer is in numbers: change, interval, degrees of freedom, p, and p corrected by Holm."""
    return (
        amount(model.kind, model.unit, answer.estimate),
        interval(model.kind, answer.low, answer.high),
        str(answer.term.df),
        bare_probability(answer.term.p),
        bare_probability(answer.p_holm),
    )


def excluded_sentence(each: Excluded) -> str:
    """Say who or what is left out, and why."""
    what = f"{each.source}, {CATALOGUE[each.metric].name}" if each.metric else each.source
    return f"{what}: {each.words.rstrip('.')}."


def _arm(cohort: Cohort, approach: str) -> str:
    """Tell one approach in a paragraph; empty where there is only one client, who is no group."""
    changes = {
        metric: each for metric, each in cohort.arms[approach].items() if each.low is not None or each.clients == _TWO
    }
    if not changes:
        return ""
    most = max(changes.values(), key=lambda each: each.clients)
    title = approach_title(approach)
    told = f"{title} ({_count(most.clients, 'client')}, {_count(most.sessions, 'session')}), before to after: "
    told += ", ".join(_mean(metric, each) for metric, each in changes.items())
    beside = [
        _name(metric) + _told(model, answer)
        for metric, model in cohort.models.items()
        if (answer := _answer(cohort, metric, approach))
    ]
    return f"{told}. Against quiet rest: {'; '.join(beside)}." if beside else f"{told}."


def _answer(cohort: Cohort, metric: str, approach: str) -> Answer | None:
    """Return what the model says of an approach against quiet rest."""
    answers = cohort.models[metric].answers if metric in cohort.models else ()
    found = (each for each in answers if (each.term.approach, each.term.against) == (approach, CONTROL))
    return next(found, None)


def _mean(metric: str, change: PairedChange) -> str:
    """Write an approach's own mean: its interval is its own, so the model's p would not belong to it."""
    ends = interval(change.kind, change.low, change.high) or "two clients: too few for an interval"
    return f"{_name(metric)} {amount(change.kind, change.unit, change.estimate)} ({ends})"


def _told(model: MetricModel, answer: Answer) -> str:
    ends = interval(model.kind, answer.low, answer.high)
    return f" {amount(model.kind, model.unit, answer.estimate)} ({ends}), {_worth(model.kind, answer)}"


def _worth(kind: ChangeKind, answer: Answer) -> str:
    if answer.p_holm < _CHANCE:
        return "more than chance explains"
    none = 1.0 if kind is ChangeKind.RATIO else 0.0
    if answer.low <= none <= answer.high:
        return "no more than chance can explain"
    return "which chance can explain where so many questions are asked"


def _name(metric: str) -> str:
    """Write a metric's name within a sentence: a name that is an abbreviation stays one."""
    name = CATALOGUE[metric].name
    return name[:1].lower() + name[1:] if name[1:2].islower() else name


def _breathing(approach: str, changes: Mapping[str, PairedChange]) -> str:
    change = changes.get("rmssd")
    if change is None or not change.breathing_changed:
        return ""
    return (
        f"In {change.breathing_changed} of {_count(change.sessions, 'session')} of "
        f"{approach_title(approach).lower()} breathing changed, or could not be read: "
        "slower breathing alone changes heart rate variability."
    )


def _unit(unit: str) -> str:
    return {"1": "", "1/min": " breaths a minute"}.get(unit, f" {unit}")


def _count(number_of: int, what: str) -> str:
    return f"{number_of} {what}" if number_of == 1 else f"{number_of} {what}s"
