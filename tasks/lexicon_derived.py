"""Other ways to say a verb of a lexicon with its object: verbal nouns and passives, by rule.

An entry names «رفع/يرفع العقوبات» once; «رفع العقوبات», «إلغاء العقوبات», «لغو تحریم‌ها» and "sanctions … were lifted"
follow from it, so that what one language tells by a verb is read where a translator chose a noun.
"""

from __future__ import annotations

from collections.abc import Iterator

from tasks.clitics import canonical, fold
from tasks.lexicon_forms import english_participle

#: What joins a verb to its object is no object: «to», «from»; «ب» and «ل» are attached to a word that is not known.
_JOINING = {
    "en": frozenset(
        [
            "to",
            "for",
            "on",
            "in",
            "with",
            "about",
            "against",
            "from",
            "of",
            "by",
            "at",
            "into",
            "out",
            "up",
            "down",
            "off",
            "over",
            "away",
            "after",
            "as",
            "that",
            "back",
            "through",
            "around",
            "=down",
            "=up",
            "free",
            "across",
            "upon",
        ]
    ),
    "ar": frozenset({"ب", "ل", "..."}),
}
_BE = "was|were|been|be|being|is|are"
#: Persian verbs behind a noun that have a passive of their own: «نجات داده شد», «مرز بسته شد».
_TRANSITIVE = frozenset(
    [
        "داد",
        "گرفت",
        "بست",
        "زد",
        "گذاشت",
        "کشید",
        "برد",
        "آورد",
        "فرستاد",
        "خواند",
        "فراخواند",
        "انداخت",
        "برداشت",
        "رساند",
        "شکست",
        "درآورد",
        "کشاند",
        "بخشید",
        "سپرد",
        "شناخت",
        "آویخت",
    ]
)
#: Verbal nouns of another verb: to prepare a summit is not to attend it.
_OTHER_VERBS = frozenset({"تحضير"})
#: The longest Arabic root whose verbal noun may be spelled as its perfect: قطع, or تفعيل of it: تجميد.
_ROOT = 3


def nominal(verb: str, language: str) -> Iterator[str]:
    """Noun patterns that tell what a verb's pattern tells."""
    parts = verb.split()
    if len(parts) < 2 or any(part.startswith("+") for part in parts):
        return
    if language == "en":
        yield from _english(parts)
    elif language == "ar":
        yield from _arabic(parts)
    else:
        yield from _persian(parts)


def _english(parts: list[str]) -> Iterator[str]:
    """Passives behind their subject: "sanctions on … were lifted"."""
    if len(parts) != 2 or not _JOINING["en"].isdisjoint(parts[1].split("|")):
        return
    yield f"{parts[1]} ... {_BE} ={english_participle(parts[0].split('/'))}"


def _arabic(parts: list[str]) -> Iterator[str]:
    if not _JOINING["ar"].isdisjoint(parts):
        return
    for masdar in masdars(canonical(fold(parts[0].split("/")[0]))):
        yield " ".join([masdar, *parts[1:]])


def masdars(perfect: str) -> list[str]:
    """Verbal nouns of a folded Arabic verb, as far as its pattern tells them.

    One of three letters may be of the first or the second form; the noun that does not exist is never met.
    """
    size, last = len(perfect), perfect[-1]
    if perfect.endswith("ي"):
        if perfect[0] == "ا" and size > _ROOT:
            return [perfect[:-1] + "اء"]  # إلغاء, استدعاء
        return [perfect] if perfect[0] == "ت" and size > _ROOT else []  # تبني
    if size > _ROOT and perfect[-2] == "ا":
        if size == 5:
            return [perfect[:-2] + "يا" + last]  # اغتيال
        return [perfect + "ه"] if perfect[0] == "ا" else []  # إقالة, استعادة
    if size == _ROOT and perfect[1] not in "اوي":
        second = f"ت{perfect[:2]}ي{last}"
        return [perfect, *([second] if second not in _OTHER_VERBS else [])]  # قطع, تجميد
    if size == 4 and perfect[1] == "ا":
        return [f"م{perfect}ه"]  # مصادرة
    if size > _ROOT and perfect[0] == "ت":
        return [perfect]  # تبادل
    if size > _ROOT and perfect[0] == "ا":
        if perfect[1] == "و":
            return [f"اي{perfect[2:-1]}ا{last}"]  # إيقاف
        if perfect.startswith("استا"):
            return [f"استي{perfect[4:-1]}ا{last}"]  # استئناف
        plain = [f"{perfect[:-1]}ا{last}"]  # إغلاق, اعتقال, انسحاب
        return [*plain, f"{perfect}ا{last}"] if size == 4 and perfect[2] == "ت" else plain  # احتلال
    return []


def _persian(parts: list[str]) -> Iterator[str]:
    """«لغو تحریم‌ها» of «تحریم‌ها را لغو کرد», «بستن مرز» of «مرز را بست»."""
    if "را" not in parts or "..." in parts:
        return
    at = parts.index("را")
    objects = [part for part in parts[:at] if part not in ("خود", "=خود")]
    if len(objects) != 1:
        return
    inner, last = parts[at + 1 : -1], parts[-1].split("/")[0]
    if len(inner) == 1 and last == "کرد":
        yield f"{inner[0]} {objects[0]}"
    elif not inner and last in _TRANSITIVE:
        yield f"{last}ن {objects[0]}"


def persian_passive(phrase: str) -> str:
    """The passive of a Persian verb phrase that does not end in «کرد», or nothing."""
    before, _, verb = phrase.rpartition(" ")
    past = verb.split("/")[0]
    return f"{before} {past}ه شد" if before and past in _TRANSITIVE else ""
