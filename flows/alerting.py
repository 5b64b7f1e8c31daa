"""Telling someone: alerts that are new go to a webhook, once; `rasad status` shows all that last."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from flows.settings import AlertSettings
from warehouse.alerts import Alert, Limits, alerts
from warehouse.connection import Reader
from warehouse.location import Location

#: A run that is done must not wait long for somebody else's server.
SECONDS = 10.0
ATTEMPTS = 2


def limits(settings: AlertSettings) -> Limits:
    """The settings as the warehouse asks for them."""
    return Limits(settings.rejected_share, settings.silent_days, settings.fresh_hours)


def raise_alerts(reader: Reader, settings: AlertSettings, run_id: str, now: datetime) -> tuple[list[str], str | None]:
    """What is unusual after a run; the alerts that the webhook does not know yet are posted.

    Returns all alerts, and why the webhook could not be told, which never fails a run. What could not be told is
    posted again after the next run; an alert that ended and comes back is new.
    """
    found = alerts(reader, limits(settings), now)
    failure = None
    if settings.webhook is not None:
        known = _file(reader.location)
        told = _told(known)
        fresh = [alert for alert in found if (alert.kind, alert.subject) not in told]
        failure = post(settings.webhook, fresh, reader.location, run_id) if fresh else None
        if failure is None:
            with suppress(OSError):
                known.write_text(json.dumps([[alert.kind, alert.subject] for alert in found], ensure_ascii=False))
    return [alert.message for alert in found], failure


def post(webhook: str, found: Sequence[Alert], location: Location, run_id: str) -> str | None:
    """Post alerts as one JSON object; returns what went wrong.

    `text` is what chat services show; `alerts` has kind, subject and message of each.
    """
    import httpx  # `rasad status`, which uses this module, tells nobody

    body = {
        "text": "\n".join([f"Rasad, {location.folder.name}:", *(alert.message for alert in found)]),
        "warehouse": str(location.folder),
        "run_id": run_id,
        "alerts": [{"kind": a.kind, "subject": a.subject, "message": a.message} for a in found],
    }
    problem = ""
    for _ in range(ATTEMPTS):
        try:
            answer = httpx.post(webhook, json=body, timeout=SECONDS)
        except httpx.HTTPError as failure:
            problem = str(failure) or type(failure).__name__
            continue
        if answer.is_success:
            return None
        problem = f"it answered {answer.status_code}"
    return f"alerts could not be posted to {webhook}: {problem}"


def _file(location: Location) -> Path:
    return location.folder / "alerts.json"


def _told(file: Path) -> set[tuple[str, str]]:
    try:
        return {(kind, subject) for kind, subject in json.loads(file.read_text(encoding="utf-8"))}
    except (OSError, ValueError, TypeError):
        return set()
