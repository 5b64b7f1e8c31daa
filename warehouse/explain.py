"""Explain what DuckDB, the catalog and the operating system say when the warehouse cannot be used."""

from __future__ import annotations

import errno
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import duckdb

from schemas.catalog import BY_NAME
from schemas.errors import ContractError, QueryError, RasadError, WarehouseDamaged, WarehouseError, WarehouseNewer
from warehouse.location import Location
from warehouse.object_store import unusable
from warehouse.postgres import unreachable

_MISSING_TABLE = re.compile(r"Table with name (\w+) does not exist")
_RESTORE = "Restore it from a backup, or move the folder away and run rasad again over the sources."
#: What DuckDB and libpq say when a PostgreSQL server is not there, or does not let us in.
_NO_SERVER = (
    "unable to connect to postgres",
    "connection to server",
    "server closed the connection",
    "terminating connection",
)
_NO_RIGHT = re.compile(r"permission denied for [^\n]+")
_SHOW_TABLES = 'See what there is: rasad sql "SHOW TABLES", rasad sql "DESCRIBE articles".'


@contextmanager
def explained(location: Location) -> Iterator[None]:
    """Turn DuckDB's and the operating system's errors into ours."""
    try:
        yield
    except duckdb.Error as failure:
        raise explain(failure, location) from failure
    except OSError as failure:
        if failure.errno == errno.ENOSPC:
            raise disk_full(location) from failure
        raise WarehouseError(
            f"the warehouse's folder cannot be used: {failure.strerror or failure}",
            where=str(failure.filename or location.folder),
            hint="Check the folder's path and permissions, or name another with --warehouse.",
        ) from failure


def explain(failure: Exception, location: Location) -> RasadError:
    """Our error for one of DuckDB's: what is wrong with the warehouse, else with the query."""
    text = str(failure)
    lower = text.lower()
    if "no space left" in lower or "disk is full" in lower or "disk quota" in lower:
        return disk_full(location)
    if "disabled by configuration" in lower:  # what a locked reader may not reach is no fault of a store
        return query_error(failure)
    if location.database is not None and any(said in lower for said in _NO_SERVER):
        return unreachable(location.database, text)
    if location.database is not None and (denied := _NO_RIGHT.search(text)):
        return WarehouseError(
            f"the catalog's server does not let this role do it: {denied[0]}",
            where=location.catalog_name,
            hint="To write, connect as its owner; to read, SELECT on all its tables is needed (docs/team.md).",
        )
    if "does not match existing data path" in lower:
        return WarehouseError(
            f"the catalog keeps its files elsewhere: {text.splitlines()[0]}",
            where=location.catalog_name,
            hint="Set `storage` (or --warehouse, for files in its folder) to the place that the catalog names.",
        )
    if "version mismatch" in lower:
        return newer(location, text.splitlines()[0])
    if "malformed" in lower or "file is not a database" in lower or "disk i/o error" in lower:
        return WarehouseDamaged(
            f"the catalog cannot be read: {text.splitlines()[0]}",
            where=location.catalog_name,
            hint=_RESTORE,
        )
    if "database is locked" in lower:
        return WarehouseError(
            "another program keeps the catalog locked",
            where=location.catalog_name,
            hint="Close the program that has it open (fuser -v catalog.sqlite names it), then try again.",
        )
    damaged = _damaged_file(text, location)
    if damaged is not None:
        problem = f"a data file is missing or cannot be read: {text.splitlines()[0]}"
        # DuckDB says the same of a file that it cannot write because there is no bucket.
        hint = f"If this warehouse is new, make the bucket of {location.store} first. {_RESTORE}"
        return WarehouseDamaged(problem, where=damaged, hint=hint) if location.store else file_damaged(problem, damaged)
    if location.store and (isinstance(failure, duckdb.HTTPException) or "http" in lower or "s3://" in lower):
        return unusable(location.store, text)
    if isinstance(failure, duckdb.OutOfMemoryException):
        return WarehouseError(
            f"DuckDB ran out of memory or of spill space: {text.splitlines()[0]}",
            where=str(location.spill),
            hint="Raise the memory limit in the settings, or ask for less at once.",
        )
    if isinstance(failure, duckdb.ConstraintException):
        return ContractError(
            f"rows that are not valid reached the warehouse: {text.splitlines()[0]}",
            where=str(location.folder),
            hint="Nothing was written. Validate a stage's tables before the commit (schemas.validate).",
        )
    if "permission denied" in lower or "readonly database" in lower:
        return WarehouseError(
            f"the warehouse cannot be opened, which needs the right to write in its folder: {text.splitlines()[0]}",
            where=str(location.folder),
            hint="Check who owns it (ls -ld), or copy the folder and name the copy with --warehouse.",
        )
    return query_error(failure)


def query_error(failure: Exception) -> QueryError:
    """A user's mistake: DuckDB's first line, and what it suggests."""
    lines = [line.strip() for line in str(failure).splitlines() if line.strip()]
    suggested = [line.rstrip("?. ") for line in lines[1:] if line.startswith(("Did you mean", "Candidate"))]
    problem = lines[0].rstrip("!. ") if lines else type(failure).__name__
    missing = _MISSING_TABLE.search(problem)
    if missing and missing[1] in BY_NAME:
        return QueryError(problem, hint="An older Rasad made this warehouse. Bring it up to date: rasad migrate.")
    return QueryError(problem, hint=". ".join([*suggested[:1], _SHOW_TABLES]))


def _damaged_file(text: str, location: Location) -> str | None:
    """The data file that an error names, if it is one of the warehouse's own."""
    for path in re.findall(r'"([^"\n]+\.parquet)"', text) + re.findall(r"'([^'\n]+\.parquet)'", text):
        if path.startswith(location.data_path):
            return str(path)
    if location.store is None and str(location.data) in text and ".parquet" in text:
        return str(location.data)
    if location.store is not None and "404" in text and (found := re.search(r"\S+\.parquet", text)):
        return found[0].strip("'\"")
    return None


def disk_full(location: Location) -> WarehouseError:
    free = "unknown"
    with suppress(OSError):
        free = f"{shutil.disk_usage(location.folder).free / 1e6:.0f} MB"
    return WarehouseError(
        f"the disk is full ({free} free); nothing of this commit was kept",
        where=str(location.folder),
        hint="Free some space and run the same command again: it goes on where it stopped.",
    )


def newer(location: Location, detail: str) -> WarehouseNewer:
    return WarehouseNewer(
        f"the warehouse was written by a newer Rasad ({detail})",
        where=str(location.folder),
        hint="Upgrade: pip install --upgrade rasad, or name another warehouse with --warehouse.",
    )


def not_a_folder(location: Location) -> WarehouseError:
    return WarehouseError(
        "the warehouse is to be a folder, and this is a file",
        where=str(location.folder),
        hint="Name another place with --warehouse, or move the file away.",
    )


def file_damaged(problem: str, file: str) -> WarehouseDamaged:
    return WarehouseDamaged(problem, where=file, hint=_RESTORE)


def catalog_gone(location: Location) -> WarehouseDamaged:
    return WarehouseDamaged(
        "there are data files and no catalog",
        where=location.catalog_name,
        hint=_RESTORE,
    )
