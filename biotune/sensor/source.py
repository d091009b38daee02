"""What a source of packets is, and the clock it lives by.

A `Source` yields `Observation` values: packets and changes of the strap's state, each
with the stamp of its arrival. The strap, the simulator and a replay are three sources;
the recorder knows no difference between them.
"""

import asyncio
import functools
import math
import sys
import time
import uuid
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from biotune.domain import NS_PER_S, PacketReceived, RrUnitSet, Stamp, StrapEvent, StrapIdentity


@dataclass(frozen=True, slots=True)
class Observation:
    """Something a source saw (or, of a replay, what its log says of the packets), with the instant it arrived."""

    stamp: Stamp
    entry: PacketReceived | StrapEvent | RrUnitSet


class Clock(Protocol):
    """Where stamps come from.

    Attributes
    ----------
    live : bool
        True where time passes whether or not anything is observed. Under a clock that is not
        live, only observations move time: whoever waits for an instant (the end of a phase)
        compares stamps instead of sleeping, so that a session has the same log at any speed.
    """

    live: bool

    def now(self) -> Stamp:
        """Stamp this instant."""
        ...

    def at(self, monotonic_ns: int) -> Stamp:
        """Stamp the instant at which the monotonic clock shows `monotonic_ns`."""
        ...

    async def sleep_until(self, monotonic_ns: int) -> None:
        """Return when the monotonic clock shows at least `monotonic_ns`."""
        ...


_BOOT_TIME: int | None = getattr(time, "CLOCK_BOOTTIME", None)  # Linux's


def _monotonic_ns() -> int:
    """Read a clock that nobody sets, and that goes on while the machine sleeps.

    Python's own stands still then on Linux, and a session in which a laptop was closed for an hour would lack
    that hour. (So it does on macOS, where this was not seen; Windows counts it.)
    """
    return time.monotonic_ns() if _BOOT_TIME is None else time.clock_gettime_ns(_BOOT_TIME)


class SystemClock:
    """This machine's own clocks."""

    live = True

    def now(self) -> Stamp:
        """Stamp this instant."""
        return Stamp(this_boot(), _monotonic_ns(), time.time_ns())

    def at(self, monotonic_ns: int) -> Stamp:
        """Stamp the instant at which the monotonic clock shows `monotonic_ns`."""
        now = self.now()
        return Stamp(now.boot_id, monotonic_ns, now.utc_ns + monotonic_ns - now.monotonic_ns)

    async def sleep_until(self, monotonic_ns: int) -> None:
        """Return when the monotonic clock shows at least `monotonic_ns`."""
        await asyncio.sleep(max(0, monotonic_ns - _monotonic_ns()) / NS_PER_S)


class VirtualClock:
    """A clock that runs `speed` times as fast as the machine's, or as fast as it is asked to.

    Parameters
    ----------
    start : Stamp
        What the clock shows now.
    speed : float
        1 for real time, ``math.inf`` for no waiting at all.

    Notes
    -----
    At speed 1 from the machine's own stamp the virtual stamps are the machine's; at any other
    speed pass a `start` whose boot id is its own (see `virtual_start`), since its monotonic
    values must not be compared with the machine's.
    """

    live = False

    def __init__(self, start: Stamp, *, speed: float = 1.0) -> None:
        self._start = start
        self._speed = speed
        self._began_ns = time.monotonic_ns()
        self._reached_ns = start.monotonic_ns

    def now(self) -> Stamp:
        """Stamp this instant."""
        if not math.isinf(self._speed):
            elapsed_ns = int((time.monotonic_ns() - self._began_ns) * self._speed)
            self._reached_ns = max(self._reached_ns, self._start.monotonic_ns + elapsed_ns)
        return self.at(self._reached_ns)

    def at(self, monotonic_ns: int) -> Stamp:
        """Stamp the instant at which this clock shows `monotonic_ns`."""
        start = self._start
        return Stamp(start.boot_id, monotonic_ns, start.utc_ns + monotonic_ns - start.monotonic_ns)

    async def sleep_until(self, monotonic_ns: int) -> None:
        """Return when this clock shows at least `monotonic_ns`."""
        wait_ns = 0 if math.isinf(self._speed) else monotonic_ns - self.now().monotonic_ns
        await asyncio.sleep(max(0, wait_ns) / self._speed / NS_PER_S if wait_ns > 0 else 0)
        self._reached_ns = max(self._reached_ns, monotonic_ns)


class Source(Protocol):
    """Where packets come from.

    Attributes
    ----------
    kind : str
        ``"strap"``, ``"simulator"`` or ``"replay"``.
    strap : StrapIdentity
        What is known of the strap before it answers; the recorder knows an unfinished session by its name.
    clock : Clock
        The clock by which it stamps.
    """

    kind: str
    strap: StrapIdentity
    clock: Clock

    def observe(self) -> AsyncGenerator[Observation, None]:
        """Yield observations in order of their stamps until the source is exhausted.

        A strap never is: it reconnects for as long as it is observed. Closing the generator
        (`aclose`) lets go of the strap.

        Raises
        ------
        SensorError
            Where the source cannot be had at all.
        """
        ...


def virtual_start(now: Stamp, *, speed: float) -> Stamp:
    """Return what a virtual clock of that speed should show at `now`."""
    return now if speed == 1 else Stamp(f"virtual-{uuid.uuid4()}", 0, now.utc_ns)


@functools.cache
def this_boot() -> str:
    """Name this machine's current boot.

    Linux has an id of its own for it. Elsewhere this process is named instead, which is
    finer than needed and therefore safe: between two names, UTC is used.
    """
    if sys.platform == "linux":
        boot_id = Path("/proc/sys/kernel/random/boot_id")
        if boot_id.exists():
            return boot_id.read_text(encoding="ascii").strip()
    return f"process-{uuid.uuid4()}"
