"""One client's experiment: what was planned, how far it is, and, once it is done, what it showed.

Before it is done nothing but the number of sessions is told: whoever looks at the result on the way, and stops when
it pleases, finds something in every client. Once it has been told, the places stand as they were told: whoever then
moves sessions, until it pleases, finds as much. Moved they can be, and what is left is a description.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from biotune.analysis import assignments, experiment_words
from biotune.analysis.assignments import Rules
from biotune.analysis.cohort import KINDS
from biotune.analysis.metrics import CATALOGUE
from biotune.analysis.session_change import CONTROL, back_of
from biotune.analysis.single_case import LEVEL, Described, Effect
from biotune.domain import Alternative, ChangeKind, Design, LeftOut, PlaceState

METRICS = ("rmssd", "mean_hr")
STATISTIC = {
    Design.ALTERNATING: "difference of means",
    Design.ABAB: "difference of the means of phase means",
}


@dataclass(frozen=True, slots=True)
class Condition:
    """What is done in a session: a protocol, and a word of the music where that matters.

    Examples
    --------
    >>> Condition.parse("listening:adagio").label
    'listening (adagio)'
    """

    protocol: str
    music: str = ""

    @classmethod
    def parse(cls, text: str) -> "Condition":
        """Read ``PROTOCOL`` or ``PROTOCOL:MUSIC``."""
        protocol, _, music = text.partition(":")
        return cls(protocol.strip(), " ".join(music.split()))

    @property
    def word(self) -> str:
        """The form that `parse` reads."""
        return f"{self.protocol}:{self.music}" if self.music else self.protocol

    @property
    def label(self) -> str:
        """How people read it."""
        plain = self.protocol.replace("-", " ")
        return f"{plain} ({self.music})" if self.music else plain


@dataclass(frozen=True, slots=True)
class Plan:
    """What was decided before the first session.

    Attributes
    ----------
    client : str
        The client's code.
    number : int
        Counts a client's plans from 1.
    drawn : datetime
        When the order was drawn; only later sessions count by themselves.
    rules : Rules
        How it was drawn.
    conditions : tuple of Condition
        By their number.
    order : tuple of int
        The condition of each session.
    seed : int
        Of the draw.
    metric : str
        What is looked at: its change from before to after in each session.
    alternative : Alternative
        Which differences are looked for.
    by_hand : mapping of int to str
        Sessions that a person put in a place (counted from 1).
    missed : tuple of int
        Places whose session will not take place.
    stopped : datetime or None
        When it was given up.
    told : datetime or None
        When its result was first told.
    told_places : tuple of str
        The session of each place at that time; empty where the place had none.
    """

    client: str
    number: int
    drawn: datetime
    rules: Rules
    conditions: tuple[Condition, ...]
    order: tuple[int, ...]
    seed: int
    metric: str
    alternative: Alternative = Alternative.TWO_SIDED
    by_hand: Mapping[int, str] = field(default_factory=dict)
    missed: tuple[int, ...] = ()
    stopped: datetime | None = None
    told: datetime | None = None
    told_places: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """What it is called: the client's code and its number."""
        return f"{self.client}/{self.number}"

    @property
    def kind(self) -> ChangeKind:
        """Whether a session's change is a ratio or a difference."""
        return KINDS[self.metric]

    @property
    def pairs(self) -> tuple[tuple[int, int], ...]:
        """Which conditions are compared: each with each, quiet rest last."""
        numbers = range(len(self.conditions))
        ordered = sorted(numbers, key=lambda each: self.conditions[each].protocol == CONTROL)
        return tuple((a, b) for place, a in enumerate(ordered) for b in ordered[place + 1 :])


@dataclass(frozen=True, slots=True)
class Place:
    """One planned session: its number from 1, its condition, and how it stands."""

    number: int
    condition: int
    state: PlaceState
    session: str = ""
    by_hand: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Outsider:
    """A session of the client that took place meanwhile and is not part of it."""

    session: str
    reason: LeftOut
    words: str


