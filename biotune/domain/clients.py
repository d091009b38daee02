"""A client as the therapist knows them: a code, goals, preferences and a plan; everything but the code is optional."""

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

import biotune.errors as _errors

AGE_BANDS = ("under 6", "6–12", "13–17", "18–29", "30–39", "40–49", "50–59", "60–69", "70–79", "80 or older")
SEXES = ("female", "male", "another")
LONGEST_WORDS = 200  # characters of one genre, piece, condition …
LONGEST_TEXT = 2000
MOST_ENTRIES = 100
_OFTEN_IRREGULAR = frozenset({"60–69", "70–79", "80 or older"})
LIKE_A_NAME = "That looks like a name. A code such as K-204 is safer: it stands in files and reports."
_WORD = re.compile(r"[^\W\d_]+")
_SHORTEST_NAME = 3  # letters of a word that stands alone
_SHORTEST_ALL_CAPITALS = 4  # letters: shorter ones are codes, such as KGT
_IRREGULAR_WITH = ("stroke", "fibrillation", "arrhythmia", "dementia", "pacemaker", "ectop")


def require_named(code: str) -> None:
    """Refuse to go on where no client is named.

    Raises
    ------
    UsageError
        Where the code is empty.
    """
    if not code.strip():
        raise _errors.UsageError("no client is named", hint="Give the client's code, as 'biotune sessions' lists it.")


class GoalDomain(StrEnum):
    """What side of a person a goal is about (docs/method.md)."""

    EMOTIONAL = "emotional"
    COGNITIVE = "cognitive"
    SOCIAL = "social"
    PHYSICAL = "physical"


@dataclass(frozen=True, slots=True)
class Preferences:
    """What a client likes, and what is to be kept away from them; each entry in free words."""

    genres: tuple[str, ...] = ()
    instruments: tuple[str, ...] = ()
    activities: tuple[str, ...] = ()
    loved: tuple[str, ...] = ()
    avoid: tuple[str, ...] = ()

    def avoided(self, *told: str) -> str:
        """Return the entry to avoid that a piece falls under; empty where it may be played.

        Parameters
        ----------
        *told : str
            What is known of the piece: title, performer, the file's name.

        Examples
        --------
        >>> Preferences(avoid=("Ave Maria",)).avoided("Schubert: AVE MARIA", "choir")
        'Ave Maria'
        >>> Preferences(avoid=("Ave Maria",)).avoided("Morning")
        ''
        """
        sought = [" ".join(each.casefold().split()) for each in told]
        for entry in self.avoid:
            words = " ".join(entry.casefold().split())
            if words and any(words in each for each in sought):
                return entry
        return ""


@dataclass(frozen=True, slots=True)
class Plan:
    """What the therapist means to do: which approach (a protocol's name), how often, and anything else in words."""

    approach: str = ""
    how_often: str = ""
    notes: str = ""


