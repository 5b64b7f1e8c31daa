"""What the pipeline says of itself: rejections, the ledger, runs, versions."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Literal

from pydantic import Field

from schemas.record import Identifier, Part, Record, TableSpec

#: How a stretch of published time is cut into windows.
By = Literal["day", "month"]


class Rejection(Record):
    """One row that could not be used, whole, with the reason."""

    table: ClassVar[TableSpec] = TableSpec(
        name="rejections", grain="one rejected row", key=("rejection_id",), owner="rejection_id"
    )
    rejection_id: Identifier = Field(description="Digest of the stage, the rejected row and the rule.")
    stage: str = Field(description="The stage that rejected it.", min_length=1)
    rule: str = Field(description="The rule it broke, a short stable name.", min_length=1)
    error: str = Field(description="What is wrong, in a sentence for a person.", min_length=1)
    payload: bytes = Field(description="The row as it came (the first 64 KiB of a larger one).")
    article_id: Identifier | None = Field(description="The article, where there is one yet.")
    document_id: Identifier | None = Field(description="The document, where it could be read.")
    uri: str | None = Field(description="Where the row was read.")
    run_id: str = Field(description="The run that rejected it; see `runs`.", min_length=1)
    rejected_at: datetime = Field(description="When that run started.")
    resolved_by: str | None = Field(description="The run that accepted it later; null while it is open.")


class LedgerEntry(Record):
    """What was done last for one article at one stage; decides what is due."""

    table: ClassVar[TableSpec] = TableSpec(
        name="stage_ledger", grain="one article at one stage", key=("stage", "article_id"), owner="article_id"
    )
    article_id: Identifier = Field(description="The article; for `ingest`, the document.")
    stage: str = Field(description="The stage.", min_length=1)
    input_key: str = Field(
        description="Digest of the content, the stage's versions and the upstream key.", min_length=1
    )
    status: Literal["done", "rejected", "excluded"] = Field(description="What became of it.")
    reason: str | None = Field(description="Why it was rejected or excluded.")
    run_id: str = Field(description="The run that did it; see `runs`.", min_length=1)


class Counts(Part):
    """Articles (for `ingest`, documents) through a stage: in = out + rejected + excluded."""

    rows_in: int = Field(description="How many were due.", ge=0)
    rows_out: int = Field(description="How many were done.", ge=0)
    rejected: int = Field(description="How many were rejected.", ge=0)
    excluded: int = Field(description="How many were left out for a stated reason.", ge=0)


class Versions(Part):
    """What code and models a stage ran with."""

    rasad: str = Field(description="The version of Rasad.")
    stage: str = Field(description="The version of the stage's code.")
    model: str | None = Field(description="The model or ontology that the stage used.")


class Run(Record):
    """One stage of one run: what it did, how long it took, what it ran with."""

    table: ClassVar[TableSpec] = TableSpec(
        name="runs", grain="one stage of one run", key=("run_id", "stage"), owner="run_id"
    )
    run_id: str = Field(description="The run, sortable by its start.", min_length=1)
    stage: str = Field(description="The stage.", min_length=1)
    window: str | None = Field(
        description="The window of published time, `start/end`; `replay` for rejected rows; null for all."
    )
    counts: Counts = Field(description="Rows in, out, rejected and excluded.")
    seconds: float = Field(description="Time spent in the stage's own work.", ge=0)
    versions: Versions = Field(description="The versions of code and model.")
    snapshot_id: int = Field(description="The last snapshot that the stage committed.", ge=0)
    started_at: datetime = Field(description="When the run started.")


class AuditFinding(Record):
    """A warning of an audit about what a stage of a run committed."""

    table: ClassVar[TableSpec] = TableSpec(
        name="audit_findings", grain="one audit of one stage of one run", key=("finding_id",), owner="finding_id"
    )
    finding_id: Identifier = Field(description="Digest of the run, the stage and the audit.")
    audit: str = Field(description="The audit.", min_length=1)
    stage: str = Field(description="The stage.", min_length=1)
    rows: int = Field(description="How many faults it found.", ge=1)
    example: str = Field(description="One of them.", min_length=1)
    run_id: str = Field(description="The run; see `runs`.", min_length=1)
    found_at: datetime = Field(description="When that run started.")


class TableVersion(Record):
    """The shape in which a table, view or macro was created, to notice a change of its record or file."""

    table: ClassVar[TableSpec] = TableSpec(
        name="table_versions", grain="one table, view or macro", key=("table_name",), owner="table_name"
    )
    table_name: str = Field(description="The table, `view SCHEMA.NAME`, `macro NAME` or `figures TABLE`.", min_length=1)
    fingerprint: str = Field(description="The fingerprint of its record or query.", min_length=16)
    warehouse_format: int = Field(description="The warehouse format that wrote it.", ge=1)
