"""How far to trust a column: accuracy as it was measured, beside the data that it is about."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Literal

from pydantic import Field

from schemas.record import Record, Share, TableSpec


class QualityMetric(Record):
    """One measured figure of one stage, for the models and rules that ship; loaded when a warehouse is made."""

    table: ClassVar[TableSpec] = TableSpec(
        name="quality_metrics",
        grain="one figure of one stage on one corpus",
        key=("stage", "language", "subject", "metric", "corpus"),
        owner="stage",
    )
    stage: str = Field(description="The stage whose rows it is about; see `runs`.", min_length=1)
    language: str = Field(
        description="ISO 639 code; `mul` where several languages are meant together.", pattern=r"^[a-z]{2,3}$"
    )
    subject: str = Field(description="What was judged, such as `PER`, `act_type` or `place`.", min_length=1)
    metric: Literal["f1", "precision", "recall", "accuracy", "bcubed_f1"] = Field(
        description="How it was judged; F1 of exact spans for names, BCubed F1 for stories."
    )
    value: Share = Field(description="The figure, from 0 to 1.")
    n: int | None = Field(description="How many `unit` it rests on; null where that was not noted.", ge=1)
    unit: str = Field(description="What was counted: sentences, names, pairs, headlines.", min_length=1)
    corpus: str = Field(description="What it was measured on.", min_length=1)
    basis: Literal["held-out", "cross-validated", "tuned-on", "own-sentences"] = Field(
        description="What the corpus is to the model: kept from it, parted in turns, also used to choose cuts (then an "
        "unseen set does a little worse), or sentences written for Rasad and kept from its rules."
    )
    measured_on: date = Field(description="When it was measured.")
    version: str = Field(description="The models or rules that were measured.", min_length=1)
    command: str = Field(description="What measures it again.", min_length=1)
