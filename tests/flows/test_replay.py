"""Replay: rejected rows through today's code, and mended files."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

import flows.replay
import flows.run
from flows.replay import replay
from flows.run import execute
from flows.settings import Settings
from schemas.errors import SettingsError, WarehouseMissing
from tasks import ingest
from tasks.stage import Rejected, Stage, StageInput, StageOutput
from tests.flows.support import request
from warehouse.connection import open_reader
from warehouse.location import Location


def strict(batch: StageInput) -> StageOutput:
    """`ingest` as it was before a bug in it was mended: it refuses every second document."""
    refused = tuple(Rejected(unit, "too-strict", "refused by mistake", b"x") for unit in sorted(batch.units)[::2])
    gone = {r.unit_id for r in refused}
    kept = batch.tables["raw_documents"]
    passed = kept.filter([unit not in gone for unit in kept["document_id"].to_pylist()])
    output = ingest.ingest(replace(batch, tables={"raw_documents": passed}))
    kept = kept.append_column("article_id", pa.nulls(kept.num_rows, pa.string()))
    return StageOutput({**output.tables, "raw_documents": kept}, refused, output.excluded)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(warehouse=tmp_path / "warehouse")


def use(monkeypatch: pytest.MonkeyPatch, stage: Stage) -> None:
    monkeypatch.setattr(flows.run, "pipeline_stages", lambda _: (stage,))
    monkeypatch.setattr(flows.replay, "pipeline_stages", lambda _: (stage,))


def lines(*numbers: int) -> bytes:
    records = [{"id": f"n{n}", "text": f"زار الوزير رقم {n} بغداد."} for n in numbers]
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records).encode()


def test_what_old_code_rejected_is_accepted_by_todays(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.jsonl").write_bytes(lines(1, 2, 3, 4))
    use(monkeypatch, replace(ingest.STAGE, work=strict))
    execute(request(tmp_path / "a.jsonl", warehouse=settings.warehouse))
    assert replay(settings, stage="ingest", rule="another-rule", ids=()).tried == 0
    still = replay(settings, stage=None, rule=None, ids=())
    assert (still.tried, still.resolved) == (2, 1), "the mistake is still there for one of the two"
    use(monkeypatch, ingest.STAGE)
    (tmp_path / "a.jsonl").unlink()
    done = replay(settings, stage="ingest", rule="too-strict", ids=())
    assert (done.tried, done.resolved, done.open) == (1, 1, 0)
    with open_reader(Location.at(settings.warehouse)) as reader:
        assert reader.value("SELECT count(*) FROM articles") == 4
        resolved = reader.query("SELECT resolved_by FROM rejections")["resolved_by"].to_pylist()
        assert sorted(resolved) == sorted([still.run_id, done.run_id])
        counts = reader.query("SELECT counts.* FROM runs").to_pylist()
    assert all(c["rows_in"] == c["rows_out"] + c["rejected"] + c["excluded"] for c in counts)


@pytest.mark.parametrize("way", ["run", "replay"])
def test_a_mended_file_resolves_what_its_damage_caused(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    use(monkeypatch, ingest.STAGE)
    file = tmp_path / "news.jsonl.gz"
    file.write_bytes(gzip.compress(lines(*range(50)))[:-30])
    execute(request(file, warehouse=settings.warehouse).model_copy(update={"source": "agency"}))
    execute(request(file, warehouse=settings.warehouse).model_copy(update={"source": "agency"}))
    with open_reader(Location.at(settings.warehouse)) as reader:
        assert reader.query("SELECT rule, resolved_by FROM rejections").to_pylist() == [
            {"rule": "corrupt-gzip", "resolved_by": None}
        ]
    file.write_bytes(gzip.compress(lines(*range(50))))
    if way == "run":
        execute(request(file, warehouse=settings.warehouse).model_copy(update={"source": "agency"}))
    else:
        assert replay(settings, stage=None, rule="corrupt-gzip", ids=()).resolved == 1
    with open_reader(Location.at(settings.warehouse)) as reader:
        assert reader.value("SELECT count(*) FROM rejections WHERE resolved_by IS NULL") == 0
        assert reader.value("SELECT count(*) FROM articles WHERE source = 'agency'") == 50


def test_a_file_that_is_gone_and_an_unknown_id_are_named(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, ingest.STAGE)
    file = tmp_path / "news.jsonl.gz"
    file.write_bytes(gzip.compress(lines(1))[:-9])
    with pytest.raises(WarehouseMissing):
        replay(settings, stage=None, rule=None, ids=())
    execute(request(file, warehouse=settings.warehouse))
    file.unlink()
    report = replay(settings, stage=None, rule=None, ids=())
    assert (report.unreachable, report.open) == ([str(file)], 1)
    with pytest.raises(SettingsError, match="nobody"):
        replay(settings, stage=None, rule=None, ids=("nobody",))
