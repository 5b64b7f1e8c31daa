"""The gazetteer: known people, organisations and places, read from CSV files and checked line by line.

Files: those of `seeds/gazetteer`, and any that a user adds. Columns: those of `GazetteerEntity`, with names beyond
the usual one of each language in `aliases`, separated by `|`; `sector`, `latitude`, `longitude` and `population` may
be left out. Every error is a SettingsError that names the file and the line.
"""

from __future__ import annotations

import csv
import functools
import gzip
import hashlib
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from schemas.entities import Label
from schemas.errors import SettingsError
from tasks.entities_names import without_al
from tasks.normalize import search_key

#: The files that come with Rasad, in the order in which they are read.
BUNDLED = ("countries.csv", "organisations.csv", "people.csv", "places.csv")

_Text = Annotated[str | None, BeforeValidator(lambda cell: cell.strip() or None)]
_Number = Annotated[float | None, BeforeValidator(lambda cell: cell or None)]


class GazetteerEntity(BaseModel):
    """One line: a canonical entity and all the names by which it is found."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    entity_id: str = Field(pattern=r"^(per|org|loc|misc)(-[a-z0-9]+)+$")
    label: Label
    country: _Text = Field(pattern=r"^[A-Z]{3}$")
    wikidata_id: _Text = Field(pattern=r"^Q[1-9][0-9]*$")
    geonames_id: Annotated[int | None, BeforeValidator(lambda cell: cell.strip() or None)] = Field(ge=1)
    name_ar: _Text
    name_fa: _Text
    name_en: _Text
    aliases: Annotated[tuple[str, ...], BeforeValidator(lambda cell: _split(cell))] = ()
    sector: _Text = Field(default=None, pattern=r"^[A-Z]{3}$")
    latitude: _Number = Field(default=None, ge=-90, le=90)
    longitude: _Number = Field(default=None, ge=-180, le=180)
    population: Annotated[int, BeforeValidator(lambda cell: cell or 0)] = Field(default=0, ge=0)

    @property
    def names(self) -> tuple[str, ...]:
        """Its usual names, one for each language that has one."""
        return tuple(name for name in (self.name_ar, self.name_fa, self.name_en) if name)

    def name_in(self, language: str) -> str | None:
        """Its usual name in Arabic, Persian or English; null for other languages."""
        return {"ar": self.name_ar, "fa": self.name_fa, "en": self.name_en}.get(language)


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """All entities by id, and a version that changes with any of the files.

    `cities` are the ids that come from GeoNames' long list: they give way to every other entity of one name. `plain`
    are words of each language that are also names of such towns, as search keys, without «ال» in Arabic.
    """

    entities: Mapping[str, GazetteerEntity]
    version: str
    cities: frozenset[str] = frozenset()
    plain: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def is_plain(self, words: tuple[str, ...], language: str) -> bool:
        """Whether the words of a search key are one that its language uses as a plain word."""
        word = without_al(words[0]) if language == "ar" else words[0]
        return len(words) == 1 and word in self.plain.get(language, frozenset())


@functools.cache
def bundled_gazetteer() -> Gazetteer:
    """The gazetteer that comes with Rasad."""
    return gazetteer_with(())


def gazetteer_with(own: Sequence[Traversable]) -> Gazetteer:
    """The gazetteer that comes with Rasad and the user's files behind it, whose ids must be new.

    Raises SettingsError, naming file and line.
    """
    folder = resources.files("seeds") / "gazetteer"
    known = read_gazetteer([*(folder / name for name in BUNDLED), *own])
    return with_plain_words(with_cities(known, folder / "cities.csv.gz"), folder / "plain_words.csv")


def bundled_version() -> str:
    """The version of `bundled_gazetteer`, in milliseconds: its bytes are digested, and no line is read."""
    folder = resources.files("seeds") / "gazetteer"
    digest = hashlib.sha256()
    for name in BUNDLED:
        _add(digest, (folder / name).read_bytes())
    known = _version_with(digest.hexdigest()[:12], (folder / "cities.csv.gz").read_bytes())
    return _version_with(known, (folder / "plain_words.csv").read_bytes())


def _add(digest: hashlib._Hash, content: bytes) -> None:
    digest.update(len(content).to_bytes(8, "big") + content)


def _version_with(known: str, content: bytes) -> str:
    return hashlib.sha256(known.encode() + content).hexdigest()[:12]


def read_gazetteer(files: Iterable[Traversable]) -> Gazetteer:
    """Read CSV files in order; the version digests their bytes.

    Raises SettingsError, naming file and line, where a row is malformed, has no name or repeats an id.
    """
    entities: dict[str, GazetteerEntity] = {}
    digest = hashlib.sha256()
    for file in files:
        try:
            content = file.read_bytes()
        except OSError as failure:
            raise SettingsError(
                f"a gazetteer file cannot be read: {failure.strerror or failure}",
                where=file.name,
                hint="Mend the path under `gazetteer` in rasad.toml, or remove it.",
            ) from failure
        _add(digest, content)
        for line, entity in _rows(file.name, content):
            if entity.entity_id in entities:
                raise _bad_line(file.name, line, f"the id {entity.entity_id} is taken by an earlier line")
            entities[entity.entity_id] = entity
    return Gazetteer(entities, digest.hexdigest()[:12])


def with_cities(known: Gazetteer, file: Traversable) -> Gazetteer:
    """Add the cities of a compressed CSV file without ids, labels and Wikidata ids.

    A city that is known by its GeoNames id keeps its row, which gains coordinates, population and names.
    """
    packed = file.read_bytes()
    entities = dict(known.entities)
    by_geonames = {entity.geonames_id: entity for entity in entities.values() if entity.geonames_id}
    cities: set[str] = set()
    for row in csv.DictReader(io.StringIO(gzip.decompress(packed).decode("utf-8"), newline="")):
        mended = by_geonames.get(int(row["geonames_id"]))
        city = GazetteerEntity.model_validate(
            {"entity_id": f"loc-geonames-{row['geonames_id']}", "label": "LOC", "wikidata_id": ""} | row
        )
        if mended is None:
            entities[city.entity_id] = city
            cities.add(city.entity_id)
        else:
            entities[mended.entity_id] = mended.model_copy(
                update={
                    "latitude": city.latitude if mended.latitude is None else mended.latitude,
                    "longitude": city.longitude if mended.longitude is None else mended.longitude,
                    "population": mended.population or city.population,
                }
            )
    return Gazetteer(entities, _version_with(known.version, packed), frozenset(cities))


def with_plain_words(gazetteer: Gazetteer, file: Traversable) -> Gazetteer:
    """Add the words of a CSV file, `language,words` (separated by `|`), that are no towns unless told to be."""
    content = file.read_bytes()
    rows = csv.DictReader(io.StringIO(content.decode("utf-8"), newline=""))
    plain = {row["language"]: frozenset(without_al(search_key(word)) for word in _split(row["words"])) for row in rows}
    return replace(gazetteer, version=_version_with(gazetteer.version, content), plain=plain)


def _rows(name: str, content: bytes) -> Iterator[tuple[int, GazetteerEntity]]:
    try:
        reader = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
        for row in reader:
            yield reader.line_num, _entity(name, reader.line_num, row)
    except UnicodeDecodeError as failure:
        line = content.count(b"\n", 0, failure.start) + 1
        raise _bad_line(name, line, f"it is not UTF-8: {failure.reason}") from failure
    except csv.Error as failure:
        raise _bad_line(name, reader.reader.line_num, str(failure)) from failure


def _entity(name: str, line: int, row: Mapping[str | None, str | None]) -> GazetteerEntity:
    if None in row or None in row.values():
        raise _bad_line(name, line, "it has more or fewer cells than the header names")
    try:
        entity = GazetteerEntity.model_validate(row)
    except ValidationError as failure:
        detail = failure.errors(include_url=False, include_input=False)[0]
        raise _bad_line(name, line, f"{'.'.join(map(str, detail['loc']))}: {detail['msg']}") from failure
    if not entity.names:
        raise _bad_line(name, line, "it has no name in any language")
    if not entity.entity_id.startswith(entity.label.lower() + "-"):
        raise _bad_line(name, line, f"the id does not begin with its label, {entity.label.lower()}-")
    return entity


def _split(cell: str) -> tuple[str, ...]:
    return tuple(alias.strip() for alias in cell.split("|") if alias.strip())


def _bad_line(name: str, line: int, problem: str) -> SettingsError:
    return SettingsError(
        f"a line of the gazetteer cannot be used: {problem}",
        where=f"{name}, line {line}",
        hint="Mend the line; seeds/gazetteer/README.md describes the columns.",
    )
