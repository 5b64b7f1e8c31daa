"""Stories: which articles tell one event, in whatever language, as a function of the set of articles alone.

The second half of the stage `deduplicate`. An article that copies none is a node; nodes are matched by time,
meaning and what survives translation (`stories_score.py`), and grouped (`stories_threads.py`, `stories_merge.py`);
copies go where their first one is. A batch computes again only the stretch of time that its articles can reach
(`stories_replay.py`), and gives what a rebuild gives.

**Ids.** Every article has an id of the story that it would found; a story has that of the member fetched first. So
an id follows from contents, a late article that was published earlier takes over as the canonical one without
renaming the story, and where stories merge or split, `story_redirects` leads from every other member's id to the
story where that member is now.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.articles import Article
from schemas.entities import EntityMention
from schemas.events import Event
from schemas.record import StampedRecord, made_schema
from schemas.stories import ArticleFeatures, Story, StoryArticle, StoryRedirect
from tasks import stories_queries as queries
from tasks.stage import Lookup, StageInput
from tasks.stories_replay import Near, Now, Place, Placed, replay
from tasks.stories_score import Scale, as_vectors
from tasks.stories_terms import terms_of
from tasks.stories_undated import Followed, follow, unmatched
from tasks.stories_vectors import Encode, Freed, headline, is_telling

#: Of a long article only the entities that it names most say what it is about.
ENTITIES = 8
#: A meeting that was held and one that was put off are two stories of the same people.
_DONE = frozenset({"happened", "ongoing"})
_ID = pa.string()
_TOLD = pa.schema(
    [
        ("article_id", _ID), ("root_id", _ID), ("thread_id", _ID), ("matched_with", _ID), ("similarity", pa.float64()),
        ("method", _ID), ("text_group", _ID),
    ]
)  # fmt: skip


def features(batch: StageInput, copies: dict[str, str], encode: Encode, freed: Freed) -> pa.Table:
    """What is kept of the batch's articles; `copies` names the first article with the same text.

    Columns in: `articles`, `entity_mentions` and `events` of the batch. Columns out: those of ArticleFeatures
    without the stamp.
    """
    articles = batch.tables[Article.table.name]
    ids = articles["article_id"].to_pylist()
    entities, (acts, told) = _entities(batch), _acts(batch)
    pairs = zip(articles["title"].to_pylist(), articles["text"].to_pylist(), strict=True)
    headlines = [headline(title, text) for title, text in pairs]
    vectors = freed(encode(headlines), articles["language"].to_pylist())
    vectors[[not is_telling(text) for text in headlines]] = 0
    documents = batch.lookup(queries.FETCHED, batch_documents=articles.select(["article_id", "document_id"]))
    fetched = dict(zip(documents["article_id"].to_pylist(), documents["fetched_at"].to_pylist(), strict=True))
    columns = {
        "article_id": ids,
        "copy_of": [copies.get(article_id) for article_id in ids],
        "source": articles["source"],
        "title": articles["title"],
        "language": articles["language"],
        "published_at": articles["published_at"],
        "fetched_at": [fetched.get(article_id) for article_id in ids],
        "vector": [vector.tobytes() for vector in vectors],
        "terms": [
            terms_of(text, entities.get(unit, ()), acts.get(unit, ()), told.get(unit, ()))
            for unit, text in zip(ids, headlines, strict=True)
        ],
    }
    return pa.table(columns, schema=made_schema(ArticleFeatures))


def too_short(fresh: pa.Table) -> list[str]:
    """The articles whose text is too short to tell a story; only an equal text is in a story with them."""
    telling: list[bool] = np.any(as_vectors(fresh["vector"]), axis=1).tolist()
    return [article_id for article_id, told in zip(fresh["article_id"].to_pylist(), telling, strict=True) if not told]


def tell(
    fresh: pa.Table, pairs: pa.Table, restated: Sequence[str], lookup: Lookup, scale: Scale
) -> dict[str, pa.Table]:
    """What a batch changes: `article_features`, `stories`, and the rows of `story_articles` and `story_redirects` that
    are not stored as they should be.

    `fresh` are the features of the batch's articles; `pairs` the duplicate pairs of the batch's articles and of the
    stored ones in `restated`. Ids of stories that are no more stand in the column `story_id` of the table `gone`,
    undated articles that are too many to be matched in `article_id` of `unmatched`.
    """
    copies = exact_copies(pairs)
    stored = _stored(restated, lookup).cast(fresh.schema) if restated else fresh.slice(0, 0)
    first = pa.array([copies.get(article_id) for article_id in stored["article_id"].to_pylist()], _ID)
    mine = pa.concat_tables([fresh, stored.set_column(1, "copy_of", first)])
    touched = set(mine["article_id"].to_pylist())
    before = lookup(queries.BEFORE, touched=_ids(sorted(touched))).to_pylist()
    # Where an article is, or was, a copy, the story of its first one changes.
    moved = touched | set(copies.values()) | {row["copy_of"] for row in before if row["copy_of"]}
    now = Now(mine, pairs, lookup)
    followed, undated = follow(now, touched, scale)
    targets = _turned(followed, undated, moved)
    moments = _moments(mine, before, (moved | targets) - touched, lookup)
    placed = replay(moments, moved, now, scale)
    _place_undated(placed, followed, undated, moved)
    gone = {row["story_id"] for row in before if row["story_id"]}
    told, replaced = _told(placed, gone, now)
    stories = lookup(queries.STORIES, told=told, mine=mine)
    members = lookup(queries.CHANGED, told=told, mine=mine)
    retired = members.filter(pc.not_equal(members["own_story_id"], members["story_id"]))
    replaced |= set(stories["story_id"].to_pylist())
    return {
        ArticleFeatures.table.name: mine,
        Story.table.name: _cast(stories, Story),
        StoryArticle.table.name: _cast(members, StoryArticle),
        StoryRedirect.table.name: pa.table(
            [retired["own_story_id"], retired["story_id"]], schema=made_schema(StoryRedirect)
        ),
        "gone": pa.table({"story_id": pa.array(sorted(replaced), _ID)}),
        "unmatched": _ids(unmatched(undated)),
    }


def _stored(ids: Sequence[str], lookup: Lookup) -> pa.Table:
    (place,) = lookup(queries.FEATURES_RANGE, wanted=_ids(ids)).to_pylist()
    return lookup(queries.STORED_FEATURES.format(**place), wanted=_ids(ids))


def exact_copies(pairs: pa.Table) -> dict[str, str]:
    exact = pairs.filter(pc.equal(pairs["kind"], "exact"))
    return dict(zip(exact["article_id"].to_pylist(), exact["duplicate_of"].to_pylist(), strict=True))


def _entities(batch: StageInput) -> dict[str, list[str]]:
    mentions = batch.tables[EntityMention.table.name].select(["article_id", "entity_id"])
    counts: dict[str, Counter[str]] = {}
    for row in mentions.filter(pc.is_valid(mentions["entity_id"])).to_pylist():
        counts.setdefault(row["article_id"], Counter())[row["entity_id"]] += 1
    return {
        article_id: [name for name, _ in sorted(count.items(), key=lambda item: (-item[1], item[0]))[:ENTITIES]]
        for article_id, count in counts.items()
    }


def _acts(batch: StageInput) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """The types of each article's main acts; the same with what is told of them: that they are done, or not."""
    events = batch.tables[Event.table.name].select(["article_id", "act_type", "is_main", "modality", "polarity"])
    acts: dict[str, list[str]] = {}
    told: dict[str, list[str]] = {}
    for row in events.filter(events["is_main"]).to_pylist():
        done = row["polarity"] == "affirmed" and row["modality"] in _DONE
        acts.setdefault(row["article_id"], []).append(row["act_type"])
        told.setdefault(row["article_id"], []).append(row["act_type"] + ("+" if done else "-"))
    return acts, told


