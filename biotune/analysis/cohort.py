"""Many clients: what changed in each approach, how much of it chance may be, and who is not in it and why."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from scipy import stats

from biotune.analysis import effect_size, mixed
from biotune.analysis.effect_size import HedgesG
from biotune.analysis.holm import adjusted
from biotune.analysis.metrics import CATALOGUE
from biotune.analysis.mixed import Model, Term
from biotune.analysis.session_change import Outcome, SessionChange, back_of, scale_of
from biotune.domain import Caveat, ChangeKind, Exclusion
from biotune.errors import UsageError

DECLARED = ("mean_hr", "rmssd", "breathing_rate")  # what is asked of a group where nobody says otherwise
KINDS: Mapping[str, ChangeKind] = {
    "mean_hr": ChangeKind.DIFFERENCE,
    "rmssd": ChangeKind.RATIO,
    "breathing_rate": ChangeKind.DIFFERENCE,
    "sdnn": ChangeKind.RATIO,
    "lf": ChangeKind.RATIO,
    "hf": ChangeKind.RATIO,
    "total_power": ChangeKind.RATIO,
    "dfa_alpha1": ChangeKind.DIFFERENCE,
}
UNKNOWN = "unknown"  # the approach of sessions that do not say
LEAST_FOR_INTERVAL = 3  # clients: the spread of two is one difference, and by chance it may be almost nothing


class NoInterval(StrEnum):
    """Why a mean has no interval."""

    FEW_CLIENTS = "few-clients"
    NOTHING_VARIES = "nothing-varies"


@dataclass(frozen=True, slots=True)
class Excluded:
    """What is not in the numbers.

    Attributes
    ----------
    source, client, approach : str
        Which session.
    metric : str
        Which metric of it; empty where the whole session is out.
    reason : Exclusion
        Why.
    words : str
        The same in words.
    """

    source: str
    client: str
    approach: str
    metric: str
    reason: Exclusion
    words: str


@dataclass(frozen=True, slots=True)
class PairedChange:
    """One metric in one approach: each client's mean before and after.

    Attributes
    ----------
    kind, unit
        As in `Change`.
    sessions, clients : int
        How many are in it.
    before, after : float
        Means over clients; geometric ones for ratios.
    estimate : float
        Mean change: a difference in `unit`, or a ratio.
    low, high : float or None
        Its 95 % interval (t over clients); None below `LEAST_FOR_INTERVAL` clients, or where nothing varies.
    g : HedgesG or None
        The standardised change.
    breathing_changed : int
        In how many of the sessions breathing changed, or may have: those changes may come from breathing alone.
    """

    kind: ChangeKind
    unit: str
    sessions: int
    clients: int
    before: float
    after: float
    estimate: float
    low: float | None
    high: float | None
    g: HedgesG | None
    breathing_changed: int

    @property
    def no_interval(self) -> NoInterval | None:
        """Why there is no interval; None where there is one."""
        if self.low is not None:
            return None
        return NoInterval.FEW_CLIENTS if self.clients < LEAST_FOR_INTERVAL else NoInterval.NOTHING_VARIES


@dataclass(frozen=True, slots=True)
class ClientLine:
    """One client in one approach and metric: the means of their sessions."""

    client: str
    approach: str
    metric: str
    sessions: int
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Answer:
    """A term of a model on the metric's own scale, with the p-value corrected for all metrics and approaches."""

    term: Term
    estimate: float
    low: float
    high: float
    p_holm: float


@dataclass(frozen=True, slots=True)
class MetricModel:
    """One metric's model and what it answers."""

    kind: ChangeKind
    unit: str
    model: Model
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class Cohort:
    """The group.

    Attributes
    ----------
    metrics : tuple of str
        The metrics declared.
    sessions, clients : int
        How many count.
    arms : mapping of str to mapping of str to PairedChange
        By approach, then by metric.
    lines : tuple of ClientLine
        Every client in every arm.
    models : mapping of str to MetricModel
        By metric.
    excluded : tuple of Excluded
        Who and what is not in it.
    """

    metrics: tuple[str, ...]
    sessions: int
    clients: int
    arms: Mapping[str, Mapping[str, PairedChange]]
    lines: tuple[ClientLine, ...]
    models: Mapping[str, MetricModel]
    excluded: tuple[Excluded, ...]


def declared(metrics: Sequence[str]) -> tuple[str, ...]:
    """Check which metrics somebody declares; each once.

    Raises
    ------
    UsageError
        Where one is not compared.
    """
    for metric in metrics:
        if metric not in KINDS:
            raise UsageError(f"{metric!r} is not a metric that is compared", hint=f"Known: {', '.join(KINDS)}.")
    return tuple(dict.fromkeys(metrics)) or DECLARED


def summarise(changes: Sequence[SessionChange], metrics: Sequence[str] = DECLARED) -> Cohort:
    """Put sessions together.

    Parameters
    ----------
    changes : sequence of SessionChange
        In any order: the result is the same.
    metrics : sequence of str
        The metrics declared; the correction for multiplicity counts these and no others.

    Returns
    -------
    Cohort
        Also of nothing at all.
    """
    ordered = sorted(changes, key=lambda each: each.order)
    counted = [replace(each, approach=each.approach or UNKNOWN) for each in ordered if _counts(each)]
    excluded = [_whole(each) for each in ordered if not _counts(each)]
    used = {metric: [each for each in counted if _moved(each, metric) is not None] for metric in metrics}
    for metric in metrics:
        excluded += [_partly(each, metric) for each in counted if _moved(each, metric) is None]
    lines = tuple(line for metric in metrics for line in _lines(used[metric], metric))
    approaches = sorted({each.approach for each in counted})
    arms = {
        approach: {
            metric: _paired([each for each in used[metric] if each.approach == approach], metric)
            for metric in metrics
            if any(each.approach == approach for each in used[metric])
        }
        for approach in approaches
    }
    return Cohort(
        metrics=tuple(metrics),
        sessions=len(counted),
        clients=len({each.client for each in counted}),
        arms=arms,
        lines=lines,
        models=_models(used),
        excluded=tuple(excluded),
    )


