"""Search: words behind clitics, names under their other spellings, and an index that follows the articles."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.articles import Article, RawDocument
from schemas.entities import Entity, EntityMention
from tasks.normalize import search_key
from tests.warehouse.rows import article, commit, digest, document, row, table
from warehouse import search
from warehouse.connection import Reader
from warehouse.search import refresh_index
from warehouse.writer import Writer

AUDITED = True
TEXTS = {
    "trump": "التقى ترامب الوزراء في واشنطن",
    "trumb": "قال ترمب إن الرئيس غادر",
    "farsi": "ترامپ در دیدارهای کاخ سفید",
    "clitic": "وبالنفط ارتفعت الأسعار، وللرئيس رأي",
    "plain": "أسعارُ النّفط في الأسواق",
}


def ingest(writer: Writer, texts: dict[str, str], run_id: str = "run-1") -> None:
    rows = [article(name, text=text, content_hash=digest(text, 64)) for name, text in texts.items()]
    keys = {digest(f"document {name}"): digest(text) for name, text in texts.items()}
    tables = {"raw_documents": table(RawDocument, *map(document, texts)), "articles": table(Article, *rows)}
    writer.commit(commit("ingest", keys, tables, run_id=run_id))


def mention(name: str, surface: str) -> dict[str, object]:
    start = TEXTS[name].index(surface)
    where = {"char_start": start, "char_end": start + len(surface), "surface": surface, "bare_form": surface}
    ids = {"article_id": digest(f"article {name}"), "mention_id": digest(f"mention {name}")}
    return row(EntityMention, **ids, **where, entity_id="trump", label="PER")


@pytest.fixture
def indexed(writer: Writer, reader: Reader) -> Reader:
    ingest(writer, TEXTS)
    mentions = [mention("trump", "ترامب"), mention("trumb", "ترمب"), mention("farsi", "ترامپ")]
    keys = {digest(f"article {name}"): "k" for name in ("trump", "trumb", "farsi")}
    tables = {
        "entities": table(Entity, row(Entity, entity_id="trump", label="PER")),
        "entity_mentions": table(EntityMention, *mentions),
    }
    writer.commit(commit("entities", keys, tables))
    assert refresh_index(writer, reader, "run-1") == len(TEXTS)
    return reader


def found(reader: Reader, question: str) -> set[str]:
    names = {digest(f"article {name}"): name for name in TEXTS}
    return {names[one] for one in reader.query("FROM search(?)", [question])["article_id"].to_pylist()}


def test_words_are_found_in_every_form_and_names_in_every_spelling(indexed: Reader) -> None:
    for spelling in ("ترامب", "ترمب", "ترامپ", "تِرامب"):
        assert found(indexed, spelling) == {"trump", "trumb", "farsi"}, spelling
    assert found(indexed, "النفط") == found(indexed, "نفط") == {"clitic", "plain"}
    assert found(indexed, "الاسعار") == {"clitic", "plain"}, "hamza, vowels and shadda are folded"
    assert found(indexed, "رئيس") == {"trumb", "clitic"}
    assert found(indexed, "ديدار") == {"farsi"}, "either keyboard, before a Persian plural"
    assert found(indexed, "ترامب الرئيس") == {"trumb"}, "every word must be there"
    assert found(indexed, "لا شيء") == found(indexed, " ، ") == set()
    best = indexed.query("FROM search('أسعار النفط')").to_pylist()
    assert best[0]["score"] >= best[-1]["score"] > 0


def test_the_index_follows_the_articles_and_is_not_made_twice(writer: Writer, indexed: Reader) -> None:
    assert refresh_index(writer, indexed, "run-2") == 0
    ingest(writer, {"plain": "نص جديد تماما"}, run_id="run-3")
    assert refresh_index(writer, indexed, "run-3") == 1
    assert found(indexed, "جديد") == {"plain"}
    assert found(indexed, "نفط") == {"clitic"}


@pytest.mark.parametrize("size", [2, 3])
def test_more_articles_than_a_batch_holds_are_indexed_to_the_last(
    writer: Writer, reader: Reader, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr(search, "BATCH", size)
    ingest(writer, {str(number): f"خبر رقم {number} عن مباراة" for number in range(6)})
    assert refresh_index(writer, reader, "run-1") == 6
    assert reader.value("SELECT count(*) FROM search_terms WHERE term = 'خبر'") == 6
    assert refresh_index(writer, reader, "run-2") == 0


LETTERS = "ابتثجحخدذرزسشصضطظعغفقكلمنهويأإآؤئىةءپچژگکیۀٱًٌٍَُِّْٰـ\u200c\u200f٠١٢۴۵6aBé .،؛؟-()\n"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.text(alphabet=LETTERS, max_size=40))
def test_sql_normalises_as_python_does(reader: Reader, text: str) -> None:
    assert reader.value("SELECT search_key(?)", [text]) == search_key(text)


def test_a_family_name_is_found_in_the_spelling_that_no_article_writes_alone(writer: Writer, reader: Reader) -> None:
    texts = {
        "trumb": "قال دونالد ترمب إن الرئيس غادر",
        "farsi": "دونالد ترامپ در دیدارهای کاخ سفید",
        "other": "قال أحمد",
    }
    ingest(writer, texts)
    mentions = []
    for name, surface in (("trumb", "دونالد ترمب"), ("farsi", "دونالد ترامپ")):
        start = texts[name].index(surface)
        where = {"char_start": start, "char_end": start + len(surface), "surface": surface, "bare_form": surface}
        ids = {"article_id": digest(f"article {name}"), "mention_id": digest(f"mention {name}")}
        mentions.append(row(EntityMention, **ids, **where, entity_id="trump", label="PER"))
    entity = row(Entity, entity_id="trump", label="PER", name_ar=None, name_fa=None, name_en="Donald Trump")
    tables = {"entities": table(Entity, entity), "entity_mentions": table(EntityMention, *mentions)}
    writer.commit(commit("entities", {digest(f"article {name}"): "k" for name in ("trumb", "farsi")}, tables))
    refresh_index(writer, reader, "run-1")
    named = {digest(f"article {name}") for name in ("trumb", "farsi")}
    for question in ("ترمب", "ترامپ", "trump", "Donald Trump", "دونالد ترمب"):
        assert set(reader.query("FROM search(?)", [question])["article_id"].to_pylist()) == named, question
