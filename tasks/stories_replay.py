"""Which stories change when some articles do: matching run again over the stretch of time that they can reach.

Everything here returns what a rebuild would: `stories_threads.py` and `stories_merge.py` say how far a change reaches,
and a stretch is made longer until, for as long as that, all is as it was stored.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tasks import stories_queries as queries
from tasks.deduplicate import CONTAINED_METHOD
from tasks.deduplicate_queries import UNDATED
from tasks.minhash import Positions
from tasks.stage import Lookup
from tasks.stories_merge import BLOCK, SPAN, block_begin, gather, merge
from tasks.stories_score import Items, Scale, items
from tasks.stories_threads import HABIT, NONE, WINDOW, Threads, centred, thread

#: A change of places at one moment touches threads begun a WINDOW before, those begun in the same BLOCK as these, and
#: stories begun a SPAN before those.
REACH = WINDOW + BLOCK + SPAN
#: An article that comes or goes changes, besides, the vectors of the HABIT before and after it. What these join may
#: change even where nothing has changed before, so a stretch begins with them, and ends no sooner. One REACH more than
#: is needed: most changes end within it, and the stretch need not be matched twice.
AFTER = HABIT + 3 * REACH


#: For each node the earlier ones that it nearly repeats, how similar they are, and whether one lies inside the other.
Near = dict[str, list[tuple[str, float, bool]]]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a node is: `root` and `thread` are the first articles of its story and its thread."""

    root: str
    thread: str
    partner: str | None
    chance: float
    method: str


@dataclass(frozen=True, slots=True)
class Placed:
    """The nodes of some stretches: their places now, the stories that held them before, and which changed."""

    places: dict[str, Place]
    stories: dict[str, str]
    changed: set[str]


@dataclass(frozen=True, slots=True)
class Now:
    """The warehouse as it is after the batch: `mine` takes the place of stored features, `pairs` of stored pairs."""

    mine: pa.Table
    pairs: pa.Table
    lookup: Lookup

    def nodes(self, query: str) -> pa.Table:
        return self.lookup(query, mine=self.mine)

    def near(self, ids: Sequence[str]) -> Near:
        """What each of these nodes nearly repeats."""
        asked = pa.table({"article_id": pa.array(ids, pa.string())})
        columns = ["article_id", "duplicate_of", "similarity", "method"]
        fresh = self.pairs.filter(pc.equal(self.pairs["kind"], "near")).select(columns)
        stored = self.lookup(queries.NEAR, mine=self.mine.select(["article_id"]), asked=asked).cast(fresh.schema)
        found: Near = {}
        for row in pa.concat_tables([fresh, stored]).to_pylist():
            found.setdefault(row["article_id"], []).append(
                (row["duplicate_of"], row["similarity"], row["method"] == CONTAINED_METHOD)
            )
        return found


def replay(moments: Sequence[int], touched: set[str], now: Now, scale: Scale) -> Placed:
    """Places of all dated nodes that changes at these moments can reach.

    Read are, of each stretch, the members of all threads begun from a REACH before it, which its articles' threads
    are merged with, and the HABIT before these and after it, which vectors depend on. It is over where no place has
    changed for two REACHes: one in which the changes die out, and one for the other members of stories that changed.
    Threads that are not read whole at its end are left as they are: they would seem to have changed. A moment
    that a stretch comes within REACH of is part of it, so that none reads places that another one changes.
    """
    placed = Placed({}, {}, set())
    waiting = deque(sorted(moments))
    while waiting:
        first = waiting.popleft()
        start, end = first - HABIT, first + AFTER
        while True:
            while waiting and waiting[0] - HABIT - REACH <= end:
                end = max(end, waiting.popleft() + AFTER)
            found, until = _settle(now, start, end, touched, scale)
            if until + 2 * REACH <= block_begin(end - WINDOW):
                break
            end = until + 4 * REACH
        placed.places.update(found.places)
        placed.stories.update(found.stories)
        placed.changed.update(found.changed)
    return placed


