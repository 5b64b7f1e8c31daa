-- int_event_sides
-- Actors and recipients of an event: each side once, in the columns that POLECAT has for either.
--
-- grain: one side of one event
-- key: event_id, role
-- columns:
--   event_id: The event; see `events`.
--   role: `actor` or `recipient`.
--   Name: English names where known, else what is written; in the order in which the text names them.
--   Country: Their countries, each once.
--   COW: The Correlates of War numbers of those countries.
--   Primary Sector: The first of their sectors.
--   Sectors: PLOVER sectors, each once.
--   Title: Always null: titles are not read apart from names.
--   Name Raw: What is written, in the order of the text.
--   Wikipedia ID: Their Wikidata ids.
-- tests:
--   not null: event_id, role, Name
--   one of role: actor, recipient
WITH sides AS (
  SELECT
    actors.event_id,
    actors.role,
    list(coalesce(mentions.display_name, actors.surface) ORDER BY actors.char_start, actors.surface) AS names,
    list_sort(list_distinct(list(coalesce(mentions.country, actors.country)))) AS countries,
    list_sort(list_distinct(list(states.cow_code))) AS cow_codes,
    list_sort(list_distinct(list(actors.sector))) AS sectors,
    list(actors.surface ORDER BY actors.char_start, actors.surface) AS surfaces,
    list_sort(list_distinct(list(mentions.wikidata_id))) AS wikidata_ids
  FROM main.event_actors AS actors
  LEFT JOIN staging.stg_mentions AS mentions ON mentions.mention_id = actors.mention_id
  LEFT JOIN staging.stg_countries AS states ON states.country = coalesce(mentions.country, actors.country)
  GROUP BY actors.event_id, actors.role
)
SELECT
  event_id,
  role,
  array_to_string(names, '; ') AS "Name",
  array_to_string(countries, '; ') AS "Country",
  array_to_string(cow_codes, '; ') AS "COW",
  sectors[1] AS "Primary Sector",
  array_to_string(sectors, '; ') AS "Sectors",
  CAST(NULL AS VARCHAR) AS "Title",
  array_to_string(surfaces, '; ') AS "Name Raw",
  array_to_string(wikidata_ids, '; ') AS "Wikipedia ID"
FROM sides
