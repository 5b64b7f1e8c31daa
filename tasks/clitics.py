"""Words and their bare forms: what is left of a token without clitics, joiners and spelling variants.

An Arabic token such as «وبالقصف» is «قصف» behind «و», «ب» and «ال»; a Persian one such as «دیدارهای» is «دیدار»
before a plural ending. Matching looks at bare forms, offsets always count the text as it is written.

`fold` works on one word and keeps «ة»; the search key of `tasks/normalize.py` works on whole columns.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Callable, Iterator
from typing import NamedTuple, TypeVar

#: Characters without width: joiners, direction marks, byte order mark, soft hyphen.
_INVISIBLE = "\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff"
#: Vowel marks, Quranic marks, superscript alef, tatweel and Latin combining accents.
_MARKS = "\u0300-\u036f\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed"

#: A word begins and ends visibly, so a trigger never begins or ends with a direction mark.
#: Written so that nothing is tried twice: what has no width belongs to a word only where the word goes on behind it.
_WORD = re.compile(rf"([^\W_][\w{_MARKS}]*(?:[{_INVISIBLE}]+[\w{_MARKS}]+)*)")
_DROPPED = re.compile(rf"[{_MARKS}{_INVISIBLE}]")

_LETTERS = str.maketrans(
    {
        "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا",
        "ى": "ي", "ی": "ي", "ې": "ي", "ئ": "ي", "ؤ": "و",
        "ۀ": "ه", "ە": "ه", "ہ": "ه", "ھ": "ه",
        "ک": "ك", "ڪ": "ك", "ڤ": "ف", "چ": "چ",
        **{chr(0x660 + n): str(n) for n in range(10)},
        **{chr(0x6F0 + n): str(n) for n in range(10)},
    }
)  # fmt: skip

#: Proclitics of an Arabic noun, conjunction, preposition, article («لل» hides an alef).
_NOUN_PREFIXES = (
    *(c + p + article for c in ("", "و", "ف") for p in ("", "ب", "ك", "ل") for article in ("", "ال")),
    *("لل", "ولل", "فلل"),
)
_VERB_PREFIXES = ("", "و", "ف", "ل", "ول", "فل")
_IMPERFECT_PREFIXES = ("", "و", "ف", "س", "وس", "فس", "ل", "ول", "فل")
_PARTICLE_PREFIXES = ("", "و", "ف", "ا")
# Neither «ي» (mine): it makes adjectives of most nouns («اجتماعي»), and hardly ever stands in news.
_NOUN_SUFFIXES = ("", "ه", "ها", "هم", "هما", "هن", "نا", "ك", "كم", "ا")
_VERB_SUFFIXES = ("", "ه", "ها", "هم", "هما", "نا", "ني", "ك", "كم")
_PERSIAN_SUFFIXES = (
    "", "ها", "هاي", "هايي", "هايش", "هايشان", "هايم", "هايمان", "ي", "اي", "يي", "اش", "ش", "شان", "مان", "ام",
)  # fmt: skip

#: Persian pieces that scrapers detach from their word by a space.
_DETACHED_PREFIXES = frozenset({"مي", "نمي"})
_DETACHED_SUFFIXES = frozenset({"ها", "هاي", "هايي", "هايش", "هايشان"})
_DETACHED = _DETACHED_PREFIXES | _DETACHED_SUFFIXES

#: What is left of a word must have at least this many letters, or «بحث» would be read as ب + «حث».
_SHORTEST = 3

#: Which kind of form a stripped word may be: see `tasks/lexicon_forms.py` for the kinds.
NOUN, PARTICLE, PERFECT, IMPERFECT = "n", "x", "p", "i"


Value = TypeVar("Value")


class Spellings(dict[str, Value]):
    """What is known of each spelling, worked out when it is first met.

    `map(known.__getitem__, spellings)` looks a whole column up without a line of Python a word. Of more than `most`
    spellings all are forgotten: texts never cease to bring new ones.
    """

    def __init__(self, find: Callable[[str], Value], most: int = 100_000) -> None:
        super().__init__()
        self._find, self._most = find, most

    def __missing__(self, spelling: str) -> Value:
        if len(self) >= self._most:
            self.clear()
        found = self[spelling] = self._find(spelling)
        return found


class Words(NamedTuple):
    """The tokens of a text as columns: their offsets in it, and their folded spellings.

    `gaps` are what stands before each of them, and behind the last one.
    """

    starts: list[int]
    ends: list[int]
    folded: list[str]
    gaps: list[str]


class BareForm(NamedTuple):
    """One reading of a token: the kind of form it then is, the form, and what was stripped before and after."""

    kind: str
    form: str
    prefix: str
    suffix: str


def fold(text: str) -> str:
    """The spelling that all variants of a word share: no marks, one alef, one yeh, one kaf, ASCII digits.

    «ة» stays, for «ه» at the end of a word may be a pronoun and «ة» may not; `canonical` unites them.
    """
    text = unicodedata.normalize("NFKC", text)
    return _DROPPED.sub("", text).translate(_LETTERS).casefold()


def canonical(folded: str) -> str:
    """A folded form as keys spell it: «ة» is often written «ه»."""
    return folded.replace("ة", "ه")


def words(text: str, language: str, folded: Spellings[str] | None = None) -> Words:
    """The tokens of a text, in order.

    Persian prefixes and plural endings that stand apart («می کند», «نشست های») are joined with their word.
    `folded` keeps what `fold` makes of spellings across calls.
    """
    known = Spellings(fold) if folded is None else folded
    # Gap, word, gap, … gap: everything but words not met before is done without a loop of Python.
    pieces = _WORD.split(text)
    ends = [*itertools.accumulate(map(len, pieces))]
    found = Words(ends[:-1:2], ends[1::2], [*map(known.__getitem__, pieces[1::2])], pieces[::2])
    if not all(found.folded):
        found = _visible(text, found)
    return _rejoined(found) if language == "fa" else found


def _visible(text: str, found: Words) -> Words:
    """The words without those of which nothing is left («ـ» alone); they are parts of the gaps then."""
    kept = Words([], [], [], [])
    gap = ""
    for start, end, folded, before in zip(found.starts, found.ends, found.folded, found.gaps, strict=False):
        gap += before
        if folded:
            _append(kept, start, end, folded, gap)
            gap = ""
        else:
            gap += text[start:end]
    kept.gaps.append(gap + found.gaps[-1])
    return kept


def _rejoined(found: Words) -> Words:
    if _DETACHED.isdisjoint(found.folded):
        return found
    joined = Words([], [], [], [])
    for start, end, folded, gap in zip(found.starts, found.ends, found.folded, found.gaps, strict=False):
        last = joined.folded[-1] if joined.folded else None
        apart = last and (last in _DETACHED_PREFIXES or folded in _DETACHED_SUFFIXES)
        if last and apart and not gap.strip(" \u200c\u200f\xa0"):
            joined.ends[-1], joined.folded[-1] = end, last + folded
        else:
            _append(joined, start, end, folded, gap)
    joined.gaps.append(found.gaps[-1])
    return joined


def _append(words: Words, start: int, end: int, folded: str, gap: str) -> None:
    words.starts.append(start)
    words.ends.append(end)
    words.folded.append(folded)
    words.gaps.append(gap)


def bare_forms(folded: str, language: str) -> Iterator[BareForm]:
    """Every reading of a folded word, the least stripped first within each kind.

    Arabic nouns lose proclitics and possessive endings, verbs conjunctions, the future «س» and object
    endings; Persian nouns lose plural, indefinite and possessive endings. Other kinds are read as written.
    """
    if language == "ar":
        yield from _stripped(folded, NOUN, _NOUN_PREFIXES, _NOUN_SUFFIXES)
        yield from _stripped(folded, PERFECT, _VERB_PREFIXES, _VERB_SUFFIXES)
        yield from _stripped(folded, IMPERFECT, _IMPERFECT_PREFIXES, _VERB_SUFFIXES)
        yield from _stripped(folded, PARTICLE, _PARTICLE_PREFIXES, ("",), shortest=2)
    elif language == "fa":
        yield from _stripped(folded, NOUN, ("",), _PERSIAN_SUFFIXES)
        yield BareForm(PARTICLE, folded, "", "")
    else:
        yield BareForm(NOUN, folded, "", "")
        yield BareForm(PARTICLE, folded, "", "")


def _stripped(
    folded: str, kind: str, prefixes: tuple[str, ...], suffixes: tuple[str, ...], shortest: int = _SHORTEST
) -> Iterator[BareForm]:
    fitting = [suffix for suffix in suffixes if folded.endswith(suffix)]
    for prefix in prefixes:
        if not folded.startswith(prefix):
            continue
        for suffix in fitting:
            stem = folded[len(prefix) : len(folded) - len(suffix)]
            if not (prefix or suffix) or len(stem) >= shortest:
                yield BareForm(kind, canonical(stem), prefix, suffix)
                if suffix and kind == NOUN:
                    yield from _respelled(stem, prefix, suffix)


def _respelled(stem: str, prefix: str, suffix: str) -> Iterator[BareForm]:
    """Before an ending, «ة» is written «ت» and a final hamza sits on a letter («زيارته», «لقائه»)."""
    if stem.endswith("ت"):
        yield BareForm(NOUN, stem[:-1] + "ه", prefix, suffix)
    elif stem.endswith(("ي", "و")):
        yield BareForm(NOUN, stem[:-1] + "ء", prefix, suffix)
