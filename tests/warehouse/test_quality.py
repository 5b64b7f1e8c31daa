"""The measured figures: read from their file, in every warehouse, and renewed when they change."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemas.errors import ContractError
from warehouse import quality
from warehouse.connection import open_reader
from warehouse.location import Location
from warehouse.quality import quality_metrics, read_metrics
from warehouse.writer import open_writer

HEAD = "stage,language,subject,metric,value,n,unit,corpus,basis,measured_on,version,command\n"
LINE = "events,ar,act_type,f1,0.9450,149,sentences,own,own-sentences,2026-11-22,1.0,measure\n"


def stored(folder: Path) -> set[tuple[str, str, str, float]]:
    with open_reader(Location.at(folder)) as reader:
        rows = reader.query("SELECT stage, language, subject, value FROM quality_metrics").to_pylist()
    return {(row["stage"], row["language"], row["subject"], row["value"]) for row in rows}


def test_every_warehouse_holds_the_shipped_figures(tmp_path: Path) -> None:
    open_writer(Location.at(tmp_path), "run").close()
    assert stored(tmp_path) == {(m.stage, m.language, m.subject, m.value) for m in quality_metrics()}


def test_new_figures_take_the_place_of_the_old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    open_writer(Location.at(tmp_path), "run").close()
    changed = read_metrics(HEAD + LINE)
    monkeypatch.setattr(quality, "quality_metrics", lambda: changed)
    with open_writer(Location.at(tmp_path), "run") as writer:
        assert writer.migrated == ("figures of quality_metrics",)
    assert stored(tmp_path) == {("events", "ar", "act_type", 0.945)}
    with open_writer(Location.at(tmp_path), "run") as writer:
        assert writer.migrated == ()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (HEAD + LINE.replace("0.9450", "94.5"), "value: .*less than or equal to 1"),
        (HEAD + LINE.replace("own-sentences", "guessed"), "basis"),
        (HEAD + LINE + LINE, "two figures of one key"),
    ],
)
def test_a_figure_that_cannot_be_used_is_named(text: str, says: str) -> None:
    with pytest.raises(ContractError, match=says):
        read_metrics(text)
