-- int_article_names
-- Who and what an article names, each once, the most frequent first.
--
-- grain: one article
-- key: article_id
-- columns:
--   article_id: The article; see `articles`.
--   people: Names of persons.
--   organizations: Names of organisations.
--   locations: Names of places.
-- tests:
--   not null: article_id
--   reference: article_id in main.articles.article_id
SELECT
  article_id,
  list(name ORDER BY mentions DESC, name) FILTER (label = 'PER') AS people,
  list(name ORDER BY mentions DESC, name) FILTER (label = 'ORG') AS organizations,
  list(name ORDER BY mentions DESC, name) FILTER (label = 'LOC') AS locations
FROM (
  SELECT article_id, label, display_name AS name, count(*) AS mentions
  FROM staging.stg_mentions
  GROUP BY ALL
)
GROUP BY article_id
