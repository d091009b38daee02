"""Two sessions side by side: whether the same change happened in both.

What is compared is change against change. Its interval comes from both sessions' own errors; how far such changes
differ from one sitting to the next cannot be known from two sittings, so a difference is at most possible.
Baselines are laid beside the difference that two resting measurements of one person show anyway, without an interval.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from biotune.analysis import comparison, words
from biotune.analysis.metrics import CATALOGUE
from biotune.analysis.results import Change, Comparison
from biotune.analysis.words_over_sessions import approach
from biotune.domain import Caveat, ChangeKind, Verdict
from biotune.errors import AnalysisError

TOLD = ("mean_hr", "rmssd", "breathing_rate")
_BREATHS_APART = comparison.BREATHING_CHANGED_PER_MIN
_LABELS = {Verdict.POSSIBLE: "Possible difference", Verdict.NONE: "No clear difference"}
_MOST_DECIMALS = 3
_SHORT = "-short"
_NOISE = (
    "How much such changes vary from one sitting to the next cannot be known from two sittings: more sessions would "
    "tell, and quiet-rest sessions most of all."
)


@dataclass(frozen=True, slots=True)
class Beside:
    """One metric in both sessions.

    Attributes
    ----------
    first, second : Change
        Before and after in each session.
    baseline : Change
        From the first session's `before` to the second's; no interval, since days lie between them.
    difference : Change
        The second session's change against the first's: a difference of differences, or a ratio of ratios. Its
        `before` and `after` are the two changes themselves.
    """

    first: Change
    second: Change
    baseline: Change
    difference: Change


@dataclass(frozen=True, slots=True)
class Between:
    """Two sessions.

    Attributes
    ----------
    first, second : Comparison
        Each session's own.
    metrics : mapping of str to Beside
        By metric key.
    words : tuple of str
        Neutral sentences, most important first.
    """

    first: Comparison
    second: Comparison
    metrics: Mapping[str, Beside]
    words: tuple[str, ...]


def compare(
    first: Comparison, second: Comparison, *, clients: tuple[str, str] = ("", ""), protocols: tuple[str, str] = ("", "")
) -> Between:
    """Lay two sessions' comparisons beside one another.

    Parameters
    ----------
    first, second : Comparison
        Of two sessions, each with its usual windows.
    clients : tuple of str
        Whose they are; empty where nobody said.
    protocols : tuple of str
        What was done in each.

    Raises
    ------
    AnalysisError
        Where both are of one and the same recording.
    """
    if first.source == second.source:
        raise AnalysisError(
            "a session cannot be compared with itself",
            why=f"Both are {first.source}.",
            hint="Choose another session for one of the two.",
        )
    metrics = {
        key: _beside(key, first.changes[key], second.changes[key]) for key in first.changes if key in second.changes
    }
    told = [sentence for key in TOLD if key in metrics if (sentence := _sentence(key, metrics[key], first, second))]
    caveats = _caveats(first, second, metrics, clients, protocols)
    return Between(first, second, metrics, (*told, *caveats, _NOISE))


def _beside(key: str, first: Change, second: Change) -> Beside:
    return Beside(first, second, _baseline(key, first, second), _difference(first, second))


def _baseline(key: str, first: Change, second: Change) -> Change:
    ratio = first.kind is ChangeKind.RATIO
    one, two = first.before, second.before
    estimate, needed, verdict = None, None, Verdict.NOT_COMPARABLE
    if one is not None and two is not None and not (ratio and min(one, two) < comparison.NOTHING):
        estimate = two / one if ratio else two - one
        falls = estimate < (1 if ratio else 0)
        needed = comparison.smallest_detectable(key, one, falls=falls)
        beyond = needed is not None and (max(estimate, 1 / estimate) if ratio else abs(estimate)) > needed
        verdict = Verdict.POSSIBLE if beyond else Verdict.NONE
    return Change(first.kind, one, two, estimate, None, None, needed, verdict, (), first.unit)


def _difference(first: Change, second: Change) -> Change:
    ratio = first.kind is ChangeKind.RATIO
    scale, back = (math.log, math.exp) if ratio else (float, float)
    ends = [(each.estimate, each.low, each.high) for each in (first, second)]
    if any(value is None for values in ends for value in values):
        return Change(
            first.kind, first.estimate, second.estimate, None, None, None, None, Verdict.NOT_COMPARABLE, (), first.unit
        )
    (a, a_low, a_high), (b, b_low, b_high) = ([scale(value or 0.0) for value in values] for values in ends)
    moved = b - a
    width = math.hypot((a_high - a_low) / 2, (b_high - b_low) / 2)
    return Change(
        kind=first.kind,
        before=first.estimate,
        after=second.estimate,
        estimate=back(moved),
        low=back(moved - width),
        high=back(moved + width),
        smallest_detectable=None,
        verdict=comparison.judge(moved, width, None),
        caveats=(),
        unit=first.unit,
    )


# ---------------------------------------------------------------- words


def verdict_label(difference: Change) -> str:
    """Return the verdict on a difference as the sentences say it."""
    return _LABELS.get(difference.verdict) or words.verdict_label(difference.verdict)


def phrases(key: str, beside: Beside) -> tuple[str, str, str]:
    """Write both changes and what lies between them, with so many decimals that they add up as they are read."""
    decimals = _decimals(key, beside)
    one, two, apart = (
        words.change_phrase(key, each, least_decimals=decimals)
        for each in (beside.first, beside.second, beside.difference)
    )
    return one, two, apart


def _sentence(key: str, beside: Beside, first: Comparison, second: Comparison) -> str:
    """Tell both changes, and what lies between them."""
    name = CATALOGUE[key].name
    difference = beside.difference
    if difference.estimate is None:
        return f"{name}: there is no change in both sessions that could be compared."
    one, two, apart = phrases(key, beside)
    told = (
        f"{name}: {one.partition(' (')[0]} in {first.source}, {two.partition(' (')[0]} in {second.source}. "
        f"Between the two lies {apart}."
    )
    if difference.verdict is Verdict.NONE:
        return f"{told} That is no clear difference: chance within the two sessions can explain it."
    return f"{told} That is a possible difference: it is larger than chance within the two sessions."


def _decimals(key: str, beside: Beside) -> int:
    """Return how many decimals it takes for the one number less the other to be the third, as it is read."""
    one, two, apart = (each.estimate for each in (beside.first, beside.second, beside.difference))
    if one is None or two is None or apart is None or beside.difference.kind is ChangeKind.RATIO:
        return 0
    least = max(words.decimals_of(key, each) for each in (beside.first, beside.second, beside.difference))
    for decimals in range(least, _MOST_DECIMALS):
        read = round(two, decimals) - round(one, decimals)
        if abs(read - round(apart, decimals)) < 10.0**-_MOST_DECIMALS:
            return decimals
    return _MOST_DECIMALS


def _protocol(name: str) -> str:
    """Write a protocol's name as words."""
    stem = name.removesuffix(_SHORT)
    if not stem:
        return "no protocol"
    title = approach(stem)
    return f"{title}, short form" if stem != name else title


