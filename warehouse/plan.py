"""How much there is to do, before anything runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from schemas.operations import By
from warehouse.connection import Parameter, Reader
from warehouse.ledger import INGEST, Scope, StageSpec, key_sql, ledger_id
from warehouse.stored import stored_documents_sql


@dataclass(slots=True)
class WindowPlan:
    """How many articles a window holds, and how many units of it are due at each stage."""

    articles: int = 0
    due: dict[str, int] = field(default_factory=dict)


def plan(reader: Reader, stages: Sequence[StageSpec], scope: Scope | None = None) -> dict[str, int]:
    """How many units are due at each stage if all of them are run in this order, and nothing new comes in.

    A stage whose upstream is due counts as due too. An article that a stage is going to reject is still
    counted at the stages after it: nobody can know beforehand. For `ingest`, stored documents are counted.
    """
    windows = plan_windows(reader, stages, scope, None).values()
    return {stage.name: sum(window.due.get(stage.name, 0) for window in windows) for stage in stages}


def plan_windows(
    reader: Reader, stages: Sequence[StageSpec], scope: Scope | None = None, by: By | None = "day"
) -> dict[datetime | None, WindowPlan]:
    """The same for each day or month of published time that has articles, by its first moment in UTC.

    None stands for what has no date: undated articles, and documents that gave no article. A document belongs to
    the window of its article. Without `by`, everything is under None.
    """
    windows: dict[datetime | None, WindowPlan] = {}
    # A name of the two units that DuckDB knows: nothing of a user's gets into the query.
    window = f"date_trunc('{by}', a.published_at)" if by else "NULL::TIMESTAMPTZ"
    rows = _articles_due(reader, stages, scope or Scope(), window)
    for stage in stages:
        if stage.name == INGEST:
            rows += _documents_due(reader, stage, scope or Scope(), window)
    for row in rows:
        first = row.pop("window")
        articles = row.pop("articles", 0)
        planned = windows.setdefault(first if isinstance(first, datetime) else None, WindowPlan())
        planned.articles += articles if isinstance(articles, int) else 0
        planned.due.update({name: count for name, count in row.items() if isinstance(count, int)})
    return windows


def idle_windows(
    reader: Reader, stages: Sequence[StageSpec], scope: Scope, by: By
) -> dict[datetime | None, WindowPlan]:
    """What `plan_windows` gives where nothing is due (`settled`): articles are counted, and no key is compared."""
    condition, parameters = scope.condition()
    rows = reader.query(
        f"SELECT date_trunc('{by}', a.published_at) AS first, count(*) AS articles "
        f"FROM articles AS a WHERE {condition} GROUP BY first",
        parameters,
    )
    nothing = {stage.name: 0 for stage in stages}
    return {row["first"]: WindowPlan(row["articles"], dict(nothing)) for row in rows.to_pylist()}


def _articles_due(reader: Reader, stages: Sequence[StageSpec], scope: Scope, window: str) -> list[dict[str, object]]:
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
    totals = "".join(
        f', count(*) FILTER (due_{numbers[stage.name]}) AS "{stage.name}"' for stage in stages if stage.name != INGEST
    )
    if not stages:
        return []
    rows: list[dict[str, object]] = reader.query(
        f"""
        SELECT "window", count(*) AS articles{totals} FROM (
            SELECT {window} AS "window", {", ".join(columns)}
            FROM articles AS a LEFT JOIN raw_documents AS d ON d.document_id = a.document_id
            {" ".join(joins)}
            WHERE {condition}
        ) GROUP BY "window"
        """,
        [*parameters, *numbers, *scope_parameters],
    ).to_pylist()
    return rows


def _documents_due(reader: Reader, stage: StageSpec, scope: Scope, window: str) -> list[dict[str, object]]:
    """Stored documents that were read by another version, by the window of their article."""
    query, parameters = stored_documents_sql(stage, scope)
    rows: list[dict[str, object]] = reader.query(
        f'SELECT {window} AS "window", count(*) AS "{stage.name}" FROM {query} GROUP BY "window"', parameters
    ).to_pylist()
    return rows
