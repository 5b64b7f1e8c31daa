"""Names of months, weekdays and days near today, in the languages of the sources.

Spelled as a newspaper spells them; `tasks/dates.py` folds letters, so one spelling stands for all keyboards.
A bar separates names of one month. Where a name is also a common word, the tables say when it may be read.
"""

from __future__ import annotations

from typing import Final

from tasks.calendars import Calendar

#: Gregorian months: the Nile valley and the Gulf, the Levant and Iraq, the Maghreb, Iran and Afghanistan,
#: Pakistan, English.
_GREGORIAN: Final = """
يناير | كانون الثاني | جانفي | ژانویه | جنوری | January | Jan
فبراير | شباط | فيفري | فوریه | فروری | February | Feb
مارس | آذار | مارچ | March | Mar
أبريل | إبريل | نيسان | أفريل | آوریل | اپریل | April | Apr
مايو | أيار | ماي | مه | می | مئی | May
يونيو | يونية | حزيران | جوان | ژوئن | جون | June | Jun
يوليو | يولية | تموز | جويلية | يوليوز | ژوئیه | جولای | جولائی | July | Jul
أغسطس | آب | أوت | غشت | آگوست | اگست | August | Aug
سبتمبر | أيلول | شتنبر | سپتامبر | ستمبر | September | Sept | Sep
أكتوبر | تشرين الأول | اکتبر | اکتوبر | October | Oct
نوفمبر | تشرين الثاني | نونبر | نوامبر | نومبر | November | Nov
ديسمبر | كانون الأول | دجنبر | دسامبر | دسمبر | December | Dec
"""
#: Iran, then Afghanistan.
_JALALI: Final = """
فروردین | حمل
اردیبهشت | ثور
خرداد | جوزا
تیر | سرطان
مرداد | امرداد | اسد
شهریور | سنبله
مهر | میزان
آبان | عقرب
آذر | قوس
دی | جدی
بهمن | دلو
اسفند | حوت
"""
_HIJRI: Final = """
محرم | محرم الحرام
صفر | صفر المظفر
ربيع الأول
ربيع الآخر | ربيع الثاني
جمادى الأولى | جمادى الأول | جمادی الاول
جمادى الآخرة | جمادى الثانية | جمادی الثانی
رجب
شعبان
رمضان | رمضان المبارك
شوال
ذو القعدة | ذي القعدة | ذوالقعده | ذیقعده | ذی قعده
ذو الحجة | ذي الحجة | ذوالحجه | ذیحجه | ذی حجه
"""
_MONTHS: Final[dict[Calendar, str]] = {"gregorian": _GREGORIAN, "jalali": _JALALI, "hijri": _HIJRI}


def month_names() -> list[tuple[str, Calendar, int]]:
    """Every name with its calendar and number."""
    return [
        (name.strip(), calendar, number)
        for calendar, table in _MONTHS.items()
        for number, names in enumerate(table.strip().splitlines(), start=1)
        for name in names.split("|")
    ]


#: Common words of Persian or Arabic («15 young people», «the lion»): months only in texts of the other
#: language, and Afghan months only in Persian or beside a year.
ARABIC_ONLY: Final = ("جوان", "ماي", "آب")
AFGHAN: Final = ("حمل", "ثور", "جوزا", "سرطان", "اسد", "سنبله", "میزان", "عقرب", "قوس", "جدی", "دلو", "حوت")
#: So common as other words (the verb prefix «می», «دی» for yesterday, «مه» for fog) that only a year makes
#: them months.
ONLY_WITH_YEAR: Final = ("می", "مه", "May", "Mar")

#: From Monday, as Python counts.
WEEKDAYS: Final = """
الاثنين | الإثنين | دوشنبه | پیر | Monday
الثلاثاء | سه شنبه | منگل | Tuesday
الأربعاء | الاربعا | چهارشنبه | بدھ | Wednesday
الخميس | پنجشنبه | پنج شنبه | جمعرات | Thursday
الجمعة | جمعه | آدینه | Friday
السبت | شنبه | Saturday
الأحد | یکشنبه | یک شنبه | اتوار | Sunday
"""
#: Words that are also something else (an old man, the one): weekdays only after «روز» or its like. Urdu «ہفتہ»
#: is left out: it is a Saturday far more seldom than a week.
WEEKDAYS_AFTER_DAY: Final = ("پیر", "منگل", "بدھ", "الأحد")