@dataclass(frozen=True, slots=True)
class Client:
    """A client under a pseudonymous code. Names and contacts are not here: they sit in a table of their own.

    Attributes
    ----------
    code : str
        As `biotune.domain.client_code` allows.
    age_band, sex : str
        Of `AGE_BANDS` and `SEXES`; empty where it is not said.
    conditions, medication : str
        In the therapist's words.
    consented : date or None
        The day on which the client agreed to recording.
    goals : mapping of GoalDomain to str
        In the client's own words; those without a goal are not there.
    preferences : Preferences
        What they like, and what to avoid.
    plan : Plan
        What is to be done, and how often.
    """

    code: str
    age_band: str = ""
    sex: str = ""
    conditions: str = ""
    medication: str = ""
    consented: date | None = None
    goals: Mapping[GoalDomain, str] = field(default_factory=dict)
    preferences: Preferences = Preferences()
    plan: Plan = Plan()

    def __post_init__(self) -> None:
        """Refuse what cannot be kept.

        Raises
        ------
        UsageError
            For an unknown band or sex, and text without measure. A code is looked at where it is given: sessions
            brought in from elsewhere may be under any.
        """
        if self.age_band and self.age_band not in AGE_BANDS:
            raise _errors.UsageError(f"{self.age_band[:60]!r} is no age band", hint=f"Known: {', '.join(AGE_BANDS)}.")
        if self.sex and self.sex not in SEXES:
            raise _errors.UsageError(f"{self.sex[:60]!r} is not known here", hint=f"Known: {', '.join(SEXES)}.")
        texts = (self.conditions, self.medication, self.plan.notes, *self.goals.values())
        if any(len(text) > LONGEST_TEXT for text in texts):
            raise _errors.UsageError(f"a text about a client has at most {LONGEST_TEXT} characters", hint="Shorten it.")
        lists = dataclasses.astuple(self.preferences)
        words = [*(word for each in lists for word in each), self.plan.approach, self.plan.how_often]
        if any(len(word) > LONGEST_WORDS for word in words):
            raise _errors.UsageError(f"an entry has at most {LONGEST_WORDS} characters", hint="Shorten it.")
        if any(len(each) > MOST_ENTRIES for each in lists):
            raise _errors.UsageError(f"a list has at most {MOST_ENTRIES} entries", hint="Take some out.")

    @property
    def irregular_rhythm_is_common(self) -> bool:
        """Whether people of this age or with such conditions often have a rhythm too irregular for HRV."""
        said = self.conditions.casefold()
        return self.age_band in _OFTEN_IRREGULAR or any(word in said for word in _IRREGULAR_WITH)

    def to_dict(self) -> dict[str, Any]:
        """Return the document that is kept, without the code, which is its key."""
        document = dataclasses.asdict(dataclasses.replace(self, goals={}))
        del document["code"]
        document["consented"] = self.consented.isoformat() if self.consented else ""
        document["goals"] = {domain.value: words for domain, words in self.goals.items() if words.strip()}
        return document

    @classmethod
    def from_dict(cls, code: str, document: Mapping[str, Any]) -> "Client":
        """Read what `to_dict` wrote, by this version or another: what is not known is passed over.

        Raises
        ------
        UsageError
            Where it says something that no client can be.
        """
        goals, consented = _mapping(document.get("goals")), _text(document.get("consented"))
        preferences, plan = _mapping(document.get("preferences")), _mapping(document.get("plan"))
        try:
            day = date.fromisoformat(consented) if consented else None
        except ValueError as error:
            raise _errors.UsageError(f"{consented[:40]!r} is no date", hint="Write it as 2026-09-14.") from error
        return cls(
            code=code,
            consented=day,
            goals={domain: _text(goals[domain]) for domain in GoalDomain if _text(goals.get(domain)).strip()},
            preferences=Preferences(**{each.name: _entries(preferences.get(each.name)) for each in _PREFERENCES}),
            plan=Plan(**{each.name: _text(plan.get(each.name)) for each in _PLAN}),
            **{name: _text(document.get(name)) for name in ("age_band", "sex", "conditions", "medication")},
        )


def looks_like_a_name(code: str) -> bool:
    """Tell whether a client's code may well be a person's name: capitalised words, and no digit.

    Examples
    --------
    >>> [looks_like_a_name(code) for code in ("Maria Müller", "M. Müller", "Maria", "Li Wu", "MARIA")]
    [True, True, True, True, True]
    >>> [looks_like_a_name(code) for code in ("K-204", "Group 3", "KGT", "Al", "k-a", "")]
    [False, False, False, False, False, False]
    """
    if any(letter.isdigit() for letter in code):
        return False
    capitalised = [word for word in _WORD.findall(code) if _is_capitalised(word)]
    return len(capitalised) > 1 or any(len(word) >= _SHORTEST_NAME for word in capitalised)


def _is_capitalised(word: str) -> bool:
    if word.isupper():
        return len(word) >= _SHORTEST_ALL_CAPITALS
    return word[0].isupper()


_PREFERENCES = dataclasses.fields(Preferences)
_PLAN = dataclasses.fields(Plan)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def _entries(value: object) -> tuple[str, ...]:
    """Return a list's entries, each once, white space gone."""
    given = value if isinstance(value, list | tuple) else ()
    return tuple(dict.fromkeys(words for each in given if (words := " ".join(_text(each).split()))))
