"""The questions that story matching asks the warehouse.

Tables that it hands over: `mine` (features of the batch's articles, and of stored ones whose copies changed, which
take the place of those stored), `touched` and `told` (ids). A node is an article that copies none; `moment` is
`published_at` in microseconds.
"""

from __future__ import annotations

_COLUMNS = "article_id, copy_of, source, title, language, published_at, fetched_at, vector, terms"

#: Features as they are after this batch.
_NOW = f"""
now AS (
  SELECT {_COLUMNS} FROM article_features ANTI JOIN mine USING (article_id) WHERE {{condition}}
  UNION ALL
  SELECT {_COLUMNS} FROM mine WHERE {{condition}}
)
"""

FETCHED = """
SELECT u.article_id, d.fetched_at
FROM batch_documents u LEFT JOIN (SELECT document_id, fetched_at FROM raw_documents) d USING (document_id)
"""

#: Where the features of some articles lie, and these: vectors and terms of files outside of the range are not read.
FEATURES_RANGE = """
SELECT coalesce(min(f.rowid), 0) AS first, coalesce(max(f.rowid), -1) AS last
FROM article_features AS f SEMI JOIN wanted USING (article_id)
"""
STORED_FEATURES = f"""
SELECT {_COLUMNS} FROM article_features SEMI JOIN wanted USING (article_id)
WHERE rowid BETWEEN {{first}} AND {{last}} ORDER BY article_id
"""

#: What is stored of the touched articles: their moments and first copies before, and the stories they are in. (Asked as
#: a UNION ALL of both sides, DuckDB 1.5 never came to an end where a million articles are touched.)
BEFORE = """
SELECT article_id, f.copy_of, f.published_at, s.story_id
FROM (SELECT article_id, copy_of, published_at FROM article_features SEMI JOIN touched USING (article_id)) f
FULL JOIN (SELECT article_id, story_id FROM story_articles SEMI JOIN touched USING (article_id)) s USING (article_id)
"""

#: When some stored articles were published.
MOMENTS = "SELECT article_id, published_at FROM article_features SEMI JOIN wanted USING (article_id)"


def nodes(first: int, last: int) -> str:
    """The dated nodes of a stretch of time (microseconds), in order, with what is stored of their place."""
    return _nodes(f"published_at BETWEEN make_timestamptz({first}) AND make_timestamptz({last})")


def undated(most: int) -> str:
    """The undated nodes that are matched, the `most` of the smallest ids; and those that are new or ceased to be."""
    return f"""
SELECT *, row_number() OVER (ORDER BY article_id) <= {most} AS is_matched FROM ({_nodes("published_at IS NULL")})
QUALIFY is_matched OR matched_with IS NOT NULL OR article_id IN (SELECT article_id FROM mine)
ORDER BY article_id
"""


#: How many features are stored.
STORED = "SELECT count(*) AS n FROM article_features"


def slice_of(digit: str) -> str:
    """A sixteenth of all nodes, ids being digests; all of them where no digit is given."""
    return _nodes(f"article_id >= '{digit}' AND article_id < '{digit}g'")


def _nodes(condition: str) -> str:
    return f"""
WITH {_NOW.format(condition=condition)}
SELECT n.article_id, n.published_at, n.language, n.vector, n.terms,
       s.story_id, s.thread_id, s.matched_with, s.similarity, t.canonical_id
FROM now n LEFT JOIN story_articles s USING (article_id) LEFT JOIN stories t USING (story_id)
WHERE n.copy_of IS NULL
ORDER BY n.published_at NULLS LAST, n.article_id
"""


#: Touched articles that were undated nodes: as many others may have moved up among those that are matched.
UNDATED_BEFORE = """
SELECT count(*) AS n FROM article_features SEMI JOIN touched USING (article_id)
WHERE published_at IS NULL AND copy_of IS NULL
"""

#: Near copies that are stored of some nodes.
NEAR = """
SELECT article_id, duplicate_of, similarity, method FROM duplicate_pairs SEMI JOIN asked USING (article_id)
ANTI JOIN mine USING (article_id) WHERE kind = 'near'
"""

#: Every article of the stories told: nodes as given in `told`, and their copies.
_MEMBERS = f"""
WITH {_NOW.format(condition="true")},
members AS (
  SELECT n.article_id, n.copy_of, t.root_id, t.thread_id, t.text_group, n.source, n.title, n.language, n.published_at,
         n.fetched_at,
         CASE WHEN n.copy_of IS NULL THEN t.matched_with ELSE n.copy_of END AS matched_with,
         CASE WHEN n.copy_of IS NULL THEN t.similarity ELSE 1.0 END AS similarity,
         CASE WHEN n.copy_of IS NULL THEN t.method ELSE 'copy' END AS method
  FROM now n JOIN told t ON t.article_id = coalesce(n.copy_of, n.article_id)
),
founders AS (  -- an aggregate, since a window would sort every copy
  SELECT root_id, min({{'at': coalesce(fetched_at, TIMESTAMPTZ 'infinity'), 'id': article_id}}).id AS founder
  FROM members GROUP BY root_id
),
named AS (SELECT * FROM members JOIN founders USING (root_id))
"""
_STORY_ID = "substr(sha256(concat('story', chr(31), {})), 1, 32)"

#: The rows of story articles that are not stored as they should be, and those of the batch's articles. The others of
#: a story stay as they are: a text that comes a million times, batch by batch, is written a million times, not more.
CHANGED = f"""
{_MEMBERS},
ids AS (SELECT founder, {_STORY_ID.format("founder")} AS story_id FROM named GROUP BY founder)
SELECT n.article_id, i.story_id, {_STORY_ID.format("n.article_id")} AS own_story_id, n.thread_id, n.matched_with,
       n.similarity, n.method
FROM named n JOIN ids i USING (founder) LEFT JOIN story_articles s ON s.article_id = n.article_id
WHERE s.article_id IS NULL OR n.article_id IN (SELECT article_id FROM mine)
   OR (s.story_id, s.thread_id, s.similarity, s.method) <> (i.story_id, n.thread_id, n.similarity, n.method)
   OR s.matched_with IS DISTINCT FROM n.matched_with
ORDER BY n.article_id
"""

#: One row a story. A source counts once, and only with a text of its own: the first to bring a text has it.
STORIES = f"""
{_MEMBERS},
heads AS (
  SELECT * FROM named WHERE copy_of IS NULL  -- no copy comes before its first article
  QUALIFY row_number() OVER (PARTITION BY root_id, text_group ORDER BY published_at NULLS LAST, article_id) = 1
),
independent AS (SELECT root_id, count(DISTINCT source) AS sources FROM heads GROUP BY root_id)
SELECT {_STORY_ID.format("any_value(m.founder)")} AS story_id, m.root_id AS canonical_id,
       any_value(m.title) FILTER (m.article_id = m.root_id) AS title,
       greatest(count(DISTINCT m.language) FILTER (m.language <> 'und'), 1) AS language_count,
       count(*) AS article_count, any_value(i.sources) AS independent_source_count,
       min(m.published_at) AS first_published_at, max(m.published_at) AS last_published_at
FROM named m JOIN independent i USING (root_id) GROUP BY m.root_id ORDER BY story_id
"""
