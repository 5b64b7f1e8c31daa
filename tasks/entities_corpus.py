"""The rows of people outside the gazetteer: their names, and which of them are one person.

Everything here is the same whatever the batches and their order: of several spellings of one name the least is
shown, and redirects follow from the set of names of one skeleton, of which the stored ones are fetched.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field

import pyarrow as pa

from tasks.entities_clusters import CorpusName, redirects
from tasks.stage import Lookup, Row

_NAMES = ["entity_id", "sounds", "skeleton", "country"]
_COLUMNS = ("name_ar", "name_fa", "name_en")
_SHOWN = f"SELECT entity_id, {', '.join(_COLUMNS)} FROM entities SEMI JOIN wanted USING (entity_id)"
_NEAR = "SELECT entity_id, sounds, skeleton, country FROM entity_names SEMI JOIN wanted USING (skeleton)"


@dataclass(slots=True)
class CorpusNames:
    """The names of a batch outside the gazetteer, and how they are written in each language."""

    _names: dict[str, CorpusName] = field(default_factory=dict)
    _shown: dict[str, dict[str, str]] = field(default_factory=dict)

    def add(self, name: CorpusName, shown: str, language: str) -> None:
        self._names[name.entity_id] = name
        if (column := f"name_{language}") in _COLUMNS:
            forms = self._shown.setdefault(name.entity_id, {})
            forms[column] = min(forms.get(column, shown), shown)

    @classmethod
    def of(cls, names: pa.Table, people: pa.Table) -> CorpusNames:
        """What a batch found, from its rows of `entity_names` and `entities`."""
        corpus = cls({row["entity_id"]: CorpusName(**row) for row in names.select(_NAMES).to_pylist()})
        for row in people.select(["entity_id", *_COLUMNS]).to_pylist():
            if row["entity_id"] in corpus._names:
                corpus._shown[row["entity_id"]] = {c: row[c] for c in _COLUMNS if row[c] is not None}
        return corpus

    def own_rows(self) -> tuple[list[Row], list[Row]]:
        """Rows of `entities` and `entity_names` as this batch alone has them."""
        ordered = sorted(self._names)
        names = [self._names[entity_id] for entity_id in ordered]
        people = [self._person(entity_id) for entity_id in ordered]
        return people, [asdict(name) for name in names]

    def rows(self, lookup: Lookup) -> tuple[list[Row], list[Row], list[Row]]:
        """Rows of `entities`, `entity_names`, `entity_redirects`, stored names of the same people considered."""
        if not self._names:
            return [], [], []
        for row in lookup(_SHOWN, wanted=_column("entity_id", self._names)).to_pylist():
            forms = self._shown.setdefault(row["entity_id"], {})
            for column in _COLUMNS:
                if row[column] is not None:
                    forms[column] = min(forms.get(column, row[column]), row[column])
        bones = {name.skeleton for name in self._names.values()}
        near = {CorpusName(**row) for row in lookup(_NEAR, wanted=_column("skeleton", bones)).to_pylist()}
        merged = [asdict(one) for one in redirects(near | set(self._names.values()))]
        people, names = self.own_rows()
        return people, names, merged

    def _person(self, entity_id: str) -> Row:
        forms = self._shown.get(entity_id, {})
        told = {"entity_id": entity_id, "label": "PER", "country": self._names[entity_id].country}
        return told | {column: forms.get(column) for column in _COLUMNS}


def _column(name: str, values: Iterable[str]) -> pa.Table:
    return pa.table({name: pa.array(sorted(values), pa.string())})
