"""The guest's program: the strap's failures on a real BlueZ and a real kernel.

Bumble plays the adapter's hardware behind ``/dev/vhci`` and the strap on the other side of the air, in a
thread of its own; Bleak, bluetoothd and the kernel are the real ones. Run by ``run.sh`` as root of a
machine that may be wrecked; one JSON line for each scene goes to the file given.
"""

import asyncio
import json
import shutil
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

# everything is imported before /dev/vhci is opened: the kernel gives the hardware 2 s for an answer
import bleak.backends.bluezdbus.client
import bleak.backends.bluezdbus.scanner  # noqa: F401 - as above
from bleak import BleakClient, BleakScanner
from bumble import hci
from bumble.controller import Controller
from bumble.link import LocalLink
from bumble.transport import open_transport

sys.path.insert(0, str(Path(__file__).parents[1]))

from scenes import STRAP, numbered, take

from biotune.domain import StrapChange, StrapEvent
from biotune.errors import StrapNotFound
from biotune.sensor.discovery import scan
from biotune.sensor.source import Observation
from biotune.sensor.strap import Patience, StrapSource
from biotune.sensor.virtual import VirtualStrap
from biotune.wire.heart_rate import HEART_RATE_MEASUREMENT, decode

T = TypeVar("T")
Observations = AsyncGenerator[Observation, None]

BLUETOOTHD = next(filter(None, map(shutil.which, ("/usr/libexec/bluetooth/bluetoothd", "bluetoothd"))), "bluetoothd")
SCENE_S = 90.0
HOLDER = f"""
import asyncio
from biotune.sensor.strap import StrapSource
async def main():
    async for _ in StrapSource({STRAP.address!r}).observe():
        pass
asyncio.run(main())
"""


