"""A client over sessions, beside nobody but themselves.

Every session gives where it began (the level of its baseline) and what changed in it, each with an interval. A baseline
is put beside the band of the client's earlier ones, and what is told of a course over sessions is told
against the noise within each session and the spread between them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np

from biotune.analysis import pooling, retest, scales
from biotune.analysis import words_over_sessions as words
from biotune.analysis.intervals import half_width
from biotune.analysis.pooling import Estimate
from biotune.analysis.results import Change, Level
from biotune.analysis.self_report import Answer
from biotune.analysis.timeline import Timeline
from biotune.domain import Activity, Caveat, ChangeKind, PhaseKind, Trend

KEYS: Mapping[str, ChangeKind] = {
    "mean_hr": ChangeKind.DIFFERENCE,
    "rmssd": ChangeKind.RATIO,
    "breathing_rate": ChangeKind.DIFFERENCE,
}
LEAST_FOR_BAND = retest.LEAST_SESSIONS
QUIET_REST = "quiet-rest"


@dataclass(frozen=True, slots=True)
class Visit:
    """One session of a client.

    Attributes
    ----------
    session : str
        Its id.
    started : datetime
        When it began, UTC.
    approach : str
        As `approach` names it.
    baseline : mapping of str to Level
        Where the session began, by metric key.
    changes : mapping of str to Change
        Between its two windows, by metric key; empty where nothing can be compared.
    windows : tuple of str
        Names of the two windows; empty where there are none.
    caveats : tuple of Caveat
        What must be said beside the changes.
    ratings : mapping of str to Answer
        Before and after the sitting, by scale, such as ``tension``.
    problem : str
        Why nothing is compared; empty where something is.
    copy_of : str
        The session that is the same recording and counts in its place; empty for every other.
    """

    session: str
    started: datetime
    approach: str
    baseline: Mapping[str, Level]
    changes: Mapping[str, Change]
    windows: tuple[str, ...] = ()
    caveats: tuple[Caveat, ...] = ()
    ratings: Mapping[str, Answer] = field(default_factory=dict)
    problem: str = ""
    copy_of: str = ""

    @property
    def quiet_rest(self) -> bool:
        """Whether it is the client's own control."""
        return self.approach == QUIET_REST


@dataclass(frozen=True, slots=True)
class Band:
    """Where one more baseline is expected, from `sessions` earlier ones: 95 %."""

    low: float
    middle: float
    high: float
    sessions: int


@dataclass(frozen=True, slots=True)
class Course:
    """What became of a value over sessions.

    Attributes
    ----------
    trend : Trend
        What may be said.
    sessions : int
        How many it is from.
    kind : ChangeKind
        Of `total`.
    unit : str
        Of the metric.
    total : Estimate or None
        From the first of these sessions to the last, along the fitted line; None below five sessions.
    """

    trend: Trend
    sessions: int
    kind: ChangeKind
    unit: str
    total: Estimate | None

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "trend": self.trend.value,
            "sessions": self.sessions,
            "kind": self.kind.value,
            "total": self.total.to_dict() if self.total else None,
            "unit": self.unit,
        }


