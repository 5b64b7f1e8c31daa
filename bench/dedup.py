"""How well and how fast near-copies are found, beside datasketch and rensa, in one run
(`pip install datasketch scipy rensa`).

    python -m bench.dedup ../shared/data/news --documents 1000 10000

Real articles are edited as agencies and sites edit them: words exchanged (5 to 40 %), paragraphs cut, a new
headline, a further paragraph joined on. Which pairs should be found is worked out without any of our code but
the folding of letters: pairs made from one original whose sets of three-word shingles overlap by .7 or more.
A found pair is wrong when its articles come from originals that are no copies of each other. Seconds are those of the
processor, in all threads: other processes on the machine lengthen them less than those of the clock. Peers get sets of
shingles and return candidates that nobody has verified; what making the sets took is reported beside it, and, as much
as they do and no more, Rasad's own way from texts to candidates.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from bench.dedup_peers import JACCARD, PEERS, Pair, run_peer
from bench.figures import Cell, Point, show_points, show_table
from schemas.record import sql_columns
from schemas.stories import ArticleSignature, DuplicatePair, SignatureBand
from tasks import deduplicate
from tasks.minhash import BANDS, buckets, shingle, signatures, split_words
from tasks.normalize import search_key, search_keys
from tasks.stage import StageInput, stable_id

BATCH = 10_000
COLUMNS = ["article_id", "source", "title", "text"]
EDITS = 4


@dataclass(frozen=True)
class Document:
    """A text, and the number of the original that it was made from."""

    text: str
    origin: int


class Store:
    """The warehouse's part in deduplication, in memory or in a file."""

    def __init__(self, file: Path | None = None, memory: str = "4GB") -> None:
        self.connection = duckdb.connect(str(file or ":memory:"), config={"threads": 2, "memory_limit": memory})
        self.connection.execute(
            "CREATE TABLE articles (article_id VARCHAR, source VARCHAR, title VARCHAR, text VARCHAR)"
        )
        for record in (DuplicatePair, ArticleSignature, SignatureBand):
            self.connection.execute(f"CREATE TABLE {record.table.name} ({sql_columns(record)})")

    def lookup(self, query: str, **tables: pa.Table) -> pa.Table:
        for name, table in tables.items():
            self.connection.register(name, table)
        return self.connection.execute(query).to_arrow_table()

    def add(self, articles: pa.Table) -> None:
        """Take a batch through the stage and store what comes out."""
        columns = articles.select(COLUMNS)
        self.lookup("INSERT INTO articles SELECT * FROM batch", batch=columns)
        units = tuple(articles["article_id"].to_pylist())
        output = deduplicate.deduplicate(StageInput(units, {"articles": articles}, self.lookup))
        owners = pa.table({"article_id": [*units, *output.restated]})
        stored = "SELECT article_id FROM article_signatures SEMI JOIN owners USING (article_id) LIMIT 1"
        again = self.lookup(stored, owners=owners).num_rows > 0
        for name, rows in output.tables.items():
            if again:
                self.lookup(f"DELETE FROM {name} WHERE article_id IN (SELECT article_id FROM owners)", owners=owners)
            self.lookup(f"INSERT INTO {name} SELECT *, 'bench', '1' FROM batch", batch=rows)


