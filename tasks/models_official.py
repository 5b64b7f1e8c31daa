"""Stanza's official packages: which files a language needs, whether they are whole, and the models in them.

    models = official_bundle(folder)
    for result in models.annotate("fa", texts): ...

A resources folder is what `rasad models fetch` and `stanza.download` leave: `resources.json`, Stanza's index with the
md5 of every file, and the files as `<language>/<processor>/<package>.pt`.  Nothing here is downloaded or written.
The labels of each package are mapped to PER, ORG, LOC and MISC by `LABELS` in `model_files.py`.
"""

from __future__ import annotations

import hashlib
import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from schemas.errors import ModelCorrupt, ModelError, ModelMismatch, ModelMissing
from tasks.model_files import LABELS, read_json
from tasks.models import LANGUAGES, ModelBundle, official_models

if TYPE_CHECKING:
    from tasks.annotation import Annotator

__all__ = ["OfficialModels", "Package", "default_resources", "fetch_command", "labels", "needed", "official_bundle"]

INDEX = "resources.json"
# Names from an index become parts of paths: nothing that could lead out of the folder.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]*")


@dataclass(frozen=True, slots=True)
class Package:
    """One file that a language needs; `md5s` are the digests it may have, none where the index names none."""

    language: str
    processor: str
    name: str
    md5s: tuple[str, ...]

    @property
    def path(self) -> str:
        """The file's place in a resources folder."""
        return f"{self.language}/{self.filename}"

    @property
    def filename(self) -> str:
        """The file's place below its language."""
        return f"{self.processor}/{self.name}.pt"


class OfficialModels(ModelBundle):
    """Stanza's packages of one folder, each file compared with its md5 before it is loaded.

    `languages` are all that Rasad reads: an article in one that the folder lacks ends the run with ModelMissing and
    the command that fetches it.  Leaving such articles out would lose half the news without a word.
    """

    def _loaded(self, language: str) -> Annotator:
        if language in self.languages:
            _check(self.folder, language, self.version)
        try:
            return super()._loaded(language)
        except (ModelMismatch, ModelCorrupt) as error:
            raise type(error)(
                error.problem,
                where=error.where,
                hint="Get Stanza's own packages: " + fetch_command([language], self.folder)
                + "; or use Rasad's models: RASAD_NER__MODELS=bundled.",
            ) from error  # fmt: skip


def default_resources() -> Path:
    """The folder where Stanza itself keeps packages: STANZA_RESOURCES_DIR, else one in the user's cache."""
    from tasks.stanza_library import DEFAULT_MODEL_DIR

    return Path(DEFAULT_MODEL_DIR)


def official_bundle(resources: Path | None = None) -> OfficialModels:
    """Stanza's packages in a resources folder, or in `default_resources()`.

    Raises ModelMissing when the folder holds none, ModelCorrupt when its index cannot be read.
    """
    folder = resources or default_resources()
    if not (folder / INDEX).is_file():
        raise ModelMissing(
            "there are no official models: the folder has no resources.json of Stanza's",
            where=str(folder / INDEX),
            hint=f"Type: {fetch_command((), resources)}; or use Rasad's own models: RASAD_NER__MODELS=bundled.",
        )
    try:
        bundle = official_models(folder)
    except ModelError as error:
        hint = f"Type: {fetch_command((), resources)}; or use Rasad's own models: RASAD_NER__MODELS=bundled."
        raise type(error)(error.problem, where=error.where, hint=hint) from error
    return OfficialModels(folder, frozenset(LANGUAGES), bundle.version, bundled=False)


def fetch_command(languages: Sequence[str] = (), folder: Path | None = None, url: str | None = None) -> str:
    """The command that fetches packages, as a user would type it."""
    words = ["rasad", "models", "fetch"]
    words += ["--url", url] if url else []
    for language in languages:
        words += ["--language", language]
    return shlex.join([*words, *([str(folder)] if folder else [])])


