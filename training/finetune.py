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
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, distributed, nn
from torch.nn import functional
from transformers import BertModel, PreTrainedTokenizerFast

from training.corpora import Sentence, mask, read_jsonl, spans, train_sentences
from training.labels import TAGS
from training.scores import Score, comparable
from training.variants import Names, names, vary
from training.vocabulary import LANGUAGES

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
PIECES = 1000  # padded pieces to a batch and process: 1,000 x 1,536 x 4 bytes fit the cache of a laptop
EVERY = 8  # one batch of sentence vectors after so many batches of names
LONGEST = 400  # pieces; a longer training sentence is cut at a word


class Tagger(nn.Module):
    """Encoder and one linear layer: (batch, pieces) ids to (words, tags) logits."""

    def __init__(self, encoder: BertModel) -> None:
        super().__init__()
        self.encoder = encoder
        self.drop = nn.Dropout(0.1)
        self.head = nn.Linear(encoder.config.hidden_size, len(TAGS))

    def forward(self, ids: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
        hidden = self.encoder(input_ids=ids, attention_mask=(ids != 1).long()).last_hidden_state
        return self.head(self.drop(hidden[rows, columns]))

    def vectors(self, ids: Tensor) -> Tensor:
        keep = (ids != 1).unsqueeze(-1)
        hidden = self.encoder(input_ids=ids, attention_mask=keep.squeeze(-1).long()).last_hidden_state
        return functional.normalize((hidden.float() * keep).sum(1) / keep.sum(1), dim=-1)


def shallow(folder: Path, layers: int) -> BertModel:
    """Return the first `layers` layers of the encoder in `folder`."""
    model = BertModel.from_pretrained(folder, add_pooling_layer=False)
    model.encoder.layer = model.encoder.layer[:layers]
    model.config.num_hidden_layers = len(model.encoder.layer)
    return model


def encode(tokenizer: PreTrainedTokenizerFast, words: list[list[str]]) -> list[tuple[list[int], list[int]]]:
    """Return (piece ids, column of the last piece of each word) of each sentence, cut at LONGEST pieces."""
    result = []
    for encoding in tokenizer(words, is_split_into_words=True).encodings:
        last: dict[int, int] = {}
        for column, word in enumerate(encoding.word_ids):
            if word is not None and column < LONGEST:
                last[word] = column
        ids = encoding.ids
        if len(ids) > LONGEST:
            ids = [*ids[:LONGEST], ids[-1]]
        # A word without pieces, or beyond the cut, points at the start sign and is not trained.
        result.append((ids, [last.get(i, 0) for i in range(max(last, default=-1) + 1)]))
    return result


def buckets(lengths: list[int], limit: int, shuffle: random.Random | None) -> list[list[int]]:
    """Group indices of similar length into batches of at most `limit` padded pieces."""
    noise = (lambda: shuffle.uniform(0, 6)) if shuffle else (lambda: 0.0)
    order = sorted(range(len(lengths)), key=lambda i: lengths[i] + noise())
    batches, batch, longest = [], [], 0
    for i in order:
        longest = max(longest, lengths[i])
        if batch and longest * (len(batch) + 1) > limit:
            batches.append(batch)
            batch, longest = [], lengths[i]
        batch.append(i)
    if batch:
        batches.append(batch)
    if shuffle:
        shuffle.shuffle(batches)
    return batches


def pad(rows: list[list[int]]) -> Tensor:
    longest = max(map(len, rows))
    return torch.tensor([row + [1] * (longest - len(row)) for row in rows])


def positions(columns: list[list[int]]) -> tuple[Tensor, Tensor]:
    rows = [row for row, cs in enumerate(columns) for _ in cs]
    return torch.tensor(rows), torch.tensor([c for cs in columns for c in cs])


def raw_sentences(data: Path, chooser: random.Random) -> list[str]:
    """Return sentences for the vector loss: parallel ones in ten languages, and news in Arabic and Persian."""
    parallel = [
        str(r["text"])
        for r in read_jsonl(data / "langid" / "flores200_devtest.jsonl.gz")
        if str(r["lang"])[:3] in LANGUAGES
    ]
    chosen = chooser.sample(parallel, 6000)
    for name, count in (("ar_ant", 3000), ("fa_news", 2500)):
        records = list(read_jsonl(data / "news" / f"{name}.jsonl.gz"))
        for record in chooser.sample(records, count // 2):
            chosen.append(str(record["title"]))
            lines = [line for line in str(record["text"]).split("\n") if len(line) > 30]
            chosen.extend(line[:300] for line in lines[:1])
    return chosen


@torch.inference_mode()
def teacher_vectors(base: Path, sentences: list[str]) -> Tensor:
    """Return the mean-pooled vectors of the untouched 12-layer encoder."""
    tokenizer = PreTrainedTokenizerFast.from_pretrained(base)
    model = BertModel.from_pretrained(base, add_pooling_layer=False).eval()
    rows = [
        [*e.ids[:127], 2] if len(e.ids) > 128 else e.ids
        for e in tokenizer(["query: " + s for s in sentences]).encodings
    ]
    result = torch.zeros(len(rows), model.config.hidden_size)
    for batch in buckets([len(r) for r in rows], 2048, None):
        ids = pad([rows[i] for i in batch])
        keep = ids != 1
        with torch.autocast("cpu", torch.bfloat16):
            hidden = model(input_ids=ids, attention_mask=keep.long()).last_hidden_state.float()
        result[batch] = functional.normalize((hidden * keep.unsqueeze(-1)).sum(1) / keep.sum(1, keepdim=True), dim=-1)
    return result


def vector_loss(student: Tensor, teacher: Tensor) -> Tensor:
    """Pull each vector to its teacher's, and the similarities within the batch to the teacher's."""
    cosine = (1 - (student * teacher).sum(-1)).mean()
    wanted = functional.softmax(teacher @ teacher.T / 0.05, dim=-1)
    found = functional.log_softmax(student @ student.T / 0.05, dim=-1)
    return 5 * cosine + functional.kl_div(found, wanted, reduction="batchmean")


def name_loss(logits: Tensor, allowed: Tensor) -> Tensor:
    """Return -log P(any allowed tag), the mean over words.  allowed: (words, tags) of bool."""
    logp = functional.log_softmax(logits.float(), dim=-1)
    return -torch.logsumexp(logp.masked_fill(~allowed, -torch.inf), dim=-1).mean()


def decode(logits: Tensor) -> list[str]:
    """Return the best valid BIO path over (words, tags) logits."""
    n = len(TAGS)
    bad = torch.zeros(n, n)
    for i, before in enumerate(TAGS):
        for j, after in enumerate(TAGS):
            if after[0] == "I" and before[2:] != after[2:]:
                bad[i, j] = -1e4
    scores = functional.log_softmax(logits.float(), dim=-1)
    best = scores[0] + torch.tensor([-1e4 if t[0] == "I" else 0.0 for t in TAGS])
    back = []
    for step in scores[1:]:
        total = best.unsqueeze(1) + bad
        best, origin = total.max(0)
        best = best + step
        back.append(origin)
    at = int(best.argmax())
    path = [at]
    for origin in reversed(back):
        at = int(origin[at])
        path.append(at)
    return [TAGS[i] for i in reversed(path)]


@torch.inference_mode()
def predict(model: Tagger, tokenizer: PreTrainedTokenizerFast, words: list[list[str]]) -> list[list[str]]:
    model.eval()
    encoded = encode(tokenizer, words)
    result: list[list[str]] = [[] for _ in words]
    for batch in buckets([len(ids) for ids, _ in encoded], 2048, None):
        rows, columns = positions([encoded[i][1] for i in batch])
        with torch.autocast("cpu", torch.bfloat16):
            logits = model(pad([encoded[i][0] for i in batch]), rows, columns)
        at = 0
        for i in batch:
            count = len(encoded[i][1])
            tags = decode(logits[at : at + count]) if count else []
            result[i] = tags + ["O"] * (len(words[i]) - count)
            at += count
    return result


def score(
    model: Tagger, tokenizer: PreTrainedTokenizerFast, development: dict[str, list[Sentence]]
) -> dict[str, Score]:
    """Score on the words of the corpora (not yet through the pipeline)."""
    scores = {}
    for corpus, sentences in development.items():
        scores[corpus] = Score()
        for sentence, tags in zip(
            sentences, predict(model, tokenizer, [list(s.words) for s in sentences]), strict=True
        ):
            gold = [((s, e, label), " ".join(sentence.words[s:e])) for s, e, label in spans(sentence.tags)]
            scores[corpus].add(*comparable(corpus, gold, spans(tuple(tags))))
    return scores


def epoch_batches(
    sentences: list[Sentence],
    others: Names,
    rates: dict[str, float],
    tokenizer: PreTrainedTokenizerFast,
    chooser: random.Random,
) -> Iterator[tuple[Tensor, Tensor, Tensor, Tensor]]:
    """Yield (ids, rows, columns, allowed) of one epoch, each sentence in a fresh variant."""
    chosen = []
    for sentence in sentences:
        rate = rates[sentence.corpus]
        chosen += [vary(sentence, others, chooser)] * (int(rate) + (chooser.random() < rate % 1))
    encoded = encode(tokenizer, [words for words, _ in chosen])
    for batch in buckets([len(ids) for ids, _ in encoded], PIECES, chooser):
        rows, columns = positions([encoded[i][1] for i in batch])
        allowed = torch.tensor([mask(a) for i in batch for a in chosen[i][1][: len(encoded[i][1])]])
        allowed |= (columns == 0).unsqueeze(1)
        yield pad([encoded[i][0] for i in batch]), rows, columns, allowed


def average_gradients(parameters: list[nn.Parameter], progress: float) -> float:
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
    model: Tagger, tokenizer: PreTrainedTokenizerFast, average: list[Tensor], trained: list[nn.Parameter], target: Path
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
    texts = raw_sentences(arguments.data, random.Random(arguments.seed))
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

    trained = [p for p in model.parameters() if p.requires_grad]
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
