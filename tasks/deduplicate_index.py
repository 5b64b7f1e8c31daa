"""What the index of buckets tells of a batch: which paragraphs are boilerplate, and which articles may repeat which.

Each statement costs DuckDB some milliseconds, however little it finds, and a join or window in it one more. So the
questions of a batch are short ones over what is stored, asked when they can have an answer, and what the batch itself
adds is counted here. Of a large batch DuckDB sorts the buckets too: there they are what costs.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tasks import deduplicate_queries as queries
from tasks.minhash import Positions, ragged
from tasks.stage import Lookup

_ID = pa.string()
SIGNATURE: Final = pa.schema(
    [
        ("article_id", _ID), ("content_key", _ID), ("shingle_count", pa.int64()), ("sample_count", pa.int64()),
        ("published_at", pa.timestamp("us", tz="UTC")), ("sketch", pa.binary()),
    ]
)  # fmt: skip
BAND: Final = pa.schema([("article_id", _ID), ("band", pa.int64()), ("bucket", pa.int64())])
MEMBER: Final = pa.schema([*BAND, ("moment", pa.int64()), ("shingle_count", pa.int64()), ("sample_count", pa.int64())])
IDS: Final = pa.schema([("article_id", _ID)])
CANDIDATE: Final = pa.schema([("article_id", _ID), ("duplicate_of", _ID)])
SKETCH: Final = pa.schema([("article_id", _ID), ("shingle_count", pa.int64()), ("sketch", pa.binary())])
_COUNT: Final = pa.schema([("bucket", pa.int64()), ("articles", pa.int64())])
_FACTS: Final = pa.schema([*SKETCH, ("sample_count", pa.int64()), ("moment", pa.int64())])

#: The buckets of some 1,000 articles: so many are sorted here.
FEW = 30_000
#: Their stored members, 52 bytes each; a bucket that a million pages have in common has more.
MOST_MET = 200_000


@dataclass(frozen=True, slots=True)
class Change:
    """What a batch does to the index: the rows of canonical articles that enter it (columns of `MEMBER`), and those
    that leave it (of `BAND`), with the ids of their articles. One that changes does both."""

    added: pa.Table
    removed: pa.Table
    left: pa.Table

    @classmethod
    def of(cls, added: pa.Table, removed: tuple[str, ...], lookup: Lookup) -> Change:
        gone = id_table(removed)
        return cls(added, gone, ask(lookup, queries.STORED_BANDS, BAND, bool(removed), wanted=gone))

    @property
    def parts(self) -> dict[str, pa.Table]:
        """As the questions name them."""
        return {"added": self.added, "removed": self.removed}


@dataclass(frozen=True, slots=True)
class Boilerplate:
    """Paragraphs, ascending, and whether they were boilerplate before a batch and are after it."""

    buckets: Positions
    was: np.typing.NDArray[np.bool_]
    is_now: np.typing.NDArray[np.bool_]

    @classmethod
    def of(cls, asked: Positions, change: Change, lookup: Lookup) -> Boilerplate:
        buckets = np.unique(asked)
        table = pa.table({"bucket": buckets})
        stored = ask(lookup, queries.PARAGRAPHS, _COUNT, len(buckets) > 0, asked=table)
        before = np.zeros(len(buckets), np.int64)
        before[np.searchsorted(buckets, stored["bucket"].to_numpy())] = stored["articles"].to_numpy()
        after = before - _counted(paragraphs(change.left), buckets) + _counted(paragraphs(change.added), buckets)
        return cls(buckets, before >= queries.BOILERPLATE, after >= queries.BOILERPLATE)

    @property
    def now(self) -> frozenset[int]:
        return frozenset(self.buckets[self.is_now].tolist())


def paragraphs(bands: pa.Table) -> Positions:
    """The buckets of paragraphs among some rows of the index."""
    buckets: Positions = bands.filter(pc.equal(bands["band"], queries.PARAGRAPH_BAND))["bucket"].to_numpy()
    return buckets


def any_later(change: Change, lookup: Lookup) -> bool:
    """Whether any stored article is no earlier than the first that enters or leaves: if not, none is affected."""
    leaving = ask(lookup, queries.STORED_SIGNATURES, SIGNATURE, change.removed.num_rows > 0, wanted=change.removed)
    found = [pc.min(column).as_py() for column in (change.added["moment"], moments(leaving))]
    first = [moment for moment in found if moment is not None]
    return bool(first) and lookup(queries.IS_LATER.format(moment=min(first))).num_rows > 0


def candidates(writers: pa.Table, change: Change, lookup: Lookup) -> tuple[pa.Table, pa.Table | None]:
    """For each writer, the earlier heads of its buckets that it may repeat, ascending (columns of `CANDIDATE`), and
    what is known of stored ones (columns of `SKETCH`), where this came out along with it."""
    if not writers.num_rows:
        return CANDIDATE.empty_table(), None
    if writers.num_rows <= FEW and (found := _of_few(writers, change, lookup)):
        return found
    return ask(lookup, queries.CANDIDATES, CANDIDATE, True, writers=writers, **change.parts), None


def _of_few(writers: pa.Table, change: Change, lookup: Lookup) -> tuple[pa.Table, pa.Table] | None:
    """What `queries.CANDIDATES` finds, for a small batch; nothing where too many are in its buckets."""
    writers, added = (rows.filter(pc.less_equal(rows["band"], queries.SAMPLE_BAND)) for rows in (writers, change.added))
    query = queries.MET.format(most=MOST_MET + 1)
    met = ask(lookup, query, BAND, writers.num_rows > 0, asked=writers.select(["band", "bucket"]))
    if met.num_rows > MOST_MET:
        return None
    met = met.filter(pc.invert(pc.is_in(met["article_id"], change.removed["article_id"].combine_chunks())))
    stored = id_table(pc.unique(met["article_id"]).to_pylist())
    facts = ask(lookup, queries.FACTS, _FACTS, stored.num_rows > 0, wanted=stored)
    members = pa.concat_tables([_with_facts(met, facts), added])
    both = pa.concat_tables([members, writers])
    names, rank, shingles, samples = _in_order(both)
    group = _groups(both)
    is_member = np.arange(len(group)) < members.num_rows
    heads = np.lexsort((rank[is_member], group[is_member]))
    starts = np.searchsorted(group[heads], np.arange(group.max(initial=0) + 2))
    heads = heads[np.arange(len(heads)) - starts[group[heads]] < queries.BUCKET_HEADS]
    starts = np.searchsorted(group[heads], np.arange(group.max(initial=0) + 2))
    mine = group[~is_member]
    counts = starts[mine + 1] - starts[mine]
    earlier = rank[heads[ragged(starts[mine], counts)]]
    later = np.repeat(rank[~is_member], counts)
    is_sample = np.repeat(writers["band"].to_numpy() == queries.SAMPLE_BAND, counts)
    behind = earlier < later
    pairs, which = np.unique(later[behind] * len(names) + earlier[behind], return_inverse=True)
    sampled = np.bincount(which, is_sample[behind], len(pairs))
    bands = np.bincount(which, ~is_sample[behind], len(pairs))
    later, earlier = pairs // max(1, len(names)), pairs % max(1, len(names))
    smaller = np.minimum(shingles[later], shingles[earlier])
    larger = np.maximum(shingles[later], shingles[earlier])
    of_smaller = np.where(shingles[earlier] <= shingles[later], samples[earlier], samples[later])
    share = Fraction(str(queries.MIN_SIMILARITY))  # exact, as DuckDB's decimals are
    similar = (bands > 0) & (smaller * share.denominator >= larger * share.numerator)
    inside = (sampled >= queries.MIN_SAMPLES * of_smaller) & (smaller >= queries.MIN_CONTAINED) & (sampled > 0)
    kept = similar | inside
    columns = [names.take(pa.array(side[kept])) for side in (later, earlier)]
    found = pa.table(columns, schema=CANDIDATE)
    known = facts.filter(pc.is_valid(facts["sketch"])).select(SKETCH.names)
    return found.sort_by([(name, "ascending") for name in CANDIDATE.names]), known


def _in_order(rows: pa.Table) -> tuple[pa.Array, Positions, Positions, Positions]:
    """The articles of some rows of `MEMBER` in order of time, the place of each row's article in it, and how many
    shingles and samples each article has."""
    coded = rows["article_id"].combine_chunks().dictionary_encode()
    codes = np.asarray(coded.indices)
    sizes = len(coded.dictionary)
    facts = {name: np.zeros(sizes, np.int64) for name in MEMBER.names[3:]}
    for name, values in facts.items():
        values[codes] = rows[name].to_numpy()
    table = pa.table({"moment": facts["moment"], "article_id": coded.dictionary})
    order = pc.sort_indices(table, [("moment", "ascending"), ("article_id", "ascending")]).to_numpy().astype(np.int64)
    rank = np.empty(sizes, np.int64)
    rank[order] = np.arange(sizes)
    return coded.dictionary.take(order), rank[codes], facts["shingle_count"][order], facts["sample_count"][order]


def _groups(rows: pa.Table) -> Positions:
    """A number for the bucket of each row."""
    band, bucket = rows["band"].to_numpy(), rows["bucket"].to_numpy()
    order = np.lexsort((bucket, band))
    new = np.ones(len(order), np.bool_)
    new[1:] = (np.diff(band[order]) != 0) | (bucket[order][1:] != bucket[order][:-1])
    groups = np.empty(len(order), np.int64)
    groups[order] = np.cumsum(new) - 1
    return groups


def members(bands: pa.Table, signed: pa.Table) -> pa.Table:
    """Bands with what orders and sizes their articles (columns of `MEMBER`)."""
    columns = [signed["article_id"], moments(signed), signed["shingle_count"], signed["sample_count"]]
    return _with_facts(bands, pa.table(columns, names=["article_id", *MEMBER.names[3:]]))


def _with_facts(bands: pa.Table, facts: pa.Table) -> pa.Table:
    """The bands of those articles of which something is known."""
    place = pc.index_in(bands["article_id"], facts["article_id"].combine_chunks())
    kept = pc.is_valid(place)
    known = facts.select(MEMBER.names[3:]).take(place.filter(kept))
    return cast(pa.table([*bands.select(BAND.names).filter(kept), *known], names=MEMBER.names), MEMBER)


def moments(signed: pa.Table) -> pa.ChunkedArray:
    """When the articles of some signatures appeared, in microseconds."""
    return pc.fill_null(signed["published_at"].cast(pa.int64()), queries.UNDATED)


def _counted(found: Positions, buckets: Positions) -> Positions:
    """How often each of some buckets, ascending, was found."""
    place = np.searchsorted(buckets, found)
    place = place[buckets[np.minimum(place, len(buckets) - 1)] == found] if len(buckets) else place[:0]
    return np.bincount(place, minlength=len(buckets))


def ask(lookup: Lookup, query: str, schema: pa.Schema, needed: bool, **tables: pa.Table) -> pa.Table:
    """The answer in the schema's columns; without a need nothing is asked, which is most of the time."""
    return cast(lookup(query, **tables), schema) if needed else schema.empty_table()


def id_table(found: tuple[str, ...] | list[str]) -> pa.Table:
    return pa.table({"article_id": pa.array(found, _ID)})


def cast(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """Columns in the schema's order and types (DuckDB names the UTC zone differently)."""
    return table.select(schema.names).cast(schema)
