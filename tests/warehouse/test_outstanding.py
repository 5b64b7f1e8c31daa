"""Counting by run what is due gives what comparing every key gives, whatever happened before."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.warehouse.rows import digest, input_key
from warehouse.connection import Reader
from warehouse.due import due
from warehouse.ledger import StageSpec
from warehouse.location import Location
from warehouse.outstanding import outstanding, settled
from warehouse.plan import plan
from warehouse.run_sets import doubtful_runs

STAGES = (
    StageSpec("ingest", "1"),
    StageSpec("language", "1", ("ingest",)),
    StageSpec("entities", "1", ("language",), "model-1"),
    StageSpec("events", "1", ("entities",)),
    StageSpec("deduplicate", "1", ("ingest", "language", "entities", "events")),
)
NUMBER = {stage.name: number for number, stage in enumerate(STAGES)}


@dataclass
class History:
    """Runs as the engine does them: stages in order, one version of a stage, each article once a stage and run."""

    stages: list[StageSpec] = field(default_factory=lambda: list(STAGES))
    documents: dict[str, tuple[str, str]] = field(default_factory=dict)  # id → content, run
    articles: dict[str, tuple[str, str, str]] = field(default_factory=dict)  # id → document, content, run
    entries: dict[tuple[str, str], tuple[str, str, str]] = field(default_factory=dict)  # stage, unit → key, status, run
    versions: dict[tuple[str, str], StageSpec] = field(default_factory=dict)
    snapshots: dict[str, int] = field(default_factory=dict)
    run: int = 0
    reached: int = 0

    def at(self, stage: int) -> str:
        """The id of the run in which a stage goes next."""
        if stage < self.reached:
            self.run += 1
        self.reached = stage
        run = digest(f"run {self.run}", 8)  # no order among the ids: only snapshots tell what came after what
        self.snapshots[run] = self.run
        self.versions[(self.stages[stage].name, run)] = self.stages[stage]
        return run

    def arrive(self, number: int) -> None:
        """A document comes: a new article, or the next revision of one; one in five is rejected."""
        run = self.at(0)
        document, content = digest(f"d{len(self.documents)}"), digest(f"c{len(self.documents)}", 64)
        self.documents[document] = (content, run)
        bad = number % 5 == 0
        self.entries[("ingest", document)] = (input_key(content, self.stages[0]), "rejected" if bad else "done", run)
        if not bad:
            self.articles[digest(f"a{number % 12}")] = (document, content, run)

    def work(self, stage: int, most: int) -> None:
        """Some of the articles that are due go through a stage; one in seven is rejected."""
        spec, run = self.stages[stage], self.at(stage)
        for article, key in list(self.due(spec).items())[:most]:
            bad = int(digest(article + spec.name, 2), 16) % 7 == 0
            self.entries[(spec.name, article)] = (key, "rejected" if bad else "done", run)

    def due(self, spec: StageSpec) -> dict[str, str]:
        """The articles that are due at a stage, each key made anew."""
        found: dict[str, str] = {}
        for article, (document, content, _) in sorted(self.articles.items()):
            before = [self.entries.get((name, document if name == "ingest" else article)) for name in spec.after]
            upstream = [entry[0] for entry in before if entry is not None and entry[1] != "rejected"]
            key = input_key(content, spec, *upstream)
            stored = self.entries.get((spec.name, article))
            if len(upstream) == len(before) and (stored is None or stored[0] != key):
                found[article] = key
        return found

    def bump(self, stage: int, version: int) -> None:
        self.at(0), self.at(len(STAGES) - 1)  # no run goes on with other versions
        self.reached = len(STAGES)
        self.stages[stage] = replace(self.stages[stage], version=str(version % 2))

    def forget(self, stage: int, number: int) -> None:
        self.entries.pop((self.stages[stage].name, digest(f"a{number % 12}")), None)

    def reader(self) -> Reader:
        """The tables as far as the ledger's questions read them."""
        texts = {
            "articles": ("article_id", "document_id", "content_hash", "run_id"),
            "raw_documents": ("document_id", "content_sha256", "run_id"),
            "stage_ledger": ("stage", "article_id", "input_key", "status", "run_id"),
        }
        rows: dict[str, list[tuple[str, ...]]] = {
            "articles": [(i, *values) for i, values in self.articles.items()],
            "raw_documents": [(i, *values) for i, values in self.documents.items()],
            "stage_ledger": [(*i, *values) for i, values in self.entries.items()],
        }
        tables = {
            name: pa.table({c: pa.array([r[n] for r in rows[name]], pa.string()) for n, c in enumerate(columns)})
            for name, columns in texts.items()
        }
        made = [
            {
                "stage": s,
                "run_id": run,
                "snapshot_id": self.snapshots[run],
                "versions": {"stage": spec.version, "model": spec.model_version},
            }
            for (s, run), spec in self.versions.items()
        ]
        versions = pa.struct([("stage", pa.string()), ("model", pa.string())])
        schema = pa.schema(
            [("stage", pa.string()), ("run_id", pa.string()), ("snapshot_id", pa.int64()), ("versions", versions)]
        )
        connection = duckdb.connect()
        for name, table in {**tables, "runs": pa.Table.from_pylist(made, schema=schema)}.items():
            connection.register(f"given_{name}", table)
            connection.execute(f"CREATE TABLE {name} AS FROM given_{name}")
        for column in ("source VARCHAR DEFAULT 'agency'", "text VARCHAR DEFAULT 'خبر'"):
            connection.execute(f"ALTER TABLE articles ADD COLUMN {column}")
        for column in ("source VARCHAR DEFAULT 'agency'", "article_id VARCHAR"):
            connection.execute(f"ALTER TABLE raw_documents ADD COLUMN {column}")
        return Reader(Location(Path("nowhere")), connection)


