"""Whatever a folder holds: read what can be read, say what cannot, and never load a file whole."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.errors import NothingToRead, PathMissing
from tasks.reading import DOCUMENT_LIMIT, DOCUMENT_SCHEMA, REJECTED_PREFIX, read_documents, resolve
from tasks.stage import Rejected, stable_id

TEXT = "التقى وزيرا الخارجية في مسقط.\n"


def write(path: Path, content: bytes | str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def read(*paths: Path, source: str | None = None) -> tuple[pa.Table, list[Rejected]]:
    batches = list(read_documents(paths, source))
    tables = [batch.documents for batch in batches]
    return pa.concat_tables(tables), [r for batch in batches for r in batch.rejected]


def test_a_text_file_is_one_document(tmp_path: Path) -> None:
    file = write(tmp_path / "خبر.txt", TEXT)
    os.utime(file, (1_760_000_000.5, 1_760_000_000.5))
    documents, rejected = read(file)
    digest = hashlib.sha256(TEXT.encode()).hexdigest()
    assert rejected == []
    assert documents.schema.equals(DOCUMENT_SCHEMA)
    assert documents.to_pylist() == [
        {
            "document_id": stable_id("local", digest),
            "source": "local",
            "uri": str(file),
            "fetched_at": datetime.fromtimestamp(1_760_000_000.5, UTC),
            "media_type": "text/plain",
            "content_sha256": digest,
            "payload": TEXT.encode(),
            "metadata": None,
        }
    ]


def test_each_line_is_a_document_without_its_line_end(tmp_path: Path) -> None:
    file = write(tmp_path / "a.jsonl", b'{"text": "a"}\r\n\r\n   \n{"text": "b"}\n{"text": "c"}')
    documents, _ = read(file, source="وكالة")
    assert documents["payload"].to_pylist() == [b'{"text": "a"}', b'{"text": "b"}', b'{"text": "c"}']
    assert documents["uri"].to_pylist() == [f"{file}#L1", f"{file}#L4", f"{file}#L5"]
    assert set(documents["source"].to_pylist()) == {"وكالة"}
    assert set(documents["media_type"].to_pylist()) == {"application/json"}


def test_gzip_reads_like_plain(tmp_path: Path) -> None:
    plain = write(tmp_path / "a.jsonl", '{"text": "a"}\n{"text": "b"}\n')
    packed = write(tmp_path / "b" / "a.JSONL.GZ", gzip.compress(plain.read_bytes()))
    text = write(tmp_path / "c.txt.gz", gzip.compress(TEXT.encode()))
    assert read(packed)[0]["document_id"] == read(plain)[0]["document_id"]
    assert read(text)[0]["payload"].to_pylist() == [TEXT.encode()]


def test_the_same_document_is_yielded_once(tmp_path: Path) -> None:
    write(tmp_path / "a.txt", TEXT)
    write(tmp_path / "sub" / "b.txt", TEXT)
    write(tmp_path / "c.jsonl", '{"text": "a"}\n{"text": "a"}\n')
    documents, _ = read(tmp_path, tmp_path / "sub", tmp_path / "a.txt")
    assert documents["uri"].to_pylist() == [str(tmp_path / "a.txt"), f"{tmp_path / 'c.jsonl'}#L1"]


def test_folders_are_read_to_the_bottom_and_other_files_are_counted(tmp_path: Path) -> None:
    for name in ("a.txt", "sub/deep/b.jsonl", "sub/c.TXT.gz"):
        write(tmp_path / name, "x")
    for name in ("readme.md", "sub/data.pdf", "archive.gz", "table.parquet.gz"):
        write(tmp_path / name, "x")
    write(tmp_path / ".hidden" / "d.txt", "x")
    write(tmp_path / ".e.txt", "x")
    resolved = resolve([tmp_path])
    assert [str(f.relative_to(tmp_path)) for f in resolved.files] == [
        "a.txt",
        "sub/c.TXT.gz",
        "sub/deep/b.jsonl",
    ]
    assert [f.name for f in resolved.ignored] == ["archive.gz", "readme.md", "data.pdf", "table.parquet.gz"]


def test_arguments_in_any_order_and_number_give_the_same_files(tmp_path: Path) -> None:
    write(tmp_path / "a.txt", "a")
    write(tmp_path / "b.txt", "b")
    one = resolve([tmp_path / "b.txt", tmp_path])
    other = resolve([tmp_path, tmp_path / "a.txt", str(tmp_path / "*.txt"), str(tmp_path / "sub" / ".." / "b.txt")])
    assert one.files == other.files
    assert other.missing == (str(tmp_path / "sub" / ".." / "b.txt"),)


def test_patterns_reach_below(tmp_path: Path) -> None:
    for name in ("a.txt", "x/b.txt", "x/y/c.txt", "[1].txt"):
        write(tmp_path / name, name)
    assert len(resolve([str(tmp_path / "*.txt")]).files) == 2
    assert len(resolve([str(tmp_path / "**" / "*.txt")]).files) == 4
    assert [f.name for f in resolve([str(tmp_path / "[1].txt")]).files] == ["[1].txt"]


def test_links_that_go_round_in_circles_end(tmp_path: Path) -> None:
    write(tmp_path / "a.txt", TEXT)
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "self.txt").symlink_to(tmp_path / "self.txt")
    (tmp_path / "z.txt").symlink_to(tmp_path / "a.txt")
    documents, rejected = read(tmp_path)
    assert documents["uri"].to_pylist() == [str(tmp_path / "a.txt")]
    assert [r.rule for r in rejected] == ["unreadable-file"]
    assert "self.txt" in rejected[0].error


def test_a_pipe_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.txt")
    with pytest.raises(NothingToRead):
        resolve([tmp_path])


def test_missing_paths_are_collected_unless_all_are(tmp_path: Path) -> None:
    file = write(tmp_path / "a.txt", TEXT)
    gone, pattern = str(tmp_path / "gone.txt"), str(tmp_path / "*.jsonl")
    resolved = resolve([file, gone, pattern])
    assert resolved.files == (file,)
    assert resolved.missing == (gone, pattern)
    with pytest.raises(PathMissing, match="gone"):
        resolve([gone])
    with pytest.raises(PathMissing, match="none of the paths"):
        resolve([gone, pattern])


def test_nothing_to_read_says_what_can_be_read(tmp_path: Path) -> None:
    with pytest.raises(NothingToRead, match="rasad run"):
        resolve([tmp_path])
    write(tmp_path / "a.pdf", b"%PDF")
    with pytest.raises(NothingToRead, match="1 other files were passed over"):
        list(read_documents([tmp_path]))
    with pytest.raises(NothingToRead):
        resolve([])


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_an_unreadable_file_is_rejected_and_its_neighbours_read(tmp_path: Path) -> None:
    locked = write(tmp_path / "a.txt", TEXT)
    write(tmp_path / "b.txt", TEXT)
    locked.chmod(0)
    documents, rejected = read(tmp_path)
    assert documents["uri"].to_pylist() == [str(tmp_path / "b.txt")]
    assert rejected[0].rule == "unreadable-file"
    assert str(locked) in rejected[0].error


def test_a_file_that_fails_while_it_is_read_is_rejected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same for root: the file goes away between listing and opening."""
    gone = write(tmp_path / "a.txt", TEXT)
    write(tmp_path / "b.txt", TEXT + "2")
    resolved = resolve([tmp_path])
    gone.unlink()
    batches = list(read_documents(resolved))
    assert batches[0].documents["uri"].to_pylist() == [str(tmp_path / "b.txt")]
    assert [(r.rule, r.uri) for r in batches[0].rejected] == [("unreadable-file", str(gone))]


