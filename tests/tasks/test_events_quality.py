"""The figures of event typing that ship say what the lexicon and the classifier that ship reach."""

from __future__ import annotations

from training.event_quality import figures
from warehouse.quality import quality_metrics


def test_the_shipped_figures_are_those_of_the_shipped_rules() -> None:
    shipped = {
        (row.language, row.subject, row.corpus): (f"{row.value:.4f}", row.version)
        for row in quality_metrics()
        if row.stage == "events"
    }
    measured = {(row["language"], row["subject"], row["corpus"]): (row["value"], row["version"]) for row in figures()}
    assert shipped == measured, "Write them anew: python -m training.event_quality"


def test_the_classifier_s_figures_are_of_the_lexicon_and_weights_that_ship() -> None:
    assert len({row["version"] for row in figures()}) == 1, "Refit it: python -m training.event_types --data DATA"
