"""The strap where no machine here has the part: other systems' errors, and a radio without one."""

import asyncio
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import pytest
from bleak.backends.device import BLEDevice
from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakBluetoothNotAvailableReason,
    BleakDBusError,
    BleakError,
)

from biotune.domain import StrapChange
from biotune.errors import BluetoothUnavailable, StrapNotFound, UsageError
from biotune.sensor.availability import Obstacle, obstacle, unavailable
from biotune.sensor.discovery import FoundStrap, Radio, _sightings, _the_one
from biotune.sensor.strap import _refused

Why = BleakBluetoothNotAvailableReason

# Bleak 3.1's reasons (bleak/exc.py), and the D-Bus errors that BlueZ, the bus and systemd answer with
MEANINGS = [
    (BleakBluetoothNotAvailableError("", Why.NO_BLUETOOTH), Obstacle.NO_ADAPTER),
    (BleakBluetoothNotAvailableError("", Why.NO_BLE_CENTRAL_ROLE), Obstacle.NO_LOW_ENERGY),
    (BleakBluetoothNotAvailableError("", Why.POWERED_OFF), Obstacle.OFF),
    (BleakBluetoothNotAvailableError("", Why.DENIED_BY_USER), Obstacle.DENIED),
    (BleakBluetoothNotAvailableError("", Why.DENIED_BY_SYSTEM), Obstacle.DENIED),
    (BleakBluetoothNotAvailableError("", Why.UNKNOWN), Obstacle.UNKNOWN),
    (BleakDBusError("org.bluez.Error.NotReady", ["Resource Not Ready"]), Obstacle.OFF),
    (BleakDBusError("org.freedesktop.DBus.Error.ServiceUnknown", []), Obstacle.NO_SERVICE),
    (BleakDBusError("org.freedesktop.DBus.Error.Spawn.ExecFailed", []), Obstacle.NO_SERVICE),
    (BleakDBusError("org.freedesktop.systemd1.NoSuchUnit", []), Obstacle.NO_SERVICE),
    (BleakDBusError("org.freedesktop.DBus.Error.AccessDenied", []), Obstacle.DENIED),
    (BleakDBusError("org.bluez.Error.Failed", []), Obstacle.UNKNOWN),
    (FileNotFoundError("/run/dbus/system_bus_socket"), Obstacle.NO_BUS),
    (ConnectionRefusedError(), Obstacle.NO_BUS),
    (EOFError(), Obstacle.NO_BUS),
    (PermissionError(), Obstacle.DENIED),
    (TimeoutError(), Obstacle.UNKNOWN),
    (BleakError("Failed to start scanner. Is Bluetooth turned on?"), Obstacle.UNKNOWN),
]


@pytest.mark.parametrize(("error", "meaning"), MEANINGS, ids=lambda each: repr(each)[:50])
def test_each_systems_error_has_its_meaning(error: Exception, meaning: Obstacle) -> None:
    """Not seen on macOS and Windows: the reasons are those that Bleak's source gives there."""
    assert obstacle(error) is meaning


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32", "freebsd"])
@pytest.mark.parametrize("error", [error for error, _ in MEANINGS], ids=lambda each: repr(each)[:50])
def test_a_person_is_told_what_why_and_what_next_on_any_system(error: Exception, platform: str) -> None:
    """Not seen on macOS and Windows."""
    told = unavailable(error, platform=platform)
    assert isinstance(told, BluetoothUnavailable)
    assert all((told.what, told.why, told.hint))
    assert len(str(told).splitlines()) == 3


def test_a_missing_bus_is_told_without_the_systems_number() -> None:
    told = unavailable(FileNotFoundError(2, "No such file or directory"), platform="linux")
    assert (told.what, told.why) == (Obstacle.NO_BUS.value, "No such bus runs on this machine.")
    denied = unavailable(PermissionError(13, "Permission denied"), platform="linux")
    assert denied.why == "The system says: Permission denied"


