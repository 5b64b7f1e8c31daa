"""A party without a name, or a name with its title: where the phrase ends that a noun of people or bodies begins.

The noun is one of `seeds/gazetteer/roles.csv`, which tells its sector; adjectives, a genitive and nationalities, which
tell its country, go on with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tasks.clitics import Spellings, canonical
from tasks.events_clauses import Sentence
from tasks.events_party_agreement import PLURALS, are_others, describes, stem
from tasks.events_party_nouns import (
    Facts,
    Name,
    compound_heads,
    country_of,
    role_noun,
    role_sectors,
    without_article,
    word_set,
)
from tasks.lexicon_reader import Reader

#: A phrase is no longer than this many words beside a name; a longer one is a list or a misreading.
LONGEST = 6
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
_ADJECTIVAL = word_set("انتحاري ارهابي مسلح عسكري دبلوماسي سياسي امني")
_ATTACKS = word_set(
    """
    هجوم الهجوم عمليه العمليه عمليات العمليات تفجير التفجير اعتداء الاعتداء هجمات الهجمات لهجوم بهجوم هجومين الهجومين
    الهجومان هجومان تفجيرات التفجيرات عمل اعمال حزام اعتداءات نزاع صراع تنظيم انفجار بيان
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
    مسلح مخالف ناشناس داخلي خارجي امور خارجه دفاع كشور ملي مركزي محلي عالي جمهور سابق پيشين فعلي كنوني جديد
    ارشد بلندپايه
    """
)
#: Bodies that are parts of another party («افسر پلیس», «سربازان ارتش»), and to which no person's name belongs.
_PERSIAN_BODIES = word_set("پليس ارتش سپاه دادگاه دادستاني")
#: Others to which none belongs: «نیروهای امنیتی نرگس محمدی را بازداشت کردند», «اعتقلت الشرطة أحمد سالم».
_PERSIAN_MANY = _PERSIAN_BODIES | word_set("نيرو نيروها نيروهاي ماموران سربازان نظاميان مقامات مقامهاي مقامها")
_BODIES = word_set(
    """
    شرطه جيش قوات قوه امن سلطات سلطه حكومه محكمه نيابه قضاء وزاره برلمان حركه جماعه تنظيم حزب مخابرات استخبارات درك حرس
    جنود ضباط مسلحون مسلحين متظاهرون متظاهرين مقاتلون متمردون
    """
)
#: Persian nouns that make a verb with the next word: «کشته شدند», «گروگان گرفت».
_PARTS_OF_VERBS = word_set("كشته زنداني گروگان قرباني زخمي مجروح متهم مظنون")
#: Persian nouns that have another body behind them («سخنگوی دولت»): others end where the next party begins.
_PERSIAN_HEADS = word_set(
    "وزير رييس سخنگوي معاون سفير فرمانده نماينده مقام مقامات نيروهاي نيروي گروه مشاور فرستاده شماري"
)


def phrase_at(
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
        if (noun[0], *run) in roles and adjacent(sentence, at, at + size - 1):
            sector, last = roles[noun[0], *run], at + size - 1
            break
    if noun[0] in _PARTS_OF_VERBS and _is_verb(sentence, at + 1):
        return None
    previous = canonical(words[at - 1]) if at else ""
    if sector is None or (previous in _ATTACKS and stem(noun[0]) in _ADJECTIVAL):
        return None
    if _qualifies(words[at], words[at - 1] if at else "", language):
        return None
    if noun[0] in _OFFICES and without_article(previous.removeprefix("لل")) in _OF_OFFICES:
        return None  # «السياسة الخارجية», «المستشار للشؤون الخارجية»: no ministry
    definite = "ال" in noun[1] or noun[1].endswith("لل") or words[at].startswith("ال")
    if not definite and language == "ar" and words[at].endswith("ه"):
        definite = words[at].endswith((noun[0] + "ه", noun[0][:-1] + "ته"))  # «أبناؤه», «زوجته»
    country: str | None = None
    genitive = definite or last > at
    nouns = [*range(at, last + 1)]
    named: Name | None = None
    closed = language == "ar" and not genitive and words[at].endswith(("ون", "ين"))
    while last + 1 < len(words) and last - at < LONGEST and adjacent(sentence, last, last + 1):
        following, folded = covering[last + 1], words[last + 1]
        if sentence.clauses[last + 1] != sentence.clauses[at]:
            break
        if following is not None and following.label != "MISC":
            # «ملك الأردن عبد الله», «رئيس حزب الشعب سلمى الحداد»
            titled = named is not None and not _no_title(noun[0], sector, definite, language)
            king = following.label == "PER" and named is not None and (named.label == "LOC" or titled)
            if following.start > sentence.starts[last + 1] or (named is not None and not king):
                break  # «و», «ب» or «ل» stands between: another party
            country = (named.facts.country if named else None) or country
            if following.label == "LOC" and (definite or language == "en"):
                break
            if following.label == "PER" and _no_title(noun[0], sector, definite, language):
                break
            named = following
            while last + 1 < len(words) and covering[last + 1] is following:
                last += 1
            if following.label == "PER":
                break
            continue
        if closed and folded.startswith("ال"):
            break  # «محكمة فرنسية الرئيس …», «مجهولون القاضي …»: no genitive is left open
        found = country_of(folded, language)
        if found and not folded.startswith(("و", "ب")):
            others = language == "ar" and (genitive or not folded.startswith("ال"))
            if others and are_others(canonical(folded), _bare(noun, nouns, words)):
                break
            country = country or found
            closed = language == "ar" and not genitive and not folded.startswith("ال")
            last += 1
            continue
        with_article = language == "ar" and folded.startswith("ال") and len(folded) > 4
        if with_article and genitive:
            word = canonical(folded)
            if word in _STOPS["ar"] or not describes(word, _bare(noun, nouns, words), sector, reader.regions):
                break
        elif not _goes_on(folded, language, definite, genitive, reader, noun[0]):
            break
        else:
            nouns.append(last + 1)
        genitive = genitive or folded.startswith("ال") or role_noun(folded, language) is not None
        last += 1
    if language == "ar" and definite and named is None and (member := _member(sentence, last, covering)):
        named, last = member
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
        return replace(named, start=start, end=end, surface=surface, facts=facts, clitic="")
    if named is not None:
        country = named.facts.country or country
    return Name(None, start, end, surface, "PHR", None, Facts("PHR", country, sector))


def _bare(noun: tuple[str, str], places: Sequence[int], words: Sequence[str]) -> list[str]:
    """The nouns of a phrase with which an adjective may agree, the first one also without its ending."""
    return [noun[0], *(without_article(canonical(words[place])) for place in places)]


def _member(sentence: Sentence, last: int, covering: Sequence[Name | None]) -> tuple[Name, int] | None:
    """The person named behind the body of a title («القيادي في حركة فتح جبريل الرجوب»), and the name's last word."""
    at, size = last + 2, len(sentence.folded)
    if at >= size or sentence.folded[last + 1] != "في" or (body := covering[at]) is None or body.label == "PER":
        return None
    while at < size and covering[at] is body:
        at += 1
    person = covering[at] if at < size and adjacent(sentence, at - 1, at) else None
    if person is None or person.label != "PER":
        return None
    while at + 1 < size and covering[at + 1] is person:
        at += 1
    return person, at


