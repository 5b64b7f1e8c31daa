"""From a name in the text to the entity that it stands for, whatever the language or the spelling.

A name is looked up in the gazetteer by its key (letters folded, marks, joiners and spaces removed) and found
  gazetteer-exact       by an entity's usual name,
  gazetteer-alias       by one of its further names, or a place's with its country behind it («بغداد عراق»),
  gazetteer-clitic      by either, once Arabic clitics are removed («وبوتين»),
  gazetteer-sound       by a name that sounds like it in another spelling or script,
  demonym               as a nationality: the country («الروسي», «آمریکایی‌ها»),
  person-context        as the one person of that name from the country that the article tells of it, else from
                        any country that it speaks of,
  place-context         as the one place of that name in the countries that the article speaks of, or where its
                        language is spoken,
  place-population      as by far the largest place of that name,
  article-coreference   as part of a longer name of the same article («ترامب» beside «دونالد ترامب»),
  corpus-name           as a full name outside the gazetteer: an id within the corpus, by its sounds,
  corpus-name-country   likewise, by its sounds and the nationality that the article tells beside it.
Where two entities remain possible the name stays without one: a wrong link costs more than a missing one. What the
gazetteer alone says of a name is found in `linking_reading.py`; here the article decides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from tasks.entities_clusters import CorpusName, of_country
from tasks.entities_context import country_names, told_country
from tasks.entities_gazetteer import Gazetteer
from tasks.entities_names import longer_names
from tasks.linking_reading import DOMINANT, Method, Reader, Reading

#: A foreign town of fewer people is not meant by an article that speaks of other countries and not of the town's.
SMALL = 50_000
#: Where each language is at home: of places of one name that the article does not tell apart, these are meant first.
HOME: Mapping[str, frozenset[str]] = {
    language: frozenset(countries.split())
    for language, countries in {
        "ar": "ARE BHR COM DJI DZA EGY ESH IRQ JOR KWT LBN LBY MAR MRT OMN PSE QAT SAU SDN SOM SYR TUN YEM",
        "fa": "AFG IRN TJK",
    }.items()
}


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


#: The countries that an article speaks of, and the entities that tell of each.
SpokenOf = Mapping[str, set[str]]


@dataclass(slots=True)
class Linker:
    """Names to entities, an article at a time. One linker serves all articles."""

    gazetteer: Gazetteer
    _reader: Reader = field(init=False)
    _countries: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._reader = Reader(self.gazetteer)
        self._countries = country_names(self.gazetteer)

    def link(self, names: Sequence[Name], language: str) -> list[Link]:
        """Link the names of one article, in its language; one answer for each, in order."""
        read = [self._reader.read(name.surface, name.bare, name.label, language) for name in names]
        spoken_of = self._spoken_of(read)
        readings = _of_countries(names, [self._meant(reading, spoken_of, language) for reading in read])
        told = _told(names, readings)
        readings = [
            self._of_context(reading, name.country or told.get(reading.words), spoken_of)
            if name.label == "PER"
            else reading
            for name, reading in zip(names, readings, strict=True)
        ]
        people: dict[tuple[str, ...], str | None] = {}
        for name, reading in zip(names, readings, strict=True):
            if name.label == "PER" and reading.words:
                known = people.setdefault(reading.words, reading.only)
                people[reading.words] = reading.only if reading.only == known else None
        longer = longer_names(people)
        return [
            _within(reading, longer.get(reading.words, {}))
            if name.label == "PER"
            else self._placed(reading, spoken_of, language)
            for name, reading in zip(names, readings, strict=True)
        ]

    def country_told(self, text: str, start: int, end: int, language: str) -> str | None:
        """The country (ISO 3166-1 alpha-3) told of the person named there: see `tasks/entities_context.py`."""
        country = self.gazetteer.entities.get(told_country(text, start, end, language, self._countries) or "")
        return country.country if country else None

    def rank(self, surface: str, label: str, language: str, most: int = 10) -> list[str]:
        """The entities that a name may stand for without any context, best first: by spelling, else by sound."""
        return self._reader.rank(surface, label, language, most)

    def _spoken_of(self, readings: Sequence[Reading]) -> SpokenOf:
        found: dict[str, set[str]] = {}
        for only in {reading.only for reading in readings if not reading.doubtful}:
            entity = self.gazetteer.entities.get(only or "")
            if entity and entity.country:
                found.setdefault(entity.country, set()).add(entity.entity_id)
        return found

    def _meant(self, reading: Reading, spoken_of: SpokenOf, language: str) -> Reading:
        """A reading without the towns of GeoNames' list that nothing in the article speaks for."""
        unlikely = {
            town
            for town in reading.candidates & self.gazetteer.cities
            if not spoken_of.get(self.gazetteer.entities[town].country or "", set()) - {town}
            and (reading.doubtful or self._is_elsewhere(town, reading.method, spoken_of, language))
        }
        if not unlikely:
            return reading
        left = reading.candidates - unlikely
        return replace(reading, candidates=left, method="place-context" if len(left) == 1 else reading.method)

    def _is_elsewhere(self, town: str, method: Method | None, spoken_of: SpokenOf, language: str) -> bool:
        """Whether a town lies in none of the countries that the article speaks of, nor where its language is.

        Only of small ones, and of those whose spelling is a little different, does that say anything.
        """
        entity = self.gazetteer.entities[town]
        if entity.country in HOME.get(language, ()) or (entity.population >= SMALL and method != "gazetteer-sound"):
            return False
        return not spoken_of.keys() <= {entity.country}

    def _placed(self, reading: Reading, spoken_of: SpokenOf, language: str) -> Link:
        """Choose among places of one name: by the article's countries and its language, then by size."""
        if len(reading.candidates) < 2:
            return Link(reading.only, reading.method if reading.only else None, reading.bare_form)
        entities = {one: self.gazetteer.entities[one] for one in sorted(reading.candidates)}
        in_view = list(entities)
        for views in (_weights(spoken_of), dict.fromkeys(HOME.get(language, ()), 1)):
            in_view = _most({one: views.get(entities[one].country or "", 0) for one in in_view})
            if len(in_view) == 1:
                return Link(in_view[0], "place-context", reading.bare_form)
        largest, next_one = sorted((entities[one] for one in in_view), key=lambda e: -e.population)[:2]
        if all(entities[one].population for one in in_view) and largest.population >= DOMINANT * next_one.population:
            return Link(largest.entity_id, "place-population", reading.bare_form)
        return Link(None, None, reading.bare_form)

    def _of_context(self, reading: Reading, told: str | None, spoken_of: SpokenOf) -> Reading:
        """A reading with the one of several people that the context allows, where it allows one alone.

        That is the one of the country told beside the name; else the one from a country that the article speaks of.
        """
        if len(reading.candidates) < 2:
            return reading
        countries = {one: self.gazetteer.entities[one].country or "" for one in reading.candidates}
        for wanted in ({told} if told else set(), spoken_of.keys()):
            fitting = frozenset(one for one, country in countries.items() if country in wanted)
            if len(fitting) == 1:
                return replace(reading, candidates=fitting, method="person-context")
            if fitting:
                break
        return reading


