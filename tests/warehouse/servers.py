"""Servers of the tests' own on loopback: PostgreSQL in a temporary folder, and a store that speaks S3."""

from __future__ import annotations

import logging
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from moto.server import ThreadedMotoServer

#: What the stores answer to; each is a value that must not show anywhere.
KEY, SECRET = "AKIANOTAREALKEY", "a value that must not show"
PASSWORD = "not a secret, but it must not show"
_INSTALL = "PostgreSQL's server is not installed: apt-get install -y postgresql"


@contextmanager
def postgres_server() -> Iterator[str]:
    """A running server; yields how to reach it, for `postgres:` settings. The password is in PGPASSWORD meanwhile.

    The server refuses root, so that it runs as nobody where the tests run as root. Skips where none is installed.
    """
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb")) or [Path(shutil.which("initdb") or "")]
    if not programs[-1].name:
        pytest.skip(_INSTALL)
    bin_folder = programs[-1].parent
    folder = Path(tempfile.mkdtemp(prefix="rasad-postgres-"))
    user = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if os.geteuid() == 0 else []
    if user:
        os.chown(folder, 65534, 65534)
    (folder / "password").write_text(PASSWORD, encoding="utf-8")
    if user:
        os.chown(folder / "password", 65534, 65534)

    def call(program: str, *arguments: str) -> None:
        subprocess.run(
            [*user, bin_folder / program, "-D", folder / "cluster", *arguments],
            cwd="/",
            check=True,
            stdout=subprocess.DEVNULL,
        )

    port = _free_port()
    options = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories= -c fsync=off"
    try:
        access = ["--username=rasad", "--auth=scram-sha-256", f"--pwfile={folder / 'password'}"]
        call("initdb", *access, "--encoding=UTF8", "--locale=C", "--no-sync")
        call("pg_ctl", "--wait", "--silent", f"--log={folder / 'log'}", f"--options={options}", "start")
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("PGPASSWORD", PASSWORD)
            yield f"host=127.0.0.1 port={port} user=rasad"
        call("pg_ctl", "--mode=immediate", "--silent", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def object_store() -> Iterator[str]:
    """A running store with an empty bucket; yields `s3://BUCKET`. The environment says how to reach it meanwhile."""
    store = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    store.start()
    try:
        host, port = store.get_host_and_port()
        address = f"http://{host}:{port}"
        httpx.put(f"{address}/news").raise_for_status()
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("AWS_ACCESS_KEY_ID", KEY)
            patch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
            patch.setenv("AWS_REGION", "us-east-1")
            patch.setenv("AWS_ENDPOINT_URL", address)
            yield "s3://news"
    finally:
        store.stop()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
