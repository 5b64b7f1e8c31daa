"""What is asked for and what comes back; and reading an answer's body within bounds."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final, Literal

import httpx

from tasks.reading_warc import PAGE_TYPES, content_type

Role = Literal["list", "page"]
#: Statuses that may pass: too many requests, and a server in trouble.
PASSING: Final = frozenset({408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524})
#: Read from the network, and unpacked at most, in one step.
_STEP: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Target:
    """An address to ask, with what its server said the last time and what its list says now."""

    url: str
    role: Role = "page"
    etag: str | None = None
    last_modified: str | None = None
    metadata: str | None = None
    listed_at: str | None = None
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one target: a payload, `unchanged`, a failure that may pass, or a refusal that will not."""

    target: Target
    outcome: Literal["fetched", "unchanged", "failed", "refused"]
    fetched_at: datetime
    status: int | None = None
    rule: str | None = None
    error: str | None = None
    payload: bytes = b""
    media_type: str = ""
    charset: str | None = None
    final_url: str | None = None
    etag: str | None = None
    last_modified: str | None = None


class FetchFault(Exception):
    """Why an address gave nothing: a short stable rule, a sentence, and whether it may pass.

    `wait` is how long the server asks to be left alone, in seconds.
    """

    def __init__(
        self, rule: str, message: str, *, passing: bool, status: int | None = None, wait: float | None = None
    ) -> None:
        super().__init__(message)
        self.rule = rule
        self.passing = passing
        self.status = status
        self.wait = wait


def check_status(response: httpx.Response, now: datetime) -> None:
    """Raise FetchFault unless the answer is a whole payload or says that nothing changed."""
    status = response.status_code
    if status in (200, 203, 304):
        return
    passing = status in PASSING
    said = f"{response.url} answered {status} {response.reason_phrase}".rstrip()
    wait = retry_after(response.headers.get("Retry-After"), now) if passing else None
    raise FetchFault(f"http-{status}", said, passing=passing, status=status, wait=wait)


def check_type(response: httpx.Response, role: Role) -> tuple[str, str | None]:
    """The MIME type and charset of an answer. Raises FetchFault where a page is asked for and none is given."""
    kind, charset = content_type(response.headers.get("Content-Type", ""))
    if role == "page" and kind and kind not in PAGE_TYPES:
        raise FetchFault("not-a-page", f"{response.url} is of type {kind}", passing=False, status=response.status_code)
    return "text/html" if role == "page" else kind or "application/octet-stream", charset


def retry_after(header: str | None, now: datetime) -> float | None:
    """The seconds that a Retry-After header asks for, given as such or as a date; None where it says nothing."""
    if header is None:
        return None
    if header.strip().isdecimal():
        return float(header)
    try:
        moment = parsedate_to_datetime(header)
    except ValueError:
        return None
    zoned = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (zoned - now).total_seconds())


async def read_body(response: httpx.Response, limit: int) -> bytes:
    """The body, unpacked in small steps, since a kilobyte may unfold to a megabyte. Raises FetchFault."""
    url, status = response.url, response.status_code
    declared = response.headers.get("Content-Length", "")
    if declared.isdecimal() and int(declared) > limit:
        error = f"{url} is {int(declared):,} bytes, over the limit of {limit:,} (fetch: max_bytes)"
        raise FetchFault("too-large", error, passing=False, status=status)
    coding = response.headers.get("Content-Encoding", "identity").strip().lower() or "identity"
    if coding not in ("identity", "gzip", "x-gzip", "deflate"):
        error = f"{url} is packed in a way that was not asked for: {coding}"
        raise FetchFault("unknown-encoding", error, passing=False, status=status)
    unpacker = None if coding == "identity" else _Unpacker(coding)
    body = bytearray()
    async for piece in response.aiter_raw(_STEP):
        if unpacker is None:
            body += piece
        else:
            try:
                unpacker.feed(piece, body, limit)
            except zlib.error as failure:
                raise FetchFault("cut-off", f"{url} is damaged: {failure}", passing=True, status=status) from failure
        if len(body) > limit:
            rule, what = ("too-large", "is") if unpacker is None else ("decompression-limit", "unfolds to")
            error = f"{url} {what} more than {limit:,} bytes (fetch: max_bytes)"
            raise FetchFault(rule, error, passing=False, status=status)
    if unpacker is not None and body and not unpacker.finished:
        raise FetchFault("cut-off", f"{url} broke off before its end", passing=True, status=status)
    return bytes(body)


class _Unpacker:
    """gzip and deflate, the latter with or without the header that many servers leave out."""

    def __init__(self, coding: str) -> None:
        self._coding = coding
        self._inner = zlib.decompressobj(zlib.MAX_WBITS | 16 if coding != "deflate" else zlib.MAX_WBITS)
        self._begun = False

    @property
    def finished(self) -> bool:
        return self._inner.eof

    def feed(self, piece: bytes, body: bytearray, limit: int) -> None:
        """Unpack a piece onto the body, up to a step beyond the limit."""
        while piece and len(body) <= limit and not self._inner.eof:
            try:
                body += self._inner.decompress(piece, _STEP)
            except zlib.error:
                if self._begun or self._coding != "deflate":
                    raise
                self._inner = zlib.decompressobj(-zlib.MAX_WBITS)
                body += self._inner.decompress(piece, _STEP)
            self._begun = True
            piece = self._inner.unconsumed_tail
