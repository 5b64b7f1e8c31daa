"""Loaded by every Python process of a cut-off run: refuse and note whatever leaves loopback."""

from __future__ import annotations

import os
import sys
from pathlib import Path

_LOCAL = ("127.", "::1", "localhost", "0.0.0.0")


def _audit(event: str, arguments: tuple[object, ...]) -> None:
    if event == "socket.connect":
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else "localhost"  # a path is a Unix socket
    elif event == "socket.getaddrinfo":
        host = arguments[0]
    else:
        return
    name = host.decode() if isinstance(host, bytes) else str(host or "localhost")
    if not name.startswith(_LOCAL):
        with Path(os.environ["RASAD_TEST_NETWORK_LOG"]).open("a") as log:
            log.write(f"{event} {name}\n")
        raise ConnectionRefusedError(f"the network is cut off: {event} {name}")


sys.addaudithook(_audit)
