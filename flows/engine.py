"""Runs any stage: read what is due → work → validate → check that no row vanished → commit → report.

This is the one place where stages meet the warehouse. It knows no Prefect: `flows/pipeline.py` wraps each
batch in a Prefect task, `rasad run --direct` calls the same batches plainly.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version

import pyarrow as pa
import pyarrow.compute as pc

from flows.logs import note_batch
from flows.report import BatchReport, add_counts
from schemas.articles import Article
from schemas.errors import ContractError, RowsLost
from schemas.operations import Counts, LedgerEntry, Rejection, Run, Versions
from schemas.record import Record, arrow_schema
from schemas.validate import validate
from tasks.stage import Excluded, Rejected, Stage, StageInput, StageOutput, stable_id
from warehouse.commit import Commit
from warehouse.connection import Reader
from warehouse.queries import WarehouseLookup, read_units
from warehouse.writer import Writer

#: What a rejection keeps of a larger row; `raw_documents` has the whole payload where it could be read.
PAYLOAD_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Batch:
    """Due units of one stage, with the keys that the ledger will hold for them.

    `tables` carries rows that are not in the warehouse yet (the documents of `ingest`); everything else that
    the stage reads is fetched when the batch runs. `rejected` are units that could not even be read, `unchanged`
    counts documents that came again as they are in the warehouse, `refused` has the ids of all that cannot be read,
    also of those that are rejected already.
    """

    keys: Mapping[str, str]
    tables: Mapping[str, pa.Table] = field(default_factory=dict)
    rejected: tuple[Rejected, ...] = ()
    unchanged: int = 0
    refused: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Computed:
    """What a stage's `work` made of a batch, and how long it took; not settled, validated or committed yet."""

    output: StageOutput
    seconds: float


def compute(stage: Stage, units: tuple[str, ...], tables: dict[str, pa.Table], reader: Reader) -> Computed:
    """Read what a batch needs beside the given tables (which it is added to), and do the stage's work."""
    for record in stage.reads:
        if record.table.name not in tables:
            tables[record.table.name] = read_units(reader, record, units)
    began = time.perf_counter()
    output = stage.work(StageInput(units, tables, WarehouseLookup(reader)))
    return Computed(output, time.perf_counter() - began)


