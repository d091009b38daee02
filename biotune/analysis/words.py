"""The sentences a comparison is told in. Neutral: they say what was measured, and how far it can be trusted.

Numbers are written for people: a true minus sign, no more decimals than the interval is worth,
and nothing that changed is told as a change of 0.
"""

from typing import TYPE_CHECKING

from biotune.analysis import leaves_open
from biotune.analysis.hrv import INTERPRETABLE_BREATHS
from biotune.analysis.metrics import CATALOGUE
from biotune.analysis.results import Change, Comparison
from biotune.domain import Caveat, ChangeKind, Phase, Verdict, Yardstick

if TYPE_CHECKING:
    from biotune.analysis.pooling import Estimate

RESPONSE = "One session shows a response, not an effect: what caused it, a single session cannot tell."
NOT_COMPARED = "Heart rate and its variability cannot be compared between these two windows."
_NAMES = {
    "mean_hr": "Heart rate",
    "rmssd": "Beat-to-beat variation (RMSSD)",
    "breathing_rate": "Breathing, as estimated,",
}
_UNITS = {"1/min": "breaths a minute"}
HEADLINE = ("mean_hr", "rmssd", "breathing_rate")
_LABELS = {
    Verdict.CLEAR: "Clear change",
    Verdict.POSSIBLE: "Possible change",
    Verdict.NONE: "No clear change",
    Verdict.NOT_COMPARABLE: "Not comparable",
}
_CAVEATS = {
    Caveat.BREATHING_CHANGED: (
        "Breathing changed between the two windows. Breathing alone changes heart rate variability, "
        "so the changes of it here may come from breathing and from nothing else."
    ),
    Caveat.BREATHING_UNKNOWN: (
        "The breathing rate could not be read reliably in both windows, so a change of breathing "
        "may be behind a change of heart rate variability."
    ),
    Caveat.POSTURE_DIFFERS: "The posture differed between the windows, which changes heart rate and its variability.",
    Caveat.MOVEMENT: "The client moved or played in one of the windows, which changes the heart's rhythm by itself.",
    Caveat.VOICE: "The client sang or spoke in one of the windows, which changes the heart's rhythm by itself.",
    Caveat.ULTRA_SHORT: (
        "The windows are shorter than five minutes, and the shorter a window, the less its numbers say."
    ),
    Caveat.POOR_SIGNAL: (
        "The signal was poor in at least one of the windows: many beats were left out or are missing."
    ),
    Caveat.IRREGULAR_RHYTHM: (
        "The rhythm was too irregular for heart rate variability; this is not a diagnosis. Heart rate is compared."
    ),
    Caveat.SETTLING_SHORT: (
        "The first window begins within two minutes of the start of the recording: "
        "heart rate often still settles then, whatever follows."
    ),
    Caveat.PACER: "Breathing was paced in one of the windows, which changes heart rate variability by itself.",
    Caveat.UNEQUAL_WINDOWS: "The two stretches were not equally long; the end of the longer one was taken.",
}
_BESIDE = {
    ("mean_hr", Caveat.PACER): "Breathing was paced in one of the windows.",
    ("breathing_rate", Caveat.PACER): "Breathing was paced in one of the windows: there the pacer led its rate.",
}
_SMALL = {"mean_hr": 2.0, "breathing_rate": 1.0, "dfa_alpha1": 0.1}  # differences that are told by their interval alone
_SMALL_RATIO = 1.15
_SEEN_AT_ONE_DECIMAL = 0.05
_ROUNDING = 1e-6  # what a sum of decimal numbers may be off by in a computer
LOWEST_BREATHS, HIGHEST_BREATHS = INTERPRETABLE_BREATHS
_MINUS = "−"


def verdict_label(verdict: Verdict) -> str:
    """Return a verdict as a label of two or three words."""
    return _LABELS[verdict]


def caveat_sentence(caveat: Caveat) -> str:
    """Return what must be said where a caveat applies."""
    return _CAVEATS[caveat]


def caveat_beside(key: str, caveat: Caveat) -> str:
    """Return a caveat as it stands beside one metric alone; what it does to other metrics is not said there."""
    return _BESIDE.get((key, caveat)) or _CAVEATS[caveat]


