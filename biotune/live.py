"""A sitting while it happens: what can be run, how it stands, and what people do in it.

Recording runs in a process of its own; this side reads the log by a cursor and appends lines. Nothing is
analysed: a tail costs as much as what was added since the last one.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from biotune.domain import (
    KIND_OF_ENTRY,
    NS_PER_S,
    ContextGiven,
    Entry,
    IntervalImported,
    LogLine,
    MarkerSet,
    PacketReceived,
    PhaseEnded,
    PhaseKind,
    PhaseStarted,
    RatingGiven,
    ReadingGiven,
    RecorderStarted,
    Request,
    RequestMade,
    ScoreGiven,
    Stamp,
    StrapChange,
    StrapEvent,
    markers,
    session_times,
)
from biotune.domain.self_report import check
from biotune.errors import ProtocolError, SessionNotFound, StorageError, UsageError, WireError
from biotune.sensor.source import SystemClock
from biotune.session import protocol as protocols
from biotune.session.protocol import PlannedPhase, Protocol
from biotune.session.schedule import Schedule
from biotune.storage.continuing import CONTINUED_WITHIN_S
from biotune.storage.store import Store
from biotune.wire.heart_rate import HEART_RATE_MEASUREMENT, decode

__all__ = [
    "Live",
    "PhaseNow",
    "PlannedPhase",
    "Point",
    "Protocol",
    "Standing",
    "StrapNow",
    "StrapState",
    "Tail",
    "profiles",
]

SHOWN_S = 180.0  # how much heart rate a page that is opened begins with
SILENT_AFTER_S = 5.0  # packets come once a second
LONGEST_MARKER = 200  # characters
_READ_BACK = 2000  # lines: three minutes of a strap that sends its ECG too

_READ_AGAIN = 30  # lines before the cursor: the last heart rate is among them
_HAPPENED = tuple(kind for entry, kind in KIND_OF_ENTRY.items() if entry not in {PacketReceived, IntervalImported})
_OF_SILENCE = (StrapChange.LOST, StrapChange.SILENT, StrapChange.CONTACT_LOST)

_Timed = Sequence[tuple[float, LogLine]]  # session time and line, in order


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


_STATES = {
    StrapChange.CONNECTED: StrapState.HEARD,
    StrapChange.HEARD_AGAIN: StrapState.HEARD,
    StrapChange.CONTACT_FOUND: StrapState.HEARD,
    StrapChange.CONTACT_LOST: StrapState.NO_CONTACT,
    StrapChange.SILENT: StrapState.SILENT,
    StrapChange.LOST: StrapState.LOST,
}


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


@dataclass(frozen=True, slots=True)
class StrapNow:
    """The strap: how it is and since when (session time), what the log says of it, its battery in per cent."""

    name: str
    state: StrapState
    since_s: float
    detail: str
    battery_pct: str


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


class Live:
    """The sittings of one data folder while they happen.

    Parameters
    ----------
    store : Store
        Where their logs are.
    home : Path, optional
        The data folder, where the user's own protocols are.
    """

    def __init__(self, store: Store, home: Path | None = None) -> None:
        self._store = store
        self.home = home
        self._own = home / "protocols" if home else None
        self._clock = SystemClock()
        self._phases: dict[str, Sequence[PlannedPhase]] = {}
        self._writer = f"dashboard:{os.getpid()}"

    @property
    def database(self) -> str:
        """The database's URL, for a recorder to be started on it."""
        return self._store.url

    def plans(self) -> tuple[Protocol, ...]:
        """Return the protocols that can be run: biotune's own, then the user's; each followed by its short form."""
        whole = (*map(protocols.load, protocols.names()), *protocols.own(self._own)[0])
        return tuple(each for one in whole for each in (one, one.short) if each is not None)

    def faulty_plans(self) -> tuple[ProtocolError, ...]:
        """Return what is wrong with those of the user's protocols that cannot be run."""
        return protocols.own(self._own)[1]

    def plan(self, name: str) -> Protocol:
        """Return the protocol of that name.

        Raises
        ------
        ProtocolError
            Where there is none, or it cannot be run.
        """
        return protocols.load(name, self._own)

    def standings(self) -> Mapping[str, Standing]:
        """Tell how every unfinished session stands."""
        return {session_id: self.standing(session_id) for session_id, _ in self._store.unfinished()}

    def standing(self, session_id: str) -> Standing:
        """Tell how an unfinished session stands: recorded, interrupted just now, or left lying."""
        if self._store.is_recorded_now(session_id):
            return Standing.RECORDED
        last = self._store.last_line(session_id)
        age_s = (self._clock.now().utc_ns - last.stamp.utc_ns) / NS_PER_S if last else CONTINUED_WITHIN_S
        return Standing.INTERRUPTED if age_s < CONTINUED_WITHIN_S else Standing.LEFT

    def mark(self, session_id: str, label: str) -> float:
        """Set a marker now; return its session time.

        Raises
        ------
        UsageError
            Where the label is empty or too long.
        StorageError
            Where nobody records the session, or it cannot be written.
        """
        label = " ".join(label.split())
        if not 0 < len(label) <= LONGEST_MARKER:
            raise UsageError(f"a note has 1 to {LONGEST_MARKER} characters", hint="Shorten it, or make two of it.")
        return self._append(session_id, MarkerSet(label))

    def request(self, session_id: str, request: Request) -> float:
        """Ask the recorder for something, which it does within a second; return the session time.

        Raises
        ------
        StorageError
            Where nobody records the session, or it cannot be written.
        """
        return self._append(session_id, RequestMade(request))

    def give(self, session_id: str, entry: RatingGiven | ScoreGiven | ReadingGiven | ContextGiven) -> None:
        """Write down what a client says or a person measures: now, or after the end of the sitting.

        Given after the end it has the stamp of the last line: it makes no session longer, and a reading says itself
        when it was taken.

        Raises
        ------
        UsageError
            Where it cannot be: a rating outside 0 to 100, a number that is none, words without measure.
        StorageError
            Where there is no such session, or it cannot be written.
        """
        check(entry)
        last = self._store.last_line(session_id)
        if last is None:
            raise SessionNotFound(f"there is no session {session_id}", hint="See the list of sessions.")
        now = self._store.is_recorded_now(session_id) and not _is_virtual(last.stamp)
        self._store.append(session_id, self._writer, self._clock.now() if now else last.stamp, entry)

    def tail(self, session_id: str, *, after: int = 0) -> Tail:
        """Return what was added after that line, and how the sitting stands now.

        Raises
        ------
        SessionNotFound
            Where there is no session with that id.
        """
        head = self._store.head(session_id)
        standing = None if head.finished else self.standing(head.id)
        timed = self._lines(head.id, after)
        recorded = standing is Standing.RECORDED
        now_s = self._session_now(timed) if recorded else timed[-1][0] if timed else 0.0
        since_s = now_s - SHOWN_S if not after else 0.0
        strap = _strap(timed, now_s)
        rates = [point for time_s, line in timed if (point := _point(time_s, line.entry))]
        return Tail(
            session=head.id,
            client=head.client,
            protocol=head.protocol,
            cursor=max((line.seq for _, line in timed), default=after),
            now_s=now_s,
            points=tuple(
                point
                for time_s, line in timed
                if line.seq > after and time_s >= since_s and (point := _point(time_s, line.entry))
            ),
            bpm=rates[-1].bpm if rates and recorded and strap.state is StrapState.HEARD else None,
            phase=_phase(self._planned(head.protocol), timed, now_s),
            strap=strap,
            markers=tuple((marker.time_s, marker.label) for marker in markers(timed)),
            standing=standing,
        )

    def _lines(self, session_id: str, after: int) -> _Timed:
        """Return what happened, the new packets and a few before them, and where each recorder took up again."""
        last = self._store.last_line(session_id)
        if last is None:
            return ()
        begin = after or last.seq - _READ_BACK
        lines = [
            last,
            *self._store.lines(session_id, kinds=_HAPPENED),
            *self._store.lines(session_id, after=max(0, begin - _READ_AGAIN), kinds=["packet"]),
        ]
        resumed = [line.seq for line in lines if _is_resumed(line.entry)]
        lines += [line for seq in resumed if (line := self._store.last_line(session_id, before=seq))]
        return tuple(session_times(sorted({line.seq: line for line in lines}.values(), key=lambda line: line.seq)))

    def _planned(self, protocol: str) -> Sequence[PlannedPhase]:
        """Return a protocol's phases; none of one that is not here. Read once a protocol."""
        if protocol not in self._phases:
            try:
                self._phases[protocol] = self.plan(protocol).phases
            except ProtocolError:
                self._phases[protocol] = ()
        return self._phases[protocol]

    def _session_now(self, timed: _Timed) -> float:
        last_s, last = timed[-1]
        now = self._clock.now()
        if _is_virtual(last.stamp):
            return last_s
        same_boot = now.boot_id == last.stamp.boot_id
        passed_ns = now.monotonic_ns - last.stamp.monotonic_ns if same_boot else now.utc_ns - last.stamp.utc_ns
        return last_s + max(0, passed_ns) / NS_PER_S

    def _append(self, session_id: str, entry: Entry) -> float:
        last = self._store.last_line(session_id)
        if last is None or not self._store.is_recorded_now(session_id):
            raise StorageError(
                f"{session_id} is not being recorded", why="Its recorder has ended.", hint="See the list of sessions."
            )
        stamp = last.stamp if _is_virtual(last.stamp) else self._clock.now()
        line = self._store.append(session_id, self._writer, stamp, entry)
        first = self._store.lines(session_id, kinds=["recorder-started"])
        *_, (time_s, _) = session_times([*first, line])
        return time_s


