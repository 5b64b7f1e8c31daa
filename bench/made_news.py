"""News that is made up, in Arabic, as much of it as a benchmark asks for: each text its own, a third of them copies.

Words are drawn from lists, so two texts share words and hardly ever three in a row: as in real news, what is alike is a
copy. Every third article of a day is one that all sources print, the later ones with a line of their own beneath. Days
hold equally many, so that a warehouse of ten months is ten times one of a month, and nothing in it denser.
"""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

SOURCES = ("وكالة الشرق", "خبرگزاری میهن", "صحيفة الغد")
START = datetime(2025, 1, 1, tzinfo=UTC)

_PLACES = (
    "بغداد طهران دمشق الموصل البصرة أربيل الكويت عمّان بيروت القاهرة الرياض الدوحة مسقط صنعاء الخرطوم تونس الجزائر "
    "الرباط طرابلس القدس غزة حلب النجف كربلاء تبريز شيراز أصفهان مشهد كابول أنقرة إسطنبول المنامة نواكشوط عدن"
)
_NOUNS = (
    "اجتماع قرار اتفاق مشروع خطة برنامج معرض مؤتمر تقرير بيان حوار لقاء انتخاب قانون ميزانية طريق جسر مستشفى مدرسة "
    "جامعة مطار ميناء سوق مصنع حقل محطة سد نهر غابة قرية حي بلدية وزارة لجنة نقابة شركة مصرف بورصة عملة أسعار وقود "
    "كهرباء مياه زراعة قمح تمور ماشية صناعة تجارة سياحة رياضة مباراة بطولة فريق مدرب متحف رواية فيلم مسرح أغنية مهرجان "
    "جائزة كتاب صحيفة قناة شبكة هاتف حاسوب قمر صاروخ طائرة سفينة قطار حافلة حادث حريق "
    "فيضان زلزال عاصفة جفاف وباء لقاح دواء طبيب"
)
_VERBS = (
    "أعلن أكد نفى بحث ناقش وقّع افتتح أطلق أنهى رفض أيّد طالب دعا حذّر انتقد استقبل زار غادر وصل تابع درس راجع عدّل "
    "أجّل ألغى مدّد خفّض رفع زاد منح سحب نقل سلّم تسلّم نشر كشف وصف شرح عرض اقترح"
)
_QUALITIES = (
    "جديد كبير مشترك عاجل سنوي محلي دولي إقليمي وطني شامل مؤقت دائم مبدئي نهائي سري علني واسع محدود قديم حديث عام خاص "
    "رسمي شعبي تاريخي نادر مفاجئ متوقع ناجح فاشل صعب سهل سريع بطيء"
)
PLACES, NOUNS, VERBS, QUALITIES = (words.split() for words in (_PLACES, _NOUNS, _VERBS, _QUALITIES))


def write_made_news(folder: Path, days: int, per_day: int, first: int = 0) -> Path:
    """So many days of news from a day on, one file a source; `per_day` counts a source's articles of a day."""
    folder.mkdir(parents=True, exist_ok=True)
    for place, source in enumerate(SOURCES):
        with (folder / f"{place}-{first}.jsonl").open("w", encoding="utf-8") as file:
            for day in range(first, first + days):
                for number in range(per_day):
                    record = _article(source, place, day, number, per_day)
                    file.write(json.dumps(record, ensure_ascii=False) + "\n")
    return folder


def _article(source: str, place: int, day: int, number: int, per_day: int) -> dict[str, str]:
    shared = number % 3 == 0
    # The same seed at every source for what all of them print.
    chance = random.Random(f"{day}-{number}" if shared else f"{source}-{day}-{number}")
    title, text = _sentence(chance), "\n".join(" ".join(_sentence(chance) for _ in range(4)) for _ in range(3))
    if shared and place:
        text += f"\nنقلا عن الوكالات، {source}."
    at = START + timedelta(days=day, minutes=number * 1430 // per_day, seconds=place)
    return {"id": f"{day}-{number}", "source": source, "title": title, "text": text, "published_at": at.isoformat()}


def _sentence(chance: random.Random) -> str:
    nouns = chance.choices(NOUNS, k=4)
    first, second = chance.choices(QUALITIES, k=2)
    return (
        f"{chance.choice(VERBS)} مسؤول في {chance.choice(PLACES)} أن {nouns[0]} {nouns[1]} {first} سوف يكون بعد "
        f"{chance.randint(2, 90)} يوما من {nouns[2]} {second} إلى {nouns[3]}."
    )
