"""Names as they are shown and as they are compared: display form, key, and the forms without clitics or titles."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping

from tasks.clitics import NOUN, bare_forms, fold
from tasks.normalize import search_key

_JOINER = "\u200c"
#: What no spelling of a name needs: vowel marks, tatweel, joiners other than the Persian one, direction marks.
_UNSEEN = re.compile(
    "[\u00ad\u0610-\u061a\u061c\u0640\u064b-\u0653\u0656-\u065f\u0670\u200b\u200d-\u200f\u202a-\u202e"
    "\u2060-\u2069\ufeff]"
)
#: Letters of the other language's keyboard.
_KEYBOARDS = {
    "ar": str.maketrans({"ی": "ي", "ک": "ك", "ہ": "ه", "ھ": "ه"}),
    "fa": str.maketrans({"ي": "ی", "ى": "ی", "ك": "ک", "ہ": "ه", "ھ": "ه"}),
}

_ARTICLE = "ال"
_LAST_VOWEL = re.compile("[اويه]ء?$")

_PERSON_TITLES = """
الرئيس رئيس نائب الوزير وزير الخارجية الدفاع السيد السيدة الدكتور دكتور المبعوث مبعوث المتحدث المستشار مستشار السفير
سفير الأمير الملك البابا الشيخ الإمام اللواء الفريق الجنرال العميد المشير السلطان العقيد آية الله
الأمريكي الأميركي الروسي الأوكراني الإيراني الفرنسي التركي
نظيره نظيرته نظيرها همتای
الرئيسة رئيسة الوزيرة وزيرة الأميرة الملكة المستشارة القائد النائب القاضي المهندس الأستاذ المرحوم الراحل
العظمی مرحوم استاد نخست‌وزیر وزیر شاهزاده پادشاه سپهبد سرهنگ پروفسور
رئیس‌جمهور جمهور آقای آقا خانم دکتر سردار سرلشکر سرتیپ امیر ژنرال سید حجت‌الاسلام آیت‌الله سخنگوی پاپ
President Prime Minister Mr Mrs Ms Dr Secretary General Ayatollah King Prince Sheikh Senator
"""
#: Titles that are parts of names as well («حاج صفی», «الحاج حسن»): none before a single word.
_HONORIFICS = "الحاج الشهيد حاج شهید"
#: What a tagger now and then takes along: the verb before a name, the day or the clause behind it.
_SAID = """
قال أكد أوضح أضاف صرح كشف أعلن ذكر شدد أفاد أشار اعتبر حذر وصل التقى استقبل أجرى
قالت أكدت أوضحت أضافت صرحت كشفت أعلنت ذكرت شددت أفادت أشارت اعتبرت حذرت وصلت التقت استقبلت أجرت
"""
_BEHIND = """
أمس اليوم غدا الليلة إن أن إنه أنه إنها أنها إنني أنني الذي التي
گفت افزود امروز دیروز فردا که
"""
_ORGANISATION_KINDS = """
وكالة الأنباء للأنباء شبكة قناة صحيفة موقع منصة مجلة إذاعة حركة جماعة تنظيم منظمة قوات
خبرگزاری شبکه روزنامه پایگاه سایت وب‌سایت جنبش گروه سازمان رسانه
"""
_PLACE_KINDS = "مدينة بلدة ولاية محافظة دولة شهر شهرستان استان ایالت کشور شهرهای شهرستان‌های استان‌های کشورهای"
#: What else a place may be: alone no place's name («القطاع», «مناطق»); before a name, not the town's («قرية الشيخ»).
_FURTHER_KINDS = {
    "ar": """
مدن ولايات محافظات دول قرية قرى حي أحياء منطقة مناطق إقليم قضاء ناحية مقاطعة معتمدية جهة بلدية بلد بلاد قطاع عاصمة
مركز شارع ساحة مطار ميناء معبر ضاحية حدود جامعة
""",
    "fa": """
