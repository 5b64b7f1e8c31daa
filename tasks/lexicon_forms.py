"""Every form of a lexicon word: inflection of Arabic, Persian and English verbs and nouns by rule.

A lexicon names a verb by its principal parts, and the paradigm spells out the rest, so that an entry stays one
line and a form's tense and negation are known when it is met:

    ar   perfect/imperfect        التقى/يلتقي
    fa   past/present stem        کشت/کش
    en   base[/past[/participle]] meet/met, strike/struck/struck

A form is a key `kind:spelling` (folded). Kinds: n noun or other word, x exactly as written; p perfect or past,
i imperfect or present, s subjunctive, b English base, g English -ing, d participle; P, I and S are the
Persian forms with a negative prefix.
"""

from __future__ import annotations

from collections.abc import Iterator

from tasks.clitics import canonical, fold

WEAK = "ايو"
#: The kind of any Arabic word with that preposition before it: «+ب» in a verb's pattern.
ATTACHED = "t"
VERB_KINDS = frozenset("pisbgPISd")
FINITE_KINDS = frozenset("pisPIS")
NEGATIVE_KINDS = frozenset("PIS")
VOWELS = "aeiou"


def noun_keys(word: str, language: str) -> frozenset[str]:
    """The keys of a noun, adjective or other word; `=word` stands for exactly that spelling.

    Arabic nouns get their sound plurals and dual, English ones the -s; broken plurals are entries of their own.
    """
    if word.startswith("="):
        return frozenset({f"x:{canonical(fold(word[1:]))}"})
    folded = canonical(fold(word))
    forms = {folded}
    if language == "ar" and len(folded) >= 3:
        stem = folded[:-1] if folded.endswith("ه") else folded
        dual = stem + "ت" if folded.endswith("ه") else folded
        forms |= {stem + "ات", dual + "ان", dual + "ين", folded + "ين", folded + "ون"}
    elif language == "en" and len(folded) >= 3:
        forms.add(_third_person(folded))
    return frozenset(f"n:{form}" for form in forms)


def verb_keys(parts: list[str], language: str, named: frozenset[str] = frozenset()) -> frozenset[str]:
    """The keys of a verb named by its principal parts.

    An Arabic passive that is spelled otherwise than the active is the same verb, unless it is `named` by itself.
    """
    folded = [canonical(fold(part)) for part in parts]
    if language == "ar":
        # A last hamza is no weak letter, though it is folded to look like one: بدأت, هنأوا.
        forms = _arabic(folded, [part.endswith(("أ", "ئ")) for part in parts])
    else:
        forms = _persian(folded) if language == "fa" else _english(folded)
    keys = {f"{kind}:{form}" for kind, form in forms}
    if language == "ar" and (passive := arabic_passive(folded[0])) and passive not in named:
        keys |= {f"p:{form}" for form in _arabic_perfect(passive)}
    return frozenset(keys)


def _arabic(parts: list[str], hamza: list[bool]) -> Iterator[tuple[str, str]]:
    """`hamza` tells of each part whether its last letter is one."""
    yield from (("p", form) for form in _arabic_perfect(parts[0], hamza[0]))
    if len(parts) > 1 and parts[1]:
        yield from (("i", form) for form in _arabic_imperfect(parts[1], hamza[1]))


def _arabic_perfect(form: str, hamza: bool = False) -> Iterator[str]:
    yield form
    if not hamza and (form.endswith("ي") or (form.endswith("ا") and len(form) == 3)):
        # Defective: التقى, التقت, التقيا, التقوا; دعا, دعت, دعوا.
        stem = form[:-1]
        yield from (stem + ending for ending in ("ت", "تا", "يا", "وا", "ينا", "يت", "ا"))
        return
    yield from (form + ending for ending in ("ت", "ا", "تا", "وا", "نا", "ن"))


def arabic_passive(perfect: str) -> str:
    """The passive of a perfect verb where it is written otherwise than the active: صودر, أقيل, اغتيل, استعيد."""
    if len(perfect) == 4 and perfect[1] == "ا" and perfect[0] != "و":
        return f"{perfect[0]}و{perfect[2:]}"
    if len(perfect) >= 4 and perfect[0] == "ا" and perfect[-2] == "ا":
        return f"{perfect[:-2]}ي{perfect[-1]}"
    return ""


