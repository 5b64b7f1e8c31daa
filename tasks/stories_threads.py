"""Threads: articles that resemble each other within days of each other, as a function of the set of articles alone.

The first of two steps that resist chaining; the second makes stories of threads (`stories_merge.py`). Articles are
taken in order of `(moment, id)`. Each joins the **thread** whose articles it resembles most on the average, or begins
one; it must come within WINDOW of the thread's first article, so that a chain of likenesses cannot drag on: the same
two ministers meeting next week are another thread.

An article's vector depends on the articles of the HABIT before and after it, and what it joins on the vectors and
threads of the WINDOW before it alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from tasks.minhash import Positions
from tasks.stories_score import DAY, Items, Numbers, Scale, lengths, probability
from tasks.stories_vectors import quantised

#: Reports of one event follow each other within hours; nine in ten stories are over within two days.
WINDOW = 3 * DAY
#: What is usual shows in the articles of so long before and after, but for those of the same day: what is of today is
#: news, not habit; taken off, it would hide the story that it tells. Mean of the three scores of `bench.stories` over
#: 20 settings of the cuts: by the ten days before .783, by the five before and after .805, by ten either way .807.
HABIT = 5 * DAY
LATELY = DAY
_BLOCK = 128
#: Articles whose means are taken at once. Four days of 5,000 and the sums of the ten days around them are some 400 MB;
#: fewer at once would sum those ten days more often.
_CENTRED = 20_000
#: Mean of the three scores over the same 20 settings: 10 .806, 30 .805, 45 .809, 60 .810, 90 .810.
HABITUAL = 90
NONE = -1


def centred(known: Items) -> Items:
    """Take off each vector what the articles of its language have in common a day to a HABIT before it and after it.

    During the games everything is about the games, so that being about them is no evidence. Where a language has few
    articles its mean is drawn to that of all, by HABITUAL articles' weight, and that one in turn to nought.
    """
    even = np.empty(known.vectors.shape, np.int16)
    vectors = np.empty_like(known.vectors)
    blocks = [slice(low, low + _CENTRED) for low in range(0, len(known), _CENTRED)]
    for block in blocks:
        even[block] = np.rint(known.vectors[block] * (4096 / known.lengths[block])[:, None])
    telling = known.vectors.any(1)  # a vector of noughts, of too few words, stays one
    everything = np.flatnonzero(telling)
    languages = [np.flatnonzero((known.languages == name) & telling) for name in np.unique(known.languages).tolist()]
    for block in blocks:
        habit = np.zeros(even[block].shape)
        for rows in (everything, *languages):
            low, high = np.searchsorted(rows, [block.start, block.stop])
            mine = rows[low:high] - block.start
            sums, counts = _around(even, known.moments, rows, int(low), int(high))
            habit[mine] = (sums + HABITUAL * habit[mine]) / (counts + HABITUAL)[:, None]
        vectors[block] = quantised(even[block] - habit)
    return replace(known, vectors=vectors, lengths=lengths(vectors))


def _around(
    even: NDArray[np.int16], moments: Positions, rows: Positions, low: int, high: int
) -> tuple[Numbers, Numbers]:
    """For each of `rows[low:high]`, the sum and number of those of `rows` that are LATELY to a HABIT away from it."""
    asked, all_ = moments[rows[low:high]], moments[rows]
    spans = (
        (np.searchsorted(all_, asked - HABIT), np.searchsorted(all_, asked - LATELY)),
        (np.searchsorted(all_, asked + LATELY, side="right"), np.searchsorted(all_, asked + HABIT, side="right")),
    )
    first, last = int(spans[0][0].min(initial=low)), int(spans[1][1].max(initial=0))
    running = np.zeros((max(last - first, 0) + 1, even.shape[1]), np.int64)  # whole numbers: exact in any order
    np.cumsum(even[rows[first:last]], axis=0, out=running[1:])
    sums, counts = np.zeros((len(asked), even.shape[1])), np.zeros(len(asked))
    for begin, end in spans:
        sums += running[end - first] - running[begin - first]
        counts += end - begin
    return sums, counts


class Threads:
    """For each item the first item of its thread, the item that it was matched with, and how probable that is."""

    def __init__(self, count: int) -> None:
        self.first: Positions = np.full(count, NONE, np.int64)
        self.partner: Positions = np.full(count, NONE, np.int64)
        self.chance: Numbers = np.ones(count)


def thread(known: Items, scale: Scale, start: int, threads: Threads, copies: Mapping[int, int]) -> None:
    """Find the threads of all items from `start` on; those before are given in `threads`.

    `copies` names, for an item, the earlier one that it nearly repeats: it goes where that one is.
    """
    for low in range(start, len(known), _BLOCK):
        high = min(low + _BLOCK, len(known))
        back = int(np.searchsorted(known.moments, known.moments[low] - WINDOW))
        products = known.vectors[low:high] @ known.vectors[back:high].T
        cosines = products / np.outer(known.lengths[low:high], known.lengths[back:high])
        near = cosines >= scale.floor
        near &= known.moments[back:high][None] >= known.moments[low:high][:, None] - WINDOW
        near &= np.arange(back, high)[None] < np.arange(low, high)[:, None]
        rows, columns = np.nonzero(near)
        later, earlier = rows + low, columns + back
        scores = scale.score(scale.evidence(known, later, earlier))
        edges = np.searchsorted(rows, np.arange(high - low + 1))
        for item in range(low, high):
            span = slice(edges[item - low], edges[item - low + 1])
            _join(known, scale, threads, item, earlier[span], scores[span], copies.get(item))


def _join(
    known: Items, scale: Scale, threads: Threads, item: int, earlier: Positions, scores: Numbers, copied: int | None
) -> None:
    threads.first[item], threads.partner[item], threads.chance[item] = item, NONE, 1.0
    oldest = known.moments[item] - WINDOW
    if copied is not None and threads.first[copied] != NONE and known.moments[threads.first[copied]] >= oldest:
        threads.first[item], threads.partner[item] = threads.first[copied], copied
        return
    firsts = threads.first[earlier]
    open_ = firsts != NONE
    open_[open_] = known.moments[firsts[open_]] >= oldest
    if not open_.any():
        return
    earlier, scores, firsts = earlier[open_], scores[open_], firsts[open_]
    found, group = np.unique(firsts, return_inverse=True)
    means = np.bincount(group, scores) / np.bincount(group)
    best = int(means.argmax())
    if means[best] >= scale.join:
        mine = np.flatnonzero(group == best)
        partner = mine[scores[mine].argmax()]
        threads.first[item], threads.partner[item] = found[best], earlier[partner]
        # Two digits: of what an article was matched with, a late third one must not rewrite the tenth digit.
        threads.chance[item] = round(float(probability(scores[partner : partner + 1])[0]), 2)
