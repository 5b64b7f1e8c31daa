"""What users add: their own words for acts, their own types, in files that the settings name.

    [events]
    lexicons = ["our-words.yml"]        # language, and any of: entries, blocks, vetoes, cues, ignored, anchors
    ontology = "our-types.yml"          # types (X_ and a name) and contexts

Entries are written as in `seeds/events/*.yml`. Additions only: what comes with Rasad is not replaced, and a type
of a user's is never counted as PLOVER. Every error names the file and the line.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field

from schemas.errors import SettingsError
from tasks import lexicon
from tasks.lexicon import Cue, Entry, Lexicon, Veto
from tasks.lexicon_ontology import ActType, Condition, Ontology, Part, Rule, Words
from tasks.lexicon_reader import Reader, reader

_OWN_TYPE = re.compile(r"X_[A-Z][A-Z_]*")


class OntologyExtension(Part):
    """Types of a user's, named X_…, and contexts."""

    types: dict[str, ActType] = Field(default_factory=dict)
    contexts: dict[str, str] = Field(default_factory=dict)


class LexiconExtension(Part):
    """Words of a user's for one language."""

    language: Literal["ar", "fa", "en"]
    entries: list[Entry] = Field(default_factory=list)
    blocks: Words
    vetoes: list[Veto] = Field(default_factory=list)
    cues: list[Cue] = Field(default_factory=list)
    ignored: Words
    anchors: Words


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """The ontology, one compiled lexicon a language, and a version that changes with any of the files."""

    ontology: Ontology
    reader: Callable[[str], Reader]
    version: str


@cache
def bundled_vocabulary() -> Vocabulary:
    """What comes with Rasad."""
    return Vocabulary(lexicon.ontology(), reader, lexicon.version())


def vocabulary(lexicons: Sequence[Path] = (), ontology: Path | None = None) -> Vocabulary:
    """What comes with Rasad and the user's files. Raises SettingsError with file and line."""
    if not lexicons and ontology is None:
        return bundled_vocabulary()
    digest = hashlib.sha256(lexicon.version().encode())
    known = lexicon.ontology()
    if ontology is not None:
        text = _read(ontology)
        digest.update(text.encode())
        known = _extended_ontology(known, lexicon.parse(text, OntologyExtension, ontology.name), text, ontology.name)
    own: dict[str, list[LexiconExtension]] = {}
    for file in lexicons:
        text = _read(file)
        digest.update(text.encode())
        extension = lexicon.parse(text, LexiconExtension, file.name)
        lexicon.check_codes(extension.entries, known, text, file.name)
        _compiled(extension, known, file.name)
        own.setdefault(extension.language, []).append(extension)

    @cache
    def compiled(language: str) -> Reader:
        return Reader(_extended(lexicon.lexicon(language), own.get(language, [])), known)

    return Vocabulary(known, compiled, f"{known.version}+own-{digest.hexdigest()[:12]}")


def _read(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as failure:
        raise SettingsError(
            f"the file cannot be read: {failure}", where=str(file), hint="Mend `events` in rasad.toml."
        ) from failure


def _extended_ontology(known: Ontology, own: OntologyExtension, text: str, where: str) -> Ontology:
    for code in own.types:
        problem = None
        if code in known.types:
            problem = f"the type {code} is Rasad's"
        elif not _OWN_TYPE.fullmatch(code):
            problem = f"the type {code} is not named X_ and capitals"
        elif own.types[code].quad or own.types[code].intensity is not None:
            problem = f"the type {code} has a quad or an intensity, which are PLOVER's"
        if problem:
            line = lexicon.line_of(text, ("types", code))
            raise SettingsError(problem, where=f"{where}, line {line}", hint="Name a type of your own X_SOMETHING.")
    outside = [Rule(when=Condition.model_validate({"act_type": [*own.types]}), reason="outside-plover")]
    return known.model_copy(
        update={
            "types": {**known.types, **own.types},
            "contexts": {**known.contexts, **own.contexts},
            "rules": [*(outside if own.types else []), *known.rules],
        }
    )


def _compiled(own: LexiconExtension, known: Ontology, where: str) -> None:
    """Compile the words alone, so that a pattern that cannot be is named with its file."""
    base = lexicon.lexicon(own.language)
    try:
        bare = base.model_copy(update={"entries": [], "blocks": [], "vetoes": [], "cues": []})
        Reader(_extended(bare, [own]), known)
    except SettingsError as failure:
        raise SettingsError(failure.problem, where=where, hint=failure.hint) from failure


def _extended(base: Lexicon, own: Sequence[LexiconExtension]) -> Lexicon:
    lists = ("entries", "blocks", "vetoes", "cues", "ignored", "anchors")
    return base.model_copy(
        update={name: [*getattr(base, name), *(item for one in own for item in getattr(one, name))] for name in lists}
    )
