-- polecat_events
-- Events in the forty columns of POLECAT, for tools and models that were built on it.
--
-- Only what PLOVER counts is here: no planned or denied acts, no X_ types. Several actors, sectors or countries
-- of one event stand in one field, apart by `; `. Columns for which nothing is known are null, never guessed.
--
-- grain: one event mention that PLOVER counts
-- key: Event ID
-- columns:
--   Event ID: The event; see `events`.
--   Event Date: The day of the event, else of publication.
--   Event Type: PLOVER type.
--   Event Mode: PLOVER mode.
--   Intensity: PLOVER intensity, from -10 to 10.
--   Quad Code: PLOVER quad class, in capitals.
--   Contexts: PLOVER contexts.
--   Actor Name: Who acts, in English where known.
--   Actor Country: Their countries, ISO 3166-1 alpha-3.
--   Actor COW: Those countries' Correlates of War numbers.
--   Actor Primary Sector: The first of their PLOVER sectors.
--   Actor Sectors: All of them.
--   Actor Title: Always null: titles are not read apart from names.
--   Actor Name Raw: Who acts, as written.
--   Actor Wikipedia ID: Their Wikidata ids.
--   Recipient Name: Who is acted upon, in English where known.
--   Recipient Country: Their countries.
--   Recipient COW: Those countries' Correlates of War numbers.
--   Recipient Primary Sector: The first of their PLOVER sectors.
--   Recipient Sectors: All of them.
--   Recipient Title: Always null.
--   Recipient Name Raw: Who is acted upon, as written.
--   Recipient Wikipedia ID: Their Wikidata ids.
--   Placename: The place of the event, in English where known.
--   City: Always null: the gazetteer does not tell cities from larger places.
--   District: Always null.
--   Province: Always null.
--   Country: The country of the place, ISO 3166-1 alpha-3.
--   Latitude: Degrees north.
--   Longitude: Degrees east.
--   GeoNames ID: The GeoNames id of the place.
--   Raw Placename: What the sentence calls the place.
--   Feature Type: Always null.
--   Source: Who published it.
--   Publication Date: The day of publication, in UTC.
--   Story People: Persons that the article names.
--   Story Organizations: Organisations that the article names.
--   Story Locations: Places that the article names.
--   Language: ISO 639 code of the article.
--   Version: The lexicon and rules that read it.
-- tests:
--   not null: Event ID, Event Type, Source, Language, Version
--   true: "Event Type" NOT LIKE 'X\_%' ESCAPE '\'
--   true: "Intensity" IS NULL OR "Intensity" BETWEEN -10 AND 10
SELECT
  events.event_id AS "Event ID",
  events.event_date AS "Event Date",
  events.event_type AS "Event Type",
  events.event_mode AS "Event Mode",
  events.intensity AS "Intensity",
  upper(replace(events.quad, '_', ' ')) AS "Quad Code",
  array_to_string(events.contexts, '; ') AS "Contexts",
  COLUMNS(actors.* EXCLUDE (event_id, role)) AS 'Actor \0',
  COLUMNS(recipients.* EXCLUDE (event_id, role)) AS 'Recipient \0',
  coalesce(places.name_en, raw_placename) AS "Placename",
  CAST(NULL AS VARCHAR) AS "City",
  CAST(NULL AS VARCHAR) AS "District",
  CAST(NULL AS VARCHAR) AS "Province",
  events.country AS "Country",
  events.latitude AS "Latitude",
  events.longitude AS "Longitude",
  places.geonames_id AS "GeoNames ID",
  raw_placename AS "Raw Placename",
  CAST(NULL AS VARCHAR) AS "Feature Type",
  events.source AS "Source",
  events.published_date AS "Publication Date",
  array_to_string(named.people, '; ') AS "Story People",
  array_to_string(named.organizations, '; ') AS "Story Organizations",
  array_to_string(named.locations, '; ') AS "Story Locations",
  events.language AS "Language",
  events.ontology_version AS "Version"
FROM staging.stg_events AS events
LEFT JOIN staging.int_event_sides AS actors ON actors.event_id = events.event_id AND actors.role = 'actor'
LEFT JOIN staging.int_event_sides AS recipients ON recipients.event_id = events.event_id AND recipients.role = 'recipient'
LEFT JOIN staging.int_raw_places AS raw_places ON raw_places.event_id = events.event_id
LEFT JOIN staging.int_article_names AS named ON named.article_id = events.article_id
LEFT JOIN main.entities AS places ON places.entity_id = events.place_entity_id
WHERE events.event_type IS NOT NULL AND NOT starts_with(events.event_type, 'X_')
