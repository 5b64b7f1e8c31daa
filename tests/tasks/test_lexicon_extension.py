"""Words and types of a user's own: added, versioned, and refused with file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemas.errors import SettingsError
from tasks.events_read import read_acts
from tasks.lexicon_extension import bundled_vocabulary, vocabulary
from tasks.lexicon_page import page

TYPES = 'types:\n  X_STRANDING: {definition: "Travellers cannot go on."}\n'
WORDS = "language: ar\nentries:\n  - {type: X_STRANDING, weight: 0.8, nouns: [عالقون في المطار]}\n"


def written(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.write_text(text, "utf-8")
    return file


def test_own_words_tell_own_types(tmp_path: Path) -> None:
    own = vocabulary([written(tmp_path, "words.yml", WORDS)], written(tmp_path, "types.yml", TYPES))
    acts = read_acts(own.reader("ar"), "مئات الركاب عالقون في المطار منذ أمس", [], None)
    assert [(act.type, act.derived.type, act.derived.reason) for act in acts] == [
        ("X_STRANDING", None, "outside-plover")
    ]
    assert own.version != bundled_vocabulary().version
    assert read_acts(bundled_vocabulary().reader("ar"), "مئات الركاب عالقون في المطار منذ أمس", [], None) == []


def test_without_files_it_is_what_comes_with_rasad() -> None:
    assert vocabulary() is bundled_vocabulary()


@pytest.mark.parametrize(
    ("text", "where", "problem"),
    [
        (WORDS.replace("X_STRANDING", "X_NOTHING"), "line 3", "the act X_NOTHING is unknown"),
        (WORDS + "  - {type: ASSAULT, mode: shouting, nouns: [صراخ]}\n", "line 4", "the mode ASSAULT-shouting"),
        (WORDS.replace("weight: 0.8", "weight: 8"), "line 3", "less than or equal to 1"),
        (WORDS + "\tblocks: []\n", "line 4", "not YAML"),
        (WORDS + "nonsense: 1\n", "line 4", "Extra inputs"),
        (WORDS.replace("عالقون في المطار", '"..."'), "words.yml", "has no words"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, text: str, where: str, problem: str) -> None:
    with pytest.raises(SettingsError) as caught:
        vocabulary([written(tmp_path, "words.yml", text)], written(tmp_path, "types.yml", TYPES))
    assert "words.yml" in str(caught.value) and where in str(caught.value) and problem in str(caught.value)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('types:\n  ASSAULT: {definition: "x"}\n', "is Rasad's"),
        ('types:\n  MINE: {definition: "x"}\n', "not named X_"),
        ('types:\n  X_MINE: {definition: "x", intensity: -3}\n', "PLOVER's"),
    ],
)
def test_a_type_that_cannot_be_is_named(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(SettingsError) as caught:
        vocabulary(ontology=written(tmp_path, "types.yml", text))
    assert "types.yml, line 2" in str(caught.value) and problem in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"none\.yml"):
        vocabulary([tmp_path / "none.yml"])


def test_the_page_is_current() -> None:
    assert (Path(__file__).parents[2] / "docs" / "ontology.md").read_text("utf-8") == page()
