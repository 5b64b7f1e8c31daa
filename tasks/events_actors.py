"""Who acts, on whom, and who says so: roles of the parties around a trigger, by position and grammar.

Only parties of the trigger's own clause count, so that no actor comes from an unrelated one. Where the grammar
leaves a role open it stays empty and the event says why.

Arabic verbs have their subject behind them, or before them where the sentence opens with it, and then their object.
Persian has the subject first, «را» behind the object and the verb last. What a preposition introduces is acted
upon, or acts («على يد», «از سوی», "by"). The genitive of a noun is its object where the noun says what befalls
somebody («مقتل جنديين»), else its subject («هجوم المسلحين»).
"""

from __future__ import annotations

import itertools
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from tasks.clitics import canonical, fold
from tasks.events_clauses import Sentence
from tasks.events_parties import Facts, Name, adjectives, word_set
from tasks.events_places import Placed as Place
from tasks.events_places import find_place
from tasks.lexicon import Entry
from tasks.lexicon_match import Match, Reader

#: A mention further from the trigger than this many words belongs to something else.
WINDOW = 25
#: A speaker stands this near the verb of saying.
SPEAKER = 8
#: At most so many actors of one role are written for one event; a longer list is a list, not an act.
MOST = 20
_AND = {"و", "and"}
#: Names that begin with «و» themselves; before others it joins them to the name before.
_OWN_W = (
    "واشن",
    "وزار",
    "وزير",
    "وكال",
    "ويتك",
    "وانغ",
    "وليد",
    "وائل",
    "ويل",
    "ولي",
    "ولاي",
    "وحد",
    "ولاد",
    "وین",
    "وزیر",
)

#: Words before a party that make it the one who acts, behind a passive or a noun.
_AGENTS = {
    "ar": (
        *(("من", "قبل"), ("علي", "يد"), ("علي", "ايدي"), ("من", "جانب")),
        *(("بيد",), ("بايدي",), ("برصاص",), ("بنيران",)),
    ),
    "fa": (("توسط",), ("از", "سوي"), ("از", "طرف"), ("به", "دست"), ("بدست",), ("از", "جانب")),
    "en": (("by",),),
}  # fmt: skip
#: Nouns that name what befalls their genitive, and verbs that are spelled alike when it befalls their subject.
_BEFALLS = word_set(
    """
    مقتل قتل اغتيال خطف اختطاف اعتقال توقيف احتجاز اصابه جرح تعذيب استهداف اسر استشهاد تدمير سجن اعدام ترحيل طرد ضرب
    سقوط تفجير تصفيه محاصره اقتحام حرق احراق اطلاق ترور كشته قتل بازداشت دستگيري ربودن ربايش شكنجه اعدام تخريب زخمي
    مجروح اخراج
    """
)
_BOTH_VOICES = word_set(
    """
    قتل قتلت قتلا قتلوا جرح جرحت خطف خطفت خطفوا اختطف اختطفت اعتقل اعتقلت اصيب اصيبت
    """
)
_HARM = frozenset({"ASSAULT", "COERCE", "SANCTION"})
#: Forms of «شدن», by which a Persian compound is passive («بازداشت شد»).
_BECOME = ("شد", "شو", "مي شو", "گرديد", "نشد", "ميشو")
_NUMBERS = word_set(
    """
    ثلاثه اربعه خمسه سته سبعه ثمانيه تسعه عشره ثلاث اربع خمس ست سبع ثمان ثماني تسع عشر عشرون عشرين ثلاثين اربعين خمسين
    ستين سبعين ثمانين تسعين ماءه مائه مءه الف الاف عشرات مءات ميات نحو حوالي زهاء اكثر احد اثنين اثنان عشرا ما
    """
)
_PARTS = _NUMBERS | word_set("عدد عددا مجموعه قوه بعض كثير العديد عناصر فريق افراد جمع حشد حشود ءالاف مليون ملايين")
#: Those to whom harm is done rather than who does it, where a phrase without a name tells no more.
_VICTIMS = word_set("CVL EDU JRN MED REF LAB AGR BUS REL LEG JUD UNK")
#: Those against whom people protest.
_POWERS = word_set("GOV COP MIL JUD LEG SPY UNK")
#: People who are who they are by protesting: they act in every protest of their sentence.
_PROTESTERS = (
    "متظاهر",
    "محتج",
    "معتصم",
    "مضرب",
    "متجمهر",
    "معترض",
    "تظاهركنند",
    "تظاهر كنند",
    "protester",
    "demonstrator",
)
#: Verbs by which somebody does what a noun names: «هجوم شنه مسلحون», «عملية نفذها».
_PERFORM = ("شن", "نفذ", "ارتكب", "نظم", "دبر", "تبن")
#: Directions and the like: the place behind one is part of where, and no government.
_DIRECTIONS = word_set(
    """
    شمال جنوب شرق غرب شمالي جنوبي شرقي غربي وسط بوسط بشمال بجنوب بشرق بغرب بين قرب داخل خارج نحو باتجاه عبر منطقه
    مدينه بلده قريه ولايه محافظه العاصمه مطار جامعه كنيسه خليج شوارع مستوطنه مخيم قطاع اقليم حي ساحه
    """
)
#: A genitive follows its noun at once, with a number between at most.
GENITIVE = 3
#: So many parties on either side of a trigger are looked at where the clause has none.
NEAREST = 12
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


