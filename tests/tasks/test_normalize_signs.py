"""One look over many texts misses nothing that cleaning would have done in any of them."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tasks.ingest_facts import RefusedError
from tasks.ingest_story import Story, read_story
from tasks.normalize_clean import clean
from tasks.normalize_signs import EVERYTHING, JOINERS, LOST, MISREAD, signs_of
from tasks.offset_map import EditedText

#: What cleaning mends, between letters that it leaves alone.
PIECES = [
    "خبر", "می", "گوید", "ظطظط", "كِتَابٌ", "ـ", "ــ", "\u200c", "\u200f", "\u202b", "\xa0", "\t", " ",
    "  ", "\n", "\r\n", "\u2028", "\u2003", "ﻻ", "ﷲ", "ﹱ", "\ufeff", "\xad", "\ud800", "\ufffd", "?",
    "???????????????", "§", "Ø§Ù„", "ط§ظ„", "e\u0301", "ا\u0653", "\u0651\u064e", "\u064e\u0651", "नि्",
    "ㅎ한", "🙂", "_", ".", "،",
]  # fmt: skip
TEXTS = st.one_of(st.lists(st.sampled_from(PIECES), max_size=12).map("".join), st.text(max_size=20))
BODY = "أعلنت الوزارة اليوم أن العمل في الطريق الساحلي سينتهي قبل نهاية العام، وأن الحركة ستعود إليه كاملة"


def cleaned(raw: str, signs: int) -> tuple[str, str]:
    edited = EditedText(raw)
    clean(edited, signs)
    return edited.text, edited.offset_map()


def story(raw: str, signs: int) -> Story | str:
    try:
        return read_story(raw, "عنوان الخبر", None, signs=signs)
    except RefusedError as refusal:
        return str(refusal)


@given(st.lists(TEXTS, max_size=6))
@example(["", "\u200c", "\n", "خبر\u200c"])
def test_what_is_not_signed_needs_no_cleaning(texts: list[str]) -> None:
    signs = signs_of(texts)
    assert [cleaned(text, found) for text, found in zip(texts, signs, strict=True)] == [
        cleaned(text, EVERYTHING) for text in texts
    ]


@given(st.lists(st.sampled_from([*PIECES, BODY]), max_size=8).map("".join))
def test_a_story_comes_out_the_same_with_its_signs_known(text: str) -> None:
    assert story(text, signs_of([text])[0]) == story(text, EVERYTHING)


@given(st.lists(TEXTS, max_size=5), st.lists(TEXTS, max_size=5))
def test_signs_do_not_depend_on_the_texts_beside(texts: list[str], others: list[str]) -> None:
    assert signs_of([*others, *texts])[len(others) :] == signs_of(texts)
    assert signs_of(texts) == [signs_of([text])[0] for text in texts]


def test_no_character_that_cleaning_changes_goes_unsigned() -> None:
    for start in range(0, 0x30000, 1 << 13):  # beyond are private and unassigned characters, and a few tags
        texts = [f"ا{chr(code)}ب" for code in range(start, start + (1 << 13))]
        unsigned = [text for text, signs in zip(texts, signs_of(texts), strict=True) if not signs]
        together = "\n".join(unsigned)
        assert cleaned(together, EVERYTHING)[0] == together


def test_whatever_composes_is_signed() -> None:
    pairs = [
        "".join(chr(int(code, 16)) for code in written.split())
        for code in range(sys.maxunicode + 1)
        if (written := unicodedata.decomposition(chr(code))) and "<" not in written
    ]
    assert len(pairs) > 1_000
    unsigned = [pair for pair, signs in zip(pairs, signs_of(pairs), strict=True) if not signs]
    assert [pair for pair in unsigned if not unicodedata.is_normalized("NFC", pair)] == []


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("می\u200cرود و \u200cخانه", JOINERS),
        (f"ماذا؟ {'?' * 20}", LOST),
        (BODY.encode().decode("cp1256", "replace"), MISREAD),
    ],
)
def test_signs_tell_what_there_is_to_do(text: str, sign: int) -> None:
    assert signs_of([text])[0] & sign


def test_news_without_oddities_has_no_signs() -> None:
    assert signs_of([BODY, "خانه‌ها را می‌سازند، قطعاً.", "خبر\n\nفقرة"]) == [0, 0, 0]


def test_a_long_text_is_looked_at_by_itself() -> None:
    long = BODY * 4_000
    assert signs_of([BODY, long, BODY]) == [0, EVERYTHING, 0]
