"""What is a copy of what, and which articles tell one story."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Literal

from pydantic import Field

from schemas.record import Digest, Identifier, Offset, Ordered, Share, StampedRecord, TableSpec


class DuplicatePair(StampedRecord):
    """One article and an earlier one that it repeats."""

    table: ClassVar[TableSpec] = TableSpec(
        name="duplicate_pairs", grain="one pair", key=("article_id", "duplicate_of"), owner="article_id"
    )
    article_id: Identifier = Field(description="The later article.")
    duplicate_of: Identifier = Field(description="The earlier one, by `(published_at, article_id)`.")
    kind: Literal["exact", "near"] = Field(description="Equal after normalisation, or nearly so.")
    similarity: Share = Field(
        description="Jaccard similarity of the two texts' shingles; of an item inside a longer text, the share of its "
        "shingles that the longer one has."
    )
    method: str = Field(
        description="What found and verified the pair; it ends in `containment` for an item inside a longer text.",
        min_length=1,
    )


class ArticleSignature(StampedRecord):
    """What deduplication keeps of an article, so that a new batch is compared without reading old texts."""

    table: ClassVar[TableSpec] = TableSpec(
        name="article_signatures", grain="one article", key=("article_id",), owner="article_id"
    )
    article_id: Identifier = Field(description="The article; see `articles`.")
    content_key: Digest = Field(description="SHA-256 of the normalised text: equal texts, equal keys.")
    shingle_count: Offset = Field(description="How many different shingles the text has.")
    sample_count: Offset = Field(description="How many of them are kept to find a short text inside a long one.")
    published_at: datetime | None = Field(description="As in `articles`; orders a group of copies.")
    sketch: bytes | None = Field(
        description="Of a canonical article: a bit for each of its shingles, boilerplate left out, by which most "
        "others are known not to be repeated without reading its text."
    )


class SignatureBand(StampedRecord):
    """One bucket that a canonical article lies in; articles that share one are candidates."""

    table: ClassVar[TableSpec] = TableSpec(
        name="signature_bands",
        grain="one bucket of one article",
        key=("article_id", "band", "bucket"),
        owner="article_id",
    )
    article_id: Identifier = Field(description="The article; see `articles`.")
    band: Offset = Field(description="0 to 23: bands of the MinHash signature; 24: a sampled shingle; 25: a paragraph.")
    bucket: int = Field(description="Hash of the band's rows, of the shingle, or of source and paragraph.")


class ArticleFeatures(StampedRecord):
    """What story matching keeps of an article, so that a new batch is compared without reading old texts."""

    table: ClassVar[TableSpec] = TableSpec(
        name="article_features", grain="one article", key=("article_id",), owner="article_id"
    )
    article_id: Identifier = Field(description="The article; see `articles`.")
    copy_of: Identifier | None = Field(description="The earlier article with the same text; null for the first one.")
    source: str = Field(description="As in `articles`.", min_length=1)
    title: str | None = Field(description="As in `articles`.")
    language: str | None = Field(description="As in `articles`.")
    published_at: datetime | None = Field(description="As in `articles`.")
    fetched_at: datetime | None = Field(description="When its document was fetched: the first one names its story.")
    vector: bytes = Field(description="Headline and first sentence: 384 values of one byte, freed of the language.")
    terms: list[str] = Field(description="What survives translation: words, sounds of names, numbers, entities, acts.")


class Story(StampedRecord):
    """Articles that tell one story, whatever their language."""

    table: ClassVar[TableSpec] = TableSpec(
        name="stories",
        grain="one story",
        key=("story_id",),
        owner="story_id",
        orders=(Ordered("first_published_at", "last_published_at", strict=False),),
    )
    story_id: Identifier = Field(description="Digest of the member that was fetched first: a backfill keeps it.")
    canonical_id: Identifier = Field(description="Its earliest article, by `(published_at, article_id)`.")
    title: str | None = Field(description="The title of its earliest article.")
    language_count: int = Field(description="In how many languages it is told.", ge=1)
    article_count: int = Field(description="How many articles tell it.", ge=1)
    independent_source_count: int = Field(description="How many sources, copies of one text counted once.", ge=1)
    first_published_at: datetime | None = Field(description="When its earliest article was published.")
    last_published_at: datetime | None = Field(description="When its latest article was published.")


class StoryArticle(StampedRecord):
    """One article of one story."""

    table: ClassVar[TableSpec] = TableSpec(
        name="story_articles", grain="one article of one story", key=("article_id",), owner="article_id"
    )
    story_id: Identifier = Field(description="The story; see `stories`.")
    article_id: Identifier = Field(description="The article; see `articles`.")
    thread_id: Identifier = Field(description="The first of those articles of the story that resemble each other most.")
    matched_with: Identifier | None = Field(description="The article of the story that it was matched with.")
    similarity: Share = Field(description="How probable it is that these two tell one story; 1 for the first article.")
    method: str = Field(description="What matched it.", min_length=1)


class StoryRedirect(StampedRecord):
    """An id that a story has had, or could have had, before its articles were known to be of another story.

    Every article alone would found a story of its own id; here stands, for each such id that is not a story's
    now, the story where the article is. So an id that was ever read can be followed.
    """

    table: ClassVar[TableSpec] = TableSpec(
        name="story_redirects", grain="one retired story id", key=("story_id",), owner="story_id"
    )
    story_id: Identifier = Field(description="The retired id.")
    merged_into: Identifier = Field(description="The id that took its place.")
