"""Threads become stories best first within a block of days, and as fast code does it so does plain code."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tasks.stories_merge import BLOCK, SPAN, Groups, merge
from tasks.stories_score import DAY, bundled_scale
from tasks.stories_threads import NONE
from tasks.stories_vectors import WIDTH, quantised

SCALE = bundled_scale()


def groups(days: list[float], directions: NDArray[np.float64], counts: list[int]) -> Groups:
    sums = np.zeros((len(days), WIDTH))
    sums[:, : directions.shape[1]] = np.rint(directions * 4096) * np.array(counts)[:, None]
    return Groups(np.array([round(day * DAY) for day in days]), sums, np.array(counts))


def plainly(threads: Groups) -> list[int]:
    """All pairs again after every join."""
    members = {at: [at] for at in range(len(threads.begun))}

    def likeness(one: int, other: int) -> float:
        left, right = members[one], members[other]
        heads = quantised(np.stack([threads.sums[left].sum(0), threads.sums[right].sum(0)]))
        cosine = float(heads[0].astype(float) @ heads[1] / np.prod(np.linalg.norm(heads.astype(float), axis=1)))
        began = [threads.begun[group] for group in (left, right)]
        silent = max(0, max(began[0].min(), began[1].min()) - min(began[0].max(), began[1].max())) / DAY
        smaller = min(threads.counts[left].sum(), threads.counts[right].sum())
        if max(began[0].max(), began[1].max()) - min(began[0].min(), began[1].min()) > SPAN:
            return -1.0
        return float(cosine - SCALE.silence * silent - SCALE.size * np.log(smaller))

    for block in sorted(set((threads.begun // BLOCK).tolist())):
        start = int(np.searchsorted(threads.begun // BLOCK, block))
        stop = int(np.searchsorted(threads.begun // BLOCK, block, "right"))
        while True:
            live = [at for at in members if at < stop]
            options = [(likeness(a, b), -a, -b) for a, b in combinations(live, 2) if b >= start]
            best = max(options, default=(-1.0, 0, 0))
            if best[0] < SCALE.merge:
                break
            members[-best[1]] += members.pop(-best[2])
    roots = {thread: root for root, held in members.items() for thread in held}
    return [roots[at] for at in range(len(threads.begun))]


@settings(max_examples=40)
@given(st.integers(0, 10_000), st.integers(1, 18))
def test_the_nearest_are_joined_first(seed: int, count: int) -> None:
    chance = np.random.default_rng(seed)
    topics = chance.normal(size=(3, 12))
    directions = topics[chance.integers(0, 3, count)] + chance.normal(size=(count, 12))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    days = sorted(chance.uniform(0, 9, count).tolist())
    threads = groups(days, directions, chance.integers(1, 12, count).tolist())
    roots = np.full(count, NONE)
    merge(threads, SCALE, 0, roots)
    assert roots.tolist() == plainly(threads)


@pytest.mark.parametrize("day", [2.0, 4.0, 6.0])
def test_merging_goes_on_from_any_block_as_if_it_had_begun_before(day: float) -> None:
    chance = np.random.default_rng(4)
    directions = chance.normal(size=(4, 16))[chance.integers(0, 4, 60)] + 0.8 * chance.normal(size=(60, 16))
    threads = groups(sorted(chance.uniform(0, 10, 60)), directions, chance.integers(1, 9, 60).tolist())
    whole = np.full(60, NONE)
    merge(threads, SCALE, 0, whole)
    assert 4 < len(set(whole.tolist())) < 50
    start = int(np.searchsorted(threads.begun, round(day * DAY)))
    again = whole.copy()
    again[start:] = NONE
    merge(threads, SCALE, start, again)
    assert again.tolist() == whole.tolist()


def test_who_comes_first_does_not_decide() -> None:
    """Two first reports, each alone far from the other; a third that resembles the second most, a fourth both."""
    angles = np.radians([0.0, 75.0, 62.0, 40.0])
    directions = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    roots = np.full(4, NONE)
    merge(groups([0.0, 0.1, 0.2, 0.3], directions, [1, 1, 1, 1]), SCALE, 0, roots)
    assert roots.tolist() == [0, 0, 0, 0]


def test_stories_of_earlier_blocks_stay_apart() -> None:
    """A thread of a later block joins the nearer of two stories; it does not join the two with each other."""
    angles = np.radians([0.0, 75.0, 45.0])
    directions = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    roots = np.full(3, NONE)
    merge(groups([0.0, 0.1, 2.1], directions, [1, 1, 1]), SCALE, 0, roots)
    assert roots.tolist() == [0, 1, 1]
