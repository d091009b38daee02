"""What the scenes of these tests share."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any

from biotune.domain import StrapChange, StrapIdentity
from biotune.sensor.discovery import THIS_MACHINE
from biotune.sensor.source import Observation
from biotune.sensor.strap import Patience, StrapSource
from biotune.wire.heart_rate import HeartRate, decode, encode

STRAP = StrapIdentity("Strap 0001", "C0:FF:EE:00:00:01", "Maker", "Model", "0001", "1.2.3", "chest")


def play(scene: Callable[[], Awaitable[None]]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(30):
            await scene()

    asyncio.run(bounded())


def numbered(number: int) -> bytes:
    """A packet that carries its number as an interval."""
    return encode(HeartRate(60, (1000, number)))


def source(stage: Any = None, wanted: str = STRAP.address, **patience: float) -> StrapSource:
    """The strap on that stage, or by this machine's own way; impatient where not told otherwise."""
    radio = stage.radio if stage else THIS_MACHINE
    return StrapSource(wanted, radio=radio, patience=Patience(**{"pause_s": 0.1, **patience}))


async def take(observations: AsyncGenerator[Observation, None], count: int) -> list[Any]:
    return [(await anext(observations)).entry for _ in range(count)]


async def connected(observations: AsyncGenerator[Observation, None]) -> StrapIdentity:
    (first,) = await take(observations, 1)
    while first.change is StrapChange.WAITING:
        (first,) = await take(observations, 1)
    (battery,) = await take(observations, 1)
    assert first.change is StrapChange.CONNECTED
    assert battery.change is StrapChange.BATTERY
    return first.strap


async def numbers(observations: AsyncGenerator[Observation, None], count: int) -> list[int]:
    return [decode(packet.data).rr_ticks[1] for packet in await take(observations, count)]
