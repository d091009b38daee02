"""How a sitting stands: frozen values."""

from dataclasses import dataclass
from enum import StrEnum

from biotune.domain import PhaseKind
from biotune.session.protocol import PlannedPhase, Protocol

__all__ = [
    "PacerNow",
    "PhaseNow",
    "PhaseSpan",
    "PlannedPhase",
    "Point",
    "Protocol",
    "Standing",
    "StrapNow",
    "StrapState",
    "Swing",
    "Tail",
]

USUAL_PER_MIN = 6.0  # about where resonance lies for many adults; a start, until somebody sets it
USUAL_INHALE = 0.4  # of a breath: out longer than in


class Standing(StrEnum):
    """How an unfinished session stands."""

    RECORDED = "recorded"
    INTERRUPTED = "interrupted"
    LEFT = "left"


class StrapState(StrEnum):
    """How the strap is, as far as the log tells."""

    HEARD = "heard"
    NO_CONTACT = "no-contact"
    SILENT = "silent"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Point:
    """The strap's own heart rate at an instant of session time; None where the line must break."""

    time_s: float
    bpm: int | None


@dataclass(frozen=True, slots=True)
class PhaseNow:
    """The phase that runs.

    Attributes
    ----------
    name, kind, explanation : str, PhaseKind, str
        As the protocol has them.
    number, of : int
        Its place among the protocol's phases; `of` is 0 where the protocol is not known here.
    elapsed_s : float
        Since it began.
    left_s, length_s : float or None
        What it still lacks, and its planned length; None where the protocol is not known here.
    following : PlannedPhase or None
        What comes next.
    start_s : float
        Session time at which it began.
    planned : PlannedPhase or None
        The phase as the protocol has it: prompts, ratings, pacer; None where the protocol is not known here.
    """

    name: str
    kind: PhaseKind
    explanation: str
    number: int
    of: int
    elapsed_s: float
    left_s: float | None
    length_s: float | None
    following: PlannedPhase | None
    start_s: float = 0.0
    planned: PlannedPhase | None = None


@dataclass(frozen=True, slots=True)
class StrapNow:
    """The strap: how it is and since when (session time), what the log says of it, its battery in per cent."""

    name: str
    state: StrapState
    since_s: float
    detail: str
    battery_pct: str


@dataclass(frozen=True, slots=True)
class PhaseSpan:
    """A phase so far: its name, kind, and from when to when; `end_s` is None while it runs. `paced` as planned."""

    name: str
    kind: PhaseKind
    start_s: float
    end_s: float | None
    paced: bool = False


@dataclass(frozen=True, slots=True)
class PacerNow:
    """The breathing pacer as the log has it.

    Attributes
    ----------
    on : bool
        Whether it runs.
    per_min, inhale : float
        Breaths a minute, and the share of a breath that is inhaling.
    set_s : float or None
        Session time at which it was set last, from which its breaths count; None where nobody ever set it.
    """

    on: bool = False
    per_min: float = USUAL_PER_MIN
    inhale: float = USUAL_INHALE
    set_s: float | None = None


@dataclass(frozen=True, slots=True)
class Swing:
    """What a calm screen is drawn from.

    Attributes
    ----------
    now_s : float
        Session time.
    beats : tuple of (float, float)
        Session time and heart rate in bpm of each beat of the last while; none while the strap is not heard.
    pacer : PacerNow
        The breathing pacer.
    runs : bool
        Whether the sitting goes on.
    """

    now_s: float
    beats: tuple[tuple[float, float], ...]
    pacer: PacerNow
    runs: bool


@dataclass(frozen=True, slots=True)
class Tail:
    """What was added to a session's log since a cursor, and how the sitting stands now.

    Attributes
    ----------
    cursor : int
        Pass it as `after` to get what is added from here on.
    now_s : float
        Session time.
    points : tuple of Point
        New ones only.
    bpm : int or None
        The latest heart rate, where the strap is heard.
    markers : tuple of (float, str)
        Every marker so far: session time and label.
    standing : Standing or None
        None where the session is finished.
    ratings : tuple of (float, str, float)
        What the client said between the beginning and the end: session time, scale and value.
    pacer : PacerNow
        The breathing pacer.
    phases : tuple of PhaseSpan
        Every phase so far.
    buttons : tuple of str
        Markers that the protocol and the phase that runs suggest.
    """

    session: str
    client: str
    protocol: str
    cursor: int
    now_s: float
    points: tuple[Point, ...]
    bpm: int | None
    phase: PhaseNow | None
    strap: StrapNow
    markers: tuple[tuple[float, str], ...]
    standing: Standing | None
    ratings: tuple[tuple[float, str, float], ...] = ()
    pacer: PacerNow = PacerNow()
    phases: tuple[PhaseSpan, ...] = ()
    buttons: tuple[str, ...] = ()
