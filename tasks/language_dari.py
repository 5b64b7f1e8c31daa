"""Persian as Afghanistan writes it (Dari), where its words tell it; most sentences are the same in both countries."""

from __future__ import annotations

import re
from typing import Final

#: Words that the press of Kabul has and that of Tehran does not: offices with Pashto names, months and countries
#: by their English names, and everyday words.
_WORDS: Final = (
    "شاروالی شاروال ولسوالی ولسوال پوهنتون پوهنځی پوهاند سارنوالی سارنوال څارنوالی څارنوال "
    "قوماندان قوماندانی قوماندانان شفاخانه داکتر داکتران متعلمین متعلم متعلمان "
    "موتر موترها موترهای دالر ملیون بلیون فیصد پولیس جنوری فبروری اپریل اگست سپتمبر نومبر دسمبر "
    "جرمنی جرمن جاپان ناروی پولند برتانیه بریتانوی هسپانیه انترنت کمپیوتر تلیفون بایسکل تیل "
    "لیسه تادیه معاشات معاینه‌خانه رخصتی کرکت فابریکه"
)


#: Persian is also typed on Arabic keyboards.
_ARABIC_KEYBOARD: Final = str.maketrans("یک", "يك")
_EITHER: Final = frozenset(_WORDS.split()) | frozenset(_WORDS.translate(_ARABIC_KEYBOARD).split())
_WORD: Final = re.compile(r"\w+")


def is_dari(text: str) -> bool:
    """Whether a Persian text has a word that only Dari has."""
    return not _EITHER.isdisjoint(_WORD.findall(text))
