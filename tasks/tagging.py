"""Stanza's taggers driven in large batches: sentences to names with a confidence, words to their parts.

Stanza's own `process` builds objects a word and gives no scores.  Here the same networks, loaded by a plain
`stanza.Pipeline`, get batches of like length, and the tag sequences are decoded for a whole batch at once.
`tests/tasks/test_models.py` holds that names are those that `Pipeline` itself gives.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

import torch
from tokenizers import Encoding
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence

from tasks.encoder import STEP, Encoder, batches, padded
from tasks.parallel import spread

if TYPE_CHECKING:
    from stanza.pipeline.mwt_processor import MWTProcessor
    from stanza.pipeline.ner_processor import NERProcessor

    from tasks.sentence_projection import Projection

Mention = tuple[int, int, str, float]  # first word, one past the last, the model's label, confidence
Tagged = tuple[list[Mention], bytes | None]  # the mentions of a sentence, and its vector where there is one


class SentenceTagger(Protocol):
    def __call__(self, sentences: Sequence[Sequence[str]]) -> list[Tagged]:
        """Return the mentions of each sentence of words, and its vector."""


class BundledTagger:
    """The encoder and Stanza's tagger on top: pieces, vectors, LSTM, CRF, each over a batch of like length."""

    def __init__(self, processor: NERProcessor, encoder: Encoder, projection: Projection | None = None) -> None:
        self.encoder, self.projection = encoder, projection
        # A copy in double precision: how a matrix product rounds depends on how many sentences are in it, and a
        # confidence must not depend on its neighbours. The tagger is a tenth of the work.
        model = processor.trainers[0].model
        self.model = copy.deepcopy(model, {id(model.bert_model): None}).double().eval()
        self.decoder = Decoder(processor)

    def __call__(self, sentences: Sequence[Sequence[str]]) -> list[Tagged]:
        encodings = self.encoder.pieces.encode(sentences)
        grouped = batches([len(encoding.ids) for encoding in encodings], step=STEP)[::-1]
        for batch in grouped:
            batch.sort(key=lambda i: -len(sentences[i]))
        answers = spread(self._tag, [[(len(sentences[i]), encodings[i]) for i in batch] for batch in grouped])
        result: list[Tagged] = [([], None) for _ in sentences]
        for batch, answer in zip(grouped, answers, strict=True):
            for i, tagged in zip(batch, answer, strict=True):
                result[i] = tagged
        return result

    @torch.inference_mode()
    def _tag(self, batch: Sequence[tuple[int, Encoding]]) -> list[Tagged]:
        """Return the mentions of sentences given as (words, pieces), the one with most words first."""
        ids = padded([encoding.ids for _, encoding in batch], STEP)
        states = self.encoder.states(ids)
        hidden = states[-1]
        lengths = [words for words, _ in batch]
        columns = torch.zeros(len(batch), lengths[0], dtype=torch.int64)
        for row, (words, encoding) in enumerate(batch):
            # A word is read off its last piece; one that left no piece, off the start sign.
            last = {word: at for at, word in enumerate(encoding.word_ids) if word is not None}
            columns[row, :words] = torch.tensor([last.get(word, 0) for word in range(words)])
        vectors = hidden.gather(1, columns.unsqueeze(-1).expand(-1, -1, hidden.shape[-1]))
        mentions = self.decoder(self._emissions(vectors.double(), lengths), lengths)
        return list(zip(mentions, self._vectors(ids, states), strict=True))

    def _vectors(self, ids: Tensor, states: Sequence[Tensor]) -> Sequence[bytes | None]:
        if self.projection is None:
            return [None] * len(ids)
        return self.projection(self.encoder.means(ids, states).numpy())

    def _emissions(self, words: Tensor, lengths: list[int]) -> Tensor:
        """Return what `NERTagger.forward` computes from word vectors: (sentences, words, tags)."""
        model = self.model
        packed = pack_padded_sequence(words, torch.tensor(lengths), batch_first=True)
        # Stanza's mix over one layer is (1 + weight) times that layer.
        data = packed.data * (1 + model.bert_layer_mix.weight[0, 0])
        if model.input_transform is not None:
            data = model.input_transform(data)
        start = [
            state.expand(-1, len(lengths), -1).contiguous()
            for state in (model.taggerlstm_h_init, model.taggerlstm_c_init)
        ]
        output, _ = model.taggerlstm(PackedSequence(data, packed.batch_sizes), lengths, hx=tuple(start))
        logits = model.tag_clfs[0](output.data)
        padded_logits: Tensor = pad_packed_sequence(PackedSequence(logits, packed.batch_sizes), batch_first=True)[0]
        return padded_logits


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
        self.transitions: Tensor = trainer.model.crits[0]._transitions.detach()
        self.first = VOCAB_PREFIX_SIZE  # the vocabulary opens with padding and unknown signs, never to be chosen
        self.tags: list[str] = list(trainer.vocab["tag"].items(0))

    @property
    def labels(self) -> frozenset[str]:
        return frozenset(tag[2:] for tag in self.tags[self.first :] if tag != "O")

    def __call__(self, logits: Tensor, lengths: Sequence[int]) -> Iterator[list[Mention]]:
        """Yield the mentions of each row of (sentences, words, tags).

        The confidence of a mention is the lowest probability, under the CRF, of any of its tags.
        """
        logits = logits.clone()
        logits[:, :, : self.first] = -1e4
        longest = logits.shape[1]
        forward, best, origins = [logits[:, 0]], logits[:, 0], []
        last = torch.tensor(lengths).unsqueeze(1) - 1
        for step in range(1, longest):
            alive = step <= last
            into = forward[-1].unsqueeze(2) + self.transitions
            forward.append(torch.where(alive, torch.logsumexp(into, 1) + logits[:, step], forward[-1]))
            scores, origin = (best.unsqueeze(2) + self.transitions).max(1)
            best = torch.where(alive, scores + logits[:, step], best)
            origins.append(torch.where(alive, origin, torch.arange(len(self.tags))))
        paths = [best.argmax(1)]
        for origin in reversed(origins):
            paths.append(origin.gather(1, paths[-1].unsqueeze(1)).squeeze(1))
        path = torch.stack(paths[::-1], 1)
        total = torch.logsumexp(forward[-1], 1, keepdim=True)
        backward = torch.zeros_like(best)
        probable = torch.empty_like(path, dtype=torch.float32)
        for step in range(longest - 1, -1, -1):
            marginal = forward[step] + backward - total
            probable[:, step] = marginal.gather(1, path[:, step : step + 1]).squeeze(1).exp()
            onward = torch.logsumexp(self.transitions + (logits[:, step] + backward).unsqueeze(1), 2)
            backward = torch.where(step <= last, onward, backward)
        for row, length in enumerate(lengths):
            tags = [self.tags[i] for i in path[row, :length].tolist()]
            yield list(_mentions(tags, probable[row, :length].tolist()))


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
