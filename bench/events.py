"""How well, how evenly across languages, and how fast sentences are typed.

    python -m bench.events [--data DATA] [--errors]

Without `--data`: our own labelled sentences (`tests/golden/typing`), typed by the lexicon alone and, as in the
pipeline, with the classifier. With it, also: the judged Arabic sentences (the shipped classifier has learnt from
them: its honest figures are the cross-validated ones that `training.event_types` prints), and the parallel
lines of FLORES and PUD. Speed is sentences a second of processor time on one core, models excluded.
"""

from __future__ import annotations

import argparse
import gc
import gzip
import itertools
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tasks.clitics import words
from tasks.events_classifier import Classifier, bundled_classifier
from tasks.events_opinion import heard
from tasks.events_read import Act, read_acts
from tasks.lexicon_reader import reader
from tasks.sentence_projection import bundled_projection

#: Lines of FLORES that follow each other mostly come from one page: ten of them make a block.
BLOCK = 10
#: Where PUD's Arabic file has its sentences, and the English ones that they translate.
PUD = {"original_text": "ar", "text_en": "en"}
TYPING = Path(__file__).parents[1] / "tests" / "golden" / "typing"


@dataclass(frozen=True)
class Labelled:
    """A sentence, and the acts that it tells: (type, modality, polarity, time)."""

    text: str
    language: str
    acts: tuple[tuple[str, str, str, str], ...]


def labelled(file: Path) -> list[Labelled]:
    """The sentences of a file: act and status | Arabic | Persian."""
    found = []
    for line in file.read_text("utf-8").splitlines():
        if line.startswith("#") or not line.strip():
            continue
        label, *texts = (part.strip() for part in line.split("|"))
        acts = tuple(_act(one.split()) for one in label.split(" + ") if one != "-")
        found += [Labelled(text, language, acts) for language, text in zip(("ar", "fa"), texts, strict=True)]
    return found


def _act(words: list[str]) -> tuple[str, str, str, str]:
    return (
        words[0],
        words[1],
        "negated" if "not" in words else "affirmed",
        "historical" if "old" in words else "current",
    )


@dataclass
class Score:
    """Counts of one set of sentences."""

    hits: int = 0
    found: int = 0
    wanted: int = 0
    modality: int = 0
    polarity: int = 0

    @property
    def f1(self) -> float:
        return 2 * self.hits / max(1, self.found + self.wanted)

    def line(self) -> str:
        matched = max(1, self.hits)
        return (
            f"type F1 {self.f1:.3f} ({self.hits} right, {self.found} found, {self.wanted} told), "
            f"modality {self.modality / matched:.3f}, polarity {self.polarity / matched:.3f}"
        )


def score(sentences: Sequence[Labelled], typed: Sequence[Sequence[Act]], errors: bool = False) -> Score:
    """Compare the described types of each sentence as sets, and the status of those that are right."""
    total = Score()
    for one, acts in zip(sentences, typed, strict=True):
        told = {act.type: act for act in reversed(acts)}
        wanted = {act[0]: act for act in one.acts}
        right = told.keys() & wanted.keys()
        total.hits, total.found, total.wanted = (
            total.hits + len(right),
            total.found + len(told),
            total.wanted + len(wanted),
        )
        total.modality += sum(told[kind].status.modality == wanted[kind][1] for kind in right)
        total.polarity += sum(told[kind].status.polarity == wanted[kind][2] for kind in right)
        shown = {kind: (act.status.modality, act.status.polarity) for kind, act in told.items()}
        if errors and shown != {kind: act[1:3] for kind, act in wanted.items()}:
            print(f"  {one.language} {one.acts} found {shown}: {one.text}")
    return total


def vectors(texts: Sequence[str], language: str) -> list[bytes | None]:
    """The vectors that the stage `entities` leaves; of a text in several sentences the first one's."""
    if bundled_projection() is None:
        return [None] * len(texts)
    from tasks.models import bundled_models

    answers = bundled_models().annotate(language, list(texts))
    return [answer[0].vector if isinstance(answer, list) and answer else None for answer in answers]


def typed(
    texts: Sequence[str], language: str, classifier: Classifier | None, given: Sequence[bytes | None]
) -> list[list[Act]]:
    """The acts of each text, taken as one sentence."""
    known = reader(language)
    found = []
    for text, vector in zip(texts, given, strict=True):
        acts = read_acts(known, text, [], None)
        found.append(heard(classifier, known, text, acts, vector) if classifier and vector else acts)
    return found