def _caveats(
    first: Comparison,
    second: Comparison,
    metrics: Mapping[str, Beside],
    clients: tuple[str, str],
    protocols: tuple[str, str],
) -> list[str]:
    told = []
    if clients[0] != clients[1]:
        told.append("The two sessions are of different clients: what differs may be the people.")
    if protocols[0] != protocols[1]:
        done = "; ".join(
            f"in {each.source}, {_protocol(name)}" for each, name in zip((first, second), protocols, strict=True)
        )
        told.append(f"Different things were done: {done}.")
    if abs(first.window_s - second.window_s) > 1:
        told.append("The windows are not equally long in the two sessions.")
    if (first.before.kind, first.after.kind) != (second.before.kind, second.after.kind):
        told.append(
            f"Not the same phases are compared: {first.before.name} and {first.after.name} in {first.source}, "
            f"{second.before.name} and {second.after.name} in {second.source}."
        )
    breathing = metrics.get("breathing_rate")
    apart = breathing.baseline.estimate if breathing else None
    if apart is not None and abs(apart) > _BREATHS_APART:
        told.append("Breathing differed between the two baselines, which changes heart rate variability by itself.")
    return [*told, *_of_each(first, second)]


def _of_each(first: Comparison, second: Comparison) -> list[str]:
    """Tell either session's own caveats, and which session they are of."""
    told = []
    for caveat in Caveat:
        whose = [each.source for each in (first, second) if caveat in each.caveats]
        if whose:
            sentence = words.caveat_sentence(caveat)
            where = "both sessions" if len(whose) > 1 else whose[0]
            told.append(f"In {where}: {sentence[:1].lower()}{sentence[1:]}")
    return told
