"""Instants: how the package writes, reads and tells time.

An instant is text in RFC 3339, UTC, with microseconds, so that text order is time order.
What people type ("2024-03-15 14:00" in New York) is read here and only here. The workspace's own
calendar - wall time, or a simulated date - is a record in the ledger; see `Ledger.now`.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from mlops.base.errors import InvalidError, shown

Instant = str
"""RFC 3339 in UTC with microseconds: ``2024-03-15T18:00:00.000000Z``."""

AHEAD = 5
"""Seconds by which an instant on wall time may be ahead and still means now."""


def wall_time() -> Instant:
    """Return the instant it is now on this machine."""
    return instant_of(datetime.now(UTC))


def instant_of(moment: datetime) -> Instant:
    """Write an aware datetime as an instant.

    Examples
    --------
    >>> instant_of(datetime(2024, 3, 15, 14, tzinfo=ZoneInfo("America/New_York")))
    '2024-03-15T18:00:00.000000Z'
    """
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def datetime_of(instant: Instant) -> datetime:
    """Read an instant back as an aware datetime.

    Examples
    --------
    >>> datetime_of("2024-03-15T18:00:00.000000Z").hour
    18
    """
    return datetime.fromisoformat(instant)


def later(instant: Instant, seconds: float) -> Instant:
    """Return the instant so many seconds later."""
    return instant_of(datetime_of(instant) + timedelta(seconds=seconds))


def day_and_time(instant: Instant, zone: str | None = None) -> tuple[str, str]:
    """Return the day of an instant in words, and its time of day, in a time zone or in UTC.

    Examples
    --------
    >>> day_and_time("2024-03-15T18:00:00.000000Z"), day_and_time("2024-03-15T18:00:00.000000Z", "Asia/Tokyo")
    (('15 March 2024', '18:00:00'), ('16 March 2024', '03:00:00'))
    """
    moment = datetime_of(instant).astimezone(zone_of(zone or "UTC"))
    return f"{moment.day} {moment:%B %Y}", moment.time().isoformat()


def zone_of(name: str) -> ZoneInfo:
    """Return the time zone with an IANA name, such as ``America/New_York``."""
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, LookupError) as error:
        raise InvalidError(
            f"{shown(name)} is not a time zone.", "Use an IANA name such as America/New_York, Europe/Berlin or UTC."
        ) from error


def parse_instant(text: str, zone: str | None = None) -> Instant:
    """Read the instant that a person typed.

    Parameters
    ----------
    text : str
        ISO 8601 date and time; an offset in it wins over `zone`. A date alone means its first moment.
    zone : str, optional
        IANA name of the time zone in which `text` without an offset is meant; UTC if not given.

    Returns
    -------
    Instant
        The same moment in UTC.

    Raises
    ------
    InvalidError
        If it is no date and time, lies outside the years 1900 to 2200, or names a local time that the
        change to or from daylight saving skipped or repeated (both instants are in the message).

    Examples
    --------
    >>> parse_instant("2024-03-15 14:00", zone="America/New_York")
    '2024-03-15T18:00:00.000000Z'
    >>> parse_instant("2024-03-15T14:00:00+01:00", zone="America/New_York")
    '2024-03-15T13:00:00.000000Z'
    """
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise InvalidError(
            f"{shown(text)} is not a date and time.", "Write it like 2024-03-15 14:00 or 2024-03-15T14:00:00Z."
        ) from error
    if not 1900 <= moment.year <= 2200:
        raise InvalidError(f"{shown(text)} lies outside the years 1900 to 2200.", "Check the year.")
    if moment.tzinfo is not None:
        return instant_of(moment)
    if zone is None:
        return instant_of(moment.replace(tzinfo=UTC))
    local = moment.replace(tzinfo=zone_of(zone))
    first, second = local.replace(fold=0), local.replace(fold=1)
    if first.utcoffset() != second.utcoffset():
        # A skipped or a repeated local time: both readings are possible, so the person decides.
        happened = "happens twice" if first.astimezone(UTC) < second.astimezone(UTC) else "does not exist"
        instants = sorted({instant_of(first), instant_of(second)})
        raise InvalidError(
            f"{shown(text)} {happened} in {zone}: it can mean {instants[0]} or {instants[1]}.",
            f"Add the offset you mean, such as {first.isoformat()}.",
        )
    return instant_of(local)
