-- source_health
-- What each source delivers: how much, how fresh, how complete, how much of it rejected or copied.
--
-- grain: one source
-- key: source
-- columns:
--   source: Who published, as the records or the user say.
--   documents: Payloads that gave its articles, or were fetched under this name and gave none.
--   articles: Articles that are stored under this name.
--   rejected: Rejections of its documents and articles that are still open.
--   rejected_share: `rejected` by documents and rejections together, from 0 to 1.
--   last_fetched_at: When its latest document was fetched.
--   first_published_at: The earliest publication time.
--   last_published_at: The latest publication time.
--   without_date: Articles without a publication time.
--   without_title: Articles without a title.
--   without_language: Articles whose language is in doubt.
--   copies: Articles that repeat an earlier one.
--   copied_by_others: Articles that an article of another source repeats.
--   languages: Languages of its articles.
--   mentions: Names found in its articles.
--   events: Events found in its articles.
-- tests:
--   not null: source, documents, articles, rejected
--   true: rejected_share BETWEEN 0 AND 1
--   true: without_date <= articles AND without_title <= articles AND copies <= articles
WITH documents AS (
  SELECT coalesce(read.source, fetched.source) AS source, count(*) AS documents, max(fetched_at) AS last_fetched_at
  FROM main.raw_documents AS fetched
  LEFT JOIN main.articles AS read ON read.document_id = fetched.document_id
  GROUP BY ALL
),
articles AS (
  SELECT
    source,
    count(*) AS articles,
    min(published_at) AS first_published_at,
    max(published_at) AS last_published_at,
    count(*) FILTER (published_at IS NULL) AS without_date,
    count(*) FILTER (title IS NULL) AS without_title,
    count(*) FILTER (language = 'und') AS without_language,
    count(*) FILTER (is_copy) AS copies,
    list_sort(list(DISTINCT language)) AS languages
  FROM staging.stg_articles
  GROUP BY source
),
rejected AS (
  SELECT
    coalesce(articles.source, documents.source, '(unreadable)') AS source,
    count(*) AS rejected
  FROM main.rejections AS rejections
  LEFT JOIN main.articles AS articles ON articles.article_id = rejections.article_id
  LEFT JOIN main.raw_documents AS documents ON documents.document_id = rejections.document_id
  WHERE resolved_by IS NULL
  GROUP BY ALL
),
copied AS (
  SELECT earlier.source, count(DISTINCT earlier.article_id) AS copied_by_others
  FROM main.duplicate_pairs AS pairs
  JOIN staging.stg_articles AS earlier ON earlier.article_id = pairs.duplicate_of
  JOIN staging.stg_articles AS later ON later.article_id = pairs.article_id
  WHERE earlier.source <> later.source
  GROUP BY earlier.source
),
named AS (
  SELECT source, count(*) AS mentions
  FROM main.entity_mentions
  JOIN staging.stg_articles USING (article_id)
  GROUP BY source
),
told AS (
  SELECT source, count(*) AS events
  FROM staging.stg_events
  GROUP BY source
)
SELECT
  source,
  coalesce(documents, 0) AS documents,
  coalesce(articles, 0) AS articles,
  coalesce(rejected, 0) AS rejected,
  coalesce(rejected, 0) / greatest(coalesce(documents, 0), coalesce(rejected, 0), 1) AS rejected_share,
  last_fetched_at,
  first_published_at,
  last_published_at,
  coalesce(without_date, 0) AS without_date,
  coalesce(without_title, 0) AS without_title,
  coalesce(without_language, 0) AS without_language,
  coalesce(copies, 0) AS copies,
  coalesce(copied_by_others, 0) AS copied_by_others,
  languages,
  coalesce(mentions, 0) AS mentions,
  coalesce(events, 0) AS events
FROM documents
FULL JOIN articles USING (source)
FULL JOIN rejected USING (source)
LEFT JOIN copied USING (source)
LEFT JOIN named USING (source)
LEFT JOIN told USING (source)
