"""Mutants of the lab "Notebook to production"."""

from __future__ import annotations

from mlops import Workspace
from playground.course import acts
from playground.course.labs import to_production
from playground.notebook import told

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
    run = ws.train("model: {type: dummy}\ntraining: {random_state: 1}\n")
    model = ws.models.register(run, acts.MODEL)
    ws.deploy(model, "staging", "to see what happens")
    ws.deploy(model, "production", "to see what happens", override="to see what happens")


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
FROM_SOLVED = tuple(MUTANTS.values())
