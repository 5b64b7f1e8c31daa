"""The data dictionary says what the records say, and the page in docs/ is current."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from schemas.catalog import TABLES
from schemas.dictionary import json_schemas, main, markdown
from schemas.record import columns, fingerprint

PAGE = Path(__file__).parents[2] / "docs" / "data-dictionary.md"


def test_the_page_in_docs_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == markdown(), "out of date: make dictionary"


def test_every_table_column_and_fingerprint_is_on_the_page() -> None:
    page = markdown()
    for record in TABLES:
        section = page.split(f"\n## {record.table.name}\n")[1].split("\n## ")[0]
        assert fingerprint(record) in section
        for column in columns(record):
            line = next(line for line in section.splitlines() if line.startswith(f"| `{column.name}` |"))
            assert f"| {'yes' if column.nullable else 'no'} |" in line
            assert column.description.replace("|", "\\|") in line


def test_json_schemas_describe_every_column() -> None:
    for record in TABLES:
        schema = TypeAdapter(dict[str, object]).validate_python(json_schemas()[record.table.name])
        assert set(TypeAdapter(dict[str, object]).validate_python(schema["properties"])) == set(record.model_fields)
        assert schema["additionalProperties"] is False


def test_the_command_prints_the_page_or_the_schemas(capsys: pytest.CaptureFixture[str]) -> None:
    main([])
    assert capsys.readouterr().out == markdown()
    main(["--json-schema"])
    assert json.loads(capsys.readouterr().out) == json_schemas()
