"""The shape of the ontology: types, modes, contexts, sectors, and the table that derives what an act counts as.

The data are in `seeds/events/ontology.yml`; `tasks/lexicon.py` reads them.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from schemas.events import Modality, Quad

Polarity = Literal["affirmed", "negated"]
TimeStatus = Literal["current", "historical"]
#: A list that may be left out.
Words = Annotated[list[str], Field(default_factory=list)]


class Part(BaseModel):
    """Frozen, strict, and closed: an unknown key is an error, not a comment."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class Mode(Part):
    """One mode of a type; without an intensity of its own it has its type's."""

    intensity: float | None = Field(default=None, ge=-10, le=10)
    definition: str = Field(min_length=1)


class ActType(Part):
    """One type; X_ types have neither quad nor intensity."""

    quad: Quad | None = None
    intensity: float | None = Field(default=None, ge=-10, le=10)
    symmetric: bool = False
    definition: str = Field(min_length=1)
    modes: dict[str, Mode] = Field(default_factory=dict)


class Condition(Part):
    """What a rule asks of an act and its status; an empty field asks nothing."""

    act_type: Words
    act_mode: Words
    modality: list[Modality] = Field(default_factory=list)
    polarity: Polarity | None = None
    time_status: TimeStatus | None = None

    def holds(self, act_type: str, act_mode: str | None, modality: str, polarity: str, time: str) -> bool:
        return (
            (not self.act_type or act_type in self.act_type)
            and (not self.act_mode or act_mode in self.act_mode)
            and (not self.modality or modality in self.modality)
            and self.polarity in (None, polarity)
            and self.time_status in (None, time)
        )


class Rule(Part):
    """One line of the derivation table: the type to count, `same` as the act, or none with a reason."""

    when: Condition
    type: str | None = None
    mode: str | None = None
    reason: str | None = None
    note: str | None = None

    @model_validator(mode="after")
    def _explained(self) -> Self:
        if self.type is None and not self.reason:
            raise ValueError("a rule without a type needs a reason")
        return self


class Derived(Part):
    """What an act counts as, or why it does not count."""

    type: str | None
    mode: str | None
    quad: Quad | None
    intensity: float | None
    reason: str | None


class Ontology(Part):
    """Types, modes, contexts, sectors and the derivation table; the first rule that holds decides."""

    version: str = Field(min_length=1)
    types: dict[str, ActType]
    contexts: dict[str, str]
    sectors: dict[str, str]
    rules: list[Rule]

    @model_validator(mode="after")
    def _codes_exist(self) -> Self:
        for number, rule in enumerate(self.rules, 1):
            for code in (*rule.when.act_type, *([rule.type] if rule.type not in (None, "same") else [])):
                if code not in self.types:
                    raise ValueError(f"rule {number} names the unknown type {code}")
            if rule.mode and rule.type not in (None, "same") and rule.mode not in self.types[rule.type].modes:
                raise ValueError(f"rule {number} names the unknown mode {rule.type}-{rule.mode}")
        return self

    def derive(self, act_type: str, act_mode: str | None, modality: str, polarity: str, time: str) -> Derived:
        """The type, mode, quad and intensity that an act of this status counts as."""
        rules = (r for r in self.rules if r.when.holds(act_type, act_mode, modality, polarity, time))
        rule = next(rules, None)
        if rule is None or rule.type is None:
            reason = rule.reason if rule else "no-rule"
            return Derived(type=None, mode=None, quad=None, intensity=None, reason=reason)
        kind, mode = (act_type, act_mode) if rule.type == "same" else (rule.type, rule.mode)
        known = self.types[kind]
        score = known.modes[mode].intensity if mode else None
        intensity = known.intensity if score is None else score
        return Derived(type=kind, mode=mode, quad=known.quad, intensity=intensity, reason=None)
