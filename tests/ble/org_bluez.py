"""A small ``org.bluez`` on a private D-Bus, with Bumble behind it.

Bleak's own BlueZ code runs against it unmodified. What a real BlueZ does and what hurts is played
too: a link stays when its program is killed, a characteristic is told once for each program that
subscribed and never unsubscribed, a read looks like a notification, one operation at a time.
"""

import asyncio
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Coroutine
from typing import Any

from bumble import att, core, hci
from bumble.controller import Controller
from bumble.device import Advertisement, Connection, Device, Peer
from bumble.gatt import Characteristic
from bumble.gatt_client import CharacteristicProxy
from bumble.link import LocalLink
from dbus_fast import Message, MessageType, Variant
from dbus_fast.aio import MessageBus

ADAPTER = "/org/bluez/hci0"
ADAPTER1 = "org.bluez.Adapter1"
DEVICE1 = "org.bluez.Device1"
SERVICE1 = "org.bluez.GattService1"
CHARACTERISTIC1 = "org.bluez.GattCharacteristic1"
DESCRIPTOR1 = "org.bluez.GattDescriptor1"
PROPERTIES = "org.freedesktop.DBus.Properties"
OBJECT_MANAGER = "org.freedesktop.DBus.ObjectManager"
STANDARD = ("org.freedesktop.DBus.Peer", "org.freedesktop.DBus.Introspectable")

IN_PROGRESS = "org.bluez.Error.InProgress"
CONNECT_S = 5.0
GENERIC = ("00001800", "00001801")  # BlueZ keeps these two services to itself


class Refusal(Exception):
    """Answer a call with this D-Bus error."""

    def __init__(self, name: str, text: str = "") -> None:
        super().__init__(name, text)
        self.name = name
        self.text = text


def variants(**properties: tuple[str, Any]) -> dict[str, Variant]:
    return {name: Variant(signature, value) for name, (signature, value) in properties.items()}


def full_uuid(uuid: core.UUID) -> str:
    text = uuid.to_hex_str("-").lower()
    return text if len(text) == 36 else f"0000{text[-4:]}-0000-1000-8000-00805f9b34fb"