@dataclass(frozen=True, slots=True)
class _Placed:
    """A party in its clause: its first and last word and what the words around it make of it."""

    name: Name
    first: int
    last: int
    marker: str
    joined: bool = False


def roles(
    sentence: Sentence,
    trigger: Match[Entry],
    names: Sequence[Name],
    reader: Reader,
    symmetric: bool,
    raw: Sequence[Name] = (),
) -> Roles:
    """Actors, recipients and place of a trigger from the parties of its sentence, ordered by offset.

    `names` are the sentence's `parties`, `raw` its mentions, of which nationalities are no parties by themselves.
    """
    placed = _in_clause(sentence, trigger, names, reader)
    marked = [Place(p.name, p.first, p.marker) for p in placed]
    place, method, reason = find_place(sentence, trigger, marked, names, reader)
    rest = [p for p in placed if p.marker not in ("place", "topic") and _can_act(sentence, p, trigger, placed)]
    if symmetric:
        actors = [p for p in rest if p.name.facts.sector != "JRN"]  # they tell of the meeting
        near = [p for p in actors if not p.name.is_phrase or abs(_distance(p, trigger)) <= SPEAKER]
        actors = [p for p in near if not _victim(p)] or near
        recipients = list[_Placed]()
    else:
        actors, recipients = _assigned(sentence, trigger, rest, reader)
    if not any(p.name.is_phrase for p in actors) and trigger.pattern.payload.type == "PROTEST":
        far = [p for p in actors if abs(_distance(p, trigger)) > GENITIVE]
        actors = (_protesters(sentence, trigger, names) or actors) if far or not actors else actors
    if not trigger.pattern.is_verb:
        held = [p.name for p in placed]
        actors = _by_adjective(sentence, trigger, raw, held, reader, symmetric, actors)
        actors = actors or _performers_anywhere(sentence, trigger, names)
    recipients = [p for p in recipients if p.name not in [a.name for a in actors]]
    reasons = [] if actors else ["actor:none-in-clause"]
    reasons += [reason] if reason else []
    return Roles(
        tuple(p.name for p in actors[:MOST]),
        tuple(p.name for p in recipients[:MOST]),
        place,
        tuple(reasons),
        method,
        befallen=_befallen(sentence, trigger, reader.language) and trigger.pattern.payload.type in _HARM,
    )


