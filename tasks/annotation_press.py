"""Persian newspapers and agencies where a text cites them: «کیهان: …», «به گزارش فارس», «به ایلنا گفت».

Their names are everyday words («جوان» is young, «شرق» the east, «فارس» a province), so the tagger often passes over
them or takes them for people; what surrounds them tells. The names stand in `seeds/gazetteer/press.csv`. An agency is
also cited in the middle of a sentence, a newspaper opens the line of a press review. Names that as often open a line as
plain words do («هدف: …») or as datelines («خراسان: …») are not in the list.
"""

from __future__ import annotations

import csv
import functools
import hashlib
import io
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from importlib import resources
from typing import TYPE_CHECKING

from tasks.model_files import LABELS

if TYPE_CHECKING:
    from tasks.tagging import Mention

Words = tuple[str, ...]

#: What ends the sentence or the headline before.
_ENDS = frozenset((".", "؟", "!", "؛", "…", "/", "-", "*", "•", '"', ")"))
#: What a press review goes on with after a newspaper's name.
_TELLS = frozenset(("درباره", "نوشت", "تیتر"))
_TELLS_IN_TWO = frozenset((("از", "قول"), ("به", "نقل"), ("با", "تیتر")))
#: After these an agency is named.
_REPORTERS = frozenset(("خبرنگار", "خبرنگاران"))
_SOURCES = frozenset((("به", "گزارش"), ("به", "نوشته"), ("نقل", "از")))
_SAID = frozenset(("گفت", "گفته"))
_MONTH = "ماه"  # «گزارش مهر ماه»: the month of Mehr


@functools.cache
def _table() -> str:
    return (resources.files("seeds") / "gazetteer" / "press.csv").read_text(encoding="utf-8")


@functools.cache
def press_version() -> str:
    """A version that changes with the list."""
    return hashlib.sha256(_table().encode()).hexdigest()[:8]


@functools.cache
def _names() -> Mapping[str, Sequence[tuple[Words, bool]]]:
    """The names by their first word, as words and whether they are agencies, the longest first."""
    from tasks.encoder import normalise  # torch loads only where a text is read: `rasad status` asks for versions alone

    found: dict[str, set[tuple[Words, bool]]] = defaultdict(set)
    for row in csv.DictReader(io.StringIO(_table(), newline="")):
        words = tuple(normalise(row["name"], "fa")[0].split())
        for spelling in (words, ("".join(words),), ("\u200c".join(words),)):
            found[spelling[0]].add((spelling, row["kind"] == "agency"))
    return {first: sorted(names, key=lambda name: (-len(name[0]), name)) for first, names in found.items()}


def with_press(words: Words, mentions: Sequence[Mention]) -> list[Mention]:
    """Return mentions in which a cited newspaper or agency is an ORG; a longer ORG around it («خبرگزاری فارس») stays.

    `words` are those of a Persian sentence. The confidence of what is added is 1: a rule found it.
    """
    result = list(mentions)
    for first, stop in _cited(words):
        over = [mention for mention in result if mention[0] < stop and first < mention[1]]
        if not any(LABELS.get(m[2].upper()) == "ORG" and m[0] <= first and stop <= m[1] for m in over):
            result = [m for m in result if m not in over] + [(first, stop, "ORG", 1.0)]
    return sorted(result)


def _cited(words: Words) -> Iterator[tuple[int, int]]:
    names, at = _names(), 0
    while at < len(words):
        for name, is_agency in names.get(words[at], ()):
            stop = at + len(name)
            if words[at:stop] == name and (_opens(words, at, stop) or (is_agency and _reports(words, at, stop))):
                yield at, stop
                at = stop - 1
                break
        at += 1


def _opens(words: Words, first: int, stop: int) -> bool:
    """Say whether the name stands before what a newspaper says: «کیهان: …», «اسرار به نقل از …»."""
    after = words[stop : stop + 2]
    if len(after) == 2 and after[0] == ":":
        # «امتیاز: 23» is a count. A name of several words is no everyday word: it may follow another headline.
        begins = first == 0 or words[first - 1] in _ENDS or stop - first > 1
        return begins and not after[1][0].isdigit()
    return first == 0 and (after in _TELLS_IN_TWO or not _TELLS.isdisjoint(after[:1]))


def _reports(words: Words, first: int, stop: int) -> bool:
    """Say whether the agency is cited as a source: «به گزارش فارس», «به نقل از مهر», «به ایسنا گفت»."""
    before, after = words[max(0, first - 2) : first], words[stop : stop + 1]
    if after and (after[0] == _MONTH or after[0][0].isdigit()):
        return False
    if before in _SOURCES or not _REPORTERS.isdisjoint(before[-1:]):
        return True
    return before[-1:] == ("به",) and not _SAID.isdisjoint(after)
