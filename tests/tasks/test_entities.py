"""The entities stage with a stand-in for the models: counts, offsets, links, and what is left out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import pyarrow as pa
import pytest

from schemas.errors import ModelFailure
from schemas.record import arrow_schema
from schemas.validate import validate
from tasks.entities import entities_stage
from tasks.stage import StageInput, StageOutput, stable_id

if TYPE_CHECKING:
    from tasks.annotation import Recall
    from tasks.models import ModelBundle

ARABIC = "التقى بوتين ويتكوف في موسكو. ورحب الكرملين."
PERSIAN = "ترامپ با پوتین در مسکو گفتگو کرد."


@dataclass(frozen=True)
class Token:
    char_start: int
    char_end: int
    bare: str


@dataclass(frozen=True)
class Span:
    char_start: int
    char_end: int
    label: str
    confidence: float
    bare: str
    word_start: int = 0
    word_end: int = 1


@dataclass(frozen=True)
class Sentence:
    char_start: int
    char_end: int
    tokens: tuple[Token, ...]
    mentions: tuple[Span, ...]
    vector: bytes | None = None
    key: str = "0" * 32


def find(text: str, *names: tuple[str, str]) -> list[Sentence]:
    """One sentence that covers the text, with each name where it first stands."""
    spans = [Span(text.index(n), text.index(n) + len(n), label, 0.9, n) for n, label in names]
    return [Sentence(0, len(text), (), tuple(spans))]


@dataclass
class Bundle:
    """Answers as told; remembers how often and with how many texts it was asked."""

    answer: Callable[[str], Any]
    languages: frozenset[str] = frozenset({"ar", "fa"})
    version: str = "stand-in-1"

    def __post_init__(self) -> None:
        self.calls: list[tuple[str, int]] = []

    def annotate(self, language: str, texts: Sequence[str], recall: Recall) -> list[Any]:
        self.calls.append((language, len(texts)))
        return [self.answer(text) for text in texts]


def run(bundle: Bundle, *articles: tuple[str, str | None]) -> tuple[StageOutput, list[str]]:
    ids = [stable_id(str(place)) for place in range(len(articles))]
    table = pa.table(
        {
            "article_id": pa.array(ids, pa.string()),
            "text": pa.array([text for text, _ in articles], pa.string()),
            "language": pa.array([language for _, language in articles], pa.string()),
        }
    )
    stage = entities_stage(lambda: cast("ModelBundle", bundle))
    made = stage.work(StageInput(tuple(ids), {"articles": table}, _no_lookup))
    output = stage.settle(made, _no_lookup)
    for record in stage.writes:
        rows = output.tables[record.table.name]
        for stamp in ("run_id", "stage_version"):
            rows = rows.append_column(stamp, pa.array(["1"] * rows.num_rows, pa.string()))
        assert not validate(record, rows).invalid
        assert rows.schema.names == arrow_schema(record).names
    return output, ids


def _no_lookup(query: str, **tables: pa.Table) -> pa.Table:
    raise AssertionError("names of the gazetteer need no look at what is stored")


def test_mentions_sentences_and_entities() -> None:
    def answer(text: str) -> list[Sentence]:
        if text == PERSIAN:
            return find(text, ("ترامپ", "PER"), ("پوتین", "PER"), ("مسکو", "LOC"))
        first, second = text.index("."), text.index("الكرملين")
        return [
            Sentence(0, first + 1, (), find(text, ("بوتين", "PER"), ("ويتكوف", "PER"), ("موسكو", "LOC"))[0].mentions),
            Sentence(first + 2, len(text), (), (Span(second, second + 8, "ORG", 1.0, "الكرملين"),)),
        ]

    bundle = Bundle(answer)
    output, ids = run(bundle, (ARABIC, "ar"), (PERSIAN, "fa"), (ARABIC, "ar"))
    assert sorted(bundle.calls) == [("ar", 2), ("fa", 1)]
    assert not (output.rejected or output.excluded)
    mentions = output.tables["entity_mentions"].to_pylist()
    texts = dict(zip(ids, (ARABIC, PERSIAN, ARABIC), strict=True))
    for row in mentions:
        assert texts[row["article_id"]][row["char_start"] : row["char_end"]] == row["surface"]
    assert len({row["mention_id"] for row in mentions}) == len(mentions) == 11
    assert {row["entity_id"] for row in mentions if row["surface"] in ("بوتين", "پوتین")} == {"per-vladimir-putin"}
    assert [row["sentence_index"] for row in mentions if row["article_id"] == ids[0]] == [0, 0, 0, 1]
    assert {row["model_version"] for row in mentions} == {"stand-in-1"}
    entities = output.tables["entities"]["entity_id"].to_pylist()
    assert entities == sorted({row["entity_id"] for row in mentions})
    assert output.tables["sentences"].num_rows == 5


def test_languages_without_models_are_left_out_with_the_reason() -> None:
    output, ids = run(Bundle(lambda text: []), ("A text.", "en"), ("؟", "und"), ("؟", None), ("خبر", "ar"))
    assert {(e.unit_id, e.reason) for e in output.excluded} == {
        (ids[0], "no-models:en"),
        (ids[1], "language-unknown"),
        (ids[2], "language-unknown"),
    }


def test_one_failing_text_costs_its_article_alone() -> None:
    failure = ModelFailure("the model failed on one text", hint="Report the text.")
    output, ids = run(
        Bundle(lambda text: failure if text == "bad" else find(text, ("بوتين", "PER"))), ("bad", "ar"), (ARABIC, "ar")
    )
    assert [(r.unit_id, r.rule) for r in output.rejected] == [(ids[0], "model-failure")]
    assert output.tables["entity_mentions"].num_rows == 1


@pytest.mark.parametrize(
    "sentences",
    [
        [Sentence(0, 99, (), ())],
        [Sentence(5, 9, (), ()), Sentence(0, 4, (), ())],
        [Sentence(0, 5, (), (Span(3, 8, "PER", 1.0, "x"),))],
        [Sentence(0, 20, (), (Span(5, 11, "PER", 1.0, "x"),))],
    ],
)
def test_untrue_offsets_reject_the_article(sentences: list[Sentence]) -> None:
    output, ids = run(Bundle(lambda text: sentences), (ARABIC, "ar"))
    assert [(r.unit_id, r.rule) for r in output.rejected] == [(ids[0], "untrue-offset")]
    assert output.tables["sentences"].num_rows == 0


def test_the_models_are_asked_for_once_and_late() -> None:
    asked: list[int] = []

    def factory() -> ModelBundle:
        asked.append(1)
        return cast("ModelBundle", Bundle(lambda text: []))

    stage = entities_stage(factory)
    assert not asked
    version = stage.model_version()
    assert version and version.startswith("stand-in-1+gazetteer-")
    assert stage.model_version() == version
    assert len(asked) == 1
