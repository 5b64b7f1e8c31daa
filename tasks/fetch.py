"""Fetch addresses: many hosts at once, each one politely, nothing without a bound.

For each host there is a queue, worked off by `per_host` workers with `delay_seconds` between two requests, as
robots.txt asks where that is more. A server that asks to be left alone (429, Retry-After) is, with all its pages.
"""

from __future__ import annotations

import asyncio
import queue
import random
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Final, Literal

import httpcore
import httpx

from schemas.sources import FetchLimits
from tasks.fetch_answer import Answer, FetchFault, Target, check_status, check_type, read_body
from tasks.fetch_faults import faults_told
from tasks.fetch_guard import Resolve, guarded_transport, resolve
from tasks.fetch_hosts import Host

AGENT: Final = f"Rasad/{version('rasad')} (news monitoring; python-httpx)"
#: Answers that may wait to be stored: at 8 MiB each, memory stays below 128 MiB whatever the disk does.
_WAITING: Final = 16
_ACCEPT: Final = "text/html,application/xhtml+xml,application/rss+xml,application/atom+xml;q=0.9,*/*;q=0.5"

Clock = Callable[[], datetime]


def wall_clock() -> datetime:
    """The time at which a payload came, in UTC."""
    return datetime.now(UTC)


class Session:
    """The requests of one run of one source. Everything that it does happens in one event loop."""

    def __init__(
        self,
        limits: FetchLimits,
        clock: Clock = wall_clock,
        resolve: Resolve = resolve,
        backend: httpcore.AsyncNetworkBackend | None = None,
    ) -> None:
        self.limits = limits
        self.agent = limits.user_agent or AGENT
        self._clock = clock
        self._slots = asyncio.Semaphore(limits.concurrency)
        self._hosts: dict[str, Host] = {}
        connections = httpx.Limits(max_connections=limits.concurrency, max_keepalive_connections=limits.concurrency)
        self._client = httpx.AsyncClient(
            transport=guarded_transport(
                connections, allow_private=limits.allow_private, resolve=resolve, inner=backend
            ),
            headers={"User-Agent": self.agent, "Accept": _ACCEPT, "Accept-Encoding": "gzip, deflate"},
            timeout=limits.timeout_seconds,
            follow_redirects=False,
        )

    async def close(self) -> None:
        await self._client.aclose()

    def now(self) -> datetime:
        return self._clock()

    def host(self, url: httpx.URL) -> Host:
        key = f"{url.scheme}://{url.netloc.decode('ascii')}"
        return self._hosts.setdefault(key, Host(key, self.limits, self.agent))

    async def fetch(self, target: Target) -> Answer:
        """Ask one address, as often as it pays. Never raises for what a server does."""
        for attempt in range(self.limits.retries + 1):
            try:
                return await self._ask(target)
            except FetchFault as fault:
                wait = self._wait(fault, attempt)
                if wait is None:
                    return _failure(target, fault, self._clock())
            await asyncio.sleep(wait)
        raise AssertionError("the last attempt returns")

    def _wait(self, fault: FetchFault, attempt: int) -> float | None:
        """How long to wait before the next try; None to give up."""
        if not fault.passing or attempt >= self.limits.retries:
            return None
        if fault.wait is not None:
            return fault.wait if fault.wait <= self.limits.max_wait_seconds else None
        # Jitter of half either way keeps the pages of one failure from coming back all at once.
        return self.limits.backoff_seconds * 2.0**attempt * (0.5 + random.random())

    async def _ask(self, target: Target) -> Answer:
        url = httpx.URL(target.url)
        seen: set[str] = set()
        for _ in range(self.limits.max_redirects + 1):
            if str(url) in seen:
                raise FetchFault("redirect-loop", f"{target.url} is sent in a circle, over {url}", passing=False)
            seen.add(str(url))
            answer = await self._request(url, target)
            if isinstance(answer, Answer):
                return answer
            url = answer
        error = f"{target.url} is sent on more than {self.limits.max_redirects} times (fetch: max_redirects)"
        raise FetchFault("too-many-redirects", error, passing=False)

    async def _request(self, url: httpx.URL, target: Target) -> Answer | httpx.URL:
        """One request: an answer, or the address that it is sent on to."""
        host = self.host(url)
        await host.allow(url, self._robots)
        headers = {"If-None-Match": target.etag, "If-Modified-Since": target.last_modified}
        await host.turn()
        async with self._slots:
            with faults_told(url, self.limits):
                async with (
                    asyncio.timeout(self.limits.timeout_seconds),
                    self._client.stream("GET", url, headers={k: v for k, v in headers.items() if v}) as response,
                ):
                    if response.has_redirect_location:
                        return _next_address(response)
                    now = self._clock()
                    try:
                        check_status(response, now)
                    except FetchFault as fault:
                        if fault.wait is not None:
                            host.leave_alone(min(fault.wait, self.limits.max_wait_seconds))
                        raise
                    etag, modified = response.headers.get("ETag"), response.headers.get("Last-Modified")
                    if response.status_code == 304:
                        stamps = (etag or target.etag, modified or target.last_modified)
                        return Answer(target, "unchanged", now, 304, etag=stamps[0], last_modified=stamps[1])
                    kind, charset = check_type(response, target.role)
                    payload = await read_body(response, self.limits.max_bytes)
        return Answer(
            target,
            "fetched",
            now,
            response.status_code,
            payload=payload,
            media_type=kind,
            charset=charset,
            final_url=str(url) if str(url) != target.url else None,
            etag=etag,
            last_modified=modified,
        )

    async def _robots(self, url: httpx.URL) -> tuple[int, bytes]:
        """The status and text of a robots.txt, over redirects like any page. Raises FetchFault."""
        for _ in range(self.limits.max_redirects + 1):
            async with self._slots:
                with faults_told(url, self.limits):
                    async with (
                        asyncio.timeout(self.limits.timeout_seconds),
                        self._client.stream("GET", url) as response,
                    ):
                        if not response.has_redirect_location:
                            good = response.status_code == 200
                            return response.status_code, await read_body(response, 512 * 1024) if good else b""
                        url = _next_address(response)
        raise FetchFault("too-many-redirects", f"{url} is sent on too often", passing=True)