def _settle(now: Now, start: int, end: int, touched: set[str], scale: Scale) -> tuple[Placed, int]:
    """Match the nodes of a stretch again, and those of their threads that begin early enough to be read whole.

    Returns the moment of the last that changed, too.
    """
    rows = now.nodes(queries.nodes(start - REACH - HABIT, end + HABIT))
    known = centred(items(rows, UNDATED)).until(end)
    place = {article_id: at for at, article_id in enumerate(known.ids)}
    stored = _Stored(rows)
    threads = Threads(len(known))
    begin = int(np.searchsorted(known.moments, start))
    for at in range(begin):
        threads.first[at] = place.get(stored.threads[at] or "", NONE)
    thread(known, scale, begin, threads, _copies(known, place, now.near(known.ids)))
    whole = block_begin(end - WINDOW)  # threads begun later may have articles after the end
    firsts = np.unique(threads.first[threads.first != NONE])
    firsts = firsts[(known.moments[firsts] >= start - REACH) & (known.moments[firsts] < whole)]
    begun = int(np.searchsorted(known.moments[firsts], block_begin(start - WINDOW)))
    roots: Positions = np.full(len(firsts), NONE, np.int64)
    at_thread = {int(first): at for at, first in enumerate(firsts.tolist())}
    for at in range(begun):
        roots[at] = at_thread.get(place.get(stored.roots[firsts[at]] or "", NONE), NONE)
    merge(gather(known, threads, firsts), scale, begun, roots)
    return _compare(known, stored, threads, firsts, roots, begin, begun, touched)


class _Stored:
    """What the warehouse says of each node's place; None for one that is new."""

    def __init__(self, rows: pa.Table) -> None:
        self.stories: list[str | None] = rows["story_id"].to_pylist()
        self.threads: list[str | None] = rows["thread_id"].to_pylist()
        self.roots: list[str | None] = rows["canonical_id"].to_pylist()
        self.partners: list[str | None] = rows["matched_with"].to_pylist()
        self.chances: list[float | None] = rows["similarity"].to_pylist()


def _copies(known: Items, place: dict[str, int], near: Near) -> dict[int, int]:
    """For each node that nearly repeats earlier ones, the most similar of them, the earliest of equals.

    An item inside a longer text may be one of many in a digest: whether the two tell one story is left to the score.
    """
    found: dict[int, int] = {}
    for article_id, at in place.items():
        repeated = [found for found in near.get(article_id, ()) if found[0] in place and not found[2]]
        options = [(-similarity, place[other]) for other, similarity, _ in repeated]
        options = [option for option in options if option[1] < at and known.moments[at] < UNDATED]
        if options:
            found[at] = min(options)[1]
    return found


def _compare(
    known: Items, stored: _Stored, threads: Threads, firsts: Positions, roots: Positions, begin: int, begun: int,
    touched: set[str],
) -> tuple[Placed, int]:  # fmt: skip
    placed, until = Placed({}, {}, set()), 0
    at_thread = {int(first): at for at, first in enumerate(firsts.tolist())}
    for at, article_id in enumerate(known.ids):
        story = stored.stories[at]
        if story is not None:
            placed.stories[article_id] = story
        group = at_thread.get(int(threads.first[at]))
        if group is None:
            continue
        thread_id = known.ids[int(threads.first[at])]
        root = known.ids[int(firsts[roots[group]])] if roots[group] != NONE else stored.roots[at]
        if root is None:
            continue
        partner, chance = stored.partners[at], stored.chances[at] or 0.0
        method = "first" if partner is None else "match"
        if at >= begin:
            number = int(threads.partner[at])
            partner, chance = (known.ids[number] if number != NONE else None), float(threads.chance[at])
            method = "first" if partner is None else "match"
        placed.places[article_id] = Place(root, thread_id, partner, chance, method)
        before = (stored.threads[at], stored.roots[at], stored.partners[at], stored.chances[at])
        if article_id in touched or before != (thread_id, root, partner, chance):
            placed.changed.add(article_id)
            until = max(until, int(known.moments[at]))
    return placed, until
