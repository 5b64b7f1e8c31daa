"""The column mask may suspect too many rows, never too few: Pydantic is the judge, for every record."""

from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from schemas.articles import Article, ParagraphLanguage
from schemas.catalog import TABLES
from schemas.entities import EntityMention
from schemas.errors import SchemaMismatch
from schemas.operations import Run
from schemas.record import Column, Record, arrow_schema, columns, constraints
from schemas.validate import suspect_mask, validate

#: Near misses of identifiers, codes and texts: other digits, other letters that look alike, ends of lines.
NEAR_MISSES = (
    *("", " ", "\n", "x", "ar", "AR", "ar\n", "\nar", "аr", "arab", "Arab", "Arab\n", "arAB", "und", "und "),
    *("IRN", "IRN\n", "ＩＲＮ", "Q1", "Q0", "Q١", "Q1\n", "\u200c", "\ufeff", "\0"),
    *("0" * 32, "0" * 32 + "\n", "\n" + "0" * 32, "٠" * 32, "０" * 32, "A" * 32, "0" * 31, "0" * 33),
    *("0" * 64, "0" * 64 + "\n", "۰" * 64, "0" * 64 + "\u2028", "0" * 32 + "\r\n", "a" * 32 + "\0"),
)
MOMENTS = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))


def values(column: Column) -> st.SearchStrategy[object]:
    """Good and bad values of one column, None among them whether it is allowed or not."""
    return st.none() | _typed(column.arrow_type, column)


def _typed(kind: pa.DataType, column: Column | None = None) -> st.SearchStrategy[object]:
    if pa.types.is_string(kind):
        fitting = [st.from_regex(str(p)) for c in _constraints(column) if (p := getattr(c, "pattern", None))]
        choices = [st.sampled_from(column.choices)] if column and column.choices else []
        return st.one_of(*fitting, *choices, st.sampled_from(NEAR_MISSES), st.text(max_size=4))
    if pa.types.is_integer(kind):
        return st.sampled_from([-(2**63), -1, 0, 1, 2, 5, 2**63 - 1])
    if pa.types.is_floating(kind):
        return st.sampled_from([float("nan"), float("inf"), float("-inf"), -1e-300, 0.0, -0.0, 0.5, 1.0]) | st.floats()
    if pa.types.is_boolean(kind):
        return st.booleans()
    if pa.types.is_binary(kind):
        return st.binary(max_size=3)
    if pa.types.is_timestamp(kind):
        return MOMENTS
    if pa.types.is_date(kind):
        return st.dates(date(1, 1, 1), date(9999, 12, 31))
    if pa.types.is_list(kind):
        return st.lists(st.none() | _typed(kind.value_type), max_size=2)
    return st.fixed_dictionaries({field.name: st.none() | _typed(field.type) for field in kind})


def _constraints(column: Column | None) -> list[object]:
    return constraints(column.info) if column else []


def loose(record: type[Record], rows: list[dict[str, object]]) -> pa.Table:
    """A table that holds whatever the rows hold, nulls included."""
    return pa.Table.from_pylist(rows, pa.schema([pa.field(f.name, _nullable(f.type)) for f in arrow_schema(record)]))


def _nullable(kind: pa.DataType) -> pa.DataType:
    return pa.struct([(f.name, f.type) for f in kind]) if pa.types.is_struct(kind) else kind


def rejects(record: type[Record], row: dict[str, object]) -> bool:
    try:
        record.model_validate(row)
    except ValidationError:
        return True
    return False


@pytest.mark.parametrize("record", TABLES, ids=[record.__name__ for record in TABLES])
def test_the_mask_misses_no_row_that_pydantic_rejects(record: type[Record]) -> None:
    row = st.fixed_dictionaries({column.name: values(column) for column in columns(record)})

    @settings(max_examples=20)
    @given(good=st.lists(fitting(record), max_size=3), bad=st.lists(row, max_size=3))
    def check(good: list[dict[str, object]], bad: list[dict[str, object]]) -> None:
        table = loose(record, good + bad)
        expected = [rejects(record, r) for r in table.to_pylist()]
        mask = suspect_mask(record, table)
        assert mask.shape == (table.num_rows,)
        assert not (np.array(expected, dtype=np.bool_) & ~mask).any()
        checked = validate(record, table)
        assert [fault.row for fault in checked.invalid] == [n for n, bad_row in enumerate(expected) if bad_row]
        assert checked.rows.num_rows == expected.count(False)

    check()


