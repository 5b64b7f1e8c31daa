"""Words per second of the entities stage's models beside stock Stanza's Arabic architecture, in one run.

    python -m bench.ner ARTICLES [--words 30000] [--language ar] [--rounds 2]

ARTICLES is a .txt file or folder, or a .jsonl(.gz) file whose records have `text`.  Stock Stanza is what its
Arabic package is made of: the tokenizer, two character language models of 1,024 units, word vectors of 100, a
BiLSTM of 256 and a CRF.  Its weights are random (speed does not depend on them), its text is the same, and it is
called once with all texts, which is the fastest way it has (`Pipeline.bulk_process`).

Sentences are read once by each; nothing is cached between the rounds (every round loads no model again).  The
ratio is bundled over stock.
"""

from __future__ import annotations

import argparse
import gzip
import json
import logging
import resource
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import stanza
import torch
from stanza.models.common.char_model import CharacterLanguageModel
from stanza.models.ner.trainer import Trainer
from stanza.models.ner.vocab import MultiVocab
from stanza.models.pos.vocab import CharVocab, CompositeVocab, WordVocab

from bench.figures import Cell, show_table
from tasks.models import ModelBundle, bundled_models

TAGS = ["O", *(f"{place}-{label}" for label in ("PER", "ORG", "LOC", "MISC") for place in "BIES")]


def read(path: Path, most: int) -> list[str]:
    """Return texts of about `most` words in all."""
    texts: list[str] = []
    words = 0
    for file in sorted(path.iterdir()) if path.is_dir() else [path]:
        if file.suffix == ".txt":
            found = [file.read_text(encoding="utf-8")]
        else:
            content = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
            found = [str(json.loads(line)["text"]) for line in content.decode("utf-8").split("\n") if line]
        for text in found:
            if words >= most:
                return texts
            texts.append(text)
            words += len(text.split())
    return texts


def stock_pipeline(bundle: ModelBundle, texts: Sequence[str], folder: Path) -> stanza.Pipeline:
    """Return a pipeline of stock sizes with random weights for its NER model."""
    characters = CharVocab([sorted(set("".join(texts)) | {"\n", " "})])
    words = [[[word] for word in text.split()] for text in texts]
    sizes = {
        "char_emb_dim": 100, "char_hidden_dim": 1024, "char_num_layers": 1, "char_dropout": 0.05,
        "char_rec_dropout": 0.0, "char_unit_dropout": 1e-5,
    }  # fmt: skip
    for name, forward in (("forward", True), ("backward", False)):
        model = CharacterLanguageModel(sizes, {"char": characters}, is_forward_lm=forward)
        model.save(str(folder / f"{name}.pt"))
    vocabulary = MultiVocab(
        {
            "char": characters,
            "delta": WordVocab(words, "ar_stock", cutoff=1, lower=True),
            "tag": CompositeVocab([[((tag,),) for tag in TAGS]], "ar_stock", idx=0, sep=None),
        }
    )
    settings = sizes | {
        "word_emb_dim": 100, "hidden_dim": 256, "num_layers": 1, "char": True, "charlm": True, "dropout": 0.5,
        "word_dropout": 0.01, "locked_dropout": 0.0, "rec_dropout": 0.0, "input_transform": True, "lowercase": True,
        "char_lowercase": False, "bert_model": None, "bert_finetune": False, "use_peft": False, "optim": "sgd",
        "lr": 0.1, "momentum": 0.0, "batch_size": 32, "shorthand": "ar_stock", "scheme": "bioes",
        "charlm_forward_file": str(folder / "forward.pt"), "charlm_backward_file": str(folder / "backward.pt"),
    }  # fmt: skip
    logging.getLogger("stanza").setLevel(logging.ERROR)
    trainer = Trainer(args=settings, vocab=vocabulary, device="cpu")
    trainer.save(str(folder / "ner.pt"))
    return stanza.Pipeline(
        "ar", dir=str(bundle.folder), processors="tokenize,ner", ner_model_path=str(folder / "ner.pt"),
        ner_forward_charlm_path=str(folder / "forward.pt"), ner_backward_charlm_path=str(folder / "backward.pt"),
        download_method=stanza.DownloadMethod.NONE, use_gpu=False, logging_level="ERROR",
    )  # fmt: skip


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("articles", type=Path)
    parser.add_argument("--words", type=int, default=30_000)
    parser.add_argument("--language", choices=("ar", "fa"), default="ar")
    parser.add_argument("--rounds", type=int, default=2)
    arguments = parser.parse_args()
    texts = read(arguments.articles, arguments.words)
    words = sum(len(text.split()) for text in texts)
    fewer = texts[: max(1, len(texts) // 6)]  # stock Stanza is slow: a sixth of the text is enough to time it
    fewer_words = sum(len(text.split()) for text in fewer)
    print(f"{len(texts)} texts, {words} words, {torch.get_num_threads()} threads")

    load = seconds(lambda: bundled_models().annotate(arguments.language, ["."]))
    bundled, stock = [], []
    with tempfile.TemporaryDirectory() as folder:
        pipeline = stock_pipeline(bundled_models(), texts, Path(folder))
        pipeline("ذهب الوزير.")
        for turn in range(arguments.rounds):
            # The number in front makes the round's sentences new, so that none is looked up.
            fresh = [f"{turn} " + text.replace("\n", f"\n{turn} ").replace(". ", f". {turn} ") for text in texts]
            bundled.append(words / seconds(partial(bundled_models().annotate, arguments.language, fresh)))
            stock.append(
                fewer_words / seconds(lambda: pipeline.bulk_process([stanza.Document([], text=t) for t in fewer]))
            )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    rounds: list[dict[str, Cell]] = [
        {"round": turn, "bundled, words/s": ours, "stock, words/s": theirs, "ratio": ours / theirs}
        for turn, (ours, theirs) in enumerate(zip(bundled, stock, strict=True), 1)
    ]
    show_table(rounds)
    print(
        f"Best of {arguments.rounds}: {max(bundled) / max(stock):.1f} times the stock model; "
        f"bundled loaded in {load:.1f} s; peak memory {peak:.0f} MB (both models)."
    )


if __name__ == "__main__":
    main()
