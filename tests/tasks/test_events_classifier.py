"""The classifier's opinion on a sentence's acts, with weights made for the purpose."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from safetensors.numpy import load, save

from schemas.errors import ModelCorrupt
from tasks.clitics import words
from tasks.events_classifier import BUCKETS, Classifier, bucket, buckets_of, bundled_classifier, read_classifier
from tasks.events_features import NUMBERS, lexicon_features, sentence_features, unknown_features
from tasks.events_opinion import heard
from tasks.events_read import Act, read_acts
from tasks.lexicon_extension import bundled_vocabulary
from tasks.lexicon_reader import reader
from tasks.sentence_projection import Projection, bundled_projection, classifier_file, projection_for, read_projection
from training.event_examples import golden_sentences
from training.event_model import lexicon_matrix

ATTACK = "قصف الجيش المدينة يوم أمس وقتل ثلاثة جنود"
BACKGROUND = "تحدث الوزير عن التفجيرات في المدينة"
DENIED = "نفى الجيش أن تكون قواته قصفت المدينة يوم أمس"
QUIET = "طقس المدينة معتدل"
YES, NO, UNSURE = bytes([127]), bytes([256 - 127]), bytes([0])


def classifier(words: dict[str, float] | None = None) -> Classifier:
    """ASSAULT by the vector's only number, and by words; sure of nothing near zero."""
    weights = np.zeros((BUCKETS, 1))
    for word, weight in (words or {}).items():
        weights[bucket(word, "ar"), 0] = weight
    return Classifier(
        version="made",
        vector_version="made",
        types=("ASSAULT",),
        judged=frozenset({"ASSAULT"}),
        languages=frozenset({"ar"}),
        scale=np.array([8 / 127]),
        vector_weights=np.ones((1, 1)),
        word_weights=weights,
        features=("told",),
        lexicon_weights=np.zeros((1, 1)),
        bias=np.zeros(1),
        platt=np.array([[1.0], [0.0]]),
        thresholds=np.array([[0.8], [0.2], [0.9]]),
    )


def opinion(text: str, vector: bytes, words: dict[str, float] | None = None) -> list[Act]:
    known = reader("ar")
    return heard(classifier(words), known, text, read_acts(known, text, [], None), vector)


def test_an_act_that_it_doubts_is_kept_but_not_counted() -> None:
    text = ATTACK + " قرب الحدود الشرقية مع البلد المجاور"
    acts = [act for act in opinion(text, NO) if act.type == "ASSAULT"]
    assert acts
    assert all(act.derived.type is None for act in acts)
    assert any("plover_type:outvoted" in act.reasons for act in acts)


def test_in_a_language_without_judged_sentences_the_lexicon_stands() -> None:
    text = "ارتش دیروز شهر مرزی را در نزدیکی رودخانه بمباران کرد و سه سرباز و دو شهروند کشته شدند"
    known = reader("fa")
    acts = read_acts(known, text, [], None)
    assert [act.counts_as for act in acts] == ["ASSAULT"] * len(acts) != []
    assert heard(classifier(), known, text, acts, NO) == acts


def test_a_short_plain_report_is_never_outvoted() -> None:
    assert "ASSAULT" in {act.derived.type for act in opinion(ATTACK, NO)}


def test_an_act_that_nothing_anchors_counts_where_it_is_sure() -> None:
    alone = read_acts(reader("ar"), BACKGROUND, [], None)
    assert [act.derived.reason for act in alone] == ["not-anchored"]
    assert [act.derived.type for act in opinion(BACKGROUND, YES)] == ["ASSAULT"]


def test_between_its_thresholds_the_lexicon_stands() -> None:
    alone = read_acts(reader("ar"), ATTACK, [], None)
    assert [(a.type, a.derived) for a in opinion(ATTACK, UNSURE)] == [(a.type, a.derived) for a in alone]


def test_an_act_without_words_in_the_lexicon_is_found_at_its_telling_word() -> None:
    assert read_acts(reader("ar"), QUIET, [], None) == []
    found = opinion(QUIET, YES, {"معتدل": 0.5})
    assert [(act.type, QUIET[act.start : act.end]) for act in found] == [("ASSAULT", "معتدل")]
    assert "found-by:classifier" in found[0].reasons
    assert opinion(QUIET, YES) == [], "no word tells it: rather nothing than a guess"


