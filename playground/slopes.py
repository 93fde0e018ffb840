"""Answers of two runs as slopes: a line for each row, from the score of the one to the score of the other.

A line that crosses its threshold is a row that is decided otherwise. Plain records, so that a test reads what the
screen shows; the numbers are those of `mlops.experiments.shared_rows`. What draws them is `ui/difference/slopes`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from playground import words
from playground.dots import decided

FLIPS, OTHERS = 300, 120
"""So many rows that flipped are drawn, and so many of the others; all of them are one download away."""

REALLY = {"likely to leave": "left", "likely to stay": "stayed"}
"""What was likely -> what it is called once it happened."""


@dataclass(frozen=True)
class Answer:
    """What one run says of a row."""

    text: str
    """Decision and score."""
    score: float | None
    """None of a number, which says it itself."""
    right: bool


@dataclass(frozen=True)
class Line:
    """One row."""

    name: str
    """Its id, or its place."""
    truth: str
    """What became of it."""
    before: Answer
    after: Answer
    way: int
    """Position of its way in `Slopes.ways`; -1 where it is decided as before."""
    because: str
    """The cells of it that changed; empty where none did."""


@dataclass(frozen=True)
class Way:
    """A decision that changed."""

    label: str
    """``12 become likely to leave``."""
    rows: int
    up: bool = False
    """Whether they become what the positive class says."""


@dataclass(frozen=True)
class Slopes:
    """The answers of two runs as they are drawn."""

    noun: str
    """What a row is called."""
    thresholds: tuple[float, float]
    ways: tuple[Way, ...]
    """The most frequent first."""
    lines: tuple[Line, ...]
    """Rows that flipped, the most moved ones first; then some of the others, from the lowest score to the highest."""
    rows: int
    """All rows that both runs answered."""
    flipped: int
    became_right: int
    """Of those that flipped."""
    became_wrong: int
    drawn: bool
    """Whether the lines can be drawn: of more than two classes a score says which one is likely, not how much more."""
    cells: int
    """How many of the rows that flipped have a cell that changed; 0 where none is known."""

    @property
    def sentence(self) -> str:
        """What came of the flips: whether they help, and whether the rows themselves were changed."""
        if not self.flipped:
            return f"Every {self.noun} is decided as before."
        many = words.counted(self.flipped, "decision")
        right = f"{self.became_right:,} {'is' if self.became_right == 1 else 'are'} right now"
        said = f"Of {many} that changed, {right} and {self.became_wrong:,} {_was(self.became_wrong)} right before."
        if self.cells:
            said += f" {self.cells:,} of them {_was(self.cells)} changed in the data, the others were not."
        return said

    @property
    def shown(self) -> str:
        """Which of them are drawn."""
        flips = sum(line.way >= 0 for line in self.lines)
        other = words.counted(len(self.lines) - flips, f"{self.noun}").replace("no ", "none of the ")
        which = "all that changed" if flips == self.flipped else f"the {flips:,} that moved most"
        return f"Drawn: {which}, and {other} of {self.rows - self.flipped:,} decided as before."

    def frame(self, names: Sequence[str]) -> pd.DataFrame:
        """Return the rows that flipped as a table.

        Parameters
        ----------
        names : sequence of str
            What the two runs are called.
        """
        flips = [line for line in self.lines if line.way >= 0]
        table = {
            self.noun.capitalize(): [line.name for line in flips],
            "Really": [line.truth for line in flips],
            names[0].capitalize(): [line.before.text for line in flips],
            names[1].capitalize(): [line.after.text for line in flips],
            "Right": [_right(line, names) for line in flips],
            "Changed in the data": [line.because for line in flips],
        }
        return pd.DataFrame({name: cells for name, cells in table.items() if any(cells) or not cells})


def slopes(
    answers: pd.DataFrame,
    signature: Mapping[str, Any],
    thresholds: tuple[float, float],
    noun: str = "row",
    cells: Sequence[Mapping[str, Any]] = (),
) -> Slopes:
    """Return the answers of two runs as they are drawn; of classes, for numbers are decided by nobody.

    Parameters
    ----------
    answers : DataFrame
        As `shared_rows.answers` returns them.
    signature : mapping
        ``target, task, labels, positive``.
    thresholds : tuple of float
        From which score on each run says yes.
    noun : str
        What a row is called.
    cells : sequence of mapping
        ``{id, column, before, after}`` of the cells that changed in the data.
    """
    flips = answers[answers["flipped"]]
    ways = Counter(zip(flips["before"], flips["after"], strict=True)).most_common()
    order = {way: place for place, (way, _) in enumerate(ways)}
    changed: dict[str, list[str]] = {}
    for cell in cells:
        said = f"{cell['column']} {words.setting(cell['before'])} → {words.setting(cell['after'])}"
        changed.setdefault(str(cell["id"]), []).append(said)
    stay = answers[~answers["flipped"]].sort_values("before_score")
    some = stay.iloc[:: max(1, -(-len(stay) // OTHERS))]
    drawn = [_line(one, signature, order, changed) for one in (*_records(flips.head(FLIPS)), *_records(some))]
    return Slopes(
        noun,
        thresholds,
        tuple(
            Way(_way(many, *(decided(one, signature) for one in way), len(ways)), many, way[1] == signature["positive"])
            for way, many in ways
        ),
        tuple(drawn),
        len(answers),
        len(flips),
        int((flips["after"] == flips["truth"]).sum()),
        int((flips["before"] == flips["truth"]).sum()),
        signature["task"] == "binary",
        int(flips["id"].map(str).isin(changed).sum()),
    )


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [dict(one) for one in table.to_dict("records")]


def _line(
    one: Mapping[str, Any], signature: Mapping[str, Any], order: Mapping[Any, int], changed: Mapping[str, Sequence[str]]
) -> Line:
    name = f"row {one['row']}" if one["id"] is None else str(one["id"])
    sides = [
        Answer(
            f"{decided(one[side], signature)} {one[f'{side}_score']:.3f}",
            float(one[f"{side}_score"]),
            bool(one[side] == one["truth"]),
        )
        for side in ("before", "after")
    ]
    way = order[one["before"], one["after"]] if one["flipped"] else -1
    truth = decided(one["truth"], signature)
    truth = REALLY.get(truth, truth)
    return Line(name, truth, sides[0], sides[1], way, ", ".join(changed.get(str(one["id"]), ())))


def _way(many: int, one: str, other: str, ways: int) -> str:
    verb = "becomes" if many == 1 else "become"
    return f"{many:,} {verb} {other}" if ways <= 2 else f"{many:,} from {one} to {other}"


def _was(many: int) -> str:
    return "was" if many == 1 else "were"


def _right(line: Line, names: Sequence[str]) -> str:
    return next((name for name, side in zip(names, (line.before, line.after), strict=True) if side.right), "neither")
