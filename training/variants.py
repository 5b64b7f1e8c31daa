"""Spell a training sentence as other newsrooms would: what the normaliser cannot undo at run time."""

import random

from training.corpora import Sentence, spans

Names = dict[tuple[str, str], list[tuple[tuple[str, ...], tuple[frozenset[str], ...]]]]
Varied = tuple[list[str], list[frozenset[str]]]
JOINER = "\u200c"
HAMZA = str.maketrans("أإآ", "ااا")
FINAL = set(".؟!?:…")


def inside(allowed: frozenset[str]) -> frozenset[str]:
    """Return what the second half of a word may be when the whole may be `allowed`."""
    return frozenset("I" + tag[1:] if tag[0] == "B" else tag for tag in allowed)


def names(sentences: list[Sentence]) -> Names:
    """Return the names of each (corpus, label), each in its words, with the tags they may have."""
    found: Names = {}
    for sentence in sentences:
        for start, end, label in spans(sentence.tags):
            name = sentence.words[start:end], sentence.allowed[start:end]
            found.setdefault((sentence.corpus, label), []).append(name)
    return found


def swap(sentence: Sentence, others: Names, chooser: random.Random) -> Varied:
    """Put other names of the same corpus and label in place of some, so that the words around them count too."""
    words: list[str] = []
    allowed: list[frozenset[str]] = []
    at = 0
    for start, end, label in spans(sentence.tags):
        words += sentence.words[at:start]
        allowed += sentence.allowed[at:start]
        kept = sentence.words[start:end], sentence.allowed[start:end]
        name = chooser.choice(others[sentence.corpus, label]) if chooser.random() < 0.5 else kept
        words += name[0]
        allowed += name[1]
        at = end
    return words + list(sentence.words[at:]), allowed + list(sentence.allowed[at:])


def vary(sentence: Sentence, others: Names, chooser: random.Random) -> Varied:
    """Return words and allowed tags of a variant; most sentences come back as they are."""
    words, allowed = list(sentence.words), list(sentence.allowed)
    if chooser.random() < 0.2:
        words, allowed = swap(sentence, others, chooser)
    if sentence.language == "fa":
        words, allowed = vary_persian(words, allowed, chooser)
    else:
        words, allowed = vary_arabic(words, allowed, chooser)
    if len(words) > 3 and words[-1][0] in FINAL and chooser.random() < 0.2:
        words, allowed = words[:-1], allowed[:-1]
    if chooser.random() < 0.1:
        words = [{"،": ",", "؛": ";"}.get(word, word) for word in words]
    if chooser.random() < 0.1:
        kept = [i for i, word in enumerate(words) if word != '"']
        words, allowed = [words[i] for i in kept], [allowed[i] for i in kept]
    return words or list(sentence.words), allowed or list(sentence.allowed)


def vary_persian(words: list[str], allowed: list[frozenset[str]], chooser: random.Random) -> Varied:
    """Lose the joiners (three sentences in ten) or write them as blanks (one in twelve)."""
    draw = chooser.random()
    if draw < 0.3:
        return [word.replace(JOINER, "") or word for word in words], allowed
    if draw > 0.92:
        pairs = [
            (part, tags if i == 0 else inside(tags))
            for word, tags in zip(words, allowed, strict=True)
            for i, part in enumerate(word.split(JOINER))
            if part
        ]
        return [word for word, _ in pairs], [tags for _, tags in pairs]
    return words, allowed


def vary_arabic(words: list[str], allowed: list[frozenset[str]], chooser: random.Random) -> Varied:
    """Drop hamzas, swap final yeh and alef maqsura, attach conjunctions that stand alone."""
    if chooser.random() < 0.15:
        words = [word.translate(HAMZA) for word in words]
    draw = chooser.random()
    if draw < 0.06:
        words = [word[:-1] + "ي" if word.endswith("ى") else word for word in words]
    elif draw < 0.12:
        words = [word[:-1] + "ى" if word.endswith("ي") and len(word) > 2 else word for word in words]
    if "و" in words and chooser.random() < 0.5:
        joined: list[str] = []
        tags: list[frozenset[str]] = []
        pending = False
        for word, tag in zip(words, allowed, strict=True):
            if pending and tag != frozenset({"I"}):
                joined[-1] += word
                tags[-1] = tag if tags[-1] == frozenset({"O"}) else tags[-1]
            else:
                joined.append(word)
                tags.append(tag)
            pending = word == "و" and tag == frozenset({"O"})
        return joined, tags
    return words, allowed
