"""Whether an Arabic word with «ال» is part of the phrase before it, or names another party.

«اعتقلت الشرطة القاضي», «هاجم المسلحون القوات الحكومية»: a verb has its subject and its object behind it, side by side.
An adjective agrees with a noun of its phrase in gender and number, and few nouns of people are adjectives too.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence

from tasks.events_party_nouns import role_sectors, without_article, word_set

#: Endings of adjectives; those without one are listed («المسلح», «المتحد»).
_ENDINGS = ("ي", "يه", "يون", "يين", "ون", "ين", "ات", "ان")
#: Nouns of people that describe others too: «الجماعات المسلحة», «الملحق الإعلامي».
_ATTRIBUTES = word_set(
    """
    عسكري مدني مسلح ملثم مجهول انتحاري ارهابي متطرف متشدد اصولي متمرد مقاوم مقاتل مهاجم مجاهد معارض سياسي دبلوماسي
    برلماني اعلامي صحفي صحافي جامعي غاضب متظاهر محتج معتصم مضرب متجمهر معتقل محتجز مهاجر نازح محافظ
    """
)
#: Of these, what people without power are; behind a force they are whom it acts upon («الجيش المتظاهر»).
_OF_THE_WEAK = word_set(
    """
    معارض اعلامي صحفي صحافي جامعي غاضب متظاهر محتج معتصم مضرب متجمهر معتقل محتجز مهاجر نازح
    """
)
_FORCES = frozenset({"COP", "MIL", "JUD", "SPY"})
#: Other adjectives without an ending of their own.
_PARTICIPLES = word_set(
    """
    مختص معني مستقل مشترك متحد موحد موقت مكلف معين منتخب مقال مستقيل مخلوع معزول متقاعد متهم متخصص مفوض مناوب معطل مهمش
    مسوول متحالف موالي مدعوم مرابط منتشر متمركز محتل متورط مطلوب مشارك سابق اسبق راحل حالي جديد عام اعلي خاص
    """
)
#: Nouns that end as adjectives do.
_NOUNS = word_set("تعازي تهاني اراضي مباني مساعي نادي وادي نفي وعي سعي راي هدي قوي مستوي مستشفي مستشفيات ماضي ثاني")
#: Plurals of people that do not show it.
PLURALS = word_set(
    """
    جنود ضباط قاده رجال حراس نواب وزراء سفراء قضاه قضاء طلاب طلبه عمال شبان شباب اطفال اهالي سكان ناس نشطاء عناصر افراد
    ثوار رعايا ركاب مشايخ رهبان علماء زعماء رؤساء روساء شيوخ امناء موظفو مسوولو
    """
)
#: Bodies and people who are one man: no feminine adjective fits them, as it does most plurals of things.
_MASCULINE = word_set(
    """
    جيش حرس حزب تنظيم تيار برلمان مجلس كونغرس كنيست نظام وفد حشد جندي ضابط شرطي قايد رييس وزير سفير ملك امير حاكم متحدث
    ناطق مسوول نايب مبعوث مستشار مسلح متمرد مهاجم انتحاري قاضي محامي صحفي صحافي مواطن شاب رجل طفل طالب شيخ
    """
)


def describes(word: str, nouns: Sequence[str], sector: str | None, regions: frozenset[str]) -> bool:
    """Whether a canonical word with «ال» is an adjective of one of the nouns of the phrase before it.

    `sector` is that of the phrase, `regions` are folded nouns that stand before the name of a place.
    """
    bare, fits, weak = _adjective(word, regions)
    return fits and not (weak and sector in _FORCES) and any(_agree(bare, noun) for noun in nouns)


@functools.lru_cache(maxsize=50_000)
def _adjective(word: str, regions: frozenset[str]) -> tuple[str, bool, bool]:
    """A word without «ال», whether it may be an adjective, and whether one of people without power."""
    bare = without_article(word)
    base = stem(bare)
    if base in _ATTRIBUTES or base in _PARTICIPLES:
        return bare, True, base in _OF_THE_WEAK
    written = bare[:-1] + "ة" if bare.endswith("ه") else bare
    noun = bare in _NOUNS or written in regions or (bare,) in role_sectors("ar")
    return bare, not noun and word.endswith(_ENDINGS), False


def stem(bare: str) -> str:
    """A canonical noun or adjective without the ending of its number and gender."""
    for ending in ("ون", "ين", "ات", "ان", "ه"):
        if bare.endswith(ending) and len(bare) - len(ending) >= 3:
            return bare.removesuffix(ending)
    return bare


def _agree(adjective: str, noun: str) -> bool:
    """Whether an adjective fits a noun; where the noun's own form leaves it open, it does."""
    if adjective.endswith(("ون", "ين", "ان")):
        return noun in PLURALS or noun.endswith(("و", adjective[-2:]))
    if adjective.endswith("ات"):
        return noun.endswith("ات")
    if adjective.endswith("ه"):
        people = noun.endswith(("ون", "ين")) and (noun,) in role_sectors("ar")
        return noun not in _MASCULINE and not people
    return noun in PLURALS or not noun.endswith(("ه", "ات"))


def are_others(word: str, nouns: Sequence[str]) -> bool:
    """Whether a nationality is no adjective of the phrase before it but people: «قصف الجيش الفلسطينيين»."""
    if word.endswith("يا"):  # «قتل جنود شابا», «قتل جنديا إسرائيليا»
        return not nouns[-1].endswith("ا")
    return word.endswith(("ون", "ين")) and word.startswith("ال") and not any(_agree(word, noun) for noun in nouns)
