"""The stage `events` on texts that no newsroom writes: any characters, no words, thousands of marks or names."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from types import FrameType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.events import Event
from tasks import lexicon
from tasks.events import Coded, code_article
from tasks.stage import table_of
from tests.tasks.eventing import PUBLISHED, article, mentions, only, stamped

PIECES = [
    "التقى", "سيلتقي", "قصف", "لم", "قد", "أن", "وقف إطلاق النار", "دیدار", "کرد", "می‌کند", "می کند", "قرار است",
    "که", "met", "will", "attack", "security council", "Moscow", "«", "»", '"', "،", ".", "\n", "؟", " ", " ", "\u200f",
    "\u200e", "\u202b", "\u200c", "ـ", "ً", "عام 2014", "2014", "15", "أغسطس", "و", "\ud7ff", "\U0001f600",
]  # fmt: skip
TEXTS = st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=60).map(" ".join) | st.lists(
    st.sampled_from(PIECES), max_size=60
).map("".join)


def lines_run(work: Callable[[], Coded]) -> tuple[Coded, int]:
    """What some work gives, and how many lines of Python it ran: its cost on any machine, however busy."""
    lines = 0

    def count(frame: FrameType, event: str, argument: object) -> Any:
        nonlocal lines
        lines += event == "line"
        return count

    before = sys.gettrace()
    sys.settrace(count)
    try:
        return work(), lines
    finally:
        sys.settrace(before)


@settings(max_examples=80)
@given(TEXTS, st.sampled_from(lexicon.LANGUAGES), st.booleans())
def test_offsets_are_true_on_any_text(text: str, language: str, dated: bool) -> None:
    source = article(text, language, title=text[:20], published=PUBLISHED if dated else None)
    rows, _, cues = code_article(source, [], [])
    for row in cues:
        assert text[row["char_start"] : row["char_end"]] == row["surface"] != ""
    assert len({(row["event_id"], row["aspect"]) for row in cues}) == len(cues)
    for row in rows:
        assert text[row["char_start"] : row["char_end"]] == row["trigger"]
        assert row["trigger"].strip() == row["trigger"] != ""
    keys = [row["event_id"] for row in rows]
    assert len(keys) == len(set(keys))
    assert sum(row["is_main"] for row in rows) <= 1
    assert code_article(source, [], [])[0] == rows
    made = table_of(Event, rows)
    assert stamped(made, Event).num_rows == len(rows)


@pytest.mark.parametrize("marks", ["«", "»", '"', "“”", "«»"])
def test_ten_thousand_quotation_marks(marks: str) -> None:
    text = marks * 10_000 + " قصف الجيش المدينة " + marks * 10_000
    row, _ = only(text)
    assert row["trigger"] == "قصف"


def test_direction_marks_inside_a_trigger_belong_to_it() -> None:
    row, _ = only("أعلن الجيش وقف\u200f إطلاق \u200fالنار")
    assert row["trigger"] == "وقف\u200f إطلاق \u200fالنار"


@pytest.mark.parametrize("text", ["\n", " ", "…", "\u200f\u200f", "؟!"])
def test_texts_without_words(text: str) -> None:
    assert code_article(article(text), [], []) == ([], [], [])


def test_the_work_on_a_huge_sentence_grows_in_proportion() -> None:
    unit = "قصف الجيش المدينة ولم يلتق لافروف بوتين الذي دعا إلى «وقف إطلاق النار» في عام 2014 "
    code_article(article(unit), [], [])  # loads the lexicon, which is no work on the sentence
    steps = []
    for times in (40, 160):
        coded, lines = lines_run(partial(code_article, article(unit * times), [], []))
        assert len(coded.events) >= times
        steps.append(lines)
    assert steps[1] < 5 * steps[0]  # four times the text; what is quadratic would take sixteen


def test_a_list_of_a_thousand_names_is_bounded() -> None:
    text = "التقى " + " و".join(f"فلان{n}" for n in range(1_000)) + " في موسكو"
    named = mentions(text, [(f"فلان{n}", "PER") for n in range(1_000)])
    row, actors = only(text, named=named)
    assert 0 < len(actors) <= 20
    assert {a["event_id"] for a in actors} == {row["event_id"]}


WORDS = """
زيارته إلى ليبيا بوتين قمة روسية أمريكية مع بين وترامب التقى قصف الجيش مدينة نظيره الروسي ، أعلن أن و في قتل باسم
"""
NAMES = {"ليبيا": "LOC", "بوتين": "PER", "وترامب": "PER", "الروسي": "MISC", "روسية": "MISC"}


@given(st.lists(st.sampled_from(WORDS.split()), max_size=20), st.booleans())
def test_no_key_comes_twice_whatever_a_sentence_repeats(words: list[str], linked: bool) -> None:
    text = " ".join(words)
    named = mentions(text, [(word, NAMES[word]) for word in words if word in NAMES], linked=linked)
    coded = code_article(article(text), [], named)
    for rows, key in ((coded.events, ("event_id",)), (coded.actors, ("event_id", "role", "char_start"))):
        assert len({tuple(row[name] for name in key) for row in rows}) == len(rows)