def own_sentences(errors: bool) -> None:
    classifier = bundled_classifier()
    for file in sorted(TYPING.glob("*.txt")):
        for language in ("ar", "fa"):
            part = [one for one in labelled(file) if one.language == language]
            texts = [one.text for one in part]
            alone = typed(texts, language, None, [None] * len(texts))
            print(f"{file.stem} {language} ({len(part)}), lexicon: {score(part, alone, errors).line()}")
            if classifier:
                both = typed(texts, language, classifier, vectors(texts, language))
                counted = sum(act.derived.type == act.type for acts in both for act in acts)
                before = sum(act.derived.type == act.type for acts in alone for act in acts)
                line = score(part, both).line()
                print(f"{file.stem} {language}, with the classifier: {line}; counted {before} → {counted}")
        pairs = labelled(file)
        by_language = [
            typed([one.text for one in pairs if one.language == language], language, None, [None] * (len(pairs) // 2))
            for language in ("ar", "fa")
        ]
        print(f"{file.stem}: the same types in Arabic and Persian for {shared_types(*by_language):.1%} of events")


def shared_types(*languages: Sequence[Sequence[Act]]) -> float:
    """Of the types told in any of the languages, counted once a sentence and language: how many the others tell."""
    same = total = 0
    for versions in zip(*languages, strict=True):
        sets = [{act.type for act in acts} for acts in versions]
        for number, one in enumerate(sets):
            for other in sets[:number] + sets[number + 1 :]:
                same, total = same + len(one & other), total + len(one)
    return same / max(1, total)


def judged_sentences(data: Path) -> None:
    from training.corpora import read_jsonl

    classifier = bundled_classifier()
    for kind in ("ASSAULT", "PROTEST"):
        rows = list(read_jsonl(data / "events" / f"ar_gsr_{kind.lower()}_dev.jsonl.gz"))
        texts = [str(row["text"]) for row in rows]
        given = vectors(texts, "ar") if classifier else [None] * len(texts)
        for name, model in (("lexicon", None), ("with the classifier (in sample)", classifier)):
            counts: Counter[tuple[str, bool]] = Counter()
            for row, acts in zip(rows, typed(texts, "ar", model, given), strict=True):
                counts[str(row["label"]), any(act.derived.type == kind for act in acts)] += 1
            hits, missed = counts["yes", True], counts["yes", False]
            easy, difficult = counts["easy no", True], counts["difficult no", True]
            print(
                f"{kind}, {name}: F1 {2 * hits / (2 * hits + missed + easy + difficult):.3f} against all no, "
                f"{2 * hits / (2 * hits + missed + easy):.3f} against easy no; of difficult no "
                f"{difficult / max(1, difficult + counts['difficult no', False]):.1%} taken for yes"
            )


def parallel_lines(data: Path) -> None:
    """FLORES in three languages, and PUD's sentences of news and Wikipedia in Arabic and English."""
    from training.corpora import read_jsonl

    codes = {"arb_Arab": "ar", "pes_Arab": "fa", "eng_Latn": "en"}
    lines: dict[str, list[str]] = {language: [] for language in codes.values()}
    for row in read_jsonl(data / "langid" / "flores200_devtest.jsonl.gz"):
        if row["lang"] in codes:
            lines[codes[str(row["lang"])]].append(str(row["text"]))
    same_types("FLORES", lines)
    with gzip.open(data / "ud" / "ar_pud.conllu.gz", "rt", encoding="utf-8") as file:
        stated = [line[2:].rstrip("\n").split(" = ", 1) for line in file if line.startswith("# ") and " = " in line]
    same_types(
        "PUD",
        {language: [text for name, text in stated if name == key] for key, language in PUD.items()},
    )


def same_types(corpus: str, lines: Mapping[str, Sequence[str]]) -> None:
    """How evenly parallel lines are typed. Lexicons were mended on the first of every two blocks of lines; those of
    the second were never read."""
    found = {language: typed(texts, language, None, [None] * len(texts)) for language, texts in lines.items()}
    number = min(map(len, lines.values()))
    parts = {
        "all lines": range(number),
        "blocks that lexicons were mended on": [n for n in range(number) if n // BLOCK % 2 == 0],
        "untouched blocks": [n for n in range(number) if n // BLOCK % 2],
    }
    sure = {
        language: [[act for act in acts if act.derived.type or act.type[0] == "X"] for acts in every]
        for language, every in found.items()
    }
    for (part, chosen), (name, sets) in itertools.product(parts.items(), (("described", found), ("counted", sure))):
        pairs = ", ".join(
            f"{first}-{second} {shared_types([sets[first][n] for n in chosen], [sets[second][n] for n in chosen]):.1%}"
            for first, second in itertools.combinations(lines, 2)
        )
        print(f"{corpus}, {part}, types {name} in both of a pair of lines: {pairs}")
    every = sum(all(acts) for acts in zip(*found.values(), strict=True))
    print(f"{corpus}: {every} of {number} lines tell an act in every language")


def speed(name: str, texts: Sequence[str], language: str) -> None:
    """Sentences a second, and how many times the cost of cutting them into words that is: a ratio within one run."""
    classifier, known = bundled_classifier(), reader(language)
    projection = bundled_projection()
    vector = bytes(projection.matrix.shape[1]) if projection else None

    def read() -> None:
        for text in texts:
            acts = read_acts(known, text, [], None)
            if classifier and vector:
                heard(classifier, known, text, acts, vector)

    read()  # the words of a batch are read once
    gc.collect()
    gc.freeze()  # what the benchmark itself holds is not to be looked through
    took, cutting = _seconds(read), _seconds(lambda: [words(text, language, known.folded) for text in texts])
    print(
        f"{name}: {len(texts) / took:,.0f} sentences/s of {sum(len(t.split()) for t in texts) / len(texts):.0f} words, "
        f"{took / cutting:.0f} times the cost of cutting them into words"
    )


def _seconds(work: Callable[[], object]) -> float:
    """Processor time of the fastest of three runs."""
    taken = []
    for _ in range(3):
        begun = time.process_time()
        work()
        taken.append(time.process_time() - begun)
    return min(taken)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--errors", action="store_true", help="print our sentences that are typed otherwise")
    arguments = parser.parse_args()
    own_sentences(arguments.errors)
    if arguments.data:
        from tasks.events import split
        from training.corpora import read_jsonl

        judged_sentences(arguments.data)
        parallel_lines(arguments.data)
        for corpus in ("ar_ant", "fa_news"):
            texts = []
            for number, row in enumerate(read_jsonl(arguments.data / "news" / f"{corpus}.jsonl.gz")):
                texts += [str(row["text"])[start:end] for _, start, end in split(str(row["text"]))]
                if number == 200:
                    break
            known = reader(corpus[:2])
            speed(f"{corpus}, every sentence", texts, corpus[:2])
            speed(f"{corpus}, those with an act", [t for t in texts if read_acts(known, t, [], None)], corpus[:2])


if __name__ == "__main__":
    main()
