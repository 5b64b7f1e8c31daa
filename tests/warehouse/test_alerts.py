"""Alerts: a jump of rejections, a source that falls silent while others write, documents that grow old."""

from __future__ import annotations

from datetime import timedelta

from schemas.articles import Article, RawDocument
from tests.warehouse.rows import MOMENT, article, commit, digest, document, ingested, table
from tests.warehouse.test_rejections import reject
from warehouse.alerts import Alert, Limits, alerts
from warehouse.connection import Reader
from warehouse.status import status
from warehouse.writer import Writer


def messages(found: tuple[Alert, ...], kind: str) -> list[str]:
    return [alert.message for alert in found if alert.kind == kind]


def publish(writer: Writer, source: str, days: list[float]) -> None:
    names = [f"{source} {day}" for day in days]
    rows = [
        article(name, source=source, published_at=MOMENT + timedelta(days=day))
        for name, day in zip(names, days, strict=True)
    ]
    keys = {digest(f"document {name}"): "k" for name in names}
    documents = [document(name) | {"source": source} for name in names]
    made = {"raw_documents": table(RawDocument, *documents), "articles": table(Article, *rows)}
    writer.commit(commit("ingest", keys, made))


def test_a_jump_of_the_share_of_rejections_is_told(writer: Writer, reader: Reader) -> None:
    writer.commit(ingested(*(f"n{n}" for n in range(30)), run_id="run-1"))
    assert alerts(reader) == ()
    reject(writer, "empty-text", *(f"x{n}" for n in range(10)), run_id="run-2")
    (told,) = alerts(reader)
    assert (told.kind, told.subject) == ("rejections", "ingest")
    assert told.message.startswith("ingest: 10 of 10 rejected in run run-2, 100% instead of 0.0%")
    assert not status(reader).healthy
    assert alerts(reader, Limits(rejected_share=1.0)) == ()
    writer.commit(ingested(*(f"m{n}" for n in range(30)), run_id="run-3"))
    assert alerts(reader) == ()
    assert status(reader).healthy


def test_a_replay_of_rejected_rows_is_no_jump(writer: Writer, reader: Reader) -> None:
    writer.commit(ingested(*(f"n{n}" for n in range(30)), run_id="run-1"))
    reject(writer, "empty-text", *(f"x{n}" for n in range(10)), run_id="run-2", window="replay")
    assert alerts(reader) == ()


def test_a_source_is_silent_when_others_go_on(writer: Writer, reader: Reader) -> None:
    publish(writer, "وكالة أ", [0, 1, 2, 3])
    assert alerts(reader) == (), "an archive that ends is no alarm"
    publish(writer, "خبرگزاری ب", [3, 4, 5, 6, 6.5])
    (told,) = alerts(reader)
    assert (told.kind, told.subject) == ("source-silent", "وكالة أ")
    assert told.message == "وكالة أ: silent since 2025-03-04 12:00 UTC, others wrote until 2025-03-08 00:00"
    assert alerts(reader, Limits(silent_days=4)) == ()
    assert alerts(reader, Limits(silent_days=None)) == ()


def test_who_seldom_writes_and_who_ended_long_ago_are_not_silent(writer: Writer, reader: Reader) -> None:
    publish(writer, "seldom", [0, 1])
    publish(writer, "history", [-60, -59, -58])
    publish(writer, "daily", [4, 5, 6, 7])
    assert messages(alerts(reader), "source-silent") == []


def test_old_news_is_told_only_where_it_is_asked_for(writer: Writer, reader: Reader) -> None:
    publish(writer, "daily", [0])
    later = MOMENT + timedelta(hours=30)
    assert alerts(reader, now=later) == ()
    (told,) = alerts(reader, Limits(fresh_hours=24), now=later)
    assert told.message == "the newest document was fetched 30 hours ago, at most 24 are usual"
    assert alerts(reader, Limits(fresh_hours=31), now=later) == ()
