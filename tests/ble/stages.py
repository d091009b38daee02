"""One stage for the same scenarios: a strap near, seen through Bleak in two ways."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, Protocol, TypeVar

from bumble import core, hci
from bumble.controller import Controller
from bumble.device import Device
from bumble.link import LocalLink
from lab import BluezLab, bluez_lab

from biotune.domain import StrapIdentity
from biotune.sensor.discovery import THIS_MACHINE, Radio
from biotune.sensor.virtual import VIRTUAL_STRAP, VirtualAir, VirtualPolar, VirtualStrap

T = TypeVar("T")


class Stage(Protocol):
    """What a scenario may do to the strap and to Bluetooth."""

    radio: Radio

    async def send(self, packet: bytes) -> None: ...
    async def run(self, work: Coroutine[Any, Any, T]) -> T: ...
    async def drop(self) -> None: ...
    async def strap_off(self) -> None: ...
    async def switch(self, *, on: bool) -> None: ...
    async def heard(self) -> bool: ...
    async def add_strap(self, identity: StrapIdentity) -> None: ...
    async def add_stranger(self) -> None: ...


class BackendStage:
    """Way A: Bumble's virtual controllers behind Bleak's ``backend=``."""

    def __init__(self, air: VirtualAir, strap: VirtualStrap) -> None:
        self.radio = air.radio
        self._air = air
        self._strap = strap

    async def send(self, packet: bytes) -> None:
        await self._strap.send(packet)

    async def run(self, work: Coroutine[Any, Any, T]) -> T:
        return await work

    async def drop(self) -> None:
        self._strap.drop()

    async def strap_off(self) -> None:
        await self._strap.off()

    async def switch(self, *, on: bool) -> None:
        await self._air.switch(on=on)

    async def heard(self) -> bool:
        return self._strap.heard

    async def add_strap(self, identity: StrapIdentity) -> None:
        await VirtualStrap(self._air.link, identity).__aenter__()

    async def add_stranger(self) -> None:
        await add_stranger(self._air.link)


class BluezStage:
    """Way C: Bleak's own BlueZ code, a private bus, a BlueZ of ours."""

    radio = THIS_MACHINE

    def __init__(self, lab: BluezLab) -> None:
        self.lab = lab

    async def run(self, work: Coroutine[Any, Any, T]) -> T:
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self.lab.loop))

    async def send(self, packet: bytes) -> None:
        await self.run(self.lab.strap.send(packet))

    async def drop(self) -> None:
        await asyncio.to_thread(self.lab.drop)

    async def strap_off(self) -> None:
        await asyncio.to_thread(self.lab.strap_off)

    async def switch(self, *, on: bool) -> None:
        await self.run(self.lab.bluez.power(on=on))

    async def heard(self) -> bool:
        return self.lab.strap.heard

    async def add_strap(self, identity: StrapIdentity) -> None:
        async def add() -> None:
            await VirtualStrap(self.lab.link, identity).__aenter__()

        await self.run(add())

    async def add_stranger(self) -> None:
        await self.run(add_stranger(self.lab.link))


async def add_stranger(link: LocalLink) -> None:
    """Something that advertises under a strap's name, and is none: it has no heart rate service."""
    controller = Controller("stranger", link=link)
    device = Device.with_hci("stranger", hci.Address("C0:FF:EE:00:00:99"), controller, controller)
    kind = core.AdvertisingData
    data = [
        (kind.COMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS, bytes(core.UUID.from_16_bits(0x180F))),
        (kind.COMPLETE_LOCAL_NAME, b"Polar H10 12345678"),
    ]
    device.advertising_data = bytes(kind(data))
    await device.power_on()
    await device.start_advertising(auto_restart=True, advertising_interval_min=100, advertising_interval_max=100)


@asynccontextmanager
async def backend_stage(
    identity: StrapIdentity = VIRTUAL_STRAP, *, battery_pct: int | None = 87, polar: VirtualPolar | None = None
) -> AsyncIterator[BackendStage]:
    async with VirtualAir() as air, VirtualStrap(air.link, identity, battery_pct=battery_pct, polar=polar) as strap:
        yield BackendStage(air, strap)


@asynccontextmanager
async def bluez_stage(
    identity: StrapIdentity = VIRTUAL_STRAP, *, battery_pct: int | None = 87, polar: VirtualPolar | None = None
) -> AsyncIterator[BluezStage]:
    with bluez_lab(identity, battery_pct=battery_pct, polar=polar) as lab, lab.in_this_process():
        yield BluezStage(lab)
