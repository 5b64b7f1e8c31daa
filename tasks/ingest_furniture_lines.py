"""The lines that are page furniture, as tables: what `tasks/ingest_furniture.py` looks for.

Keys are `search_key`s, so one spelling of a line stands for all.
"""

from __future__ import annotations

import re
from typing import Final

from tasks.normalize import search_key


def _keys(lines: str) -> frozenset[str]:
    return frozenset(search_key(line) for line in lines.strip().splitlines())


#: Lines that are furniture wherever they stand at the end of a text.
FURNITURE: Final = _keys("""
اترك تعليقا
اترك تعليقك
اترك ردا
أضف تعليقا
أضف تعليق
إلغاء الرد
التعليقات
التعليق
الاسم
البريد الإلكتروني
الموقع الإلكتروني
إرسال التعليق
شارك
شاركها
شارك الخبر
شارك المقال
شارك هذا الموضوع
انقر للمشاركة على فيسبوك
نسخ الرابط
طباعة
تابعنا على
انتهای پیام
پایان پیام
نظر شما
نظرات
نظرات شما
دیدگاه شما
دیدگاه‌ها
ارسال نظر
ارسال دیدگاه
نام
ایمیل
وب سایت
لینک کوتاه
کپی لینک
اشتراک‌گذاری
به اشتراک بگذارید
Leave a comment
Leave a reply
Cancel reply
Post comment
Share this
Share on Facebook
Share on Twitter
Share on X
Copy link
Print
Name
Email
Website
Comments
Facebook
Twitter
WhatsApp
Telegram
فيسبوك
تويتر
واتساب
تيليجرام
تلغرام
مشاركة
شارك هذا المقال
شارك القصة
حفظ
تكبير الخط
تصغير الخط
استمع
استمع للخبر
اترك رد
كتابة تعليق
عرض التعليقات
انتهى
انتهی
پیام‌های شما
نظر دهید
نظر بدهید
چاپ
چاپ خبر
ارسال به دوستان
انتهای خبر
ادامه دارد...
ذخیره
فونت
تبصرے
تبصرہ کریں
اپنی رائے دیں
شیئر کریں
شئیر کریں
فیس بک
ٹوئٹر
واٹس ایپ
A A
A A A
""")
#: Lines that begin like this are furniture too, whatever follows.
FURNITURE_STARTS: Final = tuple(
    sorted(
        _keys("""
لن يتم نشر عنوان بريدك
الحقول الإلزامية مشار إليها
احفظ اسمي، بريدي الإلكتروني
نشانی ایمیل شما منتشر نخواهد شد
بخش‌های موردنیاز علامت‌گذاری شده‌اند
ذخیره نام، ایمیل و وبسایت من
اکاؤنٹ سے لاگ ان
آپ کا ای میل ایڈریس شائع نہیں کیا جائے گا
بازگشت به صفحه نخست
بازگشت به صفحه اصلی
العودة إلى الصفحة الرئيسية
العودة للصفحة الرئيسية
تمامی حقوق برای
جميع الحقوق محفوظة
كافة الحقوق محفوظة
کلیه حقوق
تمامی حقوق مادی و معنوی
Your email address will not be published
All rights reserved
Required fields are marked
Save my name, email
""")
    )
)
#: A code number on a line of its own, as agencies put below a text.
CODE_LINE: Final = re.compile(
    "(?:" + "|".join(sorted(_keys("کد خبر\nکد مطلب\nشناسه خبر\nکدخبر\nرقم الخبر"))) + r") ?[0-9a-z/ ]{0,20}"
)
#: Headers of lists of links; the list is cut off together with its header.
RELATED: Final = _keys("""
اقرأ أيضا
إقرأ أيضا
اقرأ المزيد
مقالات ذات صلة
مواضيع ذات صلة
أخبار ذات صلة
قد يعجبك أيضا
بیشتر بخوانید
بیشتر بدانید
همچنین بخوانید
بخوانید
مطالب مرتبط
اخبار مرتبط
خبرهای مرتبط
أخبار متعلقة
موضوعات متعلقة
موضوعات ذات صلة
قد يهمك أيضا
شاهد أيضا
طالع أيضا
اقرأوا أيضا
ذات صلة
مطالب پیشنهادی
بیشتر بخوانید در این باره
این مطلب را هم بخوانید
مزید پڑھیں
یہ بھی پڑھیں
متعلقہ خبریں
Read also
Read more
Related articles
Related news
You may also like
""")
RELATED_INLINE: Final = tuple(sorted(f"{key} " for key in RELATED if " " in key))
#: A block of links has ten lines at most; a longer tail below such a header is text after all.
RELATED_LINES: Final = 10
#: The longest furniture line is the consent sentence of a comment form, some 110 characters.
FURNITURE_CHARACTERS: Final = 200


