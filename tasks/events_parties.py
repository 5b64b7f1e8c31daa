"""Who can act in a sentence: its names, and phrases without a name («مسلحون مجهولون», «وزیر خارجه روسیه»).

A phrase begins with a noun of `seeds/gazetteer/roles.csv`, which tells its sector, and goes on over adjectives, a
genitive and nationalities, which tell its country. A name behind its title is one party with it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace

from tasks.clitics import canonical
from tasks.events_clauses import Sentence
from tasks.events_parties_titles import with_titles
from tasks.events_party_nouns import (
    Facts,
    Name,
    country_of,
    role_noun,
    role_nouns,
    role_sectors,
    without_article,
    word_set,
)
from tasks.events_party_phrases import adjacent, phrase_at
from tasks.events_roles_words import BEFALL_ONE, NUMBERS
from tasks.lexicon_reader import Reader

#: «الأميركية-الروسية»: both act.
_HYPHENS = ("-", "–")
#: Arabic verbs that are spelled as people.
_VERBS_OR_NOUNS = word_set("طالب وطالب فطالب")


def parties(sentence: Sentence, names: Sequence[Name], reader: Reader) -> list[Name]:
    """The names and phrases of a sentence that can act or be acted upon, by offset, none inside another.

    `names` are its mentions by offset. Nationalities are parts of phrases, and people by themselves only in the
    plural («الإسرائيليين»).
    """
    language, size = reader.language, len(sentence.folded)
    covering = _covering(sentence, names)
    nouns = map(role_nouns(language).__getitem__, sentence.folded)
    found: list[Name] = []
    free = 0
    for at, (noun, name) in enumerate(zip(nouns, covering, strict=True)):
        if (noun is None and name is None) or at < free:
            continue
        if name is not None and name.label != "MISC":
            last = at
            while last + 1 < size and covering[last + 1] is name:
                last += 1
            party = _from_name(sentence, name, at, last, covering, language)
            found.append(party)
            free = _next(sentence, party.end, last)
        elif (
            noun is not None and not _asks(sentence, at) and (phrase := phrase_at(sentence, at, noun, covering, reader))
        ):
            found.append(phrase)
            free = _next(sentence, phrase.end, at)
        elif name is not None and (people := _people(sentence, at, name, language)):
            found.append(people)
    return with_titles(sentence, found, language)


def adjectives(sentence: Sentence, names: Sequence[Name], after: int, reader: Reader) -> list[Name]:
    """The nationalities right behind a word: who acts in «الغارات الإسرائيلية», «القمة الروسية الأميركية»."""
    language, words = reader.language, sentence.folded
    found: list[Name] = []
    for place in range(after + 1, min(after + 4, len(words))):
        country = country_of(words[place], language) if words[place][:1] != "و" else None
        hyphen = bool(found) and sentence.gaps[place].strip() in _HYPHENS
        if country is None or not (hyphen or adjacent(sentence, place - 1, place)):
            if found or place > after + 1:
                break
            continue
        start, end = sentence.span(place, place)
        at = bisect_right(names, start, key=lambda n: n.start) - 1
        name = names[at] if at >= 0 and names[at].label == "MISC" and start < names[at].end else None
        facts = Facts("MISC", country, "GOV")
        if name is not None and name.end == end:
            found.append(replace(name, start=start, end=end, surface=sentence.text[start:end], facts=facts))
        else:
            found.append(Name(None, start, end, sentence.text[start:end], "PHR", None, facts))
    return found


def _asks(sentence: Sentence, at: int) -> bool:
    """Whether a word is a verb that has a noun's spelling: «طالب الوزير» is no student."""
    if sentence.folded[at] not in _VERBS_OR_NOUNS:
        return False
    return any(one.first == at and one.pattern.is_verb for one in sentence.triggers)


def _next(sentence: Sentence, end: int, at: int) -> int:
    at += 1
    while at < len(sentence.folded) and sentence.starts[at] < end:
        at += 1
    return at


def _covering(sentence: Sentence, names: Sequence[Name]) -> list[Name | None]:
    """For each word the name that covers it: the first of several."""
    covering: list[Name | None] = [None] * len(sentence.folded)
    at = 0
    for name in names:
        while at < len(sentence.folded) and sentence.ends[at] <= name.start:
            at += 1
        place = at
        while place < len(sentence.folded) and sentence.starts[place] < name.end:
            covering[place] = covering[place] or name
            place += 1
    return covering


def _from_name(
    sentence: Sentence, name: Name, first: int, last: int, covering: Sequence[Name | None], language: str
) -> Name:
    """A name with what its own words tell of it, for a body that `entities` does not know."""
    facts = name.facts
    if name.label == "ORG" and facts.sector is None:
        sector, country = facts.sector, facts.country
        for place in range(first, last + 1):
            folded = sentence.folded[place]
            country = country or country_of(folded, language)
            noun = role_noun(folded, language)
            run = tuple(without_article(canonical(w)) for w in sentence.folded[place : min(place + 2, last + 1)])
            sector = (
                sector or role_sectors(language).get(run) or (role_sectors(language).get((noun[0],)) if noun else None)
            )
        return replace(name, facts=replace(facts, label=facts.label or "ORG", sector=sector, country=country))
    return name


def _people(sentence: Sentence, at: int, name: Name, language: str) -> Name | None:
    """The people of a country, or one of them: «الفلسطينيين», «استشهد فلسطيني», «اعتقل فلسطينيا», «پنج فلسطینی»."""
    folded = canonical(sentence.folded[at])
    plural = ("ون", "ين", "يا") if language == "ar" else ("ها", "هاي", "ان") if language == "fa" else ("s",)
    before = canonical(sentence.folded[at - 1]) if at else ""
    if language == "ar" and folded.endswith("يا") and before.endswith("ا") and not sentence.readings[at - 1].verbal:
        return None  # «مهندسا صينيا»
    one = folded[:2] != "ال" and before in (BEFALL_ONE if language == "ar" else NUMBERS if language == "fa" else ())
    if not (folded.endswith(plural) or one) or country_of(sentence.folded[at], language) is None:
        return None
    facts = Facts("MISC", name.facts.country or country_of(sentence.folded[at], language), "CVL")
    return replace(name, facts=facts)
