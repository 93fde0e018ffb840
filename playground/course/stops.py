"""The eight stops of the tour, in their order, the labs after it, and where each one happens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from mlops.base.errors import NotFoundError, shown
from playground.course.mission import NOTEBOOK, Mission, load


@dataclass(frozen=True)
class Stop:
    """One stop of the tour, or a lab after it: the same engine, without a guide."""

    number: int | None
    """None for a lab: labs have no order."""
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
    def is_lab(self) -> bool:
        """Whether it is a lab: nobody guides, and it lists no acts."""
        return self.number is None

    @property
    def called(self) -> str:
        """What it is called in a sentence.

        Examples
        --------
        >>> stop("rollback").called
        'stop 7'
        """
        return f"the lab “{self.title}”" if self.is_lab else f"stop {self.number}"

    @property
    def kind(self) -> str:
        """What kind of thing it is, in a word."""
        return "lab" if self.is_lab else "stop"

    @property
    def heading(self) -> str:
        """What it is called where a sentence begins.

        Examples
        --------
        >>> stop("rollback").heading
        'Stop 7'
        """
        return self.called[0].upper() + self.called[1:]

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

LABS = (
    Stop(None, "machine", "Works on my machine", 12, 1, "chapter"),
    Stop(None, "copy", "The copy that is no copy", 5, 1, "chapter"),
    Stop(None, "repeat", "Can't reproduce", 10, 1, "chapter"),
    Stop(None, "configs", "Configuration drift", 12, 3, "chapter"),
    Stop(None, "gate", "The gate", 12, 3, "chapter"),
    Stop(None, "production", "Notebook to production", 15, 2, "chapter"),
    Stop(None, "stale", "The stale model", 15, 4, "chapter", moves_time=True),
    Stop(None, "lie", "Hide a lie", 8, 4, "chapter"),
)
"""For after class: each in a chapter of its own, in any order."""

EVERY = STOPS + LABS


def stop(name: str | int) -> Stop:
    """Return the stop with an id or a number, or the lab with an id.

    Raises
    ------
    NotFoundError
        If there is none.

    Examples
    --------
    >>> stop("rollback").number, stop("7").id
    (7, 'rollback')
    """
    for one in EVERY:
        if str(name) in (one.id, str(one.number or one.id)):
            return one
    known = ", ".join(f"{one.number} {one.id}" if one.number else one.id for one in EVERY)
    raise NotFoundError(f"The course has no stop {shown(name)}. It has: {known}.", "List them: mlops course list.")
