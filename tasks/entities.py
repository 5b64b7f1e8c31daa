"""Entities: sentences, the names in them, and what each name stands for.

The models of a language read all its articles of a batch at once; linking then looks at one article at a
time. A language without models leaves its articles out, with the reason; a text on which a model fails costs
that article alone.
"""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from schemas.articles import Article, ArticleSentence
from schemas.entities import Entity, EntityMention, EntityName, EntityRedirect
from schemas.errors import ModelFailure
from tasks.annotation_offices import offices_version
from tasks.annotation_press import press_version
from tasks.entities_corpus import CorpusNames
from tasks.entities_gazetteer import Gazetteer, bundled_gazetteer
from tasks.entities_recall import WarehouseRecall
from tasks.linking import Linker, Name
from tasks.sentence_projection import bundled_projection
from tasks.stage import Excluded, Lookup, Rejected, Row, Stage, StageInput, StageOutput, stable_id, table_of

if TYPE_CHECKING:
    from tasks.annotation import Sentence
    from tasks.models import ModelBundle

VERSION = "10"


def entities_stage(
    bundle_factory: Callable[[], ModelBundle],
    gazetteer_factory: Callable[[], Gazetteer] = bundled_gazetteer,
    gazetteer_version: Callable[[], str] | None = None,
) -> Stage:
    """The stage with the models and the gazetteer that the factories give, each asked once, when first needed.

    `gazetteer_version` tells the version alone, where that is quicker than reading the gazetteer.
    """
    bundle, gazetteer = functools.cache(bundle_factory), functools.cache(gazetteer_factory)
    named = gazetteer_version or (lambda: gazetteer().version)
    linker = functools.cache(lambda: Linker(gazetteer()))
    return Stage(
        name="entities",
        version=VERSION,
        reads=(Article,),
        writes=(ArticleSentence, EntityMention, Entity, EntityName, EntityRedirect),
        work=lambda batch: read_names(batch, bundle(), linker()),
        settle=merge_people,
        ahead=True,
        after=("language",),
        model_version=lambda: f"{bundle().version}+gazetteer-{named()}{_around_version()}",
    )


def find_entities(batch: StageInput, bundle: ModelBundle, linker: Linker) -> StageOutput:
    """Find and link the names of a batch of articles: `read_names`, then `merge_people`."""
    return merge_people(read_names(batch, bundle, linker), batch.lookup)


def merge_people(output: StageOutput, lookup: Lookup) -> StageOutput:
    """People outside the gazetteer together with what is stored of them and of those whose names sound alike."""
    names, people = output.tables[EntityName.table.name], output.tables[Entity.table.name]
    corpus = CorpusNames.of(names, people)
    known = people.filter(pc.invert(pc.is_in(people["entity_id"], names["entity_id"])))
    merged, names_rows, redirects = corpus.rows(lookup)
    tables = {
        Entity.table.name: pa.concat_tables([known, table_of(Entity, merged)]),
        EntityName.table.name: table_of(EntityName, names_rows),
        EntityRedirect.table.name: table_of(EntityRedirect, redirects),
    }
    return replace(output, tables={**output.tables, **tables})


def read_names(batch: StageInput, bundle: ModelBundle, linker: Linker) -> StageOutput:
    """Find and link the names of a batch, of whose people the other batches' spellings are not known yet.

    Columns in: `articles` (article_id, text, language). Tables out: `sentences`, `entity_mentions`, `entities` (a
    row of each entity that some mention stands for), `entity_names` and `entity_redirects` (see
    `tasks/entities_corpus.py`). Excluded: `language-unknown`, `no-models:<language>`. Rejected: `model-failure`,
    `untrue-offset`.
    """
    articles = batch.tables[Article.table.name].select(["article_id", "text", "language"]).to_pylist()
    excluded = tuple(
        Excluded(article["article_id"], reason)
        for article in articles
        if (reason := _unreadable(article["language"], bundle))
    )
    left_out = {unit.unit_id for unit in excluded}
    by_language: dict[str, list[Row]] = defaultdict(list)
    for article in articles:
        if article["article_id"] not in left_out:
            by_language[article["language"]].append(article)

    recall = WarehouseRecall(batch.lookup, f"{VERSION} {bundle.version}{_around_version()}")
    sentences: list[Row] = []
    mentions: list[Row] = []
    rejected: list[Rejected] = []
    corpus = CorpusNames()
    for language, group in sorted(by_language.items()):
        answers = bundle.annotate(language, [article["text"] for article in group], recall)
        for article, answer in zip(group, answers, strict=True):
            if isinstance(answer, ModelFailure):
                rejected.append(Rejected(article["article_id"], "model-failure", str(answer)))
            elif problem := _untrue(article["text"], answer):
                rejected.append(Rejected(article["article_id"], "untrue-offset", problem))
            else:
                sentences += _sentence_rows(article["article_id"], answer)
                mentions += _mention_rows(article, answer, linker, bundle.version, corpus)
    people, names = corpus.own_rows()
    tables = {
        ArticleSentence.table.name: table_of(ArticleSentence, sentences),
        EntityMention.table.name: table_of(EntityMention, mentions),
        Entity.table.name: table_of(Entity, _entity_rows(mentions, linker.gazetteer) + people),
        EntityName.table.name: table_of(EntityName, names),
    }
    return StageOutput(tables, rejected=tuple(rejected), excluded=excluded)


