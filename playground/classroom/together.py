"""One thing for the whole class: everybody is asked to come to a stop, and what is guessed is held or opened.

Nobody is moved. What is decided stands in the book; each screen asks, and a stop begins at a seat when its learner says
so, in their own work where it can serve, else in a chapter beside it. What somebody does at this moment stays as it is.
"""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

from mlops.base.errors import ConflictError
from playground import course
from playground.classroom import book
from playground.classroom.book import Classroom
from playground.course import held

LONG = 3600.0
"""Seconds for which screens ask: a class that comes back another day is somewhere else."""


def bring_everyone(room: Path, name: str | int) -> None:
    """Ask everybody to come to a stop, which is opened if it was not; what it begins from is built before.

    Parameters
    ----------
    room : Path
        The folder of the class.
    name : str or int
        Id or number of the stop.
    """
    one = course.stop(name)
    course.prepare(one.id)
    book.decide(room, lambda now: _brought(now, one.id))


def _brought(now: Classroom, stop: str) -> Classroom:
    opened = now.stops if now.is_open(stop) else (*(now.stops or ()), stop)
    return replace(now, stops=opened, brought=stop, times=now.times + 1, since=time.time())


def asks_to_come(now: Classroom) -> bool:
    """Tell whether everybody is being brought somewhere at this moment."""
    return bool(now.brought) and time.time() - now.since < LONG


def hold(room: Path, stop: str, *asks: str) -> None:
    """Hold the results of guesses of a stop until everybody has guessed, or they are opened.

    Raises
    ------
    ConflictError
        If everybody has guessed already: there is nothing to wait for.
    """
    awaited = [ask for ask in asks if not held.all_have_said(room, stop, ask)]
    if not awaited:
        raise ConflictError("Everybody who takes part has guessed here.", "Show what the class said.")
    book.hold(room, *(f"{stop}/{ask}" for ask in awaited))
    held.settle(room)  # the last one may have guessed meanwhile, and nobody would come to let it go


def open_up(room: Path, stop: str, *asks: str) -> None:
    """Let everybody who guessed see the results, whether or not others still think."""
    book.let_go(room, *(f"{stop}/{ask}" for ask in asks))


def wait_for(room: Path, seat: str, here: bool) -> None:
    """Wait for a seat, or for it no more: somebody who went home, a seat at which a teacher tries things out."""
    gone = () if here else (seat,)
    book.decide(room, lambda now: replace(now, away=(*(one for one in now.away if one != seat), *gone)))
    held.settle(room)
