"""Stanza's taggers driven in large batches: sentences to names with a confidence, words to their parts.

Stanza's own `process` builds objects a word and gives no scores.  Here the same networks, loaded by a plain
`stanza.Pipeline`, get batches of like length, and the tag sequences are decoded for a whole batch at once.
`tests/tasks/test_models.py` holds that names are those that `Pipeline` itself gives.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Protocol

import torch
from tokenizers import Encoding
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from tasks.encoder import STEP, Encoder, batches, padded
from tasks.parallel import spread
from tasks.tagging_network import TagNetwork

if TYPE_CHECKING:
    from stanza.pipeline.mwt_processor import MWTProcessor
    from stanza.pipeline.ner_processor import NERProcessor

    from tasks.sentence_projection import Projection

Mention = tuple[int, int, str, float]  # first word, one past the last, the model's label, confidence
Tagged = tuple[list[Mention], bytes | None]  # the mentions of a sentence, and its vector where there is one

Read = tuple[Tensor, bytes | None]  # the vectors of a sentence's words (words, 384), and its own

# Words to a batch of the tagger: enough that its steps, one a word of the longest sentence, are not many.
WORDS = 4096


class SentenceTagger(Protocol):
    def __call__(self, sentences: Sequence[Sequence[str]]) -> list[Tagged]:
        """Return the mentions of each sentence of words, and its vector."""


class BundledTagger:
    """The encoder and Stanza's tagger on top: pieces, vectors, LSTM, CRF, each over sentences of like length."""

    def __init__(self, processor: NERProcessor, encoder: Encoder, projection: Projection | None = None) -> None:
        self.encoder, self.projection = encoder, projection
        self.network = TagNetwork(processor.trainers[0].model)
        self.decoder = Decoder(processor)

    def __call__(self, sentences: Sequence[Sequence[str]]) -> list[Tagged]:
        encodings = self.encoder.pieces.encode(sentences)
        read: list[Read] = [(torch.empty(0), None)] * len(sentences)
        grouped = batches([len(encoding.ids) for encoding in encodings], step=STEP)[::-1]
        answers = spread(self._read, [[(len(sentences[i]), encodings[i]) for i in batch] for batch in grouped])
        for batch, vectors in zip(grouped, answers, strict=True):
            for i, vector in zip(batch, vectors, strict=True):
                read[i] = vector
        result: list[Tagged] = [([], None) for _ in sentences]
        # Packed sequences run from the longest to the shortest.
        grouped = [batch[::-1] for batch in batches([len(words) for words in sentences], WORDS)][::-1]
        named = spread(self._name, [[read[i][0] for i in batch] for batch in grouped])
        for batch, mentions in zip(grouped, named, strict=True):
            for i, found in zip(batch, mentions, strict=True):
                result[i] = (found, read[i][1])
        return result

    @torch.inference_mode()
    def _read(self, batch: Sequence[tuple[int, Encoding]]) -> list[Read]:
        """Return the vectors of the words of sentences given as (words, pieces), and that of each sentence."""
        ids = padded([encoding.ids for _, encoding in batch], STEP)
        states = self.encoder.states(ids)
        words = []
        for row, (count, encoding) in enumerate(batch):
            # A word is read off its last piece; one that left no piece, off the start sign.
            last = {word: at for at, word in enumerate(encoding.word_ids) if word is not None}
            words.append(states[-1][row, [last.get(word, 0) for word in range(count)]])
        return list(zip(words, self._vectors(ids, states), strict=True))

    def _vectors(self, ids: Tensor, states: Sequence[Tensor]) -> Sequence[bytes | None]:
        if self.projection is None:
            return [None] * len(ids)
        return self.projection(self.encoder.means(ids, states).numpy())

    @torch.inference_mode()
    def _name(self, vectors: Sequence[Tensor]) -> list[list[Mention]]:
        """Return the mentions of sentences given as vectors of their words, the longest first."""
        lengths = [len(words) for words in vectors]
        return list(self.decoder(self.network(pad_sequence(list(vectors), batch_first=True), lengths), lengths))


class StanzaTagger:
    """Any NER model of Stanza's, through its own data loader and network."""

    def __init__(self, processor: NERProcessor) -> None:
        self.processor = processor
        self.decoder = Decoder(processor)

    @torch.inference_mode()
    def __call__(self, sentences: Sequence[Sequence[str]]) -> list[Tagged]:
        from stanza.models.common.doc import Document
        from stanza.models.ner.data import DataLoader
        from stanza.models.ner.trainer import unpack_batch

        trainer = self.processor.trainers[0]
        rows = [[{"id": (i + 1,), "text": word} for i, word in enumerate(words)] for words in sentences]
        order = sorted(range(len(rows)), key=lambda i: len(rows[i]))
        loader = DataLoader(
            Document([rows[i] for i in order]), 64, trainer.args, vocab=trainer.vocab, evaluation=True,
            preprocess_tags=False, bert_tokenizer=trainer.model.bert_tokenizer,
        )  # fmt: skip
        result: list[Tagged] = [([], None) for _ in sentences]
        at = 0
        trainer.model.eval()
        for batch in loader:
            inputs, original, word_order, char_order, lengths, *rest = unpack_batch(batch, "cpu")
            words, wordchars, mask, chars, tags = inputs
            logits = trainer.model(
                words, wordchars, mask, tags, word_order, lengths, rest[0], chars, rest[2], rest[1], char_order
            )[1][0]
            for position, mentions in zip(original, self.decoder(logits, lengths), strict=True):
                result[order[at + position]] = (mentions, None)
            at += len(lengths)
        return result


