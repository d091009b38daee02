"""What only BlueZ does: Bleak's own code for it runs unmodified, faults are injected on the bus."""

import asyncio
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from bleak import BleakClient, BleakScanner
from scenes import STRAP, connected, numbered, numbers, play, source, take

from biotune.domain import StrapChange, StrapEvent
from biotune.errors import BluetoothUnavailable, StrapNotFound, StrapRefused
from biotune.sensor.discovery import scan
from biotune.wire.heart_rate import HEART_RATE_MEASUREMENT

if TYPE_CHECKING:
    from lab import BluezLab

pytestmark = pytest.mark.dbus

OBSERVE = """
import asyncio, sys
from biotune.sensor.strap import StrapSource
async def main():
    async for each in StrapSource(sys.argv[1]).observe():
        print(each.entry, flush=True)
asyncio.run(main())
"""


def test_a_strap_held_for_a_killed_program_is_found_again(bluez: "BluezLab") -> None:
    bluez.beat_on()
    arguments = [sys.executable, "-c", OBSERVE, STRAP.address]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout
        while "PacketReceived" not in program.stdout.readline():
            pass
        program.kill()
    assert bluez.bluez.connected  # the trap: BlueZ keeps the link, so the strap does not advertise

    async def scene() -> None:
        assert await scan(0.5) == ()
        observations = source().observe()
        await connected(observations)
        first = (await numbers(observations, 1))[0]
        assert await numbers(observations, 5) == list(range(first + 1, first + 6))
        await observations.aclose()

    play(scene)


def test_a_client_that_does_not_disconnect_after_a_drop_would_get_packets_twice(bluez: "BluezLab") -> None:
    """The trap that `StrapSource` avoids is there: without it the tests of drops would prove nothing."""

    async def scene() -> None:
        seen: list[bytes] = []
        clients = []
        for _ in range(2):
            lost = asyncio.Event()
            device = await BleakScanner.find_device_by_address(STRAP.address, timeout=5)
            client = BleakClient(device, lambda _, lost=lost: lost.set())
            clients.append(client)
            await client.connect()
            await client.start_notify(HEART_RATE_MEASUREMENT, lambda _, data: seen.append(bytes(data)))
            if len(clients) == 1:
                bluez.drop()
                await lost.wait()
        bluez.send(numbered(1))
        await asyncio.sleep(0.2)
        for client in clients:
            await client.disconnect()
        assert seen == [numbered(1)] * 2

    play(scene)


def test_a_scan_in_progress_elsewhere_is_waited_out(bluez: "BluezLab") -> None:
    from org_bluez import IN_PROGRESS, Refusal

    bluez.bluez.faults["StartDiscovery"].extend([Refusal(IN_PROGRESS), Refusal(IN_PROGRESS)])

    async def scene() -> None:
        assert [strap.address for strap in await scan(0.5)] == [STRAP.address]

    play(scene)
    assert bluez.bluez.calls["StartDiscovery"] == 3


def test_a_connection_refused_at_first_is_tried_again(bluez: "BluezLab") -> None:
    from org_bluez import IN_PROGRESS, Refusal

    bluez.bluez.faults["Connect"].extend([Refusal(IN_PROGRESS), Refusal("org.bluez.Error.Failed", "Software caused")])

    async def scene() -> None:
        observations = source().observe()
        await connected(observations)
        await observations.aclose()

    play(scene)


def test_reads_that_are_refused_or_hang_do_not_hold_up_the_packets(bluez: "BluezLab") -> None:
    from org_bluez import Refusal

    bluez.bluez.faults["ReadValue"].extend([Refusal("org.bluez.Error.NotPermitted"), 60.0])

    async def scene() -> None:
        observations = source(answer_s=0.5).observe()
        first = await anext(observations)
        assert first.entry.change is StrapChange.CONNECTED
        assert first.entry.strap.address == STRAP.address
        assert first.entry.strap.body_location == ""
        await anext(observations)
        bluez.send(numbered(4))
        assert await numbers(observations, 1) == [4]
        await observations.aclose()

    play(scene)


def test_a_strap_that_will_not_be_subscribed_to_is_refused_with_advice(bluez: "BluezLab") -> None:
    from org_bluez import Refusal

    bluez.bluez.faults["StartNotify"].extend([Refusal("org.bluez.Error.NotPermitted", "Notify acquired")] * 50)

    async def scene() -> None:
        with pytest.raises(StrapRefused, match="would not be connected") as error:
            await anext(source(search_s=1.0).observe())
        assert "Notify acquired" in error.value.why
        assert "Close other apps" in error.value.hint

    play(scene)
    assert not bluez.bluez.connected  # and let go of


