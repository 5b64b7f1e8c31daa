"""Deduplication: which article repeats which earlier one, as data and never as deletion.

Exact copies share a `content_key`. Of each such group the earliest article by `(published_at, article_id)`,
undated ones last, is canonical, and every other member points to it: a million copies make a million pairs.
Canonical articles alone are compared with each other: MinHash bands and sampled shingles (`tasks/minhash.py`)
propose pairs, the exact overlap of their shingles decides (Jaccard similarity, or that one text lies inside the
other), and the later article points to the earlier one. Paragraphs that many texts of one source have do not count.

All rows are a function of the set of articles, whatever the order and the batches in which they came. So a
batch that brings an earlier canonical article, or changes a group, states the rows of the stored articles
that depend on it again. Read `_plan` first: it decides what must be computed; the rest computes it.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.articles import Article
from schemas.stories import ArticleSignature, DuplicatePair, SignatureBand
from tasks import deduplicate_queries as queries
from tasks.deduplicate_index import (
    BAND,
    CANDIDATE,
    IDS,
    SIGNATURE,
    SKETCH,
    Boilerplate,
    Change,
    any_later,
    ask,
    candidates,
    cast,
    id_table,
    members,
    moments,
    paragraphs,
)
from tasks.deduplicate_sketches import possible, possible_unread, sketch
from tasks.deduplicate_texts import Fingerprints, fingerprint
from tasks.minhash import BANDS, ROWS, SHINGLE_WORDS, Shingles, buckets, overlap, sampled, signatures
from tasks.stage import Lookup, StageInput, StageOutput

EXACT_METHOD = "content-key"
NEAR_METHOD = f"minhash-{BANDS}x{ROWS}+jaccard-{SHINGLE_WORDS}-words"
CONTAINED_METHOD = "sampled-shingles+containment"

_ID = pa.string()
_PAIR = pa.schema(
    [("article_id", _ID), ("duplicate_of", _ID), ("kind", _ID), ("similarity", pa.float64()), ("method", _ID)]
)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a batch changes.

    `leaders`: the canonical article of each content key touched. `members`: signatures of stored articles
    whose canonical article changes. `removed` and `added`: canonical articles that leave and enter the index
    of bands (one whose text or date changed does both, and one that a paragraph of became boilerplate).
    """

    leaders: dict[str, str]
    members: pa.Table
    removed: tuple[str, ...]
    added: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Judged:
    """Canonical articles that enter the index, as they are compared: `places[article_id]` is the place of its shingles,
    boilerplate left out."""

    places: dict[str, int]
    shingles: Shingles

    @classmethod
    def of(cls, prints: Fingerprints, wanted: Set[str], boilerplate: Set[int]) -> _Judged:
        chosen = [at for at, article_id in enumerate(prints.ids) if article_id in wanted]
        places = {prints.ids[at]: place for place, at in enumerate(chosen)}
        return cls(places, prints.without(boilerplate, chosen))

    def with_sketches(self, signed: pa.Table) -> pa.Table:
        """Signatures, those of these articles with a sketch, others without."""
        values, offsets = self.shingles.values, self.shingles.offsets
        places = [self.places.get(article_id) for article_id in signed["article_id"].to_pylist()]
        made = [None if at is None else sketch(values[offsets[at] : offsets[at + 1]]) for at in places]
        column = pa.array(made, pa.binary())
        return signed.set_column(signed.column_names.index("sketch"), SIGNATURE.field("sketch"), column)


def deduplicate(batch: StageInput) -> StageOutput:
    """Find what each article of the batch repeats, and mend stored rows that the batch makes untrue.

    Columns in: `articles` (article_id, source, title, text, published_at). Tables out: `duplicate_pairs`,
    `article_signatures`, `signature_bands`, with the stored articles stated again in `restated`. Every
    unit is done: a text too short for shingles has exact copies only.
    """
    articles, lookup = batch.tables[Article.table.name], batch.lookup
    prints = fingerprint(articles)
    fresh = _signatures(prints, articles["published_at"])
    plan = _plan(fresh, lookup)
    known = pa.concat_tables([fresh, plan.members])
    prints = _with_texts(prints, plan.added, lookup)
    change = Change.of(members(_bands(prints, plan.added), known), plan.removed, lookup)

    touched = np.concatenate([paragraphs(change.added), paragraphs(change.left)])
    boilerplate = Boilerplate.of(touched, change, lookup)
    flipped = pa.table({"bucket": boilerplate.buckets[boilerplate.was != boilerplate.is_now]})
    turned = ask(lookup, queries.TURNED, IDS, flipped.num_rows > 0, flipped=flipped, **change.parts)
    again = tuple(turned["article_id"].to_pylist())
    if again:
        stored = ask(lookup, queries.STORED_SIGNATURES, SIGNATURE, True, wanted=turned)
        known = pa.concat_tables([known, stored])
        prints = _with_texts(prints, again, lookup)
        added = pa.concat_tables([change.added, members(_bands(prints, again), stored)])
        change = Change.of(added, (*plan.removed, *again), lookup)
        boilerplate = Boilerplate.of(paragraphs(added), change, lookup)
    fresh_texts = _Judged.of(prints, {*plan.added, *again}, boilerplate.now)
    known = fresh_texts.with_sketches(known)

    affected = ask(lookup, queries.AFFECTED, IDS, any_later(change, lookup), **change.parts)
    stored_signatures = ask(lookup, queries.STORED_SIGNATURES, SIGNATURE, affected.num_rows > 0, wanted=affected)
    stored_bands = ask(lookup, queries.STORED_BANDS, BAND, affected.num_rows > 0, wanted=affected)

    writers = pa.concat_tables([change.added, members(stored_bands, stored_signatures)])
    found, sketches = candidates(writers, change, lookup)
    near = _verified(_possible(found, prints, fresh_texts, sketches, lookup), prints, change, lookup)
    exact = _exact_pairs(known, plan.leaders)
    tables = {
        DuplicatePair.table.name: pa.concat_tables([exact, near]),
        ArticleSignature.table.name: pa.concat_tables([known, stored_signatures]),
        SignatureBand.table.name: pa.concat_tables([change.added.select(BAND.names), stored_bands]),
    }
    mended = pa.concat_tables([table.select(IDS.names) for table in (plan.members, turned, affected)])
    restated = set(mended["article_id"].to_pylist()) - set(batch.units)
    return StageOutput(tables, restated=tuple(sorted(restated)))


