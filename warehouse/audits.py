"""Audits: SQL checks on what a commit is about to leave behind, inside its transaction.

DuckLake keeps no keys, no references and no checks of its own. An audit is a query for the rows that break a
promise; it looks at the rows of the commit's units, so its cost follows the batch and not the warehouse. A
*blocking* audit that finds one undoes the whole commit (AuditFailed); a *warning* is noted in `audit_findings`
and shown by `rasad status`.

`audit_all` asks the same questions about the whole warehouse.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

import duckdb
import pyarrow as pa

from schemas.articles import Article
from schemas.catalog import TABLES
from schemas.errors import AuditFailed
from schemas.operations import AuditFinding, LedgerEntry, Rejection, Run, TableVersion
from schemas.record import Record, arrow_schema
from warehouse.commit import Commit, replaced_by
from warehouse.connection import Reader, registered
from warehouse.tables import qualified

#: A batch this small says nothing about a rate.
FEWEST_UNITS = 20
#: More than one in five rejected: of the sample articles' deliberately broken files, one in six is.
REJECTED_SHARE = 0.2
_OPERATIONS: tuple[type[Record], ...] = (Rejection, LedgerEntry, Run, TableVersion, AuditFinding)
#: In a query that reads texts: a commit puts the place of its own articles here, or every stored text would be read.
_NEAR = "/* near */ true"


@dataclass(frozen=True, slots=True)
class Audit:
    """One check.

    `tables` names those whose change makes it worth asking, `stage` the only stage at which, `unless` a table of which
    one new row answers it. `query` gives a row with an `example` for each fault; it names the relation `ids` (the units
    of the commit). One `of_commit` is about the commit itself: it names `committed_run`, `committed_ledger` and
    `committed_rejections`, the rows that the commit writes, and costs no look at what is stored.
    """

    name: str
    severity: Literal["blocking", "warning"]
    tables: tuple[str, ...]
    query: str
    of_commit: bool = False
    stage: str | None = None
    unless: str | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """What an audit found: how many faults, and one of them."""

    audit: str
    severity: str
    rows: int
    example: str


def audit(connection: duckdb.DuckDBPyConnection, commit: Commit, tables: Mapping[type[Record], pa.Table]) -> None:
    """Ask every audit that the commit's tables call for; `ids` is registered and the transaction open.

    Raises AuditFailed for a blocking one; notes warnings in `audit_findings`, in the same transaction.
    """
    touched = {record.table.name for record, table in tables.items() if table.num_rows}
    due = [
        found
        for found in audits()
        if touched & set(found.tables) and found.stage in (None, commit.stage) and found.unless not in touched
    ]
    written = {
        "committed_run": tables[Run],
        "committed_ledger": tables[LedgerEntry],
        "committed_rejections": tables[Rejection],
    }
    with registered(connection, written):
        findings = list(_ask(connection, due, near=_rows_of_articles(connection, due)))
    blocking = [finding for finding in findings if finding.severity == "blocking"]
    if blocking:
        first = blocking[0]
        more = f", and {len(blocking) - 1} more audits fail" if len(blocking) > 1 else ""
        raise AuditFailed(
            f"the audit {first.audit} found {first.rows} faults, e.g. {first.example}{more}",
            where=f"stage {commit.stage}, run {commit.run_id}",
            hint="Nothing of this batch was kept. This is a bug of the stage: please report it with the article.",
        )
    _note(connection, commit, tables[Run], findings)


def audit_all(reader: Reader) -> list[Finding]:
    """Every audit that is not about one run, over every row of the warehouse."""
    ids = "SELECT article_id AS id FROM articles UNION ALL SELECT document_id FROM raw_documents"
    units = reader.query(f"{ids} UNION ALL SELECT article_id FROM stage_ledger")
    with registered(reader.connection, {"ids": units}):
        return list(_ask(reader.connection, [found for found in audits() if not found.of_commit]))


@cache
def audits() -> tuple[Audit, ...]:
    """All audits, in the order in which they are asked."""
    return (*_unique(), *_references(), *_offsets(), *_counts())


def _rows_of_articles(connection: duckdb.DuckDBPyConnection, chosen: Sequence[Audit]) -> str:
    """Where the articles of the commit lie, if an audit asks: DuckLake skips files by the range of rowid."""
    if not any(_NEAR in found.query for found in chosen):
        return _NEAR
    query = f"SELECT min(rowid), max(rowid) FROM {qualified(Article)} WHERE article_id IN (FROM ids)"
    first, last = connection.execute(query).fetchone() or (None, None)
    return _NEAR if first is None else f"a.rowid BETWEEN {first} AND {last}"


def _ask(connection: duckdb.DuckDBPyConnection, chosen: Sequence[Audit], near: str = _NEAR) -> Iterator[Finding]:
    for found in chosen:
        query = found.query.replace(_NEAR, near)
        row = connection.execute(f"SELECT count(*), any_value(example) FROM ({query})").fetchone()
        if row and row[0]:
            yield Finding(found.name, found.severity, row[0], str(row[1]))


def _unique() -> Iterator[Audit]:
    for record in TABLES:
        if record in _OPERATIONS:
            continue
        key = ", ".join(f'"{name}"' for name in record.table.key)
        owner = replaced_by(record)
        # Rows that no unit owns (entities, stories) are looked at whole: their keys are few.
        scope = f'WHERE "{owner}" IN (FROM ids)' if owner in ("article_id", "document_id") else ""
        yield Audit(
            f"unique {record.table.name}",
            "blocking",
            (record.table.name,),
            f"SELECT concat_ws(' ', {key}) AS example FROM {qualified(record)} "
            f"{scope} GROUP BY {key} HAVING count(*) > 1",
        )


def _references() -> Iterator[Audit]:
    derived = [r for r in TABLES if r.table.owner == "article_id" and r is not Article and r not in _OPERATIONS]
    for record in derived:
        yield _reference(record.table.name, "article_id", "articles", "article_id")
    yield _reference("articles", "document_id", "raw_documents", "document_id", owner="document_id")
    yield _reference("event_actors", "event_id", "events", "event_id")
    yield _reference("event_actors", "mention_id", "entity_mentions", "mention_id")
    yield _reference("event_cues", "event_id", "events", "event_id")
    yield _reference("events", "attributed_to", "entity_mentions", "mention_id")
    yield _reference("entity_mentions", "entity_id", "entities", "entity_id")
    yield _reference("duplicate_pairs", "duplicate_of", "articles", "article_id")


def _reference(table: str, column: str, target: str, key: str, *, owner: str = "article_id") -> Audit:
    # What refers by its owner refers to a unit: no other row of the target need be looked at.
    of_units = f"t.{key} IN (FROM ids) AND " if column == owner else ""
    return Audit(
        f"reference {table}.{column}",
        "blocking",
        (table,),
        f"SELECT concat(r.{owner}, ' has no {target}.{key} ', r.{column}) AS example FROM rasad.main.{table} AS r "
        f"WHERE r.{owner} IN (FROM ids) AND r.{column} IS NOT NULL "
        f"AND NOT EXISTS (SELECT 1 FROM rasad.main.{target} AS t WHERE {of_units}t.{key} = r.{column})",
    )


def _offsets() -> Iterator[Audit]:
    """`text[char_start:char_end] == surface`; DuckDB's substring counts code points, from 1."""
    for table, surface in (("entity_mentions", "surface"), ("events", "trigger"), ("event_cues", "surface")):
        yield Audit(
            f"offsets {table}",
            "blocking",
            (table,),
            f"SELECT concat(r.article_id, ' at ', r.char_start, ': ', r.\"{surface}\") AS example "
            f"FROM rasad.main.{table} AS r JOIN rasad.main.articles AS a ON a.article_id = r.article_id "
            f"WHERE {_NEAR} AND r.article_id IN (FROM ids) "
            f'AND substring(a.text, r.char_start + 1, r.char_end - r.char_start) <> r."{surface}"',
        )
    for table in ("paragraph_languages", "sentences"):
        yield Audit(
            f"offsets {table}",
            "blocking",
            (table,),
            f"SELECT concat(r.article_id, ' at ', r.char_start) AS example "
            f"FROM rasad.main.{table} AS r JOIN rasad.main.articles AS a ON a.article_id = r.article_id "
            f"WHERE {_NEAR} AND r.article_id IN (FROM ids) AND r.char_end > length(a.text)",
        )


