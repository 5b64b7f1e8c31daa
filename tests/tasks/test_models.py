"""The bundled models: names, offsets, robustness.  Every sentence here was written for these tests."""

from __future__ import annotations

import random

import numpy as np
import pytest

from schemas.errors import ModelFailure, RasadError
from tasks.annotation import Sentence
from tasks.encoder import normalise, split_punctuation
from tasks.models import ModelBundle, bundled_models

ARABIC = "التقى ترامب وبوتين في هلسنكي اليوم. وأعلنت الأمم المتحدة دعمها لأوكرانيا!"
PERSIAN = "رئیس‌جمهور ایران روز شنبه به پاریس رفت. سازمان ملل از این سفر استقبال کرد."
PUNCTUATION = set("\"'.,،؛:!؟?()[]«»“”…")


@pytest.fixture(scope="module")
def models() -> ModelBundle:
    return bundled_models()


def one(models: ModelBundle, language: str, text: str) -> list[Sentence]:
    (result,) = models.annotate(language, [text])
    assert not isinstance(result, RasadError), result
    return result


def surfaces(text: str, sentences: list[Sentence]) -> set[tuple[str, str]]:
    return {(text[m.char_start : m.char_end], m.label) for s in sentences for m in s.mentions}


def test_names_in_both_languages(models: ModelBundle) -> None:
    assert models.languages == {"ar", "fa"}
    found = surfaces(ARABIC, one(models, "ar", ARABIC))
    assert {("ترامب", "PER"), ("هلسنكي", "LOC"), ("الأمم المتحدة", "ORG")} <= found
    found = surfaces(PERSIAN, one(models, "fa", PERSIAN))
    assert {("ایران", "LOC"), ("پاریس", "LOC"), ("سازمان ملل", "ORG")} <= found


def test_surface_keeps_the_clitic_and_bare_loses_it(models: ModelBundle) -> None:
    bare = {ARABIC[m.char_start : m.char_end]: m.bare for s in one(models, "ar", ARABIC) for m in s.mentions}
    assert bare["وبوتين"] == "بوتين"
    assert bare["لأوكرانيا"] == "أوكرانيا"
    assert bare["الأمم المتحدة"] == "الأمم المتحدة"


@pytest.mark.parametrize(("language", "text"), [("ar", ARABIC), ("fa", PERSIAN)])
def test_offsets_nest_and_never_cross(models: ModelBundle, language: str, text: str) -> None:
    sentences = one(models, language, text)
    assert len(sentences) == 2
    at = 0
    for sentence in sentences:
        assert at <= sentence.char_start < sentence.char_end <= len(text)
        assert sentence.char_start == sentence.tokens[0].char_start
        assert sentence.char_end == sentence.tokens[-1].char_end
        starts = {token.char_start for token in sentence.tokens}
        ends = {token.char_end for token in sentence.tokens}
        for token in sentence.tokens:
            assert at <= token.char_start < token.char_end
            at = token.char_end
            surface = text[token.char_start : token.char_end]
            assert not surface.isspace()
            assert set(surface) <= PUNCTUATION or not PUNCTUATION & {surface[0], surface[-1]}
        for mention in sentence.mentions:
            assert mention.char_start in starts and mention.char_end in ends
            assert 0 < mention.confidence <= 1


def test_every_letter_lies_in_a_token(models: ModelBundle) -> None:
    for language, text in (("ar", ARABIC), ("fa", PERSIAN)):
        covered = {i for s in one(models, language, text) for t in s.tokens for i in range(t.char_start, t.char_end)}
        assert {i for i, letter in enumerate(text) if letter.isalnum()} <= covered


@pytest.mark.parametrize(
    ("language", "plain", "changed"),
    [
        ("ar", ARABIC, ARABIC.replace("ترامب", "ترامــب").replace("المتحدة", "المتّحدة")),
        ("ar", ARABIC, ARABIC.replace("ي", "ی").replace("ك", "ک")),
        ("fa", PERSIAN, PERSIAN.replace("ی", "ي").replace("ک", "ك")),
        ("ar", ARABIC, "\u200f" + ARABIC.replace("ترامب", "\u202bترامب\u202c")),
    ],
)
def test_spelling_variants_give_the_same_names(models: ModelBundle, language: str, plain: str, changed: str) -> None:
    def names(text: str) -> list[tuple[str, str, str]]:
        return [
            (normalise(text[m.char_start : m.char_end], language)[0], m.label, m.bare)
            for s in one(models, language, text)
            for m in s.mentions
        ]

    assert names(plain) == names(changed)