def _plan(fresh: pa.Table, lookup: Lookup) -> Plan:
    units = set(fresh["article_id"].to_pylist())
    befores: dict[str, str] = {}
    firsts = dict[str, tuple[int, str]]()
    for row in lookup(queries.LEADERS, fresh=fresh).to_pylist():
        befores[row["content_key"]] = row["leader"]["article_id"]
        if row["staying"] is not None:
            firsts[row["content_key"]] = (row["staying"]["moment"], row["staying"]["article_id"])
    columns = (fresh["content_key"], moments(fresh), fresh["article_id"])
    for key, moment, article_id in zip(*(column.to_pylist() for column in columns), strict=True):
        firsts[key] = min(firsts.get(key, (moment, article_id)), (moment, article_id))
    leaders = {key: article_id for key, (_, article_id) in firsts.items()}
    changed, removed, added = [], [], []
    for key in befores | leaders:
        before, after = befores.get(key), leaders.get(key)
        if after is not None and (after != before or after in units):
            added.append(after)
        if before is not None and (after != before or before in units):
            removed.append(before)
            if after is not None and after != before:
                changed.append(key)
    keys = pa.table({"content_key": pa.array(changed, _ID)})
    moved = ask(lookup, queries.MEMBERS, SIGNATURE, bool(changed), changed=keys, fresh=fresh)
    return Plan(leaders, moved, tuple(sorted(removed)), tuple(sorted(added)))


def _with_texts(prints: Fingerprints, wanted: tuple[str, ...], lookup: Lookup) -> Fingerprints:
    """The fingerprints together with those of stored articles that are not among them yet."""
    missing = sorted(set(wanted) - set(prints.ids))
    if not missing:
        return prints
    wanted_ids = id_table(missing)
    stretches = [(0, queries.UNDATED)]
    if lookup(queries.ARTICLES)["n"][0].as_py() > queries.APART:
        places = lookup(queries.PLACES, wanted=wanted_ids)["place"].to_pylist()
        starts = [at for at in range(len(places)) if not at or places[at] - places[at - 1] > queries.APART]
        stretches = [(places[at], places[after - 1]) for at, after in pairwise([*starts, len(places)])]
    asked = (queries.TEXTS.format(first=low, last=high) for low, high in stretches)
    texts = [found for query in asked if (found := lookup(query, wanted=wanted_ids)).num_rows]
    return prints + fingerprint(pa.concat_tables(texts)) if texts else prints


def _signatures(prints: Fingerprints, published_at: pa.ChunkedArray) -> pa.Table:
    samples = np.bincount(sampled(prints.shingles)[0], minlength=len(prints.ids))
    columns = [
        pa.array(prints.ids, _ID),
        pa.array(prints.keys, _ID),
        pa.array(prints.shingles.counts),
        pa.array(samples),
        published_at,
        pa.nulls(len(prints.ids), pa.binary()),
    ]
    return cast(pa.table(columns, names=SIGNATURE.names), SIGNATURE)


def _bands(prints: Fingerprints, wanted: tuple[str, ...]) -> pa.Table:
    """The buckets of some of the articles; those too short for a shingle have none."""
    wanted_ids = set(wanted)
    chosen = [index for index, article_id in enumerate(prints.ids) if article_id in wanted_ids]
    ids = pa.array([prints.ids[index] for index in chosen], _ID)
    shingles = prints.subset(chosen)
    documents, minima = signatures(shingles)
    owners, values = sampled(shingles)
    paragraphs = [prints.paragraphs(index) for index in chosen]
    counts = [len(found) for found in paragraphs]
    rows = np.concatenate([np.repeat(documents, BANDS), owners, np.repeat(np.arange(len(chosen)), counts)])
    bands = [np.tile(np.arange(BANDS), len(documents)), np.full(len(owners), queries.SAMPLE_BAND)]
    bands.append(np.full(sum(counts), queries.PARAGRAPH_BAND))
    flat = np.fromiter((bucket for found in paragraphs for bucket in found), np.int64, sum(counts))
    found = np.concatenate([buckets(minima).ravel(), values, flat])
    return pa.table([ids.take(pa.array(rows)), pa.array(np.concatenate(bands)), pa.array(found)], schema=BAND)


