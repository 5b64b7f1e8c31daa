"""From a name in the text to the entity that it stands for, whatever the language or the spelling.

A name is looked up in the gazetteer by its key (letters folded, marks, joiners and spaces removed) and found
  gazetteer-exact       by an entity's usual name,
  gazetteer-alias       by one of its further names,
  gazetteer-clitic      by either, once Arabic clitics are removed («وبوتين»),
  article-coreference   as part of a longer name of the same article («ترامب» beside «دونالد ترامب»).
Where two entities remain possible the name stays without one: a wrong link costs more than a missing one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from tasks.entities_gazetteer import Gazetteer, GazetteerEntity
from tasks.entities_names import (
    compact,
    display_form,
    without_article,
    without_clitics,
    without_titles,
    words_of,
)

Method = Literal["gazetteer-exact", "gazetteer-alias", "gazetteer-clitic", "article-coreference"]

#: Which entities a mention may stand for. Models often take the seat of a government for the government («الكرملين»)
#: and the reverse, but never a person for either; adjectives of nationality (MISC) are no countries, though in
#: Arabic «روسية» (Russian) is spelled as Persian spells Russia.
COMPATIBLE: Mapping[str, frozenset[str]] = {
    "PER": frozenset({"PER"}),
    "ORG": frozenset({"ORG", "LOC"}),
    "LOC": frozenset({"LOC", "ORG"}),
    "MISC": frozenset({"MISC", "ORG"}),
}


#: How many readings are remembered, of some 500 bytes each: 50 MB, and more names than a month of news has.
_REMEMBERED = 100_000


@dataclass(frozen=True, slots=True)
class Name:
    """A mention as linking sees it: how it is written, without clitics as far as the model knows, its label."""

    surface: str
    bare: str
    label: str


@dataclass(frozen=True, slots=True)
class Link:
    """What a name came to: the entity and how it was found (both null when unknown), and its bare spelling."""

    entity_id: str | None
    method: Method | None
    bare_form: str


@dataclass(frozen=True, slots=True)
class _Reading:
    """What the gazetteer alone says of a name: the candidates, and the words that are compared in the article."""

    candidates: frozenset[str]
    method: Method | None
    bare_form: str
    words: tuple[str, ...]


@dataclass(slots=True)
class Linker:
    """The gazetteer's names, indexed by key. One linker serves all articles; readings are remembered."""

    gazetteer: Gazetteer
    _usual: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _usual_in: dict[tuple[str, str], set[str]] = field(default_factory=lambda: defaultdict(set))
    _aliases: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _readings: dict[tuple[Name, str], _Reading] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for entity in self.gazetteer.entities.values():
            self._add(entity)

    def _add(self, entity: GazetteerEntity) -> None:
        for language in ("ar", "fa", "en"):
            name = entity.name_in(language)
            for key in _keys(name) if name else ():
                self._usual[key].add(entity.entity_id)
                self._usual_in[language, key].add(entity.entity_id)
        for alias in entity.aliases:
            for key in _keys(alias):
                self._aliases[key].add(entity.entity_id)

    def link(self, names: Sequence[Name], language: str) -> list[Link]:
        """Link the names of one article, in its language; one answer for each, in order."""
        readings = [self._reading(name, language) for name in names]
        known = {reading.words: self._only(reading) for reading in readings}
        return [
            self._within(reading, known)
            if name.label == "PER"
            else Link(self._only(reading), reading.method if self._only(reading) else None, reading.bare_form)
            for name, reading in zip(names, readings, strict=True)
        ]

    @staticmethod
    def _only(reading: _Reading) -> str | None:
        return next(iter(reading.candidates)) if len(reading.candidates) == 1 else None

    def _within(self, reading: _Reading, known: Mapping[tuple[str, ...], str | None]) -> Link:
        """Decide about a person with the help of the article's longer names that contain this one.

        A usual name stands by itself. An alias or an unknown name must agree with the longer names: the
        one entity that both allow, or none.
        """
        longer = {known[words] for words in known if _contains(words, reading.words)}
        ids = {entity_id for entity_id in longer if entity_id is not None}
        if reading.method == "gazetteer-exact" or not longer:
            only = self._only(reading)
            return Link(only, reading.method if only else None, reading.bare_form)
        if not reading.candidates:
            if len(longer) == 1 and ids:
                return Link(ids.pop(), "article-coreference", reading.bare_form)
            return Link(None, None, reading.bare_form)
        agreed = reading.candidates & ids if ids else reading.candidates
        if len(agreed) != 1:
            return Link(None, None, reading.bare_form)
        method = reading.method if len(reading.candidates) == 1 else "article-coreference"
        return Link(next(iter(agreed)), method, reading.bare_form)

    def _reading(self, name: Name, language: str) -> _Reading:
        remembered = self._readings.get((name, language))
        if remembered is None:
            if len(self._readings) >= _REMEMBERED:
                self._readings.clear()
            remembered = self._readings[name, language] = self._read(name, language)
        return remembered

    def _read(self, name: Name, language: str) -> _Reading:
        surface, bare = display_form(name.surface, language), display_form(name.bare, language)
        for shown in dict.fromkeys((surface, bare, *without_clitics(surface, language))):
            for words in dict.fromkeys((words_of(shown), without_titles(words_of(shown), name.label))):
                if found := self._look_up(words, name.label, language):
                    method = found[1] if shown == surface else "gazetteer-clitic"
                    return _Reading(found[0], method, shown, words)
        shown = bare or surface or name.surface
        return _Reading(frozenset(), None, shown, without_titles(words_of(shown), name.label))

    def _look_up(self, words: tuple[str, ...], label: str, language: str) -> tuple[frozenset[str], Method] | None:
        """The entities of one tier: usual names in the text's language, usual names, further names."""
        for key in _keys_of(words):
            tiers: tuple[tuple[set[str] | None, Method], ...] = (
                (self._usual_in.get((language, key)), "gazetteer-exact"),
                (self._usual.get(key), "gazetteer-exact"),
                (self._aliases.get(key), "gazetteer-alias"),
            )
            for ids, method in tiers:
                if fitting := self._fitting(ids or set(), label):
                    return fitting, method
        return None

    def _fitting(self, ids: set[str], label: str) -> frozenset[str]:
        """The entities that the label allows; those of the very label first."""
        labels = {entity_id: self.gazetteer.entities[entity_id].label for entity_id in ids}
        same = frozenset(entity_id for entity_id in ids if labels[entity_id] == label)
        return same or frozenset(e for e in ids if labels[e] in COMPATIBLE.get(label, frozenset()))


def _keys(name: str) -> Iterator[str]:
    return _keys_of(words_of(name))


def _keys_of(words: tuple[str, ...]) -> Iterator[str]:
    """The key of a name, then the one without its article; a name without letters has none."""
    yield from dict.fromkeys(key for key in (compact(words), compact(without_article(words))) if key)


def _contains(longer: tuple[str, ...], words: tuple[str, ...]) -> bool:
    """Whether all the words stand in the longer name, side by side."""
    if not words or len(longer) <= len(words):
        return False
    return any(longer[at : at + len(words)] == words for at in range(len(longer) - len(words) + 1))