def sentences(comparison: Comparison) -> tuple[str, ...]:
    """Tell a comparison, the most important first.

    Parameters
    ----------
    comparison : Comparison
        Its own `words` are not looked at.

    Returns
    -------
    tuple of str
        One paragraph a metric of the headline three, then one a caveat, then what one session can show.
    """
    if comparison.changes["mean_hr"].verdict is Verdict.NOT_COMPARABLE:
        why = [caveat for caveat in comparison.caveats if caveat in {Caveat.VOICE, Caveat.MOVEMENT}]
        return (NOT_COMPARED, *(caveat_sentence(caveat) for caveat in why))
    told = [metric_sentences(key, comparison.changes[key]) for key in HEADLINE if key in comparison.changes]
    return (*(sentence for sentence in told if sentence), *_beside(comparison), RESPONSE)


def estimate_phrase(kind: ChangeKind, unit: str, estimate: "Estimate") -> str:
    """Write an estimate with its interval, such as ``−6 bpm (95 % interval −7.2 to −4.9)``.

    Examples
    --------
    >>> from biotune.analysis.pooling import Estimate
    >>> estimate_phrase(ChangeKind.DIFFERENCE, "bpm", Estimate(-6.04, -7.21, -4.94))
    '−6.0 bpm (95 % interval −7.2 to −4.9)'
    >>> estimate_phrase(ChangeKind.RATIO, "ms", Estimate(1.5, 1.2, 1.9))
    '×1.50 (95 % interval 1.20 to 1.90)'
    """
    if kind is ChangeKind.RATIO:
        return f"×{estimate.estimate:.2f} (95 % interval {estimate.low:.2f} to {estimate.high:.2f})"
    unit = _UNITS.get(unit, unit)
    decimals = 1 if max(abs(estimate.low), abs(estimate.high)) >= 1 else 2
    ends = f"{number(estimate.low, decimals)} to {number(estimate.high, decimals)}"
    return f"{signed(estimate.estimate, decimals)}{'' if unit == '1' else f' {unit}'} (95 % interval {ends})"


def headline(comparison: Comparison) -> str:
    """Tell what became of the heart rate in one short sentence.

    Parameters
    ----------
    comparison : Comparison
        Any.
    """
    change = comparison.changes["mean_hr"]
    windows = f"from {_window(comparison.before)} to {_window(comparison.after)}"
    if change.estimate is None:
        return f"Heart rate cannot be compared {windows}."
    if change.verdict is Verdict.NONE:
        return f"Heart rate showed no clear change {windows}."
    sure = "a clear change" if change.verdict is Verdict.CLEAR else "a possible change"
    return f"Heart rate {_moved('mean_hr', change)} {windows}: {sure}."


def metric_sentences(key: str, change: Change) -> str:
    """Tell one metric: what changed, the interval, and what that is worth; empty where there is no value at all."""
    name = metric_name(key)
    if change.estimate is None or change.low is None or change.high is None:
        if change.before is None or change.after is None:
            return f"{name} is missing in at least one of the windows." if key != "breathing_rate" else ""
        return f"{name} cannot be compared between these two windows."
    if change.verdict is not Verdict.NONE:
        return f"{name} {_moved(key, change)} (95 % interval {range_of_move(key, change)}). {worth(key, change)}"
    within = leaves_open.within_retest(key, change)
    cannot_tell = f" {leaves_open.sentence(change, unit_of(change))}" if within is False else ""
    if is_small(key, change):
        how = "stayed about the same" if within else "showed no clear change"
        return f"{name} {how}: {change_phrase(key, change)}.{cannot_tell}"
    return (
        f"{name} was {by_how_much(key, change)} {side(change)}, but that is no clear change: "
        f"the 95 % interval, {interval_of(key, change)}, includes {no_change(change)}.{cannot_tell}"
    )


def side(change: Change) -> str:
    """Say on which side of no change it lies."""
    return "lower" if falls(change) else "higher"


def no_change(change: Change) -> str:
    """Write what no change at all is."""
    return "×1" if change.kind is ChangeKind.RATIO else "0"


def change_phrase(key: str, change: Change, *, least_decimals: int = 0) -> str:
    """Write a change with its interval in one line, such as ``−6 bpm (95 % interval −7 to −5)``.

    Parameters
    ----------
    key : str
        The metric's key.
    change : Change
        Its change.
    least_decimals : int
        For a difference, where whole numbers would say too little.
    """
    if change.estimate is None:
        missing = change.before is None or change.after is None
        return "Missing in at least one window" if missing else "Not compared"
    interval = f"(95 % interval {interval_of(key, change, least_decimals)})"
    if change.kind is ChangeKind.RATIO:
        return f"×{change.estimate:.2f} {interval}"
    return f"{signed(change.estimate, max(least_decimals, decimals_of(key, change)))}{unit_of(change)} {interval}"