def test_marks_belong_to_the_surface(models: ModelBundle) -> None:
    text = "زار الوزير لندنَ أمس."
    assert ("لندنَ", "LOC") in surfaces(text, one(models, "ar", text))


def test_names_without_joiners(models: ModelBundle) -> None:
    fused = PERSIAN.replace("\u200c", "")
    assert {("ایران", "LOC"), ("پاریس", "LOC"), ("سازمان ملل", "ORG")} <= surfaces(fused, one(models, "fa", fused))


def test_tatweel_between_blanks_is_a_dash_between_names(models: ModelBundle) -> None:
    text = "داوران بازی: رضا کریمی ـ علی احمدی ـ حسن مرادی."
    assert {("رضا کریمی", "PER"), ("علی احمدی", "PER"), ("حسن مرادی", "PER")} <= surfaces(text, one(models, "fa", text))
    assert normalise("کریمـــی ـ ای", "fa")[0] == "کریمی - ای"


@pytest.mark.parametrize(
    ("language", "text", "name"),
    [
        ("fa", "مراسم سالروز وفات حضرت زینب (س) فردا در قم برگزار می‌شود.", "حضرت زینب"),
        ("fa", "این روایت از امام رضا (ع) نقل شده است.", "امام رضا"),
        ("ar", "وتحدث الخطيب عن حياة الإمام الحسين (ع) وأصحابه.", "الحسين"),
    ],
)
def test_a_blessing_in_brackets_is_no_name(models: ModelBundle, language: str, text: str, name: str) -> None:
    found = [m for s in one(models, language, text) for m in s.mentions if name in text[m.char_start : m.char_end]]
    assert [text[m.char_start : m.char_end].endswith(")") for m in found] == [True]
    assert found[0].bare.endswith(name)
    assert not {"ع", "س"} & {surface for surface, _ in surfaces(text, one(models, language, text))}


def test_quotes_of_either_kind(models: ModelBundle) -> None:
    for opening, closing in ('""', "«»", "“”"):
        text = f"وقالت صحيفة {opening}الأهرام{closing} إن الوزير زار القاهرة."
        tokens = [text[t.char_start : t.char_end] for s in one(models, "ar", text) for t in s.tokens]
        assert {opening, closing, "الأهرام"} <= set(tokens)


def test_a_paragraph_is_never_merged_with_the_next(models: ModelBundle) -> None:
    text = "زيارة رسمية إلى باريس\n\nوصل الوزير\r\nإلى روما"
    for sentence in one(models, "ar", text):
        assert "\n" not in text[sentence.char_start : sentence.char_end]


def test_long_sentences_are_split_not_cut(models: ModelBundle) -> None:
    text = "زار الوزير مدينة القاهرة و" * 400 + "عاد إلى باريس."
    sentences = one(models, "ar", text)
    assert sum(len(s.tokens) for s in sentences) >= 4 * 400
    assert ("باريس", "LOC") in surfaces(text, sentences)
    assert sentences[-1].char_end == len(text)
    word = "ا" * 5000
    assert one(models, "ar", word)[-1].char_end == len(word)


@pytest.mark.parametrize("text", ["", " ", "\n\n", "\u200f", ".", "\ud800", "\x00", "😀 👩‍👩‍👧", "ـــ", "a" * 3000])
def test_odd_texts_do_not_fail(models: ModelBundle, text: str) -> None:
    for language in ("ar", "fa"):
        (result,) = models.annotate(language, [text])
        assert isinstance(result, list | ModelFailure)
        if "\ud800" not in text:
            assert isinstance(result, list)


