"""What a party is, and the nouns that name one without a name («مسلحون», «سخنگو»), by `seeds/gazetteer/roles.csv`."""

from __future__ import annotations

import csv
import functools
import io
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources

from tasks.clitics import NOUN, Spellings, bare_forms, canonical, fold
from tasks.entities_demonyms import nationality
from tasks.lexicon_forms import noun_keys


def word_set(text: str) -> frozenset[str]:
    """Words separated by spaces."""
    return frozenset(text.split())


@dataclass(frozen=True, slots=True)
class Facts:
    """What `entities` says of an entity: `sector` GOV at a place means that its name stands for its government."""

    label: str
    country: str | None = None
    sector: str | None = None
    latitude: float | None = None
    longitude: float | None = None


NOTHING = Facts("")


@dataclass(frozen=True, slots=True)
class Name:
    """One party, with offsets in its sentence; `mention_id` is null for a phrase without a name.

    `head` is the offset of its first word that is no title, where markers such as «من» are looked for at `start`.
    `clitic` is what a mention has before the name itself: «ل» of «لحزب الله».
    """

    mention_id: str | None
    start: int
    end: int
    surface: str
    label: str
    entity_id: str | None
    facts: Facts = NOTHING
    clitic: str = ""

    @property
    def is_phrase(self) -> bool:
        return self.mention_id is None


@functools.cache
def role_sectors(language: str) -> Mapping[tuple[str, ...], str]:
    """Role nouns as canonical words, with their sector."""
    text = (resources.files("seeds") / "gazetteer" / "roles.csv").read_text(encoding="utf-8")
    found: dict[tuple[str, ...], str] = {}
    for row in csv.DictReader(io.StringIO(text, newline="")):
        if row["language"] == language:
            for noun in row["nouns"].split("|"):
                found[tuple(without_article(canonical(fold(word))) for word in noun.split())] = row["sector"]
    for noun, sector in [(words[0], sector) for words, sector in found.items() if len(words) == 1]:
        if language == "ar" and not noun.endswith(("ون", "ين", "ات", "ان")):
            for key in noun_keys(noun, language):
                found.setdefault((key.removeprefix("n:"),), sector)
            found.setdefault((noun + "و",), sector)  # «متظاهرو الحزب»
    return found


def without_article(word: str) -> str:
    """A word without «ال»."""
    return word[2:] if word.startswith("ال") and len(word) > 4 else word


@functools.cache
def compound_heads(language: str) -> frozenset[str]:
    """The words that begin a role of several words."""
    return frozenset(words[0] for words in role_sectors(language) if len(words) > 1)


@functools.cache
def _role_words(language: str) -> frozenset[str]:
    return frozenset(words[0] for words in role_sectors(language))


@functools.cache
def role_nouns(language: str) -> Spellings[tuple[str, str] | None]:
    """`role_noun` of every spelling."""
    return Spellings(functools.partial(_role_noun, language=language))


def role_noun(folded: str, language: str) -> tuple[str, str] | None:
    """The role noun that a word may be, without clitics, and what stood before it; else null."""
    return role_nouns(language)[folded]


def _role_noun(folded: str, language: str) -> tuple[str, str] | None:
    words = _role_words(language)
    plain = canonical(folded)
    if plain in words:
        return plain, ""
    for form in bare_forms(folded, language):
        if "ك" in form.prefix:
            continue  # «كرئيس» is what somebody is, «كميات» no number of people
        if form.kind == NOUN and form.form in words and form.suffix in ("", "ها", "هاي", "هم", "ا"):
            return form.form, form.prefix
        if form.suffix == "ه" and form.kind == NOUN and role_sectors(language).get((form.form,)) == "CVL":
            return form.form, form.prefix  # «قتل زوجته»
    return None


@functools.lru_cache(maxsize=100_000)
def country_of(folded: str, language: str) -> str | None:
    """The country that a nationality names (ISO 3166-1 alpha-3), also behind «و», «ل» and «ب»."""
    word = canonical(folded)
    found = nationality((word,), language)
    if found is None and language == "ar" and word[:1] in ("و", "ل", "ب") and len(word) > 4:
        rest = word[1:]
        found = nationality(("ا" + rest if rest.startswith("ل") and word[0] == "ل" else rest,), language)
    return found[4:].upper() if found else None
