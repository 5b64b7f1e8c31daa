"""What letters and small words tell of a language: the tables behind the script check.

Languages of the Arabic script share most letters. The few that a language does not have speak against it
more surely than any statistics; the commonest small words speak for it where letters say nothing.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Final

#: Blocks of Unicode by script (ISO 15924). Letters elsewhere count as `Zzzz`.
SCRIPT_RANGES: Final[tuple[tuple[int, int, str], ...]] = (
    (0x0041, 0x024F, "Latn"),
    (0x0250, 0x02AF, "Latn"),
    (0x0370, 0x03FF, "Grek"),
    (0x0400, 0x052F, "Cyrl"),
    (0x0531, 0x0588, "Armn"),
    (0x05D0, 0x05F4, "Hebr"),
    (0x0620, 0x06FF, "Arab"),
    (0x0710, 0x074F, "Syrc"),
    (0x0750, 0x077F, "Arab"),
    (0x0780, 0x07BF, "Thaa"),
    (0x08A0, 0x08FF, "Arab"),
    (0x0900, 0x097F, "Deva"),
    (0x0980, 0x09FF, "Beng"),
    (0x0A00, 0x0A7F, "Guru"),
    (0x0A80, 0x0AFF, "Gujr"),
    (0x0B80, 0x0BFF, "Taml"),
    (0x0C00, 0x0C7F, "Telu"),
    (0x0D00, 0x0D7F, "Mlym"),
    (0x0E00, 0x0E7F, "Thai"),
    (0x10A0, 0x10FF, "Geor"),
    (0x1200, 0x139F, "Ethi"),
    (0x1E00, 0x1EFF, "Latn"),
    (0x3040, 0x30FF, "Jpan"),
    (0x3400, 0x9FFF, "Hani"),
    (0xAC00, 0xD7A3, "Kore"),
)

#: Letters of the classical alphabet, which every language of the script has or tolerates in loan words.
COMMON: Final = "ابتثجحخدذرزسشصضطظعغفقلمنهوئءآأؤ"
#: The letters of each language beyond those. Letters of the other keyboard (ي for ی, ك for ک) are its own
#: where its texts are often typed so.
_FURTHER: Final[Mapping[str, str]] = {
    "ar": "إةىيكٱ",
    "fa": "پچژگکیيكۀ",
    "ur": "پچژگکیےۓںہھۂۃٹڈڑي",
    "ps": "پچژگکیيكګټځڅډړږښڼېۍىة",
    "sd": "پچگکڪيٻڄڃڇڊڌڍڏٺٿٽڀڦڱڳڻڙہھیىة",
    "ckb": "پچژگکیەڕڵێۆڤھيكۊۇ",
    "ug": "پچژگكڭېىيەۇۆۈۋھ",
    "azb": "پچژگکیؤۆۇۏێي",
    "ks": "پچژگکیےںہھٹڈڑٲٳۄۆۍؠێۓۂۃي",
    "pnb": "پچژگکیےۓںہھۂۃٹڈڑݨࣇي",
}
#: Languages written with the letters of another one.
_ALPHABET_OF: Final[Mapping[str, str]] = {"mzn": "fa", "glk": "fa", "lrc": "fa", "ku": "ckb"}
#: Letters that a language lacks but often borrows for names, or gets from a foreign keyboard: each counts as
#: a quarter of a foreign letter.
_BORROWED: Final[Mapping[str, str]] = {
    "ar": "پچژگڤڨڭکی",
    "fa": "ةىإأ",
    "ur": "كىةۀ",
    "azb": "كى",
    "ckb": "أإآؤىةثذصضطظ",
    "ug": "کیه",
    "sd": "كۀے",
}
BORROWED_WEIGHT: Final = 0.25
#: Letters that a language lacks although they are common to the others.
_LACKING: Final[Mapping[str, str]] = {"ug": "ثذحصضطظعآأؤه", "ckb": "ثذصضطظ"}

#: Marks that only Kashmiri, African and other less common orthographies put on letters.
_RARE_MARKS: Final = "\u0655\u0656\u0657\u0658\u0659\u065a\u065b\u065c\u065d\u065e\u065f"

#: The commonest small words, as their language writes them.
FUNCTION_WORDS: Final[Mapping[str, str]] = {
    "ar": "في من على إلى الى عن أن ان إن التي الذي هذا هذه ذلك كان كانت قد بعد قبل مع بين كما لا لم لن ما هو هي "
    "كل غير حتى منذ حول خلال عند أو ثم أي تم وقال قال وفي ومن وأن فيه فيها له لها به بها عليه دون اليوم أكثر "
    "ليس التى فى علي إلا حيث وهو وهي وقد اللي مش ده دي هاد هذي شو ليش واش هاذا "
    "ديال بلي لي حيت باش غادي راه بزاف واحد كاين متاع برشا موش إلي رح كتير يلي هلق لازم كمان بس عم شي هنا كانوا وكان "
    "ولا وما ولم ولكن لكن فقط نحن أنا إنه أنه إنها أنها بأن لأن كانش علشان عشان احنا هوما",
    "fa": "در به از که را این است با برای آن و یک خود تا بر شد هم کرد می شده بود ها های نیز اما اگر باید هر ما او "
    "بین پس دو پیش روی نمی شود کند کرده داشت دارد گفت کنند ولی یا چه بی نه آنها وی مورد اند دیگر همه تنها ای "
    "هستند نیست چرا کجا ایشان شما من تو",
    "ur": "کے کی میں ہے سے اور کا کو نے پر ہیں یہ کہ اس تھا تھی گیا کر بھی ایک وہ لیے ہو نہیں تو جو کیا تھے ہوئے اپنے "
    "ان بعد گئی کرنے ساتھ دیا رہے رہا ہی انہوں والے کسی جا ہوا ہوتا ہوتی آپ ہم میرا",
    "ps": "د په چې او دی ده له کې یې ته هم یو دا دې سره نه پر هغه څخه وو شي شو کړي کړ کړه وي لپاره خو یا دغه یوه ډول "
    "باندې پورې هغوی کوي وکړ شوي لري چي زه موږ تاسو کول",
    "sd": "جي جو ۾ ۽ کي جا سان تي آهي هن ته هو به ان اهو کان آهن نه لاءِ هڪ جنهن پر ڪري ويو هئي هي پوءِ ڪيو ئي جيڪو جيڪي "
    "وارو واري جون اهي ڪرڻ هئا هيو تہ اسان توهان",
    "ckb": "لە بە و کە بۆ ئەم ئەو لەگەڵ بەڵام هەموو یان سەر دوای هەر پێش ناو نێوان کرد بوو دەکات دەبێت ئەوەی هەیە نییە "
    "بوون وە تا یەک من ئێمە ئەوان ئێوە چی",
    "ug": "ۋە بىلەن بۇ ئۇ بىر ئۈچۈن بولۇپ بولغان ھەم كېرەك ئۇلار قىلغان دەپ كېيىن ئەمما بار يوق ئىدى دېدى ئۇنىڭ نى "
    "كۆپ ھەر ئۆز مەن بىز",
    "azb": "بیر بو ایله اوچون ایدی اولان اولدو اولوب سونرا کیمی وار یوخ اونون بونون اونلار دئدی ائدیر ائتدی چوخ داها "
    "گؤره اولاراق ایسه بیلر اؤز هئچ اولور دیر اولموشدور ائدن ائتمک ایندی آما دا اولا گلن بئله",
    "pnb": "دے دا دی نیں وچ نوں اے سی ایہ تے اوہ ہن توں ایس اوس کیتا گیا ہویا نال لئی کردے کول ویچ",
    "ks": "چھ چھُ چھِ تہٕ منٛز ہند ہندِ سٟتؠ یہٕ اکھ تہ کرنہٕ چھہٕ اوس آو",
}
#: Persian typed on an Arabic keyboard, as its press long was.
ARABIC_KEYBOARD: Final = str.maketrans("یک", "يك")
PERSIAN_KEYBOARD: Final = str.maketrans("يك", "یک")
_WORDS: dict[str, tuple[str, ...]] = {}
for _language, _listed in FUNCTION_WORDS.items():
    _written = set(_listed.split())
    if _language == "fa":
        _written |= {_word.translate(ARABIC_KEYBOARD) for _word in _written}
    for _word in _written:
        _WORDS[_word] = (*_WORDS.get(_word, ()), _language)
#: Each small word with the languages that have it.
LANGUAGES_OF_WORD: Final[Mapping[str, tuple[str, ...]]] = _WORDS

#: Languages that a newsroom's stream brings at most once where it brings the others twenty times.
RARE_LANGUAGES: Final = frozenset({"azb", "ks", "pnb", "mzn", "glk", "lrc", "ku"})

LETTER_LANGUAGES: Final[tuple[str, ...]] = tuple(_FURTHER)


def alphabet_language(language: str) -> str | None:
    """The language whose letters count for this one, or None if its letters are not known."""
    language = _ALPHABET_OF.get(language, language)
    return language if language in _FURTHER else None


def telling_letters() -> str:
    """The letters that tell languages of the Arabic script apart: all but those that all of them share."""
    letters = set("".join(_FURTHER.values()) + "".join(_BORROWED.values()) + "".join(_LACKING.values()))
    return "".join(sorted(letters)) + _RARE_MARKS


def foreign_weight(letter: str, language: str) -> float:
    """How much one letter speaks against a language: 1 if foreign, a quarter if borrowed, else 0."""
    if letter in _BORROWED.get(language, ""):
        return BORROWED_WEIGHT
    if letter in _LACKING.get(language, "") or letter in _RARE_MARKS:
        return 0.0 if language == "ks" else 1.0
    return 0.0 if letter in COMMON or letter in _FURTHER[language] else 1.0


def script_of(code: int) -> str | None:
    """The script of a letter, None for what is no letter."""
    if not unicodedata.category(chr(code)).startswith(("L", "Mc")) or code == 0x0640:
        return None
    for first, last, script in SCRIPT_RANGES:
        if first <= code <= last:
            return script
    return "Zzzz"
