"""The wall of a class: one tile for each seat - who sits there, at which stop, whether the guess is given, how far.

What a tile says is read again only where its seat, or the chapter that is on there, has a new event.
"""

from __future__ import annotations

import hashlib
import itertools
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from mlops import Workspace
from mlops.base.clock import Instant
from mlops.base.recent import Recent
from mlops.base.records import Record
from playground import course, seats
from playground.classroom import book
from playground.course import Progress, held
from playground.course.checks import alike

MOST = 512
"""Seats of which what was read is kept."""


@dataclass(frozen=True)
class Tile(Record):
    """One seat, as its teacher sees it."""

    id: str
    """Names the tile, and leads to no seat: what is on a wall is read by everybody."""
    name: str
    """What the learner is called, else the number of the seat."""
    stop: str = ""
    """Id of the stop or lab that is on; nothing where none is."""
    title: str = ""
    number: int | None = None
    """Of the stop; None of a lab."""
    done: tuple[str, ...] = ()
    """Stops and labs that lie behind."""
    goals: int = 0
    """How many goals the stop has."""
    reached: int = 0
    guess: Literal["", "given", "waiting"] = ""
    """Whether all that the stop asks was said; nothing where it asks nothing."""
    auc: float | None = None
    """Best honest AUC of the learner's own runs: on the rows on which most were judged, without a leak."""
    live: str = ""
    """What is live where the stop happens."""
    last: Instant = ""
    """Wall time of the last event; nothing where nothing was ever done."""
    away: bool = False
    """Whether nobody waits for it."""
    trouble: str = ""
    """Why nothing can be said of it."""

    @property
    def said(self) -> str:
        """The tile in words.

        Examples
        --------
        >>> Tile("1", "Ada", "freeze", "Freeze the data", 2, goals=3, reached=1, guess="given", auc=0.8277).said
        'Ada: stop 2, 1 of 3 goals, guess given, best honest AUC 0.828'
        """
        if self.trouble:
            return f"{self.name}: {self.trouble}"
        where = f"stop {self.number}" if self.number else f"the lab {self.title}" if self.stop else "at no stop"
        goals = f"{self.reached} of {self.goals} goals" if self.stop else ""
        guess = {"": "", "given": "guess given", "waiting": "guess not given yet"}[self.guess]
        auc = f"best honest AUC {self.auc:.3f}" if self.auc is not None else ""
        return f"{self.name}: " + ", ".join(
            filter(None, ("not here" if self.away else "", where, goals, guess, auc, self.live and f"live {self.live}"))
        )


_OWN: Recent[tuple[Tile, Path]] = Recent(MOST)
_LIVE: Recent[str] = Recent(MOST)


def tiles(room: Path) -> tuple[Tile, ...]:
    """Return a tile for each seat, in the order in which they were taken.

    Examples
    --------
    >>> import tempfile
    >>> room = Path(tempfile.mkdtemp())
    >>> seats.call(room, seats.take(room), "Ada")
    >>> [tile.said for tile in tiles(room)]
    ['Ada: at no stop']
    """
    found, away = book.seats(room), book.read(room).away
    names = called(room, found)
    return tuple(_tile(seat, names[seat.name], seat.name in away) for seat in found)


def called(room: Path, found: tuple[Path, ...]) -> dict[str, str]:
    """Return what each seat is called, by its key: no two the same."""
    names = {
        seat.name: seats.sitter(room, seat.name).name or f"Seat {number}" for number, seat in enumerate(found, start=1)
    }
    taken = set[str]()
    for key, name in names.items():
        names[key] = next(one for one in _numbered(name) if one not in taken)
        taken.add(names[key])
    return names


def _numbered(name: str) -> Iterator[str]:
    """Yield a name, and it with each number behind it."""
    yield name
    yield from (f"{name} ({number})" for number in itertools.count(2))


def id_of(key: str) -> str:
    """Return the name of a seat's tile, from which nobody can tell its key."""
    return hashlib.sha256(key.encode()).hexdigest()[:12]


def key_of(room: Path, tile: str) -> str:
    """Return the key of the seat that a tile is about; nothing if there is none."""
    return next((seat.name for seat in book.seats(room) if id_of(seat.name) == tile), "")


def _tile(seat: Path, name: str, away: bool) -> Tile:
    try:
        ws = Workspace.open(seat, create=False)
        own, there = _OWN.get((str(seat), ws.id, ws.head()), lambda: _read(ws, held.progress(seat)))
        guess = "" if away else own.guess
        return replace(own, name=name, live=_live(there), guess=guess, away=away)
    except Exception:  # whatever is wrong with one: it hides none of the others, and its folder's name is a secret
        return Tile(id_of(seat.name), name, trouble="its workspace cannot be read")


def _read(ws: Workspace, how_far: Progress) -> tuple[Tile, Path]:
    """Return a tile without its name, and the folder in which its stop happens."""
    done = tuple(name for name, state in how_far.stops.items() if state.done)
    since = ws.log(ws.head() - 1)[0]["recorded_at"] if ws.head() else ""
    tile = Tile(id_of(ws.path.name), "", done=done, auc=alike.best_honest(ws), last=since)
    if how_far.current is None:
        return tile, ws.path
    stop, state = course.stop(how_far.current), how_far.stops[how_far.current]
    asks, goals = stop.mission.asks, len(stop.mission.goals) - len(state.kept)
    said = all(held.has_said(state, one.id) for one in asks)
    at_stop = replace(
        tile,
        stop=stop.id,
        title=stop.title,
        number=stop.number,
        goals=goals,
        reached=goals if state.done else len({*state.latched, *state.held} - {*state.kept}),
        guess="" if not asks else "given" if said else "waiting",
    )
    return at_stop, course.workspace(ws, stop.id).path


def place(seat: Path) -> Workspace:
    """Return the workspace in which the stop of a seat happens: its own, or the chapter that is on."""
    on = held.progress(seat).current
    ws = Workspace.open(seat, create=False)
    return course.workspace(ws, on) if on else ws


def _live(folder: Path) -> str:
    there = Workspace.open(folder, create=False)
    return _LIVE.get((str(folder), there.id, there.head()), lambda: _live_there(there))


def _live_there(there: Workspace) -> str:
    live = there.releases.newest_live("production")
    return f"v{live.model['version']}" if live else ""


def crowd(found: tuple[Tile, ...]) -> Mapping[str, Any]:
    """Return how many seats are at each stop, by its id."""
    return Counter(tile.stop for tile in found if tile.stop)
