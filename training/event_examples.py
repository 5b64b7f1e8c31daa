"""What the event classifier learns from: sentences with labels, and the encoder's means of them."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml

from bench.events import labelled
from tasks.encoder import STEP, Encoder, EncoderFile, Pieces, batches, normalise, padded, split_punctuation
from tasks.events import split
from tasks.lexicon import LANGUAGES
from tasks.models import ModelBundle
from tasks.sentence_projection import Floats
from training.corpora import read_jsonl

#: The types with judged sentences.
JUDGED = ("ASSAULT", "PROTEST")
GOLDEN = Path(__file__).parents[1] / "tests" / "golden"
#: How much a sentence with the type weighs beside one without.
POSITIVE = 3.0
#: What the number of its sentence adds to a document's name.
_SENTENCE_NUMBER = re.compile(r"[-_]\d+$")
#: How much a sentence of our own weighs. They are short and plain, as the judged newswire is not: at 3.0 they took
#: the F1 of PROTEST from .55 to .34.
OWN = 0.5


@dataclass
class Example:
    """A sentence: for each type whether it is told (from 0 to 1) and how much that weighs.

    Sentences of one `document` are learnt from or measured on together; without one, a sentence stands alone.
    """

    text: str
    language: str
    targets: dict[str, tuple[float, float]]
    source: str
    label: str = ""
    document: str = ""


def judged_sentences(data: Path) -> list[Example]:
    """The judged sentences by their votes, and at half the weight those that are only known from marked spans."""
    found: dict[str, list[Example]] = {kind: [] for kind in JUDGED}
    for kind in JUDGED:
        stem = f"ar_gsr_{kind.lower()}"
        for row in read_jsonl(data / "events" / f"{stem}_dev.jsonl.gz"):
            label = str(row["label"])
            share = int(str(row["accept"])) / max(1, int(str(row["total"])))
            target = 0.5 * (label == "yes") + 0.5 * share
            weight = 1 + (POSITIVE - 1) * target
            document = _SENTENCE_NUMBER.sub("", str(row["id"]))
            found[kind].append(
                Example(str(row["text"]), "ar", {kind: (target, weight)}, f"gsr-{kind}", label, document)
            )
        known = {one.text.strip() for one in found[kind]}
        spans = read_jsonl(data / "events" / f"{stem}_spans_dev.jsonl.gz")
        marked = {str(r["text"]): str(r["source"]) for r in spans}
        found[kind] += [
            Example(text, "ar", {kind: (1.0, POSITIVE / 2)}, "gsr-spans", document=_SENTENCE_NUMBER.sub("", source))
            for text, source in marked.items()
            if text.strip() not in known
        ]
    return [one for kind in JUDGED for one in found[kind]]


def golden_sentences() -> list[Example]:
    """Sentences of our own; those of `typing/second.txt` stay unseen."""
    found = []
    for language in LANGUAGES:
        for pair in yaml.safe_load((GOLDEN / "events" / f"{language}.yml").read_text("utf-8")):
            told = {act.partition("=> ")[2].partition(":")[0] for act in pair["acts"]}
            found.append(_golden(pair["text"], language, told))
    for one in labelled(GOLDEN / "typing" / "first.txt"):
        told = {
            kind
            for kind, modality, polarity, time in one.acts
            if modality in ("happened", "ongoing", "claimed") and (polarity, time) == ("affirmed", "current")
        }
        found.append(_golden(one.text, one.language, told))
    return found


def _golden(text: str, language: str, told: set[str]) -> Example:
    targets = {kind: (float(kind in told), OWN) for kind in JUDGED}
    return Example(text, language, targets, "golden")


def other_sentences(data: Path) -> list[Example]:
    """Sentences without labels, for the projection alone: every third line of FLORES, news of both languages."""
    flores = {"arb_Arab": "ar", "pes_Arab": "fa", "eng_Latn": "en"}
    found = [
        Example(str(row["text"]), flores[str(row["lang"])], {}, "other")
        for row in read_jsonl(data / "langid" / "flores200_devtest.jsonl.gz")
        if row["lang"] in flores and int(str(row["line"])) % 3 == 0
    ]
    for corpus in ("ar_ant", "fa_news"):
        for number, row in enumerate(read_jsonl(data / "news" / f"{corpus}.jsonl.gz")):
            text = str(row["text"])
            if number % 20 == 0:
                found += [Example(text[low:high], corpus[:2], {}, "other") for _, low, high in split(text)[:1]]
    return found


def pooled_means(bundle: ModelBundle, examples: Sequence[Example]) -> Floats:
    """The encoder's means of each sentence, as the stage `entities` sees them."""
    pieces = Pieces(bundle.folder / "vocabulary.json.gz")
    encoder = Encoder.for_names(EncoderFile.read(bundle.folder / "encoder.safetensors"), pieces)
    rows = []
    for one in examples:
        plain, _ = normalise(one.text, one.language)
        rows.append([plain[a:b] for a, b in split_punctuation(plain)][:300] or ["."])
    encodings = [encoding.ids[:512] for encoding in encoder.pieces.encode(rows)]
    result = np.zeros((len(rows), 4 * encoder.config.hidden_size))
    for done, batch in enumerate(batches([len(ids) for ids in encodings], step=STEP)):
        ids = padded([encodings[i] for i in batch], STEP)
        result[batch] = encoder.means(ids, encoder.states(ids)).numpy()
        if done % 50 == 0:
            print(f"  vectors: batch {done}", file=sys.stderr, flush=True)
    return result


def cached_means(cache: Path | None, bundle: ModelBundle, examples: Sequence[Example]) -> Floats:
    """`pooled_means`, those of sentences in the file not computed again."""
    if cache is None or not cache.exists():
        means = pooled_means(bundle, examples)
        if cache:
            np.savez(cache, means=means, texts=np.array([one.text for one in examples]))
        return means
    with np.load(cache) as stored:
        known, row_of = stored["means"], {text: row for row, text in enumerate(stored["texts"].tolist())}
    missing = [one for one in examples if one.text not in row_of]
    fresh = iter(pooled_means(bundle, missing)) if missing else iter(())
    means = np.stack([known[row_of[e.text]] if e.text in row_of else next(fresh) for e in examples])
    np.savez(cache, means=means, texts=np.array([one.text for one in examples]))
    return means
