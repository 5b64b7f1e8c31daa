"""Find a lexicon's patterns in a list of words: those that begin with a word are known from its reading."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypeVar

from tasks.clitics import BareForm
from tasks.lexicon import Cue, Entry, Veto
from tasks.lexicon_forms import ATTACHED, VERB_KINDS

#: Any word with a preposition («+ب», also «باريس»): it is too little to be part of what is told.
_ATTACHED = frozenset({f"{ATTACHED}:ب", f"{ATTACHED}:ل"})
#: How many tokens may lie inside `...`.
ELLIPSIS = 5
Payload = TypeVar("Payload", Entry, Cue, Veto, str)


@dataclass(frozen=True, slots=True)
class Pattern(Generic[Payload]):
    """A sequence of key sets; `gaps[n]` tokens may lie before the n-th. `order` breaks ties as in the file.

    `is_block` marks words that only look like an act.
    """

    elements: tuple[frozenset[str], ...]
    gaps: tuple[int, ...]
    payload: Payload
    order: int
    is_verb: bool
    is_block: bool


class Match(NamedTuple, Generic[Payload]):
    """A pattern in place: the contiguous head `first..head`, all its words, and where its verb is, if any."""

    pattern: Pattern[Payload]
    first: int
    head: int
    places: tuple[int, ...]
    verb: int | None

    @property
    def last(self) -> int:
        return self.places[-1]

    def claimed(self) -> set[int]:
        """The words that no other trigger may begin with; a Persian light verb may serve two nouns."""
        return {*self.places} - ({self.verb} if self.verb != self.first else set())


class Starts(NamedTuple, Generic[Payload]):
    """The patterns that may begin with a word: those of one word, the others by their second one.

    `by_kin` finds the latter for words of the same `Reading.kin`, null where there are none. `reach` is how far behind
    the first word the second may stand, so that most of a word's patterns are never tried.
    """

    alone: tuple[Pattern[Payload], ...]
    by_kin: Mapping[int, Sequence[Pattern[Payload]] | None]
    reach: int


class Reading(NamedTuple):
    """What a spelling can be, and the patterns that may begin with it; null where none does.

    `kin` is a number that spellings with the same keys share, and those without any have 0.
    `verbal` tells a possible Arabic or English finite verb, `joined` one behind «و» or «ف», `finite` one that may end a
    Persian clause, `speech` a word of saying, `year` a number that may be one, `bound` a word to which a Persian verb
    right behind it belongs, and `noted` a word that a pattern may begin with: most begin none.
    """

    keys: dict[str, BareForm]
    kin: int
    triggers: Starts[Any] | None
    cues: Starts[Cue] | None
    limits: Starts[str] | None
    vetoes: Starts[Veto] | None
    verbal: bool
    joined: bool
    finite: bool
    speech: bool
    year: bool
    bound: bool
    noted: bool

    def kinds(self, among: frozenset[str] = VERB_KINDS) -> set[str]:
        return {key[0] for key in self.keys if key[0] in among}


class _ByKin(dict[int, Sequence[Pattern[Any]] | None]):
    """Patterns by what their second word can be, worked out when such a word is first met."""

    def __init__(self, patterns: Sequence[Pattern[Any]], kin: Sequence[Iterable[str]]) -> None:
        super().__init__()
        self._patterns, self._kin = patterns, kin

    def __missing__(self, number: int) -> Sequence[Pattern[Any]] | None:
        keys = self._kin[number]
        self[number] = found = [one for one in self._patterns if not one.elements[1].isdisjoint(keys)] or None
        return found


def starting_with(patterns: Sequence[Pattern[Any]], kin: Sequence[Iterable[str]]) -> Starts[Any]:
    """The patterns by how they begin; `kin` has the keys of each number of `Reading.kin`."""
    longer = [pattern for pattern in patterns if len(pattern.elements) > 1]
    return Starts(
        tuple(pattern for pattern in patterns if len(pattern.elements) == 1),
        _ByKin(longer, kin),
        max((1 + pattern.gaps[1] for pattern in longer), default=0),
    )


def matches(
    starting: Iterable[tuple[int, Starts[Payload] | None]],
    readings: Sequence[Reading],
    kin: Sequence[int],
    clauses: Sequence[int] | None,
    language: str = "",
) -> list[Match[Payload]]:
    """The patterns that begin at some words, in the lexicon's order; their words stay inside one clause where given.

    `kin` is the sentence's column of `Reading.kin`.
    """
    found: list[Match[Payload]] = []
    for first, starts in starting:
        if starts is None:
            continue
        for pattern in starts.alone:
            found.append(Match(pattern, first, first, (first,), first if pattern.is_verb else None))
        behind = map(starts.by_kin.__getitem__, kin[first + 1 : first + 1 + starts.reach])
        for pattern in _in_order([some for some in behind if some]):
            if one := _match(pattern, first, readings, clauses, language):
                found.append(one)
    return found


def _in_order(found: Sequence[Sequence[Pattern[Payload]]]) -> Sequence[Pattern[Payload]]:
    """Patterns that several words begin, each once, in the lexicon's order."""
    if len(found) < 2:
        return found[0] if found else ()
    likely = {pattern.order: pattern for some in found for pattern in some}
    return [likely[order] for order in sorted(likely)]


def _match(
    pattern: Pattern[Payload], first: int, readings: Sequence[Reading], clauses: Sequence[int] | None, language: str
) -> Match[Payload] | None:
    at, head, size = first, first, len(readings)
    places = [first]
    if pattern.is_block:
        clauses = None  # «التظاهر بأن» is an idiom though «بأن» opens a clause
    for element, gap in zip(pattern.elements[1:], pattern.gaps[1:], strict=True):
        for place in range(at + 1, min(at + 2 + gap, size)):
            if clauses is not None and clauses[place] != clauses[first]:
                return None
            if not element.isdisjoint(readings[place].keys):
                break
        else:
            return None
        if pattern.is_verb and at + 1 < place and readings[place - 1].bound and _is_compound(pattern, element, gap):
            return None
        if head == at and place == at + 1 and not element <= _ATTACHED:
            head = place
        at = place
        places.append(at)
    verb = None if not pattern.is_verb else at if language == "fa" else first
    return Match(pattern, first, head, tuple(places), verb)


def _is_compound(pattern: Pattern[Payload], element: frozenset[str], gap: int) -> bool:
    """Whether an element is the verb of a compound: in «خواهان … شد» the words between belong to the pattern."""
    return element is pattern.elements[-1] and gap != ELLIPSIS


def contiguous(found: list[Match[Payload]]) -> list[Match[Payload]]:
    """Longest match wins; what remains shares no words, so «قدم … استقالته» is one act."""
    if len(found) < 2:
        return found
    taken: set[int] = set()
    verbs: set[int] = set()
    kept: list[Match[Payload]] = []
    for one in sorted(found, key=_preference):
        span = one.claimed()
        # The verb of a longer match is no noun by itself: «به گل نشست» is no meeting.
        if taken.isdisjoint(span) and (one.first not in verbs or len(one.pattern.elements) > 1):
            taken |= span
            if one.verb is not None:
                verbs.add(one.verb)
            kept.append(one)
    return sorted(kept, key=lambda one: one.first)


def _preference(one: Match[Payload]) -> tuple[int, int, bool, bool, int, int]:
    pattern, size = one.pattern, len(one.pattern.elements)
    # «نشر قوات» opens a clause as a verb; a single word such as «قتل» is safer read as a noun.
    verb_first = not pattern.is_verb if size > 1 else pattern.is_verb
    return (-size, one.first - one.head, not pattern.is_block, verb_first, one.first, pattern.order)
