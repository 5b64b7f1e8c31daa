"""The language models: running text in, sentences with tokens and named mentions out.

    models = bundled_models()
    for result in models.annotate("ar", texts): ...

`bundled_models` are Rasad's own, shipped in `seeds/models` (see the cards there); `official_models` are Stanza's
packages in a folder that the user names.  Both load through a plain `stanza.Pipeline`, once in a process, at the
first text.  Nothing is downloaded and nothing is written.

Offsets count code points of the text that was passed in.  The models read a normalised spelling (`encoder.py`);
each of its characters knows where it came from, and the assertion in `_sentence` holds the way back.

A mention's confidence is the lowest probability, under the tagger's CRF, of any of its tags.  Its bare form is
its surface without what is merely attached to it: the Arabic conjunctions and prepositions و ف ب ل ك س before
the first word, the Persian endings after the last one («لأوكرانيا» is «أوكرانيا»).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING

from schemas.errors import ModelFailure, ModelMissing
from tasks.model_files import DOCTOR, digest, read_json, read_manifest

if TYPE_CHECKING:  # torch loads only where a text is read: `rasad status` asks for versions alone
    import stanza

    from tasks.annotation import Annotation, Annotator, Recall
    from tasks.sentence_encoder import SentenceEncoder

LANGUAGES = ("ar", "fa")

# 200,000 characters of text are some 35,000 words: 20 MB of tokens, and long enough batches for every length.
CHARACTERS = 200_000


@dataclass(frozen=True)
class ModelBundle:
    """The models of one folder; cheap to make, loaded at the first `annotate` of a language.

    `version` follows from the content of the model files alone.
    """

    folder: Path
    languages: frozenset[str]
    version: str
    bundled: bool

    def annotate(self, language: str, texts: Sequence[str], recall: Recall | None = None) -> list[Annotation]:
        """Return the sentences of each text, or the ModelFailure of a text that breaks the model.

        A sentence that `recall` knows is not read again.
        Raises ModelMissing, ModelCorrupt and ModelMismatch when the models of the language cannot be used.
        """
        from tasks.annotation import NOTHING

        recall = NOTHING if recall is None else recall
        loaded = self._loaded(language)
        results: list[Annotation] = []
        group: list[str] = []
        for text in texts:
            if group and sum(map(len, group)) + len(text) > CHARACTERS:
                results += loaded.annotate(group, recall)
                group = []
            group.append(text)
        results += loaded.annotate(group, recall)
        return [
            ModelFailure(result.problem, hint=result.hint, where=f"text {index}")
            if isinstance(result, ModelFailure)
            else result
            for index, result in enumerate(results)
        ]

    def pipeline(self, language: str) -> stanza.Pipeline:
        """Return the plain `stanza.Pipeline` that the models of a language are loaded as."""
        return self._loaded(language).pipeline

    def sentence_encoder(self) -> SentenceEncoder:
        """Return the encoder of whole texts; only the bundled models have one."""
        if not self.bundled:
            raise ModelMissing("official models hold no sentence encoder", hint="Set `ner.models` to bundled.")
        from tasks.models_load import load_sentence_encoder

        with _LOCK:
            return load_sentence_encoder(self.folder)

    def _loaded(self, language: str) -> Annotator:
        if language not in self.languages:
            raise ModelMissing(
                f"no models for the language {language!r}",
                where=str(self.folder),
                hint=f"To see what is there, {DOCTOR}.",
            )
        from tasks.models_load import load

        with _LOCK:
            return load(self.folder, language, self.bundled)


_LOCK = RLock()


def bundled_models(directory: Path | None = None) -> ModelBundle:
    """Return the models that come with Rasad, or those of another folder with a manifest.json like theirs."""
    folder = directory or Path(str(files("seeds").joinpath("models")))
    manifest = read_manifest(folder)
    listed = "".join(f"{name} {file.sha256}\n" for name, file in sorted(manifest.files.items()))
    version = f"bundled-{manifest.release}+{hashlib.sha256(listed.encode()).hexdigest()[:8]}"
    return ModelBundle(folder, frozenset(manifest.languages), version, bundled=True)


def official_models(resources: Path) -> ModelBundle:
    """Return Stanza's packages in a resources folder, such as `stanza.download` or `rasad models fetch` leaves."""
    from tasks.stanza_library import stanza

    index = read_json(
        resources / "resources.json", "the folder holds no resources of Stanza's; `rasad models fetch` gets them"
    )
    languages = [language for language in LANGUAGES if (resources / language / "ner").is_dir() and language in index]
    if not languages:
        raise ModelMissing("no Arabic or Persian models", where=str(resources), hint="Type `rasad models fetch`.")
    listed = "".join(
        f"{language} {path.parent.name} {path.name} {_checksum(index[language], path)}\n"
        for language in languages
        for path in sorted((resources / language).rglob("*.pt"))
    )
    version = f"official-{stanza.__version__}+{hashlib.sha256(listed.encode()).hexdigest()[:8]}"
    return ModelBundle(resources, frozenset(languages), version, bundled=False)


def _checksum(entry: object, path: Path) -> str:
    """Return the checksum that Stanza's index has for a file, without reading it; else hash the file."""
    kind = entry.get(path.parent.name, {}) if isinstance(entry, dict) else {}
    package = kind.get(path.stem, {}) if isinstance(kind, dict) else {}
    return str(package["md5"]) if isinstance(package, dict) and "md5" in package else digest(path)