def _no_title(noun: str, sector: str, definite: bool, language: str) -> bool:
    """Whether a role is none that a person's name follows: «اعتقلت الشرطة محمد خالد», but «قوات حفتر»."""
    if language == "fa":
        return noun in _PERSIAN_MANY
    several = noun in PLURALS or (noun.endswith(("ون", "ين", "ات")) and sector != "GOV")  # «الرئيسين ترامب وبوتين»
    return definite and (noun in _BODIES or several)


def _is_verb(sentence: Sentence, at: int) -> bool:
    """Whether a Persian word is a finite verb or a form of «شدن» or «کردن»."""
    return at < len(sentence.folded) and (sentence.readings[at].finite or sentence.folded[at].startswith(("شد", "كرد")))


def adjacent(sentence: Sentence, first: int, last: int) -> bool:
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
        if word in _PERSIAN_ADJECTIVES:
            return True
        if head in _PERSIAN_HEADS and role_noun(folded, language) and (head != "نيروهاي" or word.endswith("ي")):
            return True  # «نیروهای امنیتی وزیر را بازداشت کردند»
        if word in _PERSIAN_BODIES and head not in _PERSIAN_BODIES:
            return True  # «افسر پلیس», «سربازان ارتش»
        return word.endswith("ي") and len(word) > 3 and not reader.read(folded).keys
    if head == "رييس" and word.startswith("وزرا"):
        return True  # «رئيس وزرائها دونالد توسك»
    if word.startswith("ال") and len(word) > 4:
        return True  # «قوات الأمن»: the genitive
    if definite or word[:1] in "وبلكف" or len(word) < 4:
        return not definite and role_noun(folded, language) == (word, "")
    read = reader.read(folded)
    return word.endswith(_ADJECTIVES) and not read.triggers and not read.kinds()


def _qualifies(word: str, before: str, language: str) -> bool:
    """Whether a word in «ـي» says what kind the thing before it is: «الخيار العسكري», «السجن المدني»."""
    if language != "ar" or not (word.startswith("ال") and word.endswith(("ي", "يه", "ية"))):
        return False
    return before.lstrip("وبلكف").startswith(("ال", "لل")) and role_noun(before, language) is None
