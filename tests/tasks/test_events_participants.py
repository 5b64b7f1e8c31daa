"""Who takes part in a meeting, a call or an agreement; who asks and who is asked; titles apart from their names."""

from __future__ import annotations

import pytest

from tests.tasks.reading import act, acts


@pytest.mark.parametrize(
    ("language", "text", "kind", "names", "actors"),
    [
        # «بين», «میان», "between": those behind it and nobody else.
        (
            *("ar", "وصفت الرئاسة الاتصال بين سلمى الحداد وكريم الصباغ بأنه بناء", "CONSULT"),
            *(["سلمى الحداد", "كريم الصباغ"], ["سلمى الحداد", "كريم الصباغ"]),
        ),
        (
            *("ar", "تستعد فيينا لقمة بين وزيري خارجية مصر واليونان أمس", "CONSULT"),
            *(["مصر", "اليونان"], ["خارجية مصر", "اليونان"]),
        ),
        (
            *("fa", "سخنگو گفت نتیجه نشست میان مریم کاوه و سارا نیک‌پور بر انتخابات اثر دارد", "CONSULT"),
            *(["مریم کاوه", "سارا نیک‌پور"], ["مریم کاوه", "سارا نیک‌پور"]),
        ),
        (
            *("en", "Analysts praised the talks between Anna Berg and Omar Nasser in Oslo", "CONSULT"),
            *(["Anna Berg", "Omar Nasser"], ["Anna Berg", "Omar Nasser"]),
        ),
        # Whose meeting it is, and with whom.
        (
            *("ar", "جاء ذلك عقب اجتماع كريم الصباغ مع سلمى الحداد بحضور ليلى منصور", "CONSULT"),
            *(["كريم الصباغ", "سلمى الحداد", "ليلى منصور"], ["كريم الصباغ", "سلمى الحداد"]),
        ),
        (
            *("fa", "مریم کاوه دیروز با سارا نیک‌پور دیدار کرد", "CONSULT"),
            *(["مریم کاوه", "سارا نیک‌پور"], ["مریم کاوه", "سارا نیک‌پور"]),
        ),
        # A list right behind the noun.
        (
            *("ar", "انتقدت ليلى منصور قمة كريم الصباغ وسلمى الحداد", "CONSULT"),
            *(["ليلى منصور", "كريم الصباغ", "سلمى الحداد"], ["كريم الصباغ", "سلمى الحداد"]),
        ),
        # Both nationalities, also with a hyphen.
        ("ar", "انتهت المفاوضات التركية-اليونانية أمس", "CONSULT", [], ["التركية", "اليونانية"]),
        (
            *("ar", "هذه أول قمة تركية يونانية منذ تولي كريم الصباغ منصبه", "CONSULT"),
            *(["كريم الصباغ"], ["تركية", "يونانية"]),
        ),
        # The other one, with a name or without.
        (
            *("ar", "أجرى كريم الصباغ اتصالا هاتفيا مع نظيره اليوناني", "CONSULT"),
            *(["كريم الصباغ"], ["كريم الصباغ", "نظيره اليوناني"]),
        ),
        # Who tells of it, where a pronoun says so.
        (
            *("ar", "قال كريم الصباغ إنه سيلتقي سلمى الحداد", "CONSULT"),
            *(["كريم الصباغ", "سلمى الحداد"], ["كريم الصباغ", "سلمى الحداد"]),
        ),
        (
            *("ar", "وقال كريم الصباغ: «اتفقنا على خمس نقاط»", "AGREE"),
            *(["كريم الصباغ"], ["كريم الصباغ"]),
        ),
        (
            *("fa", "مریم کاوه پس از تماس با سارا نیک‌پور گفت که توافق کردیم هیئتی به وین برود", "AGREE"),
            *(["مریم کاوه", "سارا نیک‌پور"], ["مریم کاوه"]),
        ),
        # An adjective is nobody: «حل دبلوماسي», «السياسة الخارجية».
        ("ar", "اتفق الطرفان على حل دبلوماسي في السياسة الخارجية", "AGREE", [], []),
    ],
)  # fmt: skip
def test_the_words_around_a_meeting_say_who_takes_part(
    language: str, text: str, kind: str, names: list[str], actors: list[str]
) -> None:
    label = {"مصر": "LOC", "اليونان": "LOC"}
    ids = {"مصر": "loc-egy", "اليونان": "loc-grc"}
    found = act(text, language, kind, *((name, label.get(name, "PER"), ids.get(name)) for name in names))
    assert [name.surface for name in found.roles.actors] == actors
    assert not found.roles.recipients


@pytest.mark.parametrize(
    ("language", "text", "names", "actors", "recipients"),
    [
        (
            *("ar", "أفادت تقارير بأن كريم الصباغ يطالب اليونان بالتنازل عن الجزيرة", ["كريم الصباغ", "اليونان"]),
            *(["كريم الصباغ"], ["اليونان"]),
        ),
        (
            *("fa", "مریم کاوه از یونان خواست آتش‌بس را بپذیرد", ["مریم کاوه", "یونان"]),
            *(["مریم کاوه"], ["یونان"]),
        ),
    ],
)  # fmt: skip
def test_the_actor_of_a_request_is_who_asks(
    language: str, text: str, names: list[str], actors: list[str], recipients: list[str]
) -> None:
    places = {"اليونان": ("LOC", "loc-grc"), "یونان": ("LOC", "loc-grc")}
    mentions = [(name, *places.get(name, ("PER", None))) for name in names]
    found = next(one for one in acts(text, language, *mentions) if one.counts_as == "REQUEST")
    assert [name.surface for name in found.roles.actors] == actors
    assert [name.surface for name in found.roles.recipients] == recipients


@pytest.mark.parametrize(
    ("language", "text", "names", "actors"),
    [
        (
            *("ar", "وشارك في الاجتماع المبعوث الخاص إلى اليونان كريم الصباغ", ["اليونان", "كريم الصباغ"]),
            ["المبعوث الخاص إلى اليونان كريم الصباغ"],
        ),
        (
            *("ar", "واجتمع المستشار للشؤون الخارجية كريم الصباغ مع سلمى الحداد", ["كريم الصباغ", "سلمى الحداد"]),
            ["المستشار للشؤون الخارجية كريم الصباغ", "سلمى الحداد"],
        ),
        (
            *("ar", "واجتمع رئيس حزب الشعب كريم الصباغ مع سلمى الحداد", ["حزب الشعب", "كريم الصباغ", "سلمى الحداد"]),
            ["رئيس حزب الشعب كريم الصباغ", "سلمى الحداد"],
        ),
        (
            *("fa", "«مریم کاوه»، وزیر خارجه یونان، با سارا نیک‌پور دیدار کرد", ["مریم کاوه", "یونان", "سارا نیک‌پور"]),
            ["مریم کاوه", "سارا نیک‌پور"],
        ),
    ],
)  # fmt: skip
def test_a_title_apart_from_its_name_is_one_party_with_it(
    language: str, text: str, names: list[str], actors: list[str]
) -> None:
    places: dict[str, tuple[str, str | None]] = {
        "اليونان": ("LOC", "loc-grc"),
        "یونان": ("LOC", "loc-grc"),
        "حزب الشعب": ("ORG", None),
    }
    found = act(text, language, "CONSULT", *((name, *places.get(name, ("PER", None))) for name in names))
    assert [name.surface for name in found.roles.actors] == actors
