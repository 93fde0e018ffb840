"""A year of a live model: the AUC that somebody expects of each month, and the one that its outcomes tell.

The line is drawn first. What is true stays out of the record until it was, or until somebody did without: so no
screen, no table and no browser has it before. Afterwards it grows month by month, as outcomes become known, each with
its interval, and the gap to the line has a name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from mlops import Workspace
from mlops.base.errors import ConflictError, InvalidError, shown

STORY = 2024
"""The year through which the sample's customers live."""

DECIMALS = 3
"""Guesses are whole: 822 is an AUC of 0.822."""

LOW, HIGH = 600, 900
"""Ends of the axis; below lies little more than a coin, above what nobody reaches here."""

FAR = 0.02
"""From which gap on a month is called another one than was drawn: about what luck moves the AUC of 3,000 customers."""

INPUTS = {"none": "as learned from", "drift": "inputs moved", "data_error": "data bug"}
"""Verdict on the customers of a month -> what is said of it."""


@dataclass(frozen=True)
class Month:
    """What is known of one month."""

    month: str
    """As ``2024-05``."""
    auc: float | None = None
    low: float | None = None
    high: float | None = None
    """Ends of its interval."""
    best: float | None = None
    """What the best possible ranking would have come to; None if nobody can know."""
    inputs: str = ""
    """``none``, ``drift`` or ``data_error``; empty before its customers came."""
    version: str = ""
    """What answered them."""

    @property
    def came(self) -> bool:
        """Whether its customers came."""
        return bool(self.version)

    @property
    def name(self) -> str:
        """The month in one word, for the year stands beside it."""
        return _told(self.month).partition(" ")[0]


@dataclass(frozen=True)
class Year:
    """Twelve months: what was drawn, and what became of them as far as it may be seen."""

    year: int
    months: tuple[Month, ...]
    start: float | None = None
    """AUC at the release, on rows that the model had not seen; where everybody who draws begins."""
    guess: tuple[int, ...] = ()
    """The AUC that was drawn for each month; empty before it was, or where somebody did without."""
    covered: bool = True
    """Whether nothing of what is true is told yet."""

    @property
    def known(self) -> tuple[Month, ...]:
        """The months of which outcomes are known."""
        return tuple(one for one in self.months if one.auc is not None)

    def gaps(self) -> dict[str, float]:
        """Return by month how far what is true lies above what was drawn, where both are there."""
        drawn = dict(zip((one.month for one in self.months), self.guess, strict=False))
        return {one.month: round(one.auc - drawn[one.month] / 10**DECIMALS, DECIMALS)
                for one in self.known if one.month in drawn}  # fmt: skip

    @property
    def widest(self) -> Month | None:
        """The month that lies farthest from what was drawn."""
        gaps = self.gaps()
        return max((one for one in self.known if one.month in gaps), key=lambda one: abs(gaps[one.month]), default=None)

    def named(self) -> str:
        """Return the widest gap in words; nothing where there is none to speak of.

        Examples
        --------
        >>> months = (Month("2024-01", 0.82), Month("2024-02", 0.76))
        >>> Year(2024, months, guess=(820, 820), covered=False).named()
        'February is 0.060 below your line'
        """
        month, gaps = self.widest, self.gaps()
        if month is None or abs(gaps[month.month]) < FAR:
            return ""
        gap = gaps[month.month]
        return f"{month.name} is {abs(gap):.{DECIMALS}f} {'below' if gap < 0 else 'above'} your line"

    def said(self) -> str:
        """Return it in words."""
        if self.covered:
            return f"Draw the AUC you expect of each month of {self.year}; what it came to is shown afterwards."
        drawn = f"You drew {_ends(self.guess)}. " if self.guess else ""
        if not self.known:
            return f"{drawn}No outcomes of {self.year} are known yet."
        first, last = self.known[0], self.known[-1]
        came = f"{first.name} {first.auc:.{DECIMALS}f}"
        if last != first:
            came += f" to {last.name} {last.auc:.{DECIMALS}f}"
        close = "" if not self.guess or self.named() else f" All known months lie within {FAR} of your line."
        return f"{drawn}Known: {came}.{f' {self.named()}.' if self.named() else ''}{close}"

    def table(self) -> list[dict[str, Any]]:
        """Return a row for each month, the newest first, as the picture has it."""
        gaps = self.gaps()
        drawn = dict(zip((one.month for one in self.months), self.guess, strict=False))
        rows = [
            {
                "Month": _told(one.month),
                "You drew": drawn[one.month] / 10**DECIMALS if one.month in drawn else None,
                "AUC": one.auc,
                "From": one.low,
                "To": one.high,
                "Best possible": one.best,
                "Gap": gaps.get(one.month),
                "Inputs": INPUTS.get(one.inputs, ""),
                "Answered by": f"v{one.version}" if one.version else "",
            }
            for one in self.months
            if one.came or drawn
        ]
        return rows[::-1]


