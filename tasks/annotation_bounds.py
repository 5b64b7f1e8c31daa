"""Where a name begins and ends, for what the tagger gets wrong as a rule: punctuation, blessings, fathers and sons."""

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


def mended(words: Sequence[str], mentions: Iterable[Mention]) -> list[Mention]:
    """Return the mentions of a sentence without punctuation at their ends, and with all that belongs to a person."""
    trimmed = ((*_trimmed(words, first, stop), label, confidence) for first, stop, label, confidence in mentions)
    with_fathers = (_with_father(words, mention) for mention in trimmed if mention[0] < mention[1])
    return list(_joined(words, _with_honorifics(words, with_fathers)))


def is_honorific(words: Sequence[str], at: int) -> bool:
    """Say whether the word is a blessing in brackets."""
    return 0 < at < len(words) - 1 and words[at] in _HONORIFICS and (words[at - 1], words[at + 1]) == ("(", ")")


def _trimmed(words: Sequence[str], first: int, stop: int) -> tuple[int, int]:
    """Return the bounds of a mention without punctuation at its ends, save a bracket that it opened."""
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
