"""The declared sources: read from `seeds/sources.yml`, or from a file of the user's that takes its place."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Final

from schemas.errors import SettingsError, SourceUnknown
from schemas.sources import Source, SourceFile
from tasks.lexicon import parse

BUNDLED: Final = "sources.yml"


def load_sources(file: Path | None = None) -> tuple[Source, ...]:
    """The sources of a file, Rasad's own unless one is given. Paths in it become absolute.

    Raises SettingsError, with file and line, for an entry that cannot be used or a name that is there twice.
    """
    path = file if file is not None else Path(str(files("seeds"))) / BUNDLED
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as failure:
        raise SettingsError(
            f"the file of sources cannot be read: {failure}",
            where=str(path),
            hint="Name another one: set `sources` in rasad.toml, or RASAD_SOURCES.",
        ) from failure
    declared = parse(text, SourceFile, str(path)).sources
    lines = [number for number, line in enumerate(text.splitlines(), start=1) if line.lstrip(" -").startswith("name:")]
    names = [source.name for source in declared]
    for position, name in enumerate(names):
        if name in names[:position]:
            # Each entry has one line with its name, in the order of the entries, unless it is written as {...}.
            line = f", line {lines[position]}" if len(lines) == len(names) else ""
            raise SettingsError(
                f"there are two sources called {name!r}", where=f"{path}{line}", hint="Give one of them another name."
            )
    folder = path.resolve().parent
    return tuple(source.model_copy(update={"where": _absolute(source, folder)}) for source in declared)


def _absolute(source: Source, folder: Path) -> tuple[str, ...]:
    return tuple(place if "://" in place else str(folder / Path(place).expanduser()) for place in source.where)


def choose_sources(declared: Sequence[Source], names: Sequence[str]) -> tuple[Source, ...]:
    """The sources of these names, in the order of the file. Raises SourceUnknown."""
    known = {source.name for source in declared}
    if unknown := [name for name in names if name not in known]:
        raise SourceUnknown(
            f"there is no source {', '.join(repr(name) for name in unknown)}",
            where="--source",
            hint=f"Declare it in sources.yml, or choose from: {', '.join(sorted(known)) or 'none'}.",
        )
    return tuple(source for source in declared if source.name in names)
