-- Who is named in both Arabic and Persian articles, whichever the spelling?
SELECT
  entities.name_ar,
  entities.name_fa,
  count(*) AS mentions,
  count(DISTINCT article_id) AS articles,
  list_sort(list(DISTINCT articles.language)) AS languages
FROM entity_mentions
JOIN entities USING (entity_id)
JOIN articles USING (article_id)
WHERE entities.label = 'PER'
GROUP BY ALL
HAVING list_contains(languages, 'ar') AND list_contains(languages, 'fa')
ORDER BY articles DESC, name_ar
LIMIT 8
