"""The virtual strap through Bleak's public client: what any user of Bleak relies on."""

import asyncio
import dataclasses
from collections.abc import Awaitable, Callable
from importlib.util import find_spec

import pytest
from bleak import BleakClient
from bleak.exc import BleakCharacteristicNotFoundError, BleakError, BleakGATTProtocolError, BleakGATTProtocolErrorCode

from biotune.errors import BiotuneError
from biotune.wire.heart_rate import BATTERY_LEVEL, HEART_RATE_MEASUREMENT, MODEL_NUMBER, HeartRate, encode

Scene = Callable[[BleakClient, object], Awaitable[None]]


@pytest.fixture
def with_client(require: Callable[[object, str], None]) -> Callable[[Scene], None]:
    """Play a scene with a connected client and the virtual strap."""
    require(find_spec("bumble"), "bumble (pip install 'biotune[sim]')")
    from biotune.sensor.virtual import VIRTUAL_STRAP, VirtualAir, VirtualStrap

    def play(scene: Scene) -> None:
        async def bounded() -> None:
            async with (
                asyncio.timeout(20),
                VirtualAir() as air,
                VirtualStrap(air.link) as strap,
                BleakClient(VIRTUAL_STRAP.address, timeout=5, **air.radio.client) as client,
            ):
                await scene(client, strap)

        asyncio.run(bounded())

    return play


def test_it_offers_what_the_standard_lists(with_client: Callable[[Scene], None]) -> None:
    async def scene(client: BleakClient, _: object) -> None:
        offered = {each.uuid[4:8]: set(each.properties) for each in client.services.characteristics.values()}
        assert offered["2a37"] == {"notify"}
        assert offered["2a19"] == offered["2a24"] == offered["2a38"] == {"read"}
        descriptor = client.services.get_characteristic(HEART_RATE_MEASUREMENT).descriptors[0]
        assert descriptor.uuid.startswith("00002902")  # Client Characteristic Configuration
        assert await client.read_gatt_descriptor(descriptor.handle) == b"\0\0"
        assert await client.read_gatt_char(BATTERY_LEVEL) == b"\x57"
        assert client.mtu_size > 23

    with_client(scene)


def test_after_unsubscribing_nothing_arrives(with_client: Callable[[Scene], None]) -> None:
    async def scene(client: BleakClient, strap: object) -> None:
        seen: list[bytes] = []
        packet = encode(HeartRate(60))
        await client.start_notify(HEART_RATE_MEASUREMENT, lambda _, data: seen.append(bytes(data)))
        await strap.send(packet)
        await asyncio.sleep(0.05)
        await client.stop_notify(HEART_RATE_MEASUREMENT)
        assert not strap.heard
        await strap.send(packet)
        await asyncio.sleep(0.05)
        assert seen == [packet]

    with_client(scene)


def test_what_it_refuses_is_refused_in_bleaks_words(with_client: Callable[[Scene], None]) -> None:
    async def scene(client: BleakClient, strap: object) -> None:
        unknown = client.services.get_characteristic(BATTERY_LEVEL)
        unknown.obj.handle = 0x0FFF  # no attribute of the strap has it
        with pytest.raises(BleakGATTProtocolError) as error:
            await client.read_gatt_char(unknown)
        assert error.value.code is BleakGATTProtocolErrorCode.INVALID_HANDLE
        with pytest.raises(BleakCharacteristicNotFoundError):
            await client.read_gatt_char("2a00" * 8)
        characteristic = client.services.get_characteristic(MODEL_NUMBER)
        strap.drop()
        await asyncio.sleep(0.05)
        assert not client.is_connected
        with pytest.raises(BleakError):
            await client.read_gatt_char(characteristic)

    with_client(scene)


def test_a_name_that_cannot_be_advertised_is_refused_at_once(with_client: Callable[[Scene], None]) -> None:
    async def scene(_: BleakClient, strap: object) -> None:
        with pytest.raises(BiotuneError, match="too long"):
            type(strap)(strap._link, dataclasses.replace(strap.identity, name="x" * 23))

    with_client(scene)


def test_who_is_not_there_cannot_be_connected_to(require: Callable[[object, str], None]) -> None:
    require(find_spec("bumble"), "bumble (pip install 'biotune[sim]')")
    from biotune.sensor.virtual import VirtualAir

    async def scene() -> None:
        async with VirtualAir() as air:
            with pytest.raises(TimeoutError):
                await BleakClient("C0:FF:EE:00:00:01", timeout=0.3, **air.radio.client).connect()

    asyncio.run(scene())
