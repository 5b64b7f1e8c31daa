"""The gazetteer's names, found by their spelling or by their sound.

Spelling: keys without spaces, in three tiers: the usual names of the text's language, all usual names, further
names. Sound: names with the same consonant skeleton (`tasks/entities_letters.py`), compared one by one.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from tasks.entities_gazetteer import GazetteerEntity
from tasks.entities_letters import similarity, skeleton, sounds
from tasks.entities_names import compact, without_article, words_of

#: Of two names that sound as much like a third, the better known is meant: what a tenfold population weighs.
TENFOLD = 0.015
#: What an entity without a population counts as: a country, a body, a person in the news.
KNOWN = 1_000_000
#: So many names of one skeleton are compared; the rest, the less populous, cannot be told apart by sound.
MOST_COMPARED = 400


#: What stands before the name of a harbour town, and how many letters what is left must have to be a name.
_HARBOUR = frozenset({"بندر", "Bandar", "Bandar-e"})
_TELLING = 5


class Heard(NamedTuple):
    """An entity that sounds like a name, and how much."""

    similarity: float
    population: int
    entity_id: str


def likelihood(one: Heard) -> tuple[float, str]:
    """The order of `sounding`: similarity, with a little for being well known."""
    return -one.similarity - TENFOLD * math.log10(one.population or KNOWN), one.entity_id


@dataclass(slots=True)
class NameIndex:
    """Names of entities; add them all, then ask."""

    _usual: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _usual_in: dict[tuple[str, str], set[str]] = field(default_factory=lambda: defaultdict(set))
    _aliases: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _entities: list[GazetteerEntity] = field(default_factory=list)
    _sounds: dict[str, list[tuple[int, str, str]]] = field(default_factory=dict)

    def add(self, entity: GazetteerEntity) -> None:
        self._entities.append(entity)
        for language in ("ar", "fa", "en"):
            name = entity.name_in(language)
            for key in keys_of(words_of(name)) if name else ():
                self._usual[key].add(entity.entity_id)
                self._usual_in[language, key].add(entity.entity_id)
        for alias in (*entity.aliases, *without_harbour(entity)):
            for key in keys_of(words_of(alias)):
                self._aliases[key].add(entity.entity_id)

    def spelled(self, words: tuple[str, ...], language: str) -> Iterator[tuple[set[str], bool]]:
        """The entities of each tier, the nearest first, and whether it holds usual names."""
        for key in keys_of(words):
            for ids, usual in (
                (self._usual_in.get((language, key)), True),
                (self._usual.get(key), True),
                (self._aliases.get(key), False),
            ):
                if ids:
                    yield ids, usual

    def sounding(self, words: tuple[str, ...]) -> list[Heard]:
        """Entities of a similar name, the most similar first, then the most populous."""
        best: dict[str, Heard] = {}
        for variant in dict.fromkeys((words, without_article(words))):
            heard = sounds(" ".join(variant))
            bones = skeleton(heard)
            if not bones:
                continue
            # A consonant more than the entity's name has («واشنگتن» beside «واشنطن»), in longer names.
            shorter = [bones[:at] + bones[at + 1 :] for at in range(len(bones))] if len(bones) > 4 else []
            for key in dict.fromkeys((bones, *shorter)):
                for negative, entity_id, known in self._by_sound().get(key, ())[:MOST_COMPARED]:
                    found = Heard(similarity(heard, known), -negative, entity_id)
                    if entity_id not in best or found > best[entity_id]:
                        best[entity_id] = found
        return sorted(best.values(), key=likelihood)

    def _by_sound(self) -> dict[str, list[tuple[int, str, str]]]:
        """The names by skeleton, the most populous first: made when first asked for, since it takes seconds."""
        if not self._sounds:
            for entity in self._entities:
                for heard in {sounds(name) for name in (*entity.names, *entity.aliases, *without_harbour(entity))}:
                    if bones := skeleton(heard):
                        self._sounds.setdefault(bones, []).append((-entity.population, entity.entity_id, heard))
            for names in self._sounds.values():
                names.sort()
        return self._sounds


def without_harbour(entity: GazetteerEntity) -> list[str]:
    """The one word that stands for a town named a harbour: «گناوه» for «بندر گناوه»."""
    parted = [name.split() for name in (*entity.names, *entity.aliases)] if entity.label == "LOC" else []
    return [words[1] for words in parted if len(words) == 2 and words[0] in _HARBOUR and len(words[1]) >= _TELLING]


def keys_of(words: tuple[str, ...]) -> Iterator[str]:
    """The key of a name, then the one without its article; a name without letters has none."""
    yield from dict.fromkeys(key for key in (compact(words), compact(without_article(words))) if key)
