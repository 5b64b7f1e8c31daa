-- search(question)
-- Articles that hold every word of the question, the best first by BM25.
--
-- A word is found behind the clitics of Arabic (و ف ب ك ل ال) and before the plural of Persian, and under the other
-- spellings of a name: one-word names of the same entity, and family names, stand for each other («ترامب», «ترامپ»). A question
-- that is the name of an entity also finds the articles that name it otherwise.
SELECT found.article_id, round(found.score, 4) AS score, source, language, title, published_at
FROM (
  WITH asked AS (
    SELECT DISTINCT word FROM (SELECT unnest(string_split(search_key(question), ' ')) AS word) WHERE word <> ''
  ),
  named AS (
    SELECT DISTINCT entity_id, search_key(bare_form) AS name FROM entity_mentions WHERE entity_id IS NOT NULL
    UNION
    SELECT entity_id, search_key(name)
    FROM (SELECT entity_id, unnest([name_ar, name_fa, name_en]) AS name FROM entities) AS known
  ),
  -- «ترمب» of «دونالد ترمب», where no article writes it alone; names of as many words end alike
  ending AS (
    SELECT entity_id, string_split(name, ' ')[-1] AS word, length(name) - length(replace(name, ' ', '')) AS blanks
    FROM named
    JOIN entities USING (entity_id)
    WHERE label = 'PER' AND contains(name, ' ')
  ),
  spelled AS (
    SELECT word, word AS spelling FROM asked
    UNION
    SELECT asked.word, other.name
    FROM asked
    JOIN named AS own ON own.name = asked.word
    JOIN named AS other ON other.entity_id = own.entity_id AND NOT contains(other.name, ' ')
    UNION
    SELECT asked.word, other.word
    FROM asked
    JOIN ending AS own ON own.word = asked.word
    JOIN ending AS other ON other.entity_id = own.entity_id AND other.blanks = own.blanks
  ),
  bare AS (
    SELECT word, spelling FROM spelled
    UNION
    SELECT word, spelling[3:] FROM spelled WHERE starts_with(spelling, 'ال') AND length(spelling) >= 5
  ),
  forms AS (
    SELECT DISTINCT word, concat(before, spelling, after) AS term
    FROM bare
    CROSS JOIN (SELECT unnest(['', 'ال', 'و', 'وال', 'ف', 'فال', 'ب', 'بال', 'وب', 'وبال', 'ك', 'كال', 'ل', 'لل', 'ول', 'ولل']) AS before)
    CROSS JOIN (SELECT unnest(['', 'ها', 'هاي']) AS after)
  ),
  hit AS (
    SELECT article_id, word, sum(hits) AS hits, any_value(words) AS words
    FROM search_terms
    JOIN forms USING (term)
    GROUP BY article_id, word
  ),
  total AS (
    SELECT count(*) AS articles, (SELECT count(*) FROM asked) AS asked FROM articles
  ),
  frequency AS (
    SELECT word, count(*) AS articles, avg(words) AS usual FROM hit GROUP BY word
  ),
  scored AS (
    SELECT
      article_id,
      sum(
        ln(1 + (total.articles - frequency.articles + 0.5) / (frequency.articles + 0.5))
        * hits * 2.2 / (hits + 1.2 * (0.25 + 0.75 * words / usual))
      ) AS score,
      count(*) AS matched
    FROM hit
    JOIN frequency USING (word)
    CROSS JOIN total
    GROUP BY article_id
  ),
  mentioning AS (
    SELECT DISTINCT mentions.article_id
    FROM entity_mentions AS mentions
    JOIN named ON named.entity_id = mentions.entity_id
    WHERE named.name = search_key(question)
  )
  SELECT article_id, coalesce(score, 0) AS score
  FROM scored
  FULL JOIN mentioning USING (article_id)
  CROSS JOIN total
  WHERE matched = total.asked OR mentioning.article_id IS NOT NULL
) AS found
JOIN articles ON articles.article_id = found.article_id
ORDER BY score DESC, found.article_id
