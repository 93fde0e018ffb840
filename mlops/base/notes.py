"""Notes: what a person should know about some data, from "trimmed" to "this column gives the answer away"."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

from mlops.base.errors import MAX_MESSAGE, printable
from mlops.base.records import Record

Severity = Literal["blocker", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = get_args(Severity)
"""The gravest first."""


@dataclass(frozen=True)
class Note(Record):
    """One finding about a table or one of its columns."""

    code: str
    """What it is, for programs: ``missing``, ``leak``."""
    column: str | None
    message: str
    """What was found, with the values, for people."""
    severity: Severity = "note"
    """note: nothing to do. warning: results may mislead. blocker: training is refused."""
    next_step: str = ""
    """What to do about it."""

    def __post_init__(self) -> None:
        """Keep to one line that people read, as an error does: what a file holds can stand in it."""
        super().__post_init__()
        for field in ("message", "next_step"):
            object.__setattr__(self, field, printable(getattr(self, field), MAX_MESSAGE))


def each_once(notes: Iterable[Note]) -> list[Note]:
    """Return notes without those that say the same of a column a second time; the first stays.

    Examples
    --------
    >>> [note.message for note in each_once([Note("leak", "a", "first"), Note("leak", "a", "second")])]
    ['first']
    """
    found: dict[tuple[str, str | None], Note] = {}
    for note in notes:
        found.setdefault((note.code, note.column), note)
    return list(found.values())
