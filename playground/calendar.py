"""The company's calendar: a simulated date stands still until something moves it.

The company releases once a working day. A second release waits until nine o'clock of the next one, so that a
history that was clicked together in a minute reads like one of weeks. On wall time nothing is moved.

A month is text, ``2024-03``; it begins for the company when cron would wake it, and ends with its last second.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from mlops import Workspace
from mlops.base.clock import Instant, datetime_of, later
from mlops.base.environments import ENVIRONMENTS
from mlops.base.months import begins

FRIDAY = 4
"""As `datetime.weekday` counts."""

CRON, HOUR = "0 6 1 * *", 6
"""When a month's customers come: what cron would call it, and the hour, UTC."""


def before_release(ws: Workspace) -> None:
    """Move a simulated date to the next working day if there was a release on this one already."""
    clock = ws.clock()
    if clock["simulated"] and any(
        one.at == clock["now"] for name in ENVIRONMENTS for one in ws.releases.timeline(name, newest=1)
    ):
        ws.set_clock(next_working_day(clock["now"]))


def next_working_day(instant: str) -> str:
    """Return nine o'clock UTC of the working day after an instant.

    Examples
    --------
    >>> next_working_day("2023-12-01T09:00:00.000000Z")  # a Friday
    '2023-12-04T09:00:00+00:00'
    """
    day = datetime.fromisoformat(instant)
    days = 3 if day.weekday() == FRIDAY else 2 if day.weekday() == FRIDAY + 1 else 1
    return (day + timedelta(days)).replace(hour=9, minute=0, second=0, microsecond=0).isoformat()


def following(month: str, months: int = 1) -> str:
    """Return the month so many months later.

    Examples
    --------
    >>> following("2023-12"), following("2024-01", -2)
    ('2024-01', '2023-11')
    """
    year, number = divmod(int(month[:4]) * 12 + int(month[5:]) - 1 + months, 12)
    return f"{year:04}-{number + 1:02}"


def months(first: str, last: str) -> Iterator[str]:
    """Yield the months from one to another.

    Examples
    --------
    >>> list(months("2023-12", "2024-02"))
    ['2023-12', '2024-01', '2024-02']
    """
    while first <= last:
        yield first
        first = following(first)


def begin_of(month: str) -> Instant:
    """Return when a month's customers come.

    Examples
    --------
    >>> begin_of("2024-03")
    '2024-03-01T06:00:00.000000Z'
    """
    return later(begins(month), HOUR * 3600)


def end_of(month: str) -> Instant:
    """Return the last second of a month.

    Examples
    --------
    >>> end_of("2024-02")
    '2024-02-29T23:59:59.000000Z'
    """
    return later(begins(following(month)), -1)


def month_told(month: str) -> str:
    """Return a month in words.

    Examples
    --------
    >>> month_told("2024-03")
    'March 2024'
    """
    return f"{datetime_of(begins(month)):%B %Y}"