@pytest.mark.parametrize(
    ("platform", "where"),
    [("linux", "rfkill"), ("darwin", "System Settings > Bluetooth"), ("win32", "Settings > Bluetooth & devices")],
)
def test_switched_off_is_remedied_where_that_system_has_its_switch(platform: str, where: str) -> None:
    """Not seen on macOS and Windows."""
    error = BleakBluetoothNotAvailableError("", Why.POWERED_OFF)
    assert where in unavailable(error, platform=platform).hint


def heard(*names: str) -> dict:
    return {str(number): (None, FoundStrap(name, str(number), -50)) for number, name in enumerate(names)}


def test_a_whole_name_goes_before_a_part_of_one() -> None:
    assert _the_one("hrm 1", 5, heard("HRM 12", "HRM 1", "HRM 13"))[1].name == "HRM 1"
    assert _the_one("13", 5, heard("HRM 13"))[1].name == "HRM 13"


def test_a_name_that_two_straps_share_is_not_guessed_at() -> None:
    with pytest.raises(UsageError, match="More than one") as error:
        _the_one("HRM", 5, heard("HRM", "HRM"))
    assert error.value.exit_code == 2


def test_nobody_heard_is_not_found() -> None:
    with pytest.raises(StrapNotFound, match="HRM"):
        _the_one("HRM", 5, {})


def test_on_a_mac_a_strap_is_known_by_the_uuid_that_stands_for_its_address(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not seen on a Mac: Core Bluetooth's way with addresses, played over the virtual one."""
    pytest.importorskip("bumble")
    from biotune.sensor.strap import Patience, StrapSource
    from biotune.sensor.virtual import VIRTUAL_STRAP, VirtualAir, VirtualStrap
    from biotune.sensor.virtual_adapter import VirtualClient, VirtualScanner

    uuid = "8F1C4B7E-0000-4D41-9C5A-1B2C3D4E5F60"

    class MacScanner(VirtualScanner):
        def create_or_update_device(self, key: str, _address: str, *rest: Any) -> BLEDevice:
            return super().create_or_update_device(key, uuid, *rest)

    class MacClient(VirtualClient):
        def __init__(self, device: BLEDevice, **kwargs: Any) -> None:
            super().__init__(device, **kwargs)
            assert device.address == uuid
            self.address = VIRTUAL_STRAP.address

    async def scene() -> None:
        async with VirtualAir() as air, VirtualStrap(air.link) as strap:
            radio = Radio({"backend": MacScanner, "air": air}, {"backend": MacClient, "air": air})
            observations = StrapSource("virtual strap", radio=radio, patience=Patience(pause_s=0.1)).observe()
            first = await anext(observations)
            assert (first.entry.strap.name, first.entry.strap.address) == ("Virtual strap", uuid)
            strap.drop()
            while (await anext(observations)).entry.change is not StrapChange.CONNECTED:
                pass
            await observations.aclose()

    monkeypatch.setattr("sys.platform", "darwin")
    asyncio.run(asyncio.wait_for(scene(), 20))


def test_a_strap_that_refuses_is_told_without_the_systems_number() -> None:
    refused = _refused(FoundStrap("Polar H10", "AA:BB", -60), ConnectionRefusedError(111, "Connection refused"))
    assert refused.why == "The system says: Connection refused"


def test_whatever_a_strap_calls_itself_is_one_line_of_plain_text() -> None:
    class Near:
        async def advertisement_data(self) -> AsyncIterator[tuple[BLEDevice, Any]]:
            yield BLEDevice("AA:BB", None, None), SimpleNamespace(local_name="Polar\x1b[2J\nS9  H10\0", rssi=-60)

    async def heard() -> list[str]:
        return [strap.name async for _, strap in _sightings(Near())]  # type: ignore[arg-type]

    assert asyncio.run(heard()) == ["Polar [2J S9 H10"]
