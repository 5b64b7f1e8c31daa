"""What the pages say is run, or at least understood by the command that it names; and the site is whole."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from flows.cli import app
from flows.reference import commands, commands_page, settings_page
from flows.report import RunReport
from flows.request import STAGE_NAMES
from flows.server import LocalServer
from tests.flows.support import rasad, write_articles
from warehouse.connection import open_reader
from warehouse.location import Location

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
QUERIES = [
    pytest.param(shlex.split(line)[1:], id=f"{page.name}: {line[:60]}")
    for page in PAGES
    for block in re.findall(r"```\w*\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    for line in block.splitlines()
    if re.match(r"(\.venv/bin/)?rasad sql ", line)
]


def test_there_are_queries_to_run() -> None:
    assert len(QUERIES) >= 3


@pytest.mark.parametrize("arguments", QUERIES)
def test_every_query_of_the_pages_runs(sampled: tuple[Path, RunReport], arguments: list[str]) -> None:
    answer = rasad(*arguments, "--warehouse", sampled[0], "--format", "json")
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.strip(), "the query of a page must have an answer on the sample articles"


def test_the_pages_name_every_stage() -> None:
    architecture = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    assert all(stage in architecture for stage in STAGE_NAMES)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), target


#: Lines that no test here can run as they stand, and the test that runs what they are about.
ELSEWHERE = {
    "prefect server start": "test_deployments.py",  # these two run until they are stopped
    "prefect worker start --pool rasad": "test_deployments.py",
    "export PREFECT_API_URL=http://127.0.0.1:4200/api": "test_deployments.py",
    "rasad models fetch": "test_models_official.py",  # a place on loopback stands for Stanza's
    "RASAD_NER__MODELS=official rasad doctor": "test_models_official.py",
    "RASAD_NER__MODELS=official rasad run seeds/articles/ar --direct": "test_models_official.py",
    "pip install '.[dask]'": "test_workers.py",
    "RASAD_WORKERS=2 OMP_NUM_THREADS=1 rasad run articles/": "test_workers.py",
    "createdb --owner=rasad rasad": "test_team.py",
    "export PGPASSWORD=…": "test_team.py",
    'export RASAD_CATALOG="postgres:host=db.example.org dbname=rasad user=rasad"': "test_team.py",
    "export AWS_ACCESS_KEY_ID=… AWS_SECRET_ACCESS_KEY=… AWS_REGION=eu-central-1": "test_team.py",
    "export AWS_ENDPOINT_URL=https://objects.example.org": "test_team.py",
    "export RASAD_STORAGE=s3://bucket/news": "test_team.py",
    "rasad run articles/": "test_team.py",
}


def command_lines(page: Path) -> list[str]:
    """What a page asks its reader to type, `sql` apart, in its order; comments and the environment's path taken off."""
    blocks = re.findall(r"^```(?:sh)?\n(.*?)^```", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    lines = [re.sub(r"\s+# .*", "", line).removeprefix(".venv/bin/") for block in blocks for line in block.splitlines()]
    typed = re.compile(r"([A-Z_]+=\S+ )*(rasad|prefect|pip|export|createdb|make|docker) ")
    return [line for line in lines if typed.match(line) and not line.startswith("rasad sql ")]


def rasad_runs(warehouse: Path) -> tuple[str, str]:
    """The first run and the last."""
    with open_reader(Location.at(warehouse)) as reader:
        return str(reader.value("SELECT min(run_id) FROM runs")), str(reader.value("SELECT max(run_id) FROM runs"))


def test_no_line_is_said_to_be_run_elsewhere_that_no_page_has() -> None:
    assert set(ELSEWHERE) <= {line for page in PAGES for line in command_lines(page)}


WITH_COMMANDS = [page for page in PAGES if command_lines(page)]


@pytest.mark.parametrize("page", WITH_COMMANDS, ids=lambda page: page.name)
def test_the_commands_of_a_page_can_be_typed_in_their_order(
    page: Path,
    sampled: tuple[Path, RunReport],
    prefect_server: LocalServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """In a folder as `make run` leaves it, with articles of one's own beside the samples."""
    shutil.copytree(sampled[0], tmp_path / "warehouse-data")
    (tmp_path / "seeds").symlink_to(ROOT / "seeds")
    write_articles(tmp_path / "articles")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PREFECT_API_URL", prefect_server.api_url)
    for line in command_lines(page):
        if line in ELSEWHERE:
            assert (Path(__file__).parent / ELSEWHERE[line]).exists()
        elif line.startswith("make "):
            targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
            assert line.split()[1] in targets  # `make test` runs this test; CI and the tutorial's test do the rest
        else:
            runs = rasad_runs(tmp_path / "warehouse-data") if "RUN" in line else ()
            name, *words = shlex.split(line.replace("RUN RUN", " ".join(runs)))
            assert name == "rasad" and not app(words, standalone_mode=False), line
            assert capsys.readouterr().out.strip(), line
    if page.name == "tutorial.md":
        assert (tmp_path / "my-news.html").exists() and (tmp_path / "rasad.toml").exists()


def test_commands_within_sentences_have_the_options_that_they_name() -> None:
    known = {name: {flag for parameter in command.params for flag in parameter.opts} for name, command in commands()}
    named = 0
    for page in PAGES:
        for code in re.findall(r"`(?:\.venv/bin/)?rasad ([^`]+)`", page.read_text(encoding="utf-8")):
            words = code.split()
            name = words[0] if words[0] in known else " ".join(words[:2])
            if words[0].startswith("--"):
                continue
            assert name in known, (page.name, code)
            wrong = [word for word in words if word.startswith("--") and word not in known[name] | {"--help"}]
            assert not wrong, (page.name, code)
            named += 1
    assert named > 40


@pytest.mark.parametrize(("page", "made"), [("commands.md", commands_page), ("settings.md", settings_page)])
def test_the_reference_is_what_the_code_says(page: str, made: Callable[[], str]) -> None:
    assert (ROOT / "docs" / page).read_text(encoding="utf-8") == made(), "make dictionary writes it anew"


def test_every_command_and_option_says_what_it_is_for() -> None:
    """A row of the reference without words would be no help."""
    rows = [line.split(" | ") for line in commands_page().splitlines() if re.match(r"\| `[-A-Zl]", line)]
    assert len(rows) > 60
    assert not [row for row in rows if not row[1].strip(" |")]
    told = re.findall(r"^## rasad ([\w ]*\w)", commands_page(), re.MULTILINE)
    assert all(any(line.startswith(name) for line in told) for name, _ in commands())
    assert all(command.help for _, command in commands())
    assert all(line.split(" | ")[3].strip(" |") for line in settings_page().splitlines() if line.startswith("| `"))


def test_the_site_builds_and_loads_nothing_from_elsewhere(tmp_path: Path) -> None:
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path / "site")],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1", "PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert built.returncode == 0, built.stderr
    assert {"index.html", "tutorial.html", "commands.html"} <= {file.name for file in (tmp_path / "site").glob("*")}
    element = r"""<(?:script|link|img|iframe|source)\b[^>]*?\b(?:src|href)=["']?https?:[^"' >]*"""
    loads = re.compile(element + r"""|@import[^;]*http|url\(["']?http""")
    for file in (tmp_path / "site").rglob("*"):
        if file.suffix in {".html", ".css"}:
            found = loads.findall(file.read_text(encoding="utf-8"))
            assert not found, (file.name, found)
