"""The ledger: everything that ever happened in a workspace, in order, in one SQLite file.

An *event* says what changed: a kind ("run.note"), a subject (the run's id), the changed fields, and the
files it makes real. Events are only appended, and each carries the hash of the one before it.
A *record* is what is known about a subject now: the merge of the changes of all its events. Records,
the searchable facts of records, and the list of artifacts are derived from the events in the same
transaction; `verify` derives them again and compares.

Several programs may use a ledger at once: one that writes, or many that read. Whoever has to wait for longer than a
moment is told so (`BusyError`), but for work that must not be lost: it has a *patient* ledger, which waits.

The ledger knows no datasets or models. Upper floors choose kinds and fields.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from mlops.base.artifacts import Artifacts, Staged, replace_file
from mlops.base.clock import AHEAD, Instant, day_and_time, later, wall_time
from mlops.base.errors import (
    BusyError,
    ConflictError,
    IntegrityError,
    InvalidError,
    MlopsError,
    NotFoundError,
    NotYetError,
    StorageError,
    shown,
)
from mlops.base.leftovers import Publication, clear
from mlops.base.outputs import MARKER
from mlops.base.records import canonical_json, readable_json

FORMAT = 2
"""Format of ledger and folder. Raise it when an older program would misread what a newer one writes;
keep a small workspace of the old format in the tests and teach `Ledger` to bring it up to date.

2: other roles make another dataset version; one version is live for each environment *and* name; runs record roles and
outcomes."""

SEARCHABLE = {
    "run": [
        "params",
        "metrics",
        "tags",
        "data",
        "status",
        "name",
        "run_id",
        "seed",
        "started_at",
        "duration_s",
        "prepared",
    ]
}
"""Fields of records that are indexed for search, by noun: one fact for each scalar below them.

`prepared` is one of older runs only, kept so that their ledgers hold what can be derived from them again."""

SCHEMA = f"""
CREATE TABLE events (
    seq INTEGER PRIMARY KEY, at TEXT NOT NULL, recorded_at TEXT NOT NULL, actor TEXT NOT NULL,
    kind TEXT NOT NULL, subject TEXT NOT NULL, payload TEXT NOT NULL,
    prev_sha256 TEXT NOT NULL, sha256 TEXT NOT NULL UNIQUE
) STRICT;
CREATE TRIGGER events_are_not_changed BEFORE UPDATE ON events
    BEGIN SELECT RAISE(ABORT, 'history is appended, never rewritten'); END;
CREATE TRIGGER events_are_not_removed BEFORE DELETE ON events
    BEGIN SELECT RAISE(ABORT, 'history is appended, never rewritten'); END;
