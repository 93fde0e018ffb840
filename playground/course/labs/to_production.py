"""Acts of the lab "Notebook to production": what is told, the script trained, and the project it leaves as."""

from __future__ import annotations

from mlops import Workspace
from mlops.base.records import ref_of
from playground import closing
from playground.course.acts import act
from playground.jobs import Job
from playground.notebook import becoming, told
from playground.notebook.told import Part


@act
def tell(ws: Workspace, part: Part, name: str, said: str) -> None:
    """Say one thing of the notebook or of a listing."""
    told.tell(ws, part, name, said)


@act
def tell_all(ws: Workspace, part: Part) -> None:
    """Say all of one kind, as running them gave it."""
    for name, so in told.truth(part).items():
        told.tell(ws, part, name, so[0])


@act
def train_script(ws: Workspace, note: str = "script") -> None:
    """Train what the notebook becomes."""
    ws.train(becoming.CONFIG, note=note)


@act
def write_project(ws: Workspace) -> None:
    """Write the project of what is live."""
    closing.write(ws, ref_of(ws.releases.newest_live("production").model), _job())


@act
def test_project(ws: Workspace) -> None:
    """Run its tests."""
    closing.run_tests(ws, _job())


@act
def commit_change(ws: Workspace, message: str) -> None:
    """Commit the change that Lena asked for."""
    closing.commit(ws, message)


@act
def bring_in(ws: Workspace) -> None:
    """Approve the change, and merge it."""
    closing.approve(ws)
    closing.merge(ws)


def _job() -> Job:
    return Job(lambda job: None)
