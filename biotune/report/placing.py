"""Where a metric's windows lie on its own axis, with the interval of each change."""

from collections.abc import Sequence
from dataclasses import dataclass

from biotune.analysis import words
from biotune.analysis.results import Change, Comparison
from biotune.analysis.window_words import same_window
from biotune.domain import ChangeKind, Phase

# The least span of each axis, so that a change within the measurement's wobble does not look like a cliff.
_LEAST_SPAN = {"mean_hr": 12.0, "rmssd": 16.0, "breathing_rate": 6.0}
_ROOM = 0.18  # of the span, above and below


@dataclass(frozen=True, slots=True)
class Point:
    """A metric in one window.

    Attributes
    ----------
    phase : Phase
        The window.
    value : float
        The metric, in its unit.
    low, high : float or None
        Where the metric would lie at the ends of the 95 % interval of its change from the
        first window; None for the first window itself, and where there is no interval.
    """

    phase: Phase
    value: float
    low: float | None = None
    high: float | None = None


def points(key: str, comparisons: Sequence[Comparison]) -> tuple[Point, ...]:
    """Place a metric's windows in the order of time.

    Parameters
    ----------
    key : str
        A metric's key.
    comparisons : sequence of Comparison
        Each against the same first window (baseline → intervention, baseline → recovery).

    Returns
    -------
    tuple of Point
        The first window once, or as often as another length of it is compared, and each other window; empty where
        nothing is available.
    """
    found: list[Point] = []
    for comparison in comparisons:
        change = comparison.changes.get(key)
        if change is None:
            continue
        if change.before is not None:
            found = [each for each in found if not same_window(each.phase, comparison.before)]
            found.append(Point(comparison.before, change.before))
        if change.after is not None:
            found.append(Point(comparison.after, change.after, *_ends(change)))
    return tuple(sorted(found, key=lambda point: point.phase.start_s))


def decimals(key: str, comparisons: Sequence[Comparison]) -> int:
    """Return with how many decimals a metric's points are written, so that they and their changes add up."""
    found = [comparison.changes.get(key) for comparison in comparisons]
    return words.decimals_shown(key, *(change for change in found if change is not None))


def limits(key: str, placed: Sequence[Point]) -> tuple[float, float]:
    """Return the ends of a metric's axis."""
    ends = [end for point in placed for end in (point.value, point.low, point.high) if end is not None]
    if not ends:
        return 0.0, 1.0
    middle, span = (min(ends) + max(ends)) / 2, max(max(ends) - min(ends), _LEAST_SPAN.get(key, 0.0))
    half = span / 2 * (1 + 2 * _ROOM)
    return max(middle - half, 0.0), middle + half


def lines(title: str) -> tuple[str, ...]:
    """Break a window's name into lines that fit under its point.

    Examples
    --------
    >>> lines("Guided imagery (last 93 s)")
    ('Guided', 'imagery', '(last 93 s)')
    """
    name, opened, part = title.partition(" (")
    first, _, rest = name.partition(" ")
    return tuple(each for each in (first, rest, f"({part}" if opened else "") if each)


def _ends(change: Change) -> tuple[float | None, float | None]:
    """Carry the interval of the change over to the metric's own axis."""
    if change.before is None or change.low is None or change.high is None:
        return None, None
    if change.kind is ChangeKind.RATIO:
        return change.before * change.low, change.before * change.high
    return change.before + change.low, change.before + change.high
