"""What can go wrong in a request, in words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from schemas.sources import FetchLimits
from tasks.fetch_answer import FetchFault
from tasks.fetch_guard import PrivateAddressError, UnknownHostError


@contextmanager
def faults_told(url: httpx.URL, limits: FetchLimits) -> Iterator[None]:
    """Turn what goes wrong while an address is asked into a FetchFault that says whether it may pass."""
    try:
        yield
    except PrivateAddressError as error:
        hint = "If that is wanted, allow it: fetch: {allow_private: true}"
        raise FetchFault("private-address", f"{error}. {hint}", passing=False) from error
    except UnknownHostError as error:
        raise FetchFault("unknown-host", str(error), passing=True) from error
    except (TimeoutError, httpx.TimeoutException) as error:
        said = f"{url} did not answer within {limits.timeout_seconds:g} s (fetch: timeout_seconds)"
        raise FetchFault("timeout", said, passing=True) from error
    except (httpx.RemoteProtocolError, httpx.ReadError) as error:
        if "location header" in str(error):
            raise FetchFault("bad-redirect", f"{url}: {error}", passing=False) from error
        raise FetchFault("cut-off", f"{url} broke off: {error}", passing=True) from error
    except httpx.ConnectError as error:
        raise FetchFault("no-connection", f"{url} cannot be reached: {error}", passing=True) from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise FetchFault("http-error", f"{url}: {error}", passing=False) from error
