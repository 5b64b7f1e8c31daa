"""Vectors of whole sentences: what the untouched encoder gives, and the loss that keeps a fine-tuned one near it."""

import random
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional
from transformers import BertModel, PreTrainedTokenizerFast

from training.batches import buckets, pad
from training.corpora import read_jsonl

LANGUAGES = ("arb", "pes", "eng", "urd", "tur", "fra", "spa", "por", "deu", "rus")


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