CREATE TABLE records (
    noun TEXT, subject TEXT, seq INTEGER NOT NULL, record TEXT NOT NULL, PRIMARY KEY (noun, subject)
) STRICT, WITHOUT ROWID;
CREATE INDEX records_in_order ON records (noun, seq);
CREATE TABLE artifacts (path TEXT PRIMARY KEY, sha256 TEXT NOT NULL, size INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE facts (subject TEXT, key TEXT, value ANY, PRIMARY KEY (subject, key)) STRICT, WITHOUT ROWID;
CREATE INDEX facts_by_value ON facts (key, value, subject);
CREATE TABLE workspace (id TEXT NOT NULL) STRICT;
PRAGMA user_version = {FORMAT};
"""

BUSY = 10.0
"""Seconds that a program waits for another one that holds the ledger."""

GLANCE, PAUSE = 0.5, 0.2
"""A patient ledger tries for so many seconds, then leaves it to others for so many, and so on."""

EVENT_FIELDS = "seq, at, recorded_at, actor, kind, subject, payload, prev_sha256, sha256"

GENESIS = "0" * 64
"""What the first event names as the hash of the one before it."""


class View:
    """One consistent look at the ledger."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def record(self, noun: str, subject: str) -> dict[str, Any] | None:
        """Return what is known about a subject; None if it does not exist."""
        row = self.connection.execute(
            "SELECT record FROM records WHERE noun = ? AND subject = ?", (noun, subject)
        ).fetchone()
        return json.loads(row[0]) if row else None

    def records(self, noun: str, limit: int | None = None) -> list[dict[str, Any]]:
        """Return all records of a noun, newest first."""
        return [*self.each(noun, limit)]

    def each(self, noun: str, limit: int | None = None) -> Iterator[dict[str, Any]]:
        """Return the records of a noun, newest first; they are read now, and made when they are taken.

        So thousands of them can be made after the look, when nobody waits for its end.
        """
        rows = self.connection.execute(
            "SELECT record FROM records WHERE noun = ? ORDER BY seq DESC LIMIT ?",
            (noun, -1 if limit is None else limit),
        ).fetchall()
        return (json.loads(record) for (record,) in rows)

    def resolve(self, noun: str, prefix: str) -> dict[str, Any]:
        """Return the one record whose subject is, or begins with, `prefix`."""
        exact = self.record(noun, prefix)
        if exact is not None:
            return exact
        rows = self.connection.execute(
            "SELECT subject, record FROM records WHERE noun = ? AND subject >= ? AND subject < ? LIMIT 3",
            (noun, prefix, prefix + "\U0010ffff"),
        ).fetchall()
        if prefix and len(rows) == 1:
            return dict(json.loads(rows[0][1]))
        known = [
            subject
            for (subject,) in self.connection.execute(
                "SELECT subject FROM records WHERE noun = ? ORDER BY seq DESC LIMIT 5", (noun,)
            )
        ]
        how_many = f"More than one {noun} starts" if len(rows) > 1 else f"No {noun} starts"
        raise NotFoundError(
            f"{how_many} with {shown(prefix)}. Latest: {', '.join(known) or 'none yet'}.", "Use more of its id."
        )

    def events(self, since: int = 0) -> Iterable[dict[str, Any]]:
        """Return the events after number `since`, oldest first; they are read now, and made when they are taken."""
        rows = self.connection.execute(f"SELECT {EVENT_FIELDS} FROM events WHERE seq > ? ORDER BY seq", (since,))
        return map(_event, rows.fetchall())

    def head(self) -> tuple[int, Instant | None, str]:
        """Return number, instant and hash of the last event."""
        row = self.connection.execute("SELECT seq, at, sha256 FROM events ORDER BY seq DESC LIMIT 1").fetchone()
        return row or (0, None, GENESIS)

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


class Transaction(View):
    """A look at the ledger that may also append; all of it happens, or nothing."""

    def __init__(self, connection: sqlite3.Connection, publication: Publication, actor: str) -> None:
        super().__init__(connection)
        self._publication = publication
        self.actor = actor
        self.at = self.now()

    def append(
        self, kind: str, subject: str, changes: Mapping[str, Any], files: Mapping[str, Staged] | None = None
    ) -> dict[str, Any]:
        """Append one event, publish its files, and return the record as it is now.

        Parameters
        ----------
        kind : str
            ``noun.verb``; the noun names the kind of record.
        subject : str
            The record's id.
        changes : mapping
            Fields of the record that have a new value, as plain JSON.
        files : mapping of str to Staged, optional
            Files that this event makes real, by their path in the workspace.
        """
        files = dict(files or {})
        for path in files:
            if self.is_named(path):
                raise ConflictError(f"{path} exists already, and artifacts never change.", "Use another name.")
        self._publication.add(files)
        seq, _, previous = self.head()
        named = [{"path": path, "sha256": staged.sha256, "size": staged.size} for path, staged in files.items()]
        payload = canonical_json({"artifacts": named, "changes": changes})
        fields = (seq + 1, self.at, wall_time(), self.actor, kind, subject, payload, previous)
        self.connection.execute(
            f"INSERT INTO events ({EVENT_FIELDS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", (*fields, digest(fields))
        )
        return derive(self.connection, seq + 1, kind, subject, json.loads(payload))


class Ledger:
    """The ledger file of one workspace.

    Parameters
    ----------
    path : Path
        The SQLite file.
    artifacts : Artifacts
        The files beside it.
    actor : str
        Who acts, as written into every event.
    busy : float
        Seconds to wait for another program that holds the ledger.
    """

    def __init__(self, path: Path, artifacts: Artifacts, actor: str, busy: float = BUSY) -> None:
        self.path = path
        self.actor = actor
        self.busy = busy
        self._artifacts = artifacts
        self._waiting: Callable[[], None] | None = None

    def patient(self, waiting: Callable[[], None] = lambda: None) -> Ledger:
        """Return this ledger for work that must not be lost: it waits as long as another program holds the file.

        Parameters
        ----------
        waiting : callable
            Called again and again meanwhile. What it raises ends the waiting.
        """
        ledger = Ledger(self.path, self._artifacts, self.actor, min(self.busy, GLANCE))
        ledger._waiting = waiting
        return ledger

    @staticmethod
    def create(path: Path, workspace_id: str) -> None:
        """Make an empty ledger file."""
        with ledger_errors(path), closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.executescript(f"BEGIN; {SCHEMA}")
            connection.execute("INSERT INTO workspace (id) VALUES (?)", (workspace_id,))
            connection.execute("COMMIT")

    @staticmethod
    def save(copy: sqlite3.Connection, path: Path, workspace_id: str) -> None:
        """Write a copy of a ledger to a new file that belongs to another workspace."""
        with ledger_errors(path), closing(sqlite3.connect(path, isolation_level=None)) as target:
            copy.backup(target)
            target.execute("PRAGMA synchronous = EXTRA")
            target.execute("UPDATE workspace SET id = ?", (workspace_id,))

    @contextmanager
    def read(self) -> Iterator[View]:
        """Open one consistent look at the ledger. As long as it is open nobody can commit: work is done after it."""
        with self._transaction("BEGIN") as connection:
            yield View(connection)

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """Open a transaction: it holds the write lock, and commits when the block ends without an error."""
        head, is_old = None, False
        # IMMEDIATE: a transaction that begins as a reader and then writes fails instead of waiting. A patient one has
        # the file to itself from the beginning, for it must not find somebody else there at its end.
        how = "BEGIN IMMEDIATE" if self._waiting is None else "BEGIN EXCLUSIVE"
        try:
            with self._transaction(how) as connection:
                publication = Publication(self._artifacts)
                clear(self._artifacts, View(connection).is_named)
                try:
                    transaction = Transaction(connection, publication, self.actor)
                    is_old = _bring_up_to_date(transaction)
                    yield transaction
                    head = transaction.head()
                    connection.execute("COMMIT")
                finally:
                    if connection.in_transaction:
                        publication.withdraw()
                        connection.execute("ROLLBACK")
        except BusyError:
            raise
        except StorageError as error:
            # A commit can fail at its very last step, when the change is in the file already: look, never guess.
            if head is not None and self._reached(head):
                raise StorageError(
                    f"The disk reported an error just after the ledger {self.path} took the change.",
                    "It is recorded: do not repeat it. Check the disk, for a power cut could still undo it.",
                ) from error
            raise
        if is_old:
            self.mark()

    def mark(self) -> None:
        """Let the marker say which format the ledger has; where that fails, whoever opens the workspace next does it.

        Until then the marker is behind and nothing is lost: an older program looks at the ledger as well.
        """
        marker = self.path.with_name(MARKER)
        with suppress(OSError, ValueError, TypeError, MlopsError), self._transaction("BEGIN") as connection:
            said = json.loads(marker.read_text(encoding="utf-8"))
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            if said["format"] < version:
                replace_file(marker, readable_json({**said, "format": version}))

    def _reached(self, head: tuple[int, Instant | None, str]) -> bool:
        with self.read() as view:
            return view.head() == head

    @contextmanager
    def _transaction(self, how: str) -> Iterator[sqlite3.Connection]:
        # One connection for one transaction: none ever crosses a thread or a fork, none is left open.
        with ledger_errors(self.path), closing(self._begun(how)) as connection:
            yield connection

    def _begun(self, how: str) -> sqlite3.Connection:
        while True:
            try:
                with ledger_errors(self.path):
                    return self._begin(how)
            except BusyError:
                if self._waiting is None:
                    raise
                self._waiting()
                time.sleep(PAUSE)

    def _begin(self, how: str) -> sqlite3.Connection:
        uri = f"{self.path.absolute().as_uri()}?mode=rw"
        connection = sqlite3.connect(uri, uri=True, timeout=self.busy, isolation_level=None)
        try:
            # EXTRA also makes the removal of the journal durable; without it a power cut can undo a commit.
            connection.execute("PRAGMA synchronous = EXTRA")
            # Without it INSERT OR REPLACE removes an event and no trigger fires.
            connection.execute("PRAGMA recursive_triggers = ON")
            if sys.platform == "darwin":
                connection.execute("PRAGMA fullfsync = ON")
            connection.execute(how)
            connection.execute("PRAGMA user_version")  # now, so that a look begins here and not in its middle
        except BaseException:
            connection.close()
            raise
        return connection

    def check_format(self) -> None:
        """Refuse a ledger that this program does not know, and look over one whose last writer crashed."""
        crashed = self.path.with_name(f"{self.path.name}-journal").exists()
        with self.read() as view:
            check_format(view.connection.execute("PRAGMA user_version").fetchone()[0], str(self.path))
            if crashed and (found := view.connection.execute("PRAGMA quick_check(1)").fetchone()[0]) != "ok":
                raise StorageError(f"The ledger {self.path} is damaged: {found}.", "Restore it from a backup.")


def check_format(version: int, where: str) -> None:
    """Refuse a format that no program ever wrote, or only a newer one."""
    if version < 1:
        raise StorageError(f"{where} has format {version}; the first one was 1.", "Restore it from a backup.")
    if version > FORMAT:
        raise StorageError(f"{where} has format {version}; this program knows {FORMAT}.", "Update this program.")


def facts_of(noun: str, record: Mapping[str, Any]) -> dict[str, float | int | str]:
    """Return the searchable scalars of a record, by dotted key.

    Examples
    --------
    >>> facts_of("run", {"params": {"model.max_depth": 4}, "tags": {"best": True}, "note": "x", "seed": None})
    {'params.model.max_depth': 4, 'tags.best': 'true'}
    """
    facts: dict[str, float | int | str] = {}

    def walk(key: str, value: Any) -> None:
        if isinstance(value, Mapping):
            for name, item in value.items():
                walk(f"{key}.{name}", item)
        elif isinstance(value, bool):
            facts[key] = "true" if value else "false"
        elif isinstance(value, int):
            facts[key] = value if -(2**63) <= value < 2**63 else float(value)
        elif isinstance(value, float | str):
            facts[key] = value

    for field in SEARCHABLE.get(noun, ()):
        walk(field, record.get(field))
    return facts


@contextmanager
def ledger_errors(path: Path) -> Iterator[None]:
    """Say in our words what SQLite says."""
    try:
        yield
    except (UnicodeEncodeError, OverflowError) as error:
        # Whatever door it came through: half a character has no bytes, and SQLite counts up to 2**63.
        value = shown(error.object) if isinstance(error, UnicodeEncodeError) else "A number beyond 64 bits"
        raise InvalidError(f"{value} can be neither kept nor looked for.", "Correct it and try again.") from error
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise BusyError(
                f"Another program holds the ledger {path}.", "Nothing was recorded. Try again when it has let go."
            ) from error
        raise StorageError(
            f"The ledger {path} could not be used: {error}.", "Nothing was recorded. Check free space."
        ) from error


def _bring_up_to_date(tx: Transaction) -> bool:
    """Make an older ledger one of this format, by one event; tell whether it was one. No event before it changes."""
    (version,) = tx.connection.execute("PRAGMA user_version").fetchone()
    if version >= FORMAT:
        return False
    now, tx.at = tx.at, tx.head()[1] or tx.at  # dated as the last event: a simulated date may still be chosen after it
    tx.append("workspace.upgrade", "workspace", {"format": FORMAT})
    tx.at = now
    tx.connection.execute(f"PRAGMA user_version = {FORMAT}")
    return True


def _event(row: tuple[Any, ...]) -> dict[str, Any]:
    event = dict(zip(EVENT_FIELDS.split(", "), row, strict=True))
    return event | {"payload": json.loads(event["payload"])}


def digest(fields: tuple[Any, ...]) -> str:
    """Return the hash of an event: of all its fields but the hash itself, in their order."""
    return hashlib.sha256(canonical_json(fields).encode()).hexdigest()


def derive(
    connection: sqlite3.Connection, seq: int, kind: str, subject: str, payload: Mapping[str, Any]
) -> dict[str, Any]:
    """Bring records, facts and artifacts up to date with one event; return the record."""
    noun = kind.partition(".")[0]
    row = connection.execute("SELECT record FROM records WHERE noun = ? AND subject = ?", (noun, subject)).fetchone()
    before = json.loads(row[0]) if row else {}
    record = before | payload["changes"]
    connection.execute(
        "INSERT INTO records (noun, subject, seq, record) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (noun, subject) DO UPDATE SET record = excluded.record",
        (noun, subject, seq, canonical_json(record)),
    )
    connection.executemany(
        "INSERT INTO artifacts (path, sha256, size) VALUES (:path, :sha256, :size)", payload["artifacts"]
    )
    if noun in SEARCHABLE:
        if before:
            connection.execute("DELETE FROM facts WHERE subject = ?", (subject,))
        connection.executemany(
            "INSERT INTO facts (subject, key, value) VALUES (?, ?, ?)",
            [(subject, key, value) for key, value in facts_of(noun, record).items()],
        )
    return record
