"""What MkDocs does beside its own work: the generated page of options, and links that lead out of the site."""

from __future__ import annotations

import re

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from flows.reference import markdown

#: A link to a file of the project that is no page: `[card](../seeds/models/ner.md)`.
_OUTSIDE = re.compile(r"\[([^\]]+)\]\(\.\./([^)#]+)[^)]*\)")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add `reference.md`, made from the commands and settings as they are now."""
    files.append(File.generated(config, "reference.md", content=markdown()))
    return files


def on_page_markdown(text: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Name files outside the site by their path in the project, since no page of it shows them."""
    return _OUTSIDE.sub(r"\1 (`\2` in the project)", text)