def _exact_pairs(known: pa.Table, leaders: dict[str, str]) -> pa.Table:
    """One pair for each member of a group that is not its canonical article."""
    later, earlier = [], []
    for article_id, key in zip(known["article_id"].to_pylist(), known["content_key"].to_pylist(), strict=True):
        if leaders.get(key, article_id) != article_id:
            later.append(article_id)
            earlier.append(leaders[key])
    return _pairs(later, earlier, "exact", np.ones(len(later)), EXACT_METHOD)


def _possible(
    found: pa.Table, prints: Fingerprints, fresh: _Judged, sketched: pa.Table | None, lookup: Lookup
) -> pa.Table:
    """The candidates but those of which the sketches of stored articles say that they cannot repeat each other."""
    read = set(prints.ids)
    pairs = list(zip(*(found[name].to_pylist() for name in CANDIDATE.names), strict=True))
    unread = sorted({article_id for pair in pairs for article_id in pair} - read)
    if sketched is None:
        held = ask(lookup, queries.SKETCHES, SKETCH, bool(unread), wanted=id_table(unread))
    else:  # of articles that were read the sketch may be out of date
        held = sketched.filter(pc.is_in(sketched["article_id"], pa.array(unread, _ID)))
    counts = zip(held["sketch"].to_pylist(), held["shingle_count"].to_pylist(), strict=True)
    sketches = dict(zip(held["article_id"].to_pylist(), counts, strict=True))
    kept = np.ones(len(pairs), np.bool_)
    rows, mine, theirs = [], [], []
    for row, pair in enumerate(pairs):
        for one, other in (pair, pair[::-1]):
            if one in fresh.places and other in sketches:
                rows.append(row)
                mine.append(fresh.places[one])
                theirs.append(sketches[other][0])
        if pair[0] in sketches and pair[1] in sketches:
            kept[row] = possible_unread(sketches[pair[0]], sketches[pair[1]])
    kept[rows] = possible(fresh.shingles, np.array(mine, np.int64), theirs)
    return found.filter(pa.array(kept))


def _verified(found: pa.Table, prints: Fingerprints, change: Change, lookup: Lookup) -> pa.Table:
    """The candidates that repeat each other, judged by their whole texts but boilerplate."""
    ids = {article_id for name in CANDIDATE.names for article_id in found[name].to_pylist()}
    prints = _with_texts(prints, tuple(ids), lookup)
    index = {article_id: place for place, article_id in enumerate(prints.ids)}
    # A stored signature may have outlived its article; without the text there is nothing to verify.
    pairs = [(row["article_id"], row["duplicate_of"]) for row in found.to_pylist()]
    pairs = [pair for pair in pairs if pair[0] in index and pair[1] in index]
    left = np.array([index[later] for later, _ in pairs], np.int64)
    right = np.array([index[earlier] for _, earlier in pairs], np.int64)
    involved = sorted({*left.tolist(), *right.tolist()})
    asked = np.array([bucket for place in involved for bucket in prints.paragraphs(place)], np.int64)
    shingles = prints.without(Boilerplate.of(asked, change, lookup).now, involved)
    left, right = np.searchsorted(involved, left), np.searchsorted(involved, right)
    share = overlap(shingles, left, right)
    near = share.jaccard >= queries.MIN_SIMILARITY
    enough = np.minimum(shingles.counts[left], shingles.counts[right]) >= queries.MIN_CONTAINED
    inside = ~near & enough & (share.containment >= queries.MIN_CONTAINMENT)
    tables = []
    for kept, similarity, method in ((near, share.jaccard, NEAR_METHOD), (inside, share.containment, CONTAINED_METHOD)):
        later, earlier = ([pair[side] for pair, keep in zip(pairs, kept, strict=True) if keep] for side in (0, 1))
        tables.append(_pairs(later, earlier, "near", similarity[kept], method))
    return pa.concat_tables(tables)


def _pairs(
    later: list[str], earlier: list[str], kind: str, similarity: np.typing.NDArray[np.float64], method: str
) -> pa.Table:
    names = [pa.array([name] * len(later), _ID) for name in (kind, method)]
    columns = [pa.array(later, _ID), pa.array(earlier, _ID), names[0], pa.array(similarity), names[1]]
    return pa.table(columns, schema=_PAIR)


def version() -> str:
    """What the pairs depend on, apart from the code."""
    return f"{NEAR_METHOD}>={queries.MIN_SIMILARITY}; {CONTAINED_METHOD}>={queries.MIN_CONTAINMENT}"
