"""The shapes of page furniture: what `tasks/ingest_furniture.py` looks for, besides whole lines.

Some are of lines as written, others of their `search_key`s.
"""

from __future__ import annotations

import re
from typing import Final

from tasks.ingest_furniture_lines import line_keys

#: A code number on a line of its own, as agencies put below a text.
CODE_LINE: Final = re.compile(
    "(?:" + "|".join(sorted(line_keys("کد خبر\nکد مطلب\nشناسه خبر\nکدخبر\nرقم الخبر"))) + ") ?[0-9a-z/ ]{0,20}"
    "(?: ?(?:تاريخ خبر|تاريخ انتشار|تاريخ|ساعت) ?[0-9 ]{4,16}){0,2}"
    # The Saudi agency closes with its time and a code: «14:25 ت م», «0102».
    "|[0-9]{1,2} [0-9]{2} (?:ت م|جمت)(?: [0-9]{4})?|0[0-9]{3}"
)
#: «© 2025 جميع الحقوق محفوظة»: the year may come first.
COPYRIGHT: Final = re.compile(
    "(?:copyright )?(?:[0-9]{4} )?(?:جميع الحقوق|كافه الحقوق|كليه حقوق|تمامي حقوق|all rights) .{0,80}"
)
#: Tags by themselves: «#الكهرباء #الطاقة».
HASHTAGS: Final = re.compile(r"(?:#[\w\u200c]+[\s,،|]*)+")
#: Signatures below a text: the initials of its editors («ط.ع/ ن.م»), the agency, «انتهای پیام/۴۴۲۲».
INITIALS: Final = re.compile(r"[^\w\s]{0,2}(?:[\u0621-\u06cc]{1,2}\s?[./\\–-]\s?){1,5}[\u0621-\u06cc]{0,2}[^\w\s]{0,2}")
END_MARK: Final = re.compile(
    "(?:"
    + "|".join(sorted(line_keys("انتهای پیام\nپایان پیام\nانتهای خبر\nانتهای متن\nانتهى\nانتهی\nانتهى الخبر")))
    # Codes of editors follow: «انتهای پیام/آ20/ط4000», «انتهای پیام/ ۱۰۱ م».
    + ")(?: ?[0-9a-z]{1,8}| ?[\u0621-\u06cc]{0,2}[0-9]{1,6}| [\u0621-\u06cc]{1,2}){0,5}"
)
#: Whose picture it is: «عکس: ...», «عکس ها از ...», «تصوير: ...»; of three names at most.
CREDIT: Final = re.compile(
    r"(?:عکس|عكس|عکاس|عكاس|تصاویر|تصوير|تصویر|الصورة|صورة|Photo)[ \u200c]?(?:ها)?(?: ?(?:از|by))? ?[:：] ?"
    r"(?:[^\W\d_][\w.\u200c-]* ?){1,4}(?:[-–/] ?[^\W\d_]+)?"
    r"|(?:عکس|عكس)[ \u200c]?(?:ها)? از (?:[^\W\d_][\w\u200c]* ?){2,4}"
)
#: The source behind the last sentence: «... . المصدر (العربية)», «... . (وكالات)», «(صورة أرشيفية)».
TAIL: Final = re.compile(
    r"(?<=[.!؟?»”\")]) ?[(\[]?(?:"
    r"(?:المصدر|المصادر|مصدر الخبر|منبع) ?[:(] ?[^.:()\n]{2,40}"
    r"|(?:[\w ]{1,12} ?[-–+/] ?)?(?:وكالات|الوكالات)"
    r"|(?:صورة|صور) (?:أرشيفية|ارشيفية|تعبيرية)"
    r")[)\]]? ?\.?$"
)
#: One of its words, which few last lines have.
TAIL_WORDS: Final = re.compile("مصدر|مصادر|منبع|وكالات|صور")
#: An agency that signs above its text, on a line of its own: «خبرگزاري فارس:».
DATELINE: Final = re.compile("(?:خبرگزاري|وكاله|ايجنسي) \\w+(?: \\w+)?")
SOURCE_LINE: Final = re.compile(
    "(?:" + "|".join(sorted(line_keys("المصدر\nالمصادر\nمنبع\nمنابع\nSource"))) + r") (?:\S+ ?){1,5}"
)
#: Prompts speak to the reader, of the publisher as "us": «تابعونا على ... قناتنا», «ما را در ... دنبال کنید».
PROMPTS: Final = (
    re.compile(
        "(?:و?(?:اشترك|اشتركوا|حمل|حملوا|انضم|انضموا|تابع|تابعوا|سجل|سجلوا|زوروا|لا تفوت|لا تفوتوا)"
        "|للاشتراك|لمتابعه|لمتابعتنا"
        "|للمزيد|يمكنكم|يمكنك|للحصول) .{0,120}(?:نشرتنا|النشره البريديه|قناتنا|قنواتنا"
        "|تطبيقنا|صفحتنا|صفحاتنا|حسابنا|حساباتنا"
        "|موقعنا|google news|جوجل نيوز|غوغل نيوز)(?: .{0,80})?"
    ),
    re.compile("(?:تابعونا|تابعنا) (?:علي|عبر|في) .{2,80}"),
    re.compile("(?:للانضمام|للاشتراك|انضموا|اشتركوا|لمتابعه) .{2,100}(?:اضغط هنا|اضغطوا هنا|من هنا|عبر هذا الرابط)"),
    re.compile(
        "(?:ما را (?:در|از)|براي (?:دريافت|دنبال كردن|مشاهده)|به كانال|كانال|در كانال|اپليكيشن|با ما در) .{2,120}"
        "(?:دنبال كنيد|بپيونديد|عضو شويد|كليك كنيد|دانلود كنيد|نصب كنيد|همراه باشيد)"
    ),
    re.compile("(?:هميں|همارا|هماري) .{2,80}(?:فالو كريں|سبسكرايب كريں|ڈاون لوڈ كريں|جواين كريں)"),
    re.compile("(?:follow us on|subscribe to our|download our|join our|sign up for our) .{2,80}"),
)
#: Written as they are in texts: a cheap look, before lines are cut and keys made.
SENDS_ELSEWHERE: Final = re.compile(
    r"[اإأ]قر[أا]و?ا? أ?يض|[اإأ]قر[أا] المزيد|قد ي(?:عجب|هم)ك أيض|شاهد أيض|طالع أيض|ذات صلة|متعلقة"
    r"|مشابهة|ذات علاقة|دلالية|مفتاحية|الوسوم|برچسب|کلیدواژه|بخوانید|ببینید|مطالب مرتبط|خبار مرتبط"
    r"|پڑھیں|Read also|Read more|Related"
)
#: What parts the header of a pointer from the headline that it points to, and marks each line of a list of such.
POINTS: Final = re.compile(r" ?(?:[:：|؛/…]|\.\.|[-–—](?= ))")
BULLET: Final = re.compile(r"[•◾▪●■◆◼*🔹🔸🔺🔻▫–-]\ufe0f? ?(?=\S)")
#: Who wrote it, on a line of its own above a text; the name alone is kept, where pages mark it.
BYLINE: Final = re.compile(
    r"(?:كتبت?|بقلم|إعداد|تحرير|الكاتبة?|نویسنده|نوشته|به قلم|گزارش از|خبرنگار|تحریر|By|Author)(?: ?[:：] ?| (?=by ))"
    r"([^\W\d_][\w.\u200c'-]*(?: [^\W\d_][\w.\u200c'-]*){1,4})"
)
#: How long ago it came out, as pages count it: «قبل ساعتين», «۲ ساعت پیش», «2 hours ago».
AGO: Final = re.compile(
    "(?:(?:قبل|منذ) (?:[0-9]{1,3} )?(?:دقيقه|دقيقتين|دقائق|ساعه|ساعتين|ساعات|يوم|يومين|ايام|اسبوع|اسابيع|شهر|اشهر)"
    "|(?:[0-9]{1,3}|يك|چند) (?:دقيقه|ساعت|روز|هفته|ماه) (?:پيش|قبل)"
    "|[0-9]{1,3} (?:minutes?|hours?|days?|weeks?) ago)"
)
