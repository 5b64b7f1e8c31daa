"""Sources run for real, over HTTP on loopback: what is new comes once, what changes is a revision."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flows.report import RunReport
from flows.request import RunRequest
from flows.run import execute, make_plan
from flows.settings import Settings
from schemas.sources import Source
from tests.flows.support import ROOT, rasad
from tests.tasks import misbehaving as bad
from tests.tasks.misbehaving import ARABIC, Server, page, serving
from warehouse.connection import open_reader
from warehouse.location import Location

FAST: dict[str, Any] = {"delay_seconds": 0, "retries": 0, "allow_private": True, "per_host": 4}


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as running:
        yield running


def run(warehouse: Path, *sources: Source) -> RunReport:
    return execute(RunRequest(paths=(), settings=Settings(warehouse=warehouse), stages=("ingest",), sources=sources))


def rows(warehouse: Path, query: str) -> list[dict[str, Any]]:
    with open_reader(Location.at(warehouse)) as reader:
        found: list[dict[str, Any]] = reader.query(query).to_pylist()
        return found


def source(name: str, kind: str, *where: str, **more: Any) -> Source:
    fetch = {"fetch": FAST | more.pop("fetch", {})} if kind in ("feed", "sitemap", "pages") else {}
    return Source.model_validate({"name": name, "kind": kind, "where": where, **fetch, **more})


def feed(*items: tuple[str, str]) -> bad.Reply:
    """A feed of (path, time)."""
    entries = "".join(
        f"<item><title>خبر {path}</title><link>{path}?utm_source=rss</link><pubDate>{when}</pubDate>"
        f"<description>{ARABIC}</description></item>"
        for path, when in items
    )
    return bad.text(f'<rss version="2.0"><channel><title>x</title>{entries}</channel></rss>', "application/rss+xml")


MORNING, NOON = "Mon, 20 Oct 2025 08:00:00 +0300", "Mon, 20 Oct 2025 12:00:00 +0300"


def test_a_feed_gives_its_pages_once_and_a_changed_page_is_a_revision(server: Server, tmp_path: Path) -> None:
    server.replies |= {"/rss": feed(("/a", MORNING), ("/b", MORNING)), "/a": bad.good, "/b": bad.stamped}
    wire = source("وكالة", "feed", f"{server.url}/rss", language="ar")
    first = run(tmp_path / "w", wire)
    assert first.stages[0].counts.rows_out == 2 and first.sources[0].fetched == {"fetched": 3}
    before = rows(
        tmp_path / "w", "SELECT article_id, url, title, published_at, source, extra FROM articles ORDER BY url"
    )
    assert [row["url"] for row in before] == [f"{server.url}/a", f"{server.url}/b"]
    assert before[0]["title"] == "خبر /a" and before[0]["published_at"].hour == 5
    assert json.loads(before[0]["extra"]) == {"declared_language": "ar"}

    again = run(tmp_path / "w", wire)
    assert again.stages[0].counts.rows_in == 0
    assert (server.asked["/a"], server.asked["/b"], server.asked["/rss"]) == (1, 1, 2)

    corrected = page("تصحيح: التقى الوزير نظيره في صلالة لا في مسقط.")
    server.replies |= {"/rss": feed(("/a", NOON), ("/b", NOON)), "/a": lambda request: request.send(corrected)}
    third = run(tmp_path / "w", wire)
    assert third.sources[0].fetched == {"fetched": 2, "unchanged": 1}
    joined = "SELECT a.article_id, payload FROM articles a JOIN raw_documents USING (document_id) ORDER BY url"
    after = rows(tmp_path / "w", joined)
    assert [row["article_id"] for row in after] == [row["article_id"] for row in before], "the ids stay"
    assert after[0]["payload"] == corrected
    kept = rows(tmp_path / "w", f"SELECT payload FROM raw_documents WHERE uri = '{server.url}/a'")
    assert {row["payload"] for row in kept} == {page(), corrected}, "what was there before is kept"


def test_a_killed_run_goes_on_where_it_was(server: Server, tmp_path: Path) -> None:
    paths = [f"/{n}" for n in range(300)]
    goes_on = threading.Event()

    def own_page(request: bad.Handler) -> None:
        if request.path not in paths[:270]:  # a first batch of 256 is committed, and then nothing more comes
            goes_on.wait(timeout=200)
        request.send(page(f"{ARABIC} {request.path}"))

    server.replies |= dict.fromkeys(paths, own_page)
    server.replies["/rss"] = feed(*((path, MORNING) for path in paths))
    declared = tmp_path / "sources.yml"
    limits = "{delay_seconds: 0, allow_private: true, timeout_seconds: 300}"
    declared.write_text(f"sources:\n- name: s\n  kind: feed\n  where: {server.url}/rss\n  fetch: {limits}\n")
    command = [sys.executable, "-m", "flows", "run", "--source", "s", "--direct", "--stages", "ingest"]
    warehouse = tmp_path / "w"
    environment = {**os.environ, "RASAD_SOURCES": str(declared), "RASAD_WAREHOUSE": str(warehouse)}
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    while process.poll() is None and not committed(warehouse):
        time.sleep(0.1)
    process.kill()
    assert process.wait() == -9
    goes_on.set()
    [held] = rows(warehouse, "SELECT count(*) AS pages, count(*) FILTER (role = 'list') AS lists FROM fetches")
    assert 0 < held["pages"] < 300 and held["lists"] == 0
    [kept] = rows(warehouse, "SELECT count(*) AS articles FROM articles")
    assert kept["articles"] == held["pages"], "a page and what is remembered of it come together"
    before = sum(server.asked[path] for path in paths)
    subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, check=True, timeout=250)
    [kept] = rows(warehouse, "SELECT count(*) AS articles FROM articles")
    assert kept["articles"] == 300
    again = sum(server.asked[path] for path in paths) - before
    assert again == 300 - held["pages"], "no page that was stored is fetched again"


def committed(warehouse: Path) -> bool:
    """Whether a batch is there; asked only once files are, since asking costs a second."""
    if not list((warehouse / "data").rglob("fetches/*.parquet")):
        return False
    return bool(rows(warehouse, "SELECT 1 FROM fetches LIMIT 1"))


def test_a_broken_minimum_fails_its_source_alone_and_keeps_what_came(server: Server, tmp_path: Path) -> None:
    server.replies |= {"/rss": feed(("/a", MORNING)), "/a": bad.good}
    declared = tmp_path / "sources.yml"
    (tmp_path / "more.jsonl").write_text(json.dumps({"text": ARABIC}), encoding="utf-8")
    declared.write_text(
        f"""sources:
