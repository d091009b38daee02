"""What the recorder itself notices between two lines of a log: contact, sound after silence, the clock.

Pure: stamps and entries in, the lines that belong before the next one out.
"""

from biotune.domain import NS_PER_S, ClockStepped, PacketReceived, Stamp, StrapChange, StrapEvent
from biotune.errors import WireError
from biotune.sensor.source import Observation
from biotune.wire.heart_rate import HEART_RATE_MEASUREMENT, decode

LEAST_STEP_S = 2.0  # between two lines; what keeps a clock right (NTP) changes it by 0.5 ms in a second at most

_CONTACT = {StrapChange.CONTACT_LOST: False, StrapChange.CONTACT_FOUND: True}


class Ledger:
    """What was noticed so far in one run of a recorder."""

    def __init__(self) -> None:
        self._contact: bool | None = None
        self._silent_since: Stamp | None = None
        self._clock: Stamp | None = None

    def notice(self, observation: Observation) -> tuple[StrapEvent, ...]:
        """Return the lines that belong before an observation: contact lost or found, heard again after silence.

        What a source (a replay, the simulator) tells of itself is not said twice.
        """
        entry = observation.entry
        if isinstance(entry, StrapEvent):
            self._note(entry.change, observation.stamp)
            return ()
        if not isinstance(entry, PacketReceived):
            return ()
        noticed = []
        if self._silent_since is not None:
            after_s = (observation.stamp.monotonic_ns - self._silent_since.monotonic_ns) / NS_PER_S
            noticed.append(StrapEvent(StrapChange.HEARD_AGAIN, f"after {after_s:.0f} s"))
            self._silent_since = None
        if entry.characteristic == HEART_RATE_MEASUREMENT:
            noticed += self._contact_change(entry.data)
        return tuple(noticed)

    def clock_step(self, stamp: Stamp) -> ClockStepped | None:
        """Return by how much UTC jumped against the monotonic clock since the stamp seen last."""
        last, self._clock = self._clock, stamp
        if last is None or last.boot_id != stamp.boot_id:
            return None
        by_s = (stamp.utc_ns - last.utc_ns - (stamp.monotonic_ns - last.monotonic_ns)) / NS_PER_S
        return ClockStepped(round(by_s, 3)) if abs(by_s) > LEAST_STEP_S else None

    def _note(self, change: StrapChange, stamp: Stamp) -> None:
        if change is StrapChange.SILENT:
            self._silent_since = stamp
        elif change is StrapChange.HEARD_AGAIN:
            self._silent_since = None
        self._contact = _CONTACT.get(change, self._contact)

    def _contact_change(self, data: bytes) -> list[StrapEvent]:
        try:
            contact = decode(data).contact
        except WireError:
            return []  # the log keeps the bytes; they say nothing of contact
        before, self._contact = self._contact, self._contact if contact is None else contact
        if contact is False and before is not False:
            return [StrapEvent(StrapChange.CONTACT_LOST)]
        return [StrapEvent(StrapChange.CONTACT_FOUND)] if contact and before is False else []
