"""Measure the shipped encoder as a sentence encoder, on headlines that no training step has seen.

    python -m training.vectors --data DATA --base BASE --bundle seeds/models

For each headline of OG2021 (measured only; its licence allows no more): is the nearest headline in *another*
language of the same story?  And how far do same-story pairs lie apart from the rest?  Beside the untouched
12-layer encoder.
"""

import argparse
from pathlib import Path

import numpy as np
import numpy.typing as npt

from tasks.models import bundled_models
from training.corpora import read_jsonl
from training.meaning import teacher_vectors


def report(name: str, vectors: npt.NDArray[np.float32], languages: list[str], stories: list[str]) -> None:
    similarity = vectors @ vectors.T
    foreign = np.array(languages)[:, None] != np.array(languages)[None]
    same = (np.array(stories)[:, None] == np.array(stories)[None]) & foreign
    answerable = same.any(1)
    nearest = np.where(foreign, similarity, -1).argmax(1)
    hits = same[np.arange(len(nearest)), nearest]
    chooser = np.random.default_rng(1)
    positive = chooser.choice(similarity[same], 20_000)
    negative = chooser.choice(similarity[foreign & ~same], 20_000)
    area = float((positive > negative).mean())
    print(
        f"{name}: nearest foreign headline is of the same story {100 * hits[answerable].mean():.1f} %, AUC {area:.4f}"
    )
    for language in ("ara", "eng", "deu"):
        chosen = answerable & (np.array(languages) == language)
        if chosen.any():
            print(f"  {language}: {100 * hits[chosen].mean():.1f} % of {chosen.sum()}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--bundle", type=Path)
    parser.add_argument("--most", type=int, default=3000, help="headlines of the largest stories first")
    arguments = parser.parse_args()
    records = list(read_jsonl(arguments.data / "stories" / "og2021_titles_dev.jsonl.gz"))
    count: dict[str, int] = {}
    for record in records:
        count[str(record["story"])] = count.get(str(record["story"]), 0) + 1
    records.sort(key=lambda r: (-count[str(r["story"])], str(r["id"])))
    records = records[: arguments.most]
    titles = [str(r["title"]) for r in records]
    languages, stories = [str(r["lang"]) for r in records], [str(r["story"]) for r in records]
    report("shipped", bundled_models(arguments.bundle).sentence_encoder().vectors(titles), languages, stories)
    report("12 layers", teacher_vectors(arguments.base, titles).numpy(), languages, stories)


if __name__ == "__main__":
    main()
