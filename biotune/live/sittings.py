"""The sittings of a data folder while they happen: reads their logs, and appends what people do."""

import os
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from biotune.domain import (
    KIND_OF_ENTRY,
    NS_PER_S,
    ContextGiven,
    Entry,
    IntervalImported,
    MarkerSet,
    PacerSet,
    PacketReceived,
    RatingGiven,
    ReadingGiven,
    Recording,
    Request,
    RequestMade,
    ScoreGiven,
    marker_label,
    markers,
    session_times,
)
from biotune.domain.self_report import check
from biotune.errors import ProtocolError, SessionNotFound, StorageError, UsageError
from biotune.live import reading
from biotune.live.values import PacerNow, Protocol, Standing, StrapState, Swing, Tail
from biotune.sensor.source import SystemClock
from biotune.session import protocol as protocols
from biotune.settings import Limits
from biotune.storage.continuing import CONTINUED_WITHIN_S
from biotune.storage.store import Store

if TYPE_CHECKING:
    from biotune.analysis.feedback import Told

_READ_BACK = 2000  # lines: three minutes of a strap that sends its ECG too
_READ_BACK_BEATS = 700  # a minute and a half of such a strap
_SLOWEST_PER_MIN, _FASTEST_PER_MIN = 2.0, 60.0
_SHORTEST_INHALE, _LONGEST_INHALE = 0.2, 0.8
_READ_AGAIN = 30  # lines before the cursor: the last heart rate is among them
_HAPPENED = tuple(kind for entry, kind in KIND_OF_ENTRY.items() if entry not in {PacketReceived, IntervalImported})


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
        self._plans: dict[str, Protocol | None] = {}
        self._leading = threading.Lock()
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
            Where the label cannot be one.
        StorageError
            Where nobody records the session, or it cannot be written.
        """
        return self._append(session_id, MarkerSet(marker_label(label)))

    def switch_pacer(self, session_id: str, pacer: PacerSet) -> None:
        """Switch the breathing pacer on or off; what it is already is not written again.

        Raises
        ------
        UsageError
            Where nobody can breathe like that.
        StorageError
            Where nobody records the session, or it cannot be written.
        """
        _check_breath(pacer)
        with self._leading:
            now = self.pacer(session_id)
            if pacer != PacerSet(now.on, now.per_min, now.inhale) and (pacer.on or now.on):
                self._append(session_id, pacer)

    def set_breath(self, session_id: str, per_min: float, inhale: float) -> None:
        """Let a pacer that runs lead at another rate; one that is off stays off. Raises as `switch_pacer`."""
        pacer = PacerSet(on=True, per_min=per_min, inhale=inhale)
        _check_breath(pacer)
        with self._leading:
            now = self.pacer(session_id)
            if now.on and (per_min, inhale) != (now.per_min, now.inhale):
                self._append(session_id, pacer)

    def lead_pacer(self, tail: Tail) -> None:
        """Set the pacer as the phase that has just begun wants it, if it does; see `reading.wanted_pacer`.

        The log so says at which rate breathing was led. Two pages that look at once write it once.
        """
        if tail.standing is not Standing.RECORDED or not reading.wanted_pacer(tail.pacer, tail.phase, tail.phases):
            return
        with self._leading:
            now = self.pacer(tail.session)
            if wanted := reading.wanted_pacer(now, tail.phase, tail.phases):
                self._append(tail.session, wanted)

    def feedback(self, session_id: str) -> tuple["Told", ...]:
        """Measure the last minute, for looking at: heart rate, regularity of the rhythm, breathing."""
        from biotune.analysis import feedback  # noqa: PLC0415 - the engine, where only somebody who looks needs it

        recording, now_s = self._last_minute(session_id)
        return feedback.tell(recording, now_s, Limits())

    def swing(self, session_id: str) -> Swing:
        """Return what a calm screen is drawn from.

        Raises
        ------
        SessionNotFound
            Where there is no session with that id.
        """
        from biotune.analysis import feedback  # noqa: PLC0415 - as above

        recording, now_s = self._last_minute(session_id)
        head = self._store.head(session_id)
        runs = not head.finished and self._store.is_recorded_now(session_id)
        beats = feedback.trace(recording, now_s) if runs else ()
        return Swing(now_s, beats, reading.pacer(tuple(recording.times_s())), runs)

    def request(self, session_id: str, request: Request) -> float:
        """Ask the recorder for something, which it does within a second; return the session time.

        Raises
        ------
        StorageError
            Where nobody records the session, or it cannot be written.
        """
        return self._append(session_id, RequestMade(request))

    def end_phase(self, session_id: str, number: int) -> float:
        """Ask the recorder to end the phase of that number, from 1, and no other; return the session time.

        Raises
        ------
        UsageError
            Where that phase is not the one that runs.
        StorageError
            As `request`.
        """
        running = self.tail(session_id).phase
        if running and running.number != number:
            raise UsageError(
                "That phase has ended already",
                why=f"Phase {running.number} is running now.",
                hint="Press “End phase” again to end this one.",
            )
        return self._append(session_id, RequestMade(Request.END_PHASE, number))

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
        now = self._store.is_recorded_now(session_id) and not reading.is_virtual(last.stamp)
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
        since_s = now_s - reading.SHOWN_S if not after else 0.0
        strap = reading.strap(timed, now_s)
        plan = self._planned(head.protocol)
        phase = reading.phase(plan.phases if plan else (), timed, now_s)
        planned = phase.planned if phase else None
        rates = [point for time_s, line in timed if (point := reading.point(time_s, line.entry))]
        return Tail(
            session=head.id,
            client=head.client,
            protocol=head.protocol,
            cursor=max((line.seq for _, line in timed), default=after),
            now_s=now_s,
            points=tuple(
                point
                for time_s, line in timed
                if line.seq > after and time_s >= since_s and (point := reading.point(time_s, line.entry))
            ),
            bpm=rates[-1].bpm if rates and recorded and strap.state is StrapState.HEARD else None,
            phase=phase,
            strap=strap,
            markers=tuple((marker.time_s, marker.label) for marker in markers(timed)),
            standing=standing,
            ratings=reading.ratings(timed),
            pacer=reading.pacer(timed),
            phases=reading.spans(timed),
            buttons=tuple(dict.fromkeys([*(plan.markers if plan else ()), *(planned.markers if planned else ())])),
        )

    def _lines(self, session_id: str, after: int) -> reading.Timed:
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
        resumed = [line.seq for line in lines if reading.is_resumed(line.entry)]
        lines += [line for seq in resumed if (line := self._store.last_line(session_id, before=seq))]
        return tuple(session_times(sorted({line.seq: line for line in lines}.values(), key=lambda line: line.seq)))

    def _planned(self, protocol: str) -> Protocol | None:
        """Return a protocol; None where it is not here. Read once."""
        if protocol not in self._plans:
            try:
                self._plans[protocol] = self.plan(protocol)
            except ProtocolError:
                self._plans[protocol] = None
        return self._plans[protocol]

    def pacer(self, session_id: str) -> PacerNow:
        """Return how the breathing pacer was set last."""
        return reading.pacer(tuple(session_times(self._store.lines(session_id, kinds=_HAPPENED))))

    def _last_minute(self, session_id: str) -> tuple[Recording, float]:
        """Return the last lines as a recording, in session time, and now."""
        last = self._store.last_line(session_id)
        if last is None:
            raise SessionNotFound(f"there is no session {session_id}", hint="See the list of sessions.")
        timed = self._lines(session_id, max(1, last.seq - _READ_BACK_BEATS))
        return Recording(session_id, tuple(line for _, line in timed)), self._session_now(timed)

    def _session_now(self, timed: reading.Timed) -> float:
        last_s, last = timed[-1]
        now = self._clock.now()
        if reading.is_virtual(last.stamp):
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
        stamp = last.stamp if reading.is_virtual(last.stamp) else self._clock.now()
        line = self._store.append(session_id, self._writer, stamp, entry)
        first = self._store.lines(session_id, kinds=["recorder-started"])
        *_, (time_s, _) = session_times([*first, line])
        return time_s


def _check_breath(pacer: PacerSet) -> None:
    breathes = _SLOWEST_PER_MIN <= pacer.per_min <= _FASTEST_PER_MIN
    if not (breathes and _SHORTEST_INHALE <= pacer.inhale <= _LONGEST_INHALE):
        raise UsageError("nobody breathes like that", hint="4 to 12 breaths a minute, inhaling 30 to 60 % of each.")


def profiles() -> Mapping[str, str]:
    """Return the simulated people by name, and what each of them shows."""
    from biotune.sensor.physiology import PROFILES  # noqa: PLC0415 - NumPy, where only somebody who chooses needs it

    return {name: profile.plain for name, profile in PROFILES.items()}
