"""Who can act in a sentence: its names, and phrases without a name («مسلحون مجهولون», «وزیر خارجه روسیه»).

A phrase begins with a noun of `seeds/gazetteer/roles.csv`, which tells its sector, and goes on over adjectives, a
genitive and nationalities, which tell its country. A name behind its title is one party with it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace

from tasks.clitics import Spellings, canonical
from tasks.events_clauses import Sentence
from tasks.events_parties_titles import with_titles
from tasks.events_party_nouns import (
    Facts,
    Name,
    compound_heads,
    country_of,
    role_noun,
    role_nouns,
    role_sectors,
    without_article,
    word_set,
)
from tasks.lexicon_reader import Reader

#: A phrase is no longer than this many words beside a name; a longer one is a list or a misreading.
LONGEST = 6
#: «الأميركية-الروسية»: both act.
_HYPHENS = ("-", "–")
#: Words that end a phrase whatever they look like.
_STOPS = {
    "ar": word_set(
        """
        الذي التي الذين اللذين اللتين حين حتي بين الي علي اثنين الاثنين الثلاثاء الاربعاء الخميس الجمعه السبت الاحد
        اليوم الماضي المقبل الحالي الجاري قتيلا بعد قبل خلال حوالي نحو ان منذ لدي عند الان امس مساء صباح ثاني
        """
    ),
    "fa": word_set("را که در به از با بر تا و اي براي هم نيز پي طي روز دي امروز ديروز فردا شنبه يك"),
    "en": word_set(""),
}
#: Words of quantity: a party by themselves («خرج الآلاف») only where no noun of people follows.
_QUANTITIES = word_set("الاف مءات ميات عشرات ملايين هزاران صدها دهها شماري گروهي thousands hundreds dozens scores")
#: «هجوم انتحاري» has an adjective, «انتحاري» alone is a person.
_ADJECTIVAL = word_set("انتحاري انتحاريه ارهابي ارهابيه مسلح مسلحه عسكري عسكريه دبلوماسي سياسي امني")
_ATTACKS = word_set(
    """
    هجوم الهجوم عمليه العمليه عمليات العمليات تفجير التفجير اعتداء الاعتداء هجمات الهجمات لهجوم بهجوم هجومين تفجيرات
    التفجيرات عمل اعمال حزام اعتداءات نزاع صراع تنظيم انفجار بيان
    حل الحل مسار المسار جهد تحرك نشاط مخرج طريق اطار ضغط اختراق تقدم توافق حوار دعم رد انجاز نجاح عمل تمثيل وجود تصعيد
    توتر خلاف ملف قرار موقف حراك خطاب نظام تحول انفتاح غطاء دور
    """
)
#: Ministries by their adjective, and what makes it one alone.
_OFFICES = word_set("خارجيه داخليه")
_OF_OFFICES = word_set("سياسه سياسات شوون علاقات تجاره ديون تدخلات")
_ADJECTIVES = ("ي", "يه", "يون", "يين", "ون", "ين", "ات", "ان")
_PERSIAN_ADJECTIVES = word_set(
    """
    مسلح مخالف ناشناس داخلي خارجي امور خارجه دفاع كشور ملي مركزي محلي عالي جمهور
    """
)
#: Persian nouns that have another body behind them («سخنگوی دولت»): others end where the next party begins.
_PERSIAN_HEADS = word_set(
    "وزير رييس سخنگوي معاون سفير فرمانده نماينده مقام مقامات نيروهاي نيروي گروه مشاور فرستاده شماري"
)


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
        elif noun is not None and (phrase := _phrase(sentence, at, noun, covering, reader)):
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
        if country is None or not (hyphen or _adjacent(sentence, place - 1, place)):
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
    """The people of a country, named in the plural."""
    folded = canonical(sentence.folded[at])
    plural = ("ون", "ين") if language == "ar" else ("ها", "هاي", "ان") if language == "fa" else ("s",)
    if not folded.endswith(plural) or country_of(sentence.folded[at], language) is None:
        return None
    facts = Facts("MISC", name.facts.country or country_of(sentence.folded[at], language), "CVL")
    return replace(name, facts=facts)


def _phrase(
    sentence: Sentence, at: int, noun: tuple[str, str], covering: Sequence[Name | None], reader: Reader
) -> Name | None:
    """The phrase that begins at a role noun; None where it is part of something else."""
    language, words = reader.language, sentence.folded
    roles = role_sectors(language)
    sector, last = roles.get((noun[0],)), at
    if noun[0] in _QUANTITIES and any(
        (role_noun(word, language) or ("",))[0] not in ("", *_QUANTITIES) or country_of(word, language)
        for word in words[at + 1 : at + 3]
    ):
        return None
    for size in (
        (3, 2) if noun[0] in compound_heads(language) else ()
    ):  # «رئيس الوزراء», «نیروهای امنیتی»: the longest entry decides
        run = tuple(without_article(canonical(word)) for word in words[at + 1 : at + size])
        if (noun[0], *run) in roles and _adjacent(sentence, at, at + size - 1):
            sector, last = roles[noun[0], *run], at + size - 1
            break
    previous = canonical(words[at - 1]) if at else ""
    if sector is None or (noun[0] in _ADJECTIVAL and previous in _ATTACKS):
        return None
    if noun[0] in _OFFICES and without_article(previous.removeprefix("لل")) in _OF_OFFICES:
        return None  # «السياسة الخارجية», «المستشار للشؤون الخارجية»: no ministry
    definite = "ال" in noun[1] or noun[1].endswith("لل") or words[at].startswith("ال")
    country: str | None = None
    genitive = definite or last > at
    named: Name | None = None
    while last + 1 < len(words) and last - at < LONGEST and _adjacent(sentence, last, last + 1):
        following, folded = covering[last + 1], words[last + 1]
        if sentence.clauses[last + 1] != sentence.clauses[at]:
            break
        if following is not None and following.label != "MISC":
            king = named is not None and named.label == "LOC" and following.label == "PER"  # «ملك الأردن عبد الله»
            if following.start > sentence.starts[last + 1] or (named is not None and not king):
                break  # «و», «ب» or «ل» stands between: another party
            country = (named.facts.country if named else None) or country
            if following.label == "LOC" and (definite or language == "en"):
                break
            named = following
            while last + 1 < len(words) and covering[last + 1] is following:
                last += 1
            if following.label == "PER":
                break
            continue
        found = country_of(folded, language)
        if found and not folded.startswith(("و", "ب")):
            country = country or found
            last += 1
            continue
        if not _goes_on(folded, language, definite, genitive, reader, noun[0]):
            break
        genitive = genitive or folded.startswith("ال") or role_noun(folded, language) is not None
        last += 1
    start = sentence.starts[at] + (len(noun[1].removesuffix("ال")) if noun[1] and language == "ar" else 0)
    if noun[1].endswith("لل"):
        start = sentence.starts[at] + len(noun[1]) - 1
    end = sentence.ends[last]
    surface = sentence.text[start:end]
    if named is not None and named.label in ("PER", "ORG"):
        facts = replace(
            named.facts,
            label=named.label,
            sector=named.facts.sector or sector,
            country=named.facts.country or country,
        )
        return replace(named, start=start, end=end, surface=surface, facts=facts)
    if named is not None:
        country = named.facts.country or country
    return Name(None, start, end, surface, "PHR", None, Facts("PHR", country, sector))


def _adjacent(sentence: Sentence, first: int, last: int) -> bool:
    """Whether nothing but spaces and quotation marks stands between the words."""
    if last >= len(sentence.folded):
        return False
    return all(map(_BARELY_APART.__getitem__, sentence.gaps[first + 1 : last + 1]))


#: Whether a gap between words has nothing but spaces and quotation marks.
_BARELY_APART = Spellings(lambda gap: not gap.strip(' \u200c\u200f\xa0«»"“”'))


def _goes_on(folded: str, language: str, definite: bool, genitive: bool, reader: Reader, head: str) -> bool:
    """Whether a word without a name is part of the phrase before it."""
    word = canonical(folded)
    if word in _STOPS[language] or language == "en":
        return False
    if language == "fa":
        if word in _PERSIAN_ADJECTIVES or (head in _PERSIAN_HEADS and role_noun(folded, language)):
            return True
        return word.endswith("ي") and len(word) > 3 and not reader.read(folded).keys
    if word.startswith("ال") and len(word) > 4:
        if not definite and not genitive:
            return True  # «قوات الأمن»: the genitive
        return word.endswith(_ADJECTIVES) or word[2:3] == "م"  # «القوات المسلحة», «اليمين المتطرف»
    if definite or word[:1] in "وبلكف" or len(word) < 4:
        return not definite and role_noun(folded, language) == (word, "")
    read = reader.read(folded)
    return word.endswith(_ADJECTIVES) and not read.triggers and not read.kinds()