def test_random_letters_keep_true_offsets(models: ModelBundle) -> None:
    chooser = random.Random(7)
    letters = "ابتثجحخد وفلك يىیک ،.؛؟!\"'«»()\u200c\u200f\u0640\u064e\u0651\ufefb\ufdf2 ۱٢3٫%-/\n\t\xa0ABcé"
    texts = ["".join(chooser.choices(letters, k=200)) for _ in range(30)]
    for text, result in zip(texts, models.annotate("fa", texts), strict=True):
        assert isinstance(result, list)
        at = 0
        for token in (token for sentence in result for token in sentence.tokens):
            assert at <= token.char_start < token.char_end <= len(text)
            assert not any(c.isspace() for c in text[token.char_start : token.char_end])
            at = token.char_end


def test_batches_do_not_change_a_text(models: ModelBundle) -> None:
    texts = [ARABIC, "قال المتحدث باسم الخارجية الروسية إن الوفد غادر موسكو.", ARABIC + "\n" + ARABIC]
    texts += [" ".join(ARABIC.split()[:length]) for length in range(1, 24)]
    loaded = models._loaded("ar")
    together = models.annotate("ar", texts)
    apart = []
    for text in texts:
        loaded.seen.clear()  # what was computed in company must not answer for the lone sentence
        apart += models.annotate("ar", [text])
    assert together == apart, "names, offsets and confidences, to the last digit"
    assert models.annotate("ar", []) == []


def test_a_text_that_breaks_the_model_is_alone(models: ModelBundle, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = models._loaded("ar")
    tag = loaded.tag

    def brittle(sentences: list[tuple[str, ...]]) -> object:
        if any("كسر" in words for words in sentences):
            raise RuntimeError("broken on purpose")
        return tag(sentences)

    monkeypatch.setattr(loaded, "tag", brittle)
    results = models.annotate("ar", ["زار الوزير عمان أمس.", "هذا كسر متعمد.", "عاد الوفد من تونس."])
    assert [isinstance(result, ModelFailure) for result in results] == [False, True, False]
    assert "broken on purpose" in str(results[1]) and "text 1" in str(results[1])


def test_names_are_those_of_a_plain_pipeline(models: ModelBundle) -> None:
    """What is batched here is what Stanza itself does with the same files."""
    text = normalise(ARABIC, "ar")[0]
    document = models.pipeline("ar")(text)
    theirs = [(e.start_char, e.end_char, e.type) for e in document.ents]
    ours = [(m.char_start, m.char_end, m.label) for s in one(models, "ar", text) for m in s.mentions]
    assert ours == theirs
    words = [(t.start_char, t.end_char) for s in document.sentences for t in s.tokens]
    assert [(t.char_start, t.char_end) for s in one(models, "ar", text) for t in s.tokens] == words


def test_sentence_vectors_compare_across_languages(models: ModelBundle) -> None:
    texts = ["زلزال قوي يضرب تركيا", "زلزله‌ای شدید ترکیه را لرزاند", "ارتفاع أسعار النفط في الأسواق"]
    vectors = models.sentence_encoder().vectors(texts)
    assert vectors.shape == (3, 384) and vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-4)
    same, other = vectors[0] @ vectors[1], vectors[0] @ vectors[2]
    assert same > other + 0.03
    assert models.sentence_encoder().vectors([]).shape == (0, 384)


def test_normalise_keeps_the_way_back() -> None:
    text = "مُحَمَّد ــ ﷲ ﻻ ۱۲٣ «كتاب»\u200f"
    plain, at = normalise(text, "fa")
    assert len(plain) == len(at)
    assert list(at) == sorted(at)
    assert plain == 'محمد -- الله لا 123 "کتاب"'
    assert text[at[0] : at[3] + 1] == "مُحَمَّد"


def test_split_punctuation() -> None:
    def words(text: str) -> list[str]:
        return [text[a:b] for a, b in split_punctuation(text)]

    assert words("(د") == ["(", "د"]
    assert words('قال:"نعم') == ["قال", ":", '"', "نعم"]
    assert words("3.5") == ["3.5"]
    assert words("رئیس‌جمهور") == ["رئیس‌جمهور"]
    assert words("...") == ["..."]
