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
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING

from schemas.errors import ModelCorrupt, ModelFailure, ModelMismatch, ModelMissing
from tasks.annotation import NOTHING, Annotation, Annotator, Recall, Sentence, Span, Token
from tasks.encoder import Encoder, EncoderFile, Pieces
from tasks.model_files import DOCTOR, LABELS, checked, digest, read_json, read_manifest
from tasks.sentence_encoder import SentenceEncoder

if TYPE_CHECKING:
    import stanza

__all__ = ["ModelBundle", "Sentence", "Span", "Token", "bundled_models", "official_models"]

ENCODER = "rasad-encoder"  # the name under which the tagger asks Stanza's FoundationCache for the encoder
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

    def annotate(self, language: str, texts: Sequence[str], recall: Recall = NOTHING) -> list[Annotation]:
        """Return the sentences of each text, or the ModelFailure of a text that breaks the model.

        A sentence that `recall` knows is not read again.
        Raises ModelMissing, ModelCorrupt and ModelMismatch when the models of the language cannot be used.
        """
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
        with _LOCK:
            return _sentence_encoder(self.folder)

    def _loaded(self, language: str) -> Annotator:
        if language not in self.languages:
            raise ModelMissing(
                f"no models for the language {language!r}",
                where=str(self.folder),
                hint=f"To see what is there, {DOCTOR}.",
            )
        with _LOCK:
            return _load(self.folder, language, self.bundled)


_LOCK = RLock()


def bundled_models(directory: Path | None = None) -> ModelBundle:
    """Return the models that come with Rasad, or those of another folder with a manifest.json like theirs."""
    folder = directory or Path(str(files("seeds").joinpath("models")))
    manifest = read_manifest(folder)
    listed = "".join(f"{name} {sha256}\n" for name, (_, sha256) in sorted(manifest.files.items()))
    version = f"bundled-{manifest.release}+{hashlib.sha256(listed.encode()).hexdigest()[:8]}"
    return ModelBundle(folder, frozenset(manifest.languages), version, bundled=True)


def official_models(resources: Path) -> ModelBundle:
    """Return Stanza's packages in a resources folder, such as `stanza.download` or `rasad models fetch` leaves."""
    import stanza

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


@lru_cache(maxsize=2)
def _encoder(folder: Path) -> Encoder:
    return Encoder.for_names(*_encoder_file(folder))


@lru_cache(maxsize=2)
def _sentence_encoder(folder: Path) -> SentenceEncoder:
    return SentenceEncoder(*_encoder_file(folder))


@lru_cache(maxsize=2)
def _encoder_file(folder: Path) -> tuple[EncoderFile, Pieces]:
    weights, vocabulary = checked(folder, "encoder.safetensors"), checked(folder, "vocabulary.json.gz")
    try:
        return EncoderFile.read(weights), Pieces(vocabulary)
    except (KeyError, ValueError, OSError, RuntimeError) as error:
        raise ModelCorrupt(
            f"the encoder cannot be read: {error}", where=str(weights), hint=f"To check the models, {DOCTOR}."
        ) from error


@lru_cache(maxsize=4)
def _load(folder: Path, language: str, bundled: bool) -> Annotator:
    """Load the models of one language through a plain pipeline."""
    import stanza
    from stanza.models.common.foundation_cache import BertRecord, FoundationCache

    from tasks.sentence_projection import encoder_digest, projection_for
    from tasks.tagging import BundledTagger, Expander, StanzaTagger, splitter

    cache = FoundationCache(local_files_only=True)
    if bundled:
        for name in read_manifest(folder).files:
            if name.startswith(f"{language}/") or name == "resources.json":
                checked(folder, name)
        cache.bert[ENCODER] = BertRecord(_encoder(folder), _encoder(folder).pieces, {})
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            pipeline = stanza.Pipeline(
                language, dir=str(folder), processors="tokenize,ner", foundation_cache=cache, use_gpu=False,
                download_method=stanza.DownloadMethod.NONE, logging_level="ERROR",
            )  # fmt: skip
    except FileNotFoundError as error:
        raise ModelMissing(str(error), where=str(folder), hint=f"To see what is missing, {DOCTOR}.") from error
    except Exception as error:  # a damaged checkpoint fails in as many ways as pickle, zip and torch have
        raise ModelCorrupt(
            f"the {language} models cannot be loaded: {error}",
            where=str(folder),
            hint=f"To check the models, {DOCTOR}.",
        ) from error
    ner = pipeline.processors["ner"]
    tagger: BundledTagger | StanzaTagger = StanzaTagger(ner)
    if bundled:
        tagger = BundledTagger(ner, _encoder(folder), projection_for(encoder_digest(folder) or ""))
    if unknown := {label for label in tagger.decoder.labels if label.upper() not in LABELS}:
        raise ModelMismatch(
            f"the {language} models use the labels {sorted(unknown)}",
            where=str(folder),
            hint="Choose other models with `ner.models`.",
        )
    expander = Expander(pipeline.processors.get("mwt"))
    return Annotator(language, pipeline, splitter(pipeline.processors["tokenize"]), tagger, expander)
