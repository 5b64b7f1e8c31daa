"""Defaults < rasad.toml < environment < options."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.settings import load_settings
from schemas.errors import SettingsError


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_each_level_wins_over_the_one_before(empty_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings().warehouse == Path("warehouse-data")
    (empty_folder / "rasad.toml").write_text('warehouse = "from-file"\n[ner]\nmodels = "official"\n')
    assert load_settings().warehouse == Path("from-file")
    assert load_settings().ner.models == "official"
    monkeypatch.setenv("RASAD_WAREHOUSE", "from-environment")
    monkeypatch.setenv("RASAD_NER__MODELS", "bundled")
    assert load_settings().warehouse == Path("from-environment")
    assert load_settings().ner.models == "bundled"
    assert load_settings(warehouse=Path("from-option")).warehouse == Path("from-option")


@pytest.mark.parametrize("line", ['warehuose = "x"', 'memory_limit = "lots"', '[ner]\nmodels = "best"', "= broken"])
def test_a_setting_that_cannot_be_used_is_named(empty_folder: Path, line: str) -> None:
    (empty_folder / "rasad.toml").write_text(line + "\n")
    with pytest.raises(SettingsError, match=r"rasad\.toml"):
        load_settings()


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("RASAD_WORKER", "2", "RASAD_WORKERS"),
        ("RASAD_NER__MODEL", "official", "ner.model"),
        ("RASAD_NER__GAZETTEER", "names.csv", "JSON"),
    ],
)
def test_a_variable_that_cannot_be_used_is_named(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, told: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError) as refused:
        load_settings()
    assert told in str(refused.value)
