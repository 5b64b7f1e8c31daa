"""What a user meets when something is wrong: a clear message, the right exit code, and a whole warehouse."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from schemas.errors import WarehouseDamaged
from tests.flows.support import ROOT, contents, rasad, rasad_process
from warehouse.connection import Resources, connect, open_reader
from warehouse.lease import writer_lease
from warehouse.location import CATALOG, Location
from warehouse.status import check_files

INGEST = ("--direct", "--stages", "ingest")
#: Sixty batches of `language`, each with its commit (a third of a second): even on a crowded machine a signal comes
#: long before the last of them.
ARTICLES, BATCH = 2_400, {"RASAD_BATCH__ARTICLES": "40"}
#: Without these even root may not read a file of mode 000.
AS_ANYONE = ("setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all")


def record(number: int, **keys: object) -> str:
    return json.dumps({"id": f"n{number}", "text": f"زار الوزير رقم {number} بغداد.", **keys}, ensure_ascii=False)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse with one article; tests that write copy it first."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "good.jsonl").write_text(record(1), encoding="utf-8")
    answer = rasad("run", folder / "good.jsonl", *INGEST, "--warehouse", folder / "warehouse")
    assert answer.returncode == 0, answer.stderr
    return folder / "warehouse"


def explained(answer: subprocess.CompletedProcess[str], code: int, *words: str) -> None:
    assert answer.returncode == code, answer.stdout + answer.stderr
    assert "Traceback" not in answer.stderr
    assert "→" in answer.stderr, "the next thing to do is named"
    for word in words:
        assert word in answer.stderr


def test_good_articles_beside_bad_files_are_kept_and_each_rejection_names_its_file(tmp_path: Path) -> None:
    articles = tmp_path / "articles"
    articles.mkdir()
    (articles / "good.jsonl").write_text(record(1, tone="calm", rank=3) + "\n" + record(2, rank=4), encoding="utf-8")
    (articles / "bytes.jsonl").write_bytes(bytes(range(128, 256)) * 20)
    (articles / "corrupt.jsonl.gz").write_bytes(gzip.compress(record(3).encode() * 50)[:-20])
    with (articles / "long.jsonl").open("w", encoding="utf-8") as stream:
        stream.write(json.dumps({"text": "x" * 50_000_000}) + "\n" + record(4) + "\n")
    warehouse = tmp_path / "warehouse"
    answer = rasad("run", articles, *INGEST, "--warehouse", warehouse)
    assert answer.returncode == 0, answer.stderr
    assert "rank (2), tone (1)" in answer.stdout, "unknown keys are told"
    assert f"--warehouse {warehouse}" in answer.stdout, "the next command asks this warehouse"
    with open_reader(Location.at(warehouse)) as reader:
        found = reader.query("SELECT external_id FROM articles ORDER BY 1")["external_id"].to_pylist()
        rejected = {r["rule"]: r for r in reader.query("SELECT rule, error, uri FROM rejections").to_pylist()}
        counts = reader.query("SELECT counts.* FROM runs").to_pylist()
    assert found == ["n1", "n2", "n4"]
    assert set(rejected) == {"invalid-utf8", "corrupt-gzip", "line-too-long"}
    assert all(str(articles) in row["error"] and str(articles) in row["uri"] for row in rejected.values())
    assert all(c["rows_in"] == c["rows_out"] + c["rejected"] + c["excluded"] for c in counts)


@pytest.mark.skipif(shutil.which("setpriv") is None, reason="needs setpriv to give rights away")
def test_a_file_without_rights_is_rejected_and_read_once_it_may_be(tmp_path: Path) -> None:
    locked, good, warehouse = tmp_path / "locked.jsonl", tmp_path / "good.jsonl", tmp_path / "warehouse"
    locked.write_text(record(1), encoding="utf-8")
    good.write_text(record(2), encoding="utf-8")
    locked.chmod(0)
    program = [*(AS_ANYONE if os.getuid() == 0 else ()), sys.executable, "-m", "flows"]
    command = [*program, "run", str(locked), str(good), *INGEST, "--warehouse", str(warehouse)]
    answer = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert answer.returncode == 0, answer.stderr
    assert "1 rejected, unreadable-file" in answer.stdout
    locked.chmod(0o600)
    again = rasad("run", locked, *INGEST, "--warehouse", warehouse, "--format", "json")
    assert json.loads(again.stdout)["stages"][0]["counts"]["rows_out"] == 1


@pytest.mark.parametrize("engine", [["--direct"], []], ids=["direct", "prefect"])
def test_a_warehouse_that_is_a_file(made: Path, tmp_path: Path, engine: list[str]) -> None:
    place = tmp_path / "place"
    place.touch()
    articles = made.parent / "good.jsonl"
    explained(
        rasad_process("run", articles, "--stages", "ingest", *engine, "--warehouse", place), 3, str(place), "file"
    )


def test_a_warehouse_of_a_newer_rasad_is_left_alone(made: Path, tmp_path: Path) -> None:
    location = Location.at(shutil.copytree(made, tmp_path / "warehouse"))
    with connect(location, Resources()) as connection:
        connection.execute(location.attach_sql(read_only=False))
        connection.execute(f"UPDATE {CATALOG}.main.table_versions SET warehouse_format = 99")
    before = location.catalog.read_bytes()
    answer = rasad("run", made.parent / "good.jsonl", *INGEST, "--warehouse", location.folder)
    explained(answer, 3, "newer", "pip install --upgrade")
    assert location.catalog.read_bytes() == before


def test_a_catalog_that_is_cut_off(made: Path, tmp_path: Path) -> None:
    location = Location.at(shutil.copytree(made, tmp_path / "warehouse"))
    location.catalog.write_bytes(location.catalog.read_bytes()[:20_000])
    answer = rasad("run", made.parent / "good.jsonl", *INGEST, "--warehouse", location.folder)
    explained(answer, 3, "catalog.sqlite", "backup")


def test_a_data_file_that_is_gone_is_named_by_every_command_that_needs_it(made: Path, tmp_path: Path) -> None:
    location = Location.at(shutil.copytree(made, tmp_path / "warehouse"))
    (gone,) = (location.data / "main" / "articles").glob("*.parquet")
    gone.unlink()
    explained(rasad("sql", "SELECT title FROM articles", "--warehouse", location.folder), 3, gone.name)
    with open_reader(location) as reader, pytest.raises(WarehouseDamaged, match=gone.name):
        check_files(reader)  # what `rasad doctor` asks


def test_a_second_run_is_told_who_is_writing(made: Path) -> None:
    with writer_lease(Location.at(made), "run-of-another"):
        explained(
            rasad_process("run", made.parent / "good.jsonl", *INGEST, "--warehouse", made),
            3,
            "run-of-another",
            str(os.getpid()),
        )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_run_that_is_stopped_leaves_a_whole_warehouse_and_the_next_completes_it(
    tmp_path: Path, number: signal.Signals
) -> None:
    articles, warehouse = tmp_path / "articles.jsonl", tmp_path / "warehouse"
    articles.write_text("\n".join(record(n) for n in range(ARTICLES)), encoding="utf-8")
    stages = ("--direct", "--stages", "ingest,language", "--warehouse", str(warehouse))
    command = [sys.executable, "-m", "flows", "run", str(articles), *stages]
    run = subprocess.Popen(command, cwd=ROOT, env=os.environ | BATCH, stderr=subprocess.PIPE, text=True)
    while run.poll() is None and len(list((warehouse / "data").rglob("paragraph_languages/*.parquet"))) < 3:
        time.sleep(0.02)
    run.send_signal(number)
    _, said = run.communicate(timeout=30)
    assert run.returncode == (-9 if number == signal.SIGKILL else 128 + number), said
    assert "Traceback" not in said
    assert ("stopped" in said) == (number != signal.SIGKILL)
    with open_reader(Location.at(warehouse)) as reader:
        kept = reader.value("SELECT count(*) FROM articles WHERE language IS NOT NULL")
        assert kept == reader.value("SELECT count(*) FROM stage_ledger WHERE stage = 'language'")
        assert kept == reader.value("SELECT count(DISTINCT article_id) FROM paragraph_languages")
    assert isinstance(kept, int) and 0 < kept < ARTICLES
    answer = rasad("run", articles, *stages, "--format", "json")
    report = json.loads(answer.stdout)
    done = {stage["stage"]: stage["counts"]["rows_out"] for stage in report["stages"]}
    assert report["unchanged"] == ARTICLES and done == {"ingest": 0, "language": ARTICLES - kept}
    assert len(contents(warehouse)["articles"]) == ARTICLES


@pytest.mark.skipif(shutil.which("setpriv") is None, reason="needs setpriv to give rights away")
def test_a_warehouse_that_may_only_be_read_is_read(made: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(made, tmp_path / "warehouse"))
    for path in (copy, *copy.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    program = [*(AS_ANYONE if os.getuid() == 0 else ()), sys.executable, "-m", "flows"]
    command = [*program, "sql", "SELECT count(*) AS n FROM articles", "--warehouse", str(copy), "--format", "json"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    for path in (copy, *copy.rglob("*")):
        path.chmod(0o755)
    assert answer.returncode == 0, answer.stderr
    assert json.loads(answer.stdout) == {"n": 1}


def test_what_sql_prints_is_what_is_stored(made: Path) -> None:
    query = "SELECT '[b]x[/b] [/] :smile:' AS a, INTERVAL 1 DAY AS b, 'infinity'::TIMESTAMP AS c, 'NaN'::DOUBLE AS d"
    for output in ("table", "csv", "json"):
        answer = rasad("sql", query, "--warehouse", made, "--format", output)
        assert answer.returncode == 0, answer.stderr
        assert "[b]x[/b] [/] :smile:" in answer.stdout
    assert json.loads(answer.stdout)["d"] is None
    answer = rasad("sql", "SELECT text FROM articles", "--warehouse", made, "--format", "json")
    assert json.loads(answer.stdout) == {"text": "زار الوزير رقم 1 بغداد."}


@pytest.mark.parametrize("output", ["table", "csv", "json"])
def test_a_reader_that_goes_away_is_no_error(made: Path, output: str) -> None:
    command = [sys.executable, "-m", "flows", "sql", "FROM range(30000)", "--warehouse", str(made), "--format", output]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as program:
        assert program.stdout and program.stderr
        program.stdout.read(4)
        program.stdout.close()
        assert program.stderr.read() == b""
        assert program.wait() == 141, "as any program that SIGPIPE ends"
