"""The beats of a recording one by one, to be looked at and decided about."""

from dataclasses import dataclass

import numpy as np

from biotune.analysis.phases import Prepared
from biotune.analysis.series import BoolArray, FloatArray, IntArray
from biotune.domain import BeatDecision, BeatJudgement

_SAME_S = 0.15  # as decisions find their beat again


@dataclass(frozen=True, slots=True)
class Beat:
    """One beat.

    Attributes
    ----------
    number : int
        Its place in the strip, counted from 0.
    time_s, rr_ms : float
        Session time of its R peak, and the interval that ends there.
    flagged : bool
        Whether it is wrong: left out, or added up with its neighbours.
    joined : bool
        Whether it is not lost: it adds up with its neighbours to one interval, since a beat was invented.
    as_what : str
        How it is wrong, in a word of the log; empty where nothing is.
    decided : BeatDecision or None
        What a person decided about it.
    """

    number: int
    time_s: float
    rr_ms: float
    flagged: bool
    joined: bool
    as_what: str
    decided: BeatDecision | None


@dataclass(frozen=True, slots=True, eq=False)
class Strip:
    """Every beat.

    Attributes
    ----------
    time_s, rr_ms : ndarray, shape (n_beats,)
        R peaks, session time, and intervals.
    stretch : ndarray of int, shape (n_beats,)
        Gap-free stretch of each.
    flagged : ndarray of bool, shape (n_beats,)
        Which are wrong.
    joined : ndarray of bool, shape (n_beats,)
        Which of these add up to an interval that is used.
    classes : tuple of str
        How each of them is wrong; empty words for the others.
    decisions : tuple of BeatDecision
        What people decided.
    """

    time_s: FloatArray
    rr_ms: FloatArray
    stretch: IntArray
    flagged: BoolArray
    joined: BoolArray
    classes: tuple[str, ...]
    decisions: tuple[BeatDecision, ...]

    def __len__(self) -> int:
        """Count the beats."""
        return len(self.time_s)

    def beat(self, number: int) -> Beat:
        """Return one beat; of numbers beyond the ends the first or last."""
        k = min(max(number, 0), len(self) - 1)
        at_s = float(self.time_s[k])
        near = [each for each in self.decisions if abs(each.time_s - at_s) <= _SAME_S]
        decided = min(near, key=lambda each: abs(each.time_s - at_s), default=None)
        if decided and decided.judgement is BeatJudgement.UNDECIDED:
            decided = None
        return Beat(
            k, at_s, float(self.rr_ms[k]), bool(self.flagged[k]), bool(self.joined[k]), self.classes[k], decided
        )

    def nearest(self, at_s: float) -> Beat:
        """Return the beat whose R peak is the nearest to an instant."""
        return self.beat(int(np.argmin(np.abs(self.time_s - at_s))))

    def questioned(self) -> IntArray:
        """Return the numbers of the beats that are left out, or that somebody decided about."""
        asked = set(np.flatnonzero(self.flagged).tolist())
        for each in self.decisions:
            if each.judgement is not BeatJudgement.UNDECIDED:
                asked.add(self.nearest(each.time_s).number)
        return np.array(sorted(asked), dtype=np.int64)

    def next_questioned(self, number: int, *, forward: bool) -> Beat:
        """Return the next beat of `questioned` in that direction; the same beat where there is none."""
        asked = self.questioned()
        beyond = asked[asked > number] if forward else asked[asked < number]
        if not len(beyond):
            return self.beat(number)
        return self.beat(int(beyond[0] if forward else beyond[-1]))

    def around(self, at_s: float, span_s: float) -> slice:
        """Return which beats lie within half a span of an instant."""
        first, end = np.searchsorted(self.time_s, [at_s - span_s / 2, at_s + span_s / 2])
        return slice(int(first), int(end))


def of(prepared: Prepared) -> Strip | None:
    """Return a recording's beats; None where it has none.

    Parameters
    ----------
    prepared : Prepared
        The recording as `phases.prepare` made it.
    """
    beats = prepared.timeline.beats
    if not len(beats):
        return None
    classes = [""] * len(beats)
    for artefact in prepared.classified.artefacts:
        k = int(np.argmin(np.abs(beats.time_s - artefact.time_s)))
        classes[k] = artefact.artefact_class.value
    joined = np.zeros(len(beats), dtype=bool)
    for first, end in prepared.classified.joins:
        joined[first:end] = True
    flagged = prepared.classified.flagged
    return Strip(beats.time_s, beats.rr_ms, beats.stretch, flagged, joined, tuple(classes), prepared.decisions)
