"""Can't reproduce: what is done to find out that a number cannot be had again, and that one's own can."""

from __future__ import annotations

from mlops import Workspace
from playground import elsewhere
from playground.course.acts import act
from playground.course.checks import alike, repeated
from playground.jobs import Job


@act
def reproduce_named(ws: Workspace, run: str) -> None:
    """Have a run of a name, the oldest, trained again."""
    ws.reproduce(alike.by_name(ws, run).run_id)


@act
def train_in_another_folder(ws: Workspace) -> None:
    """Train the newest run that kept its seed in another folder."""
    newest = next(run.run_id for run in repeated.runs(ws) if run.seed is not None)
    elsewhere.train(ws, newest, Job(lambda job: None))
