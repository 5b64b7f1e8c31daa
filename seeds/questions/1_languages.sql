-- How many articles are there, in which languages, from how many sources?
SELECT
  language,
  count(*) AS articles,
  count(DISTINCT source) AS sources
FROM articles
GROUP BY language
ORDER BY articles DESC, language
