"""Batches spread over the processor's cores, one thread each.

torch's own way is to let all cores work on each matrix in turn and wait for the slowest after every one.  Beside
another busy process that costs nearly all the speed (measured: 200 words a second where one thread makes 2,000).
Whole batches have nothing to wait for.  How many threads there are is torch's setting (`OMP_NUM_THREADS`).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import TypeVar

import torch

Item = TypeVar("Item")
Result = TypeVar("Result")


@lru_cache(maxsize=1)
def _pool(threads: int) -> ThreadPoolExecutor:
    def alone() -> None:
        # The number of threads within an operation is a property of the thread that calls it ...
        torch.set_num_threads(1)

    pool = ThreadPoolExecutor(threads, thread_name_prefix="rasad-models", initializer=alone)
    for started in [pool.submit(torch.get_num_threads) for _ in range(threads)]:
        started.result()
    # ... and of new threads: leave those as they were.
    torch.set_num_threads(threads)
    return pool


# A forked process has none of the threads that its parent's pool counts on.
os.register_at_fork(after_in_child=_pool.cache_clear)


def spread(work: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
    """Return `work` of each item, in order; the first exception is raised."""
    threads = torch.get_num_threads()
    if threads == 1 or len(items) < 2:
        return [work(item) for item in items]
    return list(_pool(threads).map(work, items))
