"""A stored text is read only where its sketch leaves room for a copy; what is found is the same without sketches."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks import deduplicate_queries
from tasks.deduplicate_sketches import possible, possible_unread, shared_at_most, sketch
from tasks.minhash import Hashes, Shingles
from tests.tasks.store import COPIES, Item, Store

VALUES = st.sets(st.integers(0, 2**64 - 1), min_size=1, max_size=60)


def hashes(values: set[int]) -> Hashes:
    return np.array(sorted(values), np.uint64)


def one(values: set[int]) -> Shingles:
    return Shingles(hashes(values), np.array([0, len(values)], np.int64))


@given(VALUES, VALUES, VALUES)
def test_the_bound_is_never_too_low(mine: set[int], theirs: set[int], both: set[int]) -> None:
    mine, theirs = mine | both, theirs | both
    (bound,) = shared_at_most(one(mine), np.array([0]), [sketch(hashes(theirs))])
    assert len(mine & theirs) <= bound <= len(mine)


@given(VALUES, VALUES, VALUES, st.integers(0, 3))
def test_no_copy_is_excluded_by_two_sketches_of_any_sizes(
    mine: set[int], theirs: set[int], both: set[int], more: int
) -> None:
    mine, theirs = mine | both, theirs | both
    padding = {number << 44 for number in range(400 * more)}
    theirs |= padding  # up to 1,200 shingles: sketches of 128 to 1,024 bytes
    shared = len(mine & theirs)
    if shared >= 0.6 * len(mine | theirs) or shared >= 0.8 * min(len(mine), len(theirs)):
        held = [(sketch(hashes(values)), len(values)) for values in (mine, theirs)]
        assert possible_unread(*held)
        assert possible_unread(*held[::-1])


def test_each_document_is_held_against_its_own_sketch() -> None:
    chance = np.random.default_rng(1)
    sets = [chance.integers(0, 2**64, size, dtype=np.uint64) for size in (20, 300, 3_000, 20_000)]
    sets = [np.unique(found) for found in sets]
    shingles = Shingles(np.concatenate(sets), np.cumsum([0, *map(len, sets)]))
    places = np.array([(at, other) for at in range(4) for other in range(at, 4)])
    sketches = [sketch(found) for found in sets]
    assert [len(held) for held in sketches] == [128, 256, 2_048, 8_192]
    bounds = shared_at_most(shingles, places[:, 0], [sketches[other] for _, other in places])
    kept = possible(shingles, places[:, 0], [sketches[other] for _, other in places])
    for (at, other), bound, keep in zip(places.tolist(), bounds.tolist(), kept.tolist(), strict=True):
        assert bound == len(sets[at]) if at == other else bound < 0.5 * len(sets[at])
        assert keep == (at == other)


def test_unread_texts_of_news_length_are_told_apart() -> None:
    chance = np.random.default_rng(2)
    sets = [np.unique(chance.integers(0, 2**64, size, dtype=np.uint64)) for size in (60, 150, 180, 400)]
    held = [(sketch(found), len(found)) for found in sets]
    for at, one in enumerate(held):
        assert [possible_unread(one, other) for other in held] == [at == place for place in range(4)]


PHRASE = "وفق ما جاء في بيان صدر عن المكتب مساء اليوم"


def report(number: int, words: int = 40) -> str:
    """A short item of its own words, with a phrase that many have."""
    return " ".join([*(f"كلمة{number}رقم{place}" for place in range(words)), PHRASE])


class Watched(Store):
    """Notes how many stored texts were read."""

    read = 0

    def lookup(self, query: str, **tables: pa.Table) -> pa.Table:
        answer = super().lookup(query, **tables)
        if "text" in answer.column_names:
            self.read += answer.num_rows
        return answer


def test_a_phrase_that_many_share_does_not_have_their_texts_read() -> None:
    first = [Item(f"a{number}", report(number), number) for number in range(25)]
    # Of each new one a stored one is an edited copy: that one's text is read, and no other.
    second = [Item(f"b{number}", report(number) + " إضافة", 100 + number) for number in range(5)]
    second += [Item(f"c{number}", report(100 + number), 200 + number) for number in range(20)]
    watched, blind, rebuilt = Watched(COPIES), Watched(COPIES), Store(COPIES)
    for store in (watched, blind):
        store.add(first)
        store.read = 0
    stored = blind.tables["article_signatures"]
    at = stored.column_names.index("sketch")
    assert stored["sketch"].null_count == 0
    # As they are in a warehouse that was there before sketches were.
    blind.tables["article_signatures"] = stored.set_column(at, stored.field(at), pa.nulls(25, pa.binary()))
    blind.connection.execute("UPDATE article_signatures SET sketch = NULL")
    watched.add(second)
    blind.add(second)
    rebuilt.add(first + second)
    assert watched.state() == rebuilt.state()
    assert watched.state()["duplicate_pairs"] == blind.state()["duplicate_pairs"]
    assert watched.read == 5 < blind.read


def test_a_sketch_leaves_boilerplate_out_for_as_long_as_it_is_boilerplate(monkeypatch: pytest.MonkeyPatch) -> None:
    colophon = "تابعوا آخر أخبارنا عبر قناتنا على منصات التواصل جميع الحقوق محفوظة للموقع"
    monkeypatch.setattr(deduplicate_queries, "BOILERPLATE", 3)
    store = Store(COPIES)
    pages = [Item(str(number), f"{report(number)}\n{colophon}", number) for number in range(3)]

    def bits() -> list[int]:
        rows = store.tables["article_signatures"].sort_by("published_at").to_pylist()
        return [int.from_bytes(row["sketch"]).bit_count() for row in rows]

    store.add(pages[:2])
    whole = bits()
    store.add(pages[2:])
    assert all(len(report(0).split()) - 6 <= now < before for now, before in zip(bits()[:2], whole, strict=True))
    store.add([Item("2", report(2), 2)])
    assert bits()[:2] == whole
