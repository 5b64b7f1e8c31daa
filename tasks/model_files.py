"""The files of the language models: found, whole, and those that the manifest names."""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from pathlib import Path

from pydantic import BaseModel, ValidationError

from schemas.errors import ModelCorrupt, ModelMismatch, ModelMissing

DOCTOR = "run `rasad doctor`"

# Every label that a model may use, in capitals, and Rasad's label for it; a model with any other is refused.
LABELS = {
    # Rasad's own models; AQMAR (Stanza's Arabic package), whose corpus writes MIS for its articles' own topics
    "PER": "PER", "ORG": "ORG", "LOC": "LOC", "MISC": "MISC", "MIS": "MISC",
    # ARMAN (Stanza's Persian package): pers, org, loc, fac, event, pro
    "PERS": "PER", "FAC": "LOC", "EVENT": "MISC", "PRO": "MISC",
    # models that a user trained with OntoNotes' names
    "GPE": "LOC", "PRODUCT": "MISC",
}  # fmt: skip


class ModelFile(BaseModel):
    """What one file of the models must be: its length in bytes, and the SHA-256 of its content."""

    bytes: int
    sha256: str


class Manifest(BaseModel):
    """What `training/bundle.py` wrote beside the models; `files` by relative path."""

    release: int
    labels: list[str]
    languages: list[str]
    files: dict[str, ModelFile]


def read_json(path: Path, problem: str) -> dict[str, object]:
    """Return the object in a JSON file; `problem` is what to say where there is none."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ModelMissing(problem, where=str(path), hint=f"To see what is missing, {DOCTOR}.") from None
    except ValueError as error:
        raise ModelCorrupt(f"not JSON: {error}", where=str(path), hint=f"To check the models, {DOCTOR}.") from error
    if not isinstance(content, dict):
        raise ModelCorrupt("not a JSON object", where=str(path), hint=f"To check the models, {DOCTOR}.")
    return content


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest of bundled models. Raises ModelMissing, ModelCorrupt, ModelMismatch."""
    path = folder / "manifest.json"
    content = read_json(path, "the bundled models have no manifest")
    try:
        manifest = Manifest.model_validate(content)
    except ValidationError as error:
        lacking = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        raise ModelCorrupt(
            f"the manifest is incomplete: {lacking}", where=str(path), hint=f"To check the models, {DOCTOR}."
        ) from error
    if unknown := set(manifest.labels) - set(LABELS.values()):
        raise ModelMismatch(
            f"the models use the labels {sorted(unknown)}", where=str(folder), hint=f"To check the models, {DOCTOR}."
        )
    return manifest


@lru_cache(maxsize=256)
def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def checked(folder: Path, name: str) -> Path:
    """Return the path of a model file whose content is the one that the manifest names."""
    path = folder / name
    expected = read_manifest(folder).files.get(name)
    if expected is None or not path.exists():
        raise ModelMissing("a model file is missing", where=str(path), hint=f"Install Rasad again, or {DOCTOR}.")
    if path.stat().st_size != expected.bytes or hashlib.sha256(path.read_bytes()).hexdigest() != expected.sha256:
        raise ModelCorrupt(
            "a model file is not the one in the manifest", where=str(path), hint=f"Install Rasad again, or {DOCTOR}."
        )
    return path
