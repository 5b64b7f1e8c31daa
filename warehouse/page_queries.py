"""The SQL of the report page: temporary tables first, then the cubes over them.

Every list of values (sources, names, …) is cut to the most frequent ones, with what else there is under one heading,
so that the page stays small; ties are broken by the value itself, so that the same warehouse gives the same page.
"""

from __future__ import annotations

from dataclasses import dataclass

#: As many sources as a list to choose from can hold; the others are one more, `(other sources)`.
MOST_SOURCES = 40
#: Names to filter by: those that most articles name, and those that act most.
MOST_NAMES, MOST_PARTIES = 120, 40
#: Dots on the map.
MOST_PLACES = 250
#: Days of events may lie this far before and after the published ones; others (an anniversary) are no news of a day.
DAYS_BEFORE, DAYS_AFTER = 31, 92
OTHER_SOURCES = "(other sources)"

#: What an event is, for the page: it happened, is to come, was put off, was denied, or is only spoken of.
STATUSES = ("happened", "planned", "put off", "denied", "spoken of")


@dataclass(frozen=True, slots=True)
class CubeQuery:
    """A cube's name and the query that counts it; the last column is `n`."""

    name: str
    sql: str


def _ranked(table: str, query: str, limit: int | None = None) -> str:
    """A temporary table `id, place` of the query's `id, weight`, the heaviest first."""
    most = f" LIMIT {limit}" if limit else ""
    return (
        f"CREATE TEMP TABLE {table} AS SELECT *, row_number() OVER (ORDER BY weight DESC, id) - 1 AS place "
        f"FROM ({query}) ORDER BY weight DESC, id{most}"
    )


SETUP: tuple[str, ...] = (
    _ranked(
        "page_sources",
        "SELECT source AS id, count(*) AS weight FROM staging.stg_articles GROUP BY ALL",
        MOST_SOURCES,
    ),
    f"""INSERT INTO temp.page_sources
        SELECT '{OTHER_SOURCES}', 0, (SELECT count(*) FROM temp.page_sources)
        WHERE (SELECT count(DISTINCT source) FROM main.articles) > (SELECT count(*) FROM temp.page_sources)""",
    _ranked("page_languages", "SELECT language AS id, count(*) AS weight FROM staging.stg_articles GROUP BY ALL"),
    f"""CREATE TEMP TABLE page_articles AS
        SELECT article_id, story_id, is_copy, published_at, published_date AS date,
          coalesce(sources.place, others.place) AS source, languages.place AS language
        FROM staging.stg_articles AS articles
        LEFT JOIN temp.page_sources AS sources ON sources.id = articles.source
        LEFT JOIN temp.page_sources AS others ON others.id = '{OTHER_SOURCES}'
        JOIN temp.page_languages AS languages ON languages.id = articles.language""",
    f"""CREATE TEMP TABLE page_events AS
        WITH span AS (
          SELECT min(date) - {DAYS_BEFORE} AS first, max(date) + {DAYS_AFTER} AS last FROM temp.page_articles
        )
        SELECT events.event_id, events.article_id, events.act_type, types.quad,
          place_entity_id, place_precision, latitude, longitude,
          CASE WHEN coalesce(event_date, articles.date) BETWEEN span.first AND span.last
            THEN coalesce(event_date, articles.date) END AS date,
          CASE
            WHEN polarity = 'negated' THEN 3
            WHEN modality IN ('happened', 'ongoing') THEN 0
            WHEN modality = 'planned' THEN 1
            WHEN modality IN ('postponed', 'cancelled') THEN 2
            ELSE 4
          END AS status,
          articles.source, articles.language
        FROM main.events AS events
        JOIN temp.page_articles AS articles USING (article_id)
        LEFT JOIN (SELECT act_type, mode(quad) AS quad FROM main.events WHERE plover_type = act_type GROUP BY ALL)
          AS types USING (act_type)
        CROSS JOIN span
        WHERE time_status = 'current' AND NOT is_copy""",
    _ranked(
        "page_types",
        "SELECT act_type AS id, any_value(quad) AS quad, count(*) AS weight FROM temp.page_events GROUP BY act_type",
    ),
    # A party is the entity that stands for it, else its sector and country: «المتظاهرون» has no name. Of whom not even
    # those are known (UNK) nothing can be read, so he is no party.
    """CREATE TEMP TABLE page_parties AS
        SELECT DISTINCT event_id, role,
          coalesce(redirects.merged_into, actors.entity_id,
            'sector ' || concat_ws(', ', actors.sector, actors.country)) AS party
        FROM main.event_actors AS actors
        LEFT JOIN main.entity_redirects AS redirects ON redirects.entity_id = actors.entity_id
        WHERE actors.entity_id IS NOT NULL
          OR (actors.sector IS NOT NULL AND (actors.country IS NOT NULL OR actors.sector <> 'UNK'))""",
    """CREATE TEMP TABLE page_named AS
        SELECT DISTINCT entity_id AS name, article_id FROM staging.stg_mentions WHERE entity_id IS NOT NULL""",
    f"""CREATE TEMP TABLE page_names AS
        WITH named AS (
          SELECT name AS id, count(*) AS weight FROM temp.page_named GROUP BY name
          ORDER BY weight DESC, id LIMIT {MOST_NAMES}
        ),
        acting AS (
          SELECT party AS id, count(*) AS weight FROM temp.page_parties GROUP BY party
          ORDER BY weight DESC, id LIMIT {MOST_PARTIES}
        )
        SELECT id, sum(weight) AS weight, row_number() OVER (ORDER BY sum(weight) DESC, id) - 1 AS place
        FROM (FROM named UNION ALL FROM acting) GROUP BY id""",
    """CREATE TEMP TABLE page_acting AS
        SELECT event_id, role, names.place
        FROM temp.page_parties AS parties JOIN temp.page_names AS names ON names.id = parties.party""",
    f"""CREATE TEMP TABLE page_places AS
        SELECT *, row_number() OVER (ORDER BY weight DESC, id) - 1 AS place
        FROM (
          SELECT place_entity_id AS id, count(*) AS weight,
            mode(place_precision ORDER BY place_precision) AS precision,
            any_value(latitude ORDER BY event_id) AS latitude,
            any_value(longitude ORDER BY event_id) AS longitude
          FROM temp.page_events
          WHERE place_entity_id IS NOT NULL
          GROUP BY place_entity_id ORDER BY weight DESC, id LIMIT {MOST_PLACES}
        )""",
    # Which of the page's names has to do with which event: it acts, is acted upon, or is its place.
    """CREATE TEMP TABLE page_event_names AS
        SELECT DISTINCT event_id, names.place AS name
        FROM (
          SELECT event_id, party FROM temp.page_parties
          UNION ALL
          SELECT event_id, place_entity_id FROM temp.page_events WHERE place_entity_id IS NOT NULL
        ) AS said
        JOIN temp.page_names AS names ON names.id = said.party""",
)


