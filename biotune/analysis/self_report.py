"""What the client said of themselves and what was measured by hand, before and after: read from the log.

A rating is one person's word at one instant. Two of them make a difference, and neither an interval nor a verdict.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from biotune.domain import ContextGiven, RatingGiven, ReadingGiven, Recording, ScoreGiven
from biotune.domain.self_report import CIRCUMSTANCES, READINGS, SCALES

BEFORE, AFTER = "before", "after"
_SCALES = {scale.key: scale for scale in SCALES}
_CIRCUMSTANCES = {each.key: each.title for each in CIRCUMSTANCES}
_QUANTITIES = {each.key: each.title for each in READINGS}


@dataclass(frozen=True, slots=True)
class Answer:
    """One scale or questionnaire, before and after, and at any moment between.

    Attributes
    ----------
    name : str
        The scale's key, or the questionnaire's name.
    before, after : float or None
        The last word of each; None where none was given.
    during : tuple of (float, float)
        Session time and value of what was given at any other moment.
    """

    name: str
    before: float | None = None
    after: float | None = None
    during: tuple[tuple[float, float], ...] = ()

    @property
    def title(self) -> str:
        """What people call it."""
        return _SCALES[self.name].title if self.name in _SCALES else self.name

    @property
    def change(self) -> float | None:
        """After minus before; None where either is missing."""
        return None if self.before is None or self.after is None else self.after - self.before

    @property
    def difference(self) -> str:
        """The change as it is read, with its sign; a dash where there is none."""
        return "–" if self.change is None else f"{self.change:+g}".replace("-", "−")

    @property
    def words(self) -> str:
        """One line: both values, and what the ends of a scale mean."""
        scale = _SCALES.get(self.name)
        values = " → ".join("–" if value is None else f"{value:g}" for value in (self.before, self.after))
        ends = f" (0 {scale.low}, 100 {scale.high})" if scale else ""
        between = f", in between: {self.words_of_during}" if self.during else ""
        return f"{self.title} {values}{ends}{between}"

    @property
    def words_of_during(self) -> str:
        """What was said in between, each with its time: "40 at 3:12"; empty where nothing was."""
        told = ((*divmod(round(time_s), 60), value) for time_s, value in self.during)
        return ", ".join(f"{value:g} at {minutes}:{seconds:02d}" for minutes, seconds, value in told)

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        during = [{"time_s": time_s, "value": value} for time_s, value in self.during]
        return {"before": self.before, "after": self.after, "change": self.change, "during": during}


@dataclass(frozen=True, slots=True)
class SelfReport:
    """Everything of the kind that a session's log holds.

    Attributes
    ----------
    ratings, scores : tuple of Answer
        By scale, in the order of the scales; by questionnaire, in the order in which they were first given.
    readings : tuple of ReadingGiven
        The last one of each quantity and time taken, in order.
    context : mapping of str to str
        Circumstances of the sitting, by item.
    """

    ratings: tuple[Answer, ...] = ()
    scores: tuple[Answer, ...] = ()
    readings: tuple[ReadingGiven, ...] = ()
    context: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was said and nothing measured."""
        return not (self.ratings or self.scores or self.readings or self.context)

    def rating(self, scale: str) -> Answer:
        """Return what was said on a scale; an empty answer where nothing was."""
        return next((each for each in self.ratings if each.name == scale), Answer(scale))

    @property
    def words(self) -> tuple[str, ...]:
        """Line by line, for people."""
        told = [each.words for each in (*self.ratings, *self.scores)]
        for each in self.readings:
            taken = f", taken {each.taken.replace('T', ' ')}" if each.taken else ""
            told.append(f"{_QUANTITIES.get(each.quantity, each.quantity)} {each.value:g} {each.unit}{taken}")
        if self.context:
            told.append("; ".join(f"{_CIRCUMSTANCES.get(item, item)}: {said}" for item, said in self.context.items()))
        return tuple(told)

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "ratings": {each.name: each.to_dict() for each in self.ratings},
            "scores": {each.name: each.to_dict() for each in self.scores},
            "readings": [
                {"quantity": each.quantity, "value": each.value, "unit": each.unit, "taken": each.taken}
                for each in self.readings
            ],
            "context": dict(self.context),
        }


def how_to_read(answers: Sequence[Answer]) -> str:
    """Say what the ends of the scales are that were rated, and what a difference is not.

    Examples
    --------
    >>> how_to_read([Answer("tension", 60, 35)])[:69]
    'Ratings lie between 0 and 100 (tension 0 quite loose, 100 as tense as'
    """
    rated = [_SCALES[each.name] for each in answers if each.name in _SCALES]
    ends = "; ".join(f"{scale.title.lower()} 0 {scale.low}, 100 {scale.high}" for scale in rated)
    return (
        f"Ratings lie between 0 and 100{f' ({ends})' if ends else ''}. They are the client's own words about "
        "themselves; a difference between two of them has no interval and no verdict."
    )


def of(recording: Recording) -> SelfReport:
    """Read what was said and measured; of two words about one thing, the last holds.

    Parameters
    ----------
    recording : Recording
        Any.
    """
    ratings: dict[str, dict[str, float]] = {}
    scores: dict[str, dict[str, float]] = {}
    during: dict[str, list[tuple[float, float]]] = {}
    readings: dict[tuple[str, str], ReadingGiven] = {}
    context: dict[str, str] = {}
    for time_s, line in recording.times_s():
        match line.entry:
            case RatingGiven(scale, value, when) if when in {BEFORE, AFTER}:
                ratings.setdefault(scale, {})[when] = value
            case RatingGiven(scale, value, _):
                during.setdefault(scale, []).append((time_s, value))
            case ScoreGiven(questionnaire, value, when):
                scores.setdefault(questionnaire, {})[when if when == BEFORE else AFTER] = value
            case ReadingGiven(quantity, _, _, taken):
                readings[quantity, taken] = line.entry
            case ContextGiven(item, value):
                context[item] = value
            case _:
                pass
    known = [
        *(scale for scale in _SCALES if scale in {*ratings, *during}),
        *sorted({*ratings, *during} - _SCALES.keys()),
    ]
    return SelfReport(
        ratings=tuple(
            Answer(
                name,
                ratings.get(name, {}).get(BEFORE),
                ratings.get(name, {}).get(AFTER),
                tuple(during.get(name, ())),
            )
            for name in known
        ),
        scores=tuple(Answer(name, values.get(BEFORE), values.get(AFTER)) for name, values in scores.items()),
        readings=tuple(readings.values()),
        context={item: said for item, said in context.items() if said},
    )
