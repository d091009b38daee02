"""Protocols: what phases a sitting has, in which order and how long; read from TOML.

A protocol file says::

    title = "Listening to music"
    description = "What the sitting is for, in a sentence or two."
    posture = "seated"

    [[phase]]
    name = "music"                  # lower case, digits, dots and hyphens
    kind = "intervention"           # settling, baseline, intervention, recovery or other
    activity = "listening"          # may be left out
    minutes = 10
    explanation = "What the client is told."
    posture = "lying"               # where it differs from the sitting's
    breaths_per_min = 6             # where a pacer sets the breathing
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib import resources
from pathlib import Path
from typing import Any, TypeVar

from biotune.domain import Activity, PhaseKind, PhaseStarted
from biotune.errors import ProtocolError

LONGEST_PHASE_MIN = 24 * 60

_REQUIRED = {"name", "kind", "minutes", "explanation"}
_OPTIONAL = {"activity", "posture", "breaths_per_min"}
_NAME = re.compile(r"[a-z0-9]+(?:[.-][a-z0-9]+)*")
_STRETCH = re.compile(r".*-\d+|[\d.]+-[\d.]+")  # `music-2` is the second stretch of `music`; `0-300` is a time
_PHASE_HEADER = re.compile(r"\s*\[\[\s*phase\s*\]\]")
_SHIPPED = resources.files("biotune.session") / "protocols"

Word = TypeVar("Word", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class PlannedPhase:
    """One phase as planned.

    Attributes
    ----------
    name : str
        What the log and ``--before``, ``--after`` call it.
    kind : PhaseKind
        What it is for.
    activity : Activity or None
        What the client does; from it follows with what the phase may be compared.
    seconds : float
        Its length.
    posture : str
        ``seated``, ``lying``, …; empty where the protocol does not say.
    paced : bool
        Whether a pacer sets the breathing.
    explanation : str
        What the client is told, plainly.
    breaths_per_min : float or None
        The pacer's rate, where it is known.
    """

    name: str
    kind: PhaseKind
    activity: Activity | None
    seconds: float
    posture: str = ""
    paced: bool = False
    explanation: str = ""
    breaths_per_min: float | None = None

    def started(self) -> PhaseStarted:
        """Return the entry that logs its beginning."""
        return PhaseStarted(self.name, self.kind, self.activity, self.posture, self.paced)


@dataclass(frozen=True, slots=True)
class Protocol:
    """What a sitting consists of; without phases it goes on until somebody ends it."""

    name: str
    title: str
    description: str
    phases: tuple[PlannedPhase, ...]

    @property
    def seconds(self) -> float:
        """Length of the whole sitting."""
        return sum(phase.seconds for phase in self.phases)


def names() -> tuple[str, ...]:
    """Return the names of the protocols that come with biotune, in alphabetical order."""
    return tuple(sorted(entry.name.removesuffix(".toml") for entry in _SHIPPED.iterdir() if _is_toml(entry.name)))


def load(name_or_path: str | Path) -> Protocol:
    """Return the protocol of that name, or the one in that file.

    Raises
    ------
    ProtocolError
        Where there is none of that name, or the file cannot be run: file, line and reason.
    """
    text = str(name_or_path)
    if text in names():
        return parse((_SHIPPED / f"{text}.toml").read_text(encoding="utf-8"), file=f"{text}.toml")
    if _is_toml(text) or Path(text).exists():
        return read(text)
    raise ProtocolError(
        f"there is no protocol {text!r}",
        why=f"There are: {', '.join(names())}.",
        hint="A protocol of your own is a TOML file; give its path.",
    )


def read(path: str | Path) -> Protocol:
    """Return the protocol in that file; raises as `load`."""
    return parse(_text_of(Path(path)), file=str(path))


def repeated(name: str, phases: Iterable[tuple[PhaseStarted, float]]) -> Protocol:
    """Return the protocol that has the phases (each with its seconds) of a recording that is replayed."""
    return Protocol(
        name=name,
        title="A replay",
        description="The phases of the recording that is replayed.",
        phases=tuple(
            PlannedPhase(phase.name, phase.kind, phase.activity, seconds, phase.posture, phase.paced)
            for phase, seconds in phases
        ),
    )


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


def _is_toml(name: str) -> bool:
    return name.lower().endswith(".toml")


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ProtocolError(f"{path} is not a protocol", why="It is not UTF-8 text.") from error
    except OSError as error:
        raise ProtocolError(f"{path} cannot be read", why=f"{error.strerror}.") from error


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
        self._check_keys(document, required={"title", "description", "phase"}, optional={"posture"}, at=-1)
        for key in ("title", "description", "posture"):
            self._text(document, key, at=-1)
        tables = document["phase"]
        if not isinstance(tables, list) or not tables or not all(isinstance(table, dict) for table in tables):
            raise self._error(self._line(-1, "phase"), "a protocol needs phases, each under a line [[phase]]")
        return Protocol(
            name=Path(self._file).stem,
            title=document["title"],
            description=document["description"],
            phases=tuple(self._phase(table, at) for at, table in enumerate(tables)),
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
        return PlannedPhase(
            name=name,
            kind=self._word(PhaseKind, table, "kind", at),
            activity=self._word(Activity, table, "activity", at) if "activity" in table else None,
            seconds=60 * self._number(table, "minutes", at, most=LONGEST_PHASE_MIN),
            posture=self._text(table, "posture", at) or self._document.get("posture", ""),
            paced="breaths_per_min" in table,
            explanation=self._text(table, "explanation", at),
            breaths_per_min=self._number(table, "breaths_per_min", at, most=60) if "breaths_per_min" in table else None,
        )

    def _check_keys(self, table: Mapping[str, Any], *, required: set[str], optional: set[str], at: int) -> None:
        for key in sorted(table.keys() - required - optional):
            raise self._error(self._line(at, key), f"{key!r} is not known here")
        for key in sorted(required - table.keys()):
            raise self._error(self._line(at), f"{key!r} is missing")

    def _text(self, table: Mapping[str, Any], key: str, at: int) -> str:
        value = table.get(key, "")
        if not isinstance(value, str):
            raise self._error(self._line(at, key), f"{key} must be text in quotation marks")
        return value

    def _number(self, table: Mapping[str, Any], key: str, at: int, *, most: float) -> float:
        value = table[key]
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= most:
            raise self._error(self._line(at, key), f"{key} must be a number above 0 and at most {most}")
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
