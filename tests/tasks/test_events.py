"""The stage `events`: rows that fit their records, true offsets, roles, places, days."""

from __future__ import annotations

from datetime import date

import pytest

from schemas.events import Event, EventActor, EventCue
from schemas.record import arrow_schema
from tasks import lexicon
from tasks.events import STAGE, code_article, split
from tasks.stage import stable_id
from tests.tasks.eventing import PUBLISHED, article, mentions, only, run, stamped, who


def test_the_rows_fit_their_records() -> None:
    text = "التقى لافروف روبيو في الرياض أمس.\nثم قصفت طائرات روسيا كييف."
    named = mentions(text, [("لافروف", "PER"), ("روبيو", "PER"), ("الرياض", "LOC"), ("روسيا", "LOC"), ("كييف", "LOC")])
    output = run([article(text, published=PUBLISHED)], named=named)
    made = output.tables["events"]
    assert stamped(made, Event).num_rows == made.num_rows == 2
    assert stamped(output.tables["event_actors"], EventActor).num_rows == output.tables["event_actors"].num_rows
    cues = run([article("نفى لافروف قصف المدينة.")]).tables["event_cues"]
    assert stamped(cues, EventCue).num_rows == cues.num_rows == 1
    assert [row["is_main"] for row in made.to_pylist()] == [True, False]
    assert set(made["ontology_version"].to_pylist()) == {lexicon.version()}
    assert str(STAGE.model_version()).startswith(lexicon.version())
    for row in made.to_pylist():
        assert text[row["char_start"] : row["char_end"]] == row["trigger"]
        assert row["event_id"] == stable_id(
            row["article_id"], str(row["char_start"]), str(row["char_end"]), row["act_type"]
        )


def test_languages_without_a_lexicon_are_excluded_with_the_reason() -> None:
    output = run([article("Goed nieuws", "nl"), article("?", None), article("لقاء", "ar")])
    assert [one.reason for one in output.excluded] == ["no-lexicon:nl", "no-lexicon:und"]
    assert output.tables["events"].num_rows == 1


def test_an_article_without_events_is_done_with_no_rows() -> None:
    output = run([article("الطقس جميل.")])
    assert not output.excluded
    assert output.tables["events"].num_rows == 0
    assert output.tables["events"].schema.names == [
        name for name in arrow_schema(Event).names if name not in ("run_id", "stage_version")
    ]


def test_given_sentences_are_used_as_they_are() -> None:
    text = "التقى الوزيران. التقى السفيران."
    rows, *_ = code_article(article(text), [{"sentence_index": 7, "char_start": 16, "char_end": len(text)}], [])
    assert [(row["sentence_index"], row["char_start"]) for row in rows] == [(7, 16)]


def test_paragraphs_are_never_merged() -> None:
    text = "First title\nA sentence. Another one!\n\nLast"
    assert [text[start:end] for _, start, end in split(text)] == ["First title", "A sentence.", "Another one!", "Last"]


def test_everyone_in_a_meeting_is_an_actor() -> None:
    text = "اجتمع بوتين مع ويتكوف في موسكو"
    named = mentions(text, [("بوتين", "PER"), ("ويتكوف", "PER"), ("موسكو", "LOC")], linked=True)
    row, actors = only(text, named=named)
    assert who(actors, "actor") == ["بوتين", "ويتكوف"]
    assert not who(actors, "recipient")
    assert row["place_entity_id"] == "E:موسكو"


def test_arabic_verbs_have_their_actor_behind_them() -> None:
    text = "اتهمت كييف موسكو بالكذب"
    row, actors = only(text, named=mentions(text, [("كييف", "LOC"), ("موسكو", "LOC")]))
    assert (who(actors, "actor"), who(actors, "recipient")) == (["كييف"], ["موسكو"])
    assert "place:none-in-clause" in row["reason"]