class Hardware:
    """The adapter and the strap; every method may be called from the scenes' thread."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, name="hardware", daemon=True).start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(SCENE_S)

    async def plug_in(self) -> None:
        transport, link = await open_transport("vhci"), LocalLink()
        # its address stays zero: with one of its own, bluetoothd and the kernel crashed
        self._adapter = Controller("adapter", host_source=transport.source, host_sink=transport.sink, link=link)
        beyond_bumble = hci.LeFeatureMask.LL_PRIVACY | hci.LeFeatureMask.LE_EXTENDED_ADVERTISING
        self._adapter.le_features &= ~beyond_bumble
        self._transport = transport
        self.strap = await VirtualStrap(link, STRAP).__aenter__()

    def send(self, *numbers: int, every_s: float = 0.0) -> None:
        async def send() -> None:
            for number in numbers:
                await self.strap.send(numbered(number))
                await asyncio.sleep(every_s)

        self.run(send())

    def drop(self) -> None:
        async def drop() -> None:
            self.strap.drop()

        self.run(drop())


class Daemon:
    """bluetoothd, and what a person does to it."""

    def start(self) -> None:
        self._process = subprocess.Popen([BLUETOOTHD, "-n"])

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def has_adapter_on(self) -> bool:
        shown = subprocess.run(["bluetoothctl", "show"], capture_output=True, check=False, timeout=20)
        return b"Powered: yes" in shown.stdout

    def switch(self, *, on: bool) -> None:
        subprocess.run(["bluetoothctl", "power", "on" if on else "off"], check=True, capture_output=True, timeout=20)

    def forget(self, address: str) -> None:
        subprocess.run(["bluetoothctl", "remove", address], check=True, capture_output=True, timeout=20)


hardware = Hardware()
daemon = Daemon()


# ---------------------------------------------------------------- what the scenes share


def source(**patience: float) -> StrapSource:
    return StrapSource(STRAP.address, patience=Patience(**{"connect_s": 30.0, **patience}))


def wait_until(true: Callable[[], object]) -> None:
    ends = time.monotonic() + SCENE_S
    while not true():
        assert time.monotonic() < ends, f"waited {SCENE_S} s in vain"
        time.sleep(0.05)


async def until(observations: Observations, change: StrapChange) -> StrapEvent:
    """Pass over what comes before that change."""
    while True:
        entry = (await anext(observations)).entry
        if isinstance(entry, StrapEvent) and entry.change is change:
            return entry


async def connected(observations: Observations) -> StrapEvent:
    """Wait until the strap is connected and its packets would be heard."""
    event = await until(observations, StrapChange.CONNECTED)
    await until(observations, StrapChange.BATTERY)
    await asyncio.to_thread(wait_until, lambda: hardware.strap.heard)
    return event


def start(*arguments: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "biotune", *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def biotune(*arguments: str) -> str:
    """Run a command to its end; what it printed."""
    with start(*arguments) as process:
        said, told = process.communicate(timeout=SCENE_S)
    assert process.returncode == 0, told
    return said


def hold_and_die() -> None:
    """Connect the strap in another program, and kill that."""
    with subprocess.Popen([sys.executable, "-c", HOLDER]) as holder:
        wait_until(lambda: hardware.strap.heard)
        holder.kill()


async def comes_once(observations: Observations, count: int) -> None:
    """Send packets: each comes once and in order, and then there is silence."""
    sending = asyncio.to_thread(hardware.send, *range(count), every_s=0.01)
    _, seen = await asyncio.gather(sending, take(observations, count))
    assert [decode(packet.data).rr_ticks[1] for packet in seen] == list(range(count)), seen
    (after,) = await take(observations, 1)
    assert isinstance(after, StrapEvent), after
    assert after.change is StrapChange.SILENT, after


# ---------------------------------------------------------------- scenes, in this order


async def a_thousand_packets_come_whole_once_and_in_order() -> None:
    observations = source(silence_s=2.0).observe()
    event = await connected(observations)
    assert event.strap == STRAP, event
    await comes_once(observations, 1000)
    await observations.aclose()


async def after_drops_nobody_disconnected_from_each_packet_comes_once() -> None:
    observations = source(silence_s=2.0).observe()
    await connected(observations)
    for _ in range(2):
        hardware.drop()
        await until(observations, StrapChange.LOST)
        await connected(observations)
    await comes_once(observations, 20)
    await observations.aclose()


async def a_client_that_does_not_disconnect_would_get_packets_twice() -> None:
    """The trap that the scene before has shown to be avoided is there."""
    seen: list[bytes] = []
    clients = []
    for _ in range(2):
        lost = asyncio.Event()
        device = await BleakScanner.find_device_by_address(STRAP.address)
        assert device
        client = BleakClient(device, lambda _, lost=lost: lost.set())
        clients.append(client)
        await client.connect()
        await client.start_notify(HEART_RATE_MEASUREMENT, lambda _, data: seen.append(bytes(data)))
        if len(clients) == 1:
            hardware.drop()
            await lost.wait()
    hardware.send(1)
    await asyncio.sleep(1)
    for client in clients:
        await client.disconnect()
    assert seen == [numbered(1)] * 2, seen


async def silence_without_a_disconnection_is_noticed_and_mended() -> None:
    observations = source(silence_s=1.0).observe()
    await connected(observations)
    await until(observations, StrapChange.SILENT)
    await connected(observations)
    await comes_once(observations, 5)
    await observations.aclose()


async def bluetoothd_killed_and_restarted_is_survived() -> None:
    observations = source(silence_s=2.0, answer_s=2.0).observe()
    await connected(observations)
    daemon.kill()
    await until(observations, StrapChange.SILENT)  # Bleak says nothing and believes to be connected
    waiting = await until(observations, StrapChange.WAITING)
    assert "service is not running" in waiting.detail, waiting
    daemon.start()
    await connected(observations)
    await comes_once(observations, 5)
    await observations.aclose()


async def an_adapter_switched_off_and_on_is_waited_out() -> None:
    observations = source(silence_s=2.0).observe()
    await connected(observations)
    await asyncio.to_thread(daemon.switch, on=False)
    waiting = await until(observations, StrapChange.WAITING)
    assert waiting.detail == "Bluetooth is switched off", waiting
    await asyncio.to_thread(daemon.switch, on=True)
    await connected(observations)
    await comes_once(observations, 5)
    await observations.aclose()


async def a_device_that_bluez_forgot_is_scanned_for_again() -> None:
    observations = source(silence_s=2.0).observe()
    await connected(observations)
    await asyncio.to_thread(daemon.forget, STRAP.address)
    await until(observations, StrapChange.LOST)
    await connected(observations)
    await comes_once(observations, 5)
    await observations.aclose()


async def a_strap_held_for_a_killed_program_is_found_again() -> None:
    await asyncio.to_thread(hold_and_die)
    assert await scan(3.0) == ()  # the trap: BlueZ keeps the link, so the strap does not advertise
    observations = source(silence_s=2.0).observe()
    await connected(observations)
    await comes_once(observations, 5)
    await observations.aclose()


async def a_person_scans_and_records_as_the_page_says() -> None:
    """docs/connect-your-strap.md, its commands."""
    told = await asyncio.to_thread(biotune, "scan", "--seconds", "3")
    assert STRAP.name in told, told
    with start("record", "--strap", STRAP.name, "--protocol", "quick-check", "--client", "K7") as recorder:
        await asyncio.to_thread(wait_until, lambda: hardware.strap.heard)
        await asyncio.to_thread(hardware.send, *range(10), every_s=0.1)
        recorder.send_signal(signal.SIGINT)
        said, told = await asyncio.to_thread(recorder.communicate)
    assert (recorder.returncode, said) == (0, "session S1\n"), told
    assert "strap connected: Strap 0001" in told, told
    assert "session S1 is finished: stopped" in told, told


async def a_strap_taken_off_for_good_is_not_found_and_said_to_be_so() -> None:
    hardware.run(hardware.strap.off())
    (told,) = await asyncio.gather(anext(source(search_s=4.0).observe()), return_exceptions=True)
    assert isinstance(told, StrapNotFound), told


SCENES: tuple[Callable[[], Awaitable[None]], ...] = (
    a_thousand_packets_come_whole_once_and_in_order,
    after_drops_nobody_disconnected_from_each_packet_comes_once,
    a_client_that_does_not_disconnect_would_get_packets_twice,
    silence_without_a_disconnection_is_noticed_and_mended,
    bluetoothd_killed_and_restarted_is_survived,
    an_adapter_switched_off_and_on_is_waited_out,
    a_device_that_bluez_forgot_is_scanned_for_again,
    a_strap_held_for_a_killed_program_is_found_again,
    a_person_scans_and_records_as_the_page_says,
    a_strap_taken_off_for_good_is_not_found_and_said_to_be_so,
)


async def the_adapter_is_ready() -> None:
    """Bluetoothd switches it on by itself."""
    await asyncio.to_thread(wait_until, daemon.has_adapter_on)


async def played(scene: Callable[[], Awaitable[None]]) -> dict[str, object]:
    began, trouble = time.monotonic(), ""
    try:
        async with asyncio.timeout(SCENE_S):
            await scene()
    except Exception:  # noqa: BLE001 - the report tells it
        trouble = traceback.format_exc()
    return {"scene": scene.__name__, "seconds": round(time.monotonic() - began, 1), "trouble": trouble}


def main() -> None:
    hardware.run(hardware.plug_in())
    daemon.start()
    with Path(sys.argv[1]).open("w", encoding="utf-8") as report:
        for scene in (the_adapter_is_ready, *SCENES):
            report.write(json.dumps(asyncio.run(played(scene))) + "\n")
            report.flush()


if __name__ == "__main__":
    main()
