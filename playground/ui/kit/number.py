"""Guessing a number: a line to move along, and where it is one of a hundred, a hundred figures that fill meanwhile.

Moving asks the server nothing; it hears of the guess once it is made. Afterwards the same figures show the answer, with
the guess beside it. As a sentence both stand in the panel too.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

import streamlit as st

_line = st.components.v2.component(
    "guess_number",
    html='<div class="guess"></div>',
    css=Path(__file__).with_suffix(".css").read_text("utf-8"),
    js=Path(__file__).with_suffix(".js").read_text("utf-8"),
)


@dataclass(frozen=True)
class Line:
    """A number to guess, or one that was guessed."""

    ask: str
    low: int
    high: int
    unit: str
    guess: int | None = None
    answer: int | None = None
    """What is true; None as long as it is covered or not known."""
    made: bool = False
    """Whether the guess was made or waived."""

    def said(self) -> str:
        """Return it in words.

        Examples
        --------
        >>> Line("How many?", 0, 100, "of 100", guess=80, answer=56).said()
        'You said 80, it is 56 of 100.'
        """
        parts = [f"You said {self.guess:,}"] if self.guess is not None else []
        parts += [f"it is {self.answer:,}"] if self.answer is not None else []
        return f"{', '.join(parts)} {self.unit}".strip().capitalize() + "." if parts else self.ask


def draw(line: Line, key: str) -> int | None:
    """Draw the line; return the number at the moment it is guessed."""
    guessed = _line(data={**asdict(line), "said": line.said()}, key=key, on_guess_change=lambda: None).guess
    return guessed if isinstance(guessed, int) and line.low <= guessed <= line.high else None
