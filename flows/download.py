"""One file over HTTP: continued where it was cut off, compared with its md5, and put in place whole or not at all."""

from __future__ import annotations

import http.client
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urlsplit

from schemas.errors import ModelCorrupt, ModelMissing, RasadError, SettingsError
from tasks.models_official import md5_of

Progress = Callable[[int, int | None], None]  # bytes that are here, bytes in all where that is known


@dataclass(frozen=True, slots=True)
class Limits:
    """What a download may take; the largest official file is some hundred megabytes."""

    bytes: int = 4 * 1024**3
    seconds: float = 3600.0  # for one file; what is here by then is kept
    silence: float = 60.0  # without a byte
    attempts: int = 4  # times that a connection may break
    pause: float = 1.0  # before the second attempt, twice that before the third


class CutOff(Exception):
    """The connection broke; what came is kept."""


def _opener() -> urllib.request.OpenerDirector:
    """HTTP alone: the usual opener would follow a redirection to ftp: and read file: addresses."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(), urllib.request.UnknownHandler(), urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(), urllib.request.HTTPRedirectHandler(), urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
    ):  # fmt: skip
        opener.add_handler(handler)
    return opener


def _request(url: str, start: int = 0) -> urllib.request.Request:
    if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
        raise SettingsError(
            "this is no address to fetch from", where=url, hint="Give one that begins with https:// or http://."
        )
    # `identity`: a length and a md5 are those of the file, not of its compressed form.
    headers = {"User-Agent": f"rasad/{version('rasad')}", "Accept-Encoding": "identity"}
    return urllib.request.Request(url, headers=headers | ({"Range": f"bytes={start}-"} if start else {}))


def read_text(url: str, *, again: str, most: int = 64 * 1024**2, limits: Limits | None = None) -> str | None:
    """A small text file, or None where the server has none (404). `again` is the command that tries anew.

    Raises ModelMissing when it cannot be got, ModelCorrupt when it is no text or larger than `most`.
    """
    limits = limits or Limits()
    try:
        with _opener().open(_request(url), timeout=limits.silence) as response:
            length = response.headers.get("Content-Length")
            content: bytes = response.read(most + 1)
    except urllib.error.HTTPError as error:
        if error.code == 404:
            return None
        raise _refused(url, error, again) from error
    except (OSError, http.client.HTTPException) as error:
        raise _unreachable(url, error, again) from error
    if len(content) > most:
        raise ModelCorrupt(f"the file is larger than {most:,} bytes", where=url, hint="Check the address.")
    if length is not None and len(content) < int(length):
        raise _unreachable(url, CutOff("the connection broke"), again)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ModelCorrupt("the file is no text", where=url, hint="Check the address.") from error


def download(
    url: str, target: Path, *, md5s: tuple[str, ...], again: str, progress: Progress, limits: Limits | None = None
) -> None:
    """Get a file. What has come of it lies in a `.part` file beside it, and a later call continues there.

    Raises ModelMissing when it cannot be got, ModelCorrupt when it is not the one with that md5 (then nothing of it
    is kept), SettingsError when it cannot be written.
    """
    limits = limits or Limits()
    # The digest in the name: a part of another release of the file is never continued.
    part = target.with_name(f"{target.name}.{md5s[0][:8] if md5s else 'new'}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if not (part.exists() and md5s and md5_of(part) in md5s):
            _complete(url, part, again, progress, limits)
        found = md5_of(part)
        if md5s and found not in md5s:
            part.unlink()
            raise ModelCorrupt(
                f"what came from {url} has the md5 {found}, not {md5s[0]}; it was removed",
                where=str(target),
                hint=f"Type again: {again}; if the same happens, that place has a wrong file or index.",
            )
        part.replace(target)
        for old in target.parent.glob(f"{target.name}.*.part"):
            old.unlink()
    except OSError as error:
        raise SettingsError(
            f"the file cannot be written: {error.strerror or error}",
            where=str(target),
            hint="Make room there, or name another folder: rasad models fetch DIR.",
        ) from error


def _complete(url: str, part: Path, again: str, progress: Progress, limits: Limits) -> None:
    """Fetch what is missing of a part, in as many connections as the limits allow."""
    deadline = time.monotonic() + limits.seconds
    for attempt in range(1, limits.attempts + 1):
        try:
            return _continue(url, part, again, progress, limits, deadline)
        except CutOff as error:
            if attempt == limits.attempts or time.monotonic() > deadline:
                size = part.stat().st_size if part.exists() else 0
                raise ModelMissing(
                    f"the download was cut off {attempt} times: {error}",
                    where=url,
                    hint=f"{size:,} bytes are kept. To continue, type: {again}.",
                ) from error
            time.sleep(min(limits.pause * 2 ** (attempt - 1), max(0.0, deadline - time.monotonic())))
    return None


def _continue(url: str, part: Path, again: str, progress: Progress, limits: Limits, deadline: float) -> None:
    """One connection. Raises CutOff when it ends before the file does."""
    start = part.stat().st_size if part.exists() else 0
    try:
        response = _opener().open(_request(url, start), timeout=limits.silence)
    except urllib.error.HTTPError as error:
        if error.code == 416 and start:  # the part is longer than the file: it is another one
            part.unlink()
            raise CutOff("the server has a shorter file") from error
        if error.code == 429 or error.code >= 500:
            raise CutOff(f"the server answered {error.code} {error.reason}") from error
        raise _refused(url, error, again) from error
    except (OSError, http.client.HTTPException) as error:
        raise _unreachable(url, error, again) from error
    with response:
        if response.status != 206 or not response.headers.get("Content-Range", "").startswith(f"bytes {start}-"):
            start = 0  # the server does not continue files: from the beginning
        length = response.headers.get("Content-Length")
        total = start + int(length) if length is not None else None
        size = start
        with part.open("ab" if start else "wb") as file:
            while True:
                if max(size, total or 0) > limits.bytes:
                    raise _too_large(url, part, limits)
                if time.monotonic() > deadline:
                    raise CutOff(f"it took longer than {limits.seconds:.0f} s")
                progress(size, total)
                try:
                    # read1: what is here, so that a slow line shows its progress and meets the deadline
                    piece = response.read1(1 << 18)
                except (OSError, http.client.HTTPException) as error:
                    raise CutOff(str(error) or type(error).__name__) from error
                if not piece:
                    break
                file.write(piece)
                size += len(piece)
    if total is not None and size < total:
        raise CutOff(f"{size:,} of {total:,} bytes came")


def _too_large(url: str, part: Path, limits: Limits) -> RasadError:
    part.unlink(missing_ok=True)
    return ModelCorrupt(
        f"the file is larger than {limits.bytes:,} bytes, which no package of Stanza's is",
        where=url,
        hint="Check the address: rasad models fetch --url URL.",
    )


def _refused(url: str, error: urllib.error.HTTPError, again: str) -> RasadError:
    return ModelMissing(
        f"the server answered {error.code} {error.reason}",
        where=url,
        hint=f"Check the address in: {again}.",
    )


def _unreachable(url: str, error: Exception, again: str) -> RasadError:
    reason = getattr(error, "reason", None) or error
    return ModelMissing(
        f"the server cannot be reached: {reason}",
        where=url,
        hint=f"Check the network and the address, then type again: {again}.",
    )
