-- language_mix
-- How many articles of each language each source published on each day, and how many mix languages.
--
-- grain: one day of publication, source and language
-- key: published_date, source, language
-- columns:
--   published_date: The day of publication in UTC; null for articles without a date.
--   source: Who published.
--   language: ISO 639 code, or `und` when in doubt.
--   articles: Articles of that language.
--   mixed_articles: Those with a paragraph in another language.
--   paragraphs: Their paragraphs.
--   mean_confidence: Mean confidence of the articles' language, from 0 to 1.
-- tests:
--   not null: source, language, articles, mixed_articles, paragraphs
--   true: mixed_articles <= articles
--   true: mean_confidence IS NULL OR mean_confidence BETWEEN 0 AND 1
WITH paragraphs AS (
  SELECT
    paragraphs.article_id,
    count(*) AS paragraphs,
    bool_or(paragraphs.language <> 'und' AND paragraphs.language <> articles.language) AS is_mixed
  FROM main.paragraph_languages AS paragraphs
  JOIN staging.stg_articles AS articles ON articles.article_id = paragraphs.article_id
  GROUP BY paragraphs.article_id
)
SELECT
  published_date,
  source,
  language,
  count(*) AS articles,
  count(*) FILTER (is_mixed) AS mixed_articles,
  CAST(coalesce(sum(paragraphs), 0) AS BIGINT) AS paragraphs,
  avg(language_confidence) AS mean_confidence
FROM staging.stg_articles
LEFT JOIN paragraphs USING (article_id)
GROUP BY published_date, source, language