- {{name: poor, kind: feed, where: "{server.url}/rss", fetch: {{allow_private: true}},
   expectations: {{min_articles_a_day: 5}}}}
- {{name: rich, kind: files, where: more.jsonl, expectations: {{max_articles_a_day: 0.5, max_empty_titles: 0.2}}}}
- {{name: lost, kind: files, where: none.jsonl}}
""",
        encoding="utf-8",
    )
    (tmp_path / "rasad.toml").write_text('sources = "sources.yml"\nwarehouse = "w"\n')
    answer = rasad("run", "--all-sources", "--direct", "--stages", "ingest", cwd=tmp_path)
    assert answer.returncode == 6, answer.stdout + answer.stderr
    assert "poor: it brought 1 articles in the last day, at least 5 are expected" in answer.stderr
    assert "lost: no such file" in answer.stderr and "rich" not in answer.stderr
    assert "warning: rich: it brought 1 articles on its median day, at most 0.5" in answer.stdout
    assert "warning: rich: 100% of 1 articles have no title" in answer.stdout
    assert len(rows(tmp_path / "w", "SELECT 1 FROM articles")) == 2


def test_a_frozen_source_that_changed_fails_and_the_others_go_on(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(json.dumps({"text": ARABIC, "mood": 1}), encoding="utf-8")
    (tmp_path / "b.jsonl").write_text(json.dumps({"text": ARABIC}), encoding="utf-8")
    frozen = source("frozen", "files", str(tmp_path / "a.jsonl"), contract="freeze")
    report = run(tmp_path / "w", frozen, source("other", "files", str(tmp_path / "b.jsonl")))
    assert [bool(found.failures) for found in report.sources] == [True, False]
    assert "`mood` is not expected" in report.sources[0].failures[0]
    assert rows(tmp_path / "w", "SELECT source FROM articles") == [{"source": "other"}]


def test_an_unreachable_feed_is_a_failure_and_a_plan_asks_nobody(server: Server, tmp_path: Path) -> None:
    wire = source("s", "feed", f"{server.url}/rss")
    plan = make_plan(RunRequest(paths=(), settings=Settings(warehouse=tmp_path / "w"), sources=(wire,)))
    assert plan.unasked == ["s"] and not server.asked
    [report] = run(tmp_path / "w", wire).sources
    assert "404" in report.failures[0]
    server.replies["/rss"] = bad.good
    [report] = run(tmp_path / "w", wire).sources
    assert "neither a feed" in report.failures[0]
