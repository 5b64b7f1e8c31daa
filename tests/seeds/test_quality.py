"""The shipped figures are those that were measured."""

from __future__ import annotations

import json
import re
from pathlib import Path

from flows.request import STAGE_NAMES
from warehouse.quality import quality_metrics

ROOT = Path(__file__).parents[2]
CORPORA = {
    "ar_cleananercorp_train": "ANERcorp",
    "ar_aqmar_dev": "AQMAR",
    "fa_arman_train": "ARMAN, held-out sentences of train",
    "fa_peyma_dev": "PEYMA",
}


def test_the_scores_of_the_taggers_are_those_of_the_last_training() -> None:
    scores = json.loads((ROOT / "training" / "scores" / "pipeline.json").read_text(encoding="utf-8"))
    for part, text in scores.items():
        found = {
            m.subject: m.value
            for m in quality_metrics()
            if m.corpus.startswith(CORPORA[part]) and m.metric == "f1" and "joiners" not in m.corpus
        }
        said = {label: float(value) / 100 for label, value in re.findall(r"(PER|ORG|LOC|MISC) ([\d.]+)", text)}
        said["PER, ORG, LOC"] = float(text.split()[1]) / 100
        assert {label: round(value, 4) for label, value in said.items()} == found, (
            "after training: python -m training.quality"
        )


def test_every_figure_belongs_to_a_stage_and_a_known_language() -> None:
    assert {metric.stage for metric in quality_metrics()} <= set(STAGE_NAMES)
    for stage in ("language", "entities", "events"):
        assert {"ar", "fa"} <= {metric.language for metric in quality_metrics() if metric.stage == stage}
