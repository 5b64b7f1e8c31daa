"""A pipeline that costs milliseconds an article, and articles for it, to try what runs it.

`ingest`, `language` and `deduplicate` are the real stages, the last one with toy vectors; names are looked up in a list
of three, and `events` notes nothing. Each stage's version can be set, as a change of its code would.
"""

from __future__ import annotations

import json
import multiprocessing
import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest.mock import patch

import pyarrow as pa

import flows.backfill
import flows.backfill_plan
import flows.run
from flows.backfill import backfill
from flows.request import BackfillRequest
from flows.settings import Settings
from schemas.articles import Article
from schemas.entities import EntityMention
from schemas.events import Event
from schemas.record import made_schema
from tasks import ingest, language
from tasks.deduplicate_stage import deduplicate_stage
from tasks.normalize import search_key
from tasks.stage import Stage, StageInput, StageOutput, stable_id
from tests.tasks.store import toy_vectors

NAMES = re.compile("بغداد|طهران|تهران")
_MENTIONS = made_schema(EntityMention)
#: Places and acts that make each text its own story; copies say the same.
PLACES = ("بغداد", "طهران", "دمشق", "الموصل", "البصرة", "أربيل", "الكويت", "عمّان")
ACTS = ("اجتماعا طارئا", "مظاهرة كبيرة", "معرضا للكتاب", "مناورات عسكرية", "انتخابات محلية", "حملة تلقيح")


def names(batch: StageInput) -> StageOutput:
    """The names in the list, wherever they stand."""
    rows = []
    for article in batch.tables["articles"].select(["article_id", "text"]).to_pylist():
        for found in NAMES.finditer(article["text"]):
            place = {"char_start": found.start(), "char_end": found.end()}
            mention = stable_id(article["article_id"], str(found.start()))
            words = {"sentence_index": 0, "word_start": 0, "word_end": 1, "surface": found[0]}
            said = {"bare_form": search_key(found[0]), "label": "LOC", "confidence": 1.0, "model_version": "list"}
            rows.append({"article_id": article["article_id"], "mention_id": mention, **place, **words, **said})
    return StageOutput({"entity_mentions": pa.Table.from_pylist(rows, schema=_MENTIONS)})


def nothing(batch: StageInput) -> StageOutput:
    return StageOutput({})


def cheap_stages(versions: Mapping[str, str]) -> tuple[Stage, ...]:
    stages = (
        ingest.STAGE,
        language.STAGE,
        Stage("entities", "1", (Article,), (EntityMention,), names, after=("ingest", "language")),
        Stage("events", "1", (Article,), (Event,), nothing, after=("ingest", "language", "entities")),
        deduplicate_stage(toy_vectors),
    )
    return tuple(replace(stage, version=versions.get(stage.name, stage.version)) for stage in stages)


@contextmanager
def cheaply(*changed: Stage, **versions: str) -> Iterator[None]:
    """Runs and backfills in this process take the cheap stages, with other versions or stages in their place."""
    others = {stage.name: stage for stage in changed}

    def stages(settings: Settings) -> tuple[Stage, ...]:
        return tuple(others.get(stage.name, stage) for stage in cheap_stages(versions))

    with ExitStack() as patched:
        for module in (flows.run, flows.backfill, flows.backfill_plan):
            patched.enter_context(patch.object(module, "pipeline_stages", stages))
        yield


def write_news(file: Path, source: str, days: int, per_day: int = 3, first: int = 0) -> Path:
    """News of some days from 2025-07-30 on: every third text is a copy of what every source reports that day.

    The last two records have no date; one more has no text and is refused.
    """
    records: list[dict[str, object]] = []
    start = datetime(2025, 7, 30, 6, tzinfo=UTC)
    for day in range(first, first + days):
        for number in range(per_day):
            shared = number % 3 == 0
            place, act = PLACES[(day + number) % len(PLACES)], ACTS[(day * 2 + number) % len(ACTS)]
            who = "الوكالات" if shared else source
            text = f"شهدت مدينة {place} اليوم {act} بحسب {who}. " + " ".join(
                f"وقال المتحدث رقم {day * 100 + number if shared else day * 100 + number + len(source)} إن {place} "
                f"ستشهد {ACTS[(day + part) % len(ACTS)]} بعد {part + day} أيام من ذلك."
                for part in range(4)
            )
            at = start + timedelta(days=day, hours=number * 5, minutes=len(source))
            known = {"id": f"{day}-{number}", "source": source, "title": f"{act} في {place}", "text": text}
            records.append({**known, "published_at": at.isoformat()})
    for number in range(2):
        text = f"خبر بلا تاريخ رقم {number} من {source} عن مدينة {PLACES[number]} وما جرى فيها من أحداث كثيرة."
        records.append({"id": f"undated-{number}", "source": source, "text": text})
    records.append({"id": "empty", "source": source, "title": "بلا نص"})
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in records), encoding="utf-8")
    return file


def backfilled(request: BackfillRequest) -> None:
    """A backfill with cheap stages, as a process of its own can be asked for it."""
    with cheaply():
        backfill(request)


def separate() -> multiprocessing.context.ForkServerContext:
    """Processes that have everything loaded when they start: each takes milliseconds, not seconds."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.flows.cheap", "torch", "pytz"])
    return context