def test_persian_actors_come_first_and_prepositions_mark_recipients() -> None:
    text = "اسرائیل به لبنان حمله کرد"
    _, actors = only(text, "fa", mentions(text, [("اسرائیل", "LOC"), ("لبنان", "LOC")]))
    assert (who(actors, "actor"), who(actors, "recipient")) == (["اسرائیل"], ["لبنان"])


def test_english_is_read_subject_verb_object() -> None:
    text = "Ankara and Baku condemned Paris."
    _, actors = only(text, "en", mentions(text, [("Ankara", "LOC"), ("Baku", "LOC"), ("Paris", "LOC")]))
    assert (who(actors, "actor"), who(actors, "recipient")) == (["Ankara", "Baku"], ["Paris"])


def test_no_actor_comes_from_another_clause() -> None:
    text = "استقال الوزير، لكن لافروف زار القاهرة"
    rows, actors, _ = code_article(article(text), [], mentions(text, [("لافروف", "PER"), ("القاهرة", "LOC")]))
    resigned, visited = rows
    assert who([a for a in actors if a["event_id"] == resigned["event_id"]], "actor") == ["الوزير"]
    assert who([a for a in actors if a["event_id"] == visited["event_id"]], "actor") == ["لافروف", "القاهرة"]


def test_he_added_is_said_by_the_last_speaker() -> None:
    text = "قال بيسكوف إن الوضع صعب.\nوأضاف أن الجيش قصف المدينة أمس."
    named = mentions(text, [("بيسكوف", "PER")])
    rows, *_ = code_article(article(text), [], named)
    assert [row["attributed_to"] for row in rows if row["trigger"] == "قصف"] == [named[0]["mention_id"]]
    rows, *_ = code_article(article("وأضاف أن الجيش قصف المدينة أمس."), [], [])
    assert rows[0]["attributed_to"] is None
    assert "attributed_to:subject-left-out" in rows[0]["reason"]
    text = "قال بيسكوف ولافروف إن الوضع صعب.\nوأضاف أن الجيش قصف المدينة أمس."
    rows, *_ = code_article(article(text), [], mentions(text, [("بيسكوف", "PER"), ("لافروف", "PER")]))
    assert rows[0]["attributed_to"] is None


def test_the_speaker_is_found_where_it_is_safe() -> None:
    text = "قال بيسكوف إن الجيش قصف المدينة أمس"
    named = mentions(text, [("بيسكوف", "PER")])
    row, actors = only(text, named=named)
    assert row["attributed_to"] == named[0]["mention_id"]
    assert who(actors, "actor") == ["الجيش"]


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("ar", "التقى الوزيران في القاهرة.", []),
        ("ar", "سيلتقي الوزيران في القاهرة.", ["modality planned سيلتقي verb-form"]),
        ("ar", "قد يزور البابا بيروت.", ["modality hypothetical قد cue"]),
        ("ar", "نفى المتحدث قصف المدينة.", ["polarity negated نفى cue", "attribution said نفى speech-verb"]),
        ("ar", "تأجلت المحادثات بين الجانبين.", ["modality postponed تأجلت cue"]),
        ("ar", "انهار مبنى، ما أدى إلى مقتل شخصين.", []),
        ("ar", "ما أدى الهجوم إلى مقتل أحد.", ["polarity negated ما cue"]),
        (
            "ar",
            "نفى الجيش أن تكون قواته قد قصفت البلدة.",
            ["modality happened قد cue", "polarity negated نفى cue", "attribution said نفى speech-verb"],
        ),
        ("ar", "قصفت الطائرات المدينة في عام 2014", ["time_status historical 2014 past-year"]),
        ("ar", "هل قصفت الطائرات المدينة؟", ["modality hypothetical ؟ question-mark"]),
        ("fa", "دو وزیر دیدار خواهند کرد.", ["modality planned خواهند کرد verb-form"]),
        ("fa", "دو وزیر دیدار نکردند.", ["polarity negated نکردند verb-form"]),
        ("fa", "قرار است دو وزیر دیدار کنند.", ["modality planned قرار است cue"]),
        ("en", "The ministers may meet.", ["modality hypothetical may cue"]),
        ("en", "He denied an attack on the city.", ["polarity negated denied cue"]),
    ],
)  # fmt: skip
def test_each_part_of_the_status_names_the_words_that_gave_it(language: str, text: str, expected: list[str]) -> None:
    coded = code_article(article(text, language, published=PUBLISHED), [], [])
    assert [f"{c['aspect']} {c['value']} {c['surface']} {c['method']}" for c in coded.cues] == expected


