"""Tables as files: CSV and Parquet arrive row by row, under the contract of their source; what is broken is named."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from schemas.errors import SourceChanged
from tasks.ingest_metadata import with_metadata
from tests.tasks.files import ARABIC, PERSIAN, read_file, read_payload, write


def records(rows: list[dict[str, object]]) -> list[object]:
    return [json.loads(bytes(row["payload"])) for row in rows if isinstance(row["payload"], bytes)]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_table_is_read_row_by_row_with_texts_over_several_lines(
    tmp_path: Path, separator: str, encoding: str
) -> None:
    lines = [
        separator.join(("id", "title", "text", "قسم")),
        separator.join(("1", '"قال: ""نعم""' + separator + ' ثم رحل"', f'"{ARABIC}\r\n\r\nالفقرة الثانية"', "سياسة")),
        separator.join(("2", "", PERSIAN, "")),
        "",
    ]
    file = write(tmp_path / "أخبار.csv", "\r\n".join(lines).encode(encoding))
    rows, rejected, _ = read_file(file)
    assert rejected == []
    assert records(rows) == [
        {
            "id": "1",
            "title": f'قال: "نعم"{separator} ثم رحل',
            "text": f"{ARABIC}\r\n\r\nالفقرة الثانية",
            "قسم": "سياسة",
        },
        {"id": "2", "text": PERSIAN},
    ]
    assert [row["uri"] for row in rows] == [f"{file}#L2", f"{file}#L5"]
    assert {row["media_type"] for row in rows} == {"application/json"}


def test_columns_are_mapped_and_an_old_encoding_is_declared(tmp_path: Path) -> None:
    file = write(
        tmp_path / "a.csv", f"no;العنوان;body;text\n7;خبر عاجل;{ARABIC};وكالة\n".encode("windows-1256", "ignore")
    )
    columns = {"id": "no", "title": "العنوان", "text": "body"}
    rows, rejected, _ = read_file(file, columns=columns, encoding="windows-1256", language="ar")
    assert rejected == []
    [record] = records(rows)
    assert record == {"id": "7", "title": "خبر عاجل", "text": ARABIC, "text_unmapped": "وكالة"}
    assert rows[0]["source"] == "صحيفة"
    facts = with_metadata(read_payload(json.dumps(record).encode(), "application/json"), str(rows[0]["metadata"]))
    assert facts.declared_language == "ar"


def test_bad_rows_of_a_table_cost_no_other(tmp_path: Path) -> None:
    good = f"1,{ARABIC}\n".encode()
    bad = b"2," + "خبر".encode("windows-1256") + b"\n"
    file = write(tmp_path / "a.csv", b"id,text\n" + good + bad + b"3,a,b\n" + f"4,{PERSIAN}\n".encode())
    rows, rejected, _ = read_file(file)
    assert [record["id"] for record in records(rows)] == ["1", "4"]  # type: ignore[index]
    assert [(r.rule, r.uri) for r in rejected] == [
        ("invalid-encoding", f"{file}#L3"),
        ("wrong-number-of-cells", f"{file}#L4"),
    ]
    assert "windows-1256" in rejected[0].error
    assert rejected[0].payload == b"2\t" + "خبر".encode("windows-1256")


def test_a_table_that_breaks_off_inside_a_quote_is_named_with_its_line(tmp_path: Path) -> None:
    file = write(tmp_path / "a.csv", f'text\n{ARABIC}\n"{PERSIAN}\n')
    rows, [fault], _ = read_file(file)
    assert len(rows) == 1
    assert fault.rule == "damaged-table" and "line 3" in fault.error


def test_a_column_is_found_in_either_spelling_of_its_letters(tmp_path: Path) -> None:
    file = tmp_path / "old.csv"
    file.write_bytes("شماره,تيتر,متن\n7,خبر,باران باريد\n".encode("windows-1256"))
    columns = {"id": "شماره", "title": "تیتر", "text": "متن"}
    rows, rejected, _ = read_file(file, columns=columns, encoding="windows-1256", language="fa")
    assert rejected == []
    assert records(rows) == [{"id": "7", "title": "خبر", "text": "باران باريد"}]


def test_a_column_of_another_spelling_stays_where_the_declared_one_is_there(tmp_path: Path) -> None:
    line = {"تيتر": "دیگر", "تیتر": "خبر", "text": PERSIAN}
    file = write(tmp_path / "a.jsonl", json.dumps(line, ensure_ascii=False) + "\n")
    rows, _, _ = read_file(file, columns={"title": "تیتر"}, language="fa")
    assert records(rows) == [{"تيتر": "دیگر", "title": "خبر", "text": PERSIAN}]


def test_a_table_without_a_text_names_its_columns(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", "headline,body\nx,y\n")
    pq.write_table(pa.table({"headline": ["x"], "body": ["y"]}), tmp_path / "b.parquet")
    rows, rejected, _ = read_file(tmp_path)
    assert rows == []
    assert [r.rule for r in rejected] == ["missing-column"] * 2
    assert all("`headline`, `body`" in r.error and "columns: {text: COLUMN}" in r.error for r in rejected)
    _, [fault], _ = read_file(tmp_path / "a.csv", columns={"text": "content"})
    assert "`content`" in fault.error


def test_parquet_values_become_json(tmp_path: Path) -> None:
    zone = timezone(timedelta(hours=3))
    table = pa.table(
        {
            "id": pa.array([1, 2]),
            "text": [ARABIC, PERSIAN],
            "published_at": pa.array([datetime(2025, 5, 1, 12, tzinfo=zone), None], pa.timestamp("us", "Asia/Riyadh")),
            "tags": pa.array([["سياسة"], []]),
            "score": pa.array([0.5, float("nan")]),
        }
    )
    pq.write_table(table, tmp_path / "a.parquet")
    rows, rejected, _ = read_file(tmp_path / "a.parquet")
    assert rejected == []
    assert records(rows) == [
        {"id": 1, "text": ARABIC, "published_at": "2025-05-01T09:00:00Z", "tags": ["سياسة"], "score": 0.5},
        {"id": 2, "text": PERSIAN, "tags": []},
    ]
    assert [row["uri"] for row in rows] == [f"{tmp_path / 'a.parquet'}#R1", f"{tmp_path / 'a.parquet'}#R2"]


def test_the_same_row_is_the_same_document_in_any_kind_of_table(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", f"id,text\nn1,{ARABIC}\n")
    write(tmp_path / "b.tsv", f"id\ttext\nn1\t{ARABIC}\n")
    pq.write_table(pa.table({"id": ["n1"], "text": [ARABIC]}), tmp_path / "c.parquet")
    rows, _, _ = read_file(tmp_path)
    assert [row["uri"] for row in rows] == [f"{tmp_path / 'a.csv'}#L2"]


def test_a_damaged_parquet_file_is_rejected_and_its_neighbour_read(tmp_path: Path) -> None:
    pq.write_table(pa.table({"text": [ARABIC] * 10}), tmp_path / "a.parquet")
    write(tmp_path / "a.parquet", (tmp_path / "a.parquet").read_bytes()[:-30])
    write(tmp_path / "b.txt", PERSIAN)
    rows, rejected, _ = read_file(tmp_path)
    assert [row["uri"] for row in rows] == [str(tmp_path / "b.txt")]
    assert [r.rule for r in rejected] == ["damaged-table"]


def test_rows_that_a_parquet_file_promises_and_lacks_are_told(tmp_path: Path) -> None:
    table = pa.table({"text": [ARABIC] * 10, "id": [str(number) for number in range(10)]})
    pq.write_table(table, tmp_path / "a.parquet", use_dictionary=False, compression="none")
    whole = (tmp_path / "a.parquet").read_bytes()
    twice_ten = [at for at, byte in enumerate(whole) if byte == 20]  # how Thrift writes a count of ten
    silent = []
    for at in twice_ten:
        file = write(tmp_path / "b.parquet", whole[:at] + b"\0" + whole[at + 1 :])
        rows, rejected, _ = read_file(file)
        if len(rows) < 10 and not rejected:
            silent.append(at)
    assert twice_ten and not silent


def contracted(tmp_path: Path, mode: str) -> tuple[list[object], list[str], dict[str, int]]:
    lines = [
        {"id": 1, "text": ARABIC, "mood": "calm"},
        {"id": 2, "text": PERSIAN, "author": ["سعاد"]},
        {"id": 3, "text": ARABIC, "desk": "سياسة"},
    ]
    file = write(tmp_path / "a.jsonl", "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines))
    rows, rejected, passed = read_file(file, contract=mode, extra_keys=["desk"])
    return records(rows), [r.rule for r in rejected], passed


def test_contract_evolve_takes_what_comes(tmp_path: Path) -> None:
    taken, rejected, _ = contracted(tmp_path, "evolve")
    assert len(taken) == 3 and rejected == []


def test_contract_discard_row_rejects_what_is_not_expected(tmp_path: Path) -> None:
    taken, rejected, _ = contracted(tmp_path, "discard_row")
    assert taken == [{"id": 3, "text": ARABIC, "desk": "سياسة"}]
    assert rejected == ["unexpected-key", "unexpected-type"]


def test_contract_discard_value_leaves_out_and_counts(tmp_path: Path) -> None:
    taken, rejected, passed = contracted(tmp_path, "discard_value")
    assert taken == [{"id": 1, "text": ARABIC}, {"id": 2, "text": PERSIAN}, {"id": 3, "text": ARABIC, "desk": "سياسة"}]
    assert rejected == []
    assert passed == {
        "values of mood, left out by the contract": 1,
        "values of author, left out by the contract": 1,
    }


def test_contract_freeze_ends_the_run_and_names_the_key_and_line(tmp_path: Path) -> None:
    with pytest.raises(SourceChanged, match=r"`mood` is not expected.*a\.jsonl#L1.*extra_keys"):
        contracted(tmp_path, "freeze")
