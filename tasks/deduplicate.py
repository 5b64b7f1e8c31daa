"""Deduplication: which article repeats which earlier one, as data and never as deletion.

Exact copies share a `content_key`. Of each such group the earliest article by `(published_at, article_id)`,
undated ones last, is canonical, and every other member points to it: a million copies make a million pairs.
Canonical articles alone are compared with each other: MinHash bands (`tasks/minhash.py`) propose pairs, the
exact Jaccard similarity of the shingles decides, and the later article points to the earlier one.

All rows are a function of the set of articles, whatever the order and the batches in which they came. So a
batch that brings an earlier canonical article, or changes a group, states the rows of the stored articles
that depend on it again. Read `_plan` first: it decides what must be computed; the rest computes it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.articles import Article
from schemas.stories import ArticleSignature, DuplicatePair, SignatureBand
from tasks import deduplicate_queries as queries
from tasks.minhash import BANDS, ROWS, SHINGLE_WORDS, Shingles, buckets, jaccard, shingle, signatures, split_words
from tasks.normalize import search_key, search_keys
from tasks.stage import Lookup, StageInput, StageOutput

EXACT_METHOD = "content-key"
NEAR_METHOD = f"minhash-{BANDS}x{ROWS}+jaccard-{SHINGLE_WORDS}-words"

_ID = pa.string()
_TIME = pa.timestamp("us", tz="UTC")
_SIGNATURE = pa.schema(
    [("article_id", _ID), ("content_key", _ID), ("shingle_count", pa.int64()), ("published_at", _TIME)]
)
_BAND = pa.schema([("article_id", _ID), ("band", pa.int64()), ("bucket", pa.int64())])
_MEMBER = pa.schema([*_BAND, ("moment", pa.int64()), ("shingle_count", pa.int64())])
_IDS = pa.schema([("article_id", _ID)])
_CANDIDATE = pa.schema([("article_id", _ID), ("duplicate_of", _ID)])
_PAIR = pa.schema(
    [("article_id", _ID), ("duplicate_of", _ID), ("kind", _ID), ("similarity", pa.float64()), ("method", _ID)]
)


@dataclass(frozen=True, slots=True)
class Fingerprints:
    """What the texts of some articles come to: `keys[i]` and set i of `shingles` belong to `ids[i]`."""

    ids: tuple[str, ...]
    keys: tuple[str, ...]
    shingles: Shingles


@dataclass(frozen=True, slots=True)
class Plan:
    """What a batch changes.

    `leaders`: the canonical article of each content key touched. `members`: signatures of stored articles
    whose canonical article changes. `removed` and `added`: canonical articles that leave and enter the index
    of bands (one whose text or date changed does both).
    """

    leaders: dict[str, str]
    members: pa.Table
    removed: tuple[str, ...]
    added: tuple[str, ...]


def deduplicate(batch: StageInput) -> StageOutput:
    """Find what each article of the batch repeats, and mend stored rows that the batch makes untrue.

    Columns in: `articles` (article_id, title, text, published_at). Tables out: `duplicate_pairs`,
    `article_signatures`, `signature_bands`, with the stored articles stated again in `restated`. Every
    unit is done: a text too short for shingles has exact copies only.
    """
    articles, lookup = batch.tables[Article.table.name], batch.lookup
    prints = fingerprint(articles)
    fresh = _signatures(prints, articles["published_at"])
    plan = _plan(fresh, lookup)
    known = pa.concat_tables([fresh, plan.members])

    strangers = tuple(sorted(set(plan.added) - set(prints.ids)))
    prints = _with_texts(prints, strangers, lookup)
    added = _members(_bands(prints, plan.added), known)
    removed = _ids(plan.removed)
    affected = _ask(lookup, queries.AFFECTED, _IDS, bool(plan.added or plan.removed), added=added, removed=removed)
    stored_signatures = _ask(lookup, queries.STORED_SIGNATURES, _SIGNATURE, affected.num_rows > 0, wanted=affected)
    stored_bands = _ask(lookup, queries.STORED_BANDS, _BAND, affected.num_rows > 0, wanted=affected)

    writers = pa.concat_tables([added, _members(stored_bands, stored_signatures)])
    parts = {"writers": writers, "added": added, "removed": removed}
    candidates = _ask(lookup, queries.CANDIDATES, _CANDIDATE, writers.num_rows > 0, **parts)
    near = _verified(candidates, prints, lookup)
    exact = _exact_pairs(known, plan.leaders)
    tables = {
        DuplicatePair.table.name: pa.concat_tables([exact, near]),
        ArticleSignature.table.name: pa.concat_tables([known, stored_signatures]),
        SignatureBand.table.name: pa.concat_tables([added.select(_BAND.names), stored_bands]),
    }
    mended = pa.concat_tables([plan.members.select(_IDS.names), affected])["article_id"].to_pylist()
    restated = set(mended) - set(batch.units)
    return StageOutput(tables, restated=tuple(sorted(restated)))


def fingerprint(articles: pa.Table) -> Fingerprints:
    """Content keys and shingles of articles (columns article_id, title, text).

    The key digests the words alone, so punctuation, vowel marks, joiners and the spellings that `search_key`
    folds make no difference. Texts shorter than one shingle (a lone "urgent") say too little by themselves:
    their title must agree too, and what has no letter or digit at all is compared as it is written.
    """
    contents = search_keys(articles["text"])  # without a language: it may not be known yet, and must not count
    shingles = shingle(split_words(contents))
    contents = contents.to_pylist()
    for short in np.flatnonzero(shingles.counts == 0).tolist():
        title = search_key(articles["title"][short].as_py() or "")
        contents[short] = f"{contents[short] or articles['text'][short].as_py()}\x1f{title}"
    keys = tuple(hashlib.sha256(content.encode()).hexdigest() for content in contents)
    return Fingerprints(tuple(articles["article_id"].to_pylist()), keys, shingles)


def _plan(fresh: pa.Table, lookup: Lookup) -> Plan:
    units = set(fresh["article_id"].to_pylist())
    leaders: dict[str, str] = {}
    changed, removed, added = [], [], []
    for row in lookup(queries.LEADERS, fresh=fresh).to_pylist():
        key, before, after = row["content_key"], row["leader_before"], row["leader_after"]
        if after is not None:
            leaders[key] = after
            if after != before or after in units:
                added.append(after)
        if before is not None and (after != before or before in units):
            removed.append(before)
            if after is not None and after != before:
                changed.append(key)
    keys = pa.table({"content_key": pa.array(changed, _ID)})
    members = _ask(lookup, queries.MEMBERS, _SIGNATURE, bool(changed), changed=keys, fresh=fresh)
    return Plan(leaders, members, tuple(sorted(removed)), tuple(sorted(added)))


def _with_texts(prints: Fingerprints, wanted: tuple[str, ...], lookup: Lookup) -> Fingerprints:
    """The fingerprints together with those of stored articles."""
    if not wanted:
        return prints
    more = fingerprint(lookup(queries.TEXTS, wanted=_ids(wanted)))
    ours, theirs = prints.shingles, more.shingles
    shingles = Shingles(
        np.concatenate([ours.values, theirs.values]),
        np.concatenate([ours.offsets, theirs.offsets[1:] + ours.offsets[-1]]),
    )
    return Fingerprints(prints.ids + more.ids, prints.keys + more.keys, shingles)


def _signatures(prints: Fingerprints, published_at: pa.ChunkedArray) -> pa.Table:
    columns = [pa.array(prints.ids, _ID), pa.array(prints.keys, _ID), pa.array(prints.shingles.counts)]
    return _cast(pa.table([*columns, published_at], names=_SIGNATURE.names), _SIGNATURE)


def _bands(prints: Fingerprints, wanted: tuple[str, ...]) -> pa.Table:
    """The bands of some of the articles; those too short for a shingle have none."""
    wanted_ids = set(wanted)
    chosen = [index for index, article_id in enumerate(prints.ids) if article_id in wanted_ids]
    documents, minima = signatures(_subset(prints.shingles, chosen))
    ids = pa.array([prints.ids[chosen[document]] for document in documents], _ID)
    rows = np.repeat(np.arange(len(documents)), BANDS)
    bands = np.tile(np.arange(BANDS, dtype=np.int64), len(documents))
    return pa.table([ids.take(pa.array(rows)), pa.array(bands), pa.array(buckets(minima).ravel())], schema=_BAND)


def _subset(shingles: Shingles, chosen: list[int]) -> Shingles:
    parts = [shingles.values[shingles.offsets[index] : shingles.offsets[index + 1]] for index in chosen]
    offsets = np.concatenate([[0], np.cumsum([len(part) for part in parts])]).astype(np.int64)
    return Shingles(np.concatenate([*parts, np.zeros(0, np.uint64)]), offsets)


def _members(bands: pa.Table, signed: pa.Table) -> pa.Table:
    """Bands with what orders and sizes their articles (columns of `_MEMBER`)."""
    moments = pc.fill_null(signed["published_at"].cast(pa.int64()), queries.UNDATED)
    facts = pa.table([signed["article_id"], moments, signed["shingle_count"]], names=["article_id", *_MEMBER.names[3:]])
    return _cast(bands.join(facts, "article_id", join_type="inner"), _MEMBER)


def _exact_pairs(known: pa.Table, leaders: dict[str, str]) -> pa.Table:
    """One pair for each member of a group that is not its canonical article."""
    later, earlier = [], []
    for article_id, key in zip(known["article_id"].to_pylist(), known["content_key"].to_pylist(), strict=True):
        if leaders[key] != article_id:
            later.append(article_id)
            earlier.append(leaders[key])
    return _pairs(later, earlier, "exact", np.ones(len(later)), EXACT_METHOD)


def _verified(candidates: pa.Table, prints: Fingerprints, lookup: Lookup) -> pa.Table:
    """The candidates that are as similar as asked, judged by their whole texts."""
    ids = pa.concat_tables([candidates.select([name]).rename_columns(_IDS.names) for name in _CANDIDATE.names])
    missing = tuple(sorted(set(ids["article_id"].to_pylist()) - set(prints.ids)))
    prints = _with_texts(prints, missing, lookup)
    index = {article_id: place for place, article_id in enumerate(prints.ids)}
    # A stored signature may have outlived its article; without the text there is nothing to verify.
    pairs = [(row["article_id"], row["duplicate_of"]) for row in candidates.to_pylist()]
    pairs = [pair for pair in pairs if pair[0] in index and pair[1] in index]
    left = np.array([index[later] for later, _ in pairs], np.int64)
    right = np.array([index[earlier] for _, earlier in pairs], np.int64)
    involved = sorted({*left.tolist(), *right.tolist()})
    similarity = jaccard(
        _subset(prints.shingles, involved), np.searchsorted(involved, left), np.searchsorted(involved, right)
    )
    kept = np.flatnonzero(similarity >= queries.MIN_SIMILARITY).tolist()
    later, earlier = [pairs[row][0] for row in kept], [pairs[row][1] for row in kept]
    return _pairs(later, earlier, "near", similarity[kept], NEAR_METHOD)


def _pairs(
    later: list[str], earlier: list[str], kind: str, similarity: np.typing.NDArray[np.float64], method: str
) -> pa.Table:
    names = [pa.array([name] * len(later), _ID) for name in (kind, method)]
    columns = [pa.array(later, _ID), pa.array(earlier, _ID), names[0], pa.array(similarity), names[1]]
    return pa.table(columns, schema=_PAIR)


def _ask(lookup: Lookup, query: str, schema: pa.Schema, needed: bool, **tables: pa.Table) -> pa.Table:
    """The answer in the schema's columns; without a need nothing is asked, which is most of the time."""
    return _cast(lookup(query, **tables), schema) if needed else schema.empty_table()


def _ids(ids: tuple[str, ...] | list[str]) -> pa.Table:
    return pa.table({"article_id": pa.array(ids, _ID)})


def _cast(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """Columns in the schema's order and types (DuckDB names the UTC zone differently)."""
    return table.select(schema.names).cast(schema)


def version() -> str:
    """What the pairs depend on, apart from the code."""
    return f"{NEAR_METHOD}>={queries.MIN_SIMILARITY}"
