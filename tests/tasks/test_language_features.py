"""Features of a text are its own, whatever surrounds it and however it is dressed."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tasks.language_features import BUCKETS, COLUMNS, LONGEST, extract
from tasks.language_model import judge, labels

TEXTS = st.lists(
    st.text(alphabet=st.characters() | st.sampled_from("ابتكکيیپ  \u200c\u064e\n"), max_size=40), max_size=6
)


@given(TEXTS)
def test_each_text_has_the_features_that_it_has_alone(texts: list[str]) -> None:
    together = extract(texts)
    assert len(together.starts) == len(together.letters) == len(texts)
    assert len(together.buckets) == COLUMNS * int(together.letters.sum())
    assert together.buckets.min(initial=0) >= 0
    assert together.buckets.max(initial=0) < BUCKETS
    for place, text in enumerate(texts):
        alone = extract([text])
        start = together.starts[place]
        own = together.buckets[start : start + COLUMNS * together.letters[place]]
        assert np.array_equal(own, alone.buckets)
        assert np.array_equal(together.words.number[together.words.text == place], alone.words.number)


@given(TEXTS)
def test_any_text_is_judged_and_alone_as_among_others(texts: list[str]) -> None:
    judged = judge(texts)
    assert judged.scores.shape == (len(texts), len(labels()))
    assert np.isfinite(judged.scores).all()
    assert ((judged.known >= 0) & (judged.known <= 1)).all()
    for place, text in enumerate(texts):
        assert np.array_equal(judge([text]).scores[0], judged.scores[place])


def test_vowels_tatweel_and_direction_marks_are_nothing() -> None:
    plain, dressed = extract(["قال الوزير"]), extract(["\u202bقَالَ الـــوَزِير\u200f"])
    assert np.array_equal(plain.buckets, dressed.buckets)


def test_a_joiner_is_a_space_and_digits_are_too() -> None:
    assert np.array_equal(extract(["می\u200cشود"]).buckets, extract(["می شود"]).buckets)
    assert np.array_equal(extract(["سال ۱۴۰۴ بود"]).buckets, extract(["سال، بود"]).buckets)


def test_sequences_end_with_their_word() -> None:
    """Two words have what each has alone."""
    both = extract(["كتاب جديد"]).buckets.reshape(-1, COLUMNS)
    one, other = (set(extract([word]).buckets.tolist()) for word in ("كتاب", "جديد"))
    assert set(both.ravel().tolist()) == one | other


def test_a_word_is_one_whatever_the_keyboard() -> None:
    persian, arabic = extract(["ملکی"]), extract(["ملكي"])
    assert np.array_equal(persian.words.number, arabic.words.number)
    assert persian.buckets[LONGEST] == 0, "the space before the word begins none"
    assert not np.array_equal(persian.buckets, arabic.buckets)


def test_known_words_count_by_their_letters() -> None:
    known = judge(["وزير الخارجية", "والخارجية", "زلطقرمش", "وزیر امور خارجه", "یہ ہے وہ"]).known
    assert known[:3, 0].tolist() == [1.0, 1.0, 0.0]
    assert known[3, 1] == 1.0
    assert known[4, 2] == 1.0
