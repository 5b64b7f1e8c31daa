"""How well stories are found on headlines in nine languages whose stories are known, by BCubed.

    python -m bench.stories ../shared/data/stories/og2021_titles_dev.jsonl.gz

Each headline is an article of its own, taken through the same code as in the pipeline. Reported are precision, recall
and F1 over all headlines, over the Arabic and English ones, and over the Arabic ones judged only against those of other
languages (an article itself always counts as with itself).
"""

from __future__ import annotations

import argparse
import gzip
import json
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from bench.figures import show_table
from tasks.stories_merge import gather, merge
from tasks.stories_score import Items, Scale, bundled_scale, items
from tasks.stories_terms import terms_of
from tasks.stories_threads import Threads, centred, thread
from tasks.stories_vectors import Encode, Freed, bundled_freed, headline_vectors

Labels = NDArray[np.int64]
_ISO = {
    "ara": "ar", "eng": "en", "deu": "de", "spa": "es", "fra": "fr", "por": "pt", "rus": "ru", "slv": "sl", "zho": "zh",
}  # fmt: skip


@dataclass(frozen=True)
class Score:
    """BCubed (Bagga and Baldwin 1998): for each article, how pure and how complete its story is."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        return 2 * self.precision * self.recall / max(self.precision + self.recall, 1e-9)


def headlines(path: Path, encode: Encode, freed: Freed) -> tuple[pa.Table, Labels]:
    """The headlines as `tasks.stories_score.items` wants them, and the number of the story of each."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines]
    records.sort(key=lambda r: (r["published_at"], r["id"]))
    titles, languages = [str(r["title"]) for r in records], [_ISO[r["lang"]] for r in records]
    columns = {
        "article_id": [str(r["id"]) for r in records],
        "published_at": [datetime.fromisoformat(r["published_at"]).replace(tzinfo=UTC) for r in records],
        "language": languages,
        "vector": [vector.tobytes() for vector in freed(encode(titles), languages)],
        "terms": pa.array([terms_of(title) for title in titles], pa.list_(pa.string())),
    }
    names = sorted({r["story"] for r in records})
    gold = np.array([names.index(r["story"]) for r in records], np.int64)
    return pa.table(columns), gold


def stories_of(known: Items, scale: Scale) -> Labels:
    """The number of the story of each item, as the pipeline finds it."""
    known = centred(known)
    threads = Threads(len(known))
    thread(known, scale, 0, threads, {})
    firsts = np.unique(threads.first)
    roots = np.full(len(firsts), -1, np.int64)
    merge(gather(known, threads, firsts), scale, 0, roots)
    found: Labels = firsts[roots[np.searchsorted(firsts, threads.first)]]
    return found


def bcubed(
    found: Labels, gold: Labels, languages: NDArray[np.str_], chosen: NDArray[np.bool_]
) -> tuple[Score, Score, Score]:
    """Over all chosen articles, over Arabic and English, over Arabic against the other languages."""
    found, gold, languages = found[chosen], gold[chosen], languages[chosen]
    pair = np.isin(languages, ["ar", "en"])
    arabic = np.flatnonzero(languages == "ar")
    foreign = languages[arabic][:, None] != languages[None]
    foreign[np.arange(len(arabic)), arabic] = True
    together, same = found[arabic][:, None] == found[None], gold[arabic][:, None] == gold[None]
    return (
        _score(found[:, None] == found[None], gold[:, None] == gold[None]),
        _score(found[pair][:, None] == found[pair][None], gold[pair][:, None] == gold[pair][None]),
        _score(together & foreign, same & foreign),
    )


def _score(together: NDArray[np.bool_], same: NDArray[np.bool_]) -> Score:
    right = (together & same).sum(1)
    return Score(float((right / together.sum(1)).mean()), float((right / same.sum(1)).mean()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("headlines", type=Path)
    arguments = parser.parse_args()
    began = time.perf_counter()
    rows, gold = headlines(arguments.headlines, headline_vectors, bundled_freed())
    encoded = time.perf_counter()
    found = stories_of(items(rows, 0), bundled_scale())
    ended = time.perf_counter()
    everything = np.ones(len(gold), np.bool_)
    scores = bcubed(found, gold, np.array(rows["language"].to_pylist()), everything)
    names = ("all languages", "Arabic and English", "Arabic against the others")
    show_table(
        [
            {"stories": name, "BCubed F1": score.f1, "precision": score.precision, "recall": score.recall}
            for name, score in zip(names, scores, strict=True)
        ]
    )
    print(f"{len(gold)} headlines: vectors {encoded - began:.0f} s, stories {ended - encoded:.0f} s")


if __name__ == "__main__":
    main()
