"""Nationalities: «الروسية», «آمریکایی‌ها», "Iranians" and the country that each of them points to.

`seeds/gazetteer/demonyms.csv` has the bare adjectives of each country; gender, number, the Arabic article and the
Persian plural are added here. A form that would point to two countries («غيني») points to none.
"""

from __future__ import annotations

import csv
import functools
import io
from collections import defaultdict
from collections.abc import Iterator, Mapping
from importlib import resources

from tasks.entities_names import compact, without_al, words_of

_ARABIC_ENDINGS = ("", "ه", "ون", "ين", "ان", "ات", "تان", "تين", "ا")
_PERSIAN_ENDINGS = ("", "ها", "هاي", "ان", "هايي")
_ENGLISH_ENDINGS = ("", "s", "man", "men")


def nationality(words: tuple[str, ...], language: str) -> str | None:
    """The entity id of the country, for a nationality given as the words of its search key; else null."""
    if not words or len(words) > 3:
        return None
    if language == "ar":
        words = tuple(without_al(word) for word in words)
    return demonyms(language).get(compact(words))


@functools.cache
def demonyms(language: str) -> Mapping[str, str]:
    """The forms of a language, without spaces and articles, and the country of each."""
    if language not in ("ar", "fa", "en"):
        return {}
    text = (resources.files("seeds") / "gazetteer" / "demonyms.csv").read_text(encoding="utf-8")
    found: dict[str, set[str]] = defaultdict(set)
    for row in csv.DictReader(io.StringIO(text, newline="")):
        for name in row[language].split("|"):
            for form in _forms(words_of(name), language):
                found[form].add(row["entity_id"])
    return {form: ids.pop() for form, ids in found.items() if len(ids) == 1}


def _forms(words: tuple[str, ...], language: str) -> Iterator[str]:
    if language == "ar":
        bare = tuple(without_al(word) for word in words)
        # «كوري شمالي»: both words agree in gender and number; «جنوب أفريقي» has its ending at the end.
        for ending in _ARABIC_ENDINGS if bare[-1].endswith("ي") else ("",):
            yield compact((*(w + ending if w.endswith("ي") else w for w in bare[:-1]), bare[-1] + ending))
    else:
        for ending in _PERSIAN_ENDINGS if language == "fa" else _ENGLISH_ENDINGS:
            yield compact(words) + ending
