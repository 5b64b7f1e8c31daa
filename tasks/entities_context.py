"""The nationality told beside a person's name: what tells two people of one name apart.

«اللاعب المغربي سامر الدباغ», «بازیکن مراکشی سامر دباغ»: the word right before the name, or the one before «السابق».
Arabic feminine adjectives mostly belong to a body («السفارة الأميركية»), so only masculine ones count; a woman's
name is then told apart by nothing. In Persian a country's name before the person's says the same («وزیر خارجه تونس،»),
unless a preposition stands before it. What stands behind the name says it of a minister and his like: «سامر الدباغ،
وزير السياحة المغربي،», «سامر دباغ، وزیر گردشگری مراکش،». Where nothing stands there, nothing is known.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from tasks.entities_demonyms import nationality
from tasks.entities_gazetteer import Gazetteer
from tasks.entities_names import words_of

#: How many characters before a name are looked at: three long words.
_BEFORE = 48
_ADJECTIVES = {
    "ar": frozenset({"السابق", "الاسبق", "الحالي", "الجديد", "الراحل", "المستقيل", "السيد"}),
    "fa": frozenset({"سابق", "اسبق", "فعلي", "جديد", "فقيد", "مستعفي", "اقاي"}),
}
_PREPOSITIONS = frozenset({"در", "به", "از", "با", "بر", "تا"})
#: Between a nationality and the name: spaces, and in Persian a comma. Anything else ends the phrase.
_MARKS = r"\u0610-\u061a\u0640\u064b-\u065f\u200c-\u200f\u202a-\u202e\u2066-\u2069"
_PHRASE = {"ar": re.compile(rf"[\w {_MARKS}]*$"), "fa": re.compile(rf"[\w ،{_MARKS}]*$")}


#: Behind the name: a comma, an office, and at most five words that belong to it. «، الرئيس السوري» is somebody else.
_OFFICES = {
    "ar": "(?:وزير|رئيس|سفير|قائد|مستشار|نائب|متحدث|ناطق)",
    "fa": "(?:نخست[ \u200c]?)?(?:وزیر|وزير|رئیس|رئيس|رییس|سفیر|سفير|فرمانده|سخنگوی|سخنگوي|معاون|مشاور|نماینده|نماينده)",
}
_OFFICE = {
    language: re.compile(rf"[{_MARKS}]* ?،[ {_MARKS}]*{office}[\w{_MARKS}]*((?: +[\w{_MARKS}]+){{0,5}})")
    for language, office in _OFFICES.items()
}
#: What follows these belongs to the office no longer: «سفير في تونس», «المبعوث إلى ليبيا».
_ENDS = {
    "ar": frozenset({"في", "الي", "لدي", "علي", "من", "عن", "مع", "ان", "الذي", "قال", "اليوم", "امس"}),
    "fa": _PREPOSITIONS | {"كه", "گفت", "امروز", "ديروز"},
}


def told_country(text: str, start: int, end: int, language: str, countries: Mapping[str, str]) -> str | None:
    """The entity id of the country that the words before a name, else those behind it, give the person; else null.

    `countries` are `country_names`.
    """
    return _before(text, start, language, countries) or _behind(text, end, language, countries)


def _behind(text: str, end: int, language: str, countries: Mapping[str, str]) -> str | None:
    office = _OFFICE.get(language)
    found = office.match(text, end, end + 2 * _BEFORE) if office else None
    for word in words_of(found.group(1)) if found else ():
        if word in _ENDS[language]:
            return None
        if language == "ar" and not (word.startswith("ال") and word.endswith(("ي", "يه"))):
            continue  # «شؤون التونسيين» are other people
        if country := nationality((word,), language) or (countries.get(word) if language == "fa" else None):
            return country
    return None


def _before(text: str, start: int, language: str, countries: Mapping[str, str]) -> str | None:
    phrase = _PHRASE.get(language)
    found = phrase.search(text, max(0, start - _BEFORE), start) if phrase else None
    words = words_of(found.group().replace("،", " ")) if found else ()
    while words and words[-1] in _ADJECTIVES[language]:
        words = words[:-1]
    if not words:
        return None
    adjective = words[-1]
    if language == "ar":
        return nationality((adjective,), language) if adjective.endswith("ي") else None
    country = nationality((adjective,), language)
    if country is None and len(words) > 1 and words[-2] not in _PREPOSITIONS:
        country = countries.get(adjective)
    return country


def country_names(gazetteer: Gazetteer) -> dict[str, str]:
    """The Persian names of countries, of one word each, as search keys, and the country's entity id."""
    return {
        words[0]: entity.entity_id
        for entity in gazetteer.entities.values()
        if entity.label == "LOC" and entity.sector == "GOV" and entity.name_fa
        if len(words := words_of(entity.name_fa)) == 1
    }
