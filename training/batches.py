"""Sentences to padded batches of piece ids, each sentence in a fresh variant."""

import random
from collections.abc import Iterator

import torch
from torch import Tensor
from transformers import PreTrainedTokenizerFast

from training.corpora import Sentence, mask
from training.variants import Names, vary

PIECES = 1000  # padded pieces to a batch and process: 1,000 x 1,536 x 4 bytes fit the cache of a laptop
LONGEST = 400  # pieces; a longer training sentence is cut at a word


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
    order = sorted(range(len(lengths)), key=lambda i: lengths[i] + (shuffle.uniform(0, 6) if shuffle else 0.0))
    batches: list[list[int]] = []
    batch: list[int] = []
    longest = 0
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