def test_a_bluetooth_service_that_crashes_and_returns_is_survived(bluez: "BluezLab") -> None:
    async def scene() -> None:
        observations = source(silence_s=0.5, answer_s=1.0).observe()
        await connected(observations)
        bluez.daemon_dies()  # no callback, and Bleak still believes to be connected
        silent, waiting = await take(observations, 2)
        assert silent.change is StrapChange.SILENT
        assert waiting == StrapEvent(StrapChange.WAITING, "The Bluetooth service is not running")
        bluez.daemon_returns()
        await connected(observations)
        bluez.send(numbered(9))
        assert await numbers(observations, 1) == [9]
        await observations.aclose()

    play(scene)


def test_a_disconnection_that_hangs_is_not_waited_for(bluez: "BluezLab") -> None:
    async def scene() -> None:
        observations = source(answer_s=0.5).observe()
        await connected(observations)
        bluez.bluez.faults["Disconnect"].append(20.0)
        began = time.monotonic()
        await observations.aclose()
        assert time.monotonic() - began < 2

    play(scene)


def test_a_link_that_would_not_end_is_ended_before_the_next_search(bluez: "BluezLab") -> None:
    from org_bluez import Refusal

    async def scene() -> None:
        observations = source(silence_s=0.5).observe()
        await connected(observations)
        bluez.bluez.faults["Disconnect"].append(Refusal("org.bluez.Error.Failed", "not now"))
        (silent,) = await take(observations, 1)
        assert silent.change is StrapChange.SILENT
        await connected(observations)
        bluez.send(numbered(2))
        assert await numbers(observations, 1) == [2]
        await observations.aclose()

    play(scene)


def test_a_strap_that_another_program_took_is_not_fought_over(bluez: "BluezLab") -> None:
    async def scene() -> None:
        first = source(scan_s=0.3).observe()
        await connected(first)
        second = source().observe()
        await connected(second)
        lost, waiting = await take(first, 2)
        assert lost.change is StrapChange.LOST
        assert waiting == StrapEvent(StrapChange.WAITING, "Virtual strap does not answer")
        looking = asyncio.create_task(take(first, 100))  # the first goes on looking for it
        bluez.beat_on()
        assert len(await numbers(second, 30)) == 30
        assert not looking.done()
        looking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await looking
        await second.aclose()

    play(scene)


@pytest.mark.parametrize(
    ("trouble", "what", "remedy"),
    [
        ("off", "switched off", "bluetoothctl power on"),
        ("unplugged", "no Bluetooth adapter", "Plug in"),
        ("no daemon", "service is not running", "systemctl start bluetooth"),
        ("no bus", "message bus", "dbus"),
        ("not allowed", "may not use Bluetooth", "usermod -aG bluetooth"),
        ("hung", "does not work", "off and on"),
    ],
)
def test_bluetooth_that_cannot_be_had_is_said_with_its_remedy(
    bluez: "BluezLab", monkeypatch: pytest.MonkeyPatch, trouble: str, what: str, remedy: str
) -> None:
    from org_bluez import Refusal

    match trouble:
        case "off":
            bluez.switch(on=False)
        case "unplugged":
            bluez.run(bluez.bluez.unplug())
        case "no daemon":
            bluez.daemon_dies()
        case "no bus":
            monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent/bus")
        case "not allowed":
            refusal = Refusal("org.freedesktop.DBus.Error.AccessDenied", "Rejected send message")
            bluez.bluez.faults["GetManagedObjects"].extend([refusal] * 2)
        case "hung":
            monkeypatch.setattr("biotune.sensor.discovery.ANSWER_S", 0.3)
            bluez.bluez.faults["GetManagedObjects"].extend([5.0] * 2)

    async def scene() -> None:
        for attempt in (scan(0.3), anext(source().observe())):
            with pytest.raises(BluetoothUnavailable, match=what) as error:
                await attempt
            assert remedy in error.value.hint

    play(scene)


def test_without_any_trouble_an_absent_strap_is_not_blamed_on_bluetooth(bluez: "BluezLab") -> None:
    bluez.strap_off()

    async def scene() -> None:
        with pytest.raises(StrapNotFound):
            await anext(source(search_s=0.5).observe())

    play(scene)