def profiles() -> Mapping[str, str]:
    """Return the simulated people by name, and what each of them shows."""
    from biotune.sensor.physiology import PROFILES  # noqa: PLC0415 - NumPy, where only somebody who chooses needs it

    return {name: profile.plain for name, profile in PROFILES.items()}


def _is_resumed(entry: Entry) -> bool:
    return isinstance(entry, RecorderStarted) and entry.resumed


def _is_virtual(stamp: Stamp) -> bool:
    """Tell whether session time runs at a speed of its own; see `biotune.sensor.source.virtual_start`."""
    return stamp.boot_id.startswith("virtual-")


def _point(time_s: float, entry: Entry) -> Point | None:
    if isinstance(entry, StrapEvent):
        return Point(time_s, None) if entry.change in _OF_SILENCE else None
    if isinstance(entry, PacketReceived) and entry.characteristic == HEART_RATE_MEASUREMENT:
        try:
            heard = decode(entry.data)
        except WireError:
            return None
        return Point(time_s, None if heard.contact is False or not heard.bpm else heard.bpm)
    return Point(time_s, None) if _is_resumed(entry) else None


def _strap(timed: _Timed, now_s: float) -> StrapNow:
    name, state, since_s, detail, battery_pct = "", StrapState.HEARD, 0.0, "", ""
    for time_s, line in timed:
        entry = line.entry
        if not isinstance(entry, StrapEvent):
            continue
        name = entry.strap.name if entry.strap else name
        if entry.change is StrapChange.BATTERY:
            battery_pct = entry.detail
        elif entry.change is StrapChange.WAITING:
            detail = entry.detail
        elif (changed := _STATES.get(entry.change)) and changed is not state:
            state, since_s, detail = changed, time_s, entry.detail
    heard_s = max([since_s, *(time_s for time_s, line in timed if isinstance(line.entry, PacketReceived))])
    if state is StrapState.HEARD and now_s - heard_s > SILENT_AFTER_S:
        state, since_s = StrapState.SILENT, heard_s
    return StrapNow(name, state, since_s, detail, battery_pct)


