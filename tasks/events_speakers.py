"""Who says it: the subject of a verb of saying before an act (`speaker`), or who goes on speaking (`Speakers`).

Where the subject is left out («وأضاف أن …») or a pronoun («وی افزود …», "He added"), the last speaker goes on. That is
safe only where the last sentence that named one, one person alone, lies at most two sentences back; else the
speaker stays open, with the reason `attributed_to:subject-left-out`.
"""

from __future__ import annotations

import itertools
import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from tasks.clitics import Spellings, fold
from tasks.events_clauses import Sentence
from tasks.events_parties_placed import SPEAKER, Placed, led_by
from tasks.events_party_nouns import Name, word_set
from tasks.events_roles import Roles
from tasks.events_roles_words import TOLD, TOLD_BEFORE, WITH
from tasks.events_status import Evidence
from tasks.lexicon import Entry
from tasks.lexicon_match import Match
from tasks.lexicon_reader import Reader

#: A speaker named so many sentences ago still speaks.
REACH = 2
#: The subject of a verb of saying stands in this many characters: a title of six words and a name.
NEAR = 90
_SPACED = re.compile(r"\S+")
LEFT_OUT = "attributed_to:subject-left-out"
NAMELESS = "attributed_to:no-name"
_OPENS = word_set("ان بان انه انها انهم بانه بانها قائلا قائله في خلال الي")
_PRONOUNS = {"ar": word_set("هو هي"), "fa": word_set("وي او ايشان"), "en": word_set("he she")}
_SAYS = {
    "fa": ("گفت", "افزود", "تاکید کرد", "تأکید کرد", "اظهار", "اعلام کرد", "تصریح", "نوشت"),
    "en": ("said", "added"),
}


#: Who says it, null for a body without a name («الشرطة»), and by which words.
Said = tuple[Name | None, Evidence]

#: The words that open sentences, folded and without marks around them.
_OPENINGS = Spellings(lambda word: fold(word).strip('«»"“”:،,'))


@dataclass(slots=True)
class Speakers:
    """The speaker of one article, sentence by sentence, in order."""

    reader: Reader
    _last: Name | None = None
    _start: int = 0
    _index: int = 0

    def follow(self, text: str, start: int, index: int, names: Sequence[Name]) -> tuple[Evidence | None, Name | None]:
        """The verb of saying of a sentence that leaves its speaker out, and who that is, with offsets in it.

        `start` is the sentence's place in the article, `index` its number.
        """
        left_out, speaker = self._reads(text, names)
        if speaker is not None:
            self._last, self._start, self._index = speaker, start, index
        elif left_out is not None and self._last is not None and index - self._index <= REACH:
            self._index = index
            shift = self._start - start
            return left_out, replace(self._last, start=self._last.start + shift, end=self._last.end + shift)
        return left_out, None

    def _reads(self, text: str, names: Sequence[Name]) -> tuple[Evidence | None, Name | None]:
        written = list(itertools.islice(_SPACED.finditer(text, 0, NEAR), 3))
        opening = [_OPENINGS[word.group()] for word in written]
        if len(opening) < 2:
            return None, None
        language = self.reader.language
        near = [n for n in names if n.start < NEAR and n.label == "PER"]
        if language != "ar":
            said = next((found for verb in _SAYS[language] if (found := text.find(verb)) >= 0), None)
            if said is not None and opening[0] in _PRONOUNS[language]:
                end = _SPACED.match(text, said)
                return _said(said, end.end() if end else said + 1), None
            return None, near[0] if said is not None and len(near) == 1 else None
        at = 1 if opening[0] in ("كما", "ثم", "و", "وقد") else 0
        if at + 1 >= len(opening) or self.reader.speech.isdisjoint(self.reader.read(opening[at]).keys):
            return None, None
        if opening[at + 1] in _OPENS or written[at].group().endswith(":"):
            verb = written[at]
            return _said(verb.start(), verb.start() + len(verb.group().rstrip(":،,"))), None
        return None, near[0] if len(near) == 1 else None


def _said(start: int, end: int) -> Evidence:
    return Evidence("attribution", "said", start, end, "speech-verb")


def acting(roles: Roles, act_start: int, language: str, speaker: Name | None) -> Roles:
    """The roles with the last speaker as the actor of the verb that opens the sentence («واتهم موسكو بـ…»)."""
    if roles.actors or speaker is None or language != "ar" or act_start > 1:
        return roles
    reasons = tuple(reason for reason in roles.reasons if not reason.startswith("actor:"))
    return replace(roles, actors=(speaker,), reasons=reasons, method="last-speaker")


def _ruled(sentence: Sentence, name: Name, reader: Reader) -> bool:
    """Whether a preposition stands right before a name."""
    first = bisect_left(sentence.ends, name.start + 1)
    before = {name.clitic, *sentence.folded[max(0, first - 1) : first]}
    return not before.isdisjoint(reader.recipients | WITH[reader.language])


