"""The SQL models of `warehouse/marts/`: views in the catalog, in three layers that a dbt user knows.

    staging/        one table each, renamed and joined with what every question needs      schema `staging`
    intermediate/   shared steps between staging and marts                                 schema `staging`
    marts/          what analysts ask; a promise, documented in docs/marts.md               schema `main`
    macros/         functions that questions and models share                               schema `main`

Views, and not tables refreshed by runs: they are right the moment a commit is, cost a commit nothing, and cannot
be locked or stale. `rasad publish` writes them out as tables.

Each file begins with a header that says its grain, key, columns and tests:

    -- name
    -- What it is for.
    --
    -- grain: …
    -- key: a, b
    -- columns:
    --   a: what it holds.
    -- tests:
    --   not null: a, b
    --   one of a: x, y
    --   reference: a in main.table.column
    --   true: an expression that holds in every row
"""

from __future__ import annotations

import hashlib
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from schemas.errors import ContractError
from warehouse.connection import Reader

FOLDER = Path(__file__).parent / "marts"
#: Folder → schema of its views, in the order in which they build on each other.
LAYERS = {"staging": "staging", "intermediate": "staging", "marts": "main"}
_REFERENCE = re.compile(r"\bstaging\.(\w+)")


@dataclass(frozen=True, slots=True)
class Check:
    """One test of a model: a query for the rows that break it."""

    name: str
    query: str


@dataclass(frozen=True, slots=True)
class Model:
    """One `.sql` file: a view with its documentation."""

    name: str
    layer: str
    description: str
    grain: str
    key: tuple[str, ...]
    columns: dict[str, str]
    tests: tuple[str, ...]
    query: str

    @property
    def schema(self) -> str:
        return LAYERS[self.layer]

    @property
    def fingerprint(self) -> str:
        """16 hex digits that change with the query."""
        return hashlib.sha256(self.query.encode()).hexdigest()[:16]

    def checks(self) -> Iterator[Check]:
        """The tests of the header, and that the key is one."""
        view = f'{self.schema}."{self.name}"'
        key = ", ".join(map(quoted, self.key))
        yield Check(f"unique: {', '.join(self.key)}", f"SELECT {key} FROM {view} GROUP BY {key} HAVING count(*) > 1")
        for test in self.tests:
            yield Check(test, _failing_rows(self, view, test))


@dataclass(frozen=True, slots=True)
class Macro:
    """One `.sql` file of `macros/`: a function, or (where it begins with SELECT) a table function."""

    name: str
    signature: str
    description: str
    body: str

    @property
    def fingerprint(self) -> str:
        """16 hex digits that change with the macro."""
        return hashlib.sha256(f"{self.signature} {self.body}".encode()).hexdigest()[:16]

    @property
    def statement(self) -> str:
        kind = "TABLE " if self.body.startswith("SELECT") else ""
        return f"CREATE OR REPLACE MACRO {self.signature} AS {kind}{self.body}"


@dataclass(frozen=True, slots=True)
class Failure:
    """A test that rows break, with how many and one of them."""

    model: str
    test: str
    rows: int
    example: str


@cache
def models() -> tuple[Model, ...]:
    """Every model, each after those that it reads."""
    found = [_read(file, layer) for layer in LAYERS for file in sorted((FOLDER / layer).glob("*.sql"))]
    by_name = {model.name: model for model in found}
    ordered: dict[str, Model] = {}

    def add(model: Model, path: tuple[str, ...]) -> None:
        if model.name in path:
            raise _wrong(model.name, f"the models read each other in a circle: {' → '.join((*path, model.name))}")
        for name in _REFERENCE.findall(model.query):
            if name not in by_name:
                raise _wrong(model.name, f"it reads staging.{name}, which no file makes")
            if name not in ordered:
                add(by_name[name], (*path, model.name))
        ordered.setdefault(model.name, model)

    for model in found:
        add(model, ())
    return tuple(ordered.values())


@cache
def macros() -> tuple[Macro, ...]:
    """Every macro; `search_key`, which others use, first."""
    found = []
    for file in sorted((FOLDER / "macros").glob("*.sql"), key=lambda file: (len(file.stem) < 7, file.stem)):
        header, body = _split(file)
        name = header[0].partition("(")[0]
        if name != file.stem:
            raise _wrong(file.stem, "its header lacks its name and parameters")
        found.append(Macro(name, header[0], " ".join(line for line in header[1:] if line), body))
    return tuple(found)


def macro_version(name: str) -> str:
    """The fingerprint of one macro: what was made with another one is out of date."""
    return next(macro.fingerprint for macro in macros() if macro.name == name)


def marts() -> tuple[Model, ...]:
    """The models that analysts ask, by name."""
    return tuple(sorted((model for model in models() if model.layer == "marts"), key=lambda model: model.name))


