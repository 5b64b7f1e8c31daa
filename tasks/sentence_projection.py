"""What a sentence tells, in few bytes, for the event classifier: the encoder's means, projected to int8.

Not to be confused with `sentence_encoder.py`, whose vectors tell which story a text belongs to.

The stage `entities` runs the encoder over every sentence. This module turns what it saw (the means over a
sentence's pieces, of each kept layer) into 96 bytes that lie in `sentences`, so that later stages need not run
the encoder again. The projection (principal components of news sentences, scaled to int8) is fitted together
with the event classifier by `python -m training.event_types`; it belongs to one encoder and is left out with any
other.

A vector depends on its own sentence alone: means and products are computed in double precision, so that neither
padding nor the other sentences of a batch can move a value across a rounding border.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError
from safetensors.numpy import load as load_tensors

from schemas.errors import ModelCorrupt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Projection:
    """Pooled means (sentences, 1,536) to bytes. `encoder` is the digest of the weights that it was fitted on."""

    version: str
    encoder: str
    offset: Floats
    matrix: Floats

    def __call__(self, pooled: Floats) -> list[bytes]:
        """One vector of int8 a row."""
        return [row.tobytes() for row in self.quantised(pooled)]

    def quantised(self, pooled: Floats) -> npt.NDArray[np.int8]:
        """The vectors as numbers from -127 to 127: (sentences, size)."""
        projected = np.rint((pooled - self.offset) @ self.matrix)
        return np.clip(projected, -127, 127).astype(np.int8)


def classifier_file() -> Traversable:
    """The file that holds projection and classifier."""
    return resources.files("seeds").joinpath("events", "classifier.safetensors")


@functools.cache
def bundled_projection() -> Projection | None:
    """The projection that comes with Rasad; None where none is there."""
    file = classifier_file()
    return read_projection(file.read_bytes(), file.name) if file.is_file() else None


def read_projection(data: bytes, where: str) -> Projection:
    """The projection in a file's bytes. Raises ModelCorrupt."""
    try:
        tensors = load_tensors(data)
        return Projection(
            _text(tensors["vector_version"]),
            _text(tensors["encoder"]),
            tensors["offset"].astype(np.float64),
            tensors["matrix"].astype(np.float64),
        )
    except (SafetensorError, KeyError, ValueError) as failure:
        raise ModelCorrupt(
            f"the sentence projection cannot be read: {failure}",
            where=where,
            hint="Install Rasad again, or refit it: python -m training.event_types",
        ) from failure


def projection_for(encoder_digest: str) -> Projection | None:
    """The projection that fits an encoder, by the SHA-256 of its file; None where it was fitted on another."""
    projection = bundled_projection()
    return projection if projection and encoder_digest.startswith(projection.encoder) else None


def encoder_digest(folder: Path) -> str | None:
    """What the manifest of a model folder says of its encoder; None for folders without one."""
    from tasks.model_files import read_manifest

    found = read_manifest(folder).files.get("encoder.safetensors")
    return found.sha256 if found else None


def _text(tensor: npt.NDArray[np.generic]) -> str:
    return bytes(tensor.astype(np.uint8)).decode("ascii")
