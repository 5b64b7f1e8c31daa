"""People whom the gazetteer does not know: one id within the corpus, whichever the script.

A full name's id is a digest of its sounds, so equal-sounding spellings («بوتين», «پوتین») share it at once, in any
order of articles; a nationality told beside the name («اللاعب المغربي …») goes into the digest too, so that people of
one name and two countries have two ids. Spellings that sound nearly alike («كيريل», «کریل») are joined afterwards: the
names of one consonant skeleton are compared in pairs, the groups that hang together get one leader, the smallest id,
and every other member a row in `entity_redirects`. An id goes on meaning the name that it was made of; a redirect says
that two names are one person. A group is one person as long as the corpus tells one country of it at most; once it
tells two they stand apart, those without a country too, and rows that lead to themselves say so (`namesakes-apart`,
`namesakes-unresolved`). Groups depend on the set of names alone, never on the order in which they came.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tasks.entities_letters import similarity, skeleton, sounds

#: Two names of at least this similarity are one; measured on names that the gazetteer has in several scripts.
ALIKE = 0.92
#: Each word of a name must be at least this similar to its counterpart.
WORD_ALIKE = 0.8
#: What joins two names, and what keeps namesakes apart: their countries, or that this one's is not told.
SOUND, APART, UNRESOLVED = "name-sound", "namesakes-apart", "namesakes-unresolved"
#: Names with fewer consonants sound like too many others to be joined by similarity.
FEWEST_CONSONANTS = 4
#: A name has at most so many words and letters; what is longer is a list or a phrase.
LONGEST_WORDS, LONGEST = 6, 60

_JOINED = frozenset({"عبد", "ابو", "ابي", "ام", "بن", "ابن", "ال", "ذو", "abdul", "abdel", "abu", "al", "el", "bin"})

#: Given names that differ by one vowel from another given name: they are alike only where they are equal.
_CONTRASTING = """
حسن حسين حسون محمد محمود احمد حامد حميد حمد حماد حمود محمدي علي علاء عالي سعيد سعد سعود مسعود سعاد اسعد
كريم كرم اكرم مكرم سالم سليم سلام سلمان سليمان مسلم سلامه جمال جميل جمل عمر عامر عمار عمرو معمر نصر ناصر
نصير منصور نصار خالد خليد خلود رشيد راشد رشاد ارشد مرشد صالح صلاح صلح فريد فراد فؤاد فواد ماجد مجيد امجد
مجد نادر نذير منذر بشار بشير بشر كامل كمال جلال جليل هشام هاشم عادل عدلي عدل طارق طريق رامي ريم كاظم كظيم
قاسم قسيم باسم بسام بسيم وليد والد وائل نبيل نبال نائل هاني هناء ياسر يسر يسرى ياسين امين امان ايمن يمنى
مهدي هادي هدى زيد زايد يزيد زياد زاهد عزيز عزت معز نعيم نعمان منعم انور نور نوري نوره منير منار ظافر ظفر
رضا رضي مرتضى راضي مصطفى صفا صفي لطيف لطفي شريف شرف اشرف مشرف عارف عرفه معروف حبيب محب رفيق رافق جابر جبر
جبار صابر صبري صبر طاهر طهر ظاهر زهير زاهر زهرا فاطمه فاطمي اميره امير امل امال جون جان جين دان دون دين
سارا ساره سيرا ليلى لولا مارك ماري ماريا مريم رون ران رين توم تيم بيل بول بيتر
"""
_GIVEN = frozenset(sounds(name) for name in _CONTRASTING.split())


@dataclass(frozen=True, slots=True, order=True)
class CorpusName:
    """A full name as clustering knows it: `sounds` has those of each word, `skeleton` those that near ones share."""

    entity_id: str
    sounds: str
    skeleton: str
    country: str | None = None


@dataclass(frozen=True, slots=True)
class Redirect:
    """Two ids, one person: `similarity` is that of the link by which the first joined its group.

    An id that leads to itself stands alone, and `method` tells why though other ids sound like it.
    """

    entity_id: str
    merged_into: str
    similarity: float
    method: str = SOUND


def corpus_name(words: Sequence[str]) -> CorpusName | None:
    """The cluster of a full name, given the words of its search key; null for less than a full name."""
    words = _whole(words)
    if not 2 <= len(words) <= LONGEST_WORDS or sum(map(len, words)) > LONGEST:
        return None
    heard = [sounds(word) for word in words]
    if any(len(word) < 2 or not word.isalpha() for word in words) or not all(heard):
        return None
    bones = skeleton("".join(heard))
    if len(bones) < 2:
        return None
    spoken = " ".join(heard)
    return CorpusName(_id(spoken), spoken, bones)


def of_country(name: CorpusName, country: str) -> CorpusName:
    """The same name of somebody whose country is told: an id of its own."""
    return CorpusName(_id(f"{name.sounds}\x1f{country}"), name.sounds, name.skeleton, country)


def _id(spoken: str) -> str:
    digest = hashlib.sha256(f"PER\x1f{spoken}".encode()).hexdigest()
    return f"per-name-{digest[:16]}"


def _whole(words: Sequence[str]) -> list[str]:
    """Compound names as one word: «عبد الله» and «عبدالله», «نور الدين» and «نورالدین» are one spelling."""
    whole: list[str] = []
    joins = False
    for word in words:
        if whole and (joins or word in ("الدين", "الله", "الرحمن", "زاده", "پور")):
            whole[-1] += word
        else:
            whole.append(word)
        joins = word in _JOINED
    return whole


def alike(one: str, other: str) -> float:
    """How sure two `sounds` mean one person, 0 where they do not; symmetric, and a matter of the two alone."""
    first, second = one.split(), other.split()
    joined = ("".join(first), "".join(second))
    if joined[0] == joined[1]:
        return 1.0
    if len(first) != len(second) or len(skeleton(joined[0])) < FEWEST_CONSONANTS:
        return 0.0
    for word, counterpart in zip(first, second, strict=True):
        if word != counterpart and (word in _GIVEN or counterpart in _GIVEN):
            return 0.0
        if similarity(word, counterpart) < WORD_ALIKE:
            return 0.0
    found = similarity(*joined)
    return found if found >= ALIKE else 0.0


def redirects(names: Iterable[CorpusName]) -> list[Redirect]:
    """Every redirect among some names, which must hold all names of each skeleton that they touch."""
    found: list[Redirect] = []
    ordered = sorted(set(names), key=lambda name: (name.skeleton, name.entity_id))
    for _, group in itertools.groupby(ordered, key=lambda name: name.skeleton):
        found += _within(list(group))
    return sorted(found, key=lambda one: one.entity_id)


def _within(group: list[CorpusName]) -> list[Redirect]:
    leader = list(range(len(group)))
    nearest = [0.0] * len(group)

    def root(at: int) -> int:
        while leader[at] != at:
            at = leader[at]
        return at

    for low, high in itertools.combinations(range(len(group)), 2):
        if score := alike(group[low].sounds, group[high].sounds):
            nearest[low], nearest[high] = max(nearest[low], score), max(nearest[high], score)
            first, second = sorted((root(low), root(high)))
            leader[second] = first
    clusters: dict[int, list[int]] = {}
    for at in range(len(group)):
        clusters.setdefault(root(at), []).append(at)
    found: list[Redirect] = []
    for members in clusters.values():
        countries = sorted({country for at in members if (country := group[at].country)})
        parts = [members]
        if len(countries) > 1:
            parts = [[at for at in members if group[at].country == country] for country in (None, *countries)]
        for part in filter(None, parts):
            head = group[part[0]]
            if len(countries) > 1:
                found.append(Redirect(head.entity_id, head.entity_id, 1.0, APART if head.country else UNRESOLVED))
            found += [Redirect(group[at].entity_id, head.entity_id, round(nearest[at], 4)) for at in part[1:]]
    return found
