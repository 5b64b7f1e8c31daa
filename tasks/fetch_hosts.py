"""One host as its visitor sees it: whose turn it is, and what its robots.txt allows."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

import httpx
from protego import Protego

from schemas.sources import FetchLimits
from tasks.fetch_answer import FetchFault

#: A robots.txt may ask for a delay; beyond ten minutes it is a mistake, or a way to say no.
_LONGEST_DELAY = 600.0


class Host:
    """The queue and the rules of one host (with its scheme and port)."""

    def __init__(
        self,
        name: str,
        limits: FetchLimits,
        agent: str,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.name = name
        self._agent = agent
        self._delay = limits.delay_seconds
        self._clock = clock
        self._sleep = sleep
        self._next = clock()
        self._lock = asyncio.Lock()
        self._rules: Protego | FetchFault | None = None

    async def turn(self) -> None:
        """Wait until the host may be asked again."""
        while (wait := self._next - self._clock()) > 0:
            await self._sleep(wait)
        self._next = self._clock() + self._delay

    def leave_alone(self, seconds: float) -> None:
        """Ask nothing of the host for a while."""
        self._next = max(self._next, self._clock() + seconds)

    async def allow(self, url: httpx.URL, ask: Callable[[httpx.URL], Awaitable[tuple[int, bytes]]]) -> None:
        """Raise FetchFault unless robots.txt lets us ask for this address.

        As RFC 9309 has it: without a robots.txt (4xx) all is allowed; while it cannot be had, nothing is.
        """
        async with self._lock:
            if self._rules is None:
                self._rules = await self._read_rules(ask)
        if isinstance(self._rules, FetchFault):
            fault = self._rules
            raise FetchFault(fault.rule, str(fault), passing=fault.passing, status=fault.status)
        if not self._rules.can_fetch(str(url), self._agent):
            raise FetchFault("robots-disallowed", f"{self.name}/robots.txt asks to leave {url} alone", passing=False)

    async def _read_rules(self, ask: Callable[[httpx.URL], Awaitable[tuple[int, bytes]]]) -> Protego | FetchFault:
        try:
            status, text = await ask(httpx.URL(f"{self.name}/robots.txt"))
        except FetchFault as fault:
            # What is wrong with the host is wrong with its pages; a broken robots.txt alone may pass.
            return fault if fault.passing or fault.rule == "private-address" else Protego.parse("")
        if status >= 500 or status == 429:
            error = f"{self.name}/robots.txt answered {status}: until it can be read, nothing may be fetched"
            return FetchFault("robots-unavailable", error, passing=True, status=status)
        rules = Protego.parse(text.decode("utf-8", "replace"))
        asked = rules.crawl_delay(self._agent)
        if asked:
            self._delay = max(self._delay, min(float(asked), _LONGEST_DELAY))
        return rules