@dataclass(slots=True)
class StageRun:
    """One stage of one run: holds the totals that its `runs` row reports."""

    stage: Stage
    run_id: str
    started_at: datetime
    writer: Writer
    reader: Reader
    done: list[BatchReport] = field(default_factory=list)
    #: The published time that the run is limited to, as `runs.window` names it.
    window: str | None = None

    def run(self, batch: Batch, computed: Callable[[], Computed] | None = None) -> BatchReport:
        """Take one batch through the stage and commit it; `computed` gives what a worker has made of it.

        Raises RowsLost or ContractError, before anything is written, when the stage breaks its promises.
        """
        tables = dict(batch.tables)
        if computed is None:
            units = tuple(unit for unit in batch.keys if unit not in {r.unit_id for r in batch.rejected})
            found = compute(self.stage, units, tables, self.reader)
        else:
            found = computed()
        began = time.perf_counter()
        output = self.stage.settle(found.output, WarehouseLookup(self.reader))
        seconds = found.seconds + time.perf_counter() - began
        valid, invalid = self._validate(output, batch.tables)
        rejected = self._with_payload(batch.rejected + output.rejected + invalid, tables)
        report = BatchReport(
            stage=self.stage.name,
            counts=_count(tuple(batch.keys), rejected, output.excluded, self.stage.name),
            seconds=seconds,
            rejected=dict(Counter(r.rule for r in rejected)),
            excluded=dict(Counter(e.reason for e in output.excluded)),
            snapshot_id=0,
        )
        snapshot = self.writer.commit(self._commit(batch, output, valid, rejected, report))
        report = report.model_copy(update={"snapshot_id": snapshot})
        self.done.append(report)
        note_batch(self.run_id, report, batch.keys, rejected, output.excluded)
        return report

    def _with_payload(self, rejected: tuple[Rejected, ...], tables: Mapping[str, pa.Table]) -> tuple[Rejected, ...]:
        """Give each rejection the row it is about, where the stage did not."""
        bare = [r.unit_id for r in rejected if not r.payload]
        if not bare or Article not in self.stage.reads:
            return rejected
        articles = tables.get(Article.table.name)
        if articles is None:  # a worker has read them
            articles = read_units(self.reader, Article, bare)
        rows = articles.filter(pc.is_in(articles["article_id"], pa.array(bare, pa.string()))).to_pylist()
        payloads = {row["article_id"]: json.dumps(row, default=str, ensure_ascii=False).encode() for row in rows}
        return tuple(
            Rejected(r.unit_id, r.rule, r.error, r.payload or payloads.get(r.unit_id, b""), r.uri) for r in rejected
        )

    def _validate(
        self, output: StageOutput, carried: Mapping[str, pa.Table]
    ) -> tuple[dict[str, pa.Table], tuple[Rejected, ...]]:
        """Check each table against its record; a unit with one bad row is rejected whole."""
        declared = {record.table.name for record in self.stage.writes}
        if unknown := output.tables.keys() - declared:
            raise ContractError(
                f"the stage {self.stage.name} returned tables that it does not declare: {sorted(unknown)}",
                hint="Add their records to the stage's `writes`.",
            )
        valid: dict[str, pa.Table] = {}
        rejected: dict[str, Rejected] = {}
        for record in self.stage.writes:
            # A table that the stage left out is written empty: rows of an earlier version must not stay.
            rows = output.tables.get(record.table.name, carried.get(record.table.name))
            rows = arrow_schema(record).empty_table() if rows is None else rows
            table = self._stamp(record, rows)
            checked = validate(record, table)
            valid[record.table.name] = checked.rows
            for fault in checked.invalid:
                row = table.slice(fault.row, 1).to_pylist()[0]
                unit = row.get(self.stage.unit)
                if not isinstance(unit, str):
                    raise ContractError(
                        f"the stage {self.stage.name} made an invalid row of {record.table.name}: {fault.error}",
                        where=json.dumps(row, default=str, ensure_ascii=False)[:500],
                        hint="This is reference data, not an article: mend it in seeds/.",
                    )
                payload = json.dumps(row, default=str, ensure_ascii=False).encode()
                rule = f"{record.table.name}.{fault.rule}"
                rejected.setdefault(unit, Rejected(unit, rule, fault.error, payload))
        if rejected:
            bad = pa.array(list(rejected), pa.string())
            for name, table in valid.items():
                if self.stage.unit in table.column_names:
                    valid[name] = table.filter(pc.invert(pc.is_in(table[self.stage.unit], bad)))
        return valid, tuple(rejected.values())

    def _stamp(self, record: type[Record], table: pa.Table) -> pa.Table:
        """Add run id and stage version; rows that are carried along keep those they came with."""
        stamps = {"run_id": self.run_id, "stage_version": self.stage.version}
        for name, value in stamps.items():
            if name in record.model_fields and name not in table.column_names:
                table = table.append_column(name, pa.repeat(pa.scalar(value, pa.string()), table.num_rows))
        return table

    def _commit(
        self,
        batch: Batch,
        output: StageOutput,
        tables: Mapping[str, pa.Table],
        rejected: tuple[Rejected, ...],
        report: BatchReport,
    ) -> Commit:
        total = add_counts([*(done.counts for done in self.done), report.counts])
        run = Run(
            run_id=self.run_id,
            stage=self.stage.name,
            window=self.window,
            counts=total,
            seconds=sum(done.seconds for done in self.done) + report.seconds,
            versions=Versions(rasad=version("rasad"), stage=self.stage.version, model=self.stage.model_version()),
            snapshot_id=0,  # the commit fills in its own
            started_at=self.started_at,
        )
        counts = report.counts
        return Commit(
            run_id=self.run_id,
            stage=self.stage.name,
            author="rasad",
            message=f"{self.stage.name}: {counts.rows_out} done, {counts.rejected} rejected, "
            f"{counts.excluded} excluded",
            units=tuple(batch.keys),
            restated=output.restated,
            tables=tables,
            rejections=self._rejections(rejected),
            ledger=self._ledger(batch.keys, rejected, output.excluded),
            run=pa.Table.from_pylist([run.model_dump()], schema=arrow_schema(Run)),
        )

    def _rejections(self, rejected: Iterable[Rejected]) -> pa.Table:
        ingesting = self.stage.unit == "document_id"
        rows = [
            Rejection(
                rejection_id=stable_id(self.stage.name, r.unit_id, r.rule),
                stage=self.stage.name,
                rule=r.rule,
                error=_writable(r.error),
                payload=r.payload[:PAYLOAD_BYTES],
                article_id=None if ingesting else r.unit_id,
                document_id=r.unit_id if ingesting else None,
                uri=r.uri,
                run_id=self.run_id,
                rejected_at=self.started_at,
                resolved_by=None,
            ).model_dump()
            for r in rejected
        ]
        return pa.Table.from_pylist(rows, schema=arrow_schema(Rejection))

    def _ledger(self, keys: Mapping[str, str], rejected: Iterable[Rejected], excluded: Iterable[Excluded]) -> pa.Table:
        outcome: dict[str, tuple[str, str | None]] = dict.fromkeys(keys, ("done", None))
        outcome.update({e.unit_id: ("excluded", e.reason) for e in excluded})
        outcome.update({r.unit_id: ("rejected", r.rule) for r in rejected})
        columns = {
            "article_id": list(keys),
            "stage": [self.stage.name] * len(keys),
            "input_key": list(keys.values()),
            "status": [outcome[unit][0] for unit in keys],
            "reason": [outcome[unit][1] for unit in keys],
            "run_id": [self.run_id] * len(keys),
        }
        return pa.Table.from_pydict(columns, schema=arrow_schema(LedgerEntry))


def _writable(text: str) -> str:
    """The text with what is no character (bytes of a damaged file that an error quotes) written out."""
    return text.encode("utf-8", "backslashreplace").decode()


def _count(units: tuple[str, ...], rejected: Iterable[Rejected], excluded: Iterable[Excluded], stage: str) -> Counts:
    """Count what became of each unit. Raises RowsLost when the sum is not what came in."""
    bad, out = [r.unit_id for r in rejected], [e.unit_id for e in excluded]
    gone = set(bad) | set(out)
    known = gone <= set(units)
    done = [unit for unit in units if unit not in gone]
    if not known or len(units) != len(done) + len(bad) + len(out):
        raise RowsLost(
            f"{len(units)} units went into {stage}, but {len(done)} done + {len(bad)} rejected + {len(out)} "
            "excluded came out" + ("" if known else ", some of them never went in"),
            where=stage,
            hint="Nothing was written. This is a bug of the stage: please report it with the input.",
        )
    return Counts(rows_in=len(units), rows_out=len(done), rejected=len(bad), excluded=len(out))


def new_run_id(now: datetime) -> str:
    """A run id that sorts by its start; the clock's microseconds tell runs of one second apart."""
    return now.astimezone(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