def test_a_file_name_that_is_not_utf8(tmp_path: Path) -> None:
    name = os.fsdecode(os.fsencode(tmp_path) + b"/\xe9.txt")
    try:
        Path(name).write_text(TEXT)
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    documents, _ = read(tmp_path)
    assert documents["uri"].to_pylist() == [f"{tmp_path}/\ufffd.txt"]


def lines(count: int) -> bytes:
    """Lines that do not compress well, so that damage in the middle leaves whole blocks before it."""
    records = ({"text": hashlib.sha256(str(i).encode()).hexdigest() * 8} for i in range(count))
    return b"".join(json.dumps(r).encode() + b"\n" for r in records)


@pytest.mark.parametrize("kind", ["cut off", "bits flipped", "not gzip"])
def test_a_corrupt_gzip_loses_only_what_is_damaged(tmp_path: Path, kind: str) -> None:
    packed = bytearray(gzip.compress(lines(4_000)))
    if kind == "cut off":
        packed = packed[: len(packed) // 2]
    elif kind == "bits flipped":
        packed[len(packed) // 2 : len(packed) // 2 + 200] = b"\xff" * 200
    else:
        packed = bytearray(lines(10))
    bad = write(tmp_path / "a.jsonl.gz", bytes(packed))
    good = write(tmp_path / "b.txt", TEXT)
    documents, rejected = read(tmp_path)
    assert [r.rule for r in rejected] == ["corrupt-gzip"]
    assert str(bad) in rejected[0].error and "gzip -t" in rejected[0].error
    assert documents["uri"].to_pylist()[-1] == str(good)
    whole = documents["payload"].to_pylist()[:-1]
    assert [p + b"\n" for p in whole] == lines(4_000).splitlines(keepends=True)[: len(whole)]
    if kind != "not gzip":
        assert len(whole) > 1_000


@pytest.mark.parametrize("packed", [False, True])
def test_a_line_of_twenty_megabytes_is_passed_over_without_being_held(tmp_path: Path, packed: bool) -> None:
    size = DOCUMENT_LIMIT + 4 * 2**20
    content = b'{"text": "a"}\n{"text": "' + b"x" * size + b'"}\r\n{"text": "b"}\n'
    name = "a.jsonl.gz" if packed else "a.jsonl"
    file = write(tmp_path / name, gzip.compress(content, 1) if packed else content)
    documents, rejected = read(file)
    assert documents["payload"].to_pylist() == [b'{"text": "a"}', b'{"text": "b"}']
    assert documents["uri"].to_pylist()[1] == f"{file}#L3"
    [fault] = rejected
    assert (fault.rule, fault.uri) == ("line-too-long", f"{file}#L2")
    assert len(fault.payload) == REJECTED_PREFIX
    assert f"{size + 12:,} bytes" in fault.error
    line = content.split(b"\n")[1].rstrip(b"\r")
    assert fault.unit_id == stable_id("local", hashlib.sha256(line).hexdigest())


def test_lines_at_the_limit_pass(tmp_path: Path) -> None:
    file = write(tmp_path / "a.jsonl", b"x" * DOCUMENT_LIMIT + b"\ny\n" + b"z" * (DOCUMENT_LIMIT + 1))
    documents, rejected = read(file)
    assert [len(p) for p in documents["payload"].to_pylist()] == [DOCUMENT_LIMIT, 1]
    assert [(r.rule, r.uri) for r in rejected] == [("line-too-long", f"{file}#L3")]


def test_a_text_over_the_limit_is_rejected_by_its_content(tmp_path: Path) -> None:
    content = b"y\n" * (DOCUMENT_LIMIT // 2 + 1)
    file = write(tmp_path / "a.txt", content)
    write(tmp_path / "copy.txt", content)
    write(tmp_path / "z.txt", TEXT)
    documents, rejected = read(tmp_path)
    assert documents.num_rows == 1
    assert [(r.rule, r.uri) for r in rejected] == [("text-too-long", str(file))]
    assert rejected[0].unit_id == stable_id("local", hashlib.sha256(content).hexdigest())


def test_memory_stays_with_the_batch(tmp_path: Path) -> None:
    file = tmp_path / "big.jsonl"
    with file.open("wb") as stream:
        for i in range(10_000):
            stream.write(b'{"text": "%d %s"}\n' % (i, b"x" * 1_000))
    tracemalloc.start()
    rows = sum(batch.documents.num_rows for batch in read_documents([file], batch_bytes=2**20))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert rows == 10_000
    # 10 MB pass through; two batches of Python rows are 4 MB.
    assert peak < 6e6


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(
    texts=st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1), max_size=12),
    batch_bytes=st.integers(1, 60),
    batch_documents=st.integers(1, 5),
)
def test_batch_bounds_change_nothing_but_the_batches(
    tmp_path: Path, texts: list[str], batch_bytes: int, batch_documents: int
) -> None:
    records = [json.dumps({"text": t}, ensure_ascii=False) for t in texts]
    file = write(tmp_path / "a.jsonl", "\n".join([*records, "{}"]))
    batches = list(read_documents([file], batch_bytes=batch_bytes, batch_documents=batch_documents))
    assert all(0 < b.documents.num_rows <= batch_documents for b in batches)
    for batch in batches:
        assert len(set(batch.documents["document_id"].to_pylist())) == batch.documents.num_rows
    payloads = [p for b in batches for p in b.documents["payload"].to_pylist()]
    assert list(dict.fromkeys(payloads)) == [r.encode() for r in dict.fromkeys([*records, "{}"])]
