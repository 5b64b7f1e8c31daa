"""Killed, crowded, fuzzed, out of disk: a short version of what `bench/` does at length."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.fuzz import check
from bench.warehouse_kills import kill_repeatedly
from bench.warehouse_stress import read_beside, write_at_once
from tests.flows.support import rasad, request
from warehouse.connection import open_reader
from warehouse.location import Location
from warehouse.status import check_files

LINE = '{{"id": "n{0}", "text": "زار الوزير رقم {0} بغداد، والتقى نظيره."}}\n'


def silent(_: str) -> None:
    """Say nothing."""


@pytest.mark.slow
def test_kills_at_random_moments_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    assert kill_repeatedly(tmp_path, 6, whole=100, say=silent) == []


def test_readers_beside_a_writer_see_whole_commits_and_no_error(tmp_path: Path) -> None:
    asked, commits, wrong = read_beside(Location.at(tmp_path / "w"), 4, count=3)
    assert wrong == []
    assert asked
    assert commits


def test_two_writers_on_one_new_day_leave_each_row_once(tmp_path: Path) -> None:
    assert write_at_once(Location.at(tmp_path / "w"), 2) == []


# warcio leaves the buffer of a record that it gives up open, for the collector to close.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.slow
def test_damaged_files_become_rows_or_rejections(tmp_path: Path) -> None:
    assert check(tmp_path, 300, say=silent) == []


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 12 MB: room for a new warehouse, and not for much more."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = os.geteuid() == 0 and shutil.which("mount")
    if not mounted or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", disk], check=False).returncode:
        pytest.skip("a small disk cannot be mounted here: run the tests as root")
    yield disk
    subprocess.run(["umount", "--lazy", disk], check=True)


def test_a_full_disk_is_told_and_costs_nothing_that_was_committed(small_disk: Path, tmp_path: Path) -> None:
    warehouse, first, second = small_disk / "w", tmp_path / "1.jsonl", tmp_path / "2.jsonl"
    first.write_text(LINE.format(1), encoding="utf-8")
    noise = "".join(f'{{"id": "m{n}", "text": "{"خبر " * 40}{n * n}"}}\n' for n in range(200))
    second.write_text(noise, encoding="utf-8")
    command = ("--direct", "--stages", "ingest", "--warehouse", warehouse)
    assert rasad("run", first, *command).returncode == 0
    filler = small_disk / "filler"
    with filler.open("wb") as stream:
        free = shutil.disk_usage(small_disk).free
        stream.write(b"\0" * (free - 8192))
    answer = rasad("run", second, *command)
    assert answer.returncode != 0
    assert "Traceback" not in answer.stderr
    assert "full" in answer.stderr
    assert "→" in answer.stderr
    filler.unlink()
    location = request(warehouse=warehouse).settings.location()
    with open_reader(location) as reader:
        check_files(reader)
        assert reader.value("SELECT count(*) FROM articles") == 1
    assert rasad("run", second, *command).returncode == 0
    with open_reader(location) as reader:
        assert reader.value("SELECT count(*) FROM articles") == 201
