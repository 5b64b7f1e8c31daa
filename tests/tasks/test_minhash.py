"""Shingles, signatures and similarities against plain Python sets."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.minhash import (
    BANDS,
    MOST_SAMPLED,
    ROWS,
    SHINGLE_WORDS,
    Shingles,
    buckets,
    overlap,
    sampled,
    shingle,
    signatures,
    split_words,
)

#: The first three minima of the text below, worked out once.
PINNED = [3262772, 561227325, 653452412]

WORDS = st.sampled_from(["سلام", "خبر", "جنگ", "صلح", "بيان"])
TEXTS = st.lists(st.lists(WORDS, max_size=12).map(" ".join), max_size=8)


def shingles_of(texts: list[str]) -> Shingles:
    return shingle(split_words(pa.array(texts, pa.string())))


def plain_set(text: str) -> set[tuple[str, ...]]:
    words = text.split()
    return {tuple(words[at : at + SHINGLE_WORDS]) for at in range(len(words) - SHINGLE_WORDS + 1)}


@settings(max_examples=50)
@given(TEXTS)
def test_counts_and_similarities_are_those_of_plain_sets(texts: list[str]) -> None:
    shingles, sets = shingles_of(texts), [plain_set(text) for text in texts]
    assert shingles.counts.tolist() == [len(members) for members in sets]
    left, right = (np.array(side, np.int64) for side in np.indices((len(texts), len(texts))).reshape(2, -1))
    wanted = [
        len(sets[a] & sets[b]) / len(sets[a] | sets[b]) if sets[a] | sets[b] else 0.0
        for a, b in zip(left, right, strict=True)
    ]
    assert overlap(shingles, left, right).jaccard.tolist() == pytest.approx(wanted)


def test_texts_do_not_depend_on_their_neighbours() -> None:
    texts = ["يك دو سه چهار پنج", "", "شش هفت", "يك دو سه چهار", "هشت نه ده"]
    together = buckets(signatures(shingles_of(texts))[1])
    alone = [buckets(signatures(shingles_of([text]))[1]) for text in (texts[0], texts[3], texts[4])]
    assert (together == np.concatenate(alone)).all()
    assert signatures(shingles_of(texts))[0].tolist() == [0, 3, 4]


def test_words_meet_in_buckets_as_often_as_the_arithmetic_says() -> None:
    chance = random.Random(5)
    pairs = []
    for _ in range(1500):
        words = [f"w{chance.randrange(10**6)}" for _ in range(120)]
        edited = [f"e{chance.randrange(10**6)}" if chance.random() < 0.09 else word for word in words]
        pairs += [" ".join(words), " ".join(edited)]
    shingles = shingles_of(pairs)
    _, minima = signatures(shingles)
    evens = np.arange(0, len(pairs), 2)
    similarity = overlap(shingles, evens, evens + 1).jaccard
    agreed = (minima[0::2] == minima[1::2]).mean(axis=1)
    assert abs(float((agreed - similarity).mean())) < 0.01
    met = (buckets(minima[0::2]) == buckets(minima[1::2])).any(axis=1)
    assert float(met.mean()) == pytest.approx(float((1 - (1 - similarity**ROWS) ** BANDS).mean()), abs=0.02)
    assert met[similarity >= 0.7].mean() >= 0.98


def test_a_signature_is_the_same_on_every_machine() -> None:
    text = "أعلنت الوزارة اليوم استئناف المحادثات بين الوفدين"
    _, minima = signatures(shingles_of([text]))
    assert minima[0, :3].tolist() == PINNED
    script = f"import pyarrow as pa\nfrom tasks.minhash import *\nw = split_words(pa.array([{text!r}]))\n"
    script += "print(signatures(shingle(w))[1][0, :3].tolist())"
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONHASHSEED": "7", "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == str(PINNED)


def test_one_very_long_text() -> None:
    text = " ".join(f"w{place % 150_000}" for place in range(200_000))
    shingles = shingles_of([text, "a b c d"])
    assert shingles.counts.tolist() == [150_000, 2]
    assert overlap(shingles, np.array([0]), np.array([0])).jaccard.tolist() == [1.0]
    assert len(signatures(shingles)[0]) == 2


def test_the_shingles_that_stand_for_a_text_stand_for_it_inside_any_other() -> None:
    chance = random.Random(3)
    texts = [" ".join(f"w{chance.randrange(10**6)}" for _ in range(200)) for _ in range(30)]
    shingles = shingles_of([*texts, " ".join(texts)])
    owners, values = sampled(shingles)
    inside = set(values[owners == 30].tolist())
    assert 240 < len(inside) <= MOST_SAMPLED
    counts = np.bincount(owners[owners < 30], minlength=30)
    assert 7 < counts.mean() < 18
    assert all((v in inside) or len(inside) == MOST_SAMPLED for v in values[owners < 30].tolist())
    assert (np.diff(owners) >= 0).all()
