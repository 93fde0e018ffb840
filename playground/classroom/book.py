"""The book of a class: what its teacher decided, in one small file beside the seats.

``class.json`` is no history: it says what is so now, is replaced as a whole, and whoever removes it has a class in
which nothing is held, closed or hidden. Nothing about a learner stands in it but the key of a seat.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from mlops.base import locks
from mlops.base.artifacts import replace_file
from mlops.base.errors import StorageError
from mlops.base.recent import Recent
from mlops.base.records import readable_json
from playground import keys

FILE = "class.json"

PATIENCE = 5.0
"""Seconds to wait for another one who writes in the book."""


@dataclass(frozen=True)
class Classroom:
    """What a teacher decided; as it is where nobody ever did."""

    held: tuple[str, ...] = ()
    """Guesses, ``stop/guess``, whose result stays covered although it was guessed."""
    stops: tuple[str, ...] | None = None
    """Ids of the stops and labs that can be begun; None where all can."""
    hidden: tuple[str, ...] = ()
    """Screens that the navigation leaves out."""
    spotlight: str = ""
    """Key of the seat whose chain is on the projector."""
    shown: str = ""
    """The guess or question, ``stop/guess``, whose bars are on the projector."""
    told: bool = False
    """Whether what is right stands there beside them."""
    named: bool = False
    """Whether the projector says whose chain it shows."""
    brought: str = ""
    """The stop to which everybody was brought last."""
    times: int = 0
    """How often everybody was brought somewhere: who came, or said not yet, is not asked of the same time again."""
    since: float = 0.0
    """When that was last, as computers count seconds: nobody is asked to come to the lesson of another day."""
    away: tuple[str, ...] = ()
    """Keys of the seats that are not here: nobody waits for them."""

    def holds(self, stop: str, ask: str) -> bool:
        """Tell whether the result of a guess is held.

        Examples
        --------
        >>> Classroom(held=("notebook/found",)).holds("notebook", "found"), Classroom().holds("notebook", "found")
        (True, False)
        """
        return f"{stop}/{ask}" in self.held

    def is_open(self, stop: str) -> bool:
        """Tell whether a stop or lab can be begun."""
        return self.stops is None or stop in self.stops


NOTHING = Classroom()
"""Where there is no class, or its teacher decided nothing."""

_SEEN: Recent[Classroom] = Recent(64)
"""What learners see of books that were read last, by how their files looked."""


def read(room: Path) -> Classroom:
    """Return what is decided in a class; nothing where its book cannot be read: then nobody is kept from anything."""
    with suppress(OSError):
        return _read(room)
    return NOTHING


def _read(room: Path) -> Classroom:
    """Return the book; nothing where there is none, or one that was damaged. One that cannot be read now is neither."""
    try:
        found = json.loads((room / FILE).read_text("utf-8"))
        return _sound(Classroom(**{name: _plain(found[name]) for name in asdict(NOTHING).keys() & found.keys()}))
    except (FileNotFoundError, ValueError, TypeError, AttributeError, RecursionError):
        return NOTHING


def _plain(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _sound(found: Classroom) -> Classroom:
    """Return it where each value is of its kind; else a hand wrote it, and nothing of it counts."""
    many = (found.held, found.hidden, found.away, *([] if found.stops is None else [found.stops]))
    sound = all(isinstance(one, tuple) and all(isinstance(name, str) for name in one) for one in many)
    one = all(isinstance(value, str) for value in (found.spotlight, found.shown, found.brought))
    counted = type(found.times) is int and type(found.since) in (int, float)
    return found if sound and one and counted and {type(found.told), type(found.named)} == {bool} else NOTHING


def decide(room: Path, what: Callable[[Classroom], Classroom]) -> Classroom:
    """Decide what the book becomes of what it is at this moment, whoever else decides; return it as it is then.

    Raises
    ------
    StorageError
        If it cannot be read: what is decided already would be lost.
    """
    room.mkdir(parents=True, exist_ok=True)
    with locks.turn(room / f".{FILE}.lock", PATIENCE):
        try:
            now = what(_read(room))
        except OSError as problem:
            raise StorageError(
                f"{FILE} cannot be read: {problem.strerror}.", "Nothing was decided. Try again."
            ) from problem
        replace_file(room / FILE, readable_json(asdict(now)))
        return now


def change(room: Path, **decided: Any) -> Classroom:
    """Decide something, and return the book as it is then; what is not named stays.

    Examples
    --------
    >>> import tempfile
    >>> room = Path(tempfile.mkdtemp())
    >>> change(room, hidden=("monitor",)).hidden, change(room, brought="freeze").hidden
    (('monitor',), ('monitor',))
    """
    return decide(room, lambda now: replace(now, **decided))


def hold(room: Path, *asks: str) -> Classroom:
    """Hold the results of guesses, ``stop/guess``, whatever else is held."""
    return decide(room, lambda now: replace(now, held=tuple(dict.fromkeys((*now.held, *asks)))))


def let_go(room: Path, *asks: str) -> Classroom:
    """Let go of results that were held: from now on whoever guessed sees them."""
    return decide(room, lambda now: replace(now, held=tuple(one for one in now.held if one not in asks)))


def room_of(workspace: Path) -> Path | None:
    """Return the folder of the class in which a workspace lies: a seat, a copy, a chapter; None where there is none."""
    return next((one for one in (workspace.parent, workspace.parent.parent) if (one / FILE).is_file()), None)


def of(workspace: Path) -> Classroom:
    """Return what is decided for a workspace: nothing, where it lies in no class."""
    room = room_of(workspace)
    return read(room) if room else NOTHING


def moment(room: Path) -> Classroom:
    """Return what changes when anything is decided that learners see; it costs one look at a file."""
    try:
        found = (room / FILE).stat()
    except OSError:
        return NOTHING
    return _SEEN.get((str(room), found.st_ino, found.st_mtime_ns, found.st_size), lambda: _of_learners(read(room)))


def _of_learners(now: Classroom) -> Classroom:
    """Return it without what is for the projector alone."""
    return replace(now, spotlight="", shown="", told=False, named=False, away=())


def seats(room: Path) -> tuple[Path, ...]:
    """Return the folders of the seats, in the order in which they were taken.

    Whoever starts over keeps their place: what they put aside is as old as the seat.
    """
    since: dict[str, float] = {}
    for path in room.iterdir() if room.is_dir() else ():
        key = path.name[: keys.SEAT]
        since[key] = min(since.get(key, math.inf), _since(path))
    found = [room / key for key in since if keys.is_seat(key) and (room / key).is_dir()]
    return tuple(sorted(found, key=lambda path: (since[path.name], path.name)))


def _since(workspace: Path) -> float:
    try:
        return (workspace / "WORKSPACE.json").stat().st_mtime
    except OSError:
        return math.inf
