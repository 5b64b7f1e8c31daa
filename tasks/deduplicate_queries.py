"""The questions that deduplication asks the warehouse, each answered by one scan over what is stored.

Tables that the stage hands over: `fresh` (signatures of the batch's articles), `removed` and `added` (canonical
articles that leave and enter the bucket index), `writers` (articles whose near pairs are computed). Everything
else is a warehouse table. `moment` is `published_at` in microseconds, with the largest integer for null: rows
are then ordered by `(moment, article_id)` with undated articles last.
"""

from __future__ import annotations

#: Stands for "no date", after every date.
UNDATED = 9_223_372_036_854_775_807

#: Each member of a bucket is compared with this many earliest members. A bucket of n articles so costs at
#: most 32·n comparisons, not n²/2: boilerplate that thousands of pages share stays linear, and since "the
#: earliest" is a property of the set, the outcome does not depend on the order of arrival. Within groups of
#: up to 33 near-copies every pair is still compared.
BUCKET_HEADS = 32

#: Two texts are near-copies when their sets of three-word shingles overlap by at least this Jaccard similarity.
#: At .6 half of what either says word for word is still shared (J = .6 is a containment of .75 for texts of
#: one length); independent reports of one event, quotations included, stay below .3.
MIN_SIMILARITY = 0.6

_MOMENT = f"coalesce(epoch_us(published_at), {UNDATED})"
_IN_BUCKET = "row_number() OVER (PARTITION BY band, bucket ORDER BY moment, article_id)"

#: For each content key that the batch touches, the canonical article before and after it.
LEADERS = f"""
WITH touched AS (
  SELECT content_key FROM fresh
  UNION
  SELECT s.content_key FROM article_signatures s SEMI JOIN fresh USING (article_id)
),
held AS (
  SELECT article_id, content_key, {_MOMENT} AS moment
  FROM article_signatures SEMI JOIN touched USING (content_key)
),
present AS (
  SELECT article_id, content_key, moment FROM held ANTI JOIN fresh USING (article_id)
  UNION ALL
  SELECT article_id, content_key, {_MOMENT} FROM fresh
),
leader_before AS (
  SELECT content_key, article_id FROM held
  QUALIFY row_number() OVER (PARTITION BY content_key ORDER BY moment, article_id) = 1
),
leader_after AS (
  SELECT content_key, article_id FROM present
  QUALIFY row_number() OVER (PARTITION BY content_key ORDER BY moment, article_id) = 1
)
SELECT t.content_key, b.article_id AS leader_before, a.article_id AS leader_after
FROM touched t LEFT JOIN leader_before b USING (content_key) LEFT JOIN leader_after a USING (content_key)
"""

#: The stored members of the groups whose canonical article changes.
MEMBERS = """
SELECT s.article_id, s.content_key, s.shingle_count, s.published_at
FROM article_signatures s SEMI JOIN changed USING (content_key) ANTI JOIN fresh USING (article_id)
"""

#: The text of stored articles, to be cut into shingles.
TEXTS = "SELECT article_id, title, text FROM articles SEMI JOIN wanted USING (article_id)"

#: What is stored of canonical articles whose near pairs must be computed again.
STORED_BANDS = """
SELECT article_id, band, bucket FROM signature_bands SEMI JOIN wanted USING (article_id)
"""
STORED_SIGNATURES = """
SELECT article_id, content_key, shingle_count, published_at
FROM article_signatures SEMI JOIN wanted USING (article_id)
"""

#: Stored canonical articles that stand behind an article which came to, or left, the heads of one of their
#: buckets: only their near pairs can change. (An article that is pushed out of the heads, or moves up into
#: them, stands behind the one that caused it.) In a stream of ever later articles there are none.
AFFECTED = f"""
WITH touched AS (
  SELECT band, bucket FROM added
  UNION
  SELECT band, bucket FROM signature_bands SEMI JOIN removed USING (article_id)
),
members_before AS (
  SELECT b.band, b.bucket, b.article_id, {_MOMENT} AS moment
  FROM signature_bands b SEMI JOIN touched USING (band, bucket) JOIN article_signatures s USING (article_id)
),
members_after AS (
  SELECT band, bucket, article_id, moment FROM members_before ANTI JOIN removed USING (article_id)
  UNION ALL
  SELECT band, bucket, article_id, moment FROM added
),
heads_before AS (SELECT * FROM members_before QUALIFY {_IN_BUCKET} <= {BUCKET_HEADS}),
heads_after AS (SELECT * FROM members_after QUALIFY {_IN_BUCKET} <= {BUCKET_HEADS}),
moved AS (
  SELECT * FROM heads_before SEMI JOIN removed USING (article_id)
  UNION ALL
  SELECT * FROM heads_after WHERE article_id IN (SELECT article_id FROM added)
),
first_moved AS (SELECT * FROM moved QUALIFY {_IN_BUCKET} = 1)
SELECT DISTINCT m.article_id
FROM members_after m JOIN first_moved f USING (band, bucket)
WHERE (m.moment, m.article_id) > (f.moment, f.article_id)
  AND m.article_id NOT IN (SELECT article_id FROM added)
ORDER BY m.article_id
"""

#: For each writer, the earlier heads of its buckets that are long and short enough to be as similar as asked:
#: similarity is at most the ratio of the two set sizes.
CANDIDATES = f"""
WITH touched AS (SELECT DISTINCT band, bucket FROM writers),
members AS (
  SELECT b.band, b.bucket, b.article_id, {_MOMENT} AS moment, s.shingle_count
  FROM signature_bands b SEMI JOIN touched USING (band, bucket)
  ANTI JOIN removed USING (article_id) JOIN article_signatures s USING (article_id)
  UNION ALL
  SELECT band, bucket, article_id, moment, shingle_count FROM added
),
heads AS (SELECT * FROM members QUALIFY {_IN_BUCKET} <= {BUCKET_HEADS})
SELECT DISTINCT w.article_id, h.article_id AS duplicate_of
FROM writers w JOIN heads h USING (band, bucket)
WHERE (h.moment, h.article_id) < (w.moment, w.article_id)
  AND least(h.shingle_count, w.shingle_count) >= {MIN_SIMILARITY} * greatest(h.shingle_count, w.shingle_count)
ORDER BY w.article_id, duplicate_of
"""
