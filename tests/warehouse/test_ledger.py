"""What is due: exactly what changed, and what comes after it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pyarrow as pa
import pytest

from schemas.articles import Article
from schemas.errors import ContractError
from tests.warehouse.rows import (
    ENTITIES,
    INGEST,
    LANGUAGE,
    STAGES,
    article,
    commit,
    digest,
    ingested,
    input_key,
    languages,
    table,
)
from warehouse.connection import Reader
from warehouse.due import BatchLimits, due
from warehouse.ledger import Scope, StageSpec, due_documents
from warehouse.plan import plan
from warehouse.writer import Writer


def due_ids(reader: Reader, stage: StageSpec, scope: Scope | None = None) -> set[str]:
    with due(reader, stage, scope) as found:
        ids = [i for batch in found.batches() for i in batch["article_id"].to_pylist()]
        assert len(ids) == len(set(ids)) == found.articles
    return set(ids)


def ids(*names: str) -> set[str]:
    return {digest(f"article {name}") for name in names}


def test_the_key_is_the_digest_that_the_documentation_says(writer: Writer, reader: Reader) -> None:
    writer.commit(ingested("a"))
    writer.commit(languages("a"))
    upstream = input_key(digest("hash a", 64), LANGUAGE, input_key(digest("content a", 64), INGEST))
    with due(reader, ENTITIES) as found:
        (batch,) = found.batches()
    assert batch.to_pylist() == [
        {"article_id": digest("article a"), "input_key": input_key(digest("hash a", 64), ENTITIES, upstream)}
    ]


def test_nothing_is_due_after_it_was_committed(writer: Writer, reader: Reader) -> None:
    assert due_ids(reader, LANGUAGE) == set()
    writer.commit(ingested("a", "b"))
    assert due_ids(reader, LANGUAGE) == ids("a", "b")
    assert due_ids(reader, ENTITIES) == set(), "language has not been there yet"
    writer.commit(languages("a"))
    assert due_ids(reader, LANGUAGE) == ids("b")
    assert due_ids(reader, ENTITIES) == ids("a")
    writer.commit(languages("b"))
    assert due_ids(reader, LANGUAGE) == set()
    assert plan(reader, STAGES) == {"ingest": 0, "language": 0, "entities": 2}


def test_a_new_version_makes_its_stage_due_and_those_after_it(writer: Writer, reader: Reader) -> None:
    writer.commit(ingested("a", "b"))
    writer.commit(languages("a", "b"))
    with due(reader, ENTITIES) as found:
        (batch,) = found.batches()
    keys = dict(zip(batch["article_id"].to_pylist(), batch["input_key"].to_pylist(), strict=True))
    writer.commit(commit("entities", keys, {}))
    assert plan(reader, STAGES) == {"ingest": 0, "language": 0, "entities": 0}

    new_model = replace(ENTITIES, model_version="ner-2")
    assert plan(reader, (INGEST, LANGUAGE, new_model)) == {"ingest": 0, "language": 0, "entities": 2}
    assert due_ids(reader, new_model) == ids("a", "b")

    language_2 = replace(LANGUAGE, version="2")
    assert plan(reader, (INGEST, language_2, ENTITIES)) == {"ingest": 0, "language": 2, "entities": 2}
    assert plan(reader, (ENTITIES,)) == {"entities": 0}, "language is not asked to run"
    writer.commit(languages("a", stage=language_2))
    assert due_ids(reader, language_2) == ids("b")
    assert due_ids(reader, ENTITIES) == ids("a")

    ingest_2 = replace(INGEST, version="2")
    assert plan(reader, (ingest_2, language_2, ENTITIES)) == {"ingest": 2, "language": 2, "entities": 2}


def test_new_content_makes_an_article_due(writer: Writer, reader: Reader) -> None:
    writer.commit(ingested("a", "b"))
    writer.commit(languages("a", "b"))
    changed = table(Article, article("a", content_hash=digest("other", 64)))
    writer.commit(commit("ingest", {digest("document a"): "another key"}, {"articles": changed}))
    assert due_ids(reader, LANGUAGE) == ids("a")


def test_an_upstream_rejection_blocks_and_an_exclusion_does_not(writer: Writer, reader: Reader) -> None:
    writer.commit(ingested("a", "b"))
    keys = dict.fromkeys(ids("a", "b"), "k")
    writer.commit(commit("language", keys, {}, rejected=[digest("article a")]))
    assert due_ids(reader, ENTITIES) == ids("b")
    assert plan(reader, (ENTITIES,)) == {"entities": 1}
    assert plan(reader, STAGES) == {"ingest": 0, "language": 2, "entities": 2}, "the keys are not those of today"


def test_a_rejected_article_is_not_due_again_until_something_changes(writer: Writer, reader: Reader) -> None:
    writer.commit(ingested("a"))
    made = languages("a")
    (key,) = made.ledger["input_key"].to_pylist()
    unit = digest("article a")
    writer.commit(commit("language", {unit: key}, {}, rejected=[unit]))
    assert due_ids(reader, LANGUAGE) == set()
    assert plan(reader, STAGES) == {"ingest": 0, "language": 0, "entities": 0}
    assert due_ids(reader, replace(LANGUAGE, version="2")) == ids("a")


def test_documents_are_due_until_they_were_read(writer: Writer, reader: Reader) -> None:
    names = ["c", "a", "b", "a"]
    documents = pa.table(
        {
            "document_id": [digest(f"document {n}") for n in names],
            "content_sha256": [digest(f"content {n}", 64) for n in names],
        }
    )
    found = due_documents(reader, INGEST, documents)
    assert found["document_id"].to_pylist() == [digest(f"document {n}") for n in ("c", "a", "b")]
    assert found["input_key"].to_pylist()[0] == input_key(digest("content c", 64), INGEST)
    writer.commit(ingested("a", "c"))
    assert due_documents(reader, INGEST, documents)["document_id"].to_pylist() == [digest("document b")]
    assert due_documents(reader, replace(INGEST, version="2"), documents).num_rows == 3
    with pytest.raises(ContractError, match="due_documents"):
        due(reader, INGEST)


def test_batches_are_bounded_by_articles_and_by_characters(writer: Writer, reader: Reader) -> None:
    texts = {"a": 10, "b": 10, "c": 50, "d": 5, "e": 5, "f": 5}
    writer.commit(ingested(*texts))
    rows = table(Article, *(article(n, text="ن" * length) for n, length in texts.items()))
    keys = {digest(f"document {n}"): "k" for n in texts}
    writer.commit(commit("ingest", keys, {"articles": rows}))
    with due(reader, LANGUAGE, limits=BatchLimits(articles=2, characters=20)) as found:
        batches = [batch["article_id"].to_pylist() for batch in found.batches()]
        again = [batch["article_id"].to_pylist() for batch in found.batches()]
    assert batches == again
    assert [set(b) for b in batches] == [ids("a", "b"), ids("c"), ids("d", "e"), ids("f")]
    assert all(batch == sorted(batch) for batch in batches)


def test_other_queries_may_run_between_batches(writer: Writer, reader: Reader) -> None:
    writer.commit(ingested("a", "b", "c"))
    with due(reader, LANGUAGE, limits=BatchLimits(articles=1)) as found:
        number = 0
        for _ in found.batches():
            number += 1
            assert reader.value("SELECT count(*) FROM articles") == 3
            assert due_ids(reader, LANGUAGE) == ids("a", "b", "c")
    assert number == 3
    assert reader.value("SELECT count(*) FROM duckdb_tables() WHERE database_name = 'memory'") == 0


def test_a_scope_narrows_to_a_source_and_a_window(writer: Writer, reader: Reader) -> None:
    rows = table(
        Article,
        article("a", source="one", published_at=datetime(2025, 1, 1, tzinfo=UTC)),
        article("b", source="one", published_at=datetime(2025, 2, 1, tzinfo=UTC)),
        article("c", source="two"),
    )
    keys = {digest(f"document {n}"): "k" for n in "abc"}
    writer.commit(commit("ingest", keys, {"articles": rows}))
    assert due_ids(reader, LANGUAGE, Scope(source="one")) == ids("a", "b")
    window = Scope(start=datetime(2025, 1, 1, tzinfo=UTC), end=datetime(2025, 2, 1, tzinfo=UTC))
    assert due_ids(reader, LANGUAGE, window) == ids("a")
    assert plan(reader, (LANGUAGE,), Scope(source="two")) == {"language": 1}
