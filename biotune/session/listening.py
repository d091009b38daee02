"""Listens to a source for a while and records nothing: what a signal check is made from."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing

from biotune.domain import NS_PER_S, LogLine, Recording
from biotune.sensor.source import Observation, Source


async def listen(source: Source, seconds: float, *, told: Callable[[Observation], None]) -> Recording:
    """Return what a source sends within some seconds of its first answer.

    Parameters
    ----------
    source : Source
        Let go of in the end.
    seconds : float
        How long, by the source's clock.
    told : callable
        Called with each observation as it comes.

    Raises
    ------
    SensorError
        Where the source cannot be had.
    """
    lines: list[LogLine] = []
    ends_ns: int | None = None
    async with aclosing(source.observe()) as observations:
        while True:
            left_s = None
            if ends_ns is not None and source.clock.live:
                left_s = (ends_ns - source.clock.now().monotonic_ns) / NS_PER_S
            try:
                async with asyncio.timeout(left_s):
                    observation = await anext(observations, None)
            except TimeoutError:
                break
            if observation is None or (ends_ns is not None and observation.stamp.monotonic_ns > ends_ns):
                break
            ends_ns = ends_ns or observation.stamp.monotonic_ns + round(seconds * NS_PER_S)
            lines.append(LogLine(len(lines) + 1, "check", observation.stamp, 1, observation.entry))
            told(observation)
    return Recording(source.strap.name, tuple(lines))
