"""A sentence as the event rules see it: words, what each can be, clauses, and the cues in it.

A cue holds inside its clause. Clauses end at strong punctuation, at quotation marks around more than a name,
before conjunctions and relatives, before «و» or a comma with a verb behind it, and in Persian behind a finite
verb. A clause opened by «أن», «که» or "that" is marked, since some cues reach across.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from tasks.clitics import Spellings, Words, fold
from tasks.lexicon import Cue, Entry, Veto
from tasks.lexicon_forms import NEGATIVE_KINDS
from tasks.lexicon_match import Match, Reading, contiguous, matches
from tasks.lexicon_reader import Reader

#: Quotation marks around so few words enclose a name or a wry word, not speech.
NAME_WORDS = 5
_STRONG = re.compile(r"[.!?؟;؛:…\n]|\s[–—]\s")
_COMMA = re.compile("[,،]")
_SPEECH = re.compile('[«»“”„‟":]')
#: What hurts people without an attacker.
_MISHAPS = frozenset({"X_ACCIDENT", "X_DISASTER"})
_QUOTES = re.compile('[«»“”„‟"]')
#: These Persian cues end in a verb of their own and rule the clause that follows («قرار است»).
_AUXILIARY = frozenset({"planned", "hypothetical", "demanded"})
_FUTURE = frozenset({"خواهد", "خواهند", "خواهم", "خواهيم", "نخواهد", "نخواهند", "نخواهم", "نخواهيم"})


#: Spelled as "he accepted", and almost always "before".
_BEFORE = "قبل"
#: Times of day in Arabic that are spelled as verbs (he blew up, appeared, squeezed).
_TIMES = frozenset({"فجر", "ظهر", "عصر"})
_DAY = frozenset(
    map(fold, ("يوم", "اليوم", "أمس", "الاثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت", "الأحد"))
)


class _Marks(NamedTuple):
    """What the signs between two words mean for clauses."""

    strong: bool
    comma: bool
    quotes: str


def _marks(gap: str) -> _Marks | None:
    """The marks in a gap; None for a mere space and the like."""
    found = _Marks(_STRONG.search(gap) is not None, _COMMA.search(gap) is not None, "".join(_QUOTES.findall(gap)))
    return found if any(found) else None


#: Of the gaps that texts have, most are the same few.
_MARKS = Spellings(_marks)


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence, read. `starts`, `ends`, `folded`, `gaps` are its words (`clitics.Words`).

    `clauses` numbers each word's clause; `bridged` are those opened by «أن/که/that».

    `saying` and `years` are the places of verbs of saying and of numbers that may be years.
    """

    text: str
    starts: list[int]
    ends: list[int]
    folded: list[str]
    gaps: list[str]
    readings: list[Reading]
    clauses: list[int]
    bridged: frozenset[int]
    triggers: list[Match[Entry]]
    cues: list[Match[Cue]]
    contexts: frozenset[str]
    saying: list[int]
    years: list[int]

    def span(self, first: int, last: int) -> tuple[int, int]:
        """The offsets of some words in the sentence's text."""
        return self.starts[first], self.ends[last]

    def verb_group(self, at: int) -> range:
        """The run of Persian verb words around one: «برگزار خواهد شد» has its last two."""
        first = last = at
        while first > 0 and self._is_verbal(first - 1):
            first -= 1
        while last + 1 < len(self.folded) and self._is_verbal(last + 1):
            last += 1
        return range(first, last + 1)

    def _is_verbal(self, at: int) -> bool:
        return self.folded[at] in _FUTURE or any(key[0] in "pisdPIS" for key in self.readings[at].keys)


def read(reader: Reader, text: str) -> Sentence | None:
    """The sentence with its triggers and cues; None where no act can be (the usual case, decided early)."""
    found = reader.words(text)
    readings = reader.readings(found.folded)
    noted = [(at, reading) for at, reading in enumerate(readings) if reading.noted]
    if not any(reading.triggers for _, reading in noted):
        return None
    kin = [reading.kin for reading in readings]
    cues = matches([(at, reading.cues) for at, reading in noted], readings, kin, None)
    limits, contexts = _limits(noted, readings, kin)
    cuts = _cuts(reader.language, found, readings, cues, limits)
    numbers = _numbered(cuts, len(readings))
    starting = [(at, reading.triggers) for at, reading in noted]
    triggers = matches(starting, readings, kin, numbers, reader.language)
    kept = [one for one in contiguous(triggers) if isinstance(one.pattern.payload, Entry)]
    if not kept:
        return None
    vetoes = matches([(at, reading.vetoes) for at, reading in noted], readings, kin, None)
    if vetoes and any(one.pattern.payload.unspoken for one in vetoes) and _spoken(reader, text, readings):
        vetoes = [one for one in vetoes if not one.pattern.payload.unspoken]
    kept = [one for one in kept if not _vetoed(one, vetoes, numbers) and not _preposition(one, found.folded, numbers)]
    if not (kept := _without_mere_harm(kept)):
        return None
    bridged = frozenset(number for number, place in enumerate(cuts, start=1) if limits.get(place) == "that")
    saying = [at for at, reading in enumerate(readings) if reading.speech]
    years = [at for at, reading in enumerate(readings) if reading.year]
    return Sentence(text, *found, readings, numbers, bridged, kept, cues, contexts, saying, years)