def _can_act(sentence: Sentence, placed: _Placed, trigger: Match[Entry], others: Sequence[_Placed]) -> bool:
    """A place acts where its name stands for a government («موسكو أعلنت»): countries and capitals.

    It then is no genitive: it stands beside the trigger, opens its clause, or has a preposition of its own.
    """
    name = placed.name
    if name.label != "LOC" or placed.marker in ("recipient", "agent", "object"):
        return name.label != "LOC" or name.facts.sector is not None or not name.facts.label
    if name.facts.label and name.facts.sector is None:
        return False
    before = sentence.words[placed.first - 1] if placed.first else None
    if before is not None and canonical(before.folded) in _DIRECTIONS:
        return False
    if not trigger.pattern.is_verb:
        return _distance(placed, trigger) <= PLACE_ACTS
    opens = before is None or sentence.clauses[placed.first - 1] != sentence.clauses[placed.first]
    if trigger.pattern.payload.type == "PROTEST":
        return trigger.pattern.is_verb and _distance(placed, trigger) == 1
    behind_party = any(p.last == placed.first - 1 for p in others)
    return opens or behind_party or placed.joined or _distance(placed, trigger) <= PLACE_ACTS


def _by_adjective(
    sentence: Sentence,
    trigger: Match[Entry],
    raw: Sequence[Name],
    names: Sequence[Name],
    reader: Reader,
    symmetric: bool,
    actors: list[_Placed],
) -> list[_Placed]:
    """The actors with those whom an adjective behind the noun names: they go before parties further off."""
    if reader.language == "en":
        return actors
    found = [
        _Placed(n, trigger.head + 1, trigger.head + 1, "") for n in adjectives(sentence, raw, trigger.head, reader)
    ]
    inside = {p.name.start for p in found for n in names if n.start < p.name.start < n.end}
    found = [p for p in found if p.name.start not in inside]
    if not found or trigger.pattern.payload.type == "PROTEST" or _befallen(sentence, trigger, reader.language):
        return actors
    if symmetric:
        held = {p.name.entity_id or p.name.facts.country for p in actors}
        return actors + [p for p in found if (p.name.entity_id or p.name.facts.country) not in held]
    return actors if any(p.marker == "agent" or _distance(p, trigger) <= 1 for p in actors) else found


def _performers_anywhere(sentence: Sentence, trigger: Match[Entry], names: Sequence[Name]) -> list[_Placed]:
    """Who did it, by a relative clause: «الهجوم … الذي نفذته طالبان», where the verb has the pronoun of the noun."""
    begin = bisect_left(names, sentence.words[trigger.head].end, key=lambda name: name.start)
    for name in names[begin : begin + NEAREST]:
        if name.label == "LOC":
            continue
        first = bisect_left(sentence.words, name.start + 1, key=lambda word: word.end)
        verb = sentence.words[first - 1].folded.lstrip("و") if first else ""
        if verb.startswith(_PERFORM) and verb.endswith(("ه", "ها", "هما")) and first - trigger.head <= WINDOW:
            return [_Placed(name, first, first, "agent")]
    return []


def _protesters(sentence: Sentence, trigger: Match[Entry], names: Sequence[Name]) -> list[_Placed]:
    """The people of the sentence whom their name says to protest, whichever its clause."""
    words = sentence.words
    found: list[_Placed] = []
    begin = bisect_left(names, words[trigger.first].start, key=lambda name: name.start)
    for name in names[max(0, begin - NEAREST) : begin + NEAREST]:
        if name.is_phrase and any(stem in canonical(fold(name.surface)) for stem in _PROTESTERS):
            first = bisect_left(words, name.start + 1, key=lambda word: word.end)
            found.append(_Placed(name, first, first, ""))
    return found[:1]


def _in_clause(sentence: Sentence, trigger: Match[Entry], names: Sequence[Name], reader: Reader) -> list[_Placed]:
    words = sentence.words
    low = words[max(0, trigger.first - WINDOW)].start
    high = words[min(len(words) - 1, trigger.head + WINDOW)].end
    begin = bisect_left(names, low, key=lambda name: name.start)
    found: list[_Placed] = []
    for name in names[begin:]:
        if name.start > high:
            break
        first = bisect_left(words, name.start + 1, key=lambda word: word.end)
        last = max(first, bisect_left(words, name.end, key=lambda word: word.start) - 1)
        if first >= len(words) or (name.label == "MISC" and name.facts.sector is None):
            continue
        inside = first <= trigger.first <= last and not name.is_phrase
        if sentence.clauses[first] == sentence.clauses[trigger.first] and not inside:
            joined = bool(found) and _is_joined(sentence, found[-1].last, first, name)
            found.append(_Placed(name, first, last, _marker(sentence, first, last, name, reader, found), joined))
    return found


