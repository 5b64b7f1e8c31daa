"""The ontology as a page: `python -m tasks.lexicon_page > docs/ontology.md`."""

from __future__ import annotations

from collections.abc import Iterator

from tasks import lexicon
from tasks.lexicon_ontology import Condition, Rule

HEAD = """# Ontology

Generated from `seeds/events/ontology.yml` by `python -m tasks.lexicon_page > docs/ontology.md`; a test keeps it true.

An event keeps what is described (`act_type`, `act_mode`) apart from its status (`modality`, `polarity`,
`time_status`). What it counts as (`plover_type`) is derived from both by the rules at the end. Types and numbers are
PLOVER's, the words are ours; types named X_ are ours and never counted as PLOVER.
"""

OWN = """
## Words and types of your own

In `rasad.toml`:

```toml
[events]
lexicons = ["our-words.yml"]
ontology = "our-types.yml"
```

`our-types.yml` adds types, named X_ and capitals, and contexts:

```yaml
types:
  X_STRANDING: {definition: "Travellers cannot go on."}
contexts:
  aviation: "Airports and airlines."
```

`our-words.yml` adds words for one language, written as in `seeds/events/ar.yml` (entries, blocks, vetoes, cues,
ignored, anchors):

```yaml
language: ar
entries:
  - {type: X_STRANDING, weight: 0.8, nouns: [عالقون في المطار], verbs: [علق/يعلق المسافرون|مسافرون]}
blocks: [سوق الأسهم]
```

A verb's «+ب» stands for a later word with that preposition attached, «@pact» for each word of that group (`groups` in
`ar.yml`, `fa.yml` and `en.yml`). A verb with its object also brings its verbal noun and its passive. `harm: true`
marks words that tell of the dead and hurt, who beside an accident or a disaster are no act; nor is an X_DEATH beside
them or an attack. A veto with `clause: true` holds for its clause, one with `unspoken: true` not where a sentence tells
somebody's speech.

A file that cannot be used stops the run with its name, the line, and what is wrong there.
"""


def page() -> str:
    """The whole page."""
    return "\n".join([HEAD, *_types(), *_contexts(), *_rules()]) + OWN


def _types() -> Iterator[str]:
    yield "## Types\n\n| type | quad | intensity | meaning |\n|---|---|---|---|"
    types = lexicon.ontology().types
    for code, kind in types.items():
        both = " Everyone is an actor." if kind.symmetric else ""
        yield f"| {code} | {_shown(kind.quad)} | {_number(kind.intensity)} | {kind.definition}{both} |"
    yield "\n## Modes\n\n| type | mode | intensity | meaning |\n|---|---|---|---|"
    for code, kind in types.items():
        for name, mode in kind.modes.items():
            score = kind.intensity if mode.intensity is None else mode.intensity
            yield f"| {code} | {name} | {_number(score)} | {mode.definition} |"


def _contexts() -> Iterator[str]:
    for title, codes in (("Contexts", lexicon.ontology().contexts), ("Sectors", lexicon.ontology().sectors)):
        yield f"\n## {title}\n\n| code | meaning |\n|---|---|"
        yield from (f"| {code} | {meaning} |" for code, meaning in codes.items())


def _rules() -> Iterator[str]:
    yield "\n## What an act counts as\n\nThe first rule whose conditions all hold decides.\n"
    yield "| when | counts as | note |\n|---|---|---|"
    for rule in lexicon.ontology().rules:
        yield f"| {_condition(rule.when)} | {_outcome(rule)} | {rule.note or ''} |"


def _condition(when: Condition) -> str:
    parts = [", ".join(when.act_type), ", ".join(when.act_mode), ", ".join(when.modality), when.polarity or ""]
    return "; ".join(part for part in (*parts, when.time_status or "") if part) or "always"


def _outcome(rule: Rule) -> str:
    if rule.type is None:
        return f"none: `{rule.reason}`"
    return "the act itself" if rule.type == "same" else rule.type + (f" {rule.mode}" if rule.mode else "")


def _shown(quad: str | None) -> str:
    return (quad or "none").replace("_", " ")


def _number(value: float | None) -> str:
    return "none" if value is None else f"{value:g}"


if __name__ == "__main__":
    print(page(), end="")
