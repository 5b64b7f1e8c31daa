-- int_raw_places
-- What the sentence of an event calls the place of the event.
--
-- grain: one event with a place
-- key: event_id
-- columns:
--   event_id: The event; see `events`.
--   raw_placename: The first mention of the place in the event's sentence, as written.
-- tests:
--   not null: event_id, raw_placename
SELECT
  events.event_id,
  arg_min(mentions.surface, mentions.char_start) AS raw_placename
FROM main.events AS events
JOIN main.entity_mentions AS mentions
  ON mentions.article_id = events.article_id
  AND mentions.sentence_index = events.sentence_index
  AND mentions.entity_id = events.place_entity_id
GROUP BY events.event_id
