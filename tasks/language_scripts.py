"""Which script a letter is of."""

from __future__ import annotations

import unicodedata
from typing import Final

#: Blocks of Unicode by script (ISO 15924). Letters elsewhere count as `Zzzz`.
SCRIPT_RANGES: Final[tuple[tuple[int, int, str], ...]] = (
    (0x0041, 0x024F, "Latn"),
    (0x0250, 0x02AF, "Latn"),
    (0x0370, 0x03FF, "Grek"),
    (0x0400, 0x052F, "Cyrl"),
    (0x0531, 0x0588, "Armn"),
    (0x05D0, 0x05F4, "Hebr"),
    (0x0620, 0x06FF, "Arab"),
    (0x0710, 0x074F, "Syrc"),
    (0x0750, 0x077F, "Arab"),
    (0x0780, 0x07BF, "Thaa"),
    (0x08A0, 0x08FF, "Arab"),
    (0x0900, 0x097F, "Deva"),
    (0x0980, 0x09FF, "Beng"),
    (0x0A00, 0x0A7F, "Guru"),
    (0x0A80, 0x0AFF, "Gujr"),
    (0x0B80, 0x0BFF, "Taml"),
    (0x0C00, 0x0C7F, "Telu"),
    (0x0D00, 0x0D7F, "Mlym"),
    (0x0E00, 0x0E7F, "Thai"),
    (0x10A0, 0x10FF, "Geor"),
    (0x1200, 0x139F, "Ethi"),
    (0x1E00, 0x1EFF, "Latn"),
    (0x3040, 0x30FF, "Jpan"),
    (0x3400, 0x9FFF, "Hani"),
    (0xAC00, 0xD7A3, "Kore"),
)


def script_of(code: int) -> str | None:
    """The script of a letter, None for what is no letter."""
    if not unicodedata.category(chr(code)).startswith(("L", "Mc")) or code == 0x0640:
        return None
    for first, last, script in SCRIPT_RANGES:
        if first <= code <= last:
            return script
    return "Zzzz"
