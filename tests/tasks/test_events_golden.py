"""Golden pairs: sentences of our own in each language, and the acts and status that the rules must read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tasks.events_read import Act, read_acts
from tasks.lexicon import LANGUAGES, ontology
from tasks.lexicon_reader import reader

GOLDEN = Path(__file__).parents[1] / "golden"
PLOVER = {code for code in ontology().types if not code.startswith("X_")}


def pairs(language: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for folder in ("events", "invariance"):
        found += yaml.safe_load((GOLDEN / folder / f"{language}.yml").read_text("utf-8"))
    return found


def shown(act: Act) -> str:
    """An act as the golden files write it."""
    told = act.type + (f":{act.mode}" if act.mode else "")
    status = act.status.modality + (" not" if act.status.polarity == "negated" else "")
    status += " old" if act.status.time == "historical" else ""
    derived = act.derived.type or act.derived.reason or ""
    return f"{told} {status} => {derived}" + (f":{act.derived.mode}" if act.derived.mode else "")


@pytest.mark.parametrize(
    ("language", "text", "acts"),
    [
        pytest.param(lang, p["text"], p["acts"], id=f"{lang}-{n}")
        for lang in LANGUAGES
        for n, p in enumerate(pairs(lang))
    ],
)
def test_golden(language: str, text: str, acts: list[str]) -> None:
    assert [shown(act) for act in read_acts(reader(language), text, [], None)] == acts


def wordings() -> list[Any]:
    """The lines of `invariance/wordings.txt`: the types, and the wordings in English, Arabic and Persian."""
    lines = (GOLDEN / "invariance" / "wordings.txt").read_text("utf-8").splitlines()
    found = []
    for number, line in enumerate(lines, start=1):
        if not line.startswith("#"):
            told, *texts = (part.strip() for part in line.split(" | "))
            found.append(pytest.param(told, texts, id=f"line-{number}"))
    return found


@pytest.mark.parametrize(("told", "texts"), wordings())
def test_one_act_is_read_alike_in_every_wording_and_language(told: str, texts: list[str]) -> None:
    read = {
        wording: " ".join(sorted({act.type for act in read_acts(reader(language), wording, [], None)})) or "-"
        for language, part in zip(("en", "ar", "fa"), texts, strict=True)
        for wording in part.split(" / ")
    }
    assert read == dict.fromkeys(read, " ".join(sorted(told.split())))


@pytest.mark.parametrize("language", LANGUAGES)
def test_golden_pairs_cover_every_type_and_status(language: str) -> None:
    told = " ".join(act for pair in pairs(language) for act in pair["acts"])
    assert not [code for code in PLOVER if code not in told]
    modalities = {
        "happened",
        "planned",
        "postponed",
        "cancelled",
        "hypothetical",
        "demanded",
        "claimed",
        " not",
        " old",
    }
    assert not [word for word in modalities if word not in told]
    assert len(pairs(language)) >= (20 if language == "en" else 40)
