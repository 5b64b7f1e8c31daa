"""What the rules make of the tagger's names: bounds, half titles, cited newspapers.  Sentences written here."""

from __future__ import annotations

import pytest

from schemas.errors import RasadError
from tasks.annotation_bounds import mended
from tasks.annotation_offices import with_offices
from tasks.annotation_press import with_press
from tasks.encoder import normalise
from tasks.models import bundled_models


def words_of(text: str) -> tuple[str, ...]:
    return tuple(normalise(text, "fa")[0].split())


@pytest.mark.parametrize(
    ("sentence", "tagged", "expected"),
    [
        # «ولد» and «بن» join the names on both sides, however the tagger cut them up.
        ("استقبل محمد ولد الغزواني الوفد", [(1, 2), (3, 4)], ["محمد ولد الغزواني"]),
        ("وصل سالم ولد أحمد ولد المختار أمس", [(1, 2), (2, 4), (5, 6)], ["سالم ولد أحمد ولد المختار"]),
        ("قال علي بن حسن أمس", [(1, 3), (3, 4)], ["علي بن حسن"]),
        ("فاطمة بنت صالح فازت", [(0, 1), (2, 3)], ["فاطمة بنت صالح"]),
        ("وقال أبو حمزة إن", [(2, 3)], ["أبو حمزة"]),
        ("تحدث وأبو مازن معه", [(2, 3)], ["وأبو مازن"]),
        ("زار محمد أبو مازن", [(1, 3), (3, 4)], ["محمد أبو", "مازن"]),
        # Two people side by side, an age and a child's birth stay what they are.
        ("التقى سالم وحسن أمس", [(1, 2), (2, 3)], ["سالم", "وحسن"]),
        ("اللاعب سالم ابن الثلاثين فاز", [(1, 2), (2, 4)], ["سالم", "ابن الثلاثين"]),
        ("ولد حسن في بغداد", [(1, 2)], ["حسن"]),
    ],
)
def test_a_name_goes_on_with_the_fathers(sentence: str, tagged: list[tuple[int, int]], expected: list[str]) -> None:
    words = sentence.split()
    found = mended(words, [(first, stop, "PER", 0.9) for first, stop in tagged])
    assert [" ".join(words[first:stop]) for first, stop, _, _ in found] == expected


def test_only_people_are_joined() -> None:
    words = ["بغداد", "بن", "غازي", "وأبو", "ظبي"]
    places = [(0, 1, "LOC", 0.9), (2, 3, "LOC", 0.8), (4, 5, "LOC", 0.7)]
    assert mended(words, places) == places


def test_a_joined_name_is_as_sure_as_its_weakest_part() -> None:
    assert mended(["محمد", "ولد", "أحمد"], [(0, 1, "PER", 0.9), (2, 3, "PER", 0.6)]) == [(0, 3, "PER", 0.6)]


@pytest.mark.parametrize(
    ("sentence", "tagged", "expected"),
    [
        ("وقال باسم الخطيب أمس", (2, 3), "باسم الخطيب"),
        ("زار النائب باسم الخطيب البصرة", (3, 4), "باسم الخطيب"),
        ("المتحدث باسم الحكومة باسم الخطيب يوضح", (4, 5), "باسم الخطيب"),
        # "In the name of": of a body, a person, or what somebody is called.
        ("قال المتحدث باسم الخطيب أمس", (3, 4), "الخطيب"),
        ("افتتحت قاعة باسم الخطيب أمس", (3, 4), "الخطيب"),
        ("المعروف باسم الخطيب هرب", (2, 3), "الخطيب"),
    ],
)
def test_basim_is_a_first_name_behind_a_verb_or_a_title(sentence: str, tagged: tuple[int, int], expected: str) -> None:
    words = sentence.split()
    [(first, stop, _, _)] = mended(words, [(*tagged, "PER", 0.9)])
    assert " ".join(words[first:stop]) == expected


def test_a_name_does_not_begin_inside_the_blessing_of_another() -> None:
    words = words_of("مسجد امام رضا ( ع ) کرمان")
    assert mended(words, [(4, 7, "LOC", 0.9)]) == [(6, 7, "LOC", 0.9)]


def test_a_station_is_one_name_with_its_waves() -> None:
    words = words_of("قال لإذاعة شمس أف أم إن الوضع هادئ")
    expected = [(2, 5, "ORG", 0.5)]
    for tagged in ([(2, 4, "ORG", 0.5)], [(2, 3, "LOC", 0.5), (3, 5, "ORG", 0.8)], [(4, 5, "MISC", 0.5)]):
        assert mended(words, tagged) == expected
    assert mended(words, []) == []


@pytest.mark.parametrize(
    ("sentence", "tagged", "expected"),
    [
        ("وزیر امور خارجه ایران گفت", (1, 4), [(3, 4, "LOC", 0.9)]),
        ("معاون وزیر دفاع آمریکا گفت", (2, 4), [(3, 4, "LOC", 0.9)]),
        ("وزیران خارجه جمهوری اسلامی ایران آمدند", (1, 5), [(2, 5, "LOC", 0.9)]),
        ("وزیر امور خارجه گفت", (1, 3), []),
        ("دستیاران امور خارجه آمریکا آمدند", (1, 4), [(3, 4, "LOC", 0.9)]),
        # A ministry is a body, and so is what its minister's title says at length.
        ("سخنگوی وزارت امور خارجه ایران گفت", (1, 5), [(1, 5, "ORG", 0.9)]),
        ("سخنگوی وزارت امور خارجه ایران گفت", (2, 5), [(1, 5, "ORG", 0.9)]),
        ("وزیر راه و شهرسازی ایران گفت", (1, 5), [(1, 5, "ORG", 0.9)]),
        ("وزیر نفت گفت", (1, 2), [(1, 2, "ORG", 0.9)]),
        ("رئیس مجلس ایران گفت", (1, 3), [(1, 3, "ORG", 0.9)]),
    ],
)
def test_half_a_persian_title_is_no_name(
    sentence: str, tagged: tuple[int, int], expected: list[tuple[int, int, str, float]]
) -> None:
    assert with_offices(words_of(sentence), [(*tagged, "ORG", 0.9)], "fa") == expected


