"""Words by which parties get their roles, folded as `tasks/clitics.canonical` spells them."""

from __future__ import annotations

from tasks.events_party_nouns import word_set

AND = {"و", "and"}
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
#: Words before a party that make it the one who tells of the act.
SOURCES = {
    "ar": (("بحسب",), ("حسب",), ("وفق",), ("وفقا",), ("طبقا",), ("نقلا", "عن")),
    "fa": (("به", "گزارش"), ("به", "گفته"), ("به", "اعلام"), ("نقل", "از")),
    "en": (("according", "to"),),
}
#: «مقتل 30 شخصا بينهم قضاة»: who follows is part of who stands before.
AMONG = word_set("بينهم بينها بينهما منهم منها ازجمله including")
#: Nouns that name what befalls their genitive, and verbs that are spelled alike when it befalls their subject.
BEFALLS = word_set(
    """
    مقتل قتل اغتيال خطف اختطاف اعتقال توقيف احتجاز اصابه جرح تعذيب استهداف اسر استشهاد تدمير سجن اعدام ترحيل طرد ضرب
    سقوط تفجير تصفيه محاصره اقتحام حرق احراق اطلاق ترور كشته قتل بازداشت دستگيري ربودن ربايش شكنجه اعدام تخريب زخمي
    مجروح اخراج
    """
)
BOTH_VOICES = word_set(
    """
    قتل قتلت قتلا قتلوا جرح جرحت خطف خطفت خطفوا اختطف اختطفت اعتقل اعتقلت اصيب اصيبت
    """
)
HARM = frozenset({"ASSAULT", "COERCE", "SANCTION"})
#: Forms of «شدن», by which a Persian compound is passive («بازداشت شد»).
BECOME = ("شد", "شو", "مي شو", "گرديد", "نشد", "ميشو", "ميگرد", "مي گرد", "نگرديد", "گشت")
NUMBERS = word_set(
    """
    ثلاثه اربعه خمسه سته سبعه ثمانيه تسعه عشره ثلاث اربع خمس ست سبع ثمان ثماني تسع عشر عشرون عشرين ثلاثين اربعين خمسين
    ستين سبعين ثمانين تسعين ماءه مائه مءه الف الاف عشرات مءات ميات نحو حوالي زهاء اكثر احد اثنين اثنان عشرا ما
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
#: Parts of a country in Arabic: «في جنوب لبنان» is in Lebanon.
COMPASS = word_set("شمال جنوب شرق غرب")
#: Words behind which stands what a talk is about.
ABOUT = word_set("درباره حول بشان بخصوص about")
#: Directions and the like: the place behind one is part of where, and no government.
DIRECTIONS = word_set(
    """
    شمال جنوب شرق غرب شمالي جنوبي شرقي غربي وسط بوسط بشمال بجنوب بشرق بغرب بين قرب داخل خارج نحو باتجاه عبر منطقه
    مدينه بلده قريه ولايه محافظه العاصمه مطار جامعه كنيسه خليج شوارع مستوطنه مخيم قطاع اقليم حي ساحه
    """
)
