"""A page in, the facts of its article out: text, title, author, address, and what it says of its date.

Each part is its own module: `extraction_decode.py` (bytes to characters), `extraction_metadata.py` (what the
page says outside its text), `extraction_body.py` (the text, by four methods in turn).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from tasks.extraction_body import TextMethod, parse_page, read_body, read_fragment
from tasks.extraction_decode import read_bytes
from tasks.extraction_metadata import read_metadata
from tasks.extraction_places import find_places
from tasks.ingest_dates import PublishedMethod
from tasks.offset_map import Run


@dataclass(frozen=True, slots=True)
class Page:
    """What a page says of its article; `dates` as written, the most reliable first, each with where it stood.

    `runs` tells where the text stands in the page (see `extraction_places.py`), None where it cannot be told; its
    bytes were read in `encoding`, as Python names it.
    """

    text: str
    runs: list[Run] | None
    text_method: TextMethod
    title: str | None
    title_method: str
    author: str | None
    url: str | None
    language: str | None
    dates: tuple[tuple[str, PublishedMethod], ...]
    unmarked: tuple[str, ...]
    encoding: str


#: What tells a page from a piece of one, as feeds carry it: nothing but the article stands around the latter.
_DOCUMENT: Final = re.compile(r"<(?:!doctype|html|head|body|meta)\b", re.IGNORECASE)


def read_page(payload: bytes, uri: str, charset: str | None = None) -> Page | None:
    """Read a page of HTML; None where it holds no article.

    `uri` is where it was fetched, `charset` what the server said of its encoding.
    """
    text, encoding = read_bytes(payload, charset)
    page = parse_page(_JOINER.sub(_STAND_IN, text))
    if page is None:
        return None
    said = read_metadata(page, uri)
    body = read_body(page, said.body) if _DOCUMENT.search(text) else read_fragment(page)
    if body is None:
        return None
    found = _restored(body.text)
    return Page(
        text=found,
        runs=find_places(found, text, in_script=body.method == "json-ld"),
        text_method=body.method,
        title=_restored(said.title) if said.title else None,
        title_method=said.title_method,
        author=_restored(said.author) if said.author else None,
        url=_restored(said.url) if said.url else None,
        language=said.language,
        dates=tuple((_restored(value), method) for value, method in said.dates),
        unmarked=tuple(map(_restored, said.unmarked)),
        encoding=encoding,
    )


#: Extractors take the zero-width non-joiner for a control character and drop it: «می‌شود» comes out as «میشود».
#: A letter that no source writes stands in for it meanwhile (U+A66E, found in one manuscript of 1429).
_JOINER: Final = re.compile("\u200c|&zwnj;|&#8204;|&#[xX]200[cC];")
_STAND_IN: Final = "\ua66e"


def _restored(text: str) -> str:
    return text.replace(_STAND_IN, "\u200c")