def signed(value: float, decimals: int) -> str:
    """Write a difference with its sign.

    Examples
    --------
    >>> signed(-6.2, 0), signed(0.42, 1), signed(-0.04, 1)
    ('−6', '+0.4', '0.0')
    """
    sign = "+" if round(value, decimals) > 0 else ""
    return sign + number(value, decimals)


def number(value: float, decimals: int) -> str:
    """Write a number with a true minus sign, and zero without any.

    Examples
    --------
    >>> number(-1.25, 1), number(-0.04, 1)
    ('−1.2', '0.0')
    """
    rounded = round(value, decimals)
    return f"{_MINUS if rounded < 0 else ''}{abs(rounded):.{decimals}f}"


# ---------------------------------------------------------------- parts of sentences


def metric_name(key: str) -> str:
    """Return a metric as a sentence begins with it."""
    return _NAMES.get(key) or CATALOGUE[key].name


def unit_of(change: Change) -> str:
    """Return a change's unit as it follows a number."""
    unit = _UNITS.get(change.unit, change.unit)
    return "" if unit == "1" else f" {unit}"


def _window(phase: Phase) -> str:
    return phase.name if phase.name[:1].isdigit() else f"the {phase.name}"


def falls(change: Change) -> bool:
    """Tell whether it went down."""
    none = 1.0 if change.kind is ChangeKind.RATIO else 0.0
    return change.estimate is not None and change.estimate < none


def is_small(key: str, change: Change) -> bool:
    """Tell whether a difference is told by its interval alone."""
    estimate = change.estimate or 0.0
    if change.kind is ChangeKind.RATIO:
        return 1 / _SMALL_RATIO < estimate < _SMALL_RATIO
    return abs(estimate) < _SMALL.get(key, 0.0)


def decimals_of(key: str, change: Change) -> int:
    """Whole numbers where nothing that is said rounds to nothing, as many decimals as that takes otherwise."""
    if key == "dfa_alpha1":
        return 2
    ends = [end for end in (change.estimate, change.low, change.high) if end is not None]
    smallest = min(map(abs, ends))
    if smallest >= 1:
        return 0 if len({round(end) for end in ends[1:]}) > 1 else 1
    return 1 if change.verdict is Verdict.NONE or smallest >= _SEEN_AT_ONE_DECIMAL else 2


def interval_of(key: str, change: Change, least: int = 0) -> str:
    """Write the ends of the interval, with their signs."""
    low, high = change.low or 0.0, change.high or 0.0
    decimals = 2 if change.kind is ChangeKind.RATIO else max(least, decimals_of(key, change))
    return f"{number(low, decimals)} to {number(high, decimals)}"


def _moved(key: str, change: Change) -> str:
    verb = "fell" if falls(change) else "rose"
    if change.kind is ChangeKind.RATIO:
        return f"{verb} from {from_to(key, change)}{unit_of(change)}, ×{change.estimate:.2f}"
    return f"{verb} by {by_how_much(key, change)}"


def by_how_much(key: str, change: Change) -> str:
    """How far it moved, without direction."""
    estimate = change.estimate or 0.0
    if change.kind is ChangeKind.RATIO:
        return f"{abs(estimate - 1) * 100:.0f} %"
    return leaves_open.counted(number(abs(estimate), decimals_of(key, change)), unit_of(change))


def range_of_move(key: str, change: Change) -> str:
    """Write the interval in the direction of the verb: what fell by 6 fell by 5 to 7."""
    if change.kind is ChangeKind.RATIO:
        return interval_of(key, change)
    ends = sorted(abs(end or 0.0) for end in (change.low, change.high))
    decimals = decimals_of(key, change)
    return f"{number(ends[0], decimals)} to {number(ends[1], decimals)}"


def from_to(key: str, change: Change) -> str:
    """Write both values, whole where that tells them apart and the change that stands beside them is theirs."""
    before, after = change.before or 0.0, change.after or 0.0
    decimals = max(0 if abs(after - before) >= 1 else 1, decimals_shown(key, change))
    return f"{number(before, decimals)} to {number(after, decimals)}"


