"""A source's lists and pages, fetched: what is new or changed since the last time, as batches of documents.

What was fetched is remembered in the table `fetches`, row by row with the pages themselves. A page is fetched
when it is first listed, when its list says that it changed, and after a failure that may have passed; a page
named by its address alone is asked each time whether it changed. Lists are remembered last of all, so that after
a kill they are read again, and their pages go on from where they were.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import pyarrow as pa

from schemas.record import arrow_schema
from schemas.sources import Fetch, Source
from tasks.fetch import fetch_all
from tasks.fetch_answer import Answer, Target
from tasks.reading_documents import DOCUMENT_LIMIT, Collector, Document, DocumentBatch, InputFile
from tasks.reading_lists import Entry, clean_address, entry_document, parse_list
from tasks.reading_paths import resolve
from tasks.stage import Lookup, stable_id

#: After so many runs in a row a failure counts as lasting, until the list says that the page changed.
ATTEMPTS: Final = 5
#: An index of sitemaps names 50,000 at most; news sites have one for each month.
LISTS: Final = 1_000
#: A batch is committed after so many pages or seconds: what a kill can cost.
_BATCH_PAGES: Final = 256
_BATCH_SECONDS: Final = 20.0
_SCHEMA: Final = pa.schema([f for f in arrow_schema(Fetch) if f.name != "run_id"])
_REMEMBERED: Final = """
SELECT url, outcome, attempts, etag, last_modified, listed_at, metadata, document_id
FROM fetches WHERE source = (SELECT min(source) FROM wanted) AND fetch_id IN (SELECT fetch_id FROM wanted)
"""
_FAILED: Final = """
SELECT url, outcome, attempts, etag, last_modified, listed_at, metadata, document_id
FROM fetches WHERE source = (SELECT min(source) FROM wanted) AND role = 'page' AND outcome = 'failed' AND attempts < 5
ORDER BY url
"""

Ask = Callable[[Iterable[Target]], Iterator[Answer]]
_Row = dict[str, object]


def fetch_source(source: Source, lookup: Lookup, ask: Ask | None = None) -> Iterator[DocumentBatch]:
    """Everything new of a source of kind `feed`, `sitemap` or `pages`.

    Columns out: `DOCUMENT_SCHEMA`, and in `fetches` those of the table but `run_id`. Commit a batch before you
    ask for the next: what is remembered is looked up as it stands then.
    """
    yield from _Run(source, lookup, ask or (lambda targets: fetch_all(targets, source.fetch))).batches()


@dataclass(slots=True)
class _Run:
    source: Source
    lookup: Lookup
    ask: Ask
    collected: Collector = field(init=False)
    rows: list[_Row] = field(default_factory=list)
    #: Rows of lists wait for the last batch.
    lists: list[_Row] = field(default_factory=list)
    flushed: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self.collected = Collector(self.source.name, limit_documents=_BATCH_PAGES)

    def batches(self) -> Iterator[DocumentBatch]:
        pages: dict[str, Target] = {}
        for entry in self._entries():
            if (entry.complete or not entry.url) and entry.text:
                continue  # taken as a document where it was read
            if entry.url and entry.url not in pages:
                pages[entry.url] = Target(
                    entry.url, metadata=entry.metadata(self.source.language), listed_at=entry.listed_at
                )
            if self.collected.full:
                yield self._take()
        due, held = self._due(pages)
        limit = self.source.fetch.max_pages
        for answer in self.ask(due[:limit]):
            self._page(answer, held.get(answer.target.url))
            if self.collected.full or len(self.rows) >= _BATCH_PAGES or self._late():
                yield self._take()
        cut = limit is not None and len(due) > limit
        if cut or any(row["outcome"] == "failed" for row in self.lists):
            # The rest is for the next run, which must see all lists again: an index may not have changed by then.
            self.lists = [row | {"etag": None, "last_modified": None, "listed_at": None} for row in self.lists]
        self.rows += self.lists
        if self.rows or self.collected.rows or self.collected.rejected:
            yield self._take()

    def _late(self) -> bool:
        return bool(self.rows) and time.monotonic() - self.flushed > _BATCH_SECONDS

    def _take(self) -> DocumentBatch:
        rows, self.rows = {str(row["fetch_id"]): row for row in self.rows}, []
        self.flushed = time.monotonic()
        return self.collected.take(pa.Table.from_pylist(list(rows.values()), schema=_SCHEMA))

    # Lists

    def _entries(self) -> Iterator[Entry]:
        addresses = [place for place in self.source.where if "://" in place]
        paths = [place for place in self.source.where if "://" not in place]
        for path in resolve_lists(paths):
            yield from self._local(path)
        if self.source.kind == "pages":
            yield from (Entry(url) for place in addresses if (url := clean_address(place)))
            return
        waiting: list[tuple[str, str | None]] = [(url, None) for place in addresses if (url := clean_address(place))]
        seen: set[str] = set()
        while waiting:
            fresh = {url: changed for url, changed in waiting if url not in seen}
            fresh = dict(list(fresh.items())[: max(0, LISTS - len(seen))])
            seen |= fresh.keys()
            waiting = []
            held = self._remembered(fresh)
            asked = [
                _conditional(Target(url, "list", listed_at=changed), held.get(url))
                for url, changed in fresh.items()
                if changed is None or url not in held or held[url]["listed_at"] != changed
            ]
            for answer in self.ask(asked) if asked else ():
                entries, below = self._list(answer, held.get(answer.target.url))
                yield from entries
                waiting += below

    def _local(self, path: Path) -> Iterator[Entry]:
        """The addresses in a file of the user's: a feed, a sitemap, or one address a line."""
        file = InputFile(path, self.source.name)
        try:
            with path.open("rb") as stream:
                payload = stream.read(DOCUMENT_LIMIT + 1)
        except OSError as failure:
            self.collected.add(file.unreadable(failure.strerror or str(failure)))
            return
        if self.source.kind == "pages":
            for number, line in enumerate(payload.decode("utf-8-sig", "replace").splitlines(), start=1):
                if not line.strip() or line.startswith("#"):
                    continue
                if url := clean_address(line):
                    yield Entry(url)
                else:
                    uri = f"{file.name}#L{number}"
                    error = f"{uri}: {line.strip()[:100]!r} is no http address. Write one address a line."
                    self.collected.add(file.refuse_part("not-an-address", error, uri, line.encode()))
            return
        listing = parse_list(payload)
        if listing.fault:
            self.collected.add(file.refuse("damaged-list", f"{file.name}: {listing.fault}. Save it again.", payload))
        for entry in listing.entries:
            if entry.text and (entry.complete or not entry.url):
                self.collected.add(entry_document(file, entry, self.source.language))
            yield entry

    def _list(self, answer: Answer, held: _Row | None) -> tuple[Sequence[Entry], list[tuple[str, str | None]]]:
        if answer.outcome != "fetched":
            self.lists.append(self._row(answer, held))
            return (), []
        listing = parse_list(answer.payload, answer.final_url or answer.target.url)
        if listing.fault:
            # Its stamps are not kept, so that it is read again whole.
            error = f"{answer.target.url}: {listing.fault}"
            broken = replace(answer, outcome="failed", rule="damaged-list", error=error, etag=None, last_modified=None)
            self.lists.append(self._row(broken, None))
        else:
            self.lists.append(self._row(answer, held))
        for entry in listing.entries:
            if entry.text and (entry.complete or not entry.url):
                known = str(entry.url or entry.facts.get("id") or "")
                said = entry.metadata(self.source.language)
                payload = entry.text.encode("utf-8", "replace")
                uri = entry.url or f"{answer.target.url}#{known}"
                self.collected.add(Document(uri, answer.fetched_at, "text/html", payload, said, known or None))
        return listing.entries, list(listing.lists)

    # Pages

    def _due(self, pages: dict[str, Target]) -> tuple[list[Target], dict[str, _Row]]:
        """The pages that are to be asked, and what is remembered of them."""
        held = self._remembered(pages)
        listed = self.source.kind != "pages"
        due = [
            _conditional(page, held.get(url))
            for url, page in pages.items()
            if not listed or self._is_due(page, held.get(url))
        ]
        if listed:
            for row in self.lookup(_FAILED, wanted=self._wanted(["any"])).to_pylist():
                url = str(row["url"])
                if url not in pages:
                    held[url] = row
                    due.append(_conditional(Target(url, metadata=row["metadata"], listed_at=row["listed_at"]), row))
        return due, held

    def _is_due(self, page: Target, held: _Row | None) -> bool:
        if held is None or (page.listed_at is not None and page.listed_at != held["listed_at"]):
            return True
        attempts = held["attempts"]
        return held["outcome"] == "failed" and isinstance(attempts, int) and attempts < ATTEMPTS

    def _page(self, answer: Answer, held: _Row | None) -> None:
        row = self._row(answer, held)
        if answer.outcome == "fetched":
            target = answer.target
            said = Entry(target.url, _read(target.metadata)).metadata()
            more = {"charset": answer.charset, "final_url": answer.final_url}
            document = Document(target.url, answer.fetched_at, answer.media_type, answer.payload, said, target.url)
            if any(more.values()):
                known = {**_read(target.metadata), **{k: v for k, v in more.items() if v}}
                document = replace(document, metadata=Entry(target.url, known).metadata())
            row["document_id"] = self.collected.add(document)
        self.rows.append(row)

    def _row(self, answer: Answer, held: _Row | None) -> _Row:
        target = answer.target
        failed = answer.outcome == "failed"
        before = held["attempts"] if held and isinstance(held["attempts"], int) else 0
        kept = answer.outcome in ("failed", "refused") and answer.rule != "damaged-list"
        return {
            "fetch_id": self._fetch_id(target.url),
            "source": self.source.name,
            "url": target.url,
            "role": target.role,
            "outcome": answer.outcome,
            "status": answer.status,
            "rule": answer.rule,
            "error": answer.error,
            "attempts": before + 1 if failed else 0,
            "etag": target.etag if kept else answer.etag,
            "last_modified": target.last_modified if kept else answer.last_modified,
            "listed_at": target.listed_at,
            "metadata": target.metadata,
            "document_id": held["document_id"] if held else None,
            "fetched_at": answer.fetched_at,
        }

    # What is remembered

    def _fetch_id(self, url: str) -> str:
        return stable_id("fetch", self.source.name, url)

    def _wanted(self, urls: Iterable[str]) -> pa.Table:
        ids = [self._fetch_id(url) for url in urls]
        return pa.table({"fetch_id": pa.array(ids, pa.string()), "source": [self.source.name] * len(ids)})

    def _remembered(self, urls: Iterable[str]) -> dict[str, _Row]:
        wanted = self._wanted(urls)
        if not wanted.num_rows:
            return {}
        return {str(row["url"]): row for row in self.lookup(_REMEMBERED, wanted=wanted).to_pylist()}


def _conditional(target: Target, held: _Row | None) -> Target:
    """The target with the stamps by which its server tells whether anything changed."""
    if held is None:
        return target
    etag, last_modified = held["etag"], held["last_modified"]
    return replace(
        target,
        etag=etag if isinstance(etag, str) else None,
        last_modified=last_modified if isinstance(last_modified, str) else None,
    )


def _read(metadata: str | None) -> dict[str, object]:
    known: dict[str, object] = json.loads(metadata) if metadata else {}
    return known


def resolve_lists(paths: Sequence[str]) -> list[Path]:
    """The files that hold a source's addresses. Raises PathMissing when none is there."""
    if not paths:
        return []
    there = [Path(path) for path in paths if Path(path).is_file()]
    return there or list(resolve(paths).files)
