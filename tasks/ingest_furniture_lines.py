"""The lines that are page furniture, as tables: what `tasks/ingest_furniture.py` looks for, besides patterns.

Keys are `search_key`s, so one spelling of a line stands for all.
"""

from __future__ import annotations

from typing import Final

from tasks.normalize import search_key


def line_keys(lines: str) -> frozenset[str]:
    return frozenset(search_key(line) for line in lines.strip().splitlines())


#: What share and print bars hold, above a text or below it.
SHARING: Final = line_keys("""
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

#: Lines that are furniture wherever they stand at the end of a text.
FURNITURE: Final = SHARING | line_keys("""
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
شاركها
شارك هذا الموضوع
انقر للمشاركة على فيسبوك
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
به اشتراک بگذارید
Leave a comment
Leave a reply
Cancel reply
Post comment
Share on Facebook
Share on Twitter
Share on X
Name
Email
Website
Comments
تيليجرام
اترك رد
كتابة تعليق
عرض التعليقات
اترك تعليق
اكتب تعليقك
اكتب تعليقك هنا
أضف تعليقك
أضف تعليقك هنا
علق على الخبر
الاسم الكامل
إرسال
انتهى
انتهی
پیام‌های شما
دیدگاهتان را بنویسید
لغو پاسخ
فرستادن دیدگاه
دیدگاه
نظرات کاربران
نظر خود را بنویسید
نظر خود را ثبت کنید
ثبت نظر
ارسال نظرات
نظر دهید
نظر بدهید
انتهای خبر
ادامه دارد...
ذخیره
تبصرے
تبصرہ
تبصرہ کریں
تبصرہ شائع کریں
جواب دیں
جواب منسوخ کریں
ای میل
ویب سائٹ
یہ مواد شئیر کریں
یہ مواد شیئر کریں
اس خبر کو شیئر کریں
اپنی رائے دیں
فیس بک
ٹوئٹر
واٹس ایپ
""")
#: Lines that begin like this are furniture too, whatever follows.
FURNITURE_STARTS: Final = tuple(
    sorted(
        line_keys("""
لن يتم نشر عنوان بريدك
لن يتم نشر بريدك
لن يتم نشر البريد الإلكتروني
الحقول الإلزامية مشار إليها
احفظ اسمي، بريدي الإلكتروني
نشانی ایمیل شما منتشر نخواهد شد
بخش‌های موردنیاز علامت‌گذاری شده‌اند
ذخیره نام، ایمیل و وبسایت من
دیدگاه‌های ارسال شده توسط شما
نظرات ارسال شده توسط شما
پیام‌هایی که حاوی تهمت
پیام‌هایی که حاوی توهین
پیام‌هایی که به غیر از زبان
نظراتی که حاوی
نظرات حاوی توهین
لینک کوتاه http
لینک کوتاه خبر
رابط مختصر http
الرابط المختصر http
ضروری خانوں کو
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
#: Headers of lists of links; the list is cut off together with its header.
RELATED: Final = line_keys("""
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
الأكثر قراءة
الأكثر مشاهدة
الأكثر تداولا
پربازدیدترین‌ها
پربازدیدترین اخبار
پربیننده‌ترین‌ها
آخرین اخبار
سب سے زیادہ پڑھی گئی
مطالب پیشنهادی
بیشتر بخوانید در این باره
این مطلب را هم بخوانید
بیشتر ببینید
مطالب بیشتر
ویدئوهای پربیننده
پربیننده‌ترین
مقالات مشابهة
مواضيع مشابهة
أخبار ذات علاقة
مواضيع ذات علاقة
الوسوم
كلمات مفتاحية
الكلمات المفتاحية
كلمات دلالية
الكلمات الدلالية
برچسب‌ها
کلیدواژه‌ها
کلمات کلیدی
مزید خبریں
مقبول ترین
تازہ ترین خبریں
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


AGENCIES: Final = line_keys("""
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
TAG_STARTS: Final = tuple(
    sorted(
        line_keys("الكلمات المفتاحية\nكلمات مفتاحية\nالوسوم\nوسوم\nبرچسب ها\nبرچسب‌ها\nکلیدواژه ها\nکلیدواژه‌ها\nTags")
    )
)


#: Bars above a text: share, print, size of the letters.
TOP: Final = SHARING | line_keys("""

""")