def bins(width: str) -> tuple[str, ...]:
    """Days, weeks, months or years of articles and events, as `temp.page_days`; and a lookup for the cubes."""
    return (
        f"""CREATE OR REPLACE TEMP TABLE page_days AS
            SELECT day, row_number() OVER (ORDER BY day) - 1 AS place
            FROM (
              SELECT DISTINCT CAST(date_trunc('{width}', date) AS DATE) AS day
              FROM (SELECT date FROM temp.page_articles UNION SELECT date FROM temp.page_events)
              WHERE date IS NOT NULL
            )""",
        f"""CREATE OR REPLACE TEMP TABLE page_binned AS
            SELECT dates.date, days.place AS day
            FROM (SELECT date FROM temp.page_articles UNION SELECT date FROM temp.page_events) AS dates
            JOIN temp.page_days AS days ON days.day = CAST(date_trunc('{width}', dates.date) AS DATE)""",
    )


_DAY = "coalesce(binned.day, -1) AS day"
_BINNED = "LEFT JOIN temp.page_binned AS binned ON binned.date = e.date"
_TYPE = "JOIN temp.page_types AS types ON types.id = e.act_type"
_PLACE = "JOIN temp.page_places AS places ON places.id = e.place_entity_id"
_NAMED = "JOIN temp.page_event_names AS named USING (event_id)"

