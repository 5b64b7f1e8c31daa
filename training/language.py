"""Train the language model of the Arabic script, and say how well it tells.

    python -m training.language --data DATA --extra EXTRA --out seeds/language [--without azb,msa] [--rounds 8]

A linear model over hashed letter sequences (`tasks/language_features.py`): one row of weights for each bucket,
summed over a text and divided by the square root of its letters, then a softmax. `--without` leaves languages out
of training, to see what becomes of languages never seen.
"""

import argparse
import json
import re
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from tasks.language_features import BUCKETS, Features, extract
from tasks.language_model import RELEASE
from training.language_corpora import FLORES, Texts, read_all, read_flores
from training.language_noise import invented_text, misspell
from training.language_words import word_table

LABELS = ("ar", "fa", "ur", "ps", "ckb", "sd", "ug", "azb", "ks", "pnb", "skr", "kau", "msa", "other")
#: How often a text of each language is drawn: what a newsroom's stream brings counts, so that two words which
#: two languages share go to the likelier; and those of the others are enough to learn from.
SHARES = {
    "ar": 0.27, "fa": 0.22, "ur": 0.14, "ps": 0.06, "ckb": 0.05, "sd": 0.04, "ug": 0.04, "azb": 0.04, "ks": 0.03,
    "pnb": 0.01, "skr": 0.01, "kau": 0.02, "msa": 0.02, "other": 0.05,
}  # fmt: skip
#: A source is drawn by the square root of its size, times this.
SOURCE_WEIGHTS = {"messages": 0.15, "cldr": 0.3, "every-word": 0.5, "words": 0.7}
#: Words in a sample: half are whole sentences or long parts of them, half are what titles and captions have.
LENGTHS = (1, 2, 2, 3, 4, 6, 10, 20, 200, 200, 200)
A_ROUND, BATCH = 60_000, 256


def draw(texts: Texts, without: Sequence[str], count: int, random: np.random.Generator) -> tuple[list[str], list[int]]:
    """Samples and their labels: a language, a source of it, a text, a part of the text, spelt as people do."""
    languages = [language for language in LABELS if language not in without]
    chance = np.array([SHARES[language] for language in languages])
    chosen = random.choice(len(languages), size=count, p=chance / chance.sum())
    plans = {}
    for language in languages:
        sources = texts["latin"] if language == "other" else texts[language]
        names = [name for name in sources if name.removeprefix("flores-") not in without]
        weights = np.array([SOURCE_WEIGHTS.get(n.split("-flores")[0], 1.0) * len(sources[n]) ** 0.5 for n in names])
        plans[language] = (sources, names, weights / weights.sum())
    samples, labels = [], []
    picks = random.random((count, 4))
    for at, number in enumerate(chosen.tolist()):
        language = languages[number]
        sources, names, weights = plans[language]
        name = names[int(np.searchsorted(np.cumsum(weights), picks[at, 0] * 0.999999))]
        text = sources[name][int(picks[at, 1] * len(sources[name]))]
        if language == "other":
            text = invented_text(text, name, random)
        words = re.split(r"[ \n]+", text)
        length = LENGTHS[int(picks[at, 2] * len(LENGTHS))]
        if length < len(words):
            first = int(picks[at, 3] ** 1.5 * (len(words) - length + 1))  # titles and first lines begin at a beginning
            words = words[first : first + length]
        samples.append(misspell(" ".join(words)[:240], language, random))
        labels.append(LABELS.index(language))
    return samples, labels


def tensors(features: Features) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    scale = torch.from_numpy(features.letters.astype(np.float32)).clamp(min=1).rsqrt()
    return torch.from_numpy(features.buckets), torch.from_numpy(features.starts), scale


