"""Polar's measurement service on a virtual strap; see `biotune.sensor.virtual`."""

import asyncio
from collections import defaultdict, deque
from collections.abc import Collection

from bumble.device import Connection, Device
from bumble.gatt import Characteristic, CharacteristicValue, Service

from biotune.wire import polar
from biotune.wire.polar import Answer, EcgFrame, Frame, Operation, Setting, Status, Stream

MTU = 232  # what an H10 agrees to

_Property = Characteristic.Properties
# As an H10 offers them (Polar's documents)
_OFFERS: dict[Stream, dict[Setting, tuple[int, ...]]] = {
    Stream.ECG: {Setting.RATE_HZ: (130,), Setting.RESOLUTION_BITS: (14,)},
    Stream.ACCELEROMETER: {
        Setting.RATE_HZ: (200, 100, 50, 25),
        Setting.RESOLUTION_BITS: (16,),
        Setting.RANGE_G: (8, 4, 2),
    },
}


class VirtualPolar:
    """The service, and what it is made to do.

    Parameters
    ----------
    offers : collection of Stream
        What its firmware has.
    mtu : int
        The most it agrees to. Below `polar.LEAST_MTU` it streams nothing.

    Attributes
    ----------
    streaming : set of Stream
        What it streams; ends with the connection.
    refusals : dict of deque
        For an operation and a stream: what its next commands are answered, each used up once; None for no answer.
    commands : list of (Operation, Stream)
        What it was told.
    """

    def __init__(self, *, offers: Collection[Stream] = tuple(Stream), mtu: int = MTU) -> None:
        self.mtu = mtu
        self.streaming: set[Stream] = set()
        self.refusals: defaultdict[tuple[Operation, Stream], deque[Status | None]] = defaultdict(deque)
        self.commands: list[tuple[Operation, Stream]] = []
        self._offers = frozenset(offers)
        self._device: Device | None = None
        self._answering: set[asyncio.Task[None]] = set()
        features = bytes([0x0F, sum(1 << stream for stream in self._offers), 0])
        self._control: Characteristic[bytes] = Characteristic(
            polar.POLAR_CONTROL,
            _Property.READ | _Property.WRITE | _Property.INDICATE,
            Characteristic.READABLE | Characteristic.WRITEABLE,
            CharacteristicValue(read=lambda _: features, write=self._told),
        )
        self._data = Characteristic(polar.POLAR_DATA, _Property.NOTIFY, Characteristic.Permissions(0), b"")

    def join(self, device: Device) -> Service:
        """Become part of a strap."""
        self._device = device
        device.gatt_server.max_mtu = self.mtu
        device.on("connection", lambda connection: connection.on("disconnection", lambda _: self.streaming.clear()))
        return Service(polar.POLAR_SERVICE, [self._control, self._data])

    async def send(self, frame: Frame | bytes) -> None:
        """Notify whoever is subscribed of a frame, if its stream is on."""
        if isinstance(frame, bytes):
            stream, data = Stream(frame[0]), frame
        else:
            stream, data = Stream.ECG if isinstance(frame, EcgFrame) else Stream.ACCELEROMETER, polar.encode(frame)
        if self._device and stream in self.streaming:
            await self._device.notify_subscribers(self._data, data)

    async def tell(self, data: bytes) -> None:
        """Say something on the control point that nobody asked for."""
        if self._device:
            await self._device.indicate_subscribers(self._control, data)

    async def stop(self, stream: Stream) -> None:
        """Stop a stream by itself, as a strap may."""
        self.streaming.discard(stream)
        await self.tell(bytes([1, stream]))

    def _told(self, connection: Connection, data: bytes) -> None:
        operation, stream, _ = polar.read_command(data)
        self.commands.append((operation, stream))
        status = self._carry_out(operation, stream, connection.att_mtu)
        if status is not None:
            offered = _OFFERS[stream] if operation is Operation.SETTINGS else {}
            answer = polar.write_answer(Answer(operation, stream, status, offered))
            task = asyncio.ensure_future(self.tell(answer))
            self._answering.add(task)
            task.add_done_callback(self._answering.discard)

    def _carry_out(self, operation: Operation, stream: Stream, mtu: int) -> Status | None:
        if self.refusals[operation, stream]:
            return self.refusals[operation, stream].popleft()
        if stream not in self._offers:
            return Status.NOT_SUPPORTED
        if operation is Operation.START:
            if mtu < polar.LEAST_MTU:
                return Status.INVALID_MTU
            if stream in self.streaming:
                return Status.ALREADY_IN_STATE
            self.streaming.add(stream)
        elif operation is Operation.STOP:
            if stream not in self.streaming:
                return Status.INVALID_STATE
            self.streaming.discard(stream)
        return Status.SUCCESS
