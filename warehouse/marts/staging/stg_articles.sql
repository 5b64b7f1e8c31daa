-- stg_articles
-- Articles without their texts: when, where and in which language, and whether another article said it before.
--
-- grain: one article
-- key: article_id
-- columns:
--   article_id: The article; see `articles`.
--   source: Who published it.
--   title: Its headline, where there is one.
--   language: ISO 639 code; `und` when in doubt or not looked at yet.
--   language_confidence: How sure the language is, from 0 to 1.
--   published_at: When it was published.
--   published_date: The same as a day, in UTC.
--   is_copy: Whether it repeats an earlier article, word for word or nearly so.
--   story_id: The story that it tells best; null outside any.
-- tests:
--   not null: article_id, source, language, is_copy
SELECT
  article_id,
  source,
  title,
  coalesce(language, 'und') AS language,
  language_confidence,
  published_at,
  CAST(published_at AT TIME ZONE 'UTC' AS DATE) AS published_date,
  copies.article_id IS NOT NULL AS is_copy,
  told.story_id
FROM main.articles
LEFT JOIN (SELECT DISTINCT article_id FROM main.duplicate_pairs) AS copies USING (article_id)
LEFT JOIN (
  SELECT article_id, arg_max(story_id, (similarity, story_id)) AS story_id
  FROM main.story_articles
  GROUP BY article_id
) AS told USING (article_id)
