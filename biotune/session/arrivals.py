"""What a source sends, one observation at a time, for somebody who waits no longer than they said."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

from biotune.errors import BiotuneError
from biotune.sensor.source import Observation


class Arrivals:
    """The next observation, or None where it takes too long.

    Parameters
    ----------
    observations : async generator of Observation
        What the source sends.
    stop : asyncio.Event
        Somebody on this side asks for the end: nothing is waited for any more.
    """

    def __init__(self, observations: AsyncGenerator[Observation, None], stop: asyncio.Event) -> None:
        self._observations = observations
        self._stop = stop
        self._stopped = asyncio.ensure_future(stop.wait())
        self._next: asyncio.Future[Observation | None] | None = None
        self.exhausted = False

    async def __aenter__(self) -> Self:
        """Begin."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wait for nothing any more."""
        for waiting in (self._stopped, self._next):
            if waiting is not None:
                waiting.cancel()
                with suppress(asyncio.CancelledError, BiotuneError):
                    await waiting

    @property
    def stopped(self) -> bool:
        """Whether somebody on this side asked for the end."""
        return self._stop.is_set()

    async def next(self, timeout_s: float | None) -> Observation | None:
        """Return None after `timeout_s`, when stopped, and when the source is exhausted."""
        if self._next is None:
            self._next = asyncio.ensure_future(anext(self._observations, None))
        either: list[asyncio.Future[Any]] = [self._next, self._stopped]
        await asyncio.wait(either, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
        if self.stopped or not self._next.done():
            return None
        observation, self._next = self._next.result(), None
        self.exhausted = observation is None
        return observation
