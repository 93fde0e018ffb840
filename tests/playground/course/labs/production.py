"""Mutants of the lab "Notebook to production"."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from mlops import Workspace
from mlops.experiments.runs import Run
from playground import closing
from playground.course import acts
from playground.course.labs import to_production
from playground.notebook import becoming, told

SLOW = True


def _leak_believed(ws: Workspace) -> None:
    """The number that comes out every time is called true."""
    told.tell(ws, "causes", "model", "true")


def _leak_carried_along(ws: Workspace) -> None:
    """The cell that shows leavers three times becomes a step."""
    told.tell(ws, "places", "balance", "prepare")


def _wrong_line(ws: Workspace) -> None:
    """Where the table is made is blamed, not where it is taken apart."""
    told.tell(ws, "faults", "train-1", "2")


def _another_model(ws: Workspace) -> None:
    """Something else was released after it."""
    _released(ws, ws.train("model: {type: dummy}\ntraining: {random_state: 1}\n"))


def _another_forest(ws: Workspace) -> None:
    """It has the kind and the seed of the notebook's, and two trees."""
    _released(ws, ws.train(becoming.CONFIG, overrides={"model.n_estimators": 2}))


def _other_rows(ws: Workspace) -> None:
    """The config is the notebook's; the rows are those that somebody liked."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "customers.csv"
        ws.datasets.frame("customers@1").iloc[:2000].to_csv(file, index=False)
        data = ws.datasets.add(file, "customers", message="the better ones")
    _released(ws, ws.train(becoming.CONFIG, data=data.ref))


def _released(ws: Workspace, run: Run) -> None:
    model = ws.models.register(run, acts.MODEL)
    ws.deploy(model, "staging", "rehearsal")
    ws.deploy(model, "production", "to see what happens", override="to see what happens")


def _of_another_model(ws: Workspace) -> None:
    """The project that was tested and merged is not that of the script."""
    model = ws.models.register(ws.train("model: {type: dummy}\ntraining: {random_state: 1}\n"), "toy")
    written = (ws.journal.read(closing.SUBJECT) or {})["project"]
    ws.journal.write(closing.SUBJECT, {"project": {**written, "model": model.ref, "run_id": model.run_id}})


def _thrown_away(ws: Workspace) -> None:
    """The project was brought in once; its folder is gone."""
    shutil.rmtree(ws.path.with_name((ws.journal.read(closing.SUBJECT) or {})["folder"]))


def _written_again(ws: Workspace) -> None:
    """A new folder, whose tests nobody ran."""
    to_production.write_project(ws)


MUTANTS = {
    "numbers": _leak_believed,
    "cells": _leak_carried_along,
    "listings": _wrong_line,
    "live": _another_model,
    "project": _written_again,
}
MORE = (("live", _another_forest), ("live", _other_rows), ("project", _of_another_model), ("project", _thrown_away))
FROM_SOLVED = (*MUTANTS.values(), *(way for _, way in MORE))
