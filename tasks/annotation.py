"""Texts to sentences, tokens and mentions with true offsets, for one language whose models are loaded.

The models read a normalised spelling (`encoder.py`).  Each of its characters knows where it came from, and an
assertion on every mention holds the way back: its surface, normalised, begins with the word that was tagged.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

from schemas.errors import ModelFailure, RasadError
from tasks.annotation_bounds import BASIM, is_honorific, mended
from tasks.annotation_offices import with_offices
from tasks.annotation_press import with_press
from tasks.encoder import Pieces, end_of, normalise, split_punctuation
from tasks.model_files import LABELS
from tasks.stage import stable_id

if TYPE_CHECKING:
    import stanza

    from tasks.splitting import Splitter
    from tasks.tagging import Expander, SentenceTagger, Tagged

# The encoder reads 512 pieces with its two signs; a sentence is split a little before.
MOST_PIECES = 480
REMEMBERED = 20_000  # sentences whose mentions are kept: about 10 MB

_LINE = re.compile("[^\n\r\u0085\u2028\u2029]+")
_PROCLITICS = frozenset("وفبلكس")
_PRONOUNS = frozenset(("ه", "ها", "هم", "هما", "هن", "نا", "ك", "كم", "ي", "ني"))
_PERSIAN_ENDING = re.compile("\u200c(?:ها|های|هایی|ی|ای|اش|شان|ام|مان|ات|تان|اند|است|هایش|هایشان)$")


@dataclass(frozen=True, slots=True)
class Token:
    """One word: `bare` is its form without clitics where that is known, else its surface."""

    char_start: int
    char_end: int
    bare: str


@dataclass(frozen=True, slots=True)
class Span:
    """One mention of PER, ORG, LOC or MISC; `word_start` and `word_end` count the words of its sentence."""

    char_start: int
    char_end: int
    word_start: int
    word_end: int
    label: str
    confidence: float
    bare: str


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of a text; it never crosses a line end.

    `key` is the same for the same words, however they are spaced or marked; `vector`: see `sentence_projection.py`.
    """

    char_start: int
    char_end: int
    tokens: tuple[Token, ...]
    mentions: tuple[Span, ...]
    key: str
    vector: bytes | None = None


Annotation = list[Sentence] | ModelFailure


class Recall(Protocol):
    """What is known of sentences that were read before, in this run or another."""

    #: Whatever the answer to a sentence depends on: it is part of the key.
    version: str

    def __call__(self, keys: Sequence[str]) -> Mapping[str, Tagged]:
        """Return the mentions and the vector of each sentence that is known, by its key."""


class Nothing:
    """Nothing was read before."""

    version = ""

    def __call__(self, keys: Sequence[str]) -> Mapping[str, Tagged]:
        return {}


NOTHING = Nothing()


Bounds = tuple[int, int, bool]  # start, end, does Stanza see clitics in it?


