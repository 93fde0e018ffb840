"""A lie: a copy of the history in which an old event says something else, and how far its hashes give that away.

Each event holds the hash of the one before it. Who changes an old one on a copy breaks the chain from there on; who
then recomputes every hash has a copy that proves itself, lie and all. What gives it away is a hash that somebody kept
elsewhere. The copy is a real workspace inside the folder of the one it was made of, and nothing here touches that one:
it only notes what was done.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

from mlops import Workspace
from mlops.base.errors import InvalidError, NotFoundError, RefusedError, shown
from mlops.base.events import EVENT_FIELDS, GENESIS, derive, digest, event_of
from mlops.base.records import canonical_json, check_text
from playground import audit, words

FOLDER = "lie"
"""Where the copy lies, in the folder of the workspace: who sets that aside sets the copy aside with it."""

SUBJECT = "copy"
"""Where the journal says what was done to the copy."""

KEPT = "kept_hash"
"""Field under which it says which hash was kept elsewhere."""

SHORTEST = 7
"""Characters of a hash by which it is known: as many as screens show."""

_HASH = re.compile(r"[0-9a-f]{7,64}")

_FIELDS = EVENT_FIELDS.split(", ")
_SAID = tuple(name for name in _FIELDS if "sha256" not in name)
"""What an event says, without what proves it."""

WRITTEN = ("reason", "override", "note", "message")
"""Fields of an event that hold what a person wrote."""

_DERIVED = ("records", "facts", "artifacts")


@dataclass(frozen=True)
class Link:
    """One event of the copy."""

    event: int
    at: str
    who: str
    what: str
    kind: str
    """Kind of the event, as the audit log filters by it."""
    texts: Mapping[str, str]
    """What can be made to say something else, by its name: who did it, and what people wrote."""
    sha256: str
    """The hash that stands in the copy."""
    fits: bool
    """Whether it is the hash of what the event says, and of all before it."""
    lies: bool
    """Whether it says something else than the history does."""


@dataclass(frozen=True)
class Kept:
    """A hash that somebody kept elsewhere, held against the copy."""

    sha256: str
    event: int | None
    """The event of the history whose hash it is; None if it is the hash of none."""
    copied: bool
    """Whether it is the hash of an event of the copy."""

    @property
    def tells(self) -> bool:
        """Whether the copy is found out by it."""
        return self.event is not None and not self.copied


@dataclass(frozen=True)
class Lie:
    """The copy as it is now."""

    links: tuple[Link, ...]
    kept: Kept | None = None

    @property
    def lies(self) -> tuple[int, ...]:
        """The events that say something else than the history."""
        return tuple(one.event for one in self.links if one.lies)

    @property
    def broken(self) -> tuple[int, ...]:
        """The events whose hash does not fit."""
        return tuple(one.event for one in self.links if not one.fits)

    @property
    def is_hidden(self) -> bool:
        """Whether an event lies and every hash fits."""
        return bool(self.lies) and not self.broken

    @property
    def sentence(self) -> str:
        """The state of the copy in a sentence."""
        of, many = len(self.links), len(self.broken)
        if not self.lies and not many:
            return f"A copy of {of} events, and every hash fits. Choose one, and let it say something else."
        told = f"Event {' and '.join(map(str, self.lies))} {'says' if len(self.lies) == 1 else 'say'} something else"
        if many:
            return f"{told}. From {self.broken[0]} on, {many} of {of} hashes {'does' if many == 1 else 'do'} not fit."
        if self.kept and self.kept.tells:
            return f"{told}, and every hash fits. But the hash of event {self.kept.event} is not the one you kept."
        return f"{told}, and every hash fits: the copy proves itself."

    def table(self) -> list[dict[str, Any]]:
        """Return a row for each event."""
        return [
            {
                "event": one.event,
                "when": words.moment(one.at),
                "who": one.who,
                "what happened": one.what,
                "hash": one.sha256[:SHORTEST],
                "fits": "yes" if one.fits else "no",
                "says something else": "yes" if one.lies else "",
            }
            for one in self.links
        ]


def folder(ws: Workspace) -> Path:
    """Return where the copy of a workspace lies."""
    return ws.path / FOLDER


def read(ws: Workspace) -> Lie | None:
    """Return the copy as it is now; None if there is none."""
    if not folder(ws).is_dir():
        return None
    return _read(ws, Workspace.open(folder(ws), create=False))


def before(ws: Workspace) -> Lie:
    """Return what a copy would be: the history as it is."""
    return _read(ws, ws)


def _read(ws: Workspace, copy: Workspace) -> Lie:
    true, found, previous = ws.log(), copy.log(), GENESIS
    said = {one.event: one for one in audit.read(copy)}
    links = []
    for event, original in zip_longest(found, true[: len(found)]):
        previous, one = digest(_row({**event, "prev_sha256": previous})), said[event["seq"]]
        fits, lies = previous == event["sha256"], original is None or _said(event) != _said(original)
        links.append(
            Link(one.event, one.at, one.who, one.sentence, one.kind, texts(event), event["sha256"], fits, lies)
        )
    return Lie(tuple(links), _held(kept(ws), true, found))


def kept(ws: Workspace) -> str:
    """Return the hash that somebody kept elsewhere and pasted; nothing as long as nobody did."""
    return str((ws.journal.read(SUBJECT) or {}).get(KEPT, ""))


def _held(sha256: str, true: list[dict[str, Any]], found: list[dict[str, Any]]) -> Kept | None:
    if not sha256:
        return None
    event = next((one["seq"] for one in true if one["sha256"].startswith(sha256)), None)
    return Kept(sha256, event, any(one["sha256"].startswith(sha256) for one in found))


def _said(event: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(event[name] for name in _SAID)


def _row(event: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return what an event's hash is made of."""
    return tuple(canonical_json(event[name]) if name == "payload" else event[name] for name in _FIELDS[:-1])


# What is done to it


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


def texts(event: Mapping[str, Any]) -> dict[str, str]:
    """Return what of an event can be made to say something else."""
    changes = event["payload"]["changes"]
    written = {name: changes[name] for name in WRITTEN if isinstance(changes.get(name), str)}
    return {"who": str(event["actor"]), **written}


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


def prove(ws: Workspace) -> dict[str, Any]:
    """Return what the proof of the audit log says of the copy; see `Workspace.verify`."""
    return Workspace.open(folder(ws), create=False).verify()


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
