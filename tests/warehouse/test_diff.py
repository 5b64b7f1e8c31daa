"""Differences between runs: what came, went, or says something else."""

from __future__ import annotations

import pytest

from schemas.articles import ParagraphLanguage
from schemas.errors import QueryError
from tests.warehouse.rows import commit, digest, ingested, languages, table
from warehouse.connection import Reader
from warehouse.diff import TableDiff, diff
from warehouse.writer import Writer


def test_rows_are_compared_by_what_they_say_and_not_by_who_wrote_them(writer: Writer, reader: Reader) -> None:
    writer.commit(ingested("a", "b", run_id="run-1"))
    writer.commit(languages("a", run_id="run-2"))
    found = {d.table: d for d in diff(reader, "run-1", "run-2")}
    assert found["articles"] == TableDiff("articles", added=0, changed=1, removed=0)
    assert found["paragraph_languages"] == TableDiff("paragraph_languages", added=1, changed=0, removed=0)
    assert "raw_documents" not in found
    writer.commit(languages("a", run_id="run-3"))
    assert {d.table for d in diff(reader, "run-2", "run-3")} == {"runs"}
    emptied = commit(
        "language", {digest("article a"): "k"}, {"paragraph_languages": table(ParagraphLanguage)}, run_id="run-4"
    )
    writer.commit(emptied)
    back = {d.table: d for d in diff(reader, "run-4", "run-3")}
    assert back["paragraph_languages"] == TableDiff("paragraph_languages", added=1, changed=0, removed=0)


def test_an_unknown_run_is_named(writer: Writer, reader: Reader) -> None:
    writer.commit(ingested("a", run_id="run-1"))
    with pytest.raises(QueryError, match="'run-9'"):
        diff(reader, "run-1", "run-9")
