"""A client's quiet rest, put beside a music session.

Resting alone drifts, so the same windows of the client's quiet-rest sessions are the control of a music session. They
give two things: how far changes at rest differ from each other (the client's own smallest detectable change),
and where they lie on average (the drift, which is taken off the music session's change in a second result).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from biotune.analysis import retest, scales
from biotune.analysis.pooling import Estimate
from biotune.analysis.results import Change
from biotune.analysis.retest import LEAST_SESSIONS, NORMAL, OwnRetest
from biotune.domain import ChangeKind, Yardstick


@dataclass(frozen=True, slots=True)
class RestChange:
    """One metric's change in one quiet-rest session, with half of its 95 % interval; both as `scales.moved`."""

    session: str
    moved: float
    half_width: float


@dataclass(frozen=True, slots=True)
class QuietRest:
    """What a client's quiet-rest sessions do between two windows.

    Attributes
    ----------
    sessions : tuple of str
        Their ids, in order of time.
    log_sha256 : tuple of str
        The hash of each one's log.
    changes : mapping of str to tuple of RestChange
        By metric key, of the sessions that have it.
    other_posture : tuple of str
        Sessions in which the client sat or lay otherwise than in the one that is compared.
    """

    sessions: tuple[str, ...]
    log_sha256: tuple[str, ...]
    changes: Mapping[str, tuple[RestChange, ...]]
    other_posture: tuple[str, ...] = ()

    def own(self, key: str) -> OwnRetest | None:
        """Return the client's own smallest detectable change; None below three sessions."""
        return retest.own([each.moved for each in self.changes.get(key, ())])


@dataclass(frozen=True, slots=True)
class BesideRest:
    """One metric's change beside what the client's quiet rest does between the same windows.

    Attributes
    ----------
    kind : ChangeKind
        Ratio or difference, of all three.
    unit : str
        Of the metric.
    sessions : int
        Quiet-rest sessions with this metric.
    drift : Estimate
        Mean change at quiet rest.
    beyond : Estimate or None
        The change less the drift: a difference, or a ratio of ratios; None where nobody knows how far
        changes at rest differ from one session to the next.
    spread : Yardstick or None
        Where that is known from.
    each : tuple of float
        Every quiet-rest session's change, in order of time.
    """

    kind: ChangeKind
    unit: str
    sessions: int
    drift: Estimate
    beyond: Estimate | None
    spread: Yardstick | None
    each: tuple[float, ...] = ()

    @property
    def exceeds(self) -> bool | None:
        """Whether the interval of `beyond` excludes no change; None where there is none."""
        if self.beyond is None:
            return None
        none = 1.0 if self.kind is ChangeKind.RATIO else 0.0
        return not self.beyond.low <= none <= self.beyond.high

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "kind": self.kind.value,
            "sessions": self.sessions,
            "drift": self.drift.to_dict(),
            "beyond": self.beyond.to_dict() if self.beyond else None,
            "spread": self.spread,
            "exceeds": self.exceeds,
            "each": list(self.each),
            "unit": self.unit,
        }


@dataclass(frozen=True, slots=True)
class QuietRestBeside:
    """A comparison's changes beside the client's quiet rest.

    Attributes
    ----------
    sessions : tuple of str
        The quiet-rest sessions, in order of time.
    changes : mapping of str to BesideRest
        By metric key.
    words : tuple of str
        Neutral sentences.
    other_posture : tuple of str
        Those of the sessions in which the client sat or lay otherwise.
    """

    sessions: tuple[str, ...]
    changes: Mapping[str, BesideRest]
    words: tuple[str, ...] = ()
    other_posture: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "sessions": list(self.sessions),
            "changes": {key: each.to_dict() for key, each in self.changes.items()},
            "words": list(self.words),
            "other_posture": list(self.other_posture),
        }


def beside(key: str, change: Change, at_rest: Sequence[RestChange]) -> BesideRest | None:
    """Put one change beside those at quiet rest.

    The drift is the mean of the changes at rest. From three sessions on its interval is t(0.975, n − 1)·SD/√n; below,
    it is the wider of what the sessions' own intervals and the published spread give. What is beyond the drift is the
    change less the drift. Its interval holds two things: how far this session's own change at rest may have lain
    from the client's mean (the spread of changes at rest: the client's own from three sessions on, the published one
    below; or the interval within this session, where that is wider), and how far that mean is known.

    Parameters
    ----------
    key : str
        The metric's key.
    change : Change
        Of the music session.
    at_rest : sequence of RestChange
        Of the quiet-rest sessions.

    Returns
    -------
    BesideRest or None
        None where either is missing.
    """
    if change.moved is None or change.half_width is None or not at_rest:
        return None
    n = len(at_rest)
    moved = [each.moved for each in at_rest]
    own = retest.own(moved)
    mean = float(np.mean(moved))
    reach, known_from = _reach(key, change, moved)
    within = math.sqrt(sum(each.half_width**2 for each in at_rest)) / n
    of_mean = reach / math.sqrt(n) if reach is not None else within
    if n < LEAST_SESSIONS:
        of_mean = max(of_mean, within)
    beyond = None
    if reach is not None:
        half = own.beyond(change.half_width) if own else math.hypot(max(reach, change.half_width), of_mean)
        beyond = _estimate(change.kind, change.moved - mean, half)
    return BesideRest(
        kind=change.kind,
        unit=change.unit,
        sessions=n,
        drift=_estimate(change.kind, mean, of_mean),
        beyond=beyond,
        spread=known_from,
        each=tuple(scales.told(change.kind, each) for each in moved),
    )


def _reach(key: str, change: Change, moved: Sequence[float]) -> tuple[float | None, Yardstick | None]:
    """Within how much of the client's mean 95 % of changes at rest lie, were that mean known; and whence."""
    if len(moved) >= LEAST_SESSIONS:
        return retest.quantile(len(moved)) * float(np.std(moved, ddof=1)), Yardstick.OWN
    published = retest.published_spread(key)
    if published is None or change.before is None:
        return None, None
    return NORMAL * published * (1.0 if change.kind is ChangeKind.RATIO else change.before), Yardstick.PUBLISHED


def _estimate(kind: ChangeKind, moved: float, half: float) -> Estimate:
    return Estimate(*(scales.told(kind, end) for end in (moved, moved - half, moved + half)))
