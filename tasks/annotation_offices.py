"""What is no name though the tagger takes it for a body: half of a title, and what two sides work on together.

«وزیر امور خارجه ایران» is somebody's title: no name but «ایران», while «وزارت امور خارجه ایران» is a body. The corpora
that the tagger learnt from take what follows «وزیر» for the ministry; that stays where it says which («راه و شهرسازی»).
«التعاون القنصلي», «التنسيق الأمني» are acts, and name nobody.
"""

from __future__ import annotations

import csv
import functools
import hashlib
import io
import re
from collections.abc import Iterator, Sequence
from importlib import resources
from typing import TYPE_CHECKING

from tasks.model_files import LABELS

if TYPE_CHECKING:
    from tasks.tagging import Mention

Words = tuple[str, ...]

_MINISTERS = frozenset(("وزیر", "وزرای", "وزیران"))
_MINISTRIES = {"ar": re.compile("[وفبل]{0,2}وزارة|لل?وزارة"), "fa": re.compile("وزارت|وزارتخانه")}
_FOREIGN = frozenset((("امور", "خارجه"), ("خارجه",)))
#: An office of more words («راه و شهرسازی») names its ministry by itself.
_SHORT = 2
_KINDS_OF_STATE = frozenset(("جمهوری", "اسلامی", "پادشاهی", "فدراسیون"))

_ACTS = """
تعاون تنسيق تبادل تشاور حوار تكامل تعامل عمل تنمية تطوير تدريب تمويل استثمار شراكة علاقات دعم تفاهم
"""
_MATTERS = """
قنصلي أمني عسكري اقتصادي سياسي تجاري ثقافي دبلوماسي ثنائي مشترك دولي إقليمي فني تقني صناعي علمي برلماني قضائي
استخباري استخباراتي دفاعي إعلامي زراعي صحي تعليمي سياحي مالي بيئي إنساني نفطي استراتيجي تنموي لوجستي مستمر متبادل
"""
_ACT = re.compile(f"[وفبلك]*(?:ال)?(?:{'|'.join(_ACTS.split())})")
_MATTER = re.compile(f"و?ال(?:{'|'.join(_MATTERS.split())})ة?")


def with_offices(words: Words, mentions: Sequence[Mention], language: str) -> list[Mention]:
    """Return mentions without half titles and without acts, a ministry together with the word that says so."""
    found: list[Mention] = []
    for mention in mentions:
        if LABELS.get(mention[2].upper()) == "ORG":
            found += _body(words, mention, language)
        else:
            found.append(mention)
    return found


def _body(words: Words, mention: Mention, language: str) -> Iterator[Mention]:
    first, stop, label, confidence = mention
    before = words[first - 1] if first else ""
    if language in _MINISTRIES and _MINISTRIES[language].fullmatch(before):
        yield first - 1, stop, label, confidence
    elif language == "fa" and (before in _MINISTERS or words[first : first + 2] in _FOREIGN):
        yield from _without_office(words, mention)
    elif language == "ar" and _is_act(words, first, stop):
        return
    else:
        yield mention


def _without_office(words: Words, mention: Mention) -> Iterator[Mention]:
    """Yield the country of «امور خارجه ایران»; nothing of «امور خارجه»; else the mention."""
    first, stop, _, confidence = mention
    if words[first:stop] in _FOREIGN:
        return
    for at in range(first + 1, min(first + _SHORT + 1, stop)):
        rest = at
        while rest < stop - 1 and words[rest] in _KINDS_OF_STATE:
            rest += 1
        if words[at:stop] in _countries() or words[rest:stop] in _countries():
            yield at, stop, "LOC", confidence
            return
    yield mention


def _is_act(words: Words, first: int, stop: int) -> bool:
    """Say whether a mention is an act and what it is about, or the latter alone."""
    named = words[first:stop]
    if first and _MATTER.fullmatch(named[0]):
        named = (words[first - 1], *named)
    return len(named) > 1 and bool(_ACT.fullmatch(named[0])) and all(map(_MATTER.fullmatch, named[1:]))


@functools.cache
def _table() -> str:
    return (resources.files("seeds") / "gazetteer" / "countries.csv").read_text(encoding="utf-8")


@functools.cache
def offices_version() -> str:
    """A version that changes with the names of countries."""
    return hashlib.sha256(_table().encode()).hexdigest()[:8]


@functools.cache
def _countries() -> frozenset[Words]:
    """The Persian names of countries, as words of the tagger's spelling."""
    from tasks.encoder import normalise  # torch loads only where a text is read: `rasad status` asks for versions alone

    rows = csv.DictReader(io.StringIO(_table(), newline=""))
    names = (name for row in rows for name in (row["name_fa"], *row["aliases"].split("|")) if name)
    return frozenset(tuple(normalise(name, "fa")[0].split()) for name in names)
