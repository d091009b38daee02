"""What a client responds to: each piece, and each approach, over sessions.

Of every play of a piece, the minutes in which it sounded are compared with the client's own baseline of that day. One
play says little, so over sessions the plays of all pieces are pooled in part: few plays of a piece draw its
estimate towards the client's mean (`pooling.partial_pool`). Nothing here says that a piece caused what it went with.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from biotune.analysis import comparison, pooling, scales
from biotune.analysis import words_over_sessions as words
from biotune.analysis.intervals import half_width
from biotune.analysis.phases import Prepared
from biotune.analysis.played import Play
from biotune.analysis.pooling import Estimate, Group
from biotune.analysis.progress import KEYS, Visit
from biotune.analysis.retest import LEAST_SESSIONS
from biotune.analysis.timeline import MAX_LAG_S
from biotune.domain import Caveat, ChangeKind, Recording
from biotune.errors import BiotuneError
from biotune.settings import Limits

LEAST_PLAYS = LEAST_SESSIONS  # sessions with a piece, as for a client's own smallest detectable change
LEAST_PLAY_S = 60.0  # the least length of RMSSD, after both ends are cut off
# About how far responses may differ from piece to piece, and from one play to the next: the published retest error of
# heart rate at 70 bpm and of RMSSD, and the change of breathing from which HRV is affected. Half of what is
# considered lies below these; docs/method.md.
SPREADS = {"mean_hr": 5.0, "rmssd": 0.27, "breathing_rate": 2.0}


@dataclass(frozen=True, slots=True)
class Moved:
    """A change and half of its 95 % interval, on the scale of `scales.moved`."""

    moved: float
    half_width: float


@dataclass(frozen=True, slots=True)
class Heard:
    """One play of a piece, against that day's baseline.

    Attributes
    ----------
    session : str
        The session's id.
    piece, title : str
        As the log names it.
    start_s, end_s : float
        The window that was measured, session time.
    changes : mapping of str to Moved
        By metric key; empty where it cannot be compared.
    caveats : tuple of Caveat
        What must be said beside it.
    problem : str
        Why it is not compared; empty where it is.
    """

    session: str
    piece: str
    title: str
    start_s: float
    end_s: float
    changes: Mapping[str, Moved] = field(default_factory=dict)
    caveats: tuple[Caveat, ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Response:
    """What one metric does with one piece or approach.

    Attributes
    ----------
    name : str
        The piece's key, or the approach.
    title : str
        What a person calls it.
    sessions : int
        In how many it was measured.
    estimate : Estimate
        The pooled change against the client's own baseline: a difference or a ratio.
    enough : bool
        Whether that many sessions suffice to put it in order with others.
    where : tuple of str
        Those sessions' ids, of a piece.
    """

    name: str
    title: str
    sessions: int
    estimate: Estimate
    enough: bool
    where: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "name": self.name,
            "title": self.title,
            "sessions": self.sessions,
            **self.estimate.to_dict(),
            "enough": self.enough,
            **({"in_sessions": list(self.where)} if self.where else {}),
        }


@dataclass(frozen=True, slots=True)
class Ranking:
    """The responses of one metric, largest fall first; those without enough sessions after all others.

    Attributes
    ----------
    kind : ChangeKind
        Of the estimates.
    unit : str
        Of the metric.
    responses : tuple of Response
        In that order.
    mean : Estimate
        Of a piece or approach that nothing is known of, for this client.
    """

    kind: ChangeKind
    unit: str
    responses: tuple[Response, ...]
    mean: Estimate

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "kind": self.kind.value,
            "unit": self.unit,
            "mean": self.mean.to_dict(),
            "order": [each.to_dict() for each in self.responses],
        }


@dataclass(frozen=True, slots=True)
class Responses:
    """What a client responds to.

    Attributes
    ----------
    client : str
        The client's code.
    pieces, approaches : mapping of str to Ranking
        By metric key; without those that no session has.
    plays : int
        Plays measured.
    left_out : mapping of str to int
        How many plays were not, by the reason.
    words : tuple of str
        Neutral sentences.
    """

    client: str
    pieces: Mapping[str, Ranking]
    approaches: Mapping[str, Ranking]
    plays: int
    left_out: Mapping[str, int]
    words: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "pieces": {key: ranking.to_dict() for key, ranking in self.pieces.items()},
            "approaches": {key: ranking.to_dict() for key, ranking in self.approaches.items()},
            "plays": self.plays,
            "left_out": dict(self.left_out),
            "words": list(self.words),
        }


def measure(recording: Recording, prepared: Prepared, play: Play, *, session: str, limits: Limits) -> Heard:
    """Compare the minutes of a play with the client's baseline of that day.

    A beat may be placed up to 4 s late (`timeline.MAX_LAG_S`), so as much is cut off at either end: what is measured
    sounded for certain. Both windows have the length of the shorter one, at most five minutes; of a long play, the end.

    Parameters
    ----------
    recording : Recording
        The session's.
    prepared : Prepared
        The same.
    play : Play
        A play in it.
    session : str
        The session's id.
    limits : Limits
        When the signal is too poor.

    Returns
    -------
    Heard
        Without changes, and with the reason, where it cannot be compared.
    """
    start_s, end_s = play.start_s + MAX_LAG_S, play.end_s - MAX_LAG_S
    heard = Heard(session, play.piece, play.title, start_s, end_s)
    if play.open_ended:  # its minutes may have been silent
        return _without(heard, words.END_NOT_LOGGED)
    if end_s - start_s < LEAST_PLAY_S:
        return _without(heard, words.TOO_SHORT)
    try:
        made = comparison.compare(recording, after=f"{start_s:.3f}-{end_s:.3f}", limits=limits, prepared=prepared)
    except BiotuneError as error:
        return _without(heard, error.what)
    changes = {
        key: Moved(change.moved, change.half_width)
        for key in KEYS
        if (change := made.changes[key]).moved is not None and change.half_width
    }
    if not changes:
        return _without(heard, words.NOT_COMPARABLE)
    return Heard(session, play.piece, play.title, made.after.start_s, made.after.end_s, changes, made.caveats)


def _without(heard: Heard, problem: str) -> Heard:
    return Heard(heard.session, heard.piece, heard.title, heard.start_s, heard.end_s, problem=problem)


def make(client: str, plays: Sequence[Heard], visits: Sequence[Visit]) -> Responses:
    """Pool what a client's plays and sessions say.

    Parameters
    ----------
    client : str
        The client's code.
    plays : sequence of Heard
        Of all sessions. Where a piece was played more than once in a session, its longest play counts.
    visits : sequence of Visit
        The sessions; each gives its approach what changed between its two windows. Quiet rest is no approach.

    Returns
    -------
    Responses
    """
    measured = _longest(plays)
    left_out: dict[str, int] = {}
    for play in plays:
        if play.problem:
            left_out[play.problem] = left_out.get(play.problem, 0) + 1
    titles = {play.piece: play.title or play.piece for play in measured}
    of_visits = [visit for visit in visits if visit.approach and not visit.quiet_rest]
    units = {key: change.unit for visit in visits for key, change in visit.changes.items()}
    by_piece = {key: [(p.piece, p.changes[key]) for p in measured if key in p.changes] for key in KEYS}
    by_approach = {key: [(v.approach, m) for v in of_visits if (m := _moved(v, key)) is not None] for key in KEYS}
    named = {visit.approach: words.approach(visit.approach) for visit in of_visits}
    made = Responses(
        client=client,
        pieces={
            key: _placed(rank(key, units.get(key, ""), each, titles), key, measured)
            for key, each in by_piece.items()
            if each
        },
        approaches={key: rank(key, units.get(key, ""), each, named) for key, each in by_approach.items() if each},
        plays=len(measured),
        left_out=left_out,
    )
    rested = any(visit.quiet_rest for visit in visits)
    return replace(made, words=words.of_responses(made, rested=rested))


def of_pieces(responses: Responses) -> Responses:
    """Return what a client's pieces say, without the approaches."""
    pieces = replace(responses, approaches={}, words=())
    return replace(pieces, words=words.of_responses(pieces))


