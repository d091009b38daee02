"""Which straps are near.

A strap is known by the Heart Rate Service it advertises, never by its maker's name, and a
device that a scan found is used at once and never kept: systems forget them.
"""

import asyncio
import contextlib
import logging
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from bleak import BleakAdapter, BleakClient, BleakScanner
from bleak.backends.device import BLEDevice
from bleak.exc import BleakDBusError, BleakError

from biotune.domain.plain_text import plain
from biotune.errors import StrapNotFound, UsageError
from biotune.sensor.availability import unavailable
from biotune.wire.heart_rate import HEART_RATE_SERVICE

logger = logging.getLogger(__name__)

BLEAK_TROUBLE = (BleakError, TimeoutError, OSError, EOFError)  # EOFError: the message bus went away

ANSWER_S = 5.0  # a system that has not started or stopped a scan by then will not
IN_PROGRESS = "org.bluez.Error.InProgress"
IN_PROGRESS_PAUSE_S = 0.2
SETTLE_S = 1.5  # how long to listen for a second strap of that name; straps advertise every 0.1 to 1 s


@dataclass(frozen=True, slots=True)
class Radio:
    """The Bluetooth to use: this machine's, or another behind Bleak's ``backend=``.

    Attributes
    ----------
    scanner, client : Mapping
        Further keyword arguments for ``BleakScanner`` and ``BleakClient``.
    """

    scanner: Mapping[str, Any] = field(default_factory=dict)
    client: Mapping[str, Any] = field(default_factory=dict)


THIS_MACHINE = Radio()


@dataclass(frozen=True, slots=True)
class FoundStrap:
    """A strap that a scan heard.

    Attributes
    ----------
    name : str
        As it advertises; empty where it gives none.
    address : str
        A Bluetooth address; on macOS a UUID that only this machine knows it by.
    rssi : int
        Signal strength in dBm: -40 is beside you, -90 is barely there.
    """

    name: str
    address: str
    rssi: int


async def scan(
    seconds: float, *, on_found: Callable[[FoundStrap], None] | None = None, radio: Radio = THIS_MACHINE
) -> tuple[FoundStrap, ...]:
    """Listen for straps.

    Parameters
    ----------
    seconds : float
        How long.
    on_found : callable, optional
        Called with each strap when it is first heard.
    radio : Radio

    Returns
    -------
    tuple of FoundStrap
        The strongest first, each as it was heard last.

    Raises
    ------
    BluetoothUnavailable
        Where this machine cannot scan.
    """
    found: dict[str, FoundStrap] = {}
    async with _scanning(radio) as scanner:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds), aclosing(_sightings(scanner)) as sightings:
                async for _, strap in sightings:
                    if strap.address not in found and on_found is not None:
                        on_found(strap)
                    found[strap.address] = strap
    return tuple(sorted(found.values(), key=lambda strap: -strap.rssi))


async def find(wanted: str, seconds: float, *, radio: Radio = THIS_MACHINE) -> tuple[BLEDevice, FoundStrap]:
    """Find the strap that `wanted` means: its address, its name, or a part of its name.

    An address is taken when it is first heard. A name is taken once no second strap of that name
    was heard for `SETTLE_S`; a whole name goes before a part of one.

    Raises
    ------
    StrapNotFound
        Where none answers within `seconds`.
    UsageError
        Where the name is that of more than one strap.
    BluetoothUnavailable
        Where this machine cannot scan.
    """
    matches: dict[str, tuple[BLEDevice, FoundStrap]] = {}
    async with _scanning(radio) as scanner:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds) as limit, aclosing(_sightings(scanner)) as sightings:
                async for device, strap in sightings:
                    if _same(strap.address, wanted):
                        return device, strap
                    if wanted.casefold() in strap.name.casefold():
                        if not matches:
                            limit.reschedule(asyncio.get_running_loop().time() + SETTLE_S)
                        matches[strap.address] = device, strap
    return _the_one(wanted, seconds, matches)


