"""Train the shipped name tagger with Stanza's own trainer, the encoder frozen.

    python -m training.tagger --data DATA --bundle BUNDLE --head HEAD --out OUT

BUNDLE holds the packed encoder (`pack.py`), HEAD is the linear head that `finetune.py` left.  The vectors come
from the packed encoder itself, so that the tagger learns on what it will see, int8 rounding included; they are
computed once and kept (a sentence of the training file does not change from epoch to epoch).

The head fills what a corpus leaves open: the best tag sequence that the corpus' labels allow.
"""

import argparse
import json
import random
from pathlib import Path

import stanza.models.ner.model as ner_model
import stanza.models.ner.trainer as ner_trainer
import torch
from stanza.models import ner_tagger
from torch import Tensor

from tasks.encoder import Encoder, EncoderFile, Pieces, batches, padded
from training.corpora import Sentence, development_sentences, mask, train_sentences
from training.labels import TAGS
from training.network import decode
from training.variants import names, vary

Words = tuple[str, ...]
# What is left of a corpus for the tagger: enough for its 2 M weights, in proportion to the news in it.
RATES = {"fa_parstwiner_train": 0.15, "fa_arman_train": 1.2, "ar_cleananercorp_train": 1.6, "ar_aqmar_train": 1.4}


class Vectors:
    """Word vectors by sentence, in half precision."""

    def __init__(self, encoder: Encoder) -> None:
        self.encoder = encoder
        self.known: dict[Words, Tensor] = {}

    @torch.inference_mode()
    def learn(self, sentences: list[Words]) -> None:
        new = [words for words in dict.fromkeys(sentences) if words not in self.known]
        encodings = self.encoder.pieces.encode(new)
        for batch in batches([len(e.ids) for e in encodings]):
            hidden = self.encoder.encode(padded([encodings[i].ids[:512] for i in batch])).half()
            for row, i in enumerate(batch):
                last = {word: at for at, word in enumerate(encodings[i].word_ids) if word is not None and at < 512}
                columns = [last.get(word, 0) for word in range(len(new[i]))]
                self.known[new[i]] = hidden[row, columns]

    def extract(
        self, _name: str, _tokenizer: Pieces, _model: Encoder, data: list[list[str]], _device: str, **options: object
    ) -> list[Tensor]:
        """Stand in for Stanza's `extract_bert_embeddings` with one layer mixed."""
        mix = options["bert_layer_mix"]
        self.learn([tuple(words) for words in data])
        return [self.known[tuple(words)].float().clone() * (1 + mix.weight[0, 0]) for words in data]  # type: ignore[attr-defined]


def labelled(
    sentences: list[tuple[Words, list[frozenset[str]]]], vectors: Vectors, head: torch.nn.Linear
) -> list[list[dict[str, str]]]:
    """Return sentences as Stanza reads them, each with the best tags that its corpus allows."""
    result = []
    with torch.inference_mode():
        for words, allowed in sentences:
            logits = head(vectors.known[words].float())
            permitted = torch.tensor([mask(tags) for tags in allowed])
            tags = decode(logits.masked_fill(~permitted, -1e3))
            result.append([{"text": word, "ner": tag} for word, tag in zip(words, tags, strict=True)])
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("data", "bundle", "head", "out"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=4000)
    parser.add_argument("--limit", type=int, default=0, help="use so many sentences, for a trial")
    parser.add_argument("--hidden", type=int, default=192)
    parser.add_argument("--language", choices=("ar", "fa"), help="train for one language only")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    chooser = random.Random(1234)

    pieces = Pieces(arguments.bundle / "vocabulary.json.gz")
    vectors = Vectors(Encoder.for_names(EncoderFile.read(arguments.bundle / "encoder.safetensors"), pieces))
    state = torch.load(arguments.head, weights_only=True)
    head = torch.nn.Linear(state["weight"].shape[1], len(TAGS))
    head.load_state_dict(state)

    def wanted(sentence: Sentence) -> bool:
        return arguments.language in (None, sentence.language) and len(sentence.words) < 250

    train = []
    corpora = train_sentences(arguments.data)
    others = names(corpora)
    for sentence in corpora:
        rate = RATES.get(sentence.corpus, 1.0)
        for _ in range(int(rate) + (chooser.random() < rate % 1)):
            if wanted(sentence):
                words, allowed = vary(sentence, others, chooser)
                train.append((tuple(words), allowed))
    development = [
        (sentence.words, list(sentence.allowed))
        for sentences in development_sentences(arguments.data).values()
        for sentence in sentences
        if wanted(sentence)
    ]
    chooser.shuffle(train)
    kept = arguments.out / "vectors.pt"
    if kept.exists():
        vectors.known = torch.load(kept, weights_only=True)
    if arguments.limit:
        train, development = train[: arguments.limit], development[:: max(1, len(development) // 500)]
    print(f"{len(train)} sentences to train on, {len(development)} held out", flush=True)
    vectors.learn([words for words, _ in train + development])
    torch.save(vectors.known, kept)
    print("vectors computed", flush=True)
    for name, sentences in (("train", train), ("dev", development)):
        (arguments.out / f"{name}.json").write_text(json.dumps(labelled(sentences, vectors, head)), encoding="utf-8")

    ner_model.extract_bert_embeddings = vectors.extract
    ner_trainer.load_bert = lambda *_: (vectors.encoder, pieces)
    ner_tagger.main(
        [
            "--mode", "train", "--shorthand", "ar_rasad", "--train_file", f"{arguments.out}/train.json",
            "--eval_file", f"{arguments.out}/dev.json", "--bert_model", "rasad-encoder", "--no_bert_finetune",
            "--bert_hidden_layers", "1", "--no_pretrain", "--word_emb_dim", "0", "--no_char",
            "--batch_size", "64", "--max_batch_words", "1600", "--hidden_dim", str(arguments.hidden),
            "--dropout", "0.3", "--word_dropout", "0", "--optim", "adam",
            "--lr", "0.001", "--lr_decay", "0.5", "--patience", "1", "--min_lr", "0.00005",
            "--max_steps", str(arguments.steps), "--eval_interval", "200", "--log_step", "100",
            "--save_dir", str(arguments.out), "--save_name", "tagger.pt", "--cpu",
        ]
    )  # fmt: skip


if __name__ == "__main__":
    main()
