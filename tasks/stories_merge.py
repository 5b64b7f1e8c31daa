"""From threads to stories, best first: of all pairs that may be joined the two most alike are, then the next.

In order of time alone, whoever comes first decides: two reports of one vote, each alone near nothing, would found two
stories before the report comes that both resemble. So the threads begun within one BLOCK of time are joined with each
other, and with the stories begun before it, best first; blocks follow in order of time. Two stories of earlier blocks
are not joined any more: what a thread joins depends on the threads begun until the end of its block, and a SPAN before
it, and on nothing later.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from tasks.minhash import Positions
from tasks.stories_score import DAY, Items, Numbers, Scale, lengths
from tasks.stories_threads import NONE, Threads
from tasks.stories_vectors import Vectors, quantised

#: Threads of one story (the vote, the reactions) begin within so long.
SPAN = 4 * DAY
#: Best first within half a day, one, two and four days, over 27 settings of the cuts: mean of the three scores of
#: `bench.stories` .773, .785, .790, .792; in order of time .769. Each day more is matched again by every late article.
BLOCK = 2 * DAY
#: Threads whose nearest are looked for at once: beside 10,000 others some 10 MB.
_ROWS = 128
_NEVER = -np.inf


@dataclass(frozen=True, slots=True)
class Groups:
    """Threads, each with the moment at which it `begun`, in order; `sums` (n, 384) and `counts` (n) are the sum of its
    articles' vectors and their number."""

    begun: Positions
    sums: Numbers
    counts: Positions


def gather(known: Items, threads: Threads, firsts: Positions) -> Groups:
    """The threads that begin with the articles `firsts`."""
    place = np.full(len(known), NONE, np.int64)
    place[firsts] = np.arange(len(firsts))
    members = np.flatnonzero(threads.first != NONE)
    owners = place[threads.first[members]]
    members, owners = members[owners != NONE], owners[owners != NONE]
    sums = np.zeros((len(firsts), known.vectors.shape[1]))
    # Each article counts the same, however its bytes are scaled; whole numbers again, so that sums are exact.
    even = np.rint(known.vectors[members] * (4096 / known.lengths[members])[:, None])
    np.add.at(sums, owners, even)
    return Groups(known.moments[firsts], sums, np.bincount(owners, minlength=len(firsts)))


def block_begin(moment: int) -> int:
    """The moment at which the block of a moment begins."""
    return moment // BLOCK * BLOCK


def merge(threads: Groups, scale: Scale, start: int, roots: Positions) -> None:
    """Find the first thread of the story of all threads from `start` on, where a block begins.

    Those before are given in `roots`; one whose story began outside has NONE.
    """
    if start == len(roots):
        return
    stories = _Stories(threads, scale)
    stories.given(roots[:start])
    blocks = threads.begun[start:] // BLOCK
    edges = [0, *(np.flatnonzero(np.diff(blocks)) + 1).tolist(), len(blocks)]
    for low, high in pairwise(edges):
        stories.join_block(start + low, start + high)
    roots[start:] = stories.root[start:]