def _turned(followed: dict[str, Followed], undated: pa.Table, moved: set[str]) -> set[str]:
    """The articles that undated nodes began or ceased to follow, or whose followers are touched."""
    turned: set[str] = set()
    for article_id, was in zip(undated["article_id"].to_pylist(), undated["matched_with"].to_pylist(), strict=True):
        now = followed[article_id].target
        if article_id in moved or was != (now if now != article_id else None):
            for end in (was, now):
                while end is not None and end not in turned:
                    turned.add(end)
                    end = followed[end].target if end in followed else end
    return turned


def _moments(mine: pa.Table, before: list[dict[str, object]], others: set[str], lookup: Lookup) -> list[int]:
    times = [*mine["published_at"].to_pylist(), *(row["published_at"] for row in before)]
    if others:
        times += lookup(queries.MOMENTS, wanted=_ids(sorted(others)))["published_at"].to_pylist()
    column = pa.array([time for time in times if time is not None], pa.timestamp("us", tz="UTC"))
    return sorted(set(column.cast(pa.int64()).to_pylist()))


def _place_undated(placed: Placed, followed: dict[str, Followed], undated: pa.Table, moved: set[str]) -> None:
    """Give undated nodes the place of the one at the end of their chain, where that one was placed."""
    rows = undated.select(["article_id", "story_id", "thread_id", "matched_with", "canonical_id"]).to_pylist()
    for row in rows:
        article_id = row["article_id"]
        end = article_id
        while end in followed and followed[end].target != end:
            end = followed[end].target
        place = placed.places.get(end)
        if end not in followed and place is None:
            continue  # a dated node that nothing touches
        root, thread_id = (place.root, place.thread) if place and end not in followed else (end, end)
        choice = followed[article_id]
        partner = choice.target if choice.target != article_id else None
        method = "first" if partner is None else "undated"
        placed.places[article_id] = Place(root, thread_id, partner, choice.chance, method)
        if row["story_id"] is not None:
            placed.stories[article_id] = row["story_id"]
        stood = (row["canonical_id"], row["thread_id"], row["matched_with"])
        if article_id in moved or stood != (root, thread_id, partner):
            placed.changed.add(article_id)


