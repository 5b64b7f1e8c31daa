"""Run a command with the network cut off: `python cut_off.py LOG COMMAND...`.

Where the system allows it, the command runs in an empty network namespace with nothing but loopback, so that no
library can get out, whatever it is written in. Everywhere, its Python processes (children included) load the guard in
`guard/sitecustomize.py`, which refuses connections and name look-ups outside loopback and notes them in LOG.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import socket
import struct
import sys
from pathlib import Path

CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000  # linux/sched.h
SIOCSIFFLAGS, IFF_UP_AND_RUNNING = 0x8914, 0x41  # linux/sockios.h, linux/if.h


def leave_the_network() -> bool:
    """Move this process into a network namespace of its own, loopback up; False where that is not allowed."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNET) and libc.unshare(CLONE_NEWUSER | CLONE_NEWNET):
        return False
    with socket.socket() as handle:
        fcntl.ioctl(handle, SIOCSIFFLAGS, struct.pack("16sh", b"lo", IFF_UP_AND_RUNNING))
    return True


if __name__ == "__main__":
    log, *command = sys.argv[1:]
    Path(log).write_text("namespace\n" if leave_the_network() else "guard only\n")
    guard = str(Path(__file__).parent / "guard")
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [guard, os.environ.get("PYTHONPATH")]))
    os.environ["RASAD_TEST_NETWORK_LOG"] = log
    os.execv(command[0], command)
