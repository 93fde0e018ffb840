"""Held: what stays covered. A result that is guessed first, until somebody said something; in a class, until all did.

Who guesses first would tell the others, so a teacher can hold a result until everybody has guessed, or they open it.
Everybody is whoever has begun any stop and is here: a seat that somebody took and left waits for nobody. Once all have
guessed, done without, or left the stop out, the result is let go for good.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from mlops import MlopsError, Workspace
from mlops.base.recent import Recent
from playground.classroom import book
from playground.course import logbook
from playground.course.logbook import Progress, StopState

MOST = 512
"""Seats of which what was read is kept."""

_PROGRESS: Recent[Progress] = Recent(MOST)


def is_covered(ws: Workspace, progress: Progress, stop: str, ask: str) -> bool:
    """Tell whether what came of a guess or question stays covered, wherever it would stand.

    It does as long as the stop that asks is on and nothing was said; and as long as a teacher holds it, whatever is on:
    also for who guessed, left the stop out, or left the tour.

    Parameters
    ----------
    ws : Workspace
        The learner's own.
    """
    state = progress.stops[stop]
    if state.baseline is not None and is_held(ws, stop, ask):
        return True
    return progress.current == stop and state.status != "skipped" and not was_said(state, ask)


def was_said(state: StopState, ask: str) -> bool:
    """Tell whether somebody said something to a guess or question, or did without."""
    return ask in state.guess or ask in state.waived or ask in state.answers


def has_said(state: StopState, ask: str) -> bool:
    """Tell whether nobody waits for somebody: they said something, or the stop lies behind them."""
    return was_said(state, ask) or state.done


def is_held(ws: Workspace, stop: str, ask: str) -> bool:
    """Tell whether the result of a guess stays covered, although this learner has guessed."""
    return book.of(ws.path).holds(stop, ask)


def settle(room: Path | None) -> None:
    """Let go of what is held in a class and for which nobody is waited any more."""
    if room is None:
        return
    over = [one for one in book.read(room).held if all_have_said(room, *one.partition("/")[::2])]
    if over:
        book.let_go(room, *over)


def all_have_said(room: Path, stop: str, ask: str) -> bool:
    """Tell whether somebody takes part, and nobody is waited for."""
    found, never = [*taking_part(room)], StopState(stop)
    return bool(found) and all(has_said(how_far.stops.get(stop, never), ask) for _, how_far in found)


def taking_part(room: Path) -> Iterator[tuple[Path, Progress]]:
    """Yield each seat that is here and whose learner has begun any stop, and how far they are.

    A workspace that cannot be read keeps nobody waiting.
    """
    away = book.read(room).away
    for seat in book.seats(room):
        with suppress(MlopsError):
            if seat.name not in away and _has_begun(found := progress(seat)):
                yield seat, found


def _has_begun(found: Progress) -> bool:
    return any(state.baseline is not None for state in found.stops.values())


def progress(seat: Path) -> Progress:
    """Return how far the learner of a seat is; read again only where something happened there."""
    ws = Workspace.open(seat, create=False)
    return _PROGRESS.get((str(seat), ws.id, ws.head()), lambda: logbook.read(ws))
