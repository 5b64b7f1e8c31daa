"""The file of sources: a good entry is read, a bad one is named with its file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemas.errors import SettingsError, SourceUnknown
from tasks.sources import choose_sources, load_sources

GOOD = """
sources:
  - name: وكالة الاختبار
    kind: feed
    where: [https://example.org/rss, lists/more.xml]
    language: ar
    expectations: {min_articles_a_day: 5, max_empty_titles: 0.1}
    fetch: {delay_seconds: 2, allow_private: true}
  - name: آرشیو
    kind: export
    where: آرشیو/*.csv
    columns: {text: متن, title: تیتر}
    contract: discard_value
    extra_keys: [بخش]
"""


def load(folder: Path, text: str) -> object:
    file = folder / "sources.yml"
    file.write_text(text, encoding="utf-8")
    return load_sources(file)


def test_rasads_own_sources_can_be_used() -> None:
    sources = {source.name: source for source in load_sources()}
    assert {source.language for source in sources.values() if source.kind == "feed"} == {"ar", "fa"}
    assert all(Path(place).exists() for place in sources["samples"].where)


def test_a_file_of_ones_own_with_paths_relative_to_it(tmp_path: Path) -> None:
    load(tmp_path, GOOD)
    feed, export = load_sources(tmp_path / "sources.yml")
    assert feed.where == ("https://example.org/rss", str(tmp_path / "lists" / "more.xml"))
    assert (feed.fetch.delay_seconds, feed.fetch.per_host, feed.contract) == (2, 1, "evolve")
    assert export.where == (str(tmp_path / "آرشیو" / "*.csv"),)
    assert choose_sources((feed, export), ["آرشیو"]) == (export,)
    with pytest.raises(SourceUnknown, match=r"'ارشیو'.*choose from: آرشیو, وكالة الاختبار"):
        choose_sources((feed, export), ["ارشیو"])


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("kind: feed", "kind: fed", 4, "'feed'"),
        ("    kind: feed\n", "", 3, "Field required"),
        ("language: ar", "langauge: ar", 6, "Extra inputs"),
        ("language: ar", "language: arabic", 6, "pattern"),
        ("min_articles_a_day: 5", "min_articles_a_day: many", 7, "valid number"),
        ("min_articles_a_day: 5", "min_articles_a_day: 5, max_articles_a_day: 4", 7, "above max_articles_a_day"),
        ("delay_seconds: 2", "delay_seconds: -1", 8, "greater than or equal to 0"),
        ("https://example.org/rss", "ftp://example.org/rss", 3, "neither a path nor an http address"),
        ("آرشیو/*.csv", "https://example.org/a.csv", 9, "reads files"),
        ("text: متن", "txt: متن", 12, "no key of the input contract"),
        ("contract: discard_value", "contract: drop", 13, "'freeze'"),
        ("contract: discard_value", "encoding: latin-99", 13, "no encoding"),
        ("kind: export", "kind: warc", 9, "contract are for records"),
        ("name: آرشیو", "name: وكالة الاختبار", 9, "two sources"),
        ("language: ar", "language: ar: fa", 6, "not YAML"),
    ],
)
def test_a_bad_entry_is_named_with_file_and_line(tmp_path: Path, old: str, new: str, line: int, said: str) -> None:
    assert old in GOOD
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, GOOD.replace(old, new))
    assert said in str(caught.value)
    assert f"sources.yml, line {line}" in str(caught.value)


@pytest.mark.parametrize("text", ["", "[]", "sources: 3"])
def test_a_file_that_is_no_list_of_sources(tmp_path: Path, text: str) -> None:
    with pytest.raises(SettingsError, match=r"sources\.yml"):
        load(tmp_path, text)


def test_a_missing_file_names_the_setting(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="RASAD_SOURCES"):
        load_sources(tmp_path / "none.yml")
