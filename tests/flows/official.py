"""Official packages in small: a folder laid out and named as Stanza's, whose taggers really find a few names.

The tokenizers are the bundled ones under Stanza's names. The taggers are of the official architecture (word vectors,
for Arabic two character language models, BiLSTM, CRF), tiny, and trained by Stanza's own trainer on the sentences
below, with AQMAR's and ARMAN's labels.
"""

from __future__ import annotations

import functools
import hashlib
import http.server
import json
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any, ClassVar

from tasks.models import bundled_models

AQMAR = ("PER", "LOC", "ORG", "MISC")
ARMAN = ("pers", "org", "loc", "fac", "event", "pro")
# Every name with every frame, so that a tagger this small can learn them by heart.
NAMES = {
    "ar": {"سلمى": "PER", "حازم": "PER", "دمشق": "LOC", "تونس": "LOC", "اليونسكو": "ORG", "رمضان": "MISC"},
    "fa": {
        "مریم": "pers", "حامد": "pers", "تهران": "loc", "شیراز": "loc", "یونسکو": "org", "مهرآباد": "fac",
        "نوروز": "event", "پیکان": "pro",
    },
}  # fmt: skip
FRAMES = {
    "ar": ("زار {} أمس .", "تحدث المدير عن {} اليوم .", "{} في الخبر .", "كتب الصحفي عن {} و {} ."),
    "fa": ("دیروز از {} گفتند .", "{} در خبر آمد .", "او درباره {} نوشت .", "سخن از {} و {} بود ."),
}
#: What the default packages of Stanza 1.15 are called, and what each needs besides.
DEFAULTS = {"ar": ("padt", "aqmar_charlm"), "fa": ("perdt", "arman")}


def sentences(language: str) -> list[list[tuple[str, str]]]:
    """(word, tag) for every sentence."""
    names, result = list(NAMES[language]), []
    for frame in FRAMES[language]:
        for turn in range(len(names)):
            chosen = iter([names[turn], names[(turn + 3) % len(names)]])
            words = [next(chosen) if word == "{}" else word for word in frame.split()]
            result.append([(w, f"S-{NAMES[language][w]}" if w in NAMES[language] else "O") for w in words])
    return result


def train_tagger(folder: Path, language: str, *, rename: dict[str, str] | None = None, steps: int = 40) -> Path:
    """Train a tagger in a folder with `pretrain/` and, for Arabic, `*_charlm/`; return its file."""
    import torch
    from stanza.models import ner_tagger
    from stanza.resources.common import logging_level_context

    rows = [
        [{"text": w, "ner": "-".join(filter(None, (t[0], (rename or {}).get(t[2:], t[2:]))))} for w, t in sentence]
        for sentence in sentences(language)
    ]
    data = folder / "sentences.json"
    data.write_text(json.dumps(rows), encoding="utf-8")
    name = DEFAULTS[language][1]
    options = [
        "--mode", "train", "--shorthand", f"{language}_test", "--train_file", str(data), "--eval_file", str(data),
        "--wordvec_pretrain_file", str(folder / "pretrain" / "words.pt"), "--word_emb_dim", "16", "--hidden_dim", "24",
        "--char_hidden_dim", "8", "--char_emb_dim", "8", "--batch_size", "32", "--dropout", "0", "--word_dropout", "0",
        "--optim", "adam", "--lr", "0.01", "--max_steps", str(steps), "--eval_interval", str(steps),
        "--log_step", str(steps), "--save_dir", str(folder / "ner"), "--save_name", f"{name}.pt", "--cpu",
    ]  # fmt: skip
    if language == "ar":
        options += [
            "--charlm", "--charlm_shorthand", "ar_test",
            "--charlm_forward_file", str(folder / "forward_charlm" / "letters.pt"),
            "--charlm_backward_file", str(folder / "backward_charlm" / "letters.pt"),
        ]  # fmt: skip
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # with more, on a busy machine, matrices this small wait for each other for minutes
    with redirect_stdout(StringIO()), logging_level_context("ERROR", None):
        ner_tagger.main(options)
    torch.set_num_threads(threads)
    data.unlink()
    return folder / "ner" / f"{name}.pt"


