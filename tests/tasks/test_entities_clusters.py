"""People outside the gazetteer: one id and one leader whichever the script, the batches and their order."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.entities_clusters import alike, corpus_name, of_country, redirects
from tasks.entities_context import country_names, told_country
from tasks.entities_corpus import CorpusNames
from tasks.entities_gazetteer import bundled_gazetteer
from tasks.entities_letters import similarity, skeleton, sounds
from tasks.entities_names import words_of

Spelled = tuple[str, str, str | None]

#: (language, name, country told beside it): three people in several spellings, two whose names differ by a vowel, some
#: who stand alone, a Moroccan and an Algerian of one name, and an Egyptian whose country is told once.
NAMES: list[Spelled] = [
    ("ar", "كيريل ستريميلوف", None),
    ("fa", "کریل استریملوف", None),
    ("fa", "کیریل ستریمیلوف", None),
    ("ar", "باولو غونزاليس", None),
    ("fa", "پائولو گونزالس", None),
    ("fa", "پاولو گونزالیس", None),
    ("ar", "سامر حسن الدباغ", None),
    ("ar", "سامر حسين الدباغ", None),
    ("fa", "لیلا میرعمادی", None),
    ("ar", "روبرت تشايلدز", None),
    ("fa", "رابرت چایلدز", None),
    ("ar", "أنور بن يحيى", "MAR"),
    ("fa", "انور بن یحیی", "DZA"),
    ("ar", "أنور بن يحيى", None),
    ("ar", "تامر الزغبي", "EGY"),
    ("fa", "تامر الزغبی", None),
]

#: Of the stored tables, what the stage asks for.
COLUMNS = {
    "entities": ("entity_id", "name_ar", "name_fa", "name_en"),
    "entity_names": ("entity_id", "sounds", "skeleton", "country"),
}


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
        self.connection = duckdb.connect(config={"threads": 1})
        for table, columns in COLUMNS.items():
            self.connection.execute(f"CREATE TABLE {table} ({', '.join(f'{name} VARCHAR' for name in columns)})")
        self.redirects: dict[str, str] = {}

    def lookup(self, query: str, **tables: pa.Table) -> pa.Table:
        for name, table in tables.items():
            self.connection.register(name, table)
        return self.connection.execute(query).to_arrow_table()

    def take(self, batch: Sequence[Spelled]) -> None:
        names = CorpusNames()
        for language, shown, country in batch:
            found = corpus_name(words_of(shown))
            assert found
            names.add(of_country(found, country) if country else found, shown, language)
        people, kept, merged = names.rows(self.lookup)
        for table, rows in (("entities", people), ("entity_names", kept)):
            columns = {name: pa.array([row[name] for row in rows], pa.string()) for name in COLUMNS[table]}
            given = pa.table(columns)
            self.lookup(f"DELETE FROM {table} WHERE entity_id IN (SELECT entity_id FROM given)", given=given)
            self.lookup(f"INSERT INTO {table} FROM given", given=given)
        self.redirects |= {row["entity_id"]: row["merged_into"] for row in merged}

    def state(self) -> object:
        rows = self.connection.execute("FROM entities ORDER BY ALL").fetchall()
        return rows, self.connection.execute("FROM entity_names ORDER BY ALL").fetchall(), self.redirects


def test_batches_and_order_make_no_difference() -> None:
    @given(st.permutations(NAMES), st.sets(st.integers(1, len(NAMES) - 1)))
    def check(names: list[Spelled], cuts: set[int]) -> None:
        store = Store()
        for low, high in zip([0, *sorted(cuts)], [*sorted(cuts), len(names)], strict=True):
            store.take(names[low:high])
        assert store.state() == whole.state()

    whole = Store()
    whole.take(NAMES)
    check()
    ids = {name: found.entity_id for _, name, _ in NAMES if (found := corpus_name(words_of(name)))}
    leaders = {name: whole.redirects.get(entity_id, entity_id) for name, entity_id in ids.items()}
    assert len({leaders[name] for _, name, _ in NAMES[3:6]}) == 1
    assert len({leaders[name] for _, name, _ in NAMES[6:8]}) == 2
    assert len({leaders[name] for _, name, _ in NAMES[9:11]}) == 1
    assert not {e for e, into in whole.redirects.items() if e != into} & set(whole.redirects.values())


def test_namesakes_of_two_countries_stand_apart_and_say_so() -> None:
    plain = corpus_name(words_of("أنور بن يحيى"))
    assert plain
    moroccan, algerian = of_country(plain, "MAR"), of_country(plain, "DZA")
    assert len({plain.entity_id, moroccan.entity_id, algerian.entity_id}) == 3
    joined = redirects([plain, moroccan])
    assert [(one.method, one.similarity) for one in joined] == [("name-sound", 1.0)]
    assert {joined[0].entity_id, joined[0].merged_into} == {plain.entity_id, moroccan.entity_id}
    assert {(one.entity_id, one.merged_into, one.method) for one in redirects([plain, moroccan, algerian])} == {
        (plain.entity_id, plain.entity_id, "namesakes-unresolved"),
        (moroccan.entity_id, moroccan.entity_id, "namesakes-apart"),
        (algerian.entity_id, algerian.entity_id, "namesakes-apart"),
    }


def test_a_later_namesake_takes_back_a_redirect() -> None:
    store = Store()
    store.take([("ar", "أنور بن يحيى", "MAR"), ("ar", "أنور بن يحيى", None)])
    assert len(store.redirects) == 1
    store.take([("fa", "انور بن یحیی", "DZA")])
    assert len(store.redirects) == 3
    assert all(entity_id == into for entity_id, into in store.redirects.items())


@pytest.mark.parametrize(
    ("language", "before", "country"),
    [
        ("ar", "قال اللاعب المغربي ", "loc-mar"),
        ("ar", "وزير الخارجية التونسيّ السابق ", "loc-tun"),
        ("ar", "\u202bالرئيس الجزائري\u202c ", "loc-dza"),
        ("ar", "متحدثة باسم السفارة الأميركية ", None),
        ("ar", "في الدوري المغربي. ", None),
        ("fa", "وزیر خارجه تونس، ", "loc-tun"),
        ("fa", "بازیکن مراکشی سابق ", "loc-mar"),
        ("fa", "دیروز در تونس ", None),
        ("fa", "", None),
        ("en", "the Moroccan player ", None),
    ],
)
def test_the_nationality_before_a_name_is_told_of_the_person(language: str, before: str, country: str | None) -> None:
    text = f"{before}أنور بن يحيى"
    assert told_country(text, len(before), len(text), language, country_names(bundled_gazetteer())) == country


@pytest.mark.parametrize(
    ("language", "behind", "country"),
    [
        ("ar", "، وزير السياحة التونسي، إن", "loc-tun"),
        ("ar", "، رئيس الحكومة المغربية السابق", "loc-mar"),
        ("ar", "، الرئيس السوري فلان", None),
        ("ar", "، سفير بلاده في العاصمة العراقية", None),
        ("ar", "، رئيس لجنة شؤون التونسيين", None),
        ("ar", " وزير السياحة التونسي", None),
        ("ar", "، الذي زار الوزير التونسي", None),
        ("fa", "، وزیر گردشگری تونس، گفت", "loc-tun"),
        ("fa", "، نخست‌وزیر عراق", "loc-irq"),
        ("fa", "، فرمانده عراقی", "loc-irq"),
        ("fa", "، سفیر در عراق", None),
        ("fa", "، بازیکن تونس", None),
        ("en", ", the minister of Tunisia", None),
    ],
)
def test_the_office_behind_a_name_tells_its_country(language: str, behind: str, country: str | None) -> None:
    name = "أنور بن يحيى"
    assert told_country(name + behind, 0, len(name), language, country_names(bundled_gazetteer())) == country


@given(st.text("بوتنسرلميافكغجشح", min_size=1, max_size=14), st.text("بوتنسرلميافكغجشح", min_size=1, max_size=14))
def test_similarity_is_symmetric_and_bounded(one: str, other: str) -> None:
    first, second = sounds(one), sounds(other)
    assert similarity(first, second) == pytest.approx(similarity(second, first))
    assert 0.0 <= similarity(first, second) <= 1.0
    assert similarity(first, first) == (1.0 if first else 0.0)
    assert set(skeleton(first)) <= set("bklmnrst")


def test_a_redirect_needs_a_neighbour() -> None:
    alone = [c for _, name, _ in NAMES[6:9] if (c := corpus_name(words_of(name)))]
    assert redirects(alone) == []