def _placed(ranking: Ranking, key: str, measured: Sequence[Heard]) -> Ranking:
    """Say of each piece in which sessions it was measured."""
    where: dict[str, list[str]] = {}
    for play in measured:
        if key in play.changes:
            where.setdefault(play.piece, []).append(play.session)
    return replace(ranking, responses=tuple(replace(each, where=tuple(where[each.name])) for each in ranking.responses))


def _longest(plays: Sequence[Heard]) -> list[Heard]:
    found: dict[tuple[str, str], Heard] = {}
    for play in plays:
        kept = found.get((play.session, play.piece))
        if play.changes and (kept is None or play.end_s - play.start_s > kept.end_s - kept.start_s):
            found[play.session, play.piece] = play
    return list(found.values())


def _moved(visit: Visit, key: str) -> Moved | None:
    change = visit.changes.get(key)
    if change is None or change.moved is None or not change.half_width:
        return None
    return Moved(change.moved, change.half_width)


def rank(key: str, unit: str, observed: Sequence[tuple[str, Moved]], titles: Mapping[str, str]) -> Ranking:
    """Pool in part, and put in order.

    Parameters
    ----------
    key : str
        The metric's.
    unit : str
        The metric's.
    observed : sequence of (str, Moved)
        Name of the piece or approach, and a change seen with it; at least one, one a session.
    titles : mapping of str to str
        By name.

    Returns
    -------
    Ranking
        Largest fall first, then largest title; a name seen in fewer than `LEAST_PLAYS` sessions comes last.
    """
    kind, of_one = KEYS[key], half_width(1.0)
    names = sorted({name for name, _ in observed})
    seen = {name: [moved for other, moved in observed if other == name] for name in names}
    groups = [
        Group([each.moved for each in seen[name]], [(each.half_width / of_one) ** 2 for each in seen[name]])
        for name in names
    ]
    spreads = pooling.half_cauchy(SPREADS[key])
    pooled = pooling.partial_pool(groups, between=spreads, within=spreads)
    responses = [
        Response(name, titles.get(name, name), len(seen[name]), _told(kind, each), len(seen[name]) >= LEAST_PLAYS)
        for name, each in zip(names, pooled.groups, strict=True)
    ]
    ordered = sorted(responses, key=lambda each: (not each.enough, each.estimate.estimate, each.title))
    return Ranking(kind, unit, tuple(ordered), _told(kind, pooled.mean))


def _told(kind: ChangeKind, estimate: Estimate) -> Estimate:
    return Estimate(*(scales.told(kind, end) for end in (estimate.estimate, estimate.low, estimate.high)))
