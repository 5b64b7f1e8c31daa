-- story_overview
-- Each story at a glance: how long it runs, who tells it in which language, who is in it and what happens.
--
-- grain: one story
-- key: story_id
-- columns:
--   story_id: The story; see `stories`.
--   title: The title of its earliest article.
--   title_ar: The title of its earliest Arabic article.
--   title_fa: The title of its earliest Persian article.
--   first_published_at: When its earliest article was published.
--   last_published_at: When its latest article was published.
--   articles: Articles that tell it.
--   original_articles: Those that repeat no earlier one.
--   sources: Sources that tell it.
--   independent_sources: Sources, copies of one text counted once; see `stories`.
--   languages: Languages in which it is told.
--   names: Up to ten entities that most of its articles name, in English where known.
--   event_types: PLOVER types of its main events, the most frequent first.
--   countries: Countries in which its events take place, the most frequent first.
-- tests:
--   not null: story_id, articles, sources
--   true: original_articles <= articles
--   true: first_published_at IS NULL OR first_published_at <= last_published_at
--   reference: story_id in main.stories.story_id
WITH told AS (
  SELECT
    story.story_id,
    count(*) AS articles,
    count(*) FILTER (NOT is_copy) AS original_articles,
    count(DISTINCT source) AS sources,
    list_sort(list(DISTINCT articles.language)) AS languages,
    arg_min(title, (published_at, article_id)) FILTER (articles.language = 'ar') AS title_ar,
    arg_min(title, (published_at, article_id)) FILTER (articles.language = 'fa') AS title_fa
  FROM main.story_articles AS story
  JOIN staging.stg_articles AS articles USING (article_id)
  GROUP BY story.story_id
),
named AS (
  SELECT story_id, list(name ORDER BY articles DESC, name)[:10] AS names
  FROM (
    SELECT story.story_id, coalesce(entity_id, display_name) AS who, min(display_name) AS name,
      count(DISTINCT article_id) AS articles
    FROM main.story_articles AS story
    JOIN staging.stg_mentions AS mentions USING (article_id)
    WHERE mentions.entity_id IS NOT NULL
    GROUP BY ALL
  )
  GROUP BY story_id
),
happened AS (
  SELECT story_id, list(event_type ORDER BY events DESC, event_type) AS event_types
  FROM (
    SELECT story_id, event_type, count(*) AS events
    FROM staging.stg_events
    WHERE story_id IS NOT NULL AND event_type IS NOT NULL AND is_main
    GROUP BY ALL
  )
  GROUP BY story_id
),
placed AS (
  SELECT story_id, list(country ORDER BY events DESC, country) AS countries
  FROM (
    SELECT story_id, country, count(*) AS events
    FROM staging.stg_events
    WHERE story_id IS NOT NULL AND country IS NOT NULL
    GROUP BY ALL
  )
  GROUP BY story_id
)
SELECT
  stories.story_id,
  stories.title,
  title_ar,
  title_fa,
  first_published_at,
  last_published_at,
  articles,
  original_articles,
  sources,
  independent_source_count AS independent_sources,
  languages,
  names,
  event_types,
  countries
FROM main.stories AS stories
JOIN told ON told.story_id = stories.story_id
LEFT JOIN named ON named.story_id = stories.story_id
LEFT JOIN happened ON happened.story_id = stories.story_id
LEFT JOIN placed ON placed.story_id = stories.story_id
