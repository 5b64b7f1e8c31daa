-- daily_events
-- How many events of each PLOVER type took place in each country on each day, and how many sources say so.
--
-- grain: one day, country and type of event
-- key: event_date, country, event_type
-- columns:
--   event_date: The day of the event, else of publication; null where neither is known.
--   country: ISO 3166-1 alpha-3 code of the place; null where the text names none.
--   event_type: PLOVER type (or an X_ type of ours); planned and denied acts are not among them.
--   quad: PLOVER quad class of the type.
--   events: Event mentions.
--   main_events: Those that their article is about.
--   original_events: Those in articles that repeat no earlier one.
--   dated_by_article: Those whose day is the day of publication, for want of a better one.
--   articles: Articles that tell them.
--   sources: Sources that tell them.
--   languages: Languages in which they are told.
--   mean_intensity: Mean PLOVER intensity, from -10 (conflict) to 10 (cooperation).
-- tests:
--   not null: event_type, events, articles, sources, languages
--   true: main_events <= events
--   true: original_events <= events
--   true: sources <= articles
--   true: articles <= events
SELECT
  event_date,
  country,
  event_type,
  any_value(quad ORDER BY event_id) AS quad,
  count(*) AS events,
  count(*) FILTER (is_main) AS main_events,
  count(*) FILTER (NOT is_copy) AS original_events,
  count(*) FILTER (date_is_published) AS dated_by_article,
  count(DISTINCT article_id) AS articles,
  count(DISTINCT source) AS sources,
  list_sort(list(DISTINCT language)) AS languages,
  avg(intensity) AS mean_intensity
FROM staging.stg_events
WHERE event_type IS NOT NULL
GROUP BY event_date, country, event_type
