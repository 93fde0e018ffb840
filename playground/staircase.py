"""The staircase of knowing: who came in a month, since when it is known what became of them, what learned from it.

A cell is a month of customers on a day of the calendar. It fills when their outcomes are known, a month after they
came, so the filled cells are stairs; a training may use filled cells only. `Staircase` is the plain record that is
drawn, said in sentences and shown as a table; nothing is drawn here: see `ui/monitor/staircase`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from mlops import Workspace, sample
from mlops.base.months import of as month_of
from playground import company, repairs, words
from playground.calendar import end_of, following, month_told, months
from playground.course.people import counts


@dataclass(frozen=True)
class Stair:
    """The customers of one month."""

    month: str
    """``2024-07``; the last one of the history that the story begins with."""
    title: str
    came: str
    """When they came, or will."""
    known: str
    """When it is known what became of them, or will be."""
    refs: tuple[str, ...] = ()
    """The versions that hold them: as they came, and repaired; nothing before they came."""
    fault: str = ""
    """What is wrong with them as they came."""
    repaired: str = ""
    """When they were kept without the fault; empty if they were not, or there is none."""

    def is_known(self, day: str) -> bool:
        """Tell whether their outcomes are known on a day."""
        return self.known <= day

    def is_sound(self, day: str) -> bool:
        """Tell whether they can be learned from without learning a fault."""
        return not self.fault or bool(self.repaired and self.repaired <= day)

    def ref(self, day: str) -> str:
        """Return the version to learn from on a day."""
        return self.refs[-1] if self.repaired and self.repaired <= day else self.refs[0]


@dataclass(frozen=True)
class Training:
    """A version that went live, and the months it had learned from."""

    version: str
    at: str
    months: tuple[str, ...]
    mine: bool
    """Whether it was the learner's act."""


@dataclass(frozen=True)
class Staircase:
    """The months of a story by the days on which they are known."""

    stairs: tuple[Stair, ...]
    """The oldest first."""
    trainings: tuple[Training, ...]
    now: str
    window: int
    """How many of the latest known months a retraining learns from."""

    def learns_from(self, day: str) -> tuple[Stair, ...]:
        """Return the months that a retraining on a day would learn from, newest first.

        The latest known ones; one with a fault is left out, and an older one taken only where none is left.
        """
        taken: list[Stair] = []
        for place, one in enumerate(reversed([one for one in self.stairs if one.is_known(day)])):
            if place >= self.window and taken:
                break
            taken += [one] if one.is_sound(day) else []
        return tuple(taken)

    def said(self, day: str) -> str:
        """Say what is known on a day, and what could be learned from then."""
        known = [one for one in self.stairs if one.is_known(day)]
        waiting = [one.title for one in self.stairs if one.came <= day and not one.is_known(day)]
        taken, left = self.learns_from(day), [one.title for one in known[-self.window :] if not one.is_sound(day)]
        text = (
            f"{words.date(day)}: known up to {known[-1].title}." if known else f"{words.date(day)}: nothing is known."
        )
        text += f" Not known yet: {_and(waiting)}." if waiting else ""
        text += f" A retraining would learn from {_and([one.title for one in reversed(taken)])}." if taken else ""
        return text + (f" {_and(left)} is left out: a fault of its data is not repaired." if left else "")

    @property
    def days(self) -> tuple[str, ...]:
        """The days to look at: the last one of each month that is over, and today."""
        over = [end_of(month) for month in months(self.stairs[1].month, self.stairs[-1].month)]
        return (*(day for day in over if day < self.now), self.now)

    @property
    def known(self) -> tuple[str, ...]:
        """The months that came in the story and whose outcomes are known today."""
        return tuple(one.month for one in self.stairs[2:] if one.is_known(self.now))

    @property
    def sentence(self) -> str:
        """What the picture says today."""
        return self.said(self.now)

    def frame(self) -> pd.DataFrame:
        """Return the months as a table, the newest first."""
        learned = {
            one.month: ", ".join(f"v{by.version}" for by in self.trainings if one.month in by.months)
            for one in self.stairs
        }
        return pd.DataFrame(
            [
                {
                    "Customers of": one.title, "Came": words.date(one.came), "Outcomes known": words.date(one.known),
                    "Known now": one.is_known(self.now), "Learned from by": learned[one.month],
                    "Fault": one.fault, "Repaired": words.date(one.repaired) if one.repaired else "",
                }
                for one in reversed(self.stairs)
            ]
        )  # fmt: skip


def read(ws: Workspace, model: str) -> Staircase:
    """Return the staircase of the story in a workspace.

    Parameters
    ----------
    model : str
        Name of the live model that answers its months.
    """
    told = {one.month: one for one in ws.monitoring.report("production", model).months}
    learned = {one.version: one.data_version for one in ws.models.list() if one.name == model}
    first = ws.datasets.get(f"{sample.NAME}@1")
    history = following(company.FIRST, -1)
    stairs = [Stair(history, "2023", first.created_at, first.created_at, (first.ref,))]
    for month in months(company.FIRST, company.LAST):
        noted = ws.journal.read(f"{company.JOURNAL}/{month}") or {}
        stairs.append(_stair(ws, month, noted, told.get(month), learned))
    taken = ws.retraining.rule("production", model).months
    return Staircase(tuple(stairs), _trainings(ws, model, learned, stairs), ws.now(), taken)


def _stair(ws: Workspace, month: str, noted: Mapping[str, Any], told: Any, learned: Mapping[str, str]) -> Stair:
    title, known = month_told(month).partition(" ")[0], end_of(following(month))
    if "customers" not in noted:
        return Stair(month, title, f"{month}-01", known)
    came = ws.datasets.get(noted["customers"])
    inputs = (told.inputs or {}) if told else {}
    if inputs.get("verdict") != "data_error":
        return Stair(month, title, came.created_at, known, (came.ref,))
    put_right = repairs.of(ws, came.ref, learned[told.versions[0]["version"]]).version
    refs, when = ((put_right.ref,), put_right.created_at) if put_right else ((), "")
    return Stair(month, title, came.created_at, known, (came.ref, *refs), inputs["why"], when)


def _trainings(ws: Workspace, model: str, learned: Mapping[str, str], stairs: Sequence[Stair]) -> tuple[Training, ...]:
    """Return each version when it went live for the first time, with the months it had learned from."""
    by_ref = {ref: one.month for one in stairs for ref in one.refs}
    found: dict[str, Training] = {}
    for one in ws.releases.timeline("production", model):
        version = one.model["version"]
        if version in found or one.status == "failed":
            continue
        data = ws.datasets.get(learned[version])
        taken = tuple(sorted({by_ref[ref] for ref in (data.ref, *(data.parents or ())) if ref in by_ref}))
        found[version] = Training(version, one.at, taken, counts(one.deployed_by))
    return tuple(found.values())


def flags(found: Staircase) -> tuple[str, ...]:
    """Return the months at whose end a version went live that had learned again: each but the first."""
    return tuple(month_of(one.at) for one in found.trainings[1:])


def _and(names: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))
