"""When the breathing pacer ran: paced breath moves HRV by itself, so a comparison must be able to say so."""

from collections.abc import Iterable, Sequence

from biotune.domain import LogLine, PacerSet, Phase

LEAST_S = 1.0  # switched on by mistake and off again at once, it paced nobody

Stretch = tuple[float, float]  # from and to, seconds of session time


def stretches(timed: Iterable[tuple[float, LogLine]], end_s: float) -> tuple[Stretch, ...]:
    """Return the stretches in which the pacer ran, in order.

    Parameters
    ----------
    timed : iterable of (float, LogLine)
        A log's lines with their session times, in order.
    end_s : float
        When the recording ends: nobody need have switched the pacer off.

    Examples
    --------
    >>> from biotune.domain import Stamp
    >>> log = [(60.0, PacerSet(on=True)), (90.0, PacerSet(on=True, per_min=5.0)), (120.0, PacerSet(on=False))]
    >>> stretches(((at_s, LogLine(0, "", Stamp("", 0, 0), 0, entry)) for at_s, entry in log), 300.0)
    ((60.0, 120.0),)
    """
    found: list[Stretch] = []
    since_s: float | None = None
    for time_s, line in timed:
        if not isinstance(line.entry, PacerSet):
            continue
        if line.entry.on and since_s is None:
            since_s = time_s
        elif not line.entry.on and since_s is not None:
            found.append((since_s, time_s))
            since_s = None
    if since_s is not None:
        found.append((since_s, max(since_s, end_s)))
    return tuple(found)


def ran_in(paced: Sequence[Stretch], window: Phase) -> bool:
    """Tell whether the pacer ran in a window, for a second of it or more."""
    shared_s = sum(max(0.0, min(end_s, window.end_s) - max(start_s, window.start_s)) for start_s, end_s in paced)
    return shared_s >= LEAST_S
