"""Other spellings of a text, and texts of languages that do not exist.

Keyboards and habits change letters (Persian on an Arabic keyboard, Arabic without its hamzas); a model that has
seen only edited text takes such texts for another language. And a language that nobody has trained on must not be
taken for Arabic: sentences in Latin or Cyrillic letters, written with Arabic ones by invented rules, stand for all
of those.
"""

from functools import cache

import numpy as np

_KEYBOARD = {
    "fa": [str.maketrans("یک", "يك"), str.maketrans("ی", "ي"), str.maketrans("هی", "ةى")],
    "ar": [
        str.maketrans("أإآ", "ااا"), str.maketrans("يك", "یک"), str.maketrans("ةى", "هي"), str.maketrans("ي", "ى"),
        str.maketrans("أإآة", "اااه"),
    ],
    "ur": [str.maketrans("ہیک", "هيك"), str.maketrans("یک", "يك")],
    "ps": [str.maketrans("ګې", "گي"), str.maketrans("یک", "يك"), str.maketrans("ک", "ك")],
    "ckb": [str.maketrans("یک", "يك"), str.maketrans("ڕڵێۆ", "رلیو"), str.maketrans("ە", "ه")],
    "sd": [str.maketrans("ڪھ", "كه"), str.maketrans("ي", "ی")],
    "ug": [str.maketrans("ەېى", "هيی"), str.maketrans("ى", "ی")],
    "azb": [str.maketrans("یک", "يك"), str.maketrans("ۆؤۇ", "ووو")],
}  # fmt: skip
_KEYBOARD_SHARE = {"fa": 0.2, "ar": 0.2}
_VOWELS = "\u064e\u064f\u0650\u0651\u0652\u064b"

#: What a letter of another script may become. Spaces stand for "left out".
_CONSONANTS = {
    "b": "ب", "p": "پپڤف", "t": "تتطٹ", "d": "ددضذ", "k": "ککكقڪ", "g": "گگغڬجڠ", "q": "ققک", "f": "فففڤ", "v": "وڤۋۆف",
    "w": "وو", "s": "سسصث", "z": "ززظذ", "c": "چکسجڅث", "j": "ججژي", "h": "ههحھہ", "x": "خکش", "m": "م", "n": "ننںن",
    "l": "لللڵ", "r": "ررړڑڕ", "y": "ییي", "ç": "چ", "ş": "ش", "ğ": "غ", "ñ": "ڭنڠ", "ß": "س", "'": "ع ءئ",
    "б": "ب", "в": "وڤ", "г": "گغ", "д": "د", "ж": "ژج", "з": "زظ", "й": "ي", "к": "کق", "л": "ل", "м": "م", "н": "ن",
    "п": "پف", "р": "ر", "с": "سص", "т": "تط", "ф": "ف", "х": "خح", "ц": "تڅ", "ч": "چ", "ш": "ش", "щ": "ش", "ґ": "گ",
}  # fmt: skip
_VOWEL_LETTERS = {
    "a": "اا ەا", "e": " ەهېے", "i": "ی یيې", "o": "و و ۆۉ", "u": "و وۇ", "ə": " ەا", "ı": " ی", "ö": "وۆؤ", "ü": "ووۈ",
    "î": "يی", "û": "وو", "ê": "ێې", "é": "یێ", "á": "ا", "í": "ی", "ó": "و", "ú": "و", "à": "ا", "è": "ې", "ä": "ەا",
    "а": "ااە", "е": "ې یه", "и": "ی", "о": "وو ", "у": "وۇ", "ы": "ی ", "э": "ې", "ю": "یو", "я": "یا", "і": "ی",
    "ї": "یی", "є": "یې", "ё": "یو",
}  # fmt: skip
_INVENTIONS = 40


def misspell(text: str, language: str, random: np.random.Generator) -> str:
    """The text as it may also be typed; most often as it is."""
    if random.random() < _KEYBOARD_SHARE.get(language, 0.06) and language in _KEYBOARD:
        text = text.translate(_KEYBOARD[language][int(random.integers(len(_KEYBOARD[language])))])
    if language in ("fa", "ckb", "ur", "azb") and "\u200c" in text and random.random() < 0.3:
        text = text.replace("\u200c", "")
    return text


@cache
def _invention(source: str, number: int) -> dict[int, str]:
    """One invented way to write a language: a choice for each letter, the same in all its texts."""
    random = np.random.default_rng([number, *source.encode()])
    table = {}
    for letters in (_CONSONANTS, _VOWEL_LETTERS):
        for letter, options in letters.items():
            table[ord(letter)] = options[int(random.integers(len(options)))].strip()
    return table


def invented_text(text: str, source: str, random: np.random.Generator) -> str:
    """A sentence of a language that is not written in the Arabic script, written in it."""
    table = _invention(source, int(random.integers(_INVENTIONS)))
    words = []
    for word in text.lower().split():
        written = "".join(table.get(ord(letter), "") for letter in word)
        if written and ord(word[0]) in table and word[0] in _VOWEL_LETTERS and written[0] not in "ائ":
            written = "ا" + written
        words.append(written)
    return " ".join(word for word in words if word)
