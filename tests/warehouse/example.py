"""Two articles of one story, with everything that the stages make of them: for marts, audits and the cookbook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from schemas.articles import Article, ParagraphLanguage
from schemas.catalog import BY_NAME
from schemas.entities import Entity, EntityMention
from schemas.events import Event, EventActor, EventCue
from schemas.record import Record
from schemas.stories import DuplicatePair, Story, StoryArticle
from tests.warehouse.rows import article, commit, digest, ingested, paragraph, row, table
from warehouse.commit import Commit
from warehouse.writer import Writer

PUTIN, MOSCOW = "person.putin", "place.moscow"
TEXTS = {"a": "زار بوتين موسكو", "b": "پوتین در مسکو دیدار کرد و حمله نکرد"}
Rows = Mapping[str, Sequence[dict[str, object]]]


def fill(writer: Writer) -> None:
    """Commit them."""
    writer.commit(ingested(*TEXTS))
    writer.commit(told(rows()))


def told(found: Rows, *, stage: str = "events") -> Commit:
    """A commit of these rows for both articles."""
    keys = {digest(f"article {n}"): "k" for n in TEXTS}
    return commit(stage, keys, {name: table(BY_NAME[name], *made) for name, made in found.items()})


def rows() -> dict[str, list[dict[str, object]]]:
    """A visit to Moscow, told in Arabic and again in Persian; an attack that is denied."""
    days = {"a": datetime(2025, 3, 1, 22, tzinfo=UTC), "b": datetime(2025, 3, 2, 22, tzinfo=UTC)}
    made: dict[type[Record], list[dict[str, object]]] = {
        Article: [
            article("a", language="ar", title="زيارة", text=TEXTS["a"], published_at=days["a"]),
            article("b", language="fa", title="دیدار", text=TEXTS["b"], published_at=days["b"], source="other"),
        ],
        ParagraphLanguage: [paragraph("a"), paragraph("b", language="fa")],
        Entity: [
            row(Entity, entity_id=PUTIN, label="PER", name_ar="بوتين", name_en="Vladimir Putin", country="RUS"),
            row(Entity, entity_id=MOSCOW, label="LOC", name_ar="موسكو", name_en="Moscow", country="RUS"),
        ],
        EntityMention: [
            _mention("a", "بوتين", PUTIN, "PER"),
            _mention("a", "موسكو", MOSCOW, "LOC"),
            _mention("b", "پوتین", PUTIN, "PER"),
        ],
        Event: [
            _event("a", "زار", plover_type="CONSULT", quad="verbal_cooperation", place_entity_id=MOSCOW),
            _event("b", "دیدار", plover_type="CONSULT", quad="verbal_cooperation", is_main=True),
            _event("b", "حمله", polarity="negated", act_type="ASSAULT"),
        ],
        EventActor: [
            row(
                EventActor,
                event_id=digest("event a زار"),
                article_id=digest("article a"),
                role="actor",
                mention_id=digest("mention a بوتين"),
                entity_id=PUTIN,
                surface="بوتين",
                sector="GOV",
            )
        ],
        EventCue: [_cue("b", "حمله", "polarity", "نکرد")],
        DuplicatePair: [row(DuplicatePair, article_id=digest("article b"), duplicate_of=digest("article a"))],
        StoryArticle: [row(StoryArticle, story_id=digest("story"), article_id=digest(f"article {n}")) for n in TEXTS],
        Story: [row(Story, story_id=digest("story"), language_count=2, article_count=2, independent_source_count=1)],
    }
    return {record.table.name: values for record, values in made.items()}


def _mention(name: str, surface: str, entity_id: str, label: str) -> dict[str, object]:
    start = TEXTS[name].index(surface)
    return row(
        EntityMention,
        article_id=digest(f"article {name}"),
        mention_id=digest(f"mention {name} {surface}"),
        char_start=start,
        char_end=start + len(surface),
        surface=surface,
        bare_form=surface,
        label=label,
        entity_id=entity_id,
    )


def _event(name: str, trigger: str, **values: object) -> dict[str, object]:
    start = TEXTS[name].index(trigger)
    given: dict[str, object] = {
        "event_id": digest(f"event {name} {trigger}"),
        "article_id": digest(f"article {name}"),
        "trigger": trigger,
        "char_start": start,
        "char_end": start + len(trigger),
        "act_type": "CONSULT",
        "contexts": ["diplomatic"],
        "polarity": "affirmed",
        "is_main": False,
    }
    return row(Event, **{**given, **values})


def _cue(name: str, trigger: str, aspect: str, surface: str) -> dict[str, object]:
    start = TEXTS[name].index(surface)
    return row(
        EventCue,
        event_id=digest(f"event {name} {trigger}"),
        article_id=digest(f"article {name}"),
        aspect=aspect,
        char_start=start,
        char_end=start + len(surface),
        surface=surface,
    )
