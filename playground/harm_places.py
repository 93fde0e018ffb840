"""The places of a month on the map of drift and harm: from left to right by its inputs, upwards by its outcomes.

A month has two: one beside what the live model learned from, and one beside the month before, for a price that rose in
February differs from the past for good and is news once. Before enough outcomes are known a month stands nowhere
between top and bottom, and with few rows it has no place at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import hypot
from typing import Any, Literal

from mlops.production.drift import CHANGED

MOVED = CHANGED
"""PSI from which on inputs count as moved: a convention, as 0.25 is."""

Word = Literal["quiet", "harmless", "silent", "trouble", "bug", "waiting", "few"]

CALLED: Mapping[Word, str] = {
    "quiet": "quiet",
    "harmless": "harmless shift",
    "silent": "silent harm",
    "trouble": "real trouble",
    "bug": "a data bug",
    "waiting": "not known yet",
    "few": "too few rows",
}
"""What a month is -> what people say."""


@dataclass(frozen=True)
class Place:
    """Where a month stands."""

    word: Word
    """The corner; that of a data bug is its own, whatever it cost."""
    psi: float | None = None
    """The largest of a feature; None where too few rows tell one."""
    feature: str = ""
    """Whose it is, as people call it."""
    lost: float | None = None
    """What was lost of the metric; None before enough outcomes are known."""
    low: float | None = None
    high: float | None = None
    guess: float | None = None
    """What the estimate without outcomes says that was lost."""


def corner(moved: bool, low: float, line: float) -> Word:
    """Return the corner of a month whose outcomes are known; harm is only what lies above the line for certain.

    Examples
    --------
    >>> corner(False, 0.01, 0.02), corner(True, 0.01, 0.02), corner(False, 0.08, 0.02), corner(True, 0.08, 0.02)
    ('quiet', 'harmless', 'silent', 'trouble')
    """
    if low > line:
        return "trouble" if moved else "silent"
    return "harmless" if moved else "quiet"


def learned(one: Any, line: float, called: Mapping[str, str], aim: float | None) -> Place:
    """Place a month beside what the model learned from.

    Parameters
    ----------
    aim : float or None
        What could have been reached; of a month that is not known yet, in the one known last.
    """
    inputs = one.inputs or {}
    ends = (aim - one.outcomes.high, aim - one.outcomes.low) if is_known(one) and aim is not None else None
    lost = aim - one.outcomes.value if ends and aim is not None else None
    guess = aim - one.estimate.auc if one.estimate and aim is not None else None
    return _place(inputs, inputs.get("psi"), inputs.get("feature"), called, line, (lost, ends, guess))


def before(one: Any, place: Place, earlier: Place, called: Mapping[str, str]) -> Place:
    """Place a month beside the month before: what is new in its inputs, and what it lost since; rows are others."""
    inputs, was = one.inputs or {}, earlier
    news = inputs.get("news") or {}
    lost = ends = guess = None
    if place.lost is not None and was.lost is not None:
        lost = place.lost - was.lost
        ends = (
            lost - hypot(place.lost - _of(place.low), _of(was.high) - was.lost),
            lost + hypot(_of(place.high) - place.lost, was.lost - _of(was.low)),
        )
    if place.guess is not None and was.guess is not None:
        guess = place.guess - was.guess
    return _place(inputs, news.get("psi"), news.get("feature"), called, 0.0, (lost, ends, guess))


def _place(
    inputs: Mapping[str, Any], psi: float | None, feature: str | None, called: Mapping[str, str], line: float,
    loss: tuple[float | None, tuple[float, float] | None, float | None],
) -> Place:  # fmt: skip
    lost, ends, guess = loss
    if psi is None or inputs.get("few"):
        return Place("bug" if inputs.get("verdict") == "data_error" else "few")
    low, high = ends or (None, None)
    word: Word = "waiting" if low is None else corner(psi >= MOVED, low, line)
    word = "bug" if inputs.get("verdict") == "data_error" else word
    return Place(word, psi, called.get(feature or "", feature or ""), lost, low, high, guess)


def is_known(one: Any) -> bool:
    """Return whether enough outcomes of a month are known to say how well it was answered."""
    return one.outcomes is not None and not one.outcomes.few and one.outcomes.low is not None


def _of(number: float | None) -> float:
    return 0.0 if number is None else number
