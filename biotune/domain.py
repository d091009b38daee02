"""The frozen values that every room speaks.

A session's log is a sequence of `LogLine`. Each carries one entry: something the
strap sent (`PacketReceived`), something people did (`PhaseStarted`, `MarkerSet`, …),
something the recorder noticed (`StrapEvent`), or one interval of an imported file
(`IntervalImported`). A `Recording` is the log of one client's strap, together with
the session's own lines; everything else is computed from it.

Words that leave the program (in JSON, CSV and the log) are the values of the enums here.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import biotune.errors as _errors

NS_PER_S = 1_000_000_000
TICKS_PER_S = 1024  # Bluetooth Heart Rate Service 1.0: RR-Interval resolution


class PhaseKind(StrEnum):
    """What a phase is for."""

    WHOLE = "whole"
    SETTLING = "settling"
    BASELINE = "baseline"
    INTERVENTION = "intervention"
    RECOVERY = "recovery"
    OTHER = "other"


class Activity(StrEnum):
    """What the client does in a phase."""

    REST = "rest"
    LISTENING = "listening"
    GUIDED_IMAGERY = "guided-imagery"
    DRUMMING = "drumming"
    MUSCLE_RELAXATION = "muscle-relaxation"
    RELAXATION = "relaxation"
    PLAYING = "playing"
    SINGING = "singing"
    SONGWRITING = "songwriting"
    PACED_BREATHING = "paced-breathing"


class ArtefactClass(StrEnum):
    """How a flagged beat is wrong."""

    EXTRA = "extra"
    MISSED = "missed"
    ECTOPIC = "ectopic"
    LONG = "long"
    SHORT = "short"


class GapReason(StrEnum):
    """Why a stretch has no trustworthy beats."""

    STRAP_LOST = "strap-lost"
    SILENT = "silent"
    NO_CONTACT = "no-contact"
    NO_RR = "no-rr"
    RECORDER_STOPPED = "recorder-stopped"
    ARTEFACTS = "artefacts"
    UNKNOWN = "unknown"


class Rhythm(StrEnum):
    """Whether HRV means anything here."""

    REGULAR = "regular"
    IRREGULAR = "irregular"
    UNKNOWN = "unknown"


class Convention(StrEnum):
    """A named set of definitions; docs/method.md."""

    KUBIOS = "kubios"
    TASK_FORCE = "task-force"
    NEUROKIT2 = "neurokit2"


class Reason(StrEnum):
    """Why a metric is unavailable."""

    TOO_SHORT = "too-short"
    TOO_FEW_BEATS = "too-few-beats"
    POOR_SIGNAL = "poor-signal"
    IRREGULAR_RHYTHM = "irregular-rhythm"
    NO_RR = "no-rr"
    NO_BREATHING = "no-breathing"


class Flag(StrEnum):
    """What must be said beside a metric's value."""

    ULTRA_SHORT = "ultra-short"
    BELOW_LEAST_LENGTH = "below-least-length"
    NOT_INTERPRETABLE = "not-interpretable"
    LOW_CONFIDENCE = "low-confidence"


class Caveat(StrEnum):
    """What must be said beside a change."""

    BREATHING_CHANGED = "breathing-changed"
    BREATHING_UNKNOWN = "breathing-unknown"
    POSTURE_DIFFERS = "posture-differs"
    MOVEMENT = "movement"
    VOICE = "voice"
    ULTRA_SHORT = "ultra-short"
    POOR_SIGNAL = "poor-signal"
    IRREGULAR_RHYTHM = "irregular-rhythm"
    SETTLING_SHORT = "settling-short"
    PACER = "pacer"
    UNEQUAL_WINDOWS = "unequal-windows"


class ChangeKind(StrEnum):
    """How a change is expressed."""

    RATIO = "ratio"
    DIFFERENCE = "difference"


class Verdict(StrEnum):
    """What may be said of a change; docs/method.md."""

    CLEAR = "clear"
    POSSIBLE = "possible"
    NONE = "none"
    NOT_COMPARABLE = "not-comparable"


class Request(StrEnum):
    """What people may ask of a running recorder, through the log."""

    END_PHASE = "end-phase"
    STOP = "stop"


