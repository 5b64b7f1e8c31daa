"""Documents that are in the warehouse and due at `ingest` again, since another version of it read them last.

Their payloads are in `raw_documents`, so nothing is fetched or read from files a second time.
"""

from __future__ import annotations

from collections.abc import Iterator

from warehouse.connection import Parameter, Reader
from warehouse.ledger import Scope, StageSpec, key_sql

#: A batch holds whole payloads: up to 1 MB for a large page, so 128 MB.
BATCH_DOCUMENTS = 128


def stored_documents_sql(stage: StageSpec, scope: Scope) -> tuple[str, list[Parameter]]:
    """What follows FROM: `raw_documents` as d and the articles they gave as a, where the document is due.

    A document is in the window of its article, also one that an article's later revision has replaced; one that
    gave no article, or an article without a date, is undated.
    """
    key, key_parameters = key_sql("d.content_sha256", stage, [])
    # A document that gave no article has only the source that it was read from.
    condition, parameters = scope.condition("d.document_id")
    return (
        "raw_documents AS d LEFT JOIN articles AS a ON a.article_id = d.article_id "
        "LEFT JOIN stage_ledger AS stored ON stored.stage = ? AND stored.article_id = d.document_id "
        f"WHERE stored.input_key IS DISTINCT FROM {key} AND {condition}",
        [stage.name, *key_parameters, *parameters],
    )


def stored_documents_due(
    reader: Reader, stage: StageSpec, scope: Scope, limit: int = BATCH_DOCUMENTS
) -> Iterator[dict[str, str]]:
    """Batches of document id → key to store once it is done, as of now.

    All revisions of one article are in one batch, so that a batch does not put back what the next one replaces.
    """
    query, parameters = stored_documents_sql(stage, scope)
    key, key_parameters = key_sql("d.content_sha256", stage, [])
    rows = reader.query(
        f"SELECT d.document_id, {key} AS input_key, coalesce(d.article_id, d.document_id) AS article "
        f"FROM {query} ORDER BY min(d.rowid) OVER (PARTITION BY article), article, d.document_id",
        [*key_parameters, *parameters],
    )
    batch: dict[str, str] = {}
    last = None
    for row in rows.to_pylist():
        if len(batch) >= limit and row["article"] != last:
            yield batch
            batch = {}
        batch[row["document_id"]], last = row["input_key"], row["article"]
    if batch:
        yield batch
