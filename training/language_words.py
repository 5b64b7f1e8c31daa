"""The table of words that Arabic, Persian and Urdu are known by, from the texts that the model is trained on."""

from collections import Counter

import numpy as np

from tasks.language_features import extract
from tasks.language_model import LISTED, WORD_CELLS, word_cells
from training.language_corpora import Texts

#: In running text a form that comes once is as likely a slip; a word list has no slips to speak of.
FEWEST = 2
LISTS = ("every-word", "function-words", "cldr")


def word_table(texts: Texts) -> np.ndarray:
    """A byte a cell, a bit a language: which words are known. See `tasks.language_model.word_cells`."""
    table = np.zeros(WORD_CELLS, dtype=np.uint8)
    for language, bit in LISTED.items():
        counted: Counter[int] = Counter()
        for source, lines in texts[language].items():
            weight = FEWEST if source in LISTS or language == "ur" else 1
            for first in range(0, len(lines), 2_000):
                part = lines[first : first + 2_000]
                # A joiner that was lost makes one word of two: those words are known as well.
                joined = [" ".join(w.replace("\u200c", "") for w in line.split() if "\u200c" in w) for line in part]
                for variant in (part, joined):
                    for number in extract(variant).words.number.tolist():
                        counted[number] += weight
        numbers = np.array([n for n, count in counted.items() if count >= FEWEST], dtype=np.uint32)
        print(f"{language}: {len(numbers)} words known")
        for cells in word_cells(numbers):
            table[cells] |= bit
    print(f"filled: {[round(float(((table & bit) != 0).mean()), 3) for bit in LISTED.values()]}")
    return table
