"""The ledger: everything that ever happened in a workspace, in order, in one SQLite file.

An *event* says what changed: a kind ("run.note"), a subject (the run's id), the changed fields, and the
files it makes real. Events are only appended, and each carries the hash of the one before it.
A *record* is what is known about a subject now: the merge of the changes of all its events. Records,
the searchable facts of records, and the list of artifacts are derived from the events in the same
transaction; `verify` derives them again and compares.

The ledger knows no datasets or models. Upper floors choose kinds and fields.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from mlops.artifacts import Artifacts, Staged, replace_file
from mlops.clock import AHEAD, Instant, day_and_time, later, wall_time
from mlops.errors import (
    ConflictError,
    IntegrityError,
    InvalidError,
    MlopsError,
    NotFoundError,
    NotYetError,
    StorageError,
    shown,
)
from mlops.outputs import MARKER
from mlops.records import canonical_json, readable_json

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
"""Fields of records that are indexed for search, by noun: one fact for each scalar below them."""

_SCHEMA = f"""
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

_EVENT_FIELDS = "seq, at, recorded_at, actor, kind, subject, payload, prev_sha256, sha256"
_GENESIS = "0" * 64


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
        rows = self.connection.execute(
            "SELECT record FROM records WHERE noun = ? ORDER BY seq DESC LIMIT ?",
            (noun, -1 if limit is None else limit),
        )
        return [json.loads(record) for (record,) in rows]

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

    def events(self, since: int = 0) -> Iterator[dict[str, Any]]:
        """Yield the events after number `since`, oldest first."""
        rows = self.connection.execute(f"SELECT {_EVENT_FIELDS} FROM events WHERE seq > ? ORDER BY seq", (since,))
        for row in rows:
            event = dict(zip(_EVENT_FIELDS.split(", "), row, strict=True))
            event["payload"] = json.loads(event["payload"])
            yield event

    def head(self) -> tuple[int, Instant | None, str]:
        """Return number, instant and hash of the last event."""
        row = self.connection.execute("SELECT seq, at, sha256 FROM events ORDER BY seq DESC LIMIT 1").fetchone()
        return row or (0, None, _GENESIS)

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

    def artifact(self, path: str) -> str:
        """Return the SHA-256 that the ledger names for a path."""
        row = self.connection.execute("SELECT sha256 FROM artifacts WHERE path = ?", (path,)).fetchone()
        if row is None:
            raise IntegrityError(
                f"{path} is not named by any event of this workspace, so it is not loaded.", "Run mlops verify."
            )
        return str(row[0])


