"""How a paper writes names, days and times."""

from collections.abc import Sequence
from datetime import datetime

from biotune.analysis import window_words
from biotune.analysis.results import Comparison
from biotune.domain import Phase


def clock(seconds: float) -> str:
    """Write a session time as minutes and seconds.

    Examples
    --------
    >>> clock(0.0), clock(754.6)
    ('0:00', '12:35')
    """
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"


def title(name: str) -> str:
    """Return a name of the log as a heading.

    Examples
    --------
    >>> title("guided-imagery")
    'Guided imagery'
    """
    words = name.replace("-", " ").strip()
    return words[:1].upper() + words[1:]


def phase_title(phase: Phase) -> str:
    """Return a phase's name as a heading; a window that is none has its times for a name.

    Examples
    --------
    >>> from biotune.domain import PhaseKind
    >>> phase_title(Phase("guided-imagery", PhaseKind.INTERVENTION, None, 0.0, 300.0))
    'Guided imagery'
    >>> phase_title(Phase("300-600", PhaseKind.OTHER, None, 300.0, 600.0))
    '5:00–10:00'
    """
    return f"{clock(phase.start_s)}–{clock(phase.end_s)}" if phase.name[:1].isdigit() else title(phase.name)


def window_title(window: Phase, phases: Sequence[Phase]) -> str:
    """Return a window's name as a heading, with the part of its phase that it is."""
    part = window_words.part(window, phases)
    return f"{phase_title(window)} ({part})" if part else phase_title(window)


def windows(comparison: Comparison, phases: Sequence[Phase]) -> tuple[str, str]:
    """Return the names of both windows of a comparison."""
    return window_title(comparison.before, phases), window_title(comparison.after, phases)


def day(moment: datetime) -> str:
    """Write the day, in this machine's time zone; empty for a file that does not say when it was made.

    Examples
    --------
    >>> from datetime import UTC
    >>> day(datetime(2026, 5, 14, 12, tzinfo=UTC))
    '14 May 2026'
    """
    here = moment.astimezone()
    return f"{here.day} {here:%B %Y}" if moment.timestamp() > 0 else ""


def moment(when: datetime) -> str:
    """Write day and minute with the zone; empty as `day`."""
    here = when.astimezone()
    return f"{day(when)}, {here:%H:%M} (UTC{here:%z})" if day(when) else ""
