"""`rasad models list`: the models that are here, their versions, files, labels, and whether the files are whole."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field
from rich.table import Table

from flows.rendering import plain_console, write_summary
from flows.settings import load_settings
from schemas.errors import ModelError
from tasks.model_files import checked, read_json, read_manifest
from tasks.models import bundled_models
from tasks.models_official import INDEX, default_resources, fetch_command, labels, md5_of, needed, official_bundle


class ModelFile(BaseModel):
    """One file of a set of models."""

    model_config = ConfigDict(frozen=True)

    path: str
    bytes: int | None = Field(description="None where the file is not there.")
    state: str = Field(description="`whole`: it has the digest that the manifest or index names; else what is wrong.")
    labels: dict[str, str | None] = Field(
        default_factory=dict, description="For a tagger: its labels, and Rasad's label for each."
    )


class ModelSet(BaseModel):
    """All models of one kind."""

    model_config = ConfigDict(frozen=True)

    kind: str
    folder: str
    version: str | None
    used: bool = Field(description="Whether the settings choose it.")
    problem: str = Field(default="", description="Why it cannot be used, and what to type.")
    files: list[ModelFile] = Field(default_factory=list)


class ModelList(BaseModel):
    """Every set of models that the settings could choose."""

    model_config = ConfigDict(frozen=True)

    sets: list[ModelSet]


def list_models(*, as_json: bool) -> None:
    """Print both sets; what is wrong with one is said in its place, and nothing is raised for it."""
    ner = load_settings().ner
    sets = [
        _listed("bundled", bundled_models().folder, used=ner.models == "bundled"),
        _listed("official", ner.resources or default_resources(), used=ner.models == "official"),
    ]
    found = ModelList(sets=sets)
    table = Table("models", "file", "bytes", "state", "labels", title="rasad models list", title_justify="left")
    for one in sets:
        for file in one.files:
            mapped = ", ".join(k if k == v else f"{k} → {v or 'UNKNOWN'}" for k, v in file.labels.items())
            size = "" if file.bytes is None else f"{file.bytes:,}"
            table.add_row(one.kind, file.path, size, file.state, mapped)
    write_summary(found, table, as_json=as_json)
    if not as_json:
        for one in sets:
            state = "in use" if one.used else f"not in use; to use them: RASAD_NER__MODELS={one.kind}"
            words = f"{one.kind}: {one.version or 'none'} in {one.folder}, {state}. {one.problem}"
            plain_console().print(words.strip(), soft_wrap=True, markup=False)


def _listed(kind: str, folder: Path, *, used: bool) -> ModelSet:
    try:
        if kind == "bundled":
            version, files = bundled_models(folder).version, _bundled_files(folder)
        else:
            version, files = official_bundle(folder).version, _official_files(folder)
    except ModelError as error:
        return ModelSet(kind=kind, folder=str(folder), version=None, used=used, problem=str(error))
    return ModelSet(kind=kind, folder=str(folder), version=version, used=used, files=files)


def _bundled_files(folder: Path) -> list[ModelFile]:
    files = []
    for name in sorted(read_manifest(folder).files):
        try:
            state = "whole" if checked(folder, name) else ""
        except ModelError as error:
            state = error.problem
        files.append(_file(folder, name, state, tagger="/ner/" in name))
    return files


def _official_files(folder: Path) -> list[ModelFile]:
    index = read_json(folder / INDEX, "the folder holds no resources of Stanza's")
    files = []
    for language in sorted(official_bundle(folder).languages):
        try:
            packages = needed(index, language, str(folder / INDEX), fetch_command([language], folder))
        except ModelError as error:
            files.append(ModelFile(path=language, bytes=None, state=error.problem))
            continue
        for package in packages:
            path = folder / package.path
            if not path.is_file():
                state = "missing"
            elif package.md5s and md5_of(path) not in package.md5s:
                state = "not the file in the index"
            else:
                state = "whole"
            files.append(_file(folder, package.path, state, tagger=package.processor == "ner"))
    return files


def _file(folder: Path, name: str, state: str, *, tagger: bool) -> ModelFile:
    path = folder / name
    found = {}
    if tagger and state == "whole":
        try:
            found = labels(path)
        except ModelError as error:
            state = error.problem
    return ModelFile(path=name, bytes=path.stat().st_size if path.is_file() else None, state=state, labels=found)
