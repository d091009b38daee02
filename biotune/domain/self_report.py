"""What people are asked before, during and after: scales in our own words, readings, and circumstances of a sitting."""

from dataclasses import dataclass

MOST = 100.0  # of a rating
LONGEST_ITEM = 40  # characters of a scale's, questionnaire's or quantity's name
LONGEST_VALUE = 200


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
