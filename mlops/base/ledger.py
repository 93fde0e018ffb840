"""The ledger: everything that ever happened in a workspace, in order, in one SQLite file.

Events are only appended, each in one transaction with all that is derived from it (`events`); what they say is read
through a `View`. Several programs may use a ledger at once: one that writes, or many that read. Whoever has to wait
for longer than a moment is told so (`BusyError`), but for work that must not be lost: it has a *patient* ledger, which
waits.

The ledger knows no datasets or models. Upper floors choose kinds and fields.
"""

from __future__ import annotations

import functools
import json
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from copy import copy
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from mlops.base.artifacts import Artifacts, Staged, replace_file
from mlops.base.clock import wall_time
from mlops.base.errors import BusyError, ConflictError, InvalidError, MlopsError, StorageError, shown
from mlops.base.events import EVENT_FIELDS, derive, digest
from mlops.base.formats import FORMAT, SCHEMA, bring_up_to_date, check_format, format_of, is_current
from mlops.base.leftovers import Publication, clear
from mlops.base.outputs import MARKER
from mlops.base.records import canonical_json, readable_json
from mlops.base.view import Head, View

BUSY = 10.0
"""Seconds that a program waits for another one that holds the ledger."""

GLANCE, PAUSE = 0.5, 0.2
"""A patient ledger tries for so many seconds, then leaves it to others for so many, and so on."""

BRIEF = 0.05
"""Seconds that work waits which can be done another time."""

Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer")


def writes(act: Callable[Concatenate[Any, Arguments], Answer]) -> Callable[Concatenate[Any, Arguments], Answer]:
    """Mark a method that records something: in the past it is refused before anything is read or touched."""

    @functools.wraps(act)
    def unless_past(noun: Any, /, *args: Arguments.args, **kwargs: Arguments.kwargs) -> Answer:
        noun._ledger.check_present()
        return act(noun, *args, **kwargs)

    return unless_past


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
        self.event: int | None = None
        """Number of the last event that a past holds; None in the present."""
        self._artifacts = artifacts
        self._waiting: Callable[[], None] | None = None
        self._connection: sqlite3.Connection | None = None

    def patient(self, waiting: Callable[[], None] = lambda: None) -> Ledger:
        """Return this ledger for work that must not be lost: it waits as long as another program holds the file.

        Parameters
        ----------
        waiting : callable
            Called again and again meanwhile. What it raises ends the waiting.
        """
        ledger = copy(self)
        ledger.busy, ledger._waiting = min(self.busy, GLANCE), waiting
        return ledger

    def brief(self) -> Ledger:
        """Return this ledger for work that can be done another time, in any thread: it does not wait long."""
        ledger = copy(self)
        ledger.busy, ledger._connection = min(self.busy, BRIEF), None
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

    def check_present(self) -> None:
        """Refuse what would record something, where nothing can be; see `past`."""

    def mark(self) -> None:
        """Let the marker say which format the ledger has; where that fails, whoever opens the workspace next does it.

        Until then the marker is behind and nothing is lost: an older program looks at the ledger as well.
        """
        marker = self.path.with_name(MARKER)
        with suppress(OSError, ValueError, TypeError, MlopsError), self._transaction("BEGIN") as connection:
            said = json.loads(marker.read_text(encoding="utf-8"))
            if said["format"] < (version := format_of(connection)):
                replace_file(marker, readable_json({**said, "format": version}))

    def _reached(self, head: Head) -> bool:
        with self.read() as view:
            return view.head() == head

    @contextmanager
    def session(self) -> Iterator[Ledger]:
        """Return this ledger for one piece of work, with one connection for all its looks and writes.

        Each is as short as ever, so nobody waits for the work; what must not change meanwhile is asked again by the
        write. A look within a look is the same look.
        """
        with ledger_errors(self.path), closing(self._connect()) as connection:
            ledger = copy(self)
            ledger._connection = connection
            yield ledger

    @contextmanager
    def _transaction(self, how: str) -> Iterator[sqlite3.Connection]:
        with ledger_errors(self.path):
            if how == "BEGIN" and self._connection is not None and self._connection.in_transaction:
                yield self._connection
                return
            connection = self._begun(how)
            try:
                yield connection
            finally:
                self._end(connection)

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
        connection = self._connection or self._connect()
        try:
            if how != "BEGIN":
                _make_durable(connection)
            connection.execute(how)
            connection.execute("PRAGMA user_version")  # now, so that a look begins here and not in its middle
        except BaseException:
            self._end(connection)
            raise
        return connection

    def _connect(self) -> sqlite3.Connection:
        # For one transaction, or for a session: none ever crosses a thread or a fork, none is left open.
        uri = f"{self.path.absolute().as_uri()}?mode=rw"
        return sqlite3.connect(uri, uri=True, timeout=self.busy, isolation_level=None)

    def _end(self, connection: sqlite3.Connection) -> None:
        if connection is not self._connection:
            connection.close()
        elif connection.in_transaction:
            connection.execute("ROLLBACK")

    def check_format(self) -> None:
        """Refuse a ledger that this program does not know, and look over one whose last writer crashed."""
        crashed = self.path.with_name(f"{self.path.name}-journal").exists()
        with self.read() as view:
            check_format(format_of(view.connection), str(self.path))
            if crashed and (found := view.connection.execute("PRAGMA quick_check(1)").fetchone()[0]) != "ok":
                raise StorageError(f"The ledger {self.path} is damaged: {found}.", "Restore it from a backup.")


def _make_durable(connection: sqlite3.Connection) -> None:
    """Prepare a connection for a transaction that writes."""
    # EXTRA also makes the removal of the journal durable; without it a power cut can undo a commit.
    connection.execute("PRAGMA synchronous = EXTRA")
    # Without it INSERT OR REPLACE removes an event and no trigger fires.
    connection.execute("PRAGMA recursive_triggers = ON")
    if sys.platform == "darwin":
        connection.execute("PRAGMA fullfsync = ON")


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
    """Make an older ledger one of this format; tell whether it was one. No event before it changes.

    From format 1 on, what is written means something else: so an event says from where.
    """
    if is_current(tx.connection):
        return False
    before = format_of(tx.connection)
    bring_up_to_date(tx.connection)
    if before == 1:
        # Dated as the last event: a simulated date may still be chosen after it.
        now, tx.at = tx.at, tx.head()[1] or tx.at
        tx.append("workspace.upgrade", "workspace", {"format": FORMAT})
        tx.at = now
    return True
