-- stg_mentions
-- Mentions with what is known of the entity that they stand for.
--
-- grain: one mention
-- key: mention_id
-- columns:
--   mention_id: The mention; see `entity_mentions`.
--   article_id: The article it stands in.
--   sentence_index: The sentence it stands in.
--   surface: The mention exactly as written.
--   label: PER, ORG, LOC or MISC, as read in the text.
--   entity_id: The entity, that which it was merged into where it was; null when unknown.
--   name_en: The entity's English name.
--   display_name: The English name where there is one, else what is written.
--   country: The entity's country, ISO 3166-1 alpha-3.
--   wikidata_id: The entity's Wikidata id.
-- tests:
--   not null: mention_id, article_id, surface, display_name
--   reference: article_id in main.articles.article_id
SELECT
  mention_id,
  article_id,
  sentence_index,
  surface,
  mentions.label,
  coalesce(redirects.merged_into, mentions.entity_id) AS entity_id,
  name_en,
  coalesce(name_en, surface) AS display_name,
  country,
  wikidata_id
FROM main.entity_mentions AS mentions
LEFT JOIN main.entity_redirects AS redirects ON redirects.entity_id = mentions.entity_id
LEFT JOIN main.entities AS entities ON entities.entity_id = coalesce(redirects.merged_into, mentions.entity_id)
