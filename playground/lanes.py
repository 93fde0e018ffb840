"""Two lanes of versions: what is live and all it came from, and the newest work and all it came from.

Read from `ws.lineage` alone, so what stands in one lane belongs together. The newest work is what was made last: a
training under way, else a run or what was registered of one; of a sweep the registered trial, else the best. What is
drawn of the lanes, and how they share what is the same: `drawn_chain`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from mlops import Workspace
from mlops.base.records import ref_of
from mlops.experiments.pins import pins
from mlops.release.lineage import Lineage
from playground.chain import newest_work, under_way

RECENT = 8
"""So many of the newest events are looked through for what changed last."""

BACK = 20
"""So many of the newest deployments are looked through for one by which the newest work was live before."""


@dataclass(frozen=True)
class Lane:
    """One run, what was made of it, and what all of it came from."""

    run: Any
    model: Any = None
    staging: str | None = None
    """The deployment that is or was its rehearsal."""
    live: Any = None
    found: Lineage | None = None
    """What the last of these came from."""
    rows: int = 0
    """Of the data version."""

    def above(self, kind: str) -> list[tuple[Any, int]]:
        """Return what of a kind flowed into the run, each with the number of the event that says so."""
        if self.found is None:
            return []
        run = f"run:{self.run.run_id}"
        seqs = {edge.from_: edge.seq for edge in self.found.edges if edge.to == run}
        return [(node, seqs[node.id]) for node in self.found.above(run) if node.kind == kind]

    def seq(self, above: str, below: str) -> int | None:
        """Return the number of the event that says that one thing came from another; None if none does."""
        edges = self.found.edges if self.found else ()
        return next((edge.seq for edge in edges if (edge.from_, edge.to) == (above, below)), None)

    @property
    def pins(self) -> Mapping[str, Any]:
        """The five things that fix the run, by name."""
        return {pin.name: pin for pin in pins(self.run)}


@dataclass(frozen=True)
class WasLive:
    """A deployment by which the newest work was live, until somebody went back."""

    deployment: str
    seq: int
    """Its event."""
    rehearsal: str | None


@dataclass(frozen=True)
class Lanes:
    """What is live under one model name, and the newest work; None where there is none."""

    live: Lane | None = None
    yours: Lane | None = None
    """None also where it is what is live."""
    newer: Any = None
    """A data version that came after the newest work, which did not learn from it."""
    training: tuple[str, ...] = ()
    """Ids of the runs under way, the one in the lane first."""
    was_live: WasLive | None = None
    learned_since: tuple[str, ...] = field(default=())
    """Ids of the runs in the lanes that learned from outcomes of what was live before them."""
    several: bool = False
    """Whether there is more than one model name, so that a version alone says too little."""
    changed: str = ""
    """What the last event was about."""
    head: int = 0


def read(ws: Workspace, name: str = "") -> Lanes:
    """Return both lanes of a workspace as they are now.

    Parameters
    ----------
    name : str
        The model name that the live lane is about; that of the newest work if it is live, else the one released last.
    """
    up = partial(ws.lineage, down=False)
    training = tuple(under_way(ws))
    run, model = newest_work(ws)
    all_live = {one.model["name"]: one for one in ws.releases.all_live("production")}
    about = name or (model.name if model and model.name in all_live else next(reversed(all_live), ""))
    live = _live(ws, all_live[about], up) if about in all_live else None
    datasets, names = ws.datasets.list(), {one.name for one in ws.models.list()}
    rows = {one.ref: one.rows for one in datasets}
    yours = None
    if run and not (live and model and model.identity == live.live.model):
        yours = _work(ws, run, model, up)
    newer = _newer(ws, _to_learn_from(ws, datasets), yours or live) if not training else None
    head = ws.head()
    last = next((one for one in reversed(ws.log(since=max(head - RECENT, 0))) if not _is_aside(one)), None)
    return Lanes(
        live=live and _counted(live, rows),
        yours=yours and _counted(yours, rows),
        newer=newer,
        training=training,
        was_live=_was_live(ws, live, yours, up),
        learned_since=tuple(one.run.run_id for one in (live, yours) if one and _looped(ws, about, one)),
        several=len(names) > 1,
        changed=_subject(last),
        head=head,
    )


def _live(ws: Workspace, deployment: Any, up: Any) -> Lane:
    found = up(deployment.deployment_id)
    model = ws.models.get(ref_of(deployment.model))
    return Lane(ws.runs.get(model.run_id), model, _rehearsal(found), deployment, found)


def _rehearsal(found: Lineage) -> str | None:
    """Return the rehearsal that a deployment came from, if it has one."""
    return next((node.ref for node in found.above(found.nodes[0].id) if node.kind == "deployment"), None)


def _work(ws: Workspace, run: Any, model: Any, up: Any) -> Lane:
    if model is None:
        return Lane(run, found=up(run.run_id))
    live = {one.model["name"]: one for one in ws.releases.all_live("staging")}.get(model.name)
    staging = live.deployment_id if live and live.model == model.identity else None
    return Lane(run, model, staging, None, up(staging or model.ref))


def _counted(lane: Lane, rows: Mapping[str, int]) -> Lane:
    return Lane(**{**vars(lane), "rows": rows.get(ref_of(lane.run.data), 0)})


def of_run(ws: Workspace, run: Any) -> Lane:
    """Return the lane of a run alone: what it came from, and nothing that was made of it."""
    rows = {one.ref: one.rows for one in ws.datasets.list()}
    return _counted(Lane(run, found=ws.lineage(run.run_id, down=False)), rows)


def _to_learn_from(ws: Workspace, datasets: Sequence[Any]) -> Any:
    """Return the newest data that do not wait for their outcomes; where all of them do, the newest."""
    here = (one for one in datasets if not one.target_absent or ws.datasets.readiness(one.ref).trainable)
    return next(here, next(iter(datasets), None))


def _newer(ws: Workspace, newest: Any, lane: Lane | None) -> Any:
    """Return the newest data if they came after the work in a lane, and are not what it learned from."""
    if newest is None or lane is None:
        return newest
    if newest.sha256 == lane.run.data["sha256"] and newest.roles.as_dict() == dict(lane.run.roles or {}):
        return None
    began, kept = (ws.lineage(ref, up=False, down=False).nodes[0].seq for ref in (lane.run.run_id, newest.ref))
    return newest if kept > began else None


def _was_live(ws: Workspace, live: Lane | None, yours: Lane | None, up: Any) -> WasLive | None:
    if not (live and yours and yours.model and yours.model.name == live.model.name):
        return None
    before = ws.releases.timeline("production", live.model.name, newest=BACK)
    were = [one for one in before if one.since and one.model == yours.model.identity]
    if not were:
        return None
    found = up(were[-1].deployment_id)
    return WasLive(found.ref, found.nodes[0].seq or 0, _rehearsal(found))


def _looped(ws: Workspace, name: str, lane: Lane) -> bool:
    """Tell whether a run learned from outcomes while something was live: what came out of the chain went in again."""
    if not name or not lane.above("outcomes"):
        return False
    first = ws.releases.timeline("production", name)[0]
    begun = ws.lineage(first.deployment_id, up=False, down=False).nodes[0].seq or 0
    return begun < lane.above("outcomes")[0][1]


def _is_aside(event: Mapping[str, Any]) -> bool:
    """Tell whether an event changes nothing that is drawn: a note of the course, or of the calendar."""
    return str(event["kind"]).startswith(("journal.", "clock."))


def _subject(last: Mapping[str, Any] | None) -> str:
    return str(last["subject"]) if last else ""
