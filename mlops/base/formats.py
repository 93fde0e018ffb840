"""Formats: the tables of a ledger, and what an older one lacks.

The format has a number. An older ledger is read as it is, and brought up to date by the first program that writes to
it. So is one that lacks an index on fields of its records, without a number of its own: it says the same without it.
"""

from __future__ import annotations

import sqlite3

from mlops.base.errors import StorageError

FORMAT = 2
"""Format of ledger and folder. Raise it when an older program would misread what a newer one writes;
keep a small workspace of the old format in the tests and teach `Ledger` to bring it up to date.

2: other roles make another dataset version; one version is live for each environment *and* name; runs record roles and
outcomes."""

PLACE, NAME, REPLACED, STATUS = (
    f"json_extract(record, '$.{path}')" for path in ("environment", "model.name", "replaced.name", "status")
)
"""Fields of a deployment, as queries and indexes name them: only what is spelled alike is found by an index."""

OF_PLACE = f"noun = 'deployment' AND {PLACE} = ? AND {NAME} = ?"
"""Which deployments are of an environment and a model name."""

FROM_OUTSIDE = f"noun = 'deployment' AND {REPLACED} <> {NAME} AND {PLACE} = ? AND {REPLACED} = ?"
"""Which deployments of another name replaced one of theirs; only format 1 knew such."""

INDEXES = f"""
CREATE INDEX IF NOT EXISTS deployments_of_place ON records ({PLACE}, {NAME}, {STATUS}, seq) WHERE noun = 'deployment';
CREATE INDEX IF NOT EXISTS deployments_from_outside ON records ({PLACE}, {REPLACED}, seq)
    WHERE noun = 'deployment' AND {REPLACED} <> {NAME};
"""
"""What makes it cheap to ask what is live where, however much was before: an index follows from records, so no program
can forget to keep it."""

FACTS_BY_VALUE = "CREATE INDEX facts_by_value ON facts (key, value, subject)"
"""What makes it cheap to search."""

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
{FACTS_BY_VALUE};
CREATE TABLE workspace (id TEXT NOT NULL) STRICT;
{INDEXES}
PRAGMA user_version = {FORMAT};
"""


def check_format(version: int, where: str) -> None:
    """Refuse a format that no program ever wrote, or only a newer one."""
    if version < 1:
        raise StorageError(f"{where} has format {version}; the first one was 1.", "Restore it from a backup.")
    if version > FORMAT:
        raise StorageError(f"{where} has format {version}; this program knows {FORMAT}.", "Update this program.")


def format_of(connection: sqlite3.Connection) -> int:
    """Return the format of a ledger."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def is_current(connection: sqlite3.Connection) -> bool:
    """Tell whether a ledger has the format of this program, with all its indexes."""
    named = connection.execute("SELECT count(*) FROM sqlite_schema WHERE name LIKE 'deployments_%'").fetchone()[0]
    return format_of(connection) == FORMAT and bool(named == INDEXES.count("CREATE INDEX"))


def bring_up_to_date(connection: sqlite3.Connection) -> None:
    """Give a ledger of an older program the indexes and the number of this one."""
    for statement in filter(str.strip, INDEXES.split(";")):  # `executescript` would commit what is under way
        connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {FORMAT}")
