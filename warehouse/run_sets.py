"""Which runs hold what is in doubt, told without making any article's key.

The ledger is looked at by run. A stage's entry needs no second look when it was made at the versions of today, after
the entries that it rests on; and that holds for all articles of a run at once where the same articles went through
both stages:

    run    language             entities            a digest of the set of articles, for each stage and run
    r1     {a b c}              {a b c}             the same set in the same run: fresh
    r2     {d e}                                    killed before it was done ...
    r3     {f}                  {d e f}             ... and completed: the same set, nothing after what it rests on

What is left are runs of which this cannot be said. What a stage rejected does not get to those after it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pyarrow as pa

from warehouse.connection import Reader
from warehouse.ledger import INGEST, StageSpec

#: Articles, documents and ledger entries by run: how many, and a digest of which, whatever their order. Of 64 bits
#: each, so that two sets of one size are taken for the same by chance once in 10^19.
_SETS: Final = """
SELECT stage, run_id, status = 'rejected' AS rejected, count(*) AS units, bit_xor(hash(article_id)) AS digest
FROM stage_ledger WHERE stage IN (FROM wanted) GROUP BY ALL
UNION ALL
SELECT ' articles', run_id, false, count(*), bit_xor(hash(article_id)) FROM articles GROUP BY run_id
"""
_DOCUMENT_SETS: Final = """
UNION ALL
SELECT ' documents', run_id, false, count(*), bit_xor(hash(document_id)) FROM raw_documents GROUP BY run_id
"""
ARTICLES, DOCUMENTS = " articles", " documents"  # with a space, so that no stage has the name
_RUNS: Final = "SELECT stage, run_id, snapshot_id, versions.stage AS version, versions.model AS model FROM runs"


@dataclass(frozen=True, slots=True)
class Units:
    """Some articles or documents: how many, and a digest of which."""

    count: int = 0
    digest: int = 0

    def __add__(self, other: Units) -> Units:
        return Units(self.count + other.count, self.digest ^ other.digest)

    def __sub__(self, other: Units) -> Units:
        return Units(self.count - other.count, self.digest ^ other.digest)


#: By run.
_Sets = Mapping[str, Units]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Runs in which the same articles went through a stage and what it rests on; settled: in this order."""

    runs: frozenset[str]
    settled: bool


@dataclass(frozen=True, slots=True)
class Ledger:
    """What each run left: by stage, and the articles and documents themselves."""

    units: Mapping[str, _Sets]
    rejected: Mapping[str, _Sets]
    #: The place of each run, from 1, in the order in which they held the lease: a run that waited for it has an earlier
    #: id than what it waited for. Runs that are not on record come first, by their id.
    order: Mapping[str, int]
    #: By stage and run: the versions of stage and model.
    versions: Mapping[tuple[str, str], tuple[str | None, str | None]]

    def made_otherwise(self, stage: StageSpec) -> dict[str, bool]:
        """The runs whose entries are not of today's versions; true where nobody knows of which."""
        found: dict[str, bool] = {}
        for run in self.units[stage.name]:
            version, model = self.versions.get((stage.name, run), (None, None))
            if (version, model or "") != (stage.version, stage.model_version or ""):
                found[run] = version is None
        return found

    def stretches(self, stage: StageSpec) -> Iterator[Stretch]:
        """All runs, cut into stretches: for what the stage rests on, one after the other."""
        later = [name for name in stage.after if name != INGEST]
        yield from self._stretches(ARTICLES, later, stage)
        for number, upstream in enumerate(later):
            yield from self._stretches(upstream, later[number:], stage)

    def _stretches(self, before: str, losing: Sequence[str], stage: StageSpec) -> Iterator[Stretch]:
        """Runs are taken in order. Where all that passed so far has gone through, a stretch ends.

        Within a stretch of one run the stages follow each other, and one of several is settled when no entry upstream
        is of a later run than the first of this stage.
        """
        upstream, own = self.units[before], self.units[stage.name]
        lost = [self.rejected[name] for name in losing]
        runs: list[str] = []
        passed, done = Units(), Units()
        every = {run for sets in (upstream, *lost, own) for run in sets}
        for run in sorted(every, key=self.order.__getitem__):
            runs.append(run)
            passed += upstream.get(run, Units())
            for rejected in lost:
                passed -= rejected.get(run, Units())
            done += own.get(run, Units())
            if passed == done:
                last_upstream = max((self.order[r] for r in runs if r in upstream), default=0)
                yield Stretch(frozenset(runs), not any(self.order[r] < last_upstream for r in runs if r in own))
                runs = []
        if runs:
            yield Stretch(frozenset(runs), settled=False)


def read_ledger(reader: Reader, stages: Sequence[str], *, documents: bool) -> Ledger:
    """Read the ledger of these stages by run; with the documents too."""
    units: dict[str, dict[str, Units]] = defaultdict(dict)
    units.update({name: {} for name in (*stages, ARTICLES, DOCUMENTS)})
    rejected: dict[str, dict[str, Units]] = {name: {} for name in units}
    wanted = pa.table({"stage": pa.array(stages, pa.string())})
    for row in reader.query(_SETS + (_DOCUMENT_SETS if documents else ""), wanted=wanted).to_pylist():
        stage, run, these = row["stage"], row["run_id"], Units(row["units"], row["digest"])
        units[stage][run] = units[stage].get(run, Units()) + these
        if row["rejected"]:
            rejected[stage][run] = these
    last: dict[str, int] = {}
    versions: dict[tuple[str, str], tuple[str | None, str | None]] = {}
    for row in reader.query(_RUNS).to_pylist():
        versions[(row["stage"], row["run_id"])] = (row["version"], row["model"])
        last[row["run_id"]] = max(row["snapshot_id"], last.get(row["run_id"], 0))
    others = {run for sets in units.values() for run in sets} - last.keys()
    known = [*sorted(others), *sorted(last, key=lambda run: (last[run], run))]
    return Ledger(units, rejected, {run: place for place, run in enumerate(known, start=1)}, versions)


def connected(stale: set[str], stretches: Sequence[Stretch]) -> set[str]:
    """The runs that hold every entry of all articles about which there is any doubt.

    Both entries of an article at two stages are of one stretch. So the runs of a stretch without an answer, with all
    stretches that share a run with them, and so on, have all of these articles' entries, and no other file is read.
    """
    runs = stale.union(*(stretch.runs for stretch in stretches if not stretch.settled))
    settled = [stretch.runs for stretch in stretches if stretch.settled]
    while joined := [stretch for stretch in settled if stretch & runs]:
        runs.update(*joined)
        settled = [stretch for stretch in settled if not stretch <= runs]
    return runs


def doubtful_runs(reader: Reader, stages: Sequence[StageSpec]) -> set[str]:
    """The runs whose articles may be due at some of these stages, all after `ingest`: of all others, none is."""
    names = {name for stage in stages for name in (stage.name, *stage.after)} - {INGEST}
    ledger = read_ledger(reader, sorted(names), documents=False)
    stale = {run for stage in stages for run in ledger.made_otherwise(stage)}
    return connected(stale, [stretch for stage in stages for stretch in ledger.stretches(stage)])
