"""What follows from a verb and its object in a lexicon: verbal nouns and passives."""

from __future__ import annotations

import pytest

from tasks.events_read import read_acts
from tasks.lexicon_derived import masdars, nominal
from tasks.lexicon_reader import reader


@pytest.mark.parametrize(
    ("perfect", "noun"),
    [
        ("قطع", "قطع"),
        ("جمد", "تجميد"),
        ("صادر", "مصادره"),
        ("اغلق", "اغلاق"),
        ("اوقف", "ايقاف"),
        ("الغي", "الغاء"),
        ("اقال", "اقاله"),
        ("تبادل", "تبادل"),
        ("انسحب", "انسحاب"),
        ("احتل", "احتلال"),
        ("اغتال", "اغتيال"),
        ("استدعي", "استدعاء"),
        ("استانف", "استيناف"),
        ("استعاد", "استعاده"),
    ],
)
def test_arabic_verbal_nouns(perfect: str, noun: str) -> None:
    assert noun in masdars(perfect)


def test_a_verb_without_an_object_brings_no_noun() -> None:
    assert [
        *nominal("زار/يزور", "ar"),
        *nominal("withdraw/withdrew/withdrawn from", "en"),
        *nominal("کوچ کرد", "fa"),
    ] == []


@pytest.mark.parametrize(
    ("language", "text", "act"),
    [
        ("en", "The sanctions on Iran were lifted.", "RETREAT"),
        ("en", "Relations with the kingdom were severed.", "SANCTION"),
        ("ar", "أُعلن عن تفكيك خلية في المدينة.", "COERCE"),
        ("ar", "جرى إبرام معاهدة في لندن.", "AGREE"),
        ("fa", "خبر از سر گرفتن مذاکرات را داد.", "CONSULT"),
        ("fa", "مهاجران نجات داده شدند.", "AID"),
    ],
)
def test_what_a_verb_tells_its_noun_and_its_passive_tell(language: str, text: str, act: str) -> None:
    assert [one.type for one in read_acts(reader(language), text, [], None)] == [act]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "People who saw the film were moved."),
        ("ar", "جرى التنسيق مع الجهات المعنية."),
        ("fa", "نامه به دستش داده شد."),
    ],
)
def test_other_nouns_and_passives_tell_nothing(language: str, text: str) -> None:
    assert read_acts(reader(language), text, [], None) == []
