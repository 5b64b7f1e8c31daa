"""`rasad doctor`: versions, extensions, models, catalog: what is wrong, and the command that mends it."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from packaging.requirements import Requirement
from pydantic import BaseModel, ConfigDict
from rich.table import Table

from flows.rendering import write_summary
from flows.settings import Settings, load_settings
from schemas.errors import ModelMismatch, RasadError, WarehouseMissing


class Finding(BaseModel):
    """One thing that was looked at."""

    model_config = ConfigDict(frozen=True)

    subject: str
    healthy: bool
    detail: str
    remedy: str = ""


class Examination(BaseModel):
    """Everything that was looked at."""

    model_config = ConfigDict(frozen=True)

    healthy: bool
    findings: list[Finding]


def examine(warehouse: Path | None, *, as_json: bool) -> bool:
    """Look at everything, print it, and say whether all is well."""
    settings = load_settings(warehouse=warehouse)
    checks: tuple[tuple[str, Callable[[Settings], str]], ...] = (
        ("packages", _packages),
        ("DuckDB extensions", _extensions),
        ("language models", _models),
        ("event words", _events),
        ("warehouse", _warehouse),
    )
    findings = [_look(subject, check, settings) for subject, check in checks]
    result = Examination(healthy=all(f.healthy for f in findings), findings=findings)
    table = Table("what", "state", "detail", title="rasad doctor", title_justify="left")
    for f in findings:
        table.add_row(f.subject, "ok" if f.healthy else "WRONG", f.detail + (f"\n→ {f.remedy}" if f.remedy else ""))
    write_summary(result, table, as_json=as_json)
    return result.healthy


def _look(subject: str, check: Callable[[Settings], str], settings: Settings) -> Finding:
    try:
        return Finding(subject=subject, healthy=True, detail=check(settings))
    except RasadError as error:
        place = f" ({error.where})" if error.where else ""
        return Finding(subject=subject, healthy=False, detail=f"{error.problem}{place}", remedy=error.hint)


def _packages(settings: Settings) -> str:
    """Compare what is installed with what Rasad asks for."""
    faults = []
    for line in requires("rasad") or []:
        wanted = Requirement(line)
        if wanted.marker and not wanted.marker.evaluate():
            continue
        try:
            found = version(wanted.name)
        except PackageNotFoundError:
            faults.append(f"{wanted.name} is not installed")
            continue
        if not wanted.specifier.contains(found.partition("+")[0], prereleases=True):
            faults.append(f"{wanted.name} {found} is installed, {wanted.specifier} is needed")
    if faults:
        raise RasadError("; ".join(faults), hint="Run: pip install --requirement requirements.lock")
    return f"rasad {version('rasad')}, prefect {version('prefect')}, duckdb {version('duckdb')}"


def _extensions(settings: Settings) -> str:
    import duckdb

    from warehouse.extensions import load_extensions

    with duckdb.connect() as connection:
        load_extensions(connection, settings.location().extensions)
    return ", ".join(settings.location().extensions)


def _models(settings: Settings) -> str:
    """Load the models and find a name with each: a file may be whole and still not work."""
    from flows.stages import language_models

    models = language_models(settings.ner)
    for language, sentence in (("ar", "زار الوزير القاهرة."), ("fa", "وزیر به تهران رفت.")):
        if language not in models.languages:
            raise ModelMismatch(
                f"there is no model for the language {language}",
                hint="Choose another folder with RASAD_NER__RESOURCES, or RASAD_NER__MODELS=bundled.",
            )
        for result in models.annotate(language, [sentence]):
            if isinstance(result, RasadError):
                raise result
    place = "" if models.bundled else f", from {models.folder}"
    return f"{settings.ner.models} models {models.version}: {', '.join(sorted(models.languages))}{place}"


def _events(settings: Settings) -> str:
    """Read the ontology and the lexicons, and see whether the classifier was fitted on these models."""
    from flows.stages import event_vocabulary, language_models
    from tasks.events_classifier import bundled_classifier
    from tasks.sentence_projection import encoder_digest, projection_for

    known = event_vocabulary(settings.events)
    for language in ("ar", "fa", "en"):
        known.reader(language)
    models, classifier = language_models(settings.ner), bundled_classifier()
    if not models.bundled or classifier is None:
        return f"{known.version}, lexicons alone: these models give no sentence vectors"
    projection = projection_for(encoder_digest(models.folder) or "")
    if projection is None or projection.version != classifier.vector_version:
        raise ModelMismatch(
            "the event classifier was fitted on another encoder: the lexicons type alone, and miss more",
            hint="Refit it: python -m training.event_types --data DATA",
        )
    return f"{known.version}, classifier {classifier.version}"


def _warehouse(settings: Settings) -> str:
    from warehouse.connection import open_reader
    from warehouse.status import check_files

    try:
        reader = open_reader(settings.location())
    except WarehouseMissing:
        return f"none yet in {settings.warehouse}: the first `rasad run` makes it"
    with reader:
        check_files(reader)
        articles = reader.value("SELECT count(*) FROM articles")
    return f"{settings.warehouse}: {articles} articles"
