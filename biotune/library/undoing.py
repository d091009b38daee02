"""Corrections told in words, and the lines that undo them."""

from collections.abc import Sequence
from dataclasses import replace

from biotune.domain import (
    SAME_BEAT_S,
    BeatJudged,
    BeatJudgement,
    ClientCorrected,
    Entry,
    LogLine,
    MarkerAdded,
    MarkerCorrected,
    PhaseCorrected,
    PhaseStarted,
    RrUnitSet,
    beat_decisions,
    every_marker,
    session_times,
    turns,
)
from biotune.errors import UsageError

_SIGNED = (BeatJudged, MarkerCorrected, MarkerAdded, PhaseCorrected, ClientCorrected)
Correcting = BeatJudged | MarkerCorrected | MarkerAdded | PhaseCorrected | ClientCorrected | RrUnitSet


def same_thing(one: LogLine, other: LogLine) -> bool:
    """Tell whether two lines correct the same thing."""
    match one.entry, other.entry:
        case BeatJudged(one_s), BeatJudged(other_s):
            return one.recording == other.recording and abs(one_s - other_s) <= SAME_BEAT_S
        case PhaseCorrected(one_line), PhaseCorrected(other_line):
            return one_line == other_line
        case (ClientCorrected(), ClientCorrected()) | (RrUnitSet(), RrUnitSet()):
            return one.recording == other.recording
        case _:
            return _marker(one) is not None and _marker(one) == _marker(other)


def _marker(line: LogLine) -> int | None:
    if isinstance(line.entry, MarkerCorrected):
        return line.entry.line
    return line.seq if isinstance(line.entry, MarkerAdded) else None


def undoing(undone: LogLine, before: Sequence[LogLine], signed: tuple[str, int]) -> Entry:
    """Return the entry that makes a thing what it was.

    Parameters
    ----------
    undone : LogLine
        The correction.
    before : sequence of LogLine
        The log before it.
    signed : tuple of str and int
        Who undoes it, and when (nanoseconds since 1970 UTC).

    Raises
    ------
    UsageError
        Where it is a unit of RR intervals, of which there are only two.
    """
    match undone.entry:
        case BeatJudged(time_s):
            return BeatJudged(time_s, _judged_before(undone, time_s, before), *signed)
        case MarkerAdded(label, at_s):
            return MarkerCorrected(undone.seq, label, at_s, True, *signed)
        case MarkerCorrected(number):
            was = next(marker for marker in every_marker(session_times(before)) if marker.line == number)
            return MarkerCorrected(number, was.label, was.time_s, was.removed, *signed)
        case PhaseCorrected(number):
            began_s = next(turn.time_s for turn in turns(session_times(before)) if turn.line == number)
            return PhaseCorrected(number, began_s, *signed)
        case ClientCorrected(client, was_of):
            return ClientCorrected(was_of, client, *signed)
        case _:
            raise UsageError("a unit of RR intervals is not undone", hint="Set the other one with --rr-unit.")


def standing(lines: Sequence[LogLine]) -> list[LogLine]:
    """Return the corrections that nobody has taken back, in the order of the log.

    A correction that makes a thing what it was before the last one about it takes that one back, whoever meant it so:
    undoing step by step then goes back step by step.

    Parameters
    ----------
    lines : sequence of LogLine
        The whole log, in order.
    """
    found: list[LogLine] = []
    for line in lines:
        if not isinstance(line.entry, Correcting) or isinstance(line.entry, RrUnitSet):
            continue
        about = next((each for each in reversed(found) if same_thing(each, line)), None)
        before = [each for each in lines if about is not None and each.seq < about.seq]
        if about is not None and _unsigned(undoing(about, before, ("", 0))) == _unsigned(line.entry):
            found.remove(about)
        else:
            found.append(line)
    return found


def _unsigned(entry: Entry) -> Entry:
    """Return a correction without who made it and when."""
    return replace(entry, by="", made_utc_ns=0) if isinstance(entry, _SIGNED) else entry


def _judged_before(undone: LogLine, time_s: float, before: Sequence[LogLine]) -> BeatJudgement:
    held = [
        each
        for each in beat_decisions(before)
        if each.recording == undone.recording and abs(each.time_s - time_s) <= SAME_BEAT_S
    ]
    if not held:
        return BeatJudgement.UNDECIDED
    taken_away = isinstance(undone.entry, BeatJudged) and undone.entry.judgement is not BeatJudgement.ACCEPTED
    return BeatJudgement.ADDED if held[0].added and taken_away else held[0].judgement


def words(line: LogLine, lines: Sequence[LogLine]) -> str:
    """Tell a correction in words; `lines` are those of the log."""
    told = ""
    match line.entry:
        case BeatJudged(time_s, judgement):
            told = f"beat at {time_s:.2f} s: {judgement.value}"
        case MarkerAdded(label, at_s):
            told = f"marker {line.seq} set at {at_s:.1f} s: {label}"
        case MarkerCorrected(number, label, at_s, removed):
            told = f"marker {number} removed: {label}" if removed else f"marker {number} at {at_s:.1f} s: {label}"
        case PhaseCorrected(number, at_s):
            begun = next((each.entry for each in lines if each.seq == number), None)
            name = begun.name if isinstance(begun, PhaseStarted) else f"phase {number}"
            told = f"{name} begins at {at_s:.1f} s"
        case ClientCorrected(client, was):
            told = f"client {client or 'nobody'} instead of {was or 'nobody'}"
        case RrUnitSet(unit):
            told = f"RR intervals in {unit.value}"
        case _:
            pass
    return told
