"""`rasad init`: a new user's first command."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from flows.init import settings_text
from flows.settings import Settings, load_settings
from tests.flows.support import rasad


def test_it_makes_a_warehouse_and_its_settings_and_names_the_next_command(tmp_path: Path) -> None:
    done = rasad("init", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "rasad run PATH" in done.stdout
    assert (tmp_path / "warehouse-data" / "catalog.sqlite").exists()
    mine = (tmp_path / "rasad.toml").read_text("utf-8") + "\n# mine\n"
    (tmp_path / "rasad.toml").write_text(mine, "utf-8")
    again = rasad("init", "--format", "json", cwd=tmp_path)
    said = json.loads(again.stdout)
    assert not said["is_new"] and not said["settings_written"] and said["quality_metrics"] > 0
    assert (tmp_path / "rasad.toml").read_text("utf-8") == mine


def test_the_file_of_settings_says_what_is_in_force(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rasad.toml").write_text(settings_text(Path("خبرها")), "utf-8")
    assert load_settings() == Settings.model_construct(**dict(Settings(warehouse=Path("خبرها"))))
    lines = [line.split(" = ")[0] for line in settings_text(Path("x")).splitlines() if line.startswith("#")]
    assert {"#memory_limit", "#sources", "#models", "#lexicons"} <= set(lines)


def test_a_default_can_be_put_in_force_by_removing_the_sign(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = settings_text(Path("warehouse-data"))
    opened = "\n".join(
        line[1:] if line.startswith("#") and not line.startswith("# ") and '"…"' not in line else line
        for line in text.splitlines()
    )
    (tmp_path / "rasad.toml").write_text(opened, "utf-8")
    assert load_settings() == Settings.model_construct(**dict(Settings()))
