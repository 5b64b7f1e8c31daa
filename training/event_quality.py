"""Write the figures of event typing into `seeds/quality.csv`: python -m training.event_quality [--day 2026-11-22]

Our own sentences (`tests/golden/typing`) are typed here by the lexicon; the cross-validated figures of the classifier
are those that `training.event_types` left in `training/scores/event_types.json`. The lines of other stages are kept as
they are. A test checks that both agree with what ships.
"""

from __future__ import annotations

import argparse
import json
from datetime import UTC, datetime
from pathlib import Path

from bench.events import TYPING, labelled, score, shared_types, typed
from tasks.events import events_model_version
from tasks.lexicon_extension import bundled_vocabulary
from training.quality import rewrite

SCORES = Path(__file__).parent / "scores" / "event_types.json"
#: File → what it is, and what it is to the rules.
OWN = {
    "first": ("own labelled sentences, first half", "tuned-on"),
    "second": ("own labelled sentences, second half", "own-sentences"),
}


def figures() -> list[dict[str, str]]:
    """The rows of `quality.csv`, without the day."""
    scores = json.loads(SCORES.read_text(encoding="utf-8"))
    version = scores.pop("version")
    judged = {
        "corpus": "judged Arabic sentences of news",
        "basis": "cross-validated",
        "unit": "sentences",
        "version": version,
        "command": "python -m training.event_types",
    }
    found = [
        {"language": "ar", "subject": kind, "metric": "f1", "value": f"{value:.4f}", "n": ""} | judged
        for kind, value in scores.items()
    ]
    for name, (corpus, basis) in OWN.items():
        about = {
            "corpus": corpus,
            "basis": basis,
            "version": events_model_version(bundled_vocabulary()),
            "command": "python -m bench.events",
        }
        acts = {}
        for language in ("ar", "fa"):
            part = [one for one in labelled(TYPING / f"{name}.txt") if one.language == language]
            acts[language] = typed([one.text for one in part], language, None, [None] * len(part))
            result = score(part, acts[language])
            for subject, metric, value in (
                ("act_type", "f1", result.f1),
                ("modality", "accuracy", result.modality / result.hits),
                ("polarity", "accuracy", result.polarity / result.hits),
            ):
                row = {"language": language, "subject": subject, "metric": metric, "value": f"{value:.4f}"}
                found.append(row | {"n": str(len(part)), "unit": "sentences"} | about)
        if name == "second":
            both = {"language": "mul", "subject": "same act_type in Arabic and Persian", "metric": "accuracy"}
            shared = f"{shared_types(acts['ar'], acts['fa']):.4f}"
            found.append(both | {"value": shared, "n": str(len(acts["ar"])), "unit": "pairs of sentences"} | about)
    return [{"stage": "events"} | row for row in found]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--day", default=datetime.now(UTC).date().isoformat(), help="when it was measured")
    day = parser.parse_args().day
    rewrite([row | {"measured_on": day} for row in figures()], lambda row: row["stage"] == "events")


if __name__ == "__main__":
    main()