def test_the_verb_of_saying_is_the_evidence_of_who_says_it() -> None:
    text = "قال بيسكوف إن الجيش قصف المدينة. وأضاف أن الجيش قصف القرية."
    coded = code_article(article(text), [], mentions(text, [("بيسكوف", "PER")]))
    assert [row["surface"] for row in coded.cues if row["aspect"] == "attribution"] == ["قال", "وأضاف"]
    assert all(row["attributed_to"] for row in coded.events)


@pytest.mark.parametrize(
    ("language", "text", "source", "words"),
    [
        ("ar", "بحسب وزارة الصحة، قتل خمسة أشخاص في الغارة.", "وزارة الصحة", "بحسب"),
        ("ar", "قتل خمسة أشخاص في الغارة، وفق وزارة الصحة.", "وزارة الصحة", "وفق"),
        ("ar", "قتل خمسة أشخاص في الغارة، حسبما أعلنت وزارة الصحة.", "وزارة الصحة", "حسبما أعلنت"),
        ("ar", "قتل خمسة أشخاص في الغارة وفقا لما ذكرته وزارة الصحة.", "وزارة الصحة", "لما ذكرته"),
        ("fa", "به گفته وزارت بهداشت پنج نفر کشته شدند.", "وزارت بهداشت", "به گفته"),
        ("fa", "بر اساس گزارش وزارت بهداشت پنج نفر کشته شدند.", "وزارت بهداشت", "اساس گزارش"),
    ],
)
def test_who_tells_of_an_act_is_no_doubt_about_it(language: str, text: str, source: str, words: str) -> None:
    named = mentions(text, [(source, "ORG")])
    coded = code_article(article(text, language), [], named)
    told = [row for row in coded.events if row["act_type"] == "ASSAULT"]
    assert {(row["modality"], row["attributed_to"]) for row in told} == {("happened", named[0]["mention_id"])}
    assert {row["surface"] for row in coded.cues if row["aspect"] == "attribution"} == {words}
    nameless = code_article(article(text, language), [], [])
    assert all("attributed_to:no-name" in row["reason"] for row in nameless.events if row["act_type"] == "ASSAULT")


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("ar", "زعمت الحركة أن الجيش قصف المدينة."),
        ("fa", "مقام‌ها ادعا کردند که ارتش شهر را بمباران کرد."),
        ("en", "Officials claimed that the army shelled the town."),
    ],
)
def test_a_claim_is_told_with_doubt(language: str, text: str) -> None:
    rows, *_ = code_article(article(text, language), [], [])
    assert [row["modality"] for row in rows if row["act_type"] == "ASSAULT"] == ["claimed"]


def test_of_two_who_tell_of_an_act_the_one_counts_from_whom_the_other_has_it() -> None:
    text = "به گزارش ایسنا به نقل از رویترز، پنج نفر کشته شدند."
    named = mentions(text, [("ایسنا", "ORG"), ("رویترز", "ORG")])
    rows, *_ = code_article(article(text, "fa"), [], named)
    assert [row["attributed_to"] for row in rows] == [named[1]["mention_id"]]


