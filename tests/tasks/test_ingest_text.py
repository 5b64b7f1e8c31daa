"""Headlines at the top and furniture at the end, in the shapes that news texts have."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.ingest_furniture import trim_furniture
from tasks.ingest_story import read_story
from tasks.ingest_text import split_heading
from tasks.normalize import clean_text
from tasks.offset_map import EditedText

BODY_AR = "أعلنت وزارة الخارجية اليوم أن الوفد سيصل إلى العاصمة مساء الغد لاستكمال المحادثات التي بدأت قبل شهر."
BODY_FA = "سخنگوی وزارت امور خارجه روز دوشنبه اعلام کرد که دور تازه گفت‌وگوها هفته آینده در عمان برگزار می‌شود."
BODY_UR = "وزارت خارجہ نے پیر کو بتایا کہ مذاکرات کا نیا دور اگلے ہفتے عمان میں ہو گا۔"
BODY_EN = "The foreign ministry said on Monday that a new round of talks would be held in Oman next week."


def trimmed(text: str) -> str:
    edited = EditedText(text)
    trim_furniture(edited)
    return edited.text


@pytest.mark.parametrize(
    ("heading", "body"),
    [
        ("وفد عُماني يصل صنعاء غداً لاستكمال المحادثات", BODY_AR),
        ("هل تنجح الوساطة العُمانية هذه المرة؟", BODY_AR),
        ("تأجيل القمة... وواشنطن تلتزم الصمت!", BODY_AR),
        ("دور تازه گفت‌وگوها هفته آینده در مسقط", BODY_FA),
        ("Oman to host new round of talks", BODY_EN),
        ("الاجتماع تأجّل ولكن..", BODY_AR),
    ],
)
def test_a_headline_above_a_blank_line(heading: str, body: str) -> None:
    assert split_heading(f"{heading}\n\n{body}\n{body}") == (heading, f"{body}\n{body}")


def test_a_headline_directly_above_a_paragraph() -> None:
    heading = "دور تازه گفت‌وگوها در مسقط"
    assert split_heading(f"{heading}\n{BODY_FA}") == (heading, BODY_FA)


@pytest.mark.parametrize(
    "text",
    [
        BODY_AR,
        f"{BODY_AR}\n\n{BODY_AR}",
        f"أُجّل الاجتماع إلى موعد لاحق.\n\n{BODY_AR}",
        f"القاهرة: أحمد علي حسن -\n\n{BODY_AR}",
        f"سياسة\n\n{BODY_AR}",
        f"بقلم أحمد علي حسن\n\n{BODY_AR}",
        f"By Sara Ahmadi and staff\n\n{BODY_EN}",
        f"۱۴۰۴/۰۷/۲۹ ساعت ۱۲:۳۰ شناسه ۱۲۳۴۵۶\n\n{BODY_FA}",
        f"انظر www.example.org لمزيد من الأخبار\n\n{BODY_AR}",
        f"جاء الوفد. ثم عاد إلى بلاده\n\n{BODY_AR}",
        f"لماذا تأخر الوفد حتى الآن؟\n{BODY_AR}",
        "سطر أول من القصيدة هنا\nسطر ثان من القصيدة هنا\nسطر ثالث من القصيدة",
        "عنوان من غير نص تحته",
        "عنوان من غير نص تحته\n\n",
        f"{'كلمة طويلة جدا ' * 10}\n\n{BODY_AR}",
        "",
    ],
)
def test_what_is_no_headline(text: str) -> None:
    assert split_heading(text) == (None, text)


FORM_AR = """
اترك تعليقاً

لن يتم نشر عنوان بريدك الإلكتروني. الحقول الإلزامية مشار إليها بـ *

التعليق *

