"""What an interval leaves open: whether it rules out every change that two resting measurements would not show."""

from biotune.analysis import retest
from biotune.analysis.results import Change
from biotune.domain import ChangeKind, Yardstick


def within_retest(key: str, change: Change) -> bool | None:
    """Say whether a change's interval lies within the smallest detectable change, on both sides.

    Parameters
    ----------
    key : str
        The metric's key.
    change : Change
        Its change.

    Returns
    -------
    bool or None
        None where nobody knows the smallest detectable change, or there is no interval.
    """
    needed, before, low, high = change.smallest_detectable, change.before, change.low, change.high
    if needed is None or before is None or low is None or high is None:
        return None
    fall = rise = needed
    if change.smallest_detectable_source is not Yardstick.OWN:  # the published one differs upwards and downwards
        fall, rise = (
            retest.smallest_detectable(key, change.kind, before, falls=falls) or needed for falls in (True, False)
        )
    return low >= (1 / fall if change.kind is ChangeKind.RATIO else -fall) and high <= rise


def sentence(change: Change, unit: str) -> str:
    """Say how far it may have gone either way.

    Parameters
    ----------
    change : Change
        With an interval that includes no change.
    unit : str
        Of a difference, as it follows a number.

    Examples
    --------
    >>> from biotune.domain import Verdict
    >>> bpm = Change(ChangeKind.DIFFERENCE, 70, 69.2, -0.8, -11.2, 9.6, 9.2, Verdict.NONE, (), "bpm")
    >>> sentence(bpm, " bpm")
    'It may have fallen by 11 bpm or risen by 10 bpm; this session cannot tell.'
    """
    low, high = change.low or 0.0, change.high or 0.0
    if change.kind is ChangeKind.RATIO:
        low, high, unit = (low - 1) * 100, (high - 1) * 100, " %"
    moves = [
        f"{verb} by {counted(far, unit)}" for verb, end in (("fallen", -low), ("risen", high)) if (far := _far(end))
    ]
    both = " or ".join(moves) if len(moves) > 1 else f"{''.join(moves)} or not at all"
    return f"It may have {both}; this session cannot tell."


def counted(number: str, unit: str) -> str:
    """Write a number with its unit, one of it in the singular.

    Examples
    --------
    >>> counted("1", " breaths a minute"), counted("1.5", " breaths a minute"), counted("1", " bpm")
    ('1 breath a minute', '1.5 breaths a minute', '1 bpm')
    """
    return f"{number}{unit.replace('breaths', 'breath') if number == '1' else unit}"


def _far(end: float) -> str:
    """Write how far, empty where it is nothing: nothing falls by 0."""
    decimals = 0 if end >= 1 else 1
    return f"{end:.{decimals}f}" if round(end, decimals) > 0 else ""
