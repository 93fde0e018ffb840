"""The software factory: what moves in an app, and what moves here.

An app is built from one thing that changes, its code. A model is made of five, and whichever moves, everything behind
it has to be done again. How often each of them moved is read from the runs that ended in a workspace.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

from mlops import Workspace
from mlops.experiments import pins
from playground import words

NEWEST = 500
"""Newest finished runs that are looked through."""

MOST = 8
"""Values of a part that are named; the others are counted."""

TELLS: Mapping[str, str] = {
    "data": "what it learns from",
    "code": "how it is made",
    "software": "the packages below",
    "config": "what is asked for",
    "seed": "chance",
}
"""Part -> what it is, in two or three words."""


@dataclass(frozen=True)
class Value:
    """One state of a part, as some runs had it."""

    letter: str
    told: str
    runs: int


@dataclass(frozen=True)
class Part:
    """Something that can change."""

    name: str
    tells: str
    values: tuple[Value, ...]
    """The first ones, in the order in which they appeared."""
    states: int
    """How many there were; what was not kept counts as one that nobody can name."""

    @property
    def moved(self) -> bool:
        """Whether it was not always the same."""
        return self.states > 1


@dataclass(frozen=True)
class Stage:
    """Something that is done again when a part moves."""

    name: str
    count: int
    """How often it was done here."""
    said: str


@dataclass(frozen=True)
class Factory:
    """All of it."""

    parts: tuple[Part, ...]
    stages: tuple[Stage, ...]
    runs: int

    @property
    def moved(self) -> tuple[str, ...]:
        """The parts that were not always the same."""
        return tuple(part.name for part in self.parts if part.moved)

    @property
    def ways(self) -> int:
        """In how many ways the states that were there can be put together."""
        return prod(part.states for part in self.parts)

    @property
    def sentence(self) -> str:
        """What the picture says."""
        rule = "In an app one thing changes, its code. Here five can"
        if not self.runs:
            return f"{rule}. Train a run, and the picture counts yours."
        moved = [f"{part.name} ({part.states})" for part in self.parts if part.moved]
        if not moved:
            return f"{rule}; so far none has, in {words.counted(self.runs, 'run')}."
        told = f"{rule}; {len(moved)} did, in {words.counted(self.runs, 'run')}: {', '.join(moved)}."
        app = words.counted(self.parts[1].states, "state")
        return f"{told} Put together in every way that is {self.ways:,} models, from {app} of the code."

    def table(self) -> list[dict[str, Any]]:
        """Return a row for each part."""
        return [
            {
                "Part": part.name,
                "What it is": part.tells,
                "States": part.states,
                "Which": "; ".join(map(_said, part.values)),
            }
            for part in self.parts
        ]


def read(ws: Workspace) -> Factory:
    """Return the factory of a workspace.

    Examples
    --------
    >>> import tempfile
    >>> read(Workspace.open(tempfile.mkdtemp())).sentence
    'In an app one thing changes, its code. Here five can. Train a run, and the picture counts yours.'
    """
    rows = ws.runs.table([*pins.FIELDS, "run_id"], "status = 'finished' and data.version >= 1")[:NEWEST]
    found = [pins.pins(row) for row in reversed(rows)]
    letters = pins.lettered(found)
    parts = tuple(_part(name, number, found, letters) for number, name in enumerate(pins.NAMES))
    checks = sum(event["kind"] == "gate.evaluate" for event in ws.log())
    live = sum(one.status == "live" for one in ws.releases.timeline("production"))
    stages = (
        Stage("Train", len(rows), words.counted(len(rows), "run")),
        Stage("Validate", checks, words.counted(checks, "release check")),
        Stage("Deploy", live, f"{words.counted(live, 'time')} live" if live else "not live yet"),
    )
    return Factory(parts, stages, len(rows))


def _said(value: Value) -> str:
    return f"{value.letter or '?'} {value.told} ({words.counted(value.runs, 'run')})"


def _part(name: str, number: int, found: Sequence[Sequence[pins.Pin]], letters: Sequence[Sequence[str]]) -> Part:
    runs = Counter(one[number] for one in letters)
    told = {
        letter[number]: kept[number].told.replace("_", " ")
        for kept, letter in zip(reversed(found), reversed(letters), strict=True)
    }
    values = [Value(letter, told[letter], count) for letter, count in runs.items()]
    return Part(name, TELLS[name], tuple(values[:MOST]), len(values))