الاسم *
البريد الإلكتروني *
الموقع الإلكتروني
احفظ اسمي، بريدي الإلكتروني، والموقع الإلكتروني في هذا المتصفح لاستخدامها المرة المقبلة في تعليقي.
"""


@pytest.mark.parametrize(
    ("body", "furniture"),
    [
        (BODY_AR, FORM_AR),
        (BODY_AR, "\n\nاترك تعليقًا إلغاء الرد".replace(" إلغاء", "\nإلغاء")),
        (BODY_FA, "\nانتهای پیام/"),
        (BODY_FA, "\nانتهای پیام\nکد خبر: 123456"),
        (BODY_FA, "\nکد خبر ۱۲۳۴۵۶"),
        (BODY_FA, "\nكد مطلب: ۱۲۳۴/الف".replace("الف", "8")),
        (BODY_FA, "\nارسال نظر\nنشانی ایمیل شما منتشر نخواهد شد. بخش‌های موردنیاز علامت‌گذاری شده‌اند *\nنام *\nایمیل *"),
        (BODY_AR, "\n\nاقرأ أيضًا:\nوفد أممي يزور عدن\nاتفاق على تبادل الأسرى في عمّان"),
        (BODY_AR, "\nاقرأ أيضا: وفد أممي يزور عدن"),
        (BODY_FA, "\nبیشتر بخوانید:\nسفر وزیر خارجه عمان به تهران\nآیا مذاکرات ادامه دارد؟\nانتهای پیام"),
        (BODY_EN, "\n\nShare this:\nFacebook\nTwitter\n\nLeave a Reply\nYour email address will not be published."),
        (BODY_AR, "\n\n* * *"),
        (BODY_AR, "\nشارك الخبر\nفيسبوك\nواتساب"),
        (BODY_AR, " المصدر (العربية)"),
        (BODY_AR, " (وكالات)"),
        (BODY_AR, " المصدر: الجامعة التونسية لكرة القدم"),
        (BODY_AR, " (صورة أرشيفية)"),
        (BODY_FA, "\nعکس: رضا کریمی"),
        (BODY_FA, "\nعکس ها از: مریم احمدی"),
        (BODY_FA, "\nادامه دارد..."),
        (BODY_FA, "\nانتهای پیام/آ20/ط4000"),
        (BODY_FA, "\nبازگشت به صفحه نخست گروه سیاسی"),
        (BODY_FA, "\nخبرگزاري مهر:"),
        (BODY_AR, "\nأترك تعليق\nلن يتم نشر البريد الإلكتروني الخاص بك.\nاكتب تعليقك هنا\nالاسم الكامل\nإرسال"),
        (BODY_AR, "\nللانضمام إلى قناة الصحيفة على واتساب اضغط هنا"),
        (BODY_AR, "\nالوسوم: عمان، اليمن\nكلمات دلالية\nالوساطة"),
        (BODY_AR, "\n#عمان #اليمن"),
        (BODY_AR, "\n© 2025 جميع الحقوق محفوظة لصحيفة الأمل"),
        (BODY_AR, "\n// انتهى //\n14:25 ت م\n0102"),
        (BODY_FA, "\nکدخبر: ۱۲۳۴۵۶ | تاریخ خبر: ۱۴۰۴/۰۷/۲۹"),
        (BODY_FA, "\nلینک کوتاه: https://example.ir/x1"),
        (BODY_FA, "\nکد خبر 123456\nبرچسب‌ها\nعمان\nوزیر خارجه"),
        (BODY_FA, "\nدیدگاهتان را بنویسید\nلغو پاسخ\nدیدگاه *\nنام *\nفرستادن دیدگاه"),
        (BODY_FA, "\nپیام‌هایی که حاوی تهمت یا افترا باشد منتشر نخواهد شد."),
        (BODY_UR, "\nمقبول ترین\nتیل کی قیمتوں میں اضافہ\nاس خبر کو شیئر کریں"),
        (BODY_UR, "\nجواب دیں\nجواب منسوخ کریں\nضروری خانوں کو * سے نشان زد کیا گیا ہے"),
    ],
)
def test_furniture_at_the_end_is_taken_off(body: str, furniture: str) -> None:
    assert trimmed(clean_text(f"{body}\n{body}{furniture}")) == f"{body}\n{body}"


@pytest.mark.parametrize(
    "text",
    [
        BODY_AR,
        f"{FORM_AR.strip()}\n\n{BODY_AR}",
        f"{BODY_FA}\nانتهای پیام\n{BODY_FA}",
        f"{BODY_AR}\nاقرأ أيضا:\n{BODY_AR}",
        f"{BODY_AR}\nاقرأ أيضا:\nقال الوزير إنه يقرأ.",
        f"{BODY_AR}\nالاسم الذي اختاره الوزير",
        f"{BODY_FA}\nکد خبر این خبرگزاری در دست بررسی است و هنوز منتشر نشده",
        f"{BODY_FA}\nبخوانید این بیانیه را",
        f"{BODY_AR}\nاقرأ المزيد من الكتب هذا العام",
        f"{BODY_AR}\nوقال المصدر (الأمني) إن الوفد وصل.",
        f"{BODY_AR}\nعکس امام در این اتاق است",
        f"{BODY_FA}\nاین روند همچنان ادامه دارد.",
        f"{BODY_FA}\nخبرگزاری فارس نوشت:\n{BODY_FA}",
        f"{BODY_UR}\nیہ بھی پڑھیں\n{BODY_UR}",
        f"{BODY_AR}\nاقرأ أيضا - قال الوزير - كتب التاريخ.\n{BODY_AR}",
        f"{BODY_AR}\n• بند أول\n• بند ثان\n{BODY_AR}",
        f"{BODY_AR}\n#عمان تستضيف الوفد اليوم",
        "انتهای پیام",
        "",
    ],
)
def test_nothing_else_is_touched(text: str) -> None:
    text = clean_text(text)
    assert trimmed(text) == text


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (BODY_AR, "اقرأ أيضاً: وفد أممي يزور عدن"),
        (BODY_AR, "اقرأ أيضاً | وفد أممي يزور عدن"),
        (BODY_FA, "بیشتر بخوانید؛ سفر وزیر خارجه عمان به تهران"),
        (BODY_FA, "بیشتر بخوانید:\n• سفر وزیر خارجه عمان به تهران\n• آیا مذاکرات ادامه دارد؟"),
        (BODY_UR, "یہ بھی پڑھیں: وزیر خارجہ کا دورہ عمان"),
    ],
)
def test_a_pointer_inside_the_story_is_taken_out(body: str, pointer: str) -> None:
    assert trimmed(clean_text(f"{body}\n{pointer}\n{body}")) == f"{body}\n{body}"


def test_a_long_list_below_a_header_is_text() -> None:
    text = f"{BODY_AR}\nأخبار ذات صلة\n" + "\n".join(f"خبر رقم {i} من القائمة الطويلة" for i in range(20))
    assert trimmed(text) == text


@given(
    st.lists(
        st.sampled_from([BODY_AR, BODY_FA, "عنوان قصير للخبر", "انتهای پیام", "اقرأ أيضا:", "", "***"]), max_size=8
    )
)
def test_trimming_keeps_a_beginning_and_is_done_once(lines: list[str]) -> None:
    text = clean_text("\n".join(lines))
    once = trimmed(text)
    assert text.startswith(once) or "اقرأ أيضا:" in text
    assert trimmed(once) == once
    title, body = split_heading(text)
    assert text == body or (text.startswith(f"{title}\n") and text.endswith(body))


@pytest.mark.parametrize(
    ("top", "author"),
    [
        ("كتبت: هالة المنصوري\nقبل ساعتين", "هالة المنصوري"),
        ("نویسنده: رضا کریمی\n۲ ساعت پیش", "رضا کریمی"),
        ("شارك\nBy: Sara Haddad", "Sara Haddad"),
        ("منذ 3 أيام", None),
    ],
)
def test_what_stands_between_a_headline_and_the_story_goes(top: str, author: str | None) -> None:
    story = read_story(f"عنوان الخبر من ثلاث كلمات\n\n{top}\n\n{BODY_AR}\n{BODY_AR}", "عنوان الخبر من ثلاث كلمات", None)
    assert (story.text, story.author) == (f"{BODY_AR}\n{BODY_AR}", author)


@pytest.mark.parametrize("line", ["كتبت الصحيفة أن الوفد وصل", "بقلم واحد وقع الوزير الاتفاق", "قبل ساعتين وصل الوفد"])
def test_a_sentence_that_begins_like_a_byline_stays(line: str) -> None:
    assert read_story(f"{line}\n{BODY_AR}", "عنوان آخر", None).text == f"{line}\n{BODY_AR}"
