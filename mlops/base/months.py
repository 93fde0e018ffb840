"""Months: the calendar months in which a workspace counts, in UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from mlops.base.clock import Instant, instant_of
from mlops.base.errors import InvalidError, shown

Month = str
"""``2024-03``; text order is time order."""


def of(instant: Instant) -> Month:
    """Return the month of an instant.

    Examples
    --------
    >>> of("2024-03-15T18:00:00.000000Z")
    '2024-03'
    """
    return instant[:7]


def check(month: str, now: Instant) -> Month:
    """Return a month that has begun by now.

    Examples
    --------
    >>> check("2024-04", "2024-03-15T18:00:00.000000Z")
    Traceback (most recent call last):
    ...
    mlops.base.errors.InvalidError: The month '2024-04' has not begun; it is 2024-03. Name 2024-03 or an earlier one.
    """
    if not isinstance(month, str) or not re.fullmatch(r"(19|20|21)\d\d-(0[1-9]|1[0-2])", month):
        raise InvalidError(f"{shown(month)} is no month.", "Write it like 2024-03.")
    if month > of(now):
        raise InvalidError(
            f"The month {shown(month)} has not begun; it is {of(now)}.", f"Name {of(now)} or an earlier one."
        )
    return month


def begins(month: Month) -> Instant:
    """Return the first instant of a month.

    Examples
    --------
    >>> begins("2024-03")
    '2024-03-01T00:00:00.000000Z'
    """
    return instant_of(datetime.strptime(month, "%Y-%m").replace(tzinfo=UTC))
