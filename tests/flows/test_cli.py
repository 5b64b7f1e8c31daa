"""The command line as a user and a program meet it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import duckdb
import pytest

from flows.report import RunReport
from tests.flows.support import SAMPLES, rasad, rasad_process

ROOT = Path(__file__).parents[2]
Sampled = tuple[Path, RunReport]


COMMANDS = (
    "run",
    "backfill",
    "deploy",
    "serve",
    "sql",
    "status",
    "replay",
    "publish",
    "diff",
    "migrate",
    "maintain",
    "doctor",
)


@pytest.mark.parametrize("command", [[], *([name] for name in COMMANDS)], ids=" ".join)
def test_every_command_has_help(command: list[str]) -> None:
    answer = rasad(*command, "--help")
    assert answer.returncode == 0
    assert "Usage" in answer.stdout


def test_the_version_is_said() -> None:
    assert rasad("--version").stdout == f"rasad {version('rasad')}\n"


def test_the_command_line_does_not_load_what_it_does_not_need() -> None:
    code = "import sys, flows.cli; print([m for m in ('torch', 'prefect', 'duckdb', 'stanza') if m in sys.modules])"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert answer.stdout.strip() == "[]"


@pytest.mark.parametrize("output", ["table", "csv", "json"])
def test_sql_prints_rows(sampled: Sampled, output: str) -> None:
    query = "SELECT title, language FROM articles WHERE title IS NOT NULL ORDER BY title LIMIT 2"
    answer = rasad("sql", query, "--warehouse", sampled[0], "--format", output)
    assert answer.returncode == 0, answer.stderr
    lines = answer.stdout.splitlines()
    if output == "json":
        assert [set(json.loads(line)) for line in lines] == [{"title", "language"}] * 2
    elif output == "csv":
        assert lines[0] == '"title","language"'
        assert len(lines) == 3
    else:
        assert "title" in answer.stdout
        assert "…" not in answer.stdout.replace("...", ""), "a pipe must get whole cells"


def test_sql_writes_parquet_to_a_pipe(sampled: Sampled, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "flows", "sql", "SELECT 1 AS one", "--warehouse", str(sampled[0])]
    answer = subprocess.run([*command, "--format", "parquet"], capture_output=True, check=True, cwd=ROOT)
    assert answer.stdout[:4] == answer.stdout[-4:] == b"PAR1"


def test_the_readme_s_questions_have_answers(sampled: Sampled) -> None:
    questions = sorted((ROOT / "seeds" / "questions").glob("*.sql"))
    assert len(questions) == 3
    for question in questions:
        answer = rasad("sql", "--file", question, "--warehouse", sampled[0], "--format", "json")
        assert answer.returncode == 0, answer.stderr
        assert len(answer.stdout.splitlines()) >= 2, question.name


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["sql", "SELECT nothing FROM nowhere"], 2, "nowhere"),
        (["sql", "DROP TABLE articles"], 2, "read"),
        (["sql"], 2, "--file"),
        (["run"], 2, "no articles were named"),
        (["run", "nowhere.txt"], 2, "nowhere.txt"),
        (["run", "seeds/articles", "--stages", "ingest,entites"], 2, "'entites'"),
    ],
    ids=["unknown table", "writing", "no query", "no path", "missing path", "unknown stage"],
)
def test_wrong_input_is_explained(sampled: Sampled, arguments: list[str], code: int, words: str) -> None:
    answer = rasad(*arguments, "--warehouse", sampled[0], cwd=ROOT)
    assert answer.returncode == code, answer.stderr
    assert words in answer.stderr
    assert "→" in answer.stderr, "the next thing to do is named"
    assert "Traceback" not in answer.stderr


def test_no_warehouse_is_explained(tmp_path: Path) -> None:
    answer = rasad_process("status", "--warehouse", tmp_path / "none")
    assert answer.returncode == 3
    assert "rasad run" in answer.stderr


def test_status_says_what_is_there_and_due(sampled: Sampled) -> None:
    state = json.loads(rasad("status", "--warehouse", sampled[0], "--format", "json").stdout)
    assert state["tables"]["articles"] > 50
    assert all(stage["due"] == 0 for stage in state["stages"])
    words = rasad_process("status", "--warehouse", sampled[0]).stdout
    assert "ATTACH" in words
    assert "invalid-json" in words


def test_a_warehouse_is_published_compared_migrated_and_maintained(sampled: Sampled, tmp_path: Path) -> None:
    warehouse = Path(shutil.copytree(sampled[0], tmp_path / "warehouse"))
    published = json.loads(rasad("publish", tmp_path / "out", "--warehouse", warehouse, "--format", "json").stdout)
    assert published["rows"]["articles"] > 50
    assert published["rows"]["polecat_events"] > 50
    with duckdb.connect(str(tmp_path / "out" / "current" / "rasad.duckdb"), read_only=True) as frozen:
        assert frozen.execute("SELECT count(*) FROM search('ترمب')").fetchone() != (0,)
    run = sampled[1].run_id
    compared = rasad("diff", run, run, "--warehouse", warehouse)
    assert (compared.returncode, compared.stdout.strip()) == (0, "No row differs.")
    assert "Nothing to do" in rasad("migrate", "--warehouse", warehouse).stdout
    refused = rasad("migrate", "--rebuild", "raw_documents", "--warehouse", warehouse)
    assert (refused.returncode, "paragraph_languages" in refused.stderr) == (2, True)
    planned = json.loads(rasad("maintain", "--dry-run", "--warehouse", warehouse, "--format", "json").stdout)
    assert planned["is_dry"]
    replayed = json.loads(rasad("replay", "--stage", "ingest", "--warehouse", warehouse, "--format", "json").stdout)
    assert replayed["tried"] == replayed["open"] > 5


@pytest.mark.parametrize("way", ["--direct", "--plan"])
def test_a_missing_path_beside_a_good_one_is_exit_code_1(tmp_path: Path, way: str) -> None:
    answer = rasad("run", SAMPLES / "ar", "nowhere.txt", "--warehouse", tmp_path / "w", "--stages", "ingest", way)
    assert answer.returncode == 1
    assert "There is no nowhere.txt" in answer.stdout


def test_doctor_finds_all_well(sampled: Sampled) -> None:
    answer = rasad("doctor", "--warehouse", sampled[0])
    assert answer.returncode == 0, answer.stdout + answer.stderr
    for subject in ("packages", "DuckDB extensions", "language models", "warehouse"):
        assert subject in answer.stdout


def test_doctor_names_what_is_wrong_and_the_command(tmp_path: Path) -> None:
    (tmp_path / "catalog.sqlite").write_bytes(b"this is no catalog" * 100)
    answer = rasad("doctor", "--warehouse", tmp_path, "--format", "json")
    assert answer.returncode == 3
    findings = {finding["subject"]: finding for finding in json.loads(answer.stdout)["findings"]}
    assert findings["packages"]["healthy"]
    assert not findings["warehouse"]["healthy"]
    assert findings["warehouse"]["remedy"]
