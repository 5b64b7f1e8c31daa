-- story_events
-- What happened in each story: the same act told by several articles is one row, with how many independent sources say so.
--
-- Acts of one story are the same where PLOVER counts them as one type on one day. An article that tells no day takes
-- the day that others of its story tell for the type, if that lies within two days of its publication. Modes do not
-- part them: of one act an article tells the killing, another the strike, a third the shelling that it came by, and most
-- mentions have no mode. Two acts of a type on one day of a story are one row; `event_ids` leads to the mentions.
--
-- grain: one type of event on one day of one story
-- key: story_id, event_type, event_date
-- columns:
--   story_id: The story; see `stories`.
--   event_type: PLOVER type (or an X_ type of ours); planned and denied acts are not among them.
--   event_date: The day of the event, else of publication; null where neither is known.
--   date_is_told: Whether an article tells the day, and it is not only that of publication.
--   event_mode: The mode that most articles tell.
--   quad: PLOVER quad class of the type.
--   intensity: Mean PLOVER intensity, from -10 (conflict) to 10 (cooperation).
--   actors: Up to five names of who acts, the one that most articles name first, in English where known.
--   recipients: Up to five names of who is acted upon, likewise.
--   country: The country of the place that most articles tell, ISO 3166-1 alpha-3.
--   articles: Articles that tell it.
--   main_articles: Those that are about it.
--   sources: Sources that tell it.
--   independent_sources: Sources that tell it in a text of their own.
--   languages: Languages in which it is told.
--   event_ids: The mentions that were counted; see `events`.
-- tests:
--   not null: story_id, event_type, articles, sources, independent_sources, event_ids
--   true: independent_sources BETWEEN 1 AND sources
--   true: sources <= articles
--   true: main_articles <= articles
--   reference: story_id in main.stories.story_id
WITH told AS (
  SELECT * FROM staging.stg_events WHERE story_id IS NOT NULL AND event_type IS NOT NULL
),
days AS (SELECT DISTINCT story_id, event_type, event_date AS day FROM told WHERE NOT date_is_published),
nearest AS (
  SELECT event_id, arg_min(day, (abs(day - event_date), day)) AS day
  FROM told
  JOIN days USING (story_id, event_type)
  WHERE date_is_published AND abs(day - event_date) <= 2
  GROUP BY event_id
),
dated AS (
  SELECT told.* REPLACE (coalesce(day, event_date) AS event_date), NOT date_is_published OR day IS NOT NULL AS is_told
  FROM told
  LEFT JOIN nearest USING (event_id)
),
named AS (
  SELECT story_id, event_type, event_date, role, name, count(DISTINCT article_id) AS articles
  FROM (
    SELECT dated.story_id, event_type, event_date, role, dated.article_id,
      coalesce(mentions.display_name, actors.surface) AS name
    FROM dated
    JOIN main.event_actors AS actors USING (event_id)
    JOIN staging.stg_mentions AS mentions ON mentions.mention_id = actors.mention_id
  )
  GROUP BY ALL
),
sides AS (
  SELECT story_id, event_type, event_date,
    list(name ORDER BY articles DESC, name) FILTER (role = 'actor')[:5] AS actors,
    list(name ORDER BY articles DESC, name) FILTER (role = 'recipient')[:5] AS recipients
  FROM named
  GROUP BY story_id, event_type, event_date
),
acts AS (
  SELECT
    story_id,
    event_type,
    event_date,
    bool_or(is_told) AS date_is_told,
    mode(event_mode ORDER BY event_id) AS event_mode,
    any_value(quad ORDER BY event_id) AS quad,
    avg(intensity) AS intensity,
    mode(country ORDER BY event_id) AS country,
    count(DISTINCT article_id) AS articles,
    count(DISTINCT article_id) FILTER (is_main) AS main_articles,
    count(DISTINCT source) AS sources,
    greatest(count(DISTINCT source) FILTER (NOT is_copy), 1) AS independent_sources,
    list_sort(list(DISTINCT language)) AS languages,
    list(event_id ORDER BY event_id) AS event_ids
  FROM dated
  GROUP BY story_id, event_type, event_date
)
SELECT
  acts.story_id,
  acts.event_type,
  acts.event_date,
  date_is_told,
  event_mode,
  quad,
  intensity,
  actors,
  recipients,
  country,
  articles,
  main_articles,
  sources,
  independent_sources,
  languages,
  event_ids
FROM acts
LEFT JOIN sides
  ON sides.story_id = acts.story_id AND sides.event_type = acts.event_type
  AND sides.event_date IS NOT DISTINCT FROM acts.event_date
