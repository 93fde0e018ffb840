"""Events: what one holds, how each proves the one before it, and what is derived from them.

An *event* says what changed: a kind ("run.note"), a subject (the run's id), the changed fields, and the files it makes
real. A *record* is what is known about a subject now: the merge of the changes of all its events. Records, the
searchable facts of records, and the list of artifacts are derived here, by whoever writes and by `verify` again.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Mapping
from typing import Any

from mlops.base.records import canonical_json

EVENT_FIELDS = "seq, at, recorded_at, actor, kind, subject, payload, prev_sha256, sha256"

GENESIS = "0" * 64
"""What the first event names as the hash of the one before it."""

_OF_A_RUN = "params metrics tags data status name run_id seed started_at duration_s prepared"

SEARCHABLE = {"run": _OF_A_RUN.split()}
"""Fields of records that are indexed for search, by noun: one fact for each scalar below them.

`prepared` is one of older runs only, kept so that their ledgers hold what can be derived from them again."""


def event_of(row: tuple[Any, ...]) -> dict[str, Any]:
    """Return an event as programs read it, from its row."""
    event = dict(zip(EVENT_FIELDS.split(", "), row, strict=True))
    return event | {"payload": json.loads(event["payload"])}


def digest(fields: tuple[Any, ...]) -> str:
    """Return the hash of an event: of all its fields but the hash itself, in their order."""
    return hashlib.sha256(canonical_json(fields).encode()).hexdigest()


def derive(
    connection: sqlite3.Connection, seq: int, kind: str, subject: str, payload: Mapping[str, Any]
) -> dict[str, Any]:
    """Bring records, facts and artifacts up to date with one event; return the record."""
    [record] = merge(connection, [(seq, kind, subject, payload["changes"])])
    name_files(connection, payload["artifacts"])
    return record


def merge(
    connection: sqlite3.Connection, events: Iterable[tuple[int, str, str, Mapping[str, Any]]]
) -> list[dict[str, Any]]:
    """Bring records and their facts up to date with events; each record is written once. Return those that changed.

    Parameters
    ----------
    events : iterable of tuple
        ``(seq, kind, subject, changes)``, oldest first.
    """
    merged: dict[tuple[str, str], tuple[int, dict[str, Any]]] = {}
    for seq, kind, subject, changes in events:
        noun = noun_of(kind)
        first, before = merged.get((noun, subject)) or (seq, _record(connection, noun, subject))
        merged[noun, subject] = first, {**before, **changes}
    for (noun, subject), (first, record) in merged.items():
        connection.execute(
            "INSERT INTO records (noun, subject, seq, record) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (noun, subject) DO UPDATE SET record = excluded.record",
            (noun, subject, first, canonical_json(record)),
        )
        if noun in SEARCHABLE:
            connection.execute("DELETE FROM facts WHERE subject = ?", (subject,))
            index(connection, noun, [(subject, record)])
    return [record for _, record in merged.values()]


def index(connection: sqlite3.Connection, noun: str, records: Iterable[tuple[str, Mapping[str, Any]]]) -> None:
    """Add the facts of records, each named by its subject."""
    connection.executemany(
        "INSERT INTO facts (subject, key, value) VALUES (?, ?, ?)",
        ((subject, key, value) for subject, record in records for key, value in facts_of(noun, record).items()),
    )


def _record(connection: sqlite3.Connection, noun: str, subject: str) -> dict[str, Any]:
    row = connection.execute("SELECT record FROM records WHERE noun = ? AND subject = ?", (noun, subject)).fetchone()
    return dict(json.loads(row[0])) if row else {}


def name_files(connection: sqlite3.Connection, artifacts: Iterable[Mapping[str, Any]]) -> None:
    """Add the files that events make real."""
    connection.executemany("INSERT INTO artifacts (path, sha256, size) VALUES (:path, :sha256, :size)", artifacts)


def noun_of(kind: str) -> str:
    """Return the noun of an event's kind.

    Examples
    --------
    >>> noun_of("run.note")
    'run'
    """
    return kind.partition(".")[0]


def facts_of(noun: str, record: Mapping[str, Any]) -> dict[str, float | int | str]:
    """Return the searchable scalars of a record, by dotted key.

    Examples
    --------
    >>> facts_of("run", {"params": {"model.max_depth": 4}, "tags": {"best": True}, "note": "x", "seed": None})
    {'params.model.max_depth': 4, 'tags.best': 'true'}
    """
    facts: dict[str, float | int | str] = {}

    def walk(key: str, value: Any) -> None:
        if isinstance(value, dict):
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