def _is_joined(sentence: Sentence, last: int, first: int, name: Name) -> bool:
    """Whether «و» or "and" stands between two parties, or a comma: «روسيا، الصين وإيران»."""
    words = sentence.words
    between = [word.folded for word in words[last + 1 : first]]
    if not between:
        attached = name.start > words[first].start and words[first].folded.startswith("و")
        conjunction = not name.is_phrase and name.surface.startswith("و") and not name.surface.startswith(_OWN_W)
        return attached or conjunction or "،" in sentence.text[words[last].end : name.start]
    return len(between) == 1 and between[0] in _AND


def _marker(sentence: Sentence, first: int, last: int, name: Name, reader: Reader, before: list[_Placed]) -> str:
    """`place`, `agent`, `recipient`, `object`, `topic` or nothing, by the words around a party or written with it.

    In «الصراع في أوكرانيا» the place is that of the topic, neither the event's nor an actor.
    """
    word = sentence.words[first]
    if reader.language == "fa" and last + 1 < len(sentence.words) and sentence.words[last + 1].folded == "را":
        return "object"
    if before and first - before[-1].last <= 2:
        between = [w.folded for w in sentence.words[before[-1].last + 1 : first]]
        if _is_joined(sentence, before[-1].last, first, name) and set(between) <= _AND:
            return before[-1].marker
    while first > 1 and canonical(sentence.words[first - 1].folded) in _NUMBERS and name.start == word.start:
        first -= 1  # «على يد عشرة متمردين»
    if first > 1 and sentence.words[first - 1].folded == "من" and _is_part(sentence.words[first - 2].folded):
        first -= 2  # «عدد من الجنود»: what stands before the number decides
        word = sentence.words[first]
    leading = [canonical(w.folded) for w in sentence.words[max(0, first - 2) : first]]
    for agent in _AGENTS[reader.language]:
        if tuple(leading[-len(agent) :]) == agent:
            return "agent"
    clitic = sentence.text[word.start : name.start].lstrip("وف") if word.start < name.start < word.end else ""
    at = first - 1
    while at > 0 and sentence.words[at].folded in reader.regions and not clitic:
        at -= 1
    previous = sentence.words[at].folded if at >= 0 else ""
    if previous.startswith("ب") and previous[1:] in reader.regions:
        clitic = "ب"
    candidate = clitic or previous
    if name.label == "LOC" and candidate in reader.places:
        near = {w.folded for w in sentence.words[max(0, at - 2) : first]}
        return "place" if reader.topics.isdisjoint(near) else "topic"
    if name.is_phrase and candidate in ("في", "در", "in", "at"):
        return "topic"
    return "recipient" if {candidate, candidate.removeprefix("و")} & reader.recipients else ""


def _is_part(folded: str) -> bool:
    """Whether a word before «من» says how many of some there are."""
    return canonical(folded).removeprefix("ال") in _PARTS


def _assigned(
    sentence: Sentence, trigger: Match[Entry], placed: list[_Placed], reader: Reader
) -> tuple[list[_Placed], list[_Placed]]:
    """Actors and recipients of an act that one does to another."""
    language, kind, verbal = reader.language, trigger.pattern.payload.type, trigger.pattern.is_verb
    agents = [p for p in placed if p.marker == "agent"]
    marked = [p for p in placed if p.marker == "recipient"]
    objects = [p for p in placed if p.marker == "object"]
    itself = [p for p in placed if _names_actor(p, trigger)]
    bare = [p for p in placed if not p.marker and p not in itself and not trigger.first <= p.first <= trigger.head]
    before = [p for p in bare if p.last < trigger.first and (verbal or not _speaks(sentence, p, reader))]
    after = [p for p in bare if p.first > trigger.head]
    if kind == "PROTEST":
        crowd = [p for p in itself + before + after if _power(p)]
        actors = itself or _nearest([p for p in (after or before) + before if p not in crowd], trigger)
        others = [p for p in marked + crowd if p not in actors]
        return actors, _nearest(others, trigger)
    if itself:
        return itself, _nearest(objects or after or marked, trigger)
    harm = kind in _HARM
    befallen = _befallen(sentence, trigger, language)
    if trigger.pattern.payload.passive or (harm and language == "fa" and befallen and not objects):
        return _nearest(agents, trigger), _nearest(bare, trigger) or _nearest(marked, trigger)
    if language == "fa":
        actors = agents or before or after
        return _nearest(actors, trigger), _nearest(objects or marked, trigger)
    if language == "en":
        if verbal:
            return _nearest(before or agents, trigger), _nearest(after or marked, trigger)
        return _nearest(agents or before or after, trigger), _nearest(marked, trigger)
    return _arabic(sentence, trigger, (agents, marked, before, after), harm, befallen)


