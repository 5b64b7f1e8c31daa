"""Each language by sentences of its own, and nothing where nothing can be told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.language_detection import MARKS_METHOD, OTHER_METHOD, OWN_METHOD, detect

#: Written for this test, in the way of news and of everyday talk.
SENTENCES = {
    "ar": [
        "قَالَ الوَزِيرُ إِنَّ الاجْتِمَاعَ القَادِمَ سَيُعْقَدُ فِي العَاصِمَةِ نِهَايَةَ الشَّهْرِ.",
        "شنو صار البارحة بالليل من انگطعت الكهرباء بالمنطقة كلها؟",
        "وزير الخارجيه قال ان الاجتماع الجاى هيكون فى اخر الشهر",
        "علاش ما جيتش البارح للخدمة؟ راني كنت نستنى فيك",
        "وش صار امس يوم طفت الكهرب عن الحي كله",
        "قائمة المنتخب: محمد الشناوي، أحمد حجازي، عمر مرموش، مصطفى محمد، تريزيغيه، إمام عاشور.",
        "أعلن وزير الخارجية أن الاجتماع المقبل سيعقد في العاصمة القطرية نهاية الشهر.",
        "انخفضت أسعار النفط قليلاً بعد صدور بيانات المخزون الأسبوعية.",
        "أنا مش عارف ليه الناس دي كلها واقفة هنا من الصبح.",
        "شو صار مبارح بالليل لما انقطعت الكهربا عن الحي كله؟",
        "واش كاين شي حاجة جديدة ديال الخدمة اليوم في المدينة؟",
        "قال رئيس شركة غوغل إن پاريس ستستضيف المؤتمر.",
    ],
    "fa": [
        "وزیر امور خارجه میگوید که این کتابها در کتابخانه‌های شهر پیدا نمیشوند.",
        "من دیشب خیلی خسته بودم واسه همین زود خوابیدم.",
        "وزير امور خارجه گفت نشست بعدي پايان ماه در پايتخت برگزار ميشود.",
        "فهرست تیم ملی: علیرضا بیرانوند، صادق محرمی، شجاع خلیل‌زاده، مهدی طارمی، سردار آزمون.",
        "وزیر امور خارجه گفت نشست بعدی پایان ماه در پایتخت قطر برگزار می‌شود.",
        "قیمت نفت پس از انتشار آمار هفتگی ذخایر اندکی کاهش یافت.",
        "خبرنگار ما از محل حادثه گزارش میدهد که راه هنوز بسته است.",
        "وزير امور خارجه گفت كه نشست بعدي در پايان ماه برگزار مي‌شود.",
        "شاگردان مکتب در کابل امروز به صنف‌های درسی خود برگشتند.",
    ],
    "ur": [
        "محکمہ موسمیات نے کراچی میں آئندہ دو روز کے دوران تیز بارش کی پیش گوئی کی ہے",
        "وزير خارجه نے کہا کہ اگلا اجلاس جلد ہوگا",
        "پاکستان کی کرکٹ ٹیم نے دوسرا میچ جیت لیا",
        "وزیر خارجہ نے کہا ہے کہ اگلا اجلاس اس ماہ کے آخر میں قطر میں ہوگا۔",
        "بارش کی وجہ سے شہر کی سڑکیں بند ہیں۔",
    ],
    "ps": [
        "د افغانستان د بهرنیو چارو وزارت وایي چې خبرې به بله اونۍ پیل شي",
        "هغه وویل چي موږ نن کور ته ځو",
        "باران پرون د کابل ښار سړکونه ډېر خراب کړل",
        "د بهرنیو چارو وزیر وویل چې بله غونډه به د میاشتې په پای کې وشي.",
        "په ښار کې سړکونه د باران له امله بند دي.",
    ],
    "ckb": [
        "سەرۆکی حکوومەتی هەرێم لەگەڵ شاندێکی ئەمریکی کۆبووەوە",
        "ئەمڕۆ لە هەولێر باران دەبارێت و ڕێگاکان گیراون",
        "وەزیری دەرەوە ڕایگەیاند کە کۆبوونەوەی داهاتوو لە کۆتایی مانگدا دەبێت.",
        "بەهۆی بارانەوە ڕێگاکانی شار داخراون.",
    ],
    "sd": [
        "سنڌ حڪومت اڄ ڪراچيءَ ۾ نئين اسپتال جو افتتاح ڪيو",
        "هن چيو ته اسان سڀاڻي ڳوٺ وينداسين",
        "پرڏيهي وزير چيو ته ايندڙ اجلاس هن مهيني جي آخر ۾ ٿيندو.",
        "برسات جي ڪري شهر جا رستا بند آهن.",
    ],
    "ug": [
        "بۈگۈن ئۈرۈمچىدە ھاۋا بەك سوغۇق بولدى، قار ياغدى",
        "ئۇ ماڭا ئەتە كېلىدىغانلىقىنى ئېيتتى",
        "تاشقى ئىشلار مىنىستىرى كېلەر قېتىملىق يىغىننىڭ ئاي ئاخىرىدا ئۆتكۈزۈلىدىغانلىقىنى ئېيتتى.",
    ],
    "prs": [
        "شاروالی کابل اعلام کرد که سرک‌های شهر به زودی قیر می‌شود.",
        "پوهنتون کابل صدها محصل نو پذیرفت.",
        "یک موتر بمب در نزدیکی شفاخانه منفجر شد.",
    ],
    "azb": [
        "خاریجی ایشلر باخانی دئدی گلن ییغینجاق آیین سونوندا اولاجاق.",
        "یاغیش یاغدیغینا گؤره شهرین یوللاری باغلانیب و آداملار ائولرینده قالیبلار.",
        "بو گون تبریزده هاوا چوخ سویوق ایدی و قار یاغیردی.",
    ],
    "ks": [
        "یہِ چھُ کٔشیٖرِ ہُنٛد اکھ بۆڈ شہر تہٕ یَتھ منٛز چھِ واریاہ لوٗکھ روزان.",
        "وزیرن ووٚن زِ اَگلہٕ میٹنگ گژھہِ رێتہٕ کِس ٲخرس منٛز.",
    ],
    "pnb": [
        "لہور پنجاب دا سبھ توں وڈا شہر اے تے ایہ راوی دے کنڈھے تے وسدا اے۔",
    ],
    "skr": [
        "ملتان سرائیکی وسیب دا سب توں وݙا شہر ہے۔ ایندے وچ ٻہوں سارے لوک رہندن۔",
    ],
    "en": ["The foreign minister said the next meeting would be held at the end of the month."],
    "fr": ["Le ministre a annoncé que la prochaine réunion se tiendrait à la fin du mois."],
    "tr": ["Dışişleri Bakanı bir sonraki toplantının ay sonunda yapılacağını söyledi."],
    "ru": ["Министр иностранных дел сообщил, что следующая встреча состоится в конце месяца."],
    "he": ["שר החוץ הודיע כי הפגישה הבאה תתקיים בסוף החודש."],
}


@pytest.mark.parametrize(("language", "text"), [(la, t) for la, texts in SENTENCES.items() for t in texts])
def test_sentences(language: str, text: str) -> None:
    [verdict] = detect([text])
    assert verdict.language == language
    assert 0.5 <= verdict.confidence <= 1.0
    assert verdict.method == (OWN_METHOD if verdict.script == "Arab" else OTHER_METHOD)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("ar", "قمة مرتقبة"),
        ("ar", "اتفاق محتمل بشأن أوكرانيا"),
        ("fa", "گفت‌وگوی تلفنی"),
        ("fa", "دیدار وزیران خارجه ایران"),
        ("ur", "وزیر خارجہ کا دورہ"),
    ],
)
def test_short_titles(language: str, text: str) -> None:
    assert detect([text])[0].language == language


@pytest.mark.parametrize(
    ("text", "script", "method"),
    [
        ("", "Zyyy", "no-letters"),
        ("12:30 — ۱۴۰۴/۷/۲۹ ***", "Zyyy", "no-letters"),
        ("و", "Arab", "too-short"),
        ("a", "Latn", "too-short"),
        ("xqz wvk", "Latn", "unsure"),
    ],
)
def test_what_cannot_be_told(text: str, script: str, method: str) -> None:
    [verdict] = detect([text])
    assert (verdict.language, verdict.script, verdict.method) == ("und", script, method)


@pytest.mark.parametrize(
    ("text", "method"),
    [
        # Malay in Arabic letters (Jawi), of which the model knows no more than that it is none of the others.
        ("منتري لوار نڬري مڠوموم بهاوا مشوارت ستروسڽ اکن دأداکن دأخير بولن اين.", "unknown-language"),
        # Northern Kurdish, Uzbek and Hausa in Arabic letters, which it has never seen.
        ("وه‌زیری ده‌رڤه گوت کو جڤینا بێ ل داویا هه‌یڤێ ل پایته‌ختی دێ بهێته گێران.", "unknown-language"),
        ("تشقی ایشلر وزیری کیینگی ییغیلیش آی آخریده اوتکزیلیشینی ایتدی و بارچه قتنشوچیلرگه رحمت بیلدیردی.", None),
        ("مِنِسْتَنْ حَرْكُوكِنْ وَاجِى يَا ثٜىٰ زَاعَا يِ تَارُونْ غَابَ اَ ڧَرْشٜىٰنْ وَتَنْ نَنْ.", "unknown-words"),
    ],
)
def test_languages_that_the_model_does_not_know(text: str, method: str | None) -> None:
    [verdict] = detect([text])
    assert verdict.language == "und"
    assert method in (None, verdict.method)


def test_words_that_an_arabic_reader_would_not_know_are_not_arabic() -> None:
    """Arabic endings and letters, and no word that is Arabic."""
    [verdict] = detect(["الشلطمة تنكرفت بين الدفشلات وقد تبرغط المخنشون في زلطقة الكرمشية والبنطروس."])
    assert (verdict.language, verdict.method) == ("und", "unknown-words")


def test_the_script_is_that_of_most_letters() -> None:
    verdicts = detect(["قالت CNN إن الاجتماع تأجل", "The word سلام means peace", "会议将于月底举行"])
    assert [v.script for v in verdicts] == ["Arab", "Latn", "Hani"]


def test_a_claim_tips_a_doubt_and_overturns_no_finding() -> None:
    clear = SENTENCES["ar"][0]
    assert detect([clear], ["fa"])[0].language == "ar"
    free = detect(["سلام"])[0].confidence
    assert detect(["سلام"], ["fa"])[0].confidence != free


def test_marks_joiners_and_directions_change_nothing() -> None:
    text = SENTENCES["fa"][0]
    dressed = "\u202b" + text.replace("‌", "") + "\u200f"
    assert [v.language for v in detect([text, dressed])] == ["fa", "fa"]


def test_a_failing_model_costs_one_text(monkeypatch: pytest.MonkeyPatch) -> None:
    import tasks.language_detection as detection

    ask = detection._ask

    def fail(text: str, count: int) -> tuple[tuple[str, float], ...]:
        if "boom" in text:
            raise MemoryError
        return ask(text, count)

    monkeypatch.setattr(detection, "_ask", fail)
    bad, good = detect(["boom boom", SENTENCES["en"][0]])
    assert (bad.language, bad.method) == ("und", "model-failed: MemoryError")
    assert good.language == "en"


@given(st.lists(st.text(max_size=30), max_size=5))
def test_any_text_gets_a_verdict_of_its_own(texts: list[str]) -> None:
    verdicts = detect(texts)
    assert len(verdicts) == len(texts)
    for text, verdict in zip(texts, verdicts, strict=True):
        assert 2 <= len(verdict.language) <= 3 and len(verdict.script) == 4
        assert 0.0 <= verdict.confidence <= 1.0
        assert detect([text]) == [verdict], "neighbours do not matter"


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("glk", "گيلکي ايته جه ايرانˇ زوانأنه کي گيلانˇ مئن گب زنن"),
        ("glk", "مردؤم گيلانˇ مئن زندگي کۊنن"),
        ("bal", "بلوچی زبان ءِ نبشتہ کنگ ءِ رہبند"),
        ("bal", "پاکستان ءِ سروک وزیر ءَ گوشتہ کہ"),
        ("und", "اۊن گؤنه کي من تره دؤس دأرم"),
    ],
)
def test_signs_of_their_own_tell_small_languages_from_great_ones(language: str, text: str) -> None:
    [verdict] = detect([text])
    assert (verdict.language, verdict.method) == (language, MARKS_METHOD)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("ur", "وزیر خارجہ نے کہا کہ ۲۰۰۵ ء میں زلزلے کے بعد سڑکیں بند رہیں اور لوگ گھروں کو نہ لوٹ سکے۔"),
        ("ar", "وَقَفَ عَلَى شَاطِئِ البَحْرِ يَنْظُرُ إِلَى السَّمَاءِ وَالمَاءِ وَالضِّيَاءِ فِي المَسَاءِ."),
        ("fa", "وزیر خارجه گفت در زبان بلوچی نشانهٔ «ءِ» پس از اسم می‌آید و در متن‌های کهن هم دیده می‌شود."),
        (
            "ur",
            "ماہرین نے بتایا کہ بلوچی میں ءِ کا نشان اسم کے بعد لکھا جاتا ہے اور یہ پرانی تحریروں میں بھی ملتا ہے۔",
        ),
    ],
)
def test_a_sign_in_another_text_changes_nothing(language: str, text: str) -> None:
    [verdict] = detect([text])
    assert (verdict.language, verdict.method) == (language, OWN_METHOD)
