"""The marts: headers that tell the truth, tests that can fail, and views that every client sees."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pytest

from schemas.errors import ContractError
from tests.warehouse.example import PUTIN, TEXTS, fill, rows, told
from tests.warehouse.rows import ingested
from warehouse import sql_models
from warehouse.connection import Reader
from warehouse.location import CATALOG, Location
from warehouse.sql_models import Check, Model, failures, markdown, marts, models
from warehouse.tables import ensure_tables
from warehouse.writer import Writer

AUDITED = True
ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("model", models(), ids=lambda model: model.name)
def test_a_header_names_the_columns_that_the_view_has(reader: Reader, model: Model) -> None:
    described = reader.query(f'DESCRIBE {model.schema}."{model.name}"')["column_name"].to_pylist()
    assert described == list(model.columns)
    assert set(model.key) <= set(described)
    assert model.description.endswith(".")
    assert model.tests


def test_the_promised_marts_are_there_and_polecat_has_its_forty_columns() -> None:
    promised = "daily_events entity_timeline language_mix polecat_events source_health story_events story_overview"
    assert [model.name for model in marts()] == promised.split()
    assert len(next(m for m in marts() if m.name == "polecat_events").columns) == 40


def test_the_page_of_the_marts_is_current() -> None:
    assert (ROOT / "docs" / "marts.md").read_text(encoding="utf-8") == markdown(), "make dictionary"


def test_the_marts_count_what_took_place_and_collapse_copies(writer: Writer, reader: Reader) -> None:
    fill(writer)
    events = reader.query("SELECT * FROM daily_events ORDER BY event_date").to_pylist()
    assert [(e["country"], e["event_type"], e["events"], e["original_events"]) for e in events] == [
        ("RUS", "CONSULT", 1, 1),
        (None, "CONSULT", 1, 0),
    ]
    assert [str(e["event_date"]) for e in events] == ["2025-03-01", "2025-03-02"]
    putin = reader.query(f"FROM entity_timeline WHERE entity_id = '{PUTIN}' ORDER BY published_date").to_pylist()
    assert [(p["mentions"], p["original_articles"], p["languages"], p["events_as_actor"]) for p in putin] == [
        (1, 1, ["ar"], 1),
        (1, 0, ["fa"], 0),
    ]
    (story,) = reader.query("FROM story_overview").to_pylist()
    assert (story["title_ar"], story["title_fa"], story["languages"]) == ("زيارة", "دیدار", ["ar", "fa"])
    assert (story["articles"], story["original_articles"], story["sources"]) == (2, 1, 2)
    assert story["names"] == ["Vladimir Putin", "Moscow"]
    polecat = reader.query('FROM polecat_events ORDER BY "Event Date"').to_pylist()
    assert len(polecat) == 2
    assert polecat[0]["Actor Name"] == "Vladimir Putin"
    assert (polecat[0]["Actor Name Raw"], polecat[0]["Actor COW"]) == ("بوتين", "365")
    assert (polecat[0]["Placename"], polecat[0]["Raw Placename"]) == ("Moscow", "موسكو")
    assert polecat[0]["Quad Code"] == "VERBAL COOPERATION"
    health = {r["source"]: r for r in reader.query("FROM source_health").to_pylist()}
    assert (health["agency"]["copied_by_others"], health["other"]["copies"]) == (1, 1)
    assert reader.value("SELECT sum(articles) FROM language_mix") == 2


def test_an_act_that_two_articles_of_a_story_tell_is_one_row(writer: Writer, reader: Reader) -> None:
    """The second article tells no day, and repeats the first: it takes the day and adds no independent source."""
    found = rows()
    found["events"][0]["event_date"] = date(2025, 3, 1)
    writer.commit(ingested(*TEXTS))
    writer.commit(told(found))
    (act,) = reader.query("FROM story_events").to_pylist()
    assert (act["event_type"], str(act["event_date"]), act["date_is_told"]) == ("CONSULT", "2025-03-01", True)
    assert (act["articles"], act["main_articles"], act["sources"], act["independent_sources"]) == (2, 1, 2, 1)
    assert (act["actors"], act["recipients"], act["country"]) == (["Vladimir Putin"], None, "RUS")
    assert (act["languages"], len(act["event_ids"])) == (["ar", "fa"], 2)


def test_every_test_of_a_header_passes_on_good_rows_and_can_fail(writer: Writer, reader: Reader) -> None:
    fill(writer)
    assert failures(reader) == []
    broken = Model(
        name="stg_articles",
        layer="staging",
        description="",
        grain="",
        key=("language", "published_date"),
        columns={},
        tests=(
            "not null: article_id, published_at",
            "one of language: ar",
            "true: published_date < DATE '2025-03-02'",
            "reference: article_id in main.story_articles.story_id",
        ),
        query="",
    )
    assert failures(reader, (broken,))[0].test == "one of language: ar"
    assert [f.test for f in failures(reader, (broken,))] == list(broken.tests[1:])
    repeated = Model("stg_articles", "staging", "", "", ("is_copy",), {}, (), "")
    writer.commit(ingested("c", "d"))
    (failure,) = failures(reader, (repeated,))
    assert (failure.test, failure.rows) == ("unique: is_copy", 1)


def test_a_header_without_a_grain_and_an_unknown_test_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for layer in sql_models.LAYERS:
        (tmp_path / layer).mkdir()
    monkeypatch.setattr(sql_models, "FOLDER", tmp_path)
    (tmp_path / "marts" / "one.sql").write_text("-- one\n-- key: a\n-- columns:\n--   a: x\nSELECT 1 AS a\n")
    with pytest.raises(ContractError, match=r"one\.sql"):
        models.__wrapped__()
    with pytest.raises(ContractError, match="no test"):
        list(Model("m", "marts", "", "", ("a",), {}, ("sane: a",), "").checks())
    assert isinstance(next(Model("m", "marts", "", "", ("a",), {}, (), "").checks()), Check)


def test_plain_duckdb_sees_the_marts_under_any_name(writer: Writer, reader: Reader) -> None:
    fill(writer)
    connection = reader.connection.cursor()
    connection.execute(writer.location.attach_sql(read_only=True).replace(f" AS {CATALOG} ", " AS news "))
    found = connection.execute("SELECT count(*) FROM news.polecat_events").fetchone()
    connection.execute("DETACH news")
    connection.close()
    assert found == (2,)


def test_a_view_whose_file_changed_is_made_anew_and_one_without_a_file_goes(
    writer: Writer,
    reader: Reader,
    monkeypatch: pytest.MonkeyPatch,
    connections: tuple[duckdb.DuckDBPyConnection, duckdb.DuckDBPyConnection],
) -> None:
    def ensure(location: Location) -> tuple[str, ...]:
        connections[0].execute(location.attach_sql(read_only=False))
        try:
            return ensure_tables(location, connections[0])
        finally:
            connections[0].execute(f"DETACH {CATALOG}")

    assert ensure(writer.location) == ()
    kept = tuple(m for m in models() if m.name not in ("language_mix", "story_overview"))
    changed = Model("language_mix", "marts", "", "", ("language",), {"language": ""}, (), "SELECT 'ar' AS language")
    monkeypatch.setattr("warehouse.tables.models", lambda: (*kept, changed))
    assert ensure(writer.location) == ("views",)
    assert reader.query("FROM language_mix").to_pylist() == [{"language": "ar"}]
    names = reader.query("SELECT view_name FROM duckdb_views() WHERE NOT internal")["view_name"].to_pylist()
    assert "story_overview" not in names
    assert ensure(writer.location) == ()
