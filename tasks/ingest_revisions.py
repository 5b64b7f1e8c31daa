"""Which of several documents of one article stays: its revisions in order, whatever order they come in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Final, NamedTuple

import pyarrow as pa

from tasks.stage import Excluded, StageInput

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
#: Before every real time: what has no date, or no document any more, is older than what has.
_NEVER: Final = -(2**62)
#: What the warehouse holds of the batch's articles. Times as microseconds compare without time zones.
STORED: Final = """
SELECT a.article_id, a.document_id, a.content_hash,
       epoch_us(a.published_at) AS published_at, epoch_us(r.fetched_at) AS fetched_at,
       a.language, a.language_confidence, a.language_method
FROM articles a LEFT JOIN raw_documents r USING (document_id)
WHERE a.article_id IN (SELECT article_id FROM wanted) OR a.document_id IN (SELECT document_id FROM reread)
"""
#: The other documents of articles whose own document says less than it did.
REVISIONS: Final = """
SELECT document_id, source, uri, fetched_at, media_type, content_sha256, payload, metadata FROM raw_documents
WHERE article_id IN (SELECT article_id FROM wanted) AND document_id NOT IN (SELECT document_id FROM reread)
"""

_Row = dict[str, object]


class Rank(NamedTuple):
    """The order of revisions: the greatest stays.

    Publication time first, then the time of fetching; the rest only makes the order total, so that the same
    documents leave the same article in whatever order and batches they come.
    """

    published_at: int
    fetched_at: int
    content_hash: str
    document_id: str


class Candidate(NamedTuple):
    """What one document says of its article: its row, and the encoding that its page was read in."""

    rank: Rank
    row: _Row
    encoding: str | None


def stored_of(candidates: Mapping[str, object], batch: StageInput) -> dict[str, _Row]:
    """What the warehouse holds of the batch's articles, and of those that were read from its documents before."""
    found = batch.lookup(STORED, wanted=_ids("article_id", candidates), reread=_ids("document_id", batch.units))
    return {str(row["article_id"]): row for row in found.to_pylist()}


def others_of(articles: Iterable[str], batch: StageInput) -> list[_Row]:
    """The stored documents of some articles, beside those of the batch."""
    found = batch.lookup(REVISIONS, wanted=_ids("article_id", articles), reread=_ids("document_id", batch.units))
    rows: list[_Row] = found.to_pylist()
    return rows


def _ids(name: str, identifiers: Iterable[str]) -> pa.Table:
    return pa.table({name: pa.array(sorted(identifiers), pa.string())})


def fallen(candidates: Mapping[str, list[Candidate]], stored: Mapping[str, _Row], read: frozenset[str]) -> list[str]:
    """The articles whose own document, `read` again, says less than it did: other documents may now stay."""
    found: list[str] = []
    for identifier, held in stored.items():
        if held["document_id"] not in read:
            continue
        again = [c.rank for c in candidates.get(identifier, []) if c.rank.document_id == held["document_id"]]
        was = _rank_of(held)
        if not again or (again[0].published_at, again[0].fetched_at) < (was.published_at, was.fetched_at):
            found.append(identifier)
    return found


def latest(
    candidates: Mapping[str, list[Candidate]], stored: Mapping[str, _Row], read: frozenset[str]
) -> tuple[list[_Row], list[Excluded]]:
    """The one row of each article that stays, and the documents that it leaves behind.

    What is stored of a document that was `read` again is out of date: it competes as a candidate, if at all.
    """
    rows: list[_Row] = []
    excluded: list[Excluded] = []
    for identifier, group in candidates.items():
        held = stored.get(identifier)
        best = max(group, key=lambda candidate: candidate.rank)
        top = best.rank
        if held is not None and held["document_id"] not in read:
            top = max(top, _rank_of(held))
        if top == best.rank:
            rows.append(_with_language(best.row, held))
        for candidate in group:
            if candidate.rank != top and candidate.rank.document_id in read:
                same = candidate.rank.content_hash == top.content_hash
                excluded.append(Excluded(candidate.rank.document_id, "same-content" if same else "older-revision"))
    return rows, excluded


def _rank_of(held: _Row) -> Rank:
    published, fetched = held["published_at"], held["fetched_at"]
    return Rank(
        published if isinstance(published, int) else _NEVER,
        fetched if isinstance(fetched, int) else _NEVER,
        str(held["content_hash"]),
        str(held["document_id"]),
    )


def _with_language(row: _Row, held: _Row | None) -> _Row:
    """Keep the language that was found for the same content: its stage will not be due for it again."""
    if held is None or held["content_hash"] != row["content_hash"]:
        return row
    return row | {name: held[name] for name in ("language", "language_confidence", "language_method")}


def microseconds(moment: datetime | None) -> int:
    """A time as microseconds since 1970, as the warehouse counts it; no time is before all."""
    if moment is None:
        return _NEVER
    elapsed = moment - _EPOCH
    return (elapsed.days * 86_400 + elapsed.seconds) * 1_000_000 + elapsed.microseconds
