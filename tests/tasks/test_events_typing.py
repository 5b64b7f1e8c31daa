"""Labelled sentences of our own, one set written before and one after the rules were frozen."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.events import Labelled, Score, labelled, score, typed
from tasks.lexicon import ontology

TYPING = Path(__file__).parents[1] / "golden" / "typing"


@pytest.mark.parametrize("name", ["first", "second"])
@pytest.mark.parametrize("language", ["ar", "fa"])
def test_types_and_status_of_our_sentences(name: str, language: str) -> None:
    part = [one for one in labelled(TYPING / f"{name}.txt") if one.language == language]
    result = _scored(part, language)
    assert result.f1 >= 0.9
    assert result.modality >= 0.9 * result.hits
    assert result.polarity >= 0.95 * result.hits


def test_there_are_sentences_of_every_type_and_of_none() -> None:
    both = [one for name in ("first", "second") for one in labelled(TYPING / f"{name}.txt")]
    assert {act[0] for one in both for act in one.acts} == {*ontology().types}
    assert sum(not one.acts for one in both) >= 40


def test_no_sentence_stands_in_both_sets() -> None:
    first, second = ({one.text for one in labelled(TYPING / f"{name}.txt")} for name in ("first", "second"))
    assert first.isdisjoint(second)


def _scored(part: list[Labelled], language: str) -> Score:
    texts = [one.text for one in part]
    return score(part, typed(texts, language, None, [None] * len(texts)))