@pytest.mark.parametrize(
    ("text", "polarity"),
    [
        ("ما قصفنا أي مستشفى.", "negated"),
        ("ما قتل الجيش أحدا أمس.", "negated"),
        ("وقال المتحدث: «ما قصفنا المدينة».", "negated"),
        ("وما قتل الجيش أحدا.", "negated"),
        ("أكد المتحدث أننا ما قصفنا المدينة.", "negated"),
        ("قال الوزير إن بلاده ما هاجمت أحدا.", "negated"),
        ("بعد ما قصف الجيش المدينة فر السكان.", "affirmed"),
        ("كل ما قصفته الطائرات منازل.", "affirmed"),
        ("ما قصفته الطائرات أمس منازل.", "affirmed"),
        ("ما أدى إلى مقتل شخصين أمس.", "affirmed"),
        ("وقع انفجار ما أسفر عن مقتل شخصين.", "affirmed"),
        ("ما قاله الوزير عن قصف المدينة.", "affirmed"),
    ],
)
def test_not_and_what_are_spelled_alike_in_arabic(text: str, polarity: str) -> None:
    rows, *_ = code_article(article(text), [], [])
    assert {row["polarity"] for row in rows if row["act_type"] == "ASSAULT"} == {polarity}


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("قضت المحكمة بسجن الصحفي خمس سنوات.", "ar"),
        ("حكمت المحكمة على الناشط بالسجن عشر سنوات.", "ar"),
        ("دادگاه این فعال را به پنج سال زندان محکوم کرد.", "fa"),
        ("The court sentenced the journalist to five years in prison.", "en"),
    ],
)
def test_a_prison_sentence_is_first_of_all_a_sentence(text: str, language: str) -> None:
    for title in (None, text):
        rows, *_ = code_article(article(text, language, title=title), [], [])
        assert [(row["act_type"], row["act_mode"]) for row in rows if row["is_main"]] == [("SANCTION", "convict")]
        assert language == "en" or "COERCE" in [row["act_type"] for row in rows]


def test_a_persian_trigger_is_the_verb_and_no_preposition() -> None:
    row, *_ = code_article(article("دادگاه او را به پنج سال زندان محکوم کرد.", "fa"), [], []).events
    assert row["trigger"] == "زندان محکوم کرد"


@pytest.mark.parametrize(
    ("text", "language", "day"),
    [
        ("التقى الوزيران أمس", "ar", date(2025, 10, 21)),
        ("التقى الوزيران يوم الاثنين", "ar", date(2025, 10, 20)),
        ("سيلتقي الوزيران يوم الاثنين", "ar", date(2025, 10, 27)),
        ("التقى الوزيران في 15 أغسطس 2025", "ar", date(2025, 8, 15)),
        ("التقى الوزيران في 15 كانون الأول", "ar", date(2025, 12, 15)),
        ("دو وزیر روز پنجشنبه دیدار کردند", "fa", date(2025, 10, 16)),
        ("دو وزیر روز پنج‌شنبه دیدار خواهند کرد", "fa", date(2025, 10, 23)),
        ("دو وزیر ۱۵ اوت ۲۰۲۵ دیدار کردند", "fa", date(2025, 8, 15)),
        ("التقى الوزيران في 25 ربيع الآخر 1447 هـ", "ar", date(2025, 10, 17)),
        ("التقى الوزيران قبل ثلاثة أيام", "ar", date(2025, 10, 19)),
        ("استقال الوزير بعد يومين من عودته", "ar", None),
        ("دو وزیر ۲۸ مهر ۱۴۰۴ دیدار کردند", "fa", date(2025, 10, 20)),
        ("دو وزیر ۵ آبان دیدار خواهند کرد", "fa", date(2025, 10, 27)),
        ("تأجل الاجتماع إلى يوم السبت", "ar", date(2025, 10, 25)),
        ("نشست به روز شنبه موکول شد", "fa", date(2025, 10, 25)),
        ("قصفت طائرات، فجر الثلاثاء، بلدة حدودية", "ar", date(2025, 10, 21)),
        ("دو وزیر سه روز پیش دیدار کردند", "fa", date(2025, 10, 19)),
        ("The ministers met on Monday.", "en", date(2025, 10, 20)),
        ("The ministers met on August 15, 2025.", "en", date(2025, 8, 15)),
        ("The ministers met on 30 February 2025.", "en", None),
    ],
)
def test_days(text: str, language: str, day: date | None) -> None:
    row, _ = only(text, language, published=PUBLISHED)
    assert row["event_date"] == day
    assert row["event_date_precision"] == ("day" if day else None)
    assert ("event_date:" in row["reason"]) == (day is None)


