"""The eight stops as stepping stones: what stands on each, which one is next, and where the learner is.

Plain records, so that a test reads what the screens draw; `as_text` says the same in words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from playground import screens
from playground.course import STOPS, Progress, Stop

WORDS = {
    "open": "not begun",
    "under_way": "under way",
    "solved": "solved",
    "with_hints": "solved with hints",
    "demonstrated": "shown",
    "skipped": "skipped",
}
"""State of a stone -> how it is said."""

DONE = ("solved", "with_hints", "demonstrated", "skipped")


@dataclass(frozen=True)
class Stone:
    """One stop as it is drawn."""

    number: int
    id: str
    title: str
    minutes: int
    phase: str
    """Name of the module's phase."""
    state: str
    """A key of `WORDS`."""
    here: bool = False
    """Whether the learner stands on it: its panel is open."""
    said: str = ""
    """The state in words."""


def stones(progress: Progress) -> tuple[Stone, ...]:
    """Return the eight stones as they are now."""
    return tuple(_stone(stop, progress) for stop in STOPS)


def following(
    progress: Progress, after: Stop | None = None, is_open: Callable[[Stop], bool] = lambda stop: True
) -> Stop | None:
    """Return the stop that comes next: the first that is not behind the learner.

    Parameters
    ----------
    is_open : callable
        Whether a stop can be begun. One that cannot is passed over, as long as there is another.
    after : Stop, optional
        The one that was just solved: whoever began in the middle goes on from there, and comes back at the end.
    """
    undone = [one for one in STOPS if progress.stops[one.id].status not in DONE]
    left = [one for one in undone if is_open(one)] or undone
    return next((one for one in left if after and one.number > after.number), next(iter(left), None))


def as_text(drawn: Iterable[Stone]) -> str:
    """Return the stones as one line of words.

    Examples
    --------
    >>> as_text([Stone(1, "notebook", "The notebook", 5, "Experimentation", "solved", said="solved")])
    '1 The notebook: solved'
    """
    return " > ".join(f"{one.number} {one.title}: {one.said}" for one in drawn)


def _stone(stop: Stop, progress: Progress) -> Stone:
    state = progress.stops[stop.id].status
    phase = screens.PHASES[stop.phase - 1].name
    here = progress.current == stop.id
    return Stone(stop.number, stop.id, stop.title, stop.minutes, phase, state, here, WORDS[state])
