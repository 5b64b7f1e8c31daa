-- raw_text(media_type, payload)
-- The raw text that `articles.offset_map` leads back to: a plain text as it came, the `text` of a JSON record, the HTML
-- of a page, also of one in windows-1256, windows-1252 or iso-8859-6 (`raw_single_byte`). Null for a page in any other
-- encoding than UTF-8; of such an Asian one, places count bytes as well.
CASE
  WHEN media_type = 'application/json' THEN TRY(json_extract_string(ltrim(decode(payload), chr(65279)), '$.text'))
  WHEN media_type LIKE '%html; charset=%' THEN raw_single_byte(media_type, payload)
  WHEN media_type LIKE '%html%' THEN TRY(ltrim(decode(payload), chr(65279)))
  ELSE TRY(decode(payload))
END
