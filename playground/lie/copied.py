"""The copy as it is now: which of its events lie, which hashes do not fit, and whether a kept one gives it away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

from mlops import Workspace
from mlops.base.events import EVENT_FIELDS, GENESIS, digest
from mlops.base.records import canonical_json
from playground import audit, words

FOLDER = "lie"
"""Where the copy lies, in the folder of the workspace: who sets that aside sets the copy aside with it."""

SUBJECT = "copy"
"""Where the journal says what was done to the copy."""

KEPT = "kept_hash"
"""Field under which it says which hash was kept elsewhere."""

SHORTEST = 7
"""Characters of a hash by which it is known: as many as screens show."""

_FIELDS = EVENT_FIELDS.split(", ")
_SAID = tuple(name for name in _FIELDS if "sha256" not in name)
"""What an event says, without what proves it."""

WRITTEN = ("reason", "override", "note", "message")
"""Fields of an event that hold what a person wrote."""


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


def texts(event: Mapping[str, Any]) -> dict[str, str]:
    """Return what of an event can be made to say something else."""
    changes = event["payload"]["changes"]
    written = {name: changes[name] for name in WRITTEN if isinstance(changes.get(name), str)}
    return {"who": str(event["actor"]), **written}


def prove(ws: Workspace) -> dict[str, Any]:
    """Return what the proof of the audit log says of the copy; see `Workspace.verify`."""
    return Workspace.open(folder(ws), create=False).verify()