def read_texts(folder: Path) -> list[str]:
    """The texts of all articles with at least 60 words."""
    texts = []
    for path in sorted(folder.glob("*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            texts += [str(json.loads(line)["text"]) for line in lines]
    return [text for text in dict.fromkeys(texts) if len(text.split()) >= 60]


def documents(texts: Sequence[str], count: int, chance: random.Random) -> list[Document]:
    """Originals with EDITS edits each, in random order, `count` in all (originals repeat under another edit)."""
    made: list[Document] = []
    for place in range(count // (EDITS + 1)):
        origin = place % len(texts)
        text = texts[origin]
        if place >= len(texts):
            text = exchange(text, 0.5, chance, texts)
        made.append(Document(text, place))
        made += [Document(edit(text, chance, texts), place) for _ in range(EDITS)]
    chance.shuffle(made)
    return made


def edit(text: str, chance: random.Random, texts: Sequence[str]) -> str:
    """One to three editorial changes of a text."""
    changes: list[Callable[[str], str]] = [
        lambda t: exchange(t, chance.uniform(0.05, 0.4), chance, texts),
        lambda t: cut(t, chance),
        lambda t: " ".join(chance.choice(texts).split()[:8]) + "\n" + t,
        lambda t: t + "\n" + " ".join(chance.choice(texts).split()[:30]),
        lambda t: t.replace("ي", "ی").replace("\u200c", ""),
    ]
    for change in chance.sample(changes, chance.randint(1, 3)):
        text = change(text)
    return text


def exchange(text: str, share: float, chance: random.Random, texts: Sequence[str]) -> str:
    words = text.split()
    others = chance.choice(texts).split()
    return " ".join(chance.choice(others) if chance.random() < share else word for word in words)


def cut(text: str, chance: random.Random) -> str:
    words = text.split()
    length = max(1, round(len(words) * chance.uniform(0.05, 0.3)))
    start = chance.randrange(len(words) - length + 1)
    return " ".join(words[:start] + words[start + length :])


def shingle_sets(made: Sequence[Document]) -> list[set[str]]:
    sets = []
    for document in made:
        words = search_key(document.text).split()
        sets.append({" ".join(words[at : at + 3]) for at in range(len(words) - 2)})
    return sets


def true_pairs(made: Sequence[Document], sets: Sequence[set[str]]) -> set[Pair]:
    by_origin: dict[int, list[int]] = {}
    for index, document in enumerate(made):
        by_origin.setdefault(document.origin, []).append(index)
    return {
        frozenset(pair)
        for members in by_origin.values()
        for pair in combinations(members, 2)
        if similarity(sets[pair[0]], sets[pair[1]]) >= JACCARD
    }


def similarity(left: set[str], right: set[str]) -> float:
    union = len(left | right)
    return len(left & right) / union if union else 0.0


def as_articles(made: Sequence[Document], first: int = 0) -> pa.Table:
    """The documents as articles, numbered from `first` on, a second after each other."""
    start = datetime(2025, 1, 1, tzinfo=UTC)
    numbers = range(first, first + len(made))
    return pa.table(
        {
            "article_id": [stable_id(str(index)) for index in numbers],
            "source": [f"source-{index % 50}" for index in numbers],
            "title": pa.nulls(len(made), pa.string()),
            "text": [document.text for document in made],
            "published_at": pa.array(
                [start + timedelta(seconds=index) for index in numbers], pa.timestamp("us", tz="UTC")
            ),
        }
    )


def run_rasad(made: Sequence[Document]) -> tuple[float, float, set[Pair]]:
    """Processor seconds for all documents and for the last hundredth of them, and the pairs (copies of copies too)."""
    articles, store = as_articles(made), Store()
    last = len(made) - max(1, len(made) // 100)
    began = time.process_time()
    for start in range(0, last, BATCH):
        store.add(articles.slice(start, min(BATCH, last - start)))
    middle = time.process_time()
    store.add(articles.slice(last))
    ended = time.process_time()
    index = {article_id: place for place, article_id in enumerate(articles["article_id"].to_pylist())}
    rows = store.connection.execute("SELECT article_id, duplicate_of, kind FROM duplicate_pairs").fetchall()
    return ended - began, ended - middle, set(with_copies([(index[a], index[b], kind) for a, b, kind in rows]))


def run_candidates(made: Sequence[Document]) -> tuple[float, set[Pair]]:
    """What peers do, by Rasad's parts: texts to shingles, signatures, bands and the pairs that share one."""
    texts = pa.array([document.text for document in made], pa.large_string())
    began = time.process_time()
    places, minima = signatures(shingle(split_words(search_keys(texts))))
    columns = [np.repeat(places, BANDS), np.tile(np.arange(BANDS), len(places)), buckets(minima).ravel()]
    bands = pa.table(columns, ["place", "band", "bucket"])
    with duckdb.connect(config={"threads": 2}) as connection:
        connection.register("bands", bands)
        rows = connection.execute(
            "SELECT DISTINCT a.place, b.place FROM bands a JOIN bands b USING (band, bucket) WHERE a.place < b.place"
        ).fetchall()
    found = {frozenset(row) for row in rows}
    return time.process_time() - began, found


def with_copies(rows: Sequence[tuple[int, int, str]]) -> Iterator[Pair]:
    """Near pairs hold between canonical articles: spread them over the exact copies of both."""
    groups: dict[int, list[int]] = {}
    for later, earlier, kind in rows:
        if kind == "exact":
            groups.setdefault(earlier, [earlier]).append(later)
    for members in groups.values():
        yield from (frozenset(pair) for pair in combinations(members, 2))
    for later, earlier, kind in rows:
        if kind == "near":
            for one in groups.get(later, [later]):
                yield from (frozenset((one, other)) for other in groups.get(earlier, [earlier]))


def report(name: str, seconds: float, found: set[Pair], wanted: set[Pair], made: list[Document]) -> dict[str, Cell]:
    """The figures of one system, and its point on the curve."""
    origins = [document.origin for document in made]
    right = sum(len({origins[place] for place in pair}) == 1 for pair in found)
    point = {"x": len(made), "x_unit": "documents", "y": round(seconds, 3), "y_unit": "s"}
    show_points(Point.model_validate({"curve": "Seconds to find duplicates, by documents", "line": name, **point}))
    return {
        "system": name,
        "documents": len(made),
        "seconds": seconds,
        "documents/s": len(made) / seconds,
        f"recall at J ≥ {JACCARD}": f"{len(found & wanted) / max(1, len(wanted)):.4f}",
        "precision": f"{right / max(1, len(found)):.4f}",
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="a folder of .jsonl.gz files with a `text` each")
    parser.add_argument("--documents", type=int, nargs="+", default=[1_000, 10_000])
    options = parser.parse_args()
    texts = read_texts(options.folder)
    for count in options.documents:
        made = documents(texts, count, random.Random(7))
        began = time.process_time()
        sets = shingle_sets(made)
        shingled = time.process_time() - began
        wanted = true_pairs(made, sets)
        seconds, last, found = run_rasad(made)
        rows = [report("Rasad", seconds, found, wanted, made)]
        rows.append(report("Rasad, texts to candidates", *run_candidates(made), wanted, made))
        for name, make in PEERS.items():
            if index := make():
                rows.append(report(name, *run_peer(index, sets), wanted, made))
        show_table(rows, f"{len(made):,} documents")
        print(
            f"{len(wanted):,} pairs of Jaccard {JACCARD} and more; Rasad's last 1 % took {last / seconds:.1%} of its "
            f"time; the sets that the others got took {shingled:.2f} s."
        )


if __name__ == "__main__":
    main()
