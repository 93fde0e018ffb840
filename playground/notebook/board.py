"""Board: the cells of the notebook as they go into the steps of the pipeline, and the listings as their lines break.

Plain records, so that a test reads what the screen draws; `sentence` and `table` say the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from playground.notebook import becoming, listings, told
from playground.notebook.listings import Listing
from playground.notebook.nbformat import Cell, shipped
from playground.notebook.told import DROPPED, Told
from playground.words import counted

TAKES: Mapping[str, str] = {
    "load": "reads a version of the data, and nothing else",
    "validate": "looks at the data, and changes nothing",
    "prepare": "turns columns into what a model takes, learned from the training rows",
    "train": "splits first, then fits",
    "evaluate": "judges on rows that the model has not seen",
    "package": "keeps the model, with its papers",
    DROPPED: "what the pipeline is no poorer without",
}
"""Place -> what it is for."""


LINES = 2
"""So many of a cell tell which one it is."""


@dataclass(frozen=True)
class Card:
    """A cell as it is drawn."""

    id: str
    count: int
    """The number in its brackets."""
    code: str
    """How it begins."""
    place: str = ""
    """Where it was put, if it belongs there."""
    tried: str = ""
    """Where it was put last, if it does not."""
    said: str = ""
    """What becomes of it there, or why not."""


@dataclass(frozen=True)
class Line:
    """A line of the config that the notebook becomes."""

    text: str
    lit: bool
    """Whether the cell that it comes from is in its place."""


@dataclass(frozen=True)
class Board:
    """All cells, the places they can go to, and the config that comes of it."""

    cards: tuple[Card, ...]
    places: tuple[tuple[str, str], ...]
    """Name, and what it takes."""
    config: tuple[Line, ...]

    @property
    def placed(self) -> int:
        """How many cells are where they belong."""
        return sum(bool(card.place) for card in self.cards)

    @property
    def sentence(self) -> str:
        """The board in words."""
        return f"{self.placed} of {counted(len(self.cards), 'cell')} in place."

    def table(self) -> list[dict[str, str]]:
        """Return the cells as rows of a table."""
        return [
            {"cell": f"[{card.count}]", "code": card.code, "place": card.place, "what becomes of it": card.said}
            for card in self.cards
        ]


def board(found: Told) -> Board:
    """Return the board as somebody left it.

    Examples
    --------
    >>> board(Told(places={"load": "load", "balance": "prepare"})).sentence
    '1 of 14 cells in place.'
    """
    cards = tuple(_card(cell, found) for cell in shipped().code)
    placed = {card.id for card in cards if card.place}
    return Board(cards, tuple(TAKES.items()), tuple(_config(placed)))


def _card(cell: Cell, found: Told) -> Card:
    said, so = found.places.get(cell.id, ""), told.truth("places")[cell.id]
    code = "\n".join(cell.source.splitlines()[:LINES])
    if said in so:
        return Card(cell.id, cell.count or 0, code, place=said, said=becoming.PLACES[cell.id].how)
    why = f"Not here: {said} {TAKES[said]}." if said not in ("", DROPPED) else ""
    why = "Something depends on it: without it the pipeline is poorer." if said == DROPPED else why
    return Card(cell.id, cell.count or 0, code, tried=said, said=why)


def _config(placed: set[str]) -> list[Line]:
    """Return the lines of the config; those under the comment that names a cell are lit with it."""
    lines, lit = [], True
    for text in becoming.CONFIG.splitlines():
        if found := re.match(r"# (\w+):", text):
            lit = found[1] in placed
        lines.append(Line(text, lit))
    return lines


@dataclass(frozen=True)
class Printed:
    """A listing as it is drawn: what broke so far, mended, and whether there is another fault."""

    id: str
    file: str
    title: str
    lines: tuple[str, ...]
    """With what was found mended."""
    broke: tuple[tuple[int, str, str, str], ...]
    """Line, how it read, what Python said, why: of each fault that was found."""
    fault: int
    """Number of the one that is looked for, from 1; 0 if none is left."""
    faults: int
    tried: int
    """The line that was said last for it and is not it; 0 if none was."""
    lies: bool
    """Whether the one that is looked for breaks nothing, and says what is not so."""

    @property
    def asks(self) -> str:
        """What is asked now."""
        if not self.fault:
            return "It runs."
        if self.lies:
            return "Nothing breaks any more. Which line says what is not so?"
        return "Which line breaks?" if self.fault == 1 else "Mended, and run again. Which line breaks now?"

    @property
    def sentence(self) -> str:
        """The listing in words."""
        found = ", ".join(f"line {line}: {error}" for line, _, error, _ in self.broke)
        return f"{self.file}, {len(self.broke)} of {counted(self.faults, 'fault')} found{': ' if found else ''}{found}."


def printed(listing: Listing, found: Told) -> Printed:
    """Return a listing as somebody left it.

    Examples
    --------
    >>> printed(listings.named("batch"), Told(faults={"batch-1": "2"})).tried
    2
    """
    faults = listings.listed()[listing.id]
    right = found.right("faults")
    done = next((number for number in range(len(faults)) if f"{listing.id}-{number + 1}" not in right), len(faults))
    broke = tuple(
        (fault.line, listing.lines[fault.line - 1], fault.error, mend.why)
        for fault, mend in zip(faults[:done], listing.mends, strict=False)
    )
    left = done < len(faults)
    tried = int(found.faults.get(f"{listing.id}-{done + 1}", 0)) if left else 0
    fault, lies = (done + 1, faults[done].error.startswith(listings.LIES)) if left else (0, False)
    return Printed(
        listing.id, listing.file, listing.title, listing.mended(done), broke, fault, len(faults), tried,
        lies,
    )  # fmt: skip
