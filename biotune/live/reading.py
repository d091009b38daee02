"""What a log's lines say of a sitting that runs: pure."""

from collections.abc import Sequence
from dataclasses import replace

from biotune.domain import (
    NS_PER_S,
    Entry,
    LogLine,
    PacerSet,
    PacketReceived,
    PhaseEnded,
    PhaseStarted,
    RatingGiven,
    RecorderStarted,
    Stamp,
    StrapChange,
    StrapEvent,
)
from biotune.errors import WireError
from biotune.live.values import PacerNow, PhaseNow, PhaseSpan, PlannedPhase, Point, StrapNow, StrapState
from biotune.session.plan import Pacer
from biotune.session.schedule import Schedule
from biotune.wire.heart_rate import HEART_RATE_MEASUREMENT, decode

SHOWN_S = 180.0  # how much heart rate a page that is opened begins with
SILENT_AFTER_S = 5.0  # packets come once a second

_OF_SILENCE = (StrapChange.LOST, StrapChange.SILENT, StrapChange.CONTACT_LOST)
_STATES = {
    StrapChange.CONNECTED: StrapState.HEARD,
    StrapChange.HEARD_AGAIN: StrapState.HEARD,
    StrapChange.CONTACT_FOUND: StrapState.HEARD,
    StrapChange.CONTACT_LOST: StrapState.NO_CONTACT,
    StrapChange.SILENT: StrapState.SILENT,
    StrapChange.LOST: StrapState.LOST,
}

Timed = Sequence[tuple[float, LogLine]]  # session time and line, in order


def is_resumed(entry: Entry) -> bool:
    """Tell whether a recorder took a session up again."""
    return isinstance(entry, RecorderStarted) and entry.resumed


def is_virtual(stamp: Stamp) -> bool:
    """Tell whether session time runs at a speed of its own; see `biotune.sensor.source.virtual_start`."""
    return stamp.boot_id.startswith("virtual-")


def point(time_s: float, entry: Entry) -> Point | None:
    """Return the heart rate that a line tells, or that the line breaks there; None where it tells nothing."""
    if isinstance(entry, StrapEvent):
        return Point(time_s, None) if entry.change in _OF_SILENCE else None
    if isinstance(entry, PacketReceived) and entry.characteristic == HEART_RATE_MEASUREMENT:
        try:
            heard = decode(entry.data)
        except WireError:
            return None
        return Point(time_s, None if heard.contact is False or not heard.bpm else heard.bpm)
    return Point(time_s, None) if is_resumed(entry) else None


def strap(timed: Timed, now_s: float) -> StrapNow:
    """Return how the strap is, as far as the log tells."""
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


def phase(phases: Sequence[PlannedPhase], timed: Timed, now_s: float) -> PhaseNow | None:
    """Return the phase that runs, held against the plan; None where none runs."""
    begun = [(time_s, line.seq, line.entry) for time_s, line in timed if isinstance(line.entry, PhaseStarted)]
    if not begun or any(isinstance(line.entry, PhaseEnded) and line.seq > begun[-1][1] for _, line in timed):
        return None
    start_s, begun_at, entry = begun[-1]
    index = len(begun) - 1
    if index >= len(phases) or phases[index].name != entry.name:  # a protocol of one's own, in a file
        return PhaseNow(
            entry.name, entry.kind, "", index + 1, 0, now_s - start_s, None, None, following=None, start_s=start_s
        )
    planned = phases[index]
    ends_s = start_s + planned.seconds
    resumed = [(time_s, each.seq) for time_s, each in timed if is_resumed(each.entry) and each.seq > begun_at]
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
        start_s=start_s,
        planned=planned,
    )


def spans(timed: Timed) -> tuple[PhaseSpan, ...]:
    """Return every phase so far; the last one has no end while it runs."""
    found: list[PhaseSpan] = []
    for time_s, line in timed:
        entry = line.entry
        if not isinstance(entry, PhaseStarted | PhaseEnded):
            continue
        if found and found[-1].end_s is None:
            found[-1] = replace(found[-1], end_s=time_s)
        if isinstance(entry, PhaseStarted):
            found.append(PhaseSpan(entry.name, entry.kind, time_s, None, entry.paced))
    return tuple(found)


def pacer(timed: Timed) -> PacerNow:
    """Return how the pacer was set last."""
    now = PacerNow()
    for time_s, line in timed:
        if isinstance(line.entry, PacerSet):
            now = PacerNow(line.entry.on, line.entry.per_min, line.entry.inhale, time_s)
    return now


def wanted_pacer(now: PacerNow, running: PhaseNow | None, so_far: Sequence[PhaseSpan]) -> PacerSet | None:
    """Return how a phase that has just begun wants the pacer; None where it may stay as it is.

    A phase that is paced by plan switches it on at its own rate, once: whoever switches it off in the phase is not
    overruled. The phase after it switches off what the plan switched on; what a person switched on in another phase
    stays on.
    """
    if running is None or (now.set_s is not None and now.set_s >= running.start_s):
        return None
    planned = running.planned
    if planned and planned.pacer is Pacer.SET and planned.breaths_per_min:
        return PacerSet(on=True, per_min=planned.breaths_per_min, inhale=now.inhale)
    if not now.on or now.set_s is None or so_far[-1].paced:  # paced, at a rate that nobody here knows
        return None
    set_in = [each for each in so_far if each.start_s <= now.set_s]
    return PacerSet(on=False, per_min=now.per_min, inhale=now.inhale) if set_in and set_in[-1].paced else None


def ratings(timed: Timed) -> tuple[tuple[float, str, float], ...]:
    """Return what the client said in the course of the sitting: session time, scale, value."""
    return tuple(
        (time_s, line.entry.scale, line.entry.value)
        for time_s, line in timed
        if isinstance(line.entry, RatingGiven) and line.entry.when not in {"before", "after"}
    )
