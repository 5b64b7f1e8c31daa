"""Fine-tune the encoder on all NER corpora at once, keeping it a sentence encoder.

    torchrun --nproc-per-node 2 -m training.finetune --data DATA --base BASE --cut CUT --out OUT

One shared label set, partial labels (`labels.py`): the loss of a word is -log of the probability of all tags
that its corpus allows.  The word is read off its last piece, as Stanza's tagger does.  Every fifth step a
batch of raw sentences pulls the mean-pooled vector towards that of the untouched 12-layer encoder.  The word
embeddings stay frozen, so that their 4-bit blocks stay exact.

One process a core with one thread each, gradients averaged: two threads in one process wait for each other
whenever something else runs on the machine (measured beside a busy core: 80 pieces/s against 1,300).
"""

import argparse
import random
import time
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, distributed
from transformers import PreTrainedTokenizerFast

from training.batches import PIECES, buckets, epoch_batches, pad
from training.corpora import train_sentences
from training.meaning import raw_sentences, teacher_vectors, vector_loss
from training.network import Tagger, name_loss, shallow
from training.variants import names

# How often a sentence of a corpus is seen in an epoch: Arabic is the scarcer language, tweets are not news.
RATES = {
    "ar_cleananercorp_train": 1.5, "ar_aqmar_train": 1.5, "ar_caraner": 0.7, "ar_wojood_sample_train": 0.7,
    "fa_arman_train": 1.0, "fa_peyma_train": 0.65, "fa_parstwiner_train": 0.3,
}  # fmt: skip
# A second, short run from where the first ended makes up for Persian, of which the first saw each sentence 2 to 3
# times only; CARANER and the tweets have given what they have.
SECOND_RATES = {
    "ar_cleananercorp_train": 1.1,
    "ar_aqmar_train": 0.6,
    "ar_caraner": 0.1,
    "ar_wojood_sample_train": 0.3,
    "fa_arman_train": 1.4,
    "fa_peyma_train": 1.6,
    "fa_parstwiner_train": 0.1,
}
EVERY = 8  # one batch of sentence vectors after so many batches of names


def average_gradients(parameters: list[Tensor], progress: float) -> float:
    """Replace the gradients by their mean over the processes; return the mean of `progress` likewise."""
    flat = torch.cat(
        [torch.tensor([progress])]
        + [p.grad.reshape(-1) if p.grad is not None else torch.zeros(p.numel()) for p in parameters]
    )
    distributed.all_reduce(flat)
    flat /= distributed.get_world_size()
    at = 1
    for p in parameters:
        p.grad = flat[at : at + p.numel()].view_as(p)
        at += p.numel()
    return float(flat[0])