def fitting(record: type[Record]) -> st.SearchStrategy[dict[str, object]]:
    """Rows that are mostly valid, with one column at a time gone wrong: the mask must see each on its own."""
    good = {column.name: _valid(column) for column in columns(record)}

    def spoil(row: dict[str, object]) -> st.SearchStrategy[dict[str, object]]:
        return st.one_of(
            st.just(row),
            *(spoilt(row, column) for column in columns(record)),
        )

    def spoilt(row: dict[str, object], column: Column) -> st.SearchStrategy[dict[str, object]]:
        return values(column).map(lambda value: {**row, column.name: value})

    return st.fixed_dictionaries(good).flatmap(spoil)


def _valid(column: Column) -> st.SearchStrategy[object]:
    if column.choices:
        return st.sampled_from(column.choices)
    pattern = next((str(p) for c in constraints(column.info) if (p := getattr(c, "pattern", None))), None)
    kind = column.arrow_type
    if pa.types.is_string(kind):
        return st.from_regex(pattern.replace("$", r"\Z")) if pattern else st.just("x" * 20)
    if pa.types.is_floating(kind):
        return st.just(0.5)
    if pa.types.is_struct(kind):
        simple = {"rows_in": 1, "rows_out": 1, "rejected": 0, "excluded": 0, "rasad": "1", "stage": "1", "model": None}
        return st.just({field.name: simple[field.name] for field in kind})
    if pa.types.is_list(kind):
        return st.just(["x"])
    if pa.types.is_integer(kind):
        return st.just({"char_end": 9}.get(column.name, 1))
    if pa.types.is_timestamp(kind):
        return st.just(datetime(2025, 1, 1, tzinfo=UTC))
    return _typed(kind)


def test_clean_rows_pass_untouched_and_the_others_are_explained() -> None:
    good = {
        "article_id": "0" * 32, "paragraph_index": 0, "char_start": 0, "char_end": 3, "language": "ar",
        "script": "Arab", "confidence": 1.0, "run_id": "r", "stage_version": "1",
    }  # fmt: skip
    rows = [
        good,
        {**good, "article_id": "0" * 32 + "\n"},
        {**good, "confidence": float("nan")},
        {**good, "char_end": 0},
        {**good, "language": None},
    ]
    checked = validate(ParagraphLanguage, loose(ParagraphLanguage, [*rows, good]))
    assert checked.rows.to_pylist() == [good, good]
    assert [(fault.row, fault.rule) for fault in checked.invalid] == [
        (1, "article_id:string_pattern_mismatch"),
        (2, "confidence:less_than_equal"),
        (3, "row:value_error"),
        (4, "language:string_type"),
    ]
    assert "char_start < char_end" in checked.invalid[2].error


def test_a_null_inside_a_struct_costs_its_row_and_not_the_batch() -> None:
    good: dict[str, object] = {
        **{"run_id": "r", "stage": "ingest", "window": None, "seconds": 0.0, "snapshot_id": 1},
        "counts": {"rows_in": 1, "rows_out": 1, "rejected": 0, "excluded": 0},
        "versions": {"rasad": "1", "stage": "1", "model": None},
        "started_at": datetime(2025, 1, 1, tzinfo=UTC),
    }
    parts = [("rasad", pa.string()), ("stage", pa.string()), ("model", pa.string())]
    versions = pa.array([good["versions"], {"rasad": None, "stage": "1", "model": None}], pa.struct(parts))
    table = loose(Run, [good, good])
    table = table.set_column(table.schema.get_field_index("versions"), "versions", versions)
    checked = validate(Run, table)
    assert [(fault.row, fault.rule) for fault in checked.invalid] == [(1, "versions.rasad:string_type")]
    assert checked.rows.to_pylist() == [{name: good[name] for name in table.column_names}]


def test_a_batch_without_rows_or_in_pieces_is_checked_too() -> None:
    empty = arrow_schema(Article).empty_table()
    assert validate(Article, empty).rows.num_rows == 0
    assert validate(Run, loose(Run, [])).invalid == ()
    good = loose(EntityMention, [])
    assert validate(EntityMention, pa.concat_tables([good, good])).rows.num_rows == 0


@pytest.mark.parametrize("change", ["missing", "unknown", "type"])
def test_a_table_of_another_shape_is_a_fault_of_the_code(change: str) -> None:
    table = arrow_schema(ParagraphLanguage).empty_table()
    if change == "missing":
        table = table.drop_columns(["script"])
    elif change == "unknown":
        table = table.append_column("other", pa.array([], pa.string()))
    else:
        table = table.set_column(0, "article_id", pa.array([], pa.list_(pa.int64())))
    with pytest.raises(SchemaMismatch, match="paragraph_languages"):
        validate(ParagraphLanguage, table)