def _around_version() -> str:
    """What decides a sentence's names and its vector beside the models: press, names of countries, the projection."""
    projection = bundled_projection()
    lists = f"+press-{press_version()}+offices-{offices_version()}"
    return lists + (f"+vectors-{projection.version}" if projection else "")


def _unreadable(language: str | None, bundle: ModelBundle) -> str | None:
    if language in (None, "und"):
        return "language-unknown"
    return None if language in bundle.languages else f"no-models:{language}"


def _untrue(text: str, sentences: list[Sentence]) -> str | None:
    """What is wrong with the offsets of an answer: everything must lie in its sentence, in order."""
    end = 0
    for sentence in sentences:
        if not end <= sentence.char_start < sentence.char_end <= len(text):
            return f"the sentence [{sentence.char_start}, {sentence.char_end}) is not in its place in the text"
        end = sentence.char_end
        for span in sentence.mentions:
            if not sentence.char_start <= span.char_start < span.char_end <= sentence.char_end:
                return f"the mention [{span.char_start}, {span.char_end}) is not in its sentence"
            surface = text[span.char_start : span.char_end]
            if surface != surface.strip():
                return (
                    f"the mention [{span.char_start}, {span.char_end}) covers {surface!r}, with space around the name"
                )
    return None


def _sentence_rows(article_id: str, sentences: list[Sentence]) -> Iterable[Row]:
    projection = bundled_projection()
    for index, sentence in enumerate(sentences):
        yield {
            "article_id": article_id,
            "sentence_index": index,
            "char_start": sentence.char_start,
            "char_end": sentence.char_end,
            "sentence_key": sentence.key,
            "vector": sentence.vector,
            "vector_version": projection.version if projection and sentence.vector else None,
        }


def _mention_rows(
    article: Row, sentences: list[Sentence], linker: Linker, version: str, corpus: CorpusNames
) -> list[Row]:
    text, article_id = article["text"], article["article_id"]
    found = {
        (span.char_start, span.char_end, span.label): (index, span)
        for index, sentence in enumerate(sentences)
        for span in sentence.mentions
    }
    language = article["language"]
    names = [
        Name(
            text[start:end],
            span.bare,
            label,
            linker.country_told(text, start, end, language) if label == "PER" else None,
        )
        for (start, end, label), (_, span) in found.items()
    ]
    links = linker.link(names, language)
    for link in links:
        if link.corpus:
            corpus.add(link.corpus, link.bare_form, language)
    return [
        {
            "article_id": article_id,
            "mention_id": stable_id(article_id, str(start), str(end), label),
            "sentence_index": index,
            "char_start": start,
            "char_end": end,
            "word_start": span.word_start,
            "word_end": span.word_end,
            "surface": text[start:end],
            "bare_form": link.bare_form,
            "label": label,
            "confidence": float(span.confidence),
            "entity_id": link.entity_id,
            "link_method": link.method,
            "model_version": version,
        }
        for ((start, end, label), (index, span)), link in zip(found.items(), links, strict=True)
    ]


def _entity_rows(mentions: list[Row], gazetteer: Gazetteer) -> list[Row]:
    ids = sorted({row["entity_id"] for row in mentions} & gazetteer.entities.keys())
    return [gazetteer.entities[entity_id].model_dump(exclude={"aliases", "population"}) for entity_id in ids]
