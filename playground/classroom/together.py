"""One thing at every seat: everybody is brought to a stop, and nobody's work is touched.

At each seat it is what its learner would do with one click: the stop begins, in their own work where it can serve, else
in a chapter beside it; one that has begun goes on. Nothing is overwritten.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mlops import MlopsError, Workspace
from mlops.base.errors import ConflictError
from playground import course, seats
from playground.classroom import book, wall
from playground.course import held


@dataclass(frozen=True)
class Brought:
    """What came of bringing everybody to a stop."""

    stop: str
    there: tuple[str, ...]
    """Names of those who are there now."""
    missing: tuple[tuple[str, str], ...] = ()
    """Name and reason of those who could not be brought."""

    @property
    def said(self) -> str:
        """It in words.

        Examples
        --------
        >>> Brought("freeze", ("Ada", "Ben"), (("Cleo", "Another program holds it."),)).said
        '2 are at stop 2 now. Cleo could not be brought: Another program holds it.'
        """
        where = course.stop(self.stop).called
        parts = [f"{len(self.there)} {'is' if len(self.there) == 1 else 'are'} at {where} now."]
        return " ".join([*parts, *(f"{name} could not be brought: {why}" for name, why in self.missing)])


Progress = Callable[[int, int], None]
"""Called with how many seats are done, and of how many."""


def bring_everyone(room: Path, name: str | int, on_progress: Progress = lambda at, of: None) -> Brought:
    """Bring everybody to a stop, which is opened if it was not; who has begun it goes on where they were.

    Parameters
    ----------
    room : Path
        The folder of the class.
    name : str or int
        Id or number of the stop.
    on_progress : callable
        Called after each seat.
    """
    one, now, found = course.stop(name), book.read(room), book.seats(room)
    course.prepare(one.id)
    if not now.is_open(one.id):
        book.change(room, stops=(*(now.stops or ()), one.id))
    names, there, missing = wall.called(room, found), [], []
    for at, seat in enumerate(found, start=1):
        try:
            course.start(Workspace.open(seat, create=False, actor=seats.sitter(room, seat.name).actor), one.id)
            there.append(names[seat.name])
        except MlopsError as problem:  # one that cannot be brought keeps nobody else back
            missing.append((names[seat.name], problem.message))
        on_progress(at, len(found))
    book.change(room, brought=one.id, times=now.times + 1)
    return Brought(one.id, tuple(there), tuple(missing))


def hold(room: Path, stop: str, ask: str) -> None:
    """Hold the result of a guess until everybody has guessed, or it is opened.

    Raises
    ------
    ConflictError
        If everybody has guessed already: there is nothing to wait for.
    """
    if all_have_said(room, stop, ask):
        raise ConflictError("Everybody who takes part has guessed here.", "Show what the class said.")
    book.hold(room, f"{stop}/{ask}")


def all_have_said(room: Path, stop: str, ask: str) -> bool:
    """Tell whether somebody takes part, and nobody is waited for."""
    return any(wall.taking_part(room)) and not held.waiting(room, stop, ask)


def open_up(room: Path, stop: str, ask: str) -> None:
    """Let everybody who guessed see the result, whether or not others still think."""
    book.let_go(room, f"{stop}/{ask}")
