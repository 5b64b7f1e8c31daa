"""How names sound across scripts: letters of Arabic, Persian and Latin spelling brought to one small alphabet.

«پوتین», «بوتين» and "Putin" come to nearly the same sounds, and `similarity` measures what is left between them:
a long vowel that one spelling writes and the other does not costs little, a different consonant costs much.
The classes follow how names are transcribed in news: Arabic has no p, g, v, ch and writes ب, غ/ج/ك, ف, تش; Persian
writes v as «و»; vowels are often left out. The weights were set by hand and measured by `bench/linking.py`.
"""

from __future__ import annotations

import functools
import re

from tasks.normalize import search_key

#: Long vowels a, w (و), y (ي); e for a vowel that only Latin script writes; c for both sh and ch; x for kh.
_ARABIC_LETTERS = str.maketrans(
    {
        "ا": "a", "و": "w", "ي": "y", "ب": "b", "پ": "b", "ت": "t", "ط": "t", "ث": "t", "ج": "g", "غ": "g",
        "گ": "g", "ژ": "g", "ق": "k", "ك": "k", "چ": "c", "ش": "c", "خ": "x", "ح": "h", "ه": "h", "د": "d",
        "ض": "d", "ذ": "z", "ز": "z", "ظ": "z", "س": "s", "ص": "s", "ر": "r", "ل": "l", "م": "m", "ن": "n",
        "ف": "f", "ڤ": "f", "ع": "", "ء": "",
    }
)  # fmt: skip
_ARABIC_GROUPS = (("تش", "c"), ("دج", "g"), ("نغ", "ng"))
_LATIN_GROUPS = (
    ("tsch", "c"), ("sch", "c"), ("tch", "c"), ("sh", "c"), ("ch", "c"), ("kh", "x"), ("gh", "g"), ("zh", "g"),
    ("dj", "g"), ("th", "t"), ("ph", "f"), ("ck", "k"), ("x", "ks"), ("qu", "kw"),
)  # fmt: skip
_SOFT_C = re.compile("c(?=[eiy])")
_LATIN_LETTERS = str.maketrans(
    {"a": "a", "e": "e", "i": "y", "o": "w", "u": "w", "v": "f", "p": "b", "j": "g", "q": "k", "1": "c", "ı": "y"}
)
#: Persian writes apart what is one in Arabic spellings: g from j and its like, p from b.
_WRITTEN_APART = str.maketrans("ژچ", "جج")
_NOT_TELLING = re.compile("[^گجپب]")
_REPEATED = re.compile(r"(.)\1+")
_OTHER = re.compile("[^abcdefghklmnrstwxyz]")
_VOWELS = re.compile("[aewyh]")

#: What it costs to leave a sound out, and to hear one for another (both ways); everything else costs 1.
_LEFT_OUT = {"a": 0.12, "e": 0.05, "y": 0.15, "w": 0.2, "h": 0.3}
_HEARD = {
    "wf": 0.2, "wy": 0.25, "ae": 0.05, "ye": 0.05, "ay": 0.3, "aw": 0.25, "we": 0.1, "gk": 0.3, "gc": 0.4,
    "sz": 0.3, "sc": 0.4, "dz": 0.3, "td": 0.35, "xk": 0.35, "xh": 0.35, "ts": 0.4, "ck": 0.4, "gh": 0.5,
    "bf": 0.5, "tz": 0.4, "zg": 0.5, "wb": 0.5,
}  # fmt: skip
_COST = {pair: cost for two, cost in _HEARD.items() for pair in ((two[0], two[1]), (two[1], two[0]))}
_COARSE = str.maketrans({"c": "k", "g": "k", "x": "k", "d": "t", "z": "s", "f": ""})
#: Longer names are cut: no name has more sounds, and the comparison grows with the square.
_LONGEST = 48


@functools.lru_cache(maxsize=200_000)
def sounds(name: str) -> str:
    """The sounds of a name, without spaces; works on any spelling, gives letters of a small alphabet."""
    heard = "".join(_sounds_of(word) for word in search_key(name[: 4 * _LONGEST]).split())
    return heard[:_LONGEST]


def _sounds_of(word: str) -> str:
    if word[0] > "\u0600":
        for group, sound in _ARABIC_GROUPS:
            word = word.replace(group, sound)
        if word.endswith("ه") and len(word) > 2:
            word = word[:-1] + "e"  # teh marbuta, and the Persian final vowel
        heard = word.translate(_ARABIC_LETTERS)
    else:
        for group, sound in _LATIN_GROUPS:
            if group in word:
                word = word.replace(group, sound if sound != "c" else "1")
        heard = _SOFT_C.sub("s", word).replace("c", "k").translate(_LATIN_LETTERS)
    return _REPEATED.sub(r"\1", _OTHER.sub("", heard))


def apart_in_persian(one: str, other: str) -> bool:
    """Whether two Persian spellings are of different names though they may sound alike: «گنوه» is not «جنوا».

    A spelling without any such letter («واشینغتن») follows another script and tells nothing.
    """
    here, there = (_NOT_TELLING.sub("", name.translate(_WRITTEN_APART)) for name in (one, other))
    return bool(here and there) and here != there


def skeleton(heard: str) -> str:
    """The consonants of some sounds in few coarse classes: the key under which similar names are looked for.

    Vowels, «و» (also Persian v), f and h fall away, and consonants that are heard for each other are one.
    """
    return _REPEATED.sub(r"\1", _VOWELS.sub("", heard).translate(_COARSE))


def similarity(one: str, other: str) -> float:
    """How alike two names sound, from 0 to 1, given their `sounds`; symmetric.

    One less the cheapest way from one to the other, counted in consonants of the longer.
    """
    if one == other:
        return 1.0 if one else 0.0
    size = max(_weight(one), _weight(other))
    if size <= 0:
        return 0.0
    return max(0.0, 1.0 - _distance(one, other) / size)


def _weight(heard: str) -> float:
    return sum(0.5 if sound in _LEFT_OUT else 1.0 for sound in heard)


def _distance(one: str, other: str) -> float:
    previous = [0.0]
    for sound in other:
        previous.append(previous[-1] + _LEFT_OUT.get(sound, 1.0))
    for sound in one:
        gone = _LEFT_OUT.get(sound, 1.0)
        row = [previous[0] + gone]
        for at, heard in enumerate(other):
            kept = previous[at] + (0.0 if sound == heard else _COST.get((sound, heard), 1.0))
            row.append(min(kept, previous[at + 1] + gone, row[at] + _LEFT_OUT.get(heard, 1.0)))
        previous = row
    return previous[-1]
