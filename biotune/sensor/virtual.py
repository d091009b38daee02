"""A strap made of software, and the air between it and Bleak: for trying things, and for tests.

Bumble (extra ``sim``) plays a strap that is a real GATT server on a virtual Bluetooth controller,
and Bleak talks to it through the public ``backend=`` argument. All of it lives in one event loop:

>>> import asyncio
>>> from biotune.sensor.discovery import scan
>>> async def who_is_there():
...     async with VirtualAir() as air, VirtualStrap(air.link):
...         return await scan(0.5, radio=air.radio)
>>> asyncio.run(who_is_there())[0].name
'Virtual strap'
"""

import asyncio
from types import TracebackType
from typing import Self

from biotune.domain import StrapIdentity
from biotune.errors import BiotuneError
from biotune.wire import heart_rate

try:
    from bumble import core, hci
    from bumble.controller import Controller
    from bumble.device import Device
    from bumble.gatt import Characteristic, Service
    from bumble.link import LocalLink

    from biotune.sensor.virtual_adapter import VirtualAir
    from biotune.sensor.virtual_polar import VirtualPolar
except ImportError as error:
    raise BiotuneError(
        "The virtual strap needs Bumble", why=str(error), hint="Install it: pip install 'biotune[sim]'"
    ) from error

__all__ = ["VIRTUAL_STRAP", "VirtualAir", "VirtualPolar", "VirtualStrap"]

VIRTUAL_STRAP = StrapIdentity(
    name="Virtual strap",
    address="C0:FF:EE:00:00:01",
    manufacturer="biotune",
    model="Virtual",
    serial="0001",
    firmware="1.0",
    body_location="chest",
)
ADVERTISED_EVERY_MS = 100
LONGEST_NAME = 22  # bytes; with flags and one service, an advertisement of 31 is full

_AD = core.AdvertisingData
_Property = Characteristic.Properties


class VirtualStrap:
    """A chest strap without a chest.

    Parameters
    ----------
    link : bumble.link.LocalLink
        The air it is in; ``VirtualAir().link``.
    identity : StrapIdentity
        What it tells of itself. An empty field is a characteristic that it does not have. The
        name has at most 22 bytes.
    battery_pct : int or None
        None for a strap without battery service.
    polar : VirtualPolar, optional
        Polar's ECG and accelerometer, for a strap that has them.
    """

    def __init__(
        self,
        link: LocalLink,
        identity: StrapIdentity = VIRTUAL_STRAP,
        *,
        battery_pct: int | None = 87,
        polar: VirtualPolar | None = None,
    ) -> None:
        if len(identity.name.encode()) > LONGEST_NAME:
            raise BiotuneError(f"“{identity.name}” is too long to advertise", why=f"{LONGEST_NAME} bytes fit.")
        self.identity = identity
        self._link = link
        self._in_range = False
        self._controller = Controller("strap", link=link)
        address = hci.Address(identity.address)
        self._device = Device.with_hci(identity.name, address, self._controller, self._controller)
        self._measurement = Characteristic(
            heart_rate.HEART_RATE_MEASUREMENT, _Property.NOTIFY, Characteristic.Permissions(0), b""
        )
        self._device.add_services(self._services(battery_pct))
        if polar:
            self._device.add_service(polar.join(self._device))
        self._device.advertising_data = bytes(
            _AD(
                [
                    (_AD.FLAGS, bytes([_AD.Flags.LE_GENERAL_DISCOVERABLE_MODE | _AD.Flags.BR_EDR_NOT_SUPPORTED])),
                    (_AD.COMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS, bytes(core.UUID.from_16_bits(0x180D))),
                    (_AD.COMPLETE_LOCAL_NAME, identity.name.encode()),
                ]
            )
        )

    def _services(self, battery_pct: int | None) -> list[Service]:
        who = self.identity
        location = heart_rate.BODY_LOCATIONS.index(who.body_location) if who.body_location else None
        readable = {
            heart_rate.HEART_RATE_SERVICE: {heart_rate.BODY_SENSOR_LOCATION: _byte(location)},
            heart_rate.BATTERY_SERVICE: {heart_rate.BATTERY_LEVEL: _byte(battery_pct)},
            heart_rate.DEVICE_INFORMATION_SERVICE: {
                heart_rate.MANUFACTURER_NAME: who.manufacturer.encode(),
                heart_rate.MODEL_NUMBER: who.model.encode(),
                heart_rate.SERIAL_NUMBER: who.serial.encode(),
                heart_rate.FIRMWARE_REVISION: who.firmware.encode(),
            },
        }
        services = []
        for service, values in readable.items():
            characteristics = [
                Characteristic(uuid, _Property.READ, Characteristic.READABLE, value)
                for uuid, value in values.items()
                if value
            ]
            if service == heart_rate.HEART_RATE_SERVICE:
                characteristics.insert(0, self._measurement)
            if characteristics:
                services.append(Service(service, characteristics))
        return services

    async def __aenter__(self) -> Self:
        """Switch the strap on: it advertises until it is connected to."""
        await self._device.power_on()
        await self.appear()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Switch it off."""
        await self.off()

    async def off(self) -> None:
        """Switch the strap off as if taken off: its link is lost and it advertises no more."""
        await self.vanish()
        await self._device.power_off()
        self._link.controllers.discard(self._controller)

    async def appear(self) -> None:
        """Come into range: advertise until connected to, and again after every link."""
        if not self._in_range:
            self._in_range = True
            await self._device.start_advertising(
                auto_restart=True,
                advertising_interval_min=ADVERTISED_EVERY_MS,
                advertising_interval_max=ADVERTISED_EVERY_MS,
            )

    async def vanish(self) -> None:
        """Go out of range: the link is lost, and no scan hears the strap until it appears again."""
        if self._in_range:
            self._in_range = False
            self.drop()
            # Bumble begins again by itself after every link, and can be stopped once it has begun
            while not self._device.is_advertising:  # noqa: ASYNC110 - Bumble has no event for it
                await asyncio.sleep(0)
            await self._device.stop_advertising()

    @property
    def heard(self) -> bool:
        """Whether anybody is subscribed to its heart rate."""
        return any(
            configuration.get(self._measurement.handle, b"\0\0") != b"\0\0"
            for configuration in self._device.gatt_server.subscribers.values()
        )

    async def send(self, packet: bytes) -> None:
        """Notify whoever is subscribed; see `biotune.wire.heart_rate.encode`."""
        await self._device.notify_subscribers(self._measurement, packet)

    def drop(self, reason: int = hci.HCI_CONNECTION_TIMEOUT_ERROR) -> None:
        """Lose the link as if out of range: both ends learn of it at once, and the strap advertises again."""
        for connection in list(self._controller.le_connections.values()):
            for controller in self._link.controllers:
                for other in list(controller.le_connections.values()):
                    if other.peer_address == connection.self_address:
                        controller.on_le_disconnected(other, reason)
            self._controller.on_le_disconnected(connection, reason)


def _byte(value: int | None) -> bytes:
    return b"" if value is None else bytes([value])
