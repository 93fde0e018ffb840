"""The eight stops of the tour, in their order, and where each one happens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from mlops.base.errors import NotFoundError, shown
from playground.course.mission import NOTEBOOK, Mission, load


@dataclass(frozen=True)
class Stop:
    """One stop of the tour."""

    number: int
    id: str
    title: str
    minutes: int
    phase: int
    """Number of the module's phase."""
    scope: Literal["own", "chapter"]
    """Whether it happens in the learner's own workspace, or in one that is opened beside it."""
    moves_time: bool = False
    """Whether months pass in it: in the others time stands still."""

    @property
    def mission(self) -> Mission:
        """Everything about it, in words and checks."""
        return load(self.id)


STOPS = (
    Stop(1, "notebook", f"The notebook says {NOTEBOOK}", 5, 1, "own"),
    Stop(2, "freeze", "Freeze the data", 4, 1, "own"),
    Stop(3, "config", "Config, not code; same recipe, same cake", 4, 1, "own"),
    Stop(4, "compare", "Like with like", 4, 2, "chapter"),
    Stop(5, "promote", "Promotion is a decision with evidence", 5, 3, "chapter"),
    Stop(6, "serve", "One or many", 2, 4, "chapter"),
    Stop(7, "rollback", "March 15th, 2 pm; and back", 6, 4, "chapter"),
    Stop(8, "year", "The world moves", 6, 4, "chapter", moves_time=True),
)


def stop(name: str | int) -> Stop:
    """Return the stop with an id or a number.

    Raises
    ------
    NotFoundError
        If there is none.

    Examples
    --------
    >>> stop("rollback").number, stop("7").id
    (7, 'rollback')
    """
    for one in STOPS:
        if str(name) in (one.id, str(one.number)):
            return one
    known = ", ".join(f"{one.number} {one.id}" for one in STOPS)
    raise NotFoundError(f"The tour has no stop {shown(name)}. It has: {known}.", "List them: mlops course list.")