def decimals_shown(key: str, *changes: Change, least: int = 0) -> int:
    """Return with how many decimals both values are written, so that before and change are after as they are read.

    Where whole numbers do not add up, one decimal is taken; where that does not either, what is left is a tenth, and
    more decimals would tell of more than was measured.

    Parameters
    ----------
    key : str
        The metric's key.
    *changes : Change
        Of this metric, all that are written with the same decimals.
    least : int
        No fewer than these.

    Examples
    --------
    >>> fell = Change(ChangeKind.DIFFERENCE, 77.4, 65.6, -11.8, -13, -10, None, Verdict.CLEAR, (), "bpm")
    >>> decimals_shown("mean_hr", fell)  # not 77, −12 and 66
    1
    """
    of_each = [decimals_of(key, each) for each in changes if each.kind is not ChangeKind.RATIO and each.estimate]
    decimals = max(least, *of_each, 0)
    return decimals if all(_adds_up(each, decimals) for each in changes) else max(decimals, 1)


def _adds_up(change: Change, decimals: int) -> bool:
    before, after, estimate = change.before, change.after, change.estimate
    if before is None or after is None or estimate is None:
        return True
    one, two = round(before, decimals), round(after, decimals)
    if change.kind is ChangeKind.RATIO:  # a factor is written with two decimals, and is worth no more than those
        return abs(one * round(estimate, 2) - two) <= 0.005 * abs(one) + 0.5 * 10.0**-decimals
    return abs(one + round(estimate, decimals) - two) < _ROUNDING


def worth(key: str, change: Change) -> str:
    """Say what a change that exceeds chance is worth."""
    chance = "it is larger than chance within this session"
    needed = change.smallest_detectable
    if needed is None:
        unknown = "biotune has no published figure for how far two resting measurements of it differ"
        return f"That is a possible change: {chance}, but {unknown}."
    differ = f"{_needed(key, change, needed)} by which {_resting(change)} can differ"
    if change.verdict is Verdict.CLEAR:
        return f"That is a clear change: {chance}, and larger than the {differ}."
    at_rest = "with this client's drift at quiet rest taken off, resting alone may explain it"
    if _exceeds(change, needed) and change.rest_explains:
        return f"That is a possible change: {chance}, and larger than the {differ}; but {at_rest}."
    if _exceeds(change, needed):
        return f"That is a possible change: {chance}, but too much of the signal is missing to call it clear."
    also = f" And {at_rest}." if change.rest_explains else ""
    return f"That is a possible change: {chance}, but smaller than the {differ}.{also}"


def _resting(change: Change) -> str:
    """Name whose resting measurements the yardstick is from."""
    if change.smallest_detectable_source is Yardstick.OWN:
        return (
            f"two resting measurements of this very client ({change.smallest_detectable_sessions} quiet-rest sessions)"
        )
    return "two resting measurements of one person"


def _exceeds(change: Change, needed: float) -> bool:
    estimate = change.estimate or 0.0
    if change.kind is ChangeKind.RATIO:
        return max(estimate, 1 / estimate) > needed
    return abs(estimate) > needed


def _needed(key: str, change: Change, needed: float) -> str:
    if change.kind is ChangeKind.RATIO:
        return f"factor of {needed:.2f}" if needed < 3 else f"factor of {needed:.1f}"  # noqa: PLR2004 - two figures
    moved = round(abs(change.estimate or 0.0), decimals_of(key, change))
    exceeds = abs(change.estimate or 0.0) > needed
    for decimals in (0, 1):  # what is smaller must not read as larger, or the same
        shown = round(needed, decimals)
        if shown not in (0, moved) and (moved > shown) is exceeds:
            return f"{number(needed, decimals)}{unit_of(change)}"
    return f"{number(needed, 2)}{unit_of(change)}"


def _beside(comparison: Comparison) -> list[str]:
    """Tell the caveats, and what they mean for HF."""
    told = [caveat_sentence(caveat) for caveat in comparison.caveats]
    breathing = comparison.changes.get("breathing_rate")
    hf = comparison.changes.get("hf")
    if breathing is None or hf is None or hf.before is None or hf.after is None:
        return told
    rates = [rate for rate in (breathing.before, breathing.after) if rate is not None]
    if any(not LOWEST_BREATHS <= rate <= HIGHEST_BREATHS for rate in rates):
        told.append(
            f"Breathing was outside {LOWEST_BREATHS:.0f} to {HIGHEST_BREATHS:.0f} a minute, "
            "so HF does not stand for vagal modulation here."
        )
    return told
