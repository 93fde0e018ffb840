"""Marks: the whole quiz as a row, one for each question: a plain record, with a sentence and a table as its twins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from playground.quiz.record import Asked, Quiz

SAID = {
    "open": "not asked yet",
    "right": "right",
    "second": "right when it came back",
    "returns": "comes back",
    "wrong": "not right",
}
"""State of a mark -> how it is said."""


@dataclass(frozen=True)
class Mark:
    """One question in the row."""

    id: str
    number: int
    heading: str
    state: str
    """A key of `SAID`."""
    said: str
    here: bool = False
    """Whether it is on screen."""


def marks(found: Quiz, here: str = "") -> tuple[Mark, ...]:
    """Return the questions as marks, in their order.

    Parameters
    ----------
    here : str
        Id of the question on screen.
    """
    return tuple(_mark(number, one, here) for number, one in enumerate(found.all, 1))


def _mark(number: int, one: Asked, here: str) -> Mark:
    state = _state(one)
    about = one.question
    return Mark(about.id, number, about.about.heading, state, SAID[state], about.id == here)


def _state(one: Asked) -> str:
    if one.first is None:
        return "open"
    if one.returns:
        return "returns"
    return ("second" if one.second else "right") if one.right else "wrong"


def table(found: Quiz) -> list[dict[str, Any]]:
    """Return what was asked and answered, one row for each question that was answered."""
    return [
        {"": mark.number, "About": mark.heading, "Answer": one.first, "When it came back": one.second or "",
         "State": mark.said}
        for mark, one in zip(marks(found), found.all, strict=True)
        if one.first
    ]  # fmt: skip
