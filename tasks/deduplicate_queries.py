"""The questions that deduplication asks the warehouse, each answered by one scan over what is stored.

`tasks/deduplicate_index.py` asks those about the bucket index. Tables that are handed over: `fresh` (signatures of the
batch's articles), `removed` and `added` (canonical articles that leave and enter the bucket index), `writers` (articles
whose near pairs are computed). Everything else is a warehouse table. `moment` is `published_at` in microseconds, with
the largest integer for null: rows are then ordered by `(moment, article_id)` with undated articles last.
"""

from __future__ import annotations

from tasks.minhash import BANDS

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

#: A text lies inside another when so much of its shingles is there: a sentence in five may be its own.
MIN_CONTAINMENT = 0.8
#: Such a text has so many shingles at least: one long sentence that two articles quote makes neither a copy.
MIN_CONTAINED = 20
#: Of the sampled shingles of the shorter text, pairs that are verified share this part: with four of them at a
#: containment of .8, at least two are shared with a chance of .97.
MIN_SAMPLES = 0.5

#: Kinds of bucket after the bands of the signature.
SAMPLE_BAND = BANDS
PARAGRAPH_BAND = BANDS + 1

#: A paragraph that so many different texts of one source have is boilerplate. The background paragraph of a running
#: story comes back a few times; a colophon on every page. A number, not a share: when one more page brings it, so
#: many articles are judged again and no more.
BOILERPLATE = 20

_MOMENT = f"coalesce(epoch_us(published_at), {UNDATED})"
_IN_BUCKET = "row_number() OVER (PARTITION BY band, bucket ORDER BY moment, article_id)"

#: For each content key that the batch touches and somebody has, the canonical article, and the one that stays so where
#: none of the batch's articles comes before it: articles of the batch count with what they say now.
LEADERS = f"""
WITH touched AS (
  SELECT content_key FROM fresh
  UNION ALL
  SELECT s.content_key FROM article_signatures s SEMI JOIN fresh USING (article_id)
),
held AS (
  SELECT content_key, {{'moment': {_MOMENT}, 'article_id': article_id}} AS place,
         article_id IN (SELECT article_id FROM fresh) AS comes
  FROM article_signatures SEMI JOIN touched USING (content_key)
)
SELECT content_key, min(place) AS leader, min(place) FILTER (NOT comes) AS staying FROM held GROUP BY content_key
"""

#: The stored members of the groups whose canonical article changes.
MEMBERS = """
SELECT s.article_id, s.content_key, s.shingle_count, s.sample_count, s.published_at, s.sketch
FROM article_signatures s SEMI JOIN changed USING (content_key) ANTI JOIN fresh USING (article_id)
"""

#: How many articles there are, where stored ones lie, and the text of those of a stretch, to be cut into shingles:
#: files, and parts of files, outside of the stretch are not read.
ARTICLES = "SELECT count(*) AS n FROM articles"
PLACES = "SELECT a.rowid AS place FROM articles AS a SEMI JOIN wanted USING (article_id) ORDER BY place"
TEXTS = """
SELECT article_id, source, title, text FROM articles SEMI JOIN wanted USING (article_id)
WHERE rowid BETWEEN {first} AND {last}
"""
#: Texts that so many articles lie between are two stretches: to read and pass over 20,000 texts takes .1 s, to ask once
#: more .02 s. Candidates are mostly the earliest of a bucket, in the first files, and the latest, in the last. Of so
#: few articles in all nobody asks where they lie.
APART = 20_000

#: What is stored of canonical articles whose near pairs must be computed again.
STORED_BANDS = """
SELECT article_id, band, bucket FROM signature_bands SEMI JOIN wanted USING (article_id)
"""
STORED_SIGNATURES = """
SELECT article_id, content_key, shingle_count, sample_count, published_at, sketch
FROM article_signatures SEMI JOIN wanted USING (article_id)
"""
#: Those of them that have a sketch.
SKETCHES = """
SELECT article_id, shingle_count, sketch FROM article_signatures SEMI JOIN wanted USING (article_id)
WHERE sketch IS NOT NULL
"""

#: Whether any stored article is as late as a moment: if none is as late as the first that came or left, none is
#: affected. Asked before `AFFECTED`, which looks through every bucket.
IS_LATER = f"SELECT 1 AS found FROM article_signatures WHERE {_MOMENT} >= {{moment}} LIMIT 1"

