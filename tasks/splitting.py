"""Stanza's tokenizers driven in large batches: paragraphs to sentences of token bounds.

Stanza's own `process` pads 32 paragraphs at a time.  Here the same network, loaded by a plain `stanza.Pipeline`, gets
batches of like length.  `tests/tasks/test_models.py` holds that its tokens are those that `Pipeline` itself gives.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

import numpy as np
import torch

from tasks.encoder import batches
from tasks.parallel import spread

if TYPE_CHECKING:
    from stanza.pipeline.tokenize_processor import TokenizeProcessor

TokenBounds = tuple[int, int, bool]  # start, end, does Stanza see clitics in it?

# Characters to a batch of paragraphs: 32,000 rows of 256 float32 gates are 32 MB.
CHARACTERS = 32_000
LONGEST_PARAGRAPH = 2_000
FEATURES = ["space_before", "capitalized", "numeric", "end_of_para", "start_of_para"]


class Splitter(Protocol):
    def __call__(self, paragraphs: Sequence[str]) -> list[list[list[TokenBounds]]]:
        """Return sentences of token bounds for each paragraph (a line of text without line ends)."""


def splitter(processor: TokenizeProcessor) -> Splitter:
    """Return the batched splitter where the tokenizer has no more features than ours, else Stanza's own."""
    arguments = processor.trainer.args
    plain = not (arguments.get("use_dictionary") or arguments.get("charlm_forward_file"))
    if plain and arguments.get("feat_funcs") == FEATURES:
        return BatchedSplitter(processor)
    return StanzaSplitter(processor)


class StanzaSplitter:
    """Any tokenizer of Stanza's, through its own `process`."""

    def __init__(self, processor: TokenizeProcessor) -> None:
        self.processor = processor

    def __call__(self, paragraphs: Sequence[str]) -> list[list[list[TokenBounds]]]:
        result: list[list[list[TokenBounds]]] = [[] for _ in paragraphs]
        starts = np.cumsum([0, *(len(paragraph) + 2 for paragraph in paragraphs)])
        document = self.processor.process("\n\n".join(paragraphs))
        for sentence in document.sentences:
            index = int(np.searchsorted(starts, sentence.tokens[0].start_char, side="right")) - 1
            start = int(starts[index])
            result[index].append(
                [(t.start_char - start, t.end_char - start, "MWT=Yes" in (t.misc or "")) for t in sentence.tokens]
            )
        return result


class BatchedSplitter:
    """The same network on batches bounded by characters, its features computed with numpy."""

    def __init__(self, processor: TokenizeProcessor) -> None:
        self.model = processor.trainer.model.eval()
        self.ids = dict(processor.vocab._unit2id)
        self.unknown = self.ids["<UNK>"]

    def __call__(self, paragraphs: Sequence[str]) -> list[list[list[TokenBounds]]]:
        parts = [(i, at, part) for i, text in enumerate(paragraphs) for at, part in _parts(text)]
        found: list[list[list[TokenBounds]]] = [[] for _ in parts]
        # Packed sequences run from the longest to the shortest, and the long batches start first.
        grouped = [batch[::-1] for batch in batches([len(part) for _, _, part in parts], CHARACTERS)][::-1]
        answers = spread(self._split, [[parts[i][2] for i in batch] for batch in grouped])
        for batch, answer in zip(grouped, answers, strict=True):
            for row, sentences in zip(batch, answer, strict=True):
                found[row] = sentences
        result: list[list[list[TokenBounds]]] = [[] for _ in paragraphs]
        for (index, at, _), sentences in zip(parts, found, strict=True):
            result[index] += [[(s + at, e + at, clitics) for s, e, clitics in tokens] for tokens in sentences]
        return result

    @torch.inference_mode()
    def _split(self, texts: list[str]) -> list[list[list[TokenBounds]]]:
        """Return the sentences of a batch of texts, the longest first."""
        # One position of padding ends each row, as in training.
        lengths = [len(text) + 1 for text in texts]
        units = torch.zeros(len(texts), lengths[0], dtype=torch.int64)
        features = torch.zeros(len(texts), lengths[0], len(FEATURES))
        for row, text in enumerate(texts):
            units[row, : len(text)] = torch.tensor([self.ids.get(letter, self.unknown) for letter in text])
            features[row, : len(text), 0] = torch.tensor([letter == " " for letter in text])
            features[row, : len(text), 1] = torch.tensor([letter.isupper() for letter in text])
            features[row, : len(text), 2] = torch.tensor([letter.isdecimal() for letter in text])
            features[row, len(text) - 1, 3] = features[row, 0, 4] = 1
        # 0 inside, 1 end of a token, 2 of a sentence, 3 of a token with clitics, 4 of both
        labels = self.model(units, features, lengths).argmax(-1)
        return [list(_sentences(text, labels[row, : len(text)].tolist())) for row, text in enumerate(texts)]


def _parts(text: str) -> Iterator[tuple[int, str]]:
    """Yield (start, part) of a paragraph, cut at blanks so that no part exceeds LONGEST_PARAGRAPH."""
    at = 0
    while len(text) - at > LONGEST_PARAGRAPH:
        window = text[at : at + LONGEST_PARAGRAPH]
        cut = max(window.rfind(stop) for stop in (". ", "؟ ", "! ", "؛ ")) + 1
        cut = cut or window.rfind(" ") or LONGEST_PARAGRAPH
        cut = cut if cut > 0 else LONGEST_PARAGRAPH
        yield at, text[at : at + cut]
        at += cut
    if text[at:].strip():
        yield at, text[at:]


def _sentences(text: str, labels: Sequence[int]) -> Iterator[list[TokenBounds]]:
    """Yield the tokens of each sentence; the end of the text ends both."""
    start, tokens = 0, []
    for end, label in enumerate(labels, 1):
        if label or end == len(text):
            while start < end and text[start].isspace():
                start += 1
            if start < end:
                tokens.append((start, end, label >= 3))
            start = end
            if tokens and (label in (2, 4) or end == len(text)):
                yield tokens
                tokens = []