@dataclass(frozen=True, slots=True)
class Progress:
    """A client over sessions.

    Attributes
    ----------
    client : str
        The client's code.
    visits : tuple of Visit
        In order of time.
    bands : mapping of str to tuple of (Band or None)
        By metric key, one a visit: the band of the baselines before it.
    baselines, responses : mapping of str to Course
        By metric key: of where sessions began, and of what changed in them (without quiet rest).
    words : tuple of str
        Neutral sentences.
    """

    client: str
    visits: tuple[Visit, ...]
    bands: Mapping[str, tuple[Band | None, ...]]
    baselines: Mapping[str, Course]
    responses: Mapping[str, Course]
    words: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the document ``biotune.progress/1``, without what the music did."""
        return {
            "schema": "biotune.progress/1",
            "client": self.client,
            "sessions": [self._visit(number) for number in range(len(self.visits))],
            "trends": {
                "baseline": {key: course.to_dict() for key, course in self.baselines.items()},
                "change": {key: course.to_dict() for key, course in self.responses.items()},
            },
            "words": list(self.words),
        }

    def _visit(self, number: int) -> dict[str, Any]:
        visit = self.visits[number]
        bands = {key: each[number] for key, each in self.bands.items()}
        return {
            "id": visit.session,
            "started": visit.started.isoformat(),
            "approach": visit.approach,
            "windows": list(visit.windows),
            "baseline": {key: level.to_dict() for key, level in visit.baseline.items() if key in KEYS},
            "band": {
                key: {"low": band.low, "middle": band.middle, "high": band.high, "sessions": band.sessions}
                for key, band in bands.items()
                if band is not None
            },
            "changes": {key: change.to_dict() for key, change in visit.changes.items() if key in KEYS},
            "caveats": [caveat.value for caveat in visit.caveats],
            "ratings": {
                scale: {"before": rating.before, "after": rating.after} for scale, rating in visit.ratings.items()
            },
            "problem": visit.problem,
        }


def approach(timeline: Timeline, *, quiet_rest: bool) -> str:
    """Name what a session did: the activity that took most of its interventions' time.

    Parameters
    ----------
    timeline : Timeline
        The session.
    quiet_rest : bool
        As `drift.is_quiet_rest` says.

    Returns
    -------
    str
        ``quiet-rest``, an `Activity`, or empty where the session has no intervention that says.
    """
    if quiet_rest:
        return QUIET_REST
    lengths_s: dict[Activity, float] = {}
    for phase in timeline.phases:
        if phase.kind is PhaseKind.INTERVENTION and phase.activity is not None and phase.activity is not Activity.REST:
            lengths_s[phase.activity] = lengths_s.get(phase.activity, 0.0) + phase.duration_s
    return max(lengths_s, key=lambda each: lengths_s[each]).value if lengths_s else ""


def make(client: str, visits: Sequence[Visit]) -> Progress:
    """Put a client's sessions together.

    Parameters
    ----------
    client : str
        The client's code.
    visits : sequence of Visit
        In any order.

    Returns
    -------
    Progress
    """
    ordered = tuple(sorted(visits, key=lambda visit: (visit.started, visit.session)))
    sittings = [visit for visit in ordered if not visit.copy_of]  # a copy is no further step from first to last
    made = Progress(
        client=client,
        visits=ordered,
        bands={key: _bands(key, ordered) for key in KEYS},
        baselines={key: _of_baselines(key, sittings) for key in KEYS},
        responses={key: _of_changes(key, sittings) for key in KEYS},
    )
    return Progress(client, ordered, made.bands, made.baselines, made.responses, words.of_progress(made))


def band(kind: ChangeKind, values: Sequence[float]) -> Band | None:
    """Return where one more value is expected: mean ± t(0.975, n − 1)·SD·√(1 + 1/n).

    Parameters
    ----------
    kind : ChangeKind
        For a ratio, all of it on the scale of logarithms.
    values : sequence of float
        Earlier baselines.

    Returns
    -------
    Band or None
        None below three.

    Examples
    --------
    Three baselines of 60, 62 and 64 bpm: SD 2, t with 2 degrees of freedom 4.303, √(4/3).

    >>> found = band(ChangeKind.DIFFERENCE, [60, 62, 64])
    >>> round(found.middle, 1), round(found.high - found.middle, 2)
    (62.0, 9.94)
    """
    if len(values) < LEAST_FOR_BAND:
        return None
    placed = [scales.moved(kind, value) for value in values]
    reach = retest.own(placed)
    middle = float(np.mean(placed))
    half = reach.reach if reach else 0.0
    low, centre, high = (scales.told(kind, each) for each in (middle - half, middle, middle + half))
    return Band(low, centre, high, len(values))


def _bands(key: str, visits: Sequence[Visit]) -> tuple[Band | None, ...]:
    """Return the band before each visit; a session without a baseline adds nothing to those after it."""
    bands: list[Band | None] = []
    earlier: list[float] = []
    for visit in visits:
        bands.append(band(KEYS[key], earlier))
        if key in visit.baseline:
            earlier.append(visit.baseline[key].value)
    return tuple(bands)


def _of_baselines(key: str, visits: Sequence[Visit]) -> Course:
    kind = KEYS[key]
    points = []
    for number, visit in enumerate(visits):
        level = visit.baseline.get(key)
        if level is not None:
            half = (scales.moved(kind, level.high) - scales.moved(kind, level.low)) / 2
            points.append((number, scales.moved(kind, level.value), half))
    return course(kind, next((v.baseline[key].unit for v in visits if key in v.baseline), ""), points)


def _of_changes(key: str, visits: Sequence[Visit]) -> Course:
    found = [
        (number, change)
        for number, visit in enumerate(visits)
        if not visit.quiet_rest and (change := visit.changes.get(key)) is not None and change.moved is not None
    ]
    points = [(number, change.moved or 0.0, change.half_width or 0.0) for number, change in found]
    return course(KEYS[key], found[0][1].unit if found else "", points)


def course(kind: ChangeKind, unit: str, points: Sequence[tuple[int, float, float]]) -> Course:
    """Fit a line over sessions, against the noise within them and the spread between them.

    A random-effects regression on the session's number (`pooling.fit`): each session weighs 1 / (its own variance + the
    variance between sessions, after Paule and Mandel), t quantile with n − 2 degrees of freedom.

    Parameters
    ----------
    kind : ChangeKind
        How the total is told.
    unit : str
        Of the metric.
    points : sequence of (int, float, float)
        Number of the session, value on the scale of `scales.moved`, half of its 95 % interval within the session.

    Returns
    -------
    Course
        `Trend.TOO_FEW` below five sessions: then there is no line.
    """
    usable = [point for point in points if point[2] > 0]
    if len(usable) < retest.LEAST_FOR_TREND:
        return Course(Trend.TOO_FEW, len(usable), kind, unit, None)
    of_one = half_width(1.0)
    numbers, values, halves = zip(*usable, strict=True)
    fitted = pooling.fit(values, [(half / of_one) ** 2 for half in halves], [(1.0, number) for number in numbers])
    total = fitted.interval((0.0, numbers[-1] - numbers[0]))
    trend = Trend.NONE if total.low <= 0 <= total.high else Trend.RISING if total.estimate > 0 else Trend.FALLING
    ends = (scales.told(kind, end) for end in (total.estimate, total.low, total.high))
    return Course(trend, len(usable), kind, unit, Estimate(*ends))
