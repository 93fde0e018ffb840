"""View: one consistent look at a ledger, and all that can be asked in it.

Whoever decides takes one, and so sees one moment. Thousands of records can be made after the look, when nobody waits
for its end.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from mlops.base.clock import AHEAD, Instant, day_and_time, later, wall_time
from mlops.base.errors import IntegrityError, InvalidError, NotFoundError, NotYetError, shown
from mlops.base.events import EVENT_FIELDS, GENESIS, event_of

RECORD = "SELECT record FROM records WHERE noun = ? AND subject = ?"

Head = tuple[int, Instant | None, str]
"""Number, instant and hash of an event."""

NOTHING: Head = (0, None, GENESIS)
"""The head of a ledger in which nothing has happened."""


class View:
    """One consistent look at the ledger."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    @property
    def today(self) -> View:
        """The same look at what is there today; this one, but in the past."""
        return self

    def select(self, noun: str, query: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> sqlite3.Cursor:
        """Return rows about the records of a noun, from the table `records`."""
        return self.connection.execute(query, values)

    def search(self, noun: str, query: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> sqlite3.Cursor:
        """Return rows about the records of a noun, from the table `facts` as well."""
        return self.select(noun, query, values)

    def holds(self, request: Mapping[str, Any]) -> bool:
        """Tell whether a logged request had come by now."""
        return True

    def record(self, noun: str, subject: str) -> dict[str, Any] | None:
        """Return what is known about a subject; None if it does not exist."""
        row = self.connection.execute(RECORD, (noun, subject)).fetchone()
        return json.loads(row[0]) if row else None

    def records(self, noun: str) -> list[dict[str, Any]]:
        """Return all records of a noun, newest first."""
        return [*self.each(noun)]

    def each(self, noun: str, limit: int | None = None) -> Iterator[dict[str, Any]]:
        """Return the records of a noun, newest first; they are read now, and made when they are taken.

        So thousands of them can be made after the look, when nobody waits for its end.
        """
        rows = self.select(
            noun,
            "SELECT record FROM records WHERE noun = ? ORDER BY seq DESC LIMIT ?",
            (noun, -1 if limit is None else limit),
        ).fetchall()
        return (json.loads(record) for (record,) in rows)

    def subjects(self, noun: str, prefix: str = "", limit: int = -1) -> list[str]:
        """Return the subjects of a noun that begin so, in the order of their characters."""
        rows = self.select(
            noun,
            "SELECT subject FROM records WHERE noun = ? AND subject >= ? AND subject < ? ORDER BY subject LIMIT ?",
            (noun, prefix, prefix + "\U0010ffff", limit),
        )
        return [subject for (subject,) in rows]

    def resolve(self, noun: str, prefix: str) -> dict[str, Any]:
        """Return the one record whose subject is, or begins with, `prefix`."""
        if not isinstance(prefix, str):
            raise InvalidError(f"{shown(prefix)} is no id of a {noun}: an id is text.", f"Name the {noun} by its id.")
        exact = self.record(noun, prefix)
        if exact is not None:
            return exact
        alike = self.subjects(noun, prefix, limit=3) if prefix else []
        if len(alike) == 1:
            return self.record(noun, alike[0]) or {}
        newest = "SELECT subject FROM records WHERE noun = ? ORDER BY seq DESC LIMIT 5"
        known = [subject for (subject,) in self.select(noun, newest, (noun,))]
        how_many = f"More than one {noun} starts" if len(alike) > 1 else f"No {noun} starts"
        raise NotFoundError(
            f"{how_many} with {shown(prefix)}. Latest: {', '.join(known) or 'none yet'}.", "Use more of its id."
        )

    def events(self, since: int = 0) -> Iterable[dict[str, Any]]:
        """Return the events after number `since`, oldest first; they are read now, and made when they are taken."""
        fields = f"SELECT {EVENT_FIELDS} FROM events WHERE seq > ? AND seq <= ? ORDER BY seq"
        return map(event_of, self.today.connection.execute(fields, (since, self.head()[0])).fetchall())

    def happened(self, kinds: Sequence[str], subject: str | None = None, since: int = 0) -> sqlite3.Cursor:
        """Return number, kind, subject and payload, as text, of the events of some kinds, oldest first.

        Parameters
        ----------
        subject : str, optional
            Only those of a subject.
        since : int
            Only those after this number.
        """
        return self.today.connection.execute(
            "SELECT seq, kind, subject, payload FROM events WHERE seq > ? AND seq <= ? "
            "AND kind IN (SELECT value FROM json_each(?)) AND (? IS NULL OR subject = ?) ORDER BY seq",
            (since, self.head()[0], json.dumps(kinds), subject, subject),
        )

    def head(self) -> Head:
        """Return number, instant and hash of the last event."""
        row = self.connection.execute("SELECT seq, at, sha256 FROM events ORDER BY seq DESC LIMIT 1").fetchone()
        return row or NOTHING

    def now(self) -> Instant:
        """Return the workspace's time: the simulated date if one is set, never before the last event."""
        clock = self.record("clock", "clock")
        return max((clock and clock["simulated"]) or wall_time(), self.head()[1] or "")

    def past(self, instant: Instant, zone: str | None = None) -> Instant:
        """Return an instant that has come by the workspace's time. Whoever asks about the past asks here first.

        On wall time up to `clock.AHEAD` seconds ahead is now: clocks of two machines differ by that much.

        Parameters
        ----------
        zone : str, optional
            IANA time zone in which the message names the days; UTC if not given.

        Raises
        ------
        NotYetError
            If it has not come.
        """
        now, clock = self.now(), self.record("clock", "clock")
        simulated = bool(clock and clock["simulated"])
        if instant > (now if simulated else later(now, AHEAD)):
            (day, time), (today, clock_time) = day_and_time(instant, zone), day_and_time(now, zone)
            same_day = f"{day}, {time} has not come yet; it is {clock_time} ({zone or 'UTC'})."
            raise NotYetError(
                same_day if day == today else f"{day} has not come yet; today is {today}.",
                f"Ask about a time that has come{', or set the calendar to a later date' if simulated else ''}.",
            )
        return min(instant, now)

    def copy(self) -> sqlite3.Connection:
        """Return a copy of the whole ledger as it is in this look, for work that takes longer than others can wait."""
        copy = sqlite3.connect("", isolation_level=None)  # no name: it is gone with its process, however that ends
        copy.execute("PRAGMA cache_size = -262144")  # in memory, but what is beyond 256 MB
        self.connection.backup(copy)
        return copy

    def artifact(self, path: str) -> str:
        """Return the SHA-256 that the ledger names for a path."""
        row = self.connection.execute("SELECT sha256 FROM artifacts WHERE path = ?", (path,)).fetchone()
        if row is None:
            raise IntegrityError(
                f"{path} is not named by any event of this workspace, so it is not loaded.", "Run mlops verify."
            )
        return str(row[0])

    def is_named(self, path: str) -> bool:
        """Tell whether an event names a file with this path."""
        return self.connection.execute("SELECT 1 FROM artifacts WHERE path = ?", (path,)).fetchone() is not None
