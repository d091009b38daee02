"""What people decided about beats, carried out: the method proposes, a person disposes.

A peak that somebody added splits the interval it lies in, and the method judges the parts as it judges all others.
A beat that was accepted is used although it is flagged; one that was rejected is left out although it is not. What the
method would add up, because it takes a beat for invented, is not added up where a person decided about a part of it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from biotune.analysis.artefacts import Classified
from biotune.analysis.results import Artefact
from biotune.analysis.series import BeatSeries, FloatArray
from biotune.domain import ArtefactClass, BeatDecision, BeatJudgement, LogLine, beat_decisions

# Times of beats are computed, and a session that still grows moves them a little: a decision then finds its beat again
FOUND_AGAIN_S = 0.15
LEAST_PART_S = 0.2  # no heart beats twice within it
_AROUND = 5  # beats on either side of a rejected one, to say whether it is long or short


def of(lines: Iterable[LogLine]) -> tuple[BeatDecision, ...]:
    """Return what holds of every beat that people decided about."""
    return beat_decisions(lines)


def add_peaks(beats: BeatSeries, decisions: Sequence[BeatDecision]) -> BeatSeries:
    """Split the intervals in which people put an R peak.

    Parameters
    ----------
    beats : BeatSeries
        As laid out from the log.
    decisions : sequence of BeatDecision
        Of this recording. A peak outside every interval, or within `LEAST_PART_S` of another, splits nothing.

    Returns
    -------
    BeatSeries
        The same beats, with one more for each peak.
    """
    for decided in decisions:
        if decided.added:
            beats = _split(beats, decided.time_s)
    return beats


def can_be_split(beats: BeatSeries, time_s: float) -> bool:
    """Tell whether an R peak can be put there."""
    return len(_split(beats, time_s)) > len(beats)


def nearest(beats: BeatSeries, time_s: float, *, within_s: float = FOUND_AGAIN_S) -> int | None:
    """Return which beat's R peak is the nearest to an instant; None where none is near enough."""
    if not len(beats):
        return None
    k = int(np.argmin(np.abs(beats.time_s - time_s)))
    return k if abs(float(beats.time_s[k]) - time_s) <= within_s else None


def apply(
    beats: BeatSeries, classified: Classified, decisions: Sequence[BeatDecision]
) -> tuple[Classified, tuple[BeatDecision, ...]]:
    """Take flags off accepted beats and put them on rejected ones.

    Parameters
    ----------
    beats : BeatSeries
        As `add_peaks` returned it.
    classified : Classified
        What the method says of them.
    decisions : sequence of BeatDecision
        Of this recording.

    Returns
    -------
    tuple of Classified and of BeatDecision
        The classification as people have it, and the decisions that found their beat.
    """
    if not decisions:
        return classified, ()
    asked = np.zeros(len(beats), dtype=bool)
    asked[[k for each in decisions if (k := nearest(beats, each.time_s)) is not None]] = True
    classified = classified.without_joins(beats, asked)
    flagged = classified.flagged.copy()
    by_time = {each.time_s: each for each in classified.artefacts}
    held: list[BeatDecision] = []
    for decided in decisions:
        k = nearest(beats, decided.time_s)
        if k is None:
            continue
        held.append(decided)
        at_s = float(beats.time_s[k])
        if decided.judgement is BeatJudgement.ACCEPTED:
            flagged[k] = False
            by_time.pop(at_s, None)
        elif decided.judgement is BeatJudgement.REJECTED:
            flagged[k] = True
            found = by_time.get(at_s) or Artefact(at_s, float(beats.rr_ms[k]), _off(beats.rr_ms, k))
            by_time[at_s] = replace(found, decided=decided)
    artefacts = tuple(by_time[at_s] for at_s in sorted(by_time))
    return Classified(flagged, artefacts, classified.joins), tuple(held)


def _split(beats: BeatSeries, time_s: float) -> BeatSeries:
    k = int(np.searchsorted(beats.time_s, time_s, side="left"))
    if k == len(beats):
        return beats
    end_s, rr_s = float(beats.time_s[k]), float(beats.rr_ms[k]) / 1000
    before_s, after_s = time_s - (end_s - rr_s), end_s - time_s
    if min(before_s, after_s) < LEAST_PART_S:
        return beats
    rr_ms = beats.rr_ms.copy()
    rr_ms[k] = after_s * 1000
    return BeatSeries(
        np.insert(beats.time_s, k, time_s),
        np.insert(rr_ms, k, before_s * 1000),
        np.insert(beats.stretch, k, beats.stretch[k]),
    )


def _off(rr_ms: FloatArray, k: int) -> ArtefactClass:
    """Say whether an interval is longer or shorter than those around it."""
    around = rr_ms[max(k - _AROUND, 0) : k + _AROUND + 1]
    return ArtefactClass.LONG if rr_ms[k] > np.median(around) else ArtefactClass.SHORT
