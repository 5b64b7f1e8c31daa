"""News that is made up, in Arabic, as much of it as a benchmark asks for: each text its own, a third of them copies.

Words are drawn from lists, and beside a word that all sentences have stand two that few share. So two texts share
words and hardly ever three in a row: as in real news, what is alike is a copy. The sets of three-word shingles of two
texts at random overlap by .002 (Jaccard similarity), those of real articles by .0005; with phrases that every sentence
has it would be .05, and the more is stored, the more unrelated texts would be taken for possible copies. Every fourth
text is a short item and each has one of sixteen phrases: 1,000 texts meet 1,984 possible copies among 12,000, real
articles 1,826. Every third article of a day is one that all sources print, the later ones with a line of their own
beneath. Days hold equally many, so that a warehouse of ten months is ten times one of a month, and nothing in it
denser.
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
_FIRST_NAMES = (
    "أحمد محمود خالد سامي نادر فؤاد كمال جمال طارق زياد هاني رامي باسم عادل منير سليم نبيل وليد عماد رشيد ليلى مريم "
    "هدى سعاد نوال سلمى رنا دينا هالة أمل"
)
_FAMILY_NAMES = (
    "الحداد النجار الخياط الصباغ البنا العطار الحلبي البغدادي المصري التونسي الشامي الكردي الهاشمي القاسم العبادي "
    "الجبوري الدليمي الساعدي الموسوي الحسيني الأنصاري الراشد السالم الغانم المنصور الخطيب القاضي المفتي الكاتب الصائغ "
    "الدباغ السقا الفارس الجمال الطحان الزيات الوراق البيطار الحكيم الشاعر"
)
#: What agencies say of anything: the runs of words that real articles share with unrelated ones.
PHRASES = (
    "بحسب ما نقلت وسائل إعلام محلية",
    "في بيان صدر مساء اليوم",
    "من دون الكشف عن مزيد من التفاصيل",
    "على هامش أعمال الدورة العادية",
    "وفق ما جاء في نص البيان",
    "في إطار الجهود الرامية إلى ذلك",
    "بعد ساعات من الإعلان عنه",
    "خلال مؤتمر صحفي عقده أمس",
    "نقلا عن مصادر مطلعة لم تسمها",
    "من جهة أخرى قال المتحدث نفسه",
    "في وقت سابق من هذا الأسبوع",
    "بحضور عدد من كبار المسؤولين",
    "على أن تعلن النتائج في وقت لاحق",
    "للمرة الأولى منذ عدة سنوات",
    "في ظل استمرار الخلاف بين الطرفين",
    "وسط إجراءات أمنية مشددة في المكان",
)
PLACES, NOUNS, VERBS, QUALITIES, FIRST_NAMES, FAMILY_NAMES = (
    words.split() for words in (_PLACES, _NOUNS, _VERBS, _QUALITIES, _FIRST_NAMES, _FAMILY_NAMES)
)


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
    paragraphs = 1 if number % 4 == 1 else 3
    title = _sentence(chance)
    text = "\n".join(" ".join(_sentence(chance) for _ in range(4)) for _ in range(paragraphs))
    text += f" {chance.choice(PHRASES)}."
    if shared and place:
        text += f"\nنقلا عن الوكالات، {source}."
    at = START + timedelta(days=day, minutes=number * 1430 // per_day, seconds=place)
    return {"id": f"{day}-{number}", "source": source, "title": title, "text": text, "published_at": at.isoformat()}


def _sentence(chance: random.Random) -> str:
    nouns, verbs, qualities = chance.choices(NOUNS, k=5), chance.choices(VERBS, k=2), chance.choices(QUALITIES, k=3)
    return (
        f"{verbs[0]} {chance.choice(FIRST_NAMES)} {chance.choice(FAMILY_NAMES)} في {chance.choice(PLACES)} {nouns[0]} "
        f"{nouns[1]} {qualities[0]} و{verbs[1]} {nouns[2]} {qualities[1]} بعد {chance.randint(2, 90)} {nouns[3]} "
        f"{qualities[2]} {nouns[4]}."
    )
