"""Which part of a phase a number is from, where it is not the whole of it.

Two windows that are compared have one length. A short piece is held against the end of a long
baseline, and that end has other numbers than the baseline: each number names its window.
"""

from collections.abc import Sequence

from biotune.analysis.pairing import ROUNDING_S
from biotune.analysis.results import Comparison
from biotune.domain import Phase

_IN_SECONDS_S = 120.0  # a shorter length is told in seconds
_MINUTE_S = 60
_TO_THE_SECOND_S = 300.0  # from here on, minutes are enough


def part(window: Phase, phases: Sequence[Phase]) -> str:
    """Name the part of its phase that a window is; empty where it is the whole, or has its times for a name.

    Parameters
    ----------
    window : Phase
        As a comparison took it.
    phases : sequence of Phase
        The recording's own.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from biotune.domain import PhaseKind
    >>> baseline = Phase("baseline", PhaseKind.BASELINE, None, 0.0, 300.0)
    >>> part(replace(baseline, start_s=207.0), [baseline]), part(baseline, [baseline])
    ('last 93 s', '')
    """
    whole = [each for each in phases if each.name == window.name and abs(each.end_s - window.end_s) <= ROUNDING_S]
    if not whole or whole[0].duration_s - window.duration_s <= ROUNDING_S:
        return ""
    return f"last {length(window.duration_s)}"


def length(seconds: float) -> str:
    """Write how long a window is.

    Examples
    --------
    >>> length(93.2), length(300), length(150)
    ('93 s', '5 min', '2:30 min')
    """
    if seconds < _IN_SECONDS_S:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), _MINUTE_S)
    return f"{minutes}:{rest:02d} min" if rest else f"{minutes} min"


def rounded(seconds: float) -> str:
    """Write a length of a minute or more; to the second below five minutes, where a half of one is much.

    Examples
    --------
    >>> rounded(93.2), rounded(120), rounded(299.8), rounded(340)
    ('1:33 min', '2 min', '5 min', '6 min')
    """
    minutes, rest = divmod(round(seconds), _MINUTE_S)
    if seconds >= _TO_THE_SECOND_S:
        return f"{seconds / _MINUTE_S:.0f} min"
    return f"{minutes}:{rest:02d} min" if rest else f"{minutes} min"


def same_window(one: Phase, other: Phase) -> bool:
    """Tell whether two windows are the same stretch, but for what a phase that was ended by hand is off by."""
    return (
        one.name == other.name
        and abs(one.start_s - other.start_s) <= ROUNDING_S
        and abs(one.end_s - other.end_s) <= ROUNDING_S
    )


def share_first(comparisons: Sequence[Comparison]) -> bool:
    """Tell whether all are held against the same window."""
    return all(same_window(each.before, comparisons[0].before) for each in comparisons)


def how_to_read(comparisons: Sequence[Comparison], titles: Sequence[tuple[str, str]]) -> str:
    """Say how to read windows that stand side by side, and which is held against which where they differ.

    Parameters
    ----------
    comparisons : sequence of Comparison
        Each against a window of the same phase; at least one.
    titles : sequence of (str, str)
        How each one's two windows are written.
    """
    first = titles[0][0].lower()
    point, apart = f"the {first} point", ""
    if not share_first(comparisons):
        first, point = "the window it is held against", "that window's point"
        against = "; ".join(f"{after.lower()} against {before.lower()}" for before, after in titles)
        apart = f" Two windows that are compared have one length: {against}."
    return (
        f"Bars: 95 % interval of the change from {first}. Where a bar does not reach the height of {point}, "
        f"chance alone hardly explains the change. A point without a bar is not compared.{apart}"
    )
