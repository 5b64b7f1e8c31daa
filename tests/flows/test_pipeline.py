"""The Prefect flow against a real Prefect server."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from flows.report import RunReport
from flows.request import BackfillRequest
from flows.run import execute
from flows.server import LocalServer
from tests.flows.support import contents, request, write_articles


@pytest.mark.slow
def test_the_flow_gives_the_same_tables_and_leaves_runs_and_an_artifact(
    prefect_server: LocalServer, tmp_path: Path
) -> None:
    from prefect.client.orchestration import get_client

    from flows.pipeline import backfill_windows, pipeline

    articles = write_articles(tmp_path / "articles")
    report: RunReport = pipeline(request(articles, warehouse=tmp_path / "flow"))
    execute(request(articles, warehouse=tmp_path / "direct"))
    filled = backfill_windows(BackfillRequest(settings=request(warehouse=tmp_path / "flow").settings))
    assert contents(tmp_path / "flow") == contents(tmp_path / "direct")

    with get_client(sync_client=True) as client:
        assert str(client.api_url).startswith(prefect_server.api_url)
        # The server has the runs of other tests, too.
        runs = {run.name: run for run in client.read_flow_runs()}
        flow_run, backfill_run = (runs[f"{kind} {tmp_path / 'flow'}"] for kind in ("rasad", "backfill"))
        assert flow_run.state is not None
        assert flow_run.state.is_completed()
        names = {task_run.name for task_run in client.read_task_runs() if task_run.flow_run_id == flow_run.id}
        found = client.request("POST", "/artifacts/filter", json={}).json()
        artifacts = [artifact for artifact in found if artifact["flow_run_id"] == str(flow_run.id)]
        later = {artifact["key"]: artifact for artifact in found if artifact["flow_run_id"] == str(backfill_run.id)}
    assert names == {f"{stage.stage}-1" for stage in report.stages}
    left = {artifact["key"]: artifact["data"] for artifact in artifacts}
    assert report.run_id in left["rasad-run"] and "missing-text" in left["rasad-run"]
    assert [row["stage"] for row in json.loads(left["rasad-stages"])] == [stage.stage for stage in report.stages]
    assert json.loads(left["rasad-rejections"]) == [{"stage": "ingest", "rule": "missing-text", "rejected": 1}]
    by_source = {row["source"]: row["articles"] for row in json.loads(left["rasad-sources"])}
    assert by_source["وكالة الاختبار"] == 1
    assert later.keys() == {"rasad-backfill", "rasad-stages", "rasad-rejections", "rasad-sources"}
    assert filled.run_id in later["rasad-backfill"]["data"]