class _Stories:
    """Stories in the making, each at the place of its first thread: when its threads began, their sum and number."""

    def __init__(self, threads: Groups, scale: Scale) -> None:
        self.scale = scale
        self.first, self.latest = threads.begun, threads.begun.copy()
        self.sums, self.counts = threads.sums.copy(), threads.counts.copy()
        self.heads: Vectors = quantised(threads.sums).astype(np.float32)
        self.lengths = lengths(self.heads)
        self.root = np.arange(len(threads.begun))
        self.open = np.zeros(len(threads.begun), np.bool_)

    def given(self, roots: Positions) -> None:
        """Take over where the first threads are."""
        members = np.flatnonzero(roots != NONE)
        members = members[roots[members] != members]
        owners = roots[members]
        np.add.at(self.sums, owners, self.sums[members])
        np.add.at(self.counts, owners, self.counts[members])
        np.maximum.at(self.latest, owners, self.first[members])
        changed = np.unique(owners)
        self.heads[changed] = quantised(self.sums[changed])
        self.lengths[changed] = lengths(self.heads[changed])
        self.root[: len(roots)] = roots
        self.open[: len(roots)] = roots == np.arange(len(roots))

    def join_block(self, low: int, high: int) -> None:
        """Join the threads from `low` until `high` with each other and with the open stories before, best first.

        Of every new thread only the nearest is held. Where that one has changed, the likeness to it is no more than an
        upper bound (all others were less), and looked for again when its turn comes: memory stays linear.
        """
        base = int(np.searchsorted(self.first, self.first[low] - SPAN))
        self.open[low:high] = True
        nearest, likeness = self._nearest(base, low, high)
        is_exact = np.ones(high - low, np.bool_)
        while likeness.max() >= self.scale.merge:
            row = int(likeness.argmax())
            if not is_exact[row]:
                nearest[row], likeness[row] = self._nearest_of(low + row, base, high)
                is_exact[row] = True
                continue
            one, other = sorted((low + row, int(nearest[row])))
            self._join(one, other)
            likeness[other - low] = _NEVER
            if one >= low:
                nearest[one - low], likeness[one - low] = self._nearest_of(one, base, high)
                is_exact[one - low] = True
            found = self._likeness_of(one, low, high)
            nearer = found > likeness
            turned = ((nearest == one) | (nearest == other)) & ~nearer & (likeness > _NEVER)
            if one >= low:
                turned[one - low] = False
            nearest[nearer], likeness[nearer], is_exact[nearer] = one, found[nearer], True
            is_exact[turned] = False
        for thread in range(low, high):
            self.root[thread] = self.root[self.root[thread]]  # an earlier one's root is final

    def _join(self, one: int, other: int) -> None:
        self.root[other], self.open[other] = one, False
        self.sums[one] += self.sums[other]
        self.counts[one] += self.counts[other]
        self.latest[one] = max(self.latest[one], self.latest[other])
        self.heads[one] = quantised(self.sums[one][None])[0]
        self.lengths[one] = lengths(self.heads[one][None])[0]

    def _nearest(self, base: int, low: int, high: int) -> tuple[Positions, Numbers]:
        """The nearest open story from `base` on of each thread from `low` until `high`, and how near it is."""
        nearest, likeness = np.full(high - low, NONE, np.int64), np.full(high - low, _NEVER)
        for at in range(low, high, _ROWS):
            rows = slice(at, min(at + _ROWS, high))
            products = self.heads[rows] @ self.heads[base:high].T
            cosines = products / (self.lengths[rows, None] * self.lengths[base:high])
            left, right = np.nonzero((cosines >= self.scale.merge) & self.open[base:high])
            values = self._likeness(left + at, right + base, cosines[left, right])
            order = np.lexsort((right, -values, left))
            left, right, values = left[order], right[order], values[order]
            first = np.flatnonzero(np.diff(left, prepend=-1))
            places = left[first] + at - low
            nearest[places], likeness[places] = right[first] + base, values[first]
        return nearest, likeness

    def _nearest_of(self, one: int, base: int, high: int) -> tuple[int, float]:
        found = self._likeness_of(one, base, high)
        best = int(found.argmax())
        return base + best, float(found[best])

    def _likeness_of(self, one: int, low: int, high: int) -> Numbers:
        """How much a story resembles each of those from `low` until `high`; those that it cannot join, never."""
        products = self.heads[low:high] @ self.heads[one]
        cosines: Numbers = products / (self.lengths[low:high] * self.lengths[one])
        others = np.flatnonzero((cosines >= self.scale.merge) & self.open[low:high])
        found = np.full(high - low, _NEVER)
        found[others] = self._likeness(np.full(len(others), one), others + low, cosines[others])
        return found

    def _likeness(self, left: Positions, right: Positions, cosines: Numbers) -> Numbers:
        """How much stories resemble each other, the same for (a, b) as for (b, a) to the last digit.

        Reports of one story follow each other, so each day of silence counts against it. Sums of many articles are
        nearer to each other than single articles are, whatever they tell: so does the size of the smaller of the two.
        """
        began, ended = (
            np.maximum(self.first[left], self.first[right]),
            np.minimum(self.latest[left], self.latest[right]),
        )
        silent = np.maximum(began - ended, 0) / DAY
        # Six digits: how the last ones of many logarithms come out may depend on how many these are.
        smaller = np.round(np.log(np.minimum(self.counts[left], self.counts[right])), 6)
        found: Numbers = cosines - self.scale.silence * silent - self.scale.size * smaller
        whole = np.maximum(self.latest[left], self.latest[right]) - np.minimum(self.first[left], self.first[right])
        found[(left == right) | (whole > SPAN)] = _NEVER
        return found