def _phase(phases: Sequence[PlannedPhase], timed: _Timed, now_s: float) -> PhaseNow | None:
    begun = [(time_s, line.seq, line.entry) for time_s, line in timed if isinstance(line.entry, PhaseStarted)]
    if not begun or any(isinstance(line.entry, PhaseEnded) and line.seq > begun[-1][1] for _, line in timed):
        return None
    start_s, begun_at, entry = begun[-1]
    index = len(begun) - 1
    if index >= len(phases) or phases[index].name != entry.name:  # a protocol of one's own, in a file
        return PhaseNow(
            entry.name, entry.kind, "", index + 1, 0, now_s - start_s, left_s=None, length_s=None, following=None
        )
    planned = phases[index]
    ends_s = start_s + planned.seconds
    resumed = [(time_s, each.seq) for time_s, each in timed if _is_resumed(each.entry) and each.seq > begun_at]
    if resumed:
        at_s, seq = resumed[-1]
        recorded = [each for _, each in timed if each.seq < seq]
        ends_s = Schedule.resume(phases, round(at_s * NS_PER_S), recorded).ends_ns / NS_PER_S
    left_s = min(planned.seconds, max(0.0, ends_s - now_s))
    return PhaseNow(
        name=entry.name,
        kind=entry.kind,
        explanation=planned.explanation,
        number=index + 1,
        of=len(phases),
        elapsed_s=planned.seconds - left_s,
        left_s=left_s,
        length_s=planned.seconds,
        following=phases[index + 1] if index + 1 < len(phases) else None,
    )