class StrapChange(StrEnum):
    """What happened to the strap, as the recorder saw it."""

    CONNECTED = "connected"
    LOST = "lost"
    SILENT = "silent"
    HEARD_AGAIN = "heard-again"
    BATTERY = "battery"
    WAITING = "waiting"
    CONTACT_LOST = "contact-lost"
    CONTACT_FOUND = "contact-found"
    STREAM = "stream"


class RrUnit(StrEnum):
    """What a strap's RR numbers count: the standard's 1/1024 s, or, against it, milliseconds."""

    TICKS = "1/1024"
    MS = "ms"


class Readiness(StrEnum):
    """Whether a strap's signal is good enough to begin a session with."""

    READY = "ready"
    DOUBTFUL = "doubtful"
    NOT_READY = "not-ready"


class NoticeKind(StrEnum):
    """What of a whole recording a person should know and decide about."""

    RR_UNIT = "rr-unit"


@dataclass(frozen=True, slots=True)
class Stamp:
    """One instant on one machine: monotonic for durations, UTC for people.

    Attributes
    ----------
    boot_id : str
        Names the boot in which `monotonic_ns` counts; two stamps' monotonic
        values may be compared only where their boot ids are equal.
    monotonic_ns : int
        Nanoseconds of the monotonic clock.
    utc_ns : int
        Nanoseconds since 1970 UTC.
    """

    boot_id: str
    monotonic_ns: int
    utc_ns: int


@dataclass(frozen=True, slots=True)
class StrapIdentity:
    """What is known of a strap; empty where it would not say.

    `address` differs between systems for one and the same strap (macOS gives a
    UUID of its own), so a strap is known again by name and serial.
    """

    name: str
    address: str = ""
    manufacturer: str = ""
    model: str = ""
    serial: str = ""
    firmware: str = ""
    body_location: str = ""


# ---------------------------------------------------------------- what a log line may say


@dataclass(frozen=True, slots=True)
class PacketReceived:
    """One notification, as it came: `characteristic` is the full lower-case UUID."""

    characteristic: str
    data: bytes


@dataclass(frozen=True, slots=True)
class IntervalImported:
    """One interval of another program's file, with its text as given.

    Attributes
    ----------
    text : str
        The number as it stands in the file.
    unit : str
        ``"ms"``, ``"s"`` or ``"1/1024 s"``.
    time_text : str
        The time of the R peak that ends the interval, in seconds, as given; empty where the file has none.
    """

    text: str
    unit: str
    time_text: str = ""


@dataclass(frozen=True, slots=True)
class StrapEvent:
    """A change of the strap's state; `detail` is for people (a battery's per cent, an error's words)."""

    change: StrapChange
    detail: str = ""
    strap: StrapIdentity | None = None


@dataclass(frozen=True, slots=True)
class RecorderStarted:
    """A recorder took up (or took up again) this session; `source` is ``strap``, ``simulator`` or ``replay``."""

    source: str
    version: str
    resumed: bool = False


@dataclass(frozen=True, slots=True)
class RecorderStopped:
    """A recorder let go of the session in good order."""

    detail: str = ""


@dataclass(frozen=True, slots=True)
class SessionFinished:
    """The sitting is over; nothing more will be recorded."""


@dataclass(frozen=True, slots=True)
class PhaseStarted:
    """A phase begins (and the one before it ends).

    `at_s` places it in an imported file's own time, where the line's stamp says nothing;
    None for a recorded one, whose stamp is the truth.
    """

    name: str
    kind: PhaseKind
    activity: Activity | None = None
    posture: str = ""
    paced: bool = False
    at_s: float | None = None


@dataclass(frozen=True, slots=True)
class PhaseEnded:
    """The running phase ends and none follows it yet."""

    at_s: float | None = None


@dataclass(frozen=True, slots=True)
class MarkerSet:
    """An instant with a label."""

    label: str
    at_s: float | None = None


@dataclass(frozen=True, slots=True)
class RatingGiven:
    """A self-report: `scale` such as ``tension``, `value` from 0 to 100."""

    scale: str
    value: float


@dataclass(frozen=True, slots=True)
class RequestMade:
    """Somebody asks the recorder for something."""

    request: Request