#: Stored canonical articles that stand behind an article which came to, or left, the heads of one of their
#: buckets: only their near pairs can change. (An article that is pushed out of the heads, or moves up into
#: them, stands behind the one that caused it.) In a stream of ever later articles there are none, and only buckets of
#: stored articles that are no earlier than the first that came or left are looked at.
AFFECTED = f"""
WITH first_moment AS (
  SELECT min(moment) AS moment FROM (
    SELECT moment FROM added
    UNION ALL
    SELECT {_MOMENT} FROM article_signatures SEMI JOIN removed USING (article_id)
  )
),
later AS (SELECT article_id FROM article_signatures WHERE {_MOMENT} >= (SELECT moment FROM first_moment)),
asked AS (
  SELECT band, bucket FROM added WHERE band <= {SAMPLE_BAND}
  UNION
  SELECT band, bucket FROM signature_bands SEMI JOIN removed USING (article_id) WHERE band <= {SAMPLE_BAND}
),
touched AS (
  SELECT DISTINCT band, bucket FROM signature_bands SEMI JOIN later USING (article_id)
  SEMI JOIN asked USING (band, bucket)
),
members_before AS (
  SELECT b.band, b.bucket, b.article_id, {_MOMENT} AS moment
  FROM signature_bands b SEMI JOIN touched USING (band, bucket) JOIN article_signatures s USING (article_id)
),
members_after AS (
  SELECT band, bucket, article_id, moment FROM members_before ANTI JOIN removed USING (article_id)
  UNION ALL
  SELECT band, bucket, article_id, moment FROM added SEMI JOIN touched USING (band, bucket)
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

#: For each writer, the earlier heads of its buckets: those that share a band, and are long and short enough to be as
#: similar as asked (similarity is at most the ratio of the two set sizes); and those that share sampled shingles enough
#: for one to lie inside the other.
CANDIDATES = f"""
WITH touched AS (SELECT DISTINCT band, bucket FROM writers WHERE band <= {SAMPLE_BAND}),
members AS (
  SELECT b.band, b.bucket, b.article_id, {_MOMENT} AS moment, s.shingle_count, s.sample_count
  FROM signature_bands b SEMI JOIN touched USING (band, bucket)
  ANTI JOIN removed USING (article_id) JOIN article_signatures s USING (article_id)
  UNION ALL
  SELECT band, bucket, article_id, moment, shingle_count, sample_count FROM added WHERE band <= {SAMPLE_BAND}
),
heads AS (SELECT * FROM members QUALIFY {_IN_BUCKET} <= {BUCKET_HEADS}),
met AS (
  SELECT w.article_id, h.article_id AS duplicate_of,
         any_value(least(h.shingle_count, w.shingle_count)) AS smaller,
         any_value(greatest(h.shingle_count, w.shingle_count)) AS larger,
         any_value(CASE WHEN h.shingle_count <= w.shingle_count THEN h.sample_count ELSE w.sample_count END) AS samples,
         count(*) FILTER (w.band < {SAMPLE_BAND}) AS bands,
         count(*) FILTER (w.band = {SAMPLE_BAND}) AS sampled
  FROM writers w JOIN heads h USING (band, bucket)
  WHERE (h.moment, h.article_id) < (w.moment, w.article_id)
  GROUP BY w.article_id, h.article_id
)
SELECT article_id, duplicate_of FROM met
WHERE (bands > 0 AND smaller >= {MIN_SIMILARITY} * larger)
   OR (sampled > 0 AND sampled >= {MIN_SAMPLES} * samples AND smaller >= {MIN_CONTAINED})
ORDER BY article_id, duplicate_of
"""

#: The stored rows of some buckets, and what is known of their articles: what a small batch asks instead.
MET = "SELECT article_id, band, bucket FROM signature_bands SEMI JOIN asked USING (band, bucket) LIMIT {most}"
FACTS = f"""
SELECT article_id, shingle_count, sample_count, sketch, {_MOMENT} AS moment
FROM article_signatures SEMI JOIN wanted USING (article_id)
"""

#: How many stored canonical articles have each of some paragraphs.
PARAGRAPHS = f"""
SELECT bucket, count(*) AS articles FROM signature_bands SEMI JOIN asked USING (bucket)
WHERE band = {PARAGRAPH_BAND} GROUP BY bucket
"""

#: Stored canonical articles with a paragraph that becomes boilerplate, or ceases to be.
TURNED = f"""
SELECT DISTINCT article_id FROM signature_bands SEMI JOIN flipped USING (bucket) WHERE band = {PARAGRAPH_BAND}
  AND article_id NOT IN (SELECT article_id FROM added) AND article_id NOT IN (SELECT article_id FROM removed)
ORDER BY article_id
"""
