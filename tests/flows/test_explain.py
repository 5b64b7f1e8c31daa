"""`rasad explain` shows the evidence of a pair."""

from __future__ import annotations

import json
from pathlib import Path

from flows.report import RunReport
from tests.flows.support import rasad

Sampled = tuple[Path, RunReport]


def test_two_reports_of_one_call_are_explained(sampled: Sampled) -> None:
    answer = rasad("explain", "mds-87702", "sep-702090", "--warehouse", sampled[0], "--format", "json")
    assert answer.returncode == 0, answer.stderr
    found = json.loads(answer.stdout)
    assert found["one_story"] is True
    total = sum(part["points"] for part in found["evidence"])
    assert (total > 0) == (found["probability"] > 0.5)
    shared = [part["shared"] for part in found["evidence"] if part["evidence"] == "linked entities in common"]
    assert "per-marco-rubio" in shared[0]


def test_an_unknown_article_is_named_with_what_to_type(sampled: Sampled) -> None:
    answer = rasad("explain", "mds-87702", "no-such", "--warehouse", sampled[0])
    assert answer.returncode == 2
    assert "no-such" in answer.stderr and "rasad sql" in answer.stderr
