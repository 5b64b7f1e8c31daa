"""The bundled models: offsets, robustness, failures.  Every sentence here was written for these tests."""

from __future__ import annotations

import json
import random
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from schemas.errors import ModelCorrupt, ModelFailure, ModelMismatch, ModelMissing, RasadError
from tasks import models_load as module
from tasks.annotation import Sentence
from tasks.encoder import normalise, split_punctuation
from tasks.models import ModelBundle, bundled_models, official_models

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
    assert plain == 'محمد  الله لا 123 "کتاب"'
    assert text[at[0] : at[3] + 1] == "مُحَمَّد"


def test_split_punctuation() -> None:
    def words(text: str) -> list[str]:
        return [text[a:b] for a, b in split_punctuation(text)]

    assert words("(د") == ["(", "د"]
    assert words('قال:"نعم') == ["قال", ":", '"', "نعم"]
    assert words("3.5") == ["3.5"]
    assert words("رئیس‌جمهور") == ["رئیس‌جمهور"]
    assert words("...") == ["..."]


@pytest.fixture
def copy(tmp_path: Path, models: ModelBundle) -> Path:
    return Path(shutil.copytree(models.folder, tmp_path / "models"))


def test_a_missing_file_is_named(copy: Path) -> None:
    (copy / "fa" / "ner" / "rasad.pt").unlink()
    with pytest.raises(ModelMissing, match=r"fa.ner.rasad\.pt.*rasad doctor"):
        bundled_models(copy).annotate("fa", ["تهران"])
    assert bundled_models(copy).version == bundled_models().version


def test_a_corrupt_file_is_named(copy: Path) -> None:
    path = copy / "encoder.safetensors"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(ModelCorrupt, match=r"encoder\.safetensors.*rasad doctor"):
        bundled_models(copy).annotate("ar", ["دمشق"])


def test_a_manifest_is_needed_and_checked(copy: Path) -> None:
    manifest = json.loads((copy / "manifest.json").read_text(encoding="utf-8"))
    (copy / "manifest.json").write_text(json.dumps(manifest | {"labels": ["PER", "VEHICLE"]}), encoding="utf-8")
    with pytest.raises(ModelMismatch, match="VEHICLE"):
        bundled_models(copy)
    (copy / "manifest.json").write_text("{", encoding="utf-8")
    with pytest.raises(ModelCorrupt, match=r"manifest\.json"):
        bundled_models(copy)
    (copy / "manifest.json").unlink()
    with pytest.raises(ModelMissing, match=r"manifest\.json"):
        bundled_models(copy)


def test_version_follows_the_content(copy: Path) -> None:
    manifest = json.loads((copy / "manifest.json").read_text(encoding="utf-8"))
    manifest["files"]["encoder.safetensors"]["sha256"] = "0" * 64
    (copy / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    assert bundled_models(copy).version != bundled_models().version
    assert bundled_models().version.startswith("bundled-1+")


def test_unknown_language(models: ModelBundle) -> None:
    with pytest.raises(ModelMissing, match="'tr'"):
        models.annotate("tr", ["Ankara"])


def test_official_models_from_a_resources_folder(models: ModelBundle, tmp_path: Path) -> None:
    """A folder laid out as Stanza's, with a small model of random weights trained for six Persian types."""
    folder = tmp_path / "stanza_resources"
    shutil.copytree(models.folder / "fa", folder / "fa")
    shutil.copyfile(models.folder / "resources.json", folder / "resources.json")
    path = folder / "fa" / "ner" / "rasad.pt"
    _random_tagger(path, ["pers", "org", "loc", "fac", "event", "pro"])
    official = official_models(folder)
    assert official.languages == {"fa"}
    assert official.version.startswith("official-")
    (result,) = official.annotate("fa", [PERSIAN])
    assert isinstance(result, list) and len(result) == 2
    with pytest.raises(ModelMissing):
        official.sentence_encoder()
    _random_tagger(path, ["pers", "vehicle"])
    module.load.cache_clear()
    with pytest.raises(ModelMismatch, match="vehicle"):
        official.annotate("fa", [PERSIAN])
    module.load.cache_clear()


def test_official_models_need_their_folder(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="rasad"):
        official_models(tmp_path)
    (tmp_path / "resources.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ModelMissing, match="no Arabic or Persian"):
        official_models(tmp_path)


def _random_tagger(path: Path, labels: list[str]) -> None:
    """Write a tagger of Stanza's with character features and random weights."""
    from stanza.models.ner.trainer import Trainer
    from stanza.models.ner.vocab import MultiVocab
    from stanza.models.pos.vocab import CharVocab, CompositeVocab, WordVocab

    torch.manual_seed(1)
    tags = ["O", *(f"{place}-{label}" for label in labels for place in "BIES")]
    vocabulary = MultiVocab(
        {
            "char": CharVocab([sorted(set(PERSIAN))], "fa_test"),
            "delta": WordVocab([[[word] for word in PERSIAN.split()]], "fa_test", cutoff=0, lower=True),
            "tag": CompositeVocab([[((tag,),) for tag in tags]], "fa_test", idx=0, sep=None),
        }
    )
    settings = {
        "word_emb_dim": 8, "char_emb_dim": 8, "char_hidden_dim": 8, "char_num_layers": 1, "hidden_dim": 8,
        "num_layers": 1, "char": True, "charlm": False, "char_rec_dropout": 0.0, "char_dropout": 0.0, "dropout": 0.0,
        "word_dropout": 0.0, "locked_dropout": 0.0, "rec_dropout": 0.0, "input_transform": True, "lowercase": True,
        "bert_model": None, "bert_finetune": False, "use_peft": False, "optim": "sgd", "lr": 0.1, "momentum": 0.0,
        "batch_size": 32, "shorthand": "fa_test", "scheme": "bioes",
    }  # fmt: skip
    Trainer(args=settings, vocab=vocabulary, device="cpu").save(str(path))