def _told(placed: Placed, gone: set[str], now: Now) -> tuple[pa.Table, set[str]]:
    """The nodes of every story that changes, and the ids of the stories that these replace."""
    replaced = gone | {placed.stories[node] for node in placed.changed if node in placed.stories}
    roots = {placed.places[node].root for node in placed.changed if node in placed.places}
    roots |= {place.root for node, place in placed.places.items() if placed.stories.get(node) in replaced}
    nodes = sorted(node for node, place in placed.places.items() if place.root in roots)
    replaced |= {placed.stories[node] for node in nodes if node in placed.stories}
    groups = _text_groups(nodes, now.near(nodes))
    rows = [
        (node, p.root, p.thread, p.partner, p.chance, p.method, groups[node])
        for node in nodes
        if (p := placed.places[node])
    ]
    columns = list(zip(*rows, strict=True)) or [()] * len(_TOLD)
    return pa.table(
        [pa.array(column, field.type) for column, field in zip(columns, _TOLD, strict=True)], schema=_TOLD
    ), replaced


def _text_groups(nodes: Sequence[str], near: Near) -> dict[str, str]:
    """One name for all nodes that nearly repeat each other: the smallest of their ids."""
    name = {node: node for node in nodes}

    def end(node: str) -> str:
        while name[node] != node:
            name[node] = name[name[node]]
            node = name[node]
        return node

    for node in nodes:
        for other, _, _ in near.get(node, ()):
            if other in name:
                low, high = sorted((end(node), end(other)))
                name[high] = low
    return {node: end(node) for node in nodes}


def _cast(table: pa.Table, record: type[StampedRecord]) -> pa.Table:
    schema = made_schema(record)
    return table.select(schema.names).cast(schema)


def _ids(ids: Sequence[str]) -> pa.Table:
    return pa.table({"article_id": pa.array(ids, _ID)})
