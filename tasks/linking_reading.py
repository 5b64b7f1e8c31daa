"""What the gazetteer alone says of a name: the entities that it may stand for, by its spelling, else by its sound.

Nothing of the article is known here: readings of one spelling are the same everywhere, and are remembered.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from tasks.entities_clusters import CorpusName, alike, corpus_name
from tasks.entities_demonyms import nationality
from tasks.entities_gazetteer import Gazetteer, GazetteerEntity
from tasks.entities_index import NameIndex, likelihood
from tasks.entities_letters import apart_in_persian, skeleton, sounds
from tasks.entities_names import (
    display_form,
    is_kind,
    is_nature,
    without_clitics,
    without_last_vowel,
    without_sentence,
    without_titles,
    words_of,
)

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

#: How alike a name must sound, and by how much more than to any other entity: below, news had twelve wrong links for
#: three right ones («تمشک», raspberry, for «دمشق»). A person's or a body's name of one word must have this many
#: consonants: short family names are too many.
ALIKE, MARGIN, CONSONANTS = 0.95, 0.02, 5
#: Among the 15,000 towns of GeoNames' list one sounds a little like any word («قرقنة», an island, like Qarqin).
TOWN_ALIKE = 0.97
#: Names with fewer consonants sound like many others, and must sound as good as equal.
SHORT, SHORT_ALIKE = 4, 0.98
#: A place must have this many times the people of the next of its name to be meant without a context.
DOMINANT = 2

#: How many readings are remembered, of some 500 bytes each: 50 MB, and more names than a month of news has.
_REMEMBERED = 100_000
#: A longer mention is no name; it is cut before any work, so that a run-away mention costs what a name costs.
LONGEST = 200


@dataclass(frozen=True, slots=True)
class Reading:
    """What the gazetteer alone says of a name: the candidates, and the words that are compared in the article.

    With `doubtful` a town is meant only where the article speaks of its country: it is heard and not spelled, or its
    name is a word that news use as such («الساحل», «بند»).
    """

    candidates: frozenset[str]
    method: Method | None
    bare_form: str
    words: tuple[str, ...]
    corpus: CorpusName | None = None
    doubtful: bool = False

    @property
    def only(self) -> str | None:
        if self.corpus:
            return self.corpus.entity_id
        return next(iter(self.candidates)) if len(self.candidates) == 1 else None


@dataclass(slots=True)
class Reader:
    """The gazetteer's names, indexed; one reader serves all articles."""

    gazetteer: Gazetteer
    _known: NameIndex = field(default_factory=NameIndex)
    _cities: NameIndex = field(default_factory=NameIndex)
    _readings: dict[tuple[str, str, str, str], Reading] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for entity in self.gazetteer.entities.values():
            if entity.entity_id in self.gazetteer.cities:
                self._cities.add(entity)
            else:
                self._known.add(entity)

    def read(self, surface: str, bare: str, label: str, language: str) -> Reading:
        """What a name may stand for, given as it is written and as the model bares it."""
        key = (surface, bare, label, language)
        remembered = self._readings.get(key)
        if remembered is None:
            if len(self._readings) >= _REMEMBERED:
                self._readings.clear()
            remembered = self._readings[key] = self._read(*key)
        return remembered

    def rank(self, surface: str, label: str, language: str, most: int = 10) -> list[str]:
        """The entities that a name may stand for without any context, best first: by spelling, else by sound."""
        reading = self.read(surface, surface, label, language)
        if reading.candidates:
            return sorted(reading.candidates, key=lambda e: (-self.gazetteer.entities[e].population, e))[:most]
        heard = [one for index in (self._known, self._cities) for one in index.sounding(words_of(surface))]
        heard.sort(key=likelihood)
        return [one.entity_id for one in heard if self._fitting({one.entity_id}, label)][:most]

    def _read(self, name: str, bared: str, label: str, language: str) -> Reading:
        surface = display_form(name[:LONGEST], language)
        bare = display_form(bared[:LONGEST], language)
        forms = list(dict.fromkeys((surface, bare, *without_clitics(surface, language))))
        shown = bare or surface or name
        if label == "LOC" and any(is_kind(words_of(form), language) for form in forms):
            return Reading(frozenset(), None, shown, words_of(shown))
        for index in (self._known, self._cities) if label == "LOC" else (self._known,):
            for form in forms:
                for words in dict.fromkeys((words_of(form), _name_in(words_of(form), label, language))):
                    if found := self._spelled(index, words, label, language):
                        method = found[1] if form == surface else "gazetteer-clitic"
                        doubtful = index is self._cities and self.gazetteer.is_plain(words, language)
                        return Reading(found[0], method, form, words, doubtful=doubtful)
        if label == "LOC":
            for form in forms:
                if town := self._town_of(words_of(form), language):
                    return Reading(frozenset({town}), "gazetteer-alias", form, words_of(form))
        words = _name_in(words_of(shown), label, language)
        for form in forms:  # «والوزير سامر …»: the title shows that «و» is no letter of the name
            if len(bare_words := _name_in(words_of(form), label, language)) < len(words):
                shown, words = form, bare_words
        if label != "PER":
            for form in forms:
                if country := nationality(words_of(form), language):
                    return Reading(frozenset({country}), "demonym", form, words_of(form))
        if label != "MISC" and (heard := self._heard(words, label, language)):
            doubtful = heard in self.gazetteer.cities and not self._same_letters(words, heard)
            return Reading(frozenset({heard}), "gazetteer-sound", shown, words, doubtful=doubtful)
        corpus = corpus_name(words) if label == "PER" else None
        return Reading(frozenset(), "corpus-name" if corpus else None, shown, words, corpus)

    def _spelled(
        self, index: NameIndex, words: tuple[str, ...], label: str, language: str
    ) -> tuple[frozenset[str], Method] | None:
        for ids, usual in index.spelled(words, language):
            if label == "MISC" and len(words) == 1 and not words[0].startswith("ال"):
                continue  # «عربية» is Arab, not Al Arabiya
            if fitting := self._fitting(ids, label):
                return fitting, "gazetteer-exact" if usual else "gazetteer-alias"
        return None

    def _town_of(self, words: tuple[str, ...], language: str) -> str | None:
        """The place of «بغداد عراق», «مدينة حلب السورية»: a name with its country behind, which must be that one's."""
        named, last = without_titles(words[:-1], "LOC"), words[-1:]
        country = nationality(last, language) if len(words) > 1 else None
        if country is None and len(words) > 1 and language == "fa":
            told = {one for ids, _ in self._known.spelled(last, language) for one in ids}
            country = next(iter(told), None) if len(told) == 1 else None
        home = self.gazetteer.entities.get(country or "")
        if home is None or home.entity_id != f"loc-{(home.country or '').lower()}":
            return None
        places = {
            one
            for index in (self._known, self._cities)
            for ids, _ in index.spelled(named, language)
            for one in ids
            if self.gazetteer.entities[one].label == "LOC" and self.gazetteer.entities[one].country == home.country
        } - {home.entity_id}
        return next(iter(places)) if len(places) == 1 else None

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
        if not fitting:
            return None
        needed = TOWN_ALIKE if fitting[0].entity_id in self.gazetteer.cities else ALIKE
        if len(skeleton(sounds("".join(words)))) < SHORT:
            needed = SHORT_ALIKE
        if fitting[0].similarity < needed:
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

    def _same_letters(self, words: tuple[str, ...], entity_id: str) -> bool:
        """Whether a name is spelled as one of the entity's save for its last vowel: «جنوى» and «جنوة», «سامرا»."""
        entity = self.gazetteer.entities[entity_id]
        names = (words_of(name) for name in (*entity.names, *entity.aliases))
        return without_last_vowel(words) in map(without_last_vowel, names)

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


def _name_in(words: tuple[str, ...], label: str, language: str) -> tuple[str, ...]:
    """A name without what is no part of it: titles and kinds, and a person's nationality behind a title."""
    if label != "PER":
        return without_titles(words, label)
    words = without_sentence(words, language)
    bare = without_titles(words, label)
    while bare != words and len(bare) > 1 and nationality(bare[:1], language):
        words, bare = bare, without_titles(bare[1:], label)
    return bare


def _has_article(entity: GazetteerEntity) -> bool:
    return any(name.startswith(("ال", "Al ", "El ", "Ad ", "An ", "Ar ", "As ", "At ", "Az ")) for name in entity.names)
