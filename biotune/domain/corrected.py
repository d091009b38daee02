"""What a log says once its corrections are read: markers, the beginnings and ends of phases, decisions about beats.

A correction is a line about an older one, and the last one about a thing holds. Everything that tells of markers,
phases or beats asks here, so that a correction is seen everywhere or nowhere.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

from biotune.domain.acts import (
    BeatJudged,
    MarkerAdded,
    MarkerCorrected,
    MarkerSet,
    PhaseCorrected,
    PhaseEnded,
    PhaseStarted,
)
from biotune.domain.log import IntervalImported, LogLine, SessionFinished
from biotune.domain.vocabulary import BeatJudgement

SAME_BEAT_S = 0.005  # two decisions this near one another are about one beat: none follows another so soon

TimedLine = tuple[float, LogLine]


@dataclass(frozen=True, slots=True)
class Marker:
    """A marker as it stands.

    Attributes
    ----------
    line : int
        The line of the log that set it; its corrections name it by that.
    time_s : float
        Session time, or the file's own.
    label : str
        What it says.
    corrected : bool
        Whether it was moved, renamed, removed or set afterwards.
    removed : bool
        Whether it was taken back; only `every_marker` returns such.
    """

    line: int
    time_s: float
    label: str
    corrected: bool = False
    removed: bool = False


@dataclass(frozen=True, slots=True)
class Turn:
    """An instant at which a phase begins or the running one ends.

    Attributes
    ----------
    line : int
        The line of the log.
    time_s : float
        When, after correction.
    begins : PhaseStarted or None
        What begins; None where nothing does.
    corrected : bool
        Whether it was moved.
    """

    line: int
    time_s: float
    begins: PhaseStarted | None
    corrected: bool = False


@dataclass(frozen=True, slots=True)
class BeatDecision:
    """What people decided about one beat, in sum.

    Attributes
    ----------
    time_s : float
        Its R peak, as it was when they decided.
    judgement : BeatJudgement
        What was said of it last.
    added : bool
        Whether the R peak is one that a person put there.
    line : int
        The line of the log that said it last.
    recording : int
        Which recording's beat it is.
    by : str
        Who; empty where nobody said.
    made_utc_ns : int
        When, nanoseconds since 1970 UTC; 0 where it is not known.
    """

    time_s: float
    judgement: BeatJudgement
    added: bool
    line: int
    recording: int
    by: str = ""
    made_utc_ns: int = 0


def every_marker(timed: Iterable[TimedLine]) -> tuple[Marker, ...]:
    """Return every marker in the order of the log, those that were taken back among them."""
    found: dict[int, Marker] = {}
    for time_s, line in timed:
        match line.entry:
            case MarkerSet(label, at_s):
                found[line.seq] = Marker(line.seq, time_s if at_s is None else at_s, label)
            case MarkerAdded(label, at_s):
                found[line.seq] = Marker(line.seq, at_s, label, corrected=True)
            case MarkerCorrected(number, label, at_s, removed) if number in found:
                found[number] = Marker(number, at_s, label, corrected=True, removed=removed)
    return tuple(found.values())


def markers(timed: Iterable[TimedLine]) -> tuple[Marker, ...]:
    """Return the markers that hold, by their time."""
    held = (marker for marker in every_marker(timed) if not marker.removed)
    return tuple(sorted(held, key=lambda marker: (marker.time_s, marker.line)))


def turns(timed: Iterable[TimedLine]) -> tuple[Turn, ...]:
    """Return where phases begin and end, in the order of the log.

    A phase that was said to end later than the next one now begins, ends there. The stamps of an imported file's
    lines say when it was imported, so its last line ends nothing.
    """
    timed = tuple(timed)
    imported = any(isinstance(line.entry, IntervalImported) for _, line in timed)
    moved = {line.entry.line: line.entry.at_s for _, line in timed if isinstance(line.entry, PhaseCorrected)}
    found: list[Turn] = []
    for time_s, line in timed:
        entry = line.entry
        if isinstance(entry, SessionFinished) and not imported:
            found.append(Turn(line.seq, time_s, None))
        elif isinstance(entry, PhaseStarted | PhaseEnded):
            at_s = time_s if entry.at_s is None else entry.at_s
            if isinstance(entry, PhaseStarted):
                found.append(Turn(line.seq, moved.get(line.seq, at_s), entry, corrected=line.seq in moved))
            else:
                found.append(Turn(line.seq, at_s, None))
    for number in range(len(found) - 1, 0, -1):
        before, after = found[number - 1 : number + 1]
        if before.begins is None and before.time_s > after.time_s:
            found[number - 1] = replace(before, time_s=after.time_s)
    return tuple(found)


def beat_decisions(lines: Iterable[LogLine]) -> tuple[BeatDecision, ...]:
    """Return what holds of each beat that people decided about, by time.

    A peak that was added stays until it is rejected or left undecided again; everything else is as the last line says.
    """
    held: list[BeatDecision] = []
    for line in lines:
        entry = line.entry
        if not isinstance(entry, BeatJudged) or not math.isfinite(entry.time_s):
            continue
        same = [
            each for each in held if each.recording == line.recording and abs(each.time_s - entry.time_s) <= SAME_BEAT_S
        ]
        held = [each for each in held if each not in same]
        was_added = any(each.added for each in same)
        said = entry.judgement
        if said is BeatJudgement.UNDECIDED or (said is BeatJudgement.REJECTED and was_added):
            continue
        at_s = next((each.time_s for each in same if each.added), entry.time_s)
        added = was_added or said is BeatJudgement.ADDED
        held.append(BeatDecision(at_s, said, added, line.seq, line.recording, entry.by, entry.made_utc_ns))
    return tuple(sorted(held, key=lambda each: (each.recording, each.time_s)))
