"""Actor and recipient spans against judged ones, and the speed of the events stage after NER.

    python -m bench.actors SPANS.jsonl.gz... [--mentions CACHE.json]

Each record has `text`, `event_type` and `spans`, one for each judge, with the tokens of `source_actor` and
`target_actor`. Names come from the bundled models (kept in CACHE for the next time). The acts of the record's type
give their actors and recipients; words are compared as folded tokens, «و», «ب» and «ل» in front left out. Overlap is
counted against the judge nearest to the answer ("best") and against all together ("union"), over all sentences and
over those in which an act of the type was found.
"""

from __future__ import annotations

import argparse
import gzip
import json
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

from tasks.clitics import canonical, words
from tasks.entities_gazetteer import bundled_gazetteer
from tasks.events_party_nouns import NOTHING, Facts, Name
from tasks.events_read import read_acts
from tasks.lexicon_reader import reader
from tasks.linking import Linker
from tasks.linking import Name as Mention

Row = dict[str, Any]


def records(files: list[Path]) -> list[Row]:
    return [json.loads(line) for file in files for line in gzip.open(file, "rt", encoding="utf-8")]


def mentions(rows: list[Row], cache: Path | None) -> list[list[list[Any]]]:
    """Offsets, label and entity of the names of each text."""
    if cache and cache.exists():
        known: list[list[list[Any]]] = json.loads(cache.read_text(encoding="utf-8"))
        return known
    from tasks.models import bundled_models

    linker = Linker(bundled_gazetteer())
    found: list[list[list[Any]]] = []
    for row, answer in zip(rows, bundled_models().annotate("ar", [r["text"] for r in rows]), strict=True):
        spans = [span for sentence in answer for span in sentence.mentions] if isinstance(answer, list) else []
        links = linker.link([Mention(row["text"][s.char_start : s.char_end], s.bare, s.label) for s in spans], "ar")
        found.append([[s.char_start, s.char_end, s.label, k.entity_id] for s, k in zip(spans, links, strict=True)])
    if cache:
        cache.write_text(json.dumps(found), encoding="utf-8")
    return found


def name(text: str, start: int, end: int, label: str, entity_id: str | None) -> Name:
    entity = bundled_gazetteer().entities.get(entity_id or "")
    facts = NOTHING
    if entity:
        facts = Facts(entity.label, entity.country, entity.sector, entity.latitude, entity.longitude)
    return Name("mention", start, end, text[start:end], label, entity_id, facts)


def tokens(phrases: list[str]) -> set[str]:
    found = {canonical(word) for phrase in phrases for word in words(phrase, "ar").folded}
    return {word[1:] if word[0] in "وبل" and len(word) > 4 else word for word in found}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--mentions", type=Path)
    given = parser.parse_args()
    rows = records(given.files)
    named = [
        sorted((name(row["text"], *one) for one in found), key=lambda n: n.start)
        for row, found in zip(rows, mentions(rows, given.mentions), strict=True)
    ]
    counts: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    found_in = 0
    for row, names in zip(rows, named, strict=True):
        acts = [act for act in read_acts(reader("ar"), row["text"], names, None) if act.type == row["event_type"]]
        found_in += bool(acts)
        for role, field in (("actor", "source_actor"), ("recipient", "target_actor")):
            told = [act.roles.actors if role == "actor" else act.roles.recipients for act in acts]
            answer = tokens([one.surface for names_of in told for one in names_of])
            judged = [tokens(span[field]) for span in row["spans"]]
            best = max(judged, key=lambda gold: 2 * len(answer & gold) / max(1, len(answer) + len(gold)))
            for way, gold in (("best", best), ("union", set().union(*judged))):
                for scope in ("all", "found") if acts else ("all",):
                    for whom in (role, "both"):
                        tally = counts[whom, f"{way}, {scope}"]
                        for at, value in enumerate((len(answer & gold), len(answer), len(gold))):
                            tally[at] += value
    print(f"{len(rows)} sentences, an act of the type found in {found_in}")
    for (role, way), (hit, answered, gold_size) in sorted(counts.items()):
        print(
            f"{role:10}{way:14} precision {hit / max(1, answered):.2f}  recall {hit / max(1, gold_size):.2f}"
            f"  F1 {2 * hit / max(1, answered + gold_size):.3f}"
        )
    texts = [(row["text"], names) for row, names in zip(rows, named, strict=True)]
    begun = time.process_time()
    for text, names in texts:
        read_acts(reader("ar"), text, names, None)
    seconds = time.process_time() - begun
    print(f"events: {len(texts) / seconds:,.0f} sentences of processor time a second, every one with an act")


if __name__ == "__main__":
    main()
