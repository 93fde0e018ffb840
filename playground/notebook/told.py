"""Told: what somebody says of the notebook and the listings - each number's cause, each cell's place, each fault.

It stands in the journal of the workspace, under `SUBJECT`; what is so comes out of runs (`prepared`, `listings`) and of
the pipeline that the notebook became (`becoming`). Said again, it is another answer: nobody counts how often.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Literal, get_args

from mlops import Workspace
from mlops.base.errors import InvalidError, shown
from playground.notebook import becoming, listings, prepared
from playground.notebook.judging import Cause
from playground.notebook.nbformat import shipped

SUBJECT = "notebook_told"

Part = Literal["causes", "places", "faults"]

DROPPED = "dropped"
"""The place of a cell that becomes no step."""

STEPS = ("load", "validate", "prepare", "train", "evaluate", "package", DROPPED)
"""Where a cell can go, in the order of the pipeline."""

AS_WELL: Mapping[str, tuple[str, ...]] = {
    "rate": ("load",), "contract": (DROPPED,), "leavers": (DROPPED, "load"), "newcomers": (DROPPED, "load"),
    "importance": (DROPPED,), "fee": ("prepare",),
}  # fmt: skip
"""Cell -> other places that are as good: a look at the data is no step that anything depends on."""


@dataclass(frozen=True)
class Told:
    """What somebody said, by the id of what it is about."""

    causes: Mapping[str, str] = field(default_factory=dict)
    """Cell -> why its number is no good, or ``true``."""
    places: Mapping[str, str] = field(default_factory=dict)
    """Cell -> a step."""
    faults: Mapping[str, str] = field(default_factory=dict)
    """Listing and number of the fault, ``train-1`` -> the number of a line."""

    def of(self, part: Part) -> Mapping[str, str]:
        """Return one part."""
        found: Mapping[str, str] = getattr(self, part)
        return found

    def right(self, part: Part) -> list[str]:
        """Return what was said and is so."""
        so, said = truth(part), self.of(part)
        return [name for name, good in so.items() if said.get(name) in good]

    def wrong(self, part: Part) -> list[str]:
        """Return what was said and is not so."""
        so, said = truth(part), self.of(part)
        return [name for name, good in so.items() if name in said and said[name] not in good]


def read(ws: Workspace) -> Told:
    """Return what was said in a workspace.

    Examples
    --------
    >>> import tempfile
    >>> ws = Workspace.open(tempfile.mkdtemp())
    >>> tell(ws, "causes", "rate", "true")
    True
    >>> read(ws).right("causes"), len(truth("causes"))
    (['rate'], 7)
    """
    kept = ws.journal.read(SUBJECT) or {}
    return Told(**{part: dict(kept.get(part) or {}) for part in get_args(Part)})


def tell(ws: Workspace, part: Part, name: str, said: str) -> bool:
    """Note what somebody says, and return whether it is so.

    Raises
    ------
    InvalidError
        If nothing of that name is asked, or that is no answer to it.
    """
    if name not in truth(part) or said not in answers(part, name):
        known = ", ".join(answers(part, name) if name in truth(part) else truth(part))
        raise InvalidError(f"{shown(said if name in truth(part) else name)} is none of {known}.", "Choose one of them.")
    ws.journal.write(SUBJECT, {part: {**read(ws).of(part), name: said}})
    return said in truth(part)[name]


def answers(part: Part, name: str) -> tuple[str, ...]:
    """Return what can be said."""
    if part == "causes":
        return get_args(Cause)
    if part == "places":
        return STEPS
    listing = listings.named(name.partition("-")[0])
    return tuple(str(number) for number in range(1, len(listing.lines) + 1))


@cache
def truth(part: Part) -> Mapping[str, tuple[str, ...]]:
    """Return what is so, in the order of the file; where several answers are as good, all of them.

    Examples
    --------
    >>> truth("places")["balance"], truth("faults")["train-2"]
    (('dropped',), ('5',))
    """
    if part == "causes":
        found = prepared.prepared() or prepared.judged()
        return {verdict.claim.cell: (verdict.cause,) for verdict in found.verdicts}
    if part == "places":
        homes = becoming.PLACES
        return {cell: (homes[cell].step or DROPPED, *AS_WELL.get(cell, ())) for cell in shipped().in_order}
    return {
        f"{name}-{number}": (str(fault.line),)
        for name, faults in listings.listed().items()
        for number, fault in enumerate(faults, 1)
    }