def failures(reader: Reader, chosen: tuple[Model, ...] | None = None) -> list[Failure]:
    """Run the tests of every model (or of the chosen ones): what fails, with an example."""
    found: list[Failure] = []
    for model in models() if chosen is None else chosen:
        for check in model.checks():
            rows = reader.query(f"SELECT count(*) AS failing, any_value(row) AS example FROM ({check.query}) AS row")
            row = rows.to_pylist()[0]
            if row["failing"]:
                found.append(Failure(model.name, check.name, row["failing"], str(row["example"])))
    return found


def quoted(name: str) -> str:
    """A SQL identifier, for the names that model files use."""
    return '"' + name.replace('"', '""') + '"'


def _failing_rows(model: Model, view: str, test: str) -> str:
    kind, _, rest = test.partition(": ")
    match kind.split():
        case ["not", "null"]:
            return f"SELECT * FROM {view} WHERE " + " OR ".join(f"{quoted(n)} IS NULL" for n in rest.split(", "))
        case ["true"]:
            return f"SELECT * FROM {view} WHERE NOT coalesce({rest}, false)"
        case ["one", "of", column]:
            values = ", ".join(f"'{value}'" for value in rest.split(", "))
            return f"SELECT * FROM {view} WHERE {quoted(column)} NOT IN ({values})"
        case ["reference"]:
            column, _, target = rest.partition(" in ")
            table, _, other = target.rpartition(".")
            return f"SELECT {quoted(column)} FROM {view} WHERE {quoted(column)} NOT IN (SELECT {other} FROM {table})"
    raise _wrong(model.name, f"there is no test {test!r}")


def _read(file: Path, layer: str) -> Model:
    header, query = _split(file)
    sections: dict[str, list[str]] = {"": [], "columns": [], "tests": []}
    single: dict[str, str] = {}
    current = ""
    for line in header[1:]:
        name, colon, value = line.partition(":")
        if colon and name in ("grain", "key"):
            single[name] = value.strip()
        elif colon and name in ("columns", "tests"):
            current = name
        elif line:
            sections[current].append(line.strip())
    if not header or header[0] != file.stem or set(single) != {"grain", "key"} or not sections["columns"]:
        raise _wrong(file.stem, "its header lacks its name, grain, key or columns")
    return Model(
        name=file.stem,
        layer=layer,
        description=" ".join(sections[""]),
        grain=single["grain"],
        key=tuple(single["key"].split(", ")),
        columns=dict(line.split(": ", 1) for line in sections["columns"]),
        tests=tuple(sections["tests"]),
        query=query,
    )


def _split(file: Path) -> tuple[list[str], str]:
    """The lines of the header, and what follows."""
    lines = file.read_text(encoding="utf-8").splitlines()
    header = []
    for line in lines:
        if not line.startswith("--"):
            break
        header.append(line[2:].removeprefix(" "))
    return header, "\n".join(lines[len(header) :]).strip()


def _wrong(name: str, problem: str) -> ContractError:
    return ContractError(
        problem, where=f"{name}.sql", hint="The header's form is described in warehouse/sql_models.py."
    )


def markdown() -> str:
    """docs/marts.md: every mart's columns and tests, then the layers below in short."""
    parts = [
        "# Marts",
        "",
        "Made from the headers of `warehouse/marts/` by `make dictionary`; a test checks that it is current.",
        "",
        "Views over the tables of the [data dictionary](data-dictionary.md): always as fresh as the latest commit.",
        "They are to be had in `rasad sql`, in plain DuckDB (`rasad status` prints the line that attaches the",
        "warehouse) and as tables and Parquet files after `rasad publish DIR`.",
        "",
        "| mart | a row is | |",
        "|---|---|---|",
        *(f"| [`{m.name}`](#{m.name}) | {m.grain} | {m.description} |" for m in marts()),
        "",
    ]
    for model in marts():
        parts += [f"## {model.name}", "", model.description, "", f"- a row is {model.grain}"]
        parts += [f"- key: {', '.join(f'`{name}`' for name in model.key)}"]
        parts += [f"- test: `{test}`" for test in model.tests]
        parts += ["", "| column | |", "|---|---|"]
        parts += [f"| `{name}` | {text} |" for name, text in model.columns.items()]
        parts += [""]
    parts += ["## Functions", "", "| function | |", "|---|---|"]
    parts += [f"| `{m.signature}` | {m.description} |" for m in macros()]
    parts += ["", "## Below the marts", "", "Steps that the marts share, in the schema `staging`; they may change."]
    parts += ["", "| view | a row is | |", "|---|---|---|"]
    parts += [f"| `staging.{m.name}` | {m.grain} | {m.description} |" for m in models() if m.layer != "marts"]
    return "\n".join(parts).rstrip() + "\n"


if __name__ == "__main__":
    sys.stdout.write(markdown())
