"""The ontology and the lexicons as data: read, checked, and stamped with a version.

Source: `seeds/events/ontology.yml` and `seeds/events/{ar,fa,en}.yml`. Every error is a SettingsError that
names the file, the line and the entry. The version of both is a digest of the files, stored on each event.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterable
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any, Literal, TypeVar

import yaml
from pydantic import BaseModel, Field, ValidationError

from schemas.errors import SettingsError
from tasks.lexicon_ontology import Ontology, Part, Words

LANGUAGES = ("ar", "fa", "en")


class Act(Part):
    """A type and its mode."""

    type: str
    mode: str | None = None


class Entry(Act):
    """Words that tell one act. `also` is a second act told by the same words (a prison sentence).

    `governs` is the status that the words give to an act named beside them («دعا إلى» + a meeting: demanded).
    Words of `harm` tell that people were hurt, not by whom: beside an accident or a disaster they are no act.
    """

    nouns: Words
    verbs: Words
    weight: float = Field(default=0.7, ge=0, le=1)
    governs: Literal["demanded", "planned", "refused", "hypothetical", "claimed"] | None = None
    passive: bool = False
    harm: bool = False
    also: Act | None = None


class Veto(Part):
    """Sentences with any of the words hold no act of the types (sport, fiction); no types means any.

    `clause` vetoes only the clause that the word stands in. `unspoken` vetoes nothing where somebody's speech is told:
    «you» speaks to the reader of a guide, but in a quotation to a president.
    """

    words: list[str] = Field(min_length=1)
    types: Words
    clause: bool = False
    unspoken: bool = False


class Cue(Part):
    """Words that give a trigger near them its status.

    `side` is where the cue stands, `reach` how many tokens may lie between, `kinds` which kinds of trigger
    (noun, verb forms; see `lexicon_forms`) and `types` which acts it speaks of, `crosses` whether it holds
    beyond a following «أن/که/that».
    """

    says: Literal[
        "happened", "ongoing", "planned", "postponed", "cancelled", "hypothetical", "demanded", "claimed",
        "negated", "refused", "historical",
    ]  # fmt: skip
    side: Literal["before", "after", "either"] = "before"
    reach: int = Field(default=4, ge=0, le=40)
    kinds: str = ""
    types: Words
    crosses: bool = False
    nouns: Words
    verbs: Words
    exact: Words


class Dates(Part):
    """Words that tie an act to a day, words before a year, and those that only say since when or until when.

    What a date means is read by `tasks/dates.py`, not by a lexicon.
    """

    days: list[str]
    years: list[str]
    since: list[str]


class Lexicon(Part):
    """One language's words for acts and their status, and how its clauses are cut.

    `ignored` are words, exactly so spelled, that only look like a form of something else («هناك», «وزارة»).
    `compounds` are Persian nouns to which the verb right behind them belongs: «دیدار … صحبت کرد» is no «دیدار کرد».
    `anchors` tie an act to one occasion; `definite` words before a noun refer to an act already told. `groups` are
    words that the same verbs take: «@pact» in a pattern stands for any of that group.
    """

    language: Literal["ar", "fa", "en"]
    version: str = Field(min_length=1)
    verbs: Words
    light_verbs: Words
    compounds: Words
    groups: dict[str, list[str]] = Field(default_factory=dict)
    entries: list[Entry]
    ignored: Words
    anchors: list[str]
    definite: list[str]
    blocks: list[str]
    vetoes: list[Veto]
    cues: list[Cue]
    complementisers: list[str]
    boundaries: list[str]
    speech: list[str]
    place_words: list[str]
    topic_words: list[str]
    region_words: list[str]
    recipient_words: list[str]
    dates: Dates
    contexts: dict[str, list[str]]


Model = TypeVar("Model", bound=BaseModel)


def parse(text: str, model: type[Model], where: str) -> Model:
    """Read one YAML file into its model. Raises SettingsError with file, line and field."""
    try:
        tree = yaml.compose(text, Loader=yaml.CSafeLoader)
        data: Any = yaml.load(text, Loader=yaml.CSafeLoader)
        return model.model_validate(data)
    except yaml.YAMLError as failure:
        mark = getattr(failure, "problem_mark", None)
        line = f"{where}, line {mark.line + 1}" if mark else where
        problem = getattr(failure, "problem", None) or str(failure)
        raise SettingsError(f"this is not YAML: {problem}", where=line, hint="Mend that line.") from failure
    except ValidationError as failure:
        fault = failure.errors(include_url=False, include_input=False)[0]
        path = ".".join(str(part) for part in fault["loc"])
        line = f"{where}, line {_line(tree, fault['loc'])}, entry {path or 'file'}"
        raise SettingsError(f"it cannot be used: {fault['msg']}", where=line, hint="Mend that entry.") from failure


def _line(tree: Any, path: Iterable[int | str]) -> int:
    """The line of the value at a path of keys and positions, or of the nearest thing around it."""
    node = tree
    for step in path:
        if isinstance(node, yaml.MappingNode):
            found = [value for key, value in node.value if key.value == str(step)]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            found = [node.value[step]]
        else:
            found = []
        if not found:
            break
        node = found[0]
    return int(node.start_mark.line) + 1 if node is not None else 1


def read_ontology(file: Traversable) -> Ontology:
    """The ontology in a file of ours or of a user's."""
    return parse(file.read_text("utf-8"), Ontology, file.name)