def _arabic(
    sentence: Sentence,
    trigger: Match[Entry],
    found: tuple[list[_Placed], list[_Placed], list[_Placed], list[_Placed]],
    harm: bool,
    befallen: bool,
) -> tuple[list[_Placed], list[_Placed]]:
    agents, marked, before, after = found
    performers = _performers(sentence, trigger, after) if not trigger.pattern.is_verb else []
    after = [p for p in after if p not in performers]
    if harm:  # «قتل 20 شخصا»: phrases of people without power are not who did it
        weak = [p for p in before + after if _victim(p)]
        strong_before = [p for p in before if p not in weak]
        if agents or performers:
            rest = [p for p in after + before if p not in agents]
            return _nearest(agents or performers, trigger), _nearest(marked or rest, trigger)
        first = _nearest(after, trigger)
        if (
            befallen
            and first
            and _distance(first[0], trigger) <= GENITIVE + 1
            and not any(_of(sentence, p) for p in marked)
        ):
            alone = _victim(first[0]) or _counted(sentence, first[0]) or first[0].name.label == "PER"
            spelled = {key[0] for key in sentence.readings[trigger.first].keys}
            if not trigger.pattern.is_verb and "p" not in spelled:  # «قتل» is both, «مقتل» a noun alone
                return _nearest(strong_before if _is_done(sentence, trigger) else [], trigger), first
            if alone and (_counted(sentence, first[0]) or not _apart(after, first)):
                return _nearest(strong_before, trigger), first
        if _goes_off(sentence, trigger):
            return [], _nearest(marked or after, trigger)
        if _suffered(sentence, trigger):
            return [], _nearest(before, trigger)
        strong_after = [p for p in after if p not in weak]
        if trigger.pattern.is_verb and _plural(sentence, trigger):
            # A verb in the plural has its subject before it: behind it stands the object.
            if befallen and not after:
                return [], _nearest(before, trigger)
            return _nearest(strong_before, trigger), _nearest(after + marked, trigger)
        if trigger.pattern.is_verb:
            beside = strong_before and not _near(strong_after, trigger)
            actors = _nearest(strong_before if beside else strong_after or strong_before, trigger)
        else:
            genitive = [p for p in strong_after if _distance(p, trigger) <= 2]
            actors = _nearest(genitive or strong_before, trigger)
        others = [p for p in after if p not in actors] or ([p for p in weak if p in before] if befallen else [])
        behind = [p for p in marked if p.first > trigger.first]
        return actors, _nearest(sorted(others + behind, key=lambda p: p.first) or marked, trigger)
    if agents or performers:
        return _nearest(agents or performers, trigger), _nearest(after or before or marked, trigger)
    if trigger.pattern.is_verb:
        if before and not _near(after, trigger):
            return _nearest(before, trigger), _nearest(after or marked, trigger)
        actors = _nearest(after or before, trigger)
        return actors, _nearest([p for p in after if p not in actors] or marked, trigger)
    genitive = [p for p in after if _distance(p, trigger) <= GENITIVE]
    actors = _nearest(genitive or before or after, trigger)
    return actors, _nearest(marked or [p for p in after if p not in actors and p not in genitive], trigger)