# ---------------------------------------------------------------- who counts


def _counts(each: SessionChange) -> bool:
    return each.excluded is None and bool(each.client)


def _whole(each: SessionChange) -> Excluded:
    if each.excluded is not None:
        return Excluded(each.source, each.client, each.approach, "", each.excluded, each.why)
    told = "it belongs to no client, so it cannot be told whose change it is"
    return Excluded(each.source, "", each.approach, "", Exclusion.NO_CLIENT, told)


def _partly(each: SessionChange, metric: str) -> Excluded:
    outcome = each.outcomes.get(metric)
    name = CATALOGUE[metric].name
    missing = outcome is None or outcome.before is None or outcome.after is None
    told = f"{name} is missing in a window" if missing else f"{name} cannot be compared"
    return Excluded(each.source, each.client, each.approach, metric, Exclusion.NO_VALUE, told)


def _moved(each: SessionChange, metric: str) -> float | None:
    outcome = each.outcomes.get(metric)
    return outcome.moved if outcome else None


# ---------------------------------------------------------------- each approach


def _by_client(changes: Sequence[SessionChange], metric: str) -> dict[tuple[str, str], list[Outcome]]:
    found: dict[tuple[str, str], list[Outcome]] = defaultdict(list)
    for each in changes:
        found[each.approach, each.client].append(each.outcomes[metric])
    return found


def _means(outcomes: Sequence[Outcome]) -> tuple[float, float]:
    """Return a client's means before and after, on the scale on which changes are differences."""
    scale = scale_of(outcomes[0].kind)
    before = [scale(each.before) for each in outcomes if each.before is not None]
    after = [scale(each.after) for each in outcomes if each.after is not None]
    return float(np.mean(before)), float(np.mean(after))


def _lines(changes: Sequence[SessionChange], metric: str) -> list[ClientLine]:
    back = back_of(KINDS[metric])
    lines = []
    for (approach, client), outcomes in sorted(_by_client(changes, metric).items()):
        before, after = _means(outcomes)
        lines.append(ClientLine(client, approach, metric, len(outcomes), back(before), back(after)))
    return lines


def _paired(changes: Sequence[SessionChange], metric: str) -> PairedChange:
    kind, back = KINDS[metric], back_of(KINDS[metric])
    ends = np.array([_means(outcomes) for _, outcomes in sorted(_by_client(changes, metric).items())])
    moved = ends[:, 1] - ends[:, 0]
    middle, n = float(moved.mean()), len(moved)
    spread = float(moved.std(ddof=1)) if n >= LEAST_FOR_INTERVAL else 0.0
    half = float(stats.t.ppf(0.975, n - 1)) * spread / n**0.5 if spread > mixed.LEAST_SPREAD else None
    outcomes = [each.outcomes[metric] for each in changes]
    breathing = {Caveat.BREATHING_CHANGED, Caveat.BREATHING_UNKNOWN}
    return PairedChange(
        kind=kind,
        unit=outcomes[0].unit,
        sessions=len(changes),
        clients=n,
        before=back(float(ends[:, 0].mean())),
        after=back(float(ends[:, 1].mean())),
        estimate=back(middle),
        low=None if half is None else back(middle - half),
        high=None if half is None else back(middle + half),
        g=effect_size.paired(ends[:, 0].tolist(), ends[:, 1].tolist()),
        breathing_changed=sum(bool(breathing & set(each.caveats)) for each in outcomes),
    )


# ---------------------------------------------------------------- all approaches at once


def _models(used: Mapping[str, Sequence[SessionChange]]) -> dict[str, MetricModel]:
    """Fit every metric; p-values of one kind of question, over all metrics and approaches, are one family."""
    models = {metric: _fit(changes, metric) for metric, changes in used.items() if changes}
    corrected: dict[tuple[str, str, str], float] = {}
    for asked in ("", *{term.against for model in models.values() for term in model.terms if term.against}):
        family = [(metric, term) for metric, model in models.items() for term in model.terms if term.against == asked]
        for (metric, term), p in zip(family, adjusted([term.p for _, term in family]), strict=True):
            corrected[metric, term.approach, asked] = p
    return {
        metric: MetricModel(
            kind=KINDS[metric],
            unit=used[metric][0].outcomes[metric].unit,
            model=model,
            answers=tuple(
                _answer(term, back_of(KINDS[metric]), corrected[metric, term.approach, term.against])
                for term in model.terms
            ),
        )
        for metric, model in models.items()
    }


def _fit(changes: Sequence[SessionChange], metric: str) -> Model:
    moved = [each.outcomes[metric].moved or 0.0 for each in changes]
    return mixed.fit(moved, [each.approach for each in changes], [each.client for each in changes])


def _answer(term: Term, back: Callable[[float], float], p_holm: float) -> Answer:
    return Answer(term, back(term.estimate), back(term.low), back(term.high), p_holm)
