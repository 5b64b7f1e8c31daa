"""The figures of `seeds/quality.csv` as rows of `quality_metrics`: loaded with the tables, so that SQL can ask them."""

from __future__ import annotations

import csv
import hashlib
import io
from functools import cache
from importlib import resources

from pydantic import TypeAdapter, ValidationError

from schemas.errors import ContractError
from schemas.quality import QualityMetric
from schemas.record import columns
from warehouse.extensions import literal

_HINT = "Mend the line in seeds/quality.csv; docs/data-dictionary.md says what each column may hold."


@cache
def quality_metrics() -> tuple[QualityMetric, ...]:
    """Every shipped figure. Raises ContractError for a line that cannot be used, or a second one of the same key."""
    return read_metrics((resources.files("seeds") / "quality.csv").read_text(encoding="utf-8"))


def read_metrics(text: str) -> tuple[QualityMetric, ...]:
    """The figures of a CSV text with the columns of the table."""
    rows = [{name: value or None for name, value in row.items()} for row in csv.DictReader(io.StringIO(text))]
    try:
        # CSV has texts alone: numbers and days are read out of them, which a strict record would refuse.
        metrics = TypeAdapter(tuple[QualityMetric, ...]).validate_python(rows, strict=False)
    except ValidationError as failure:
        first = failure.errors(include_url=False)[0]
        line, *column = first["loc"]
        where = f"seeds/quality.csv, figure {int(line) + 1}"
        raise ContractError(f"{'.'.join(map(str, column))}: {first['msg']}", where=where, hint=_HINT) from failure
    keys = [tuple(getattr(metric, name) for name in QualityMetric.table.key) for metric in metrics]
    for number, key in enumerate(keys):
        if key in keys[:number]:
            raise ContractError(f"two figures of one key: {key}", where="seeds/quality.csv", hint=_HINT)
    return metrics


def fingerprint() -> str:
    """16 hex digits that change with the figures: a warehouse that has others is brought up to date."""
    text = repr([metric.model_dump(mode="json") for metric in quality_metrics()])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def load_statements(table: str) -> tuple[str, str]:
    """SQL that puts the figures in the place of those that the table holds."""
    names = [column.name for column in columns(QualityMetric)]
    rows = ", ".join(
        "(" + ", ".join(_value(value) for value in metric.model_dump(mode="json").values()) + ")"
        for metric in quality_metrics()
    )
    return f"DELETE FROM {table}", f"INSERT INTO {table} ({', '.join(names)}) VALUES {rows}"


def _value(value: object) -> str:
    if value is None:
        return "NULL"
    return literal(value) if isinstance(value, str) else repr(value)