def _preposition(one: Match[Entry], folded: Sequence[str], clauses: Sequence[int]) -> bool:
    """Whether «قبل» is "before" and no verb: inside a clause it is («الساعات الأخيرة قبل سريان الهدنة»)."""
    at = one.first
    return folded[at] == _BEFORE and at > 0 and clauses[at - 1] == clauses[at]


def _vetoed(one: Match[Entry], vetoes: Sequence[Match[Veto]], clauses: Sequence[int]) -> bool:
    act = one.pattern.payload.type
    return any(
        (not (rule := veto.pattern.payload).types or act in rule.types)
        and (not rule.clause or clauses[veto.first] == clauses[one.first])
        for veto in vetoes
    )


def _spoken(reader: Reader, text: str, readings: Sequence[Reading]) -> bool:
    """Whether the sentence tells what somebody says."""
    return _SPEECH.search(text) is not None or any(not reader.speech.isdisjoint(one.keys) for one in readings)


def _without_mere_harm(triggers: list[Match[Entry]]) -> list[Match[Entry]]:
    """The triggers without what an act beside them explains.

    Those are the dead and hurt of an accident or a disaster where nobody is said to attack, and any death that one of
    the three tells of already.
    """
    acts = [one.pattern.payload for one in triggers]
    attack = any(act.type == "ASSAULT" and not act.harm for act in acts)
    mishap = any(act.type in _MISHAPS for act in acts)
    if mishap and not attack:
        triggers = [one for one in triggers if not one.pattern.payload.harm]
    if mishap or attack:
        triggers = [one for one in triggers if one.pattern.payload.type != "X_DEATH"]
    return triggers


def _limits(
    noted: Sequence[tuple[int, Reading]], readings: Sequence[Reading], kin: Sequence[int]
) -> tuple[dict[int, str], frozenset[str]]:
    """The words that open a clause, with "that" or "clause", and the contexts that words name."""
    limits: dict[int, str] = {}
    contexts: set[str] = set()
    for one in matches([(at, reading.limits) for at, reading in noted], readings, kin, None):
        kind = one.pattern.payload
        if kind.startswith("context:"):
            contexts.add(kind.removeprefix("context:"))
        elif limits.get(one.first) != "clause":
            limits[one.first] = kind
    return limits, frozenset(contexts)


def _cuts(
    language: str,
    found: Words,
    readings: Sequence[Reading],
    cues: Sequence[Match[Cue]],
    limits: Iterable[int],
) -> list[int]:
    """The words that begin a clause, in order, the first one left out."""
    marks = [(at, marks) for at, marks in enumerate(map(_MARKS.__getitem__, found.gaps)) if marks]
    cuts = {*limits, *_quote_ends(marks, len(readings)), *(at for at, one in marks if one.strong)}
    if language == "fa":
        ruling = {
            place
            for cue in cues
            if cue.pattern.payload.says in _AUXILIARY and cue.pattern.payload.side == "either"
            for place in range(cue.first, cue.last + 1)
        }
        cuts.update(
            at + 1
            for at, reading in enumerate(readings[:-1])
            if reading.finite and at not in ruling and _ends_clause(at, found.folded, readings)
        )
    else:
        commas = {at for at, one in marks if one.comma and at < len(readings) and readings[at].verbal}
        commas = {at for at in commas if not _is_time_of_day(at, found.folded)}
        if language == "ar":
            cuts.update(at for at, reading in enumerate(readings) if reading.joined)
        else:
            joining = {at for at, word in enumerate(found.folded[:-1]) if word in ("and", "or")}
            commas -= joining
            cuts.update(at for at in joining if readings[at + 1].verbal)
        cuts |= commas
    return sorted(at for at in cuts if 0 < at < len(readings))


def _is_time_of_day(at: int, folded: Sequence[str]) -> bool:
    """Whether a word is no verb but a time: «قصفت طائرات، فجر الخميس، بلدة …»."""
    return folded[at] in _TIMES and at + 1 < len(folded) and folded[at + 1] in _DAY


def _numbered(cuts: Sequence[int], size: int) -> list[int]:
    """The number of each word's clause."""
    numbers: list[int] = []
    for number, (begin, end) in enumerate(itertools.pairwise((0, *cuts, size))):
        numbers += [number] * (end - begin)
    return numbers


def _ends_clause(place: int, folded: Sequence[str], readings: Sequence[Reading]) -> bool:
    """Whether a Persian word is the last of a finite verb."""
    if not readings[place].finite or folded[place] in _FUTURE:
        return False
    if readings[place + 1].finite or folded[place + 1] in _FUTURE:
        return False
    keys = readings[place].keys
    # «ساخت», «خواست», «داد» are nouns too: a noun has its complement behind it, a verb mostly a break.
    return not any(key[0] == "n" for key in keys) or any(key[0] in NEGATIVE_KINDS for key in keys)


def _quote_ends(marks: Iterable[tuple[int, _Marks]], size: int) -> set[int]:
    """The words before which a quotation begins or ends, those around names left out."""
    ends: set[int] = set()
    opened: int | None = None
    for place, mark in ((place, mark) for place, found in marks for mark in found.quotes):
        if opened is None or mark in "«“„":
            opened = place
            continue
        if place - opened > NAME_WORDS:
            ends.update((opened, place))
        opened = None
    if opened is not None and size - opened > NAME_WORDS:
        ends.add(opened)
    return ends
