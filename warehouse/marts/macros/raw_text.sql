-- raw_text(media_type, payload)
-- The raw text that `articles.offset_map` leads back to: a plain text as it came, or the `text` of a JSON record. Null
-- for pages, whose text is taken out of them anew each time they are read.
CASE
  WHEN media_type = 'application/json' THEN TRY(json_extract_string(ltrim(decode(payload), chr(65279)), '$.text'))
  WHEN media_type LIKE '%html%' THEN NULL
  ELSE TRY(decode(payload))
END
