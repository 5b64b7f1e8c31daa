"""The full-text index."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from schemas.record import Identifier, Record, TableSpec


class SearchTerm(Record):
    """One word of one article, normalised: what `search('…')` looks things up in."""

    table: ClassVar[TableSpec] = TableSpec(
        name="search_terms", grain="one word of one article", key=("article_id", "term"), owner="article_id"
    )
    article_id: Identifier = Field(description="The article; see `articles`.")
    term: str = Field(description="The word as `search_key` normalises it.", min_length=1)
    hits: int = Field(description="How often it stands in title and text.", ge=1)
    words: int = Field(description="How many words title and text have.", ge=1)
