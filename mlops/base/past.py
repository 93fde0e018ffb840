"""The past: a ledger as it was after one of its events, read like any other.

The calendar says which event was the last one at an instant (`last_at`); what was known then is derived from the events
up to that one, by the same merge as always. Only what somebody asks for is derived, and it is kept for everybody in
this process who looks at the same event: what has happened never changes. The past records nothing, and takes no lock
but that of a reader.
"""

from __future__ import annotations

import json
import sqlite3
import weakref
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock, RLock
from typing import Any, NoReturn

from mlops.base.artifacts import Artifacts
from mlops.base.clock import Instant, day_and_time
from mlops.base.errors import IntegrityError, NotYetError, PastError
from mlops.base.events import EVENT_FIELDS, derive_all, noun_of
from mlops.base.formats import FORMAT, SCHEMA, format_of
from mlops.base.ledger import Ledger
from mlops.base.view import NOTHING, Head, View

ROOM = 100_000
"""Events from which the pasts that are kept were derived, at most; beyond, the one that was asked for longest ago goes.
"""


class Past(Ledger):
    """The ledger of a workspace as it was after one of its events.

    Parameters
    ----------
    today : Ledger
        The ledger as it is.
    last : Head
        The last event that the past holds.
    now : Instant
        What time it is there.
    """

    def __init__(self, today: Ledger, last: Head, now: Instant) -> None:
        super().__init__(today.path, today._artifacts, today.actor, today.busy)
        self._last, self._now = last, now
        self.event = last[0]
        self._derived = _kept.get(today.path, last)

    @contextmanager
    def read(self) -> Iterator[View]:
        """Open a look at what was known then."""
        # This lock first: who waits for it then keeps nobody from committing.
        with self._derived.lock, super().read() as today:
            yield PastView(today, self._derived, self._last, self._now)

    def check_present(self) -> NoReturn:
        """Refuse what would record something."""
        day, time = day_and_time(self._now)
        raise PastError(
            f"This is the past ({day}, {time} UTC, after event {self.event}), and the past records nothing.",
            "Back to today to do that.",
        )

    def write(self) -> NoReturn:
        """Refuse: what is over does not change."""
        self.check_present()


class PastArtifacts(Artifacts):
    """The files of a workspace for its past: what is recorded never changes, and what is under way belongs to now."""

    def __init__(self, root: Path, past: Past) -> None:
        super().__init__(root)
        self._past = past

    @property
    def tmp(self) -> NoReturn:
        """Refuse stages, locks and progress."""
        self._past.check_present()


