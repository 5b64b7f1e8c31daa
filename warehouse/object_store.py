"""Parquet files in an object store that speaks S3's protocol.

Credentials come from the environment, by the names that every S3 client reads, or from a secret that the user keeps
in DuckDB (`CREATE PERSISTENT SECRET`). They go into a secret of the connection, which DuckDB never shows, and nowhere
else.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from contextlib import suppress
from urllib.parse import urlsplit

import duckdb

from schemas.errors import SettingsError, WarehouseError
from warehouse.extensions import literal

_PREFIX = re.compile(r"s3://[a-z0-9][a-z0-9.-]+(/[^\s?*\[\]{}'\"\\]+)*/?")
#: What the extension copies out of the environment into settings, where SQL could read them.
_COPIED = ("s3_access_key_id", "s3_secret_access_key", "s3_session_token")
_HINT = (
    "Check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION and (for other stores than Amazon's) AWS_ENDPOINT_URL, "
    "and that the bucket is there."
)


def prefix(storage: str) -> str:
    """The address under which the files lie, with a slash at its end. Raises SettingsError."""
    if not _PREFIX.fullmatch(storage):
        raise SettingsError(
            "the storage is neither `folder` nor an address in an object store",
            where="the setting `storage`",
            hint="Write folder, or s3://BUCKET/PREFIX.",
        )
    return storage.rstrip("/") + "/"


def use_credentials(connection: duckdb.DuckDBPyConnection, store: str) -> None:
    """Give the connection what the environment says about this store. Raises WarehouseError, without any value."""
    options = _options(os.environ)
    for name in _COPIED:
        with suppress(duckdb.Error):  # a setting that this version does not have
            connection.execute(f"RESET {name}")
            connection.execute(f"SET {name} = ''")
    if not options:
        return
    said = ", ".join(f"{name} {literal(value)}" for name, value in options.items())
    try:
        connection.execute(f"CREATE SECRET rasad_store (TYPE s3, SCOPE {literal(store)}, {said})")
    except duckdb.Error:
        # Without its cause: DuckDB's message may repeat the statement.
        raise WarehouseError("the object store's credentials cannot be used", where=store, hint=_HINT) from None


def _options(environment: Mapping[str, str]) -> dict[str, str]:
    """The secret's options; none when the environment has no key."""
    key, secret = environment.get("AWS_ACCESS_KEY_ID"), environment.get("AWS_SECRET_ACCESS_KEY")
    if not key or not secret:
        return {}
    options = {"KEY_ID": key, "SECRET": secret}
    region = environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION")
    options |= {"REGION": region} if region else {}
    token = environment.get("AWS_SESSION_TOKEN")
    options |= {"SESSION_TOKEN": token} if token else {}
    endpoint = environment.get("AWS_ENDPOINT_URL_S3") or environment.get("AWS_ENDPOINT_URL")
    if endpoint:
        parts = urlsplit(endpoint if "//" in endpoint else f"https://{endpoint}")
        options |= {"ENDPOINT": parts.netloc, "URL_STYLE": "path", "USE_SSL": str(parts.scheme == "https").lower()}
    return options


def unusable(store: str, text: str) -> WarehouseError:
    """The error for a store that does not answer, or does not let us in."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return WarehouseError(
        f"the object store cannot be used: {lines[0] if lines else 'no answer'}", where=store, hint=_HINT
    )