def _the_one(
    wanted: str, seconds: float, matches: Mapping[str, tuple[BLEDevice, FoundStrap]]
) -> tuple[BLEDevice, FoundStrap]:
    whole = [match for match in matches.values() if _same(match[1].name, wanted)]
    candidates = whole or list(matches.values())
    if not candidates:
        raise StrapNotFound(
            f"No strap answers to “{wanted}”",
            why=f"Nothing of that name or address was heard for {seconds:.0f} s.",
            hint="Is it worn, its electrodes moist? Close other apps that use it, on this machine, a phone or a watch "
            "(a Polar strap needs its second connection enabled in Polar's app). `biotune scan` lists what is near.",
        )
    if len(candidates) > 1:
        listed = ", ".join(f"{strap.name} ({strap.address})" for _, strap in candidates)
        raise UsageError(f"More than one strap answers to “{wanted}”", why=listed, hint="Give the address of one.")
    return candidates[0]


async def release(wanted: str, *, radio: Radio = THIS_MACHINE) -> None:
    """Let go of a strap that Linux still holds for a program that is gone.

    BlueZ keeps the connection of a killed program; the strap then does not advertise and no scan
    finds it (bluez/bluez issue 89). Other systems disconnect by themselves.

    Raises
    ------
    BluetoothUnavailable
        Where Bluetooth cannot be had at all.
    """
    if radio.scanner or sys.platform != "linux":
        return
    try:
        async with asyncio.timeout(ANSWER_S):
            adapter = await BleakAdapter.get()
            held = await adapter.get_connected_devices([HEART_RATE_SERVICE])
    except BLEAK_TROUBLE as error:
        raise unavailable(error) from error
    for device in held:
        if _same(device.address, wanted) or wanted.casefold() in (device.name or "").casefold():
            logger.info("letting go of %s, which an earlier program left connected", device.name or device.address)
            client = BleakClient(device, timeout=ANSWER_S, **radio.client)
            with contextlib.suppress(*BLEAK_TROUBLE):
                await client.connect()  # Bleak takes over the link that stands, and so may end it
            await let_go(client)


async def let_go(client: BleakClient, *, seconds: float = ANSWER_S) -> bool:
    """Disconnect, also where the link is already lost: without it BlueZ repeats every later packet.

    Returns
    -------
    bool
        Whether that went well. Where the system's daemon died or hangs, it does not, and the
        link may stand.
    """
    try:
        async with asyncio.timeout(seconds):
            await client.disconnect()
    except BLEAK_TROUBLE as error:
        logger.info("disconnecting from %s: %r", client.address, error)
        return False
    return True


@asynccontextmanager
async def _scanning(radio: Radio) -> AsyncIterator[BleakScanner]:
    scanner = BleakScanner(service_uuids=[HEART_RATE_SERVICE], **radio.scanner)
    try:
        async with asyncio.timeout(ANSWER_S):
            await _start(scanner)
    except BLEAK_TROUBLE as error:
        raise unavailable(error) from error
    try:
        yield scanner
    finally:
        with contextlib.suppress(*BLEAK_TROUBLE):
            async with asyncio.timeout(ANSWER_S):
                await scanner.stop()


async def _start(scanner: BleakScanner) -> None:
    while True:
        try:
            return await scanner.start()
        except BleakDBusError as error:
            if error.dbus_error != IN_PROGRESS:
                raise
        await asyncio.sleep(IN_PROGRESS_PAUSE_S)  # another scan, or one that has not quite ended


async def _sightings(scanner: BleakScanner) -> AsyncGenerator[tuple[BLEDevice, FoundStrap], None]:
    async for device, advertisement in scanner.advertisement_data():
        name = plain(advertisement.local_name or device.name or "")  # whoever is near may call a strap anything
        yield device, FoundStrap(name, device.address, advertisement.rssi)


def _same(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()