class Transaction(View):
    """A look at the ledger that may also append; all of it happens, or nothing."""

    def __init__(self, connection: sqlite3.Connection, artifacts: Artifacts, actor: str) -> None:
        super().__init__(connection)
        self._artifacts = artifacts
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
            if self.connection.execute("SELECT 1 FROM artifacts WHERE path = ?", (path,)).fetchone():
                raise ConflictError(f"{path} exists already, and artifacts never change.", "Use another name.")
        self._artifacts.publish(files)
        seq, _, previous = self.head()
        named = [{"path": path, "sha256": staged.sha256, "size": staged.size} for path, staged in files.items()]
        payload = canonical_json({"artifacts": named, "changes": changes})
        fields = (seq + 1, self.at, wall_time(), self.actor, kind, subject, payload, previous)
        self.connection.execute(
            f"INSERT INTO events ({_EVENT_FIELDS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", (*fields, _digest(fields))
        )
        return _derive(self.connection, seq + 1, kind, subject, json.loads(payload))


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
    """

    def __init__(self, path: Path, artifacts: Artifacts, actor: str) -> None:
        self.path = path
        self.actor = actor
        self._artifacts = artifacts

    @staticmethod
    def create(path: Path, workspace_id: str) -> None:
        """Make an empty ledger file."""
        with _ledger_errors(path), closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.executescript(f"BEGIN; {_SCHEMA}")
            connection.execute("INSERT INTO workspace (id) VALUES (?)", (workspace_id,))
            connection.execute("COMMIT")

    @contextmanager
    def read(self) -> Iterator[View]:
        """Open one consistent look at the ledger."""
        with self._connection() as connection:
            connection.execute("BEGIN")
            yield View(connection)

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """Open a transaction: it holds the write lock, and commits when the block ends without an error."""
        head, is_old = None, False
        try:
            with self._connection() as connection:
                # IMMEDIATE: a transaction that begins as a reader and then writes fails instead of waiting.
                connection.execute("BEGIN IMMEDIATE")
                try:
                    transaction = Transaction(connection, self._artifacts, self.actor)
                    is_old = _bring_up_to_date(transaction)
                    yield transaction
                    head = transaction.head()
                    connection.execute("COMMIT")
                finally:
                    if connection.in_transaction:
                        connection.execute("ROLLBACK")
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
        with suppress(OSError, ValueError, TypeError, MlopsError), self._connection() as connection:
            said = json.loads(marker.read_text(encoding="utf-8"))
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            if said["format"] < version:
                replace_file(marker, readable_json({**said, "format": version}))

    def _reached(self, head: tuple[int, Instant | None, str]) -> bool:
        with self.read() as view:
            return view.head() == head

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        # One connection for one transaction: none ever crosses a thread or a fork, none is left open.
        uri = f"{self.path.absolute().as_uri()}?mode=rw"
        with (
            _ledger_errors(self.path),
            closing(sqlite3.connect(uri, uri=True, timeout=10, isolation_level=None)) as connection,
        ):
            # EXTRA also makes the removal of the journal durable; without it a power cut can undo a commit.
            connection.execute("PRAGMA synchronous = EXTRA")
            # Without it INSERT OR REPLACE removes an event and no trigger fires.
            connection.execute("PRAGMA recursive_triggers = ON")
            if sys.platform == "darwin":
                connection.execute("PRAGMA fullfsync = ON")
            yield connection

    def check_format(self) -> None:
        """Refuse a ledger of a newer program, and look over one whose last writer crashed."""
        crashed = self.path.with_name(f"{self.path.name}-journal").exists()
        with self._connection() as connection:
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            if version > FORMAT:
                raise StorageError(
                    f"{self.path} has format {version}; this program knows {FORMAT}.", "Update this program."
                )
            if crashed and (found := connection.execute("PRAGMA quick_check(1)").fetchone()[0]) != "ok":
                raise StorageError(f"The ledger {self.path} is damaged: {found}.", "Restore it from a backup.")

    def workspace_id(self) -> str:
        """Return the id of the workspace that the ledger belongs to."""
        with self._connection() as connection:
            return str(connection.execute("SELECT id FROM workspace").fetchone()[0])

    def backup(self, path: Path, workspace_id: str) -> None:
        """Copy the ledger, as of now, to a new file that belongs to another workspace."""
        with self._connection() as source, closing(sqlite3.connect(path, isolation_level=None)) as target:
            source.backup(target)
            target.execute("PRAGMA synchronous = EXTRA")
            target.execute("UPDATE workspace SET id = ?", (workspace_id,))

    def verify(self) -> dict[str, Any]:
        """Recompute the chain, everything derived from it, and the hash of every artifact.

        Returns
        -------
        dict
            ``ok``, ``events``, ``artifacts`` (how many), ``head_sha256``, and ``problems``: one
            ``{what, where, expected, observed}`` each, the first bad record first.
            Removing the newest events together with all they derived can be noticed only by someone who
            kept an earlier ``head_sha256``.
        """
        with self.read() as view:
            problems = [*_chain_problems(view.connection), *_derived_problems(view.connection)]
            named = view.connection.execute("SELECT path, sha256 FROM artifacts ORDER BY path").fetchall()
            seq, _, head = view.head()
        for path, sha256 in named:
            observed = self._artifacts.hash(path)
            if observed != sha256:
                problems.append(_problem("artifact", path, sha256, observed or "no file"))
        return {"ok": not problems, "events": seq, "artifacts": len(named), "head_sha256": head, "problems": problems}


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
def _ledger_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except (UnicodeEncodeError, OverflowError) as error:
        # Whatever door it came through: half a character has no bytes, and SQLite counts up to 2**63.
        value = shown(error.object) if isinstance(error, UnicodeEncodeError) else "A number beyond 64 bits"
        raise InvalidError(f"{value} can be neither kept nor looked for.", "Correct it and try again.") from error
    except sqlite3.DatabaseError as error:
        raise StorageError(
            f"The ledger {path} could not be used: {error}.",
            "Nothing was recorded. If another program holds it, try again; else check free space.",
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


def _digest(fields: tuple[Any, ...]) -> str:
    return hashlib.sha256(canonical_json(fields).encode()).hexdigest()


def _derive(
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


def _problem(what: str, where: str, expected: Any, observed: Any) -> dict[str, Any]:
    return {"what": what, "where": where, "expected": expected, "observed": observed}


def _chain_problems(connection: sqlite3.Connection) -> Iterator[dict[str, Any]]:
    previous, expected_seq = _GENESIS, 1
    for row in connection.execute(f"SELECT {_EVENT_FIELDS} FROM events ORDER BY seq"):
        seq, prev_sha256, sha256 = row[0], row[7], row[8]
        if seq != expected_seq:
            yield _problem("missing event", f"event {expected_seq}", f"event {expected_seq}", f"event {seq}")
        elif prev_sha256 != previous:
            yield _problem("broken chain", f"event {seq}", previous, prev_sha256)
        if (computed := _digest(row[:8])) != sha256:
            yield _problem("edited event", f"event {seq}", sha256, computed)
        previous, expected_seq = sha256, seq + 1


def _derived_problems(connection: sqlite3.Connection) -> Iterator[dict[str, Any]]:
    """Derive everything again, in memory, and compare table by table."""
    with closing(sqlite3.connect(":memory:")) as again:
        again.executescript(_SCHEMA)
        for seq, kind, subject, payload in connection.execute(
            "SELECT seq, kind, subject, payload FROM events ORDER BY seq"
        ):
            try:
                _derive(again, seq, kind, subject, json.loads(payload))
            except (sqlite3.Error, ValueError, TypeError, KeyError, AttributeError) as error:
                yield _problem("unreadable event", f"event {seq}", "changes and artifacts", str(error))
        for table in ("records", "artifacts", "facts"):
            key = 2 if table != "artifacts" else 1
            kept, derived = (
                {row[:key]: row[key:] for row in database.execute(f"SELECT * FROM {table}")}
                for database in (connection, again)
            )
            for where in sorted(kept.keys() | derived.keys()):
                if kept.get(where) != derived.get(where):
                    name = f"{table}: {' '.join(where)}"
                    yield _problem("derived table", name, derived.get(where), kept.get(where))
