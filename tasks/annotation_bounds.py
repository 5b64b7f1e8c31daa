"""Where a name begins and ends, for what the tagger gets wrong as a rule.

Punctuation, blessings, fathers and sons; «باسم», which is a man's name and "in the name of"; radio stations on FM.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from tasks.model_files import LABELS

if TYPE_CHECKING:
    from tasks.tagging import Mention

_READABLE = re.compile(r"\w")
_PEOPLE = frozenset(label for label, ours in LABELS.items() if ours == "PER")
#: What stands in brackets behind the name of a prophet, an imam or a late leader, for the blessing it is short for.
_HONORIFICS = frozenset(("ع", "س", "ص", "ره", "عج", "رض"))
#: «محمد ولد الغزواني», «علي بن أبي طالب»: son of, daughter of.
_CHILD_OF = frozenset(("بن", "ابن", "ولد", "بنت"))
#: «أبو حمزة», «لأبي مازن»: father of.
_FATHER_OF = re.compile("[وفبلك]?[أا]ب[ويا]")

#: A man's name, and "in the name of".
BASIM = "باسم"
_BASIM = frozenset((BASIM, f"و{BASIM}"))
_SPEAKS_FOR = re.compile("[وفبل]?(?:ال)?(?:متحدث|ناطق)(?:ة|ا|ين|ون)?")
_SAID = re.compile("[وف]?(?:قال|أكد|اكد|أوضح|اوضح|أضاف|اضاف|صرح|كشف|أعلن|اعلن|ذكر|بين|شدد|أفاد|افاد|أشار|اشار|اعتبر)")
_CALLED = re.compile(
    "ال(?:دكتور|سيد|وزير|نائب|قاضي|محامي|صحفي|صحافي|إعلامي|فنان|ممثل|لاعب|مدرب|شيخ|لواء|عميد|عقيد|فريق|مهندس|أستاذ|كاتب"
    "|باحث|شاعر|سفير|ناشط|قيادي|زميل|شاب|شهيد|أسير|حكم)"
)
#: FM, as Arabic writes it.
_F, _M = frozenset(("أف", "اف", "إف", "آف")), frozenset(("أم", "ام", "إم", "آم"))


def mended(words: Sequence[str], mentions: Iterable[Mention]) -> list[Mention]:
    """Return the mentions of a sentence without punctuation at their ends, and with all that belongs to a person."""
    trimmed = ((*_trimmed(words, first, stop), label, confidence) for first, stop, label, confidence in mentions)
    whole = (_with_basim(words, _with_father(words, mention)) for mention in trimmed if mention[0] < mention[1])
    return _with_stations(words, list(_joined(words, _with_honorifics(words, whole))))


def is_honorific(words: Sequence[str], at: int) -> bool:
    """Say whether the word is a blessing in brackets."""
    return 0 < at < len(words) - 1 and words[at] in _HONORIFICS and (words[at - 1], words[at + 1]) == ("(", ")")


def _trimmed(words: Sequence[str], first: int, stop: int) -> tuple[int, int]:
    """Return the bounds of a mention without punctuation at its ends, save a bracket that it opened."""
    if stop - first > 2 and is_honorific(words, first):  # «(ع) کرمان»: the end of another name
        first += 2
    while first < stop and not _READABLE.search(words[first]):
        first += 1
    while first < stop and not _READABLE.search(words[stop - 1]):
        if words[stop - 1] == ")" and "(" in words[first:stop]:
            break
        stop -= 1
    return first, stop


def _with_honorifics(words: Sequence[str], mentions: Iterable[Mention]) -> Iterator[Mention]:
    """Yield mentions in which a blessing in brackets belongs to the person before it, and is no name of its own.

    To the tagger, bracket, letter and bracket are three words, of which it knows the letter from names of people.
    """
    for first, stop, label, confidence in mentions:
        if stop - first == 1 and is_honorific(words, first):
            continue
        if label.upper() in _PEOPLE and is_honorific(words, stop + 1):
            stop += 3
        yield first, stop, label, confidence


def _with_father(words: Sequence[str], mention: Mention) -> Mention:
    """Return a person together with the «أبو» right before it."""
    first, stop, label, confidence = mention
    if label.upper() in _PEOPLE and first and _FATHER_OF.fullmatch(words[first - 1]):
        first -= 1
    return first, stop, label, confidence


def _with_basim(words: Sequence[str], mention: Mention) -> Mention:
    """Return a person together with the «باسم» right before it, where that is a first name.

    It is one behind a verb of speech or a title («قال باسم الخطيب», «النائب باسم …»), and behind a body that somebody
    speaks for: «المتحدث باسم الحكومة باسم الخطيب».
    """
    first, stop, label, confidence = mention
    if first < 2 or label.upper() not in _PEOPLE or words[first - 1] not in _BASIM:
        return mention
    spokesman = any(_SPEAKS_FOR.fullmatch(word) for word in words[max(0, first - 9) : first - 3])
    again = spokesman and not _BASIM.isdisjoint(words[max(0, first - 8) : first - 2])
    if again or _SAID.fullmatch(words[first - 2]) or _CALLED.fullmatch(words[first - 2]):
        first -= 1
    return first, stop, label, confidence


def _with_stations(words: Sequence[str], mentions: list[Mention]) -> list[Mention]:
    """Return mentions in which a radio station is one name together with its «أف أم»."""
    for at in range(1, len(words) - 1):
        if words[at] not in _F or words[at + 1] not in _M:
            continue
        first, stop = at - 1, at + 2
        over = [one for one in mentions if one[0] < stop and first < one[1]]
        if not _READABLE.search(words[first]) or not over:
            continue
        first = min(first, *(one[0] for one in over))
        mentions = [one for one in mentions if one not in over]
        mentions.append((first, stop, "ORG", min(one[3] for one in over)))
    return sorted(mentions)


def _joined(words: Sequence[str], mentions: Iterable[Mention]) -> Iterator[Mention]:
    """Yield mentions, people with a «بن» or «ولد» between them as one: a name goes on with the father's."""
    last: Mention | None = None
    for mention in mentions:
        if last and last[1] > mention[0]:  # an «أبو» that the name before holds already
            mention = (last[1], *mention[1:])
        if last and _goes_on(words, last, mention):
            last = (last[0], mention[1], last[2], min(last[3], mention[3]))
            continue
        if last:
            yield last
        last = mention
    if last:
        yield last


def _goes_on(words: Sequence[str], last: Mention, mention: Mention) -> bool:
    if last[2] != mention[2] or last[2].upper() not in _PEOPLE:
        return False
    between = words[last[1] : mention[0]]
    if len(between) == 1:
        return between[0] in _CHILD_OF
    # Not «ابن» here: «ابن التاسعة والعشرين» tells an age.
    return not between and bool((_CHILD_OF - {"ابن"}) & {words[last[1] - 1], words[mention[0]]})
