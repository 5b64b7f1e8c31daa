"""Loading the models of a folder, once in a process: apart from `models.py`, since it needs torch and Stanza."""

from __future__ import annotations

import warnings
from functools import lru_cache
from pathlib import Path

from schemas.errors import ModelCorrupt, ModelMismatch, ModelMissing
from tasks.annotation import Annotator
from tasks.encoder import Encoder, EncoderFile, Pieces
from tasks.model_files import DOCTOR, LABELS, checked, read_manifest
from tasks.sentence_encoder import SentenceEncoder

ENCODER = "rasad-encoder"  # the name under which the tagger asks Stanza's FoundationCache for the encoder


@lru_cache(maxsize=2)
def _encoder(folder: Path) -> Encoder:
    return Encoder.for_names(*_encoder_file(folder))


@lru_cache(maxsize=2)
def load_sentence_encoder(folder: Path) -> SentenceEncoder:
    """Return the encoder of whole texts of a folder of bundled models."""
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
def load(folder: Path, language: str, bundled: bool) -> Annotator:
    """Load the models of one language through a plain pipeline."""
    from tasks.sentence_projection import encoder_digest, projection_for
    from tasks.splitting import splitter
    from tasks.stanza_library import BertRecord, FoundationCache, stanza, without_optimizers
    from tasks.tagging import BundledTagger, Expander, StanzaTagger

    cache = FoundationCache(local_files_only=True)
    if bundled:
        for name in read_manifest(folder).files:
            if name.startswith(f"{language}/") or name == "resources.json":
                checked(folder, name)
        cache.bert[ENCODER] = BertRecord(_encoder(folder), _encoder(folder).pieces, {})
    try:
        with without_optimizers(), warnings.catch_warnings():
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
