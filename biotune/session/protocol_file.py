"""Reads a protocol file, and says in which line a fault stands; `biotune.session.protocol` tells what may be in it."""

import re
import tomllib
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from biotune.domain import Activity, PhaseKind
from biotune.domain.self_report import SCALES
from biotune.errors import ProtocolError
from biotune.session.plan import Pacer, PlannedPhase, Prompt, Protocol, is_comparable

LONGEST_PHASE_MIN = 24 * 60

_TEXTS = ("title", "description", "posture", "caution")
_TOP_OPTIONAL = {"posture", "caution", "ratings", "markers"}
_REQUIRED = {"name", "kind", "minutes", "explanation"}
_OPTIONAL = {
    "activity",
    "posture",
    "breaths_per_min",
    "pacer",
    "short_minutes",
    "comparable",
    "ratings",
    "markers",
    "prompts",
}  # fmt: skip - one list of words
_NAME = re.compile(r"[a-z0-9]+(?:[.-][a-z0-9]+)*")
_STRETCH = re.compile(r".*-\d+|[\d.]+-[\d.]+")  # `music-2` is the second stretch of `music`; `0-300` is a time
_PHASE_HEADER = re.compile(r"\s*\[\[\s*phase\s*\]\]")
_FASTEST_PER_MIN = 60
_MOST_ENTRIES = 60  # of ratings, markers or prompts
_LONGEST_TEXT = 2000  # characters
_LONGEST_MARKER = 80

Word = TypeVar("Word", bound=StrEnum)


def parse(text: str, *, file: str) -> Protocol:
    """Read a protocol file's text.

    Parameters
    ----------
    text : str
        TOML.
    file : str
        Its path, for messages; the file's name without ``.toml`` is the protocol's name.

    Raises
    ------
    ProtocolError
        File, line and reason.
    """
    return _Reader(text, file).protocol()


