"""What a run reads: paths that were named, and declared sources; and whether a source brought what it should."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from flows.report import SourceReport
from flows.request import RunRequest
from flows.settings import Settings
from schemas.errors import InputError, SettingsError, SourceError
from schemas.sources import FETCHED_KINDS, Source
from tasks.reading import read_documents
from tasks.reading_documents import DocumentBatch, file_name
from tasks.reading_paths import Resolved, resolve
from tasks.sources import choose_sources, load_sources
from tasks.stage import Lookup
from warehouse.connection import Reader


@dataclass(slots=True)
class Input:
    """One thing that a run reads: the named paths, or one declared source. `report` grows as it is read."""

    name: str
    source: str | Source | None
    resolved: Resolved | None
    report: SourceReport
    new: int = field(default=0)

    @property
    def declared(self) -> bool:
        return isinstance(self.source, Source)

    @property
    def fetched(self) -> bool:
        return self.resolved is None

    @property
    def missing(self) -> tuple[str, ...]:
        return self.resolved.missing if self.resolved else ()

    @property
    def files(self) -> tuple[str, ...]:
        """Its files, as `uri` columns name them."""
        return tuple(map(file_name, self.resolved.files)) if self.resolved else ()

    @property
    def ignored(self) -> tuple[Path, ...]:
        return self.resolved.ignored if self.resolved else ()

    def documents(self, lookup: Lookup | None) -> Iterator[DocumentBatch]:
        """Its documents, new or not, counted in its report."""
        if self.resolved is not None:
            batches = read_documents(self.resolved, self.source)
        else:
            # Imported late: a run of files needs no HTTP client, which takes a fifth of its imports.
            from tasks.fetch_source import fetch_source

            assert isinstance(self.source, Source) and lookup is not None
            batches = fetch_source(self.source, lookup)
        for batch in batches:
            self.report.documents += batch.documents.num_rows
            _add(self.report.passed, batch.passed)
            if batch.fetches is not None:
                self._count_fetches(batch.fetches.select(["role", "url", "outcome", "rule", "error"]).to_pylist())
            yield batch

    def _count_fetches(self, rows: list[dict[str, str]]) -> None:
        _add(self.report.fetched, Counter(row["outcome"] for row in rows))
        faulty = [row for row in rows if row["outcome"] in ("failed", "refused")]
        _add(self.report.faults, Counter(row["rule"] for row in faulty))
        self.report.failures += [f"a list cannot be read: {row['error']}" for row in faulty if row["role"] == "list"]

    @contextmanager
    def explaining(self) -> Iterator[None]:
        """Take what is wrong with a declared source down as its failure, and let the others go on."""
        try:
            yield
        except (SourceError, InputError) as failure:
            if not self.declared:
                raise
            self.report.failures.append(str(failure))


def _add(total: dict[str, int], more: object) -> None:
    assert isinstance(more, dict)
    for key, count in more.items():
        total[key] = total.get(key, 0) + count


def find_inputs(request: RunRequest) -> list[Input]:
    """What a run reads, in order: the paths, then each source.

    Raises PathMissing or NothingToRead for the paths; a source whose files are not there fails by itself.
    """
    inputs = []
    if request.paths or not request.sources:
        name = request.source.name if isinstance(request.source, Source) else request.source or "local"
        inputs.append(Input(name, request.source, resolve(request.paths), SourceReport(source=name)))
    for source in request.sources:
        report = SourceReport(source=source.name)
        resolved = None
        if source.kind not in FETCHED_KINDS:
            try:
                resolved = resolve(source.where)
            except InputError as failure:
                report.failures.append(str(failure))
                resolved = Resolved(())
        inputs.append(Input(source.name, source, resolved, report))
    return inputs


def size(found: DocumentBatch) -> int:
    return int(found.documents.num_rows) + len(found.rejected)


def named_sources(
    settings: Settings, paths: Sequence[Path], names: Sequence[str], all_sources: bool
) -> tuple[str | Source | None, tuple[Source, ...]]:
    """What `--source` and `--all-sources` stand for: the source of the paths, and the sources to run.

    Beside paths, `--source` names where they come from, and need not be declared; if it is, its column map and
    contract hold. Raises SourceUnknown, SettingsError.
    """
    if paths:
        if all_sources or len(names) > 1:
            raise SettingsError(
                "the named paths come from one source at most",
                where="--all-sources" if all_sources else "--source",
                hint="Leave the paths out to run declared sources, or name one source beside them.",
            )
        if not names:
            return None, ()
        # Without a file of sources of the user's own, a name is a name.
        known = {source.name: source for source in load_sources(settings.sources)}
        return known.get(names[0], names[0]), ()
    if not all_sources and not names:
        return None, ()
    declared = load_sources(settings.sources)
    return None, declared if all_sources else choose_sources(declared, names)


#: The articles that a source's pages gave lately, and how many of them have no title.
_FETCHED = """
SELECT count(*) AS articles, count(*) FILTER (a.title IS NULL) AS untitled
FROM articles a JOIN raw_documents r USING (document_id) WHERE r.source = ? AND r.fetched_at > ?
"""
#: The articles that this run read from a source's files: of how many days, how many on the median day.
_READ = """
SELECT sum(articles) AS articles, sum(untitled) AS untitled, median(articles) AS usual FROM (
    SELECT count(*) AS articles, count(*) FILTER (a.title IS NULL) AS untitled
    FROM articles a JOIN raw_documents r USING (document_id) WHERE r.source = ? AND a.run_id = ?
    GROUP BY date_trunc('day', a.published_at)
)
"""


def check_expectations(reader: Reader, found: Input, run_id: str, now: datetime) -> None:
    """Compare what a source brought with what it usually brings. What was committed stays, whatever comes out.

    A source that is fetched is judged by its articles of the last `days` before the run; one that is read from
    files by the median day of what the run read, since its files may hold years.
    """
    if not isinstance(found.source, Source) or found.report.failures:
        return
    expected = found.source.expectations
    if found.fetched:
        rows = reader.query(_FETCHED, [found.name, now - timedelta(days=expected.days)]).to_pylist()[0]
        articles, rate = int(rows["articles"]), int(rows["articles"]) / expected.days
        span = "in the last day" if expected.days == 1 else f"a day in the last {expected.days} days"
    else:
        rows = reader.query(_READ, [found.name, run_id]).to_pylist()[0]
        articles, rate = int(rows["articles"] or 0), float(rows["usual"] or 0)
        span = "on its median day"
        if not articles and found.report.documents:
            return  # nothing new was read: there is nothing to judge
    least, most = expected.min_articles_a_day, expected.max_articles_a_day
    if least is not None and rate < least:
        found.report.failures.append(
            f"it brought {rate:g} articles {span}, at least {least:g} are expected (min_articles_a_day). Has its site "
            f'changed? rasad sql "SELECT rule, error FROM rejections"; "SELECT url, rule, error FROM fetches"'
        )
    if most is not None and rate > most:
        found.report.warnings.append(
            f"it brought {rate:g} articles {span}, at most {most:g} are expected (max_articles_a_day)"
        )
    share = int(rows["untitled"] or 0) / articles if articles else 0.0
    if expected.max_empty_titles is not None and share > expected.max_empty_titles:
        found.report.warnings.append(
            f"{share:.0%} of {articles:,} articles have no title, at most {expected.max_empty_titles:.0%} are expected "
            "(max_empty_titles)"
        )
