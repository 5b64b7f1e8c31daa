"""Score the shipped bundle as users run it: running text in, offsets compared.

    python -m training.evaluate --data DATA --bundle seeds/models [--fused] [--json OUT]

Each held-out sentence is written as print would space it, ten to a text, one to a line in every second text and
run together in the others; the gold spans keep their offsets.  `--fused` removes all joiners from Persian.
"""

import argparse
import json
from pathlib import Path

from schemas.errors import RasadError
from tasks.encoder import normalise
from tasks.models import bundled_models
from training.corpora import DEVELOPMENT, HELD_OUT, is_held_out, read_jsonl, spans
from training.scores import Score, Span, comparable

NO_SPACE_BEFORE = set(".,:;!?)]}،؛؟…»”")
NO_SPACE_AFTER = set("([{«“")
TEN = 10


def running_text(tokens: list[str], tags: list[str], fused: bool) -> tuple[str, list[tuple[Span, str]]]:
    """Return a sentence as text, and its gold spans by offset, each with its surface."""
    text, places, quoted = "", [], False
    for i, token in enumerate(tokens):
        token = token.replace("\u200c", "") if fused else token
        glued = not text or token[:1] in NO_SPACE_BEFORE or tokens[i - 1][-1:] in NO_SPACE_AFTER
        if token == '"':
            glued, quoted = glued or quoted, not quoted
        elif i and tokens[i - 1] == '"' and quoted:
            glued = True
        text += "" if glued else " "
        places.append((len(text), len(text) + len(token)))
        text += token
    found = [(places[a][0], places[b - 1][1], label) for a, b, label in spans(tuple(tags))]
    return text, [((s, e, label), text[s:e]) for s, e, label in found]


def sentences(data: Path, corpus: str) -> list[tuple[list[str], list[str]]]:
    records = read_jsonl(data / "ner" / f"{corpus}.jsonl.gz")
    return [
        (list(record["tokens"]), list(record["tags"]))  # type: ignore[call-overload]
        for i, record in enumerate(records)
        if corpus not in HELD_OUT or is_held_out(corpus, i)
    ]


def score(data: Path, bundle: Path | None, corpus: str, fused: bool) -> Score:
    texts: list[str] = []
    golds: list[list[tuple[Span, str]]] = []
    chosen = sentences(data, corpus)
    for number, start in enumerate(range(0, len(chosen), TEN)):
        text, gold = "", []
        for tokens, tags in chosen[start : start + TEN]:
            text += ("\n" if number % 2 else " ") if text else ""
            line, found = running_text(tokens, tags, fused)
            gold += [((s + len(text), e + len(text), label), surface) for (s, e, label), surface in found]
            text += line
        texts.append(text)
        golds.append(gold)
    result = Score()
    for text, gold, annotation in zip(texts, golds, bundled_models(bundle).annotate(corpus[:2], texts), strict=True):
        if isinstance(annotation, RasadError):
            raise annotation
        predicted = [(m.char_start, m.char_end, m.label) for sentence in annotation for m in sentence.mentions]
        assert all(normalise(text[s:e])[0] for s, e, _ in predicted)
        result.add(*comparable(corpus, gold, predicted))
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--bundle", type=Path)
    parser.add_argument("--fused", action="store_true")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    lines = {}
    for corpus in DEVELOPMENT:
        if arguments.fused and corpus.startswith("ar"):
            continue
        result = score(arguments.data, arguments.bundle, corpus, arguments.fused)
        lines[corpus] = result.line()
        print(corpus, result.line(), flush=True)
    if arguments.json:
        arguments.json.write_text(json.dumps(lines, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
