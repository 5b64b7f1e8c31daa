"""Stanza's tokenizers driven in large batches: paragraphs to sentences of token bounds.

Stanza's own `process` pads 32 paragraphs at a time.  Here the same network, loaded by a plain `stanza.Pipeline`, gets
batches of like length.  `tests/tasks/test_models.py` holds that its tokens are those that `Pipeline` itself gives, save
that an address is one word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from tasks.encoder import batches
from tasks.parallel import spread

if TYPE_CHECKING:
    from stanza.pipeline.tokenize_processor import TokenizeProcessor

TokenBounds = tuple[int, int, bool]  # start, end, does Stanza see clitics in it?

# Characters to a batch of paragraphs: 8,000 rows of 256 float32 gates are 8 MB, which stays in a cache.
CHARACTERS = 8_000
LONGEST_PARAGRAPH = 2_000
SHUT = -1e4  # the sigmoid of it is 0
# «irna.ir», «newsroom@irna.ir»: to Stanza the dot may end a sentence.
_ADDRESS = re.compile(r"[A-Za-z0-9][\w-]*(?:[.@][\w-]+)*[.@][a-z]{2,6}(?!\w)", re.ASCII)
FEATURES = ["space_before", "capitalized", "numeric", "end_of_para", "start_of_para"]


class Splitter(Protocol):
    def __call__(self, paragraphs: Sequence[str]) -> list[list[list[TokenBounds]]]:
        """Return sentences of token bounds for each paragraph (a line of text without line ends)."""


def splitter(processor: TokenizeProcessor) -> Splitter:
    """Return the batched splitter where the tokenizer has no more features than ours, else Stanza's own."""
    arguments = processor.trainer.args
    more = ("use_dictionary", "charlm_forward_file", "conv_res")
    plain = arguments.get("hierarchical") and arguments.get("rnn_layers") == 1 and not any(map(arguments.get, more))
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
        self.ids: dict[str, int] = dict(processor.vocab._unit2id)
        self.unknown = self.ids["<UNK>"]
        self.first, self.second = _padded_lstm(self.model.rnn), _padded_lstm(self.model.rnn2)
        self.letters: dict[int, tuple[int, ...]] = {}

    def __call__(self, paragraphs: Sequence[str]) -> list[list[list[TokenBounds]]]:
        parts = [(i, at, part) for i, text in enumerate(paragraphs) for at, part in _parts(text)]
        found: list[list[list[TokenBounds]]] = [[] for _ in parts]
        # The long batches start first.
        grouped = batches([len(part) for _, _, part in parts], CHARACTERS)[::-1]
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
        """Return the sentences of each text of a batch."""
        # One position of padding ends each row, as in training.
        longest = max(map(len, texts)) + 1
        units = np.zeros((len(texts), longest), dtype=np.int64)
        features = np.zeros((len(texts), longest, len(FEATURES) + 1), dtype=np.float32)
        for row, text in enumerate(texts):
            size = len(text)
            codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
            different, where = np.unique(codes, return_inverse=True)
            table = np.array([self._letter(code) for code in different.tolist()])[where]
            units[row, :size], features[row, :size, :3] = table[:, 0], table[:, 1:]
            features[row, size - 1, 3] = features[row, 0, 4] = 1
            features[row, size + 1 :, -1] = 1
        labels = self._labels(torch.from_numpy(units), torch.from_numpy(features)).numpy()
        for row, text in enumerate(texts):
            for address in _ADDRESS.finditer(text):
                labels[row, address.start() : address.end() - 1] = 0  # one word: nothing ends inside
        return [list(_sentences(text, labels[row, : len(text)])) for row, text in enumerate(texts)]

    def _letter(self, code: int) -> tuple[int, ...]:
        """Return the unit of a letter and the first three FEATURES."""
        if code not in self.letters:
            letter = chr(code)
            unit = self.ids.get(letter, self.unknown)
            self.letters[code] = (unit, letter == " ", letter.isupper(), letter.isdecimal())
        return self.letters[code]

    def _labels(self, units: Tensor, features: Tensor) -> Tensor:
        """Compute what `Tokenizer.forward` does, and return the likeliest label of each letter.

        0 inside, 1 end of a token, 2 of a sentence, 3 of a token with clitics, 4 of both.
        """
        model, padding = self.model, features[:, :, -1:]
        states = self.first(torch.cat([model.embeddings(units), features], 2))[0]
        heads = [(model.tok_clf, model.tok_clf2), (model.sent_clf, model.sent_clf2)]
        if model.args["use_mwt"]:
            heads.append((model.mwt_clf, model.mwt_clf2))
        token = model.tok_clf(states)
        likely = states * (1 - torch.sigmoid(-token * model.args["hier_invtemp"]))
        again = self.second(torch.cat([likely, padding], 2))[0]
        yes = [first(states) + second(again) for first, second in heads]
        token, sentence, *clitics = [(functional.logsigmoid(-score), functional.logsigmoid(score)) for score in yes]
        ends = [token[1] + sentence[0], token[1] + sentence[1]]
        if clitics:
            ends = [end + clitics[0][kind] for kind in (0, 1) for end in ends]
        return torch.cat([token[0], *ends], 2).argmax(-1)


def _padded_lstm(lstm: nn.LSTM) -> nn.LSTM:
    """Return an LSTM that reads the padding itself as one more feature, the last.

    Where it is 1, the input gate is shut, so a state of zeros stays one: the backward half of a bidirectional LSTM
    comes to the end of a shorter row as if nothing had been behind it. So rows need not be packed, and unpacked ones
    run in oneDNN's fused kernel, in half the time.
    """
    padded = nn.LSTM(lstm.input_size + 1, lstm.hidden_size, batch_first=True, bidirectional=True).eval()
    weights = lstm.state_dict()
    for name in ("weight_ih_l0", "weight_ih_l0_reverse"):
        shut = torch.zeros(4 * lstm.hidden_size, 1)
        shut[: lstm.hidden_size] = SHUT  # the gates follow one another: input, forget, cell, output
        weights[name] = torch.cat([weights[name], shut], 1)
    padded.load_state_dict(weights)
    return padded.requires_grad_(False)


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


def _sentences(text: str, labels: npt.NDArray[np.int64]) -> Iterator[list[TokenBounds]]:
    """Yield the tokens of each sentence; the end of the text ends both."""
    ends = np.flatnonzero(labels)
    start, tokens = 0, []
    for end, label in [*zip((ends + 1).tolist(), labels[ends].tolist(), strict=True), (len(text), 2)]:
        while start < end and text[start].isspace():
            start += 1
        if start < end:
            tokens.append((start, end, label >= 3))
        start = end
        if tokens and (label in (2, 4) or end == len(text)):
            yield tokens
            tokens = []
