"""How much is due, counted without making every article's key anew.

`plan` is exact and reads and digests everything: a million articles take it a minute. Here the ledger is first looked
at by run (`run_sets.py`). Only articles of runs that this leaves in doubt are looked at one by one, in the files of
these runs alone, and of those only the ones whose entries are older than what they rest on need their keys made. The
outcome is that of `plan`, which a property test holds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from typing import Final

import pyarrow as pa

from warehouse.connection import Reader
from warehouse.ledger import INGEST, Scope, StageSpec
from warehouse.plan import plan
from warehouse.run_sets import DOCUMENTS, Ledger, Units, connected, read_ledger


def outstanding(reader: Reader, stages: Sequence[StageSpec]) -> dict[str, int]:
    """How many units are due at each stage, as `plan` would say of the whole warehouse."""
    names = [stage.name for stage in stages]
    if not _whole(stages):
        return plan(reader, stages)
    ledger = read_ledger(reader, names, documents=True)
    stale = {stage.name: ledger.made_otherwise(stage) for stage in stages}
    if stale[INGEST]:  # everything rests on the documents
        return plan(reader, stages)
    stretches = [stretch for stage in stages[1:] for stretch in ledger.stretches(stage)]
    doubtful = connected({run for stage in stages[1:] for run in stale[stage.name]}, stretches)
    counts = dict.fromkeys(names, 0)
    if doubtful:
        counts |= _one_by_one(reader, stages, ledger.order, stale, doubtful)
    counts[INGEST] = _documents(reader, ledger)
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


def _documents(reader: Reader, ledger: Ledger) -> int:
    """Stored documents without an entry: what cannot be read has an entry and no document, so sets may differ."""
    read = ledger.units[INGEST]
    differing = [run for run, found in ledger.units[DOCUMENTS].items() if read.get(run, Units()) != found]
    if not differing:
        return 0
    found = reader.query(
        "SELECT count(*) AS due FROM raw_documents SEMI JOIN wanted USING (run_id) WHERE document_id NOT IN "
        "(SELECT article_id FROM stage_ledger WHERE stage = ?)",
        [INGEST],
        wanted=pa.table({"run_id": pa.array(differing, pa.string())}),
    )
    return int(found["due"][0].as_py())
