"""`rasad explain ARTICLE ARTICLE`: why two articles are, or are not, one story."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
from pydantic import BaseModel, Field
from rich.table import Table

from flows.rendering import write_summary
from flows.settings import load_settings
from schemas.errors import InputError
from tasks.deduplicate_queries import UNDATED
from tasks.stories_score import DAY, EVIDENCE, as_vectors, bundled_scale, items, probability
from tasks.stories_threads import WINDOW
from warehouse.connection import Reader, open_reader

_WORDING = {
    "meaning": "cosine of headline and first sentence",
    "words": "words in common, by rarity",
    "sounds": "names that sound alike, by rarity",
    "numbers": "numbers in common",
    "entities": "linked entities in common",
    "acts": "the same act",
    "told": "the same act, done or not in both",
    "days": "days apart",
    "same_language": "one language",
    "meaning_within": "cosine within one language",
}


class Evidence(BaseModel):
    """One piece of evidence."""

    evidence: str = Field(description="What was looked at.")
    value: float = Field(description="What it came to.")
    points: float = Field(description="What it adds to the score.")
    shared: list[str] = Field(description="The terms that both articles have.")


class Explanation(BaseModel):
    """Why two articles are, or are not, one story."""

    articles: tuple[str, str] = Field(description="The two ids.")
    titles: tuple[str | None, str | None] = Field(description="Their titles.")
    stories: tuple[str | None, str | None] = Field(description="The stories they are in.")
    one_story: bool = Field(description="Whether that is one story.")
    copies: str | None = Field(description="Whether one repeats the other, and how nearly.")
    probability: float = Field(description="How probable the pair alone makes it that they tell one story.")
    evidence: list[Evidence] = Field(description="What the pair's score is made of.")
    reason: str = Field(description="What decided, in a sentence.")


def explain(first: str, second: str, warehouse: Path | None, *, as_json: bool) -> None:
    """Print why two articles are, or are not, one story. Raises InputError for an unknown article."""
    settings = load_settings(warehouse=warehouse)
    with open_reader(settings.location()) as reader:
        found = explanation(reader, first, second)
    write_summary(found, _table(found), as_json=as_json)


def explanation(reader: Reader, first: str, second: str) -> Explanation:
    """Weigh two articles, named by id (or the beginning of one), external id or URL."""
    ids = (_article(reader, first), _article(reader, second))
    rows = reader.query(
        "SELECT f.article_id, f.published_at, f.language, f.vector, f.terms, f.title, f.copy_of, s.story_id, "
        "s.thread_id FROM article_features f LEFT JOIN story_articles s USING (article_id) "
        "WHERE f.article_id IN (?, ?) ORDER BY f.published_at NULLS LAST, f.article_id",
        list(ids),
    )
    if rows.num_rows < 2:
        raise InputError(
            "the two are one article" if ids[0] == ids[1] else "an article has not been through deduplicate yet",
            hint="Name two articles." if ids[0] == ids[1] else "Type `rasad run --stages deduplicate`.",
        )
    known, scale = items(rows, UNDATED), bundled_scale()
    evidence = scale.evidence(known, np.array([0]), np.array([1]))
    shared = set.intersection(*(set(terms) for terms in rows["terms"].to_pylist()))
    parts = [
        Evidence(
            evidence=_WORDING[name],
            value=round(float(value), 3),
            points=round(float(value) * scale.weights[name], 2),
            shared=sorted(term[2:] for term in shared if term[0] == name[0]) if name in _TERMS else [],
        )
        for name, value in zip(EVIDENCE, evidence[0].tolist(), strict=True)
    ]
    parts.append(Evidence(evidence="what every pair begins with", value=1, points=round(scale.constant, 2), shared=[]))
    copies = reader.query(
        "SELECT kind, similarity FROM duplicate_pairs WHERE (article_id, duplicate_of) IN ((?, ?), (?, ?))",
        [ids[0], ids[1], ids[1], ids[0]],
    ).to_pylist()
    stories = rows["story_id"].to_pylist()
    return Explanation(
        articles=(str(rows["article_id"][0]), str(rows["article_id"][1])),
        titles=(rows["title"][0].as_py(), rows["title"][1].as_py()),
        stories=(stories[0], stories[1]),
        one_story=stories[0] is not None and stories[0] == stories[1],
        copies=f"{copies[0]['kind']} copy, similarity {copies[0]['similarity']:.2f}" if copies else None,
        probability=round(float(probability(scale.score(evidence))[0]), 3),
        evidence=parts,
        reason=_reason(rows, stories, bool(copies)),
    )


_TERMS = ("words", "sounds", "numbers", "entities", "acts", "told")


def _reason(rows: pa.Table, stories: list[str | None], copies: bool) -> str:
    threads = rows["thread_id"].to_pylist()
    moments = rows["published_at"].cast(pa.int64()).to_pylist()
    if None in stories:
        return "One of them has no story yet."
    if stories[0] == stories[1]:
        if copies:
            return "One text repeats the other, so both are where the first is."
        if threads[0] == threads[1]:
            return "Both resemble the same articles most (one thread)."
        return "They are in two threads that resemble each other enough for one story."
    if not as_vectors(rows["vector"]).any(1).all():
        return "One of them has too few words to tell a story: it is one with equal texts only."
    if None not in moments and abs(moments[0] - moments[1]) > WINDOW:
        return f"More than {WINDOW // DAY} days lie between them: later reports begin a thread of their own."
    return "Each resembles the articles of its own story more, or the other's not enough."


def _article(reader: Reader, name: str) -> str:
    found = reader.query(
        "SELECT article_id FROM articles WHERE article_id = ? OR external_id = ? OR url = ? "
        "OR (length(?) >= 6 AND starts_with(article_id, ?)) ORDER BY article_id LIMIT 2",
        [name] * 5,
    )["article_id"].to_pylist()
    if len(found) != 1:
        raise InputError(
            f"{'several articles are' if found else 'no article is'} called {name!r}",
            hint="Name an article_id, or at least the first six signs of one: "
            'rasad sql "SELECT article_id, title FROM articles".',
        )
    return str(found[0])


def _table(found: Explanation) -> Table:
    answer = "one story" if found.one_story else "two stories"
    table = Table(title=f"{answer}: {found.reason}", caption=found.copies, title_justify="left")
    for name in ("evidence", "value", "points", "shared"):
        table.add_column(name, justify="right" if name in ("value", "points") else "left")
    for part in found.evidence:
        table.add_row(part.evidence, f"{part.value:.2f}", f"{part.points:+.2f}", "، ".join(part.shared[:8]))
    table.add_row("probability of the pair alone", f"{found.probability:.2f}", "", "")
    return table
