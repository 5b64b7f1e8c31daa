"""What the tests of the stage `events` share: articles, mentions and tables to give it, and what it made of them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from schemas.articles import Article, ArticleSentence
from schemas.entities import EntityMention
from schemas.record import arrow_schema
from schemas.validate import validate
from tasks.events import STAGE, code_article
from tasks.stage import Row, StageInput, StageOutput, stable_id

PUBLISHED = datetime(2025, 10, 22, 9, 0, tzinfo=UTC)  # a Wednesday


def article(text: str, language: str | None = "ar", title: str | None = None, published: Any = None) -> Row:
    return {
        "article_id": stable_id(text),
        "text": text,
        "language": language,
        "title": title,
        "published_at": published,
    }


def mentions(text: str, names: list[tuple[str, str]], *, linked: bool = False) -> list[Row]:
    """A mention for the first place of each name after the one before."""
    found: list[Row] = []
    at = 0
    for surface, label in names:
        at = text.index(surface, at)
        row: Row = dict.fromkeys(arrow_schema(EntityMention).names, "x")
        row |= {"article_id": stable_id(text), "mention_id": stable_id(str(at)), "sentence_index": 0, "label": label}
        row |= {"char_start": at, "char_end": at + len(surface), "surface": surface, "confidence": 0.9}
        row |= {"word_start": 0, "word_end": 1}
        row |= {"entity_id": f"E:{surface}" if linked else None, "link_method": None}
        found.append(row)
        at += len(surface)
    return found


def table(record: Any, rows: list[Row]) -> pa.Table:
    schema = pa.schema([f.with_nullable(True) for f in arrow_schema(record)])
    return pa.Table.from_pylist([{name: row.get(name) for name in schema.names} for row in rows], schema=schema)


def run(articles: list[Row], sentences: list[Row] | None = None, named: list[Row] | None = None) -> StageOutput:
    tables = {
        "articles": table(Article, articles),
        "sentences": table(ArticleSentence, sentences or []),
        "entity_mentions": table(EntityMention, named or []),
    }

    def refuse(query: str, **tables: pa.Table) -> pa.Table:
        raise AssertionError("the stage asks nothing")

    return STAGE.work(StageInput(tuple(a["article_id"] for a in articles), tables, refuse))


def stamped(made: pa.Table, record: Any) -> pa.Table:
    ones = pa.array(["r"] * made.num_rows, pa.string())
    return validate(record, made.append_column("run_id", ones).append_column("stage_version", ones)).rows


def only(text: str, language: str = "ar", named: list[Row] | None = None, **more: Any) -> tuple[Row, list[Row]]:
    rows, actors, _ = code_article(article(text, language, **more), [], named or [])
    assert len(rows) == 1, [(row["trigger"], row["act_type"]) for row in rows]
    return rows[0], actors


def who(actors: list[Row], role: str) -> list[str]:
    return [row["surface"] for row in actors if row["role"] == role]
