"""How finding near-copies grows with the documents, up to a million.

    python -m bench.dedup_scale FOLDER [--documents 10000 100000 1000000] [--systems Rasad datasketch rensa]

The documents are those of `bench.dedup`, made once and kept in a file, so that no system holds them in memory. Every
system runs in a process of its own, whose peak of memory is reported with its seconds of the processor; Rasad's tables
lie in a DuckDB file. Recall is measured on all copies of some 2,000 originals, precision on all pairs. Peers get sets
of shingles; what making these took is not in their seconds.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from bench.dedup import (
    BATCH,
    EDITS,
    Document,
    Store,
    as_articles,
    edit,
    exchange,
    read_texts,
    shingle_sets,
    true_pairs,
    with_copies,
)
from bench.dedup_peers import JACCARD, PEERS, Pair, run_peer
from bench.figures import Cell, Point, show_points, show_table

#: What DuckDB may hold beside the batch at hand: of the 8 GB of a small machine, less than half.
MEMORY = "3GB"
#: Originals whose copies are compared, pair by pair, to know what should be found.
JUDGED = 2_000
_SCHEMA = pa.schema([("position", pa.int64()), ("origin", pa.int64()), ("text", pa.string())])


def write_documents(texts: Sequence[str], count: int, path: Path) -> None:
    """Originals with EDITS edits each, in random order, `count` in all."""
    order = np.random.default_rng(7).permutation(count).tolist()
    unsorted = path.with_suffix(".unsorted")
    with pq.ParquetWriter(unsorted, _SCHEMA, compression="zstd") as writer:
        for low in range(0, count, BATCH):
            origins = range(low // (EDITS + 1), min(low + BATCH, count) // (EDITS + 1))
            made = list(chain.from_iterable(_copies(texts, origin) for origin in origins))
            columns = [order[low : low + len(made)], [d.origin for d in made], [d.text for d in made]]
            writer.write_table(pa.table(columns, schema=_SCHEMA))
    with duckdb.connect(config={"threads": 2, "memory_limit": MEMORY}) as connection:
        connection.execute(f"COPY (FROM read_parquet('{unsorted}') ORDER BY position) TO '{path}' (FORMAT parquet)")
    unsorted.unlink()


def _copies(texts: Sequence[str], origin: int) -> Iterator[Document]:
    chance = random.Random(origin)
    text = texts[origin % len(texts)]
    if origin >= len(texts):
        text = exchange(text, 0.5, chance, texts)
    yield Document(text, origin)
    for _ in range(EDITS):
        yield Document(edit(text, chance, texts), origin)


def batches(path: Path) -> Iterator[list[Document]]:
    """The documents in batches; the last hundredth of all begins a batch."""
    file = pq.ParquetFile(path)
    last = file.metadata.num_rows - max(1, file.metadata.num_rows // 100)
    place = 0
    for batch in file.iter_batches(BATCH):
        found = list(map(Document, batch["text"].to_pylist(), batch["origin"].to_pylist()))
        cut = min(max(last - place, 0), len(found))
        yield from (part for part in (found[:cut], found[cut:]) if part)
        place += len(found)


def run_rasad(path: Path, folder: Path) -> tuple[float, float, Iterable[Pair]]:
    """Seconds of the processor for all documents, and for the last hundredth of them; the pairs."""
    store, numbers = Store(folder / "store.duckdb", MEMORY), dict[str, int]()
    seconds, last = 0.0, 0.0
    for made in batches(path):
        articles = as_articles(made, len(numbers))
        numbers |= {name: len(numbers) + at for at, name in enumerate(articles["article_id"].to_pylist())}
        began = time.process_time()
        store.add(articles)
        last = time.process_time() - began
        seconds += last
        print(f"{len(numbers):,}: {seconds:.1f} s, the last {last:.2f}, {peak():,.0f} MB", file=sys.stderr, flush=True)
    rows = store.connection.execute("SELECT article_id, duplicate_of, kind FROM duplicate_pairs").fetchall()
    return seconds, last, with_copies([(numbers[later], numbers[earlier], kind) for later, earlier, kind in rows])


def run_other(name: str, path: Path) -> tuple[float, float, Iterable[Pair]]:
    """The same of a peer, from sets of shingles."""
    index = PEERS[name]()
    if index is None:
        raise SystemExit(f"{name} is not installed: `pip install datasketch scipy rensa`, or leave it out of --systems")
    seconds, last, place = 0.0, 0.0, 0
    found: set[Pair] = set()
    for made in batches(path):
        last, pairs = run_peer(index, shingle_sets(made), place)
        found |= pairs
        seconds, place = seconds + last, place + len(made)
        print(f"{place:,}: {seconds:.1f} s, the last {last:.2f}, {peak():,.0f} MB", file=sys.stderr, flush=True)
    return seconds, last, found


def judge(path: Path, found: Iterable[Pair]) -> tuple[float, float]:
    """Recall of the pairs of Jaccard JACCARD and more among the copies of JUDGED originals; precision of all pairs."""
    origins: list[int] = []
    judged: list[tuple[int, Document]] = []
    step = max(1, pq.ParquetFile(path).metadata.num_rows // (EDITS + 1) // JUDGED)
    for made in batches(path):
        judged += [(len(origins) + at, document) for at, document in enumerate(made) if not document.origin % step]
        origins += [document.origin for document in made]
    chosen = [document for _, document in judged]
    places = [place for place, _ in judged]
    wanted = {frozenset(places[at] for at in pair) for pair in true_pairs(chosen, shingle_sets(chosen))}
    right, total, hits = 0, 0, set[Pair]()
    for pair in found:
        total += 1
        right += len({origins[place] for place in pair}) == 1
        if pair in wanted:
            hits.add(pair)
    return len(hits) / max(1, len(wanted)), right / max(1, total)


def peak() -> float:
    """The most memory that this process held so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(name: str, path: Path) -> dict[str, Cell]:
    """Take the documents of a file through one system."""
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        seconds, last, found = run_rasad(path, Path(folder)) if name == "Rasad" else run_other(name, path)
        memory = peak()
        recall, precision = judge(path, found)
    count = pq.ParquetFile(path).metadata.num_rows
    return {
        "system": name,
        "documents": count,
        "seconds": seconds,
        "documents/s": count / seconds,
        "the last 1 %, of all": f"{last / seconds:.1%}",
        "peak, MB": round(memory),
        f"recall at J ≥ {JACCARD}": f"{recall:.4f}",
        "precision": f"{precision:.4f}",
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="a folder of .jsonl.gz files with a `text` each")
    parser.add_argument("--documents", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--systems", nargs="+", default=["Rasad", *PEERS])
    parser.add_argument("--keep", type=Path, help="a folder in which the documents made stay, and are looked for")
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)  # one system, in this process
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measure(options.systems[0], options.measure)))
        return
    with tempfile.TemporaryDirectory() as made:
        rows = []
        for count in options.documents:
            path = (options.keep or Path(made)) / f"documents-{count}.parquet"
            if not path.exists():
                write_documents(read_texts(options.folder), count, path)
            for name in options.systems:
                command = [sys.executable, "-m", "bench.dedup_scale", str(options.folder)]
                command += ["--systems", name, "--measure", str(path)]
                done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
                row: dict[str, Cell] = json.loads(done.stdout)
                rows.append(row)
                point = {"line": name, "x": count, "x_unit": "documents", "y": row["seconds"], "y_unit": "s"}
                show_points(Point.model_validate({"curve": "Seconds to find duplicates, up to a million", **point}))
        show_table(rows)


if __name__ == "__main__":
    main()
