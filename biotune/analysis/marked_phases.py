"""The phases that a log marks, or the whole where it marks none."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import replace

from biotune.analysis.series import BeatSeries, HeartRateSeries
from biotune.domain import LogLine, Phase, PhaseKind, turns
from biotune.errors import AnalysisError


def of(
    lines: Iterable[tuple[float, LogLine]], beats: BeatSeries, heart_rate: HeartRateSeries, end_s: float
) -> tuple[Phase, ...]:
    """Return a recording's phases in order.

    Parameters
    ----------
    lines : iterable of (float, LogLine)
        The log, each line with its session time in s.
    beats : BeatSeries
        Every beat, in session time.
    heart_rate : HeartRateSeries
        The strap's own heart rate.
    end_s : float
        When the recording ends.

    Returns
    -------
    tuple of Phase
        One phase ``whole`` where the log names none. The second stretch of a name gets ``-2``; one of no length is
        dropped.

    Raises
    ------
    AnalysisError
        Where a phase has no finite time.
    """
    return tuple(_marked(lines, max(end_s, _just_after(beats)))) or (_whole(beats, heart_rate, end_s),)


def _marked(lines: Iterable[tuple[float, LogLine]], last_s: float) -> Iterator[Phase]:
    names: set[str] = set()
    running: Phase | None = None
    for at_s, begins in [*((turn.time_s, turn.begins) for turn in turns(lines)), (last_s, None)]:
        if not math.isfinite(at_s):
            raise AnalysisError("a phase begins or ends at no time", why=f"The log says {at_s!r}.")
        if running is not None and at_s > running.start_s:
            yield replace(running, name=_name_apart(running.name, names), end_s=at_s)
        running = None
        if begins:
            running = Phase(begins.name, begins.kind, begins.activity, at_s, at_s, begins.posture, begins.paced)


def _name_apart(name: str, names: set[str]) -> str:
    number = 1
    apart = name
    while apart in names:
        number += 1
        apart = f"{name}-{number}"
    names.add(apart)
    return apart


def _just_after(beats: BeatSeries) -> float:
    """Return the first instant after the last beat, so that a phase that ends there holds it."""
    return math.nextafter(beats.time_s[-1], math.inf) if len(beats) else 0.0


def _whole(beats: BeatSeries, heart_rate: HeartRateSeries, end_s: float) -> Phase:
    start_s = 0.0
    if len(beats):
        start_s, end_s = float(beats.time_s[0] - beats.rr_ms[0] / 1000), _just_after(beats)
    elif len(heart_rate.time_s):
        start_s, end_s = float(heart_rate.time_s[0]), math.nextafter(heart_rate.time_s[-1], math.inf)
    return Phase("whole", PhaseKind.WHOLE, None, start_s, end_s)
