"""The pipeline's stages, in order. A new stage is one module in `tasks/`, one record, and one line here."""

from __future__ import annotations

from flows.settings import NerSettings, Settings
from tasks import deduplicate, events, ingest, language
from tasks.entities import entities_stage
from tasks.models import ModelBundle, bundled_models
from tasks.models_official import official_bundle
from tasks.stage import Stage


def pipeline_stages(settings: Settings) -> tuple[Stage, ...]:
    """ingest → language → entities → events → deduplicate."""
    return (
        ingest.STAGE,
        language.STAGE,
        entities_stage(lambda: language_models(settings.ner)),
        events.STAGE,
        deduplicate.STAGE,
    )


def language_models(ner: NerSettings) -> ModelBundle:
    """The language models that the settings choose. Raises ModelError when they are not there."""
    return bundled_models() if ner.models == "bundled" else official_bundle(ner.resources)
