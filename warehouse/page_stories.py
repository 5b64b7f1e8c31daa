"""The stories of the report page: the most told ones, with what their articles say first, in each language."""

from __future__ import annotations

import re
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from warehouse.connection import Reader

#: 150 stories of at most 8 articles of at most 300 letters are 150 · 8 · 300 · 2 bytes = 720 kB of Arabic script.
MOST_STORIES = 150
MOST_ARTICLES = 8
LEAD_LETTERS = 300
#: What stands for a title that an article does not have.
TITLE_LETTERS = 90
#: Ends of what is cut at a word; the ellipsis stands for the rest.
_CUT = re.compile(r"\s+\S*$")
#: Overrides and embeddings that a text may have left open, or that would show it in another order than it has.
_OVERRIDES = re.compile("[\u202a-\u202e\u2066-\u2069]")


class PageArticle(BaseModel):
    """One article of a story, cut to what a reader looks at first."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    id: str
    title: str | None
    lead: str
    source: int
    language: int
    url: str | None
    published_at: datetime | None
    is_copy: bool


class PageStory(BaseModel):
    """One story. `points` are source, language and time of every article, up to a hundred; `names` are places in
    the page's list of names."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    id: str
    title: str
    language: int
    articles: int
    independent_sources: int
    names: tuple[int, ...]
    points: tuple[tuple[int, int, datetime | None], ...]
    told: tuple[PageArticle, ...]


_STORIES = f"""
CREATE TEMP TABLE page_stories AS
SELECT story_id, title, article_count, language_count, independent_source_count, first_published_at
FROM main.stories
WHERE article_count > 1
ORDER BY article_count DESC, language_count DESC, last_published_at DESC NULLS LAST, story_id
LIMIT {MOST_STORIES}
"""
# One of each language first, then the next ones: a story told in two languages shows both.
_ARTICLES = f"""
SELECT story_id, article_id AS id, title, text, source, language, url, published_at, is_copy
FROM (
  SELECT told.story_id, e.article_id, articles.title, left(articles.text, 1000) AS text, e.source, e.language,
    articles.url, e.published_at, e.is_copy,
    row_number() OVER (
      PARTITION BY told.story_id, e.language ORDER BY e.is_copy, e.published_at NULLS LAST, e.article_id
    ) AS turn
  FROM main.story_articles AS told
  JOIN temp.page_stories AS stories USING (story_id)
  JOIN temp.page_articles AS e USING (article_id)
  JOIN main.articles AS articles USING (article_id)
)
QUALIFY row_number() OVER (PARTITION BY story_id ORDER BY turn, language, article_id) <= {MOST_ARTICLES}
ORDER BY story_id, turn, language, article_id
"""
_POINTS = """
SELECT story_id, list(struct_pack(source, language, published_at) ORDER BY published_at, article_id)[:100] AS points
FROM main.story_articles JOIN temp.page_stories USING (story_id) JOIN temp.page_articles USING (article_id)
GROUP BY story_id
"""
_NAMES = """
SELECT story_id, list(name ORDER BY name) AS names
FROM (
  SELECT DISTINCT told.story_id, names.place AS name
  FROM main.story_articles AS told
  JOIN temp.page_stories USING (story_id)
  JOIN temp.page_named AS named USING (article_id)
  JOIN temp.page_names AS names ON names.id = named.name
)
GROUP BY story_id
"""


def page_stories(reader: Reader) -> tuple[PageStory, ...]:
    """The stories that most articles tell, those of one article left out.

    Needs the temporary tables of `page_queries.SETUP`.
    """
    reader.connection.execute(_STORIES)
    points = {row["story_id"]: row["points"] for row in reader.query(_POINTS).to_pylist()}
    names = {row["story_id"]: row["names"] for row in reader.query(_NAMES).to_pylist()}
    told: dict[str, list[PageArticle]] = {}
    for row in reader.query(_ARTICLES).to_pylist():
        story = row.pop("story_id")
        text = row.pop("text")
        article = PageArticle(**row | {"title": shown(row["title"]), "lead": lead(text, row["title"])})
        told.setdefault(story, []).append(article)
    stories = []
    for row in reader.query("FROM temp.page_stories").to_pylist():
        articles = told.get(row["story_id"], [])
        if not articles:
            continue
        titled = next((article for article in articles if article.title == shown(row["title"])), articles[0])
        stories.append(
            PageStory(
                id=row["story_id"],
                title=shown(row["title"]) or cut(articles[0].lead, TITLE_LETTERS),
                language=titled.language,
                articles=row["article_count"],
                independent_sources=row["independent_source_count"],
                names=tuple(names.get(row["story_id"], ())),
                points=tuple((p["source"], p["language"], p["published_at"]) for p in points[row["story_id"]]),
                told=tuple(articles),
            )
        )
    return tuple(stories)


def shown(text: str | None) -> str | None:
    """A text for the eye: without controls that would change the order of letters, blanks as one."""
    if text is None:
        return None
    return " ".join(_OVERRIDES.sub("", text).split()) or None


def lead(text: str, title: str | None = None) -> str:
    """What an article says first: its first `LEAD_LETTERS` letters without its title, cut between words."""
    body = shown(text) or ""
    headline = shown(title)
    if headline and body.startswith(headline):
        body = body[len(headline) :].lstrip()
    return cut(body, LEAD_LETTERS)


def cut(text: str, letters: int) -> str:
    """At most so many letters, cut between words."""
    if len(text) <= letters:
        return text
    return _CUT.sub("", text[: letters + 1]).rstrip("،,؛;:—–- ….") + " …"
