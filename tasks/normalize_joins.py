"""Persian words that are written in one, with a joiner, or in two, brought to one key.

«می‌شود», «میشود» and «می شود» are one word, and so are the three spellings of «رئیس‌جمهور». A key has no joiners,
so two of the three already agree; here the space goes where it can only stand for a joiner: between a verb
and its prefix, before endings that are no words of their own, and inside a few compounds of the news.
"""

from __future__ import annotations

import re
from typing import Final

#: Present and past stems, in the letters of keys. With an ending they follow «می» as nothing else does.
_STEMS: Final = """
شو شد كن كرد گو گوي گفت رو رفت دار داشت خواه خواست توان توانست دان دانست ده داد گير گرفت اي ايد امد اور اورد بر برد
باش بين ديد رس رسيد گذر گذشت گرد گشت ياب يافت ساز ساخت نويس نوشت خوان خواند زن زد خور خورد مان ماند پرداز پرداخت
افزا افزاي افزود انداز انداخت شناس شناخت پذير پذيرفت اموز اموخت فروش فروخت خر خريد كش كشيد نشين نشست ايست ايستاد
بند بست جوي جست ريز ريخت سوز سوخت شكن شكست شنو شنيد فرست فرستاد فهم فهميد گذار گذاشت مير ناميد نما نماي نمود
افت افتاد انجامد انجاميد دهد كوش كوشيد ترس ترسيد پرس پرسيد رسان رساند گردان گرداند چرخ چرخيد خواند طلب طلبيد
"""
_VERB: Final = "|".join(sorted(set(_STEMS.split()), key=lambda stem: (-len(stem), stem)))
#: Endings that no word of either language is spelled like: plurals, superlatives, «they have been».
_ENDING: Final = "ها|هاي|هايي|هايش|هايشان|هايم|هايت|هايمان|هايتان|ترين|تري"
#: What may follow each first word.
_COMPOUNDS: Final = {
    "رييس": "جمهور|جمهوري",
    "نخست": "وزير|وزيري",
    "پيش": "بيني|نويس|تر",
    "اتش": "بس",
    "بين": "المللي|الملل",
    "فوق": "العاده",
    "وزارت": "خانه",
    "سه": "شنبه",
    "چهار": "شنبه",
    "پنج": "شنبه",
    "دو": "شنبه",
    "يك": "شنبه",
    "هم": "چنين|زمان|اكنون",
    "گفت": "وگو|و گو",
    "گفت و": "گو",
}
#: The spaces that go: each is looked at once, from both sides. The letters in front are a quick way past the others.
_SPLIT: Final = re.compile(
    " (?=[اآبپتجچخدرزسشطفكگمنهويي])(?:"
    + rf"(?=(?:{_ENDING})(?!\S))|(?<=ه )(?=(?:اند|ايم|ايد)(?!\S))"
    + rf"|(?:(?<= مي )|(?<= نمي ))(?=(?:{_VERB})(?:م|ي|د|يم|يد|ند|ه)?(?!\S))"
    + "".join(
        rf"|(?<= {first} )(?=(?:{second})(?:ها|هاي|هايي|ان|يان|ي)?(?!\S))" for first, second in _COMPOUNDS.items()
    )
    + ")"
)
#: A text of this length in Persian has one of its own four letters; a longer one without them is Arabic.
_LONG: Final = 200
_OWN_LETTERS: Final = "گپچژ"


def rejoined(key: str) -> str:
    """A key with its split words in one. Applying it twice changes nothing."""
    if " " not in key or (len(key) > _LONG and not any(letter in key for letter in _OWN_LETTERS)):
        return key
    return _SPLIT.sub("", f" {key}")[1:]
