"""Windows of published time: `[start, end)` in UTC, by day or month, and one for what has no date."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from schemas.errors import SettingsError
from schemas.operations import By
from warehouse.ledger import Scope

UNDATED = "undated"


@dataclass(frozen=True, slots=True)
class Window:
    """`[start, end)` of published time; without both, what has no date."""

    start: datetime | None = None
    end: datetime | None = None

    @property
    def name(self) -> str:
        """As people and `runs.window` call it: `2025-08-01/2025-09-01`, or `undated`."""
        return f"{_plain(self.start)}/{_plain(self.end)}" if self.start and self.end else UNDATED


def window_at(first: datetime | None, by: By, start: datetime | None, end: datetime | None) -> Window:
    """The window that begins at this first moment of a day or month, within the bounds."""
    if first is None:
        return Window()
    following = _next(first, by)
    return Window(max(first, start) if start else first, min(following, end) if end else following)


def scope_of(windows: Sequence[Window], source: str | None) -> Scope:
    """Neighbouring windows as one part of the articles."""
    starts = [window.start for window in windows if window.start]
    ends = [window.end for window in windows if window.end]
    return Scope(source, min(starts, default=None), max(ends, default=None), undated=Window() in windows)


def split(start: datetime, end: datetime, by: By) -> list[datetime]:
    """The first moments of all days or months that `[start, end)` touches."""
    first = start.replace(hour=0, minute=0, second=0, microsecond=0)
    if by == "month":
        first = first.replace(day=1)
    firsts = []
    while first < end:
        firsts.append(first)
        first = _next(first, by)
    return firsts


def in_order(firsts: Iterable[datetime | None]) -> list[datetime | None]:
    """In order of time, what has no date last: the order in which articles are canonical, too."""
    return sorted(firsts, key=lambda first: (first is None, first or datetime.min.replace(tzinfo=UTC)))


def read_moment(text: str, option: str) -> datetime:
    """A date or a moment as people type it; without an offset it is UTC. Raises SettingsError."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError as failure:
        raise SettingsError(
            f"{text!r} is no date",
            where=option,
            hint="Write a day as 2025-08-01, or a moment as 2025-08-01T12:00+03:00; days begin at 00:00 UTC.",
        ) from failure
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def range_name(start: datetime | None, end: datetime | None) -> str | None:
    """A whole range for `runs.window`, open ends as `..`; None where it has no bounds."""
    if start is None and end is None:
        return None
    return f"{_plain(start) if start else '..'}/{_plain(end) if end else '..'}"


def _next(first: datetime, by: By) -> datetime:
    if by == "day":
        return first + timedelta(days=1)
    return first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)


def _plain(moment: datetime) -> str:
    moment = moment.astimezone(UTC)
    midnight = (moment.hour, moment.minute, moment.second, moment.microsecond) == (0, 0, 0, 0)
    return moment.date().isoformat() if midnight else moment.isoformat().replace("+00:00", "Z")
