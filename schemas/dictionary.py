"""The data dictionary, made from the records: a Markdown page, and a JSON Schema of every table.

python -m schemas.dictionary                  the page, as in docs/data-dictionary.md
python -m schemas.dictionary --json-schema    one JSON object, table name to JSON Schema
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence

import annotated_types
import pyarrow as pa
from pydantic import BaseModel

from schemas.catalog import TABLES
from schemas.record import Column, Part, Record, columns, constraints, fingerprint

_HEAD = """# Data dictionary

Made from the records in `schemas/` by `make dictionary`; a test checks that it is current.

Types are DuckDB's. Times are in UTC. Offsets count code points of `articles.text`, the end exclusive. DuckLake knows
NOT NULL and no keys: a key here is what the writer keeps unique. The fingerprint changes with the shape or the rules of
a table; `table_versions` holds the one with which it was last written.
"""


def markdown() -> str:
    """The whole page; the same for the same records."""
    index = [f"| [`{r.table.name}`](#{r.table.name}) | {_cell(r.table.grain)} | {_summary(r)} |" for r in TABLES]
    parts = [_HEAD, "| table | a row is | |", "|---|---|---|", *index, ""]
    for record in TABLES:
        parts.extend(_section(record))
    return "\n".join(parts).rstrip() + "\n"


def json_schemas() -> dict[str, object]:
    """Table name → JSON Schema of one row, as Pydantic words it."""
    return {record.table.name: record.model_json_schema() for record in TABLES}


def _section(record: type[Record]) -> list[str]:
    spec = record.table
    lines = [
        f"## {spec.name}",
        "",
        _summary(record),
        "",
        f"- a row is {spec.grain}",
        f"- key: {_names(spec.key)}",
        f"- fingerprint: `{fingerprint(record)}`",
    ]
    lines += [f"- rule: `{rule.name}`" for rule in spec.orders]
    lines += ["", *_table(columns(record))]
    for column in columns(record):
        part = column.info.annotation
        if isinstance(part, type) and issubclass(part, Part):
            lines += [f"`{column.name}` consists of:", "", *_table(columns(part))]
    return lines


def _table(found: Sequence[Column]) -> list[str]:
    rows = [
        f"| `{c.name}` | {_type(c)} | {'yes' if c.nullable else 'no'} | {_rules(c)} | {_cell(c.description)} |"
        for c in found
    ]
    return ["| column | type | null | values | |", "|---|---|---|---|---|", *rows, ""]


def _type(column: Column) -> str:
    """A struct is named as such: its parts follow in a table of their own."""
    return "STRUCT" if pa.types.is_struct(column.arrow_type) else column.sql_type


def _rules(column: Column) -> str:
    """The values that a column may have: its choices, limits or pattern."""
    if column.choices:
        return ", ".join(f"`{choice}`" for choice in column.choices)
    found = [text for constraint in constraints(column.info) if (text := _rule(constraint))]
    return ", ".join(dict.fromkeys(found))


def _rule(constraint: object) -> str:
    match constraint:
        case annotated_types.Ge(ge=limit):
            return f"≥ {limit}"
        case annotated_types.Gt(gt=limit):
            return f"> {limit}"
        case annotated_types.Le(le=limit):
            return f"≤ {limit}"
        case annotated_types.Lt(lt=limit):
            return f"< {limit}"
        case annotated_types.MinLen(min_length=1):
            return "not empty"
        case annotated_types.MinLen(min_length=limit):
            return f"at least {limit} characters"
        case annotated_types.MaxLen(max_length=limit):
            return f"at most {limit} characters"
    pattern = getattr(constraint, "pattern", None)
    return f"`{_cell(str(pattern))}`" if pattern else ""


def _names(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _summary(record: type[BaseModel]) -> str:
    return _cell(" ".join((record.__doc__ or "").split()))


def _cell(text: str) -> str:
    """A vertical bar would end the cell."""
    return text.replace("|", "\\|")


def main(arguments: Sequence[str]) -> None:
    if "--json-schema" in arguments:
        sys.stdout.write(json.dumps(json_schemas(), indent=2, ensure_ascii=False) + "\n")
    else:
        sys.stdout.write(markdown())


if __name__ == "__main__":
    main(sys.argv[1:])
