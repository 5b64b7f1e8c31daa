"""People outside the gazetteer: one id and one leader whichever the script, the batches and their order."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.entities_clusters import alike, corpus_name, redirects
from tasks.entities_corpus import CorpusNames
from tasks.entities_letters import similarity, skeleton, sounds
from tasks.entities_names import words_of

#: (language, name): three people in several spellings, two whose names differ by a vowel, and some who stand alone.
NAMES = [
    ("ar", "كيريل ستريميلوف"),
    ("fa", "کریل استریملوف"),
    ("fa", "کیریل ستریمیلوف"),
    ("ar", "باولو غونزاليس"),
    ("fa", "پائولو گونزالس"),
    ("fa", "پاولو گونزالیس"),
    ("ar", "سامر حسن الدباغ"),
    ("ar", "سامر حسين الدباغ"),
    ("fa", "لیلا میرعمادی"),
    ("ar", "روبرت تشايلدز"),
    ("fa", "رابرت چایلدز"),
]


def key(name: str) -> str:
    found = corpus_name(words_of(name))
    assert found
    return found.sounds


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("فلاديمير سافونوف", "ولادیمیر سافونوف"),
        ("ميخائيل دوبروفسكي", "میخائیل دوبروسکی"),
        ("عبد الله الشمراني", "عبدالله الشمرانی"),
        ("نور الدين بن مالك", "نورالدین بن مالک"),
        ("Paulo Gonzalez", "باولو غونزاليس"),
        ("جيمس هاركورت", "جیمز هارکورت"),
    ],
)
def test_spellings_of_one_name_are_alike(one: str, other: str) -> None:
    assert alike(key(one), key(other)) > 0.9


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("سامر حسن الدباغ", "سامر حسين الدباغ"),
        ("محمد الشمراني", "محمود الشمراني"),
        ("علي رضا كريمي", "علاء رضا كريمي"),
        ("سالم العتيبي", "سليم العتيبي"),
        ("نادر مرادي", "نذير مرادي"),
        ("باولو غونزاليس", "باولو فرنانديس"),
        ("لي وانغ", "لو وونغ"),
    ],
)
def test_names_of_two_people_are_not(one: str, other: str) -> None:
    assert alike(key(one), key(other)) == 0


@pytest.mark.parametrize("name", ["ترامب", "", "٢٠٢٥ ١٢", "ا ب", "«» —", "كلمة " * 9, "س" * 200 + " ص"])
def test_less_than_a_full_name_has_no_cluster(name: str) -> None:
    assert corpus_name(words_of(name)) is None


class Store:
    """The stored tables that the stage asks, with rows replaced by key as the warehouse does."""

    def __init__(self) -> None:
        self.connection = duckdb.connect()
        self.connection.execute(
            "CREATE TABLE entities (entity_id VARCHAR, name_ar VARCHAR, name_fa VARCHAR, name_en VARCHAR)"
        )
        self.connection.execute("CREATE TABLE entity_names (entity_id VARCHAR, sounds VARCHAR, skeleton VARCHAR)")
        self.redirects: dict[str, str] = {}

    def lookup(self, query: str, **tables: pa.Table) -> pa.Table:
        for name, table in tables.items():
            self.connection.register(name, table)
        return self.connection.execute(query).to_arrow_table()

    def take(self, batch: Sequence[tuple[str, str]]) -> None:
        names = CorpusNames()
        for language, shown in batch:
            found = corpus_name(words_of(shown))
            assert found
            names.add(found, shown, language)
        people, kept, merged = names.rows(self.lookup)
        for table, rows in (("entities", people), ("entity_names", kept)):
            for row in rows:
                row = {column: value for column, value in row.items() if column != "label"}
                self.connection.execute(f"DELETE FROM {table} WHERE entity_id = ?", [row["entity_id"]])
                marks = ", ".join("?" * len(row))
                self.connection.execute(f"INSERT INTO {table} VALUES ({marks})", list(row.values()))
        self.redirects |= {row["entity_id"]: row["merged_into"] for row in merged}

    def state(self) -> object:
        rows = self.connection.execute("FROM entities ORDER BY ALL").fetchall()
        return rows, self.connection.execute("FROM entity_names ORDER BY ALL").fetchall(), self.redirects


def test_batches_and_order_make_no_difference() -> None:
    @given(st.permutations(NAMES), st.sets(st.integers(1, len(NAMES) - 1)))
    def check(names: list[tuple[str, str]], cuts: set[int]) -> None:
        store = Store()
        for low, high in zip([0, *sorted(cuts)], [*sorted(cuts), len(names)], strict=True):
            store.take(names[low:high])
        assert store.state() == whole.state()

    whole = Store()
    whole.take(NAMES)
    check()
    leaders = {
        name: whole.redirects.get(c.entity_id, c.entity_id) for _, name in NAMES if (c := corpus_name(words_of(name)))
    }
    assert len({leaders[name] for _, name in NAMES[3:6]}) == 1
    assert len({leaders[name] for _, name in NAMES[6:8]}) == 2
    assert len({leaders[name] for _, name in NAMES[9:11]}) == 1
    assert not set(whole.redirects) & set(whole.redirects.values())


@given(st.text("بوتنسرلميافكغجشح", min_size=1, max_size=14), st.text("بوتنسرلميافكغجشح", min_size=1, max_size=14))
def test_similarity_is_symmetric_and_bounded(one: str, other: str) -> None:
    first, second = sounds(one), sounds(other)
    assert similarity(first, second) == pytest.approx(similarity(second, first))
    assert 0.0 <= similarity(first, second) <= 1.0
    assert similarity(first, first) == (1.0 if first else 0.0)
    assert set(skeleton(first)) <= set("bklmnrst")


def test_a_redirect_needs_a_neighbour() -> None:
    alone = [c for _, name in NAMES[6:9] if (c := corpus_name(words_of(name)))]
    assert redirects(alone) == []