class Annotator:
    """The loaded models of one language, and the mentions of the sentences that they have seen."""

    def __init__(
        self, language: str, pipeline: stanza.Pipeline, split: Splitter, tag: SentenceTagger, expander: Expander
    ) -> None:
        self.language, self.pipeline = language, pipeline
        self.split, self.tag, self.expander = split, tag, expander
        encoder = getattr(tag, "encoder", None)
        self.pieces: Pieces | None = encoder.pieces if encoder else None
        self.seen: dict[tuple[str, ...], Tagged] = {}

    def annotate(self, texts: Sequence[str], recall: Recall) -> list[Annotation]:
        """Annotate in one batch; where it fails, halve it until the text that breaks the model is alone."""
        try:
            return list(self._annotate(texts, recall))
        except RasadError:  # the warehouse failed, not the model
            raise
        except Exception as error:  # whatever a network dislikes about one text, the others go on
            if len(texts) > 1:
                half = len(texts) // 2
                return [*self.annotate(texts[:half], recall), *self.annotate(texts[half:], recall)]
            problem = f"the {self.language} model failed on a text: {type(error).__name__}: {error}"
            return [ModelFailure(problem, hint="See `rejections`; after a mend, type `rasad replay --stage entities`.")]

    def _annotate(self, texts: Sequence[str], recall: Recall) -> list[list[Sentence]]:
        plain = [normalise(text, self.language) for text in texts]
        lines = [
            (i, match.start(), match.group())
            for i, (text, _) in enumerate(plain)
            for match in _LINE.finditer(text)
            if not match.group().isspace()
        ]
        # (text, bounds of the words in the normalised text with Stanza's clitic mark)
        found: list[tuple[int, list[Bounds]]] = []
        for (index, at, line), sentences in zip(lines, self.split([line for _, _, line in lines]), strict=True):
            for tokens in sentences:
                words = [
                    (at + s + a, at + s + b, clitics)
                    for s, e, clitics in tokens
                    for a, b in split_punctuation(line[s:e])
                ]
                found += [(index, part) for part in self._parts(plain[index][0], words) if part]
        written = [tuple(plain[index][0][s:e] for s, e, _ in words) for index, words in found]
        keys = {words: stable_id(recall.version, self.language, *words) for words in written}
        self._learn(keys, recall)
        first = [
            w[start]
            for w, (_, words) in zip(written, found, strict=True)
            for start, *_ in self.seen[w][0]
            if words[start][2]
        ]
        self.expander.learn(first)
        result: list[list[Sentence]] = [[] for _ in texts]
        for (index, bounds), spelling in zip(found, written, strict=True):
            result[index].append(self._sentence(texts[index], plain[index][1], bounds, spelling, keys[spelling]))
        if len(self.seen) > REMEMBERED:
            self.seen.clear()
        return result

    def _learn(self, keys: Mapping[tuple[str, ...], str], recall: Recall) -> None:
        """Read the sentences that neither this process nor an earlier run has read."""
        new = [words for words in keys if words not in self.seen]
        known = recall([keys[words] for words in new]) if new else {}
        self.seen.update((words, known[keys[words]]) for words in new if keys[words] in known)
        new = [words for words in new if keys[words] not in known]
        for words, (mentions, vector) in zip(new, self.tag(new), strict=True):
            named = mended(words, mentions)
            named = with_press(words, named) if self.language == "fa" else named
            self.seen[words] = (with_offices(words, named, self.language), vector)

    def _parts(self, text: str, words: list[Bounds]) -> list[list[Bounds]]:
        """Split a sentence that may not fit the encoder: at the last punctuation that lets its parts fit."""
        if self.pieces is None:  # Stanza's own networks read sentences of any length
            return [words]
        if sum(e - s + 1 for s, e, _ in words) <= MOST_PIECES:  # a piece is a character at least
            return [words]
        bounded = [(a, min(a + 200, e), c) for s, e, c in words for a in range(s, e, 200)]
        parts: list[list[Bounds]] = []
        part: list[Bounds] = []
        size = 0
        for start, end, clitics in bounded:
            cost = self._cost(text[start:end])
            if size + cost > MOST_PIECES:
                stop = max((i + 1 for i, (s, _, _) in enumerate(part) if not text[s].isalnum()), default=0)
                stop = stop if stop > len(part) // 2 else len(part)
                parts.append(part[:stop])
                part = part[stop:]
                size = sum(self._cost(text[s:e]) for s, e, _ in part)
            part.append((start, end, clitics))
            size += cost
        return [*parts, part]

    @lru_cache(maxsize=50_000)  # noqa: B019  (one object a language, for the life of the process)
    def _cost(self, word: str) -> int:
        assert self.pieces is not None
        return len(self.pieces.tokenizer.encode(word).ids) - 2

    def _sentence(
        self, text: str, at: Sequence[int], bounds: list[Bounds], words: tuple[str, ...], key: str
    ) -> Sentence:
        places = [(at[start], end_of(text, at[end - 1])) for start, end, _ in bounds]
        tokens = tuple(
            Token(start, end, self._bare(word) if clitics else text[start:end])
            for (start, end), (_, _, clitics), word in zip(places, bounds, words, strict=True)
        )
        mentions = []
        found, vector = self.seen[words]
        for first, stop, label, confidence in found:
            start, end = places[first][0], places[stop - 1][1]
            bare = list(words[first : stop - 3 if stop - first > 3 and is_honorific(words, stop - 2) else stop])
            if bounds[first][2] and not (bare[0] == BASIM and LABELS[label.upper()] == "PER"):
                bare[0] = self._bare(bare[0])
            if self.language == "fa":
                bare[-1] = _PERSIAN_ENDING.sub("", bare[-1]) or bare[-1]
            spelling = re.sub(r" ([^\w\s])(?= |$)", r"\1", " ".join(bare)) if len(bare) > 1 else bare[0]
            assert normalise(text[start:end], self.language)[0].startswith(words[first]), (
                text[start:end],
                words[first],
            )
            mentions.append(Span(start, end, first, stop, LABELS[label.upper()], round(confidence, 4), spelling))
        return Sentence(places[0][0], places[-1][1], tokens, tuple(mentions), key, vector)

    def _bare(self, word: str) -> str:
        parts = self.expander.parts(word)
        while len(parts) > 1 and parts[0] in _PROCLITICS:
            parts = parts[1:]
        while len(parts) > 1 and parts[-1] in _PRONOUNS:
            parts = parts[:-1]
        return "".join(parts)
