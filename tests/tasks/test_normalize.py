"""Clean text keeps what a reader sees; search keys fold what a reader would not tell apart."""

from __future__ import annotations

import unicodedata

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.normalize import clean_line, clean_text, search_key, search_keys

#: Everything that has ever made an Arabic or Persian text look right and compare wrong, and any other text.
AWKWARD = st.text(
    alphabet=st.sampled_from(
        "ابپتةهیيىکكـَّ\u200c\u200d\u200e\u200f\u202a\u202e\u2066\u2069\u061c\ufeff\u200b\xa0\t\r\n \x0b\u2028"
        "ﻻﷲﹰﹱآأؤٱءۀئ١۲3.،؟…«»"
        "aÉİßﬁ½\ud800e\u0301\u0653\u0654नि्\u200d한가"
    ),
    max_size=40,
)
#: Words that join, in every order.
SPLIT_WORDS = ["می", "نمی", "شود", "شده", "اند", "ها", "های", "ترین", "رئیس", "جمهور", "گفت", "و", "گو", "پیش", "بینی"]
SPLIT = st.lists(st.sampled_from(SPLIT_WORDS)).map(" ".join)
TEXTS = st.one_of(AWKWARD, SPLIT, st.text(max_size=40))


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("\ufeffقال الوزير\r\nاليوم\rوغدًا", "قال الوزير\nاليوم\nوغدًا"),
        ("\u202bقال\u202c \u200fالوزير\u200e \u2067اليوم\u2069", "قال الوزير اليوم"),
        ("مـــرحبًا بالعـالم", "مرحبًا بالعالم"),
        ("باريس ـ وكالات", "باريس - وكالات"),
        ("ـــــــــ\nخبر", "خبر"),
        ("ﻗﺎﻝ ﷲ ﻻ", "قال الله لا"),
        ("می\u200cرود", "می\u200cرود"),
        ("می\u200c\u200cرود \u200cخانه\u200c.", "می\u200cرود خانه."),
        ("می\u200f\u200c\u200fرود", "می\u200cرود"),
        ("سطر\xa0أول \t ثانٍ  \n\n\n\n  فقرة\u2003أخرى \n", "سطر أول ثانٍ\n\nفقرة أخرى"),
        ("كِتَابٌ", "كِتَابٌ"),
        ("آن", "آن"),
        ("caf\u0065\u0301", "café"),
        ("صفر\x00وتحكم\x07", "صفروتحكم"),
        ("نصف \ud83d حرف", "نصف \ufffd حرف"),
        ("", ""),
        (" \n\u200f\n ", ""),
    ],
)
def test_clean_text(raw: str, clean: str) -> None:
    assert clean_text(raw) == clean


def test_letters_digits_and_punctuation_stay_as_written() -> None:
    text = "«تأجّل» الاجتماعُ إلى ٢٥/١٠؛ و۳۰ نفر، آیا می‌آیند؟ — 10:30 (CNN) ﴾آية﴿"
    assert clean_text(text) == text


def test_clean_line_is_one_line() -> None:
    assert clean_line(" عنوان\r\n\r\nطويل\u200f ") == "عنوان طويل"


@given(TEXTS)
def test_clean_text_holds_its_promises(raw: str) -> None:
    text = clean_text(raw)
    assert clean_text(text) == text
    assert unicodedata.is_normalized("NFC", text)
    assert text == text.strip("\n ")
    assert not set(text) & set("\r\t\xa0\ufeff\u0640\u200b\u200e\u200f\u202a\u202e\u2066\u2069\u061c\ud800")
    assert "  " not in text and " \n" not in text and "\n " not in text and "\n\n\n" not in text
    text.encode()


