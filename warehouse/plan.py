"""How much there is to do, before anything runs."""

from __future__ import annotations

from collections.abc import Sequence

from warehouse.connection import Parameter, Reader
from warehouse.ledger import INGEST, Scope, StageSpec, key_sql, ledger_id


def plan(reader: Reader, stages: Sequence[StageSpec], scope: Scope | None = None) -> dict[str, int]:
    """How many units are due at each stage if all of them are run in this order, and nothing new comes in.

    A stage whose upstream is due counts as due too. An article that a stage is going to reject is still
    counted at the stages after it: nobody can know beforehand. For `ingest`, stored documents are counted.
    """
    counts = _articles_due(reader, stages, scope or Scope())
    for stage in stages:
        if stage.name == INGEST:
            counts[INGEST] = _documents_due(reader, stage, scope or Scope())
    return {stage.name: counts[stage.name] for stage in stages}


def _articles_due(reader: Reader, stages: Sequence[StageSpec], scope: Scope) -> dict[str, int]:
    """One row an article, one group of columns a stage: its key, whether it is reached, whether it is due.

    Later columns use earlier ones by name, so that the key of a stage already rests on the keys that its
    upstream stages are going to store.
    """
    numbers = {name: n for n, name in enumerate(dict.fromkeys(n for s in stages for n in (*s.after, s.name)))}
    columns: list[str] = []
    parameters: list[Parameter] = []
    planned: set[str] = set()
    for stage in stages:
        number = numbers[stage.name]
        upstream: list[str] = []
        reached = ["true"]
        for name in stage.after:
            u = numbers[name]
            if name in planned:
                upstream.append(f"key_{u}")
                reached.append(f"reached_{u} AND (due_{u} OR stored_{u}.status <> 'rejected')")
            else:
                upstream.append(f"stored_{u}.input_key")
                reached.append(f"coalesce(stored_{u}.status <> 'rejected', false)")
        content = "d.content_sha256" if stage.name == INGEST else "a.content_hash"
        key, key_parameters = key_sql(content, stage, upstream)
        columns += [
            f"{key} AS key_{number}",
            f"{' AND '.join(reached)} AS reached_{number}",
            f"reached_{number} AND stored_{number}.input_key IS DISTINCT FROM key_{number} AS due_{number}",
        ]
        parameters += key_parameters
        planned.add(stage.name)
    joins = [
        f"LEFT JOIN stage_ledger AS stored_{n} ON stored_{n}.stage = ? AND stored_{n}.article_id = a.{ledger_id(name)}"
        for name, n in numbers.items()
    ]
    condition, scope_parameters = scope.condition()
    totals = ", ".join(f"count(*) FILTER (due_{numbers[stage.name]})" for stage in stages)
    if not stages:
        return {}
    rows = reader.query(
        f"""
        SELECT {totals} FROM (
            SELECT {", ".join(columns)}
            FROM articles AS a LEFT JOIN raw_documents AS d ON d.document_id = a.document_id
            {" ".join(joins)}
            WHERE {condition}
        )
        """,
        [*parameters, *numbers, *scope_parameters],
    )
    return {stage.name: rows.column(n)[0].as_py() for n, stage in enumerate(stages)}


def _documents_due(reader: Reader, stage: StageSpec, scope: Scope) -> int:
    """Stored documents that were read by another version; a window of published time does not apply to them."""
    key, parameters = key_sql("d.content_sha256", stage, [])
    count = reader.value(
        f"""
        SELECT count(*) FROM raw_documents AS d
        LEFT JOIN stage_ledger AS stored ON stored.stage = ? AND stored.article_id = d.document_id
        WHERE stored.input_key IS DISTINCT FROM {key} AND (? IS NULL OR d.source = ?)
        """,
        [stage.name, *parameters, scope.source, scope.source],
    )
    return count if isinstance(count, int) else 0
