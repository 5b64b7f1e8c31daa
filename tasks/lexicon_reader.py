"""A lexicon, compiled: an index of its patterns on the first word, and what each word can be.

A word is read once (`Reader.read` keeps spellings): which keys it can be, which patterns begin
with it. Most words begin none, so a sentence costs little more than its dictionary look-ups.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterable
from typing import Any

from schemas.errors import SettingsError
from tasks import lexicon
from tasks.clitics import PARTICLE, BareForm, Spellings, Words, bare_forms, canonical, fold, words
from tasks.lexicon import Cue, Entry, Lexicon, Veto
from tasks.lexicon_derived import nominal, persian_passive
from tasks.lexicon_forms import ATTACHED, FINITE_KINDS, VERB_KINDS, noun_keys, verb_keys
from tasks.lexicon_match import ELLIPSIS, Pattern, Payload, Reading, Starts, starting_with
from tasks.lexicon_ontology import Ontology

#: How many tokens may lie between a verb and its further words.
VERB_GAP = {"ar": 4, "fa": 3, "en": 3}
#: A Persian verb follows its noun, with an adverb between at most; behind «را» a whole phrase may stand.
LIGHT_GAP, OBJECT_GAP = 1, 6
#: What four digits may be as a year, Jalali or Hijri ones too.
FIRST_YEAR, LAST_YEAR = 1000, 2200
#: Arabic endings that address somebody: news hardly does, and «تتحرك», «الحكم» only look as if they had them.
_ADDRESSING = frozenset({"ك", "كم"})
#: Persian light verbs that stand for one another, the formal ones for the usual one: «دستگیر گردید», «صادر نمود».
_LIKE_LIGHT = {"کرد": ("کرد", "نمود"), "شد": ("شد", "گردید", "گشت")}
#: Acts that Arabic and Persian nouns made by rule do not tell: a classifier learns from what is read of the first two;
#: behind «المطالبة ب» stands another act; «ناشد تقديم المساعدة» asks; «ارتفاع معدل» is of anything.
_VERBS_ALONE = frozenset({"ASSAULT", "PROTEST", "REQUEST", "THREATEN", "AID", "X_ECON"})
#: Words that take any place inside a verb phrase: attached prepositions, the Persian object marker.
_SILENT = frozenset({"ب", "ل", "را"})

Index = dict[str, list[Pattern[Payload]]]


class Reader:
    """A compiled lexicon."""

    def __init__(self, source: Lexicon, ontology: Ontology | None = None) -> None:
        self.lexicon = source
        self.ontology = ontology or lexicon.ontology()
        #: `Ontology.derive`, kept: acts and their status come in few combinations.
        self.derive = functools.cache(self.ontology.derive)
        self.language = source.language
        self.vocabulary: set[str] = set()
        self.folded = Spellings(fold)
        self._known = Spellings(self._read)
        self._last: tuple[str, Words] = ("", Words([], [], [], [""]))
        self._patterns = 0
        self._starts: dict[tuple[int, ...], Starts[Any]] = {}
        #: The keys that words can have together, by their number; nothing is 0.
        self._kin: list[frozenset[str]] = [frozenset()]
        self._kin_of: dict[frozenset[str], int] = {self._kin[0]: 0}
        light = (verb.split("/") for verb in (*source.light_verbs, *source.verbs))
        self._light = {fold(parts[0]): parts for parts in light}
        told = (verb.split()[0].split("/")[0] for entry in source.entries for verb in entry.verbs)
        self._named = frozenset(canonical(fold(verb)) for verb in told)
        self.generic = frozenset(
            itertools.chain.from_iterable(
                verb_keys(v.split("/"), self.language) for v in source.verbs + source.light_verbs
            )
        )
        self.speech = self._phrases_of_speech(source.speech)
        self.places = frozenset(fold(word) for word in source.place_words)
        self.topics = frozenset(fold(word) for word in source.topic_words)
        self.regions = frozenset(fold(word) for word in source.region_words)
        self.recipients = frozenset(fold(word) for word in source.recipient_words)
        self.since = frozenset(fold(word) for word in source.dates.since)
        self.years = frozenset(fold(word) for word in source.dates.years)
        self.days = frozenset(fold(word) for word in source.dates.days)
        self.anchors = frozenset(fold(word) for word in source.anchors)
        self.definite = frozenset(fold(word) for word in source.definite)
        self.ignored = frozenset(fold(word) for word in source.ignored)
        self.compounds = frozenset(fold(word) for word in source.compounds)
        self._triggers: Index[Entry] | Index[str] = {}
        self._cues: Index[Cue] = {}
        self._limits: Index[str] = {}
        self._vetoes: Index[Veto] = {}
        for entry in source.entries:
            self._add(self._triggers, entry, entry.nouns, entry.verbs)
        for entry in source.entries:
            if self.language == "en" or entry.type not in _VERBS_ALONE:
                derived = (nominal(verb, self.language) for verb in entry.verbs)
                self._add(self._triggers, entry, dict.fromkeys(itertools.chain.from_iterable(derived)), [])
        self._add(self._triggers, "block", source.blocks, [])
        for cue in source.cues:
            self._add(self._cues, cue, cue.nouns + [_exact(e) for e in cue.exact], cue.verbs)
        self._add(self._limits, "that", [_exact(e) for e in source.complementisers], [])
        self._add(self._limits, "clause", [_exact(e) for e in source.boundaries], [])
        for context, triggering in source.contexts.items():
            self._add(self._limits, f"context:{context}", triggering, [])
        for veto in source.vetoes:
            self._add(self._vetoes, veto, veto.words, [])
        self.vocabulary |= self.generic | {f"x:{word}" for word in self.places | self.recipients}

    def words(self, text: str) -> Words:
        """The tokens of a sentence; its rules ask for them one after the other, so that the last ones are kept."""
        if text != self._last[0]:
            self._last = text, words(text, self.language, self.folded)
        return self._last[1]

    def readings(self, folded: Iterable[str]) -> list[Reading]:
        """What each folded word of a sentence can be."""
        return [*map(self._known.__getitem__, folded)]

    def read(self, spelling: str) -> Reading:
        """What a folded word can be; kept."""
        return self._known[spelling]

    def _read(self, spelling: str) -> Reading:
        keys: dict[str, BareForm] = {}
        if spelling in self.ignored or (
            self.language == "ar" and spelling[:1] in "وف" and spelling[1:] in self.ignored
        ):
            # What a Persian pattern spells so is meant: «تیم امدادی», «قراردادی بست».
            kinds = (PARTICLE, "n") if self.language == "fa" else (PARTICLE,)
            keys = {f"{kind}:{canonical(spelling)}": BareForm(kind, spelling, "", "") for kind in kinds}
            return self._reading(spelling, {key: form for key, form in keys.items() if key in self.vocabulary})
        for form in bare_forms(spelling, self.language):
            key = f"{form.kind}:{form.form}"
            if key in self.vocabulary and form.suffix not in _ADDRESSING:
                keys.setdefault(key, form)
        if self.language == "ar":
            attached = spelling[1:2] if spelling[:1] in "وف" else spelling[:1]
            if len(spelling) > 2 and (key := f"{ATTACHED}:{attached}") in self.vocabulary:
                keys.setdefault(key, BareForm(ATTACHED, attached, "", ""))
        else:
            for kind in sorted(VERB_KINDS):
                if (key := f"{kind}:{spelling}") in self.vocabulary:
                    keys.setdefault(key, BareForm(kind, spelling, "", ""))
        return self._reading(spelling, keys)

    def _reading(self, spelling: str, keys: dict[str, BareForm]) -> Reading:
        verbs = [form for key, form in keys.items() if key[0] in "pi"]
        starts = (
            self._starting(self._triggers, keys),
            self._starting(self._cues, keys),
            self._starting(self._limits, keys),
            self._starting(self._vetoes, keys),
        )
        return Reading(
            keys,
            self._kin_number(frozenset(keys)),
            *starts,
            verbal=bool(verbs),
            joined=any(form.prefix[:1] in ("و", "ف") for form in verbs),
            finite=any(key[0] in FINITE_KINDS for key in keys),
            speech=not self.speech.isdisjoint(keys),
            year=len(spelling) == 4 and spelling.isdecimal() and FIRST_YEAR <= int(spelling) <= LAST_YEAR,
            bound=spelling in self.compounds,
            noted=any(starts),
        )

    def _kin_number(self, keys: frozenset[str]) -> int:
        if keys not in self._kin_of:
            self._kin_of[keys] = len(self._kin)
            self._kin.append(keys)
        return self._kin_of[keys]

    def _starting(self, index: dict[str, list[Any]], keys: Iterable[str]) -> Starts[Any] | None:
        """The patterns of an index that begin with any of the keys; the forms of one word share them."""
        found = {pattern.order: pattern for key in keys for pattern in index.get(key, ())}
        if not found:
            return None
        numbers = tuple(sorted(found))
        if numbers not in self._starts:
            self._starts[numbers] = starting_with([found[number] for number in numbers], self._kin)
        return self._starts[numbers]

    def _add(self, index: Index[Payload], payload: Payload, nouns: Iterable[str], verbs: Iterable[str]) -> None:
        for is_verb, phrase in [(False, n) for n in nouns] + [(True, v) for v in verbs]:
            for variant in self._variants(phrase, is_verb):
                elements, gaps = self._compile(variant, is_verb)
                pattern = Pattern(elements, gaps, payload, self._patterns, is_verb, payload == "block")
                self._patterns += 1
                self.vocabulary.update(*elements)
                for key in elements[0]:
                    index.setdefault(key, []).append(pattern)

    def _variants(self, phrase: str, is_verb: bool) -> list[str]:
        """The ways to write a phrase; of a Persian compound also its passive with «شدن».

        Not of «برگزار کردن»: what «برگزار می‌شود» is a noun with a date (see `tasks/events_status.py`).
        """
        voices = [phrase]
        if self.language == "fa" and is_verb and phrase.endswith(" کرد") and "برگزار" not in phrase:
            voices.append(phrase.removesuffix("کرد") + "شد")
        elif self.language == "fa" and is_verb and (passive := persian_passive(phrase)):
            voices.append(passive)
        written = [(one.replace("\u200c", ""), one.replace("\u200c", " "), one) for one in voices]
        return list(dict.fromkeys(itertools.chain.from_iterable(written)))

    def _compile(self, phrase: str, is_verb: bool) -> tuple[tuple[frozenset[str], ...], tuple[int, ...]]:
        parts = phrase.split()
        verb_at = (len(parts) - 1 if self.language == "fa" else 0) if is_verb else -1
        elements: list[frozenset[str]] = []
        gaps: list[int] = []
        gap = 0
        for position, part in enumerate(parts):
            if part == "...":
                gap = ELLIPSIS
            elif position == verb_at:
                elements.append(self._verb(part, phrase))
                gaps.append(max(gap, OBJECT_GAP if "را" in parts[:position] else LIGHT_GAP) if elements[1:] else 0)
                gap = 0
            elif is_verb and part in _SILENT:
                continue
            elif part.startswith("+"):
                elements.append(frozenset({f"{ATTACHED}:{part[1:]}"}))
                gaps.append(max(gap, ELLIPSIS))
                gap = 0
            else:
                for keys in self._words(part):
                    elements.append(keys)
                    gaps.append(max(gap, VERB_GAP[self.language]) if is_verb and elements[1:] else gap)
                    gap = 0
        if not elements:
            raise SettingsError(
                f"the pattern «{phrase}» has no words", where=f"{self.language}.yml", hint="Write one or remove it."
            )
        return tuple(elements), tuple(gaps)

    def _words(self, part: str) -> list[frozenset[str]]:
        """The key sets of one written word: alternatives share one place, «air-strike» makes two."""
        if "|" in part or part.startswith("@"):
            alternatives = itertools.chain.from_iterable(map(self._group, part.split("|")))
            return [frozenset().union(*(noun_keys(word, self.language) for word in alternatives))]
        mark = "=" if part.startswith("=") else ""
        return [noun_keys(mark + word, self.language) for word in words(part, "").folded]

    def _group(self, word: str) -> list[str]:
        """A word itself, or of «@name» the words of that group."""
        if not word.startswith("@"):
            return [word]
        if word[1:] not in self.lexicon.groups:
            raise SettingsError(
                f"«{word}» is no group of words", where=f"{self.language}.yml", hint="Name one of `groups`, or add it."
            )
        return self.lexicon.groups[word[1:]]

    def _verb(self, part: str, phrase: str) -> frozenset[str]:
        parts = part.split("/")
        if self.language == "fa" and len(parts) == 1:
            if fold(part) not in self._light:
                raise SettingsError(
                    f"«{part}» in «{phrase}» is no verb of light_verbs",
                    where=f"{self.language}.yml",
                    hint="Write past/present stems, or add it to light_verbs.",
                )
            alike = [self._light[fold(verb)] for verb in _LIKE_LIGHT.get(part, (part,)) if fold(verb) in self._light]
            return frozenset().union(*(verb_keys(stems, self.language) for stems in alike))
        return verb_keys(parts, self.language, self._named)

    def _phrases_of_speech(self, speech: list[str]) -> frozenset[str]:
        """The keys that introduce reported speech; of a Persian compound its first word counts."""
        found: set[str] = set()
        for verb in speech:
            first = verb.split()[0]
            found |= verb_keys(first.split("/"), self.language) if "/" in verb else {f"n:{fold(first)}"}
            if "/" not in verb and self.language != "fa":
                found |= verb_keys([first], self.language)
        self.vocabulary |= found
        return frozenset(found)


def _exact(phrase: str) -> str:
    return " ".join("=" + word for word in phrase.split())


@functools.cache
def reader(language: str) -> Reader:
    """The compiled lexicon that comes with Rasad, for one of `lexicon.LANGUAGES`."""
    return Reader(lexicon.lexicon(language))