def train(texts: Texts, without: Sequence[str], rounds: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Return weights (buckets × labels) and biases."""
    torch.manual_seed(seed)
    random = np.random.default_rng(seed)
    weights = torch.zeros(BUCKETS, len(LABELS), requires_grad=True)
    biases = torch.zeros(len(LABELS), requires_grad=True)
    # Adagrad: rows of rare sequences learn at their own pace, and touching 2 million numbers a step is cheap.
    optimizer = torch.optim.Adagrad([{"params": [weights], "lr": 0.2}, {"params": [biases], "lr": 0.02}])
    for number in range(rounds):
        started, losses = time.monotonic(), []
        for group in optimizer.param_groups:
            group["lr"] *= 0.9
        samples, labels = draw(texts, without, A_ROUND, random)
        for first in range(0, len(samples), BATCH):
            batch = extract(samples[first : first + BATCH])
            buckets, starts, scale = tensors(batch)
            # Three sequences in ten are hidden, so that no single one decides.
            buckets = torch.where(torch.rand(len(buckets)) < 0.3, 0, buckets)
            sums = torch.nn.functional.embedding_bag(buckets, weights, starts, mode="sum", padding_idx=0)
            loss = torch.nn.functional.cross_entropy(
                sums * scale[:, None] / 0.7 + biases, torch.tensor(labels[first : first + BATCH])
            )
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        print(f"round {number + 1}: loss {np.mean(losses):.4f}, {time.monotonic() - started:.0f} s", flush=True)
    final = weights.detach().numpy().copy()
    final[0] = 0.0
    return final, biases.detach().numpy().copy()


def predict(texts: Sequence[str], weights: np.ndarray, biases: np.ndarray) -> np.ndarray:
    """Probabilities, one row a text."""
    buckets, starts, scale = tensors(extract([text[:240] for text in texts]))
    sums = torch.nn.functional.embedding_bag(buckets, torch.from_numpy(weights), starts, mode="sum")
    return torch.softmax(sums * scale[:, None] + torch.from_numpy(biases), dim=1).numpy()


def report(data: Path, weights: np.ndarray, biases: np.ndarray) -> None:
    """Of each FLORES language of the script, the measuring half: right, and what else it is called."""
    for name, texts in read_flores(data / "langid" / "flores200_devtest.jsonl.gz", held=True).items():
        if not name.endswith("Arab"):
            continue
        want = FLORES[name.split("_")[0]]
        cells = []
        for length in (200, 5, 2, 1):
            cut = [" ".join(text.split()[:length]) for text in texts]
            called = [LABELS[i] for i in predict(cut, weights, biases).argmax(1)]
            right = sum(c == want or (want == "msa" and c == "other") for c in called) / len(called)
            taken = sum(c in ("ar", "fa", "ur") for c in called) / len(called)
            cells.append(f"{100 * right:5.1f} ({100 * taken:4.1f})")
        print(f"{name:9} {want:4} " + "  ".join(cells))


def pack(weights: np.ndarray, biases: np.ndarray, words: np.ndarray, path: Path) -> None:
    """Write the file that `tasks/language_model.py` reads: weights as whole numbers of one byte."""
    scale = np.abs(weights).max(axis=0) / 127
    whole = np.rint(weights / np.maximum(scale, 1e-9)).astype(np.int8)
    description = json.dumps({"release": RELEASE, "labels": LABELS})
    np.savez_compressed(
        path,
        description=description,
        weights=whole,
        scale=scale.astype(np.float32),
        biases=biases.astype(np.float32),
        words=words,
    )
    print(f"{path}: {path.stat().st_size / 1e6:.1f} MB, {(whole != 0).any(axis=1).mean():.2f} of rows in use")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--extra", type=Path, required=True)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--without", default="")
    parser.add_argument("--rounds", type=int, default=8)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    texts = read_all(arguments.data, arguments.extra)
    weights, biases = train(texts, arguments.without.split(","), arguments.rounds)
    report(arguments.data, weights, biases)
    if arguments.out:
        pack(weights, biases, word_table(texts), arguments.out / "model.npz")


if __name__ == "__main__":
    main()
