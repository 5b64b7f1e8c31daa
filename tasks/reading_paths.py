"""What the paths that a user named stand for: files, folders with everything below them, patterns."""

from __future__ import annotations

import glob
import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Final

from schemas.errors import NothingToRead, PathMissing

PathLike = str | os.PathLike[str]

MEDIA_TYPES: Final = {
    ".txt": "text/plain",
    ".jsonl": "application/json",
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".parquet": "application/vnd.apache.parquet",
    ".html": "text/html",
    ".htm": "text/html",
    ".xml": "application/xml",
    ".rss": "application/xml",
    ".atom": "application/xml",
    ".warc": "application/warc",
}
KINDS: Final = "`.txt`, `.jsonl`, `.csv`, `.html`, `.xml` and `.warc` files (also `.gz`), and `.parquet` files"


@dataclass(frozen=True, slots=True)
class Resolved:
    """What the named paths stand for.

    `files` in the order of their paths, each once; `missing` the paths and patterns that match nothing, as
    they were given; `ignored` the files that are not of a kind that can be read; `unreadable` the folders
    and links that cannot be followed, each with the reason.
    """

    files: tuple[Path, ...]
    missing: tuple[str, ...] = ()
    ignored: tuple[Path, ...] = ()
    unreadable: tuple[tuple[Path, str], ...] = ()


def resolve(paths: Iterable[PathLike]) -> Resolved:
    """Files, folders (with everything below them) and patterns, as the list of files to read.

    Hidden files and folders are left alone; a folder that links back to itself is entered once. Order and
    repetition of the arguments do not matter. Raises PathMissing when none of the paths exists, and
    NothingToRead when those that do hold no file of a known kind.
    """
    given = [os.fspath(path) for path in paths]
    found: dict[tuple[int, int], Path] = {}
    ignored: dict[tuple[int, int], Path] = {}
    missing: list[str] = []
    unreadable: dict[Path, str] = {}
    for name in given:
        roots = _roots(name)
        if not roots:
            missing.append(name)
        for file, identity in _walk(roots):
            if isinstance(identity, OSError):
                unreadable[file] = identity.strerror or str(identity)
                continue
            target = found if media_type(file) else ignored
            target[identity] = min(file, target.get(identity, file))
    if given and len(missing) == len(given):
        raise PathMissing(
            "no such file or folder" if len(given) == 1 else "none of the paths exists",
            where=", ".join(given),
            hint="Check the spelling, or list what is there with: ls",
        )
    if not found and not unreadable:
        beside = f"; {len(ignored)} other files were passed over" if ignored else ""
        raise NothingToRead(
            f"there is nothing to read{beside}",
            where=", ".join(given) or None,
            hint=f"Name {KINDS}, or folders that hold some: rasad run PATH...",
        )
    return Resolved(
        tuple(sorted(found.values())),
        tuple(missing),
        tuple(sorted(ignored.values())),
        tuple(sorted(unreadable.items())),
    )


def media_type(file: Path) -> str | None:
    """The MIME type by which a file is read, or None if it is of no known kind."""
    name = file.name.lower()
    kind = MEDIA_TYPES.get(PurePath(name.removesuffix(".gz")).suffix)
    # Parquet is compressed inside, and cannot be read from its start to its end.
    return None if name.endswith(".parquet.gz") else kind


def _roots(name: str) -> list[Path]:
    """What one argument stands for: itself where there is such a path, else what the pattern matches."""
    names = [name] if os.path.lexists(name) else glob.glob(name, recursive=True)  # noqa: PTH207  Path.glob refuses absolute patterns
    return [Path(os.path.abspath(n)) for n in names if os.path.exists(n)]  # noqa: PTH100, PTH110  Path.exists raises in a locked folder


def _walk(roots: Iterable[Path]) -> Iterator[tuple[Path, tuple[int, int] | OSError]]:
    """Every regular file below the roots, with what tells it apart from others, whatever it is called.

    A folder or link that cannot be followed comes with the error instead.
    """
    entered: set[tuple[int, int]] = set()
    queue = list(roots)
    while queue:
        path = queue.pop()
        try:
            status = path.stat()
        except OSError as failure:
            if media_type(path):
                yield path, failure
            continue
        identity = (status.st_dev, status.st_ino)
        if stat.S_ISREG(status.st_mode):
            yield path, identity
        elif stat.S_ISDIR(status.st_mode) and identity not in entered:
            entered.add(identity)
            try:
                queue.extend(child for child in path.iterdir() if not child.name.startswith("."))
            except OSError as failure:
                yield path, failure
