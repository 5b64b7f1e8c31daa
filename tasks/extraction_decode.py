"""The bytes of a page as text: by its byte order mark, by what they are, by what the page says of itself.

Bytes that are valid UTF-8 are UTF-8, whatever the page declares: other Arabic text never is by chance. Then
the declared encoding decides, except that pages of old sites in windows-1256 often declare latin-1 or
nothing at all; those are known by what comes out, Arabic letters or accented Latin ones.
"""

from __future__ import annotations

import codecs
import re
from typing import Final

#: Browsers look for the declaration in the first 1,024 bytes; some pages put scripts above it.
_HEAD: Final = 8192
_DECLARED: Final = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]{3,40})""", re.IGNORECASE)
_XML: Final = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{3,40})""", re.IGNORECASE)
_MARKS: Final = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_ARABIC: Final = re.compile("[\u0621-\u064a\u0679-\u06d3]")
_NOT_ASCII: Final = re.compile(r"[^\x00-\x7f]")
#: UTF-8 that was cut or spliced has a few broken characters among thousands; another encoding has nothing else.
_BROKEN_SHARE: Final = 0.02
_WINDOWS_LATIN: Final = ("iso8859-1", "cp1252", "ascii")


def decode_page(payload: bytes, declared: str | None = None) -> str:
    """The page as text, never an error: single broken bytes become U+FFFD.

    `declared` is the charset of the HTTP header, where there was one.
    """
    return read_bytes(payload, declared)[0]


def read_bytes(payload: bytes, declared: str | None = None) -> tuple[str, str]:
    """The page as text, and the encoding that it was read in, as Python names it."""
    for mark, encoding in _MARKS:
        if payload.startswith(mark):
            return payload[len(mark) :].decode(encoding, "replace"), encoding
    try:
        return payload.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        pass
    named = _codec(declared) or _codec(_match(_XML, payload)) or _codec(_match(_DECLARED, payload[:_HEAD]))
    as_utf8 = payload.decode("utf-8", "replace")
    foreign = len(_NOT_ASCII.findall(as_utf8))
    if as_utf8.count("\ufffd") <= _BROKEN_SHARE * foreign:
        return as_utf8, "utf-8"
    if named and named not in _WINDOWS_LATIN and not named.startswith("utf"):
        return payload.decode(named, "replace"), named
    arabic = payload.decode("cp1256", "replace")
    letters, others = len(_ARABIC.findall(arabic)), len(_NOT_ASCII.findall(arabic))
    return (arabic, "cp1256") if letters > 0.7 * others else (payload.decode("cp1252", "replace"), "cp1252")


def _match(pattern: re.Pattern[bytes], payload: bytes) -> str | None:
    found = pattern.search(payload)
    return found.group(1).decode("ascii") if found else None


def _codec(name: str | None) -> str | None:
    try:
        return codecs.lookup(name).name if name else None
    except LookupError:
        return None
