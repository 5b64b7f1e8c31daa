"""How the warehouse stands up: python -m bench.warehouse NAME [--count N] [--postgres]

write      writing articles through validation, audits and commits, beside DuckDB's COPY of the same rows
marts      a mart after 200 small commits and maintenance, beside one written at once
readers    eight readers that ask all the time, for so many seconds, while a writer commits every two
writers    two writers at once on the same new day, so many times
kills      SIGKILL at random moments of runs and of maintenance

With --postgres the catalog of the last three is a server's, started for the purpose. Times are printed as ratios
within one run; the machine may be busy.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from bench import warehouse_kills, warehouse_speed, warehouse_stress
from tests.warehouse.servers import postgres_server

COUNTS = {"write": 1_000_000, "marts": 20_000, "readers": 600, "writers": 10, "kills": 200}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", choices=COUNTS)
    parser.add_argument("--count", type=int, help="articles, seconds, rounds or kills")
    parser.add_argument("--postgres", action="store_true")
    given = parser.parse_args()
    count = given.count or COUNTS[given.name]
    with ExitStack() as held:
        folder = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="rasad-bench-")))
        catalog = "sqlite"
        if given.postgres:
            catalog = f"postgres:{held.enter_context(postgres_server())} dbname=postgres"
        match given.name:
            case "write":
                warehouse_speed.write(folder, count)
            case "marts":
                warehouse_speed.marts(folder, count)
            case "readers":
                warehouse_stress.readers(folder, count, catalog)
            case "writers":
                warehouse_stress.writers(folder, count, catalog)
            case "kills":
                told: list[str] = []
                warehouse_kills.kill_repeatedly(folder, count, catalog, say=partial(_say, told))
                print(told[-1])


def _say(told: list[str], text: str) -> None:
    """Progress, for whoever waits; the last line is the result."""
    told.append(text)
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
