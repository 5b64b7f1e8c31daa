"""The last stage: what repeats what (`deduplicate.py`), then which articles tell one story (`stories.py`)."""

from __future__ import annotations

from dataclasses import replace

from schemas.articles import Article
from schemas.entities import EntityMention
from schemas.events import Event
from schemas.stories import (
    ArticleFeatures,
    ArticleSignature,
    DuplicatePair,
    SignatureBand,
    Story,
    StoryArticle,
    StoryRedirect,
)
from tasks import deduplicate
from tasks.stage import Excluded, Stage, StageInput, StageOutput
from tasks.stories import exact_copies, features, tell, too_short
from tasks.stories_score import bundled_scale
from tasks.stories_vectors import Encode, bundled_freed, encoder_version, freed_version, headline_vectors


def deduplicate_stage(encode: Encode = headline_vectors) -> Stage:
    """The stage; `encode` gives a text's vector.

    Articles of too few words are counted as excluded (`too-few-words`): their copies are found, and each is in a story,
    but none is compared with others by what it means.
    """

    def work(batch: StageInput) -> StageOutput:
        found = deduplicate.deduplicate(batch)
        pairs = found.tables[DuplicatePair.table.name]
        fresh = features(batch, exact_copies(pairs), encode, bundled_freed())
        told = tell(fresh, pairs, found.restated, batch.lookup, bundled_scale())
        replaced = told.pop("gone")["story_id"].to_pylist()
        return replace(
            found,
            tables={**found.tables, **told},
            excluded=tuple(Excluded(article_id, "too-few-words") for article_id in too_short(fresh)),
            restated=(*found.restated, *replaced),
        )

    return Stage(
        name="deduplicate",
        version="4",
        reads=(Article, EntityMention, Event),
        writes=(
            DuplicatePair,
            ArticleSignature,
            SignatureBand,
            ArticleFeatures,
            StoryArticle,
            Story,
            StoryRedirect,
        ),
        work=work,
        after=("ingest", "language", "entities", "events"),
        model_version=lambda: "; ".join(
            (deduplicate.version(), encoder_version(), freed_version(), bundled_scale().version)
        ),
    )
