"""The same commands over a PostgreSQL catalog and an object store, by settings alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.flows.support import rasad, rasad_process, write_articles
from tests.warehouse.servers import KEY, PASSWORD, SECRET, object_store, postgres_server


@pytest.mark.slow
def test_commands_work_over_a_server_and_a_store_and_show_no_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    articles, folder = write_articles(tmp_path / "articles"), ("--warehouse", tmp_path / "here")
    with postgres_server() as server, object_store() as bucket:
        monkeypatch.setenv("RASAD_CATALOG", f"postgres:{server} dbname=postgres")
        monkeypatch.setenv("RASAD_STORAGE", f"{bucket}/team")
        answers = [
            rasad("run", articles, "--direct", "--stages", "ingest,language", *folder),
            rasad(
                "sql", "SELECT language, count(*) AS articles FROM articles GROUP BY ALL", "--format", "json", *folder
            ),
            rasad("status", *folder),
            rasad_process("maintain", *folder),
            rasad("publish", tmp_path / "out", "--warehouse", tmp_path / "another machine"),
        ]
        refused = rasad("sql", "FROM __ducklake_metadata_rasad.pg_catalog.pg_user", *folder)
    for answer in answers:
        assert answer.returncode == 0, answer.stderr
    counted = [json.loads(line) for line in answers[1].stdout.splitlines()]
    assert {row["language"]: row["articles"] for row in counted} == {"ar": 2, "fa": 1, "en": 1}
    assert "ducklake:postgres:" in answers[2].stdout
    assert (tmp_path / "out" / "current" / "rasad.duckdb").is_file()
    assert refused.returncode != 0
    assert not list((tmp_path / "here").rglob("*.parquet"))
    for answer in (*answers, refused):
        for secret in (PASSWORD, KEY, SECRET):
            assert secret not in answer.stdout + answer.stderr
