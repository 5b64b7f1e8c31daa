"""How the warehouse stands up: python -m bench.warehouse NAME [--count N]

write      writing articles through validation, audits and commits, beside DuckDB's COPY of the same rows
marts      a mart after 200 small commits and maintenance, beside one written at once
readers    readers that ask all the time while a writer commits every few seconds
writers    two writers at once on the same new day
kills      SIGKILL at random moments of a writer and of maintenance

Times are printed as ratios within one run; the machine may be busy.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path

from bench import warehouse_speed, warehouse_stress

#: Name → what to run, and the count it takes unless one is given.
BENCHMARKS: dict[str, tuple[Callable[[Path, int], None], int]] = {
    "write": (warehouse_speed.write, 1_000_000),
    "marts": (warehouse_speed.marts, 20_000),
    "readers": (warehouse_stress.readers, 600),
    "writers": (warehouse_stress.writers, 10),
    "kills": (warehouse_stress.kills, 200),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", choices=BENCHMARKS)
    parser.add_argument("--count", type=int, help="articles, seconds, rounds or kills")
    given = parser.parse_args()
    work, count = BENCHMARKS[given.name]
    with tempfile.TemporaryDirectory(prefix="rasad-bench-") as folder:
        work(Path(folder), given.count or count)


if __name__ == "__main__":
    main()
