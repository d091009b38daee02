"""What a session's log may say, line by line."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from biotune.domain.acts import (
    BeatJudged,
    ClientCorrected,
    ContextGiven,
    MarkerAdded,
    MarkerCorrected,
    MarkerSet,
    MusicEvent,
    MusicReported,
    PacerSet,
    PhaseCorrected,
    PhaseEnded,
    PhaseStarted,
    RatingGiven,
    ReadingGiven,
    RequestMade,
    RrUnitSet,
    ScoreGiven,
)
from biotune.domain.vocabulary import StrapChange

NS_PER_S = 1_000_000_000
TICKS_PER_S = 1024  # Bluetooth Heart Rate Service 1.0: RR-Interval resolution


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
class ClockStepped:
    """The wall clock was set by `by_s` seconds since the line before (or, on macOS, the machine slept that long).

    Session time does not follow: within one boot it counts by the monotonic clock.
    """

    by_s: float


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
    | ScoreGiven
    | ReadingGiven
    | ContextGiven
    | MusicReported
    | MusicEvent
    | PacerSet
    | BeatJudged
    | MarkerCorrected
    | MarkerAdded
    | PhaseCorrected
    | ClientCorrected
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
    "score": ScoreGiven,
    "reading": ReadingGiven,
    "context": ContextGiven,
    "music-report": MusicReported,
    "music": MusicEvent,
    "pacer": PacerSet,
    "beat-judged": BeatJudged,
    "marker-corrected": MarkerCorrected,
    "marker-added": MarkerAdded,
    "phase-corrected": PhaseCorrected,
    "client-corrected": ClientCorrected,
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
