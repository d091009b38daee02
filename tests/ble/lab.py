"""A laboratory for the strap: a virtual one behind a BlueZ of our own, in a thread of its own.

Whatever process has the environment `BluezLab.environment` finds that BlueZ by Bleak's own means
and nothing else; `biotune record --strap …` in a subprocess, for one.
"""

import asyncio
import itertools
import subprocess
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import pytest
from bumble.link import LocalLink
from org_bluez import OrgBluez
from scenes import numbered

from biotune.domain import StrapIdentity
from biotune.sensor.virtual import VIRTUAL_STRAP, VirtualPolar, VirtualStrap

if TYPE_CHECKING:
    from concurrent.futures import Future

T = TypeVar("T")

PATIENCE_S = 10.0


class BluezLab:
    """A handle on it for tests; every method may be called from any thread.

    Attributes
    ----------
    environment : dict
        What a process needs to find this BlueZ.
    sent : list of bytes
        What `beat_on` has sent to subscribers so far.
    """

    def __init__(
        self,
        address: str,
        identity: StrapIdentity,
        battery_pct: int | None,
        polar: VirtualPolar | None,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self.environment = {"DBUS_SYSTEM_BUS_ADDRESS": address}
        self.sent: list[bytes] = []
        self._address = address
        self._identity = identity
        self._battery_pct = battery_pct
        self._polar = polar
        self.loop = loop
        self._beating: Future[None] | None = None

    @contextmanager
    def in_this_process(self) -> Iterator[None]:
        """Let Bleak find this BlueZ in the calling process too."""
        with pytest.MonkeyPatch.context() as patch:
            for name, value in self.environment.items():
                patch.setenv(name, value)
            yield

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine in the laboratory's own loop, and wait for it."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(PATIENCE_S)

    async def _in_loop(self, do: Callable[[], T]) -> T:
        return do()

    def send(self, packet: bytes) -> None:
        """Notify subscribers once."""
        self.run(self.strap.send(packet))

    def drop(self) -> None:
        """The strap goes out of range for a moment."""
        self.run(self._in_loop(self.strap.drop))

    def strap_off(self) -> None:
        """The strap is taken off."""
        self.run(self.strap.off())

    def switch(self, *, on: bool) -> None:
        """Bluetooth is switched on or off."""
        self.run(self.bluez.power(on=on))

    def daemon_dies(self) -> None:
        """The Bluetooth service crashes."""
        self.run(self.bluez.die())

    def daemon_returns(self) -> None:
        """It is started again."""
        self.run(self.bluez.appear(self._address))

    def beat_on(self, *, every_s: float = 0.05, packet: Callable[[int], bytes] = numbered) -> None:
        """Send numbered packets to whoever is subscribed, until the laboratory closes."""

        async def beat() -> None:
            numbers = itertools.count()
            while True:
                if self.strap.heard:
                    data = packet(next(numbers))
                    await self.strap.send(data)
                    self.sent.append(data)
                await asyncio.sleep(every_s)

        self._beating = asyncio.run_coroutine_threadsafe(beat(), self.loop)

    def wait_until(self, true: Callable[[], object], *, seconds: float = PATIENCE_S) -> None:
        """Wait for something to become true."""
        ends = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < ends, f"waited {seconds} s in vain"
            time.sleep(0.02)

    async def open(self) -> None:
        self.link = LocalLink()
        self.bluez = OrgBluez(self.link)
        self.strap = VirtualStrap(self.link, self._identity, battery_pct=self._battery_pct, polar=self._polar)
        await self.strap.__aenter__()
        await self.bluez.power_on()
        await self.bluez.appear(self._address)

    async def close(self) -> None:
        if self._beating:
            self._beating.cancel()
        if self.bluez._bus:
            await self.bluez.die()
        await self.strap.off()
        await self.bluez.device.power_off()


@contextmanager
def private_bus() -> Iterator[str]:
    """A message bus that nobody else knows, at the address yielded; ``dbus-daemon`` runs it."""
    arguments = ["dbus-daemon", "--session", "--nofork", "--nopidfile", "--print-address=1"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}  # it complains of limits that do not matter here
    with subprocess.Popen(arguments, text=True, **pipes) as daemon:
        assert daemon.stdout
        try:
            yield daemon.stdout.readline().strip()
        finally:
            daemon.terminate()


@contextmanager
def bluez_lab(
    identity: StrapIdentity = VIRTUAL_STRAP, *, battery_pct: int | None = 87, polar: VirtualPolar | None = None
) -> Iterator[BluezLab]:
    """A BlueZ with one strap near, both switched on."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="laboratory")
    thread.start()
    try:
        with private_bus() as address:
            lab = BluezLab(address, identity, battery_pct, polar, loop)
            lab.run(lab.open())
            try:
                yield lab
            finally:
                lab.run(lab.close())
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
