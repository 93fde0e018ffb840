"""The copy that is no copy: ways that miss one goal and no other."""

from __future__ import annotations

from mlops import Workspace
from playground.course import acts
from playground.course.labs.copy import run_tidy

SLOW = False


def _never_run_as_it_is(ws: Workspace) -> None:
    acts.say(ws, "copy", "cell", "net")
    run_tidy(ws, "each", "net")


def _another_cell_named(ws: Workspace) -> None:
    acts.say(ws, "copy", "cell", "features")


def _symptom_mended(ws: Workspace) -> None:
    """The file is read each time: run all twice is fine, and the one cell run again is not."""
    run_tidy(ws, "twice")
    acts.say(ws, "copy", "cell", "net")
    run_tidy(ws, "twice", "load")
    run_tidy(ws, "each", "load")


FROM_SOLVED = (_another_cell_named,)

MUTANTS = {"seen": _never_run_as_it_is, "cell": _another_cell_named, "mended": _symptom_mended}