def of_speaker(sentence: Sentence, trigger: Match[Entry], language: str) -> bool:
    """Whether a trigger says by a pronoun that who tells of it takes part: «اتفقنا», «قال إنه سيتصل», «محادثاته مع»."""
    word = sentence.folded[trigger.verb if trigger.verb is not None else trigger.first]
    if language == "fa":
        return trigger.pattern.is_verb and word.endswith(("يم", "ردم", "شتم", "دادم"))
    if language != "ar":
        return False
    if trigger.pattern.is_verb:
        before = sentence.folded[trigger.first - 1] if trigger.first else ""
        return (word.endswith("نا") and len(word) > 4) or before in ("انه", "انها", "بانه", "بانها")
    return any(form.suffix in ("ه", "ها") for form in sentence.readings[trigger.first].keys.values())


def with_speaker(roles: Roles, speaker: Name, symmetric: bool) -> Roles:
    """The roles with who tells of the act as the actor that the grammar has not found."""
    known = {name.entity_id or name.surface for name in (*roles.actors, *roles.recipients)}
    if (speaker.entity_id or speaker.surface) in known or (roles.actors and not symmetric):
        return roles
    reasons = tuple(reason for reason in roles.reasons if not reason.startswith("actor:"))
    method = roles.method if roles.actors else "last-speaker"
    return replace(roles, actors=(speaker, *roles.actors), reasons=reasons, method=method)


def speaker(
    sentence: Sentence, trigger: Match[Entry], names: Sequence[Name], acting: Sequence[Name], reader: Reader
) -> Said | None:
    """Who says it, where a verb of saying stands before the trigger with one person or body as its subject.

    `names` are the sentence's mentions, `acting` its parties.
    """
    for place in reversed(sentence.saying):
        if not trigger.first - 40 < place < trigger.first:
            continue
        low, high = place, place + SPEAKER
        if reader.language != "ar":
            low, high = place - SPEAKER, place
        low, high = max(0, low), min(high, trigger.first - 1)
        while high > place and sentence.clauses[high] != sentence.clauses[place]:
            high -= 1  # «أعلن الكرملين أن بوتين …»: what is said has its own subject
        if high <= low:
            return None
        start, end = sentence.starts[low], sentence.ends[high]
        begin = bisect_left(names, start, key=lambda name: name.start)
        said = [n for n in names[begin : begin + 4] if n.end <= end and n.label in ("PER", "ORG")]
        people = [n for n in said if n.label == "PER"] or said
        if len(people) > 1:  # «ترامپ پس از تماس با پوتین گفت»: behind a preposition stands no subject
            people = [n for n in people if not _ruled(sentence, n, reader)]
        evidence = Evidence("attribution", "said", *sentence.span(place, place), "speech-verb")
        if not people and (subject := _subject(sentence, place, acting, reader.language)):
            return (subject if subject.mention_id else None), evidence
        return (people[0], evidence) if len(people) == 1 else None
    return None


def _subject(sentence: Sentence, place: int, acting: Sequence[Name], language: str) -> Name | None:
    """The government or the body without a name right behind an Arabic verb of saying, or that opens its clause."""
    at = place + 1
    if language != "ar":
        at = place
        while at > 0 and sentence.clauses[at - 1] == sentence.clauses[place]:
            at -= 1
    begin = bisect_left(acting, sentence.starts[at], key=lambda name: name.start)
    found = next((name for name in acting[begin : begin + 1] if name.start < sentence.ends[at]), None)
    if found is None or (found.end > sentence.ends[place]) != (language == "ar") or found.label == "MISC":
        return None
    return found if found.label != "LOC" or found.facts.sector is not None else None


def cited(sentence: Sentence, clauses: Mapping[int, Sequence[Placed]], language: str) -> Said | None:
    """Who tells of the sentence's acts beside them: «بحسب وزارة الصحة», «حسبما أفادت الشرطة», «به گفته پلیس».

    Of several sources the one is taken from whom the others have it, else none: each tells something else.
    """
    marked = [p.first for some in clauses.values() for p in some if p.marker == "source"]
    sources = {first: (led_by(sentence, first, language) or (0, ""))[0] for first in marked}
    if language == "ar":
        sources |= {place + 2: place for place in _tellings(sentence)}
    if not sources:
        return None
    found = [p for some in clauses.values() for p in some if p.first in sources]
    if len(found) > 1:  # «به گزارش فارس به نقل از رویترز»: the one tells what the other said
        found = [p for p in found if sentence.folded[sources[p.first]] in ("نقل", "نقلا")]
    if len(found) != 1:
        return None
    [source] = found
    evidence = Evidence("attribution", "said", *sentence.span(sources[source.first], source.first - 1), "cue")
    return (source.name if source.name.mention_id else None), evidence


def _tellings(sentence: Sentence) -> list[int]:
    """The words «حسبما», «ما» of «وفق ما», «كما» behind which a verb says who tells of it."""
    words = sentence.folded
    found: list[int] = []
    if not any(map(words.__contains__, TOLD)):
        return found
    for place, word in enumerate(words[:-2]):
        if word in TOLD:
            behind = place > 0 and not TOLD_BEFORE.isdisjoint((words[place - 1], words[place - 1].removeprefix("و")))
            says = sentence.readings[place + 1].speech
            if word == "حسبما" or (says if word == "كما" else behind):
                found.append(place)
    return found
