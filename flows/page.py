"""`rasad report OUT.html`: one page to look at, with everything in it; it asks the network for nothing.

The page is `page_files/page.html` with the style, the scripts and the warehouse's counts put in. Three things keep
what articles say from becoming part of the program: the data is JSON with every `<`, `>` and `&` escaped, the script
writes text and never HTML, and a Content-Security-Policy lets the browser run this script alone and load nothing.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
from pathlib import Path

from pydantic import BaseModel, ConfigDict
from rich.table import Table

from flows.rendering import plain_console, write_summary
from flows.settings import load_settings
from schemas.errors import InputError
from warehouse.connection import Resources
from warehouse.page import Page, page

_FILES = Path(__file__).parent / "page_files"
#: In the order in which they build on each other.
_LIBRARIES = ("vendor/d3.min.js", "vendor/topojson-client.min.js")
_SCRIPTS = ("core.js", "stories.js", "events.js", "parties.js", "map.js", "sources.js", "main.js")
_SLOT = re.compile(r"\{\{([a-z-]+)\}\}")
#: U+2028 and U+2029 end a line in older JavaScript; the others could end the script element.
_ESCAPED: dict[int, str] = {ord(character): f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}


class PageReport(BaseModel):
    """What was written where."""

    model_config = ConfigDict(frozen=True)
    path: str
    bytes: int
    snapshot: int
    articles: int
    stories: int
    events: int


def write_page(out: Path, warehouse: Path | None, *, as_json: bool) -> None:
    """Write the page, and say where it lies. Raises WarehouseError, and InputError where it cannot be written."""
    settings = load_settings(warehouse=warehouse)
    shown = page(settings.location(), Resources(memory_limit=settings.memory_limit))
    text = render(shown)
    target = out.expanduser()
    replace_file(target, text)
    done = PageReport(
        path=str(target.resolve()),
        bytes=len(text.encode()),
        snapshot=shown.snapshot,
        articles=shown.totals.articles,
        stories=shown.totals.stories,
        events=shown.totals.events,
    )
    write_summary(done, _table(done), as_json=as_json)
    if not as_json:
        plain_console().print(f"Open it in a browser: {target.resolve().as_uri()}", soft_wrap=True)


def render(shown: Page) -> str:
    """The whole page as text; the same for the same snapshot."""
    script = "\n".join((*map(_read, _LIBRARIES), '"use strict";', "{", *map(_read, _SCRIPTS), "}"))
    slots = {
        "style": _read("page.css"),
        "data": _in_script(shown.model_dump_json()),
        "world": _in_script(_read("vendor/countries.json")),
        "script": script,
        "script-digest": "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
    }
    # Split once: a slot's name inside an article or a script is text.
    parts = _SLOT.split(_read("page.html"))
    return "".join(slots[part] if index % 2 else part for index, part in enumerate(parts))


def replace_file(target: Path, text: str) -> None:
    """Write the file beside its place, then put it there in one step: no browser ever reads half a page."""
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        draft.write_text(text, encoding="utf-8", newline="\n")
        draft.replace(target)
    except OSError as failure:
        draft.unlink(missing_ok=True)
        raise InputError(
            f"the page cannot be written: {failure.strerror or failure}",
            where=str(target),
            hint="Name a file in a folder that is there and that you may write: rasad report page.html.",
        ) from failure


def _in_script(json_text: str) -> str:
    """JSON that may stand in a script element, whatever its strings hold."""
    return json_text.translate(_ESCAPED)


def _read(name: str) -> str:
    return (_FILES / name).read_text(encoding="utf-8")


def _table(done: PageReport) -> Table:
    table = Table(
        "articles", "stories", "events", "size", title=f"Report of snapshot {done.snapshot}", title_justify="left"
    )
    table.add_row(f"{done.articles:,}", f"{done.stories:,}", f"{done.events:,}", f"{done.bytes / 1e6:.1f} MB")
    return table
