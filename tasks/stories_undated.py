"""Articles without a date: each goes where the article is that it resembles most, dated ones first.

Time cannot narrow the choice, so the pair alone must convince (`Scale.alone`). An undated article may follow another
one of a smaller id; it never changes where dated ones are. Each is compared with every other, so only MOST of them
are matched, those of the smallest ids: which these are does not depend on who came first. The others stand alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tasks import stories_queries as queries
from tasks.deduplicate_queries import UNDATED
from tasks.minhash import Positions
from tasks.stories_replay import Now
from tasks.stories_score import Items, Numbers, Scale, items, probability

#: All pairs of so many are 1.25 thousand million products of 384 bytes: a minute of one core, and 80 MB at a time.
MOST = 50_000
#: So many nodes are read at once, 384 bytes of vector and about 1 kB of terms each; of more, a sixteenth at a time.
#: On a lake a question takes .05 s and more, however little it finds.
AT_ONCE = 50_000
_NODE = ["article_id", "published_at", "language", "vector", "terms"]


@dataclass(frozen=True, slots=True)
class Followed:
    """Whom an undated node follows (itself where nobody), and how probable it is that both tell one story."""

    target: str
    chance: float


def follow(now: Now, touched: set[str], scale: Scale) -> tuple[dict[str, Followed], pa.Table]:
    """All undated nodes with whom they follow, and their stored rows.

    Compared with all nodes: those that are new, and those whose best match may have changed.
    """
    rows = now.nodes(queries.undated(MOST))
    if not rows.num_rows:
        return {}, rows
    held = {
        row["article_id"]: Followed(row["matched_with"] or row["article_id"], row["similarity"] or 1.0)
        for row in rows.select(["article_id", "story_id", "matched_with", "similarity"]).to_pylist()
        if row["story_id"] is not None
    }
    left_out = set(unmatched(rows))
    held.update({article_id: Followed(article_id, 1.0) for article_id in left_out})
    ids = [article_id for article_id in rows["article_id"].to_pylist() if article_id not in left_out]
    again = {i for i in ids if i in touched or i not in held or held[i].target in touched}
    if len(ids) >= MOST:
        asked = pa.table({"article_id": pa.array(sorted(touched), pa.string())})
        again |= set(ids[len(ids) - now.lookup(queries.UNDATED_BEFORE, touched=asked)["n"][0].as_py() :])
    fresh = now.mine.filter(pc.is_null(now.mine["copy_of"])).select(_NODE)
    passed = pa.array(sorted(again | left_out), pa.string())
    others = rows.filter(pc.invert(pc.is_in(rows["article_id"], passed))).select(_NODE)
    again |= set(_best(others, fresh, scale))
    wanted = rows.filter(pc.is_in(rows["article_id"], pa.array(sorted(again), pa.string()))).select(_NODE)
    best: dict[str, tuple[float, int, str]] = {}
    for digit in _slices(now) if wanted.num_rows else ():
        for article_id, option in _best(wanted, now.nodes(queries.slice_of(digit)).select(_NODE), scale).items():
            best[article_id] = min(best.get(article_id, option), option)
    for article_id in again:
        score, _, target = best.get(article_id, (0.0, 0, article_id))
        chance = float(probability(np.array([-score]))[0]) if target != article_id else 1.0
        held[article_id] = Followed(target, chance)
    return {i: held[i] for i in rows["article_id"].to_pylist()}, rows


def _slices(now: Now) -> Sequence[str]:
    stored: int = now.lookup(queries.STORED)["n"][0].as_py()
    return "0123456789abcdef" if stored + now.mine.num_rows > AT_ONCE else ("",)


def unmatched(rows: pa.Table) -> list[str]:
    """Those of the undated nodes that are too many to be matched."""
    left_out: list[str] = rows.filter(pc.invert(rows["is_matched"]))["article_id"].to_pylist() if rows.num_rows else []
    return left_out


def _best(wanted: pa.Table, others: pa.Table, scale: Scale) -> dict[str, tuple[float, int, str]]:
    """For each wanted node that has a convincing pair among the others: (-score, moment, id) of the best."""
    if not (wanted.num_rows and others.num_rows):
        return {}
    schema = others.schema
    known = items(pa.concat_tables([wanted.cast(schema), others]), UNDATED)
    count = wanted.num_rows
    best: dict[str, tuple[float, int, str]] = {}
    step = max(1, (1 << 24) // max(len(known) - count, 1))
    for low in range(0, count, step):
        left, right = _candidates(known, low, min(low + step, count), count, scale)
        scores = scale.score(scale.evidence(known, left, right))
        for mine, other, score in _convincing(left, right, scores, scale):
            option = (-score, int(known.moments[other]), known.ids[other])
            best[known.ids[mine]] = min(best.get(known.ids[mine], option), option)
    return best


def _candidates(known: Items, low: int, high: int, count: int, scale: Scale) -> tuple[Positions, Positions]:
    products = known.vectors[low:high] @ known.vectors[count:].T
    cosines = products / np.outer(known.lengths[low:high], known.lengths[count:])
    rows, columns = np.nonzero(cosines >= scale.floor)
    left, right = rows + low, columns + count
    ids = np.array(known.ids)
    allowed = (known.moments[right] < UNDATED) | (ids[right] < ids[left])
    return left[allowed], right[allowed]


def _convincing(left: Positions, right: Positions, scores: Numbers, scale: Scale) -> list[tuple[int, int, float]]:
    kept = np.flatnonzero(scores >= scale.alone)
    return list(zip(left[kept].tolist(), right[kept].tolist(), scores[kept].tolist(), strict=True))