class _Reader:
    """Reads one file, and knows where in it a fault stands."""

    def __init__(self, text: str, file: str) -> None:
        self._lines = text.splitlines()
        self._file = file
        try:
            self._document = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            reason, _, place = str(error).partition(" (at ")
            found = re.search(r"line (\d+)", place)
            raise self._error(int(found[1]) if found else len(self._lines), reason) from error

    def protocol(self) -> Protocol:
        document = self._document
        self._check_keys(document, required={"title", "description", "phase"}, optional=_TOP_OPTIONAL, at=-1)
        texts = {key: self._text(document, key, at=-1) for key in _TEXTS}
        tables = document["phase"]
        if not isinstance(tables, list) or not tables or not all(isinstance(table, dict) for table in tables):
            raise self._error(self._line(-1, "phase"), "a protocol needs phases, each under a line [[phase]]")
        return Protocol(
            name=Path(self._file).stem,
            title=texts["title"],
            description=texts["description"],
            phases=tuple(self._phase(table, at) for at, table in enumerate(tables)),
            caution=texts["caution"],
            ratings=self._scales(document, -1) if "ratings" in document else tuple(scale.key for scale in SCALES),
            markers=self._texts(document, "markers", -1, longest=_LONGEST_MARKER),
        )

    def _phase(self, table: Mapping[str, Any], at: int) -> PlannedPhase:
        self._check_keys(table, required=_REQUIRED, optional=_OPTIONAL, at=at)
        name = self._text(table, "name", at)
        if not _NAME.fullmatch(name) or _STRETCH.fullmatch(name):
            reason = (
                f"{name!r} cannot name a phase: lower-case letters, digits, dots and hyphens, and no -2 at the end, "
                "which names a second stretch"
            )
            raise self._error(self._line(at, "name"), reason)
        seconds = 60 * self._number(table, "minutes", at, most=LONGEST_PHASE_MIN)
        short = "short_minutes" in table
        short_seconds = 60 * self._number(table, "short_minutes", at, most=seconds / 60) if short else None
        pacer, breaths_per_min = self._pacer(table, at)
        phase = PlannedPhase(
            name=name,
            kind=self._word(PhaseKind, table, "kind", at),
            activity=self._word(Activity, table, "activity", at) if "activity" in table else None,
            seconds=seconds,
            posture=self._text(table, "posture", at) or self._document.get("posture", ""),
            paced=pacer is Pacer.SET,
            explanation=self._text(table, "explanation", at),
            breaths_per_min=breaths_per_min,
            pacer=pacer,
            short_seconds=short_seconds,
            ratings=self._scales(table, at),
            markers=self._texts(table, "markers", at, longest=_LONGEST_MARKER),
            prompts=self._prompts(table, at, within_s=short_seconds or seconds),
        )
        self._check_comparable(table, phase, at)
        return phase

    def _check_comparable(self, table: Mapping[str, Any], phase: PlannedPhase, at: int) -> None:
        """Hold what the file says of a phase against what follows from its kind and activity."""
        said = table.get("comparable")
        if said is None or said is phase.comparable:
            return
        line = self._line(at, "comparable")
        if said is not True and said is not False:
            raise self._error(line, "comparable must be true or false")
        if said:
            why = f"{phase.activity}" if is_comparable(phase.kind, None) else f"kind {phase.kind.value!r}"
            raise self._error(line, f"a phase of {why} cannot be compared with quiet rest")
        raise self._error(line, 'a phase that is not to be compared has kind = "other"')

    def _pacer(self, table: Mapping[str, Any], at: int) -> tuple[Pacer, float | None]:
        if "breaths_per_min" in table:
            if "pacer" in table:
                raise self._error(self._line(at, "pacer"), "pacer and breaths_per_min say the same: leave one away")
            return Pacer.SET, self._number(table, "breaths_per_min", at, most=_FASTEST_PER_MIN)
        said = table.get("pacer", Pacer.OFF.value)
        if said in {Pacer.OFF.value, Pacer.OPTIONAL.value}:
            return Pacer(said), None
        if isinstance(said, str):
            raise self._error(self._line(at, "pacer"), f"{said!r} is no pacer; there are off, optional and a number")
        return Pacer.SET, self._number(table, "pacer", at, most=_FASTEST_PER_MIN)

    def _prompts(self, table: Mapping[str, Any], at: int, *, within_s: float) -> tuple[Prompt, ...]:
        given = table.get("prompts", [])
        line = self._line(at, "prompts")
        if not isinstance(given, list) or len(given) > _MOST_ENTRIES:
            raise self._error(line, f"prompts must be a list of at most {_MOST_ENTRIES}")
        made: list[Prompt] = []
        for number, each in enumerate(given, 1):
            if not isinstance(each, dict) or each.keys() != {"at_s", "say"}:
                raise self._error(line, f'prompt {number} must have the form {{ at_s = 0, say = "…" }}')
            at_s, say = each["at_s"], each["say"]
            if not isinstance(say, str) or not 0 < len(say) <= _LONGEST_TEXT:
                raise self._error(line, f"prompt {number} must say something, in at most {_LONGEST_TEXT} characters")
            if isinstance(at_s, bool) or not isinstance(at_s, int | float) or not 0 <= at_s < within_s:
                raise self._error(line, f"prompt {number} must come within the phase: at_s from 0 to {within_s:g}")
            made.append(Prompt(float(at_s), say))
        if made != sorted(made, key=lambda prompt: prompt.at_s):
            raise self._error(line, "prompts must stand in the order in which they are read")
        return tuple(made)

    def _scales(self, table: Mapping[str, Any], at: int) -> tuple[str, ...]:
        named = self._texts(table, "ratings", at, longest=_LONGEST_MARKER)
        known = [scale.key for scale in SCALES]
        for each in named:
            if each not in known:
                raise self._error(self._line(at, "ratings"), f"{each!r} is no scale; there are {', '.join(known)}")
        return named

    def _texts(self, table: Mapping[str, Any], key: str, at: int, *, longest: int) -> tuple[str, ...]:
        given = table.get(key, [])
        fits = isinstance(given, list) and len(given) <= _MOST_ENTRIES
        if not fits or not all(isinstance(each, str) and 0 < len(each.strip()) <= longest for each in given):
            reason = f"{key} must be a list of at most {_MOST_ENTRIES} texts of 1 to {longest} characters"
            raise self._error(self._line(at, key), reason)
        return tuple(dict.fromkeys(" ".join(each.split()) for each in given))

    def _check_keys(self, table: Mapping[str, Any], *, required: set[str], optional: set[str], at: int) -> None:
        for key in sorted(table.keys() - required - optional):
            raise self._error(self._line(at, key), f"{key!r} is not known here")
        for key in sorted(required - table.keys()):
            raise self._error(self._line(at), f"{key!r} is missing")

    def _text(self, table: Mapping[str, Any], key: str, at: int) -> str:
        value = table.get(key, "")
        if not isinstance(value, str):
            raise self._error(self._line(at, key), f"{key} must be text in quotation marks")
        if len(value) > _LONGEST_TEXT:
            raise self._error(self._line(at, key), f"{key} has at most {_LONGEST_TEXT} characters")
        return value

    def _number(self, table: Mapping[str, Any], key: str, at: int, *, most: float) -> float:
        value = table[key]
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= most:
            raise self._error(self._line(at, key), f"{key} must be a number above 0 and at most {most:g}")
        return float(value)

    def _word(self, words: type[Word], table: Mapping[str, Any], key: str, at: int) -> Word:
        known = [word.value for word in words if word != PhaseKind.WHOLE]
        if table[key] not in known:
            raise self._error(self._line(at, key), f"{table[key]!r} is no {key}; there are {', '.join(known)}")
        return words(table[key])

    def _line(self, at: int, key: str = "") -> int:
        """Line of phase `at` (-1: before the first), and of `key` in it where it can be found."""
        headers = [number for number, line in enumerate(self._lines, 1) if _PHASE_HEADER.match(line)]
        starts = [1, *headers, len(self._lines) + 1]
        start, end = (starts[at + 1], starts[at + 2]) if at + 2 < len(starts) else (1, len(self._lines) + 1)
        own = re.compile(rf"\s*[\"']?{re.escape(key)}[\"']?\s*=")
        found = (number for number in range(start, end) if key and own.match(self._lines[number - 1]))
        return next(found, start)

    def _error(self, line: int, reason: str) -> ProtocolError:
        return ProtocolError(
            f"{self._file}, line {line}: {reason}", hint="Compare with one that runs: biotune protocols listening"
        )
