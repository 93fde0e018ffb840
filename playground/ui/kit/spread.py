"""Guessing a spread: the lowest and the highest of several numbers, marked on a line before they are shown.

Afterwards each number is a dot on rows of its own, and the same dots move to where they are on the same rows: what was
luck of the draw closes, what is left is the models. Marking and moving ask the server nothing; as a sentence and as a
table the numbers stand there too.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

import streamlit as st

_spread = st.components.v2.component(
    "guess_spread",
    html='<div class="spread"></div>',
    css=Path(__file__).with_suffix(".css").read_text("utf-8"),
    js=Path(__file__).with_suffix(".js").read_text("utf-8"),
)


@dataclass(frozen=True)
class Dot:
    """One of the numbers, in both places."""

    name: str
    own: float
    """On rows of its own."""
    same: float
    """On the rows that all share."""


@dataclass(frozen=True)
class Spread:
    """A lowest and a highest number to guess, or those that were guessed."""

    ask: str
    low: int
    high: int
    """Ends of the line, in steps of the last decimal."""
    decimals: int
    own: str
    """What the rows of its own are called."""
    same: str
    """What the same rows are called."""
    guess: tuple[int, int] | None = None
    dots: tuple[Dot, ...] = ()
    """What is true; empty as long as it is covered."""
    made: bool = False
    """Whether the guess was made or waived."""

    def said(self) -> str:
        """Return it in words.

        Examples
        --------
        >>> dots = Dot("seed 1", 0.831, 0.822), Dot("seed 2", 0.822, 0.82)
        >>> Spread("Which?", 780, 870, 3, "own rows", "same rows", (800, 840), dots).said()
        'You said 0.800 to 0.840. Own rows: 0.822 to 0.831. Same rows: 0.820 to 0.822.'
        """
        steps = 10**self.decimals
        parts = [("You said", [end / steps for end in self.guess])] if self.guess else []
        if self.dots:
            parts += [
                (f"{self.own}:", [dot.own for dot in self.dots]),
                (f"{self.same}:", [dot.same for dot in self.dots]),
            ]
        told = (f"{what} {min(ends):.{self.decimals}f} to {max(ends):.{self.decimals}f}." for what, ends in parts)
        return " ".join(one[0].upper() + one[1:] for one in told) or self.ask


def draw(spread: Spread, key: str) -> list[int] | None:
    """Draw the line; return the two numbers at the moment they are guessed."""
    guessed = _spread(data={**asdict(spread), "said": spread.said()}, key=key, on_guess_change=lambda: None).guess
    sound = isinstance(guessed, (list, tuple)) and len(guessed) == 2 and all(isinstance(one, int) for one in guessed)
    return [int(one) for one in guessed] if sound else None