@dataclass(frozen=True, slots=True)
class ClockStepped:
    """The wall clock was set by `by_s` seconds since the line before (or, on macOS, the machine slept that long).

    Session time does not follow: within one boot it counts by the monotonic clock.
    """

    by_s: float


@dataclass(frozen=True, slots=True)
class RrUnitSet:
    """A correction: this recording's RR numbers are in `unit`. The last one holds, for the whole recording.

    Its line has the stamp of the line before it: a correction made a week later makes no session longer.
    """

    unit: RrUnit


Entry = (
    PacketReceived
    | IntervalImported
    | StrapEvent
    | RecorderStarted
    | RecorderStopped
    | SessionFinished
    | PhaseStarted
    | PhaseEnded
    | MarkerSet
    | RatingGiven
    | RequestMade
    | ClockStepped
    | RrUnitSet
)

ENTRY_KINDS: dict[str, type[Entry]] = {
    "packet": PacketReceived,
    "interval": IntervalImported,
    "strap": StrapEvent,
    "recorder-started": RecorderStarted,
    "recorder-stopped": RecorderStopped,
    "session-finished": SessionFinished,
    "phase-started": PhaseStarted,
    "phase-ended": PhaseEnded,
    "marker": MarkerSet,
    "rating": RatingGiven,
    "request": RequestMade,
    "clock-stepped": ClockStepped,
    "rr-unit": RrUnitSet,
}
KIND_OF_ENTRY: dict[type[Entry], str] = {entry: kind for kind, entry in ENTRY_KINDS.items()}


@dataclass(frozen=True, slots=True)
class LogLine:
    """One appended line: who wrote it, when, and what it says.

    Attributes
    ----------
    seq : int
        Position in the session's log, counted from 1 without holes.
    writer : str
        ``recorder``, ``dashboard``, ``import`` or ``cli``, with a process id behind a colon.
    stamp : Stamp
        When it happened (for a packet: when it arrived).
    recording : int
        Which recording of the session it belongs to, counted from 1; 0 for the session's own lines.
    entry : Entry
        What it says.
    """

    seq: int
    writer: str
    stamp: Stamp
    recording: int
    entry: Entry


# ---------------------------------------------------------------- recordings and sessions


@dataclass(frozen=True, slots=True)
class Recording:
    """The log of one client's strap in one session, with the session's own lines, in order.

    Attributes
    ----------
    source : str
        How a person named it: ``S12``, ``S12/2`` or a file's name.
    lines : tuple of LogLine
        Every line of this recording and of its session, by `seq`.
    protocol : str
        The protocol's name; empty where there was none.
    client : str
        The client's pseudonymous code; empty where there is none.
    """

    source: str
    lines: tuple[LogLine, ...]
    protocol: str = ""
    client: str = ""

    def times_s(self) -> Iterator[tuple[float, LogLine]]:
        """Pair every line with its session time in seconds, counted from the first line."""
        return session_times(self.lines)

    @property
    def log_sha256(self) -> str:
        """SHA-256 of what the log says and when, whoever stored it where.

        Depends on the entries, their recording and their session time; not on the writer,
        the database or the day. Two imports of one file, and a file read without
        importing it, have the same hash.
        """
        digest = hashlib.sha256()
        for time_s, line in self.times_s():
            digest.update(f"{round(time_s * 1e6)} {line.entry!r}\n".encode())
        return digest.hexdigest()


