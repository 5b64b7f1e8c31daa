"""Two workers, real processes with models of their own: the same tables as one, bit for bit."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet
import pytest

from flows.backfill import backfill
from flows.engine import compute
from flows.request import STAGE_NAMES, BackfillRequest, RunRequest
from flows.run import execute
from flows.server import LocalServer
from flows.settings import Settings
from flows.stages import pipeline_stages
from flows.workers import compute_batch, local_processes
from schemas.catalog import TABLES
from tests.flows.support import ARABIC, ENGLISH, PERSIAN, contents, request
from warehouse.connection import open_reader
from warehouse.location import Location

#: One person outside the gazetteer, spelt in two ways in articles of different batches.
SPELLINGS = ("كامران فرهاديان", "كامران فرهادیان", "کامران فرهادیان", "کامران فرهادیان")
TEXTS = [
    ARABIC,
    PERSIAN,
    ENGLISH,
    f"قال الكاتب {SPELLINGS[0]} إن الكتاب صدر في بيروت. وأضاف {SPELLINGS[0]} أنه سعيد.",
    f"أعلن الباحث {SPELLINGS[1]} نتائج الدراسة في القاهرة.",
    f"{SPELLINGS[2]}، نویسنده، روز شنبه در تهران گفت کتاب تازه‌اش منتشر شد.",
    f"به گفتهٔ {SPELLINGS[3]}، این پژوهش در شیراز انجام شد.",
]


@pytest.fixture(scope="module")
def articles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("articles") / "articles.jsonl"
    lines = [
        {"id": str(n), "source": "آزمون", "text": text, "published_at": f"2025-03-01T{n:02d}:00:00Z"}
        for n, text in enumerate(TEXTS)
    ]
    file.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
    return file


def asked(articles: Path, warehouse: Path, workers: int) -> RunRequest:
    """Every stage that may work ahead, in three batches; the last stage never does."""
    whole = request(articles, warehouse=warehouse, workers=workers, batch={"articles": 3})
    return whole.model_copy(update={"stages": STAGE_NAMES[:-1]})


@pytest.fixture(scope="module")
def alone(articles: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, object]]]:
    """Every table as one process makes it."""
    warehouse = tmp_path_factory.mktemp("alone") / "warehouse"
    execute(asked(articles, warehouse, 1))
    made = contents(warehouse)
    assert made["entity_redirects"] or len({row["entity_id"] for row in made["entity_names"]}) < len(SPELLINGS)
    return made


@pytest.mark.slow
def test_two_processes_make_the_tables_of_one(
    articles: Path, alone: dict[str, list[dict[str, object]]], tmp_path: Path
) -> None:
    wanted = asked(articles, tmp_path / "warehouse", 2)
    with local_processes(wanted.settings) as workers:
        report = execute(wanted, workers=workers)
    assert contents(tmp_path / "warehouse") == alone
    assert [stage.batches for stage in report.stages] == [1, 3, 3, 3]
    assert not list((tmp_path / "warehouse").glob("workers-*")), "nothing of the workers stays"


@pytest.mark.slow
def test_a_backfill_by_two_processes_makes_the_tables_of_one(articles: Path, tmp_path: Path) -> None:
    made = []
    for count in (1, 2):
        wanted = asked(articles, tmp_path / f"by {count}", count)
        execute(wanted.model_copy(update={"stages": STAGE_NAMES[:1]}))
        with local_processes(wanted.settings) as workers:
            report = backfill(BackfillRequest(settings=wanted.settings, stages=("language",)), workers=workers)
        assert [(stage.stage, stage.counts.rows_in) for stage in report.stages] == [("language", len(TEXTS))]
        made.append(contents(wanted.settings.warehouse))
    assert made[0] == made[1]


@pytest.mark.slow
def test_a_dask_cluster_of_two_workers_makes_the_tables_of_one(
    prefect_server: LocalServer, articles: Path, alone: dict[str, list[dict[str, object]]], tmp_path: Path
) -> None:
    from prefect.client.orchestration import get_client

    from flows.pipeline import pipeline

    pytest.importorskip("prefect_dask")
    report = pipeline(asked(articles, tmp_path / "warehouse", 2))
    assert contents(tmp_path / "warehouse") == alone
    with get_client(sync_client=True) as client:
        (run,) = [r for r in client.read_flow_runs() if str(tmp_path) in r.name]
        assert run.state is not None and run.state.is_completed()
        names = {task_run.name for task_run in client.read_task_runs() if task_run.flow_run_id == run.id}
    assert {"ingest-1", "entities-1", "entities-1 computed", "entities-3 computed"} <= names
    assert len(names) == 1 + 2 * 3 * 3
    assert report.stages[2].counts.excluded == 1


def test_what_a_worker_leaves_is_what_the_stage_made(sampled: tuple[Path, object], tmp_path: Path) -> None:
    settings = Settings(warehouse=sampled[0])
    stage = pipeline_stages(settings)[1]
    with open_reader(Location.at(sampled[0])) as reader:
        units = tuple(reader.query("SELECT article_id FROM articles ORDER BY ALL LIMIT 5")["article_id"].to_pylist())
        made = compute(stage, units, {}, reader).output
    compute_batch(settings, "language", units, tmp_path / "left")
    for record in TABLES:
        if record.table.name in made.tables:
            left = pyarrow.parquet.read_table(tmp_path / "left" / f"{record.table.name}.parquet", partitioning=None)
            assert left.to_pylist() == made.tables[record.table.name].to_pylist()


@pytest.mark.slow
def test_workers_of_a_cluster_keep_the_memory_that_their_models_use_again(
    prefect_server: LocalServer, sampled: tuple[Path, object], tmp_path: Path
) -> None:
    from flows.cluster import dask_workers

    psutil = pytest.importorskip("psutil")  # comes with Dask
    with dask_workers(Settings(warehouse=sampled[0], workers=2)) as workers:
        assert workers is not None
        workers.submit("language", 1, (), tmp_path / "left")  # the cluster starts with the first batch
        started = [child.environ() for child in psutil.Process().children(recursive=True)]
    of_dask = [environment for environment in started if "PYTHONHASHSEED" in environment]
    assert len(of_dask) >= 2
    assert not any("MALLOC_TRIM_THRESHOLD_" in environment for environment in of_dask), "names cost twice the time"


def test_one_worker_needs_no_cluster(prefect_server: LocalServer, tmp_path: Path) -> None:
    from flows.cluster import dask_workers

    with dask_workers(Settings(warehouse=tmp_path)) as workers:
        assert workers is None
