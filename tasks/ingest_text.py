"""What a plain text tells by its shape: a headline at its top, page furniture at its end."""

from __future__ import annotations

import re
from typing import Final

from tasks.normalize import search_key

#: A headline has 20 words at most, of 5 letters and a space each.
HEADING_CHARACTERS: Final = 120
HEADING_WORDS: Final = 3
#: Without a blank line between them, a headline shows only by the length of the paragraph below it.
_PARAGRAPH_CHARACTERS: Final = 80
_SENTENCE_END: Final = (".", "؟", "?", "!", "…", "۔")
_NOT_A_HEADING_END: Final = (".", "۔", ":", "؛", ";", "،", ",", "-", "–", "—")
_OPEN_END: Final = ("؟", "?", "!", "..", "…")
_CLOSING: Final = "\"'”’»)]﴾"
_TWO_SENTENCES: Final = re.compile(r"\w{4,}[.۔] ")
_ADDRESS: Final = re.compile(r"https?://|www\.|@")
_BYLINES: Final = ("بقلم ", "كتب ", "إعداد ", "نوشته ", "به قلم ", "نویسنده ", "گزارش از ", "by ")


def split_heading(text: str) -> tuple[str | None, str]:
    """The headline of a text and the body below it; None and the whole text where there is none.

    A first line is a headline when it is short, is not a sentence, and stands above a paragraph: either with
    a blank line between them, or with a paragraph at least half as long again below. A subheading further
    down, a byline, an address or a date is no headline.
    """
    first, _, rest = text.partition("\n")
    apart = rest.startswith("\n")
    body = rest.lstrip("\n")
    below = body.partition("\n")[0]
    if not body or not _may_be_heading(first):
        return None, text
    # A question or trailing dots may close a headline, but as well a first sentence: the gap must tell.
    asks = first.rstrip(_CLOSING).endswith(_OPEN_END)
    if apart:
        heads = len(below) > len(first) or below.rstrip(_CLOSING).endswith(_SENTENCE_END)
    else:
        heads = not asks and len(below) >= max(_PARAGRAPH_CHARACTERS, 1.5 * len(first))
    return (first, body) if heads else (None, text)


def _may_be_heading(line: str) -> bool:
    close = line.rstrip(_CLOSING)
    if len(line) > HEADING_CHARACTERS:
        return False
    if close.endswith(_NOT_A_HEADING_END) and not close.endswith(_OPEN_END):
        return False
    if sum(any(map(str.isalpha, word)) for word in line.split()) < HEADING_WORDS:
        return False
    if _TWO_SENTENCES.search(line) or _ADDRESS.search(line):
        return False
    digits = sum(map(str.isdigit, line))
    return digits < 0.3 * len(line) and not line.lower().startswith(_BYLINES)


def _keys(lines: str) -> frozenset[str]:
    return frozenset(search_key(line) for line in lines.strip().splitlines())


#: Lines that are furniture wherever they stand at the end of a text.
_FURNITURE: Final = _keys("""
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
""")
#: Lines that begin like this are furniture too, whatever follows.
_FURNITURE_STARTS: Final = tuple(
    sorted(
        _keys("""
لن يتم نشر عنوان بريدك
الحقول الإلزامية مشار إليها
احفظ اسمي، بريدي الإلكتروني
نشانی ایمیل شما منتشر نخواهد شد
بخش‌های موردنیاز علامت‌گذاری شده‌اند
ذخیره نام، ایمیل و وبسایت من
Your email address will not be published
Required fields are marked
Save my name, email
""")
    )
)
#: A code number on a line of its own, as agencies put below a text.
_CODE_LINE: Final = re.compile(
    "(?:" + "|".join(sorted(_keys("کد خبر\nکد مطلب\nشناسه خبر\nکدخبر\nرقم الخبر"))) + r") ?[0-9a-z/ ]{0,20}"
)
#: Headers of lists of links; the list is cut off together with its header.
_RELATED: Final = _keys("""
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
Read also
Read more
Related articles
Related news
You may also like
""")
_RELATED_INLINE: Final = tuple(sorted(f"{key} " for key in _RELATED if " " in key))
#: A block of links has ten lines at most; a longer tail below such a header is text after all.
_RELATED_LINES: Final = 10
#: The longest furniture line is the consent sentence of a comment form, some 110 characters.
_FURNITURE_CHARACTERS: Final = 200


def trim_furniture(text: str) -> str:
    """The text without the page furniture at its end; furniture is known by whole lines, never by guesses.

    Comment forms, share bars, "read also" lists, end-of-message marks and code numbers are taken off from
    the end upwards until a line of another kind is met. Nothing inside the text is touched, and a text that
    would be left empty stays as it is.
    """
    lines = text.split("\n")
    end = len(lines)
    while end:
        end = _without_blank(lines, end)
        if end and _is_furniture(lines[end - 1]):
            end -= 1
            continue
        above = _above_related(lines, end)
        if above == end:
            break
        end = above
    return "\n".join(lines[:end]) if end else text


def _without_blank(lines: list[str], end: int) -> int:
    while end and not lines[end - 1].strip():
        end -= 1
    return end


def _is_furniture(line: str) -> bool:
    if len(line) > _FURNITURE_CHARACTERS:
        return False
    key = search_key(line)
    if not key:  # a line of ornaments, such as *** or ———
        return True
    return key in _FURNITURE or key.startswith(_FURNITURE_STARTS) or _CODE_LINE.fullmatch(key) is not None


def _above_related(lines: list[str], end: int) -> int:
    """Where the text ends above a list of links that closes it; `end` where there is none."""
    position, seen = end, 0
    while position and seen <= _RELATED_LINES:
        line = lines[position - 1].strip()
        if line:
            if len(line) > HEADING_CHARACTERS:
                return end
            key = search_key(line)
            if key in _RELATED or (key.startswith(_RELATED_INLINE) and ":" in line):
                return position - 1
            if line.rstrip(_CLOSING).endswith(_SENTENCE_END[:1]):
                return end
            seen += 1
        position -= 1
    return end
