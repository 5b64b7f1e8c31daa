"""A sentence that an earlier run has read is not read again, and gets the same names."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pytest

import tasks.models_load
from flows.run import execute
from tasks.tagging import BundledTagger, Tagged
from tests.flows.support import request
from warehouse.connection import open_reader
from warehouse.location import Location

FIRST = "قال المتحدث باسم الكرملين دميتري بيسكوف إن الرئيس الروسي فلاديمير بوتين سيزور تركيا الأسبوع المقبل."
MARKED = FIRST.replace("دميتري", "دِميتري").replace("تركيا", "تركــيا")
SECOND = "وأعلن وزير الخارجية التركي هاكان فيدان موعد الزيارة في أنقرة."
COLUMNS = "surface, label, confidence, char_start, char_end, word_start, word_end, bare_form"


def read(tmp_path: Path, warehouse: str, name: str, text: str) -> None:
    path = tmp_path / f"{name}.jsonl"
    path.write_text(json.dumps({"id": name, "source": name, "text": text}), encoding="utf-8")
    chosen = request(path, warehouse=tmp_path / warehouse)
    execute(chosen.model_copy(update={"stages": ("ingest", "language", "entities")}))


def mentions(tmp_path: Path, warehouse: str, source: str) -> pa.Table:
    with open_reader(Location.at(tmp_path / warehouse)) as reader:
        query = f"SELECT {COLUMNS} FROM entity_mentions JOIN articles USING (article_id) WHERE source = ?"
        return reader.query(f"{query} ORDER BY char_start", [source])


def test_sentences_are_read_once_across_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tagged: list[int] = []
    plain = BundledTagger.__call__

    def counted(self: BundledTagger, sentences: Sequence[Sequence[str]]) -> list[Tagged]:
        tagged.append(len(sentences))
        return plain(self, sentences)

    monkeypatch.setattr(BundledTagger, "__call__", counted)
    read(tmp_path, "one", "wire", FIRST)
    tasks.models_load.load.cache_clear()  # as in another process
    read(tmp_path, "one", "copy", f"{MARKED} {SECOND}")
    tasks.models_load.load.cache_clear()
    read(tmp_path, "two", "copy", f"{MARKED} {SECOND}")
    assert [count for count in tagged if count] == [1, 1, 2]
    again = mentions(tmp_path, "one", "copy")
    assert again.equals(mentions(tmp_path, "two", "copy"))
    assert "دِميتري بيسكوف" in again["surface"].to_pylist()
    assert mentions(tmp_path, "one", "wire").num_rows >= 3
