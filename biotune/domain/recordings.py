"""Recordings, sessions, and what a session is made of."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import biotune.errors as _errors
from biotune.domain.log import LogLine, session_times
from biotune.domain.vocabulary import Activity, GapReason, PhaseKind


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
