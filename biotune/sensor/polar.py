"""What a Polar strap streams besides its heart rate: asked for over a connection, and done without where it cannot be.

Nothing here ends a connection or holds up the heart rate: whatever goes wrong becomes a line in the log.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager

from bleak import BleakClient
from bleak.backends.characteristic import BleakGATTCharacteristic

from biotune.domain import PacketReceived, StrapChange, StrapEvent
from biotune.errors import WireError
from biotune.sensor.discovery import BLEAK_TROUBLE
from biotune.wire import polar
from biotune.wire.polar import Answer, Operation, Setting, Status, Stream

logger = logging.getLogger(__name__)

QUICK_S = 60.0  # a link that is lost so soon after its streams began may be lost to them
MOST_DROPS = 3  # so many quick ones, and heart rate alone is recorded
NAMES = {Stream.ECG: "ECG", Stream.ACCELEROMETER: "accelerometer"}
# 50 Hz show movement and breathing, and leave the link to the ECG; sitting, nobody exceeds 4 g
_PREFERRED = {Setting.RATE_HZ: 50, Setting.RESOLUTION_BITS: 16, Setting.RANGE_G: 4}

Tell = Callable[[PacketReceived | StrapEvent], None]


class PolarStreams:
    """The streams of one strap, over one connection after another.

    A connection that is lost soon after both streams began gets the ECG only the next time; one that goes on being
    lost so, neither.

    Parameters
    ----------
    answer_s : float
        How long to wait for one answer, seconds.
    """

    def __init__(self, *, answer_s: float) -> None:
        self._answer_s = answer_s
        self._drops = 0

    @asynccontextmanager
    async def over(self, client: BleakClient, tell: Tell) -> AsyncIterator[None]:
        """Stream over a connected client while the context lasts, then stop.

        Parameters
        ----------
        client : BleakClient
        tell : callable
            Takes what arrives: frames as they came, and a line for each stream that began or could not.
        """
        link = _Link(client, tell, self._answer_s)
        starting = asyncio.ensure_future(link.start(self._wanted()))
        try:
            yield
            self._drops += link.is_young  # only a lost or silent connection comes here; a closed one raises
        finally:
            starting.cancel()
            await asyncio.wait([starting])
            await link.stop()

    def _wanted(self) -> tuple[Stream, ...]:
        if not self._drops:
            return (Stream.ECG, Stream.ACCELEROMETER)
        return (Stream.ECG,) if self._drops < MOST_DROPS else ()


class _Link:
    """One connection's streams."""

    def __init__(self, client: BleakClient, tell: Tell, answer_s: float) -> None:
        self._client = client
        self._tell = tell
        self._answer_s = answer_s
        self._answers: asyncio.Queue[Answer] = asyncio.Queue()
        self._running: dict[Stream, float] = {}  # since when

    @property
    def is_young(self) -> bool:
        """Whether anything streams, and has not for long."""
        now_s = asyncio.get_running_loop().time()
        return any(now_s - since_s < QUICK_S for since_s in self._running.values())

    async def start(self, wanted: Sequence[Stream]) -> None:
        """Start what is wanted and can be had, and say of each what came of it."""
        if not wanted:
            self._say("no ECG: the connection was lost with it again and again")
            return
        if self._client.services.get_characteristic(polar.POLAR_CONTROL) is None:
            self._say("no ECG: this strap streams none")
            return
        try:
            offered = await self._open()
        except (*BLEAK_TROUBLE, WireError) as error:
            self._say(f"no ECG: {_words(error)}")
            return
        for stream in wanted:
            if stream not in offered:
                self._say(f"no {NAMES[stream]}: the strap's firmware does not offer it")
                continue
            try:
                await self._begin(stream)
            except (*BLEAK_TROUBLE, WireError) as error:
                self._say(f"no {NAMES[stream]}: {_words(error)}")

    async def stop(self) -> None:
        """Stop what streams, if anybody is still there to hear it."""
        with contextlib.suppress(*BLEAK_TROUBLE, WireError):
            async with asyncio.timeout(self._answer_s):
                for stream in tuple(self._running):
                    if self._client.is_connected:
                        await self._ask(Operation.STOP, stream)

    async def _open(self) -> frozenset[Stream]:
        """Read what the strap offers, and only then subscribe: BlueZ shows subscribers what is read."""
        async with asyncio.timeout(self._answer_s):
            offered = polar.read_features(bytes(await self._client.read_gatt_char(polar.POLAR_CONTROL)))
        async with asyncio.timeout(self._answer_s):
            await self._client.start_notify(polar.POLAR_CONTROL, self._answered)
            await self._client.start_notify(polar.POLAR_DATA, self._arrived)
        return offered

    async def _begin(self, stream: Stream) -> None:
        offer = await self._ask(Operation.SETTINGS, stream)
        settings = {
            key: min(offer.settings[key], key=lambda value: abs(value - wish))
            for key, wish in _PREFERRED.items()
            if key in offer.settings
        }
        self._running[stream] = asyncio.get_running_loop().time()
        answer = await self._ask(Operation.START, stream, settings)
        if answer.status is Status.ALREADY_IN_STATE:  # left so by a program that was killed
            await self._ask(Operation.STOP, stream)
            answer = await self._ask(Operation.START, stream, settings)
        if answer.status is Status.SUCCESS:
            self._say(f"{NAMES[stream]} {settings.get(Setting.RATE_HZ, polar.NOMINAL_ECG_HZ)} Hz")
            return
        del self._running[stream]
        self._say(f"no {NAMES[stream]}: {answer.status.words}{self._about(answer.status)}")

    def _about(self, status: Status) -> str:
        if status is not Status.INVALID_MTU:
            return ""
        control = self._client.services.get_characteristic(polar.POLAR_CONTROL)
        # not `mtu_size`, which reads 23 on BlueZ whatever was agreed; 3 bytes of a packet are ATT's own
        mtu = control.max_write_without_response_size + 3 if control else 0
        return f" ({mtu} bytes, and {polar.LEAST_MTU} are needed)"

    async def _ask(self, operation: Operation, stream: Stream, settings: Mapping[Setting, int] | None = None) -> Answer:
        """Write a command and wait for the answer to it, passing over any other."""
        while not self._answers.empty():
            self._answers.get_nowait()
        async with asyncio.timeout(self._answer_s):
            command = polar.write_command(operation, stream, settings)
            await self._client.write_gatt_char(polar.POLAR_CONTROL, command, response=True)
            while True:
                answer = await self._answers.get()
                if (answer.operation, answer.stream) == (operation, stream):
                    return answer

    def _answered(self, _: BleakGATTCharacteristic, data: bytearray) -> None:
        for stream in polar.read_stopped(bytes(data)):
            if self._running.pop(stream, None) is not None:
                self._say(f"no {NAMES[stream]} any more: the strap stopped it")
        try:
            self._answers.put_nowait(polar.read_answer(bytes(data)))
        except WireError as error:  # a read that BlueZ shows as a notification, or a later firmware's word
            logger.info("%s", error)

    def _arrived(self, _: BleakGATTCharacteristic, data: bytearray) -> None:
        self._tell(PacketReceived(polar.POLAR_DATA, bytes(data)))

    def _say(self, words: str) -> None:
        self._tell(StrapEvent(StrapChange.STREAM, words))


def _words(error: Exception) -> str:
    if isinstance(error, WireError):
        return error.what
    return "the strap did not answer in time" if isinstance(error, TimeoutError) else str(error)