def test_its_confidence_moves_the_acts() -> None:
    sure, unsure = (max(act.confidence for act in opinion(ATTACK, vector)) for vector in (YES, UNSURE))
    assert sure > unsure


def test_words_are_hashed_by_their_bare_form() -> None:
    assert bucket("والتفجير", "ar") == bucket("تفجير", "ar")
    assert buckets_of(words("تفجير وتفجير", "ar").folded, "ar") == [bucket("تفجير", "ar")]


def test_features_name_what_the_lexicon_read_of_a_type_and_beside_it() -> None:
    acts = read_acts(reader("ar"), DENIED, [], None)
    facts = sentence_features(DENIED)
    told, beside = (lexicon_features(kind, acts, facts) for kind in ("ASSAULT", "PROTEST"))
    assert {"told", "polarity:negated", "context:military", "any-act"} <= told.keys()
    assert "other:ASSAULT" not in told
    assert {"other:ASSAULT", "context:military", "any-act"} <= beside.keys()
    assert "told" not in beside
    assert lexicon_features("ASSAULT", [], facts) == facts


def test_training_and_the_stage_weigh_the_same_features_alike() -> None:
    kinds = ("ASSAULT", "PROTEST")
    sentences = golden_sentences()[::4]
    told = []
    for one in sentences:
        acts, facts = read_acts(reader(one.language), one.text, [], None), sentence_features(one.text)
        told.append([lexicon_features(kind, acts, facts) for kind in kinds])
    names, values = lexicon_matrix(told, np.ones((len(told), len(kinds)), dtype=bool))
    assert set(names) > NUMBERS and unknown_features(names) == []
    weights = np.random.default_rng(5).normal(size=(len(names), 2))
    for column in range(len(kinds)):  # as a fit leaves it: nothing learnt of what no sentence of the type has
        weights[~values[column].any(axis=0), column] = 0
    made = replace(
        classifier(),
        types=kinds,
        vector_weights=np.zeros((1, 2)),
        word_weights=np.zeros((BUCKETS, 2)),
        features=tuple(names),
        lexicon_weights=weights,
        bias=np.zeros(2),
        platt=np.array([[1.0, 1.0], [0.0, 0.0]]),
        thresholds=np.full((3, 2), 0.5),
    )
    trained = 1 / (1 + np.exp(-np.einsum("trf,ft->rt", values, weights)))
    staged = [list(made.opinion(UNSURE, [], features).probability.values()) for features in told]
    np.testing.assert_allclose(staged, trained)


def test_an_unknown_feature_in_the_file_is_named() -> None:
    tensors = load(classifier_file().read_bytes())
    for unknown in ("mood:glad", "wonted"):
        names = bytes(tensors["features"]).decode().split()
        names[0] = unknown
        changed = tensors | {"features": np.frombuffer(" ".join(names).encode(), dtype=np.uint8)}
        with pytest.raises(ModelCorrupt, match=f"does not read: {unknown}"):
            read_classifier(save(changed), "classifier.safetensors")


def test_a_vector_depends_on_its_own_sentence_alone() -> None:
    drawn = np.random.default_rng(3).normal(size=(40, 32))
    projection = Projection("v", "e", drawn.mean(0), np.random.default_rng(4).normal(size=(32, 8)) * 20)
    together = projection(drawn)
    assert together == [projection(drawn[[row]])[0] for row in range(40)]
    assert all(len(vector) == 8 for vector in together)


def test_another_encoder_gets_no_vectors() -> None:
    assert projection_for("0" * 64) is None


def test_a_damaged_file_is_named() -> None:
    for read in (read_classifier, read_projection):
        with pytest.raises(ModelCorrupt, match="cannot be read"):
            read(b"nothing of the kind", "classifier.safetensors")


def test_what_ships_belongs_together() -> None:
    shipped, projection = bundled_classifier(), bundled_projection()
    assert (shipped is None) == (projection is None)
    if shipped and projection:
        assert shipped.vector_version == projection.version
        assert len(shipped.scale) == projection.matrix.shape[1]
        ontology = bundled_vocabulary().ontology
        for family, known in (("other", ontology.types), ("context", ontology.contexts)):
            assert {
                name.partition(":")[2] for name in shipped.features if name.startswith(f"{family}:")
            } <= known.keys()
