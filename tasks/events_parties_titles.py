"""Titles that stand apart from the name they belong to: one party, not two.

«المبعوث الخاص لترامب إلى روسيا ستيف ويتكوف» is Witkoff alone; «ترامپ، رئیس‌جمهور آمریکا،» and «همتای روس او، لاوروف» are
one person each.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace

from tasks.clitics import canonical
from tasks.events_clauses import Sentence
from tasks.events_party_nouns import Name, without_article, word_set

#: How the titles of one person begin.
_TITLES = {
    "ar": (
        *("رييس", "وزير", "سفير", "مبعوث", "متحدث", "ناطق", "مستشار", "ملك", "امير", "حاكم", "نايب", "قايد", "مدير"),
        *("امين", "ممثل", "مندوب", "موفد", "زعيم", "نظير"),
    ),
    "fa": (
        *("رييس", "وزير", "سفير", "سخنگو", "معاون", "همتا", "فرمانده", "نماينده", "مشاور", "فرستاده", "دبير"),
        *("رهبر", "پادشاه", "مدير", "نخست"),
    ),
    "en": (),
}
_MANY = ("ون", "ين", "ان", "ات", "ها", "هاي")
#: What joins a title to the body or the country that it is held for.
_JOINS = word_set("الي في لدي عن باسم الخاص الخاصه للشوون لشوون شوون الخارجيه الامن القومي الاول")
#: A title goes on over so many words to its name.
_LONGEST = 7
_COMMAS = frozenset("،,")
_APPOSED = _COMMAS | frozenset('«»"“” \u200c\u200f\xa0')
#: What ends a title that stands behind its name.
_ENDS = "،,.؛:"


def with_titles(sentence: Sentence, parties: Sequence[Name], language: str) -> list[Name]:
    """The parties, by offset, with a title and its name as one where they stand apart."""
    kept = list(parties)
    at = 0
    while at < len(kept):
        party = kept[at]
        if not (party.is_phrase and _is_title(sentence, party, language)):
            at += 1
            continue
        before = kept[at - 1] if at else None
        if before is not None and before.label == "PER" and _apposed(sentence, before, party, language):
            kept[at - 1] = _of_title(before, party)
            del kept[at]
        elif (name := _named(sentence, kept, at)) is not None:
            kept[at : name + 1] = [_of_title(kept[name], party, sentence.text)]
            at += 1
        else:
            at += 1
    return kept


def _is_title(sentence: Sentence, party: Name, language: str) -> bool:
    word = canonical(sentence.folded[bisect_left(sentence.ends, party.start + 1)])
    plain = without_article(word.removeprefix("و") if word.startswith("وال") else word)
    return plain.startswith(_TITLES[language]) and not plain.endswith(_MANY)


def _of_title(name: Name, title: Name, text: str | None = None) -> Name:
    """The name with what its title tells of it; with `text` the title is part of the party."""
    facts = name.facts
    told = replace(
        facts,
        label=facts.label or name.label,
        sector=facts.sector or title.facts.sector,
        country=facts.country or title.facts.country,
    )
    if text is None:
        return replace(name, facts=told)
    return replace(name, start=title.start, surface=text[title.start : name.end], facts=told)


def _apposed(sentence: Sentence, name: Name, title: Name, language: str) -> bool:
    """Whether a title stands behind its name: between commas, or right behind a Persian one.

    In «ترامپ رئیس‌جمهور اوکراین را …» it is another one's.
    """
    between = sentence.text[name.end : title.start]
    if language == "fa" and between == " ":
        behind = bisect_left(sentence.starts, title.end)
        return behind < len(sentence.folded) and sentence.folded[behind] != "را"
    follows = sentence.text[title.end : title.end + 1]
    return not _COMMAS.isdisjoint(between) and set(between) <= _APPOSED and follows in ("", *_ENDS)


def _named(sentence: Sentence, parties: Sequence[Name], at: int) -> int | None:
    """The number of the party with the name of a title: right behind a comma, or behind what the title is for."""
    title = parties[at]
    first = bisect_left(sentence.starts, title.end)
    for number in range(at + 1, min(at + 4, len(parties))):
        name = parties[number]
        gap = sentence.text[title.end : name.start]
        if name.label == "PER" and name.clitic == "":
            start = bisect_left(sentence.ends, name.start + 1)
            if name.start != sentence.starts[start]:
                return None  # «و» joins another one
            if number == at + 1 and set(gap) <= _APPOSED and gap.strip():
                return number
            apart = start - first > _LONGEST or not _goes_on(sentence, first, start, parties[at + 1 : number])
            return None if apart else number
        if name.label not in ("LOC", "ORG", "PHR", "PER"):
            return None
    return None


def _goes_on(sentence: Sentence, first: int, last: int, inside: Sequence[Name]) -> bool:
    """Whether the words between a title and its name belong to the title, with no sign between them."""
    if any(gap.strip() for gap in sentence.gaps[first : last + 1]) or first >= last:
        return False
    covered = {
        place
        for name in inside
        for place in range(bisect_left(sentence.ends, name.start + 1), bisect_left(sentence.starts, name.end))
    }
    joined = False
    for place in range(first, last):
        word = canonical(sentence.folded[place])
        if word in _JOINS or word.startswith("لل"):
            joined = True
        elif place in covered:
            joined |= word.startswith("ل")
            if not joined:
                return False
        else:
            return False
    return joined
