"""What people are asked before, during and after: scales in our own words, readings, and circumstances of a sitting."""

import math
from dataclasses import dataclass

import biotune.errors as _errors
from biotune.domain.acts import ContextGiven, RatingGiven, ReadingGiven, ScoreGiven

Given = RatingGiven | ScoreGiven | ReadingGiven | ContextGiven

MOST = 100.0  # of a rating
LONGEST_ITEM = 40  # characters of a scale's, questionnaire's or quantity's name
LONGEST_VALUE = 200
LARGEST = 1e6  # of a score, or of a reading whose quantity is not known here


@dataclass(frozen=True, slots=True)
class Scale:
    """A slider from 0 to 100: its name in the log, the question, and what its two ends mean."""

    key: str
    title: str
    question: str
    low: str
    high: str


@dataclass(frozen=True, slots=True)
class Quantity:
    """A reading that is typed in, its unit, and what is possible at all."""

    key: str
    title: str
    unit: str
    least: float
    most: float


@dataclass(frozen=True, slots=True)
class Circumstance:
    """Something about the sitting that moves a heart by itself, and the usual answers."""

    key: str
    title: str
    choices: tuple[str, ...]


# The words are biotune's own: licensed questionnaires are kept as numbers only, never as items.
SCALES = (
    Scale("tension", "Tension", "How tense is your body just now?", "quite loose", "as tense as can be"),
    Scale("mood", "Mood", "How is your mood just now?", "very low", "very good"),
    Scale("distress", "Distress", "How much is something weighing on you just now?", "nothing", "unbearably much"),
    Scale("energy", "Energy", "How much energy do you have just now?", "none at all", "more than enough"),
)
READINGS = (
    Quantity("systolic", "Blood pressure, upper", "mmHg", 40, 300),
    Quantity("diastolic", "Blood pressure, lower", "mmHg", 20, 200),
    Quantity("cortisol", "Cortisol in saliva", "nmol/l", 0, 2000),
)
CIRCUMSTANCES = (
    Circumstance("posture", "Posture", ("seated", "half lying", "lying", "standing")),
    Circumstance("caffeine", "Caffeine", ("none today", "over 4 hours ago", "within 4 hours", "within the last hour")),
    Circumstance("food", "Last meal", ("over 4 hours ago", "2 to 4 hours ago", "within 2 hours")),
    Circumstance("exercise", "Exercise today", ("none", "light", "hard, over 6 hours ago", "hard, within 6 hours")),
    Circumstance("sleep", "Last night's sleep", ("as usual", "less than usual", "much less", "more than usual")),
    Circumstance("medication", "Medication", ("as usual", "changed", "left out today", "none")),
    Circumstance("smoking", "Smoking", ("never", "not today", "over 2 hours ago", "within 2 hours")),
)


def check(entry: Given) -> None:
    """Refuse what nobody can have meant.

    Raises
    ------
    UsageError
        For a rating outside 0 to 100, a number that is none, an impossible reading, and words without measure.
    """
    if isinstance(entry, ContextGiven):
        name, words = entry.item, entry.value
    elif isinstance(entry, ReadingGiven):
        name, words = entry.quantity, f"{entry.unit}{entry.taken}"
    else:
        name, words = entry.scale if isinstance(entry, RatingGiven) else entry.questionnaire, entry.when
    if not 0 < len(name.strip()) <= LONGEST_ITEM or len(words) > LONGEST_VALUE:
        raise _errors.UsageError(
            f"a name has 1 to {LONGEST_ITEM} characters, what is said at most {LONGEST_VALUE}", hint="Shorten it."
        )
    if isinstance(entry, ContextGiven):
        return
    known = {each.key: each for each in READINGS}.get(name) if isinstance(entry, ReadingGiven) else None
    least, most = (known.least, known.most) if known else (-LARGEST, LARGEST)
    if isinstance(entry, RatingGiven):
        least, most = 0.0, MOST
    if not math.isfinite(entry.value) or not least <= entry.value <= most:
        raise _errors.UsageError(f"{name} cannot be {entry.value:g}", hint=f"It lies between {least:g} and {most:g}.")
