-- raw_text(media_type, payload)
-- The raw text that `articles.offset_map` leads back to: a plain text as it came, the `text` of a JSON record, the HTML
-- of a page. Null for a page that is not UTF-8; of one in windows-1256 or the like, places count bytes as well.
CASE
  WHEN media_type = 'application/json' THEN TRY(json_extract_string(ltrim(decode(payload), chr(65279)), '$.text'))
  WHEN media_type LIKE '%html%' THEN TRY(ltrim(decode(payload), chr(65279)))
  ELSE TRY(decode(payload))
END