class PastView(View):
    """One look at what was known after an event."""

    def __init__(self, today: View, derived: Derived, last: Head, now: Instant) -> None:
        super().__init__(derived.connection)
        self._today, self._derived, self._last, self._now = today, derived, last, now

    @property
    def today(self) -> View:
        """The same look at what is there today."""
        return self._today

    def select(self, noun: str, query: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> sqlite3.Cursor:
        """Return rows about records of a noun, as they were then."""
        self._derived.need(self._today, noun)
        return super().select(noun, query, values)

    def record(self, noun: str, subject: str) -> dict[str, Any] | None:
        """Return what was known about a subject; only its own events are read."""
        self._derived.need(self._today, noun, subject)
        return super().record(noun, subject)

    def head(self) -> Head:
        """Return number, instant and hash of the last event that the past holds."""
        return self._last

    def now(self) -> Instant:
        """Return what time it is in the past; it stands still."""
        return self._now

    def holds(self, request: Mapping[str, Any]) -> bool:
        """Tell whether a logged request had come by then."""
        after = request.get("after", 0)
        return bool(after < self._last[0] or (after == self._last[0] and request["at"] <= self._now))

    def artifact(self, path: str) -> str:
        """Return the SHA-256 that the ledger named for a path."""
        self.is_named(path)
        return super().artifact(path)

    def is_named(self, path: str) -> bool:
        """Tell whether an event had named a file with this path."""
        # Whoever knows a path has it from a record, so its event is mostly among those that were derived.
        if not super().is_named(path):
            self._derived.need(self._today)
        return super().is_named(path)

    def copy(self) -> sqlite3.Connection:
        """Return a copy of the whole ledger as it was then."""
        today, copy = self._today.connection, _empty_ledger()
        query = f"SELECT {EVENT_FIELDS} FROM events WHERE seq <= ? ORDER BY seq"
        rows = today.execute(query, (self._last[0],)).fetchall()
        upgraded = today.execute("SELECT max(seq) FROM events WHERE kind = 'workspace.upgrade'").fetchone()[0] or 0
        with copy:
            copy.execute("BEGIN")
            copy.executemany(f"INSERT INTO events ({EVENT_FIELDS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
            derive_all(copy, ((seq, kind, subject, payload) for seq, _, _, _, kind, subject, payload, _, _ in rows))
            copy.execute("INSERT INTO workspace (id) VALUES (?)", today.execute("SELECT id FROM workspace").fetchone())
            version = format_of(today) if upgraded <= self._last[0] else FORMAT - 1
            copy.execute(f"PRAGMA user_version = {version}")
        return copy


class Derived:
    """What follows from the events up to one of them, as far as somebody asked for it.

    Parameters
    ----------
    last : int
        Number of the last event.
    """

    def __init__(self, last: int) -> None:
        self.connection = _empty_ledger()  # in memory, and used by whichever thread holds the lock
        weakref.finalize(self, self.connection.close)
        self.lock = RLock()
        self.events = 0
        """How many events were derived."""
        self._last = last
        self._waiting: dict[str, dict[str, list[int]]] | None = None

    def need(self, today: View, noun: str | None = None, subject: str | None = None) -> None:
        """Derive what is not derived yet: of a subject, of all of a noun, or of everything."""
        waiting = self._not_derived(today)
        for one in [*waiting] if noun is None else [noun]:
            of_noun = waiting.get(one, {})
            subjects = [*of_noun] if subject is None else [subject] if subject in of_noun else []
            if subjects:
                self._derive(today, [seq for name in subjects for seq in of_noun[name]])
            for name in subjects:
                del of_noun[name]

    def _not_derived(self, today: View) -> dict[str, dict[str, list[int]]]:
        """Return the numbers of the events that nobody asked for yet, by noun and subject."""
        if self._waiting is None:
            self._waiting = {}
            rows = today.connection.execute("SELECT seq, kind, subject FROM events WHERE seq <= ?", (self._last,))
            for seq, kind, subject in rows:
                self._waiting.setdefault(noun_of(kind), {}).setdefault(subject, []).append(seq)
        return self._waiting

    def _derive(self, today: View, numbers: Iterable[int]) -> None:
        rows = today.connection.execute(
            "SELECT seq, kind, subject, payload FROM events WHERE seq IN (SELECT value FROM json_each(?)) ORDER BY seq",
            (json.dumps([*numbers]),),
        )
        try:
            with self.connection:  # all of it, or nothing
                self.connection.execute("BEGIN")
                self.events += derive_all(self.connection, rows)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise IntegrityError(f"An event cannot be read: {error}.", "Run mlops verify: it names it.") from error


class Shelf:
    """The pasts that were asked for last in this process, by ledger and last event.

    Parameters
    ----------
    room : int
        Events from which all of them together are derived, at most.
    """

    def __init__(self, room: int = ROOM) -> None:
        self._room = room
        self._kept: OrderedDict[tuple[Path, Head], Derived] = OrderedDict()
        self._lock = Lock()

    def get(self, path: Path, last: Head) -> Derived:
        """Return what is derived up to an event of a ledger."""
        with self._lock:
            found = self._kept.pop((path, last), None) or Derived(last[0])
            while self._kept and sum(one.events for one in self._kept.values()) + found.events > self._room:
                self._kept.popitem(last=False)
            self._kept[path, last] = found
            return found


_kept = Shelf()


def last_at(view: View, at: Instant) -> Head:
    """Return the last event that had happened at an instant; time never goes back, so a few of them tell."""
    first, beyond = 0, view.head()[0] + 1
    while beyond - first > 1:
        middle = (first + beyond) // 2
        first, beyond = (middle, beyond) if str(_head(view, middle)[1]) <= at else (first, middle)
    return _head(view, first)


def numbered(view: View, event: int) -> Head:
    """Return the event with a number.

    Raises
    ------
    NotYetError
        If it has not happened.
    """
    last = view.head()[0]
    if not 1 <= event <= last:
        raise NotYetError(
            f"There is no event {event} yet; the last one is {last}.", f"Name one from 1 to {last}: mlops log."
        )
    return _head(view, event)


def _head(view: View, number: int) -> Head:
    row: Head | None = view.today.connection.execute(
        "SELECT seq, at, sha256 FROM events WHERE seq <= ? ORDER BY seq DESC LIMIT 1", (number,)
    ).fetchone()
    return row or NOTHING


def _empty_ledger() -> sqlite3.Connection:
    fresh = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    fresh.executescript(SCHEMA)
    return fresh