@dataclass(frozen=True, slots=True)
class Experiment:
    """A plan and how far it is.

    Attributes
    ----------
    plan : Plan
        What was decided.
    places : tuple of Place
        Its sessions.
    outsiders : tuple of Outsider
        What else took place.
    effects : tuple of Effect
        What it showed, one a pair of conditions; empty until it is done.
    described : tuple of Described
        In their stead, where sessions were moved after the result had been told.
    problem : str
        Why a plan that is done shows nothing; else empty.
    """

    plan: Plan
    places: tuple[Place, ...]
    outsiders: tuple[Outsider, ...] = ()
    effects: tuple[Effect, ...] = ()
    described: tuple[Described, ...] = ()
    problem: str = ""

    @property
    def taken(self) -> int:
        """How many sessions took place."""
        return sum(bool(place.session) for place in self.places)

    @property
    def is_done(self) -> bool:
        """Whether every place has its session, or is known to get none."""
        return all(place.session or place.state is PlaceState.MISSED for place in self.places)

    @property
    def is_moved(self) -> bool:
        """Whether the places are no longer those with which the result was first told."""
        return self.plan.told is not None and tuple(place.session for place in self.places) != self.plan.told_places

    @property
    def next(self) -> Place | None:
        """The session that is due; None where there is none."""
        return next((place for place in self.places if place.state is PlaceState.NEXT), None)

    @property
    def disclosed(self) -> tuple[Place, ...]:
        """The sessions whose condition is told unasked: all but those to come after the next one.

        Who knows which condition is due can choose whom or which day it meets (allocation concealment, CONSORT 2010).
        """
        if self.plan.stopped:
            return self.places
        return tuple(place for place in self.places if place.state is not PlaceState.OPEN)

    @property
    def words(self) -> tuple[str, ...]:
        """How it stands, and what it showed, in sentences."""
        return experiment_words.sentences(self)

    def to_dict(self) -> dict[str, Any]:
        """Return one plan of the document ``biotune.plan/1``."""
        plan = self.plan
        rules = plan.rules
        alternating = rules.design is Design.ALTERNATING
        return {
            "id": plan.id,
            "design": rules.design.value,
            "conditions": [{"protocol": each.protocol, "music": each.music} for each in plan.conditions],
            "sessions": rules.sessions,
            "most_repeats": rules.most_repeats,
            "least_phase": None if alternating else rules.least_phase,
            "seed": plan.seed,
            "drawn": plan.drawn.isoformat(),
            "stopped": plan.stopped.isoformat() if plan.stopped else None,
            "possible_orders": assignments.count(rules),
            "metric": plan.metric,
            "statistic": STATISTIC[rules.design],
            "alternative": plan.alternative.value,
            "places": [self._place(place) for place in self.places],
            "left_out": [
                {"session": each.session, "reason": each.reason.value, "words": each.words} for each in self.outsiders
            ],
            "taken": self.taken,
            "done": self.is_done,
            "next": self._place(self.next) if self.next else None,
            "result_told": plan.told.isoformat() if plan.told else None,
            "result": [self._effect(each) for each in self.effects or self.described] or None,
            "withheld": experiment_words.moved_sentence(plan) if self.described else None,
            "words": list(self.words),
        }

    def _place(self, place: Place) -> dict[str, Any]:
        return {
            "place": place.number,
            "condition": self.plan.conditions[place.condition].word,
            "state": place.state.value,
            "session": place.session or None,
            "by_hand": place.by_hand,
            "note": place.note,
        }

    def _effect(self, effect: Effect | Described) -> dict[str, Any]:
        back = back_of(self.plan.kind)
        tested = effect if isinstance(effect, Effect) else None
        return {
            "condition": self.plan.conditions[effect.first].word,
            "against": self.plan.conditions[effect.second].word,
            "kind": self.plan.kind.value,
            "unit": CATALOGUE[self.plan.metric].unit,
            "estimate": back(effect.estimate),
            "low": None if tested is None or tested.low is None else back(tested.low),
            "high": None if tested is None or tested.high is None else back(tested.high),
            "p": tested.p if tested else None,
            "p_holm": tested.p_holm if tested else None,
            "level": LEVEL,
            "orders": tested.orders if tested else None,
            "exact": tested.exact if tested else None,
            "values": list(effect.values),
        }


def document(client: str, experiments: Sequence[Experiment]) -> dict[str, Any]:
    """Return the document ``biotune.plan/1``: a client's plans, the newest first."""
    return {"schema": "biotune.plan/1", "client": client, "plans": [each.to_dict() for each in experiments]}
