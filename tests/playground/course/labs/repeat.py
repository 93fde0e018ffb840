"""Can't reproduce: ways that miss one goal and no other."""

from __future__ import annotations

from mlops import Workspace
from playground import elsewhere
from playground.course import acts
from playground.course.labs.repeat import reproduce_named, train_in_another_folder
from playground.course.mission import load
from playground.course.people import JO
from playground.elsewhere import Elsewhere

SLOW = True


def _jos_asked_about(ws: Workspace) -> None:
    """Jo's number cannot be had again either; the report has Ravi's."""
    for step in load("repeat").solution:
        if step.do == "reproduce_named":
            acts.reproduce(ws, seeded=False)
        else:
            acts.carry_out(ws, [step])


def _only_without_a_seed(ws: Workspace) -> None:
    """What came again in a folder of its own was never asked to come again here; what was asked has no seed."""
    for step in load("repeat").solution:
        if step.do == "reproduce":
            acts.reproduce(ws, seeded=False)
        else:
            acts.carry_out(ws, [step])


def _jos_proven(ws: Workspace) -> None:
    """A run with a seed is the same in another folder, and it is Jo's."""
    reproduce_named(ws, "ravis_best")
    acts.train(Workspace.open(ws.path, create=False, actor=JO), "customers_2023.csv", {"model.n_estimators": 40})
    acts.reproduce(ws)
    train_in_another_folder(ws)


def _came_out_otherwise(ws: Workspace) -> None:
    """It was trained in another folder, and answers otherwise there."""
    acts.carry_out(ws, load("repeat").solution[:-1])
    run = ws.runs.list("status = 'finished'", limit=1)[0]
    told = Elsewhere(run.run_id, "elsewhere-x", run.data["sha256"], "churn.yaml", "0" * 64, "0" * 64, False, False)
    ws.journal.write(elsewhere.subject(run.run_id), told.as_dict())


FROM_SOLVED = ()

MORE = (("elsewhere", _came_out_otherwise),)
MUTANTS = {"asked": _jos_asked_about, "again": _only_without_a_seed, "elsewhere": _jos_proven}
