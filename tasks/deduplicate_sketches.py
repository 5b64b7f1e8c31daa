"""Sketches: enough of a stored text to tell, without reading it, that it cannot repeat another one.

Short texts have one or two sampled shingles, so most candidates share one common phrase and nothing else; reading them
would cost each batch a look through the texts of the whole warehouse. A sketch is a row of bits, and each shingle sets
the one that its hash names (Bloom 1970, "Space/time trade-offs in hash coding with allowable errors"). What two texts
share has its bits in both, so of one text's shingles no more are in the other than find their bit in its sketch. The
bound is never too low: a candidate that it excludes is none, and what is found does not depend on sketches.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tasks.deduplicate_queries import MIN_CONTAINMENT, MIN_SIMILARITY
from tasks.minhash import Hashes, Positions, Shingles, ragged

#: Bits for each shingle, at least; up to twice as many, since sizes are powers of two. Of an unrelated text's shingles
#: some 17 % then find their bit set, far below the .6 and .8 that are asked for.
BITS = 4
#: 128 bytes, though 20 shingles need 10: of a text of 300 shingles, few then find a bit of theirs.
_SMALLEST = 10
#: 8 KiB: a text of 16,384 words; of a longer one more bits are set, and it is read more often.
_LARGEST = 16
#: So many probes of 8 bytes (8 MiB an array) at a time.
_PROBES = 1 << 20


def sketch(shingles: Hashes) -> bytes:
    """The sketch of one set of shingles: 2**10 to 2**16 bits."""
    power = min(max(_SMALLEST, (BITS * len(shingles) - 1).bit_length()), _LARGEST)
    bits = np.zeros(1 << power, np.uint8)
    bits[(shingles >> np.uint64(64 - power)).astype(np.int64)] = 1
    return np.packbits(bits).tobytes()


def shared_at_most(shingles: Shingles, documents: Positions, sketches: Sequence[bytes]) -> Positions:
    """How many shingles of `documents[i]` can be in the text of `sketches[i]` at most."""
    sizes = np.array([len(held) for held in sketches], np.int64)
    starts = np.cumsum(sizes) - sizes
    held = np.frombuffer(b"".join(sketches), np.uint8)
    shifts = np.array([64 - (8 * size - 1).bit_length() for size in sizes.tolist()], np.uint64)
    counts = shingles.counts[documents]
    edges = np.cumsum(counts)
    found = np.zeros(len(documents), np.int64)
    low = 0
    while low < len(documents):
        done = int(edges[low - 1]) if low else 0
        high = max(low + 1, int(np.searchsorted(edges, done + _PROBES, side="right")))
        probes = counts[low:high]
        pair = np.repeat(np.arange(low, high), probes)
        values = shingles.values[ragged(shingles.offsets[documents[low:high]], probes)]
        bits = (values >> shifts[pair]).astype(np.int64)
        is_set = held[starts[pair] + (bits >> 3)] >> (7 - (bits & 7)) & 1
        found[low:high] = np.bincount(pair - low, is_set, high - low).astype(np.int64)
        low = high
    return found


def possible(shingles: Shingles, documents: Positions, sketches: Sequence[bytes]) -> np.typing.NDArray[np.bool_]:
    """Whether `documents[i]` and the text of `sketches[i]` can repeat each other.

    A text has as many shingles as its sketch has bits set, or more, and with more of them less of it would be shared.
    """
    theirs = np.array([_bits(held) for held in sketches], np.int64)
    return _enough(shared_at_most(shingles, documents, sketches), shingles.counts[documents], theirs)


def possible_unread(one: tuple[bytes, int], other: tuple[bytes, int]) -> bool:
    """Whether two texts can repeat each other of which neither is at hand: given are their sketches and how many
    shingles each has at most.

    They share a bit for each shingle that they share, but for those that fell on a bit together with another one.
    """
    size = min(len(one[0]), len(other[0]))
    mine, theirs = _folded(one[0], size), _folded(other[0], size)
    together = max(0, min(one[1] - _bits(mine), other[1] - _bits(theirs)))
    shared = (int.from_bytes(mine, "little") & int.from_bytes(theirs, "little")).bit_count() + together
    counts = [np.array([_bits(held)], np.int64) for held, _ in (one, other)]
    return bool(_enough(np.array([shared], np.int64), *counts)[0])


def _enough(shared: Positions, mine: Positions, theirs: Positions) -> np.typing.NDArray[np.bool_]:
    similar = shared / np.maximum(mine + theirs - shared, 1) >= MIN_SIMILARITY
    inside = shared / np.maximum(np.minimum(mine, theirs), 1) >= MIN_CONTAINMENT
    return np.asarray(similar | inside)


def _bits(held: bytes) -> int:
    return int.from_bytes(held, "little").bit_count()


def _folded(held: bytes, size: int) -> bytes:
    """The sketch that the same shingles have in so many bytes: its bits are named by the first digits of a hash."""
    if len(held) == size:
        return held
    return np.packbits(np.unpackbits(np.frombuffer(held, np.uint8)).reshape(8 * size, -1).any(1)).tobytes()
