"""Read the corpora as the pipeline will see them: normalised words with punctuation set apart."""

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tasks.encoder import normalise, split_punctuation
from training.labels import COUNTRIES_AS_ACTORS, NATIONALITIES_UNLABELLED, TAGS, allowed_tags
from training.places import countries, nationalities

TRAIN = (
    "ar_cleananercorp_train", "ar_aqmar_train", "ar_caraner", "ar_wojood_sample_train",
    "fa_arman_train", "fa_peyma_train", "fa_parstwiner_train",
)  # fmt: skip
DEVELOPMENT = ("ar_cleananercorp_train", "ar_aqmar_dev", "fa_arman_train", "fa_peyma_dev")
# ANERcorp and ARMAN have no development part: blocks of 20 sentences, so that a story stays on one side.
BLOCK, EVERY = 20, 10
HELD_OUT = ("ar_cleananercorp_train", "fa_arman_train")


@dataclass(frozen=True, slots=True)
class Sentence:
    corpus: str
    words: tuple[str, ...]
    tags: tuple[str, ...]  # as the corpus has them, one a word
    allowed: tuple[frozenset[str], ...]  # what they may mean, one set a word

    @property
    def language(self) -> str:
        return self.corpus[:2]


def read_jsonl(path: Path) -> Iterator[dict[str, object]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def spans(tags: tuple[str, ...]) -> list[tuple[int, int, str]]:
    """Return (first, one past last, label) of each span of BIO tags; a stray I- opens a span."""
    found, start = [], None
    for i, tag in enumerate((*tags, "O")):
        if start is not None and (tag[0] != "I" or tag[2:] != tags[start][2:]):
            found.append((start, i, tags[start][2:]))
            start = None
        if start is None and tag != "O":
            start = i
    return found


def split_words(words: list[str], tags: list[str]) -> tuple[list[str], list[str]]:
    """Split words at blanks and set punctuation apart; punctuation at the edge of a name leaves it."""
    out_words: list[str] = []
    out_tags: list[str] = []
    for word, tag in zip(words, tags, strict=True):
        for start, end in split_punctuation(word):
            out_words.append(word[start:end])
            out_tags.append("I" + tag[1:] if tag[0] == "B" and out_tags and start > 0 and out_tags[-1] != "O" else tag)
            if tag != "O" and not any(c.isalnum() for c in out_words[-1]) and start == 0:
                out_tags[-1] = "O"
    return out_words, out_tags


def remap(corpus: str, words: list[str], tags: list[str], allowed: list[frozenset[str]]) -> list[frozenset[str]]:
    """Bring countries labelled ORG to LOC and nationalities to MISC, whatever the corpus says."""
    language = corpus[:2]
    if not corpus.endswith("dev"):
        for start, end, label in spans(tuple(tags)):
            name = " ".join(words[start:end])
            if label == "ORG" and (name in countries(language) or name in nationalities(language)):
                to = "LOC" if name in countries(language) else "MISC"
                allowed[start:end] = [frozenset({f"{'B' if i == start else 'I'}-{to}"}) for i in range(start, end)]
    if corpus in NATIONALITIES_UNLABELLED or corpus in COUNTRIES_AS_ACTORS:
        for i, (word, tag) in enumerate(zip(words, tags, strict=True)):
            if tag == "O" and word in nationalities(language) and word not in countries(language):
                allowed[i] = frozenset({"O", "B-MISC", "I-MISC"}) if len(word) < 4 else frozenset({"B-MISC"})
    return allowed


def read(folder: Path, corpus: str) -> list[Sentence]:
    """Return the sentences of one corpus, normalised and relabelled."""
    sentences = []
    for record in read_jsonl(folder / "ner" / f"{corpus}.jsonl.gz"):
        words, tags = [], []
        for token, tag in zip(record["tokens"], record["tags"], strict=True):  # type: ignore[call-overload]
            if token == "$#$":  # Wojood's end-of-sentence sign
                continue
            for i, part in enumerate(normalise(token, corpus[:2])[0].split()):
                words.append(part)
                tags.append("I" + tag[1:] if i and tag[0] == "B" else tag)
        words, tags = split_words(words, tags)
        if words:
            allowed = remap(corpus, words, tags, [allowed_tags(corpus, tag) for tag in tags])
            sentences.append(Sentence(corpus, tuple(words), tuple(tags), tuple(allowed)))
    return sentences


def is_held_out(corpus: str, index: int) -> bool:
    return corpus in HELD_OUT and index // BLOCK % EVERY == EVERY - 1


def train_sentences(folder: Path) -> list[Sentence]:
    return [
        sentence for corpus in TRAIN for i, sentence in enumerate(read(folder, corpus)) if not is_held_out(corpus, i)
    ]


def development_sentences(folder: Path) -> dict[str, list[Sentence]]:
    return {
        corpus: [s for i, s in enumerate(read(folder, corpus)) if corpus not in HELD_OUT or is_held_out(corpus, i)]
        for corpus in DEVELOPMENT
    }


def mask(allowed: frozenset[str]) -> list[bool]:
    return [tag in allowed for tag in TAGS]