def _told(month: str) -> str:
    return f"{date(int(month[:4]), int(month[5:]), 1):%B %Y}"


def _ends(guess: Sequence[int]) -> str:
    first, last = (number / 10**DECIMALS for number in (guess[0], guess[-1]))
    return f"{first:.{DECIMALS}f} in January to {last:.{DECIMALS}f} in December"


def is_drawn(value: Any) -> bool:
    """Tell whether something is a drawn year: twelve whole numbers within the axis.

    Examples
    --------
    >>> is_drawn([820] * 12), is_drawn([820] * 11), is_drawn([0.82] * 12)
    (True, False, False)
    """
    return (
        isinstance(value, (list, tuple))
        and len(value) == 12
        and all(type(one) is int and LOW <= one <= HIGH for one in value)
    )


def line(ws: Workspace, year: int) -> tuple[int, ...]:
    """Return the line that was drawn in a workspace; empty if none was."""
    found = (ws.journal.read(f"year/{year}") or {}).get("line")
    return tuple(found) if is_drawn(found) else ()


def keep(ws: Workspace, year: int, drawn: Sequence[int]) -> None:
    """Keep a line, once and for all.

    Raises
    ------
    InvalidError
        If it is none.
    ConflictError
        If there is one.
    """
    if not is_drawn(drawn):
        raise InvalidError(f"{shown(drawn)} is no line through twelve months.", "Draw one.")
    if line(ws, year):
        raise ConflictError(f"The line of {year} is drawn, and what it came to is shown.", "Look how far it lies off.")
    ws.journal.write(f"year/{year}", {"line": [*drawn]})


def read(ws: Workspace, year: int, name: str | None = None, guess: Sequence[int] = (), waived: bool = False) -> Year:
    """Return a year of a live model, as it may be seen.

    Parameters
    ----------
    year : int
        Which one.
    name : str, optional
        Name of the model; the only one that is live if not given.
    guess, waived
        As for `of`.
    """
    months = ws.monitoring.report("production", name).months
    before = [one for one in months if one.month <= f"{year}-01"]
    live = ws.models.get(f"{name}@production" if name else "@production")
    start = before[-1].reference if before else live.metrics.get("auc")
    return of(year, [one.as_dict() for one in months], start, guess, waived)


def of(
    year: int,
    months: Iterable[Mapping[str, Any]],
    start: float | None = None,
    guess: Sequence[int] = (),
    waived: bool = False,
) -> Year:
    """Return a year as it may be seen.

    Parameters
    ----------
    year : int
        Which one.
    months : iterable of mapping
        Those of a monitoring report, in any order.
    start : float, optional
        AUC at the release.
    guess : sequence of int
        What was drawn; empty before it was.
    waived : bool
        Whether somebody did without drawing.

    Returns
    -------
    Year
        Without anything that is true as long as nothing was drawn.
    """
    told = {one["month"]: one for one in months}
    named = [f"{year}-{number:02}" for number in range(1, 13)]
    if not guess and not waived:
        return Year(year, tuple(map(Month, named)), start)
    return Year(year, tuple(_month(name, told.get(name)) for name in named), start, tuple(guess), covered=False)


def _month(month: str, told: Mapping[str, Any] | None) -> Month:
    if told is None:
        return Month(month)
    inputs, versions = told.get("inputs") or {}, told.get("versions") or ()
    found = Month(month, inputs=inputs.get("verdict", ""), version=versions[0]["version"] if versions else "")
    known = told.get("outcomes") or {}
    if known.get("auc") is None:
        return found
    return replace(found, auc=known["auc"], low=known.get("low"), high=known.get("high"), best=told.get("best"))
