"""The pipeline's stages, in order. A new stage is one module in `tasks/`, one record, and one line here."""

from __future__ import annotations

from flows.settings import EventSettings, NerSettings, Settings
from tasks import ingest, language
from tasks.deduplicate_stage import deduplicate_stage
from tasks.entities import entities_stage
from tasks.entities_gazetteer import bundled_gazetteer, bundled_version, gazetteer_with
from tasks.events import events_stage
from tasks.lexicon_extension import Vocabulary, vocabulary
from tasks.models import ModelBundle, bundled_models
from tasks.models_official import official_bundle
from tasks.stage import Stage
from warehouse.ledger import StageSpec


def pipeline_stages(settings: Settings) -> tuple[Stage, ...]:
    """ingest → language → entities → events → deduplicate."""
    own = settings.ner.gazetteer
    return (
        ingest.STAGE,
        language.STAGE,
        # Files of the user's own are read before anything is computed, so that a wrong line ends the run at its start.
        entities_stage(
            lambda: language_models(settings.ner),
            lambda: gazetteer_with(own) if own else bundled_gazetteer(),
            None if own else bundled_version,
        ),
        events_stage(lambda: event_vocabulary(settings.events)),
        deduplicate_stage(),
    )


def language_models(ner: NerSettings) -> ModelBundle:
    """The language models that the settings choose. Raises ModelError when they are not there."""
    return bundled_models() if ner.models == "bundled" else official_bundle(ner.resources)


def event_vocabulary(events: EventSettings) -> Vocabulary:
    """The ontology and the lexicons that the settings choose. Raises SettingsError for a file that cannot be used."""
    return vocabulary(events.lexicons, events.ontology)


def stage_spec(stage: Stage) -> StageSpec:
    """What the ledger must know of a stage."""
    return StageSpec(stage.name, stage.version, stage.after, stage.model_version())