def needed(index: dict[str, Any], language: str, where: str, again: str) -> tuple[Package, ...]:
    """The packages that `stanza.Pipeline(language, processors="tokenize,ner")` loads, dependencies included.

    Stanza's own functions choose them, so that the choice is the one it makes when it loads.  `where` is the index's
    file or address and `again` the command that fetches it, for the errors: ModelMissing without the language,
    ModelCorrupt for an index of another shape.
    """
    from stanza.resources.common import (
        add_dependencies,
        flatten_processor_list,
        logging_level_context,
        maintain_processor_list,
    )

    if language not in index:
        known = ", ".join(sorted(code for code, entry in index.items() if isinstance(entry, dict))) or "none"
        raise ModelMissing(
            f"Stanza's index has no packages for the language {language!r}, only for: {known}",
            where=where,
            hint=f"Give the address of a place that has it (--url) and type again: {again}.",
        )
    wanted = {"tokenize": "default", "ner": "default"}
    try:
        with logging_level_context("ERROR", None):
            chosen = maintain_processor_list(index, language, None, wanted, allow_pretrain=True)
            names = flatten_processor_list(add_dependencies(index, language, chosen))
        missing = sorted(wanted.keys() - {processor for processor, _ in names if processor in index[language]})
        packages = {_package(index[language], language, processor, name) for processor, name in names if not missing}
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise ModelCorrupt(
            f"Stanza's index cannot be used for the language {language!r}: {error!r}",
            where=where,
            hint=f"Fetch it anew: {again}.",
        ) from error
    if missing:
        raise ModelMissing(
            f"Stanza's index has no package for {', '.join(missing)} of the language {language!r}",
            where=where,
            hint=f"Give the address of a place that has it (--url) and type again: {again}.",
        )
    return tuple(sorted(packages, key=lambda package: package.path))


def _package(entry: dict[str, Any], language: str, processor: str, name: str) -> Package:
    for part in (language, processor, name):
        if not _NAME.fullmatch(part):
            raise ValueError(f"{part!r} is no name of a package")
    listed = entry[processor][name]
    md5s = tuple(str(listed[key]).lower() for key in ("md5", "alternate_md5") if listed.get(key))
    return Package(language, processor, name, md5s)


def md5_of(path: Path) -> str:
    """The md5 of a file, read in pieces: word vectors are hundreds of megabytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


@lru_cache(maxsize=8)
def _check(folder: Path, language: str, version: str) -> None:
    """Raise ModelMissing or ModelCorrupt unless every file that a language needs is the one the index names.

    Once in a process for each version of the folder: all files of a language take about a second.
    """
    command = fetch_command([language], folder)
    index = read_json(folder / INDEX, "the folder holds no resources of Stanza's")
    packages = needed(index, language, str(folder / INDEX), command)
    for package in packages:
        path = folder / package.path
        if not path.is_file():
            raise ModelMissing(
                f"a file of the official models for {language!r} is missing", where=str(path), hint=f"Type: {command}."
            )
        if package.md5s and (found := md5_of(path)) not in package.md5s:
            raise ModelCorrupt(
                f"the file is not the one in Stanza's index: its md5 is {found}, not {package.md5s[0]}",
                where=str(path),
                hint=f"Type: {command}.",
            )


def labels(tagger: Path) -> dict[str, str | None]:
    """The labels of a NER file and Rasad's label for each; None for one that Rasad does not know.

    Raises ModelCorrupt when the file is no tagger of Stanza's.
    """
    import torch

    try:
        content = torch.load(tagger, map_location="cpu", weights_only=True)
        tags = content["vocab"]["tag"]["_unit2id"][0]
    except Exception as error:  # a damaged checkpoint fails in as many ways as pickle, zip and torch have
        raise ModelCorrupt(
            f"this is no NER model of Stanza's: {error}", where=str(tagger), hint="To check the models, `rasad doctor`."
        ) from error
    found = sorted({tag[2:] for tag in tags if tag[1:2] == "-"})
    return {label: LABELS.get(label.upper()) for label in found}
