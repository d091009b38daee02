"""Bleak's scanner and client over Bumble's virtual controllers; `biotune.sensor.virtual` is the way in."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from types import TracebackType
from typing import Any, Self

from bleak.args import SizedBuffer
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient, NotifyCallback
from bleak.backends.descriptor import BleakGATTDescriptor
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData, AdvertisementDataCallback, BaseBleakScanner
from bleak.backends.service import BleakGATTService, BleakGATTServiceCollection
from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakBluetoothNotAvailableReason,
    BleakError,
    BleakGATTProtocolError,
)
from bleak.uuids import normalize_uuid_str
from bumble import att, core, hci
from bumble.controller import Controller
from bumble.device import Advertisement, Connection, Device, Peer
from bumble.gatt import Characteristic
from bumble.link import LocalLink

from biotune.sensor.discovery import Radio

ADAPTER_ADDRESS = "F0:F1:F2:F3:F4:F5"
WANTED_MTU = 517  # Bluetooth Core Specification, Vol 3, Part F, 3.2.9: what the longest attribute needs

_AD = core.AdvertisingData


class VirtualAir:
    """What virtual straps and one virtual Bluetooth adapter share.

    Attributes
    ----------
    link : bumble.link.LocalLink
        Where straps are.
    radio : Radio
        What makes Bleak use this adapter.
    """

    def __init__(self) -> None:
        self.link = LocalLink()  # type: ignore[no-untyped-call]  # Bumble's own lack
        self.radio = Radio(
            scanner={"backend": VirtualScanner, "air": self}, client={"backend": VirtualClient, "air": self}
        )
        self._controller = Controller("adapter", link=self.link)
        address = hci.Address(ADAPTER_ADDRESS)
        self.device = Device.with_hci("adapter", address, self._controller, self._controller)
        self._powered = False
        self._listeners = 0

    async def __aenter__(self) -> Self:
        """Switch the adapter on."""
        await self.device.power_on()
        self._powered = True
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Switch it off, for good."""
        await self.switch(on=False)
        await self.device.power_off()

    async def switch(self, *, on: bool) -> None:
        """Switch the adapter on or off as a person does in the settings; off, it loses its connections."""
        self._powered = on
        if not on:
            for connection in list(self.device.connections.values()):
                await connection.disconnect()

    def require_power(self) -> None:
        """Raise what Bleak raises where the adapter is switched off."""
        if not self._powered:
            raise BleakBluetoothNotAvailableError("switched off", BleakBluetoothNotAvailableReason.POWERED_OFF)

    @asynccontextmanager
    async def listening(self, on_advertisement: Callable[[Advertisement], object]) -> AsyncIterator[None]:
        """Call `on_advertisement` with all that is heard."""
        self.require_power()
        self.device.on("advertisement", on_advertisement)
        self._listeners += 1
        try:
            if self._listeners == 1:
                await self.device.start_scanning(filter_duplicates=False)
            yield
        finally:
            self._listeners -= 1
            self.device.remove_listener("advertisement", on_advertisement)
            if not self._listeners:
                await self.device.stop_scanning()

    async def connect(self, address: str, timeout_s: float) -> Connection:
        """Connect to a strap once it advertises: a virtual controller cannot cancel a pending connection."""
        heard: asyncio.Future[hci.Address] = asyncio.get_running_loop().create_future()

        def listen(advertisement: Advertisement) -> None:
            if _address(advertisement.address) == address and not heard.done():
                heard.set_result(advertisement.address)

        async with asyncio.timeout(timeout_s):
            async with self.listening(listen):
                peer = await heard
            return await self.device.connect(peer, timeout=timeout_s)


class VirtualScanner(BaseBleakScanner):
    """Bleak's scanner over a `VirtualAir`."""

    def __init__(
        self,
        detection_callback: AdvertisementDataCallback | None,
        service_uuids: list[str] | None,
        _scanning_mode: str,
        *,
        air: VirtualAir,
        **_: object,
    ) -> None:
        super().__init__(detection_callback, service_uuids)
        self._listening = air.listening(self._on_advertisement)

    async def start(self) -> None:
        """Start to listen."""
        self.seen_devices = {}
        await self._listening.__aenter__()

    async def stop(self) -> None:
        """Stop listening."""
        await self._listening.__aexit__(None, None, None)

    def _on_advertisement(self, heard: Advertisement) -> None:
        services = [
            _uuid(uuid)
            for kind in (
                _AD.INCOMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS,
                _AD.COMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS,
            )
            for uuids in heard.data.get_all(kind)
            for uuid in uuids
        ]
        if not self.is_allowed_uuid(services):
            return
        name = heard.data.get(_AD.COMPLETE_LOCAL_NAME)
        advertisement = AdvertisementData(name, {}, {}, services, None, heard.rssi, (heard,))
        address = _address(heard.address)
        device = self.create_or_update_device(address, address, name, None, advertisement)
        self.call_detection_callbacks(device, advertisement)


