"""What the pages say is run."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

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


def test_the_pages_name_every_stage_and_command() -> None:
    commands = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    for command in re.findall(r"^│ (\w+) ", rasad("--help").stdout, re.MULTILINE):
        assert f"rasad {command}" in commands, command
    architecture = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    assert all(stage in architecture for stage in STAGE_NAMES)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), target
