"""What MkDocs does beside its own work: links that lead out of the site."""

from __future__ import annotations

import re

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

#: A link to a file of the project that is no page: `[card](../seeds/models/ner.md)`.
_OUTSIDE = re.compile(r"\[([^\]]+)\]\(\.\./([^)#]+)[^)]*\)")


def on_page_markdown(text: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Name files outside the site by their path in the project, since no page of it shows them."""
    return _OUTSIDE.sub(r"\1 (`\2` in the project)", text)
