"""A chest strap as a source: found, connected, watched, and found again.

One connection is one new ``BleakClient`` that is always disconnected in the end, lost or not.
The packets' stamps are taken in the notification's own callback; nothing is decoded here.
"""

import asyncio
import contextlib
import logging
import sys
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass

from bleak import BleakClient
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.exc import BleakCharacteristicNotFoundError

from biotune.domain import PacketReceived, StrapChange, StrapEvent, StrapIdentity
from biotune.domain.plain_text import plain
from biotune.errors import BluetoothUnavailable, SensorError, StrapNotFound, StrapRefused
from biotune.sensor.availability import reason
from biotune.sensor.discovery import BLEAK_TROUBLE, THIS_MACHINE, FoundStrap, Radio, find, let_go, release
from biotune.sensor.polar import PolarStreams
from biotune.sensor.source import Clock, Observation, SystemClock
from biotune.wire import heart_rate

logger = logging.getLogger(__name__)

FULL_BATTERY_PCT = 100
_WHO = (
    heart_rate.BODY_SENSOR_LOCATION,
    heart_rate.MANUFACTURER_NAME,
    heart_rate.MODEL_NUMBER,
    heart_rate.SERIAL_NUMBER,
    heart_rate.FIRMWARE_REVISION,
)

_Observations = asyncio.Queue[Observation]


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for what, in seconds.

    Attributes
    ----------
    search_s : float
        For the strap's first answer; after that it is waited for as long as it is observed.
    scan_s : float
        One scan for a lost strap.
    connect_s : float
        One attempt to connect.
    answer_s : float
        One read, subscription or disconnection. An encrypted read without a pairing agent would
        hang for 30 s on Linux.
    silence_s : float
        Between two packets of a connected strap; they come once a second.
    pause_s, longest_pause_s : float
        Between two attempts to have a lost strap back: the first pause, doubled up to the longest.
    battery_s : float
        Between two readings of its battery.
    """

    search_s: float = 30.0
    scan_s: float = 10.0
    connect_s: float = 20.0
    answer_s: float = 5.0
    silence_s: float = 5.0
    pause_s: float = 0.5
    longest_pause_s: float = 10.0
    battery_s: float = 300.0


class StrapSource:
    """The strap of that name or address, for as long as it is observed.

    Parameters
    ----------
    wanted : str
        Its address, its name or a part of its name. Once it has answered, only this very strap
        is connected again, whatever else carries that name.
    clock : Clock, optional
        This machine's, if not given.
    radio : Radio
        This machine's Bluetooth, or another behind Bleak's ``backend=``.
    patience : Patience
    ecg : bool
        Whether to record a Polar strap's ECG and accelerometer too, where it has them.
    """

    kind = "strap"

    def __init__(
        self,
        wanted: str,
        *,
        clock: Clock | None = None,
        radio: Radio = THIS_MACHINE,
        patience: Patience = Patience(),
        ecg: bool = False,
    ) -> None:
        self.strap = StrapIdentity(name=wanted)
        self.clock: Clock = clock or SystemClock()
        self._wanted = wanted
        self._radio = radio
        self._patience = patience
        self._answered = False
        self._attempts = _Attempts(patience)
        self._streams = PolarStreams(answer_s=patience.answer_s) if ecg else None
        self._pair = ecg and sys.platform == "win32"  # which refuses the ECG's control point otherwise
        self._may_be_held = True  # by an earlier program, or by a link of ours that would not end

    async def observe(self) -> AsyncGenerator[Observation, None]:
        """Yield the strap's packets and changes of state, from its first answer on and without end.

        A drop or silence is told at once, then the strap is looked for until it is back.

        Raises
        ------
        StrapNotFound
            Where nothing answers to that name or address within ``patience.search_s``.
        StrapRefused
            Where it answers, but would not be connected to in that time.
        UsageError
            Where more than one strap answers to that name.
        BluetoothUnavailable
            Where this machine's Bluetooth cannot be had at the start; once the strap has answered,
            this is waited out too.
        """
        loop = asyncio.get_running_loop()
        search_ends = loop.time() + self._patience.search_s
        while True:
            try:
                seconds = self._patience.scan_s if self._answered else max(1.0, search_ends - loop.time())
                async with self._link(seconds) as arrivals, aclosing(self._watch(arrivals)) as observations:
                    async for observation in observations:
                        if isinstance(observation.entry, PacketReceived):
                            self._attempts = _Attempts(self._patience)
                        yield observation
            except SensorError as error:
                hopeless = isinstance(error, BluetoothUnavailable) or loop.time() >= search_ends
                if hopeless and not self._answered:
                    raise
                words = f"{self.strap.name} does not answer" if isinstance(error, StrapNotFound) else error.what
                if (detail := self._attempts.failed(words)) and self._answered:
                    yield self._now(StrapEvent(StrapChange.WAITING, detail))
            await asyncio.sleep(self._attempts.pause())

    async def _watch(self, arrivals: _Observations) -> AsyncGenerator[Observation, None]:
        """Yield what arrives until the connection ends or falls silent."""
        loop = asyncio.get_running_loop()
        silent_from = loop.time() + self._patience.silence_s
        while True:
            try:
                async with asyncio.timeout_at(silent_from):
                    observation = await arrivals.get()
            except TimeoutError:
                words = f"connected, but no packet for {self._patience.silence_s:g} s"
                yield self._now(StrapEvent(StrapChange.SILENT, words))
                return
            yield observation
            if isinstance(observation.entry, PacketReceived):
                silent_from = loop.time() + self._patience.silence_s
            if isinstance(observation.entry, StrapEvent) and observation.entry.change is StrapChange.LOST:
                return

    @asynccontextmanager
    async def _link(self, seconds: float) -> AsyncIterator[_Observations]:
        """One connection: a queue of what arrives through it."""
        if self._may_be_held:  # and not always: a strap that another program took is not fought over
            await release(self._wanted, radio=self._radio)
        device, found = await find(self._wanted, seconds, radio=self._radio)
        arrivals: _Observations = asyncio.Queue()

        def lost(_: BleakClient) -> None:
            arrivals.put_nowait(self._now(StrapEvent(StrapChange.LOST, "the connection ended")))

        timeout_s = self._patience.connect_s
        client = BleakClient(device, lost, timeout=timeout_s, pair=self._pair, **self._radio.client)
        try:
            await self._open(client, found, arrivals)
            watching = asyncio.ensure_future(self._watch_battery(client, arrivals))
            try:
                async with self._streaming(client, arrivals):
                    yield arrivals
            finally:
                watching.cancel()
        finally:
            self._may_be_held = not await let_go(client, seconds=self._patience.answer_s)

    def _streaming(self, client: BleakClient, arrivals: _Observations) -> contextlib.AbstractAsyncContextManager[None]:
        if self._streams is None:
            return contextlib.nullcontext()
        return self._streams.over(client, lambda entry: arrivals.put_nowait(self._now(entry)))

    async def _open(self, client: BleakClient, found: FoundStrap, arrivals: _Observations) -> None:
        """Connect, ask the strap who it is, subscribe to its heart rate."""

        def arrived(_: BleakGATTCharacteristic, data: bytearray) -> None:
            arrivals.put_nowait(self._now(PacketReceived(heart_rate.HEART_RATE_MEASUREMENT, bytes(data))))

        try:
            async with asyncio.timeout(self._patience.connect_s):
                await client.connect()
            if not self._answered:
                self.strap = await self._ask_who(client, found)
            heard = f"signal {found.rssi} dBm{self._attempts.so_far()}"
            arrivals.put_nowait(self._now(StrapEvent(StrapChange.CONNECTED, heard, self.strap)))
            await self._tell_battery(client, arrivals)
            async with asyncio.timeout(self._patience.answer_s):
                await client.start_notify(heart_rate.HEART_RATE_MEASUREMENT, arrived)
        except BLEAK_TROUBLE as error:
            self._pair = False  # better without the ECG than not at all
            raise _refused(found, error) from error
        self._answered = True
        self._wanted = found.address

    async def _tell_battery(self, client: BleakClient, arrivals: _Observations) -> None:
        battery = await self._read(client, heart_rate.BATTERY_LEVEL)
        if battery and battery[0] <= FULL_BATTERY_PCT:
            arrivals.put_nowait(self._now(StrapEvent(StrapChange.BATTERY, str(battery[0]))))

    async def _watch_battery(self, client: BleakClient, arrivals: _Observations) -> None:
        while client.services.get_characteristic(heart_rate.BATTERY_LEVEL) is not None:
            await asyncio.sleep(self._patience.battery_s)
            await self._tell_battery(client, arrivals)

    async def _ask_who(self, client: BleakClient, found: FoundStrap) -> StrapIdentity:
        told: dict[str, bytes] = {}
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._patience.answer_s):  # all together: where one read hangs, the next would
                for uuid in _WHO:
                    told[uuid] = await self._read(client, uuid)

        def text(uuid: str) -> str:
            return plain(told.get(uuid, b"").decode("utf-8", "replace"))

        return StrapIdentity(
            name=found.name or self._wanted,
            address=found.address,
            manufacturer=text(heart_rate.MANUFACTURER_NAME),
            model=text(heart_rate.MODEL_NUMBER),
            serial=text(heart_rate.SERIAL_NUMBER),
            firmware=text(heart_rate.FIRMWARE_REVISION),
            body_location=heart_rate.body_location(told.get(heart_rate.BODY_SENSOR_LOCATION, b"")),
        )

    async def _read(self, client: BleakClient, uuid: str) -> bytes:
        """Read what a strap may tell; empty where it has no such characteristic, or refuses."""
        if client.services.get_characteristic(uuid) is None:
            return b""
        with contextlib.suppress(*BLEAK_TROUBLE):
            async with asyncio.timeout(self._patience.answer_s):
                return bytes(await client.read_gatt_char(uuid))
        logger.info("%s would not tell %s", client.address, uuid)
        return b""

    def _now(self, entry: PacketReceived | StrapEvent) -> Observation:
        return Observation(self.clock.now(), entry)


@dataclass(slots=True)
class _Attempts:
    """Those at having the strap since its last packet, and how long to pause between them."""

    patience: Patience
    count: int = 0
    pause_s: float = 0.0
    told: str = ""
    told_at_s: float = -1.0

    def failed(self, words: str) -> str:
        """Count one; return what to tell of it: at most one line for each step of the pause, else nothing."""
        self.count += 1
        if words == self.told and self.pause_s <= self.told_at_s:
            return ""
        self.told, self.told_at_s = words, self.pause_s
        return words if self.count == 1 else f"{words} ({self.count} attempts)"

    def so_far(self) -> str:
        return f", found at attempt {self.count + 1}" if self.count else ""

    def pause(self) -> float:
        """Return the next pause: the first one, doubled up to the longest."""
        self.pause_s = min(2 * self.pause_s or self.patience.pause_s, self.patience.longest_pause_s)
        return self.pause_s


def _refused(found: FoundStrap, error: Exception) -> StrapRefused:
    what = f"{found.name or found.address} was found, but would not be connected"
    if isinstance(error, BleakCharacteristicNotFoundError):
        return StrapRefused(what, why="It has no heart rate measurement.", hint="`biotune scan` lists the straps.")
    return StrapRefused(
        what,
        why=reason(error),
        hint="Close other apps that use it, on this machine, a phone or a watch (a Polar strap needs its second "
        "connection enabled in Polar's app); take it off and put it on again.",
    )
