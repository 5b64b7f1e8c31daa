"""Linking in figures: places from the other script, and one id for each name of some articles.

    python -m bench.linking [--sample 3000] [--articles DIR]

Places: cities that have an Arabic and a Persian form which are spelled differently, and a Latin name. The
gazetteer is cut to the forms of one side, the forms of the other side are looked up, and the first answer counts
(accuracy@1): right is the city, or a city of the very same name that is the larger. "shipped" looks both up in the
whole gazetteer. With --articles, the .txt files of a folder go through the entities stage, and every name that the
gazetteer knows is listed with its spellings, so that a name with two ids is seen at once.
"""

from __future__ import annotations

import argparse
import random
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

from bench.figures import Cell, show_table
from tasks.entities_gazetteer import Gazetteer, GazetteerEntity, bundled_gazetteer
from tasks.entities_index import keys_of
from tasks.entities_names import words_of
from tasks.linking import Linker, Name

_EMPTY: dict[str, object] = {"name_ar": None, "name_fa": None, "name_en": None, "aliases": ()}


def places(gazetteer: Gazetteer) -> list[GazetteerEntity]:
    """The cities with an Arabic and a Persian form that differ as search keys."""
    return [
        entity
        for entity_id, entity in sorted(gazetteer.entities.items())
        if entity.latitude is not None
        and entity.name_ar
        and entity.name_fa
        and words_of(entity.name_ar) != words_of(entity.name_fa)
    ]


def cut(gazetteer: Gazetteer, language: str) -> Gazetteer:
    """The gazetteer's places with their names in one language alone."""
    entities = {
        entity_id: entity.model_copy(update={**_EMPTY, f"name_{language}": entity.name_in(language)})
        for entity_id, entity in gazetteer.entities.items()
        if entity.label == "LOC"
    }
    return replace(gazetteer, entities=entities)


def accuracy(linker: Linker, asked: list[GazetteerEntity], language: str) -> tuple[float, float]:
    """The share whose first answer is the city itself, and that or one that bears the same form."""
    strict = same = 0
    for city in asked:
        form = city.name_in(language) or ""
        first = next(iter(linker.rank(form, "LOC", language, 1)), None)
        strict += first == city.entity_id
        same += first == city.entity_id or (first is not None and _bears(first, form))
    return strict / len(asked), same / len(asked)


def _bears(entity_id: str, form: str) -> bool:
    entity = bundled_gazetteer().entities[entity_id]
    keys = {key for name in (*entity.names, *entity.aliases) for key in keys_of(words_of(name))}
    return not keys.isdisjoint(keys_of(words_of(form)))


def report_places(sample: int) -> None:
    gazetteer = bundled_gazetteer()
    asked = places(gazetteer)
    asked = random.Random(0).sample(asked, min(sample, len(asked)))
    rows: list[dict[str, Cell]] = []
    whole = Linker(gazetteer)
    for language in ("ar", "fa"):
        rows.append(_row(language, "all its forms, as shipped", accuracy(whole, asked, language)))
    for language, known_by in (("ar", "fa"), ("fa", "ar"), ("ar", "en"), ("fa", "en"), ("en", "ar"), ("en", "fa")):
        linker = Linker(cut(gazetteer, known_by))
        rows.append(_row(language, f"its {known_by} form alone", accuracy(linker, asked, language)))
    show_table(rows, f"{len(asked):,} places with an Arabic and a Persian form that differ")


def _row(language: str, known_by: str, shares: tuple[float, float]) -> dict[str, Cell]:
    right, or_namesake = shares
    return {"asked in": language, "known by": known_by, "accuracy@1": right, "or a namesake": or_namesake}


def report_articles(folder: Path) -> None:
    """Every linked person and organisation of some articles, with its spellings, and the names without an id."""
    from tasks.models import bundled_models

    bundle, linker = bundled_models(), Linker(bundled_gazetteer())
    spellings: dict[tuple[str, str], set[str]] = defaultdict(set)
    for file in sorted(folder.glob("*.txt")):
        text = file.read_text(encoding="utf-8")
        language = "fa" if text.count("ی") > text.count("ي") else "ar"
        [answer] = bundle.annotate(language, [text])
        assert isinstance(answer, list)
        spans = [span for sentence in answer for span in sentence.mentions]
        names = [Name(text[s.char_start : s.char_end], s.bare, s.label) for s in spans]
        for name, link in zip(names, linker.link(names, language), strict=True):
            spellings[name.label, link.entity_id or "-"].add(f"{link.bare_form} ({link.method or language})")
    for (label, entity_id), names_of in sorted(spellings.items()):
        print(f"{label:5}{entity_id:40}{' | '.join(sorted(names_of))}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sample", type=int, default=3000)
    parser.add_argument("--articles", type=Path)
    given = parser.parse_args()
    if given.articles:
        report_articles(given.articles)
    else:
        report_places(given.sample)


if __name__ == "__main__":
    main()
