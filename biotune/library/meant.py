"""What of a recording is meant by a time or a line that somebody names: a beat, a marker, a phase."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from biotune.analysis import decisions, timeline
from biotune.analysis.series import BeatSeries
from biotune.domain import BeatJudgement, Marker, Phase, Recording, Turn, every_marker, turns
from biotune.errors import UsageError

_NEAR_S = 0.02  # how exactly a person must name a beat: lists show its time to a hundredth of a second


@dataclass(frozen=True, slots=True)
class PhaseStart:
    """Where a phase begins and ends, and the line that began it."""

    line: int
    name: str
    start_s: float
    end_s: float
    corrected: bool


def phases(recording: Recording, laid: Sequence[Phase]) -> tuple[PhaseStart, ...]:
    """Pair the phases of an analysis with the lines that began them; one of no length is in neither."""
    begun = [turn for turn in turns(recording.times_s()) if turn.begins]
    found, rest = [], list(laid)
    for turn in begun:
        if rest and rest[0].start_s == turn.time_s and _stem(rest[0].name, turn):
            phase = rest.pop(0)
            found.append(PhaseStart(turn.line, phase.name, phase.start_s, phase.end_s, turn.corrected))
    return tuple(found)


def _stem(name: str, turn: Turn) -> bool:
    return turn.begins is not None and name.startswith(turn.begins.name)


def marker(recording: Recording, session_id: str, line: int) -> Marker:
    """Return the marker that a line of the log set.

    Raises
    ------
    UsageError
        Where it set none.
    """
    known = every_marker(recording.times_s())
    for marker in known:
        if marker.line == line:
            return marker
    raise UsageError(
        f"line {line} of {session_id} is no marker",
        why=f"Its markers: {', '.join(str(each.line) for each in known)}." if known else "It has no marker.",
    )


def finite(time_s: float) -> float:
    """Return a time as it is.

    Raises
    ------
    UsageError
        Where it is none.
    """
    if not math.isfinite(time_s):
        raise UsageError(f"{time_s} is no time", hint="Give seconds of session time.")
    return time_s


def within(recording: Recording, at_s: float, what: str) -> float:
    """Return a time as it is.

    Raises
    ------
    UsageError
        Where `what` cannot be there: the recording lasts from another time, or to another.
    """
    laid = timeline.build(recording)
    first_s = min([0.0, *(phase.start_s for phase in laid.phases)])
    if not first_s <= finite(at_s) <= laid.duration_s:
        raise UsageError(
            f"{what} cannot be at {at_s:g} s",
            why=f"{recording.source} lasts from {first_s:.0f} to {laid.duration_s:.1f} s.",
        )
    return at_s


def beat_time(recording: Recording, beats: BeatSeries, time_s: float, judgement: BeatJudgement) -> float:
    """Return the R peak that is meant, to the last digit.

    Raises
    ------
    UsageError
        Where no beat is near enough, none can be added, or nothing was decided that could be taken back.
    """
    if judgement is BeatJudgement.ADDED:
        if not decisions.can_be_split(beats, time_s):
            raise UsageError(
                f"no beat can be added at {time_s:g} s",
                why=f"It lies in no interval, or less than {1000 * decisions.LEAST_PART_S:.0f} ms from another beat.",
                hint="Give a time between two beats.",
            )
        return time_s
    if judgement is BeatJudgement.UNDECIDED:
        known = decisions.of(recording.lines)
        meant = min(known, key=lambda each: abs(each.time_s - time_s), default=None)
        if meant is None or abs(meant.time_s - time_s) > _NEAR_S:
            raise UsageError(
                f"nothing was decided about a beat at {time_s:g} s",
                hint="See what was: biotune correct SESSION --history",
            )
        return meant.time_s
    k = decisions.nearest(beats, time_s, within_s=_NEAR_S)
    if k is None:
        n = decisions.nearest(beats, time_s, within_s=math.inf)
        nearest = "" if n is None else f"The nearest is at {beats.time_s[n]:.3f} s."
        raise UsageError(f"there is no beat at {time_s:g} s", why=nearest, hint="Give the time of its R peak.")
    return float(beats.time_s[k])