def make_language(folder: Path, language: str) -> None:
    """Write the files of one language."""
    import numpy as np
    import torch
    from stanza.models.common.char_model import CharacterLanguageModel
    from stanza.models.common.pretrain import Pretrain
    from stanza.models.pos.vocab import CharVocab
    from stanza.resources.common import logging_level_context

    torch.manual_seed(3)
    tokenizer = DEFAULTS[language][0]
    for processor in ("tokenize", "mwt"):
        bundled = bundled_models().folder / language / processor / "rasad.pt"
        if bundled.is_file():
            (folder / processor).mkdir(parents=True)
            shutil.copyfile(bundled, folder / processor / f"{tokenizer}.pt")
    words = sorted({word for sentence in sentences(language) for word, _ in sentence})
    rows = np.random.default_rng(3).normal(size=(len(words), 16))
    text = folder / "words.txt"
    lines = [f"{word} {' '.join(f'{value:.4f}' for value in row)}" for word, row in zip(words, rows, strict=True)]
    text.write_text(f"{len(words)} 16\n" + "\n".join(lines) + "\n", encoding="utf-8")
    (folder / "pretrain").mkdir()
    with logging_level_context("ERROR", None):
        Pretrain(str(folder / "pretrain" / "words.pt"), str(text)).load()
    text.unlink()
    if language == "ar":
        letters = CharVocab([sorted({*"".join(words), "\n", " "})])
        sizes = {
            "char_emb_dim": 8, "char_hidden_dim": 12, "char_num_layers": 1, "char_dropout": 0.0,
            "char_rec_dropout": 0.0, "char_unit_dropout": 0.0,
        }  # fmt: skip
        for name, forward in (("forward_charlm", True), ("backward_charlm", False)):
            (folder / name).mkdir()
            model = CharacterLanguageModel(sizes, {"char": letters}, is_forward_lm=forward)
            model.save(str(folder / name / "letters.pt"))
    (folder / "ner").mkdir()
    train_tagger(folder, language)


def make_place(folder: Path) -> None:
    """Write a place as Stanza's: files under `files/v<version>/`, an index that names them, and a package too many."""
    from stanza.resources.common import DEFAULT_RESOURCES_VERSION

    files = folder / "files" / f"v{DEFAULT_RESOURCES_VERSION}"
    index: dict[str, Any] = {"url": "files/v{resources_version}/{lang}/models/{filename}"}
    for language, (tokenizer, _) in DEFAULTS.items():
        models = files / language / "models"
        make_language(models, language)
        (models / "lemma").mkdir()
        (models / "lemma" / f"{tokenizer}.pt").write_bytes(b"not needed for names")
        index[language] = index_entry(models, language)
    index["fas"] = {"alias": "fa"}
    (folder / f"resources_{DEFAULT_RESOURCES_VERSION}.json").write_text(json.dumps(index), encoding="utf-8")


def index_entry(models: Path, language: str) -> dict[str, Any]:
    """A language's entry in the index, with the files as they are now."""
    tokenizer, tagger = DEFAULTS[language]
    entry: dict[str, Any] = {"lang_name": language}
    for path in sorted(models.glob("*/*.pt")):
        digest = hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
        entry.setdefault(path.parent.name, {})[path.stem] = {"md5": digest}
    helpers = [
        {"model": name, "package": next(iter(entry[name]))}
        for name in ("pretrain", "forward_charlm", "backward_charlm")
        if name in entry
    ]
    entry["ner"][tagger]["dependencies"] = helpers
    entry["packages"] = {
        "default": {p: tokenizer for p in ("tokenize", "mwt", "lemma") if p in entry} | {"ner": tagger, "optional": {}}
    }
    return entry


class Handler(http.server.SimpleHTTPRequestHandler):
    """Files of a folder, with ranges as real servers have them, and faults on request."""

    asked: ClassVar[list[tuple[str, str | None]]] = []
    cut: ClassVar[dict[str, list[int]]] = {}  # by the end of a path: bytes to send before hanging up, once each
    whole: ClassVar[list[str]] = []  # ends of paths that are never continued
    failing: ClassVar[dict[str, list[int]]] = {}  # by the end of a path: statuses to answer with, once each

    def do_GET(self) -> None:
        wanted = self.headers.get("Range")
        self.asked.append((self.path, wanted))
        path = Path(self.translate_path(self.path))
        for end, codes in self.failing.items():
            if self.path.endswith(end) and codes:
                return self.send_error(codes.pop(0))
        if not path.is_file():
            return self.send_error(404)
        content = path.read_bytes()
        ranges = not any(self.path.endswith(end) for end in self.whole)
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and ranges else 0
        if start >= len(content) > 0:
            return self.send_error(416)
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(content) - start))
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.end_headers()
        for end, sizes in self.cut.items():
            if self.path.endswith(end) and sizes:
                self.wfile.write(content[start : start + sizes.pop(0)])
                self.close_connection = True
                return None
        self.wfile.write(content[start:])
        return None

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing."""


@contextmanager
def served(folder: Path) -> Iterator[tuple[str, type[Handler]]]:
    """Serve a folder on loopback; the handler's class holds what was asked and which faults to make."""

    class Own(Handler):
        asked: ClassVar[list[tuple[str, str | None]]] = []
        cut: ClassVar[dict[str, list[int]]] = {}
        failing: ClassVar[dict[str, list[int]]] = {}
        whole: ClassVar[list[str]] = []

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Own, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", Own
        finally:
            server.shutdown()
            thread.join()
