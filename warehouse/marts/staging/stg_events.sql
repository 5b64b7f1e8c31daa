-- stg_events
-- Events with the source, language and day of their article.
--
-- grain: one event mention
-- key: event_id
-- columns:
--   event_id: The event; see `events`.
--   article_id: The article that tells it.
--   sentence_index: The sentence that tells it.
--   is_main: Whether the article is about it.
--   is_copy: Whether the article repeats an earlier one.
--   story_id: The story of the article.
--   source: Who published it.
--   language: The language of the article.
--   published_date: The day of publication, in UTC.
--   event_date: The day of the event as the text tells it, else the day of publication.
--   date_is_published: Whether the day is that of publication, for want of a better one.
--   act_type: PLOVER type of what is described.
--   modality: Whether it happened, is planned, was put off, …
--   polarity: Whether the text affirms or denies it.
--   event_type: The type to count (`plover_type`); null where nothing took place that PLOVER counts.
--   event_mode: The mode that goes with it.
--   quad: PLOVER quad class.
--   intensity: PLOVER intensity, from -10 to 10.
--   contexts: PLOVER contexts.
--   place_entity_id: Where it took place.
--   country: The country of the place, ISO 3166-1 alpha-3.
--   latitude: Degrees north of the place.
--   longitude: Degrees east of the place.
--   ontology_version: The lexicon and rules that read it.
-- tests:
--   not null: event_id, article_id, source, language, act_type
--   reference: article_id in main.articles.article_id
SELECT
  event_id,
  events.article_id,
  sentence_index,
  is_main,
  is_copy,
  events.story_id,
  source,
  articles.language,
  published_date,
  coalesce(event_date, published_date) AS event_date,
  event_date IS NULL AND published_date IS NOT NULL AS date_is_published,
  act_type,
  modality,
  polarity,
  plover_type AS event_type,
  plover_mode AS event_mode,
  quad,
  intensity,
  contexts,
  place_entity_id,
  coalesce(events.country, places.country) AS country,
  events.latitude,
  events.longitude,
  ontology_version
FROM main.events AS events
LEFT JOIN main.entities AS places ON places.entity_id = events.place_entity_id
JOIN staging.stg_articles AS articles ON articles.article_id = events.article_id