def test_a_weekday_without_a_day_of_publication_is_no_date() -> None:
    row, _ = only("The ministers met on Monday.", "en")
    assert row["event_date"] is None
    assert "event_date:published-unknown" in row["reason"]


def test_a_year_before_that_of_publication_is_history() -> None:
    old, _ = only("قصفت الطائرات المدينة في عام 2014", published=PUBLISHED)
    new, _ = only("قصفت الطائرات المدينة في عام 2025", published=PUBLISHED)
    since, _ = only("التقى الوزيران للمرة الأولى منذ عام 2019", published=PUBLISHED)
    assert (old["time_status"], new["time_status"], since["time_status"]) == ("historical", "current", "current")


def test_the_main_event_is_that_of_the_title() -> None:
    text = "قدم الوزير استقالته. وقصفت طائرات مجهولة المدينة. وقصفت المدينة مجددا."
    rows, *_ = code_article(article(text, title="قصف المدينة"), [], [])
    assert [row["act_type"] for row in rows if row["is_main"]] == ["ASSAULT"]
    rows, *_ = code_article(article(text), [], [])
    assert [row["act_type"] for row in rows if row["is_main"]] == ["RETREAT"]


def test_a_meeting_put_off_is_the_main_event_not_the_call_before_it() -> None:
    text = "أعلن المتحدث تأجيل اللقاء بين الوزيرين. وأجرى الوزيران اتصالا هاتفيا. واتفقا على عقد اجتماع."
    for title in ("تأجيل لقاء الوزيرين", None):
        rows, *_ = code_article(article(text, title=title), [], [])
        assert [row["modality"] for row in rows if row["is_main"]] == ["postponed"]
    later = "أجرى الوزيران اتصالا هاتفيا. وأعلن المتحدث تأجيل اللقاء بينهما."
    rows, *_ = code_article(article(later, title="تأجيل لقاء الوزيرين"), [], [])
    assert [row["modality"] for row in rows if row["is_main"]] == ["postponed"]


def test_no_event_of_the_tail_is_what_an_article_is_about() -> None:
    rows, *_ = code_article(article("الطقس جميل. " * 9 + "قصف الجيش المدينة."), [], [])
    assert [row["is_main"] for row in rows] == [False]


def test_the_order_of_articles_and_mentions_does_not_matter() -> None:
    texts = ["التقى لافروف روبيو.", "Ankara condemned Paris."]
    named = mentions(texts[0], [("لافروف", "PER"), ("روبيو", "PER")])
    both = [article(texts[0]), article(texts[1], "en")]
    one, other = run(both, named=named), run(both[::-1], named=named[::-1])
    for name in ("events", "event_actors"):
        rows = [sorted(output.tables[name].to_pylist(), key=str) for output in (one, other)]
        assert rows[0] == rows[1]


def test_a_preposition_written_together_with_a_name_is_heard() -> None:
    text = "استهدف الجيش أمس مستودعا لحزب الله في المدينة"
    named = mentions(text, [("لحزب الله", "ORG")])
    _, actors, _ = code_article(article(text), [], [named[0] | {"bare_form": "حزب الله"}])
    assert (who(actors, "actor"), who(actors, "recipient")) == (["الجيش"], ["لحزب الله"])
    assert all(text[a["char_start"] : a["char_end"]] == a["surface"] for a in actors)
