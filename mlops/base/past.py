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
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock, RLock
from typing import Any, NoReturn

from mlops.base.artifacts import Artifacts
from mlops.base.clock import Instant, day_and_time
from mlops.base.errors import IntegrityError, NotYetError, PastError
from mlops.base.events import EVENT_FIELDS, derive, index, merge, name_files, noun_of
from mlops.base.formats import FACTS_BY_VALUE, FORMAT, SCHEMA, format_of
from mlops.base.ledger import Ledger
from mlops.base.view import NOTHING, Head, View

ROOM = 50_000
"""Records of the pasts that are kept, at most; beyond, the one that was asked for longest ago goes."""


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

    def search(self, noun: str, query: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> sqlite3.Cursor:
        """Return rows about records of a noun, as they were found then."""
        self._derived.need_facts(self._today, noun)
        return super().search(noun, query, values)

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
        self._derived.need_files(self._today)
        return super().artifact(path)

    def is_named(self, path: str) -> bool:
        """Tell whether an event had named a file with this path."""
        self._derived.need_files(self._today)
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
            for seq, _, _, _, kind, subject, payload, _, _ in rows:
                derive(copy, seq, kind, subject, json.loads(payload))
            copy.execute("INSERT INTO workspace (id) VALUES (?)", today.execute("SELECT id FROM workspace").fetchone())
            version = format_of(today) if upgraded <= self._last[0] else FORMAT - 1
            copy.execute(f"PRAGMA user_version = {version}")
        return copy


class Derived:
    """What follows from the events up to one of them, as far as somebody asked for it.

    A record that no later event changed is as it is today; the others are merged again from their events.

    Parameters
    ----------
    last : int
        Number of the last event.
    """

    def __init__(self, last: int) -> None:
        self.connection = _empty_ledger()  # in memory, and used by whichever thread holds the lock
        weakref.finalize(self, self.connection.close)
        self.lock = RLock()
        self.records = 0
        """How many records were derived."""
        self._last = self._seen = last
        self._waiting: dict[str, dict[str, list[int]]] | None = None
        self._changed: set[tuple[str, str]] = set()
        self._searched: set[str] = set()
        self._has_files = False

    def need(self, today: View, noun: str, subject: str | None = None) -> None:
        """Derive the records of a noun, or the one of a subject, unless they are."""
        waiting = self._not_derived(today).get(noun, {})
        wanted = {one: waiting[one] for one in ([*waiting] if subject is None else {subject} & waiting.keys())}
        if not wanted:
            return
        self._note_changes(today)
        changed = {one for one in wanted if (noun, one) in self._changed}
        numbers = [seq for one in changed for seq in wanted[one]]
        with self._all_or_nothing():
            same = today.connection.execute(
                "SELECT * FROM records WHERE noun = ? AND subject IN (SELECT value FROM json_each(?))",
                (noun, json.dumps([*wanted.keys() - changed])),
            )
            self.connection.executemany("INSERT INTO records VALUES (?, ?, ?, ?)", same)
            merge(
                self.connection, ((*said, json.loads(payload)["changes"]) for *said, payload in _told(today, numbers))
            )
        self.records += len(wanted)
        for one in wanted:
            del waiting[one]

    def need_facts(self, today: View, noun: str) -> None:
        """Derive the records of a noun and what they are searched by."""
        self.need(today, noun)
        if noun not in self._searched:
            rows = self.connection.execute(
                "SELECT subject, record FROM records WHERE noun = ? AND subject NOT IN (SELECT subject FROM facts)",
                (noun,),
            ).fetchall()
            with self._all_or_nothing():
                self.connection.execute("DROP INDEX facts_by_value")  # made at once, it takes half the time
                index(self.connection, noun, ((subject, json.loads(record)) for subject, record in rows))
                self.connection.execute(FACTS_BY_VALUE)
            self._searched.add(noun)

    def need_files(self, today: View) -> None:
        """Derive which files had a name."""
        if not self._has_files:
            rows = today.connection.execute(
                "SELECT payload FROM events WHERE seq <= ? AND payload NOT LIKE '{\"artifacts\":[]%'", (self._last,)
            )
            with self._all_or_nothing():
                name_files(self.connection, (file for (payload,) in rows for file in json.loads(payload)["artifacts"]))
            self._has_files = True

    def _not_derived(self, today: View) -> dict[str, dict[str, list[int]]]:
        """Return the numbers of the events that nobody asked for yet, by noun and subject."""
        if self._waiting is None:
            self._waiting = {}
            rows = today.connection.execute("SELECT seq, kind, subject FROM events WHERE seq <= ?", (self._last,))
            for seq, kind, subject in rows:
                self._waiting.setdefault(noun_of(kind), {}).setdefault(subject, []).append(seq)
        return self._waiting

    def _note_changes(self, today: View) -> None:
        """Note what happened since this was asked last: from day to day there is more of it."""
        later = today.connection.execute("SELECT seq, kind, subject FROM events WHERE seq > ?", (self._seen,))
        for self._seen, kind, subject in later:
            self._changed.add((noun_of(kind), subject))

    @contextmanager
    def _all_or_nothing(self) -> Iterator[None]:
        try:
            with self.connection:
                self.connection.execute("BEGIN")
                yield
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise IntegrityError(f"An event cannot be read: {error}.", "Run mlops verify: it names it.") from error


class Shelf:
    """The pasts that were asked for last in this process, by ledger and last event.

    Parameters
    ----------
    room : int
        Records of all of them together, at most.
    """

    def __init__(self, room: int = ROOM) -> None:
        self._room = room
        self._kept: OrderedDict[tuple[Path, Head], Derived] = OrderedDict()
        self._lock = Lock()

    def get(self, path: Path, last: Head) -> Derived:
        """Return what is derived up to an event of a ledger."""
        with self._lock:
            found = self._kept.pop((path, last), None) or Derived(last[0])
            while self._kept and sum(one.records for one in self._kept.values()) + found.records > self._room:
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
        known = f"the last one is {last}" if last else "nothing has happened here"
        raise NotYetError(
            f"There is no event {event}{' yet' if event else ''}: they count from 1, and {known}.",
            f"Name one from 1 to {last}: mlops log." if last else "Add data first, then ask again.",
        )
    return _head(view, event)


def _head(view: View, number: int) -> Head:
    row: Head | None = view.today.connection.execute(
        "SELECT seq, at, sha256 FROM events WHERE seq <= ? ORDER BY seq DESC LIMIT 1", (number,)
    ).fetchone()
    return row or NOTHING


def _told(today: View, numbers: Sequence[int]) -> Iterator[tuple[Any, ...]]:
    """Return number, kind, subject and payload of some events, oldest first."""
    yield from today.connection.execute(
        "SELECT seq, kind, subject, payload FROM events WHERE seq IN (SELECT value FROM json_each(?)) ORDER BY seq",
        (json.dumps(numbers),),
    )


def _empty_ledger() -> sqlite3.Connection:
    fresh = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    fresh.executescript(SCHEMA)
    return fresh
