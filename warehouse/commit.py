"""What a commit is, and what it replaces.

What a commit replaces, for every table that it names (also with no rows at all):

1. a row goes when its **owner** is one of the commit's units or restated ids;
2. a row goes when a new row has its **key**.

The owner is the record's owner column, with one exception: an article belongs to the document it was
read from, since `ingest` (whose units are documents) makes it. So a new revision replaces the article by
its key, a document that no longer gives an article takes it away together with all that was derived from
it, and a stage that only completes articles (`language`) never loses one that it rejects.

A commit of stories also says on the events of their articles which story tells them.

Rejections stay on record: one that is open for a unit which is now accepted gets `resolved_by`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from schemas.articles import Article
from schemas.catalog import BY_NAME, TABLES
from schemas.errors import ContractError
from schemas.events import Event
from schemas.operations import AuditFinding, LedgerEntry, Rejection, Run, TableVersion
from schemas.record import Record
from schemas.stories import DuplicatePair, Story, StoryArticle, StoryRedirect
from schemas.validate import conform
from warehouse.connection import registered
from warehouse.location import CATALOG
from warehouse.tables import qualified

_OPERATIONS: tuple[type[Record], ...] = (Rejection, LedgerEntry, Run, AuditFinding, TableVersion)
#: The stage that makes `duplicate_pairs`.
_COMPARES = "deduplicate"
#: Tables whose rows were derived from an article, and go with it.
_DERIVED = tuple(record for record in TABLES if record.table.owner == "article_id" and record is not Article)


@dataclass(frozen=True, slots=True)
class Commit:
    """What one batch of one stage leaves behind. All tables are already validated.

    `units` are the ids of the batch; rows of theirs, and of the ids in `restated`, are replaced in each
    table of `tables` (keyed by table name; name a table with no rows to empty it for these units). `ledger`
    has a row for each unit. `run` has the one row of this stage in this run; its `snapshot_id` is filled in.
    """

    run_id: str
    stage: str
    author: str
    message: str
    units: tuple[str, ...]
    tables: Mapping[str, pa.Table]
    rejections: pa.Table
    ledger: pa.Table
    run: pa.Table
    restated: tuple[str, ...] = ()


def checked(commit: Commit) -> dict[type[Record], pa.Table]:
    """Every table of the commit under its record, with the record's columns; or a ContractError."""
    tables: dict[type[Record], pa.Table] = {}
    for name, table in commit.tables.items():
        record = BY_NAME.get(name)
        if record is None or record in _OPERATIONS:
            raise ContractError(
                f"the stage {commit.stage} wrote to {name}, which is no table of a stage",
                hint="Name in StageOutput.tables the records that the stage declares in `writes`.",
            )
        tables[record] = table
    tables |= {Rejection: commit.rejections, LedgerEntry: commit.ledger, Run: commit.run}
    for record, table in tables.items():
        tables[record] = table = conform(record, table)
        if _has_doubled_key(record, table):
            raise ContractError(
                f"two rows of one batch have the same key ({', '.join(record.table.key)})",
                where=f"stage {commit.stage}, table {record.table.name}",
                hint="DuckLake has no unique keys: the stage must not make the same row twice.",
            )
    return tables


def _has_doubled_key(record: type[Record], table: pa.Table) -> bool:
    """Whether two rows have the same key. Mostly one of its columns tells all rows apart, in a third of the time."""
    key = record.table.key
    if any(len(pc.unique(table[name])) == table.num_rows for name in key):
        return False
    return bool(table.group_by(list(key)).aggregate([]).num_rows < table.num_rows)


def write(
    connection: duckdb.DuckDBPyConnection,
    commit: Commit,
    tables: dict[type[Record], pa.Table],
    snapshot_id: int,
    clean: set[str],
) -> None:
    """Replace and insert, in the open transaction; `ids` is registered.

    `clean` has the stages that are known to have no open rejection, and is kept so: whoever holds the lease need not
    look again.
    """
    run_schema = tables[Run].schema
    position = run_schema.get_field_index("snapshot_id")
    tables[Run] = tables[Run].set_column(
        position, run_schema.field(position), pa.array([snapshot_id] * tables[Run].num_rows, pa.int64())
    )
    if Article in tables:
        _retire_articles(connection, tables[Article])
    _resolve_rejections(connection, commit, clean)
    if commit.rejections.num_rows:
        clean.discard(commit.stage)
    for record, table in tables.items():
        with registered(connection, {"incoming": table}):
            _replace(connection, record, table, commit)
    if StoryArticle in tables:
        _tell_events_their_story(connection, tables[StoryArticle])
    extra = {
        "run_id": commit.run_id,
        "stage": commit.stage,
        "units": len(commit.units),
        "rows": {record.table.name: table.num_rows for record, table in tables.items()},
    }
    connection.execute(
        f"CALL {CATALOG}.set_commit_message(?, ?, extra_info => ?)",
        [commit.author, commit.message, json.dumps(extra)],
    )


