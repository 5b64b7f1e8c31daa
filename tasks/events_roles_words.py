"""Words by which parties get their roles, folded as `tasks/clitics.canonical` spells them."""

from __future__ import annotations

from tasks.events_party_nouns import word_set

AND = {"و", "and"}
ARTICLES = frozenset({"the", "a", "an"})
#: Names that begin with «و» themselves; before others it joins them to the name before.
OWN_W = (
    "واشن",
    "وزار",
    "وزير",
    "وكال",
    "ويتك",
    "وانغ",
    "وليد",
    "وائل",
    "ويل",
    "ولي",
    "ولاي",
    "وحد",
    "ولاد",
    "وین",
    "وزیر",
)
#: Words behind which those stand who do something together, and behind which the other one does.
BETWEEN = {"ar": frozenset({"بين", "وبين"}), "fa": frozenset({"بين", "ميان"}), "en": frozenset({"between"})}
WITH = {"ar": frozenset({"مع"}), "fa": frozenset({"با"}), "en": frozenset({"with"})}
#: How words begin that stand for the other one of two: «نظيره الروسي», «همتای روس خود».
COUNTERPARTS = ("نظير", "همتا", "خود", "counterpart")
SOME = word_set("عدد بعض مجموعه شماري تعدادي برخي گروهي جمعي")
#: «رئيسي كازاخستان وأوزبكستان»: a title of two, before the two.
TWO_TITLES = word_set("رييسي وزيري زعيمي قايدي مندوبي سفيري رييسا وزيرا زعيما وزراي روساي")
#: Words before a party that make it the one who acts, behind a passive or a noun.
AGENTS = {
    "ar": (
        *(("من", "قبل"), ("علي", "يد"), ("علي", "ايدي"), ("من", "جانب")),
        *(("بيد",), ("بايدي",), ("برصاص",), ("بنيران",)),
    ),
    "fa": (("توسط",), ("از", "سوي"), ("از", "طرف"), ("به", "دست"), ("بدست",), ("از", "جانب")),
    "en": (("by",),),
}  # fmt: skip
#: Words before a party that make it the one who tells of the act. That somebody tells it is no doubt about it.
SOURCES = {
    "ar": (("بحسب",), ("حسب",), ("وبحسب",), ("وحسب",), ("وفق",), ("وفقا",), ("ووفقا",), ("طبقا",), ("نقلا", "عن")),
    "fa": (
        *(("به", "گزارش"), ("به", "گفته"), ("به", "اعلام"), ("نقل", "از"), ("طبق", "گزارش"), ("طبق", "اعلام")),
        *(
            ("طبق", "گفته"),
            ("اساس", "گزارش"),
            ("اساس", "اعلام"),
            ("بر", "اعلام"),
            ("بنابر", "اعلام"),
            ("بنابر", "گزارش"),
        ),
    ),
    "en": (("according", "to"),),
}
#: Words before a verb whose subject tells of the act: «حسبما أفادت الشرطة», «وفق ما أوردته الوكالة».
TOLD = ("حسبما", "ما", "لما", "كما")
TOLD_BEFORE = word_set("بحسب حسب وفق وفقا طبقا علي")
#: «مقتل 30 شخصا بينهم قضاة»: who follows is part of who stands before.
AMONG = word_set("بينهم بينها بينهما منهم منها ازجمله including")
#: Nouns that name what befalls their genitive, and verbs that are spelled alike when it befalls their subject.
BEFALLS = word_set(
    """
    مقتل قتل اغتيال خطف اختطاف اعتقال توقيف احتجاز اصابه جرح تعذيب استهداف اسر استشهاد تدمير سجن اعدام ترحيل طرد ضرب
    سقوط تفجير تصفيه محاصره اقتحام حرق احراق اطلاق ترور كشته قتل بازداشت دستگيري ربودن ربايش شكنجه اعدام تخريب زخمي
    مجروح اخراج اقاله اعفاء عزل فصل تنحيه بركناري
    """
)
#: Nouns of acts other than harm with whom it is done to in the genitive: «استجواب الوزير», «استیضاح وزیر».
OBJECTIVE = word_set("استجواب محاكمه مساءله استدعاء تعيين تكليف تنصيب عزل اقاله استيضاح احضار انتصاب بركناري عزل")
BOTH_VOICES = word_set(
    """
    قتل قتلت قتلا قتلوا جرح جرحت جرحا خطف خطفت خطفا خطفوا اختطف اختطفت اختطفا اعتقل اعتقلت اعتقلا اعتقلوا اصيب اصيبت
    اصيبا اصيبوا
    """
)
#: Verbs behind which a nationality is a person: «استشهد فلسطيني».
#: What befalls people without anybody who does it: whoever it is told of suffers it.
SUFFERED = frozenset({"X_DEATH", "X_ACCIDENT", "X_DISASTER", "X_OUTBREAK"})
BEFALL_ONE = BOTH_VOICES | {"استشهد", "استشهدت", "توفي", "توفيت"}
#: What may stand between an Arabic verb and the subject before it.
PARTICLES = word_set("قد لم لن لا ما سوف كان كانت كانوا كانا")
RELATIVES = word_set("الذي التي الذين اللذين اللذان اللتين اللتان")
#: «أن» with a pronoun, behind which a verb has its subject already.
_PRONOUNS = word_set("انه انها انهم انهما انهن اننا انني")
#: Nouns before those who shoot: «برصاص الجيش».
BY_FIRE = word_set("برصاص رصاص بنيران نيران")
PERSIAN_STRIKERS = ("جنگنده", "هواپيما", "بالگرد", "پهپاد", "مامور", "ماموران", "مسلح")
PERSIAN_PREPOSITIONS = word_set("در به از با بر تا براي طي پس بعد قبل پيش هنگام ميان بين")
#: Behind «به» they lead to whom the act is done to: «به سوی معترضان».
TOWARDS = word_set("سوي سمت طرف")
#: Prepositions with the pronoun of what a relative clause is about.
RESUMED = word_set(
    "فيه فيها فيهم به بها بهم منه منها عليه عليها له لها لهم خلاله خلالها عنه عنها اليه اليها حولها حوله"
)
#: Words of the English passive.
PASSIVE = word_set("was were been being is are be got")
#: What may stand behind an Arabic verb that has no object.
ADVERBIAL = word_set(
    """
    في من الي علي عن بعد قبل خلال منذ عند لدي امس اليوم فجر صباح مساء ظهر ليل يوم قرب امام داخل خارج وسط اثر جراء اثناء
    شمال جنوب شرق غرب شمالي جنوبي شرقي غربي حين عندما لانه دون علي
    """
)
#: Nouns that do what the verb before them tells, where a pattern has both: «قصفت طائرات», «فجر انتحاري».
STRIKERS = word_set(
    """
    طايره طايرات الطايرات طيران الطيران مقاتلات المقاتلات مروحيات المروحيات مدفعيه دبابات مسيره مسيرات انتحاري انتحاريه
    انتحاريان قراصنه الشرطه الغزاه محكمه المحكمه القضاء قاض القاضي مسلح مجهول شرطي
    """
)
HARM = frozenset({"ASSAULT", "COERCE", "SANCTION"})
#: Forms of «شدن», by which a Persian compound is passive («بازداشت شد»).
BECOME = ("شد", "شو", "مي شو", "گرديد", "نشد", "ميشو", "ميگرد", "مي گرد", "نگرديد", "گشت")
NUMBERS = word_set(
    """
    ثلاثه اربعه خمسه سته سبعه ثمانيه تسعه عشره ثلاث اربع خمس ست سبع ثمان ثماني تسع عشر عشرون عشرين ثلاثين اربعين خمسين
    ستين سبعين ثمانين تسعين ماءه مائه مءه الف الاف عشرات مءات ميات نحو حوالي زهاء اكثر احد اثنين اثنان عشرا ما
    يك دو سه چهار پنج شش هفت هشت نه ده يازده دوازده سيزده چهارده پانزده شانزده هفده هجده نوزده بيست سي چهل پنجاه شصت
    هفتاد هشتاد نود صد صدها دهها هزار هزاران
    """
)
PARTS = NUMBERS | word_set("عدد عددا مجموعه قوه بعض كثير العديد عناصر فريق افراد جمع حشد حشود ءالاف مليون ملايين")
#: Those to whom harm is done rather than who does it, where a phrase without a name tells no more.
VICTIMS = word_set("CVL EDU JRN MED REF LAB AGR BUS REL LEG JUD UNK")
#: Those against whom people protest.
POWERS = word_set("GOV COP MIL JUD LEG SPY UNK")
#: People who are who they are by protesting: they act in every protest of their sentence.
PROTESTERS = (
    "متظاهر",
    "محتج",
    "معتصم",
    "مضرب",
    "متجمهر",
    "معترض",
    "تظاهركنند",
    "تظاهر كنند",
    "protester",
    "demonstrator",
)
#: Verbs by which somebody does what a noun names: «هجوم شنه مسلحون», «عملية نفذها».
PERFORM = ("شن", "نفذ", "ارتكب", "نظم", "دبر", "تبن")
#: Words behind which stands what a talk is about.
ABOUT = word_set("درباره حول بشان بخصوص about")
#: Directions and the like: the place behind one is part of where, and no government.
DIRECTIONS = word_set(
    """
    شمال جنوب شرق غرب شمالي جنوبي شرقي غربي وسط بوسط بشمال بجنوب بشرق بغرب بين قرب داخل خارج نحو باتجاه عبر منطقه
    مدينه بلده قريه ولايه محافظه العاصمه مطار جامعه كنيسه خليج شوارع مستوطنه مخيم قطاع اقليم حي ساحه
    """
)


def is_pronoun(folded: str) -> bool:
    """Whether a word is «أن» with a pronoun («إنه», «بأنها»)."""
    return folded in _PRONOUNS or folded.removeprefix("ب").removeprefix("ل") in _PRONOUNS
