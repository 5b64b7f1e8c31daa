"""Who did it, to whom and where: the roles of the parties around a trigger.

Only parties of the trigger's own clause count, so that no actor comes from an unrelated one. Where the grammar
leaves a role open it stays empty and the event says why. `tasks/events_roles_grammar.py` has the rules for acts
that one does to another; here are symmetric acts, and actors whom an adjective or a relative clause names.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from tasks.clitics import Spellings, canonical, fold
from tasks.events_clauses import Sentence
from tasks.events_parties import adjectives
from tasks.events_parties_placed import (
    GENITIVE,
    NEAREST,
    SPEAKER,
    WINDOW,
    Placed,
    around,
    counted,
    distance,
    nearest,
    speaks,
    victim,
)
from tasks.events_party_nouns import Name
from tasks.events_places import find_place
from tasks.events_roles_grammar import assigned, is_befallen
from tasks.events_roles_symmetric import elsewhere, participants
from tasks.events_roles_words import (
    DIRECTIONS,
    HARM,
    PERFORM,
    PROTESTERS,
    SUFFERED,
)
from tasks.lexicon import Entry
from tasks.lexicon_match import Match
from tasks.lexicon_reader import Reader

#: At most so many actors of one role are written for one event; a longer list is a list, not an act.
MOST = 20
#: A government's seat stands this near a trigger that it governs.
PLACE_ACTS = 3


@dataclass(frozen=True, slots=True)
class Roles:
    """The parties of one event by role; `reasons` are codes for what is missing."""

    actors: tuple[Name, ...]
    recipients: tuple[Name, ...]
    place: Name | None
    reasons: tuple[str, ...]
    place_method: str | None = None
    method: str = "grammar"
    befallen: bool = False


def roles(
    sentence: Sentence,
    trigger: Match[Entry],
    names: Sequence[Name],
    clauses: Mapping[int, Sequence[Placed]],
    reader: Reader,
    symmetric: bool,
    raw: Sequence[Name] = (),
) -> Roles:
    """Actors, recipients and place of a trigger from the parties of its sentence, ordered by offset.

    `names` are the sentence's `parties` and `clauses` the same by their clause (`by_clause`), `raw` its mentions, of
    which nationalities are no parties by themselves.
    """
    placed = around(sentence, trigger, clauses)
    befallen = is_befallen(sentence, trigger, reader.language)
    place, method, reason = find_place(sentence, trigger, placed, names, reader)
    told = [p for p in placed if p.marker not in ("place", "topic", "source")]
    rest = [p for p in told if _can_act(sentence, p, trigger, placed)]
    if symmetric:
        actors = [p for p in rest if p.name.facts.sector != "JRN"]  # they tell of the meeting
        named = participants(sentence, trigger, [p for p in told if p in actors or _governs(p)], reader)
        actors = [p for p in actors if not elsewhere(sentence, trigger, p, reader.language)]
        near = [p for p in actors if not p.name.is_phrase or abs(distance(p, trigger)) <= SPEAKER]
        actors = named or [p for p in near if not victim(p)] or near
        recipients = list[Placed]()
    else:
        actors, recipients = assigned(sentence, trigger, rest, reader, befallen)
    kind = trigger.pattern.payload.type
    if kind == "PROTEST" and not any(p.name.is_phrase for p in actors):
        far = [p for p in actors if abs(distance(p, trigger)) > GENITIVE]
        actors = (_protesters(sentence, trigger, names) or actors) if far or not actors else actors
    if kind in SUFFERED:
        told = [p for p in rest if p.marker in ("", "object") and _suffers(sentence, p, trigger, reader.language)]
        harmed = told or [p for p in actors + recipients if _suffers(sentence, p, trigger, reader.language)]
        actors, recipients = [], nearest([p for p in harmed if not speaks(sentence, p, reader)], trigger)
    elif not trigger.pattern.is_verb:
        held = [p.name for p in placed]
        actors = _by_adjective(sentence, trigger, raw, held, reader, symmetric, actors)
        actors = actors or _performers_anywhere(sentence, trigger, names)
    if actors and recipients:
        acting = [p.name for p in actors]
        recipients = [p for p in recipients if p.name not in acting]
    reasons = [] if actors else ["actor:none-in-clause"]
    reasons += [reason] if reason else []
    return Roles(
        tuple(p.name for p in actors[:MOST]),
        tuple(p.name for p in recipients[:MOST]),
        place,
        tuple(reasons),
        method,
        befallen=befallen and kind in HARM,
    )


def ruled(found: Roles, ruling: Roles, symmetric: bool) -> Roles:
    """The roles of an act that another one rules, where both are one row of the ruling type.

    «بوتين يطالب أوكرانيا بالتنازل» is a request: its actor is who asks, and who shall give way is asked. Where the
    ruling act is symmetric («اتفقا على عقد قمة») all are actors.
    """
    if symmetric:
        actors = ruling.actors + tuple(name for name in found.actors if name not in ruling.actors)
        return replace(found, actors=actors, recipients=(), reasons=_others(found) if actors else found.reasons)
    if {name.start for name in ruling.actors} & {name.start for name in found.recipients}:
        ruling = replace(ruling, actors=())  # «تهديد بتفجير طائرة»
    asked = ruling.recipients or found.actors or found.recipients
    recipients = tuple(name for name in asked if name not in ruling.actors)
    missing = () if ruling.actors else ("actor:none-in-clause",)
    return replace(found, actors=ruling.actors, recipients=recipients, reasons=(*missing, *_others(found)))


def _others(found: Roles) -> tuple[str, ...]:
    """The reasons that tell of no actor."""
    return tuple(reason for reason in found.reasons if not reason.startswith("actor:"))


def _governs(placed: Placed) -> bool:
    """Whether a place is a government wherever it stands: countries and capitals."""
    return placed.name.label == "LOC" and placed.name.facts.sector is not None


def _suffers(sentence: Sentence, placed: Placed, trigger: Match[Entry], language: str) -> bool:
    """Whether a party may be the dead, the hurt or the wrecked: people, or what stands right beside the words."""
    if placed.name.label == "LOC":
        return False
    many = counted(sentence, placed)
    if trigger.pattern.payload.type == "X_DEATH" and _is_noun(sentence, trigger, language):
        genitive = GENITIVE - 1 if language == "ar" else 1  # «وفاة الرئيس», «وفاة الملكة إليزابيث»
        return many or 0 < placed.first - trigger.head <= genitive
    if many or victim(placed):
        return True
    if trigger.pattern.payload.type == "X_DEATH":
        return abs(distance(placed, trigger)) <= GENITIVE or placed.name.label == "PER"
    return trigger.pattern.payload.type == "X_ACCIDENT" and 0 < placed.first - trigger.head < GENITIVE


def _is_noun(sentence: Sentence, trigger: Match[Entry], language: str) -> bool:
    """Whether a trigger is a noun, or a Persian verb that ends no clause: «درگذشت مادر او را تسلیت گفت»."""
    if trigger.verb is None or not trigger.pattern.is_verb:
        return True
    after = trigger.verb + 1
    goes_on = after < len(sentence.folded) and sentence.clauses[after] == sentence.clauses[trigger.verb]
    return language == "fa" and goes_on


def _can_act(sentence: Sentence, placed: Placed, trigger: Match[Entry], others: Sequence[Placed]) -> bool:
    """A place acts where its name stands for a government («موسكو أعلنت»): countries and capitals.

    It then is no genitive: it stands beside the trigger, opens its clause, or has a preposition of its own.
    """
    name = placed.name
    if name.label != "LOC" or placed.marker in ("recipient", "agent", "object"):
        return name.label != "LOC" or name.facts.sector is not None or not name.facts.label
    if name.facts.label and name.facts.sector is None:
        return False
    before = sentence.folded[placed.first - 1] if placed.first else None
    if before is not None and canonical(before) in DIRECTIONS:
        return False
    if not trigger.pattern.is_verb:
        return distance(placed, trigger) <= PLACE_ACTS
    opens = before is None or sentence.clauses[placed.first - 1] != sentence.clauses[placed.first]
    if trigger.pattern.payload.type == "PROTEST":
        return trigger.pattern.is_verb and distance(placed, trigger) == 1
    behind_party = any(p.last == placed.first - 1 for p in others)
    return opens or behind_party or placed.joined or distance(placed, trigger) <= PLACE_ACTS


def _by_adjective(
    sentence: Sentence,
    trigger: Match[Entry],
    raw: Sequence[Name],
    names: Sequence[Name],
    reader: Reader,
    symmetric: bool,
    actors: list[Placed],
) -> list[Placed]:
    """The actors with those whom an adjective behind the noun names: they go before parties further off."""
    if reader.language == "en":
        return actors
    found = [Placed(n, trigger.head + 1, trigger.head + 1, "") for n in adjectives(sentence, raw, trigger.head, reader)]
    inside = {p.name.start for p in found for n in names if n.start <= p.name.start < n.end}
    found = [p for p in found if p.name.start not in inside]
    if not found or trigger.pattern.payload.type == "PROTEST" or is_befallen(sentence, trigger, reader.language):
        return actors
    if symmetric and len(found) > 1:
        return found  # «قمة روسية أمريكية»: these two
    if symmetric:
        held = {p.name.entity_id or p.name.facts.country for p in actors}
        return actors + [p for p in found if (p.name.entity_id or p.name.facts.country) not in held]
    return actors if any(p.marker == "agent" or distance(p, trigger) <= 1 for p in actors) else found


def _performers_anywhere(sentence: Sentence, trigger: Match[Entry], names: Sequence[Name]) -> list[Placed]:
    """Who did it, by a relative clause: «الهجوم … الذي نفذته طالبان», where the verb has the pronoun of the noun."""
    begin = bisect_left(names, sentence.ends[trigger.head], key=lambda name: name.start)
    for name in names[begin : begin + NEAREST]:
        if name.label == "LOC":
            continue
        first = bisect_left(sentence.ends, name.start + 1)
        verb = sentence.folded[first - 1].lstrip("و") if first else ""
        if verb.startswith(PERFORM) and verb.endswith(("ه", "ها", "هما")) and first - trigger.head <= WINDOW:
            return [Placed(name, first, first, "agent")]
    return []


#: Whether a phrase says of people that they protest.
_PROTESTING = Spellings(lambda surface: any(stem in canonical(fold(surface)) for stem in PROTESTERS))


def _protesters(sentence: Sentence, trigger: Match[Entry], names: Sequence[Name]) -> list[Placed]:
    """The people of the sentence whom their name says to protest, whichever its clause."""
    found: list[Placed] = []
    begin = bisect_left(names, sentence.starts[trigger.first], key=lambda name: name.start)
    for name in names[max(0, begin - NEAREST) : begin + NEAREST]:
        if name.mention_id is None and _PROTESTING[name.surface]:
            first = bisect_left(sentence.ends, name.start + 1)
            found.append(Placed(name, first, first, ""))
    return found[:1]