def _replace(connection: duckdb.DuckDBPyConnection, record: type[Record], table: pa.Table, commit: Commit) -> None:
    """Delete by owner and by key, then insert. A DELETE that finds nothing makes no file."""
    conditions: list[str] = []
    parameters: list[str] = []
    owner = replaced_by(record)
    if record not in _OPERATIONS:
        conditions.append(f'"{owner}" IN (FROM ids)')
    if table.num_rows and (record in _OPERATIONS or not _key_is_owned(record, table, owner, commit)):
        key = ", ".join(f'"{name}"' for name in record.table.key)
        match = f"({key}) IN (SELECT ({key}) FROM incoming)"
        if record is LedgerEntry:  # a constant, by which DuckLake skips the files of the other stages
            match = 'stage = ? AND "article_id" IN (SELECT "article_id" FROM incoming)'
            parameters.append(commit.stage)
        conditions.append(match)
    if conditions:
        connection.execute(f"DELETE FROM {qualified(record)} WHERE {' OR '.join(conditions)}", parameters)
    if table.num_rows:
        names = ", ".join(f'"{name}"' for name in table.column_names)
        connection.execute(f"INSERT INTO {qualified(record)} ({names}) SELECT {names} FROM incoming")


def replaced_by(record: type[Record]) -> str:
    """The column whose values name the units that a row is replaced with (see the top of this module)."""
    return "document_id" if record is Article else record.table.owner


def _key_is_owned(record: type[Record], table: pa.Table, owner: str, commit: Commit) -> bool:
    """Whether deleting by owner already deletes by key: the key holds the owner, and each new row's is a unit."""
    if owner not in record.table.key:
        return False
    ids = pa.array(commit.units + commit.restated, pa.string())
    return bool(pc.all(pc.is_in(table[owner], ids), min_count=0).as_py())


def _retire_articles(connection: duckdb.DuckDBPyConnection, incoming: pa.Table) -> None:
    """Take away what was derived from articles that their documents no longer give.

    Articles that were copies of one of these have lost what they repeat, and those of its story what they were
    matched with, so their comparison is due again. A story that has lost its last article goes.
    """
    with registered(connection, {"incoming": incoming}):
        gone = connection.execute(
            f"SELECT article_id AS id FROM {qualified(Article)} WHERE document_id IN (FROM ids) "
            "AND article_id NOT IN (SELECT article_id FROM incoming)"
        ).to_arrow_table()
    if not gone.num_rows:
        return
    pairs, members, ledger = qualified(DuplicatePair), qualified(StoryArticle), qualified(LedgerEntry)
    with registered(connection, {"gone": gone}):
        connection.execute(
            f"DELETE FROM {ledger} WHERE stage = ? AND article_id IN "
            f"(SELECT article_id FROM {pairs} WHERE duplicate_of IN (FROM gone) UNION ALL SELECT article_id FROM "
            f"{members} WHERE story_id IN (SELECT story_id FROM {members} WHERE article_id IN (FROM gone)))",
            [_COMPARES],
        )
        connection.execute(f"DELETE FROM {pairs} WHERE duplicate_of IN (FROM gone)")
        emptied = f"SELECT story_id FROM {members} GROUP BY story_id HAVING bool_and(article_id IN (FROM gone))"
        connection.execute(f"DELETE FROM {qualified(Story)} WHERE story_id IN ({emptied})")
        # The id of the story that an article alone would found (`tasks/stories_queries.py`).
        founded = "SELECT substr(sha256(concat('story', chr(31), id)), 1, 32) FROM gone"
        connection.execute(f"DELETE FROM {qualified(StoryRedirect)} WHERE story_id IN ({founded})")
        for record in _DERIVED:
            connection.execute(f"DELETE FROM {qualified(record)} WHERE article_id IN (FROM gone)")


def _tell_events_their_story(connection: duckdb.DuckDBPyConnection, members: pa.Table) -> None:
    """Note on the events of these articles which story tells them: stories are found after events, and move later."""
    with registered(connection, {"members": members.select(["article_id"])}):
        connection.execute(
            f"UPDATE {qualified(Event)} AS events SET story_id = best.story_id FROM (SELECT article_id, "
            f"arg_max(story_id, (similarity, story_id)) AS story_id FROM {qualified(StoryArticle)} "
            "WHERE article_id IN (FROM members) GROUP BY article_id) AS best "
            "WHERE events.article_id = best.article_id AND events.story_id IS DISTINCT FROM best.story_id"
        )


def _resolve_rejections(connection: duckdb.DuckDBPyConnection, commit: Commit, clean: set[str]) -> None:
    """Note on open rejections of this stage that their units have now been accepted."""
    accepted = commit.ledger.filter(pc.not_equal(commit.ledger["status"], "rejected")).select(["article_id"])
    is_open = "stage = ? AND resolved_by IS NULL"
    if not accepted.num_rows or commit.stage in clean:
        return
    found = connection.execute(f"SELECT 1 FROM {qualified(Rejection)} WHERE {is_open} LIMIT 1", [commit.stage])
    if found.fetchone() is None:
        clean.add(commit.stage)
        return
    rejected = commit.rejections.select(["rejection_id"])
    with registered(connection, {"accepted": accepted, "rejected": rejected}):
        connection.execute(
            f"UPDATE {qualified(Rejection)} SET resolved_by = ? WHERE {is_open} "
            "AND rejection_id NOT IN (FROM rejected) "
            "AND (article_id IN (FROM accepted) OR document_id IN (FROM accepted))",
            [commit.run_id, commit.stage],
        )
