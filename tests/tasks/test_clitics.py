"""Words and bare forms: offsets are those of the text, and clitics come off only where enough is left."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.clitics import Spellings, bare_forms, canonical, fold, words

PIECES = ["لقاء", "بالقصف", "دیدار", "می‌کند", "می کند", "\u200f", "\u200c", "ـ", "«", "ً", "strike", " ", "، ", "١٢"]


def forms(word: str, language: str) -> set[tuple[str, str]]:
    return {(form.kind, form.form) for form in bare_forms(fold(word), language)}


@pytest.mark.parametrize(
    ("written", "bare"),
    [
        ("وبالقصف", "قصف"),
        ("للقاء", "لقاء"),
        ("ولقاءاته", "لقاءات"),
        ("زيارتها", "زياره"),
        ("لقائه", "لقاء"),
        ("اجتماعاً", "اجتماع"),
        ("فالمحادثات", "محادثات"),
    ],
)
def test_arabic_nouns_lose_their_clitics(written: str, bare: str) -> None:
    assert ("n", bare) in forms(written, "ar")


def test_the_future_prefix_comes_off_imperfects_alone() -> None:
    assert ("i", "يلتقي") in forms("وسيلتقي", "ar")
    assert ("n", "يلتقي") not in forms("سيلتقي", "ar")


def test_short_words_are_left_whole() -> None:
    assert ("n", "حث") not in forms("بحث", "ar")


def test_a_feminine_ending_is_no_pronoun() -> None:
    assert ("n", "سيول") not in forms("سيولة", "ar")


@pytest.mark.parametrize("written", ["می‌کند", "میکند", "می کند", "می‌\u200fکند"])
def test_persian_prefixes_are_joined_however_they_are_written(written: str) -> None:
    assert words(written, "fa").folded == ["ميكند"]


@pytest.mark.parametrize("written", ["دیدارها", "دیدار های", "دیدار‌هایی", "دیداری"])
def test_persian_endings_come_off(written: str) -> None:
    (folded,) = words(written, "fa").folded
    assert ("n", "ديدار") in {(form.kind, form.form) for form in bare_forms(folded, "fa")}


def test_spelling_variants_fold_together() -> None:
    assert fold("إِلْغَـــاء") == fold("الغاء")
    assert fold("كییف") == fold("کييف")
    assert canonical(fold("زيارة")) == fold("زياره")
    assert fold("ﻟﻘﺎﺀ") == fold("لقاء")


def test_what_is_known_of_spellings_is_worked_out_once_and_does_not_grow_for_ever() -> None:
    asked: list[str] = []

    def length(spelling: str) -> int:
        asked.append(spelling)
        return len(spelling)

    known = Spellings(length, most=2)
    assert [*map(known.__getitem__, ["قصف", "لقاء", "قصف"])] == [3, 4, 3]
    assert asked == ["قصف", "لقاء"]
    assert (known["دیدار"], len(known)) == (5, 1)
    assert known["قصف"] == 3


@given(
    st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=30).map("".join),
    st.sampled_from(["ar", "fa", "en"]),
)
def test_words_stand_where_they_say(text: str, language: str) -> None:
    end = 0
    found = words(text, language)
    for start, stop, folded, gap in zip(found.starts, found.ends, found.folded, found.gaps, strict=False):
        assert end <= start < stop <= len(text)
        assert text[start].isalnum()
        assert folded
        assert gap == text[end:start]
        end = stop
    assert found.gaps[-1] == text[end:]
    assert len(found.gaps) == len(found.folded) + 1
