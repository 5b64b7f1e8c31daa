"""What a run shows of itself: alerts on a webhook, a log in JSON lines, figures for Prometheus."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from flows.backfill import backfill
from flows.replay import replay
from flows.report import RunReport
from flows.request import BackfillRequest
from flows.run import execute
from flows.settings import AlertSettings
from schemas.errors import SettingsError
from tests.flows.support import rasad, request

#: Only `ingest`: what is told after a run does not depend on language models.
INGEST = {"stages": ("ingest",)}


class Webhook:
    """A real HTTP server that keeps what is posted to it; `status` is what it answers."""

    def __init__(self) -> None:
        self.status = 200
        self.bodies: list[dict[str, object]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                outer.bodies.append(json.loads(self.rfile.read(length)))
                self.send_response(outer.status)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/alerts"


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    hook = Webhook()
    thread = threading.Thread(target=hook.server.serve_forever, daemon=True)
    thread.start()
    yield hook
    hook.server.shutdown()
    hook.server.server_close()
    thread.join()


def run(folder: Path, name: str, lines: list[dict[str, object]], **settings: object) -> RunReport:
    """Ingest some records from a file of their own."""
    file = folder / f"{name}.jsonl"
    file.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
    return execute(request(file, warehouse=folder / "warehouse", **settings).model_copy(update=INGEST))


def news(source: str, days: range) -> list[dict[str, object]]:
    return [
        {"source": source, "text": f"خبر شماره {day} از {source}", "published_at": f"2025-03-{day:02d}T08:00:00Z"}
        for day in days
    ]


def test_new_alerts_are_posted_once_and_again_when_they_come_back(tmp_path: Path, webhook: Webhook) -> None:
    alerts = {"alerts": {"webhook": webhook.url}}
    assert run(tmp_path, "a", news("الوكالة", range(1, 5)), **alerts).alerts == []
    assert webhook.bodies == []
    report = run(tmp_path, "b", news("خبرگزاری", range(4, 10)), **alerts)
    (body,) = webhook.bodies
    (told,) = report.alerts
    assert body["run_id"] == report.run_id
    assert body["alerts"] == [{"kind": "source-silent", "subject": "الوكالة", "message": told}]
    assert told in str(body["text"])
    run(tmp_path, "c", news("خبرگزاری", range(10, 11)), **alerts)
    assert len(webhook.bodies) == 1, "it lasts, and has been told"
    assert run(tmp_path, "d", news("الوكالة", range(10, 11)), **alerts).alerts == []
    run(tmp_path, "e", news("خبرگزاری", range(11, 16)), **alerts)
    assert [len(body["alerts"]) for body in webhook.bodies] == [1, 1]  # type: ignore[arg-type]  # lists in JSON


def test_backfills_and_replays_raise_alerts_too(tmp_path: Path, webhook: Webhook) -> None:
    run(tmp_path, "a", news("الوكالة", range(1, 5)))
    (silent,) = run(tmp_path, "b", news("خبرگزاری", range(4, 10))).alerts
    settings = request(warehouse=tmp_path / "warehouse", alerts={"webhook": webhook.url}).settings
    tried = replay(settings, stage=None, rule=None, ids=())
    assert tried.alerts == [silent]
    assert [body["run_id"] for body in webhook.bodies] == [tried.run_id]
    filled = backfill(BackfillRequest(settings=settings, stages=("ingest",)))
    assert filled.alerts == [silent] and silent in filled.as_markdown()
    assert len(webhook.bodies) == 1, "it lasts, and the replay has told it"
    (tmp_path / "warehouse" / "alerts.json").unlink()
    webhook.status = 500
    assert "it answered 500" in str(backfill(BackfillRequest(settings=settings, stages=("ingest",))).untold)


def test_a_webhook_that_fails_fails_no_run_and_is_told_next_time(tmp_path: Path, webhook: Webhook) -> None:
    webhook.status = 500
    alerts = {"alerts": {"webhook": webhook.url}}
    run(tmp_path, "a", news("الوكالة", range(1, 5)), **alerts)
    report = run(tmp_path, "b", news("خبرگزاری", range(4, 10)), **alerts)
    assert report.untold is not None and "it answered 500" in report.untold
    webhook.status = 204
    before = len(webhook.bodies)
    assert run(tmp_path, "c", news("خبرگزاری", range(10, 11)), **alerts).untold is None
    assert len(webhook.bodies) == before + 1


def test_status_shows_the_alerts_that_last(tmp_path: Path) -> None:
    run(tmp_path, "a", news("الوكالة", range(1, 5)))
    healthy = json.loads(rasad("status", "--warehouse", tmp_path / "warehouse", "--format", "json").stdout)
    assert healthy["healthy"] is True
    run(tmp_path, "b", news("خبرگزاری", range(4, 10)))
    shown = rasad("status", "--warehouse", tmp_path / "warehouse").stdout
    assert "Warning: الوكالة: silent since 2025-03-04 08:00 UTC" in shown
    assert "Look at the warnings; 40 units are due." in shown


def test_the_log_names_the_run_the_batches_and_what_was_rejected(tmp_path: Path) -> None:
    log = tmp_path / "rasad.log"
    records: list[dict[str, object]] = [
        *news("الوكالة", range(1, 3)),
        {"id": "x", "source": "الوكالة", "title": "بلا نص"},
    ]
    report = run(tmp_path, "a", records, log={"file": log, "level": "DEBUG"})
    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    assert [line["event"] for line in lines] == ["run started", "rejected", "batch", "units", "run ended"]
    assert {line["run_id"] for line in lines} == {report.run_id}
    assert (lines[1]["rule"], lines[1]["level"]) == ("missing-text", "WARNING")
    assert lines[2]["counts"] == {"rows_in": 3, "rows_out": 2, "rejected": 1, "excluded": 0}
    assert len(lines[3]["unit_ids"]) == 3 and lines[1]["unit_id"] in lines[3]["unit_ids"]


def test_a_level_hides_what_is_below_it_and_a_wrong_file_is_named(tmp_path: Path) -> None:
    log = tmp_path / "rasad.log"
    run(tmp_path, "a", [{"title": "بلا نص"}], log={"file": log, "level": "WARNING"})
    assert [json.loads(line)["event"] for line in log.read_text(encoding="utf-8").splitlines()] == ["rejected"]
    with pytest.raises(SettingsError, match="the log cannot be written"):
        run(tmp_path, "b", news("الوكالة", range(1, 2)), log={"file": tmp_path / "none" / "rasad.log"})


def test_a_webhook_must_be_an_address() -> None:
    with pytest.raises(ValueError, match="webhook"):
        AlertSettings(webhook="ftp://example.org")


def test_the_metrics_are_what_prometheus_reads(sampled: tuple[Path, RunReport], tmp_path: Path) -> None:
    warehouse = Path(shutil.copytree(sampled[0], tmp_path / "warehouse"))
    answer = rasad("metrics", "--warehouse", warehouse)
    assert answer.returncode == 0, answer.stderr
    found = {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(answer.stdout)
        for sample in family.samples
    }
    for stage in sampled[1].stages:
        assert found[("rasad_processed_units_total", *sorted(("done", stage.stage)))] == stage.counts.rows_out
        assert found[("rasad_units", *sorted(("rejected", stage.stage)))] == stage.counts.rejected
        assert found[("rasad_due_units", stage.stage)] == 0
        assert found[("rasad_stage_seconds_total", stage.stage)] == pytest.approx(stage.seconds)
    assert found[("rasad_open_rejections", "empty-text", "ingest")] == 3
    assert found[("rasad_rows", "articles")] == sampled[1].stages[1].counts.rows_in
    assert (
        sum(value for key, value in found.items() if key[0] == "rasad_source_articles")
        == found[("rasad_rows", "articles")]
    )
