"""How much is due, counted without making every article's key anew.

`plan` is exact and reads and digests everything: a million articles take it a minute. Here the ledger is first looked
at by run. A stage's entry needs no second look when it was made at the versions of today, after the entries that it
rests on; and that holds for all articles of a run at once where the same articles went through both stages:

    run    language             entities            a digest of the set of articles, for each stage and run
    r1     {a b c}              {a b c}             the same set in the same run: fresh
    r2     {d e}                                    killed before it was done ...
    r3     {f}                  {d e f}             ... and completed: the same set, nothing after what it rests on

Only articles of runs where this cannot be said are looked at one by one, in the files of these runs alone, and of those
only the ones whose entries are older than what they rest on need their keys made. The outcome is that of `plan`, which
a property test holds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa

from warehouse.connection import Reader
from warehouse.ledger import INGEST, Scope, StageSpec
from warehouse.plan import plan

#: Articles, documents and ledger entries by run: how many, and a digest of which, whatever their order. Of 64 bits
#: each, so that two sets of one size are taken for the same by chance once in 10^19.
_SETS: Final = """
SELECT stage, run_id, status = 'rejected' AS rejected, count(*) AS units, bit_xor(hash(article_id)) AS digest
FROM stage_ledger WHERE stage IN (FROM wanted) GROUP BY ALL
UNION ALL
SELECT ' articles', run_id, false, count(*), bit_xor(hash(article_id)) FROM articles GROUP BY run_id
UNION ALL
SELECT ' documents', run_id, false, count(*), bit_xor(hash(document_id)) FROM raw_documents GROUP BY run_id
"""
_ARTICLES, _DOCUMENTS = " articles", " documents"  # with a space, so that no stage has the name
_RUNS: Final = "SELECT stage, run_id, snapshot_id, versions.stage AS version, versions.model AS model FROM runs"


@dataclass(frozen=True, slots=True)
class _Set:
    """Some articles: how many, and a digest of which."""

    units: int = 0
    digest: int = 0

    def __add__(self, other: _Set) -> _Set:
        return _Set(self.units + other.units, self.digest ^ other.digest)


#: By stage and run: the articles that went through, and of those the ones that were not rejected.
_Sets = Mapping[str, Mapping[str, tuple[_Set, _Set]]]


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Runs in which the same articles went through a stage and the one that it rests on; settled: in this order."""

    runs: frozenset[str]
    settled: bool


def outstanding(reader: Reader, stages: Sequence[StageSpec]) -> dict[str, int]:
    """How many units are due at each stage, as `plan` would say of the whole warehouse."""
    names = [stage.name for stage in stages]
    if not _whole(stages):
        return plan(reader, stages)
    sets = _sets(reader, names)
    rows = reader.query(_RUNS).to_pylist()
    stale = _made_otherwise(rows, stages, sets)
    if stale[INGEST]:  # everything rests on the documents
        return plan(reader, stages)
    order = _order(rows, sets)
    stretches = [
        stretch
        for stage in stages[1:]
        for upstream in stage.after
        for stretch in _stretches(sets[_ARTICLES if upstream == INGEST else upstream], sets[stage.name], order)
    ]
    doubtful = _connected({run for stage in stages[1:] for run in stale[stage.name]}, stretches)
    counts = dict.fromkeys(names, 0)
    if doubtful:
        counts |= _one_by_one(reader, stages, order, stale, doubtful)
    counts[INGEST] = _documents(reader, sets)
    return counts


def settled(reader: Reader, stages: Sequence[StageSpec]) -> bool:
    """Whether nothing at all is due: one question, where `plan` and `due` compare the key of every article.

    False without a question where a stage rests on one that is not given.
    """
    return _whole(stages) and not any(outstanding(reader, stages).values())


def _whole(stages: Sequence[StageSpec]) -> bool:
    """Whether the stages begin with `ingest` and rest on each other alone."""
    names = {stage.name for stage in stages}
    return bool(stages) and stages[0].name == INGEST and not any(set(stage.after) - names for stage in stages)