def read_lexicon(file: Traversable, ontology: Ontology) -> Lexicon:
    """The lexicon in a file. Raises SettingsError where it names a code that the ontology does not have."""
    text = file.read_text("utf-8")
    lexicon = parse(text, Lexicon, file.name)
    check_codes(lexicon.entries, ontology, text, file.name)
    for code in {*lexicon.contexts} - {*ontology.contexts}:
        line = line_of(text, ("contexts", code))
        raise SettingsError(
            f"the context {code} is unknown", where=f"{file.name}, line {line}", hint="Use a code of ontology.yml."
        )
    return lexicon


def line_of(text: str, path: Iterable[int | str]) -> int:
    """The line of a value in a YAML text, by keys and positions."""
    return _line(yaml.compose(text, Loader=yaml.CSafeLoader), path)


def check_codes(entries: Iterable[Entry], ontology: Ontology, text: str, file: str) -> None:
    """Raise SettingsError, with the line, where an entry names a code that the ontology does not have."""
    for number, entry in enumerate(entries):
        for act in (entry, *([entry.also] if entry.also else [])):
            if act.type not in ontology.types:
                problem = f"the act {act.type} is unknown"
            elif act.mode and act.mode not in ontology.types[act.type].modes:
                problem = f"the mode {act.type}-{act.mode} is unknown"
            else:
                continue
            sample = (entry.nouns + entry.verbs + ["without words"])[0]
            line = line_of(text, ("entries", number))
            where = f"{file}, line {line}, entry {number + 1} «{sample}»"
            raise SettingsError(problem, where=where, hint="Use a code of ontology.yml.")


def bundled(name: str) -> Traversable:
    """A file of `seeds/events/`."""
    return resources.files("seeds").joinpath("events", name)


@functools.cache
def ontology() -> Ontology:
    """The ontology that comes with Rasad."""
    return read_ontology(bundled("ontology.yml"))


@functools.cache
def lexicon(language: str) -> Lexicon:
    """The lexicon of one of LANGUAGES that comes with Rasad."""
    return read_lexicon(bundled(f"{language}.yml"), ontology())


@functools.cache
def version() -> str:
    """The ontology's version and 12 hex digits of all the files: changes with any of them."""
    digest = hashlib.sha256()
    for name in ("ontology.yml", *(f"{language}.yml" for language in LANGUAGES)):
        digest.update(bundled(name).read_bytes())
        digest.update(b"\x1f")
    return f"{ontology().version}+{digest.hexdigest()[:12]}"