class OrgBluez:
    """The daemon.

    Attributes
    ----------
    calls : Counter
        How often each method was called.
    faults : dict of deque
        For a method's name: what its next calls meet, each used up once; a `Refusal`, or seconds
        that pass before it is carried out.
    """

    def __init__(self, link: LocalLink) -> None:
        controller = Controller("hci0", link=link)
        self.device = Device.with_hci("hci0", hci.Address("F0:F1:F2:F3:F4:F5"), controller, controller)
        self.calls: Counter[str] = Counter()
        self.faults: defaultdict[str, deque[Refusal | float]] = defaultdict(deque)
        self._bus: MessageBus | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._addresses: dict[str, hci.Address] = {}
        self._forget_all()

    def _forget_all(self) -> None:
        self._objects: dict[str, dict[str, dict[str, Variant]]] = {
            ADAPTER: {
                ADAPTER1: variants(
                    Address=("s", "F0:F1:F2:F3:F4:F5"),
                    Name=("s", "hci0"),
                    Alias=("s", "hci0"),
                    Powered=("b", True),
                    Discovering=("b", False),
                    UUIDs=("as", []),
                    Roles=("as", ["central"]),
                )
            }
        }
        self._connections: dict[str, Connection] = {}
        self._characteristics: dict[str, CharacteristicProxy[bytes]] = {}
        self._subscribed: dict[str, Callable[[bytes], None]] = {}
        self._subscribers: defaultdict[str, list[str]] = defaultdict(list)  # outlives the link, as in BlueZ
        self._scanning: set[str] = set()
        self._busy: set[str] = set()

    # ------------------------------------------------------------ life

    async def power_on(self) -> None:
        """Start the adapter's hardware."""
        await self.device.power_on()
        self.device.on("advertisement", self._heard)

    async def appear(self, address: str) -> None:
        """Start the daemon on the bus at `address`."""
        self._bus = await MessageBus(bus_address=address).connect()
        self._bus.add_message_handler(self._message)
        watch = Message(
            destination="org.freedesktop.DBus",
            path="/org/freedesktop/DBus",
            interface="org.freedesktop.DBus",
            member="AddMatch",
            signature="s",
            body=["type='signal',member='NameOwnerChanged'"],
        )
        await self._bus.call(watch)
        await self._bus.request_name("org.bluez")
        self._signal("/", OBJECT_MANAGER, "InterfacesAdded", "oa{sa{sv}}", [ADAPTER, self._objects[ADAPTER]])

    async def die(self) -> None:
        """The daemon crashes: nobody on the bus is told what became of the connections."""
        assert self._bus
        self._bus.disconnect()
        await self._bus.wait_for_disconnect()
        self._bus = None
        for connection in list(self._connections.values()):
            await connection.disconnect()
        if self._scanning:
            await self.device.stop_scanning()
        self._forget_all()

    async def power(self, *, on: bool) -> None:
        """Somebody switches Bluetooth on or off in the settings."""
        if not on:
            if self._scanning:
                self._scanning.clear()
                await self.device.stop_scanning()
            for connection in list(self._connections.values()):
                await connection.disconnect()
        self._set(ADAPTER, ADAPTER1, **variants(Powered=("b", on), Discovering=("b", False)))

    async def unplug(self) -> None:
        """The adapter is pulled out."""
        for path in [path for path in self._objects if path != ADAPTER]:
            self._remove(path)
        self._remove(ADAPTER)

    def forget_devices(self) -> int:
        """Forget whom nobody is connected to, as happens some time after a scan; return how many."""
        devices = [path for path in self._objects if DEVICE1 in self._objects[path] and path not in self._connections]
        for path in devices:
            self._remove(path)
        return len(devices)

    @property
    def connected(self) -> bool:
        """Whether a strap is connected, by whomever."""
        return bool(self._connections)

    # ------------------------------------------------------------ objects and signals

    def _signal(self, path: str, interface: str, member: str, signature: str, body: list[Any]) -> None:
        if self._bus:
            self._bus.send(Message.new_signal(path, interface, member, signature, body))

    def _set(self, path: str, interface: str, **properties: Variant) -> None:
        self._objects[path][interface].update(properties)
        self._signal(path, PROPERTIES, "PropertiesChanged", "sa{sv}as", [interface, properties, []])

    def _add(self, path: str, interface: str, **properties: tuple[str, Any]) -> None:
        self._objects[path] = {interface: variants(**properties)}
        self._signal("/", OBJECT_MANAGER, "InterfacesAdded", "oa{sa{sv}}", [path, self._objects[path]])

    def _remove(self, path: str) -> None:
        for each in sorted((p for p in self._objects if p == path or p.startswith(f"{path}/")), reverse=True):
            interfaces = list(self._objects.pop(each))
            self._signal("/", OBJECT_MANAGER, "InterfacesRemoved", "oas", [each, interfaces])
            self._characteristics.pop(each, None)
            self._subscribed.pop(each, None)

    def _heard(self, advertisement: Advertisement) -> None:
        if not self._scanning:
            return
        address = advertisement.address.to_string(with_type_qualifier=False)
        path = f"{ADAPTER}/dev_{address.replace(':', '_')}"
        if path in self._objects:
            self._set(path, DEVICE1, RSSI=Variant("n", advertisement.rssi))
            return
        kind = core.AdvertisingData
        name = advertisement.data.get(kind.COMPLETE_LOCAL_NAME) or address.replace(":", "-")
        services = advertisement.data.get_all(kind.COMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS)
        self._addresses[path] = advertisement.address
        self._add(
            path,
            DEVICE1,
            Address=("s", address),
            AddressType=("s", "random"),
            Name=("s", name),
            Alias=("s", name),
            Adapter=("o", ADAPTER),
            UUIDs=("as", [full_uuid(uuid) for uuids in services for uuid in uuids]),
            RSSI=("n", advertisement.rssi),
            Connected=("b", False),
            ServicesResolved=("b", False),
            Paired=("b", False),
            Trusted=("b", False),
            Blocked=("b", False),
            LegacyPairing=("b", False),
        )

    # ------------------------------------------------------------ calls

    def _message(self, message: Message) -> bool | None:
        if message.member == "NameOwnerChanged" and not message.body[2]:
            self._forget_program(message.body[0])
        if message.message_type is not MessageType.METHOD_CALL or message.interface in STANDARD:
            return None
        self._run(self._answer(message))
        return True

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _forget_program(self, sender: str) -> None:
        """A program left the bus: its subscriptions and scans end, but the connections it made stay."""
        for senders in self._subscribers.values():
            while sender in senders:
                senders.remove(sender)
        self._scanning.discard(sender)

    async def _answer(self, message: Message) -> None:
        bus = self._bus
        try:
            reply = await self._carry_out(message)
        except Refusal as refusal:
            reply = Message.new_error(message, refusal.name, refusal.text)
        except att.ATT_Error as error:
            text = f"Operation failed with ATT error: 0x{error.error_code:02x}"
            reply = Message.new_error(message, "org.bluez.Error.Failed", text)
        except (asyncio.CancelledError, core.BaseBumbleError, TimeoutError) as error:  # the link went away
            reply = Message.new_error(message, "org.bluez.Error.Failed", repr(error))
        if bus and bus is self._bus:
            bus.send(reply)

    async def _carry_out(self, message: Message) -> Message:
        self.calls[message.member] += 1
        if self.faults[message.member]:
            fault = self.faults[message.member].popleft()
            if isinstance(fault, Refusal):
                raise fault
            await asyncio.sleep(fault)
        method = getattr(self, f"on_{message.member}", None)
        if method is None or (message.path != "/" and message.path not in self._objects):
            raise Refusal("org.freedesktop.DBus.Error.UnknownObject", f"{message.path} has no {message.member}")
        signature, body = await method(message, *message.body) or ("", [])
        return Message.new_method_return(message, signature, body)

    def _require_power(self) -> None:
        if not self._objects[ADAPTER][ADAPTER1]["Powered"].value:
            raise Refusal("org.bluez.Error.NotReady", "Resource Not Ready")

    async def on_GetManagedObjects(self, _: Message) -> tuple[str, list[Any]]:  # noqa: N802 - BlueZ's name
        return "a{oa{sa{sv}}}", [self._objects]

    async def on_SetDiscoveryFilter(self, _: Message, _filter: object) -> None:  # noqa: N802 - BlueZ's name
        self._require_power()

    async def on_StartDiscovery(self, message: Message) -> None:  # noqa: N802 - BlueZ's name
        self._require_power()
        if message.sender in self._scanning:
            raise Refusal(IN_PROGRESS, "Operation already in progress")
        self._scanning.add(message.sender)
        if not self.device.is_scanning:
            await self.device.start_scanning(filter_duplicates=False)
            self._set(ADAPTER, ADAPTER1, Discovering=Variant("b", True))

    async def on_StopDiscovery(self, message: Message) -> None:  # noqa: N802 - BlueZ's name
        self._require_power()
        if message.sender not in self._scanning:
            raise Refusal("org.bluez.Error.Failed", "No discovery started")
        self._scanning.discard(message.sender)
        await self._scan_no_longer()

    async def _scan_no_longer(self) -> None:
        if not self._scanning and self.device.is_scanning:
            await self.device.stop_scanning()
            self._set(ADAPTER, ADAPTER1, Discovering=Variant("b", False))

    # ------------------------------------------------------------ connections

    async def on_Connect(self, message: Message) -> None:  # noqa: N802 - BlueZ's name
        self._require_power()
        path = message.path
        if path in self._connections:
            return
        async with _Alone(self._busy, path):
            connection = await self._connect(self._addresses[path])
        self._connections[path] = connection
        connection.on("disconnection", lambda _reason: self._gone(path, connection))
        self._set(path, DEVICE1, Connected=Variant("b", True))
        self._run(self._resolve(path, connection))

    async def _connect(self, address: hci.Address) -> Connection:
        """Connect once it advertises: a virtual controller cannot cancel a pending connection."""
        heard = asyncio.Event()

        def listen(advertisement: Advertisement) -> None:
            if advertisement.address == address:
                heard.set()

        self.device.on("advertisement", listen)
        try:
            if not self.device.is_scanning:
                await self.device.start_scanning(filter_duplicates=False)
            async with asyncio.timeout(CONNECT_S):
                await heard.wait()
        finally:
            self.device.remove_listener("advertisement", listen)
            await self._scan_no_longer()
        return await self.device.connect(address, timeout=CONNECT_S)

    async def on_Disconnect(self, message: Message) -> None:  # noqa: N802 - BlueZ's name
        if message.path in self._connections:
            await self._connections[message.path].disconnect()

    def _gone(self, path: str, connection: Connection) -> None:
        if self._connections.get(path) is not connection:
            return
        del self._connections[path]
        self._set(path, DEVICE1, **variants(ServicesResolved=("b", False), Connected=("b", False)))
        for service in [each for each in self._objects if each.startswith(f"{path}/service") and each.count("/") == 5]:
            self._remove(service)

    async def _resolve(self, path: str, connection: Connection) -> None:
        try:
            await self._discover(path, Peer(connection))
        except (asyncio.CancelledError, core.BaseBumbleError, TimeoutError):
            return  # the link went away
        if self._connections.get(path) is connection:
            self._set(path, DEVICE1, ServicesResolved=Variant("b", True))

    async def _discover(self, path: str, peer: Peer) -> None:
        mtu = await peer.request_mtu(517)
        await peer.discover_services()
        for found in peer.services:
            if full_uuid(found.uuid).startswith(GENERIC):
                continue
            service = f"{path}/service{found.handle:04x}"
            self._add(
                service,
                SERVICE1,
                UUID=("s", full_uuid(found.uuid)),
                Device=("o", path),
                Primary=("b", True),
                Includes=("ao", []),
            )
            for each in await found.discover_characteristics():
                await each.discover_descriptors()
                await self._offer(service, each, mtu)

    async def _offer(self, service: str, each: CharacteristicProxy[bytes], mtu: int) -> None:
        path = f"{service}/char{each.handle - 1:04x}"
        self._characteristics[path] = each
        flags = [flag.name.lower().replace("_", "-") for flag in Characteristic.Properties(each.properties)]
        self._add(
            path,
            CHARACTERISTIC1,
            UUID=("s", full_uuid(each.uuid)),
            Service=("o", service),
            Value=("ay", b""),
            Notifying=("b", False),
            Flags=("as", flags),
            MTU=("q", mtu),
        )
        for one in each.descriptors:
            self._add(
                f"{path}/desc{one.handle:04x}",
                DESCRIPTOR1,
                UUID=("s", full_uuid(one.type)),
                Characteristic=("o", path),
                Value=("ay", b""),
            )
        if self._subscribers[path]:
            await self._subscribe(path)

    # ------------------------------------------------------------ values

    async def on_ReadValue(self, message: Message, _options: object) -> tuple[str, list[Any]]:  # noqa: N802 - BlueZ's
        async with _Alone(self._busy, message.path):
            value = await self._characteristics[message.path].read_value()
        self._set(message.path, CHARACTERISTIC1, Value=Variant("ay", value))  # a read looks like a notification
        return "ay", [value]

    async def on_WriteValue(self, message: Message, value: bytes, _options: object) -> None:  # noqa: N802 - BlueZ's
        async with _Alone(self._busy, message.path):
            await self._characteristics[message.path].write_value(bytes(value), with_response=True)

    async def on_StartNotify(self, message: Message) -> None:  # noqa: N802 - BlueZ's name
        self._subscribers[message.path].append(message.sender)
        if message.path not in self._subscribed:
            await self._subscribe(message.path)
        self._set(message.path, CHARACTERISTIC1, Notifying=Variant("b", True))

    async def _subscribe(self, path: str) -> None:
        def arrived(value: bytes) -> None:
            for _ in self._subscribers[path]:  # once for each that subscribed, also before a drop
                if path in self._objects:
                    self._set(path, CHARACTERISTIC1, Value=Variant("ay", bytes(value)))

        self._subscribed[path] = arrived
        await self._characteristics[path].subscribe(arrived)

    async def on_StopNotify(self, message: Message) -> None:  # noqa: N802 - BlueZ's name
        self._subscribers[message.path].remove(message.sender)
        if not self._subscribers[message.path]:
            await self._characteristics[message.path].unsubscribe(self._subscribed.pop(message.path))
            self._set(message.path, CHARACTERISTIC1, Notifying=Variant("b", False))


class _Alone:
    """One operation at a time on one object."""

    def __init__(self, busy: set[str], path: str) -> None:
        self._busy = busy
        self._path = path

    async def __aenter__(self) -> None:
        if self._path in self._busy:
            raise Refusal(IN_PROGRESS, "Operation already in progress")
        self._busy.add(self._path)

    async def __aexit__(self, *_: object) -> None:
        self._busy.discard(self._path)
