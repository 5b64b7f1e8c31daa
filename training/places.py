"""Names of countries and nationalities in Arabic and Persian, to tell a country labelled as an actor.

Territory names come from CLDR (through `babel`, used in training alone); nationalities are derived from them by
the rules of the two languages, with the irregular ones written here.
"""

from functools import cache

from babel import Locale

from tasks.encoder import normalise

PERSIAN_ALIASES = """
آمریکا امریکا ایالات_متحده ایالات_متحده_آمریکا انگلیس بریتانیا روسیه شوروی فلسطین چچن کره_جنوبی کره_شمالی
یوگسلاوی آلمان چکسلواکی افغانستان جمهوری_اسلامی_ایران جمهوری_اسلامی امارات عربستان عربستان_سعودی هند چین
کشمیر تبت بوسنی صربستان مقدونیه چک هلند سوئیس اتریش یونان ترکیه عراق سوریه لبنان اردن مصر لیبی تونس الجزایر
مراکش سودان یمن عمان قطر بحرین کویت پاکستان ژاپن اندونزی مالزی تایلند ویتنام فیلیپین استرالیا نیوزیلند کانادا
مکزیک برزیل آرژانتین شیلی کلمبیا ونزوئلا کوبا اسرائیل فرانسه ایتالیا اسپانیا پرتغال لهستان رومانی بلغارستان
مجارستان سوئد نروژ دانمارک فنلاند ایسلند بلژیک اوکراین قزاقستان ازبکستان ترکمنستان تاجیکستان قرقیزستان
ارمنستان گرجستان آذربایجان اروپا آسیا آفریقا تهران واشنگتن مسکو لندن پاریس برلین پکن بغداد دمشق آنکارا رم توکیو
دهلی_نو اسلام_آباد کابل قاهره ریاض بیروت تل_آویو بروکسل بن وین ژنو
"""
ARABIC_ALIASES = "أميركا أمريكا الولايات_المتحدة الولايات_المتحدة_الأميركية روسيا بريطانيا موسكو واشنطن فلسطين المغرب"
PERSIAN_PEOPLES = """
عرب عربی اعراب ترک ترکی کرد کردی فارس روس روسی افغان افغانی انگلیسی انگلیسیها فرانسوی آمریکایی آمریکائی امریکایی
امریکائی ایتالیایی ایتالیائی اسپانیایی اسپانیائی استرالیایی استرالیائی کانادایی کانادائی اروپایی اروپائی آسیایی
آسیائی آفریقایی آفریقائی کره‌ای کره‌ایها ترکیه‌ای سوریه‌ای سوری هلندی چینی هندی هندو ژاپنی آلمانی یونانی مصری
اسرائیلی صهیونیست صهیونیستی صهیونیستها یهودی یهودیان مسیحی مسیحیان مسلمان مسلمانان شیعه شیعیان سنی اهل‌سنت
ایرانیان آمریکائیها آمریکاییها فلسطینیها فلسطینیان عراقیها اسرائیلیها روسها ترکها کردها چینیها ژاپنیها آلمانیها
فرانسویها افغانها بریتانیایی بریتانیائی پرتغالی لهستانی سوئدی نروژی دانمارکی فنلاندی بلژیکی سوئیسی اتریشی مجار
مجاری رومانیایی بلغاری صرب صربی کروات چک چکی اوکراینی چچنی ازبک تاجیک قزاق ترکمن ارمنی گرجی آذری بلوچ لبنانی
اردنی کویتی قطری بحرینی عمانی یمنی سعودی عربستانی اماراتی سودانی لیبیایی تونسی الجزایری مراکشی پاکستانی بنگلادشی
اندونزیایی مالزیایی تایلندی ویتنامی فیلیپینی مکزیکی برزیلی آرژانتینی شیلیایی کلمبیایی ونزوئلایی کوبایی اسلام
"""
SUFFIXES = ("ی", "یی", "ئی", "یها", "ی‌ها", "ی‌های", "ییها", "یی‌ها", "ئیها", "یان", "ییان", "ئیان")


@cache
def countries(language: str) -> frozenset[str]:
    """Return country names (and capitals used for governments) in normalised spelling."""
    names = [str(name) for code, name in Locale(language).territories.items() if code.isalpha()]
    aliases = PERSIAN_ALIASES if language == "fa" else ARABIC_ALIASES
    names += [alias.replace("_", " ") for alias in aliases.split()]
    unwanted = {"سازمان ملل متحد", "اتحادیه اروپا", "الأمم المتحدة", "الاتحاد الأوروبي"}
    spelt = {normalise(name, language)[0] for name in names if name not in unwanted}
    if language == "ar":
        spelt |= {name.translate(str.maketrans("أإآ", "ااا")) for name in spelt}
    return frozenset(spelt)


@cache
def nationalities(language: str) -> frozenset[str]:
    """Return nationality words in normalised spelling (Persian: adjectives and plurals; Arabic is labelled)."""
    if language != "fa":
        return frozenset()
    words = set(PERSIAN_PEOPLES.split())
    for country in countries("fa"):
        if " " not in country and country not in {"بنین", "چک"}:
            words.update(country + suffix for suffix in SUFFIXES)
    return frozenset(normalise(word, "fa")[0] for word in words)
