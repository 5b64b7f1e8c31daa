"""`rasad models fetch`: Stanza's official packages, from any place that serves them as Stanza's does.

The place has `resources_<version>.json`, whose `url` says where the files are, as Stanza's own does; or it is a
resources folder behind a plain file server, with `resources.json` and the files beside it. Only what sentence
splitting, tokenization and names need is fetched. The index is written last: a folder that has one is whole.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urljoin

from filelock import FileLock, Timeout
from pydantic import BaseModel, ConfigDict, Field
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn
from rich.table import Table

from flows.download import Limits, download, read_text
from flows.rendering import plain_console, write_summary
from schemas.errors import ModelCorrupt, ModelMissing, SettingsError
from tasks.models import LANGUAGES
from tasks.models_official import INDEX, Package, default_resources, fetch_command, md5_of, needed


class FetchedFile(BaseModel):
    """One file of the folder."""

    model_config = ConfigDict(frozen=True)

    path: str
    bytes: int
    state: Literal["fetched", "was there"]


class Fetched(BaseModel):
    """What a fetch left behind."""

    model_config = ConfigDict(frozen=True)

    folder: str
    url: str = Field(description="Where the index came from.")
    languages: list[str]
    files: list[FetchedFile]


class Source:
    """A place that serves Stanza's packages: its index, and where it keeps each file."""

    def __init__(self, url: str, *, again: str, limits: Limits) -> None:
        """Read the index. Raises ModelMissing when there is none, ModelCorrupt when it is no index."""
        from stanza.resources.common import DEFAULT_MODEL_URL, DEFAULT_RESOURCES_VERSION

        self.version = DEFAULT_RESOURCES_VERSION
        base = url.rstrip("/") + "/"
        self.url = f"{base}resources_{self.version}.json"
        text = read_text(self.url, again=again, limits=limits)
        # A resources folder served as it is: its index has Stanza's own address, but the files lie beside it.
        served = text is None
        if served:
            self.url = base + INDEX
            text = read_text(self.url, again=again, limits=limits)
        if text is None:
            raise ModelMissing(
                f"there is neither resources_{self.version}.json nor {INDEX} (404)",
                where=base,
                hint=f"Check the address in: {again}.",
            )
        try:
            index = json.loads(text)
            if not isinstance(index, dict):
                raise ValueError("not a JSON object")
        except ValueError as error:
            raise ModelCorrupt(
                f"this is no index of Stanza's: {error}", where=self.url, hint=f"Check the address in: {again}."
            ) from error
        self.index: dict[str, Any] = index
        template = index.get("url") if DEFAULT_MODEL_URL == "default" else DEFAULT_MODEL_URL
        beside = "{lang}/{filename}"
        self._template = urljoin(base, template if isinstance(template, str) and not served else beside)

    def address(self, package: Package) -> str:
        """Where a file is."""
        fields = {"resources_version": self.version, "lang": package.language, "filename": package.filename}
        address = self._template
        for name, value in fields.items():
            address = address.replace(f"{{{name}}}", value)
        return address


def fetch_models(
    folder: Path | None, *, url: str | None, languages: Sequence[str], as_json: bool, limits: Limits | None = None
) -> Fetched:
    """Fetch into a folder what is not there yet, and print what is there then.

    Raises ModelMissing, ModelCorrupt, SettingsError; what has come until then is kept, and used by the next call.
    """
    from stanza.resources.common import DEFAULT_RESOURCES_URL

    wanted = list(dict.fromkeys(languages)) or list(LANGUAGES)
    again = fetch_command(languages, folder, url)
    target = (folder or default_resources()).expanduser()
    with _alone(target):
        source = Source(url or DEFAULT_RESOURCES_URL, again=again, limits=limits or Limits())
        packages = [package for language in wanted for package in needed(source.index, language, source.url, again)]
        for package in packages:
            if not package.md5s:
                raise ModelCorrupt(
                    f"the index has no md5 for {package.path}", where=source.url, hint="Fetch from another place."
                )
        files = list(_fetch_all(source, packages, target, again, limits))
        _write_index(target, source.index, wanted)
    fetched = Fetched(folder=str(target), url=source.url, languages=wanted, files=files)
    table = Table("file", "bytes", "state", title=f"Official models in {target}", title_justify="left")
    for file in files:
        table.add_row(file.path, f"{file.bytes:,}", file.state)
    write_summary(fetched, table, as_json=as_json)
    if not as_json:
        place = f"RASAD_NER__RESOURCES={target.absolute()} " if folder else ""
        plain_console().print(f"To use them: {place}RASAD_NER__MODELS=official rasad doctor", soft_wrap=True)
    return fetched


def _fetch_all(
    source: Source, packages: Sequence[Package], target: Path, again: str, limits: Limits | None
) -> Iterator[FetchedFile]:
    with _bars() as bars:
        for package in packages:
            path = target / package.path
            present = path.is_file() and md5_of(path) in package.md5s
            if not present:
                task = bars.add_task(package.path, total=None)
                report = partial(_report, bars, task)
                download(source.address(package), path, md5s=package.md5s, again=again, progress=report, limits=limits)
            state: Literal["fetched", "was there"] = "was there" if present else "fetched"
            yield FetchedFile(path=package.path, bytes=path.stat().st_size, state=state)


def _report(bars: Progress, task: Any, done: int, total: int | None) -> None:
    bars.update(task, completed=done, total=total)


@contextmanager
def _bars() -> Iterator[Progress]:
    """A bar for each file on standard error, if that is a terminal."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description:<32}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        yield progress


@contextmanager
def _alone(target: Path) -> Iterator[None]:
    """Hold the folder, so that two fetches do not write the same parts."""
    try:
        target.mkdir(parents=True, exist_ok=True)
        with FileLock(target / ".fetch.lock", timeout=0):
            yield
    except Timeout as error:
        raise SettingsError(
            "another `rasad models fetch` is writing to this folder",
            where=str(target),
            hint="Wait until it has ended, then type the command again.",
        ) from error
    except OSError as error:
        raise SettingsError(
            f"the folder cannot be written: {error.strerror or error}",
            where=str(target),
            hint="Name another folder: rasad models fetch DIR.",
        ) from error


def _write_index(target: Path, index: dict[str, Any], fetched: Sequence[str]) -> None:
    """Write the index; a language of an earlier fetch keeps the entry that its files were checked with."""
    path = target / INDEX
    if path.is_file():
        try:
            old = json.loads(path.read_text(encoding="utf-8"))
        except ValueError:
            old = {}  # a broken index is what a fetch mends
        kept = {code: old[code] for code in old if code not in fetched and (target / code).is_dir()}
        index = index | kept
    part = target / f".{INDEX}.part"
    part.write_text(json.dumps(index, ensure_ascii=False, indent=1), encoding="utf-8")
    part.replace(path)
