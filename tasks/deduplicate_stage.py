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

    Articles of too few words, and undated ones that are too many, are counted as excluded (`too-few-words`,
    `too-many-undated`): their copies are found, and each is in a story, but none is compared with others by meaning.
    """

    def work(batch: StageInput) -> StageOutput:
        found = deduplicate.deduplicate(batch)
        pairs = found.tables[DuplicatePair.table.name]
        fresh = features(batch, exact_copies(pairs), encode, bundled_freed())
        told = tell(fresh, pairs, found.restated, batch.lookup, bundled_scale())
        replaced = told.pop("gone")["story_id"].to_pylist()
        unmatched = set(told.pop("unmatched")["article_id"].to_pylist()) & set(batch.units)
        reasons = dict.fromkeys(sorted(unmatched), "too-many-undated") | dict.fromkeys(
            too_short(fresh), "too-few-words"
        )
        return replace(
            found,
            tables={**found.tables, **told},
            excluded=tuple(Excluded(article_id, reason) for article_id, reason in reasons.items()),
            restated=(*found.restated, *replaced),
        )

    return Stage(
        name="deduplicate",
        version="8",
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