def save(
    model: Tagger, tokenizer: PreTrainedTokenizerFast, average: list[Tensor], trained: list[Tensor], target: Path
) -> None:
    """Write the averaged weights as a Hugging Face folder, the linear head beside it."""
    live = [p.detach().clone() for p in trained]
    with torch.no_grad():
        torch._foreach_copy_(trained, average)
        model.encoder.save_pretrained(target)
        tokenizer.save_pretrained(target)
        torch.save(model.head.state_dict(), target / "head.pt")
        torch._foreach_copy_(trained, live)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("data", "base", "cut", "out"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--layers", type=int, default=8)
    parser.add_argument("--frozen", type=int, default=2, help="lowest layers that stay as they are")
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--minutes", type=float, default=600.0, help="end, fully decayed, after so long at the latest")
    parser.add_argument("--rate", type=float, default=2e-4)
    parser.add_argument("--seed", type=int, default=1234)
    parser.add_argument("--second", action="store_true", help="CUT is the last folder of a first run: go on from it")
    arguments = parser.parse_args()
    distributed.init_process_group("gloo")
    rank, world = distributed.get_rank(), distributed.get_world_size()
    torch.manual_seed(arguments.seed)
    torch.set_num_threads(1)
    chooser = random.Random(arguments.seed)
    arguments.out.mkdir(parents=True, exist_ok=True)

    cache = arguments.out / "vectors.npz"
    # The same sentences whatever the seed: vectors that are kept from another run must be theirs.
    texts = raw_sentences(arguments.data, random.Random(1234))
    if rank == 0 and not cache.exists():
        np.savez(cache, vectors=teacher_vectors(arguments.base, texts).numpy())
    distributed.barrier()
    vectors = torch.from_numpy(np.load(cache)["vectors"])

    tokenizer = PreTrainedTokenizerFast.from_pretrained(arguments.cut)
    model = Tagger(shallow(arguments.cut, arguments.layers))
    if arguments.second:
        model.head.load_state_dict(torch.load(arguments.cut / "head.pt", weights_only=True))
    corpus_rates = SECOND_RATES if arguments.second else RATES
    model.encoder.embeddings.requires_grad_(False)
    for layer in model.encoder.encoder.layer[: arguments.frozen]:
        layer.requires_grad_(False)
    sentences = train_sentences(arguments.data)
    others = names(sentences)
    rows = [[*e.ids[:95], 2] if len(e.ids) > 96 else e.ids for e in tokenizer(["query: " + s for s in texts]).encodings]
    vector_batches: list[list[int]] = []

    trained: list[Tensor] = [p for p in model.parameters() if p.requires_grad]
    head = {id(p) for p in model.head.parameters()}
    optimizer = torch.optim.AdamW(
        [
            {"params": [p for p in trained if p.ndim > 1 and id(p) not in head], "weight_decay": 0.01},
            {"params": [p for p in trained if p.ndim == 1 and id(p) not in head], "weight_decay": 0.0},
            {"params": list(model.head.parameters()), "weight_decay": 0.0, "lr": arguments.rate * 5},
        ],
        lr=arguments.rate,
        betas=(0.9, 0.98),
    )
    per_epoch = sum(1 for _ in epoch_batches(sentences, others, corpus_rates, tokenizer, random.Random(0))) // world
    total = per_epoch * arguments.epochs
    rates = [group["lr"] for group in optimizer.param_groups]
    average = [p.detach().clone() for p in trained]
    if rank == 0:
        print(f"{len(sentences)} sentences, {per_epoch} steps an epoch, {total} in all", flush=True)
    torch.manual_seed(arguments.seed + rank)  # the processes drop different units
    step, start, seen, epoch = 0, time.time(), 0, 0
    losses: list[float] = []
    vector_losses: list[float] = []
    model.train()
    vector_chooser = random.Random(arguments.seed)
    progress = 0.0
    while progress < 1:
        batches = list(epoch_batches(sentences, others, corpus_rates, tokenizer, chooser))
        for ids, where, columns, allowed in batches[rank : len(batches) // world * world : world]:
            with torch.autocast("cpu", torch.bfloat16):
                logits = model(ids, where, columns)
            loss = name_loss(logits, allowed)
            loss.backward()
            if step % EVERY == 0:
                if not vector_batches:
                    vector_batches = buckets([len(r) for r in rows], PIECES, vector_chooser)[rank::world]
                batch = vector_batches.pop()
                with torch.autocast("cpu", torch.bfloat16):
                    found = model.vectors(pad([rows[i] for i in batch]))
                extra = vector_loss(found, vectors[batch])
                (0.3 * extra).backward()
                vector_losses.append(extra.item())
            spent = time.time() - start
            progress = average_gradients(trained, max((step + 1) / total, spent / 60 / arguments.minutes))
            for group, rate in zip(optimizer.param_groups, rates, strict=True):
                group["lr"] = rate * min((step + 1) / 80, max(0.01, 1 - progress))
            torch.nn.utils.clip_grad_norm_(trained, 1.0)
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            step += 1
            seen += ids.numel() * world
            losses.append(loss.item())
            with torch.no_grad():
                torch._foreach_lerp_(average, trained, 1 - min(0.998, step / (step + 10)))
            if rank == 0 and step % 25 == 0:
                print(
                    f"step {step} loss {np.mean(losses[-25:]):.4f} vectors {np.mean(vector_losses[-10:]):.4f} "
                    f"{seen / spent:.0f} pieces/s {spent:.0f} s, {progress:.1%}",
                    flush=True,
                )
            if progress >= 1:
                break
            if rank == 0 and step % 250 == 0:
                save(model, tokenizer, average, trained, arguments.out / "latest")
        epoch += 1
        if rank == 0:
            save(model, tokenizer, average, trained, arguments.out / f"epoch{epoch}")
    distributed.destroy_process_group()


if __name__ == "__main__":
    main()