class VirtualClient(BaseBleakClient):
    """Bleak's client over a `VirtualAir`."""

    def __init__(self, address_or_ble_device: BLEDevice | str, *, air: VirtualAir, **kwargs: Any) -> None:  # noqa: ANN401 - as Bleak's
        super().__init__(address_or_ble_device, **kwargs)
        self._air = air
        self._connection: Connection | None = None
        self._subscribed: dict[int, Callable[[bytes], None]] = {}

    @property
    def name(self) -> str:
        """The address: a virtual adapter remembers no names."""
        return self.address

    @property
    def mtu_size(self) -> int:
        """The negotiated MTU, in bytes."""
        return self._connection.att_mtu if self._connection else att.ATT_DEFAULT_MTU

    @property
    def is_connected(self) -> bool:
        """Whether the link stands."""
        return self._connection is not None

    async def connect(self, pair: bool, **_: object) -> None:  # noqa: ARG002, FBT001 - Bleak's own signature
        """Connect, and learn what the strap offers."""
        self._connection = connection = await self._air.connect(self.address, self._timeout)
        connection.on("disconnection", self._on_disconnection)
        try:
            with self._linked():
                self.services = await _discover(Peer(connection))
        except BaseException:
            await self.disconnect()
            raise

    async def disconnect(self) -> None:
        """Disconnect; nothing where the link is already lost."""
        if self._connection:
            await self._connection.disconnect()

    def _on_disconnection(self, _reason: int) -> None:
        self._connection, self.services = None, None
        self._subscribed.clear()
        if self._disconnected_callback:
            self._disconnected_callback()

    @contextmanager
    def _linked(self) -> Iterator[None]:
        """Turn what Bumble raises into what Bleak raises."""
        if not self._connection:
            raise BleakError("Not connected")
        try:
            yield
        except att.ATT_Error as error:
            raise BleakGATTProtocolError(error.error_code) from error
        except (asyncio.CancelledError, core.BaseBumbleError) as error:
            task = asyncio.current_task()
            if self._connection or (task and task.cancelling()):
                raise
            raise BleakError("Not connected any more") from error  # Bumble cancels what waits on a lost link

    async def pair(self, *_: object, **__: object) -> None:
        """Refuse: no virtual strap needs it."""
        raise BleakError("a virtual strap is not paired")

    async def unpair(self) -> None:
        """As `pair`."""
        raise BleakError("a virtual strap is not paired")

    async def read_gatt_char(
        self,
        characteristic: BleakGATTCharacteristic,
        *,
        use_cached: bool = False,  # noqa: ARG002 - Bleak's own signature
        **_: object,
    ) -> bytearray:
        """Read a characteristic."""
        with self._linked():
            return bytearray(await characteristic.obj.read_value())

    async def read_gatt_descriptor(
        self,
        descriptor: BleakGATTDescriptor,
        *,
        use_cached: bool = False,  # noqa: ARG002 - Bleak's own signature
        **_: object,
    ) -> bytearray:
        """Read a descriptor."""
        with self._linked():
            return bytearray(await descriptor.obj.read_value())

    async def write_gatt_char(
        self,
        characteristic: BleakGATTCharacteristic,
        data: SizedBuffer,
        response: bool,  # noqa: FBT001 - Bleak's own signature
    ) -> None:
        """Write a characteristic."""
        with self._linked():
            await characteristic.obj.write_value(bytes(data), with_response=response)

    async def write_gatt_descriptor(self, descriptor: BleakGATTDescriptor, data: SizedBuffer) -> None:
        """Write a descriptor."""
        with self._linked():
            await descriptor.obj.write_value(bytes(data), with_response=True)

    async def start_notify(
        self, characteristic: BleakGATTCharacteristic, callback: NotifyCallback, **_: object
    ) -> None:
        """Subscribe."""

        def arrived(value: bytes) -> None:
            callback(bytearray(value))

        with self._linked():
            await characteristic.obj.subscribe(arrived, prefer_notify=True)
        self._subscribed[characteristic.handle] = arrived

    async def stop_notify(self, characteristic: BleakGATTCharacteristic) -> None:
        """Unsubscribe."""
        with self._linked():
            await characteristic.obj.unsubscribe(self._subscribed.pop(characteristic.handle))


async def _discover(peer: Peer) -> BleakGATTServiceCollection:
    await peer.request_mtu(WANTED_MTU)
    await peer.discover_services()
    collection = BleakGATTServiceCollection()
    for found in peer.services:
        service = BleakGATTService(found, found.handle, _uuid(found.uuid))
        collection.add_service(service)
        for each in await found.discover_characteristics():
            await each.discover_descriptors()
            # Bumble's names are Bleak's, but for the dash: WRITE_WITHOUT_RESPONSE
            words: list[Any] = [
                flag.name.lower().replace("_", "-") for flag in Characteristic.Properties(each.properties) if flag.name
            ]
            characteristic = BleakGATTCharacteristic(
                each, each.handle, _uuid(each.uuid), words, lambda: peer.gatt_client.mtu - 3, service
            )
            collection.add_characteristic(characteristic)
            for one in each.descriptors:
                collection.add_descriptor(BleakGATTDescriptor(one, one.handle, _uuid(one.type), characteristic))
    return collection


def _address(address: hci.Address) -> str:
    return address.to_string(with_type_qualifier=False)


def _uuid(uuid: core.UUID) -> str:
    return normalize_uuid_str(uuid.to_hex_str("-"))