def _failure(target: Target, fault: FetchFault, now: datetime) -> Answer:
    outcome: Literal["failed", "refused"] = "failed" if fault.passing else "refused"
    return Answer(target, outcome, now, fault.status, fault.rule, str(fault))


def _next_address(response: httpx.Response) -> httpx.URL:
    try:
        url = response.url.join(response.headers["Location"]).copy_with(fragment=None)
    except (httpx.InvalidURL, ValueError, UnicodeError) as failure:
        raise FetchFault("bad-redirect", f"{response.url} is sent on to no address: {failure}", passing=False) from None
    if url.scheme not in ("http", "https") or not url.host:
        raise FetchFault("bad-redirect", f"{response.url} is sent on to {url}, which is not http", passing=False)
    return url


def fetch_all(
    targets: Iterable[Target],
    limits: FetchLimits,
    clock: Clock = wall_clock,
    resolve: Resolve = resolve,
    backend: httpcore.AsyncNetworkBackend | None = None,
) -> Iterator[Answer]:
    """Fetch many addresses; answers come as they arrive. Closing the iterator ends the requests under way.

    The requests run in a thread of their own, so that they go on while an answer is being stored, as far as
    a small queue allows.
    """
    answers: queue.Queue[Answer | BaseException | None] = queue.Queue(_WAITING)
    stopped = threading.Event()

    def put(item: Answer | BaseException | None) -> None:
        while not stopped.is_set():
            with suppress(queue.Full):
                answers.put(item, timeout=0.1)
                return

    def work() -> None:
        try:
            asyncio.run(_work(list(targets), Session(limits, clock, resolve, backend), put, stopped))
        except BaseException as failure:  # a bug of ours must not leave the reader waiting for ever
            put(failure)
        put(None)

    thread = threading.Thread(target=work, name="rasad-fetch", daemon=True)
    thread.start()
    try:
        while (item := answers.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        stopped.set()
        thread.join()


async def _work(
    targets: list[Target], session: Session, put: Callable[[Answer], None], stopped: threading.Event
) -> None:
    queues: dict[Host, deque[Target]] = {}
    for target in targets:
        try:
            host = session.host(httpx.URL(target.url))
        except (httpx.InvalidURL, UnicodeError) as failure:
            fault = FetchFault("bad-address", f"{target.url!r} is no address: {failure}", passing=False)
            await asyncio.to_thread(put, _failure(target, fault, session.now()))
            continue
        queues.setdefault(host, deque()).append(target)

    async def worker(waiting: deque[Target]) -> None:
        while waiting:
            answer = await session.fetch(waiting.popleft())
            await asyncio.to_thread(put, answer)

    async def watch(workers: list[asyncio.Task[None]]) -> None:
        while not stopped.is_set():
            await asyncio.sleep(0.1)
        for task in workers:
            task.cancel()

    workers = [
        asyncio.create_task(worker(waiting))
        for waiting in queues.values()
        for _ in range(min(session.limits.per_host, len(waiting)))
    ]
    watcher = asyncio.create_task(watch(workers))
    try:
        results = await asyncio.gather(*workers, return_exceptions=True)
    finally:
        watcher.cancel()
        await session.close()
    for result in results:
        if isinstance(result, BaseException) and not isinstance(result, asyncio.CancelledError):
            raise result
