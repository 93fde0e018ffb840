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
    noun = noun_of(kind)
    row = connection.execute("SELECT record FROM records WHERE noun = ? AND subject = ?", (noun, subject)).fetchone()
    before = json.loads(row[0]) if row else {}
    record = _merged(before, payload)
    if before and noun in SEARCHABLE:
        connection.execute("DELETE FROM facts WHERE subject = ?", (subject,))
    _keep(connection, noun, subject, seq, record)
    _name(connection, payload["artifacts"])
    return record


def derive_all(connection: sqlite3.Connection, events: Iterable[tuple[int, str, str, str]]) -> int:
    """Derive the same from many events at once, oldest first; each record is written once. Return how many there were.

    Parameters
    ----------
    events : iterable of tuple
        ``(seq, kind, subject, payload)``, the payload as text; all events of their subjects.
    """
    records: dict[tuple[str, str], tuple[int, dict[str, Any]]] = {}
    artifacts: list[Mapping[str, Any]] = []
    count = 0
    for seq, kind, subject, text in events:
        count += 1
        key, payload = (noun_of(kind), subject), json.loads(text)
        first, before = records.get(key, (seq, {}))
        records[key] = first, _merged(before, payload)
        artifacts += payload["artifacts"]
    for (noun, subject), (first, record) in records.items():
        _keep(connection, noun, subject, first, record)
    _name(connection, artifacts)
    return count


def noun_of(kind: str) -> str:
    """Return the noun of an event's kind.

    Examples
    --------
    >>> noun_of("run.note")
    'run'
    """
    return kind.partition(".")[0]


def _merged(before: Mapping[str, Any], payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is known about a subject after one more event."""
    return {**before, **payload["changes"]}


def _keep(connection: sqlite3.Connection, noun: str, subject: str, seq: int, record: Mapping[str, Any]) -> None:
    """Write a record, and the facts of one that had none; `seq` is the number of its first event."""
    connection.execute(
        "INSERT INTO records (noun, subject, seq, record) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (noun, subject) DO UPDATE SET record = excluded.record",
        (noun, subject, seq, canonical_json(record)),
    )
    connection.executemany(
        "INSERT INTO facts (subject, key, value) VALUES (?, ?, ?)",
        [(subject, key, value) for key, value in facts_of(noun, record).items()],
    )


def _name(connection: sqlite3.Connection, artifacts: Iterable[Mapping[str, Any]]) -> None:
    connection.executemany("INSERT INTO artifacts (path, sha256, size) VALUES (:path, :sha256, :size)", artifacts)


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
