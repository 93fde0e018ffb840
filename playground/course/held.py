"""Held: in a class, what a guess is about can stay covered until everybody has guessed, or the teacher opens it.

Who guesses first would tell the others. Everybody is whoever has begun any stop: a seat that somebody took and left
waits for nobody. Once all have guessed, done without, or left the stop out, the result is let go for good.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from mlops import MlopsError, Workspace
from playground.classroom import book
from playground.course import logbook
from playground.course.logbook import StopState


def is_held(ws: Workspace, stop: str, ask: str) -> bool:
    """Tell whether the result of a guess stays covered, although this learner has guessed."""
    return book.of(ws.path).holds(stop, ask)


def settle(ws: Workspace, stop: str, *asks: str) -> None:
    """Let go of what is held and for which nobody is waited any more; after something was said in a workspace."""
    room = book.room_of(ws.path)
    if room is None:
        return
    now = book.read(room)
    over = [ask for ask in asks if now.holds(stop, ask) and not waiting(room, stop, ask)]
    if over:
        book.let_go(room, *(f"{stop}/{ask}" for ask in over))


def waiting(room: Path, stop: str, ask: str) -> tuple[str, ...]:
    """Return the keys of the seats that take part, and at which nothing was said to a guess yet."""
    return tuple(seat.name for seat in book.seats(room) if _is_awaited(seat, stop, ask))


def _is_awaited(seat: Path, stop: str, ask: str) -> bool:
    try:
        states = logbook.read(Workspace.open(seat, create=False)).stops
    except MlopsError:  # a workspace that cannot be read keeps nobody waiting
        return False
    return takes_part(states.values()) and not has_said(states[stop], ask)


def takes_part(states: Iterable[StopState]) -> bool:
    """Tell whether somebody has begun any stop."""
    return any(state.baseline is not None for state in states)


def has_said(state: StopState, ask: str) -> bool:
    """Tell whether a guess was made or waived, or its stop left out."""
    return ask in state.guess or ask in state.waived or state.done
