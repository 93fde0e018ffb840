"""The company's calendar: a simulated date stands still until something moves it.

The company releases once a working day. A second release waits until nine o'clock of the next one, so that a
history that was clicked together in a minute reads like one of weeks. On wall time nothing is moved.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from mlops import Workspace
from mlops.base.environments import ENVIRONMENTS

FRIDAY = 4
"""As `datetime.weekday` counts."""


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