شهرها استان‌ها کشورها شهرک روستا روستای روستاها بخش دهستان محله منطقه مناطق جزیره پایتخت مرز مرزها خیابان میدان
فرودگاه بندر ناحیه
""",
}

#: Seas, rivers and mountains: no city, however it sounds.
_NATURE = """
بحر خليج نهر جبل جبال مضيق بحيرة صحراء هضبة
دریا دریای خلیج رود رودخانه کوه تنگه دریاچه صحرا صحرای بیابان دشت
"""


def _key_words(words: str) -> frozenset[str]:
    return frozenset(search_key(word) for word in words.split())


#: Words before a name that are no part of it, as search keys, by the label of the name.
_TITLES = {
    "PER": _key_words(_PERSON_TITLES),
    "ORG": _key_words(_ORGANISATION_KINDS),
    "LOC": _key_words(_PLACE_KINDS),
}

_SAID_WORDS = _key_words(_SAID) | _key_words(" ".join(f"و{word}" for word in _SAID.split()))
_BEHIND_WORDS = _key_words(_BEHIND) | _SAID_WORDS
_HONORIFIC_WORDS = _key_words(_HONORIFICS)

_NATURE_WORDS = _key_words(_NATURE)
_KIND_WORDS = {language: _key_words(f"{_PLACE_KINDS} {kinds}") for language, kinds in _FURTHER_KINDS.items()}


def display_form(text: str, language: str) -> str:
    """A name with the letters of its language's standard spelling: no marks, no tatweel, one space.

    Hamza, teh marbuta and the Persian joiner stay: they belong to the spelling.
    """
    shown = _UNSEEN.sub("", unicodedata.normalize("NFC", text)).translate(_KEYBOARDS.get(language, {}))
    if language != "fa":
        shown = shown.replace(_JOINER, "")
    return " ".join(shown.split())


def words_of(name: str) -> tuple[str, ...]:
    """The search key of a name, cut into words."""
    return tuple(search_key(name).split())


def compact(words: tuple[str, ...]) -> str:
    """The words as one string: «سي إن إن», «سی‌ان‌ان» and «سیانان» are one name."""
    return "".join(words)


def without_article(words: tuple[str, ...]) -> tuple[str, ...]:
    """The words without «ال» before the first, where three letters or more remain."""
    if words and words[0].startswith(_ARTICLE) and len(words[0]) >= len(_ARTICLE) + 3:
        return (words[0][len(_ARTICLE) :], *words[1:])
    return words


def without_al(word: str) -> str:
    """A word of a search key without the Arabic article, where three letters or more remain."""
    return word[len(_ARTICLE) :] if word.startswith(_ARTICLE) and len(word) >= len(_ARTICLE) + 3 else word


def without_titles(words: tuple[str, ...], label: str) -> tuple[str, ...]:
    """The words without titles («الرئيس», «آقای») or kinds («وكالة», «شهر») in front; one word is always left."""
    titles = _TITLES.get(label, frozenset())
    start = 0
    while start < len(words) - 1 and words[start] in titles:
        start += 1
    if label == "PER" and len(words) - start > 2 and words[start] in _HONORIFIC_WORDS:
        start += 1
    return words[start:]


def without_sentence(words: tuple[str, ...], language: str) -> tuple[str, ...]:
    """The words of a person without the verb before or behind, and the day («قال بوتين أمس»); one is always left."""
    first, stop = 0, len(words)
    while language == "ar" and first < stop - 1 and words[first] in _SAID_WORDS:
        first += 1
    while first < stop - 1 and words[stop - 1] in _BEHIND_WORDS:
        stop -= 1
    return words[first:stop]


def is_kind(words: tuple[str, ...], language: str) -> bool:
    """Whether a name is nothing but what kind of place it is: «المدينة», «مناطق»."""
    kinds = _KIND_WORDS.get(language, frozenset())
    return bool(words) and all((without_al(word) if language == "ar" else word) in kinds for word in words)


def without_last_vowel(words: tuple[str, ...]) -> str:
    """The name as one string, whatever vowel it ends in: «جنوى», «جنوة» and «جنوا» are one, and «جبل» is another."""
    return _LAST_VOWEL.sub("ا", compact(without_article(words)))


def is_nature(words: tuple[str, ...]) -> bool:
    """Whether a place's name says by its first word that it is a sea, a river or a mountain («دریای عمان»)."""
    return len(words) > 1 and without_article(words[:1])[0] in _NATURE_WORDS


def without_clitics(name: str, language: str) -> Iterator[str]:
    """The readings of an Arabic name whose first letters may be «و، ف، ب، ك، ل», the least stripped first.

    Takes and gives display forms; the article stays, and «لل» becomes it again («للكرملين»: «الكرملين»).
    """
    if language != "ar":
        return
    first, _, rest = name.partition(" ")
    seen: set[str] = set()
    for form in bare_forms(fold(first), "ar"):
        if form.kind != NOUN or form.suffix or not form.prefix:
            continue
        clitics = len(form.prefix) - len(_ARTICLE) * form.prefix.endswith(_ARTICLE)
        bare = first[clitics:]
        if form.prefix.endswith("لل"):
            bare = _ARTICLE + bare
        if bare and bare != first and bare not in seen:
            seen.add(bare)
            yield f"{bare} {rest}" if rest else bare


def longer_names(
    people: Mapping[tuple[str, ...], str | None],
) -> dict[tuple[str, ...], dict[tuple[str, ...], str | None]]:
    """For each name that is part of a longer one: the longer ones, and the entity of each."""
    longer: dict[tuple[str, ...], dict[tuple[str, ...], str | None]] = {}
    for words, entity_id in people.items():
        for part in _runs(words):
            if part in people:
                longer.setdefault(part, {})[words] = entity_id
    return longer


def _runs(words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Every shorter run of the words, the first eight of them."""
    words = words[:8]
    for size in range(1, len(words)):
        for start in range(len(words) - size + 1):
            yield words[start : start + size]
