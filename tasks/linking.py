"""From a name in the text to the entity that it stands for, whatever the language or the spelling.

A name is looked up in the gazetteer by its key (letters folded, marks, joiners and spaces removed) and found
  gazetteer-exact       by an entity's usual name,
  gazetteer-alias       by one of its further names,
  gazetteer-clitic      by either, once Arabic clitics are removed («وبوتين»),
  gazetteer-sound       by a name that sounds like it in another spelling or script,
  demonym               as a nationality: the country («الروسي», «آمریکایی‌ها»),
  person-context        as the one person of that name from the country that is told beside it, or that the
                        article speaks of,
  place-context         as the one place of that name in the countries that the article speaks of,
  place-population      as by far the largest place of that name,
  article-coreference   as part of a longer name of the same article («ترامب» beside «دونالد ترامب»),
  corpus-name           as a full name outside the gazetteer: an id within the corpus, by its sounds,
  corpus-name-country   likewise, by its sounds and the nationality that the article tells beside it.
Where two entities remain possible the name stays without one: a wrong link costs more than a missing one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from tasks.entities_clusters import CorpusName, alike, corpus_name, of_country
from tasks.entities_context import country_names, told_country
from tasks.entities_demonyms import nationality
from tasks.entities_gazetteer import Gazetteer, GazetteerEntity
from tasks.entities_index import NameIndex, likelihood
from tasks.entities_letters import apart_in_persian, skeleton, sounds
from tasks.entities_names import display_form, is_nature, longer_names, without_clitics, without_titles, words_of

Method = Literal[
    "gazetteer-exact",
    "gazetteer-alias",
    "gazetteer-clitic",
    "gazetteer-sound",
    "demonym",
    "person-context",
    "place-context",
    "place-population",
    "article-coreference",
    "corpus-name",
    "corpus-name-country",
]

#: Which entities a mention may stand for. Models often take the seat of a government for the government («الكرملين»)
#: and the reverse, but never a person for either; adjectives of nationality (MISC) are no countries, though in
#: Arabic «روسية» (Russian) is spelled as Persian spells Russia.
COMPATIBLE: Mapping[str, frozenset[str]] = {
    "PER": frozenset({"PER"}),
    "ORG": frozenset({"ORG", "LOC"}),
    "LOC": frozenset({"LOC", "ORG"}),
    "MISC": frozenset({"MISC", "ORG"}),
}

#: How alike a name must sound, and by how much more than to any other entity. A person's or a body's name of one
#: word must have this many consonants: short family names are too many.
ALIKE, MARGIN, CONSONANTS = {"PER": 0.9, "ORG": 0.9, "LOC": 0.88}, 0.02, 5
#: Names with fewer consonants sound like many others, and must sound as good as equal.
SHORT, SHORT_ALIKE = 3, 0.98
#: A place must have this many times the people of the next of its name to be meant without a context.
DOMINANT = 2

#: How many readings are remembered, of some 500 bytes each: 50 MB, and more names than a month of news has.
_REMEMBERED = 100_000
#: A longer mention is no name; it is cut before any work, so that a run-away mention costs what a name costs.
LONGEST = 200


@dataclass(frozen=True, slots=True)
class Name:
    """A mention as linking sees it: how it is written, without clitics as far as the model knows, its label.

    `country` is the nationality told beside a person (`tasks/entities_context.py`).
    """

    surface: str
    bare: str
    label: str
    country: str | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """What a name came to: the entity and how it was found (both null when unknown), and its bare spelling.

    `corpus` is set with the method `corpus-name`, and for a part of such a name.
    """

    entity_id: str | None
    method: Method | None
    bare_form: str
    corpus: CorpusName | None = None


@dataclass(frozen=True, slots=True)
class _Reading:
    """What the gazetteer alone says of a name: the candidates, and the words that are compared in the article."""

    candidates: frozenset[str]
    method: Method | None
    bare_form: str
    words: tuple[str, ...]
    corpus: CorpusName | None = None

    @property
    def only(self) -> str | None:
        if self.corpus:
            return self.corpus.entity_id
        return next(iter(self.candidates)) if len(self.candidates) == 1 else None


@dataclass(slots=True)
class Linker:
    """The gazetteer's names, indexed. One linker serves all articles; readings are remembered."""

    gazetteer: Gazetteer
    _known: NameIndex = field(default_factory=NameIndex)
    _cities: NameIndex = field(default_factory=NameIndex)
    _readings: dict[tuple[Name, str], _Reading] = field(default_factory=dict)
    _countries: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._countries = country_names(self.gazetteer)
        for entity in self.gazetteer.entities.values():
            if entity.entity_id in self.gazetteer.cities:
                self._cities.add(entity)
            else:
                self._known.add(entity)

    def link(self, names: Sequence[Name], language: str) -> list[Link]:
        """Link the names of one article, in its language; one answer for each, in order."""
        readings = _of_countries(names, [self._reading(replace(name, country=None), language) for name in names])
        people = {
            reading.words: reading.only
            for name, reading in zip(names, readings, strict=True)
            if name.label == "PER" and reading.words
        }
        longer = longer_names(people)
        spoken_of: Counter[str] = Counter()
        for only in {reading.only for reading in readings}:
            entity = self.gazetteer.entities.get(only or "")
            if entity and entity.country:
                spoken_of[entity.country] += 1
        return [
            self._within(reading, longer.get(reading.words, {}), name.country, spoken_of)
            if name.label == "PER"
            else self._placed(reading, spoken_of)
            for name, reading in zip(names, readings, strict=True)
        ]

    def country_told(self, text: str, start: int, language: str) -> str | None:
        """The country (ISO 3166-1 alpha-3) told of the person named at `start`: see `tasks/entities_context.py`."""
        country = self.gazetteer.entities.get(told_country(text, start, language, self._countries) or "")
        return country.country if country else None

    def rank(self, surface: str, label: str, language: str, most: int = 10) -> list[str]:
        """The entities that a name may stand for without any context, best first: by spelling, else by sound."""
        reading = self._reading(Name(surface, surface, label), language)
        if reading.candidates:
            return sorted(reading.candidates, key=lambda e: (-self.gazetteer.entities[e].population, e))[:most]
        heard = [one for index in (self._known, self._cities) for one in index.sounding(words_of(surface))]
        heard.sort(key=likelihood)
        return [one.entity_id for one in heard if self._fitting({one.entity_id}, label)][:most]

    def _placed(self, reading: _Reading, spoken_of: Mapping[str, int]) -> Link:
        """Choose among places of one name: by the countries that the article speaks of, then by size."""
        if len(reading.candidates) < 2:
            return Link(reading.only, reading.method if reading.only else None, reading.bare_form)
        entities = [self.gazetteer.entities[entity_id] for entity_id in sorted(reading.candidates)]
        seen = Counter({entity.entity_id: spoken_of.get(entity.country or "", 0) for entity in entities})
        (best, most), (_, second) = seen.most_common(2)
        if most > second:
            return Link(best, "place-context", reading.bare_form)
        in_view = [entity for entity in entities if seen[entity.entity_id] == most]
        largest, next_one = sorted(in_view, key=lambda e: -e.population)[:2]
        if all(e.population for e in in_view) and largest.population >= DOMINANT * next_one.population:
            return Link(largest.entity_id, "place-population", reading.bare_form)
        return Link(None, None, reading.bare_form)

    def _within(
        self,
        reading: _Reading,
        longer: Mapping[tuple[str, ...], str | None],
        told: str | None,
        spoken_of: Mapping[str, int],
    ) -> Link:
        """Decide about a person with the help of the article's longer names that contain this one.

        A usual name stands by itself. An alias or an unknown name must agree with the longer names: the
        one entity that both allow, or none.
        """
        ids = {entity_id for entity_id in longer.values() if entity_id is not None}
        if reading.method == "gazetteer-exact" or not longer:
            if len(reading.candidates) > 1:
                return self._from(reading, reading.candidates, told, spoken_of)
            return Link(reading.only, reading.method if reading.only else None, reading.bare_form, reading.corpus)
        if not reading.candidates:
            if len(ids) == 1 and None not in longer.values():
                return Link(ids.pop(), "article-coreference", reading.bare_form)
            if reading.corpus:
                return Link(reading.only, reading.method, reading.bare_form, reading.corpus)
            return Link(None, None, reading.bare_form)
        agreed = reading.candidates & ids if ids else reading.candidates
        if len(agreed) != 1:
            return self._from(reading, agreed, told, spoken_of)
        method = reading.method if len(reading.candidates) == 1 else "article-coreference"
        return Link(next(iter(agreed)), method, reading.bare_form)

    def _from(self, reading: _Reading, people: frozenset[str], told: str | None, spoken_of: Mapping[str, int]) -> Link:
        """Choose among people of one name: by the country told beside it, then by those that the article speaks of."""
        countries = {entity_id: self.gazetteer.entities[entity_id].country or "" for entity_id in people}
        for views in ({told: 1} if told else {}, spoken_of):
            ranked = Counter({one: views.get(country, 0) for one, country in sorted(countries.items())}).most_common(2)
            if len(ranked) == 2 and ranked[0][1] > ranked[1][1]:
                return Link(ranked[0][0], "person-context", reading.bare_form)
        return Link(None, None, reading.bare_form)

    def _reading(self, name: Name, language: str) -> _Reading:
        remembered = self._readings.get((name, language))
        if remembered is None:
            if len(self._readings) >= _REMEMBERED:
                self._readings.clear()
            remembered = self._readings[name, language] = self._read(name, language)
        return remembered

    def _read(self, name: Name, language: str) -> _Reading:
        surface = display_form(name.surface[:LONGEST], language)
        bare = display_form(name.bare[:LONGEST], language)
        forms = list(dict.fromkeys((surface, bare, *without_clitics(surface, language))))
        for index in (self._known, self._cities) if name.label == "LOC" else (self._known,):
            for shown in forms:
                for words in dict.fromkeys((words_of(shown), without_titles(words_of(shown), name.label))):
                    if found := self._spelled(index, words, name.label, language):
                        method = found[1] if shown == surface else "gazetteer-clitic"
                        return _Reading(found[0], method, shown, words)
        shown = bare or surface or name.surface
        words = without_titles(words_of(shown), name.label)
        for form in forms:  # «والوزير سامر …»: the title shows that «و» is no letter of the name
            if len(bare_words := without_titles(words_of(form), name.label)) < len(words):
                shown, words = form, bare_words
        if name.label != "PER":
            for form in forms:
                if country := nationality(words_of(form), language):
                    return _Reading(frozenset({country}), "demonym", form, words_of(form))
        if name.label != "MISC" and (heard := self._heard(words, name.label, language)):
            return _Reading(frozenset({heard}), "gazetteer-sound", shown, words)
        corpus = corpus_name(words) if name.label == "PER" else None
        return _Reading(frozenset(), "corpus-name" if corpus else None, shown, words, corpus)

    def _spelled(
        self, index: NameIndex, words: tuple[str, ...], label: str, language: str
    ) -> tuple[frozenset[str], Method] | None:
        for ids, usual in index.spelled(words, language):
            if label == "MISC" and len(words) == 1 and not words[0].startswith("ال"):
                continue  # «عربية» is Arab, not Al Arabiya
            if fitting := self._fitting(ids, label):
                return fitting, "gazetteer-exact" if usual else "gazetteer-alias"
        return None

    def _heard(self, words: tuple[str, ...], label: str, language: str) -> str | None:
        """The one entity whose name sounds enough like these words."""
        if label == "LOC" and is_nature(words):
            return None
        if label == "LOC":
            found = [*self._known.sounding(words), *self._cities.sounding(words)]
        elif len(words) > 1 or len(skeleton(sounds("".join(words)))) >= CONSONANTS:
            found = self._known.sounding(words)
        else:
            return None
        fitting = [one for one in found if self._may_be(words, one.entity_id, label, language)]
        fitting.sort(key=lambda one: (-one.similarity, -one.population, one.entity_id))
        needed = ALIKE[label] if len(skeleton(sounds("".join(words)))) >= SHORT else SHORT_ALIKE
        if not fitting or fitting[0].similarity < needed:
            return None
        best, rest = fitting[0], [one for one in fitting[1:] if one.similarity > fitting[0].similarity - MARGIN]
        if any(one.population * DOMINANT > best.population or not best.population for one in rest):
            return None
        if label == "PER" and not self._same_person(words, best.entity_id):
            return None
        if best.entity_id in self.gazetteer.cities and words[0].startswith("ال"):
            # «القطاع» (the Strip) is not Keta in Ghana: a foreign town is written without «ال».
            return best.entity_id if _has_article(self.gazetteer.entities[best.entity_id]) else None
        return best.entity_id

    def _may_be(self, words: tuple[str, ...], entity_id: str, label: str, language: str) -> bool:
        """Whether the label fits, and in Persian the letters that a place's Persian name is known to have."""
        entity = self.gazetteer.entities[entity_id]
        if entity.label != label or (label, language) != ("LOC", "fa") or not entity.name_fa:
            return entity.label == label
        return not apart_in_persian("".join(words), "".join(words_of(entity.name_fa)))

    def _same_person(self, words: tuple[str, ...], entity_id: str) -> bool:
        """Whether a full name agrees word by word with one of the entity's: «حسين» never stands for «حسن»."""
        heard = " ".join(sounds(word) for word in words)
        entity = self.gazetteer.entities[entity_id]
        names = [words_of(name) for name in (*entity.names, *entity.aliases)]
        return any(alike(heard, " ".join(sounds(word) for word in name)) for name in names)

    def _fitting(self, ids: set[str], label: str) -> frozenset[str]:
        """The entities that the label allows; those of the very label first."""
        labels = {entity_id: self.gazetteer.entities[entity_id].label for entity_id in ids}
        same = frozenset(entity_id for entity_id in ids if labels[entity_id] == label)
        return same or frozenset(e for e in ids if labels[e] in COMPATIBLE.get(label, frozenset()))


def _has_article(entity: GazetteerEntity) -> bool:
    return any(name.startswith(("ال", "Al ", "El ", "Ad ", "An ", "Ar ", "As ", "At ", "Az ")) for name in entity.names)


def _of_countries(names: Sequence[Name], readings: Sequence[_Reading]) -> list[_Reading]:
    """Names outside the gazetteer with the one country that the article tells of them, in any of its mentions."""
    told: dict[str, set[str]] = {}
    for name, reading in zip(names, readings, strict=True):
        if reading.corpus and name.country:
            told.setdefault(reading.corpus.sounds, set()).add(name.country)
    found: list[_Reading] = []
    for name, reading in zip(names, readings, strict=True):
        countries = told.get(reading.corpus.sounds, set()) if reading.corpus else set()
        country = next(iter(countries)) if len(countries) == 1 else name.country
        if reading.corpus and country:
            reading = replace(reading, corpus=of_country(reading.corpus, country), method="corpus-name-country")
        found.append(reading)
    return found