@given(st.lists(st.sampled_from(["می‌رود", "كِتَاب", "٢٥", "test", "،", "آقای", "لِـ"]), max_size=8))
def test_cleaning_removes_no_letter(words: list[str]) -> None:
    raw = "\u200f".join(words) + "\r\n\xa0" + " ".join(words)
    letters = [c for c in raw if c.isalnum() and c != "\u0640"]
    assert [c for c in clean_text(raw) if c.isalnum()] == letters


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("الرئيس الأميركيّ", "الرئيس الاميركي"),
        ("علي", "علی"),
        ("کاظمی", "كاظمي"),
        ("مسئولیت", "مسيوليت"),
        ("رئيسة الوزراء", "رئيسه الوزراء"),
        ("إِسْلَام", "اسلام"),
        ("آذربایجان", "اذربايجان"),
        ("خانهٔ ما", "خانه ما"),
        ("خانۀ ما", "خانه ما"),
        ("۱۴۰۴ و ١٤٠٤", "1404 و 1404"),
        ("«قمة» ترامب–بوتين؟", "قمة ترامب بوتين"),
        ("می‌رود", "میرود"),
        ("می‌شود", "می شود"),
        ("نمی‌توانند", "نمی توانند"),
        ("رئیس‌جمهور", "رئیس جمهور"),
        ("رئیس‌جمهور", "رئیسجمهور"),
        ("رییس‌جمهوری روسیه", "رئیس جمهوری روسیه"),
        ("نخست‌وزیر", "نخست وزیر"),
        ("گفت‌وگوهای مسقط", "گفت و گوهای مسقط"),
        ("نشست‌های تازه", "نشست های تازه"),
        ("بزرگ‌ترین", "بزرگ ترین"),
        ("شده‌اند", "شده اند"),
        ("سه‌شنبه", "سه شنبه"),
        ("الـعـربية", "العربية"),
        ("Straße, CAFÉ", "strasse cafe"),
        ("ﻻ إله", "لا اله"),
        ("مصطفى", "مصطفي"),
    ],
)
def test_spellings_of_one_word_share_a_key(one: str, other: str) -> None:
    assert search_key(one) == search_key(other)


@pytest.mark.parametrize(
    ("one", "other"), [("پوتین", "بوتین"), ("گل", "كل"), ("مي زيادة", "ميزيادة"), ("قمة", "قم"), ("لاجئ", "لاج")]
)
def test_different_words_keep_different_keys(one: str, other: str) -> None:
    assert search_key(one) != search_key(other)


def test_a_language_keeps_its_own_letters() -> None:
    assert search_key("دە", "ckb") != search_key("ده", "ckb")
    assert search_key("دە") == search_key("ده")
    assert search_key("ہے ھے", "ur") == "ه" + "ے" + " " + "ھے"
    assert search_key("علی", "fa") == search_key("علي", "ar")


@given(TEXTS, st.sampled_from([None, "ar", "fa", "ckb", "ug", "ur"]))
def test_search_key_is_idempotent_and_blind_to_cleaning(text: str, language: str | None) -> None:
    key = search_key(text, language)
    assert search_key(key, language) == key
    assert key == " ".join(key.split())
    assert not set(key) & set("\u200c\u200d\u0640\u064e\ufeff\u200f")


@given(st.lists(st.one_of(st.none(), TEXTS), max_size=8), st.data())
def test_a_column_of_keys_equals_key_by_key(texts: list[str | None], data: st.DataObject) -> None:
    texts = [None if t is None else t.encode("utf-8", "replace").decode() for t in texts]
    languages = [data.draw(st.sampled_from([None, "ar", "ckb"])) for _ in texts]
    keys = search_keys(pa.chunked_array([pa.array(texts, pa.string())]), pa.array(languages, pa.string()))
    assert keys.type == pa.large_string()
    expected = [None if t is None else search_key(t, la) for t, la in zip(texts, languages, strict=True)]
    assert keys.to_pylist() == expected


@given(TEXTS)
def test_a_line_is_the_words_of_the_clean_text(raw: str) -> None:
    assert clean_line(raw) == " ".join(clean_text(raw).split())