def _sets(reader: Reader, names: Sequence[str]) -> _Sets:
    found: dict[str, dict[str, tuple[_Set, _Set]]] = defaultdict(dict)
    found.update({name: {} for name in (*names, _ARTICLES, _DOCUMENTS)})
    for row in reader.query(_SETS, wanted=pa.table({"stage": pa.array(names, pa.string())})).to_pylist():
        these = _Set(row["units"], row["digest"])
        everyone, passed = found[row["stage"]].get(row["run_id"], (_Set(), _Set()))
        found[row["stage"]][row["run_id"]] = (everyone + these, passed if row["rejected"] else passed + these)
    return found


def _order(rows: Sequence[Mapping[str, Any]], sets: _Sets) -> dict[str, int]:
    """The place of each run, from 1; runs that are not on record come first, by their id.

    In the order in which they held the lease: a run that waited for it has an earlier id than what it waited for.
    """
    last: dict[str, int] = {}
    for row in rows:
        last[row["run_id"]] = max(row["snapshot_id"], last.get(row["run_id"], 0))
    known = sorted(last, key=lambda run: (last[run], run))
    others = {run for runs in sets.values() for run in runs} - last.keys()
    return {run: place for place, run in enumerate([*sorted(others), *known], start=1)}


def _made_otherwise(
    rows: Sequence[Mapping[str, Any]], stages: Sequence[StageSpec], sets: _Sets
) -> dict[str, dict[str, bool]]:
    """For each stage, the runs whose entries are not of today's versions; true where nobody knows of which."""
    made = {(row["stage"], row["run_id"]): (row["version"], row["model"]) for row in rows}
    found: dict[str, dict[str, bool]] = {stage.name: {} for stage in stages}
    for stage in stages:
        for run in sets[stage.name]:
            version, model = made.get((stage.name, run), (None, None))
            if (version, model or "") != (stage.version, stage.model_version or ""):
                found[stage.name][run] = version is None
    return found


def _stretches(
    upstream: Mapping[str, tuple[_Set, _Set]], own: Mapping[str, tuple[_Set, _Set]], order: Mapping[str, int]
) -> Iterator[_Stretch]:
    """All runs of two stages, cut into stretches; settled where all that passed `upstream` went through `own` after it.

    Runs are taken in order. Where all that passed so far has gone through, a stretch of runs ends; within a stretch
    of one run the stages follow each other, and one of several is settled when no entry upstream is of a later run
    than the first of this stage.
    """
    runs: list[str] = []
    passed, done = _Set(), _Set()
    for run in sorted(upstream.keys() | own.keys(), key=order.__getitem__):
        runs.append(run)
        passed += upstream.get(run, (_Set(), _Set()))[1]
        done += own.get(run, (_Set(), _Set()))[0]
        if passed == done:
            last_upstream = max((order[r] for r in runs if r in upstream), default=0)
            yield _Stretch(frozenset(runs), not any(order[r] < last_upstream for r in runs if r in own))
            runs = []
    if runs:
        yield _Stretch(frozenset(runs), settled=False)


def _connected(stale: set[str], stretches: Sequence[_Stretch]) -> set[str]:
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