def _weights(spoken_of: SpokenOf) -> dict[str, int]:
    return {country: len(tellers) for country, tellers in spoken_of.items()}


def _most(weights: Mapping[str, int]) -> list[str]:
    """Those of the greatest weight, in order."""
    most = max(weights.values(), default=0)
    return [one for one, weight in weights.items() if weight == most]


def _within(reading: Reading, longer: Mapping[tuple[str, ...], str | None]) -> Link:
    """Decide about a person with the help of the article's longer names that contain this one.

    A usual name stands by itself. An alias or an unknown name must agree with the longer names: the
    one entity that both allow, or none.
    """
    ids = {entity_id for entity_id in longer.values() if entity_id is not None}
    if reading.method in ("gazetteer-exact", "person-context") or not longer:
        return Link(reading.only, reading.method if reading.only else None, reading.bare_form, reading.corpus)
    if not reading.candidates:
        if len(ids) == 1 and None not in longer.values():
            return Link(ids.pop(), "article-coreference", reading.bare_form)
        if reading.corpus:
            return Link(reading.only, reading.method, reading.bare_form, reading.corpus)
        return Link(None, None, reading.bare_form)
    agreed = reading.candidates & ids if ids else reading.candidates
    if len(agreed) != 1:
        return Link(None, None, reading.bare_form)
    method = reading.method if len(reading.candidates) == 1 else "article-coreference"
    return Link(next(iter(agreed)), method, reading.bare_form)


def _told(names: Sequence[Name], readings: Sequence[Reading]) -> dict[tuple[str, ...], str]:
    """The one country that the article tells of a name, in any of its mentions."""
    told: dict[tuple[str, ...], set[str]] = {}
    for name, reading in zip(names, readings, strict=True):
        if name.country:
            told.setdefault(reading.words, set()).add(name.country)
    return {words: next(iter(countries)) for words, countries in told.items() if len(countries) == 1}


def _of_countries(names: Sequence[Name], readings: Sequence[Reading]) -> list[Reading]:
    """Names outside the gazetteer with the one country that the article tells of them, in any of its mentions."""
    told: dict[str, set[str]] = {}
    for name, reading in zip(names, readings, strict=True):
        if reading.corpus and name.country:
            told.setdefault(reading.corpus.sounds, set()).add(name.country)
    found: list[Reading] = []
    for name, reading in zip(names, readings, strict=True):
        countries = told.get(reading.corpus.sounds, set()) if reading.corpus else set()
        country = next(iter(countries)) if len(countries) == 1 else name.country
        if reading.corpus and country:
            reading = replace(reading, corpus=of_country(reading.corpus, country), method="corpus-name-country")
        found.append(reading)
    return found