class Decoder:
    """Viterbi and forward-backward over the CRF, a batch at a time."""

    def __init__(self, processor: NERProcessor) -> None:
        from stanza.models.common.vocab import VOCAB_PREFIX_SIZE

        trainer = processor.trainers[0]
        # The vocabulary opens with padding and unknown signs, never to be chosen.
        self.first = VOCAB_PREFIX_SIZE
        self.tags: list[str] = list(trainer.vocab["tag"].items(0))[self.first :]
        transitions: Tensor = trainer.model.crits[0]._transitions.detach().double()
        self.transitions = transitions[self.first :, self.first :]
        self.factors = self.transitions.exp()

    @property
    def labels(self) -> frozenset[str]:
        return frozenset(tag[2:] for tag in self.tags if tag != "O")

    def __call__(self, logits: Tensor, lengths: Sequence[int]) -> Iterator[list[Mention]]:
        """Yield the mentions of each row of (sentences, words, tags); `lengths` counts its words, and falls.

        The confidence of a mention is the lowest probability, under the CRF, of any of its tags.
        """
        # Words by their place in the sentence, those of the sentences that are as long: (sentences, tags) each.
        alive = torch.bincount(torch.tensor(lengths)).flip(0).cumsum(0).flip(0)[1:].tolist()
        places = [logits[:count, at, self.first :].double() for at, count in enumerate(alive)]
        path = self._best(places)
        probable = self._probable(places, path)
        for row, length in enumerate(lengths):
            tags = [self.tags[i] for i in path[row, :length].tolist()]
            yield list(_mentions(tags, probable[row, :length].tolist()))

    def _best(self, places: Sequence[Tensor]) -> Tensor:
        """Return the likeliest tags (Viterbi): (sentences, words)."""
        best, origins = [places[0]], []
        for scores in places[1:]:
            into, origin = (best[-1][: len(scores)].unsqueeze(2) + self.transitions).max(1)
            best.append(into + scores)
            origins.append(origin)
        path = torch.zeros(len(places[0]), len(places), dtype=torch.int64)
        tag = best[-1].argmax(1)
        path[: len(tag), -1] = tag
        for at in range(len(places) - 2, -1, -1):
            before = origins[at].gather(1, tag.unsqueeze(1)).squeeze(1)
            tag = torch.cat([before, best[at][len(before) :].argmax(1)])
            path[: len(tag), at] = tag
        return path

    def _probable(self, places: Sequence[Tensor], path: Tensor) -> Tensor:
        """Return the probability of each tag of `path`: the forward-backward algorithm, each place scaled to 1."""
        weights = [(scores - scores.amax(1, keepdim=True)).exp() for scores in places]
        forward = [weights[0]]
        for weight in weights[1:]:
            reached = (forward[-1][: len(weight)] @ self.factors).mul_(weight)
            forward.append(reached.div_(reached.sum(1, keepdim=True)))
        probable = torch.zeros(path.shape, dtype=torch.float64)
        backward = torch.ones_like(weights[-1])
        for at in range(len(places) - 1, -1, -1):
            marginal = forward[at] * backward
            count = len(marginal)
            chosen = marginal.gather(1, path[:count, at : at + 1]).squeeze(1)
            probable[:count, at] = chosen / marginal.sum(1)
            if at:
                onward = (backward * weights[at]) @ self.factors.T
                onward.div_(onward.sum(1, keepdim=True))
                last = onward.new_ones(len(weights[at - 1]) - count, onward.shape[1])
                backward = torch.cat([onward, last])
        return probable


def _mentions(tags: Sequence[str], probable: Sequence[float]) -> Iterator[Mention]:
    """Yield the mentions of BIOES tags; a tag that continues nothing opens a mention, as in Stanza."""
    start = None
    for i, tag in enumerate(tags):
        if start is not None and (tag[0] in "OBS" or tag[2:] != tags[start][2:]):
            yield start, i, tags[start][2:], min(1.0, min(probable[start:i]))
            start = None
        if tag != "O" and start is None:
            start = i
        if start is not None and tag[0] in "ES":
            yield start, i + 1, tag[2:], min(1.0, min(probable[start : i + 1]))
            start = None
    if start is not None:
        yield start, len(tags), tags[start][2:], min(1.0, min(probable[start:]))


class Expander:
    """Words with clitics to their parts: the frequent ones by dictionary, the rest by Stanza's network."""

    def __init__(self, processor: MWTProcessor | None) -> None:
        self.processor = processor
        self.known: dict[str, str] = dict(processor.trainer.expansion_dict) if processor else {}
        if processor:
            # Stanza hands the width of the beam on as another argument, so that it is five whatever was trained for;
            # the best letter at each step gives the same words (2,105 of 2,106) in half the time.
            network = processor.trainer.model
            network.predict = partial(type(network).predict, network, beam_size=1)

    def learn(self, words: Sequence[str]) -> None:
        """Expand words that are not known yet, all in one batch."""
        from stanza.models.common.doc import Document

        new = sorted(set(words) - self.known.keys())
        if not new or self.processor is None:
            return
        rows = [[{"id": (1,), "text": word, "misc": "MWT=Yes"}] for word in new]
        document = self.processor.process(Document(rows))
        for word, sentence in zip(new, document.sentences, strict=True):
            self.known[word] = " ".join(part.text for part in sentence.words)

    def parts(self, word: str) -> list[str]:
        return self.known.get(word, word).split(" ")
