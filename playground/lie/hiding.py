"""What is done to the copy: an old event says something else, the hashes are written anew, a kept one is pasted."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from mlops import Workspace
from mlops.base.errors import InvalidError, NotFoundError, RefusedError, shown
from mlops.base.events import EVENT_FIELDS, GENESIS, derive, digest, event_of
from mlops.base.records import canonical_json, check_text
from playground.lie.copied import FOLDER, KEPT, SHORTEST, SUBJECT, folder, read, texts

_HASH = re.compile(r"[0-9a-f]{7,64}")

_DERIVED = ("records", "facts", "artifacts")


def tell(ws: Workspace, event: int, field: str, text: str) -> None:
    """Let an event of the copy say something else; the copy is made if there is none.

    Parameters
    ----------
    event : int
        Its number.
    field : str
        ``who``, or what a person wrote: one of `texts`.
    text : str
        What it is to say.

    Raises
    ------
    NotFoundError
        If there is no such event, or it has no such field.
    InvalidError
        If it says that already.
    """
    check_text(text, "text", 500)
    copied = folder(ws).is_dir()
    original = next(iter((Workspace.open(folder(ws), create=False) if copied else ws).log(max(event - 1, 0))), None)
    if original is None or original["seq"] != event:
        raise NotFoundError(f"There is no event {shown(event)}.", "Choose one that is there.")
    if field not in (there := texts(original)):
        raise NotFoundError(f"Event {event} has no {shown(field)}.", f"Change one of: {', '.join(there)}.")
    if there[field] == text.strip() or not (text.strip() or field != "who"):
        raise InvalidError("That is what it says already, or nobody at all.", "Write something else.")
    _note(ws, f"a_lie_in_event_{event}")
    if not copied:
        ws.fork(folder(ws))
    actor, payload = original["actor"], original["payload"]
    if field == "who":
        actor = text.strip()
    else:
        payload = {**payload, "changes": {**payload["changes"], field: text.strip()}}
    with _below(folder(ws)) as ledger:
        told = (actor, canonical_json(payload), event)
        ledger.execute("UPDATE events SET actor = ?, payload = ? WHERE seq = ?", told)


def recompute(ws: Workspace, one: bool = False) -> int:
    """Write the hashes that fit into the copy, from the first that does not; return how many were written.

    Parameters
    ----------
    one : bool
        Whether only the first is written: then it is the next one that does not fit.

    Raises
    ------
    RefusedError
        If every hash fits, or there is no copy.
    """
    found = read(ws)
    if found is None or not found.broken:
        raise RefusedError("Every hash fits: there is nothing to recompute.", "Let an event say something else first.")
    first = found.broken[0]
    _note(ws, "hashes_recomputed")
    with _below(folder(ws)) as ledger:
        rows = ledger.execute(f"SELECT {EVENT_FIELDS} FROM events WHERE seq >= ? ORDER BY seq", (first,)).fetchall()
        before = next(iter(ledger.execute("SELECT sha256 FROM events WHERE seq = ?", (first - 1,))), (GENESIS,))[0]
        for row in rows[:1] if one else rows:
            sha256 = digest((*row[:7], before))
            ledger.execute("UPDATE events SET prev_sha256 = ?, sha256 = ? WHERE seq = ?", (before, sha256, row[0]))
            before = sha256
        if not one or len(rows) == 1:
            _derive_again(ledger)
    return 1 if one else len(rows)


def keep(ws: Workspace, sha256: str) -> None:
    """Hold a hash that was kept elsewhere against the copy, from now on.

    Raises
    ------
    InvalidError
        If it is no hash, nor the beginning of one.
    """
    said = sha256.strip().lower()
    if not _HASH.fullmatch(said):
        raise InvalidError(
            f"{shown(sha256)} is no hash: it has {SHORTEST} to 64 digits and letters a to f.",
            "Paste the hash of an event, as the audit log shows it.",
        )
    ws.journal.write(SUBJECT, {KEPT: said})


def throw_away(ws: Workspace) -> None:
    """Take the copy out of sight; the history stays as it is."""
    if not folder(ws).is_dir():
        raise RefusedError("There is no copy.", "Let an event say something else: that makes one.")
    _note(ws, "copies_thrown_away")
    number = (ws.journal.read(SUBJECT) or {})["copies_thrown_away"]
    folder(ws).rename(folder(ws).with_name(f"{FOLDER}-{number}"))


def _note(ws: Workspace, what: str) -> None:
    """Note in the history itself that something was done to the copy: whoever looks at it then looks again."""
    count = (ws.journal.read(SUBJECT) or {}).get(what, 0)
    ws.journal.write(SUBJECT, {what: count + 1})


@contextmanager
def _below(copy: Path) -> Iterator[sqlite3.Connection]:
    """Open the ledger of the copy below what keeps people from rewriting it, and put that back afterwards."""
    with closing(sqlite3.connect(copy / "ledger.db", isolation_level=None)) as ledger:
        ledger.execute("BEGIN IMMEDIATE")
        guards = ledger.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
        for name, _ in guards:
            ledger.execute(f"DROP TRIGGER {name}")
        yield ledger
        for _, sql in guards:
            ledger.execute(sql)
        ledger.execute("COMMIT")


def _derive_again(ledger: sqlite3.Connection) -> None:
    """Derive all records from the events as they are now: a good liar leaves no trace there either."""
    for table in _DERIVED:
        ledger.execute(f"DELETE FROM {table}")
    for row in ledger.execute(f"SELECT {EVENT_FIELDS} FROM events ORDER BY seq").fetchall():
        event = event_of(row)
        derive(ledger, event["seq"], event["kind"], event["subject"], event["payload"])