def session_times(lines: Iterable[LogLine]) -> Iterator[tuple[float, LogLine]]:
    """Session time of each line: the monotonic clock within a boot, UTC between boots.

    A clock that is set forward or back in mid-session therefore moves nothing. Where a machine comes back from a new
    start with an earlier UTC than it had, its first line follows the last one seen: time never runs back.

    Parameters
    ----------
    lines : iterable of LogLine
        In order of `seq`.

    Yields
    ------
    tuple of (float, LogLine)
        Seconds since the first line, and the line.

    Examples
    --------
    >>> def at(seq, boot, mono_s, utc_s):
    ...     stamp = Stamp(boot, mono_s * NS_PER_S, utc_s * NS_PER_S)
    ...     return LogLine(seq, "cli", stamp, 0, MarkerSet("x"))
    >>> [t for t, _ in session_times([at(1, "a", 5, 100), at(2, "a", 7, 3702), at(3, "b", 1, 130)])]
    [0.0, 2.0, 30.0]

    A second boot whose clock stands earlier than the first line's:

    >>> [t for t, _ in session_times([at(1, "a", 5, 100), at(2, "a", 7, 102), at(3, "b", 1, 40)])]
    [0.0, 2.0, 2.0]
    """
    first_utc_ns: int | None = None
    latest_ns = 0
    offset_ns: dict[str, int] = {}
    for line in lines:
        stamp = line.stamp
        if first_utc_ns is None:
            first_utc_ns = stamp.utc_ns
        if stamp.boot_id not in offset_ns:
            offset_ns[stamp.boot_id] = max(stamp.utc_ns - first_utc_ns, latest_ns) - stamp.monotonic_ns
        at_ns = stamp.monotonic_ns + offset_ns[stamp.boot_id]
        latest_ns = max(latest_ns, at_ns)
        yield at_ns / NS_PER_S, line


@dataclass(frozen=True, slots=True)
class Session:
    """One sitting: one or more recordings that share its phases and what people did."""

    id: str
    client: str
    protocol: str
    started: datetime
    finished: bool
    recordings: tuple[Recording, ...]

    def recording(self, number: int = 1) -> Recording:
        """Return recording `number`, counted from 1.

        Raises
        ------
        SessionNotFound
            Where the session has no such recording.
        """
        if not 1 <= number <= len(self.recordings):
            raise _errors.SessionNotFound(f"{self.id} has no recording {number}", why=f"It has {len(self.recordings)}.")
        return self.recordings[number - 1]


@dataclass(frozen=True, slots=True)
class SessionSummary:
    """One row of the list of sessions."""

    id: str
    client: str
    protocol: str
    started: datetime
    duration_s: float
    recordings: int
    packets: int
    beats: int
    finished: bool


# ---------------------------------------------------------------- beats, gaps, phases


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch of session time without trustworthy beats."""

    start_s: float
    end_s: float
    reason: GapReason


@dataclass(frozen=True, slots=True)
class Phase:
    """A marked stretch of session time."""

    name: str
    kind: PhaseKind
    activity: Activity | None
    start_s: float
    end_s: float
    posture: str = ""
    paced: bool = False

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.end_s - self.start_s


_CLIENT_CODE = re.compile(r"(?:\w[\w .()/+-]{0,39})?")


def client_code(text: str) -> str:
    """Return a client's pseudonymous code as it is kept: without white space around it.

    Raises
    ------
    UsageError
        Where it cannot be one.

    Examples
    --------
    >>> client_code(" K-204 ")
    'K-204'
    """
    code = " ".join(text.split())
    if not _CLIENT_CODE.fullmatch(code):
        raise _errors.UsageError(
            f"{text[:60]!r} cannot be a client's code",
            why="A code begins with a letter or a digit and has at most 40 characters.",
            hint="Use letters, digits, spaces, dots and hyphens, such as K-204; no names.",
        )
    return code


PHASE_KINDS: dict[str, tuple[PhaseKind, Activity | None]] = {
    "baseline": (PhaseKind.BASELINE, Activity.REST),
    "recovery": (PhaseKind.RECOVERY, Activity.REST),
    "settling": (PhaseKind.SETTLING, Activity.REST),
    "music": (PhaseKind.INTERVENTION, Activity.LISTENING),
    **{activity.value: (PhaseKind.INTERVENTION, activity) for activity in Activity},
}


def kind_of_phase(name: str) -> tuple[PhaseKind, Activity | None]:
    """Kind and activity that a phase's bare name carries.

    A trailing ``-2``, ``-3`` … (the second, third stretch of that name) is passed over.

    Examples
    --------
    >>> kind_of_phase("music-2")
    (<PhaseKind.INTERVENTION: 'intervention'>, <Activity.LISTENING: 'listening'>)
    >>> kind_of_phase("coffee")
    (<PhaseKind.OTHER: 'other'>, None)
    """
    stem, _, number = name.rpartition("-")
    bare = stem if stem and number.isdigit() else name
    return PHASE_KINDS.get(bare.strip().lower(), (PhaseKind.OTHER, None))