#: Signatures below a text: the initials of its editors («ط.ع/ ن.م»), the agency, «انتهای پیام/۴۴۲۲».
INITIALS: Final = re.compile(r"[^\w\s]{0,2}(?:[\u0621-\u06cc]{1,2}\s?[./\\–-]\s?){1,5}[\u0621-\u06cc]{0,2}[^\w\s]{0,2}")
END_MARK: Final = re.compile(
    "(?:"
    + "|".join(sorted(_keys("انتهای پیام\nپایان پیام\nانتهای خبر\nانتهای متن\nانتهى\nانتهی\nانتهى الخبر")))
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
AGENCIES: Final = _keys("""
د ب أ
أ ف ب
ا ف ب
رويترز
وكالات
الأناضول
أ ب
سبوتنيك
وات
واج
ومع
واس
وام
كونا
بنا
قنا
بترا
وفا
ایسنا
ایرنا
مهر
فارس
تسنیم
اے پی پی
آئی این پی
""")
#: An agency that signs above its text, on a line of its own: «خبرگزاري فارس:».
DATELINE: Final = re.compile("(?:خبرگزاري|وكاله|ايجنسي) \\w+(?: \\w+)?")
SOURCE_LINE: Final = re.compile(
    "(?:" + "|".join(sorted(_keys("المصدر\nالمصادر\nمنبع\nمنابع\nSource"))) + r") (?:\S+ ?){1,5}"
)
TAG_STARTS: Final = tuple(
    sorted(_keys("الكلمات المفتاحية\nكلمات مفتاحية\nالوسوم\nوسوم\nبرچسب ها\nبرچسب‌ها\nکلیدواژه ها\nکلیدواژه‌ها\nTags"))
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
    re.compile(
        "(?:ما را (?:در|از)|براي (?:دريافت|دنبال كردن|مشاهده)|به كانال|كانال|در كانال|اپليكيشن|با ما در) .{2,120}"
        "(?:دنبال كنيد|بپيونديد|عضو شويد|كليك كنيد|دانلود كنيد|نصب كنيد|همراه باشيد)"
    ),
    re.compile("(?:هميں|همارا|هماري) .{2,80}(?:فالو كريں|سبسكرايب كريں|ڈاون لوڈ كريں|جواين كريں)"),
    re.compile("(?:follow us on|subscribe to our|download our|join our|sign up for our) .{2,80}"),
)
#: Written as they are in texts: a cheap look, before lines are cut and keys made.
SENDS_ELSEWHERE: Final = re.compile(
    r"[اإأ]قر[أا]و?ا? أيض|قد ي(?:عجب|هم)ك أيض|شاهد أيض|طالع أيض|ذات صلة|متعلقة"
    r"|بخوانید|مطالب مرتبط|خبار مرتبط|پڑھیں|Read also|Read more|Related"
)


#: Bars above a text: share, print, size of the letters.
TOP: Final = _keys("""
شارك
شارك الخبر
شارك المقال
شارك هذا المقال
شارك القصة
مشاركة
طباعة
حفظ
استمع
استمع للخبر
نسخ الرابط
تكبير الخط
تصغير الخط
اشتراک‌گذاری
چاپ
چاپ خبر
ارسال به دوستان
فونت
لینک کوتاه
کپی لینک
شیئر کریں
شئیر کریں
Share this
Copy link
Print
A A
A A A
Facebook
Twitter
WhatsApp
Telegram
فيسبوك
تويتر
واتساب
تلغرام
""")
