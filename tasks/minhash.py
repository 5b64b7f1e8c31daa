"""Shingles, MinHash signatures and exact Jaccard similarity, for a whole batch of texts at once.

Broder (1997, "On the resemblance and containment of documents") measures how near two texts are by the
shingles that they share, and shows that the chance of two sets having the same minimum under a random
permutation is their Jaccard similarity. Leskovec, Rajaraman and Ullman ("Mining of Massive Datasets",
chapter 3) cut the signature into bands, so that likely pairs meet in a bucket instead of all with all.

Everything runs over flat NumPy arrays with an offset for each document, and every constant comes from
SplitMix64 (Steele, Lea and Flood 2014): the same texts give the same signature on any machine, whatever
Python's hash seed or NumPy's version.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Positions = NDArray[np.int64]
Hashes = NDArray[np.uint64]

#: Changing one word of a text changes this many shingles. Three words keep a text whose every tenth word
#: was edited at a similarity of .9**3 / (2 - .9**3) = .57; with five words it would fall to .42.
SHINGLE_WORDS = 3

#: A pair of similarity s meets in at least one bucket with probability 1 - (1 - s**ROWS)**BANDS:
#: s = .70: .9986, s = .65: .991, s = .60: .964; and by chance s = .10: .0024, s = .05: .00015.
#: (14 bands of 8 rows, a common default for web pages, would find only .56 of the pairs at .70.)
BANDS = 24
ROWS = 4
PERMUTATIONS = BANDS * ROWS

#: One shingle in so many stands for a text when a short one is looked for inside long ones: its hash
#: decides which, so the same are chosen in every text. Of 60 words, none is chosen with a chance of (15/16)**58 = .024.
SAMPLED = 16
#: A text of 5 MB has 50,000 of them. The smallest are kept, 4,000 words' worth: they are the same in every text too.
MOST_SAMPLED = 256

#: So many hashes of 4 bytes (256 KiB) stay in a core's second-level cache through all permutations.
_CHUNK = 1 << 16
#: So many probes of 8 bytes (64 MiB an array) at a time when sets are compared.
_PROBES = 1 << 23

_GOLDEN = 0x9E3779B97F4A7C15
_MASK = (1 << 64) - 1


@dataclass(frozen=True, slots=True)
class Shingles:
    """One set of shingle hashes per document, each ascending and without repeats, in one flat array.

    The set of document i is `values[offsets[i]:offsets[i + 1]]`; a text of fewer than SHINGLE_WORDS words
    has an empty one.
    """

    values: Hashes
    offsets: Positions

    @property
    def counts(self) -> Positions:
        return np.diff(self.offsets)


@dataclass(frozen=True, slots=True)
class Words:
    """The words of each document: document i has `tokens[offsets[i]:offsets[i + 1]]`."""

    tokens: pa.Array
    offsets: Positions


def split_words(keys: pa.Array) -> Words:
    """Cut search keys, in which one space stands between two words, into their words.

    Columns in: strings (`tasks.normalize.search_keys`); an empty or null key has no words.
    """
    lists = pc.split_pattern(pc.fill_null(keys.cast(pa.large_string()), ""), " ")
    tokens = lists.flatten()
    # A key without any word comes back as one empty token.
    real = np.asarray(pc.greater(pc.binary_length(tokens), 0).to_numpy(zero_copy_only=False), dtype=np.bool_)
    before = np.concatenate(([0], np.cumsum(real)))
    return Words(tokens.filter(pa.array(real)), before[np.asarray(lists.offsets)].astype(np.int64))


def shingle(words: Words) -> Shingles:
    """Hash every run of SHINGLE_WORDS words; equal runs have equal hashes in every batch."""
    tokens = _hash_tokens(words.tokens)
    total = len(tokens) - SHINGLE_WORDS + 1
    if total <= 0:
        return Shingles(np.zeros(0, np.uint64), np.zeros(len(words.offsets), np.int64))
    rolled = np.zeros(total, np.uint64)
    for place in range(SHINGLE_WORDS):
        # Multiplying between the words makes their order count.
        rolled *= np.uint64(_GOLDEN)
        rolled += tokens[place : place + total]
    counts = np.maximum(np.diff(words.offsets) - (SHINGLE_WORDS - 1), 0)
    values = _mix(rolled[ragged(words.offsets[:-1], counts)])
    offsets = np.concatenate(([0], np.cumsum(counts))).astype(np.int64)
    for start, end in zip(offsets[:-1].tolist(), offsets[1:].tolist(), strict=True):
        values[start:end].sort()
    first = np.ones(len(values), np.bool_)
    first[1:] = values[1:] != values[:-1]
    first[offsets[:-1][counts > 0]] = True
    kept = np.concatenate(([0], np.cumsum(first)))
    return Shingles(values[first], kept[offsets].astype(np.int64))


def signatures(shingles: Shingles) -> tuple[Positions, NDArray[np.uint32]]:
    """The minimum of each permutation over each set: the documents that have one, and a row for each.

    A permutation is x -> a·x + b modulo 2**32 with an odd a. 32 bits hold: among the 1,000 shingles of a
    long article two hashes agree with a chance of 1,000**2 / 2**33 = .0001, and 32-bit products run four
    to eight times as fast as the 64-bit products or Mersenne remainders that are often used.
    """
    documents = np.flatnonzero(shingles.counts)
    hashes = (shingles.values >> np.uint64(32)).astype(np.uint32)
    starts = shingles.offsets[documents]
    ends = shingles.offsets[documents + 1]
    minima = np.empty((len(documents), PERMUTATIONS), np.uint32)
    low = 0
    while low < len(documents):
        high = max(low + 1, int(np.searchsorted(ends, starts[low] + _CHUNK, side="right")))
        chunk = hashes[starts[low] : ends[high - 1]]
        inner = starts[low:high] - starts[low]
        scratch = np.empty_like(chunk)
        for permutation in range(PERMUTATIONS):
            np.multiply(chunk, _FACTORS[permutation], out=scratch)
            np.add(scratch, _TERMS[permutation], out=scratch)
            minima[low:high, permutation] = np.minimum.reduceat(scratch, inner)
        low = high
    return documents, minima


def buckets(minima: NDArray[np.uint32]) -> NDArray[np.int64]:
    """One hash for each band of each signature, shape (documents, BANDS)."""
    banded = minima.reshape(len(minima), BANDS, ROWS).astype(np.uint64)
    folded = np.broadcast_to(_BAND_SEEDS, (len(minima), BANDS)).copy()
    for row in range(ROWS):
        folded = _mix(folded ^ banded[:, :, row])
    return folded.view(np.int64)


def sampled(shingles: Shingles) -> tuple[Positions, NDArray[np.int64]]:
    """The shingles that stand for each set: the documents, ascending, and one chosen shingle beside each."""
    chosen = np.flatnonzero(shingles.values % np.uint64(SAMPLED) == 0)
    owners = np.searchsorted(shingles.offsets, chosen, side="right") - 1
    first = np.searchsorted(owners, owners)  # sets ascend: the first of a document are its smallest
    kept = np.arange(len(owners)) - first < MOST_SAMPLED
    return owners[kept].astype(np.int64), shingles.values[chosen[kept]].view(np.int64)


@dataclass(frozen=True, slots=True)
class Overlap:
    """How much the documents of some pairs share: Jaccard similarity, and the share of the smaller set that the larger
    one has. Two empty sets share 0."""

    jaccard: NDArray[np.float64]
    containment: NDArray[np.float64]


def overlap(shingles: Shingles, left: Positions, right: Positions) -> Overlap:
    """What the documents `left[i]` and `right[i]` share, exactly.

    The smaller set of each pair is looked up in the larger one, by binary search over (document, shingle)
    keys of all documents: shingles become ranks first, so that both fit into one 64-bit integer.
    """
    counts = shingles.counts
    distinct, ranks = np.unique(shingles.values, return_inverse=True)
    width = np.int64(max(len(distinct), 1))
    owners = np.repeat(np.arange(len(counts), dtype=np.int64), counts)
    keys = owners * width + ranks
    small = np.where(counts[left] <= counts[right], left, right)
    large = np.where(counts[left] <= counts[right], right, left)
    shared = np.zeros(len(left), np.int64)
    edges = np.cumsum(counts[small])
    low = 0
    while low < len(left):
        done = int(edges[low - 1]) if low else 0
        high = max(low + 1, int(np.searchsorted(edges, done + _PROBES, side="right")))
        probes = counts[small[low:high]]
        pair = np.repeat(np.arange(low, high), probes)
        wanted = large[pair] * width + ranks[ragged(shingles.offsets[small[low:high]], probes)]
        place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        hits = keys[place] == wanted if len(keys) else np.zeros(0, np.bool_)
        shared[low:high] = np.bincount(pair[hits] - low, minlength=high - low)
        low = high
    union = counts[left] + counts[right] - shared
    return Overlap(shared / np.maximum(union, 1), shared / np.maximum(counts[small], 1))


def _hash_tokens(tokens: pa.Array) -> Hashes:
    """64 bits for each token; each different token of the batch is hashed once."""
    encoded = tokens.dictionary_encode()
    digests = b"".join(map(_DIGESTS.__getitem__, encoded.dictionary.to_pylist()))
    hashed = np.frombuffer(digests, dtype="<u8").astype(np.uint64)
    codes = np.asarray(encoded.indices)
    return hashed[codes] if len(codes) else np.zeros(0, np.uint64)


class _Digests(dict[str, bytes]):
    """The hash of each of the first words met: every batch has the frequent ones again, which are met early."""

    def __missing__(self, token: str) -> bytes:
        digest = hashlib.blake2b(token.encode(), digest_size=8).digest()
        if len(self) < _KEPT_TOKENS and len(token) <= _KEPT_LETTERS:
            self[token] = digest
        return digest


#: Some 200 bytes each, 13 MB in all: more than half of the different words of a hundred articles are among them.
_KEPT_TOKENS = 1 << 16
#: No word of a language is longer; what is, an address or a table without spaces, does not come back.
_KEPT_LETTERS = 24
_DIGESTS = _Digests()


def ragged(starts: Positions, counts: Positions) -> Positions:
    """`starts[0], starts[0] + 1, …` for counts[0] places, then the same from `starts[1]`, and so on."""
    before = np.cumsum(counts) - counts
    places: Positions = np.arange(int(counts.sum()), dtype=np.int64) + np.repeat(starts - before, counts)
    return places


def _mix(values: Hashes) -> Hashes:
    """SplitMix64's finaliser: every input bit reaches every output bit."""
    mixed = values.copy()
    mixed ^= mixed >> np.uint64(30)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    mixed ^= mixed >> np.uint64(27)
    mixed *= np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(31)
    return mixed


def _constants(count: int, skip: int) -> Hashes:
    """A stretch of SplitMix64's sequence from seed 0."""
    states = [(_GOLDEN * (skip + index + 1)) & _MASK for index in range(count)]
    return _mix(np.array(states, np.uint64))


_FACTORS = (_constants(PERMUTATIONS, 0) >> np.uint64(32)).astype(np.uint32) | np.uint32(1)
_TERMS = (_constants(PERMUTATIONS, PERMUTATIONS) >> np.uint64(32)).astype(np.uint32)
_BAND_SEEDS = _constants(BANDS, 2 * PERMUTATIONS)
