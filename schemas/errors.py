"""Every error that Rasad raises on purpose.

    RasadError
    ├── InputError          what the user gave cannot be used
    │   ├── PathMissing         a path that does not exist
    │   ├── NothingToRead       a folder or glob without a single article
    │   └── SourceUnknown       a source that is not declared
    ├── SourceError         a declared source did not bring what it should
    │   ├── SourceChanged       a frozen source has another shape than before
    │   └── SourceFailed        a source brought too little, or could not be asked
    ├── SettingsError       a setting or option that cannot be used
    ├── ContractError       our own code broke a promise (a bug: please report it)
    │   ├── SchemaMismatch      a table is not of the shape that its record declares
    │   ├── RowsLost            rows in ≠ rows out + rejected + excluded
    │   └── AuditFailed         rows about to be committed contradict each other
    ├── WarehouseError      the warehouse cannot be opened or written
    │   ├── WarehouseMissing    there is no warehouse in that folder
    │   ├── WarehouseNewer      it was written by a newer Rasad
    │   ├── WarehouseDamaged    the catalog or a data file cannot be read
    │   ├── ExtensionMissing    a DuckDB extension is not installed
    │   └── LeaseHeld           another process is writing
    ├── QueryError          a user's SQL failed
    └── ModelError          a language model cannot be used
        ├── ModelMissing        a file is not there
        ├── ModelCorrupt        a file is not the one that the manifest names
        ├── ModelMismatch       a model made for other labels or languages
        └── ModelFailure        the model failed on one text

A message says what happened, where, and the next command to type.
"""

from __future__ import annotations


class RasadError(Exception):
    """The root of the tree; catch it to catch everything that Rasad explains.

    `problem` says what happened, `where` names the file, line, table or article, and `hint` is what to
    type or do next.
    """

    def __init__(self, problem: str, *, hint: str, where: str | None = None) -> None:
        self.problem = problem
        self.where = where
        self.hint = hint
        place = f" ({where})" if where else ""
        super().__init__(f"{problem}{place}. {hint}")

    def __reduce__(self) -> tuple[object, ...]:
        """Keep the keyword arguments when the error crosses a process border."""
        return (_rebuild, (type(self), self.problem, self.hint, self.where))


def _rebuild(kind: type[RasadError], problem: str, hint: str, where: str | None) -> RasadError:
    return kind(problem, hint=hint, where=where)


class InputError(RasadError):
    """What the user gave cannot be used."""


class PathMissing(InputError):
    """A path that does not exist."""


class NothingToRead(InputError):
    """A folder or glob without a single article."""


class SourceUnknown(InputError):
    """A source that is not declared."""


class SourceError(RasadError):
    """A declared source did not bring what it should."""


class SourceChanged(SourceError):
    """A frozen source has another shape than before."""


class SourceFailed(SourceError):
    """A source brought too little, or could not be asked."""


class SettingsError(RasadError):
    """A setting or option that cannot be used."""


class ContractError(RasadError):
    """Our own code broke a promise."""


class SchemaMismatch(ContractError):
    """A table is not of the shape that its record declares."""


class RowsLost(ContractError):
    """Rows in are not rows out plus rejected plus excluded."""


class AuditFailed(ContractError):
    """Rows that were about to be committed contradict each other, or what is stored."""


class WarehouseError(RasadError):
    """The warehouse cannot be opened or written."""


class WarehouseMissing(WarehouseError):
    """There is no warehouse in that folder."""


class WarehouseNewer(WarehouseError):
    """The warehouse was written by a newer Rasad."""


class WarehouseDamaged(WarehouseError):
    """The catalog or a data file cannot be read."""


class ExtensionMissing(WarehouseError):
    """A DuckDB extension is not installed."""


class LeaseHeld(WarehouseError):
    """Another process is writing to this warehouse."""


class QueryError(RasadError):
    """A user's SQL failed."""


class ModelError(RasadError):
    """A language model cannot be used."""


class ModelMissing(ModelError):
    """A model file is not there."""


class ModelCorrupt(ModelError):
    """A model file is not the one that the manifest names."""


class ModelMismatch(ModelError):
    """A model made for other labels or languages."""


class ModelFailure(ModelError):
    """The model failed on one text."""
