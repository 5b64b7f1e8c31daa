"""Sentences that an earlier run has read: half of a news stream is copies, and nothing is computed twice.

A sentence's key is the digest of its normalised words, of the models and of this stage's version; the warehouse
holds it beside the sentence. So a wire report that comes again under another name costs no language model, and
neither does an article that is read again because the gazetteer has changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import pyarrow as pa

from tasks.stage import Lookup

if TYPE_CHECKING:
    from tasks.tagging import Tagged

# Of several sentences with one key any will do, since all have the same names; the first is taken.
KNOWN = """
WITH known AS (
    SELECT sentence_key, min({article_id: article_id, sentence_index: sentence_index}) AS place
    FROM sentences SEMI JOIN wanted USING (sentence_key)
    GROUP BY sentence_key
)
SELECT
    known.sentence_key,
    any_value(sentences.vector) AS vector,
    list({first: word_start, stop: word_end, label: label, confidence: confidence} ORDER BY word_start)
        FILTER (word_start IS NOT NULL) AS mentions
FROM known
JOIN sentences ON sentences.article_id = place.article_id AND sentences.sentence_index = place.sentence_index
LEFT JOIN entity_mentions
    ON entity_mentions.article_id = place.article_id AND entity_mentions.sentence_index = place.sentence_index
GROUP BY known.sentence_key
"""


class WarehouseRecall:
    """What the warehouse knows of sentences; `version` names everything that an answer depends on."""

    def __init__(self, lookup: Lookup, version: str) -> None:
        self.lookup, self.version = lookup, version

    def __call__(self, keys: Sequence[str]) -> Mapping[str, Tagged]:
        rows = self.lookup(KNOWN, wanted=pa.table({"sentence_key": pa.array(keys, pa.string())}))
        return {
            row["sentence_key"]: ([tuple(mention.values()) for mention in row["mentions"] or ()], row["vector"])
            for row in rows.to_pylist()
        }
