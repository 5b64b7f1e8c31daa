"""Fit the linear map from the packed encoder's layers to sentence vectors, by ridge regression.

    python -m training.pooling --data DATA --base BASE --packed PACKED

Fine-tuning for names pulls the mean-pooled last layer away from the vectors of the untouched 12-layer encoder.
The means of four layers together still hold them: a linear map, solved in closed form on the sentences that
`finetune.py` used, brings them back.  The vectors come out centred: all of e5's share a large mean, which puts
unrelated texts at 0.75 and more; without it they lie near 0.  One sentence in ten is held out to choose the penalty.
"""

import argparse
import random
from pathlib import Path

import numpy as np
import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch.nn import functional

from tasks.encoder import Encoder, Pieces, batches, padded
from training.finetune import raw_sentences, teacher_vectors

PENALTIES = (1.0, 10.0, 100.0, 1000.0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("data", "base", "packed"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--vectors", type=Path, help="vectors.npz of finetune.py, not to compute them again")
    arguments = parser.parse_args()
    path = arguments.packed / "encoder.safetensors"
    encoder = Encoder(path, Pieces(arguments.packed / "vocabulary.json.gz"))
    texts = raw_sentences(arguments.data, random.Random(1234))
    if arguments.vectors:
        wanted = torch.from_numpy(np.load(arguments.vectors)["vectors"])
    else:
        wanted = teacher_vectors(arguments.base, texts)
    rows = [e.ids[:511] for e in encoder.pieces.tokenizer.encode_batch(["query: " + text for text in texts])]
    found = torch.zeros(len(rows), encoder.sentence_weight.shape[0])
    for batch in batches([len(row) for row in rows]):
        found[batch] = encoder.pooled(padded([rows[i] for i in batch]))

    held_out = torch.arange(len(rows)) % 10 == 0
    x, y = found[~held_out].double(), wanted[~held_out].double()
    mean_x, mean_y = x.mean(0), y.mean(0)
    gram, cross = (x - mean_x).T @ (x - mean_x), (x - mean_x).T @ (y - mean_y)
    plain = functional.normalize(found[held_out][:, -384:], dim=-1)
    print(f"plain mean: centred cosine {centred(plain, wanted[held_out]):.4f}")
    best = (-1.0, torch.zeros(0), torch.zeros(0))
    for penalty in PENALTIES:
        weight = torch.linalg.solve(gram + penalty * torch.eye(len(gram)), cross).float()
        bias = -(mean_x @ weight.double()).float()
        quality = centred(functional.normalize(found[held_out] @ weight + bias, dim=-1), wanted[held_out])
        print(f"penalty {penalty}: centred cosine {quality:.4f}")
        best = max(best, (quality, weight, bias), key=lambda item: item[0])
    with safe_open(path, framework="pt") as file:
        metadata = file.metadata()
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    tensors["sentence.weight"], tensors["sentence.bias"] = best[1].half().contiguous(), best[2].contiguous()
    save_file(tensors, path, metadata)


def centred(found: torch.Tensor, wanted: torch.Tensor) -> float:
    """Return the mean cosine after taking off the means, which all vectors of e5 share."""
    return float(functional.cosine_similarity(found - found.mean(0), wanted - wanted.mean(0), dim=-1).mean())


if __name__ == "__main__":
    main()