@pytest.mark.parametrize(
    ("sentence", "tagged", "expected"),
    [
        ("ناقشا التبادل التجاري والتعاون القنصلي أمس", (3, 5), []),
        ("ناقشا التعاون القنصلي أمس", (2, 3), []),
        ("ناقشا التنسيق الأمني والعسكري أمس", (1, 4), []),
        ("زار مجلس التعاون الخليجي أمس", (1, 4), [(1, 4)]),
        ("زار التعاون الإسلامي أمس", (1, 3), [(1, 3)]),
        ("زار الأمن الوطني أمس", (1, 3), [(1, 3)]),
        ("أفادت وزارة الدفاع الوطني أمس", (2, 4), [(1, 4)]),
        ("قال بوزارة التربية أمس", (2, 3), [(1, 3)]),
        ("قال وزير التربية أمس", (2, 3), [(2, 3)]),
    ],
)
def test_an_arabic_act_is_no_body_and_a_ministry_is_a_whole_one(
    sentence: str, tagged: tuple[int, int], expected: list[tuple[int, int]]
) -> None:
    words = tuple(sentence.split())
    found = with_offices(words, [(*tagged, "ORG", 0.9), (0, 1, "PER", 0.8)], "ar")
    assert [(first, stop) for first, stop, label, _ in found if label == "ORG"] == expected
    assert (0, 1, "PER", 0.8) in found


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("به گزارش فارس ، وزیر به مشهد رفت", ["فارس"]),
        ("او به ایلنا گفت که می‌آید", ["ایلنا"]),
        ("خبرنگار مهر از اهواز خبر داد", ["مهر"]),
        ("به نوشته بی‌بی‌سی او رفت", ["بی‌بی‌سی"]),
        ("به نوشته بی بی سی او رفت", ["بی بی سی"]),
        ("کیهان : سازش نمی‌کنیم", ["کیهان"]),
        ("كيهان : با كاف عربی", ["کیهان"]),
        ("اطلاعات از قول وزیر : کار تمام است", ["اطلاعات"]),
        ("بازی تمام شد وطن امروز : شکست", ["وطن امروز"]),
        ("جام‌جم : هوا سرد می‌شود", ["جام‌جم"]),
        # The same words where nobody is cited.
        ("به گزارش مهر ماه بنگرید", []),
        ("باران در استان فارس بارید", []),
        ("جوان به شرق رفت و اعتماد کرد", []),
        ("امتیاز : 23", []),
        ("هدف : صلح", []),
        ("میزان : 40 لیتر", []),
        ("اطلاعات :", []),
    ],
)
def test_cited_newspapers_and_agencies_are_organisations(sentence: str, expected: list[str]) -> None:
    words = words_of(sentence)
    found = with_press(words, [])
    assert [" ".join(words[first:stop]) for first, stop, _, _ in found] == [normalise(e, "fa")[0] for e in expected]
    assert {label for _, _, label, _ in found} <= {"ORG"}


def test_a_cited_name_takes_the_place_of_what_the_tagger_saw_in_it_but_not_of_a_longer_organisation() -> None:
    review = words_of("کیهان : وزیر به تهران رفت")
    assert with_press(review, [(0, 1, "PER", 0.7), (4, 5, "LOC", 0.9)]) == [(0, 1, "ORG", 1.0), (4, 5, "LOC", 0.9)]
    agency = words_of("به گزارش فارس نیوز ، وزیر رفت")
    assert with_press(agency, [(2, 4, "ORG", 0.9)]) == [(2, 4, "ORG", 0.9)]


def test_rules_hold_in_running_text() -> None:
    persian = "به گزارش فارس، وزیر امروز به مشهد رفت.\nآفتاب یزد: باران می‌بارد\nپیام به newsroom@irna.ir رسید."
    arabic = "استقبل الرئيس محمد ولد الشيخ الغزواني وفدا.\nوقال باسم الخطيب المتحدث باسم رئيس الوزراء إنه آت."
    models = bundled_models()
    for language, text, expected in (
        ("fa", persian, {("فارس", "ORG"), ("آفتاب یزد", "ORG"), ("مشهد", "LOC")}),
        ("ar", arabic, {("محمد ولد الشيخ الغزواني", "PER"), ("باسم الخطيب", "PER")}),
    ):
        (sentences,) = models.annotate(language, [text])
        assert not isinstance(sentences, RasadError)
        assert expected <= {(text[m.char_start : m.char_end], m.label) for s in sentences for m in s.mentions}
    (sentences,) = models.annotate("fa", [persian])
    assert not isinstance(sentences, RasadError)
    assert "newsroom@irna.ir" in {persian[t.char_start : t.char_end] for s in sentences for t in s.tokens}


def test_a_man_named_basim_keeps_his_name_in_its_bare_form() -> None:
    (sentences,) = bundled_models().annotate("ar", ["وقال باسم الخطيب المتحدث باسم رئيس الوزراء إنه آت."])
    assert not isinstance(sentences, RasadError)
    assert [mention.bare for sentence in sentences for mention in sentence.mentions] == ["باسم الخطيب"]
