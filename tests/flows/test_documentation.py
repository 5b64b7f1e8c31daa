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
import typer
from typer.core import TyperGroup

from flows.cli import app
from flows.reference import commands, commands_page, settings_page
from flows.report import RunReport
from flows.request import STAGE_NAMES
from tests.flows.support import rasad

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


LINES = [
    pytest.param(shlex.split(line, comments=True), id=f"{page.name}: {line[:60]}")
    for page in PAGES
    for block in re.findall(r"```\w*\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    for line in block.splitlines()
    if re.match(r"(\.venv/bin/)?rasad \w", line) and " sql " not in line
]


@pytest.mark.parametrize("line", LINES)
def test_every_command_of_the_pages_is_understood(line: list[str], tmp_path: Path) -> None:
    command = typer.main.get_command(app)
    names = line[1:]
    while isinstance(command, TyperGroup):
        command = command.commands[names.pop(0)]
    command.make_context("rasad", names)  # reads the options as the command would, and runs nothing


def test_the_tutorial_can_be_followed(sampled: tuple[Path, RunReport], tmp_path: Path) -> None:
    shutil.copytree(sampled[0], tmp_path / "warehouse-data")  # as `make run` leaves it
    (tmp_path / "seeds").symlink_to(ROOT / "seeds")
    page = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
    lines = re.findall(r"^\.venv/bin/rasad ((?!sql).*)$", page, re.MULTILINE)
    assert len(lines) >= 4
    for line in lines:
        done = rasad(*shlex.split(line), cwd=tmp_path)
        assert done.returncode == 0, (line, done.stderr)
    assert (tmp_path / "my-news.html").exists() and (tmp_path / "rasad.toml").exists()


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
