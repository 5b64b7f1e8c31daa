-- raw_span(offset_map, char_start, char_end)
-- The part of the raw text that `text[char_start:char_end]` was made of, as {raw_start, raw_end}; the same as `raw_span`
-- of tasks/offset_map.py. With it, `substring(raw_text(media_type, payload), raw_start + 1, raw_end - raw_start)`.
list_transform(
  [
    {
      'first': string_split(
        list_filter(string_split(offset_map, ' '), lambda piece: CAST(split_part(piece, ':', 1) AS BIGINT) <= char_start)[-1],
        ':'
      )::BIGINT[],
      'last': string_split(
        list_filter(string_split(offset_map, ' '), lambda piece: CAST(split_part(piece, ':', 1) AS BIGINT) < char_end)[-1],
        ':'
      )::BIGINT[]
    }
  ],
  lambda piece: {
    'raw_start': CASE
      WHEN char_start >= piece.first[1] + piece.first[3] THEN NULL
      WHEN len(piece.first) = 3 THEN piece.first[2] + char_start - piece.first[1]
      ELSE piece.first[2]
    END,
    'raw_end': CASE
      WHEN char_end > piece.last[1] + piece.last[3] THEN NULL
      WHEN len(piece.last) = 3 THEN piece.last[2] + char_end - piece.last[1]
      ELSE piece.last[2] + piece.last[4]
    END
  }
)[1]
