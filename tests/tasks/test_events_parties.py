"""Who did what to whom, where and when: roles by grammar, titles and nationalities, places and their precision."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.events_clauses import read
from tasks.events_parties import parties
from tasks.events_party_nouns import Name
from tasks.events_places import position
from tasks.events_read import read_acts
from tasks.lexicon_reader import reader
from tests.tasks.reading import PUBLISHED, act, named


def shown(names: Sequence[Name]) -> list[tuple[str, str | None, str | None]]:
    return [(name.surface, name.facts.sector, name.facts.country) for name in names]


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("ar", "قتل وزير الخارجية الروسي", [("وزير الخارجية الروسي", "GOV", "RUS")]),
        ("ar", "قتل جنود أميركيين وشرطي", [("جنود أميركيين", "MIL", "USA"), ("شرطي", "COP", None)]),
        ("ar", "قتل قوات الأمن الباكستانية", [("قوات الأمن الباكستانية", "COP", "PAK")]),
        ("ar", "تظاهر الإسرائيليين", []),
        ("ar", "تظاهر آلاف الطلاب", [("الطلاب", "EDU", None)]),
        ("ar", "هجوم انتحاري", []),
        ("ar", "أهمية الحوار بدلا من الخيار العسكري", []),
        ("ar", "مشاورات مع المجتمع المدني", [("المجتمع المدني", "CVL", None)]),
        ("ar", "هجوم على مسلحين مجهولين", [("مسلحين مجهولين", "UAF", None)]),
        ("fa", "حمله سربازان آمریکایی", [("سربازان آمریکایی", "MIL", "USA")]),
        ("fa", "دیدار وزیر امور خارجه ایرانی", [("وزیر امور خارجه ایرانی", "GOV", "IRN")]),
        ("en", "an attack by gunmen on police", [("gunmen", "UAF", None), ("police", "COP", None)]),
    ],
)  # fmt: skip
def test_phrases_without_a_name(language: str, text: str, expected: list[tuple[str, str, str]]) -> None:
    sentence = read(reader(language), text)
    assert sentence
    assert shown(parties(sentence, [], reader(language))) == expected


def test_a_name_behind_its_title_is_one_party() -> None:
    text = "انتقد وزير الخارجية الروسي سيرغي لافروف واشنطن"
    found = act(
        text, "ar", "ACCUSE", ("سيرغي لافروف", "PER", "per-sergey-lavrov"), ("واشنطن", "LOC", "loc-usa-washington")
    )
    assert shown(found.roles.actors) == [("وزير الخارجية الروسي سيرغي لافروف", "GOV", "RUS")]
    assert found.roles.actors[0].entity_id == "per-sergey-lavrov"
    assert shown(found.roles.recipients) == [("واشنطن", "GOV", "USA")]


@pytest.mark.parametrize(
    ("language", "text", "kind", "actors", "recipients"),
    [
        ("ar", "قتل مسلحون ثلاثة جنود في المدينة أمس", "ASSAULT", ["مسلحون"], ["جنود"]),
        ("ar", "قتل 20 شخصا في انفجار أمس", "ASSAULT", [], ["شخصا"]),
        ("ar", "بغداد - فرضت الحكومة أمس حظر التجول على السكان", "COERCE", ["الحكومة"], ["السكان"]),
        ("ar", "توعد رئيس وزرائها أمس بالانتقام", "THREATEN", ["رئيس وزرائها"], []),
        ("ar", "أصيب عسكري برصاصة أمس", "ASSAULT", [], ["عسكري"]),
        ("ar", "اغتيل الوزير في سيارته أمس", "ASSAULT", [], ["الوزير"]),
        ("ar", "أقيلت الوزيرة أمس", "SANCTION", [], ["الوزيرة"]),
        ("ar", "تمكنت الوحدات الأمنية أمس من إيقاف ثلاثة أشخاص", "COERCE", ["الوحدات الأمنية"], ["أشخاص"]),
        ("ar", "المسلحون قتلوا خمسة مدنيين أمس", "ASSAULT", ["المسلحون"], ["مدنيين"]),
        ("ar", "مقتل جندي أمس على يد مسلحين مجهولين", "ASSAULT", ["مسلحين مجهولين"], ["جندي"]),
        ("ar", "أعلنت الشرطة مقتل سبعة أشخاص أمس", "ASSAULT", [], ["أشخاص"]),
        ("ar", "الغارات الإسرائيلية على بيروت أمس", "ASSAULT", ["الإسرائيلية"], []),
        ("ar", "اعتقلت الشرطة عددا من المتظاهرين أمس", "COERCE", ["الشرطة"], ["المتظاهرين"]),
        ("ar", "تظاهر مئات الطلاب ضد الحكومة أمس", "PROTEST", ["الطلاب"], ["الحكومة"]),
        ("ar", "وقتل أمس في المدينة 4 جنود في هجوم شنه مسلحون", "ASSAULT", [], ["جنود"]),
        ("ar", "تعرض الجنود الثلاثة أمس لهجوم", "ASSAULT", [], ["الجنود"]),
        ("ar", "أسفر الهجوم أمس عن مقتل 30 شخصا بينهم رجال شرطة", "ASSAULT", [], ["شخصا"]),
        ("ar", "12 امرأة نفذت عمليات انتحارية أمس", "ASSAULT", ["امرأة"], []),
        ("ar", "تجمع المتظاهرون أمس مطالبين الحكومة بالتدخل", "PROTEST", ["المتظاهرون"], ["الحكومة"]),
        ("ar", "قضت محكمة تونسية، أمس، بسجن الصحافي ثلاث سنوات", "SANCTION", ["محكمة تونسية"], ["الصحافي"]),
        ("ar", "انفجار أدى أمس إلى مقتل شخصين، بحسب وزارة الصحة", "ASSAULT", [], ["شخصين"]),
        ("fa", "پلیس معترضان را بازداشت کرد", "COERCE", ["پلیس"], ["معترضان"]),
        ("fa", "سه معترض توسط پلیس بازداشت شدند", "COERCE", ["پلیس"], ["معترض"]),
        ("fa", "دو سرباز دیروز به قتل رسیدند", "ASSAULT", [], ["سرباز"]),
        ("fa", "غیرنظامیان دیروز هدف حمله قرار گرفتند", "ASSAULT", [], ["غیرنظامیان"]),
        ("fa", "در دو حمله به دو مسجد ۱۵ نفر کشته شدند", "ASSAULT", [], ["مسجد"]),
        ("fa", "سربازان به غیرنظامیان حمله کردند", "ASSAULT", ["سربازان"], ["غیرنظامیان"]),
        ("en", "Rebels attacked soldiers yesterday", "ASSAULT", ["Rebels"], ["soldiers"]),
    ],
)
def test_grammar_tells_who_did_it_to_whom(
    language: str, text: str, kind: str, actors: list[str], recipients: list[str]
) -> None:
    found = act(text, language, kind)
    assert [name.surface for name in found.roles.actors] == actors
    assert [name.surface for name in found.roles.recipients] == recipients
    for name in (*found.roles.actors, *found.roles.recipients):
        assert text[name.start : name.end] == name.surface


@pytest.mark.parametrize(
    ("language", "text", "kind", "actors", "recipients"),
    [
        # Subject and object side by side behind the verb.
        ("ar", "اعتقلت الشرطة القاضي سمير", "COERCE", ["الشرطة"], ["القاضي"]),
        ("ar", "اعتقلت قوات الأمن المتظاهرين", "COERCE", ["قوات الأمن"], ["المتظاهرين"]),
        ("ar", "أوقفت الشرطة المحتجين في الساحة", "COERCE", ["الشرطة"], ["المحتجين"]),
        ("ar", "قصف الجيش المدينة ليلا", "ASSAULT", ["الجيش"], []),
        ("ar", "هاجم المسلحون القوات الحكومية", "ASSAULT", ["المسلحون"], ["القوات الحكومية"]),
        ("ar", "هاجمت الجماعات المتشددة القوات المسلحة", "ASSAULT", ["الجماعات المتشددة"], ["القوات المسلحة"]),
        ("ar", "قتل جنود إسرائيليون فلسطينيا في الخليل", "ASSAULT", ["جنود إسرائيليون"], []),
        ("ar", "قتل الجيش مسلحا قرب السياج", "ASSAULT", ["الجيش"], ["مسلحا"]),
        ("ar", "دعا رئيس الوزراء المجتمع الدولي إلى ضبط النفس", "REQUEST", ["رئيس الوزراء"], []),
        # A subject that opens its clause.
        ("ar", "قال الوزير إن المتمردين قد خطفوا الجنديين", "ASSAULT", ["المتمردين"], ["الجنديين"]),
        ("ar", "ذكرت الشرطة أن رجلا قتل زوجته", "ASSAULT", ["رجلا"], ["زوجته"]),
        ("ar", "ذكرت الشرطة أن القاضي خطف مساء السبت", "ASSAULT", [], ["القاضي"]),
        ("ar", "الشرطة تعتقل المهاجم", "COERCE", ["الشرطة"], ["المهاجم"]),
        ("fa", "مقام‌ها ادعا کردند که شورشیان دو سرباز را ربوده‌اند", "ASSAULT", ["شورشیان"], ["سرباز"]),
        ("fa", "نیروهای امنیتی وزیر سابق را بازداشت کردند", "COERCE", ["نیروهای امنیتی"], ["وزیر سابق"]),
        ("fa", "مردان مسلح به پاسگاه پلیس حمله کردند", "ASSAULT", ["مردان مسلح"], ["پاسگاه پلیس"]),
        # The subject is told before: by a pronoun, a relative, or not at all.
        ("ar", "أعلن الجيش أنه قتل مسلحا", "ASSAULT", ["الجيش"], ["مسلحا"]),
        ("ar", "أكدت الشرطة أنها اعتقلت المهاجم", "COERCE", ["الشرطة"], ["المهاجم"]),
        ("ar", "الصاروخ الذي استهدف المطار", "ASSAULT", [], ["المطار"]),
        ("ar", "هاجم مسلحون دورية وقتلوا أربعة جنود", "ASSAULT", ["مسلحون"], ["دورية"]),
        ("fa", "ارتش اعلام کرد که دو شورشی را بازداشت کرده است", "COERCE", ["ارتش"], ["شورشی"]),
        # How many there were is nobody who acts.
        ("fa", "بامداد دیروز ده تن کشته شدند", "ASSAULT", [], ["تن"]),
        ("fa", "سه نفر جان باختند", "X_DEATH", [], ["نفر"]),
        ("fa", "در حادثه رانندگی چهار نفر جان خود را از دست دادند", "X_ACCIDENT", [], ["نفر"]),
        ("fa", "در پی شلیک پلیس، دو تن کشته شدند", "ASSAULT", ["پلیس"], []),
        ("fa", "هفت غیرنظامی در حمله هوایی ارتش کشته شدند", "ASSAULT", ["ارتش"], []),
        ("fa", "سه نفر به مأموران حمله کردند", "ASSAULT", ["نفر"], ["مأموران"]),
        ("ar", "لقي خمسة أشخاص مصرعهم في حادث سير", "X_ACCIDENT", [], ["أشخاص"]),
        ("ar", "توفي وزير الزراعة السابق", "X_DEATH", [], ["وزير الزراعة السابق"]),
        ("en", "Five people were killed by gunmen, police said", "ASSAULT", ["gunmen"], ["people"]),
        ("fa", "شبه‌نظامیان در حومه شهر درگیر شدند و شش نفر کشته شدند", "ASSAULT", ["شبه‌نظامیان"], []),
        ("fa", "مهاجم خود را منفجر کرد", "ASSAULT", ["مهاجم"], []),
        ("fa", "دو سرباز در حمله شورشیان کشته شدند", "ASSAULT", ["شورشیان"], []),
        ("ar", "اغتال مجهولون القاضي أمام منزله", "ASSAULT", ["مجهولون"], ["القاضي"]),
        ("ar", "أدانت محكمة فرنسية الرئيس الأسبق بالفساد", "SANCTION", ["محكمة فرنسية"], ["الرئيس الأسبق"]),
        ("ar", "قرر البرلمان استجواب وزير الطاقة", "ACCUSE", ["البرلمان"], ["وزير الطاقة"]),
        ("fa", "استیضاح وزیر نیرو آغاز شد", "ACCUSE", [], ["وزیر نیرو"]),
        # Who asks is the actor, of whom the other.
        ("fa", "معترضان خواستار استعفای دولت شدند", "REQUEST", ["معترضان"], []),
        ("ar", "طالب الوزير المتمردين بوقف الغارات", "RETREAT", ["الوزير"], ["المتمردين"]),
    ],
)
def test_who_did_it_to_whom_in_varied_order(
    language: str, text: str, kind: str, actors: list[str], recipients: list[str]
) -> None:
    found = act(text, language, kind)
    assert [name.surface for name in found.roles.actors] == actors
    assert [name.surface for name in found.roles.recipients] == recipients


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("ar", "اعتقل القوات المسلحة", ["القوات المسلحة"]),
        ("ar", "اعتقل الجيش المتظاهر", ["الجيش", "المتظاهر"]),
        ("ar", "اعتقل المصور الصحفي", ["المصور الصحفي"]),
        ("ar", "اعتقل وزير الشؤون الاجتماعية", ["وزير الشؤون الاجتماعية"]),
        ("ar", "اعتقل المسؤول العسكري", ["المسؤول العسكري"]),
        ("ar", "قصف الجيش الفلسطينيين", ["الجيش"]),
        ("ar", "قصف الشرطة القرية", ["الشرطة"]),
        ("ar", "اعتقل محكمة تونسية الوزير", ["محكمة تونسية", "الوزير"]),
        ("ar", "قتل سكان المدينة", ["سكان المدينة"]),
        ("fa", "قتل افسر پلیس", ["افسر پلیس"]),
        ("fa", "قتل پلیس معترضان", ["پلیس", "معترضان"]),
    ],
)
def test_two_nouns_side_by_side_are_one_party_only_where_they_agree(
    language: str, text: str, expected: list[str]
) -> None:
    sentence = read(reader(language), text)
    assert sentence
    assert [name.surface for name in parties(sentence, [], reader(language))] == expected


@pytest.mark.parametrize(
    ("language", "text", "names", "actors", "recipients"),
    [
        (
            "ar",
            "زعمت إسرائيل أن حماس قد خطفت الجنديين",
            [("إسرائيل", "LOC", "loc-isr"), ("حماس", "ORG", "org-hamas")],
            ["حماس"],
            ["الجنديين"],
        ),
        (
            "ar",
            "اعتقلت الشرطة القاضي أحمد سالم",
            [("أحمد سالم", "PER", None)],
            ["الشرطة"],
            ["القاضي أحمد سالم"],
        ),
        ("ar", "اعتقلت الشرطة أحمد سالم", [("أحمد سالم", "PER", None)], ["الشرطة"], ["أحمد سالم"]),
        (
            "ar",
            "قتل القيادي في حماس أحمد سالم",
            [("حماس", "ORG", "org-hamas"), ("أحمد سالم", "PER", None)],
            [],
            ["القيادي في حماس أحمد سالم"],
        ),
        (
            "fa",
            "اسرائیل ادعا کرد که حماس دو سرباز را ربوده است",
            [("اسرائیل", "LOC", "loc-isr"), ("حماس", "ORG", "org-hamas")],
            ["حماس"],
            ["سرباز"],
        ),
        ("fa", "پلیس نرگس کاظمی را بازداشت کرد", [("نرگس کاظمی", "PER", None)], ["پلیس"], ["نرگس کاظمی"]),
        (
            "fa",
            "رضا کاظمی وزیر نیرو با استاندار دیدار کرد",
            [("رضا کاظمی", "PER", None)],
            ["رضا کاظمی", "استاندار"],
            [],
        ),
        ("fa", "رضا کاظمی وزیر نیرو را تهدید کرد", [("رضا کاظمی", "PER", None)], ["رضا کاظمی"], ["وزیر نیرو"]),
    ],
)
def test_who_did_it_to_whom_by_name(
    language: str, text: str, names: list[tuple[str, str, str | None]], actors: list[str], recipients: list[str]
) -> None:
    [found] = read_acts(reader(language), text, named(text, names), PUBLISHED)
    assert [name.surface for name in found.roles.actors] == actors
    assert [name.surface for name in found.roles.recipients] == recipients


def test_the_parties_of_a_visit_are_both_named_with_their_titles() -> None:
    text = "بحث وزير الدفاع مع نظيره الكويتي سبل التعاون"
    found = [one for one in read_acts(reader("ar"), text, [], PUBLISHED) if one.type == "CONSULT"]
    assert [name.surface for name in found[0].roles.actors] == ["وزير الدفاع", "نظيره الكويتي"]


def test_a_subject_is_carried_over_to_the_next_verb() -> None:
    text = "اقتحمت القوات الإسرائيلية البلدة فجرا وقصفت مدرسة أمس"
    found = [one for one in read_acts(reader("ar"), text, [], PUBLISHED) if text[one.start : one.end] == "وقصفت"]
    assert [name.surface for name in found[0].roles.actors] == ["القوات الإسرائيلية"]
    assert found[0].roles.method == "same-subject"


def test_a_place_that_is_no_government_is_where_it_happened() -> None:
    text = "قصفت طائرات مدينة حلب أمس"
    found = act(text, "ar", "ASSAULT", ("حلب", "LOC", "loc-syr-aleppo"))
    assert found.roles.place and found.roles.place.entity_id == "loc-syr-aleppo"
    assert not [name for name in found.roles.actors if name.label == "LOC"]
    where = position(found.roles.place)
    assert (where.precision, where.country) == ("city", "SYR")
    assert where.latitude == pytest.approx(36.2, abs=0.1)


@pytest.mark.parametrize(
    ("language", "text", "names", "place"),
    [
        ("ar", "قصفت طائرات بلدة في جنوب لبنان أمس", [("لبنان", "LOC", "loc-lbn")], "loc-lbn"),
        (
            "fa",
            "دو وزیر در ریاض دیدار و درباره امنیت کشتیرانی در خلیج فارس گفت‌وگو کردند",
            [("ریاض", "LOC", "loc-sau-riyadh"), ("خلیج فارس", "LOC", "loc-persian-gulf")],
            "loc-sau-riyadh",
        ),
    ],
)
def test_the_place_is_where_it_happened_and_not_what_is_spoken_of(
    language: str, text: str, names: list[tuple[str, str, str | None]], place: str
) -> None:
    found = act(text, language, "ASSAULT" if language == "ar" else "CONSULT", *names).roles.place
    assert found and found.entity_id == place


def test_a_country_has_no_point() -> None:
    text = "التقى الوزيران في قطر أمس"
    where = position(act(text, "ar", "CONSULT", ("قطر", "LOC", "loc-qat")).roles.place)
    assert (where.precision, where.country, where.latitude) == ("country", "QAT", None)
    assert where.reasons == ("latitude:place-is-country",)
    assert position(None).reasons == ("country:no-place",)


@pytest.mark.parametrize(
    ("language", "text", "day", "precision", "method"),
    [
        ("ar", "التقى الوزيران في أغسطس 2025", date(2025, 8, 1), "month", "gregorian"),
        ("ar", "التقى الوزيران عام 2014", date(2014, 1, 1), "year", "gregorian"),
        ("ar", "التقى الوزيران في 3 مايو 2024 في الدوحة", date(2024, 5, 3), "day", "gregorian"),
        ("ar", "التقى الوزيران أمس", date(2025, 10, 21), "day", "relative"),
        ("ar", "قال يوم الاثنين إن الوزيرين اجتمعا", date(2025, 10, 20), "day", "weekday-of-sentence"),
        ("ar", "التقى الوزيران الأسبوع الماضي", date(2025, 10, 13), "week", "relative"),
        ("ar", "اجتمع الوزيران في شعبان 1446", date(2025, 1, 31), "month", "hijri"),
        ("fa", "دو وزیر دیروز دیدار کردند", date(2025, 10, 21), "day", "relative"),
        ("fa", "دو وزیر در شهریور ۱۴۰۴ دیدار کردند", date(2025, 8, 23), "month", "jalali"),
        ("fa", "دو وزیر ۲۸ مهر دیدار کردند", date(2025, 10, 20), "day", "jalali"),
    ],
)
def test_dates_have_a_precision_and_a_method(language: str, text: str, day: date, precision: str, method: str) -> None:
    [found] = [one for one in read_acts(reader(language), text, [], PUBLISHED) if one.type == "CONSULT"]
    assert (found.dated.day, found.dated.precision, found.dated.method) == (day, precision, method)


TOKENS = """
قتل وقصفت الجيش مسلحون في على من و حلب الإسرائيلية 20 شخصا ، « » \u200f را توسط يد متظاهرون الذي نفذته أعلن
"""


@given(st.lists(st.sampled_from(TOKENS.split()), max_size=25))
def test_parties_lie_in_order_in_their_sentence(tokens: list[str]) -> None:
    text = " ".join(tokens)
    for one in read_acts(reader("ar"), text, [], PUBLISHED):
        for name in (*one.roles.actors, *one.roles.recipients):
            assert text[name.start : name.end] == name.surface
            assert name.surface == name.surface.strip()
        assert not {n.start for n in one.roles.actors} & {n.start for n in one.roles.recipients}


def test_a_country_right_behind_the_act_is_one_party_however_it_is_found() -> None:
    text = "أثارت زيارته إلى ليبيا أمس جدلا في البرلمان"
    found = act(text, "ar", "CONSULT", ("ليبيا", "LOC", "loc-lby"))
    assert shown(found.roles.actors) == [("ليبيا", "GOV", "LBY")]
