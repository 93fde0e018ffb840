"""Waiting: the place of a training in the queue of this server, and how long it will probably be there."""

from __future__ import annotations

from dataclasses import dataclass

from mlops import Workspace
from mlops.training import workers

_ENDS = {1: "st", 2: "nd", 3: "rd"}

SHORT = 3.0
"""Seconds that are not worth counting."""


@dataclass(frozen=True)
class Waiting:
    """A training that waits."""

    place: int | None = None
    """1 is next; None while a worker starts."""
    seconds: float | None = None
    """Until it begins, going by the trainings that ended here last; None before any did."""

    @property
    def text(self) -> str:
        """The same as people say it.

        Examples
        --------
        >>> Waiting(3, 18.2).text, Waiting(1, 0.4).text, Waiting(12, None).text, Waiting().text
        ('3rd in line, about 20 s', 'next in line', '12th in line', 'a worker is starting')
        >>> Waiting(2, 84).text, Waiting(2, 300).text
        ('2nd in line, about 85 s', '2nd in line, about 5 min')
        """
        if self.place is None:
            return "a worker is starting"
        where = "next in line" if self.place == 1 else f"{ordinal(self.place)} in line"
        return where if self.seconds is None or self.seconds < SHORT else f"{where}, about {roughly(self.seconds)}"


def expected(place: int, pace: float | None, most: int) -> float | None:
    """Return the seconds until a training begins; the one at work is taken to be half done.

    Parameters
    ----------
    place : int
        In the queue, from 1.
    pace : float or None
        Seconds that a training takes, if that is known.
    most : int
        Trainings at a time.

    Examples
    --------
    >>> expected(1, 4.0, 1), expected(3, 4.0, 1), expected(3, 4.0, 2), expected(3, None, 1)
    (2.0, 10.0, 5.0, None)
    """
    return None if pace is None else pace * (place - 0.5) / most


def of(ws: Workspace, run_id: str, otherwise: int | None = None) -> Waiting:
    """Return how a queued run of a workspace waits.

    Parameters
    ----------
    otherwise : int, optional
        Its place where the pool of this server does not know it: another process has submitted it.
    """
    pool = workers.pool()
    place = ws.position(run_id) or otherwise
    return Waiting(place, expected(place, pool.pace(), pool.most)) if place else Waiting()


def ordinal(number: int) -> str:
    """Return a place as people say it.

    Examples
    --------
    >>> [ordinal(number) for number in (1, 2, 3, 4, 11, 12, 13, 21, 112)]
    ['1st', '2nd', '3rd', '4th', '11th', '12th', '13th', '21st', '112th']
    """
    last = 0 if number % 100 in (11, 12, 13) else number % 10
    return f"{number}{_ENDS.get(last, 'th')}"


def roughly(seconds: float) -> str:
    """Return a time that nobody should count on to the second.

    Examples
    --------
    >>> roughly(3.2), roughly(41), roughly(119), roughly(121)
    ('5 s', '40 s', '2 min', '2 min')
    """
    if seconds < 90:
        return f"{max(5, 5 * round(seconds / 5))} s"
    return f"{round(seconds / 60)} min"
