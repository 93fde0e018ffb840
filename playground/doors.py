"""Doors: one customer through the form, in a file and over REST, and what each door answered, to the last digit.

What a door answered is read from the workspace, where requests are logged with the door they came through and the
answers to files are kept; so the screen and the course's check see the same. Whether two answers are about the same
customer, the row tells as the model took it. `Doors` is the plain record that is drawn.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import takewhile
from typing import Any, Literal

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from mlops import Workspace, sample
from mlops.data import tables
from mlops.release.answered import ASKED

Name = Literal["row", "file", "rest"]

TITLES: Mapping[Name, str] = {"row": "Form", "file": "File", "rest": "REST"}

FOR: Mapping[Name, str] = {
    "row": "one at a time, by a person",
    "file": "many at once",
    "rest": "one at a time, by a program",
}
"""Door -> whom it is for; said until it has answered."""

LIST = sample.FILE.with_name("lenas_list.csv")
"""Two hundred customers, of whom two were typed by hand."""

NEWEST_REQUESTS, NEWEST_FILES = 1000, 20
"""So many requests and files are looked through for a customer."""


@dataclass(frozen=True)
class Answer:
    """What one door answered about one customer."""

    number: float
    """The score, or the number that is foretold."""
    model: Mapping[str, str]
    """``{name, version, sha256}`` of who answered."""
    record: str
    """Id of the prediction, or of the file."""
    asked: int = 1
    """Rows that were asked about at once."""
    rejected: int = 0
    """Of these, rows that could not be used."""

    def is_that_of(self, other: Answer) -> bool:
        """Tell whether the same version gave the same digits."""
        return self.number == other.number and self.model == other.model


@dataclass(frozen=True)
class Door:
    """One door as it is drawn."""

    id: Name
    title: str
    digits: str = ""
    """Every digit of its answer; nothing as long as it was not asked, or its answer is covered."""
    version: str = ""
    note: str = ""
    """What else came of it."""
    asked: bool = False


@dataclass(frozen=True)
class Doors:
    """The three doors, and what they answered about one customer."""

    customer: str
    about: str
    """What the number is: the chance to leave."""
    doors: tuple[Door, ...]
    covered: bool = False
    """Whether the digits stay covered until they were guessed."""

    @property
    def equal(self) -> int:
        """How many characters all answers begin with alike; 0 where there are not two.

        Examples
        --------
        >>> Doors("Ada", "", (Door("row", "Form", "0.25"), Door("rest", "REST", "0.26"))).equal
        3
        """
        told = [door.digits for door in self.doors if door.digits]
        if len(told) < 2:
            return 0
        return len([*takewhile(lambda alike: len({*alike}) == 1, zip(*told, strict=False))])

    @property
    def same(self) -> bool | None:
        """Whether all doors answered alike; None until all have answered."""
        told = [door.digits for door in self.doors]
        return len({*told}) == 1 if all(told) else None

    @property
    def sentence(self) -> str:
        """What there is to see."""
        if self.covered:
            return "What the doors answer stays covered until you have guessed."
        if self.same:
            return f"{self.customer}: {self.doors[0].digits} through every door, equal to the last digit."
        asked = [door for door in self.doors if door.digits]
        if not asked:
            return "No door has answered yet."
        left = " and ".join(door.title for door in self.doors if not door.digits)
        have = "has" if len(asked) == 1 else "have"
        told = f"{len(asked)} of {len(self.doors)} doors {have} answered; left: {left}. " if left else ""
        versions = sorted({door.version for door in asked})
        why = f": {' and '.join(versions)} answered" if len(versions) > 1 else ""
        return f"{told}They differ{why}." if len({door.digits for door in asked}) > 1 else told.strip()

    def frame(self) -> pd.DataFrame:
        """Return the doors as a table."""
        rows = [(door.title, door.digits or "not yet", door.version, door.note) for door in self.doors]
        return pd.DataFrame(rows, columns=["Door", "Answer", "By", "Rows"])


def drawn(
    customer: str, about: str, answers: Mapping[Name, Answer], milliseconds: Mapping[Name, float], covered: bool = False
) -> Doors:
    """Return the doors as they are drawn.

    Parameters
    ----------
    answers : mapping
        The newest answer of each door that has one.
    milliseconds : mapping
        How long each took that was asked on this screen.
    """
    return Doors(
        customer, about, tuple(_door(name, answers.get(name), milliseconds, covered) for name in TITLES), covered
    )


def _door(name: Name, answer: Answer | None, milliseconds: Mapping[Name, float], covered: bool) -> Door:
    if answer is None:
        return Door(name, TITLES[name], note=FOR[name])
    if answer.asked > 1:
        note = f"{answer.asked - answer.rejected:,} answered + {answer.rejected:,} rejected = {answer.asked:,} rows in"
    else:
        note = "1 row"
    took = f", {milliseconds[name]:,.0f} ms" if name in milliseconds else ""
    digits = "" if covered else repr(answer.number)
    return Door(name, TITLES[name], digits, f"v{answer.model['version']}", note + took, asked=True)


def listed(most: int) -> dict[str, dict[str, Any]]:
    """Return the first customers of Lena's list, as a caller sends them: those typed by hand come later."""
    rows = pd.read_csv(LIST, nrows=most).astype(object).where(lambda cells: cells.notna(), None).to_dict("records")
    return {str(row["customer_id"]): {str(name): tables.plain(cell) for name, cell in row.items()} for row in rows}


def answers(ws: Workspace, model: str, row: Mapping[str, Any], since: int = 0) -> dict[Name, list[Answer]]:
    """Return what each door answered about a customer, the newest first.

    Parameters
    ----------
    row : mapping
        The features as a model took them.
    since : int
        Number of the event after which it counts.
    """
    found: dict[Name, list[Answer]] = {"row": [], "file": [*_in_files(ws, model, row, since)], "rest": []}
    for request in ws.predictions.list(NEWEST_REQUESTS, model):
        if request["after"] < since:
            break
        if request["row"] == row:
            score = request["score"]
            number = max(score) if isinstance(score, list) else score
            found[request.get("door", "row")].append(Answer(number, request["model"], request["prediction_id"]))
    return found


def _in_files(ws: Workspace, model: str, row: Mapping[str, Any], since: int) -> Iterator[Answer]:
    later = {event["subject"] for event in ws.log(since)} if since else None
    reports = [one for one in ws.batches.list() if later is None or one.batch_id in later]
    blocks = {one.batch_id: one for one in ws.predictions.answered(None, model)}
    for report in [one for one in reports if one.batch_id in blocks][:NEWEST_FILES]:
        block = blocks[report.batch_id]
        for score in _scores(block.table, row):
            yield Answer(score, block.model, report.batch_id, report.input_rows, report.rejected)


def _scores(table: pa.Table, row: Mapping[str, Any]) -> Iterator[float]:
    """Yield the scores of the rows of a file that had these very values."""
    for name, value in row.items():
        if not table.num_rows or f"{ASKED}{name}" not in table.column_names:
            return
        column = table.column(f"{ASKED}{name}")
        table = table.filter(pc.is_null(column) if value is None else pc.equal(column, pa.scalar(value)))
    names = [name for name in table.column_names if name == "score" or name.startswith("score_")]
    yield from (max(scores.values()) for scores in table.select(names).to_pylist())