def _counts() -> Iterator[Audit]:
    yield Audit(
        "counts runs",
        "blocking",
        ("runs",),
        "SELECT concat(stage, ': ', CAST(counts AS VARCHAR)) AS example FROM committed_run "
        "WHERE counts.rows_in <> counts.rows_out + counts.rejected + counts.excluded",
        of_commit=True,
    )
    yield Audit(
        "rejections of the ledger",
        "blocking",
        ("stage_ledger",),
        "SELECT l.article_id AS example FROM committed_ledger AS l WHERE l.status = 'rejected' "
        "AND NOT EXISTS (SELECT 1 FROM committed_rejections AS r WHERE l.article_id IN (r.article_id, r.document_id))",
        of_commit=True,
    )
    yield Audit(
        "rejected share",
        "warning",
        ("runs",),
        "SELECT concat(counts.rejected, ' of ', counts.rows_in, ' rejected') AS example FROM committed_run "
        f"WHERE counts.rows_in >= {FEWEST_UNITS} AND counts.rejected > {REJECTED_SHARE} * counts.rows_in",
        of_commit=True,
    )
    for table, stage in (("entity_mentions", "entities"), ("events", "events")):
        yield Audit(
            f"nothing in {table}",
            "warning",
            ("stage_ledger",),
            "SELECT concat(count(*), ' articles and not one row') AS example FROM committed_ledger "
            f"WHERE status = 'done' HAVING count(*) >= {FEWEST_UNITS}",
            of_commit=True,
            stage=stage,
            unless=table,
        )


def _note(connection: duckdb.DuckDBPyConnection, commit: Commit, run: pa.Table, findings: Sequence[Finding]) -> None:
    """Note the warnings of this stage of this run: the latest word on each audit."""
    if not findings:
        return
    rows = [
        {
            "finding_id": _digest(commit.run_id, commit.stage, finding.audit),
            "audit": finding.audit,
            "stage": commit.stage,
            "rows": finding.rows,
            "example": finding.example,
            "run_id": commit.run_id,
            "found_at": run["started_at"][0].as_py(),
        }
        for finding in findings
    ]
    table = pa.Table.from_pylist(rows, schema=arrow_schema(AuditFinding))
    names = ", ".join(f'"{name}"' for name in table.column_names)
    with registered(connection, {"findings": table}):
        target = qualified(AuditFinding)
        connection.execute(f"DELETE FROM {target} WHERE finding_id IN (SELECT finding_id FROM findings)")
        connection.execute(f"INSERT INTO {target} ({names}) SELECT {names} FROM findings")


def _digest(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]