def _is_done(sentence: Sentence, trigger: Match[Entry]) -> bool:
    """Whether somebody is said to do what the noun names: «قام بقتل», «نجح في قتل»."""
    before = sentence.words[trigger.first - 1].folded if trigger.first else ""
    return sentence.words[trigger.first].folded.startswith("ب") or before in ("في", "من", "علي", "عن")


def _goes_off(sentence: Sentence, trigger: Match[Entry]) -> bool:
    """Whether the trigger tells of a bomb alone: whoever stands near it did not explode."""
    folded = canonical(sentence.words[trigger.first].folded).lstrip("وفبل")
    return folded.startswith(("انفج", "نفج", "سيار", "عبو", "شاحن", "الانفج"))


def _suffered(sentence: Sentence, trigger: Match[Entry]) -> bool:
    """«تعرضت لهجوم»: the subject is who was attacked."""
    near = [word.folded for word in sentence.words[max(0, trigger.first - 4) : trigger.first]]
    return any("تعرض" in word for word in near)


def _plural(sentence: Sentence, trigger: Match[Entry]) -> bool:
    return sentence.words[trigger.first].folded.endswith(("وا", "ون"))


def _names_actor(placed: _Placed, trigger: Match[Entry]) -> bool:
    """Whether the trigger itself names who acts: «متظاهرون», «فجر انتحاري», but not the adjective of an attack."""
    if not placed.name.is_phrase or not trigger.first <= placed.first <= trigger.head:
        return False
    if trigger.pattern.payload.type == "PROTEST":
        return not _power(placed)
    return not _victim(placed) and (trigger.pattern.is_verb or placed.first == trigger.first)


def _power(placed: _Placed) -> bool:
    return placed.name.facts.sector in _POWERS


def _victim(placed: _Placed) -> bool:
    return (placed.name.is_phrase or placed.name.label == "MISC") and placed.name.facts.sector in _VICTIMS


def _counted(sentence: Sentence, placed: _Placed) -> bool:
    """Whether a number stands before a party, or it is one of some: those who are counted are the dead."""
    before = sentence.words[placed.first - 1].folded if placed.first else ""
    return before.isdecimal() or canonical(before) in _NUMBERS


def _apart(after: list[_Placed], first: list[_Placed]) -> list[_Placed]:
    return [p for p in after if p not in first and not _victim(p)]


def _speaks(sentence: Sentence, placed: _Placed, reader: Reader) -> bool:
    """Whether a party is the subject of a verb of saying: «أعلنت الشرطة مقتل …» tells no act of the police."""
    if reader.language != "ar" or not placed.first:
        return False
    return not reader.speech.isdisjoint(sentence.readings[placed.first - 1].keys)


def _performers(sentence: Sentence, trigger: Match[Entry], after: list[_Placed]) -> list[_Placed]:
    """Who does what a noun names, by a verb of doing behind it: «هجوم شنه مسلحون»."""
    for placed in after:
        if 2 <= _distance(placed, trigger) <= SPEAKER:
            verb = sentence.words[placed.first - 1].folded.lstrip("وفت")
            if verb.startswith(_PERFORM) and len(verb) <= 6:
                return _nearest([placed], trigger)
    return []


def _near(after: list[_Placed], trigger: Match[Entry]) -> bool:
    return bool(after) and _distance(after[0], trigger) <= 2


def _of(sentence: Sentence, placed: _Placed) -> bool:
    """Whether «ل» marks the object of a verbal noun: «قصف الجيش للمدنيين»."""
    return sentence.words[placed.first].folded.startswith("ل")


def _befallen(sentence: Sentence, trigger: Match[Entry], language: str) -> bool:
    """Whether the trigger may say what befalls the party beside it, not what it does."""
    if language == "fa":
        verb = trigger.verb
        if verb is not None and trigger.pattern.is_verb:
            return sentence.words[verb].folded.startswith(_BECOME)
        return canonical(sentence.words[trigger.first].folded) in _BEFALLS
    keys = {form.form for key, form in sentence.readings[trigger.first].keys.items() if key[0] == "n"}
    folded = canonical(sentence.words[trigger.first].folded)
    if trigger.pattern.is_verb:
        return folded in _BOTH_VOICES or folded[1:] in _BOTH_VOICES
    return bool((keys | {folded}) & _BEFALLS)