#: Days counted from the day of publication.
DAYS: Final[dict[str, int]] = {
    "اليوم": 0, "الليلة": 0, "هذا المساء": 0, "مساء اليوم": 0, "صباح اليوم": 0,
    "أمس": -1, "يوم أمس": -1, "البارحة": -1, "الليلة الماضية": -1, "مساء أمس": -1, "صباح أمس": -1,
    "أمس الأول": -2, "أول أمس": -2, "أول من أمس": -2,
    "غدا": 1, "يوم غد": 1, "بعد غد": 2,
    "امروز": 0, "امشب": 0, "دیروز": -1, "دیشب": -1, "روز گذشته": -1, "شب گذشته": -1, "پریروز": -2, "پریشب": -2,
    "فردا": 1, "روز آینده": 1, "پس فردا": 2,
    "آج": 0, "گزشتہ روز": -1, "پرسوں": 0,
    "today": 0, "yesterday": -1, "tomorrow": 1,
}  # fmt: skip
#: Words that point both ways: a day that nobody can tell from the word alone.
TWO_WAYS: Final = ("پرسوں",)
#: «اليوم» followed by one of these is another day than that of publication.
NOT_TODAY: Final = (
    "التالي",
    "السابق",
    "الأول",
    "الثاني",
    "الثالث",
    "الرابع",
    "الأخير",
    "الوطني",
    "العالمي",
    "الدولي",
    "نفسه",
    "ذاته",
)

PAST: Final = ("الماضي", "الماضية", "الفائت", "المنصرم", "الفائتة", "المنصرمة", "گذشته", "پیش", "قبل", "گزشتہ", "last")
AHEAD: Final = ("المقبل", "المقبلة", "القادم", "القادمة", "التالي", "آینده", "بعد", "بعدی", "آئندہ", "next")
CURRENT: Final = ("الجاري", "الجارية", "الحالي", "الحالية", "جاری", "this")

UNITS: Final[dict[str, tuple[str, ...]]] = {
    "day": ("يوم", "يوما", "أيام", "روز", "دن", "day", "days"),
    "week": ("أسبوع", "أسبوعا", "أسابيع", "الأسبوع", "هفته", "ہفتے", "week", "weeks"),
    "month": ("شهر", "شهرا", "أشهر", "شهور", "الشهر", "ماه", "ماہ", "month", "months"),
    "year": ("عام", "عاما", "سنة", "سنوات", "أعوام", "العام", "السنة", "سال", "year", "years"),
}
#: Arabic has a form of its own for two.
TWO_OF: Final[dict[str, tuple[str, ...]]] = {
    "day": ("يومين", "يومان"),
    "week": ("أسبوعين", "أسبوعان"),
    "month": ("شهرين", "شهران"),
    "year": ("عامين", "سنتين", "عامان"),
}
#: Numbers that are written out beside such a unit.
COUNTS: Final[dict[str, int]] = {
    "يك": 1, "یک": 1, "دو": 2, "سه": 3, "چهار": 4, "پنج": 5, "شش": 6, "هفت": 7, "هشت": 8, "نه": 9, "ده": 10,
    "ثلاثة": 3, "ثلاث": 3, "أربعة": 4, "أربع": 4, "خمسة": 5, "خمس": 5, "ستة": 6, "ست": 6, "سبعة": 7, "سبع": 7,
    "ثمانية": 8, "ثماني": 8, "تسعة": 9, "تسع": 9, "عشرة": 10, "عشر": 10,
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
}  # fmt: skip

#: «چند سال گذشته» is no year: a number that is not told, before such a unit.
UNTOLD_COUNTS: Final = ("چند", "چندین", "بضعة", "بضع", "عدة")

_ARABIC_UNITS: Final = ("الحادي", "الثاني", "الثالث", "الرابع", "الخامس", "السادس", "السابع", "الثامن", "التاسع")
_PERSIAN_UNITS: Final = ("یکم", "دوم", "سوم", "چهارم", "پنجم", "ششم", "هفتم", "هشتم", "نهم")


def ordinals() -> dict[str, int]:
    """Days of the month written out: «الخامس عشر», «بیست و نهم»."""
    found = {"الأول": 1, "العاشر": 10, "العشرين": 20, "العشرون": 20, "الثلاثين": 30, "الثلاثون": 30}
    found |= {"اول": 1, "دهم": 10, "بیستم": 20, "سی ام": 30, "سی و یکم": 31, "یازدهم": 11, "دوازدهم": 12}
    found |= {"سیزدهم": 13, "چهاردهم": 14, "پانزدهم": 15, "شانزدهم": 16, "هفدهم": 17, "هجدهم": 18, "نوزدهم": 19}
    for number, (arabic, persian) in enumerate(zip(_ARABIC_UNITS, _PERSIAN_UNITS, strict=True), start=1):
        if number > 1:
            found[arabic] = number
        found[persian] = number
        found[f"{arabic} عشر"] = 10 + number
        found[f"{arabic} والعشرين"] = found[f"{arabic} والعشرون"] = 20 + number
        found[f"بیست و {persian}"] = 20 + number
    found["الحادي والثلاثين"] = found["الحادي والثلاثون"] = 31
    return found
