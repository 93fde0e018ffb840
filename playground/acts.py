"""The learner's own acts: which data, run, model and release are theirs, and the event that says so.

Whose act an event is, `course.people` decides: buttons that do several things at once, colleagues and demonstrations
sign with other names. A thing belongs to whoever began it; a worker that ends a training ends it for somebody.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any, Literal

from mlops import Workspace
from playground.course.people import is_learner

Kind = Literal["dataset", "run", "model", "production"]

BEGUN_BY: Mapping[str, str] = {
    "dataset.add": "dataset",
    "run.queue": "run",
    "run.start": "run",
    "model.register": "model",
    "deployment.deploy": "deployment",
}
"""Kind of an event -> the noun that begins with it."""


@dataclass(frozen=True)
class Act:
    """Something that the learner made."""

    record: Any
    event: int
    """Number of the event with which they did."""
    at: str
    """When, on the workspace's calendar."""


class Acts:
    """The own acts in one workspace; each event is read once, however often somebody asks."""

    def __init__(self) -> None:
        self._begun: dict[tuple[str, str], Mapping[str, Any]] = {}
        self._head = 0
        self._lock = Lock()

    def newest(self, ws: Workspace) -> dict[Kind, Act]:
        """Return the newest thing of each kind that the learner made."""
        with self._lock:
            for event in ws.log(self._head):
                self._head = event["seq"]
                if noun := BEGUN_BY.get(event["kind"]):
                    self._begun.setdefault((noun, event["subject"]), event)
            begun = dict(self._begun)
        own = [(noun, event) for (noun, _), event in reversed(begun.items()) if is_learner(event["actor"])]
        found: dict[Kind, Act] = {}
        for kind, act in _acts(ws, own):
            found.setdefault(kind, act)
        return found


def _acts(ws: Workspace, own: list[tuple[str, Mapping[str, Any]]]) -> Iterator[tuple[Kind, Act]]:
    """Yield what own events made, the newest first; of each noun only as many are looked at as are needed."""
    wanted: dict[str, Kind] = {"dataset": "dataset", "run": "run", "model": "model", "deployment": "production"}
    for noun, event in own:
        if noun in wanted and (record := _record(ws, noun, event)) is not None:
            yield wanted.pop(noun), Act(record, event["seq"], event["at"])


def _record(ws: Workspace, noun: str, event: Mapping[str, Any]) -> Any:
    """Return what an event made; None if it does not count: a run without a model, a release that was no live one."""
    if noun == "dataset":
        return ws.datasets.get(event["subject"])
    if noun == "model":
        return ws.models.get(event["subject"])
    if noun == "run":
        run = ws.runs.get(event["subject"])
        return run if run.status == "finished" and run.data else None
    release = event["payload"]["changes"]
    return release if (release["environment"], release["status"]) == ("production", "live") else None
