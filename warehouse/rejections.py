"""Rejected rows: finding those to try again, and closing those of files that were mended.

A rejection is never deleted: `resolved_by` names the run that accepted what it is about.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import duckdb
import pyarrow as pa

from schemas.operations import LedgerEntry, Rejection
from warehouse.connection import Parameter, Reader, registered
from warehouse.tables import qualified
from warehouse.writer import Writer

#: Rules about a whole file that could not be read to its end. Their unit is the file itself, which no later
#: document has as its id: what is in a mended file comes in as new documents.
FILE_RULES = ("corrupt-gzip", "damaged-archive", "damaged-table", "decompression-limit", "unreadable-file")


def open_rejections(
    reader: Reader, *, stage: str | None = None, rule: str | None = None, ids: Sequence[str] = ()
) -> pa.Table:
    """Open rejections, of a stage, a rule, or some ids (of a rejection, an article or a document).

    Columns out: rejection_id, stage, rule, article_id, document_id, uri.
    """
    conditions = ["resolved_by IS NULL"]
    parameters: list[Parameter] = []
    for column, value in (("stage", stage), ("rule", rule)):
        if value is not None:
            conditions.append(f"{column} = ?")
            parameters.append(value)
    if ids:
        conditions.append(
            "(rejection_id IN (FROM wanted) OR article_id IN (FROM wanted) OR document_id IN (FROM wanted))"
        )
    wanted = {"wanted": pa.table({"id": pa.array(ids, pa.string())})} if ids else {}
    return reader.query(
        f"SELECT rejection_id, stage, rule, article_id, document_id, uri FROM rejections "
        f"WHERE {' AND '.join(conditions)} ORDER BY rejection_id",
        parameters,
        **wanted,
    )


def resolve_mended(
    writer: Writer, reader: Reader, run_id: str, files: Iterable[str], still_broken: Iterable[str]
) -> int:
    """Close the rejections of files that were now read to their end; returns how many.

    `files` are the names as `rejections.uri` has them, `still_broken` the units that were refused this time.
    Their ledger entries go, so that the file is reported again if it breaks again.
    """
    names = pa.table({"name": pa.array(sorted(set(files)), pa.string())})
    broken = pa.table({"id": pa.array(sorted(set(still_broken)), pa.string())})
    rules = pa.table({"rule": pa.array(FILE_RULES)})
    mended = reader.query(
        "SELECT DISTINCT document_id AS id FROM rejections WHERE resolved_by IS NULL AND rule IN (FROM rules) "
        "AND uri IN (FROM names) AND document_id NOT IN (FROM broken)",
        names=names,
        broken=broken,
        rules=rules,
    )
    if not mended.num_rows:
        return 0

    def work(connection: duckdb.DuckDBPyConnection, snapshot_id: int) -> None:
        with registered(connection, {"mended": mended}):
            connection.execute(
                f"UPDATE {qualified(Rejection)} SET resolved_by = ? "
                "WHERE resolved_by IS NULL AND document_id IN (FROM mended)",
                [run_id],
            )
            connection.execute(
                f"DELETE FROM {qualified(LedgerEntry)} WHERE stage = 'ingest' AND article_id IN (FROM mended)"
            )

    count = int(mended.num_rows)
    writer.change(run_id, f"ingest: {count} files were mended", work)
    return count
