"""The assembly line: the way of each release through six stations, who did what there, by hand or by itself.

The last station leads back to the first: a model that learned from outcomes of the one before closes the loop.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mlops import Workspace
from mlops.base.records import ref_of
from playground import words
from playground.calendar import month_told
from playground.course.people import NEXT_MONTH, RUN_THE_CHAIN

MOST = 8
"""Releases that are shown, the newest."""

ITSELF = "the pipeline"
"""Who does what nobody has to start."""

NAMES = ("Data", "Preprocess", "Train", "Evaluate", "Deploy", "Monitor")


@dataclass(frozen=True)
class Station:
    """One station on the way of a release."""

    name: str
    what: str
    """What was done."""
    by: str
    hand: bool
    """Whether a person had to do it."""
    at: str
    """The day; empty where it was not done."""
    done: bool = True


@dataclass(frozen=True)
class Trip:
    """The way of one release."""

    version: str
    stations: tuple[Station, ...]
    looped: bool
    """Whether it learned from outcomes of a version that was live before."""

    @property
    def by_hand(self) -> int:
        """How many stations needed a person."""
        return sum(one.hand for one in self.stations)

    @property
    def sentence(self) -> str:
        """The trip in words."""
        hands = {0: "one click started it, and the rest went by itself", 1: "1 of them needed a person"}
        told = hands.get(self.by_hand, f"{self.by_hand} of them needed a person")
        done = sum(one.done for one in self.stations)
        loop = " It learned from what became of the answers before it: the loop is closed." if self.looped else ""
        return f"{self.version} came through {done} stations; {told}.{loop}"


@dataclass(frozen=True)
class Line:
    """The newest releases, oldest first."""

    trips: tuple[Trip, ...]

    @property
    def sentence(self) -> str:
        """What the picture says."""
        if not self.trips:
            return "Nothing has come off the line yet. Take a model live, and its way is drawn."
        loops = sum(trip.looped for trip in self.trips)
        back = f"; {words.counted(loops, 'time')} the loop was closed" if loops else "; the loop is still open"
        many = words.counted(len(self.trips), "release")
        return f"{many}{back}."

    def table(self) -> list[dict[str, Any]]:
        """Return a row for each station of each release, the newest release first."""
        return [
            {"Release": trip.version, "Station": one.name, "What": one.what, "By": one.by,
             "How": "by hand" if one.hand else "by itself" if one.done else "not yet", "When": one.at}
            for trip in reversed(self.trips) for one in trip.stations
        ]  # fmt: skip


def read(ws: Workspace) -> Line:
    """Return the assembly line of a workspace.

    Examples
    --------
    >>> import tempfile
    >>> read(Workspace.open(tempfile.mkdtemp())).trips
    ()
    """
    all_of = [one for one in ws.releases.timeline("production") if one.since and one.action == "deploy"]
    found = all_of[-MOST:]
    if not found:
        return Line(())
    begun = {(str(event["kind"]).partition(".")[0], event["subject"]): event for event in reversed(ws.log())}
    alone = {one.run_id: one for one in ws.retraining.list("production")}
    named = len({one.model["name"] for one in all_of}) > 1
    months = {name: ws.monitoring.report("production", name).months for name in {one.model["name"] for one in found}}
    trips = []
    for one in found:
        run = ws.runs.get(ws.models.get(ref_of(one.model)).run_id)
        version = words.version(one.model, named)
        learned = bool((run.outcomes or {}).get("sets")) and begun["run", run.run_id]["at"] > (all_of[0].since or "")
        again = alone.get(run.run_id)
        stations = (*_made(ws, one, run, begun, again), _watched(one, months[one.model["name"]]))
        trips.append(Trip(version, stations, learned or again is not None))
    return Line(tuple(trips))


def _made(
    ws: Workspace, release: Any, run: Any, begun: Mapping[tuple[str, str], Any], again: Any
) -> tuple[Station, ...]:
    kept, started = begun["dataset", ref_of(run.data)], begun["run", run.run_id]
    return (
        _data(run, kept, again),
        Station("Preprocess", _prepared(run), ITSELF, False, words.day(started["at"])),
        _acted("Train", f"{words.short(run.run_id)}, seed {run.seed}", started, again),
        Station(
            "Evaluate", _judged(release, ws.models.get(ref_of(release.model))), ITSELF, False, words.day(release.at)
        ),
        _deployed(release, again),
    )


def _data(run: Any, kept: Mapping[str, Any], again: Any) -> Station:
    what = f"{ref_of(run.data)}" + (f", {words.counted(len(again.months), 'month')} joined" if again else "")
    return Station("Data", what, *_who(kept["actor"], again), words.day(kept["at"]))


def _acted(name: str, what: str, event: Mapping[str, Any], again: Any) -> Station:
    return Station(name, what, *_who(event["actor"], again), words.day(event["at"]))


def _deployed(release: Any, again: Any) -> Station:
    by_itself = again is not None and again.promoted
    who = _who(release.deployed_by, again if by_itself else None)
    return Station("Deploy", release.reason or "without a reason", *who, words.day(release.since))


def _who(actor: str, again: Any) -> tuple[str, bool]:
    """Return who did something, and whether by hand: a retraining is one click, and does the rest by itself."""
    if actor in (RUN_THE_CHAIN, NEXT_MONTH):
        return f'"{actor}"', False
    return (f"{ITSELF}, asked by {again.by}", False) if again else (actor, True)


def _prepared(run: Any) -> str:
    rows = [step["rows"] for step in run.steps if step.get("rows")]
    return f"{max(rows):,} rows" if rows else "rows prepared"


def _judged(release: Any, model: Any) -> str:
    gate = release.gate or {}
    auc = model.metrics.get("auc")
    told = f"test AUC {auc:.3f}" if auc is not None else "judged on its test rows"
    return f"{told}; release check: {gate['outcome']}" if gate.get("outcome") else told


def _watched(release: Any, months: Sequence[Any]) -> Station:
    """Return what is known of the months in which a version answered."""
    answered = [one for one in months if release.model["version"] in {said["version"] for said in one.versions}]
    if not answered:
        return Station("Monitor", "nobody asked it yet", "", False, "", done=False)
    known = sum(one.outcomes is not None for one in answered)
    what = f"{words.counted(len(answered), 'month')} watched, outcomes of {known or 'none'} known"
    return Station("Monitor", what, ITSELF, False, month_told(answered[0].month))
