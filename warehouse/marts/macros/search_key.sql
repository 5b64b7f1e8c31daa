-- search_key(phrase)
-- The phrase for comparing, as `search_key` of tasks/normalize.py: letters folded, marks and joiners removed.
trim(
  regexp_replace(
    translate(
      strip_accents(
        regexp_replace(lower(phrase), '[\x{00AD}\x{061C}\x{0640}\x{200B}-\x{200F}\x{202A}-\x{202E}\x{2060}-\x{2069}\x{FEFF}]', '', 'g')
      ),
      'ٱٲٳىیېےکڪةہھەۃ٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹',
      'اااييييككههههه01234567890123456789'
    ),
    '[^\p{L}\p{N}\p{M}]+', ' ', 'g'
  )
)
