"""What a text is about, as a vector: near to that of the same thing said in another language.

The vectors are those of multilingual-e5-small (Wang et al., 2024, "Multilingual E5 Text Embeddings"): the mean over
the pieces of the untouched 12-layer encoder, of unit length.  All of them share a large part, which puts unrelated
texts at a cosine of 0.75 and more, and texts of one language nearer to each other than to the same text in another;
who compares them takes off the mean of their language first.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional

from tasks.encoder import STEP, Encoder, EncoderFile, Pieces, batches, normalise, padded
from tasks.parallel import spread

WIDTH = 384


class SentenceEncoder:
    """Texts to vectors.  A text's vector does not depend on the texts beside it."""

    def __init__(self, file: EncoderFile, pieces: Pieces) -> None:
        self.encoder = Encoder.untouched(file, pieces)

    def vectors(self, texts: Sequence[str], prefix: str = "query: ") -> npt.NDArray[np.float32]:
        """Return one vector of unit length a text (len(texts), 384); beyond 512 pieces a text is not read."""
        pieces = self.encoder.pieces
        encodings = pieces.tokenizer.encode_batch([prefix + normalise(text)[0] for text in texts])
        limit = Pieces.model_max_length
        rows = [e.ids if len(e.ids) <= limit else [*e.ids[: limit - 1], 2] for e in encodings]
        result = np.zeros((len(texts), WIDTH), dtype=np.float32)
        grouped = batches([len(row) for row in rows], step=STEP)
        for batch, means in zip(grouped, spread(self._means, [[rows[i] for i in b] for b in grouped]), strict=True):
            result[batch] = means
        return result

    @torch.inference_mode()
    def _means(self, rows: list[list[int]]) -> npt.NDArray[np.float32]:
        ids = padded(rows, STEP)
        means = self.encoder.means(ids, self.encoder.states(ids)[-1:])
        vectors: npt.NDArray[np.float32] = functional.normalize(means, dim=-1).float().numpy()
        return vectors
