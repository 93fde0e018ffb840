"""Mutants of the lab about configs: each goes wrong in one way, and only there."""

from __future__ import annotations

from collections.abc import Callable

from mlops import Workspace
from mlops.experiments import config_files
from playground import course
from playground.course import acts
from playground.course.labs.drifted import edit_overlay


def _wrong_key_named(ws: Workspace) -> None:
    acts.say(ws, "configs", "agreed", "model.subsample")


def _never_written_down(ws: Workspace) -> None:
    """What was agreed stands in the file that all share, and in an overlay where it must not: there it is nobody's."""
    acts.edit(ws, "model.learning_rate", 0.05)
    edit_overlay(ws, "model.learning_rate", 0.1, "staging")
    edit_overlay(ws, "model.learning_rate", 0.1, "development")
    edit_overlay(ws, "model.learning_rate", config_files.AWAY)


def _afternoon_made_law(ws: Workspace) -> None:
    """What was tried for an afternoon is written down as if it had been decided."""
    for step in course.stop("configs").mission.solution:
        if step.do == "roll_back":
            acts.codify(ws, "model.subsample", "it runs, so it is meant", "staging")
        else:
            acts.carry_out(ws, [step])


def _afternoon_goes_on(ws: Workspace) -> None:
    acts.carry_out(ws, [step for step in course.stop("configs").mission.solution if step.do != "roll_back"])


def _everything_repeated(ws: Workspace) -> None:
    """Somebody copies what the shared file says into an overlay, to be safe."""
    edit_overlay(ws, "model.n_estimators", 100)


MUTANTS: dict[str, Callable[[Workspace], None]] = {
    "told": _wrong_key_named,
    "written": _never_written_down,
    "gone": _afternoon_made_law,
    "runs": _afternoon_goes_on,
    "heard": _everything_repeated,
}
"""Goal -> a way that misses this goal and no other."""

FROM_SOLVED = (_wrong_key_named, _never_written_down, _everything_repeated)

SLOW = True
