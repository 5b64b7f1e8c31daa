"""What `bench.dedup` and `bench.dedup_scale` run Rasad beside: libraries that index sets of shingles by MinHash."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

Pair = frozenset[int]
#: Gives the earlier documents that share a bucket with this one, and keeps it.
Index = Callable[[int, set[str]], Sequence[int]]
JACCARD = 0.7


def run_peer(index: Index, sets: Sequence[set[str]], first: int = 0) -> tuple[float, set[Pair]]:
    """Seconds of the processor, and the pairs of these documents, numbered from `first` on, with all before them."""
    began = time.process_time()
    found: set[Pair] = set()
    for place, members in enumerate(sets, first):
        found |= {frozenset((place, other)) for other in index(place, members)}
    return time.process_time() - began, found


def datasketch_index() -> Index | None:
    """datasketch's MinHashLSH with its defaults; its pairs are candidates, which it does not verify."""
    try:
        from datasketch import MinHash, MinHashLSH
    except ImportError:
        return None
    index = MinHashLSH(threshold=JACCARD, num_perm=128)

    def add(place: int, members: set[str]) -> list[int]:
        sketch = MinHash(num_perm=128)
        sketch.update_batch([member.encode() for member in members])
        found = [int(other) for other in index.query(sketch)]
        index.insert(place, sketch)
        return found

    return add


def rensa_index() -> Index | None:
    """rensa's MinHash and LSH in Rust, with bands for its threshold; candidates, which it does not verify."""
    try:
        from rensa import RMinHash, RMinHashLSH
    except ImportError:
        return None
    index = RMinHashLSH(threshold=JACCARD, num_perm=128, num_bands=16)

    def add(place: int, members: set[str]) -> list[int]:
        sketch = RMinHash(num_perm=128, seed=1)
        sketch.update(list(members))
        found = [int(other) for other in index.query(sketch)]
        index.insert(place, sketch)
        return found

    return add


#: What makes an empty index of each, where it is installed.
PEERS: dict[str, Callable[[], Index | None]] = {"datasketch": datasketch_index, "rensa": rensa_index}
