"""What the texts of some articles come to: content keys, shingles, paragraphs; and the texts without boilerplate."""

from __future__ import annotations

import hashlib
from collections.abc import Set
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from tasks.minhash import SHINGLE_WORDS, Shingles, shingle, split_words
from tasks.normalize import search_key, search_keys


@dataclass(frozen=True, slots=True)
class Fingerprints:
    """`keys[i]`, set i of `shingles`, `texts[i]` and the paragraphs of `sources[i]` belong to `ids[i]`."""

    ids: tuple[str, ...]
    keys: tuple[str, ...]
    shingles: Shingles
    texts: tuple[str, ...]
    sources: tuple[str, ...]

    def subset(self, chosen: list[int]) -> Shingles:
        """The shingles of some of the articles, in that order."""
        all_, offsets = self.shingles.values, self.shingles.offsets
        parts = [all_[offsets[index] : offsets[index + 1]] for index in chosen]
        return _joined(parts)

    def without(self, boilerplate: Set[int], chosen: list[int]) -> Shingles:
        """The same, of what is left of each text when its boilerplate paragraphs are taken out."""
        shingles = self.subset(chosen)
        if not boilerplate:
            return shingles
        parts = [shingles.values[start:end] for start, end in zip(shingles.offsets, shingles.offsets[1:], strict=False)]
        for place, index in enumerate(chosen):
            lines = _paragraphs(self.sources[index], self.texts[index])
            if not boilerplate.isdisjoint(lines):
                left = "\n".join(line for bucket, line in lines.items() if bucket not in boilerplate)
                parts[place] = shingle(split_words(pa.array([search_key(left)]))).values
        return _joined(parts)

    def paragraphs(self, index: int) -> list[int]:
        """A bucket for each different paragraph of an article, ascending."""
        return sorted(_paragraphs(self.sources[index], self.texts[index]))

    def __add__(self, more: Fingerprints) -> Fingerprints:
        ours, theirs = self.shingles, more.shingles
        shingles = Shingles(
            np.concatenate([ours.values, theirs.values]),
            np.concatenate([ours.offsets, theirs.offsets[1:] + ours.offsets[-1]]),
        )
        return Fingerprints(
            self.ids + more.ids, self.keys + more.keys, shingles, self.texts + more.texts, self.sources + more.sources
        )


def fingerprint(articles: pa.Table) -> Fingerprints:
    """Content keys and shingles of articles (columns article_id, source, title, text).

    The key digests the words alone, so punctuation, vowel marks, joiners and the spellings that `search_key`
    folds make no difference. Texts shorter than one shingle (a lone "urgent") say too little by themselves:
    their title must agree too, and what has no letter or digit at all is compared as it is written.
    """
    contents = search_keys(articles["text"])  # without a language: it may not be known yet, and must not count
    shingles = shingle(split_words(contents))
    contents, texts = contents.to_pylist(), articles["text"].to_pylist()
    for short in np.flatnonzero(shingles.counts == 0).tolist():
        title = search_key(articles["title"][short].as_py() or "")
        contents[short] = f"{contents[short] or texts[short]}\x1f{title}"
    keys = tuple(hashlib.sha256(content.encode()).hexdigest() for content in contents)
    ids, sources = articles["article_id"].to_pylist(), articles["source"].to_pylist()
    return Fingerprints(tuple(ids), keys, shingles, tuple(texts), tuple(sources))


def _paragraphs(source: str, text: str) -> dict[int, str]:
    """Each paragraph that has a shingle, under a hash of its source and itself as the source writes it."""
    found: dict[int, str] = {}
    for line in map(str.strip, text.split("\n")):
        if line.count(" ") >= SHINGLE_WORDS - 1:
            digest = hashlib.blake2b(f"{source}\x1f{line}".encode("utf-8", "surrogatepass"), digest_size=8).digest()
            found[int.from_bytes(digest, "little", signed=True)] = line
    return found


def _joined(parts: list[np.typing.NDArray[np.uint64]]) -> Shingles:
    offsets = np.concatenate([[0], np.cumsum([len(part) for part in parts])]).astype(np.int64)
    return Shingles(np.concatenate([*parts, np.zeros(0, np.uint64)]), offsets)