NUMBERS = st.integers(min_value=0, max_value=40)
LATER = st.integers(min_value=1, max_value=4)
STEPS = st.one_of(
    st.tuples(st.just("arrive"), NUMBERS),
    st.tuples(st.just("all"), NUMBERS),
    st.tuples(st.just("work"), LATER, st.sampled_from([1, 3, 50])),
    st.tuples(st.just("bump"), LATER, NUMBERS),
    st.tuples(st.just("forget"), LATER, NUMBERS),
)


@settings(max_examples=25)
@given(st.lists(STEPS, min_size=1, max_size=30))
def test_counting_by_run_gives_what_comparing_every_key_gives(
    steps: list[tuple[str, int] | tuple[str, int, int]],
) -> None:
    history = History()
    for name, *numbers in steps:
        if name == "all":
            for number in range(numbers[0] % 8):
                history.arrive(number + 1)
            for stage in range(1, len(STAGES)):
                history.work(stage, 50)
        else:
            getattr(history, name)(*numbers)
    with history.reader() as reader:
        planned = plan(reader, history.stages)
        assert outstanding(reader, history.stages) == planned
        assert settled(reader, history.stages) == (not any(planned.values()))
        runs = doubtful_runs(reader, history.stages[1:])
    history.reached = len(STAGES)
    runs.add(history.at(1))
    for place, spec in enumerate(history.stages[1:], start=1):  # a run asks once which runs are in doubt
        expected = history.due(spec)
        with history.reader() as reader, due(reader, spec, runs=runs) as found:
            rows = [row for batch in found.batches() for row in batch.to_pylist()]
        assert {row["article_id"]: row["input_key"] for row in rows} == expected
        history.work(place, 50)


def test_what_went_through_every_stage_is_settled_until_something_comes_or_changes() -> None:
    history = History()
    for number in range(1, 9):
        history.arrive(number)
    with history.reader() as reader:
        assert not settled(reader, STAGES)
    for stage in range(1, len(STAGES)):
        history.work(stage, 50)
    with history.reader() as reader:
        assert settled(reader, STAGES)
        assert not settled(reader, STAGES[2:]), "nobody can say so of a stage without those before it"
        assert not settled(reader, [*STAGES[:3], replace(STAGES[3], version="2"), STAGES[4]])
    history.forget(3, 1)
    with history.reader() as reader:
        assert not settled(reader, STAGES)


def test_a_document_without_an_entry_and_an_entry_without_a_document_are_told_apart() -> None:
    history = History()
    for number in range(1, 4):
        history.arrive(number)
    history.entries[("ingest", digest("unreadable"))] = ("k", "rejected", history.at(0))
    with history.reader() as reader:
        assert outstanding(reader, STAGES)["ingest"] == 0
    del history.entries[("ingest", digest("d1"))]
    with history.reader() as reader:
        assert outstanding(reader, STAGES)["ingest"] == 1


def test_entries_of_a_run_that_is_not_on_record_are_compared_by_key() -> None:
    history = History()
    history.arrive(1)
    history.work(1, 50)
    history.work(2, 50)
    history.versions.clear()
    history.at(0)
    with history.reader() as reader:
        assert outstanding(reader, STAGES) == plan(reader, STAGES)
        assert outstanding(reader, STAGES)["entities"] == 0
