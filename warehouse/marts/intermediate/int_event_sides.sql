-- int_event_sides
-- Actors and recipients of an event, each side as lists in the order in which the text names them.
--
-- grain: one side of one event
-- key: event_id, role
-- columns:
--   event_id: The event; see `events`.
--   role: `actor` or `recipient`.
--   names: English names where known, else what is written.
--   surfaces: What is written.
--   countries: Their countries, each once.
--   cow_codes: The Correlates of War numbers of those countries.
--   sectors: PLOVER sectors, each once.
--   wikidata_ids: Their Wikidata ids.
-- tests:
--   not null: event_id, role, names
--   one of role: actor, recipient
SELECT
  actors.event_id,
  actors.role,
  list(coalesce(mentions.display_name, actors.surface) ORDER BY actors.char_start, actors.surface) AS names,
  list(actors.surface ORDER BY actors.char_start, actors.surface) AS surfaces,
  list_sort(list_distinct(list(coalesce(mentions.country, actors.country)))) AS countries,
  list_sort(list_distinct(list(states.cow_code))) AS cow_codes,
  list_sort(list_distinct(list(actors.sector))) AS sectors,
  list_sort(list_distinct(list(mentions.wikidata_id))) AS wikidata_ids
FROM main.event_actors AS actors
LEFT JOIN staging.stg_mentions AS mentions ON mentions.mention_id = actors.mention_id
LEFT JOIN staging.stg_countries AS states ON states.country = coalesce(mentions.country, actors.country)
GROUP BY actors.event_id, actors.role