def _arabic_imperfect(form: str, hamza: bool = False) -> Iterator[str]:
    body = form[1:]
    shapes = {body}
    if hamza:
        plural = {body, body[:-1] + "و"}  # يبدأون, also written يبدؤون
    elif body.endswith(("ي", "و", "ا")):
        shapes.add(body[:-1])  # jussive of a defective verb: لم يلتق
        plural = {body[:-1]}
    else:
        plural = {body}
    for prefix in "يتنا":
        # Short jussives and first persons are spelled like common words: «ترد», «نقل», «أمل».
        shortest = 3 if prefix in "يت" else 4
        yield from (prefix + shape for shape in shapes if len(shape) >= shortest)
    if len(body) >= 3 and body[-2] in WEAK:
        # Jussive of a hollow verb («يستفد»); those of three letters are spelled like too much else («يقل»).
        yield from (prefix + body[:-2] + body[-1] for prefix in "يت" if len(body) > 3)
    for prefix in "يت":
        yield from (prefix + shape + "ان" for shape in {body})
        yield from (prefix + shape + ending for shape in plural for ending in ("ون", "وا", "ن"))


def _persian(parts: list[str]) -> Iterator[tuple[str, str]]:
    """Past and present of a simple verb: کرد، می‌کرد، کرده، نکرد، می‌کند، بکند، نکند."""
    past, present = parts[0], parts[1] if len(parts) > 1 else ""
    for person in ("", "م", "يم", "يد", "ند"):
        yield "p", past + person
        yield "p", "مي" + past + person
        yield "P", "ن" + past + person
        yield "P", "نمي" + past + person
    for ending in ("ه", "هاند", "هام", "هايم"):
        yield "d", past + ending
        yield "P", "ن" + past + ending
    yield "n", past + "ن"
    if past == "بود":
        yield from (("i", form) for form in ("است", "هست", "هستند", "هستيم", "هستم", "اند"))
        yield from (("I", form) for form in ("نيست", "نيستند", "نيستيم", "نيستم"))
    if not present:
        return
    glide = "ي" if present.endswith(("ا", "و")) and present not in ("شو", "رو", "دو") else ""
    negated = "نيا" + present[1:] if present.startswith("ا") else "ن" + present
    wished = "بيا" + present[1:] if present.startswith("ا") else "ب" + present
    for person in ("د", "ند", "م", "يم", "يد"):
        yield "i", "مي" + present + glide + person
        yield "I", "نمي" + present + glide + person
        if person in ("د", "ند"):  # «کشید» is a past tense
            yield "s", present + glide + person
        yield "s", wished + glide + person
        yield "S", negated + glide + person


def _english(parts: list[str]) -> Iterator[tuple[str, str]]:
    base = parts[0]
    past = parts[1] if len(parts) > 1 else _past(base)
    participle = parts[2] if len(parts) > 2 else past
    yield "b", base
    yield "i", _third_person(base)
    yield "p", past
    yield "d", participle
    yield "g", _progressive(base)


def english_participle(parts: list[str]) -> str:
    """The past participle of a verb named by its principal parts."""
    return parts[-1] if len(parts) > 1 else _past(parts[0])


def _third_person(base: str) -> str:
    if base.endswith(("s", "sh", "ch", "x", "z", "o")):
        return base + "es"
    return base[:-1] + "ies" if base.endswith("y") and base[-2] not in VOWELS else base + "s"


def _past(base: str) -> str:
    if base.endswith("e"):
        return base + "d"
    if base.endswith("y") and base[-2] not in VOWELS:
        return base[:-1] + "ied"
    return _doubled(base) + "ed"


def _progressive(base: str) -> str:
    if base.endswith("ie"):
        return base[:-2] + "ying"
    stem = base[:-1] if base.endswith("e") and not base.endswith("ee") else _doubled(base)
    return stem + "ing"


def _doubled(base: str) -> str:
    """Short verbs double a last consonant after one vowel (ban, banned); longer ones mostly do not."""
    short = len(base) <= 4 and base[-1] not in "aeiouwxyk" and base[-2] in VOWELS
    return base + base[-1] if short and (len(base) < 3 or base[-3] not in VOWELS) else base
