"""A simulated strap put on the air: its packets travel over Bluetooth to the client that real straps have.

What `SimulatedSource` would yield, a `VirtualStrap` sends, at the time at which it would be sent; where it
would be lost, the link is lost. So a session without a strap takes the way of one with a strap, at real
speed only: virtual time cannot pass through a radio. Needs Bumble (extra ``sim``).
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, aclosing
from dataclasses import replace

from biotune.domain import PacketReceived, StrapChange, StrapEvent
from biotune.sensor.simulator import SimulatedSource
from biotune.sensor.source import Observation
from biotune.sensor.strap import StrapSource
from biotune.sensor.virtual import VIRTUAL_STRAP, VirtualAir, VirtualPolar, VirtualStrap
from biotune.wire.polar import POLAR_DATA

BATTERY_PCT = 90
_ASK_AGAIN_S = 0.01


class AiredSource:
    """A simulated strap behind a virtual radio.

    Parameters
    ----------
    simulated : SimulatedSource
        What to send; its clock is live.

    Attributes
    ----------
    kind : str
        ``"simulator"``: such a session may be continued without the radio too.
    strap : StrapIdentity
        The simulated strap's: its name is too long to advertise, and a session is known again by it.
    """

    kind = "simulator"

    def __init__(self, simulated: SimulatedSource) -> None:
        self.strap = simulated.strap
        self.clock = simulated.clock
        self._simulated = simulated

    async def observe(self) -> AsyncGenerator[Observation, None]:
        """Yield what arrives, and what happens to the link, without end."""
        async with AsyncExitStack() as stack:
            air = await stack.enter_async_context(VirtualAir())
            ecg = self._simulated.ecg
            polar = VirtualPolar() if ecg else None
            strap = await stack.enter_async_context(VirtualStrap(air.link, battery_pct=BATTERY_PCT, polar=polar))
            client = StrapSource(VIRTUAL_STRAP.address, clock=self.clock, radio=air.radio, ecg=ecg)
            observations = await stack.enter_async_context(aclosing(client.observe()))
            sending = asyncio.ensure_future(self._send(strap, polar))
            stack.push_async_callback(_end, sending)
            async for observation in observations:
                if sending.done():
                    sending.result()  # raises what ended it
                yield self._named(observation)

    async def _send(self, strap: VirtualStrap, polar: VirtualPolar | None) -> None:
        """Send from the first subscription on."""
        while not strap.heard:  # noqa: ASYNC110 - Bumble has no event for it
            await asyncio.sleep(_ASK_AGAIN_S)
        async for observation in self._simulated.observe():
            entry = observation.entry
            if polar and isinstance(entry, PacketReceived) and entry.characteristic == POLAR_DATA:
                await polar.send(entry.data)
            elif isinstance(entry, PacketReceived):
                await strap.send(entry.data)
            elif isinstance(entry, StrapEvent) and entry.change is StrapChange.LOST:
                await strap.vanish()
            elif isinstance(entry, StrapEvent) and entry.change is StrapChange.CONNECTED:
                await strap.appear()

    def _named(self, observation: Observation) -> Observation:
        entry = observation.entry
        if isinstance(entry, StrapEvent) and entry.strap:
            return replace(observation, entry=replace(entry, strap=self.strap))
        return observation


async def _end(sending: asyncio.Task[None]) -> None:
    sending.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await sending
