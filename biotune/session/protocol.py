"""Protocols: what phases a sitting has, in which order and how long; read from TOML.

A protocol file says::

    title = "Listening to music"
    description = "What the sitting is for, in a sentence or two."
    posture = "seated"
    caution = "What to heed."                   # this and all below may be left out
    ratings = ["tension", "mood"]               # what the client is asked before and after
    markers = ["Tears", "Smiled"]               # buttons beside those that are always there

    [[phase]]
    name = "music"                  # lower case, digits, dots and hyphens
    kind = "intervention"           # settling, baseline, intervention, recovery or other
    activity = "listening"          # may be left out
    minutes = 10
    short_minutes = 5               # in the short form; the same as minutes where it is left out
    explanation = "What the client is told."
    comparable = true               # a check: may it be compared with quiet rest?
    posture = "lying"               # where it differs from the sitting's
    pacer = "optional"              # off (the default), optional, or breaths a minute that are set
    ratings = ["tension"]           # asked in this phase
    markers = ["Image"]             # buttons of this phase
    prompts = [                     # what the therapist reads out, and how many seconds into the phase
      { at_s = 0, say = "Clench both fists." },
    ]

`breaths_per_min = 6` is another way to write `pacer = 6`. A protocol that has `short_minutes` somewhere can be run in
its short form too, under its name with ``-short`` behind it. Protocols of one's own lie in the data folder's
``protocols``.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from importlib import resources
from pathlib import Path

from biotune.domain import PhaseStarted
from biotune.errors import ProtocolError
from biotune.session.plan import SHORT, Pacer, PlannedPhase, Prompt, Protocol, is_comparable
from biotune.session.protocol_file import parse

__all__ = [
    "SHORT",
    "Pacer",
    "PlannedPhase",
    "Prompt",
    "Protocol",
    "is_comparable",
    "load",
    "names",
    "own",
    "own_files",
    "parse",
    "read",
    "repeated",
]

_SHIPPED = resources.files("biotune.session") / "protocols"


def names() -> tuple[str, ...]:
    """Return the names of the protocols that come with biotune, in alphabetical order."""
    return tuple(sorted(entry.name.removesuffix(".toml") for entry in _SHIPPED.iterdir() if _is_toml(entry.name)))


def own_files(folder: Path | None) -> dict[str, Path]:
    """Return the protocol files in a folder of the user's by name; one that has a shipped one's name is left out."""
    if folder is None or not folder.is_dir():
        return {}
    files = sorted(file for file in folder.iterdir() if _is_toml(file.name) and file.is_file())
    return {file.stem: file for file in files if file.stem not in names()}


def own(folder: Path | None) -> tuple[tuple[Protocol, ...], tuple[ProtocolError, ...]]:
    """Return the protocols of a folder of the user's, and what is wrong with those that cannot be run."""
    found: list[Protocol] = []
    faults: list[ProtocolError] = []
    for file in own_files(folder).values():
        try:
            found.append(read(file))
        except ProtocolError as error:
            faults.append(error)
    return tuple(found), tuple(faults)


def load(name_or_path: str | Path, folder: Path | None = None) -> Protocol:
    """Return the protocol of that name (its short form, with ``-short`` behind the name), or the one in that file.

    Parameters
    ----------
    name_or_path : str or Path
        A shipped protocol's name, that of one in `folder`, or a file's path.
    folder : Path, optional
        Where the user's own are.

    Raises
    ------
    ProtocolError
        Where there is none of that name, or the file cannot be run: file, line and reason.
    """
    text = str(name_or_path)
    mine = own_files(folder)
    if found := _named(text, mine):
        return found
    if _is_toml(text) or Path(text).exists():
        return read(text)
    if text.endswith(SHORT) and (whole := _named(text.removesuffix(SHORT), mine)):
        if whole.short:
            return whole.short
        raise ProtocolError(f"{whole.name} has no short form", why="None of its phases has short_minutes.")
    raise ProtocolError(
        f"there is no protocol {text!r}",
        why=f"There are: {', '.join([*names(), *mine])}.",
        hint="A protocol of your own is a TOML file; give its path.",
    )


def _named(name: str, mine: Mapping[str, Path]) -> Protocol | None:
    if name in names():
        return parse((_SHIPPED / f"{name}.toml").read_text(encoding="utf-8"), file=f"{name}.toml")
    return read(mine[name]) if name in mine else None


def read(path: str | Path) -> Protocol:
    """Return the protocol in that file; raises as `load`."""
    return replace(parse(_text_of(Path(path)), file=str(path)), own=True)


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


def _is_toml(name: str) -> bool:
    return name.lower().endswith(".toml")


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ProtocolError(f"{path} is not a protocol", why="It is not UTF-8 text.") from error
    except OSError as error:
        raise ProtocolError(f"{path} cannot be read", why=f"{error.strerror}.") from error
