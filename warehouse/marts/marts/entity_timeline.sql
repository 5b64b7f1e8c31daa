-- entity_timeline
-- How often each entity is named on each day, under whatever spelling, and what it did or had done to it.
--
-- grain: one entity and day of publication
-- key: entity_id, published_date
-- columns:
--   entity_id: The entity; see `entities`.
--   published_date: The day of publication in UTC; null for articles without a date.
--   label: PER, ORG, LOC or MISC.
--   name_ar: Its usual name in Arabic.
--   name_fa: Its usual name in Persian.
--   name_en: Its usual name in English.
--   country: Its country, ISO 3166-1 alpha-3.
--   mentions: How often it is named.
--   articles: In how many articles.
--   original_articles: In how many articles that repeat no earlier one.
--   sources: By how many sources.
--   languages: In which languages.
--   events_as_actor: Events that count for PLOVER in which it acts.
--   events_as_recipient: Those in which it is acted upon.
-- tests:
--   not null: entity_id, mentions, articles, sources
--   true: articles <= mentions
--   true: original_articles <= articles
--   reference: entity_id in main.entities.entity_id
WITH named AS (
  SELECT
    entity_id,
    published_date,
    count(*) AS mentions,
    count(DISTINCT article_id) AS articles,
    count(DISTINCT article_id) FILTER (NOT is_copy) AS original_articles,
    count(DISTINCT source) AS sources,
    list_sort(list(DISTINCT articles.language)) AS languages
  FROM main.entity_mentions
  JOIN staging.stg_articles AS articles USING (article_id)
  WHERE entity_id IS NOT NULL
  GROUP BY entity_id, published_date
),
acting AS (
  SELECT
    actors.entity_id,
    events.published_date,
    count(DISTINCT event_id) FILTER (role = 'actor') AS events_as_actor,
    count(DISTINCT event_id) FILTER (role = 'recipient') AS events_as_recipient
  FROM main.event_actors AS actors
  JOIN staging.stg_events AS events USING (event_id)
  WHERE actors.entity_id IS NOT NULL AND events.event_type IS NOT NULL
  GROUP BY actors.entity_id, events.published_date
)
SELECT
  entities.entity_id,
  named.published_date,
  label,
  name_ar,
  name_fa,
  name_en,
  country,
  mentions,
  articles,
  original_articles,
  sources,
  languages,
  coalesce(events_as_actor, 0) AS events_as_actor,
  coalesce(events_as_recipient, 0) AS events_as_recipient
FROM named
JOIN main.entities AS entities ON entities.entity_id = named.entity_id
LEFT JOIN acting
  ON acting.entity_id = named.entity_id AND acting.published_date IS NOT DISTINCT FROM named.published_date