#: The cube that grows fastest comes first: it decides how wide a day must be.
CUBES: tuple[CubeQuery, ...] = (
    CubeQuery(
        "events_named",
        f"""SELECT named.name, {_DAY}, source, language, types.place AS type, status, count(*) AS n
            FROM temp.page_events AS e {_NAMED} {_TYPE} {_BINNED} GROUP BY ALL""",
    ),
    CubeQuery(
        "articles",
        f"""SELECT {_DAY}, source, language, count(*) AS n
            FROM temp.page_articles AS e {_BINNED} GROUP BY ALL""",
    ),
    CubeQuery(
        "articles_named",
        f"""SELECT names.place AS name, {_DAY}, source, language, count(*) AS n
            FROM temp.page_named AS named
            JOIN temp.page_names AS names ON names.id = named.name
            JOIN temp.page_articles AS e USING (article_id) {_BINNED} GROUP BY ALL""",
    ),
    CubeQuery(
        "events",
        f"""SELECT {_DAY}, source, language, types.place AS type, status, count(*) AS n
            FROM temp.page_events AS e {_TYPE} {_BINNED} GROUP BY ALL""",
    ),
    CubeQuery(
        "acts",
        f"""SELECT actors.place AS actor, recipients.place AS recipient, {_DAY}, source, language,
              types.place AS type, status, count(*) AS n
            FROM temp.page_events AS e {_TYPE}
            JOIN temp.page_acting AS actors ON actors.event_id = e.event_id AND actors.role = 'actor'
            JOIN temp.page_acting AS recipients ON recipients.event_id = e.event_id AND recipients.role = 'recipient'
            {_BINNED}
            WHERE actors.place <> recipients.place GROUP BY ALL""",
    ),
    CubeQuery(
        "places",
        f"""SELECT places.place, {_DAY}, source, language, status, count(*) AS n
            FROM temp.page_events AS e {_PLACE} {_BINNED} GROUP BY ALL""",
    ),
    CubeQuery(
        "places_named",
        f"""SELECT named.name, places.place, {_DAY}, source, language, status, count(*) AS n
            FROM temp.page_events AS e {_NAMED} {_PLACE} {_BINNED} GROUP BY ALL""",
    ),
)

_LABELLED = """coalesce(entities.name_en, CASE WHEN names.id LIKE 'sector %' THEN names.id[8:] END,
      entities.name_ar, entities.name_fa, said.surface, names.id) AS en,
      entities.name_ar AS ar, entities.name_fa AS fa"""

DIMENSIONS: dict[str, str] = {
    "totals": """
        SELECT
          (SELECT count(*) FROM temp.page_articles) AS articles,
          (SELECT count(*) FROM temp.page_articles WHERE is_copy) AS copies,
          (SELECT count(DISTINCT source) FROM main.articles) AS sources,
          (SELECT count(*) FROM main.stories WHERE article_count > 1) AS stories,
          (SELECT count(*) FROM main.stories WHERE language_count > 1) AS bilingual_stories,
          (SELECT count(*) FROM temp.page_events) AS events,
          (SELECT count(*) FROM main.rejections WHERE resolved_by IS NULL) AS rejections,
          (SELECT min(published_at) FROM temp.page_articles) AS first_published_at,
          (SELECT max(published_at) FROM temp.page_articles) AS last_published_at""",
    "names": f"""
        SELECT names.id, coalesce(entities.label, 'party') AS label, {_LABELLED}
        FROM temp.page_names AS names
        LEFT JOIN main.entities AS entities ON entities.entity_id = names.id
        LEFT JOIN (
          SELECT entity_id, mode(surface ORDER BY surface) AS surface
          FROM staging.stg_mentions WHERE entity_id IN (SELECT id FROM temp.page_names) GROUP BY entity_id
        ) AS said ON said.entity_id = names.id
        ORDER BY names.place""",
    "places": """
        SELECT places.id, name_en AS en, name_ar AS ar, name_fa AS fa, country, precision, places.latitude,
          places.longitude
        FROM temp.page_places AS places
        LEFT JOIN main.entities AS entities ON entities.entity_id = places.id
        ORDER BY places.place""",
    "health": """
        SELECT source, documents, articles, rejected, without_date, without_title, without_language, copies, events,
          first_published_at, last_published_at
        FROM main.source_health ORDER BY articles DESC, source LIMIT 100""",
    # What bears on the columns that this page shows; the rest is in the table.
    "quality": """
        SELECT stage, language, subject, metric, value, n, unit, corpus, basis, measured_on
        FROM main.quality_metrics
        ORDER BY list_position(['language', 'entities', 'events', 'deduplicate'], stage), language, subject, corpus
        LIMIT 200""",
    # Folders are left out of the examples: a page is handed on, and where files lay is nobody's business.
    "rejections": r"""
        SELECT stage, rule, count(*) FILTER (resolved_by IS NULL) AS open,
          count(*) FILTER (resolved_by IS NOT NULL) AS resolved,
          left(regexp_replace(any_value(error ORDER BY rejection_id), '(/[^/\s:]+)+/', '…/', 'g'), 300) AS example
        FROM main.rejections GROUP BY stage, rule ORDER BY open DESC, stage, rule LIMIT 100""",
}