def _nearest(placed: list[_Placed], trigger: Match[Entry]) -> list[_Placed]:
    """The nearest party and those joined with it: compound actors are lists."""
    if not placed:
        return []
    at = min(range(len(placed)), key=lambda n: (_distance(placed[n], trigger), n))
    low = high = at
    while low > 0 and placed[low].first - placed[low - 1].last <= 2 and _distance(placed[low - 1], trigger):
        low -= 1
    while high + 1 < len(placed) and placed[high + 1].first - placed[high].last <= 2:
        high += 1
    if high > low and placed[low].first < trigger.first < placed[high].first:
        return [placed[at]]
    return placed[low : high + 1] if _listed(placed[low : high + 1]) else [placed[at]]


def _listed(placed: list[_Placed]) -> bool:
    """Whether the names are joined by «و» or "and": two names side by side may be subject and object."""
    return all(later.joined for _, later in itertools.pairwise(placed))


def _distance(placed: _Placed, trigger: Match[Entry]) -> int:
    return trigger.first - placed.last if placed.last < trigger.first else placed.first - trigger.head


def carried(sentence: Sentence, trigger: Match[Entry], names: Sequence[Name], reader: Reader) -> tuple[Name, ...]:
    """The subject of an Arabic verb behind «و» or «ف» that has none of its own: that of the clauses before it.

    It is the first party before the verb that no preposition introduces and to whom nothing is done.
    """
    verb = sentence.words[trigger.first].folded
    if reader.language != "ar" or not trigger.pattern.is_verb or verb[:1] not in ("و", "ف"):
        return ()
    if canonical(verb)[1:] in _BOTH_VOICES and not verb.endswith("ت"):
        return ()  # «وقتل شخصان»: the passive
    begin = bisect_left(names, sentence.words[trigger.first].start, key=lambda name: name.start)
    for name in names[max(0, begin - NEAREST) : begin]:
        if name.end > sentence.words[trigger.first].start or name.label in ("LOC", "MISC"):
            continue
        first = bisect_left(sentence.words, name.start + 1, key=lambda word: word.end)
        placed = _Placed(name, first, first, _marker(sentence, first, first, name, reader, []))
        crowd = trigger.pattern.payload.type == "PROTEST"
        if placed.marker or _speaks(sentence, placed, reader) or (_power(placed) if crowd else _victim(placed)):
            continue
        before = sentence.words[first - 1] if first else None
        if (
            before is None
            or any(key[0] in "pi" for key in sentence.readings[first - 1].keys)
            or _opens(sentence, first)
        ):
            return (name,)
    return ()


def _opens(sentence: Sentence, first: int) -> bool:
    return first == 0 or sentence.clauses[first - 1] != sentence.clauses[first]


def speaker(sentence: Sentence, trigger: Match[Entry], names: Sequence[Name], reader: Reader) -> Name | None:
    """Who says it, where a verb of saying stands before the trigger with one person or body as its subject."""
    for place in range(trigger.first - 1, max(-1, trigger.first - 40), -1):
        keys = sentence.readings[place].keys
        if reader.speech.isdisjoint(keys):
            continue
        low, high = place, place + SPEAKER
        if reader.language != "ar":
            low, high = place - SPEAKER, place
        low, high = max(0, low), min(high, trigger.first - 1)
        while high > place and sentence.clauses[high] != sentence.clauses[place]:
            high -= 1  # «أعلن الكرملين أن بوتين …»: what is said has its own subject
        if high <= low:
            return None
        start, end = sentence.words[low].start, sentence.words[high].end
        begin = bisect_left(names, start, key=lambda name: name.start)
        said = [n for n in names[begin : begin + 4] if n.end <= end and n.label in ("PER", "ORG")]
        people = [n for n in said if n.label == "PER"] or said
        return people[0] if len(people) == 1 else None
    return None


__all__ = ["Facts", "Name", "Roles", "roles", "speaker"]