def _one_by_one(
    reader: Reader,
    stages: Sequence[StageSpec],
    order: Mapping[str, int],
    stale: Mapping[str, Mapping[str, bool]],
    doubtful: Set[str],
) -> dict[str, int]:
    """Look at each article of the doubtful runs, which hold all of its entries.

    An entry that is missing or of other versions is due, and what rests on one of other versions too. An entry of
    today's versions that is older than what it rests on, or rests on a missing one, may be due: of its article the
    keys are compared.
    """
    later = [stage for stage in stages if stage.name != INGEST]
    made = [
        # What nobody knows the versions of is taken for older than everything.
        {"stage": s.name, "run_id": run, "place": 0 if stale[s.name].get(run) else place, "current": current}
        for s in later
        for run, place in order.items()
        if run in doubtful
        for current in [not (run in stale[s.name] and not stale[s.name][run])]
    ]
    given = {
        "entries": pa.Table.from_pylist(made),
        "runs": pa.table({"run_id": sorted(doubtful), "place": [order[run] for run in sorted(doubtful)]}),
    }
    position = {stage.name: number for number, stage in enumerate(later)}
    query = _JUDGED.format(pivot=_pivot(later), judged=_judgement(later, position))
    totals = ", ".join(f"count(*) FILTER (due_{n} AND NOT unclear) AS due_{n}" for n in position.values())
    sums = reader.query(
        f"{query} SELECT count(*) FILTER (unclear) AS unclear, {totals} FROM judged", **given
    ).to_pylist()[0]
    counts = {name: sums[f"due_{n}"] for name, n in position.items()}
    if sums["unclear"]:
        ids = reader.query(f"{query} SELECT article_id FROM judged WHERE unclear", **given)["article_id"].to_pylist()
        exact = plan(reader, stages, Scope(articles=tuple(ids)))
        counts = {name: count + exact[name] for name, count in counts.items()}
    return counts


#: `pivot` gives an article's entries side by side, `judged` says of each stage whether it is reached and due.
_JUDGED: Final = """
WITH pivoted AS (SELECT article_id, {pivot} FROM stage_ledger JOIN entries USING (stage, run_id) GROUP BY article_id),
judged AS (
    SELECT a.article_id, {judged}
    FROM articles AS a JOIN runs USING (run_id) LEFT JOIN pivoted AS p USING (article_id)
)
"""


def _pivot(stages: Sequence[StageSpec]) -> str:
    """For each stage the place of the entry's run (null: no entry), whether its versions are of today, its outcome."""
    return ", ".join(
        f"max(place) FILTER (stage = '{stage.name}') AS place_{n}, "
        f"bool_or(current) FILTER (stage = '{stage.name}') AS current_{n}, "
        f"bool_or(status = 'rejected') FILTER (stage = '{stage.name}') AS rejected_{n}"
        for n, stage in enumerate(stages)
    )


def _judgement(stages: Sequence[StageSpec], position: Mapping[str, int]) -> str:
    """SQL columns reached_N and due_N of each stage, and `unclear`."""
    columns: list[str] = []
    doubts: list[str] = []
    for n, stage in enumerate(stages):
        before = [position[name] for name in stage.after if name in position]
        reached = [f"(due_{u} OR (reached_{u} AND NOT coalesce(p.rejected_{u}, false)))" for u in before]
        due = [f"coalesce(NOT p.current_{n}, true)", *(f"due_{u}" for u in before)]
        columns += [
            f"{' AND '.join(reached) or 'true'} AS reached_{n}",
            f"reached_{n} AND ({' OR '.join(due)}) AS due_{n}",
        ]
        rests = ["runs.place"] if INGEST in stage.after else []
        rests += [f"coalesce(p.place_{u}, {_NEVER})" for u in before]
        doubts.append(f"(p.current_{n} AND p.place_{n} < greatest({', '.join(['0', *rests])}))")
    return f"{', '.join(columns)}, coalesce({' OR '.join(doubts)}, false) AS unclear"


#: The place of an entry that is not there: after all runs, so that whatever rests on it is looked at.
_NEVER: Final = 2_147_483_647


def _documents(reader: Reader, sets: _Sets) -> int:
    """Stored documents without an entry: what cannot be read has an entry and no document, so sets may differ."""
    differing = [
        run for run, (found, _) in sets[_DOCUMENTS].items() if sets[INGEST].get(run, (_Set(), _Set()))[0] != found
    ]
    if not differing:
        return 0
    found = reader.query(
        "SELECT count(*) AS due FROM raw_documents SEMI JOIN wanted USING (run_id) WHERE document_id NOT IN "
        "(SELECT article_id FROM stage_ledger WHERE stage = ?)",
        [INGEST],
        wanted=pa.table({"run_id": pa.array(differing, pa.string())}),
    )
    return int(found["due"][0].as_py())
