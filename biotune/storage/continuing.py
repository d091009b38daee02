"""Which session a recorder that starts should go on with, after the one before it died."""

from collections.abc import Sequence
from dataclasses import dataclass

from biotune.domain import NS_PER_S, LogLine, RecorderStarted, Stamp, StrapEvent, StrapIdentity
from biotune.storage.store import Store

CONTINUED_WITHIN_S = 900  # a session unfinished for less is continued (the command line's contract)


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A session that can be continued: its id, which of its recordings, and its protocol's name."""

    session_id: str
    recording: int
    protocol: str


def latest_unfinished(
    store: Store,
    *,
    client: str,
    strap: StrapIdentity,
    source: str,
    now: Stamp,
    within_s: float = CONTINUED_WITHIN_S,
) -> Unfinished | None:
    """Return the session to continue: of that client, strap and kind of source, not being recorded just now.

    Its last line is at most `within_s` old, by the monotonic clock within one boot and by UTC
    between two. A strap is known again by its name, and by its serial where both are known.
    """
    for session_id, protocol in store.unfinished(client):
        last = store.last_stamp(session_id)
        if last is None or not _is_recent(last, now, within_s) or store.is_recorded_now(session_id):
            continue
        recording = _recording_of(store.lines(session_id, kinds=["strap", "recorder-started"]), strap, source)
        if recording:
            return Unfinished(session_id, recording, protocol)
    return None


def recorded_now(store: Store, wanted: str) -> str | None:
    """Return the session that a running recorder records from the strap that `wanted` means, or None.

    Parameters
    ----------
    store : Store
        The log. What is recorded into another database is not seen.
    wanted : str
        An address, a name, or a part of a name, as a person gives it.
    """
    for session_id, _ in store.unfinished():
        if not store.is_recorded_now(session_id):
            continue
        for line in store.lines(session_id, kinds=["strap"]):
            if isinstance(line.entry, StrapEvent) and line.entry.strap and _is_meant(line.entry.strap, wanted):
                return session_id
    return None


def _is_meant(strap: StrapIdentity, wanted: str) -> bool:
    said = wanted.casefold()
    return said == strap.address.casefold() or said in strap.name.casefold()


def _is_recent(last: Stamp, now: Stamp, within_s: float) -> bool:
    same_boot = last.boot_id == now.boot_id
    age_ns = now.monotonic_ns - last.monotonic_ns if same_boot else now.utc_ns - last.utc_ns
    return age_ns <= within_s * NS_PER_S


def _recording_of(lines: Sequence[LogLine], strap: StrapIdentity, source: str) -> int | None:
    if not any(isinstance(line.entry, RecorderStarted) and line.entry.source == source for line in lines):
        return None
    for line in lines:
        if isinstance(line.entry, StrapEvent) and line.entry.strap and _is_same_strap(line.entry.strap, strap):
            return line.recording
    return None


def _is_same_strap(one: StrapIdentity, other: StrapIdentity) -> bool:
    return one.name == other.name and (one.serial == other.serial or not one.serial or not other.serial)
