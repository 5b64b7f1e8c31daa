"""Write the scores of the shipped taggers into `seeds/quality.csv`: python -m training.quality [--day 2026-11-22]

Reads `training/scores/pipeline.json` and `pipeline_fused.json`, as `training.evaluate` leaves them; the lines of other
stages are kept as they are. A test checks that both agree.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from tasks.models import bundled_models

SCORES = Path(__file__).parent / "scores"
TARGET = Path(__file__).parents[1] / "seeds" / "quality.csv"
#: Part → what it is, and how many sentences it has where that is known.
CORPORA = {
    "ar_cleananercorp_train": ("ANERcorp, held-out sentences of train", "380"),
    "ar_aqmar_dev": ("AQMAR dev", ""),
    "fa_arman_train": ("ARMAN, held-out sentences of train", "500"),
    "fa_peyma_dev": ("PEYMA dev", ""),
}


def rows(file: str, addition: str, measured_on: str, version: str) -> list[dict[str, str]]:
    """The figures of one file of scores, a row each."""
    found = []
    for part, text in json.loads((SCORES / file).read_text(encoding="utf-8")).items():
        corpus, sentences = CORPORA[part]
        figures = [("PER, ORG, LOC", "f1", match) for match in re.findall(r"^F1 ([\d.]+)", text)]
        figures += [("PER, ORG, LOC", "precision", match) for match in re.findall(r"\(P ([\d.]+)", text)]
        figures += [("PER, ORG, LOC", "recall", match) for match in re.findall(r" R ([\d.]+)", text)]
        figures += [(label, "f1", value) for label, value in re.findall(r"(PER|ORG|LOC|MISC) ([\d.]+)", text)]
        for subject, metric, value in figures:
            found.append(
                {
                    "stage": "entities",
                    "language": part[:2],
                    "subject": subject,
                    "metric": metric,
                    "value": f"{float(value) / 100:.4f}",
                    "n": sentences,
                    "unit": "sentences",
                    "corpus": corpus + addition,
                    "basis": "held-out",
                    "measured_on": measured_on,
                    "version": version,
                    "command": "python -m training.evaluate",
                }
            )
    return found


def rewrite(found: Iterable[Mapping[str, str]], stale: Callable[[Mapping[str, str]], bool]) -> None:
    """Put rows into `seeds/quality.csv` in place of those that are stale."""
    with TARGET.open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream)
        names = list(reader.fieldnames or ())
        kept = [row for row in reader if not stale(row)]
    with TARGET.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, names, lineterminator="\n")
        writer.writeheader()
        writer.writerows(sorted([*found, *kept], key=lambda row: [row[name] for name in names]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--day", default=datetime.now(UTC).date().isoformat(), help="when it was measured")
    made = parser.parse_args().day
    version = bundled_models().version
    found = rows("pipeline.json", "", made, version)
    fused = rows("pipeline_fused.json", ", without joiners", made, version)
    # PEYMA has no joiners to lose: its line says nothing new.
    found += [row for row in fused if row["corpus"].startswith("ARMAN")]
    rewrite(found, lambda row: row["command"] == "python -m training.evaluate")


if __name__ == "__main__":
    main()
