"""The time machine: what was live at a moment, and the five things it was made of, each by its name and its hash.

A moment is a time of being live in production. The letters say at a glance what stayed and what changed between two.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mlops import Workspace
from mlops.base.records import ref_of
from mlops.experiments import pins
from playground import words

MOST = 60
"""Moments of one machine, the newest."""

ASKS = ("data", "code", "software", "config")
"""Pins of the run that the module asks for; the model itself is the fifth thing."""

CALLED = {"data": "Data", "code": "Code", "software": "Dependencies", "config": "Configuration"}


@dataclass(frozen=True)
class Thing:
    """One of the five, at a moment."""

    name: str
    letter: str
    """Equal letters promise equal bytes; empty where nobody kept it."""
    told: str
    hash: str
    changed: bool
    """Whether the moment before had another one."""


@dataclass(frozen=True)
class Moment:
    """A time in which one version was live."""

    since: str
    until: str | None
    """None while it is live."""
    version: str
    by: str
    why: str
    back: bool
    """Whether it was a rollback."""
    things: tuple[Thing, ...]
    run: str

    @property
    def says(self) -> str:
        """The moment in one line."""
        end = f"until {words.when(self.until)}" if self.until else "until now"
        return f"{self.version} answered from {words.when(self.since)} {end}"


@dataclass(frozen=True)
class TimeMachine:
    """Every moment of one workspace, oldest first."""

    moments: tuple[Moment, ...]
    now: str

    def at(self, instant: str) -> Moment | None:
        """Return the moment that holds an instant; None before the first."""
        return next((one for one in reversed(self.moments) if one.since <= instant), None)

    @property
    def sentence(self) -> str:
        """What the picture says."""
        if not self.moments:
            return "Nothing was live in production yet, so there is nothing to go back to."
        last = self.moments[-1]
        changed = [thing.name.lower() for thing in last.things if thing.changed]
        told = f" When it came, {_listed(changed)} changed." if len(self.moments) > 1 and changed else ""
        many = {1: "Once", 2: "Twice"}.get(len(self.moments), f"{len(self.moments)} times")
        return f"{many} something went live, each with its five things. {last.says}.{told}"

    def table(self) -> list[dict[str, Any]]:
        """Return a row for each moment, the newest first."""
        return [
            {
                "Since": words.moment(one.since),
                "Until": words.moment(one.until),
                "Version": one.version,
                "By": one.by,
                "Why": one.why,
                **{thing.name: f"{thing.letter} {thing.told} {thing.hash}".strip() for thing in one.things},
            }
            for one in reversed(self.moments)
        ]


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def read(ws: Workspace) -> TimeMachine:
    """Return the time machine of a workspace.

    Examples
    --------
    >>> import tempfile
    >>> read(Workspace.open(tempfile.mkdtemp())).moments
    ()
    """
    found = [one for one in ws.releases.timeline("production", newest=MOST) if one.since is not None]
    versions = {ref_of(one.model): ws.models.get(ref_of(one.model)) for one in found}
    runs = {ref: ws.runs.get(one.run_id) for ref, one in versions.items()}
    kept = [pins.pins(runs[ref_of(one.model)]) for one in found]
    models = pins.lettered([(pins.Pin("data", one.model["sha256"], ""),) * len(pins.NAMES) for one in found])
    named = len({one.model["name"] for one in found}) > 1
    moments: list[Moment] = []
    for one, of_run, letters, model in zip(found, kept, pins.lettered(kept), models, strict=True):
        before = {thing.name: thing.letter for thing in moments[-1].things} if moments else {}
        version = words.version(one.model, named)
        told = {
            CALLED[pin.name]: (letter, pin.told.replace("_", " "), words.short(pin.sha256))
            for pin, letter in zip(of_run, letters, strict=True)
            if pin.name in ASKS
        } | {"Model": (model[0], version, words.short(one.model["sha256"]))}
        things = tuple(
            Thing(name, *fields, changed=name in before and before[name] != fields[0]) for name, fields in told.items()
        )
        run = runs[ref_of(one.model)].run_id
        moments.append(
            Moment(
                one.since or "", one.until, version, one.deployed_by, one.reason, one.action == "rollback", things, run
            )
        )
    return TimeMachine(tuple(moments), ws.now())
