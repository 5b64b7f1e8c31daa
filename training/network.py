"""The network that is fine-tuned: the encoder's lowest layers and a linear head that names tags."""

from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import BertModel, PreTrainedTokenizerFast

from training.batches import buckets, encode, pad, positions
from training.corpora import Sentence, spans
from training.labels import TAGS
from training.scores import Score, comparable


class Tagger(nn.Module):
    """Encoder and one linear layer: (batch, pieces) ids to (words, tags) logits."""

    def __init__(self, encoder: BertModel) -> None:
        super().__init__()
        self.encoder = encoder
        self.drop = nn.Dropout(0.1)
        self.head = nn.Linear(encoder.config.hidden_size, len(TAGS))

    def forward(self, ids: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
        hidden = self.encoder(input_ids=ids, attention_mask=(ids != 1).long()).last_hidden_state
        logits: Tensor = self.head(self.drop(hidden[rows, columns]))
        return logits

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
